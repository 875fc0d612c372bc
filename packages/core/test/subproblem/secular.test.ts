// The trust-region and the cubic subproblem: optimality conditions, agreement of the dense and the sparse route, the hard case.
import { describe, expect, it } from "vitest";
import { multiplyVectorInto } from "../../src/linear/dense/dense.js";
import { type DenseMatrix, denseMatrix } from "../../src/linear/matrix.js";
import { sparseFromDense } from "../../src/linear/sparse/csc.js";
import { analyze } from "../../src/linear/sparse/sparse-cholesky.js";
import { dot, norm2 } from "../../src/linear/vec.js";
import { type SecularTarget, secularWork, solveSecular, solveShiftedInto } from "../../src/subproblem/secular.js";
import { prepareShifted, type Shifted } from "../../src/subproblem/shifted.js";

/** A deterministic generator of numbers in (−1, 1). */
function numbers(seed: number): () => number {
  let s = seed;
  return () => {
    s = (s * 48271) % 2147483647;
    return (2 * s) / 2147483647 - 1;
  };
}

function banded(n: number, seed: number, shift: number): DenseMatrix {
  const draw = numbers(seed);
  const A = denseMatrix(n, n);
  for (let i = 0; i < n; i++) {
    A.data[i * n + i] = 3 * draw() + shift;
    for (const j of [i - 1, i - 3]) if (j >= 0) A.data[i * n + j] = A.data[j * n + i] = draw();
  }
  return A;
}

/** The sparse route, also for orders that `prepareShifted` would treat as dense. */
function prepareSparse(A: DenseMatrix): Shifted {
  const matrix = sparseFromDense(A, { symmetric: true });
  const n = A.rows;
  let bound = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < n; i++) {
    let row = 0;
    for (let j = 0; j < n; j++) row += Math.abs(A.data[i * n + j]!);
    bound = Math.max(bound, row);
    least = Math.min(least, A.data[i * n + i]!);
  }
  return {
    kind: "sparse",
    n,
    matrix,
    symbolic: analyze(matrix),
    lowerBound: -bound,
    upperBound: bound,
    leastDiagonal: least,
  };
}

function check(A: DenseMatrix, g: Float64Array, target: SecularTarget, H: Shifted, accuracy: number) {
  const n = A.rows;
  const s = new Float64Array(n);
  const step = solveSecular(s, H, g, target, secularWork(n));
  const Hs = multiplyVectorInto(new Float64Array(n), A, s);
  const size = Math.max(norm2(g), norm2(Hs), 1e-300);
  // (H + σI) s = −g
  for (let i = 0; i < n; i++) expect(Math.abs(Hs[i]! + step.sigma * s[i]! + g[i]!)).toBeLessThan(accuracy * size);
  // ‖s‖ = ρ(σ), or an interior solution with σ = 0
  const radius = target.kind === "radius" ? target.radius : (2 * step.sigma) / target.M;
  if (target.kind === "radius" && step.sigma === 0) expect(step.norm).toBeLessThanOrEqual(radius * (1 + 1e-10));
  else expect(Math.abs(step.norm - radius)).toBeLessThan(Math.max(accuracy, 1e-12) * 10 * radius);
  // the model's decrease is what is said
  const cubic = target.kind === "cubic" ? (target.M / 6) * norm2(s) ** 3 : 0;
  const decrease = -(dot(g, s) + 0.5 * dot(s, Hs) + cubic);
  expect(Math.abs(step.predicted - decrease)).toBeLessThan(1e-8 * Math.max(1, Math.abs(decrease)));
  expect(step.solved).toBe(true);
  return { s, step };
}

describe("solveSecular", () => {
  const targets: SecularTarget[] = [
    { kind: "radius", radius: 0.1 },
    { kind: "radius", radius: 3 },
    { kind: "radius", radius: 1e6 },
    { kind: "cubic", M: 1e-6 },
    { kind: "cubic", M: 1 },
    { kind: "cubic", M: 1e6 },
  ];
  for (const target of targets) {
    for (const [name, shift] of [
      ["indefinite", 0],
      ["positive definite", 8],
      ["negative definite", -8],
    ] as const) {
      it(`meets the optimality conditions: ${name}, ${JSON.stringify(target)}`, () => {
        for (let seed = 1; seed <= 5; seed++) {
          const n = 5 + 8 * seed;
          const A = banded(n, seed, shift);
          const g = Float64Array.from({ length: n }, numbers(seed + 100));
          const dense = check(A, g, target, prepareShifted(A), 1e-12);
          const sparse = check(A, g, target, prepareSparse(A), 1e-11);
          for (let i = 0; i < n; i++)
            expect(Math.abs(dense.s[i]! - sparse.s[i]!)).toBeLessThan(1e-5 * Math.max(1, dense.step.norm));
          // The global minimizer: H + σI is positive semidefinite.
          expect(dense.step.sigma).toBeGreaterThanOrEqual(
            -(dense.step.leastCurvature + 1e-10 * (1 + dense.step.sigma)),
          );
        }
      });
    }
  }

  // H = diag(−2, 1, 3), g ⊥ e₁: the hard case, whose solution is known.
  const A = denseMatrix(3, 3, Float64Array.of(-2, 0, 0, 0, 1, 0, 0, 0, 3));
  for (const [name, prepare] of [
    ["dense", prepareShifted as (A: DenseMatrix) => Shifted],
    ["sparse", prepareSparse],
  ] as const) {
    it(`${name}: solves the hard case of the trust region`, () => {
      const { s, step } = check(A, Float64Array.of(0, 3, 5), { kind: "radius", radius: 2 }, prepare(A), 1e-6);
      expect(step.sigma).toBeCloseTo(2, 6);
      // s₂ = −3/(1 + 2), s₃ = −5/(3 + 2), s₁ fills up to the radius.
      expect(s[1]).toBeCloseTo(-1, 6);
      expect(s[2]).toBeCloseTo(-1, 6);
      expect(Math.abs(s[0]!)).toBeCloseTo(Math.SQRT2, 6);
      expect(step.hardCase).toBe(true);
    });

    it(`${name}: solves the hard case of the cubic model`, () => {
      const { s, step } = check(A, Float64Array.of(0, 3, 5), { kind: "cubic", M: 1 }, prepare(A), 1e-6);
      // σ = 2, ‖s‖ = 2σ/M = 4.
      expect(step.sigma).toBeCloseTo(2, 6);
      expect(Math.abs(s[0]!)).toBeCloseTo(Math.sqrt(14), 5);
    });

    it(`${name}: with g = 0 the step is along the lowest eigenvector, or zero when there is no negative curvature`, () => {
      const zero = new Float64Array(3);
      const { s } = check(A, zero, { kind: "radius", radius: 1 }, prepare(A), 1e-6);
      expect(Math.abs(s[0]!)).toBeCloseTo(1, 8);
      const I = denseMatrix(3, 3, Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1));
      for (const target of [
        { kind: "radius", radius: 1 },
        { kind: "cubic", M: 1 },
      ] as const) {
        expect(solveSecular(s, prepare(I), zero, target, secularWork(3))).toMatchObject({ norm: 0, predicted: 0 });
      }
    });

    it(`${name}: nearly hard cases, g with a tiny component along the lowest eigenvector`, () => {
      for (const tiny of [1e-4, 1e-8, 1e-12, 1e-15]) {
        check(A, Float64Array.of(tiny, 3, 5), { kind: "radius", radius: 2 }, prepare(A), 1e-6);
        check(A, Float64Array.of(tiny, 3, 5), { kind: "cubic", M: 1 }, prepare(A), 1e-6);
      }
    });
  }

  it("works at extreme scales", () => {
    for (const scale of [1e-120, 1e-8, 1e8, 1e120]) {
      const B = denseMatrix(
        3,
        3,
        A.data.map((a) => a * scale),
      );
      const g = Float64Array.of(1, 3, 5).map((v) => v * scale);
      const reference = solveSecular(
        new Float64Array(3),
        prepareShifted(A),
        Float64Array.of(1, 3, 5),
        { kind: "radius", radius: 2 },
        secularWork(3),
      );
      const scaled = solveSecular(
        new Float64Array(3),
        prepareShifted(B),
        g,
        { kind: "radius", radius: 2 },
        secularWork(3),
      );
      expect(scaled.sigma / scale).toBeCloseTo(reference.sigma, 10);
    }
  });

  it("handles one variable", () => {
    const one = denseMatrix(1, 1, Float64Array.of(-4));
    const s = new Float64Array(1);
    // min 3s − 2s² + (2/6)|s|³: s < 0, stationary where 3 − 4s − s² = 0.
    solveSecular(s, prepareShifted(one), Float64Array.of(3), { kind: "cubic", M: 2 }, secularWork(1));
    expect(s[0]).toBeCloseTo(-(2 + Math.sqrt(7)), 12);
  });
});

describe("solveShiftedInto", () => {
  it("solves (H + σI)x = b and says when that isn't positive definite", () => {
    const A = banded(30, 3, 0);
    const b = Float64Array.from({ length: 30 }, numbers(5));
    for (const H of [prepareShifted(A), prepareSparse(A)]) {
      const x = new Float64Array(30);
      expect(solveShiftedInto(x, H, 20, b, secularWork(30))).toBe(true);
      const r = multiplyVectorInto(new Float64Array(30), A, x);
      for (let i = 0; i < 30; i++) expect(r[i]! + 20 * x[i]!).toBeCloseTo(b[i]!, 12);
      expect(solveShiftedInto(x, H, 0, b, secularWork(30))).toBe(false);
    }
  });
});

describe("prepareShifted", () => {
  it("goes dense for small and for filled matrices, sparse else", () => {
    expect(prepareShifted(sparseFromDense(banded(50, 1, 5), { symmetric: true })).kind).toBe("tridiagonal");
    expect(prepareShifted(sparseFromDense(banded(200, 1, 5), { symmetric: true })).kind).toBe("sparse");
  });

  it("keeps the analysis of a matrix of the same pattern", () => {
    const H = sparseFromDense(banded(200, 1, 5), { symmetric: true });
    const first = prepareShifted(H);
    const second = prepareShifted({ ...H, values: H.values.map((v) => 2 * v) }, first);
    expect((second as { symbolic: unknown }).symbolic).toBe((first as { symbolic: unknown }).symbolic);
  });

  it("throws on matrices of another kind", () => {
    expect(() => prepareShifted(denseMatrix(2, 3))).toThrow(
      "prepareShifted: argument `H` is 2 × 3; wanted a square matrix.",
    );
    expect(() => prepareShifted(sparseFromDense(banded(5, 1, 5)))).toThrow(
      "prepareShifted: argument `H` is an Object; wanted a dense matrix, or a sparse one with `symmetric: true` (lower triangle).",
    );
  });
});
