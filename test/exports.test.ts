// The public surface of every package, as names: a change of it is a change of the snapshot, on purpose.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

describe("public surface", () => {
  for (const name of readdirSync(join(root, "packages"))) {
    const manifest = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8")) as {
      exports: Record<string, string | { types: string; default: string }>;
    };
    for (const [entry, target] of Object.entries(manifest.exports)) {
      if (typeof target === "string") continue;
      it(`${manifest.exports === undefined ? "" : `@hessia/${name}`}${entry.slice(1)}`, async () => {
        const file = join(root, "packages", name, target.default);
        expect(existsSync(file), `${file} is built`).toBe(true);
        const module = (await import(/* @vite-ignore */ file)) as Record<string, unknown>;
        expect(Object.keys(module).sort()).toMatchSnapshot();
      });
    }
  }
});
