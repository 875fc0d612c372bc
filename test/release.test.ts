// The packages as they would be published: packed, installed by npm and pnpm into empty projects, and used in Node, by a bundler, in a Worker, and from a plain page.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "./browser/chromium.js";

const root = join(import.meta.dirname, "..");
const bin = join(root, "node_modules", ".bin");
const folder = mkdtempSync(join(tmpdir(), "hessia-release-"));
const names = readdirSync(join(root, "packages"));
const found = findChromium();
if ("reason" in found) console.log(`skipped: packed packages in the browser: ${found.reason}`);

function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    timeout: 110_000,
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, npm_config_update_notifier: "false" },
  });
  if (error) throw error;
  expect(status, `${command} ${args.join(" ")}\n${stdout}\n${stderr}`).toBe(0);
  return stdout;
}

/** One problem a package, whose answer is known; printed as JSON. */
const program = `
import { problemFromTerms } from "@hessia/core/kernel";
import { minimize } from "@hessia/newton";
import { minimize as bilevel, stackelbergOligopoly } from "@hessia/bilevel";
import { karcherMean, spdAffineInvariant } from "@hessia/manifold";
import { transport } from "@hessia/sinkhorn";

export function answers() {
  const rosenbrock = problemFromTerms(2, [
    { indices: [[0, 1]], term: ([x, y]) => y.sub(x.square()).square().mul(100).add(x.sub(1).square()) },
  ]);
  return {
    newton: Array.from(minimize(rosenbrock, [-1.2, 1]).x),
    bilevel: bilevel(stackelbergOligopoly({ price: { intercept: 13, slope: 2 }, cost: 1, followers: 1 }), { x: [0], y: [0] }).x[0],
    manifold: karcherMean(spdAffineInvariant(1), [Float64Array.of(1), Float64Array.of(9)]).x[0],
    sinkhorn: transport({ source: [0.5, 0.5], target: [0.5, 0.5], cost: [[0, 1], [1, 0]], regularization: 1 }).plan.data[0],
  };
}
`;
function expectAnswers({ newton, bilevel, manifold, sinkhorn }: Record<string, never>): void {
  expect(newton).toEqual([expect.closeTo(1, 6), expect.closeTo(1, 6)]);
  expect(bilevel).toBeCloseTo(3, 5);
  expect(manifold).toBeCloseTo(3, 9);
  expect(sinkhorn).toBeCloseTo(0.5 / (1 + Math.exp(-1)), 9);
}

describe("packed packages", () => {
  const tarballs: Record<string, string> = {};
  let told = "";
  beforeAll(() => {
    // What `npm run pack` runs.
    told = run(process.execPath, [join(root, "scripts", "pack.mjs"), folder], folder);
    for (const name of names)
      tarballs[`@hessia/${name}`] = join(
        folder,
        readdirSync(folder).find((file) => file.startsWith(`hessia-${name}-`))!,
      );
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** An empty project that depends on the tarballs; \`overrides\` say that they are what each other means. */
  function project(name: string): string {
    const path = join(folder, name);
    mkdirSync(path);
    const files = Object.fromEntries(Object.entries(tarballs).map(([key, file]) => [key, `file:${file}`]));
    const manifest = {
      name,
      private: true,
      type: "module",
      dependencies: files,
      overrides: files,
      pnpm: { overrides: files },
    };
    writeFileSync(join(path, "package.json"), JSON.stringify(manifest));
    writeFileSync(join(path, "answers.js"), program);
    writeFileSync(
      join(path, "main.js"),
      'import { answers } from "./answers.js";\nprocess.stdout.write(JSON.stringify(answers()), () => process.exit());\n',
    );
    return path;
  }

  it("hold nothing but what is built, its types, README and licence", () => {
    for (const file of Object.values(tarballs)) {
      const list = run("tar", ["-tzf", file], folder).trim().split("\n");
      expect(list.filter((path) => !/^package\/(dist\/|package\.json$|README\.md$|LICENSE$)/.test(path))).toEqual([]);
      expect(list).toContain("package/README.md");
      expect(list).toContain("package/LICENSE");
    }
  });

  it("are installed one by one, each with its core, by the lines that npm run pack prints", () => {
    for (const name of names) {
      const line = told.split("\n")[told.split("\n").indexOf(`# @hessia/${name}`) + 1]!;
      const path = join(folder, `alone-${name}`);
      mkdirSync(path);
      writeFileSync(join(path, "package.json"), JSON.stringify({ name: "alone", private: true, type: "module" }));
      const [command, ...words] = line.split(" ");
      expect([command, words[0]]).toEqual(["npm", "install"]);
      run("npm", [...words, "--offline", "--no-audit", "--no-fund"], path);
      expect(readdirSync(join(path, "node_modules", "@hessia")).sort()).toEqual([...new Set(["core", name])].sort());
      writeFileSync(
        join(path, "main.js"),
        `import * as all from "@hessia/${name}";\nprocess.stdout.write(String(Object.keys(all).length), () => process.exit());\n`,
      );
      expect(Number(run(process.execPath, ["main.js"], path))).toBeGreaterThan(0);
    }
    expect(told.split("\n")[told.split("\n").indexOf("# everything") + 1]!.split(" ")).toHaveLength(2 + names.length);
  });

  it.each([
    ["npm", ["install", "--offline", "--no-audit", "--no-fund", "--legacy-peer-deps"]],
    ["pnpm", ["install", "--offline", "--config.auto-install-peers=false", "--ignore-workspace"]],
  ])("are installed by %s into an empty project, and solve a problem in Node", (manager, args) => {
    const path = project(manager);
    run(manager, args, path);
    expectAnswers(JSON.parse(run(process.execPath, ["main.js"], path)));
  });

  describe.skipIf("reason" in found)("in a browser", () => {
    let browser: Browser;
    let server: Server;
    let base = "";
    // biome-ignore lint/suspicious/noDuplicateTestHooks: of the inner describe
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: (found as { path: string }).path, args: ["--no-sandbox"] });
      const types: Record<string, string> = {
        ".js": "text/javascript",
        ".html": "text/html",
        ".json": "application/json",
      };
      server = createServer((request, response) => {
        const path = join(folder, decodeURIComponent(new URL(request.url!, "http://x").pathname));
        try {
          const body = readFileSync(path);
          response.writeHead(200, { "content-type": types[extname(path)] ?? "application/octet-stream" }).end(body);
        } catch {
          response.writeHead(404).end();
        }
      }).listen(0, "127.0.0.1");
      await new Promise((resolve) => server.once("listening", resolve));
      const address = server.address();
      base = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
    }, 60_000);
    // biome-ignore lint/suspicious/noDuplicateTestHooks: of the inner describe
    afterAll(async () => {
      await browser?.close();
      server?.close();
    });

    async function answersOf(url: string): Promise<Record<string, never>> {
      const page = await browser.newPage();
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(String(error)));
      await page.goto(`${base}/${url}`);
      await page.waitForFunction(() => "answers" in globalThis, undefined, { timeout: 60_000 }).catch(() => {});
      expect(errors).toEqual([]);
      const answers = await page.evaluate(() => (globalThis as unknown as { answers: Record<string, never> }).answers);
      await page.close();
      return answers;
    }

    it("run from a plain page by an import map, with nothing bundled", async () => {
      const path = project("plain");
      run("npm", ["install", "--offline", "--no-audit", "--no-fund", "--legacy-peer-deps"], path);
      const imports = Object.fromEntries(
        names.flatMap((name) => {
          const { exports } = JSON.parse(
            readFileSync(join(path, "node_modules", "@hessia", name, "package.json"), "utf8"),
          );
          return Object.entries(exports as Record<string, string | { default: string }>).flatMap(([key, target]) =>
            typeof target === "string"
              ? []
              : [[`@hessia/${name}${key.slice(1)}`, `/plain/node_modules/@hessia/${name}/${target.default.slice(2)}`]],
          );
        }),
      );
      writeFileSync(
        join(path, "index.html"),
        `<!doctype html><script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module">import { answers } from "./answers.js"; globalThis.answers = answers();</script>`,
      );
      expectAnswers(await answersOf("plain/index.html"));
    });

    it("run bundled by Vite, in the page and in a Worker", async () => {
      const path = project("app");
      run("npm", ["install", "--offline", "--no-audit", "--no-fund", "--legacy-peer-deps"], path);
      writeFileSync(join(path, "worker.js"), 'import { answers } from "./answers.js";\npostMessage(answers());\n');
      writeFileSync(
        join(path, "page.js"),
        `import { answers } from "./answers.js";
const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
worker.onmessage = ({ data }) => { globalThis.answers = { ...answers(), worker: data }; };`,
      );
      writeFileSync(join(path, "index.html"), '<!doctype html><script type="module" src="./page.js"></script>');
      await build({
        root: path,
        configFile: false,
        logLevel: "error",
        base: "./",
        worker: { format: "es" },
        build: { target: "es2022", outDir: "built" },
      });
      const { worker, ...inPage } = await answersOf("app/built/index.html");
      expectAnswers(inPage);
      expectAnswers(worker as never);
    });
  });
});
