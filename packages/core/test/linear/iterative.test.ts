// CG, MINRES, GMRES and LSMR on matrices whose spectrum and solutions are known.
import { describe, expect, it } from "vitest";
import { conjugateGradientInto } from "../../src/linear/cg.js";
import { gmresInto } from "../../src/linear/gmres.js";
import { lsmrInto } from "../../src/linear/lsmr.js";
import { type DenseMatrix, denseMatrix, type LinearOperator } from "../../src/linear/matrix.js";
import { minresInto } from "../../src/linear/minres.js";
import { operatorFrom, operatorFromFunction, shiftedOperator } from "../../src/linear/operator.js";
import { svd, svdSolveInto } from "../../src/linear/svd.js";
import { norm2 } from "../../src/linear/vec.js";

const n = 40;
const diagonal = (d: ArrayLike<number>): LinearOperator =>
  operatorFromFunction(
    d.length,
    (out, x) => {
      for (let i = 0; i < d.length; i++) out[i] = d[i]! * x[i]!;
    },
    { symmetric: true },
  );
const b = Float64Array.from({ length: n }, (_, i) => Math.cos(3 * i) + 0.2);
const residual = (A: LinearOperator, x: Float64Array, rhs = b) =>
  norm2(A.applyInto(new Float64Array(A.rows), x).map((v, i) => rhs[i]! - v));
/** The second-difference matrix: eigenvalues 2 − 2 cos(kπ/(n + 1)). */
const laplacian = operatorFromFunction(
  n,
  (out, x) => {
    for (let i = 0; i < n; i++) out[i] = 2 * x[i]! - (i > 0 ? x[i - 1]! : 0) - (i + 1 < n ? x[i + 1]! : 0);
  },
  { symmetric: true, positiveDefinite: true },
);

describe("conjugateGradientInto", () => {
  it("takes as many steps as there are different eigenvalues", () => {
    const A = diagonal(Array.from({ length: n }, (_, i) => 1 + (i % 3)));
    const x = new Float64Array(n);
    const result = conjugateGradientInto(x, A, b);
    expect(result).toMatchObject({ reason: "converged", iterations: 3 });
    for (let i = 0; i < n; i++) expect(x[i]).toBeCloseTo(b[i]! / (1 + (i % 3)), 10);
  });

  it("solves the second-difference system, plain and preconditioned, and gives the quadratic's decrease", () => {
    for (const precondition of [undefined, (out: Float64Array, r: Float64Array) => out.set(r.map((v) => v / 2))]) {
      const x = new Float64Array(n);
      const result = conjugateGradientInto(x, laplacian, b, precondition === undefined ? {} : { precondition });
      expect(result.reason).toBe("converged");
      expect(residual(laplacian, x)).toBeLessThan(1e-9 * norm2(b));
      expect(result.decrease).toBeCloseTo(0.5 * x.reduce((sum, v, i) => sum + v * b[i]!, 0), 6);
    }
  });

  it("stops at the boundary, at negative curvature, on a budget and on a product that isn't finite", () => {
    const x = new Float64Array(n);
    const boundary = conjugateGradientInto(x, laplacian, b, { radius: 0.1 });
    expect(boundary.reason).toBe("boundary");
    expect(norm2(x)).toBeCloseTo(0.1, 12);
    const indefinite = diagonal(Array.from({ length: n }, (_, i) => i - 3));
    expect(conjugateGradientInto(x, indefinite, b).reason).toBe("negativeCurvature");
    const step = conjugateGradientInto(x, indefinite, b, { radius: 5 });
    expect(norm2(x)).toBeCloseTo(5, 10);
    const q = 0.5 * x.reduce((sum, v, i) => sum + (i - 3) * v * v, 0) - x.reduce((sum, v, i) => sum + v * b[i]!, 0);
    expect(step.decrease).toBeCloseTo(-q, 8);
    expect(conjugateGradientInto(x, laplacian, b, { maxIterations: 2 })).toMatchObject({
      reason: "budget",
      iterations: 2,
    });
    expect(conjugateGradientInto(x, diagonal(b.map(() => Number.NaN)), b)).toMatchObject({ reason: "breakdown" });
    expect(Array.from(x)).toEqual(new Array(n).fill(0));
  });

  it("answers 0 for b = 0", () => {
    expect(conjugateGradientInto(new Float64Array(n), laplacian, new Float64Array(n))).toMatchObject({
      reason: "converged",
      iterations: 0,
    });
  });
});

describe("minresInto", () => {
  it("solves indefinite systems, with residuals that never grow", () => {
    const A = diagonal(Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 1 : -1) * (1 + i)));
    let last = Number.POSITIVE_INFINITY;
    for (const maxIterations of [1, 3, 6, 10, 20, 100]) {
      const x = new Float64Array(n);
      const result = minresInto(x, A, b, { maxIterations });
      expect(residual(A, x)).toBeCloseTo(result.residualNorm, 8);
      expect(result.residualNorm).toBeLessThanOrEqual(last * (1 + 1e-12));
      last = result.residualNorm;
    }
    expect(last).toBeLessThan(1e-9 * norm2(b));
  });

  it("solves a shifted system, and a consistent singular one with least norm", () => {
    const x = new Float64Array(n);
    expect(minresInto(x, laplacian, b, { shift: -1.234 }).reason).toBe("converged");
    expect(residual(shiftedOperator(laplacian, -1.234), x)).toBeLessThan(1e-8);
    const singular = diagonal(Array.from({ length: n }, (_, i) => (i < 5 ? 0 : i)));
    const consistent = b.map((v, i) => (i < 5 ? 0 : v));
    expect(minresInto(x, singular, consistent).reason).toBe("converged");
    for (let i = 0; i < n; i++) expect(x[i]).toBeCloseTo(i < 5 ? 0 : b[i]! / i, 8);
  });

  it("says budget and breakdown", () => {
    expect(minresInto(new Float64Array(n), laplacian, b, { maxIterations: 1 }).reason).toBe("budget");
    expect(minresInto(new Float64Array(n), diagonal(b.map(() => Number.NaN)), b).reason).toBe("breakdown");
  });
});

describe("gmresInto", () => {
  const rotation = operatorFromFunction(n, (out, x) => {
    for (let i = 0; i < n; i++) out[i] = x[(i + 1) % n]! + 0.3 * x[i]!;
  });

  it("is exact after n steps without a restart", () => {
    const x = new Float64Array(n);
    const result = gmresInto(x, rotation, b, { restart: n });
    expect(result.reason).toBe("converged");
    expect(result.iterations).toBeLessThanOrEqual(n);
    expect(residual(rotation, x)).toBeLessThan(1e-9 * norm2(b));
  });

  it("restarts, and takes a preconditioner from the right", () => {
    const d = Array.from({ length: n }, (_, i) => 1 + i);
    const A = operatorFromFunction(n, (out, x) => {
      for (let i = 0; i < n; i++) out[i] = d[i]! * x[i]! + 0.5 * x[(i + 1) % n]!;
    });
    const x = new Float64Array(n);
    expect(gmresInto(x, A, b, { restart: 10, maxIterations: 2000 }).reason).toBe("converged");
    expect(residual(A, x)).toBeLessThan(1e-8);
    const preconditioned = gmresInto(x, A, b, {
      restart: 10,
      precondition: (out, r) => out.set(r.map((v, i) => v / d[i]!)),
    });
    expect(preconditioned.reason).toBe("converged");
    expect(preconditioned.iterations).toBeLessThan(30);
  });

  it("says budget, and breakdown where a restart gains nothing or a product isn't finite", () => {
    expect(gmresInto(new Float64Array(n), rotation, b, { maxIterations: 3 }).reason).toBe("budget");
    // A cyclic shift: GMRES(1) makes no progress on e₁.
    const shift = operatorFromFunction(3, (out, x) => {
      out[0] = x[1]!;
      out[1] = x[2]!;
      out[2] = x[0]!;
    });
    expect(gmresInto(new Float64Array(3), shift, Float64Array.of(1, 0, 0), { restart: 1 }).reason).toBe("breakdown");
    expect(gmresInto(new Float64Array(n), diagonal(b.map(() => Number.NaN)), b).reason).toBe("breakdown");
  });
});

describe("lsmrInto", () => {
  const tall: DenseMatrix = denseMatrix(
    30,
    8,
    Float64Array.from({ length: 240 }, (_, i) => Math.sin(i * i)),
  );
  const rhs = Float64Array.from({ length: 30 }, (_, i) => Math.cos(i));

  it("agrees with the singular value decomposition: full rank, rank-deficient, damped", () => {
    const x = new Float64Array(8);
    const wanted = new Float64Array(8);
    expect(lsmrInto(x, operatorFrom(tall), rhs, { tolerance: 1e-13 }).reason).toBe("converged");
    svdSolveInto(wanted, svd(tall), rhs);
    for (let i = 0; i < 8; i++) expect(x[i]).toBeCloseTo(wanted[i]!, 9);
    const deficient = denseMatrix(
      30,
      8,
      tall.data.map((v, k) => (k % 8 === 7 ? tall.data[k - 1]! : v)),
    );
    lsmrInto(x, operatorFrom(deficient), rhs, { tolerance: 1e-13 });
    svdSolveInto(wanted, svd(deficient), rhs);
    for (let i = 0; i < 8; i++) expect(x[i]).toBeCloseTo(wanted[i]!, 8);
    // Damping is the same problem with damp · I below A.
    const stacked = denseMatrix(38, 8);
    stacked.data.set(tall.data);
    for (let i = 0; i < 8; i++) stacked.data[(30 + i) * 8 + i] = 0.7;
    lsmrInto(x, operatorFrom(tall), rhs, { damp: 0.7, tolerance: 1e-13 });
    svdSolveInto(wanted, svd(stacked), Float64Array.of(...rhs, ...new Float64Array(8)));
    for (let i = 0; i < 8; i++) expect(x[i]).toBeCloseTo(wanted[i]!, 9);
  });

  it("says budget and breakdown", () => {
    expect(lsmrInto(new Float64Array(8), operatorFrom(tall), rhs, { maxIterations: 1 }).reason).toBe("budget");
    const broken = { ...operatorFrom(tall), applyInto: (out: Float64Array) => out.fill(Number.NaN) };
    expect(lsmrInto(new Float64Array(8), broken, rhs).reason).toBe("breakdown");
  });
});

describe("misuse", () => {
  it("throws on shapes and traits that don't fit", () => {
    const wide = operatorFrom(denseMatrix(2, 3));
    expect(() => conjugateGradientInto(new Float64Array(3), wide, new Float64Array(2))).toThrow(
      "conjugateGradientInto: argument `A` is 2 × 3; wanted a square operator.",
    );
    expect(() =>
      minresInto(new Float64Array(2), operatorFrom(denseMatrix(2, 2), { symmetric: false }), new Float64Array(2)),
    ).toThrow(
      "minresInto: argument `A` is not symmetric by its traits; wanted a symmetric operator. Use gmresInto or lsmrInto.",
    );
    expect(() => gmresInto(new Float64Array(n), laplacian, new Float64Array(3))).toThrow(
      "gmresInto: argument `b` is of length 3; wanted length 40, the rows of A.",
    );
    expect(() => lsmrInto(new Float64Array(n), laplacian, b)).toThrow(
      "lsmrInto: argument `A` is without applyTransposeInto; wanted an operator with products by Aᵀ.",
    );
    expect(() => conjugateGradientInto(new Float64Array(n), laplacian, b, { radius: -1 })).toThrow(
      "conjugateGradientInto: argument `radius` is -1; wanted a number > 0.",
    );
  });
});
