// The built site at an address of this machine: `npm run docs` builds and serves it, `npm run docs:serve` serves what is built.
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { serve } from "vitepress";

const docs = fileURLToPath(new URL(".", import.meta.url));
if (!existsSync(join(docs, ".vitepress", "dist", "index.html"))) {
  console.error("The site isn't built yet: npm run docs builds and serves it.");
  process.exit(1);
}

const isFree = (port) =>
  new Promise((done) => {
    const probe = createServer()
      .once("error", () => done(false))
      .once("listening", () => probe.close(() => done(true)))
      .listen(port);
  });
const wanted = Number(process.argv[2] ?? 4180);
let port = wanted;
while (port < wanted + 50 && !(await isFree(port))) port++;
await serve({ root: docs, port });
const page = (path) => `http://localhost:${port}/${path}`;
console.log(`
The site      ${page("")}
Which method  ${page("choose")}
Live pages    ${["newton", "transport", "means", "bilevel", "mesh"].map((name) => page(`live/${name}`)).join("\n              ")}
Ctrl-C ends it.`);
