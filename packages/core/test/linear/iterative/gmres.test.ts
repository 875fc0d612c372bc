import { Matrix, solve } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { gmresInto } from "../../../src/linear/iterative/gmres.js";
import { operatorFrom, operatorFromFunction } from "../../../src/linear/iterative/operator.js";
import { norm2 } from "../../../src/linear/vec.js";
import { random, randomVector } from "../dense-for-tests.js";
import { breakingAt, counting, diagonalOperator, residualOf } from "../operators-for-tests.js";

const upTo = (n: number) => Array.from({ length: n }, (_, k) => k);
const cyclic = (n: number, diagonal = 0) =>
  operatorFromFunction(n, (out, x) => {
    for (let i = 0; i < n; i++) out[i] = x[(i + 1) % n] + diagonal * x[i];
  });

describe("gmresInto", () => {
  it.each([1, 2, 5, 20, 40])("is exact after at most n = %i steps without a restart, as ml-matrix is", (n) => {
    const D = random(n, n, 3);
    const b = randomVector(n);
    const A = counting(operatorFrom(D));
    const x = new Float64Array(n);
    const result = gmresInto(x, A, b, { restart: n, tolerance: 1e-12 });
    expect(result.reason).toBe("converged");
    expect(result.iterations).toBeLessThanOrEqual(n);
    // One more product for the residual.
    expect(A.products).toBe(result.iterations + 1);
    const rows = upTo(n).map((i) => Array.from(D.data.subarray(n * i, n * i + n)));
    const wanted = solve(new Matrix(rows), Matrix.columnVector(Array.from(b))).to1DArray();
    for (let i = 0; i < n; i++) expect(x[i]).toBeCloseTo(wanted[i], 8);
  });

  it("makes no progress before step n with a cyclic shift, and is done then", () => {
    const e = new Float64Array(12);
    e[0] = 1;
    const x = new Float64Array(12);
    const early = gmresInto(x, cyclic(12), e, { restart: 12, maxIterations: 11 });
    expect(early.residualNorm).toBeCloseTo(1, 14);
    expect(gmresInto(x, cyclic(12), e, { restart: 12 })).toMatchObject({ reason: "converged", iterations: 12 });
    expect(gmresInto(x, cyclic(12), e, { restart: 11 })).toMatchObject({ reason: "breakdown", iterations: 11 });
    expect(x.every((v) => v === 0)).toBe(true);
  });

  it("has residuals that never grow, over restarts too", () => {
    const A = cyclic(50, 3);
    const b = randomVector(50);
    let last = norm2(b);
    for (let k = 1; k <= 60; k++) {
      const x = new Float64Array(50);
      const { residualNorm } = gmresInto(x, A, b, { restart: 7, maxIterations: k });
      expect(residualOf(A, x, b)).toBeCloseTo(residualNorm, 12);
      expect(residualNorm).toBeLessThanOrEqual(last * (1 + 1e-12));
      last = residualNorm;
    }
    expect(last).toBeLessThan(1e-9);
  });

  it("takes a preconditioner from the right: with the inverse one step is enough, and the residual is the system's own", () => {
    const d = upTo(40).map((i) => 10 ** ((i % 20) / 2 - 5));
    const b = randomVector(40);
    const precondition = (out: Float64Array, r: Float64Array) => {
      for (let i = 0; i < 40; i++) out[i] = r[i] / d[i];
    };
    const x = new Float64Array(40);
    const result = gmresInto(x, diagonalOperator(d), b, { precondition });
    expect(result).toMatchObject({ reason: "converged", iterations: 1 });
    expect(residualOf(diagonalOperator(d), x, b)).toBeCloseTo(result.residualNorm, 14);
  });

  it("solves a consistent singular system, and breaks down at one that isn't, with a sensible x", () => {
    const d = upTo(30).map((i) => (i < 3 ? 0 : i));
    const b = randomVector(30);
    const x = new Float64Array(30);
    expect(
      gmresInto(
        x,
        diagonalOperator(d),
        b.map((v, i) => (i < 3 ? 0 : v)),
      ).reason,
    ).toBe("converged");
    for (let i = 3; i < 30; i++) expect(x[i]).toBeCloseTo(b[i] / i, 8);
    const result = gmresInto(x, diagonalOperator(d), b);
    expect(result.reason).toBe("breakdown");
    expect(result.residualNorm).toBeCloseTo(norm2(b.slice(0, 3)), 6);
    expect(norm2(x)).toBeLessThan(1e6);
    // A nilpotent matrix: A b = 0.
    const nilpotent = operatorFromFunction(2, (out, v) => out.set([v[1], 0]));
    expect(gmresInto(new Float64Array(2), nilpotent, Float64Array.of(1, 0))).toEqual({
      reason: "breakdown",
      iterations: 1,
      residualNorm: 1,
    });
  });

  it("breaks down where a product isn't finite, and keeps the point of the last restart", () => {
    const A = cyclic(20, 2);
    const b = randomVector(20);
    const before = new Float64Array(20);
    expect(gmresInto(before, A, b, { restart: 4, maxIterations: 4 }).reason).toBe("budget");
    for (const k of [6, 7, 9, 10]) {
      // Products 5 and 10 are those of the residuals.
      const x = new Float64Array(20);
      expect(gmresInto(x, breakingAt(k, A), b, { restart: 4 }).reason).toBe("breakdown");
      expect(x).toEqual(before);
    }
    expect(gmresInto(new Float64Array(20), A, b, { precondition: (out) => out.fill(Number.NaN) }).reason).toBe(
      "breakdown",
    );
  });

  it("answers nothing for nothing", () => {
    expect(gmresInto(new Float64Array(), cyclic(0), new Float64Array()).reason).toBe("converged");
    expect(gmresInto(new Float64Array(4), cyclic(4), new Float64Array(4)).iterations).toBe(0);
  });

  it("throws on misuse", () => {
    const v = () => new Float64Array(3);
    expect(() => gmresInto(v(), cyclic(3), v(), { restart: 0 })).toThrow(
      "gmresInto: argument `restart` is 0; wanted an integer >= 1.",
    );
    expect(() => gmresInto(v(), cyclic(3), v(), { radius: 1 } as never)).toThrow(
      "gmresInto: argument `options.radius` is not an option; wanted one of tolerance, maxIterations, restart, precondition.",
    );
  });
});
