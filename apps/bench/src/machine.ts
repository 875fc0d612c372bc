import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, totalmem } from "node:os";
import type { Machine } from "./row.js";

export function describeMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform}-${process.arch}`,
  };
}

/** Versions of Node, of Hessia's packages and of the peers. */
export function describeVersions(packages: readonly string[]): Record<string, string> {
  const require = createRequire(import.meta.url);
  const versions: Record<string, string> = { node: process.versions.node };
  for (const name of packages) {
    try {
      versions[name] = (
        JSON.parse(readFileSync(require.resolve(`${name}/package.json`), "utf8")) as { version: string }
      ).version;
    } catch {
      versions[name] = "not found";
    }
  }
  return versions;
}

/** The commit of the checkout, with "+" when files differ from it; null outside of a checkout. */
export function describeCommit(): string | null {
  const git = (...words: string[]) =>
    execFileSync("git", words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    const dirty = git("status", "--porcelain", "--untracked-files=no") !== "";
    return git("rev-parse", "--short=12", "HEAD") + (dirty ? "+" : "");
  } catch {
    return null;
  }
}
