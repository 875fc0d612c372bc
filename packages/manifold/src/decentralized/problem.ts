// min f(x) = (1/N) Σ fᵢ(x) over a manifold, fᵢ known to agent i only.
import {
  ArgumentError,
  type Counted,
  describe,
  EvaluationError,
  evaluating,
  type GradientState,
  type HasGradient,
  type HasValue,
  misuse,
  requireNumber,
  type Stop,
  type Vector,
  valueAndGradientInto,
} from "@hessia/core";
import type { Manifold } from "../manifold.js";
import type { HasManifold } from "../problem.js";
import type { Network } from "./mixing.js";

/** fᵢ and its Euclidean gradient, as functions of the coordinates of one point. */
export type LocalProblem = HasValue & HasGradient;

/**
 * What the agents minimize together. Its variables are the points of all agents, one after another: `dimension` is `network.agents · manifold.length`. `value(x)` is f at the agents'
 * induced mean.
 */
export interface DecentralizedProblem extends HasValue, HasManifold {
  readonly network: Network;
  /** fᵢ of each agent; empty where the functions live elsewhere, in workers. */
  readonly locals: readonly LocalProblem[];
}

/** The state of a decentralized method: `x` holds the points of all agents, `value`, `gradient` and `gradientNorm` are f, grad f and ‖grad f‖ at their induced mean. */
export interface DecentralizedState extends GradientState {
  /** x̄, the nearest point of the manifold to (1/N) Σ xᵢ. */
  mean: Vector;
  /** ‖x − x̄‖ = (Σ ‖xᵢ − x̄‖²)^½. */
  consensusError: number;
  /** Rounds in which each agent heard all of its neighbours once. */
  rounds: number;
  /** grad fᵢ(xᵢ) of all agents. */
  localGradients: Vector;
  /** ηᵢ of all agents. */
  directions: Vector;
  /** sᵢ of all agents, estimates of grad f; empty without gradient tracking. */
  trackers: Vector;
  /** For each agent the Lipschitz constant of its gradient as far as seen (or heard of), and ‖vᵢ‖² of its last direction of descent. */
  scalars: Vector;
  /** What adaptive steps are multiplied with: halved when progress ends. */
  stepScale: number;
  /** The least max(‖grad f(x̄)‖, ‖x − x̄‖) and f(x̄) so far, and the steps since one of them fell clearly. */
  leastMeasure: number;
  leastValue: number;
  sinceLeast: number;
}

/**
 * @param manifold with the metric of the surrounding space and its nearest-point projection: `stiefel`, `sphere`, `oblique`, `orthogonal`, `specialOrthogonal`, `euclidean`.
 * @param locals fᵢ of each agent.
 * @throws ArgumentError when there aren't as many functions as agents, or one has another number of variables than a point has coordinates.
 */
export function decentralizedProblem(
  manifold: Manifold,
  network: Network,
  locals: readonly LocalProblem[],
): DecentralizedProblem {
  const routine = "decentralizedProblem";
  requireParts(routine, manifold, network);
  const { agents } = network;
  if (!Array.isArray(locals) || locals.length !== agents)
    misuse(routine, "locals", describe(locals), `an array of ${agents} problems, one for each agent`);
  locals.forEach((local: LocalProblem, i) => {
    if (local === null || typeof local !== "object" || typeof local.value !== "function" || !("gradientInto" in local))
      misuse(routine, `locals[${i}]`, describe(local), "a problem with value and gradient");
    if (local.dimension !== manifold.length)
      misuse(
        routine,
        `locals[${i}]`,
        `of ${describe(local.dimension)} variables`,
        `${manifold.length}, the coordinates of a point of ${manifold.name}, as for all agents`,
      );
  });
  const mean = manifold.zero();
  return {
    dimension: agents * manifold.length,
    manifold,
    network,
    locals,
    value(x) {
      inducedMeanInto(mean, manifold, x);
      let sum = 0;
      for (const local of locals) sum += (local as LocalProblem).value(mean);
      return sum / agents;
    },
  };
}

export function requireParts(routine: string, manifold: Manifold, network: Network): void {
  if (manifold === null || typeof manifold !== "object" || typeof manifold.retractInto !== "function")
    misuse(routine, "manifold", describe(manifold), "a manifold, for example `stiefel(10, 2)`");
  if (network === null || typeof network !== "object" || !Array.isArray(network.matrices))
    misuse(routine, "network", describe(network), "a network, for example `network(metropolisWeights(ringGraph(8)))`");
  if (manifold.embed !== undefined)
    misuse(
      routine,
      "manifold",
      manifold.name,
      "a manifold on which points have one set of coordinates: they are averaged",
    );
  const x = manifold.randomPoint(halves());
  const u = manifold.randomTangent(x, halves());
  let square = 0;
  for (let k = 0; k < u.length; k++) square += u[k] * u[k];
  if (!(Math.abs(manifold.inner(x, u, u) - square) <= 1e-8 * Math.max(1, square)))
    misuse(
      routine,
      "manifold",
      `${manifold.name}, whose metric isn't that of the surrounding space`,
      "one with it: the methods project by it",
    );
}

/** Some numbers in [0, 1) to look at a manifold's metric with. */
function halves() {
  let k = 0;
  return () => (++k * 0.6180339887498949) % 1;
}

/** x once for each agent: a start in consensus. @throws ArgumentError when x isn't on the manifold. */
export function sameForAll({ manifold, network: { agents } }: DecentralizedProblem, x: Vector): Vector {
  manifold.checkPoint("sameForAll", "x", x);
  const all = new Float64Array(agents * x.length);
  for (let i = 0; i < agents; i++) all.set(x, i * x.length);
  return all;
}

/** Writes x̄, the nearest point to the arithmetic mean of the points in x, into `out`: NaN throughout where there is none, as where points cancel. */
export function inducedMeanInto(out: Vector, manifold: Manifold, x: Vector): Vector {
  const { length } = manifold;
  const agents = x.length / length;
  out.fill(0);
  for (let i = 0; i < agents; i++) for (let k = 0; k < length; k++) out[k] += x[i * length + k];
  for (let k = 0; k < length; k++) out[k] /= agents;
  return nearestInto(out, manifold, out);
}

/** The nearest point of the manifold, NaN throughout where there is none. */
export function nearestInto(out: Vector, manifold: Manifold, y: Vector): Vector {
  try {
    return manifold.projectPointInto(out, y);
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    return out.fill(Number.NaN);
  }
}

/** fᵢ(x), and ∇fᵢ(x) into `out`: counted as one local value and one local gradient. */
export function localGradientInto(problem: Counted<DecentralizedProblem>, i: number, out: Vector, x: Vector): number {
  return evaluating(problem, ["gradient", "value"], () => {
    try {
      return valueAndGradientInto(problem.locals[i]!, out, x);
    } catch (cause) {
      throw new EvaluationError(`locals[${i}]`, problem.counts.gradient + 1, cause);
    }
  });
}

/**
 * Converged when ‖x − x̄‖ ≤ consensusTolerance and ‖grad f(x̄)‖ ≤ gradientTolerance, both absolute: the agents agree, and on a stationary point of f.
 * Defaults 1e-8.
 */
export function decentralizedStationarity(
  consensusTolerance = 1e-8,
  gradientTolerance = 1e-8,
): Stop<DecentralizedState> {
  const rule = "decentralizedStationarity";
  requireNumber(rule, "consensusTolerance", consensusTolerance, { atLeast: 0, below: Number.POSITIVE_INFINITY });
  requireNumber(rule, "gradientTolerance", gradientTolerance, { atLeast: 0, below: Number.POSITIVE_INFINITY });
  return ({ state: { consensusError, gradientNorm } }) =>
    consensusError <= consensusTolerance && gradientNorm <= gradientTolerance
      ? {
          kind: "converged",
          rule,
          detail: `‖x − x̄‖ = ${consensusError.toExponential(2)} ≤ ${consensusTolerance.toExponential(2)}, ‖grad f(x̄)‖ = ${gradientNorm.toExponential(2)} ≤ ${gradientTolerance.toExponential(2)}`,
        }
      : null;
}
