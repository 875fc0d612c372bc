// Inner products and gradients of any O(n)-invariant kernel metric on SPD matrices, with an optional trace term: what the named metrics are tested against, and a tool for metrics
// that have no closed form of their geodesics.
//
// Thanwerdas, Pennec 2023, "O(n)-invariant Riemannian metrics on SPD matrices", Linear Algebra Appl. 661: kernel metrics (§3.3), and for the affine-invariant one the family
// tr(P⁻¹XP⁻¹X) + β tr(P⁻¹X)², β > −1/n.
import { misuse, requireKnownOptions, requireNumber, type Vector } from "@hessia/core";
import { frobenius, multiply, symmetrize } from "./support/dense.js";
import { eigenInto, newEigenWork } from "./support/eigen.js";
import { kernelGradientInto, kernelInner, logarithm, type MetricKernel, powerMap } from "./support/kernel-metric.js";
import { requireSize } from "./support/require.js";

/** The kernels φ of the named metrics: ⟨X, X⟩_P = Σ X'ᵢⱼ²/φ(dᵢ, dⱼ) in the eigenbasis of P. */
export const metricKernels = {
  euclidean: () => 1,
  affineInvariant: (x: number, y: number) => x * y,
  logEuclidean: (x: number, y: number) => logarithm.first(x, y) ** -2,
  buresWasserstein: (x: number, y: number) => 2 * (x + y),
} as const satisfies Record<string, MetricKernel>;

/**
 * The kernel of the power deformation of a metric, pulled back by P ↦ P^α and divided by α².
 * @throws ArgumentError when α is 0 or not a number.
 */
export function powerKernel(kernel: MetricKernel, power: number): MetricKernel {
  const { first, value } = powerMap(power);
  return (x, y) => (kernel(value(x), value(y)) * power * power) / first(x, y) ** 2;
}

export interface InvariantMetricOptions {
  /** β of the term β tr(P⁻¹X)², > −1/n; for the affine-invariant kernel only. Default 0. */
  readonly trace?: number;
}

export interface InvariantMetric {
  /** ⟨U, V⟩_P. */
  inner(P: Vector, U: Vector, V: Vector): number;
  /** Writes the Riemannian gradient for the Euclidean one G into `out` (any of the arguments). */
  euclideanToRiemannianGradientInto(out: Vector, P: Vector, G: Vector): Vector;
}

/**
 * The metric of a kernel on n × n SPD matrices.
 * @throws ArgumentError when n isn't an integer ≥ 1, the trace coefficient is ≤ −1/n, or it is given with another kernel than the affine-invariant one.
 */
export function invariantMetric(
  n: number,
  kernel: MetricKernel,
  options: InvariantMetricOptions = {},
): InvariantMetric {
  const routine = "invariantMetric";
  requireSize(routine, "n", n);
  if (typeof kernel !== "function") misuse(routine, "kernel", String(kernel), "a function φ(x, y)");
  requireKnownOptions(routine, options, ["trace"]);
  const { trace = 0 } = options;
  requireNumber(routine, "options.trace", trace, { above: -1 / n, below: Number.POSITIVE_INFINITY });
  if (trace !== 0 && kernel !== metricKernels.affineInvariant)
    misuse(
      routine,
      "options.trace",
      `${trace} with another kernel`,
      "0, or the kernel `metricKernels.affineInvariant`",
    );
  const eigen = newEigenWork(n);
  const matrix = () => new Float64Array(n * n);
  const [A, B, S] = [matrix(), matrix(), matrix()];
  /** tr(P⁻¹X), P's eigendecomposition in `eigen`. */
  const inverseTrace = (X: Vector) => {
    const { values, vectors } = eigen;
    multiply(A, X, vectors, n, n, n);
    let sum = 0;
    for (let j = 0; j < n; j++) {
      let quadratic = 0;
      for (let i = 0; i < n; i++) quadratic += vectors[i * n + j] * A[i * n + j];
      sum += quadratic / values[j];
    }
    return sum;
  };
  return {
    inner(P, U, V) {
      eigenInto(eigen, P);
      const plain = kernelInner(eigen, kernel, U, V, A, B);
      return trace === 0 ? plain : plain + trace * inverseTrace(U) * inverseTrace(V);
    },
    euclideanToRiemannianGradientInto(out, P, G) {
      eigenInto(eigen, P);
      S.set(G);
      symmetrize(S, n);
      const along = frobenius(S, P);
      kernelGradientInto(S, eigen, kernel, S);
      // The inverse of X ↦ P⁻¹XP⁻¹ + β tr(P⁻¹X) P⁻¹ is G ↦ PGP − β/(1 + nβ) tr(PG) P.
      const factor = (trace / (1 + n * trace)) * along;
      for (let k = 0; k < n * n; k++) out[k] = factor === 0 ? S[k] : S[k] - factor * P[k];
      return out;
    },
  };
}
