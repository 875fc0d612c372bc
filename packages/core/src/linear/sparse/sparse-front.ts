// The dense work of one supernode: its panel [L₁₁; L₂₁], w columns and r rows below, row-major with rows of w entries, is factored in place,
// and its update matrix is reduced, U −= L₂₁ D L₂₁ᵀ.
//
// Blocks of at most 32 columns are done by dot products (Golub, Van Loan 2013, "Matrix Computations", algorithm 4.1.2 by rows); wider panels by
// recursion on the columns, whose halves are joined by matrix products (Gustavson 1997). Small products stay in plain JavaScript:
// a call of a kernel costs about as much as the multiplications of `small`.
import { blockSize, type DenseBackend, denseBackend } from "../dense/backend.js";
import type { Vector } from "../matrix.js";
import type { SparseLayout } from "./sparse-layout.js";

/** The steps of a factorization at one supernode. Places are indices into the factor's memory. */
export interface FrontKernels {
  /** Zeros in a panel and in the lower triangle of an update matrix. */
  clear(panel: number, panelEnd: number, update: number, height: number): void;
  /** Adds the update matrix of supernode c, height × height at `child`, to its parent's panel and update matrix. */
  extendAdd(
    c: number,
    child: number,
    height: number,
    panel: number,
    width: number,
    update: number,
    parentHeight: number,
  ): void;
  /** Factors the panel at `base`, its first column the `first`; answers −1, or the number in the panel of the column whose pivot was bad. */
  factorPanel(base: number, width: number, rows: number, first: number): number;
  /** The lower triangle of U −= L₂₁ D L₂₁ᵀ. */
  updateBelow(base: number, width: number, height: number, first: number, update: number): void;
  /** max (|L||D||Lᵀ|)ₖₖ, and negative pivots, so far. */
  growth(): number;
  negative(): number;
}

/** What the kernels work with. */
export interface FrontFrame {
  /** Panels, D, sizes, update matrices, the scaled copy: see `sparse-cholesky.ts`. */
  readonly memory: Vector;
  readonly layout: SparseLayout;
  /** Where D begins; the sizes (|L||D||Lᵀ|)ₖₖ (what a diagonal entry was, plus twice what negative pivots have brought). */
  readonly d: number;
  readonly size: number;
  /** Where there is a scaled copy or, in the kernels' own memory, the layout's runs. */
  readonly spare: number;
  /** n ε: a pivot not above this share of its size has no sign to be trusted. */
  readonly tolerance: number;
  readonly indefinite: boolean;
}

/** The kernels in plain JavaScript, large products by the dense backend. */
export function javascriptFront(frame: FrontFrame): FrontKernels {
  const { memory, layout, d, size, spare } = frame;
  const n = size - d;
  const front: Front = {
    ...frame,
    backend: denseBackend(),
    scaled: spare,
    d: memory.subarray(d, d + n),
    size: memory.subarray(size, size + n),
    growth: 0,
    negative: 0,
  };
  return {
    clear(panel, panelEnd, update, height) {
      memory.fill(0, panel, panelEnd);
      if (height <= 32) memory.fill(0, update, update + height * height);
      else for (let i = 0; i < height; i++) memory.fill(0, update + i * height, update + i * height + i + 1);
    },
    extendAdd: (c, child, height, panel, width, update, parentHeight) =>
      extendAdd(memory, layout, c, child, height, panel, width, update, parentHeight),
    factorPanel: (base, width, rows, first) => factorColumns(front, base, width, rows, first, 0, width, front.negative),
    updateBelow: (base, width, height, first, update) => updateBelow(front, base, width, height, first, update),
    growth: () => front.growth,
    negative: () => front.negative,
  };
}

interface Front {
  readonly backend: DenseBackend;
  readonly memory: Vector;
  readonly scaled: number;
  readonly d: Vector;
  readonly size: Vector;
  readonly tolerance: number;
  readonly indefinite: boolean;
  growth: number;
  negative: number;
}

/** Multiplications from which a call of the backend pays. */
const small = 600;

function factorColumns(
  front: Front,
  base: number,
  width: number,
  rows: number,
  first: number,
  from: number,
  to: number,
  negative: number,
): number {
  if (to - from <= blockSize) return factorBlock(front, base, width, rows, first, from, to, negative);
  const { backend, memory, scaled, d } = front;
  const middle = from + blockSize * Math.ceil((to - from) / (2 * blockSize));
  const failed = factorColumns(front, base, width, rows, first, from, middle, negative);
  if (failed >= 0) return failed;
  // A₂ −= L₁ D₁ (L₁ of the rows of the right half)ᵀ.
  const depth = middle - from;
  scaleRows(memory, scaled, base + middle * width + from, width, to - middle, depth, d, first + from);
  const right = base + middle * width;
  const l = right + from;
  backend.gemm(
    rows - middle,
    to - middle,
    depth,
    -1,
    memory,
    l,
    width,
    memory,
    scaled,
    depth,
    memory,
    right + middle,
    width,
  );
  return factorColumns(front, base, width, rows, first, middle, to, negative);
}

/** to = A D, rows × depth, A with rows `stride` apart. */
function scaleRows(
  memory: Vector,
  to: number,
  from: number,
  stride: number,
  rows: number,
  depth: number,
  d: Vector,
  first: number,
): void {
  for (let i = 0; i < rows; i++) {
    const source = from + i * stride;
    const target = to + i * depth;
    for (let t = 0; t < depth; t++) memory[target + t] = memory[source + t] * d[first + t];
  }
}

/** Columns from … to − 1 of the panel, all rows, everything to the left of them subtracted. */
function factorBlock(
  front: Front,
  base: number,
  width: number,
  rows: number,
  first: number,
  from: number,
  to: number,
  negative: number,
): number {
  const { backend, memory, d, size, tolerance, indefinite } = front;
  for (let k = from; k < to; k++) {
    const row = base + k * width;
    // y = the row of L D, by columns; L = y D⁻¹ replaces it when its part of the pivot is known.
    let pivot = memory[row + k];
    for (let t = from; t < k; t++) {
      const other = base + t * width;
      let y = memory[row + t];
      for (let u = from; u < t; u++) y -= memory[row + u] * memory[other + u];
      memory[row + t] = y;
    }
    for (let t = from; t < k; t++) {
      const y = memory[row + t];
      const l = y / d[first + t];
      pivot -= y * l;
      memory[row + t] = l;
    }
    let whole = size[first + k];
    if (front.negative > negative) {
      for (let t = 0; t < k; t++) if (d[first + t] < 0) whole -= 2 * memory[row + t] * memory[row + t] * d[first + t];
    }
    if (!(pivot > 0)) whole -= 2 * pivot;
    front.growth = Math.max(front.growth, whole);
    d[first + k] = pivot;
    const good = indefinite ? Math.abs(pivot) > tolerance * whole : pivot > 0;
    if (!good || Math.abs(pivot) === Number.POSITIVE_INFINITY) return k;
    if (pivot < 0) front.negative++;
    memory[row + k] = 1;
  }
  if (to === rows) return -1;
  const columns = to - from;
  const below = base + to * width + from;
  const l = base + from * width + from;
  if ((rows - to) * columns * columns < 2 * small) solveBelow(memory, l, width, columns, below, rows - to);
  else backend.solveRowsBlock(rows - to, columns, memory, l, width, 1, true, memory, below, width);
  if (columns === width) divideAndCopy(memory, below, front.scaled, width, rows - to, d, first);
  else divideColumns(memory, below, width, rows - to, columns, d, first + from);
  return -1;
}

/** Y L₁₁ᵀ = B in place of B. */
function solveBelow(memory: Vector, l: number, stride: number, columns: number, below: number, rows: number): void {
  for (let i = 0; i < rows; i++) {
    const row = below + i * stride;
    for (let t = 1; t < columns; t++) {
      const other = l + t * stride;
      let y = memory[row + t];
      for (let u = 0; u < t; u++) y -= memory[row + u] * memory[other + u];
      memory[row + t] = y;
    }
  }
}

const reciprocals = new Float64Array(blockSize);

/** 1/dₜ for `columns` pivots into `reciprocals`; false where one of them is too small or too large for that. */
function invert(d: Vector, first: number, columns: number): boolean {
  let good = true;
  for (let t = 0; t < columns; t++) {
    const size = Math.abs(d[first + t]);
    if (!(size > 1e-290 && size < 1e290)) good = false;
    reciprocals[t] = 1 / d[first + t];
  }
  return good;
}

/** L = Y D⁻¹ in place of Y. */
function divideColumns(
  memory: Vector,
  from: number,
  stride: number,
  rows: number,
  columns: number,
  d: Vector,
  first: number,
): void {
  const multiply = invert(d, first, columns);
  for (let i = 0; i < rows; i++) {
    const row = from + i * stride;
    if (multiply) for (let t = 0; t < columns; t++) memory[row + t] *= reciprocals[t];
    else for (let t = 0; t < columns; t++) memory[row + t] /= d[first + t];
  }
}

/** The same where the rows are contiguous; Y is kept at `scaled`. */
function divideAndCopy(
  memory: Vector,
  from: number,
  scaled: number,
  width: number,
  rows: number,
  d: Vector,
  first: number,
): void {
  memory.copyWithin(scaled, from, from + rows * width);
  divideColumns(memory, from, width, rows, width, d, first);
}

/** The lower triangle of U −= L₂₁ D L₂₁ᵀ. */
function updateBelow(front: Front, base: number, width: number, height: number, first: number, update: number): void {
  const { backend, memory, scaled, d } = front;
  const below = base + width * width;
  // A panel of one block has left L₂₁ D there.
  if (width > blockSize) scaleRows(memory, scaled, below, width, height, width, d, first);
  if (height * height * width > 2 * small) {
    backend.syrkProduct(height, width, -1, memory, below, width, memory, scaled, width, memory, update, height);
    return;
  }
  for (let i = 0; i < height; i++) {
    const row = below + i * width;
    const target = update + i * height;
    let j = 0;
    for (; j < i; j += 2) {
      const y0 = scaled + j * width;
      const y1 = y0 + width;
      let s0 = 0;
      let s1 = 0;
      for (let t = 0; t < width; t++) {
        const l = memory[row + t];
        s0 += l * memory[y0 + t];
        s1 += l * memory[y1 + t];
      }
      memory[target + j] -= s0;
      memory[target + j + 1] -= s1;
    }
    if (j === i) {
      const y0 = scaled + j * width;
      let s0 = 0;
      for (let t = 0; t < width; t++) s0 += memory[row + t] * memory[y0 + t];
      memory[target + j] -= s0;
    }
  }
}

function extendAdd(
  memory: Vector,
  { runPointers, runs }: SparseLayout,
  c: number,
  child: number,
  height: number,
  base: number,
  width: number,
  update: number,
  parentHeight: number,
): void {
  const firstRun = 2 * runPointers[c];
  const lastRun = 2 * runPointers[c + 1] - 2;
  for (let a = firstRun; a < lastRun; a += 2) {
    let place = runs[a + 1];
    for (let i = runs[a]; i < runs[a + 2]; i++, place++) {
      const source = child + i * height;
      const panel = base + place * width;
      const below = update + (place - width) * parentHeight - width;
      for (let b = firstRun; b <= a; b += 2) {
        const column = runs[b + 1];
        const to = source + (b < a ? runs[b + 2] : i + 1);
        let target = (column < width ? panel : below) + column;
        for (let q = source + runs[b]; q < to; q++) memory[target++] += memory[q];
      }
    }
  }
}
