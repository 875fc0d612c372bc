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
const started = Date.now();
console.log("pages of the API, from the sources' comments …");
const project = await app.convert();
if (project === undefined) process.exit(1);
// A module is called what one imports: core/src/interop/expression is @hessia/core/expression.
for (const module of project.children ?? []) module.name = `@hessia/${module.name.replace(/\/src|\/interop/g, "")}`;
await app.generateOutputs(project);
console.log("all pages, half a minute …");
await build(join(root, "docs"), { logLevel: "warn" });
console.log(
  `wrote docs/.vitepress/dist in ${Math.round((Date.now() - started) / 1000)} s; npm run docs:serve shows it at an address`,
);
process.exit(0);
