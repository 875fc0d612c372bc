import { describe, expect, it } from "vitest";
import { iterativeRefinementInto } from "../../../src/linear/iterative/refinement.js";
import type { Vector } from "../../../src/linear/matrix.js";
import { multiplySparseVectorInto } from "../../../src/linear/sparse/csc.js";
import { analyze, sparseFactorize, sparseSolveInto } from "../../../src/linear/sparse/sparse-cholesky.js";
import { sparseLdlFactorize } from "../../../src/linear/sparse/sparse-ldl.js";
import { sparseLdlSolveInto } from "../../../src/linear/sparse/sparse-ldl-solve.js";
import { randomVector } from "../dense-for-tests.js";
import { fromEdges, laplacian2d, randomEdges } from "../sparse-for-tests.js";

describe("iterativeRefinementInto", () => {
  it("brings a solver with a false matrix to full accuracy, at the rate of its error", () => {
    const A = laplacian2d(12);
    const S = analyze(A);
    const wrong = sparseFactorize(S, A, { shift: 1e-3 });
    const solve = (out: Vector, r: Vector) => sparseSolveInto(out, wrong, r);
    const wanted = randomVector(144);
    const b = multiplySparseVectorInto(new Float64Array(144), A, wanted);
    const x = new Float64Array(144);
    const result = iterativeRefinementInto(x, A, solve, b, { maxIterations: 50 });
    expect(result.reason).toBe("accurate");
    expect(result.backwardError).toBeLessThanOrEqual(2 * Number.EPSILON);
    // ‖I − A M⁻¹‖ ≤ 1e-3 / λ_min(A), λ_min = 0.1155: two digits a step and more.
    expect(result.iterations).toBeLessThan(10);
    for (let k = 0; k < 144; k++) expect(x[k]).toBeCloseTo(wanted[k], 12);
    const first = iterativeRefinementInto(x, A, solve, b, { maxIterations: 0 });
    expect(first).toMatchObject({ reason: "budget", iterations: 0 });
    expect(first.backwardError).toBeGreaterThan(1e-7);
    // The same with the shift said: right at once.
    const c = b.map((v, k) => v + 1e-3 * wanted[k]);
    expect(iterativeRefinementInto(x, A, solve, c, { shift: 1e-3 }).iterations).toBeLessThanOrEqual(1);
    for (let k = 0; k < 144; k++) expect(x[k]).toBeCloseTo(wanted[k], 12);
  });

  it("repairs a factor made with a tiny threshold", () => {
    const A = fromEdges(
      80,
      randomEdges(80, 240, 4),
      (k) => (k % 2 === 0 ? 1e-7 : 0),
      (k) => 1 + (k % 5),
    );
    const F = sparseLdlFactorize(analyze(A), A, { threshold: 1e-12 });
    const x = new Float64Array(80);
    const result = iterativeRefinementInto(x, A, (out, r) => sparseLdlSolveInto(out, F, r), randomVector(80));
    expect(result.backwardError).toBeLessThan(4 * Number.EPSILON);
  });

  it("solves a consistent singular system, and shows an inconsistent one", () => {
    // The Laplacian of a path: A 1 = 0.
    const n = 30;
    const edges = Array.from({ length: n - 1 }, (_, k): [number, number] => [k + 1, k]);
    const A = fromEdges(n, edges, (k) => (k === 0 || k === n - 1 ? 1 : 2));
    const F = sparseLdlFactorize(analyze(A), A);
    expect(F.zero).toBe(1);
    const solve = (out: Vector, r: Vector) => sparseLdlSolveInto(out, F, r);
    const b = multiplySparseVectorInto(new Float64Array(n), A, randomVector(n));
    const x = new Float64Array(n);
    expect(iterativeRefinementInto(x, A, solve, b).backwardError).toBeLessThan(1e-14);
    expect(iterativeRefinementInto(x, A, solve, new Float64Array(n).fill(1)).backwardError).toBeGreaterThan(1e-10);
  });

  it("says that it broke down where the solver answers no numbers", () => {
    const A = laplacian2d(3);
    const x = new Float64Array(9);
    const F = sparseFactorize(analyze(A), A, { shift: -8 });
    const result = iterativeRefinementInto(x, A, (out, r) => sparseSolveInto(out, F, r), randomVector(9));
    expect(result).toEqual({ reason: "breakdown", iterations: 0, backwardError: Number.NaN });
  });

  it("keeps the better x where a correction makes it worse", () => {
    const A = laplacian2d(3);
    const b = randomVector(9);
    const x = new Float64Array(9);
    const F = sparseFactorize(analyze(A), A);
    let calls = 0;
    const result = iterativeRefinementInto(
      x,
      A,
      (out, r) => {
        sparseSolveInto(out, F, r);
        const factor = calls++ === 0 ? 1 + 1e-6 : 1e9;
        for (let k = 0; k < 9; k++) out[k] *= factor;
      },
      b,
    );
    expect(result).toMatchObject({ reason: "stalled", iterations: 0 });
    expect(result.backwardError).toBeLessThan(1e-6);
    expect(x[0]).toBeCloseTo(sparseSolveInto(new Float64Array(9), F, b)[0], 5);
  });

  it("throws on wrong shapes and options", () => {
    const A = laplacian2d(2);
    const b = new Float64Array(4);
    const solve = (out: Vector, r: Vector) => out.set(r);
    expect(() => iterativeRefinementInto(b, A, solve, b)).toThrow("argument `x` is the same array as b");
    expect(() => iterativeRefinementInto(new Float64Array(3), A, solve, b)).toThrow("argument `x` is of length 3");
    expect(() => iterativeRefinementInto(new Float64Array(4), A, solve, new Float64Array(4).fill(Number.NaN))).toThrow(
      "argument `b` is NaN",
    );
    expect(() => iterativeRefinementInto(new Float64Array(4), A, solve, b, { maxIterations: -1 })).toThrow(
      "maxIterations",
    );
    expect(() => iterativeRefinementInto(new Float64Array(4), A, solve, b, { steps: 1 } as never)).toThrow(
      "not an option",
    );
  });
});
