import { describe, misuse, requireFiniteVector, requireKnownOptions, requireNumber } from "../../errors.js";
import { type DenseInput, toDense } from "../../interop/dense.js";
import { multiplyTransposeVectorInto } from "../dense/dense.js";
import { multiplyMatrixVectorInto } from "../dense/product.js";
import type { LinearOperator, Matrix, OperatorTraits, SparseMatrix, Vector } from "../matrix.js";
import { multiplyTransposeSparseVectorInto } from "../sparse/csc.js";

/**
 * A matrix as an operator: it shares the matrix's values. A sparse one with `symmetric: true` has that trait by itself.
 * @throws ArgumentError when a matrix that isn't square is said to be symmetric or positive definite.
 */
export function operatorFrom(matrix: DenseInput, traits: OperatorTraits = {}): LinearOperator {
  const A: Matrix = isSparse(matrix) ? matrix : toDense(matrix, "operatorFrom", "matrix");
  if ((traits.symmetric || traits.positiveDefinite) && A.rows !== A.cols) {
    misuse("operatorFrom", "traits", "those of a symmetric matrix", `none for a matrix of ${A.rows} × ${A.cols}`);
  }
  const symmetric = A.kind === "sparse" && A.symmetric;
  return {
    rows: A.rows,
    cols: A.cols,
    traits: symmetric ? { symmetric, ...traits } : traits,
    applyInto: (out, x) => multiplyMatrixVectorInto(out, A, x),
    applyTransposeInto: (out, y) =>
      A.kind === "dense" ? multiplyTransposeVectorInto(out, A, y) : multiplyTransposeSparseVectorInto(out, A, y),
  };
}

/**
 * A square operator of order n from a function that writes A x into `out`; its traits are taken on trust.
 * @throws ArgumentError when n isn't a non-negative integer or there is no function.
 */
export function operatorFromFunction(
  n: number,
  applyInto: (out: Vector, x: Vector) => unknown,
  traits: OperatorTraits = {},
): LinearOperator {
  requireNumber("operatorFromFunction", "n", n, { atLeast: 0, integer: true });
  if (typeof applyInto !== "function")
    misuse("operatorFromFunction", "applyInto", describe(applyInto), "a function (out, x)");
  return {
    rows: n,
    cols: n,
    traits,
    applyInto(out, x) {
      applyInto(out, x);
      return out;
    },
  };
}

/** A + σI, symmetric as A is; positive definite if A is and σ ≥ 0. Throws ArgumentError when A isn't square or σ isn't finite. */
export function shiftedOperator(A: LinearOperator, sigma: number): LinearOperator {
  requireSquareOperator("shiftedOperator", "A", A);
  if (!Number.isFinite(sigma)) misuse("shiftedOperator", "sigma", String(sigma), "a finite number");
  const { symmetric, positiveDefinite } = A.traits;
  const transpose = A.applyTransposeInto?.bind(A);
  const addShift = (out: Vector, x: Vector) => {
    for (let i = 0; i < out.length; i++) out[i] += sigma * x[i];
    return out;
  };
  return {
    rows: A.rows,
    cols: A.cols,
    traits: {
      ...(symmetric === undefined ? {} : { symmetric }),
      ...(positiveDefinite && sigma >= 0 ? { positiveDefinite } : {}),
    },
    applyInto: (out, x) => addShift(A.applyInto(out, x), x),
    ...(transpose === undefined ? {} : { applyTransposeInto: (out, y) => addShift(transpose(out, y), y) }),
  };
}

/** Throws ArgumentError when A isn't square, or is known not to be symmetric where that is needed. */
export function requireSquareOperator(routine: string, argument: string, A: LinearOperator, symmetric = false): void {
  if (A.rows !== A.cols) misuse(routine, argument, `${A.rows} × ${A.cols}`, "a square operator");
  if (symmetric && A.traits.symmetric === false)
    misuse(routine, argument, "not symmetric by its traits", "a symmetric operator", "Use gmresInto or lsmrInto.");
}

/** Throws ArgumentError when the right-hand side or the output has the wrong length, they share memory, or b isn't finite. */
export function requireSides(routine: string, A: LinearOperator, out: Vector, b: Vector): void {
  if (b.length !== A.rows) misuse(routine, "b", `of length ${b.length}`, `length ${A.rows}, the rows of A`);
  if (out.length !== A.cols) misuse(routine, "out", `of length ${out.length}`, `length ${A.cols}, the columns of A`);
  requireFiniteVector(routine, "b", b);
  if (out === b && b.length > 0) misuse(routine, "out", "the same array as b", "memory of its own");
}

/** Throws ArgumentError when an option is unknown, or `tolerance` or `maxIterations` negative or not a number. */
export function requireIterativeOptions(routine: string, options: IterativeOptions, more: readonly string[]): void {
  requireKnownOptions(routine, options, ["tolerance", "maxIterations", ...more]);
  requireNumber(routine, "tolerance", options.tolerance ?? 0, { atLeast: 0 });
  requireNumber(routine, "maxIterations", options.maxIterations ?? 0, { atLeast: 0 });
}

/** How an iterative solver ended, with the figures that go with it. */
export interface IterativeResult<Reason extends string = "converged" | "budget" | "breakdown"> {
  readonly reason: Reason;
  readonly iterations: number;
  /** ‖b − A x‖₂ as the recurrence has it (for LSMR ‖Aᵀ(b − A x) − damp² x‖₂). */
  readonly residualNorm: number;
}

export interface IterativeOptions {
  /** Stop when ‖residual‖₂ ≤ tolerance · ‖b‖₂ (LSMR: ‖Aᵀb‖₂); ≥ 0. Default 1e-10. */
  readonly tolerance?: number;
  /** A bound of the iterations, ≥ 0. Default 2n + 20 where the solver doesn't say another. */
  readonly maxIterations?: number;
}

const isSparse = (matrix: DenseInput): matrix is SparseMatrix =>
  typeof matrix === "object" && matrix !== null && "kind" in matrix && matrix.kind === "sparse";
