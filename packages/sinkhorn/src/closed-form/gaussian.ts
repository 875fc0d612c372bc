// Optimal transport between Gaussians for the squared distance, in closed form, with and without entropy.
//
//   min_π ∫ ‖x − y‖² dπ + ε KL(π | α ⊗ β),   α = N(a, A), β = N(b, B) on ℝᵈ
//
// ε = 0, the Bures–Wasserstein distance: Dowson, Landau 1982, "The Fréchet distance between multivariate normal distributions", J. Multivariate Anal. 12; Takatsu 2011, "Wasserstein
// geometry of Gaussian measures", Osaka J. Math. 48, for the map and the geodesic. ε > 0: Janati, Muzellec, Peyré, Cuturi 2020, "Entropic optimal transport between unbalanced Gaussian measures has a closed
// form", NeurIPS, Theorem 1, with σ² = ε/2; Mallasto, Gerolin, Minh 2021, "Entropy-regularized 2-Wasserstein distance between Gaussian measures", Information Geometry 5.
//
// Deviations:
// 1. All is said by factors A = F Fᵀ, B = G Gᵀ and FᵀG = U Σ Vᵀ in place of the roots of matrices: no inverse but in the map, singular covariances taken, and no digits lost where A ≈ B.
// 2. tr A + tr B − tr D, D = (4 A^½BA^½ + σ⁴)^½, is written as W₂² + Σ σ² (1 − σ²/(2s + δ)) over the singular values s, δ = (4s² + σ⁴)^½.
import { type DenseMatrix, denseMatrix, misuse, requireKnownOptions, requireNumber, type Vector } from "@hessia/core";
import { multiplyInto, multiplyVectorInto, triangularSolveInto } from "@hessia/core/linear";
import {
  alignedFactors,
  correlations,
  entropicTerms,
  type FactoredGaussian,
  factoredGaussian,
  type Gaussian,
  squaredDistance,
  symmetrize,
  turned,
} from "../support/gaussian-factors.js";

export interface GaussianOptions {
  /** ε ≥ 0, in the units of the squared distance. Default 0. */
  readonly regularization?: number;
}

/** x ↦ matrix · x + offset. */
export interface AffineMap {
  /** d × d; symmetric positive semidefinite where ε = 0. */
  readonly matrix: DenseMatrix;
  readonly offset: Vector;
  /** Writes the image of x into `out`, which isn't x. */
  applyInto(out: Vector, x: Vector): Vector;
}

/** N(mean, covariance) as arrays of its own. */
export interface GaussianMeasure extends Gaussian {
  readonly mean: Vector;
  readonly covariance: DenseMatrix;
}

export interface GaussianTransportResult {
  /** ∫ ‖x − y‖² dπ + ε KL(π | α ⊗ β). */
  readonly value: number;
  /** ∫ ‖x − y‖² dπ. */
  readonly cost: number;
  /** KL(π | α ⊗ β), the mutual information; Infinity where ε = 0 and the map is not constant. */
  readonly information: number;
  /** E (x − a)(y − b)ᵀ, d × d. */
  readonly crossCovariance: DenseMatrix;
  /** π itself, a Gaussian on ℝ²ᵈ: of (x, y). */
  readonly plan: GaussianMeasure;
}

/**
 * W₂(α, β) = (‖a − b‖² + tr(A + B − 2 (A^½ B A^½)^½))^½.
 * @throws ArgumentError when a covariance isn't square, finite, symmetric (to 1e-12) or positive semidefinite, or when sizes don't fit.
 */
export function gaussianDistance(alpha: Gaussian, beta: Gaussian): number {
  const [a, b] = pair("gaussianDistance", alpha, beta);
  return Math.sqrt(gap(a, b) + buresOf(a, b).square);
}

/**
 * The entropic plan between two Gaussians: again a Gaussian, with the cross covariance F U diag(κ) Vᵀ Gᵀ, κ = 2s/(δ + σ²). With ε = 0 the optimal plan.
 * @throws ArgumentError as {@link gaussianDistance}; when ε is negative or not finite.
 */
export function gaussianTransport(
  alpha: Gaussian,
  beta: Gaussian,
  options: GaussianOptions = {},
): GaussianTransportResult {
  const routine = "gaussianTransport";
  const epsilon = regularizationOf(routine, options);
  const [a, b] = pair(routine, alpha, beta);
  const { square, aligned } = buresOf(a, b);
  const κ = correlations(aligned.values, epsilon);
  const d = a.mean.length;
  const crossCovariance = multiplyInto(denseMatrix(d, d), a.factor, turned(b.factor, aligned, κ), { transposeB: true });
  const { cost, information } = entropicTerms(aligned.values, epsilon);
  const linear = gap(a, b) + square + cost;
  return {
    value: linear + (epsilon === 0 ? 0 : epsilon * information),
    cost: linear,
    information,
    crossCovariance,
    plan: joint(a, b, crossCovariance),
  };
}

/**
 * The debiased value OT_ε(α, β) − ½ OT_ε(α, α) − ½ OT_ε(β, β), the Sinkhorn divergence: ≥ 0, 0 only for α = β; W₂² as ε → 0 and ‖a − b‖² as ε → ∞.
 * @throws ArgumentError as {@link gaussianTransport}.
 */
export function gaussianDivergence(alpha: Gaussian, beta: Gaussian, options: GaussianOptions = {}): number {
  const routine = "gaussianDivergence";
  const epsilon = regularizationOf(routine, options);
  const [a, b] = pair(routine, alpha, beta);
  const added = (F: DenseMatrix, G: DenseMatrix) => {
    const { cost, information } = entropicTerms(alignedFactors(F, G).values, epsilon);
    return epsilon === 0 ? 0 : cost + epsilon * information;
  };
  const own = 0.5 * (added(a.factor, a.factor) + added(b.factor, b.factor));
  return Math.max(0, gap(a, b) + buresOf(a, b).square + added(a.factor, b.factor) - own);
}

/**
 * T(x) = b + A^−½ (A^½ B A^½)^½ A^−½ (x − a), the optimal map, which takes α to β. With ε > 0 the entropic map x ↦ E(y | x).
 * @throws ArgumentError as {@link gaussianTransport}; when A isn't positive definite: no map need then exist.
 */
export function gaussianMap(alpha: Gaussian, beta: Gaussian, options: GaussianOptions = {}): AffineMap {
  const routine = "gaussianMap";
  const epsilon = regularizationOf(routine, options);
  const [a, b] = pair(routine, alpha, beta);
  if (!a.definite)
    misuse(
      routine,
      "alpha.covariance",
      "singular",
      "a positive definite matrix",
      "The plan exists: gaussianTransport.",
    );
  const aligned = alignedFactors(a.factor, b.factor);
  const d = a.mean.length;
  const right = turned(b.factor, aligned, correlations(aligned.values, epsilon));
  // X F = right.
  const matrix = triangularSolveInto(denseMatrix(d, d), a.factor, right, { side: "right" });
  if (epsilon === 0) symmetrize(matrix);
  const offset = b.mean.slice();
  for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) offset[i] -= matrix.data[i * d + j] * a.mean[j];
  return {
    matrix,
    offset,
    applyInto(out, x) {
      multiplyVectorInto(out, matrix, x);
      for (let i = 0; i < d; i++) out[i] += offset[i];
      return out;
    },
  };
}

/**
 * The Gaussian at the time t on the geodesic of W₂ from α (t = 0) to β (t = 1): W₂(at s, at t) = |t − s| W₂(α, β). Covariances may be singular.
 * @throws ArgumentError as {@link gaussianDistance}; when t isn't in [0, 1].
 */
export function gaussianInterpolation(alpha: Gaussian, beta: Gaussian, t: number): GaussianMeasure {
  const routine = "gaussianInterpolation";
  requireNumber(routine, "t", t, { atLeast: 0, atMost: 1 });
  const [a, b] = pair(routine, alpha, beta);
  const { moved } = buresOf(a, b);
  const d = a.mean.length;
  const factor = denseMatrix(d, d);
  for (let k = 0; k < d * d; k++) factor.data[k] = (1 - t) * a.factor.data[k] + t * moved.data[k];
  return {
    mean: a.mean.map((ai, i) => (1 - t) * ai + t * b.mean[i]),
    covariance: symmetrize(multiplyInto(denseMatrix(d, d), factor, factor, { transposeB: true })),
  };
}

function pair(routine: string, alpha: Gaussian, beta: Gaussian): [FactoredGaussian, FactoredGaussian] {
  const a = factoredGaussian(routine, "alpha", alpha);
  return [a, factoredGaussian(routine, "beta", beta, a.mean.length)];
}

function regularizationOf(routine: string, options: GaussianOptions): number {
  requireKnownOptions(routine, options, ["regularization"]);
  const { regularization = 0 } = options;
  requireNumber(routine, "options.regularization", regularization, { atLeast: 0, below: Number.POSITIVE_INFINITY });
  return regularization;
}

/** ‖a − b‖². */
function gap({ mean: a }: FactoredGaussian, { mean: b }: FactoredGaussian): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum;
}

/** G V Uᵀ, the factor of B nearest to F, and the square of their distance: that of Bures. */
function buresOf({ factor: F }: FactoredGaussian, { factor: G }: FactoredGaussian) {
  const aligned = alignedFactors(F, G);
  const moved = turned(G, aligned, new Float64Array(F.cols).fill(1));
  return { aligned, moved, square: squaredDistance(F, moved) };
}

/** N((a, b), [A C; Cᵀ B]). */
function joint(a: FactoredGaussian, b: FactoredGaussian, C: DenseMatrix): GaussianMeasure {
  const d = a.mean.length;
  const mean = new Float64Array(2 * d);
  mean.set(a.mean);
  mean.set(b.mean, d);
  const covariance = denseMatrix(2 * d, 2 * d);
  const { data } = covariance;
  for (let i = 0; i < d; i++)
    for (let j = 0; j < d; j++) {
      data[i * 2 * d + j] = a.covariance.data[i * d + j];
      data[(d + i) * 2 * d + d + j] = b.covariance.data[i * d + j];
      data[i * 2 * d + d + j] = data[(d + j) * 2 * d + i] = C.data[i * d + j];
    }
  return { mean, covariance };
}
