// Gaussians by factors of their covariances: A = F Fᵀ, B = G Gᵀ, FᵀG = U Σ Vᵀ. All closed forms are sums over Σ and products of these: nothing is inverted and nothing cancels,
// so that covariances may be singular or nearly equal.
import { type DenseInput, type DenseMatrix, denseMatrix, describe, misuse, toDense, type Vector } from "@hessia/core";
import { choleskyFactorize, multiplyInto, requireSymmetric, svd, symmetricEigen } from "@hessia/core/linear";

/** The normal distribution N(mean, covariance) on ℝᵈ. */
export interface Gaussian {
  /** d numbers. */
  readonly mean: ArrayLike<number>;
  /** d × d, symmetric, positive semidefinite. */
  readonly covariance: DenseInput;
}

/** A Gaussian that passed the checks. */
export interface FactoredGaussian {
  readonly mean: Vector;
  readonly covariance: DenseMatrix;
  /** F with F Fᵀ = covariance: lower triangular where that is positive definite, else the symmetric square root. */
  readonly factor: DenseMatrix;
  readonly definite: boolean;
}

/**
 * The Gaussian with its factor.
 * @throws ArgumentError when the mean isn't finite or has another length than `dimension`; when the covariance isn't square, finite, symmetric to 1e-12 of its largest entry, of the mean's size, or has
 * an eigenvalue below −d ε times the largest.
 */
export function factoredGaussian(
  routine: string,
  argument: string,
  given: Gaussian,
  dimension?: number,
): FactoredGaussian {
  if (given === null || typeof given !== "object" || !("mean" in given) || !("covariance" in given))
    misuse(routine, argument, describe(given), "a Gaussian: an object with `mean` and `covariance`");
  const { mean: a } = given;
  if (a === null || typeof a !== "object" || typeof a.length !== "number")
    misuse(routine, `${argument}.mean`, describe(a), "an array of numbers");
  const d = a.length;
  if (d === 0) misuse(routine, `${argument}.mean`, "empty", "at least one number");
  if (dimension !== undefined && d !== dimension)
    misuse(routine, `${argument}.mean`, `of length ${d}`, `length ${dimension}, as the other Gaussian`);
  const mean = Float64Array.from(a);
  for (let i = 0; i < d; i++)
    if (!Number.isFinite(mean[i])) misuse(routine, `${argument}.mean`, `${mean[i]} at index ${i}`, "finite numbers");
  const name = `${argument}.covariance`;
  const A = toDense(given.covariance, routine, name);
  if (A.rows !== d || A.cols !== d)
    misuse(routine, name, `${A.rows} × ${A.cols}`, `${d} × ${d}, as the mean has ${d} numbers`);
  requireSymmetric(routine, name, A);
  const covariance = denseMatrix(d, d);
  for (let i = 0; i < d; i++)
    for (let j = 0; j < d; j++) covariance.data[i * d + j] = 0.5 * (A.data[i * d + j] + A.data[j * d + i]);
  const { factor, definite, least } = gaussianFactor(covariance);
  if (least < 0)
    misuse(
      routine,
      name,
      `indefinite: it has the eigenvalue ${least.toPrecision(3)}`,
      "a positive semidefinite matrix",
    );
  return { mean, covariance, factor, definite };
}

export interface GaussianFactor {
  readonly factor: DenseMatrix;
  readonly definite: boolean;
  /** The least eigenvalue where it is negative beyond rounding, else 0. */
  readonly least: number;
}

/** F with F Fᵀ = A for a symmetric A; eigenvalues down to −d ε times the largest count as 0. */
export function gaussianFactor(A: DenseMatrix): GaussianFactor {
  const d = A.rows;
  const L = choleskyFactorize(A);
  if (L.failedAt < 0) return { factor: { kind: "dense", rows: d, cols: d, data: L.L }, definite: true, least: 0 };
  const { values, vectors } = symmetricEigen(A);
  const top = Math.max(-values[0], values[d - 1]);
  const roots = values.map((λ) => Math.sqrt(Math.max(0, λ)));
  const least = values[0] < -d * Number.EPSILON * top ? values[0] : 0;
  return { factor: sandwich(vectors, roots, vectors), definite: false, least };
}

/** FᵀG = U Σ Vᵀ of two factors. */
export interface AlignedFactors {
  readonly U: DenseMatrix;
  readonly V: DenseMatrix;
  /** Σ: the roots of the eigenvalues of A^½ B A^½. */
  readonly values: Vector;
}

export function alignedFactors(F: DenseMatrix, G: DenseMatrix): AlignedFactors {
  return svd(multiplyInto(denseMatrix(F.cols, G.cols), F, G, { transposeA: true }));
}

/** left diag(weights) rightᵀ. */
export function sandwich(left: DenseMatrix, weights: ArrayLike<number>, right: DenseMatrix): DenseMatrix {
  const { rows, cols } = left;
  const scaled = denseMatrix(rows, cols);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < cols; k++) scaled.data[i * cols + k] = left.data[i * cols + k] * weights[k]!;
  return multiplyInto(denseMatrix(rows, right.rows), scaled, right, { transposeB: true });
}

/** G V diag(κ) Uᵀ: the factor of B turned to that of A, shrunk by the correlations κ. κ = 1 gives T F, T the optimal map from N(0, A) to N(0, B). */
export function turned(G: DenseMatrix, { U, V }: AlignedFactors, correlations: ArrayLike<number>): DenseMatrix {
  return multiplyInto(denseMatrix(G.rows, U.rows), G, sandwich(V, correlations, U));
}

/** κ = 2s/(δ + σ²), δ = √(4s² + σ⁴), of the singular values s for ε = 2σ²: 1 where ε = 0. */
export function correlations(values: Vector, epsilon: number): Vector {
  const σ2 = epsilon / 2;
  return values.map((s) => (σ2 === 0 ? 1 : (2 * s) / (Math.hypot(2 * s, σ2) + σ2)));
}

/** ‖F − H‖²_F. */
export function squaredDistance(F: DenseMatrix, H: DenseMatrix): number {
  let sum = 0;
  for (let k = 0; k < F.data.length; k++) sum += (F.data[k] - H.data[k]) ** 2;
  return sum;
}

/** What entropy adds to the cost, Σ 2s + σ² − δ, and the information Σ ½ log((δ + σ²)/(2σ²)), written without differences of like numbers. */
export function entropicTerms(values: Vector, epsilon: number): { cost: number; information: number } {
  const σ2 = epsilon / 2;
  let cost = 0;
  let information = 0;
  for (const s of values) {
    if (s === 0) continue;
    if (σ2 === 0) {
      information = Number.POSITIVE_INFINITY;
      continue;
    }
    const δ = Math.hypot(2 * s, σ2);
    const above = (2 * s * (2 * s)) / (δ + σ2);
    cost += (σ2 * (2 * s + above)) / (2 * s + δ);
    information += 0.5 * Math.log1p(above / (2 * σ2));
  }
  return { cost, information };
}

/** A ← (A + Aᵀ)/2. */
export function symmetrize(A: DenseMatrix): DenseMatrix {
  const { rows: d, data } = A;
  for (let i = 0; i < d; i++)
    for (let j = 0; j < i; j++) data[i * d + j] = data[j * d + i] = 0.5 * (data[i * d + j] + data[j * d + i]);
  return A;
}
