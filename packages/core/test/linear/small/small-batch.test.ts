import { describe, expect, it } from "vitest";
import { type DenseMatrix, denseMatrix } from "../../../src/linear/matrix.js";
import {
  batchedCholeskyInto,
  batchedEigenInto,
  batchedInverseInto,
  batchedPolarInto,
  batchedProjectPsdInto,
} from "../../../src/linear/small/small-batch.js";
import { batchBackends, withBatch } from "../backends-for-tests.js";
import {
  diagonalMatrix,
  eye,
  flip,
  minus,
  orthogonalityError,
  random,
  randomDefinite,
  randomSymmetric,
  scaled,
  secondDifference,
  secondDifferenceEigenvalues,
  size,
  times,
} from "../dense-for-tests.js";

const sizes = Array.from({ length: 16 }, (_, k) => k + 1);
/** An odd number, so that the last matrix has no partner. */
const count = 7;

/** Matrices one after another. */
function pack(matrices: readonly DenseMatrix[]): Float64Array {
  const n = matrices[0].rows;
  const data = new Float64Array(matrices.length * n * n);
  matrices.forEach((A, k) => {
    data.set(A.data, k * n * n);
  });
  return data;
}
const unpack = (data: Float64Array, n: number): DenseMatrix[] =>
  Array.from({ length: data.length / (n * n) }, (_, k) => denseMatrix(n, n, data.slice(k * n * n, (k + 1) * n * n)));
const each = (make: (k: number) => DenseMatrix) => Array.from({ length: count }, (_, k) => make(k + 1));
const small = (A: DenseMatrix, scale: number) => size(A) <= 64 * Number.EPSILON * A.rows * scale;
const upperGarbage = (A: DenseMatrix) =>
  denseMatrix(
    A.rows,
    A.cols,
    A.data.map((a, k) => (k % A.rows > Math.floor(k / A.rows) ? Number.NaN : a)),
  );

describe.each(batchBackends)("batches by $name", (backend) => {
  it.each(sizes)("L Lᵀ = A and A⁻¹ A = I for n = %i", (n) => {
    const matrices = each((k) => randomDefinite(n, k));
    const out = new Float64Array(count * n * n);
    const status = new Int32Array(count);
    // Only the lower triangle is read.
    const A = pack(matrices.map(upperGarbage));
    expect(withBatch(backend, () => batchedCholeskyInto(out, n, count, A, status))).toBe(0);
    expect(status.every((s) => s === -1)).toBe(true);
    unpack(out, n).forEach((L, k) => {
      for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) expect(L.data[i * n + j]).toBe(0);
      expect(small(minus(times(L, flip(L)), matrices[k]), size(matrices[k]))).toBe(true);
    });
    expect(withBatch(backend, () => batchedInverseInto(out, n, count, A, status, { definite: true }))).toBe(0);
    unpack(out, n).forEach((X, k) => {
      expect(X.data).toEqual(flip(X).data);
      expect(small(minus(times(X, matrices[k]), eye(n)), size(X) * size(matrices[k]))).toBe(true);
    });
  });

  it.each(sizes)("A⁻¹ A = I for a general A with n = %i, in place", (n) => {
    const matrices = each((k) => random(n, n, 50 + k));
    // A permutation needs each exchange.
    matrices[3] = denseMatrix(
      n,
      n,
      eye(n).data.map((_, k) => (Math.floor(k / n) + (k % n) === n - 1 ? 1 : 0)),
    );
    const A = pack(matrices);
    expect(withBatch(backend, () => batchedInverseInto(A, n, count, A))).toBe(0);
    unpack(A, n).forEach((X, k) => {
      expect(small(minus(times(X, matrices[k]), eye(n)), size(X) * size(matrices[k]))).toBe(true);
    });
    expect(unpack(A, n)[3].data).toEqual(matrices[3].data);
  });

  it.each(sizes)("A V = V diag(λ), ascending, for n = %i", (n) => {
    const extremes = [0, 1e-300, 1e300].map((factor) => scaled(randomSymmetric(n), factor));
    const matrices = [...each((k) => randomSymmetric(n, k)), secondDifference(n), eye(n), ...extremes];
    const values = new Float64Array(matrices.length * n);
    const vectors = new Float64Array(matrices.length * n * n);
    const A = pack(matrices.map(upperGarbage));
    expect(withBatch(backend, () => batchedEigenInto(values, vectors, n, matrices.length, A))).toBe(0);
    unpack(vectors, n).forEach((V, k) => {
      const lambda = values.slice(k * n, (k + 1) * n);
      expect(orthogonalityError(V)).toBeLessThan(64);
      for (let i = 1; i < n; i++) expect(lambda[i]).toBeGreaterThanOrEqual(lambda[i - 1]);
      const residual = minus(times(matrices[k], V), times(V, diagonalMatrix(lambda)));
      expect(small(residual, size(matrices[k]))).toBe(true);
    });
    const wanted = secondDifferenceEigenvalues(n);
    wanted.forEach((lambda, i) => {
      expect(Math.abs(values[count * n + i] - lambda)).toBeLessThan(32 * Number.EPSILON);
    });
  });

  it("has the small eigenvalues of a badly scaled positive definite matrix to many digits", () => {
    // D B D with B = [2 1; 1 2] and D = diag(1, 1e-10): det = 3e-20, so that λ₁ = 1.5e-20 (1 + 2.5e-21 …).
    const d = 1e-10;
    const values = new Float64Array(2);
    const A = Float64Array.of(2, d, d, 2 * d * d);
    withBatch(backend, () => batchedEigenInto(values, new Float64Array(4), 2, 1, A));
    expect(Math.abs(values[0] / (1.5 * d * d) - 1)).toBeLessThan(8 * Number.EPSILON);
  });

  it.each(sizes)("projections keep the positive part for n = %i", (n) => {
    // A = P − N with P N = 0, from known eigenvectors.
    const [values, vectors] = [new Float64Array(count * n), new Float64Array(count * n * n)];
    batchedEigenInto(values, vectors, n, count, pack(each((k) => randomSymmetric(n, k))));
    const known = unpack(vectors, n);
    const by = (f: (lambda: number) => number) =>
      known.map((V) => {
        const D = diagonalMatrix(Float64Array.from({ length: n }, (_, i) => f(i - n / 3)));
        return times(times(V, D), flip(V));
      });
    const A = pack(by((x) => x).map(upperGarbage));
    const out = new Float64Array(count * n * n);
    for (const [negative, wanted] of [
      ["clamp", by((x) => Math.max(x, 0))],
      ["absolute", by(Math.abs)],
    ] as const) {
      expect(withBatch(backend, () => batchedProjectPsdInto(out, n, count, A, undefined, { negative }))).toBe(0);
      unpack(out, n).forEach((X, k) => {
        expect(X.data).toEqual(flip(X).data);
        expect(small(minus(X, wanted[k]), n)).toBe(true);
      });
    }
    const definite = pack(each((k) => randomDefinite(n, k)));
    withBatch(backend, () => batchedProjectPsdInto(out, n, count, definite));
    unpack(out, n).forEach((X, k) => {
      for (let i = 0; i < n; i++)
        for (let j = 0; j <= i; j++) expect(X.data[i * n + j]).toBe(unpack(definite, n)[k].data[i * n + j]);
    });
  });

  it.each(sizes)("A = Q P with QᵀQ = I and P ⪰ 0 for n = %i, nearly singular ones too", (n) => {
    const nearly = times(
      times(random(n, n, 4), diagonalMatrix(Float64Array.from({ length: n }, (_, i) => 10 ** (-i - 4)))),
      random(n, n, 5),
    );
    const matrices = [...each((k) => random(n, n, 20 + k)), nearly, scaled(random(n, n), 1e250)];
    const total = matrices.length;
    const [Q, P] = [new Float64Array(total * n * n), new Float64Array(total * n * n)];
    expect(withBatch(backend, () => batchedPolarInto(Q, P, n, total, pack(matrices)))).toBe(0);
    const low = new Float64Array(total * n);
    expect(batchedEigenInto(low, new Float64Array(P.length), n, total, P)).toBe(0);
    unpack(Q, n).forEach((q, k) => {
      const p = unpack(P, n)[k];
      expect(orthogonalityError(q)).toBeLessThan(64);
      expect(small(minus(times(q, p), matrices[k]), size(matrices[k]))).toBe(true);
      expect(small(minus(p, flip(p)), size(p))).toBe(true);
      expect(low[k * n]).toBeGreaterThanOrEqual(-64 * n * Number.EPSILON * size(p));
    });
  });

  it.each([2, 3, 4, 6, 16])("tells what fails, and the others go on, for n = %i", (n) => {
    const good = randomDefinite(n);
    const bad = (value: number, at: number) => {
      const A = denseMatrix(n, n, good.data.slice());
      A.data[at] = value;
      return A;
    };
    const last = n * n - 1;
    const out = new Float64Array(5 * n * n);
    const other = new Float64Array(5 * n * n);
    const status = new Int32Array(5);
    const states = (run: () => number, kept = -1) => {
      const failed = withBatch(backend, run);
      const list = Array.from(status);
      expect(failed).toBe(list.filter((s) => s !== -1).length);
      unpack(out, n).forEach((X, k) => {
        expect(X.data.every(Number.isNaN)).toBe(list[k] !== -1 && list[k] !== kept);
      });
      return list;
    };
    const A = pack([good, bad(-1, last), bad(Number.NaN, 0), good, bad(Number.POSITIVE_INFINITY, last)]);
    expect(states(() => batchedCholeskyInto(out, n, 5, A, status))).toEqual([-1, n - 1, 0, -1, n - 1]);
    expect(states(() => batchedInverseInto(out, n, 5, A, status, { definite: true }))).toEqual([
      -1,
      n - 1,
      0,
      -1,
      n - 1,
    ]);
    expect(states(() => batchedProjectPsdInto(out, n, 5, A, status))).toEqual([-1, -1, 0, -1, 0]);
    expect(states(() => batchedPolarInto(out, other, n, 5, A, status))).toEqual([-1, -1, 0, -1, 0]);
    const values = new Float64Array(5 * n);
    expect(states(() => batchedEigenInto(values, out, n, 5, A, status))).toEqual([-1, -1, 0, -1, 0]);
    expect(Array.from(values, Number.isNaN)).toEqual(Array.from(values, (_, k) => [2, 4].includes(Math.floor(k / n))));
    // Singular: the second column is twice the first.
    const singular = denseMatrix(
      n,
      n,
      good.data.map((a, k) => (k % n === 1 ? 2 * good.data[k - 1] : a)),
    );
    const B = pack([good, singular, denseMatrix(n, n), good, good]);
    const inverse = states(() => batchedInverseInto(out, n, 5, B, status));
    expect(inverse[2]).toBe(0);
    expect([inverse[0], inverse[3], inverse[4]]).toEqual([-1, -1, -1]);
    expect(states(() => batchedPolarInto(out, other, n, 5, B, status), 2)[2]).toBe(2);
  });
});

describe("misuse", () => {
  const A = new Float64Array(18);
  const out = new Float64Array(18);
  it.each([
    ["n = 0", () => batchedCholeskyInto(out, 0, 2, A), "batchedCholeskyInto: argument `n` is 0"],
    ["n = 17", () => batchedCholeskyInto(out, 17, 2, A), "n"],
    ["n = 2.5", () => batchedCholeskyInto(out, 2.5, 2, A), "n"],
    ["a negative count", () => batchedCholeskyInto(out, 3, -1, A), "count"],
    ["an input of another length", () => batchedInverseInto(out, 3, 3, A), "`A` is a Float64Array of length 18"],
    ["an output of another length", () => batchedInverseInto(out.subarray(1), 3, 2, A), "`out`"],
    ["values of another length", () => batchedEigenInto(new Float64Array(5), out, 3, 2, A), "count · n = 6"],
    ["an ordinary array", () => batchedInverseInto(out, 3, 2, [...A] as unknown as Float64Array), "`A`"],
    ["a status of another length", () => batchedInverseInto(out, 3, 2, A, new Int32Array(3)), "`status`"],
    ["one array twice", () => batchedPolarInto(out, out, 3, 2, A), "`P` is the same array"],
    ["an unknown option", () => batchedInverseInto(out, 3, 2, A, undefined, { spd: true } as object), "options.spd"],
    [
      "an unknown way",
      () => batchedProjectPsdInto(out, 3, 2, A, undefined, { negative: "drop" as "clamp" }),
      "options.negative",
    ],
  ])("%s", (_, run, text) => {
    expect(run).toThrow(text);
  });

  it("nothing is fine", () => {
    expect(batchedCholeskyInto(new Float64Array(0), 3, 0, new Float64Array(0))).toBe(0);
  });
});

describe("projections of matrices of low rank", () => {
  it.each([3, 6, 9, 12])("n = %d: a aᵀ − b bᵀ becomes the positive part, to the rounding of its size", (n) => {
    const count = 40;
    const A = new Float64Array(count * n * n);
    const wanted = new Float64Array(A.length);
    for (let m = 0; m < count; m++) {
      // b is normal to a, so that both are eigenvectors.
      const a = Float64Array.from({ length: n }, (_, i) => Math.sin(3.7 * (i + 1) * (m + 1)));
      const b = Float64Array.from({ length: n }, (_, i) => (i === 0 ? -a[1]! : i === 1 ? a[0]! : 0));
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          A[m * n * n + i * n + j] = a[i]! * a[j]! - b[i]! * b[j]!;
          wanted[m * n * n + i * n + j] = a[i]! * a[j]!;
        }
      }
    }
    const out = new Float64Array(A.length);
    expect(batchedProjectPsdInto(out, n, count, A)).toBe(0);
    for (let k = 0; k < A.length; k++) expect(Math.abs(out[k]! - wanted[k]!)).toBeLessThan(1e-15 * n * n);
  });
});
