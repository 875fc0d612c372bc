import { describe, expect, it } from "vitest";
import type { DenseBackend } from "../../../src/linear/dense/backend.js";
import type { SparseMatrix } from "../../../src/linear/matrix.js";
import { allocateFront, boundTo, frontModule } from "../../../src/linear/sparse/front-engine.js";
import {
  analyze,
  lowerFactor,
  negativeCurvatureInto,
  sparseFactorize,
} from "../../../src/linear/sparse/sparse-cholesky.js";
import { webAssembly } from "../../../src/wasm/engine.js";
import { numbers } from "../dense-for-tests.js";
import { kernelPaths, using } from "../kernel-paths-for-tests.js";
import { cliqueEdges, type Edge, fromEdges, laplacian2d, randomEdges } from "../sparse-for-tests.js";

const upTo = (n: number) => Array.from({ length: n }, (_, k) => k);

/** Random entries, and a diagonal that dominates them; `shift` away from it. */
function dominant(n: number, edges: readonly Edge[], seed: number): SparseMatrix {
  const next = numbers(seed);
  const off = edges.map(() => next());
  const sums = new Array<number>(n).fill(1);
  edges.forEach(([i, j], k) => {
    sums[i] += Math.abs(off[k]);
    sums[j] += Math.abs(off[k]);
  });
  return fromEdges(
    n,
    edges,
    (k) => sums[k],
    (k) => off[k],
  );
}

/** Large enough for memory of the kernels' own, with narrow and wide supernodes (more than two blocks of 32), and tall ones. */
const matrices: [string, SparseMatrix][] = [
  ["a grid", laplacian2d(45)],
  ["a clique of 131", dominant(131, cliqueEdges(upTo(131)), 2)],
  [
    "two cliques that share 37",
    dominant(200, [...cliqueEdges(upTo(120)), ...cliqueEdges(upTo(117).map((k) => k + 83))], 3),
  ],
  [
    "cliques of 290 with 40 rows below",
    dominant(620, [...cliqueEdges(upTo(330)), ...cliqueEdges(upTo(330).map((k) => k + 290))], 6),
  ],
  ["a random graph", dominant(400, randomEdges(400, 1400, 4), 5)],
];

/** max |a − b|. */
const farthest = (a: Float64Array, b: Float64Array) => a.reduce((max, v, k) => Math.max(max, Math.abs(v - b[k])), 0);

const lower = (backend: DenseBackend, A: SparseMatrix, options: { shift?: number; indefinite?: boolean } = {}) =>
  using(backend, () => {
    const F = sparseFactorize(analyze(A), A, options);
    return { F, L: lowerFactor(F).values };
  });

describe("fronts", () => {
  it.each(matrices)(
    "by plain JavaScript, SIMD and relaxed SIMD agree to a few ulps of their largest terms: %s",
    (_, A) => {
      const [plain, ...others] = kernelPaths.map(([, backend]) => lower(backend, A));
      expect(plain.F.failedAt).toBe(-1);
      for (const { F, L } of others) {
        expect(F.failedAt).toBe(-1);
        expect(F.positive).toBe(A.cols);
        expect(Math.abs(F.growth / plain.F.growth - 1)).toBeLessThan(1e-13);
        expect(farthest(L, plain.L)).toBeLessThan(32 * Number.EPSILON);
        expect(farthest(F.d, plain.F.d)).toBeLessThan(32 * Number.EPSILON * plain.F.growth);
      }
      // None of these paths is another one under its name.
      const memories = kernelPaths.map(([, backend]) =>
        using(backend, () => boundTo(sparseFactorize(analyze(A), A).work.memory) !== undefined),
      );
      expect(memories).toEqual(kernelPaths.map(([name]) => name !== "javascript"));
    },
  );

  it("agree on indefinite matrices: inertia, growth and factor", () => {
    const A = laplacian2d(45);
    for (const shift of [-1.23, -3.6]) {
      const [plain, ...others] = kernelPaths.map(([, backend]) => lower(backend, A, { shift, indefinite: true }));
      for (const { F, L } of others) {
        expect([F.positive, F.negative, F.failedAt]).toEqual([plain.F.positive, plain.F.negative, -1]);
        expect(Math.abs(F.growth / plain.F.growth - 1)).toBeLessThan(A.cols * Number.EPSILON * F.growth);
        const most = L.reduce((max, l) => Math.max(max, Math.abs(l)), 1);
        expect(farthest(L, plain.L)).toBeLessThan(A.cols * Number.EPSILON * F.growth * most);
      }
    }
  });

  it("fail at the same column, and show the same curvature there", () => {
    for (const [, A] of matrices) {
      const shift = -0.9 * Math.max(...A.values);
      const all = kernelPaths.map(([, backend]) =>
        using(backend, () => {
          const F = sparseFactorize(analyze(A), A, { shift });
          expect(F.failedAt).toBeGreaterThanOrEqual(0);
          return [F.failedAt, F.failedPivot, negativeCurvatureInto(new Float64Array(A.cols), F)];
        }),
      );
      for (const one of all) {
        expect(one[0]).toBe(all[0][0]);
        expect(Math.abs(one[1] - all[0][1])).toBeLessThan(1e-9 * Math.abs(shift));
        expect(Math.abs(one[2] / all[0][2] - 1)).toBeLessThan(1e-9);
      }
    }
  });

  it("are the same bits again, in memory that was used", () => {
    for (const [, backend] of kernelPaths) {
      using(backend, () => {
        const A = matrices[2][1];
        const S = analyze(A);
        const F = sparseFactorize(S, A);
        const before = structuredClone({ values: F.values.slice(), d: F.d.slice() });
        sparseFactorize(S, A, { shift: 3, into: F });
        sparseFactorize(S, A, { shift: -1e9, into: F });
        sparseFactorize(S, A, { into: F });
        expect(F.values).toEqual(before.values);
        expect(F.d).toEqual(before.d);
      });
    }
  });

  it("stop at values that aren't finite", () => {
    for (const [, backend] of kernelPaths) {
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        for (const indefinite of [false, true]) {
          const A = laplacian2d(45);
          A.values[777] = bad;
          expect(lower(backend, A, { indefinite }).F.failedAt).toBeGreaterThanOrEqual(0);
        }
      }
    }
  });

  it("have modules that are valid and small, and memory only where there is an engine for them", () => {
    expect(webAssembly!.validate(frontModule(false))).toBe(true);
    expect(frontModule(false).length).toBeLessThan(20_000);
    for (const [name, backend] of kernelPaths) {
      using(backend, () => {
        const memory = allocateFront(1000);
        expect(memory === undefined).toBe(name === "javascript");
        if (memory !== undefined) expect([memory.length, memory.every((x) => x === 0)]).toEqual([1000, true]);
        // More than an address space of 2 GiB: none, and plain memory takes its place.
        expect(allocateFront(2 ** 28)).toBeUndefined();
      });
    }
  });
});
