// The examples of the READMEs and of the docs are run as they stand, against the built packages.

import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import { afterAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

function pages(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    if (name === "node_modules" || name === "dist" || name.startsWith(".")) return [];
    const path = join(folder, name);
    return statSync(path).isDirectory() ? pages(path) : path.endsWith(".md") ? [path] : [];
  });
}

const files = [join(root, "README.md"), ...pages(join(root, "docs")), ...pages(join(root, "packages"))];
const folder = mkdtempSync(join(root, "test", ".examples-"));
mkdirSync(join(folder, "node_modules"), { recursive: true });
symlinkSync(join(root, "node_modules", "@hessia"), join(folder, "node_modules", "@hessia"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("examples", () => {
  let count = 0;
  for (const file of files) {
    const text = readFileSync(file, "utf8");
    const examples = [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((match) => match[1]!);
    examples.forEach((example, i) => {
      count++;
      const name = `example-${count}`;
      it(`${relative(root, file)}, example ${i + 1}`, () => {
        const script = join(folder, `${name}.mjs`);
        const { outputText } = ts.transpileModule(example, {
          compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
        });
        // Left to itself Node may wait for its own compiler's tasks for ever (nodejs/node#54918).
        writeFileSync(script, `${outputText}\nprocess.stdout.write("", () => process.exit());\n`);
        const { status, stderr, stdout } = spawnSync(process.execPath, [script], { encoding: "utf8", timeout: 60_000 });
        expect(stderr).toBe("");
        expect(status).toBe(0);
        expect(stdout).not.toBe("");
        expect(stdout).not.toMatch(/failed|budget|NaN|undefined/);
      });
    });
  }
  it("finds examples", () => expect(count).toBeGreaterThan(5));
});
