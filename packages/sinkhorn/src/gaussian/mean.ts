// The front door to barycenters of Gaussians.
import {
  any,
  type DenseMatrix,
  denseMatrix,
  type GradientState,
  gradientNorm,
  maxIterations,
  type Result,
  requireKnownOptions,
  requireNumber,
  type SolveOptions,
  solve,
  type Vector,
} from "@hessia/core";
import { multiplyInto } from "@hessia/core/linear";
import type { GaussianMeasure } from "../closed-form/gaussian.js";
import { type GaussianFixedPointState, gaussianFixedPoint } from "../methods/gaussian-fixed-point.js";
import { type Gaussian, gaussianFactor, symmetrize } from "../support/gaussian-factors.js";
import { type GaussianMeanProblemOptions, gaussianMeanProblem } from "./problem.js";

export interface GaussianBarycenterOptions
  extends GaussianMeanProblemOptions,
    Pick<SolveOptions<GradientState>, "observers" | "signal" | "timeLimit" | "trace"> {
  /** Converged when the next step is no longer than tolerance · (Σ wₖ tr Aₖ)^½ in W₂. In [0, 1). Default 1e-12. */
  readonly tolerance?: number;
  /** Default 1000. */
  readonly maxIterations?: number;
}

export interface GaussianBarycenterResult extends Omit<Result<GaussianFixedPointState>, "x"> {
  /** The barycenter: mean Σ wₖ aₖ, and its covariance. */
  readonly barycenter: GaussianMeasure;
}

/**
 * The Gaussian that minimizes Σ wₖ W₂²(·, N(aₖ, Aₖ)), or with ε > 0 Σ wₖ S_ε (debiased) or Σ wₖ OT_ε (`debiased: false`: it shrinks by about ε/2, and is a point where Σ wₖ Aₖ ≤ ε/2).
 * Covariances may be singular. `reason.kind === "converged"` is the success test.
 * @throws ArgumentError as gaussianMeanProblem; on options out of range.
 */
export function gaussianBarycenter(
  gaussians: readonly Gaussian[],
  options: GaussianBarycenterOptions = {},
): GaussianBarycenterResult {
  const routine = "gaussianBarycenter";
  requireKnownOptions(routine, options, [
    "weights",
    "regularization",
    "debiased",
    "tolerance",
    "maxIterations",
    "observers",
    "signal",
    "timeLimit",
    "trace",
  ]);
  const { weights, regularization, debiased, tolerance = 1e-12, maxIterations: limit = 1000, ...run } = options;
  requireNumber(routine, "options.tolerance", tolerance, { atLeast: 0, below: 1 });
  const asked = Object.fromEntries(
    Object.entries({ weights, regularization, debiased }).filter(([, value]) => value !== undefined),
  );
  const problem = gaussianMeanProblem(gaussians, asked, routine);
  const start = gaussianFactor(problem.meanCovariance);
  const stop = any<GradientState>(gradientNorm({ absolute: tolerance, relative: 0 }), maxIterations(limit));
  const { x: _x, ...result } = solve(gaussianFixedPoint(), problem, start.factor.data, { ...run, stop });
  return { ...result, barycenter: { mean: problem.mean, covariance: squareOf(result.state.x, problem.size) } };
}

/** F Fᵀ. */
function squareOf(x: Vector, d: number): DenseMatrix {
  const F: DenseMatrix = { kind: "dense", rows: d, cols: d, data: x };
  return symmetrize(multiplyInto(denseMatrix(d, d), F, F, { transposeB: true }));
}
