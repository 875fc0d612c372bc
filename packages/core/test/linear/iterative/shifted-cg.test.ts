import { describe, expect, it } from "vitest";
import { choleskyFactorize, choleskySolveInto } from "../../../src/linear/dense/cholesky.js";
import { krylovSpace } from "../../../src/linear/iterative/lanczos.js";
import { operatorFrom, operatorFromFunction } from "../../../src/linear/iterative/operator.js";
import {
  shiftedConjugateGradient,
  shiftedSolutionInto,
  shiftedSystems,
} from "../../../src/linear/iterative/shifted-cg.js";
import type { DenseMatrix } from "../../../src/linear/matrix.js";
import { dot, norm2 } from "../../../src/linear/vec.js";
import { randomVector } from "../dense-for-tests.js";
import { breakingAt, counting, diagonalOperator, spectrumOperator, withSpectrum } from "../operators-for-tests.js";

const upTo = (n: number) => Array.from({ length: n }, (_, k) => k);
const grid = (from: number, to: number) => upTo(2 * (to - from) + 1).map((i) => 10 ** (from + i / 2));
const n = 40;
const b = randomVector(n);

const shifted = (D: DenseMatrix, lambda: number): DenseMatrix => {
  const data = D.data.slice();
  for (let i = 0; i < D.rows; i++) data[i * D.cols + i] += lambda;
  return { ...D, data };
};

describe("shiftedConjugateGradient", () => {
  it.each(["short recurrences", "a kept space"])("solves for many shifts as Cholesky does, by %s", (kind) => {
    const D = withSpectrum(upTo(n).map((i) => 0.5 + i));
    const systems = shiftedSystems(n, grid(-10, 20));
    const A = counting(operatorFrom(D, { symmetric: true }));
    const space = kind === "a kept space" ? { space: krylovSpace(n, n) } : {};
    shiftedConjugateGradient(systems, A, b, { tolerance: 1e-13, ...space });
    expect(systems.products).toBe(A.products);
    expect(A.products).toBeLessThanOrEqual(60);
    const x = new Float64Array(n);
    for (const [i, lambda] of systems.shifts.entries()) {
      expect(systems.outcomes[i]).toBe("converged");
      const wanted = choleskySolveInto(new Float64Array(n), choleskyFactorize(shifted(D, lambda)), b);
      shiftedSolutionInto(x, systems, i);
      const error = norm2(x.map((v, j) => v - wanted[j]));
      expect(error).toBeLessThan(1e-10 * norm2(wanted));
      expect(systems.norms[i] / norm2(x)).toBeCloseTo(1, 9);
    }
  });

  it("takes one product an iteration for all shifts, as many as there are different eigenvalues", () => {
    for (const k of [1, 2, 5, 8]) {
      const A = counting(spectrumOperator(upTo(n).map((i) => 1 + (i % k))));
      const systems = shiftedConjugateGradient(shiftedSystems(n, grid(-4, 0)), A, b, { tolerance: 1e-10 });
      expect(A.products).toBe(k);
      expect(systems.outcomes.every((outcome) => outcome === "converged")).toBe(true);
    }
  });

  it("ends each shift that leaves negative curvature, and those only", () => {
    const d = upTo(n).map((i) => i - 3.2);
    const systems = shiftedSystems(n, [0, 1, 3, 3.1, 3.3, 4, 10]);
    shiftedConjugateGradient(systems, spectrumOperator(d), b, { tolerance: 1e-12 });
    expect(systems.outcomes).toEqual([...new Array(4).fill("negativeCurvature"), ...new Array(3).fill("converged")]);
    const x = shiftedSolutionInto(new Float64Array(n), systems, 4);
    const D = shifted(withSpectrum(d), 3.3);
    const wanted = choleskySolveInto(new Float64Array(n), choleskyFactorize(D), b);
    expect(norm2(x.map((v, i) => v - wanted[i]))).toBeLessThan(1e-8 * norm2(wanted));
    // Zero curvature counts too.
    const flat = shiftedConjugateGradient(shiftedSystems(2, [0, 1]), diagonalOperator([0, 0]), Float64Array.of(3, 4));
    expect(flat.outcomes).toEqual(["negativeCurvature", "converged"]);
    expect(Array.from(flat.norms)).toEqual([0, 5]);
  });

  it("gives up a shift whose solution is too long, while the others go on", () => {
    const d = upTo(n).map((i) => 1e-3 + i);
    const longest = (shift: number) => 1e6 * shift;
    const systems = shiftedSystems(n, grid(-8, 8));
    shiftedConjugateGradient(systems, diagonalOperator(d), b, { longest, tolerance: 1e-12 });
    for (const [i, lambda] of systems.shifts.entries()) {
      const length = Math.sqrt(b.reduce((sum, v, j) => sum + (v / (d[j] + lambda)) ** 2, 0));
      expect(systems.outcomes[i]).toBe(length > longest(lambda) ? "tooLong" : "converged");
    }
    expect(new Set(systems.outcomes).size).toBe(2);
  });

  it("keeps the iterates of shifts that products didn't suffice for: descent directions with the model known", () => {
    const D = withSpectrum(upTo(n).map((i) => 10 ** (i / 8)));
    const systems = shiftedSystems(n, grid(-4, 6));
    const A = operatorFrom(D, { symmetric: true });
    shiftedConjugateGradient(systems, A, b, { maxIterations: 5, tolerance: 1e-8 });
    expect(systems.products).toBe(5);
    expect(new Set(systems.outcomes)).toEqual(new Set(["budget", "converged"]));
    for (const [i, lambda] of systems.shifts.entries()) {
      const x = shiftedSolutionInto(new Float64Array(n), systems, i);
      const Ax = A.applyInto(new Float64Array(n), x);
      const r = b.map((v, j) => v - Ax[j] - lambda * x[j]);
      expect(dot(b, x)).toBeGreaterThan(0);
      expect(Math.abs(dot(x, r))).toBeLessThan(1e-12 * norm2(x) * norm2(b));
      expect(Math.abs(systems.residualNorms[i] - norm2(r))).toBeLessThan(1e-11 * norm2(b));
      expect(systems.norms[i] / norm2(x)).toBeCloseTo(1, 11);
    }
  });

  it("uses its memory again without a trace of what was there", () => {
    const systems = shiftedSystems(n, grid(-3, 3));
    const d = upTo(n).map((i) => 1 + i);
    shiftedConjugateGradient(systems, spectrumOperator(d), b);
    const first = systems.shifts.map((_, i) => norm2(shiftedSolutionInto(new Float64Array(n), systems, i)));
    shiftedConjugateGradient(systems, spectrumOperator(d.map((v) => -v)), randomVector(n));
    shiftedConjugateGradient(systems, diagonalOperator(new Array(n).fill(1)), b);
    expect(systems.products).toBe(1);
    for (const [i, lambda] of systems.shifts.entries()) {
      const x = shiftedSolutionInto(new Float64Array(n), systems, i);
      for (let j = 0; j < n; j++) expect(x[j]).toBeCloseTo(b[j] / (1 + lambda), 14);
    }
    shiftedConjugateGradient(systems, spectrumOperator(d), b);
    expect(systems.shifts.map((_, i) => norm2(shiftedSolutionInto(new Float64Array(n), systems, i)))).toEqual(first);
  });

  it.each(["short recurrences", "a kept space"])("breaks down where a product isn't finite, by %s", (kind) => {
    const A = breakingAt(4, spectrumOperator(upTo(n).map((i) => 1 + i)));
    const space = kind === "a kept space" ? { space: krylovSpace(n, n) } : {};
    const systems = shiftedConjugateGradient(shiftedSystems(n, [0, 1]), A, b, space);
    expect(systems).toMatchObject({ breakdown: true, outcomes: ["budget", "budget"], products: 4 });
    expect(shiftedSolutionInto(new Float64Array(n), systems, 1).every(Number.isFinite)).toBe(true);
  });

  it("ends when the kept space is full", () => {
    const A = spectrumOperator(upTo(n).map((i) => 1 + i));
    const systems = shiftedConjugateGradient(shiftedSystems(n, [0]), A, b, { space: krylovSpace(n, 3) });
    expect(systems).toMatchObject({ breakdown: false, outcomes: ["budget"], products: 3 });
  });

  it("answers nothing for nothing", () => {
    const systems = shiftedConjugateGradient(
      shiftedSystems(3, [0, 1]),
      diagonalOperator([1, 2, 3]),
      new Float64Array(3),
    );
    expect(systems).toMatchObject({ products: 0, outcomes: ["converged", "converged"] });
    expect(shiftedSolutionInto(new Float64Array(3).fill(7), systems, 0)).toEqual(new Float64Array(3));
    expect(shiftedConjugateGradient(shiftedSystems(0, [1]), diagonalOperator([]), new Float64Array()).products).toBe(0);
  });

  it("throws on misuse", () => {
    const routine = "shiftedConjugateGradient: argument";
    const A = diagonalOperator([1, 2, 3]);
    const v = new Float64Array(3);
    const systems = shiftedSystems(3, [0, 1]);
    expect(() => shiftedSystems(3, [1, 1])).toThrow(
      "shiftedSystems: argument `shifts` is 1 after 1; wanted ascending numbers.",
    );
    expect(() => shiftedSystems(3, [Number.NaN])).toThrow("shiftedSystems: argument `shifts` is NaN at index 0");
    expect(() => shiftedSystems(-1, [])).toThrow("shiftedSystems: argument `n` is -1");
    expect(() => shiftedConjugateGradient(systems, diagonalOperator([1, 2]), v)).toThrow(
      `${routine} \`A\` is 2 × 2; wanted 3 × 3, as the systems are.`,
    );
    expect(() => shiftedConjugateGradient(systems, A, new Float64Array(2))).toThrow(
      `${routine} \`b\` is of length 2; wanted length 3.`,
    );
    expect(() => shiftedConjugateGradient(systems, A, v.slice().fill(Number.NaN))).toThrow(
      `${routine} \`b\` is NaN at index 0; wanted finite numbers.`,
    );
    expect(() => shiftedConjugateGradient(systems, A, v, { tolerance: -1 })).toThrow(
      `${routine} \`tolerance\` is -1; wanted a number >= 0.`,
    );
    expect(() => shiftedConjugateGradient(systems, A, v, { steps: 1 } as never)).toThrow(
      `${routine} \`options.steps\` is not an option; wanted one of tolerance, maxIterations, longest, space.`,
    );
    expect(() => shiftedConjugateGradient(systems, A, v, { space: krylovSpace(2, 2) })).toThrow("startKrylov");
    expect(() =>
      shiftedConjugateGradient(
        systems,
        operatorFromFunction(3, () => {}, { symmetric: false }),
        v,
      ),
    ).toThrow(`${routine} \`A\` is not symmetric by its traits`);
    expect(() => shiftedSolutionInto(v, systems, 2)).toThrow("shiftedSolutionInto: argument `i` is 2");
    expect(() => shiftedSolutionInto(new Float64Array(2), systems, 0)).toThrow("`out` is of length 2");
  });
});
