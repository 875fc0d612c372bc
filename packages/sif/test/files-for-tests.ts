// Where the CUTEst files lie, and small files of our own.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const beside = join(import.meta.dirname, "../../../../shared/data/sif");
/** The folder of the collection: that of MASTSIF, or the one beside the checkout; undefined where there is none. */
export const collection = [process.env.MASTSIF, beside].find((path) => path !== undefined && existsSync(path));

export const sifNames = (): string[] =>
  collection === undefined
    ? []
    : readdirSync(collection)
        .filter((file) => file.endsWith(".SIF"))
        .map((file) => file.slice(0, -4))
        .sort();

export const sifText = (name: string): string => readFileSync(join(collection!, `${name}.SIF`), "latin1");

/** The rows of a CSV file without quotes, by column. */
export function csvRows(file: string): Record<string, string>[] {
  const [head, ...lines] = readFileSync(join(collection!, file), "utf8").trim().split("\n");
  const names = head!.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((cell, k) => [names[k]!, cell])));
}

/** A card of the data part: its code, and its fields at their columns. */
export function card(code: string, f2 = "", f3 = "", f4 = "", f5 = "", f6 = ""): string {
  const left = ` ${code.padEnd(2)} ${f2.padEnd(10)}${f3.padEnd(10)}${f4.padEnd(12)}`;
  return `${left}   ${f5.padEnd(10)}${f6}`.trimEnd();
}

/** Σ (x_{i+1} − x_i²)² · 100 + (1 − x_i)²: Rosenbrock's chain, with everything that a small file has. */
export const rosenbrock = [
  "* A comment",
  "NAME          ROSEN",
  "*   classification SUR2-AN-V-0",
  card("IE", "N", "", "4", "$-PARAMETER"),
  card("IE", "1", "", "1"),
  card("IA", "N-1", "N", "-1"),
  "VARIABLES",
  card("DO", "I", "1", "", "N"),
  card("X", "X(I)"),
  card("OD", "I"),
  "GROUPS",
  card("DO", "I", "1", "", "N-1"),
  card("IA", "I+1", "I", "1"),
  card("XN", "A(I)", "'SCALE'", "0.01"),
  card("XN", "A(I)", "X(I+1)", "1.0"),
  card("XN", "B(I)", "X(I)", "1.0"),
  card("ND"),
  "CONSTANTS",
  card("DO", "I", "1", "", "N-1"),
  card("X", "ROSEN", "B(I)", "1.0"),
  card("ND"),
  "BOUNDS",
  card("FR", "ROSEN", "'DEFAULT'"),
  "START POINT",
  card("XV", "ROSEN", "'DEFAULT'", "-1.0D0"),
  "ELEMENT TYPE",
  card("EV", "MSQ", "V"),
  "ELEMENT USES",
  card("DO", "I", "1", "", "N-1"),
  card("XT", "E(I)", "MSQ"),
  card("ZV", "E(I)", "V", "", "X(I)"),
  card("ND"),
  "GROUP TYPE",
  card("GV", "L2", "G"),
  "GROUP USES",
  card("T", "'DEFAULT'", "L2"),
  card("DO", "I", "1", "", "N-1"),
  card("XE", "A(I)", "E(I)"),
  card("ND"),
  "OBJECT BOUND",
  card("LO", "ROSEN", "", "0.0"),
  "*LO SOLTN               0.0D+0   $ (n=4)",
  "ENDATA",
  "ELEMENTS      ROSEN",
  "INDIVIDUALS",
  " T  MSQ",
  " F                      - V * V",
  " G  V                   - 2.0 * V",
  " H  V         V         - 2.0",
  "ENDATA",
  "GROUPS        ROSEN",
  "INDIVIDUALS",
  " T  L2",
  " F                      G * G",
  " G                      G + G",
  " H                      2.0",
  "ENDATA",
].join("\n");
