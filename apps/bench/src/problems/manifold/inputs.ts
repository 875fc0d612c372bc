// What the suite `manifold` is measured on: arrays by name, which go to the peers as they are.
import { uniform } from "../transport/input.js";

export interface ManifoldInput {
  readonly name: string;
  /** Row-major; the last one is the start where there is one. */
  readonly arrays: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float64Array }>>;
}

/** Standard normal numbers, the same each time (Box, Muller 1958). */
export function normals(length: number, seed: number): Float64Array {
  const random = uniform(seed);
  const out = new Float64Array(length);
  for (let k = 0; k < length; k += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    out[k] = radius * Math.cos(angle);
    if (k + 1 < length) out[k + 1] = radius * Math.sin(angle);
  }
  return out;
}

/** out = A B, A rows × inner, B inner × cols. */
export function product(A: Float64Array, B: Float64Array, rows: number, inner: number, cols: number): Float64Array {
  const out = new Float64Array(rows * cols);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < inner; k++) {
      const a = A[i * inner + k]!;
      for (let j = 0; j < cols; j++) out[i * cols + j] = out[i * cols + j]! + a * B[k * cols + j]!;
    }
  return out;
}

/** Gram–Schmidt, twice, on the columns of X (n × p), in place. */
function orthonormalized(X: Float64Array, n: number, p: number): Float64Array {
  for (let j = 0; j < p; j++) {
    for (let pass = 0; pass < 2; pass++)
      for (let k = 0; k < j; k++) {
        let sum = 0;
        for (let i = 0; i < n; i++) sum += X[i * p + k]! * X[i * p + j]!;
        for (let i = 0; i < n; i++) X[i * p + j] = X[i * p + j]! - sum * X[i * p + k]!;
      }
    let square = 0;
    for (let i = 0; i < n; i++) square += X[i * p + j]! ** 2;
    for (let i = 0; i < n; i++) X[i * p + j] = X[i * p + j]! / Math.sqrt(square);
  }
  return X;
}

/** n × p with orthonormal columns. */
export const frame = (n: number, p: number, seed: number): Float64Array => orthonormalized(normals(n * p, seed), n, p);

/** So many sample covariances of 2n normal vectors in n dimensions, plus 0.05 I. */
export function covariances(n: number, count: number, seed: number): ManifoldInput {
  const data = new Float64Array(count * n * n);
  for (let k = 0; k < count; k++) {
    const G = normals(2 * n * n, 1000 * seed + k);
    for (let i = 0; i < n; i++)
      for (let j = 0; j <= i; j++) {
        let sum = i === j ? 0.05 : 0;
        for (let s = 0; s < 2 * n; s++) sum += (G[i * 2 * n + s]! * G[j * 2 * n + s]!) / (2 * n);
        data[k * n * n + i * n + j] = sum;
        data[k * n * n + j * n + i] = sum;
      }
  }
  return { name: `${count} covariances, n = ${n}`, arrays: { P: { shape: [count, n, n], data } } };
}

/** A symmetric of normal entries over √n, N = p, …, 1 on its diagonal, and a start. */
export function brockettInput(n: number, p: number, seed: number): ManifoldInput {
  const G = normals(n * n, seed);
  const A = G.map((_, k) => (G[k]! + G[(k % n) * n + Math.floor(k / n)]!) / Math.sqrt(2 * n));
  const N = Float64Array.from({ length: p }, (_, j) => p - j);
  return {
    name: `Brockett on Stiefel(${n}, ${p})`,
    arrays: {
      A: { shape: [n, n], data: A },
      N: { shape: [p], data: N },
      start: { shape: [n, p], data: frame(n, p, seed + 1) },
    },
  };
}

/** A (m × n) normal, B = A Q + noise for a frame Q: min ½‖AX − B‖² by its Gram matrices, G = AᵀA, C = AᵀB, and ½‖B‖². */
export function procrustesInput(m: number, n: number, p: number, seed: number): ManifoldInput {
  const A = normals(m * n, seed).map((a) => a / Math.sqrt(m));
  const B = product(A, frame(n, p, seed + 1), m, n, p);
  const noise = normals(m * p, seed + 2);
  for (let k = 0; k < B.length; k++) B[k] = B[k]! + (0.3 * noise[k]!) / Math.sqrt(m);
  const At = Float64Array.from({ length: m * n }, (_, k) => A[(k % m) * n + Math.floor(k / m)]!);
  return {
    name: `Procrustes on Stiefel(${n}, ${p})`,
    arrays: {
      G: { shape: [n, n], data: product(At, A, n, m, n) },
      C: { shape: [n, p], data: product(At, B, n, m, p) },
      half: { shape: [1], data: Float64Array.of(B.reduce((sum, b) => sum + 0.5 * b * b, 0)) },
      start: { shape: [n, p], data: frame(n, p, seed + 3) },
    },
  };
}

/** K matrices Q diag(d) Qᵀ with small symmetric noise, and a start some way from Q. */
export function jointInput(n: number, count: number, seed: number): ManifoldInput {
  const Q = frame(n, n, seed);
  const random = uniform(seed + 1);
  const C = new Float64Array(count * n * n);
  for (let k = 0; k < count; k++) {
    const d = Float64Array.from({ length: n }, () => 2 * random() - 1);
    const E = normals(n * n, 1000 * seed + k);
    for (let i = 0; i < n; i++)
      for (let j = 0; j <= i; j++) {
        let sum = (0.02 * (E[i * n + j]! + E[j * n + i]!)) / Math.sqrt(n);
        for (let s = 0; s < n; s++) sum += Q[i * n + s]! * d[s]! * Q[j * n + s]!;
        C[k * n * n + i * n + j] = sum;
        C[k * n * n + j * n + i] = sum;
      }
  }
  const moved = normals(n * n, seed + 2).map((e, k) => Q[k]! + (0.3 * e) / Math.sqrt(n));
  return {
    name: `joint diagonalization of ${count} matrices on O(${n})`,
    arrays: {
      C: { shape: [count, n, n], data: C },
      start: { shape: [n, n], data: orthonormalized(moved, n, n) },
    },
  };
}

/** A matrix of rank r, singular values near n, seen with noise at so large a part of its entries (rows and columns sorted), and a start of the same rank. */
export function completionInput(n: number, r: number, part: number, seed: number): ManifoldInput {
  const [U, V] = [normals(n * r, seed), normals(n * r, seed + 1)];
  const random = uniform(seed + 2);
  const rows: number[] = [];
  const cols: number[] = [];
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      if (random() < part) {
        rows.push(i);
        cols.push(j);
      }
  const noise = normals(rows.length, seed + 3);
  const values = Float64Array.from(rows, (i, k) => {
    let sum = 0.1 * noise[k]!;
    for (let s = 0; s < r; s++) sum += U[i * r + s]! * V[cols[k]! * r + s]!;
    return sum;
  });
  const count = rows.length;
  return {
    name: `completion ${n} × ${n}, rank ${r}, ${(100 * part).toFixed(0)} % of the entries`,
    arrays: {
      rows: { shape: [count], data: Float64Array.from(rows) },
      cols: { shape: [count], data: Float64Array.from(cols) },
      values: { shape: [count], data: values },
      startU: { shape: [n, r], data: frame(n, r, seed + 4) },
      startS: { shape: [r], data: Float64Array.from({ length: r }, (_, k) => n * (1 - (0.5 * k) / r)) },
      startV: { shape: [n, r], data: frame(n, r, seed + 5) },
    },
  };
}
