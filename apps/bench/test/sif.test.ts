// Problems from SIF files for the benchmark: their kinds, their starts, what is fixed, sizes by parameter.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadSif, parseParameters } from "../src/problems/sif.js";

/** Σ (xᵢ − 2)², with bounds and constraints by their cards. */
const file = (name: string, ...cards: string[]) =>
  [
    `NAME          ${name}`,
    " IE N                   3              $-PARAMETER",
    " IE 1                   1",
    "VARIABLES",
    " DO I         1                        N",
    " X  X(I)",
    " ND",
    "GROUPS",
    " DO I         1                        N",
    " XN G(I)      X(I)      1.0",
    " ND",
    ...cards.filter((card) => card.startsWith(" E ")),
    "CONSTANTS",
    ` X  ${name.padEnd(10)}'DEFAULT' 2.0`,
    "BOUNDS",
    ` FR ${name.padEnd(10)}'DEFAULT'`,
    ...cards.filter((card) => !card.startsWith(" E ")),
    "START POINT",
    ` XV ${name.padEnd(10)}'DEFAULT' 5.0`,
    "GROUP TYPE",
    " GV L2        G",
    "GROUP USES",
    " DO I         1                        N",
    " XT G(I)      L2",
    " ND",
    "ENDATA",
    "GROUPS        ANY",
    "INDIVIDUALS",
    " T  L2",
    " F                      G * G",
    "ENDATA",
  ].join("\n");

describe("loadSif", () => {
  const before = process.env.MASTSIF;
  const folder = mkdtempSync(join(tmpdir(), "sif-"));

  beforeAll(() => {
    process.env.MASTSIF = folder;
    writeFileSync(join(folder, "FREE.SIF"), file("FREE"));
    writeFileSync(join(folder, "BOX.SIF"), file("BOX", " UP BOX       X1                  1.0"));
    writeFileSync(join(folder, "FIXED.SIF"), file("FIXED", " FX FIXED     X2                  7.0"));
    writeFileSync(join(folder, "EQUAL.SIF"), file("EQUAL", " E  C         X1        1.0"));
    writeFileSync(
      join(folder, "known-optima.csv"),
      "name,n,m,value,source,note,check\nFREE,3,0,0.0,computed,,\nBOX,3,0,9.0,comment,,no\n",
    );
  });
  afterAll(() => {
    if (before === undefined) delete process.env.MASTSIF;
    else process.env.MASTSIF = before;
    rmSync(folder, { recursive: true });
  });

  it("tells kinds apart; an unconstrained sum of squares comes also as its residuals", () => {
    expect(loadSif(["*"], {}).map(({ name, kind, n }) => [name, kind, n])).toEqual([
      ["BOX", "bounds", 3],
      ["EQUAL", "constraints", 3],
      ["FIXED", "unconstrained", 2],
      ["FREE", "unconstrained", 3],
      ["FREE", "residuals", 3],
    ]);
  });

  it("starts within the bounds; fixed variables keep their values and are no variables", () => {
    const [box] = loadSif(["box"], {});
    expect([...box!.start()]).toEqual([1, 5, 5]);
    const [fixed] = loadSif(["FIXED"], {});
    expect([...fixed!.start()]).toEqual([5, 5]);
    expect(fixed!.problem().value(Float64Array.of(2, 2))).toBe(25);
  });

  it("an optimum counts where it was computed, at the file's own size", () => {
    expect(loadSif(["FREE"], {})[0]!.optimum).toBe(0);
    expect(loadSif(["BOX"], {})[0]!.optimum).toBeNull();
    const [larger] = loadSif(["FREE"], { N: 10, M: 3 });
    expect([larger!.n, larger!.optimum]).toEqual([10, null]);
  });

  it("refuses names that match nothing, and parameters that aren't numbers", () => {
    expect(() => loadSif(["NOTHING"], {})).toThrow(/no file in .* matches NOTHING/);
    expect(parseParameters(["N=1000", "H=0.5"])).toEqual({ N: 1000, H: 0.5 });
    for (const word of ["N", "N=", "=3", "N=many"]) expect(() => parseParameters([word]), word).toThrow(/NAME=number/);
  });
});
