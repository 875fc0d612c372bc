// Matrices with known properties, and plain reference computations that share no code with src.
import { type DenseMatrix, denseMatrix, type Vector } from "../../src/linear/matrix.js";

/** A fixed stream of numbers in (−1, 1): a linear congruence modulo 2³². */
export function numbers(seed: number): () => number {
  let s = (Math.imul(seed, 2654435761) + 12345) >>> 0;
  return () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return s / 2147483648 - 1;
  };
}

export function random(rows: number, cols: number, seed = 1): DenseMatrix {
  const next = numbers(seed + 97 * rows + 31 * cols);
  return denseMatrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => next()),
  );
}

export const randomVector = (n: number, seed = 7): Vector => random(n, 1, seed).data;

export const map = (A: DenseMatrix, f: (a: number, i: number, j: number) => number): DenseMatrix =>
  denseMatrix(
    A.rows,
    A.cols,
    A.data.map((a, k) => f(a, Math.floor(k / A.cols), k % A.cols)),
  );

export const scaled = (A: DenseMatrix, factor: number): DenseMatrix => map(A, (a) => factor * a);

export function times(A: DenseMatrix, B: DenseMatrix): DenseMatrix {
  const C = denseMatrix(A.rows, B.cols);
  for (let i = 0; i < A.rows; i++) {
    for (let j = 0; j < B.cols; j++) {
      let sum = 0;
      for (let k = 0; k < A.cols; k++) sum += A.data[i * A.cols + k] * B.data[k * B.cols + j];
      C.data[i * B.cols + j] = sum;
    }
  }
  return C;
}

export function flip(A: DenseMatrix): DenseMatrix {
  const T = denseMatrix(A.cols, A.rows);
  for (let i = 0; i < A.rows; i++) for (let j = 0; j < A.cols; j++) T.data[j * A.rows + i] = A.data[i * A.cols + j];
  return T;
}

export const minus = (A: DenseMatrix, B: DenseMatrix): DenseMatrix => map(A, (a, i, j) => a - B.data[i * A.cols + j]);

export const eye = (n: number): DenseMatrix => map(denseMatrix(n, n), (_, i, j) => (i === j ? 1 : 0));

export const diagonalMatrix = (d: ArrayLike<number>): DenseMatrix =>
  map(denseMatrix(d.length, d.length), (_, i, j) => (i === j ? d[i] : 0));

/** The largest |entry|. */
export const size = (A: { data: Vector }): number => A.data.reduce((max, a) => Math.max(max, Math.abs(a)), 0);

/** max|A − B| in units of n ε max|A| (1 for an empty or zero A). */
export function backwardError(A: DenseMatrix, B: DenseMatrix): number {
  const top = size(A);
  const error = size(minus(A, B));
  if (error === 0) return 0;
  return error / (Math.max(A.rows, A.cols) * Number.EPSILON) / (top || Number.MIN_VALUE);
}

/** ‖b − A x‖∞ in units of n ε (‖A‖∞ ‖x‖∞ + ‖b‖∞). */
export function solveError(A: DenseMatrix, x: Vector, b: Vector): number {
  const n = A.rows;
  let worst = 0;
  let rowMax = 0;
  for (let i = 0; i < n; i++) {
    let sum = -b[i];
    let row = 0;
    for (let j = 0; j < A.cols; j++) {
      sum += A.data[i * A.cols + j] * x[j];
      row += Math.abs(A.data[i * A.cols + j]);
    }
    worst = Math.max(worst, Math.abs(sum));
    rowMax = Math.max(rowMax, row);
  }
  if (worst === 0) return 0;
  return worst / (n * Number.EPSILON * (rowMax * size({ data: x }) + size({ data: b })));
}

/** max|AᵀA − I| in units of n ε. */
export const orthogonalityError = (A: DenseMatrix): number =>
  A.rows * A.cols === 0 ? 0 : size(minus(times(flip(A), A), eye(A.cols))) / (A.rows * Number.EPSILON);

export const symmetricPart = (A: DenseMatrix): DenseMatrix => {
  const T = flip(A);
  return map(A, (a, i, j) => 0.5 * (a + T.data[i * A.cols + j]));
};

export const randomSymmetric = (n: number, seed = 1): DenseMatrix => symmetricPart(random(n, n, seed));

/** B Bᵀ + n/10 I. */
export function randomDefinite(n: number, seed = 1): DenseMatrix {
  const B = random(n, n, seed);
  return map(symmetricPart(times(B, flip(B))), (a, i, j) => (i === j ? a + n / 10 : a));
}

/** Rows and columns scaled from 1 to 1e-12 (entries to 1e-24). */
export const graded = (A: DenseMatrix): DenseMatrix => {
  const factor = (i: number) => 10 ** ((-12 * i) / Math.max(1, A.rows - 1));
  return map(A, (a, i, j) => a * factor(i) * factor(j));
};

/** Rows and columns in reverse order. */
export const reversed = (A: DenseMatrix): DenseMatrix => denseMatrix(A.rows, A.cols, A.data.slice().reverse());

/** Rows scaled from 1 to 1e-12. */
export const gradedRows = (A: DenseMatrix): DenseMatrix =>
  map(A, (a, i) => a * 10 ** ((-12 * i) / Math.max(1, A.rows - 1)));

/** A random m × n matrix of the given rank. */
export const ofRank = (m: number, n: number, rank: number, seed = 3): DenseMatrix =>
  times(random(m, rank, seed), random(rank, n, seed + 1));

/** The n × n second difference matrix: eigenvalues 2 − 2 cos(kπ/(n + 1)). */
export const secondDifference = (n: number): DenseMatrix =>
  map(denseMatrix(n, n), (_, i, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0));

export const secondDifferenceEigenvalues = (n: number): number[] =>
  Array.from({ length: n }, (_, k) => 4 * Math.sin(((k + 1) * Math.PI) / (2 * (n + 1))) ** 2);

export const hilbert = (n: number): DenseMatrix => map(denseMatrix(n, n), (_, i, j) => 1 / (i + j + 1));

/** Wilkinson's W⁺ of odd order n: |i − m| on the diagonal, ones beside it; its largest eigenvalues come in very close pairs. */
export const wilkinson = (n: number): DenseMatrix =>
  map(denseMatrix(n, n), (_, i, j) => (i === j ? Math.abs(i - (n - 1) / 2) : Math.abs(i - j) === 1 ? 1 : 0));

export const sizes = [0, 1, 2, 3, 5, 8, 31, 32, 33, 67, 150];

/** The families of symmetric matrices that every symmetric algorithm is tried on. */
export const symmetricFamilies: readonly [name: string, make: (n: number) => DenseMatrix][] = [
  ["random", (n) => randomSymmetric(n)],
  ["graded", (n) => graded(randomSymmetric(n))],
  ["graded the other way", (n) => reversed(graded(randomSymmetric(n)))],
  ["of low rank", (n) => symmetricPart(ofRank(n, n, Math.ceil(n / 3)))],
  ["tiny", (n) => scaled(randomSymmetric(n), 1e-150)],
  ["huge", (n) => scaled(randomSymmetric(n), 1e150)],
  ["extreme", (n) => scaled(randomSymmetric(n), 1e300)],
  ["zero", (n) => denseMatrix(n, n)],
  ["identity", eye],
  ["diagonal", (n) => diagonalMatrix(randomVector(n))],
  ["all ones", (n) => map(denseMatrix(n, n), () => 1)],
  ["anti-diagonal", (n) => map(denseMatrix(n, n), (_, i, j) => (i + j === n - 1 ? 1 : 0))],
];

/** The families of rectangular matrices. */
export const generalFamilies: readonly [name: string, make: (m: number, n: number) => DenseMatrix][] = [
  ["random", (m, n) => random(m, n)],
  ["graded", (m, n) => gradedRows(random(m, n))],
  ["of low rank", (m, n) => ofRank(m, n, Math.ceil(Math.min(m, n) / 3))],
  ["tiny", (m, n) => scaled(random(m, n), 1e-150)],
  ["huge", (m, n) => scaled(random(m, n), 1e150)],
  ["zero", (m, n) => denseMatrix(m, n)],
  ["all ones", (m, n) => map(denseMatrix(m, n), () => 1)],
];
