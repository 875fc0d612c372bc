// Tridiagonal form and QL steps of small matrices: eigenvalues that are known, matrices that come apart, and projections judged by Jacobi's rotations.
import { describe, expect, it } from "vitest";
import { batchedEigenInto, batchedProjectPsdInto } from "../../../src/linear/small/small-batch.js";
import { diagonalizeByQl } from "../../../src/linear/small/small-ql.js";
import { batchBackends, withBatch } from "../backends-for-tests.js";
import { secondDifference, secondDifferenceEigenvalues } from "../dense-for-tests.js";

const sizes = Array.from({ length: 12 }, (_, k) => k + 5);
type Fill = (i: number, j: number, n: number, k: number) => number;
const noise = (i: number) => (Math.sin(12.9898 * (i + 1)) * 43758.5453) % 1;
/** Symmetric matrices whose largest entry is in [1, 2), by what is hard about them. */
const kinds: Readonly<Record<string, Fill>> = {
  full: (i, j, _n, k) => (i === j ? 1 : noise(i * 31 + j + 97 * k)),
  zero: () => 0,
  identity: (i, j) => +(i === j),
  "repeated eigenvalues": (i, j, n) => +(i === j) - 2 / n,
  "rank one": (i, j, _n, k) => (1 + noise(i + 17 * k)) * (1 + noise(j + 17 * k)) * (k % 2 === 0 ? 0.4 : -0.4),
  blocks: (i, j, _n, k) => (i % 3 === j % 3 ? noise(i + j + 5 * k) + +(i === j) : 0),
  graded: (i, j, _n, k) => (i === j ? (-1) ** i : 0.3 * noise(i * 7 + j + k)) * 10 ** (-1.5 * (i + j)),
  "graded upwards": (i, j, n, k) =>
    (i === j ? (-1) ** i : 0.3 * noise(i * 7 + j + k)) * 10 ** (1.5 * (i + j - 2 * n + 2)),
  sparse: (i, j, _n, k) => (i === j ? 1 - (i % 3) : (i + j + k) % 4 === 0 ? 2 ** -((i * j) % 50) : 0),
  "tridiagonal with zeros": (i, j) => (i === j ? i % 2 : Math.abs(i - j) === 1 && (i + j) % 4 === 1 ? 1 : 0),
  "tiny off the diagonal": (i, j) => (i === j ? 1 : 1e-160),
};
const matrixOf = (fill: Fill, n: number, k: number) => {
  const A = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) A[i * n + j] = A[j * n + i] = fill(i, j, n, k);
  return A;
};
const most = (values: ArrayLike<number>) => Array.from(values).reduce((m, x) => Math.max(m, Math.abs(x)), 0);

describe("diagonalizeByQl", () => {
  it.each(sizes)("has the second difference's eigenvalues for n = %i", (n) => {
    const work = new Float64Array(2 * n * n + 2 * n);
    work.set(secondDifference(n).data.map((a) => a / 2));
    expect(diagonalizeByQl(n, work)).toBe(true);
    const values = work.slice(2 * n * n, 2 * n * n + n).sort();
    const wanted = Float64Array.from(secondDifferenceEigenvalues(n), (x) => x / 2).sort();
    expect(most(values.map((x, i) => x - wanted[i]!))).toBeLessThan(8 * Number.EPSILON);
  });
  for (const [name, fill] of Object.entries(kinds))
    it(`V diag(λ) Vᵀ is the matrix, V orthogonal: ${name}`, () => {
      for (const n of sizes) {
        for (let k = 0; k < 4; k++) {
          const A = matrixOf(fill, n, k);
          const work = new Float64Array(2 * n * n + 2 * n);
          work.set(A);
          // Only the lower triangle is read.
          for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) work[i * n + j] = Number.NaN;
          expect(diagonalizeByQl(n, work)).toBe(true);
          const [V, values] = [work.subarray(n * n, 2 * n * n), work.subarray(2 * n * n)];
          let worst = 0;
          for (let i = 0; i < n; i++) {
            for (let j = 0; j < n; j++) {
              let [sum, product] = [0, 0];
              for (let l = 0; l < n; l++) {
                sum += values[l]! * V[l * n + i]! * V[l * n + j]!;
                product += V[i * n + l]! * V[j * n + l]!;
              }
              worst = Math.max(worst, Math.abs(sum - A[i * n + j]!), Math.abs(product - +(i === j)));
            }
          }
          expect(worst).toBeLessThan(6 * n * Number.EPSILON);
        }
      }
    });
});

describe.each(batchBackends)("projections by $name", (backend) => {
  // Matrices of all kinds in one batch: two of different kinds go together, and the last has no partner.
  it.each(sizes)("are the nearest positive semidefinite matrices for n = %i", (n) => {
    const list = [1, 2, 3].flatMap((k) => Object.values(kinds).map((fill) => matrixOf(fill, n, k)));
    const count = list.length;
    const A = new Float64Array(count * n * n);
    for (const [k, one] of list.entries()) A.set(one, k * n * n);
    const scaled = A.map((x, e) => x * 2 ** (40 * (Math.floor(e / (n * n)) % 5) - 80));
    const X = new Float64Array(A.length);
    const status = new Int32Array(count);
    expect(withBatch(backend, () => batchedProjectPsdInto(X, n, count, scaled, status))).toBe(0);
    const [values, vectors] = [new Float64Array(count * n), new Float64Array(count * n * n)];
    for (const [what, B] of [
      ["X", X],
      ["X − A", X.map((x, e) => x - scaled[e]!)],
    ] as const) {
      batchedEigenInto(values, vectors, n, count, B);
      for (let k = 0; k < count; k++) {
        const size = most(scaled.subarray(k * n * n, (k + 1) * n * n));
        expect(values[k * n]!, `${what}, ${k}`).toBeGreaterThanOrEqual(-8 * n * Number.EPSILON * size);
      }
    }
    // X (X − A) = 0.
    for (let k = 0; k < count; k++) {
      const [x, a] = [X, scaled].map((all) => all.subarray(k * n * n, (k + 1) * n * n)) as [Float64Array, Float64Array];
      let worst = 0;
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let l = 0; l < n; l++) sum += x[i * n + l]! * (x[l * n + j]! - a[l * n + j]!);
          worst = Math.max(worst, Math.abs(sum));
        }
      expect(worst).toBeLessThanOrEqual(8 * n * n * Number.EPSILON * most(a) ** 2);
    }
  });
  it("that aren't finite become NaN, and their partners go on", () => {
    const n = 9;
    const list = [0, 1, 2, 3].map((k) => matrixOf(kinds.full!, n, k));
    list[1]![n * 4 + 2] = Number.NaN;
    list[2]![n * 8] = Number.POSITIVE_INFINITY;
    const A = Float64Array.from(list.flatMap((one) => [...one]));
    const X = new Float64Array(A.length);
    const status = new Int32Array(4);
    expect(withBatch(backend, () => batchedProjectPsdInto(X, n, 4, A, status))).toBe(2);
    expect([...status]).toEqual([-1, 0, 0, -1]);
    const alone = new Float64Array(n * n);
    for (const k of [0, 3]) {
      withBatch(backend, () => batchedProjectPsdInto(alone, n, 1, list[k]!));
      expect(X.slice(k * n * n, (k + 1) * n * n)).toEqual(alone);
    }
    expect(X.subarray(n * n, 3 * n * n).every(Number.isNaN)).toBe(true);
  });
});
