import {
  any,
  type DenseMatrix,
  denseMatrix,
  maxIterations,
  type Result,
  requireKnownOptions,
  type SolveOptions,
  solve,
  type Vector,
} from "@hessia/core";
import { type BatchedProblemOptions, batchedProblem } from "../batched-problem.js";
import { type BatchedSinkhornState, batchedSinkhorn } from "../methods/batched-sinkhorn.js";
import { marginalError } from "../problem.js";

export interface BatchedTransportOptions
  extends BatchedProblemOptions,
    Pick<SolveOptions<BatchedSinkhornState>, "observers" | "signal" | "timeLimit" | "trace" | "resume"> {
  /** The greatest (‖P1 − r‖₁ + ‖Pᵀ1 − c‖₁)/mass of a pair. Default 1e-9. */
  readonly tolerance?: number;
  /** Default 10,000. */
  readonly maxIterations?: number;
  /** ω in [1, 2). Default 1. */
  readonly relaxation?: number;
}

export interface BatchedTransportResult extends Omit<Result<BatchedSinkhornState>, "x" | "value"> {
  /** D of each pair: at the solution ⟨C, P⟩ + ε Σ P log P. */
  readonly values: Vector;
  /** x and y of each pair, B × n and B × m. */
  readonly potentials: { readonly source: DenseMatrix; readonly target: DenseMatrix };
  /** The marginal error of each pair. */
  readonly marginalErrors: Vector;
}

/**
 * Entropic transport of many pairs of measures over one cost in one run: `batchedSinkhorn`. A pair's plan is exp((xᵢ + yⱼ − C_ij)/ε).
 * @throws ArgumentError on misuse, as batchedProblem and transport.
 */
export function batchedTransport(options: BatchedTransportOptions): BatchedTransportResult {
  const routine = "batchedTransport";
  const { sources, targets, cost, regularization, ...rest } = options;
  requireKnownOptions(routine, rest, [
    "tolerance",
    "maxIterations",
    "relaxation",
    "observers",
    "signal",
    "timeLimit",
    "trace",
    "resume",
  ]);
  const { tolerance, maxIterations: limit = 10_000, relaxation = 1, ...run } = rest;
  const problem = batchedProblem({ sources, targets, cost, regularization }, routine);
  const stop = any<BatchedSinkhornState>(marginalError(tolerance), maxIterations(limit));
  const z0 = new Float64Array(problem.dimension);
  const { x: _best, value: _value, ...result } = solve(batchedSinkhorn({ relaxation }), problem, z0, { ...run, stop });
  const { x: z, values, errors } = result.state;
  const { rows: n, cols: m } = problem.cost;
  const B = problem.pairs.length;
  const source = denseMatrix(B, n);
  const target = denseMatrix(B, m);
  for (let b = 0; b < B; b++) {
    source.data.set(z.subarray(b * (n + m), b * (n + m) + n), b * n);
    target.data.set(z.subarray(b * (n + m) + n, (b + 1) * (n + m)), b * m);
  }
  return { ...result, values: values.map((v) => -v), potentials: { source, target }, marginalErrors: errors.slice() };
}
