// Solves with a sparse factor P (A + σI) Pᵀ = L D Lᵀ by its supernodes, and what else is read from it.
import { misuse } from "../../errors.js";
import type { DenseMatrix, SparseMatrix, Vector } from "../matrix.js";
import { boundTo } from "./front-engine.js";
import type { SparseFactor } from "./sparse-cholesky.js";

/**
 * out = (A + σI)⁻¹ b. `out` may be b. Of a factorization that failed the answer is NaN throughout.
 * @throws ArgumentError when a length doesn't fit.
 */
export function sparseSolveInto(out: Vector, F: SparseFactor, b: Vector): Vector {
  const { n, permutation } = F.symbolic;
  if (b.length !== n) misuse("sparseSolveInto", "b", `of length ${b.length}`, `length ${n}`);
  if (out.length !== n) misuse("sparseSolveInto", "out", `of length ${out.length}`, `length ${n}`);
  if (F.failedAt >= 0) return out.fill(Number.NaN);
  const y = F.work.x;
  for (let k = 0; k < n; k++) y[k] = b[permutation[k]];
  const exports = boundTo(F.work.memory);
  if (exports === undefined) forward(F, y);
  else sweep(F, exports.forwardFront!, 3, false);
  for (let k = 0; k < n; k++) y[k] /= F.d[k];
  if (exports === undefined) backward(F, y);
  else sweep(F, exports.backwardFront!, 3, true);
  for (let k = 0; k < n; k++) out[permutation[k]] = y[k];
  return out;
}

/**
 * X = (A + σI)⁻¹ B for n × k matrices, a right-hand side a column; four columns at a time go through the factor together. `X` may be B. Of a
 * factorization that failed the answer is NaN throughout.
 * @throws ArgumentError when a shape doesn't fit.
 */
export function sparseSolveManyInto(X: DenseMatrix, F: SparseFactor, B: DenseMatrix): DenseMatrix {
  const { n, permutation } = F.symbolic;
  const shape = ({ rows, cols }: DenseMatrix) => `${rows} × ${cols}`;
  if (B.rows !== n) misuse("sparseSolveManyInto", "B", shape(B), `${n} rows`);
  if (X.rows !== n || X.cols !== B.cols) misuse("sparseSolveManyInto", "X", shape(X), `the shape of B, ${shape(B)}`);
  const k = B.cols;
  if (F.failedAt >= 0) {
    X.data.fill(Number.NaN);
    return X;
  }
  const exports = boundTo(F.work.memory);
  const y = F.work.x;
  for (let c = 0; c < k; c += 4) {
    const count = Math.min(4, k - c);
    const four = exports !== undefined && count > 1;
    const step = four ? 4 : 1;
    for (let first = c; first < c + count; first += step) {
      const columns = four ? count : 1;
      for (let i = 0; i < n; i++) {
        const from = permutation[i] * k + first;
        for (let t = 0; t < step; t++) y[step * i + t] = t < columns ? B.data[from + t] : 0;
      }
      if (exports === undefined) forward(F, y);
      else sweep(F, four ? exports.forwardFront4! : exports.forwardFront!, four ? 5 : 3, false);
      for (let i = 0; i < n; i++) for (let t = 0; t < step; t++) y[step * i + t] /= F.d[i];
      if (exports === undefined) backward(F, y);
      else sweep(F, four ? exports.backwardFront4! : exports.backwardFront!, four ? 5 : 3, true);
      for (let i = 0; i < n; i++) {
        const to = permutation[i] * k + first;
        for (let t = 0; t < columns; t++) X.data[to + t] = y[step * i + t];
      }
    }
  }
  return X;
}

/** Calls a kernel for each supernode, up or down; an unknown has 2^shift bytes. */
function sweep(
  { symbolic, values, work }: SparseFactor,
  kernel: (...values: number[]) => number,
  shift: number,
  down: boolean,
): void {
  const { supernodes, rowPointers, panels, runs, rowIndices } = symbolic;
  const count = supernodes.length - 1;
  const { memory, x } = work;
  const origin = values.byteOffset;
  // The row indices are the last thing in the memory, behind the runs.
  const lists = memory.byteOffset + 8 * (memory.length - Math.ceil((runs.length + rowIndices.length) / 2));
  const rows = lists + 4 * runs.length;
  for (let k = 0; k < count; k++) {
    const s = down ? count - 1 - k : k;
    const from = rowPointers[s];
    kernel(
      origin + 8 * panels[s],
      supernodes[s + 1] - supernodes[s],
      rowPointers[s + 1] - from,
      x.byteOffset + (supernodes[s] << shift),
      x.byteOffset,
      rows + 4 * from,
    );
  }
}

/** L y = y in place. */
function forward({ symbolic, values }: SparseFactor, y: Vector): void {
  const { supernodes, rowPointers, rowIndices, panels } = symbolic;
  const count = supernodes.length - 1;
  for (let s = 0; s < count; s++) {
    const first = supernodes[s];
    const width = supernodes[s + 1] - first;
    let row = panels[s];
    for (let k = 1; k < width; k++) {
      row += width;
      let sum = y[first + k];
      for (let t = 0; t < k; t++) sum -= values[row + t] * y[first + t];
      y[first + k] = sum;
    }
    const last = rowPointers[s + 1];
    for (let q = rowPointers[s]; q < last; q++) {
      row += width;
      let sum = 0;
      for (let t = 0; t < width; t++) sum += values[row + t] * y[first + t];
      y[rowIndices[q]] -= sum;
    }
  }
}

/** Lᵀ y = y in place. */
function backward({ symbolic, values }: SparseFactor, y: Vector): void {
  const { supernodes, rowPointers, rowIndices, panels } = symbolic;
  for (let s = supernodes.length - 2; s >= 0; s--) {
    const first = supernodes[s];
    const width = supernodes[s + 1] - first;
    const last = rowPointers[s + 1];
    let row = panels[s] + width * width;
    for (let q = rowPointers[s]; q < last; q++) {
      const yq = y[rowIndices[q]];
      for (let t = 0; t < width; t++) y[first + t] -= values[row + t] * yq;
      row += width;
    }
    for (let k = width - 1; k > 0; k--) {
      row = panels[s] + k * width;
      const yk = y[first + k];
      for (let t = 0; t < k; t++) y[first + t] -= values[row + t] * yk;
    }
  }
}

/**
 * After a failure at a pivot π ≤ 0: writes a vector v with vᵀ(A + σI)v = π into `out` and answers vᵀv, so that
 * λ_min(A) ≤ π / vᵀv − σ. v solves Lᵀv = e_k on the leading block (Conn, Gould, Toint 2000, §7.3).
 * @throws ArgumentError when the factorization succeeded or `out` has another length.
 */
export function negativeCurvatureInto(out: Vector, { symbolic, values, failedAt, work }: SparseFactor): number {
  const { n, permutation, inverse, supernodes, supernodeOf, rowPointers, rowIndices, panels } = symbolic;
  if (failedAt < 0) misuse("negativeCurvatureInto", "factor", "a factor that succeeded", "one with `failedAt` ≥ 0");
  if (out.length !== n) misuse("negativeCurvatureInto", "out", `of length ${out.length}`, `length ${n}`);
  const last = inverse[failedAt];
  const v = work.x.fill(0, 0, n);
  v[last] = 1;
  for (let s = supernodeOf[last]; s >= 0; s--) {
    const first = supernodes[s];
    const width = supernodes[s + 1] - first;
    let row = panels[s] + width * width;
    for (let q = rowPointers[s]; q < rowPointers[s + 1] && rowIndices[q] <= last; q++) {
      const vq = v[rowIndices[q]];
      if (vq !== 0) for (let t = 0; t < width; t++) v[first + t] -= values[row + t] * vq;
      row += width;
    }
    for (let k = Math.min(width - 1, last - first); k > 0; k--) {
      const vk = v[first + k];
      row = panels[s] + k * width;
      if (vk !== 0) for (let t = 0; t < k; t++) v[first + t] -= values[row + t] * vk;
    }
  }
  let squares = 0;
  for (let k = 0; k <= last; k++) squares += v[k] * v[k];
  for (let k = 0; k < n; k++) out[permutation[k]] = v[k];
  return squares;
}

/** L as a sparse matrix, its unit diagonal stored, in the permuted numbering. Rows of a column are ascending. */
export function lowerFactor({ symbolic, values }: SparseFactor): SparseMatrix {
  const { n, parent, pointers, supernodes, supernodeOf, rowPointers, panels } = symbolic;
  const { entryPointers, entrySources, entryPlaces, rowIndices } = symbolic;
  const colPointers = pointers.map((p, j) => p + j);
  const rows = new Int32Array(pointers[n] + n);
  const entries = new Float64Array(pointers[n] + n);
  const next = colPointers.slice(0, n);
  // The entries of A by rows: row k of L has one in every column on the way, in the tree, from those up to k.
  const starts = new Int32Array(n + 1);
  const count = supernodes.length - 1;
  const rowOf = (s: number, local: number) => {
    const width = supernodes[s + 1] - supernodes[s];
    return local < width ? supernodes[s] + local : rowIndices[rowPointers[s] + local - width];
  };
  const each = (visit: (row: number, column: number) => void) => {
    for (let s = 0; s < count; s++) {
      const width = supernodes[s + 1] - supernodes[s];
      for (let e = entryPointers[s]; e < entryPointers[s + 1]; e++) {
        const local = Math.floor(entryPlaces[e] / width);
        visit(rowOf(s, local), supernodes[s] + entryPlaces[e] - local * width);
      }
    }
  };
  each((row) => starts[row + 1]++);
  for (let k = 0; k < n; k++) starts[k + 1] += starts[k];
  const columns = new Int32Array(entrySources.length);
  const fill = starts.slice(0, n);
  each((row, column) => {
    columns[fill[row]++] = column;
  });
  const seen = new Int32Array(n).fill(-1);
  // The row of the supernode's panel that is to be looked at next: rows come ascending.
  const at = new Int32Array(count);
  for (let k = 0; k < n; k++) {
    seen[k] = k;
    rows[next[k]] = k;
    entries[next[k]++] = 1;
    for (let q = starts[k]; q < starts[k + 1]; q++) {
      for (let j = columns[q]; seen[j] !== k; j = parent[j]) {
        seen[j] = k;
        const s = supernodeOf[j];
        const first = supernodes[s];
        const width = supernodes[s + 1] - first;
        let local = k - first;
        if (local >= width) {
          while (rowIndices[rowPointers[s] + at[s]] < k) at[s]++;
          local = width + at[s];
        }
        rows[next[j]] = k;
        entries[next[j]++] = values[panels[s] + local * width + j - first];
      }
    }
  }
  return { kind: "sparse", rows: n, cols: n, colPointers, rowIndices: rows, values: entries, symmetric: false };
}
