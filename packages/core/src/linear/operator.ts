import { describe, misuse } from "../errors.js";
import { multiplyTransposeSparseVectorInto } from "./csc.js";
import { multiplyTransposeVectorInto } from "./dense.js";
import type { LinearOperator, Matrix, OperatorTraits, Vector } from "./matrix.js";
import { multiplyMatrixVectorInto } from "./product.js";

/** A matrix as an operator. A sparse one with `symmetric: true` has that trait by itself. */
export function operatorFrom(A: Matrix, traits: OperatorTraits = {}): LinearOperator {
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

/** A square operator of order n from a function that writes A x into `out`. */
export function operatorFromFunction(
  n: number,
  applyInto: (out: Vector, x: Vector) => unknown,
  traits: OperatorTraits = {},
): LinearOperator {
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

/** A + σI. */
export function shiftedOperator(A: LinearOperator, sigma: number): LinearOperator {
  requireSquareOperator("shiftedOperator", "A", A);
  return {
    rows: A.rows,
    cols: A.cols,
    traits: A.traits.symmetric === undefined ? {} : { symmetric: A.traits.symmetric },
    applyInto(out, x) {
      A.applyInto(out, x);
      for (let i = 0; i < out.length; i++) out[i] = out[i]! + sigma * x[i]!;
      return out;
    },
  };
}

/** Throws ArgumentError when A isn't square, or is known not to be symmetric where that is needed. */
export function requireSquareOperator(routine: string, argument: string, A: LinearOperator, symmetric = false): void {
  if (A.rows !== A.cols) misuse(routine, argument, `${A.rows} × ${A.cols}`, "a square operator");
  if (symmetric && A.traits.symmetric === false)
    misuse(routine, argument, "not symmetric by its traits", "a symmetric operator", "Use gmresInto or lsmrInto.");
}

/** Throws ArgumentError when the right-hand side or the output has the wrong length. */
export function requireSides(routine: string, A: LinearOperator, out: Vector, b: Vector): void {
  if (b.length !== A.rows) misuse(routine, "b", `of length ${b.length}`, `length ${A.rows}, the rows of A`);
  if (out.length !== A.cols) misuse(routine, "out", `of length ${out.length}`, `length ${A.cols}, the columns of A`);
}

/** How an iterative solver ended, with the figures that go with it. */
export interface IterativeResult<Reason extends string = "converged" | "budget" | "breakdown"> {
  readonly reason: Reason;
  readonly iterations: number;
  /** ‖b − A x‖₂ as the recurrence has it (for LSMR ‖Aᵀ(b − A x)‖₂). */
  readonly residualNorm: number;
}

export interface IterativeOptions {
  /** Stop when ‖residual‖₂ ≤ tolerance · ‖b‖₂. Default 1e-10. */
  readonly tolerance?: number;
  /** Default 2n + 20. */
  readonly maxIterations?: number;
}
