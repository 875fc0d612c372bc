// The kernel metrics among the O(n)-invariant metrics on SPD matrices, and divided differences, on which they and the derivatives of matrix functions stand.
//
// In the eigenbasis of P, X' = VᵀXV, with eigenvalues dᵢ: g_P(X, Y) = Σᵢⱼ X'ᵢⱼ Y'ᵢⱼ / φ(dᵢ, dⱼ); the gradient multiplies by φ. Euclidean φ = 1, affine-invariant dᵢdⱼ, log-Euclidean
// ((dᵢ − dⱼ)/(log dᵢ − log dⱼ))², Bures–Wasserstein 2(dᵢ + dⱼ). Thanwerdas, Pennec 2023, "O(n)-invariant Riemannian metrics on SPD matrices", Linear Algebra Appl. 661.
// Derivatives of f(P): Daleckii, Krein 1951; Bhatia, "Matrix Analysis" (1997), §V.3: Df(P)[X]' = f[dᵢ, dⱼ] X'ᵢⱼ, and D²f(P)[X, Y]'ᵢⱼ = Σₖ f[dᵢ, dₖ, dⱼ] (X'ᵢₖY'ₖⱼ + Y'ᵢₖX'ₖⱼ).
import { misuse, requireNumber, type Vector } from "@hessia/core";
import type { EigenWork } from "./eigen.js";
import { fromBasis, intoBasis } from "./eigen.js";

/** φ(x, y), symmetric and positive for positive x, y. */
export type MetricKernel = (x: number, y: number) => number;

/** A smooth increasing function on (0, ∞), its inverse, f[x, y] and Taylor coefficients f⁽ᵏ⁾(m)/k!, k ≥ 2. */
export interface SpectralMap {
  readonly name: string;
  value(x: number): number;
  /** NaN where y isn't a value of f. */
  inverse(y: number): number;
  first(x: number, y: number): number;
  coefficient(k: number, m: number): number;
}

/** log x. */
export const logarithm: SpectralMap = {
  name: "log",
  value: Math.log,
  inverse: Math.exp,
  first: (x, y) => logRatio(x, y) / (x === y ? 1 : x - y) || 1 / x,
  coefficient: (k, m) => (k % 2 === 0 ? -1 : 1) / (k * m ** k),
};

/** scale · x^p, p ≠ 0. */
export function powerMap(p: number, scale = 1): SpectralMap {
  requireNumber("powerMap", "p", p, {});
  if (p === 0) misuse("powerMap", "p", "0", "a power other than 0");
  return {
    name: `x^${p}`,
    value: (x) => scale * x ** p,
    inverse: (y) => (y / scale > 0 ? (y / scale) ** (1 / p) : Number.NaN),
    first: (x, y) => (x === y ? scale * p * x ** (p - 1) : (scale * y ** p * Math.expm1(p * logRatio(x, y))) / (x - y)),
    coefficient(k, m) {
      let binomial = 1;
      for (let j = 0; j < k; j++) binomial *= (p - j) / (j + 1);
      return scale * binomial * m ** (p - k);
    },
  };
}

/** log(x/y), with all digits also for neighbours; 0 for x = y. */
function logRatio(x: number, y: number): number {
  const relative = (x - y) / y;
  return Math.abs(relative) < 0.5 ? Math.log1p(relative) : Math.log(x / y);
}

/** f[x, y, z], symmetric in its arguments; by its Taylor series about the mean where all three are within 2 %. */
export function secondDifference(f: SpectralMap, a: number, b: number, c: number): number {
  const x = Math.min(a, b, c);
  const z = Math.max(a, b, c);
  const y = a + b + c - x - z;
  if (z - x > 0.02 * z) return (f.first(z, y) - f.first(y, x)) / (z - x);
  // Σ f⁽ᵏ⁺²⁾(m)/(k + 2)! · hₖ(x − m, y − m, z − m), hₖ the complete symmetric polynomials.
  const m = (x + y + z) / 3;
  const [p, q, r] = [x - m, y - m, z - m];
  let [h1, h2, h3] = [1, 1, 1];
  let sum = f.coefficient(2, m);
  for (let k = 1; k <= 6; k++) {
    h1 *= p;
    h2 = h2 * q + h1;
    h3 = h3 * r + h2;
    sum += f.coefficient(k + 2, m) * h3;
  }
  return sum;
}

/** g_P(X, Y) with the eigendecomposition of P in `eigen`; A, B and `scratch` are n × n. */
export function kernelInner(eigen: EigenWork, φ: MetricKernel, X: Vector, Y: Vector, A: Vector, B: Vector): number {
  const { n, values, vectors, scratch } = eigen;
  intoBasis(A, scratch, vectors, X, n);
  const other = X === Y ? A : intoBasis(B, scratch, vectors, Y, n);
  let sum = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) sum += (A[i * n + j] * other[i * n + j]) / φ(values[i], values[j]);
  return sum;
}

/** out ← V (φ ∘ VᵀGV) Vᵀ for a symmetric G: the gradient of the kernel metric. out may be G. */
export function kernelGradientInto(out: Vector, eigen: EigenWork, φ: MetricKernel, G: Vector): Vector {
  const { n, values, vectors, scratch } = eigen;
  intoBasis(out, scratch, vectors, G, n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out[i * n + j] *= φ(values[i], values[j]);
  return fromBasis(out, scratch, vectors, out, n);
}

/** out ← Df(P)[X], or its inverse applied to X; the same is its adjoint. out may be X. */
export function derivativeInto(out: Vector, eigen: EigenWork, f: SpectralMap, X: Vector, inverse = false): Vector {
  return kernelGradientInto(out, eigen, inverse ? (x, y) => 1 / f.first(x, y) : (x, y) => f.first(x, y), X);
}

/** out ← the M with ⟨M, X⟩ = ⟨G, D²f(P)[X, U]⟩ for all symmetric X. A, B, C are n × n; out may be G or U. */
export function secondDerivativeAdjointInto(
  out: Vector,
  eigen: EigenWork,
  f: SpectralMap,
  G: Vector,
  U: Vector,
  A: Vector,
  B: Vector,
  C: Vector,
): Vector {
  const { n, values, vectors, scratch } = eigen;
  intoBasis(A, scratch, vectors, G, n);
  intoBasis(B, scratch, vectors, U, n);
  for (let a = 0; a < n; a++)
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      for (let j = 0; j < n; j++) {
        const term = A[a * n + j] * B[j * n + b] + B[a * n + j] * A[j * n + b];
        if (term !== 0) sum += secondDifference(f, values[a], values[b], values[j]) * term;
      }
      C[a * n + b] = sum;
      C[b * n + a] = sum;
    }
  return fromBasis(out, scratch, vectors, C, n);
}
