// The front doors: means and medians of points on a manifold.
import {
  ArgumentError,
  any,
  describe,
  type GradientState,
  type HasValue,
  maxIterations,
  misuse,
  type Result,
  requireKnownOptions,
  requireNumber,
  type SolveOptions,
  solve,
  type Vector,
} from "@hessia/core";
import { isGeodesic, type Manifold } from "../manifold.js";
import { spdBuresWasserstein } from "../manifolds/spd-bures-wasserstein.js";
import { riemannianGradientNorm } from "../problem.js";
import { genericMeanEvaluator } from "../support/mean-evaluator.js";
import { type MedianState, weiszfeld } from "./geometric-median.js";
import { type KarcherState, karcher, type MeanProblem } from "./karcher-mean.js";

export interface MeanOptions extends Pick<SolveOptions<GradientState>, "observers" | "signal" | "timeLimit" | "trace"> {
  /** Nonnegative, one for each point; normalized to sum 1. Default equal. */
  readonly weights?: ArrayLike<number>;
  /** Where to start. Default: what the manifold offers (for SPD matrices the log-Euclidean mean), else the nearest point to the average of the coordinates, else the first point. */
  readonly start?: Vector;
  /** Converged when ‖grad f‖_x ≤ tolerance, f = ½ Σ wᵢd² (or Σ wᵢd); an absolute length on the manifold. Default 1e-12 for means, 1e-8 for medians. */
  readonly tolerance?: number;
  /** Default 1000. */
  readonly maxIterations?: number;
}

/** A point of a manifold: its numbers row by row, flat or as rows. */
export type PointLike = ArrayLike<number> | readonly (readonly number[])[];

export interface KarcherMeanOptions extends MeanOptions {
  /** See `karcher`. Default "barzilai-borwein". */
  readonly step?: "barzilai-borwein" | "fixed";
}

/**
 * The Karcher mean of points under the manifold's metric. On spheres and other manifolds of positive curvature it is a local minimum: unique where the points lie in a ball of a quarter
 * of a great circle.
 * @throws ArgumentError when there is no point, one isn't on the manifold, weights don't fit or are negative, or the manifold has no logarithm.
 */
export function karcherMean(
  manifold: Manifold,
  points: readonly PointLike[],
  options: KarcherMeanOptions = {},
): Result<KarcherState> {
  const { step, ...rest } = options;
  const method = karcher(step === undefined ? {} : { step });
  const { problem, start, run } = prepare("karcherMean", manifold, points, rest, 1e-12);
  return solve(method, problem, start, run);
}

/**
 * The geometric median of points under the manifold's metric, by Weiszfeld's iteration; linear convergence, slow where the median is one of the points.
 * @throws ArgumentError as {@link karcherMean}.
 */
export function geometricMedian(
  manifold: Manifold,
  points: readonly PointLike[],
  options: MeanOptions = {},
): Result<MedianState> {
  const { problem, start, run } = prepare("geometricMedian", manifold, points, options, 1e-8);
  return solve(weiszfeld(), problem, start, run);
}

/**
 * The Bures–Wasserstein barycenter of n × n SPD matrices, the covariance of the Wasserstein barycenter of centred Gaussians.
 * @throws ArgumentError as {@link karcherMean}.
 */
export function buresWassersteinBarycenter(
  n: number,
  points: readonly PointLike[],
  options: KarcherMeanOptions = {},
): Result<KarcherState> {
  return karcherMean(spdBuresWasserstein(n), points, options);
}

/**
 * ½ Σ wᵢ d(x, pᵢ)² as a problem for {@link karcher} and {@link weiszfeld} under one's own `solve`.
 * @throws ArgumentError as {@link karcherMean}.
 */
export function meanProblem(
  manifold: Manifold,
  points: readonly PointLike[],
  weights?: ArrayLike<number>,
): MeanProblem {
  return checkedProblem("meanProblem", manifold, points, weights);
}

function checkedProblem(
  routine: string,
  manifold: Manifold,
  given: readonly PointLike[],
  weights: ArrayLike<number> | undefined,
): MeanProblem {
  if (manifold === null || typeof manifold !== "object" || typeof manifold.retractInto !== "function")
    misuse(
      routine,
      "manifold",
      describe(manifold),
      "a manifold",
      typeof manifold === "function" ? "It is made by calling its function: `sphere(3)`." : undefined,
    );
  if (!isGeodesic(manifold))
    misuse(
      routine,
      "manifold",
      `${manifold.name}, which has no logarithm`,
      "a manifold with expInto, logInto and dist",
    );
  if (!Array.isArray(given) || given.length === 0) misuse(routine, "points", describe(given), "at least one point");
  const points = given.map((p) => (Array.isArray(p) ? Float64Array.from(p.flat()) : (p as Vector)));
  points.forEach((p, i) => {
    manifold.checkPoint(routine, `points[${i}]`, p);
  });
  const w = checkedWeights(routine, points.length, weights);
  const evaluator = manifold.meanEvaluator?.(points, w) ?? genericMeanEvaluator(manifold, points, w);
  const scratch = manifold.zero();
  const problem: MeanProblem & HasValue = {
    dimension: manifold.length,
    manifold,
    points,
    weights: w,
    evaluator,
    value: (x) => evaluator.evaluateInto(scratch, x),
  };
  return problem;
}

function checkedWeights(routine: string, count: number, weights: ArrayLike<number> | undefined): Vector {
  const w = new Float64Array(count).fill(1 / count);
  if (weights === undefined) return w;
  if (weights === null || typeof weights !== "object" || weights.length !== count)
    misuse(routine, "options.weights", describe(weights), `an array of ${count} numbers, one for each point`);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    requireNumber(routine, `options.weights[${i}]`, weights[i], { atLeast: 0, below: Number.POSITIVE_INFINITY });
    sum += weights[i];
  }
  if (!(sum > 0 && sum < Number.POSITIVE_INFINITY))
    misuse(routine, "options.weights", `of sum ${sum}`, "a positive sum");
  for (let i = 0; i < count; i++) w[i] = weights[i] / sum;
  return w;
}

function prepare(
  routine: string,
  manifold: Manifold,
  points: readonly PointLike[],
  options: MeanOptions,
  defaultTolerance: number,
) {
  requireKnownOptions(routine, options, [
    "weights",
    "start",
    "tolerance",
    "maxIterations",
    "observers",
    "signal",
    "timeLimit",
    "trace",
  ]);
  const { weights, start, tolerance = defaultTolerance, maxIterations: limit = 1000, ...rest } = options;
  requireNumber(routine, "options.tolerance", tolerance, { atLeast: 0, below: 1 });
  const problem = checkedProblem(routine, manifold, points, weights);
  if (start !== undefined) manifold.checkPoint(routine, "options.start", start);
  const stop = any<GradientState>(riemannianGradientNorm({ absolute: tolerance, relative: 0 }), maxIterations(limit));
  return { problem, start: start ?? defaultStart(problem), run: { ...rest, stop } };
}

function defaultStart({ manifold, points, weights }: MeanProblem): Vector {
  const own = manifold.meanStart?.(points, weights);
  if (own !== undefined) return own;
  const heaviest = points[weights.indexOf(Math.max(...weights))]!;
  if (manifold.embed !== undefined) return heaviest.slice();
  const average = manifold.zero();
  points.forEach((p, i) => {
    for (let k = 0; k < average.length; k++) average[k] += weights[i] * p[k];
  });
  try {
    manifold.projectPointInto(average, average);
    return average.every(Number.isFinite) ? average : heaviest.slice();
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    // The average has no nearest point, as that of antipodal points.
    return heaviest.slice();
  }
}
