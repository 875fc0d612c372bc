// Figures of batches of small matrices: two a lane pair in WebAssembly, plain JavaScript, and a loop over the general routines.
import {
  batchedCholeskyInto,
  batchedEigenInto,
  batchedInverseInto,
  batchedPolarInto,
  choleskyFactorize,
  type DenseMatrix,
  denseMatrix,
  javascriptBatchBackend,
  luFactorize,
  luSolveInto,
  setBatchBackend,
  svd,
  symmetricEigen,
} from "@hessia/core/linear";
import { wasmBatchBackend } from "@hessia/core/wasm";
import { clock, type FigureContext, interleaved, type Measured } from "../../figures.js";

/** Runs every operation for n = 3, 6, 12; `items` are matrices. */
export async function batchFigures({ quick, signal, say }: FigureContext): Promise<Measured[]> {
  const measured: Measured[] = [];
  const wasm = wasmBatchBackend({ relaxed: false });
  for (const n of quick ? [3] : [3, 6, 12]) {
    const count = quick ? 500 : Math.round(200_000 / n ** 2);
    const size = n * n;
    // B + Bᵀ + 4 n I with entries of B in (0, 1): symmetric positive definite, and as good as any for the others.
    const A = new Float64Array(count * size);
    let s = 1;
    for (let k = 0; k < count; k++) {
      for (let i = 0; i < n; i++) {
        for (let j = 0; j <= i; j++) {
          s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
          A[k * size + i * n + j] = A[k * size + j * n + i] = s / 2 ** 31 + (i === j ? 4 * n : 0);
        }
      }
    }
    const [out, other] = [new Float64Array(A.length), new Float64Array(A.length)];
    const values = new Float64Array(count * n);
    const identity = Array.from({ length: n }, (_, j) => Float64Array.from({ length: n }, (_, i) => (i === j ? 1 : 0)));
    const loop = (work: (matrix: DenseMatrix) => unknown) => () => {
      for (let k = 0; k < count; k++) work(denseMatrix(n, n, A.subarray(k * size, (k + 1) * size)));
    };
    const column = new Float64Array(n);
    const invert = (matrix: DenseMatrix) => {
      const F = luFactorize(matrix);
      for (const e of identity) luSolveInto(column, F, e);
    };
    const works = {
      Cholesky: [() => batchedCholeskyInto(out, n, count, A), loop((M) => choleskyFactorize(M))],
      inverse: [() => batchedInverseInto(out, n, count, A), loop(invert)],
      eigen: [() => batchedEigenInto(values, out, n, count, A), loop((M) => symmetricEigen(M))],
      polar: [() => batchedPolarInto(out, other, n, count, A), loop((M) => svd(M))],
    } as const;
    for (const [name, [batch, naive]] of Object.entries(works)) {
      const kernel = `${name} of ${n} × ${n} matrices`;
      say(kernel);
      const by = (backend: typeof javascriptBatchBackend) => () => {
        const before = setBatchBackend(backend);
        batch();
        setBatchBackend(before);
      };
      const times = await interleaved(
        {
          ...(wasm === undefined ? {} : { "hessia wasm, batched": clock(by(wasm)) }),
          "hessia javascript, batched": clock(by(javascriptBatchBackend)),
          "a loop over the general routine": clock(naive),
        },
        quick ? 1 : 5,
        signal,
      );
      for (const [contender, { ms, note }] of Object.entries(times))
        measured.push({ kernel, contender, ms, items: count, ...(note === undefined ? {} : { note }) });
    }
  }
  return measured;
}
