// Sparse symmetric factorization P (A + σI) Pᵀ = L D Lᵀ without pivoting, analysed once and factored for many values and shifts.
//
// Multifrontal, by supernodes: Duff, Reid 1983, "The multifrontal solution of indefinite sparse symmetric linear equations", ACM Trans. Math.
// Softw. 9(3); Liu 1992, "The multifrontal method for sparse matrix solution: theory and practice", SIAM Review 34(1). A supernode's panel and
// update matrix begin with the entries of A, take in the update matrices of its children, and are reduced by dense kernels.
//
// Deviations:
// 1. L D Lᵀ in place of L Lᵀ, so that indefinite matrices can be gone through too where asked.
// 2. A request for a positive definite factor ends at the first pivot that is not positive, and keeps what was done, so that a direction
//    of negative curvature can be read from it (Conn, Gould, Toint 2000, "Trust-Region Methods", §7.3).
// 3. (|L||D||Lᵀ|)ₖₖ isn't summed up as such: it is what the diagonal entry loses to the pivot plus twice the share of negative pivots.
import { misuse, requireKnownOptions } from "../../errors.js";
import type { SparseMatrix, Vector } from "../matrix.js";
import { allocateFront, wasmFront } from "./front-engine.js";
import { type FrontFrame, type FrontKernels, javascriptFront } from "./sparse-front.js";
import type { Symbolic } from "./sparse-symbolic.js";

export { lowerFactor, negativeCurvatureInto, sparseSolveInto, sparseSolveManyInto } from "./sparse-solve.js";
export { type AnalyzeOptions, analyze, type Ordering, type Symbolic } from "./sparse-symbolic.js";

/** L (unit lower triangular) and D. */
export interface SparseFactor {
  readonly symbolic: Symbolic;
  /**
   * The panels of L (see `symbolic.panels`): row-major, the supernode's own rows first, with ones on their diagonal; what stands above it
   * there means nothing. They hold zeros where supernodes have been merged.
   */
  readonly values: Vector;
  /** The diagonal of D, permuted. */
  readonly d: Vector;
  /** The variable (original numbering) whose pivot was not positive, or too small where `indefinite` was asked; −1 for none. */
  failedAt: number;
  /** That pivot; 0 when there is none. */
  failedPivot: number;
  /** Pivots by sign, when it succeeded: the inertia of A + σI. */
  positive: number;
  negative: number;
  /** max (|L||D||Lᵀ|)ₖₖ over the columns done: the backward error is some n ε times this. When positive definite it is max aₖₖ + σ. */
  growth: number;
  /** Scratch memory. */
  readonly work: SparseFactorWork;
}

export interface SparseFactorWork {
  /** Panels, D, x, update matrices; then where it is the kernels' own memory the layout's runs and row indices, else a scaled copy. */
  readonly memory: Vector;
  /** Room for four vectors. */
  readonly x: Vector;
}

export interface FactorizeOptions {
  /** σ, finite. Default 0. */
  readonly shift?: number;
  /** A factor of the same analysis whose arrays are used again: nothing is allocated, and the earlier factor is gone. */
  readonly into?: SparseFactor;
  /**
   * Go on past negative pivots. No pivoting is done: a pivot of which cancellation has left nothing, so that rounding made its sign,
   * ends it. A growth far above max|A + σI| says that the counts and solutions may be wrong. Default false.
   */
  readonly indefinite?: boolean;
}

/**
 * Factors A + σI, A of the analysed pattern. What can go wrong is in the result: see `failedAt`.
 * @throws ArgumentError when A has another size or number of entries than the analysed matrix, `into` comes from another analysis, or
 * an option is wrong.
 */
export function sparseFactorize(symbolic: Symbolic, A: SparseMatrix, options: FactorizeOptions = {}): SparseFactor {
  const routine = "sparseFactorize";
  requireKnownOptions(routine, options, ["shift", "into", "indefinite"]);
  const { shift = 0, into, indefinite = false } = options;
  const { n, entrySources, supernodes, sequence, permutation } = symbolic;
  if (A.values.length !== entrySources.length || A.cols !== n) {
    const wanted = `the pattern that was analysed (${entrySources.length} entries)`;
    misuse(routine, "A", `with ${A.values.length} entries`, wanted);
  }
  if (!Number.isFinite(shift)) misuse(routine, "options.shift", String(shift), "a finite number");
  if (into !== undefined && into.symbolic !== symbolic) {
    misuse(routine, "options.into", "a factor of another analysis", "one made with the same `symbolic`");
  }
  const F = into ?? newFactor(symbolic);
  const { memory, x } = F.work;
  const work = F.values.length + 5 * n;
  const frame: FrontFrame = {
    memory,
    layout: symbolic,
    d: F.values.length,
    size: F.values.length + n,
    spare: work + symbolic.workSize,
    tolerance: n * Number.EPSILON,
    indefinite,
  };
  const kernels = wasmFront(frame) ?? javascriptFront(frame);
  x.fill(0, 0, n);
  // Columns from here on needn't be done: one before them has failed.
  let limit = n;
  for (const s of sequence) {
    const first = supernodes[s];
    if (first >= limit) continue;
    assemble(kernels, F, work, A.values, s, shift);
    const failed = eliminateSupernode(kernels, F, work, s);
    if (failed >= 0) limit = first + failed;
  }
  F.failedAt = limit < n ? permutation[limit] : -1;
  F.failedPivot = limit < n ? F.d[limit] : 0;
  F.negative = limit < n ? 0 : kernels.negative();
  F.positive = limit < n ? 0 : n - F.negative;
  F.growth = kernels.growth();
  return F;
}

/** Below this plain memory and plain JavaScript do: memory of the kernels' own takes a while to make. */
const fewFlops = 2e5;

function newFactor(symbolic: Symbolic): SparseFactor {
  const { n, panels, workSize, scaledSize, runs, rowIndices, flops } = symbolic;
  const size = panels[panels.length - 1];
  const fixed = size + 5 * n + workSize;
  const lists = runs.length + rowIndices.length;
  let memory = flops > fewFlops ? allocateFront(fixed + Math.ceil(lists / 2)) : undefined;
  if (memory !== undefined) {
    const integers = new Int32Array(memory.buffer, memory.byteOffset + 8 * fixed, lists);
    integers.set(runs);
    integers.set(rowIndices, runs.length);
  } else memory = new Float64Array(fixed + scaledSize);
  return {
    symbolic,
    values: memory.subarray(0, size),
    d: memory.subarray(size, size + n),
    failedAt: -1,
    failedPivot: 0,
    positive: 0,
    negative: 0,
    growth: 0,
    work: { memory, x: memory.subarray(size + n, size + 5 * n) },
  };
}

/** Fills the panel and update matrix of supernode s with the entries of A + σI and what its children left. */
function assemble(kernels: FrontKernels, F: SparseFactor, work: number, a: Vector, s: number, shift: number): void {
  const { memory, x } = F.work;
  const { supernodes, rowPointers, panels, updates, firstChild, nextSibling } = F.symbolic;
  const { entryPointers, entrySources, entryPlaces } = F.symbolic;
  const first = supernodes[s];
  const width = supernodes[s + 1] - first;
  const height = rowPointers[s + 1] - rowPointers[s];
  const base = panels[s];
  const update = work + updates[s];
  kernels.clear(base, panels[s + 1], update, height);
  const last = entryPointers[s + 1];
  for (let e = entryPointers[s]; e < last; e++) memory[base + entryPlaces[e]] = a[entrySources[e]];
  for (let k = 0; k < width; k++) {
    const at = base + k * (width + 1);
    memory[at] += shift;
    x[first + k] += memory[at];
  }
  for (let c = firstChild[s]; c !== -1; c = nextSibling[c]) {
    kernels.extendAdd(c, work + updates[c], rowPointers[c + 1] - rowPointers[c], base, width, update, height);
  }
}

/** Factors the panel of supernode s and reduces its update matrix; answers −1, or which of its columns has a bad pivot. */
function eliminateSupernode(kernels: FrontKernels, F: SparseFactor, work: number, s: number): number {
  const { supernodes, rowPointers, rowIndices, panels, updates } = F.symbolic;
  const first = supernodes[s];
  const width = supernodes[s + 1] - first;
  const from = rowPointers[s];
  const height = rowPointers[s + 1] - from;
  const negative = kernels.negative();
  const failed = kernels.factorPanel(panels[s], width, width + height, first);
  if (failed >= 0 || height === 0) return failed;
  if (kernels.negative() > negative) {
    const { memory, x } = F.work;
    for (let i = 0; i < height; i++) {
      const row = panels[s] + (width + i) * width;
      const k = rowIndices[from + i];
      for (let t = 0; t < width; t++) if (F.d[first + t] < 0) x[k] -= 2 * memory[row + t] ** 2 * F.d[first + t];
    }
  }
  kernels.updateBelow(panels[s], width, height, first, work + updates[s]);
  return -1;
}
