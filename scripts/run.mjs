// Every root script starts here, so that each of them works on a fresh machine with only Node and npm:
// it installs the workspace with the pinned pnpm (fetched by npx, nothing global is touched), then runs the named stages.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const pnpm = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).packageManager;
const bin = join(root, "node_modules", ".bin");
// turbo asks for pnpm on the path: the workspace's own.
const env = {
  ...process.env,
  PATH: `${bin}${delimiter}${process.env.PATH}`,
  TURBO_TELEMETRY_DISABLED: "1",
  DO_NOT_TRACK: "1",
};
const split = process.argv.indexOf("--");
const words = process.argv.slice(2, split < 0 ? undefined : split);
const names = new Set([
  "build",
  "test",
  "bench",
  "types",
  "lint",
  "lint:fix",
  "architecture",
  "packages",
  "docs:build",
  "docs:test",
]);
// npm passes everything after `--` at the end, without the `--` itself.
const stages = [];
while (words.length > 0 && names.has(words[0])) stages.push(words.shift());
const rest = [...words, ...(split < 0 ? [] : process.argv.slice(split + 1))];

// Ctrl-C is the child's to handle (the benchmark ends cleanly with what was done so far): stay alive until it has.
process.on("SIGINT", () => {});

function run(command, args) {
  const { status, signal, error } = spawnSync(command, args, {
    cwd: root,
    env,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (error) throw error;
  if (signal) process.exit(130);
  if (status !== 0) process.exit(status ?? 1);
}

function install() {
  const stamp = new URL("../node_modules/.modules.yaml", import.meta.url);
  const lock = new URL("../pnpm-lock.yaml", import.meta.url);
  if (existsSync(stamp) && existsSync(lock) && statSync(stamp).mtimeMs >= statSync(lock).mtimeMs) return;
  run("npm", ["exec", "--yes", `--package=${pnpm}`, "--", "pnpm", "install", "--frozen-lockfile"]);
}

const does = {
  build: () => run("turbo", ["run", "build", "--output-logs=errors-only", "--no-update-notifier"]),
  test: () => run("vitest", ["run", ...rest]),
  bench: () => run(process.execPath, ["apps/bench/dist/cli.js", ...rest]),
  types: () => {
    const packages = readdirSync(join(root, "packages")).map((name) => `packages/${name}`);
    for (const project of [...packages, "apps/bench", "."]) run("tsc", ["-p", project, "--noEmit"]);
  },
  lint: () => run("biome", ["check", "--error-on-warnings", "."]),
  "lint:fix": () => run("biome", ["check", "--write", "."]),
  architecture: () => run("vitest", ["run", "--project", "architecture"]),
  "docs:build": () => run(process.execPath, ["docs/build.mjs"]),
  "docs:test": () => run("vitest", ["run", "--project", "docs", ...rest]),
  packages: () => run(process.execPath, ["scripts/packages.mjs"]),
};

install();
for (const stage of stages) does[stage]();
