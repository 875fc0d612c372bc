// The site: the API by TypeDoc, as pages of the site, then VitePress over all of it. It is written to docs/.vitepress/dist and works offline.
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Application } from "typedoc";
import { build } from "vitepress";

const root = fileURLToPath(new URL("..", import.meta.url));
const api = join(root, "docs", "api");
// Plugins are looked for from here.
process.chdir(join(root, "docs"));
rmSync(api, { recursive: true, force: true });
const packages = readdirSync(join(root, "packages"));
const app = await Application.bootstrapWithPlugins({
  plugin: ["typedoc-plugin-markdown"],
  entryPoints: [
    ...packages.map((name) => join(root, "packages", name, "src", "index.ts")),
    ...["linear", "kernel", "set", "wasm", "gpu"].map((part) =>
      join(root, "packages", "core", "src", part, "index.ts"),
    ),
    join(root, "packages", "core", "src", "interop", "expression.ts"),
  ],
  tsconfig: join(root, "tsconfig.docs.json"),
  outputs: [{ name: "markdown", path: api }],
  name: "API",
  readme: "none",
  disableSources: true,
  excludeInternal: true,
  skipErrorChecking: true,
  logLevel: "Error",
  // Where the pages of the site are.
  router: "module",
  entryFileName: "index",
});
const project = await app.convert();
if (project === undefined) process.exit(1);
await app.generateOutputs(project);
await build(join(root, "docs"), { logLevel: "warn" });
process.exit(0);
