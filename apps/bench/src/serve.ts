// The reports as pages: what lies in a folder, with a list of it at the root.
import { existsSync, readdirSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import sirv from "sirv";

/** Serves a folder of reports at 127.0.0.1, from the port on at the first that is free; answers when it listens. */
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
  const listen = (at: number) =>
    new Promise<boolean>((resolve, reject) => {
      const refused = (error: NodeJS.ErrnoException) => (error.code === "EADDRINUSE" ? resolve(false) : reject(error));
      server.once("error", refused);
      server.listen(at, "127.0.0.1", () => {
        server.off("error", refused);
        resolve(true);
      });
    });
  let at = port;
  while (!(await listen(at))) if (++at > port + 50) throw new Error(`no port from ${port} to ${at - 1} is free`);
  const address = server.address();
  const bound = typeof address === "object" && address !== null ? address.port : port;
  return { server, url: `http://127.0.0.1:${bound}/` };
}

function listOf(folder: string): string {
  const pages = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".html")) : [];
  const written = (name: string) => statSync(join(folder, name)).mtime;
  const kind = (stem: string) =>
    stem.endsWith("-short")
      ? ", the quick run"
      : stem.endsWith("-part")
        ? ", problems or methods that were picked"
        : "";
  const lines = pages
    .sort((a, b) => written(b).getTime() - written(a).getTime())
    .map((name) => {
      const stem = name.replace(/\.html$/, "");
      const when = written(name).toISOString().slice(0, 16).replace("T", " ");
      return `<li><a href="/${encodeURIComponent(name)}">${stem}</a>${kind(stem)} (${when} UTC)</li>`;
    });
  const body =
    lines.length === 0 ? "<p>No report yet: <code>npm run bench</code> writes one.</p>" : `<ul>${lines.join("")}</ul>`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Hessia benchmark reports</title>
<body style="font: 16px/1.6 system-ui, sans-serif; margin: 2rem auto; max-width: 40rem"><h1>Reports</h1>${body}</body></html>`;
}
