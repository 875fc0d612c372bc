// The reports as pages: what lies in a folder, with a list of it at the root.
import { existsSync, readdirSync } from "node:fs";
import { createServer, type Server } from "node:http";
import sirv from "sirv";

/** Serves a folder of reports at 127.0.0.1; answers when it listens. */
export async function serveReports(
  folder: string,
  port: number,
): Promise<{ readonly server: Server; readonly url: string }> {
  const files = sirv(folder, { dev: true, etag: true });
  const server = createServer((request, response) => {
    if (request.url === "/" || request.url === "") {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(listOf(folder));
      return;
    }
    files(request, response, () => {
      response.writeHead(404).end("not found");
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  const bound = typeof address === "object" && address !== null ? address.port : port;
  return { server, url: `http://127.0.0.1:${bound}/` };
}

function listOf(folder: string): string {
  const pages = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".html")) : [];
  const lines = pages.map(
    (name) => `<li><a href="/${encodeURIComponent(name)}">${name.replace(/\.html$/, "")}</a></li>`,
  );
  const body =
    lines.length === 0 ? "<p>No report yet: <code>npm run bench</code> writes one.</p>" : `<ul>${lines.join("")}</ul>`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Hessia benchmark reports</title>
<body style="font: 16px/1.6 system-ui, sans-serif; margin: 2rem auto; max-width: 40rem"><h1>Reports</h1>${body}</body></html>`;
}
