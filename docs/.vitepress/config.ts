// The documentation as a site: the pages of this folder as they are, the API from TypeDoc under api/, the live pages computed in the reader's browser.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitepress";

const docs = join(import.meta.dirname, "..");

/** A page's title is its first heading. */
const titleOf = (file: string): string =>
  /^# (.+)$/m.exec(readFileSync(file, "utf8"))?.[1]?.replaceAll("`", "") ?? file;

/** The pages of a folder, by title, those in `first` ahead of the others. */
function pages(folder: string, first: readonly string[] = []): { text: string; link: string }[] {
  if (!existsSync(join(docs, folder))) return [];
  const rank = (stem: string): number => (first.includes(stem) ? first.indexOf(stem) : first.length);
  return readdirSync(join(docs, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => name.slice(0, -3))
    .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))
    .map((stem) => ({ text: titleOf(join(docs, folder, `${stem}.md`)), link: `/${folder}/${stem}` }));
}

export default defineConfig({
  title: "Hessia",
  description:
    "Second-order optimization for TypeScript: Newton-type methods, optimal transport, manifolds, bilevel and mesh problems",
  cleanUrls: true,
  srcExclude: ["node_modules/**"],
  markdown: { math: true },
  vite: { build: { target: "es2022", chunkSizeWarningLimit: 4000 }, worker: { format: "es" } },
  themeConfig: {
    search: { provider: "local" },
    nav: [
      { text: "Choose a method", link: "/choose" },
      { text: "Guides", link: "/guides/derivatives" },
      { text: "Live", link: "/live/newton" },
      ...(existsSync(join(docs, "api")) ? [{ text: "API", link: "/api/" }] : []),
    ],
    sidebar: [
      {
        text: "Start",
        items: [
          { text: "Hessia", link: "/" },
          { text: "How to choose a method", link: "/choose" },
        ],
      },
      { text: "Live", items: pages("live", ["newton", "transport", "means", "bilevel", "mesh"]) },
      { text: "Guides", items: pages("guides", ["derivatives"]) },
      { text: "Newton methods", collapsed: true, items: pages("newton") },
      { text: "Transport", collapsed: true, items: pages("sinkhorn", ["transport"]) },
      { text: "Manifolds", collapsed: true, items: pages("manifold", ["minimize", "means", "checks"]) },
      { text: "Bilevel", collapsed: true, items: pages("bilevel", ["applications", "certificates", "schedules"]) },
      { text: "Meshes", collapsed: true, items: pages("mesh-ad") },
      {
        text: "Ground floor",
        collapsed: true,
        items: [
          { text: "The term compiler", link: "/kernel" },
          { text: "Linear algebra", link: "/linear" },
          { text: "GPUs", link: "/gpu" },
          { text: "SIF files", link: "/sif" },
          { text: "The benchmark", link: "/bench" },
        ],
      },
      { text: "Decisions", collapsed: true, items: pages("adr") },
    ],
  },
});
