// Problems of the CUTEst collection as they stand in their own files: in the folder that MASTSIF names, or beside the checkout.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { projectInto, restrictProblem } from "@hessia/core";
import { readSif, type SifProblem } from "@hessia/sif";
import { InvalidArgumentError } from "commander";
import { shellPattern } from "../select.js";
import type { AnyTest, FullProblem } from "./collection.js";

/** What kind of problem a file states; "residuals" is an unconstrained sum of squares given as its residuals. */
export type SifKind = "unconstrained" | "residuals" | "bounds" | "constraints";

export interface SifTest extends AnyTest {
  readonly kind: SifKind;
}

/** The folder of the files; undefined where there is none. */
export function sifFolder(): string | undefined {
  const { MASTSIF } = process.env;
  return [MASTSIF, resolve("../shared/data/sif")].find((path) => path !== undefined && path !== "" && existsSync(path));
}

/** "N=1000" and its like as parameters. */
export function parseParameters(words: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    words.map((word) => {
      const [name, text] = word.split("=");
      const value = Number(text);
      if (name === undefined || name === "" || !text || !Number.isFinite(value))
        throw new InvalidArgumentError(`a parameter is written NAME=number, not "${word}".`);
      return [name, value] as const;
    }),
  );
}

/** Problems of the field's own files whose names match; sizes by parameter where a file has it. */
export function loadSif(patterns: readonly string[], parameters: Readonly<Record<string, number>>): SifTest[] {
  const folder = sifFolder();
  if (folder === undefined)
    throw new InvalidArgumentError("no SIF files: name their folder in the environment variable MASTSIF.");
  const expressions = patterns.map(shellPattern);
  const optima = knownOptima(folder);
  const names = readdirSync(folder)
    .filter((file) => /\.SIF$/i.test(file))
    .map((file) => file.slice(0, -4))
    .filter((name) => expressions.some((expression) => expression.test(name)))
    .sort();
  if (names.length === 0) throw new InvalidArgumentError(`no file in ${folder} matches ${patterns.join(", ")}.`);
  return names.flatMap((name): SifTest[] => {
    const text = readFileSync(join(folder, `${name}.SIF`), "latin1");
    const unchanged = readSif(text);
    const own = Object.fromEntries(Object.entries(parameters).filter(([key]) => unchanged.offered.has(key)));
    const resized = Object.keys(own).length > 0;
    const problem = resized ? readSif(text, { parameters: own }) : unchanged;
    const kind = kindOf(problem);
    const shared = { name, kind, optimum: resized ? null : (optima.get(name) ?? null), reference: "CUTEst" };
    // The file's start may lie outside of the bounds.
    const start = projectInto(problem.start.slice(), problem.start, problem);
    const free = fixed(problem) && kind !== "constraints" ? freeOf(problem) : undefined;
    if (free === undefined) {
      const test = { ...shared, n: problem.dimension, start: () => start.slice(), problem: () => problem };
      const residuals = kind === "unconstrained" ? problem.leastSquares() : undefined;
      return residuals === undefined ? [test] : [test, { ...test, kind: "residuals", problem: () => residuals }];
    }
    // Fixed variables are taken out: what is left has no constants among its variables.
    const restriction = restrictProblem(problem, free, start);
    const sides =
      kind === "bounds"
        ? { lower: restriction.restrict(problem.lower), upper: restriction.restrict(problem.upper) }
        : {};
    const rest = { ...restriction.problem, ...sides } as FullProblem;
    return [{ ...shared, n: free.length, start: () => restriction.restrict(start), problem: () => rest }];
  });
}

const isFixed = ({ lower, upper }: SifProblem, i: number): boolean => lower[i] === upper[i];
const freeOf = (problem: SifProblem): number[] => Array.from(problem.lower.keys()).filter((i) => !isFixed(problem, i));
const fixed = (problem: SifProblem): boolean => problem.lower.some((_, i) => isFixed(problem, i));

/** Variables that are fixed don't make a problem one with bounds. */
function kindOf(problem: SifProblem): SifKind {
  if (problem.constraints.residuals > 0) return "constraints";
  const { lower, upper } = problem;
  const bounded = lower.some(
    (_, i) => !isFixed(problem, i) && (Number.isFinite(lower[i]) || Number.isFinite(upper[i])),
  );
  return bounded ? "bounds" : "unconstrained";
}

/** The lowest computed value of each problem at its default size, where the table of optima lies beside the files. */
function knownOptima(folder: string): Map<string, number> {
  const file = join(folder, "known-optima.csv");
  const best = new Map<string, number>();
  if (!existsSync(file)) return best;
  for (const line of readFileSync(file, "utf8").trim().split("\n").slice(1)) {
    const [name, , , value, source, , check] = line.split(",");
    // Values in comments count only where they are known to be right.
    if (!source?.startsWith("computed") && check !== "yes") continue;
    const number = Number(value);
    if (Number.isFinite(number)) best.set(name!, Math.min(best.get(name!) ?? Number.POSITIVE_INFINITY, number));
  }
  return best;
}
