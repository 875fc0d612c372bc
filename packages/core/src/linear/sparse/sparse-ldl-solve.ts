// Solves with a sparse indefinite factor P (A + σI) Pᵀ = L D Lᵀ, D with blocks of order 1 and 2: forward through the fronts, D, and back.
import { misuse } from "../../errors.js";
import type { Vector } from "../matrix.js";
import type { SparseLdl } from "./sparse-ldl.js";

/**
 * out = (A + σI)⁻¹ b; `out` may be b. With `zero` > 0 the answer solves a system with other pivots in the place of zeros: refine it, and look at the
 * backward error.
 * @throws ArgumentError when a length doesn't fit.
 */
export function sparseLdlSolveInto(out: Vector, F: SparseLdl, b: Vector): Vector {
  const { symbolic, starts, rowStarts, rows, panels, values, d, e } = F;
  const { n, permutation } = symbolic;
  if (b.length !== n) misuse("sparseLdlSolveInto", "b", `of length ${b.length}`, `length ${n}`);
  if (out.length !== n) misuse("sparseLdlSolveInto", "out", `of length ${out.length}`, `length ${n}`);
  const y = new Float64Array(n);
  const z = new Float64Array(n);
  for (let k = 0; k < n; k++) y[k] = b[permutation[k]];
  const count = starts.length - 1;
  for (let f = 0; f < count; f++) {
    const first = starts[f];
    const width = starts[f + 1] - first;
    const from = rowStarts[f];
    const size = rowStarts[f + 1] - from;
    let row = panels[f];
    for (let i = 0; i < size; i++, row += width) {
      const known = Math.min(i, width);
      let sum = 0;
      for (let t = 0; t < known; t++) sum += values[row + t] * z[first + t];
      if (i < width) z[first + i] = y[rows[from + i]] - sum;
      else y[rows[from + i]] -= sum;
    }
  }
  solveBlocks(z, d, e);
  for (let f = count - 1; f >= 0; f--) {
    const first = starts[f];
    const width = starts[f + 1] - first;
    const from = rowStarts[f];
    let row = panels[f] + width * (rowStarts[f + 1] - from);
    for (let i = rowStarts[f + 1] - from - 1; i >= 0; i--) {
      row -= width;
      const x = i < width ? z[first + i] : y[rows[from + i]];
      if (i < width) y[rows[from + i]] = x;
      const known = Math.min(i, width);
      for (let t = 0; t < known; t++) z[first + t] -= values[row + t] * x;
    }
  }
  for (let k = 0; k < n; k++) out[permutation[k]] = y[k];
  return out;
}

/** D z = z in place. */
function solveBlocks(z: Vector, d: Vector, e: Vector): void {
  for (let k = 0; k < z.length; k++) {
    const b = e[k];
    if (b === 0) {
      z[k] /= d[k];
      continue;
    }
    // All divided by b: nothing overflows that the solution doesn't.
    const a = d[k] / b;
    const c = d[k + 1] / b;
    const det = a * c - 1;
    const [u, v] = [z[k] / b, z[k + 1] / b];
    z[k] = (c * u - v) / det;
    z[k + 1] = (a * v - u) / det;
    k++;
  }
}
