// The examples of the READMEs and of the docs are run as they stand, against the built packages; so are the files of examples/, which the root README shows.

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
    if (["node_modules", "dist", "api"].includes(name) || name.startsWith(".")) return [];
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

describe("files of examples/", () => {
  const names = readdirSync(join(root, "examples")).filter((name) => name.endsWith(".mjs"));
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const textOf = (name: string) => readFileSync(join(root, "examples", name), "utf8");

  it.each(names)("%s prints what its last comment says", (name) => {
    const [, said] = /\n\/\/ Prints:\n((?:\/\/ {3}.*\n)+)$/.exec(textOf(name)) ?? [];
    // In the folder of the test: the one on meshes writes a file.
    const { status, stderr, stdout } = spawnSync(process.execPath, [join(root, "examples", name)], {
      cwd: folder,
      encoding: "utf8",
      timeout: 60_000,
    });
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(said?.replaceAll(/^\/\/ {3}/gm, "")).toBe(stdout.replaceAll(/ +$/gm, ""));
  });

  it("the drawing of the one on meshes has every triangle", () => {
    const svg = readFileSync(join(folder, "flat.svg"), "utf8");
    expect(svg.match(/<polygon/g)).toHaveLength(1800);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  // In a project as `tsc --init` of TypeScript 5.9 makes it; `node:fs` needs the types of Node.
  it("they are TypeScript too, by the strictest settings", () => {
    const files = names.map((name) => {
      const file = join(folder, name.replace(/mjs$/, "mts"));
      writeFileSync(file, textOf(name));
      return file;
    });
    const program = ts.createProgram(files, {
      module: ts.ModuleKind.NodeNext,
      target: ts.ScriptTarget.ESNext,
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      verbatimModuleSyntax: true,
      isolatedModules: true,
      noUncheckedSideEffectImports: true,
      moduleDetection: ts.ModuleDetectionKind.Force,
      skipLibCheck: true,
      noEmit: true,
      types: ["node"],
      typeRoots: [join(root, "node_modules", "@types")],
    });
    expect(files.length).toBeGreaterThan(6);
    expect(
      ts
        .getPreEmitDiagnostics(program)
        .map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, "; ")}`),
    ).toEqual([]);
  });

  it("there is one for every package", () => {
    const all = names.map(textOf).join("\n");
    const missing = readdirSync(join(root, "packages")).filter((name) => !new RegExp(`"@hessia/${name}["/]`).test(all));
    expect(missing).toEqual([]);
  });

  it("the README names each, and what it shows of them is the file itself", () => {
    expect(names.filter((name) => !readme.includes(`examples/${name}`))).toEqual([]);
    const shown = [...readme.matchAll(/^```js\n([\s\S]*?)^```/gm)].map((match) => match[1]!);
    expect(shown.length).toBeGreaterThan(4);
    const texts = new Set(names.map(textOf));
    expect(shown.filter((block) => !texts.has(block)).map((block) => block.split("\n")[0])).toEqual([]);
  });
});
