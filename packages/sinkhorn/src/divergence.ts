// The Sinkhorn divergence S(α, β) = W(α, β) − ½ W(α, α) − ½ W(β, β), W the entropic value.
//
// Feydy, Séjourné, Vialard, Amari, Trouvé, Peyré 2019, "Interpolating between optimal transport and MMD using Sinkhorn divergences", AISTATS, equations 3 and 25. They take the entropy
// relative to the product of the weights, here it is Σ P log P: the difference, ε Σ r log r + ε Σ c log c, cancels between the three terms.
import {
  type DenseInput,
  type DenseMatrix,
  denseMatrix,
  type Method,
  misuse,
  requireKnownOptions,
  type StopReason,
  type Vector,
} from "@hessia/core";
import type { Cost } from "./cost/cost.js";
import { type GridCostOptions, gridCost } from "./cost/grid.js";
import { type PointCostOptions, pointCost } from "./cost/points.js";
import { pointGradients } from "./gradients/value.js";
import { symmetricSinkhorn } from "./methods/symmetric-sinkhorn.js";
import { type TransportProblem, type TransportState, transportProblem } from "./problem.js";
import { type TransportOptions, type TransportResult, transport } from "./transport.js";

export interface DivergenceOptions
  extends Pick<
    TransportOptions<"none">,
    "regularization" | "method" | "tolerance" | "maxIterations" | "normalize" | "timeLimit" | "signal"
  > {
  /** r and c: weights > 0 of equal sum. Default with `points`: equal weights. */
  readonly source?: ArrayLike<number>;
  readonly target?: ArrayLike<number>;
  /** One of the three: the points of both, one grid for both, or the costs between source and target, within the source and within the target. */
  readonly points?: PointCostOptions;
  readonly grid?: Omit<GridCostOptions, "targetShape">;
  readonly costs?: {
    readonly cross: DenseInput | Cost;
    readonly source: DenseInput | Cost;
    readonly target: DenseInput | Cost;
  };
}

export interface DivergenceResult {
  /** S ≥ 0, 0 for equal measures only. */
  readonly value: number;
  /** The three entropic values. */
  readonly terms: { readonly cross: number; readonly source: number; readonly target: number };
  /** ∂S/∂r and ∂S/∂c with mean 0, along changes that keep the mass. */
  readonly weightGradients: { readonly source: Vector; readonly target: Vector };
  /** ∂S/∂a (n × d) and ∂S/∂b (m × d); null without `points`. */
  readonly pointGradients: { readonly source: DenseMatrix; readonly target: DenseMatrix } | null;
  /** The reason of the first of the three runs that did not converge, else that of the transport between the two. */
  readonly reason: StopReason;
  readonly iterations: { readonly cross: number; readonly source: number; readonly target: number };
}

/**
 * The Sinkhorn divergence and its gradients: one transport between the measures, two of each to itself (`symmetricSinkhorn`).
 * @throws ArgumentError on misuse, as {@link transport}; on weights that are 0.
 */
export function sinkhornDivergence(options: DivergenceOptions): DivergenceResult {
  const routine = "sinkhornDivergence";
  const { source, target, points, grid, costs, regularization, method, ...rest } = options;
  requireKnownOptions(routine, rest, ["tolerance", "maxIterations", "normalize", "timeLimit", "signal"]);
  const all = threeCosts(routine, options);
  const weights = { source: weightsOf(routine, "source", options), target: weightsOf(routine, "target", options) };
  const shared = { ...rest, regularization, plan: "none", dualGap: false } as const;
  const own = symmetricSinkhorn() as unknown as Method<TransportProblem, TransportState>;
  const run = (cost: DenseInput | Cost, from: ArrayLike<number>, to: ArrayLike<number>, by: typeof method) =>
    transport({ ...shared, source: from, target: to, cost, ...(by === undefined ? {} : { method: by }) });
  const cross = run(all.cross, weights.source, weights.target, method);
  const self = {
    source: run(all.source, weights.source, weights.source, own),
    target: run(all.target, weights.target, weights.target, own),
  };
  const runs = { cross, ...self };
  const failed = [self.source, self.target, cross].find(({ reason }) => reason.kind !== "converged") ?? cross;
  return {
    value: cross.entropicValue - 0.5 * self.source.entropicValue - 0.5 * self.target.entropicValue,
    terms: each(runs, ({ entropicValue }) => entropicValue),
    weightGradients: {
      source: difference(cross.potentials.source, self.source.potentials.source),
      target: difference(cross.potentials.target, self.target.potentials.target),
    },
    pointGradients: points === undefined ? null : gradientsOfPoints(points, all, weights, runs, regularization),
    reason: failed.reason,
    iterations: each(runs, ({ iterations }) => iterations),
  };
}

type Three<T> = { readonly cross: T; readonly source: T; readonly target: T };

const each = <T, U>({ cross, source, target }: Three<T>, f: (one: T) => U): Three<U> => ({
  cross: f(cross),
  source: f(source),
  target: f(target),
});

function threeCosts(routine: string, { points, grid, costs }: DivergenceOptions): Three<DenseInput | Cost> {
  const given = [points, grid, costs].filter((value) => value !== undefined).length;
  if (given !== 1) misuse(routine, "options", `with ${given} of points, grid and costs`, "exactly one of them");
  if (points !== undefined)
    return {
      cross: pointCost(points, routine),
      source: pointCost({ ...points, target: points.source }, routine),
      target: pointCost({ ...points, source: points.target }, routine),
    };
  if (grid !== undefined) {
    const cost = gridCost(grid, routine);
    return { cross: cost, source: cost, target: cost };
  }
  requireKnownOptions(routine, costs!, ["cross", "source", "target"]);
  return costs!;
}

function weightsOf(routine: string, side: "source" | "target", options: DivergenceOptions): ArrayLike<number> {
  const given = options[side];
  if (given === undefined && options.points !== undefined) {
    const { length } = pointsOf(options.points[side]);
    return new Float64Array(length).fill(1 / length);
  }
  if (given === undefined || given === null || typeof given !== "object")
    return misuse(routine, `options.${side}`, String(given), "an array of weights");
  for (let i = 0; i < given.length; i++)
    if (given[i] === 0) misuse(routine, `options.${side}`, `0 at index ${i}`, "weights > 0: leave such points out");
  return given;
}

/** How many points there are. */
function pointsOf(points: PointCostOptions["source"]): { length: number } {
  return "rows" in points ? { length: points.rows } : "length" in points ? points : { length: points.size()[0]! };
}

/** x − x', with mean 0. */
function difference(x: Vector, other: Vector): Vector {
  const out = new Float64Array(x.length);
  let mean = 0;
  for (let i = 0; i < out.length; i++) mean += (x[i]! - other[i]!) / out.length;
  for (let i = 0; i < out.length; i++) out[i] = x[i]! - other[i]! - mean;
  return out;
}

/** Both points of a self-transport move: by symmetry twice what one does, half of which is taken off. */
function gradientsOfPoints(
  points: PointCostOptions,
  costs: Three<DenseInput | Cost>,
  { source, target }: { source: ArrayLike<number>; target: ArrayLike<number> },
  runs: Three<TransportResult<"none">>,
  regularization: number,
): { source: DenseMatrix; target: DenseMatrix } {
  // The plan follows from the potentials; weights of any sum do for the rest of the problem.
  const problem = (cost: DenseInput | Cost, from: ArrayLike<number>, to: ArrayLike<number>) =>
    transportProblem({ source: ofSumOne(from), target: ofSumOne(to), cost, regularization });
  const at = ({ potentials }: TransportResult<"none">) =>
    Float64Array.from([...potentials.source, ...potentials.target]);
  const cross = pointGradients(problem(costs.cross, source, target), at(runs.cross), points);
  const within = {
    source: pointGradients(problem(costs.source, source, source), at(runs.source), {
      ...points,
      target: points.source,
    }).source,
    target: pointGradients(problem(costs.target, target, target), at(runs.target), {
      ...points,
      source: points.target,
    }).target,
  };
  const minus = (A: DenseMatrix, B: DenseMatrix) =>
    denseMatrix(
      A.rows,
      A.cols,
      A.data.map((a, k) => a - B.data[k]!),
    );
  return { source: minus(cross.source, within.source), target: minus(cross.target, within.target) };
}

function ofSumOne(weights: ArrayLike<number>): Vector {
  const w = Float64Array.from(weights);
  const sum = w.reduce((a, b) => a + b, 0);
  return w.map((wi) => wi / sum);
}
