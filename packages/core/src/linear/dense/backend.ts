// The inner loops of dense linear algebra behind one small door: plain JavaScript, or SIMD WebAssembly where the engine has it.
// All matrices are row-major stretches of arrays: entry (i, j) of A is a[aStart + i * aStride + j], or, where a matrix has two strides,
// a[aStart + i * aRow + j * aCol]; strides may be negative. The plain product is taken as A Bᵀ since then both operands are walked along rows.
import { wasmBackend } from "../../wasm/dense-backend.js";
import type { Vector } from "../matrix.js";
import { javascriptBackend } from "./javascript-backend.js";

export { javascriptBackend } from "./javascript-backend.js";

/** What a dense backend computes. */
export interface DenseBackend {
  /** "javascript", "wasm" or "wasm-relaxed", or that of your own. */
  readonly name: string;
  /**
   * Zeroed memory of the given length in which the kernels work in place: where all arrays of a call are views of one allocation nothing
   * is copied. Other arrays are as good for the results, and slower. The memory lives as long as a view of it does.
   */
  allocate(length: number): Vector;
  /** Says that nobody uses the views of an allocation any more, so that the next one may have its memory. Never necessary. */
  release(allocation: Vector): void;
  /** C += α A Bᵀ with A m × k, B n × k, C m × n; C overlaps neither A nor B. */
  gemm(
    m: number,
    n: number,
    k: number,
    alpha: number,
    a: Vector,
    aStart: number,
    aStride: number,
    b: Vector,
    bStart: number,
    bStride: number,
    c: Vector,
    cStart: number,
    cStride: number,
  ): void;
  /** C += α A B with A m × k and B k × n, either of them by two strides: all four transposes. */
  gemmStrided(
    m: number,
    n: number,
    k: number,
    alpha: number,
    a: Vector,
    aStart: number,
    aRow: number,
    aCol: number,
    b: Vector,
    bStart: number,
    bRow: number,
    bCol: number,
    c: Vector,
    cStart: number,
    cStride: number,
  ): void;
  /** The lower triangle of C += α A Aᵀ with A n × k; C doesn't overlap A. */
  syrk(
    n: number,
    k: number,
    alpha: number,
    a: Vector,
    aStart: number,
    aStride: number,
    c: Vector,
    cStart: number,
    cStride: number,
  ): void;
  /** The lower triangle of C += α A Bᵀ, A and B n × k: for products that are known to be symmetric, as A D Aᵀ. */
  syrkProduct(
    n: number,
    k: number,
    alpha: number,
    a: Vector,
    aStart: number,
    aStride: number,
    b: Vector,
    bStart: number,
    bStride: number,
    c: Vector,
    cStart: number,
    cStride: number,
  ): void;
  /** y = A x with A m × n; y (its first m entries) isn't x. */
  gemv(m: number, n: number, a: Vector, aStart: number, aStride: number, x: Vector, y: Vector): void;
  /** y = Aᵀ x with A m × n; y (its first n entries) isn't x. */
  gemvTranspose(m: number, n: number, a: Vector, aStart: number, aStride: number, x: Vector, y: Vector): void;
  /** A += α x yᵀ with A m × n; A overlaps neither. */
  ger(m: number, n: number, alpha: number, x: Vector, y: Vector, a: Vector, aStart: number, aStride: number): void;
  /** y = A x with a symmetric A of which the lower triangle is read; y isn't x. */
  symv(
    n: number,
    a: Vector,
    aStart: number,
    aStride: number,
    x: Vector,
    xStart: number,
    y: Vector,
    yStart: number,
  ): void;
  /** A −= u wᵀ + w uᵀ and then p += A v on the leading m rows of a packed lower triangle: row i begins at i (i + 1)/2. */
  packedUpdateMultiply(m: number, a: Vector, u: Vector, w: Vector, v: Vector, p: Vector): void;
  /**
   * A = L Lᵀ in place of the lower triangle of one block, n ≤ {@link blockSize}. Answers −1, or the first row whose pivot isn't above `floor`
   * and finite; that pivot, not its root, is then on the diagonal.
   */
  choleskyBlock(n: number, a: Vector, aStart: number, aStride: number, floor: number): number;
  /**
   * X Tᵀ = B in place of B, rows × n, with one triangular block T, n ≤ {@link blockSize}: T(i, j), j ≤ i, is t[tStart + i tRow + j tCol]. With `unit`
   * its diagonal is taken as ones.
   */
  solveRowsBlock(
    rows: number,
    n: number,
    t: Vector,
    tStart: number,
    tRow: number,
    tCol: number,
    unit: boolean,
    b: Vector,
    bStart: number,
    bStride: number,
  ): void;
  /** T X = B in place of B, n × cols, T as in `solveRowsBlock`. */
  solveColsBlock(
    n: number,
    cols: number,
    t: Vector,
    tStart: number,
    tRow: number,
    tCol: number,
    unit: boolean,
    b: Vector,
    bStart: number,
    bStride: number,
  ): void;
  /** One sweep of one-sided Jacobi rotations within g; see jacobi-sweep.ts. Answers how many pairs of rows were rotated. */
  jacobiSweep(n: number, g: Vector, gStart: number, jStart: number, squares: number, tolerance: number): number;
  /** y_k = f(x_k) for `count` numbers; y may be x. */
  map(kind: ElementaryFunction, count: number, x: Vector, xStart: number, y: Vector, yStart: number): void;
  /** out_ij = exp(m_ij) / Σ_k exp(m_ik), m rows × cols; out may be m. NaN in a row with NaN, or whose largest entry is infinite. */
  softmaxRows(
    rows: number,
    cols: number,
    m: Vector,
    mStart: number,
    mStride: number,
    out: Vector,
    outStart: number,
    outStride: number,
  ): void;
  /**
   * out_i = log Σ_j exp(scale (m_ij + v_j)), m rows × cols, scale ≠ 0 (default 1); −∞ for a row all of whose terms are 0, NaN for one with NaN. Terms below
   * e⁻⁶⁰ of the greatest may be left out.
   */
  logSumExpRows(
    rows: number,
    cols: number,
    m: Vector,
    mStart: number,
    mStride: number,
    v: Vector,
    out: Vector,
    scale?: number,
  ): void;
  /** out_j = log Σ_i exp(scale (m_ij + v_i)). */
  logSumExpCols(
    rows: number,
    cols: number,
    m: Vector,
    mStart: number,
    mStride: number,
    v: Vector,
    out: Vector,
    scale?: number,
  ): void;
  /**
   * out_ij = exp(scale (m_ij + u_i + v_j)), 0 where the exponent is below `floor`, −708 ≤ floor ≤ 0; out rows × cols, contiguous from its start, apart from m.
   * Σ_j out_ij into rowSums; Σ_i out_ij added to colSums where that is given.
   */
  shiftedExpRows(
    rows: number,
    cols: number,
    m: Vector,
    mStart: number,
    mStride: number,
    u: Vector,
    v: Vector,
    scale: number,
    floor: number,
    out: Vector,
    rowSums: Vector,
    colSums: Vector | undefined,
  ): void;
}

/** The functions that backends apply to whole arrays. */
export type ElementaryFunction = "exp" | "log" | "tanh";

/** The largest block that the block kernels take. */
export const blockSize = 32;

let current: DenseBackend | undefined;

/** The backend in use: SIMD WebAssembly, made when it is first asked for, or plain JavaScript where the engine has none. */
export function denseBackend(): DenseBackend {
  current ??= wasmBackend() ?? javascriptBackend;
  return current;
}

/** Puts another backend in place for the whole module; answers the one it replaces. */
export function setDenseBackend(backend: DenseBackend): DenseBackend {
  const previous = denseBackend();
  current = backend;
  return previous;
}
