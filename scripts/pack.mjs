// Packs every package as it would be published, and says how a project of one's own installs them.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The tarball of every package, by the package's name; they lie in the folder, in place of those of the same name. */
export function packAll(folder) {
  mkdirSync(folder, { recursive: true });
  // Beside what may lie there, so that each package's file is known without its version.
  const fresh = mkdtempSync(join(folder, ".pack-"));
  const tarballs = {};
  try {
    for (const directory of readdirSync(join(root, "packages"))) {
      const path = join(root, "packages", directory);
      const { name } = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
      const { status, stdout, stderr, error } = spawnSync("pnpm", ["pack", "--pack-destination", fresh], {
        cwd: path,
        encoding: "utf8",
        shell: process.platform === "win32",
      });
      if (error) throw error;
      if (status !== 0) throw new Error(`${name} can't be packed:\n${stdout}${stderr}`);
      const [file] = readdirSync(fresh);
      renameSync(join(fresh, file), join(folder, file));
      tarballs[name] = join(folder, file);
    }
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return tarballs;
}

/** The command that installs a package with the core it stands on; without a name, all of them. */
export function installLine(tarballs, name) {
  const files =
    name === undefined ? Object.values(tarballs) : [...new Set(["@hessia/core", name])].map((key) => tarballs[key]);
  return `npm install ${files.map((file) => (/\s/.test(file) ? JSON.stringify(file) : file)).join(" ")}`;
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const folder = resolve(process.argv[2] ?? join(root, "packed"));
  const tarballs = packAll(folder);
  console.log(`${Object.keys(tarballs).length} packages are packed in ${folder}. In a project of your own, one of:\n`);
  for (const name of Object.keys(tarballs)) console.log(`# ${name}\n${installLine(tarballs, name)}\n`);
  console.log(`# everything\n${installLine(tarballs)}`);
  console.log("\nText as a function (@hessia/core/expression) needs mathjs too: npm install mathjs");
}
