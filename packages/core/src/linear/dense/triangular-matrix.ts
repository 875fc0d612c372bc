// Triangular systems and products with many right-hand sides: op(T) X = B or X op(T) = B, and C = op(T) B or B op(T), T lower or upper triangular.
// Golub, Van Loan, "Matrix Computations" (4th ed., 2013), §3.1.4 (substitution by blocks); see blocked.ts for the recursion.
//
// Deviations:
// 1. A system from the right is solved as its transpose from the left.
// 2. An upper triangle is solved from its last row, by negative strides, as a lower one.
import { describe, misuse, requireKnownOptions, requireNumber } from "../../errors.js";
import type { DenseMatrix, Vector } from "../matrix.js";
import { blockSize, denseBackend } from "./backend.js";
import { solveCols } from "./blocked.js";
import { requireSquare, transposeDense } from "./dense.js";

/** Which triangular matrix op(T) is, and where it stands. */
export interface TriangularOptions {
  /** The triangle of T that is read. Default "lower". */
  readonly triangle?: "lower" | "upper";
  /** Take Tᵀ in place of T. Default false. */
  readonly transpose?: boolean;
  /** Take the diagonal as ones; it isn't read. Default false. */
  readonly unit?: boolean;
  /** op(T) stands left or right of the other matrix. Default "left". */
  readonly side?: "left" | "right";
  /** A factor of the right-hand side. Default 1. */
  readonly alpha?: number;
}

type Checked = Required<TriangularOptions>;

/**
 * X ← α op(T)⁻¹ B, or α B op(T)⁻¹ with side "right"; n² operations a right-hand side. X may be B. Answers X.
 * @throws ArgumentError when T isn't square, a shape or option doesn't fit, X shares its data with T, or T has a zero or a number that isn't finite on its diagonal.
 */
export function triangularSolveInto(
  X: DenseMatrix,
  T: DenseMatrix,
  B: DenseMatrix,
  options: TriangularOptions = {},
): DenseMatrix {
  const checked = check("triangularSolveInto", "X", X, T, B, options);
  const n = T.rows;
  for (let k = 0; k < n && !checked.unit; k++) {
    const pivot = T.data[k * (n + 1)];
    if (pivot === 0 || !Number.isFinite(pivot))
      misuse("triangularSolveInto", "T", `${pivot} at (${k}, ${k})`, "a diagonal of finite numbers other than 0");
  }
  if (checked.side === "left") {
    if (X.data !== B.data) X.data.set(B.data);
    solveLeft(X.data, T, X.cols, checked);
  } else {
    const flipped = transposeDense(B);
    solveLeft(flipped.data, T, flipped.cols, { ...checked, transpose: !checked.transpose });
    X.data.set(transposeDense(flipped).data);
  }
  return X;
}

/** op(T) X = α B in place of B, n × cols. */
function solveLeft(data: Vector, T: DenseMatrix, cols: number, { triangle, transpose, unit, alpha }: Checked): void {
  const n = T.rows;
  if (alpha !== 1) for (let k = 0; k < data.length; k++) data[k] *= alpha;
  const backend = denseBackend();
  const large = n > blockSize;
  // Together in the kernels' memory, so that they work in place.
  const memory = large ? backend.allocate(n * n + n * cols) : undefined;
  const t = memory?.subarray(0, n * n) ?? T.data;
  const b = memory?.subarray(n * n) ?? data;
  if (memory !== undefined) {
    t.set(T.data);
    b.set(data);
  }
  const [row, col] = transpose ? [1, n] : [n, 1];
  if ((triangle === "lower") !== transpose) solveCols(backend, n, cols, t, 0, row, col, unit, b, 0, cols);
  else solveCols(backend, n, cols, t, n * n - 1, -row, -col, unit, b, (n - 1) * cols, -cols);
  if (memory !== undefined) {
    data.set(b);
    backend.release(memory);
  }
}

/** Rows of op(T) that are multiplied together: what is right of their diagonal block is left out. */
const rowsTogether = 64;

/**
 * C ← α op(T) B, or α B op(T) with side "right"; n² operations a column (or row) of B. C shares its data with neither. Answers C.
 * @throws ArgumentError when T isn't square, a shape or option doesn't fit, or C shares its data with T or B.
 */
export function triangularMultiplyInto(
  C: DenseMatrix,
  T: DenseMatrix,
  B: DenseMatrix,
  options: TriangularOptions = {},
): DenseMatrix {
  const { triangle, transpose, unit, side, alpha } = check("triangularMultiplyInto", "C", C, T, B, options);
  if (C.data.length > 0 && C.data === B.data)
    misuse("triangularMultiplyInto", "C", "the same array as B", "memory of its own");
  const n = T.rows;
  // op(T) with zeros in its other triangle; from the right op(T)ᵀ, so that rows of the product go with rows of the triangle.
  const flip = transpose !== (side === "right");
  const lower = (triangle === "lower") !== flip;
  const full = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const [from, to] = lower ? [0, i + 1] : [i, n];
    for (let j = from; j < to; j++) full[i * n + j] = i === j && unit ? 1 : T.data[flip ? j * n + i : i * n + j];
  }
  C.data.fill(0);
  const backend = denseBackend();
  for (let i = 0; i < n; i += rowsTogether) {
    const rows = Math.min(rowsTogether, n - i);
    const [from, to] = lower ? [0, i + rows] : [i, n];
    const [at, depth] = [i * n + from, to - from];
    if (side === "left") {
      const [b, c, width] = [from * B.cols, i * B.cols, B.cols];
      backend.gemmStrided(rows, width, depth, alpha, full, at, n, 1, B.data, b, width, 1, C.data, c, width);
    } else {
      // Columns i … of B op(T): rows of op(T)ᵀ.
      backend.gemmStrided(B.rows, rows, depth, alpha, B.data, from, n, 1, full, at, 1, n, C.data, i, n);
    }
  }
  return C;
}

function check(
  routine: string,
  result: string,
  X: DenseMatrix,
  T: DenseMatrix,
  B: DenseMatrix,
  options: TriangularOptions,
): Checked {
  requireKnownOptions(routine, options, ["triangle", "transpose", "unit", "side", "alpha"]);
  const { triangle = "lower", transpose = false, unit = false, side = "left", alpha = 1 } = options;
  if (triangle !== "lower" && triangle !== "upper")
    misuse(routine, "options.triangle", describe(triangle), '"lower" or "upper"');
  if (side !== "left" && side !== "right") misuse(routine, "options.side", describe(side), '"left" or "right"');
  requireNumber(routine, "options.alpha", alpha, {});
  requireSquare(routine, "T", T);
  const n = T.rows;
  const shape = (A: DenseMatrix) => `${A.rows} × ${A.cols}`;
  if ((side === "left" ? B.rows : B.cols) !== n)
    misuse(routine, "B", shape(B), `${n} ${side === "left" ? "rows" : "columns"}, as T is ${shape(T)}`);
  if (X.rows !== B.rows || X.cols !== B.cols) misuse(routine, result, shape(X), `${shape(B)}, as B is`);
  if (n > 0 && X.data === T.data) misuse(routine, result, "the same array as T", "memory of its own");
  return { triangle, transpose, unit, side, alpha };
}
