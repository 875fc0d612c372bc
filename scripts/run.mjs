// Every root script starts here, so that each of them works on a fresh machine with only Node and npm:
// it installs the workspace with the pinned pnpm (fetched by npx, nothing global is touched), then runs the named stages.
import { spawn } from "node:child_process";
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
  npm_config_update_notifier: "false",
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
  "pack",
  "docs:build",
  "docs:test",
  "docs:serve",
]);
// npm passes everything after `--` at the end, without the `--` itself.
const stages = [];
while (words.length > 0 && names.has(words[0])) stages.push(words.shift());
const rest = [...words, ...(split < 0 ? [] : process.argv.slice(split + 1))];

// Ctrl-C is the child's to handle (the benchmark ends cleanly with what was done so far): stay alive until it has.
process.on("SIGINT", () => {});

/** Runs a command to its end. One that is `quiet` for long has its seconds told, so that nobody takes it for dead. */
async function run(command, args, quiet) {
  const start = Date.now();
  const seconds = () => Math.round((Date.now() - start) / 1000);
  const child = spawn(command, args, { cwd: root, env, stdio: "inherit", shell: process.platform === "win32" });
  // An end that is asked of this process is asked of what it runs.
  const end = () => child.kill("SIGTERM");
  process.once("SIGTERM", end);
  let next = 2;
  const clock = setInterval(() => {
    if (quiet === undefined || seconds() < next) return;
    console.log(next === 2 ? `${quiet} …` : `${quiet.split(",")[0]}: ${seconds()} s`);
    next = next === 2 ? 10 : next + 10;
  }, 1000);
  const { status, signal } = await new Promise((done, failed) => {
    child.once("error", failed);
    child.once("exit", (status, signal) => done({ status, signal }));
  });
  clearInterval(clock);
  process.off("SIGTERM", end);
  if (signal) process.exit(130);
  if (status !== 0) process.exit(status ?? 1);
  if (next > 2) console.log(`${quiet.split(",")[0]}: done after ${seconds()} s`);
}

async function install() {
  const stamp = new URL("../node_modules/.modules.yaml", import.meta.url);
  const lock = new URL("../pnpm-lock.yaml", import.meta.url);
  if (existsSync(stamp) && existsSync(lock) && statSync(stamp).mtimeMs >= statSync(lock).mtimeMs) return;
  await run("npm", ["exec", "--yes", `--package=${pnpm}`, "--", "pnpm", "install", "--frozen-lockfile"]);
}

/** Options of the benchmark that npm took for its own, since no `--` stood before them: `npm run bench --quick`. */
function takenByNpm() {
  const taken = [];
  for (const name of ["quick", "peers"])
    if (process.env[`npm_config_${name}`] === "true" && !rest.includes(`--${name}`)) taken.push(`--${name}`);
  for (const name of ["suite", "sif", "param", "problems", "methods", "max-time", "html"]) {
    const value = process.env[`npm_config_${name.replaceAll("-", "_")}`];
    if (value === undefined || value === "" || rest.includes(`--${name}`)) continue;
    if (value !== "true") taken.push(`--${name}=${value}`);
    else {
      console.error(`npm kept --${name} for itself. Write -- before it: npm run bench -- --${name} ${rest.join(" ")}`);
      process.exit(1);
    }
  }
  return taken;
}

const does = {
  build: () =>
    run(
      "turbo",
      ["run", "build", "--output-logs=errors-only", "--no-update-notifier"],
      "Building the packages, half a minute the first time",
    ),
  test: () => run("vitest", ["run", ...rest]),
  bench: () => run(process.execPath, ["apps/bench/dist/cli.js", ...rest, ...takenByNpm()]),
  types: async () => {
    const packages = readdirSync(join(root, "packages")).map((name) => `packages/${name}`);
    for (const project of [...packages, "apps/bench", "."]) await run("tsc", ["-p", project, "--noEmit"]);
  },
  lint: () => run("biome", ["check", "--error-on-warnings", "."]),
  "lint:fix": () => run("biome", ["check", "--write", "."]),
  architecture: () => run("vitest", ["run", "--project", "architecture"]),
  "docs:build": () => run(process.execPath, ["docs/build.mjs"], "Building the site, a minute or so"),
  "docs:serve": () => run(process.execPath, ["docs/serve.mjs", ...rest]),
  "docs:test": () => run("vitest", ["run", "--project", "docs", ...rest]),
  packages: () => run(process.execPath, ["scripts/packages.mjs"]),
  pack: () => run(process.execPath, ["scripts/pack.mjs", ...rest]),
};

await install();
for (const stage of stages) await does[stage]();
