// The barycenter of centred Gaussians as a problem over a factor F of its covariance S = F Fᵀ (d × d, row by row):
//
//   f(F) = ½ Σ wₖ OT_ε(N(0, S), N(0, Aₖ)) [− ¼ OT_ε(N(0, S), N(0, S)) where debiased],   ∇f = F − Σ wₖ TₖF [− (F − T₀F)]
//
// with the entropic maps Tₖ from S to Aₖ and T₀ from S to itself: with Aₖ = GₖGₖᵀ, FᵀGₖ = U Σ Vᵀ, TₖF = Gₖ V diag(κ) Uᵀ.
import {
  type DenseMatrix,
  denseMatrix,
  type HasGradient,
  type HasValue,
  misuse,
  requireKnownOptions,
  requireNumber,
  type Vector,
} from "@hessia/core";
import {
  alignedFactors,
  correlations,
  entropicTerms,
  type FactoredGaussian,
  factoredGaussian,
  type Gaussian,
  squaredDistance,
  turned,
} from "../support/gaussian-factors.js";

/** f over F, d² numbers. */
export interface GaussianMeanProblem extends HasValue, HasGradient {
  valueAndGradientInto(out: Vector, F: Vector): number;
  /** d. */
  readonly size: number;
  /** Of sum 1, one for each Gaussian. */
  readonly weights: Vector;
  /** Factors of the covariances. */
  readonly factors: readonly DenseMatrix[];
  /** Σ wₖ aₖ. */
  readonly mean: Vector;
  /** Σ wₖ Aₖ. */
  readonly meanCovariance: DenseMatrix;
  /** ε ≥ 0. */
  readonly regularization: number;
  readonly debiased: boolean;
}

export interface GaussianMeanProblemOptions {
  /** Nonnegative, one for each Gaussian; normalized to sum 1. Default equal. */
  readonly weights?: ArrayLike<number>;
  /** ε ≥ 0. Default 0. */
  readonly regularization?: number;
  /** Whether the Sinkhorn divergence takes the place of OT_ε: the barycenter of equal Gaussians is then that Gaussian. Default true; of no account where ε = 0. */
  readonly debiased?: boolean;
}

/**
 * @throws ArgumentError when there is no Gaussian, one isn't right or of another dimension, weights don't fit, are negative or sum to 0, or ε is negative or not finite.
 */
export function gaussianMeanProblem(
  gaussians: readonly Gaussian[],
  options: GaussianMeanProblemOptions = {},
  routine = "gaussianMeanProblem",
): GaussianMeanProblem {
  requireKnownOptions(routine, options, ["weights", "regularization", "debiased"]);
  const { regularization: ε = 0, debiased = true } = options;
  requireNumber(routine, "options.regularization", ε, { atLeast: 0, below: Number.POSITIVE_INFINITY });
  if (typeof debiased !== "boolean") misuse(routine, "options.debiased", String(debiased), "true or false");
  if (!Array.isArray(gaussians) || gaussians.length === 0)
    misuse(routine, "gaussians", Array.isArray(gaussians) ? "empty" : String(gaussians), "at least one Gaussian");
  const all: FactoredGaussian[] = [];
  for (const [k, gaussian] of gaussians.entries())
    all.push(factoredGaussian(routine, `gaussians[${k}]`, gaussian, all[0]?.mean.length));
  const w = weightsOf(routine, options.weights, all.length);
  const d = all[0]!.mean.length;
  const mean = new Float64Array(d);
  const meanCovariance = denseMatrix(d, d);
  all.forEach((gaussian, k) => {
    for (let i = 0; i < d; i++) mean[i] += w[k] * gaussian.mean[i];
    for (let i = 0; i < d * d; i++) meanCovariance.data[i] += w[k] * gaussian.covariance.data[i];
  });
  const factors = all.map(({ factor }) => factor);

  const valueAndGradientInto = (out: Vector | undefined, x: Vector): number => {
    const F: DenseMatrix = { kind: "dense", rows: d, cols: d, data: x };
    out?.set(ε > 0 && debiased ? new Float64Array(d * d) : x);
    let value = 0;
    const add = (G: DenseMatrix, weight: number) => {
      const aligned = alignedFactors(F, G);
      const moved = turned(G, aligned, new Float64Array(d).fill(1));
      const entropic = ε === 0 ? 0 : entropicValue(aligned.values, ε);
      value += 0.5 * weight * (squaredDistance(F, moved) + entropic);
      if (out === undefined) return;
      const image = ε === 0 ? moved : turned(G, aligned, correlations(aligned.values, ε));
      for (let k = 0; k < d * d; k++) out[k] -= weight * image.data[k];
    };
    for (const [k, G] of factors.entries()) if (w[k] > 0) add(G, w[k]);
    if (ε > 0 && debiased) {
      // ½ of the weight in the value, the whole in the gradient: S stands on both sides.
      const aligned = alignedFactors(F, F);
      value -= 0.25 * entropicValue(aligned.values, ε);
      if (out !== undefined) {
        const image = turned(F, aligned, correlations(aligned.values, ε));
        for (let k = 0; k < d * d; k++) out[k] += image.data[k];
      }
    }
    return value;
  };
  return {
    dimension: d * d,
    size: d,
    weights: w,
    factors,
    mean,
    meanCovariance,
    regularization: ε,
    debiased,
    value: (F) => valueAndGradientInto(undefined, F),
    gradientInto(out, F) {
      valueAndGradientInto(out, F);
      return out;
    },
    valueAndGradientInto,
  };
}

const entropicValue = (values: Vector, ε: number): number => {
  const { cost, information } = entropicTerms(values, ε);
  return cost + ε * information;
};

function weightsOf(routine: string, given: ArrayLike<number> | undefined, count: number): Vector {
  const w = new Float64Array(count).fill(1 / count);
  if (given === undefined) return w;
  if (given === null || typeof given !== "object" || given.length !== count)
    misuse(routine, "options.weights", String(given), `${count} numbers, one for each Gaussian`);
  let sum = 0;
  for (let k = 0; k < count; k++) {
    requireNumber(routine, `options.weights[${k}]`, given[k]!, { atLeast: 0, below: Number.POSITIVE_INFINITY });
    sum += given[k]!;
  }
  if (!(sum > 0 && sum < Number.POSITIVE_INFINITY))
    misuse(routine, "options.weights", `of sum ${sum}`, "a positive sum");
  for (let k = 0; k < count; k++) w[k] = given[k]! / sum;
  return w;
}
