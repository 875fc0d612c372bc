// Functions of each entry of an array, and sums of exponentials that neither overflow nor underflow. Vectorised where the dense backend is.
//
// Blanchard, Higham, Higham 2021, "Accurately computing the log-sum-exp and softmax functions", IMA J. Numer. Anal. 41(4): shifted by the maximum, softmax by
// division (their Algorithm 4.1).
import { describe, misuse, requireNumber } from "../../errors.js";
import type { DenseMatrix, Vector } from "../matrix.js";
import { denseBackend, type ElementaryFunction } from "./backend.js";

function mapInto(routine: string, kind: ElementaryFunction, out: Vector, x: Vector): Vector {
  requireLength(routine, "out", out, x.length, "as x has");
  denseBackend().map(kind, x.length, x, 0, out, 0);
  return out;
}

function requireLength(routine: string, argument: string, v: Vector, length: number, why: string): void {
  if (v.length !== length) misuse(routine, argument, `of length ${v.length}`, `length ${length}, ${why}`);
}

/** out_k = e^{x_k}, within 2 ulp; ∞ above 709.78…, 0 below −745.13…. `out` may be x. Throws ArgumentError when the lengths differ. */
export const expInto = (out: Vector, x: Vector): Vector => mapInto("expInto", "exp", out, x);

/** out_k = log x_k, within 2 ulp; −∞ for 0, NaN for negative numbers. `out` may be x. Throws ArgumentError when the lengths differ. */
export const logInto = (out: Vector, x: Vector): Vector => mapInto("logInto", "log", out, x);

/** out_k = tanh x_k, within 4 ulp. `out` may be x. Throws ArgumentError when the lengths differ. */
export const tanhInto = (out: Vector, x: Vector): Vector => mapInto("tanhInto", "tanh", out, x);

const zero = new Float64Array(1);

/** log Σ_k e^{x_k}; −∞ for an empty vector. */
export function logSumExp(x: Vector): number {
  if (x.length === 0) return Number.NEGATIVE_INFINITY;
  const out = new Float64Array(1);
  // One column: its entries are the rows' shifts.
  denseBackend().logSumExpRows(1, x.length, x, 0, x.length, x.length === 1 ? zero : new Float64Array(x.length), out);
  return out[0];
}

/** out_k = e^{x_k} / Σ_j e^{x_j}: positive, with sum 1. `out` may be x. NaN throughout where an entry is NaN or the largest is infinite. */
export function softmaxInto(out: Vector, x: Vector): Vector {
  requireLength("softmaxInto", "out", out, x.length, "as x has");
  let top = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < x.length; k++) top = Math.max(top, x[k]);
  for (let k = 0; k < x.length; k++) out[k] = x[k] - top;
  denseBackend().map("exp", x.length, out, 0, out, 0);
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += out[k];
  for (let k = 0; k < x.length; k++) out[k] /= sum;
  return out;
}

/**
 * The softmax of each row of M into `out`, which may be M; answers `out`. NaN in a row with NaN, or whose largest entry is infinite.
 * @throws ArgumentError when the shapes differ.
 */
export function softmaxRowsInto(out: DenseMatrix, M: DenseMatrix): DenseMatrix {
  const { rows, cols } = M;
  if (out.rows !== rows || out.cols !== cols)
    misuse("softmaxRowsInto", "out", `${out.rows} × ${out.cols}`, `${rows} × ${cols}, as M is`);
  if (rows * cols > 0) denseBackend().softmaxRows(rows, cols, M.data, 0, cols, out.data, 0, cols);
  return out;
}

/**
 * out_i = log Σ_j e^{s (m_ij + v_j)}, s the scale (default 1): a pass of Sinkhorn's algorithm in logarithms. −∞ for a row all of whose terms are 0, NaN for one with NaN.
 * @throws ArgumentError when a length doesn't fit, or the scale is 0 or not finite.
 */
export function logSumExpRowsInto(out: Vector, M: DenseMatrix, v: Vector, scale = 1): Vector {
  requireScale("logSumExpRowsInto", scale);
  requireLength("logSumExpRowsInto", "v", v, M.cols, "the columns of M");
  requireLength("logSumExpRowsInto", "out", out, M.rows, "the rows of M");
  denseBackend().logSumExpRows(M.rows, M.cols, M.data, 0, M.cols, v, out, scale);
  return out;
}

/** out_j = log Σ_i e^{s (m_ij + v_i)}; as {@link logSumExpRowsInto}, of the columns. */
export function logSumExpColsInto(out: Vector, M: DenseMatrix, v: Vector, scale = 1): Vector {
  requireScale("logSumExpColsInto", scale);
  requireLength("logSumExpColsInto", "v", v, M.rows, "the rows of M");
  requireLength("logSumExpColsInto", "out", out, M.cols, "the columns of M");
  denseBackend().logSumExpCols(M.rows, M.cols, M.data, 0, M.cols, v, out, scale);
  return out;
}

function requireScale(routine: string, scale: number): void {
  if (!Number.isFinite(scale) || scale === 0) misuse(routine, "scale", describe(scale), "a finite number other than 0");
}

/** What {@link shiftedExpInto} takes besides the matrix. */
export interface ShiftedExpOptions {
  /** Added to each row and to each column. */
  readonly rows: Vector;
  readonly cols: Vector;
  /** s ≠ 0. */
  readonly scale: number;
  /** Exponents below it give 0; in [−708, 0]. Default −708. */
  readonly floor?: number;
  /** Takes the sums of the rows. */
  readonly rowSums: Vector;
  /** The sums of the columns are added to it. */
  readonly colSums?: Vector | undefined;
}

/**
 * out_ij = e^{s (m_ij + u_i + v_j)} of rows × cols entries of `data` from `start`, row by row; its sums in the same pass. `out`, which is apart from them, takes as many entries. In
 * place where `data` and `out` are views of one allocation of the backend's.
 * @throws ArgumentError when a length doesn't fit, or the scale or the floor is out of range.
 */
export function shiftedExpInto(
  out: Vector,
  data: Vector,
  start: number,
  { rows: u, cols: v, scale, floor = -708, rowSums, colSums }: ShiftedExpOptions,
): Vector {
  const routine = "shiftedExpInto";
  const rows = u.length;
  const cols = v.length;
  requireScale(routine, scale);
  requireNumber(routine, "floor", floor, { atLeast: -708, atMost: 0 });
  if (!(start >= 0 && start + rows * cols <= data.length))
    misuse(routine, "data", `of length ${data.length}`, `at least ${start + rows * cols}, start + rows · cols`);
  if (out.length < rows * cols)
    misuse(routine, "out", `of length ${out.length}`, `at least ${rows * cols}, rows · cols`);
  if (rowSums.length < rows) misuse(routine, "rowSums", `of length ${rowSums.length}`, `at least ${rows}, the rows`);
  if (colSums !== undefined) requireLength(routine, "colSums", colSums, cols, "the columns");
  if (rows * cols > 0)
    denseBackend().shiftedExpRows(rows, cols, data, start, cols, u, v, scale, floor, out, rowSums, colSums);
  return out;
}
