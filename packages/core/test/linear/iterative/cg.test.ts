import { Matrix, solve } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { conjugateGradientInto } from "../../../src/linear/iterative/cg.js";
import { operatorFromFunction } from "../../../src/linear/iterative/operator.js";
import { dot, norm2 } from "../../../src/linear/vec.js";
import { randomVector } from "../dense-for-tests.js";
import {
  breakingAt,
  counting,
  diagonalOperator,
  gridOperator,
  residualOf,
  spectrumOperator,
  withSpectrum,
} from "../operators-for-tests.js";

const upTo = (n: number) => Array.from({ length: n }, (_, k) => k);
const b = randomVector(60);

describe("conjugateGradientInto", () => {
  it.each([1, 2, 3, 5, 8])("ends after %i steps with as many different eigenvalues", (k) => {
    const A = counting(spectrumOperator(upTo(60).map((i) => 1 + (i % k))));
    const x = new Float64Array(60);
    const result = conjugateGradientInto(x, A, b);
    expect(result).toMatchObject({ reason: "converged", iterations: k });
    expect(A.products).toBe(k);
    expect(residualOf(A, x, b)).toBeLessThan(1e-9 * norm2(b));
  });

  it("solves as ml-matrix does", () => {
    const D = withSpectrum(upTo(30).map((i) => 0.5 + i));
    const rhs = randomVector(30);
    const x = new Float64Array(30);
    conjugateGradientInto(x, spectrumOperator(upTo(30).map((i) => 0.5 + i)), rhs, { tolerance: 1e-14 });
    const rows = upTo(30).map((i) => Array.from(D.data.subarray(30 * i, 30 * i + 30)));
    const wanted = solve(new Matrix(rows), Matrix.columnVector(Array.from(rhs))).to1DArray();
    for (let i = 0; i < 30; i++) expect(x[i]).toBeCloseTo(wanted[i], 11);
  });

  it("comes nearer in the energy norm with each step, within Chebyshev's bound, and reports its model", () => {
    const m = 12;
    const n = m * m;
    const A = gridOperator(m);
    const wanted = randomVector(n);
    const rhs = A.applyInto(new Float64Array(n), wanted);
    const energy = (x: Float64Array) => {
      const e = wanted.map((v, i) => v - x[i]);
      return Math.sqrt(dot(e, A.applyInto(new Float64Array(n), e)));
    };
    const condition = 1 / Math.tan(Math.PI / (2 * (m + 1))) ** 2;
    const rate = (Math.sqrt(condition) - 1) / (Math.sqrt(condition) + 1);
    const first = energy(new Float64Array(n));
    let last = first;
    let length = 0;
    for (let k = 1; k <= 40; k++) {
      const x = new Float64Array(n);
      const result = conjugateGradientInto(x, A, rhs, { maxIterations: k, tolerance: 0 });
      expect(result).toMatchObject({ reason: "budget", iterations: k });
      const now = energy(x);
      expect(now).toBeLessThan(last);
      expect(now).toBeLessThanOrEqual(2 * rate ** k * first * (1 + 1e-12));
      // ‖x‖ grows (Steihaug 1983, Theorem 2.1); norm, residual and decrease are those of x.
      expect(result.norm).toBeGreaterThan(length);
      expect(result.norm).toBeCloseTo(norm2(x), 10);
      expect(result.residualNorm).toBeCloseTo(residualOf(A, x, rhs), 10);
      expect(result.decrease).toBeCloseTo(dot(rhs, x) - 0.5 * dot(x, A.applyInto(new Float64Array(n), x)), 10);
      expect(result.leastCurvature).toBeGreaterThan(8 * Math.sin(Math.PI / (2 * (m + 1))) ** 2 * (1 - 1e-12));
      last = now;
      length = result.norm;
    }
  });

  it("with the inverse for a preconditioner takes one step", () => {
    const d = upTo(60).map((i) => 10 ** (i / 10));
    const x = new Float64Array(60);
    const precondition = (out: Float64Array, r: Float64Array) => {
      for (let i = 0; i < 60; i++) out[i] = r[i] / d[i];
    };
    expect(conjugateGradientInto(x, diagonalOperator(d), b, { precondition })).toMatchObject({
      reason: "converged",
      iterations: 1,
    });
    for (let i = 0; i < 60; i++) expect(x[i]).toBeCloseTo(b[i] / d[i], 12);
  });

  it("keeps to the radius in the preconditioner's norm, where the step is the one on the boundary", () => {
    const d = upTo(60).map((i) => 1 + i);
    const M = upTo(60).map((i) => 2 + Math.sin(i));
    const precondition = (out: Float64Array, r: Float64Array) => {
      for (let i = 0; i < 60; i++) out[i] = r[i] / M[i];
    };
    const size = (x: Float64Array) => Math.sqrt(x.reduce((sum, v, i) => sum + M[i] * v * v, 0));
    const free = new Float64Array(60);
    conjugateGradientInto(free, diagonalOperator(d), b, { precondition });
    for (const share of [0.01, 0.3, 0.7, 0.99]) {
      const x = new Float64Array(60);
      const radius = share * size(free);
      const result = conjugateGradientInto(x, diagonalOperator(d), b, { precondition, radius });
      expect(result.reason).toBe("boundary");
      expect(size(x)).toBeCloseTo(radius, 10);
      expect(result.norm).toBeCloseTo(radius, 10);
      const q = x.reduce((sum, v, i) => sum + 0.5 * d[i] * v * v - b[i] * v, 0);
      expect(result.decrease).toBeCloseTo(-q, 10);
      expect(result.residualNorm).toBeCloseTo(residualOf(diagonalOperator(d), x, b), 10);
    }
    const wide = conjugateGradientInto(new Float64Array(60), diagonalOperator(d), b, { precondition, radius: 1e9 });
    expect(wide.reason).toBe("converged");
  });

  it("hands out a direction of negative curvature, and goes along it to the boundary where there is one", () => {
    const d = upTo(60).map((i) => i - 4.5);
    const A = spectrumOperator(d);
    const x = new Float64Array(60);
    const { reason, direction, leastCurvature } = conjugateGradientInto(x, A, b);
    expect(reason).toBe("negativeCurvature");
    const p = direction ?? new Float64Array(60);
    const curvature = dot(p, A.applyInto(new Float64Array(60), p)) / dot(p, p);
    expect(curvature).toBeLessThanOrEqual(0);
    expect(leastCurvature / curvature).toBeCloseTo(1, 8);
    expect(leastCurvature).toBeGreaterThan(-4.5);
    const bounded = conjugateGradientInto(x, A, b, { radius: 3 });
    expect(bounded.reason).toBe("negativeCurvature");
    expect(norm2(x)).toBeCloseTo(3, 12);
    const q = 0.5 * dot(x, A.applyInto(new Float64Array(60), x)) - dot(b, x);
    expect(bounded.decrease).toBeCloseTo(-q, 10);
    // Zero curvature counts too.
    expect(conjugateGradientInto(x, diagonalOperator(new Array(60).fill(0)), b, { radius: 3 }).decrease).toBeCloseTo(
      3 * norm2(b),
      10,
    );
  });

  it("does not mind the size of b or A", () => {
    const d = upTo(60).map((i) => 1 + (i % 4));
    for (const [sizeA, sizeB] of [
      [1, 1e-250],
      [1, 1e250],
      [1e-150, 1e-150],
      [1e150, 1e150],
      [1e120, 1e-180],
    ]) {
      const rhs = b.map((v) => v * sizeB);
      const x = new Float64Array(60);
      const A = diagonalOperator(d.map((v) => v * sizeA));
      expect(conjugateGradientInto(x, A, rhs)).toMatchObject({ reason: "converged", iterations: 4 });
      for (let i = 0; i < 60; i++) expect((x[i] * d[i] * (sizeA / sizeB)) / b[i]).toBeCloseTo(1, 8);
      const radius = (0.1 * norm2(b) * sizeB) / sizeA;
      expect(conjugateGradientInto(x, A, rhs, { radius }).reason).toBe("boundary");
      expect(norm2(x) / radius).toBeCloseTo(1, 12);
    }
  });

  it("breaks down where a product isn't finite or the preconditioner isn't definite, and keeps the point before", () => {
    const A = spectrumOperator(upTo(60).map((i) => 1 + i));
    const before = new Float64Array(60);
    conjugateGradientInto(before, A, b, { maxIterations: 3, tolerance: 0 });
    const x = new Float64Array(60);
    expect(conjugateGradientInto(x, breakingAt(4, A), b)).toMatchObject({ reason: "breakdown", iterations: 4 });
    expect(x).toEqual(before);
    const minus = (out: Float64Array, r: Float64Array) => out.set(r.map((v) => -v));
    expect(conjugateGradientInto(x, A, b, { precondition: minus })).toMatchObject({
      reason: "breakdown",
      iterations: 0,
    });
    const nan = (out: Float64Array) => out.fill(Number.NaN);
    expect(conjugateGradientInto(x, A, b, { precondition: nan }).reason).toBe("breakdown");
    expect(x.every((v) => v === 0)).toBe(true);
    const huge = diagonalOperator(new Array(60).fill(1e-300));
    expect(
      conjugateGradientInto(
        x,
        huge,
        b.map((v) => 1e200 * v),
      ).reason,
    ).toBe("breakdown");
  });

  it("answers nothing for nothing", () => {
    expect(conjugateGradientInto(new Float64Array(), diagonalOperator([]), new Float64Array()).reason).toBe(
      "converged",
    );
    const zero = conjugateGradientInto(new Float64Array(60), diagonalOperator(b), new Float64Array(60), { radius: 1 });
    expect(zero).toMatchObject({ reason: "converged", iterations: 0, norm: 0, decrease: 0 });
  });

  it("throws on misuse", () => {
    const A = diagonalOperator(upTo(3));
    const v = () => new Float64Array(3);
    const routine = "conjugateGradientInto: argument";
    expect(() => conjugateGradientInto(v(), A, new Float64Array(2))).toThrow(
      `${routine} \`b\` is of length 2; wanted length 3, the rows of A.`,
    );
    expect(() => conjugateGradientInto(new Float64Array(2), A, v())).toThrow(
      `${routine} \`out\` is of length 2; wanted length 3, the columns of A.`,
    );
    expect(() => conjugateGradientInto(v(), A, v().fill(Number.NaN))).toThrow(
      `${routine} \`b\` is NaN at index 0; wanted finite numbers.`,
    );
    const same = v();
    expect(() => conjugateGradientInto(same, A, same)).toThrow(
      `${routine} \`out\` is the same array as b; wanted memory of its own.`,
    );
    expect(() => conjugateGradientInto(v(), A, v(), { tolerance: -1 })).toThrow(
      `${routine} \`tolerance\` is -1; wanted a number >= 0.`,
    );
    expect(() => conjugateGradientInto(v(), A, v(), { maxIterations: Number.NaN })).toThrow(
      `${routine} \`maxIterations\` is NaN; wanted a number >= 0.`,
    );
    expect(() => conjugateGradientInto(v(), A, v(), { damp: 1 } as never)).toThrow(
      `${routine} \`options.damp\` is not an option; wanted one of tolerance, maxIterations, precondition, radius.`,
    );
    expect(() =>
      conjugateGradientInto(
        v(),
        operatorFromFunction(3, () => {}, { symmetric: false }),
        v(),
      ),
    ).toThrow(
      `${routine} \`A\` is not symmetric by its traits; wanted a symmetric operator. Use gmresInto or lsmrInto.`,
    );
  });
});
