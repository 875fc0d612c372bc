// Sparse symmetric indefinite factorization P (A + σI) Pᵀ = L D Lᵀ, D with blocks of order 1 and 2, and from it the inertia.
//
// Multifrontal with delayed pivots: Duff, Reid 1983, "The multifrontal solution of indefinite sparse symmetric linear equations", ACM Trans. Math.
// Softw. 9(3). A column that has no stable pivot at its supernode goes on to the parent, where more rows are fully summed; at a root there is
// always one, unless what is left is zero. The pivots within a front: ldl-front.ts.
//
// Deviations:
// 1. The order and the supernodes are those of the definite factorization (sparse-symbolic.ts); a front grows by what its children delayed.
// 2. What is left at a root and no larger than n ε max|A + σI| counts as zero; √ε max|A + σI| takes its place in D, so that solves answer something
//    finite, which iterative refinement (refinement.ts) makes a solution where there is one.
import { misuse, requireKnownOptions, requireNumber } from "../../errors.js";
import { denseBackend } from "../dense/backend.js";
import type { SparseMatrix, Vector } from "../matrix.js";
import { eliminateFront, frontLength, type LdlFront, newFront, settleRest } from "./ldl-front.js";
import type { Symbolic } from "./sparse-symbolic.js";

/** L, D and the inertia. Plain data; fronts are numbered in the order in which they were done. */
export interface SparseLdl {
  readonly symbolic: Symbolic;
  /** Columns starts[f] … starts[f + 1] − 1 of L and D were eliminated in front f. */
  readonly starts: Int32Array;
  /** The rows of its panel, its own columns first, are rows[rowStarts[f]] …; they are places in `symbolic.permutation`. */
  readonly rowStarts: Int32Array;
  readonly rows: Int32Array;
  /** Its panel, row by row, begins at values[panels[f]]. L has ones on its diagonal; what stands there and above means nothing. */
  readonly panels: Float64Array;
  readonly values: Vector;
  /** The diagonal of D; e[k] ≠ 0 marks a block of order 2 at k, k + 1 with that entry off its diagonal. */
  readonly d: Vector;
  readonly e: Vector;
  /** The inertia of A + σI: eigenvalues by sign, those that rounding can't tell from zero apart. */
  readonly positive: number;
  readonly negative: number;
  readonly zero: number;
  /** The variable (original numbering) of the first zero pivot; −1 for none. */
  readonly singularAt: number;
  /** Columns handed on to a parent, counted each time. */
  readonly delayed: number;
}

export interface SparseLdlOptions {
  /** σ, finite. Default 0. */
  readonly shift?: number;
  /**
   * A pivot is taken if no entry of its column is more than 1/threshold times larger; 0 < threshold < 0.5. Larger is more accurate and fills more.
   * Default 0.01.
   */
  readonly threshold?: number;
}

/**
 * Factors A + σI, A symmetric of the analysed pattern, definite or not. Never fails: a singular matrix shows in `zero`.
 * @throws ArgumentError when A has another size or number of entries than the analysed matrix or a value that isn't finite, or an option is wrong.
 */
export function sparseLdlFactorize(symbolic: Symbolic, A: SparseMatrix, options: SparseLdlOptions = {}): SparseLdl {
  const routine = "sparseLdlFactorize";
  requireKnownOptions(routine, options, ["shift", "threshold"]);
  const { shift = 0, threshold = 0.01 } = options;
  const { n, entrySources, sequence, superParent, permutation } = symbolic;
  if (A.cols !== n || A.values.length !== entrySources.length)
    misuse(
      routine,
      "A",
      `with ${A.values.length} entries`,
      `the pattern that was analysed (${entrySources.length} entries)`,
    );
  if (!Number.isFinite(shift)) misuse(routine, "options.shift", String(shift), "a finite number");
  requireNumber(routine, "options.threshold", threshold, { above: 0, below: 0.5 });
  const scale = largest(routine, A) + Math.abs(shift);
  const run = newRun(symbolic, threshold, n * Number.EPSILON * scale, Math.sqrt(Number.EPSILON) * scale || 1);
  for (let f = 0; f < sequence.length; f++) {
    const s = sequence[f];
    const front = assembleFront(run, A, s, shift);
    eliminateFront(front);
    if (superParent[s] === -1) settleRest(front);
    store(run, front, f, s);
  }
  const { starts, rowStarts, panels, d, e, positive, negative, zero, zeroAt, delayed } = run;
  return {
    symbolic,
    starts,
    rowStarts,
    rows: run.rows.slice(0, rowStarts[sequence.length]),
    panels,
    values: run.values.slice(0, run.at),
    d,
    e,
    positive,
    negative,
    zero,
    singularAt: zeroAt === -1 ? -1 : permutation[zeroAt],
    delayed,
  };
}

/** max|A|; throws where a value isn't finite. */
function largest(routine: string, { cols, colPointers, rowIndices, values }: SparseMatrix): number {
  let most = 0;
  for (let j = 0; j < cols; j++) {
    for (let p = colPointers[j]; p < colPointers[j + 1]; p++) {
      if (!Number.isFinite(values[p]))
        misuse(routine, "A.values", `${values[p]} at row ${rowIndices[p]}, column ${j}`, "finite numbers");
      most = Math.max(most, Math.abs(values[p]));
    }
  }
  return most;
}

/** What a front leaves to its parent's: rows, of which the first `delayed` are columns without a pivot, and the lower triangle of their matrix. */
interface Remainder {
  readonly rows: Int32Array;
  readonly delayed: number;
  readonly matrix: Vector;
}

interface Run {
  readonly symbolic: Symbolic;
  readonly threshold: number;
  readonly tiny: number;
  readonly substitute: number;
  /** By supernode. */
  readonly remainders: (Remainder | undefined)[];
  readonly place: Int32Array;
  readonly starts: Int32Array;
  readonly rowStarts: Int32Array;
  readonly panels: Float64Array;
  readonly d: Vector;
  readonly e: Vector;
  /** Memory of the largest front so far. */
  memory: Vector;
  rows: Int32Array;
  values: Vector;
  /** Entries of `values` so far. */
  at: number;
  positive: number;
  negative: number;
  zero: number;
  zeroAt: number;
  delayed: number;
}

function newRun(symbolic: Symbolic, threshold: number, tiny: number, substitute: number): Run {
  const { n, panels, rowIndices } = symbolic;
  const count = panels.length - 1;
  return {
    symbolic,
    threshold,
    tiny,
    substitute,
    remainders: new Array<Remainder | undefined>(count).fill(undefined),
    place: new Int32Array(n),
    starts: new Int32Array(count + 1),
    rowStarts: new Int32Array(count + 1),
    panels: new Float64Array(count),
    d: new Float64Array(n),
    e: new Float64Array(n),
    memory: new Float64Array(0),
    rows: new Int32Array(n + rowIndices.length),
    values: new Float64Array(panels[count]),
    at: 0,
    positive: 0,
    negative: 0,
    zero: 0,
    zeroAt: -1,
    delayed: 0,
  };
}

/** The front of supernode s: its own columns, those that its children delayed, the rows below; entries of A + σI and what the children left. */
function assembleFront(run: Run, A: SparseMatrix, s: number, shift: number): LdlFront {
  const { symbolic, remainders, place } = run;
  const { supernodes, rowPointers, rowIndices, firstChild, nextSibling } = symbolic;
  const { entryPointers, entrySources, entryPlaces } = symbolic;
  const first = supernodes[s];
  const width = supernodes[s + 1] - first;
  let late = 0;
  for (let c = firstChild[s]; c !== -1; c = nextSibling[c]) late += remainders[c]?.delayed ?? 0;
  const candidates = width + late;
  const size = candidates + rowPointers[s + 1] - rowPointers[s];
  const rows = new Int32Array(size);
  for (let k = 0; k < width; k++) rows[k] = first + k;
  let at = width;
  for (let c = firstChild[s]; c !== -1; c = nextSibling[c]) {
    const rest = remainders[c];
    if (rest === undefined) continue;
    for (let k = 0; k < rest.delayed; k++) rows[at++] = rest.rows[k];
  }
  rows.set(rowIndices.subarray(rowPointers[s], rowPointers[s + 1]), at);
  for (let k = 0; k < size; k++) place[rows[k]] = k;
  const length = frontLength(size);
  if (run.memory.length < length) run.memory = denseBackend().allocate(Math.ceil(1.2 * length));
  const { memory } = run;
  for (let i = 0; i < size; i++) memory.fill(0, i * size, i * size + i + 1);
  for (let q = entryPointers[s]; q < entryPointers[s + 1]; q++) {
    const row = Math.floor(entryPlaces[q] / width);
    const column = entryPlaces[q] - row * width;
    memory[(row < width ? row : row + late) * size + column] = A.values[entrySources[q]];
  }
  for (let k = 0; k < width; k++) memory[k * size + k] += shift;
  for (let c = firstChild[s]; c !== -1; c = nextSibling[c]) {
    const rest = remainders[c];
    if (rest !== undefined) addRemainder(memory, size, place, rest);
    remainders[c] = undefined;
  }
  const { threshold, tiny, substitute } = run;
  return newFront(memory, size, candidates, rows, threshold, tiny, substitute);
}

function addRemainder(memory: Vector, size: number, place: Int32Array, { rows, matrix }: Remainder): void {
  const count = rows.length;
  for (let i = 0; i < count; i++) {
    const a = place[rows[i]];
    const row = a * size;
    const from = i * count;
    for (let j = 0; j <= i; j++) {
      const b = place[rows[j]];
      memory[b <= a ? row + b : b * size + a] += matrix[from + j];
    }
  }
}

/** Takes the panel and D of front f out of its memory, and the rest of it for the parent of supernode s. */
function store(run: Run, front: LdlFront, f: number, s: number): void {
  const { memory, size, candidates, rows, done, d, e } = front;
  const column = run.starts[f];
  run.starts[f + 1] = column + done;
  run.d.set(d.subarray(0, done), column);
  run.e.set(e.subarray(0, done), column);
  const rowAt = run.rowStarts[f];
  if (run.rows.length < rowAt + size) {
    const longer = new Int32Array(2 * (rowAt + size));
    longer.set(run.rows);
    run.rows = longer;
  }
  run.rows.set(rows, rowAt);
  run.rowStarts[f + 1] = rowAt + size;
  run.panels[f] = run.at;
  if (run.values.length < run.at + size * done) {
    const longer = new Float64Array(Math.ceil(1.5 * (run.at + size * done)));
    longer.set(run.values);
    run.values = longer;
  }
  for (let i = 0; i < size; i++, run.at += done) run.values.set(memory.subarray(i * size, i * size + done), run.at);
  run.positive += front.positive;
  run.negative += front.negative;
  run.zero += front.zero;
  if (run.zeroAt === -1 && front.zero > 0) run.zeroAt = rows[front.firstZero];
  const left = size - done;
  if (left === 0) return;
  run.delayed += candidates - done;
  const matrix = new Float64Array(left * left);
  for (let i = 0; i < left; i++) {
    const row = (done + i) * size + done;
    matrix.set(memory.subarray(row, row + i + 1), i * left);
  }
  run.remainders[s] = { rows: rows.slice(done), delayed: candidates - done, matrix };
}
