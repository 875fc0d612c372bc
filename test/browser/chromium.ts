// Pages of the library in headless Chromium: a server of the repository's own pages, and the browser where one is installed.
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { build, type InlineConfig, preview } from "vite";

const { CHROMIUM } = process.env;
const places = [CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Where Chromium is, or why the tests that need it are skipped. */
export function findChromium(): { readonly path: string } | { readonly reason: string } {
  const path = places.find((place) => place !== undefined && existsSync(place));
  return path === undefined
    ? { reason: "no Chromium: install it (Debian: chromium), or name it in the environment variable CHROMIUM" }
    : { path };
}

/** Headers by the page's path: shared memory needs isolation; a strict policy forbids compiling from text, or WebAssembly too. */
const headers: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "/isolated.html": {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
  },
  "/strict.html": { "Content-Security-Policy": "script-src 'self'" },
  "/no-eval.html": { "Content-Security-Policy": "script-src 'self' 'wasm-unsafe-eval'" },
};

export interface Site {
  /** Opens a page of test/browser/pages; what it says on the console as an error, or throws, is in `errors`. */
  open(path: string): Promise<{ readonly page: Page; readonly errors: readonly string[] }>;
  close(): Promise<void>;
}

/** Bundles the pages with the packages as they are built, as a user's bundler would, and serves them. */
export async function startSite(chromiumPath: string): Promise<Site> {
  const root = join(import.meta.dirname, "pages");
  const outDir = mkdtempSync(join(tmpdir(), "hessia-pages-"));
  const input = readdirSync(root)
    .filter((name) => name.endsWith(".html"))
    .map((name) => join(root, name));
  const common: InlineConfig = { root, configFile: false, logLevel: "error" };
  await build({ ...common, build: { outDir, target: "es2022", modulePreload: false, rollupOptions: { input } } });
  const server = await preview({
    ...common,
    build: { outDir },
    preview: { host: "127.0.0.1", port: 0 },
    plugins: [
      {
        name: "headers",
        configurePreviewServer({ middlewares }) {
          middlewares.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
            const given = headers[(request.url ?? "").split("?")[0]!] ?? {};
            for (const [name, value] of Object.entries(given)) response.setHeader(name, value);
            response.setHeader("Cross-Origin-Resource-Policy", "same-origin");
            next();
          });
        },
      },
    ],
  });
  const address = server.httpServer.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const browser: Browser = await chromium.launch({
    executablePath: chromiumPath,
    args: [
      "--no-sandbox",
      "--enable-unsafe-swiftshader",
      "--use-gl=angle",
      "--use-angle=swiftshader",
      "--enable-unsafe-webgpu",
    ],
  });
  return {
    async open(path) {
      const page = await browser.newPage();
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(String(error)));
      page.on("console", (message) => {
        if (message.type() === "error" && !/favicon/.test(message.location().url)) errors.push(message.text());
      });
      await page.goto(`http://127.0.0.1:${port}/${path}`);
      await page.waitForFunction(() => "hessia" in globalThis, undefined, { timeout: 60_000 });
      return { page, errors };
    },
    async close() {
      await browser.close();
      await server.close();
      rmSync(outDir, { recursive: true, force: true });
    },
  };
}
