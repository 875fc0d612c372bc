// What a user of each package would trip over: publint and "are the types wrong" on the packed tarball, and size limits.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

function run(command, args, cwd = root) {
  const { status, error } = spawnSync(command, args, { cwd, stdio: "inherit", shell: process.platform === "win32" });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

const folder = mkdtempSync(join(tmpdir(), "hessia-pack-"));
try {
  for (const name of readdirSync(join(root, "packages"))) {
    const path = join(root, "packages", name);
    run("pnpm", ["pack", "--pack-destination", folder], path);
  }
  for (const tarball of readdirSync(folder)) {
    console.log(`\n${tarball}`);
    run("publint", ["run", join(folder, tarball), "--strict"]);
    run("attw", [join(folder, tarball), "--profile", "esm-only"]);
  }
  run("size-limit", []);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
