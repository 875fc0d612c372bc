// The rules of docs/adr/0001-architecture.md, checked on the source.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const packages = readdirSync(join(root, "packages"));

function sources(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? sources(path) : path.endsWith(".ts") ? [path] : [];
  });
}

const imports = (file: string): string[] =>
  [...readFileSync(file, "utf8").matchAll(/(?:from|import\()\s*["']([^"']+)["']/g)].map((match) => match[1]!);

const all = packages.flatMap((name) => sources(join(root, "packages", name, "src")).map((file) => ({ name, file })));
const show = (file: string) => relative(root, file);
const code = (file: string) =>
  readFileSync(file, "utf8")
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/\/\/.*$/gm, "");

describe("architecture", () => {
  it("finds the packages", () => {
    expect(packages).toEqual(expect.arrayContaining(["core", "newton"]));
    expect(all.length).toBeGreaterThan(30);
  });

  it("core imports no sibling, a solver package imports core only", () => {
    const bad = all.flatMap(({ name, file }) =>
      imports(file)
        .filter((from) => from.startsWith("@hessia/"))
        .filter((from) => name === "core" || !/^@hessia\/core(\/|$)/.test(from))
        .map((from) => `${show(file)} imports ${from}`),
    );
    expect(bad).toEqual([]);
  });

  it("nothing outside of the package itself is imported but core and declared optional peers", () => {
    const bad = all.flatMap(({ name, file }) => {
      const manifest = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8")) as Record<
        string,
        Record<string, string>
      >;
      const declared = new Set([
        ...Object.keys(manifest.dependencies ?? {}),
        ...Object.keys(manifest.peerDependencies ?? {}),
      ]);
      return imports(file)
        .filter((from) => !from.startsWith("."))
        .filter((from) => ![...declared].some((known) => from === known || from.startsWith(`${known}/`)))
        .map((from) => `${show(file)} imports ${from}`);
    });
    expect(bad).toEqual([]);
  });

  it("no file imports itself in a circle", () => {
    const graph = new Map(
      all.map(({ file }) => [
        file,
        [...code(file).matchAll(/^(?:import|export)(?!\s+type)[^;]*?from\s+["'](\.[^"']+)["']/gm)].map((match) =>
          join(file, "..", match[1]!.replace(/\.js$/, ".ts")),
        ),
      ]),
    );
    const circles: string[] = [];
    const done = new Set<string>();
    const walk = (file: string, path: string[]) => {
      if (path.includes(file)) {
        circles.push([...path.slice(path.indexOf(file)), file].map(show).join(" → "));
        return;
      }
      if (done.has(file)) return;
      for (const next of graph.get(file) ?? []) walk(next, [...path, file]);
      done.add(file);
    };
    for (const file of graph.keys()) walk(file, []);
    expect(circles).toEqual([]);
  });

  it("algorithm files touch no clock, console, randomness or driver", () => {
    const allowed = new Set([
      "packages/core/src/clock.ts",
      "packages/core/src/counts.ts",
      "packages/core/src/solve.ts",
    ]);
    const bad = all
      .filter(({ file }) => !allowed.has(show(file)))
      .flatMap(({ file }) => {
        const text = code(file);
        return [/\bconsole\./, /\bMath\.random\b/, /\bDate\.now\b/, /\bperformance\./, /\bsetTimeout\b/, /clock\.js/]
          .filter((pattern) => pattern.test(text))
          .map((pattern) => `${show(file)}: ${pattern.source}`);
      });
    expect(bad).toEqual([]);
  });

  it("only front doors call the driver", () => {
    const bad = all
      .filter(({ file }) => /\bimport\b[^;]*\bsolve(Async)?\b[^;]*from/.test(code(file)))
      .map(({ file }) => show(file))
      .filter((file) => !/\/(fit|index|mean|minimize|solve|transport)\.ts$/.test(file));
    expect(bad).toEqual([]);
  });

  it("no source file is longer than 400 lines", () => {
    const long = all
      .map(({ file }) => [show(file), readFileSync(file, "utf8").split("\n").length] as const)
      .filter(([, lines]) => lines > 400);
    expect(long).toEqual([]);
  });

  it("every method has a test file and a doc page of its stem", () => {
    const methods = sources(join(root, "packages/newton/src"))
      .map((file) => file.split("/").at(-1)!.replace(/\.ts$/, ""))
      .filter(
        (stem) =>
          ![
            "hessian",
            "index",
            "interior-dogleg",
            "kept-basis",
            "least-squares-linear",
            "scaling-matrices",
            "structured-secant",
          ].includes(stem),
      );
    const missing = methods.flatMap((stem) => [
      ...(existsSync(join(root, `packages/newton/test/${stem}.test.ts`))
        ? []
        : [`packages/newton/test/${stem}.test.ts`]),
      ...(existsSync(join(root, `docs/newton/${stem}.md`)) ? [] : [`docs/newton/${stem}.md`]),
    ]);
    expect(missing).toEqual([]);
  });

  // In the later packages the folder says what a file is: helpers lie beside these folders, not in them.
  for (const folder of [
    "bilevel/methods",
    "sinkhorn/methods",
    "sinkhorn/exact",
    "sinkhorn/closed-form",
    "manifold/manifolds",
    "manifold/methods",
    "mesh-ad/operators",
    "mesh-ad/applications",
  ])
    it(`every file of ${folder} has a test file and a doc page of its stem`, () => {
      const [name, part] = folder.split("/") as [string, string];
      const missing = sources(join(root, "packages", name, "src", part))
        .map((file) => file.split("/").at(-1)!.replace(/\.ts$/, ""))
        .flatMap((stem) => [`packages/${name}/test/${part}/${stem}.test.ts`, `docs/${name}/${stem}.md`])
        .filter((path) => !existsSync(join(root, path)));
      expect(missing).toEqual([]);
    });

  // A page says which problem the method solves, how, after whom, and when another one is better. Pages of functions that are no method (a mesh, a check) needn't.
  const stems = (folder: string) =>
    sources(join(root, "packages", folder)).map((file) => file.split("/").at(-1)!.replace(/\.ts$/, ""));
  const pagesOf = (name: string, ...folders: string[]) =>
    folders
      .flatMap((folder) => stems(`${name}/src/${folder}`))
      .map((stem) => `docs/${name}/${stem}.md`)
      .filter((page) => existsSync(join(root, page)));
  const noMethods = ["docs/newton/least-squares.md", "docs/newton/minimize.md"];
  const methodPages = [
    ...pagesOf("newton", "").filter((page) => !noMethods.includes(page)),
    ...pagesOf("bilevel", "methods"),
    ...pagesOf("sinkhorn", "methods", "exact", "closed-form"),
    ...pagesOf("manifold", "methods"),
    ...pagesOf("mesh-ad", "operators", "applications"),
    // Methods whose files lie elsewhere.
    ..."manifold/means mesh-ad/projection sinkhorn/gradients sinkhorn/transport"
      .split(" ")
      .map((page) => `docs/${page}.md`),
  ];
  const lacks = (pages: readonly string[], wanted: Readonly<Record<string, RegExp>>) =>
    pages.flatMap((page) => {
      const text = readFileSync(join(root, page), "utf8");
      return Object.entries(wanted)
        .filter(([, pattern]) => !pattern.test(text))
        .map(([what]) => `${page}: ${what}`);
    });

  it("every page of a method has its parts", () => {
    expect(methodPages.length).toBeGreaterThan(60);
    const wanted = {
      "**Problem.**": /^\*\*Problem\.\*\*/m,
      "**Algorithm.**": /^\*\*Algorithm\.\*\*/m,
      "**Source.**": /^\*\*Source\.\*\*/m,
      "**When it wins.**": /\*\*When it wins\.\*\*/,
      "**When it loses.**": /\*\*When it loses\.\*\*/,
      "a table of options, or “No options.”": /^\| (?:option|argument)s? |\bNo options\./m,
      "an example": /^```ts$/m,
    };
    expect(lacks(methodPages, wanted)).toEqual([]);
  });

  it("every page of a manifold has its parts", () => {
    const manifoldPages = pagesOf("manifold", "manifolds");
    expect(manifoldPages.length).toBeGreaterThan(15);
    const wanted = {
      "**Set.**": /^\*\*Set\.\*\*/m,
      "**Source.**": /^\*\*Source\.\*\*/m,
      "**When to take it.**": /^\*\*When to take it\.\*\*/m,
      "an example": /^```ts$/m,
    };
    expect(lacks(manifoldPages, wanted)).toEqual([]);
  });
});
