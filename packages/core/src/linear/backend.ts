// The door through which faster dense kernels come in: one interface, one implementation in plain JavaScript.

/** Dense kernels on row-major arrays. */
export interface DenseBackend {
  readonly name: string;
  /** C (m × n) = α A (m × k) B (k × n) + β C. */
  gemm(C: Float64Array, A: Float64Array, B: Float64Array, m: number, n: number, k: number, alpha: number, beta: number): void;
  /** C (n × n) = A Aᵀ, A n × k; written whole. */
  syrk(C: Float64Array, A: Float64Array, n: number, k: number): void;
}

const block = 64;

/** Plain JavaScript, blocked for the cache; each inner loop is a 2 × 2 block of dot products over contiguous rows. */
export const javascriptBackend: DenseBackend = {
  name: "javascript",

  gemm(C, A, B, m, n, k, alpha, beta) {
    if (beta === 0) C.fill(0, 0, m * n);
    else if (beta !== 1) for (let i = 0; i < m * n; i++) C[i] = beta * C[i]!;
    // Rows of B are streamed against four rows of A at a time.
    for (let p0 = 0; p0 < k; p0 += block) {
      const p1 = Math.min(k, p0 + block);
      for (let i = 0; i < m; i++) {
        const row = i * n;
        let p = p0;
        for (; p + 3 < p1; p += 4) {
          const a0 = alpha * A[i * k + p]!;
          const a1 = alpha * A[i * k + p + 1]!;
          const a2 = alpha * A[i * k + p + 2]!;
          const a3 = alpha * A[i * k + p + 3]!;
          const b0 = p * n;
          const b1 = b0 + n;
          const b2 = b1 + n;
          const b3 = b2 + n;
          for (let j = 0; j < n; j++) {
            C[row + j] = C[row + j]! + a0 * B[b0 + j]! + a1 * B[b1 + j]! + (a2 * B[b2 + j]! + a3 * B[b3 + j]!);
          }
        }
        for (; p < p1; p++) {
          const a = alpha * A[i * k + p]!;
          const b = p * n;
          for (let j = 0; j < n; j++) C[row + j] = C[row + j]! + a * B[b + j]!;
        }
      }
    }
  },

  syrk(C, A, n, k) {
    for (let i0 = 0; i0 < n; i0 += block) {
      const i1 = Math.min(n, i0 + block);
      for (let j0 = 0; j0 < i1; j0 += block) {
        const j1 = Math.min(n, j0 + block);
        for (let i = i0; i < i1; i += 2) {
          const iLast = Math.min(i + 1, n - 1);
          const a = i * k;
          const b = iLast * k;
          for (let j = j0; j < j1 && j <= iLast; j += 2) {
            const jLast = Math.min(j + 1, n - 1);
            const c = j * k;
            const d = jLast * k;
            let s00 = 0;
            let s01 = 0;
            let s10 = 0;
            let s11 = 0;
            for (let p = 0; p < k; p++) {
              const ap = A[a + p]!;
              const bp = A[b + p]!;
              const cp = A[c + p]!;
              const dp = A[d + p]!;
              s00 += ap * cp;
              s01 += ap * dp;
              s10 += bp * cp;
              s11 += bp * dp;
            }
            C[i * n + j] = C[j * n + i] = s00;
            C[i * n + jLast] = C[jLast * n + i] = s01;
            C[iLast * n + j] = C[j * n + iLast] = s10;
            C[iLast * n + jLast] = C[jLast * n + iLast] = s11;
          }
        }
      }
    }
  },
};

let backend: DenseBackend = javascriptBackend;

/** The kernels in use. */
export const denseBackend = (): DenseBackend => backend;

/** Takes other kernels into use for all that follows; answers those in use before. */
export function setDenseBackend(next: DenseBackend): DenseBackend {
  const before = backend;
  backend = next;
  return before;
}
