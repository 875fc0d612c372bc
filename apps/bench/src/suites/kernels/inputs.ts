// What the dense figures are measured on.
import { type DenseBackend, type DenseMatrix, denseMatrix, setDenseBackend, transposeDense } from "@hessia/core/linear";

/** Numbers in (−1, 1), the same each time. */
export function random(length: number, seed: number): Float64Array {
  let s = (Math.imul(seed, 2654435761) + 12345) >>> 0;
  return Float64Array.from({ length }, () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return s / 2147483648 - 1;
  });
}

export function symmetric(n: number, diagonal: number): DenseMatrix {
  const B = denseMatrix(n, n, random(n * n, n));
  const T = transposeDense(B);
  return denseMatrix(
    n,
    n,
    B.data.map((b, k) => (b + T.data[k]!) / 2 + (k % (n + 1) === 0 ? diagonal : 0)),
  );
}

export const rows = (A: DenseMatrix): number[][] =>
  Array.from({ length: A.rows }, (_, i) => Array.from(A.data.subarray(i * A.cols, (i + 1) * A.cols)));

/** `work` with a backend in place of the present one. */
export const using = (backend: DenseBackend, work: () => unknown) => () => {
  const before = setDenseBackend(backend);
  try {
    return work();
  } finally {
    setDenseBackend(before);
  }
};
