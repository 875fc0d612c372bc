// What a user of each package would trip over: publint and "are the types wrong" on the packed tarball, and size limits.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packAll } from "./pack.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

function run(command, args) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

const folder = mkdtempSync(join(tmpdir(), "hessia-pack-"));
try {
  for (const [name, tarball] of Object.entries(packAll(folder))) {
    console.log(`\n${name}`);
    run("publint", ["run", tarball, "--strict"]);
    run("attw", [tarball, "--profile", "esm-only"]);
  }
  run("size-limit", []);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
