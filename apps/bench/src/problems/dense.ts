// Convex problems with dense Hessians, on data drawn from a fixed seed: the setting of the lazy-Hessian experiments
// (Doikov, Chayti, Jaggi 2023, §6). Derivatives by hand, on flat arrays, so that the linear algebra is what is timed.
import { denseMatrix, type HessianProblem, type Matrix } from "@hessia/core";
import { multiplyTransposeVectorInto, multiplyVectorInto, symmetricProductInto } from "@hessia/core/linear";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

export interface DenseInstance {
  readonly name: string;
  readonly n: number;
  readonly problem: HessianProblem;
  start(): Float64Array;
}

/** A generator of uniform numbers in [−1, 1) from a seed. */
export function uniform(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => 2 * uniformFloat64(generator) - 1;
}

/**
 * ℓ2-regularized logistic regression: f(x) = (1/N) Σ log(1 + exp(−bᵢ aᵢᵀx)) + (μ/2)‖x‖², N = 2n samples with
 * aᵢ uniform in [−1, 1]ⁿ, labels bᵢ from a random plane with a tenth of them flipped, μ = 1/N. Start 0.
 */
export function logisticRegression(n: number, seed = 1): DenseInstance {
  const N = 2 * n;
  const draw = uniform(seed);
  const A = denseMatrix(N, n);
  for (let i = 0; i < A.data.length; i++) A.data[i] = draw();
  const plane = Float64Array.from({ length: n }, draw);
  const margins = new Float64Array(N);
  multiplyVectorInto(margins, A, plane);
  // Rows are multiplied by their labels: then every margin should be positive.
  for (let i = 0; i < N; i++) {
    const label = margins[i]! >= 0 === draw() > -0.8 ? 1 : -1;
    if (label < 0) for (let j = 0; j < n; j++) A.data[i * n + j] = -A.data[i * n + j]!;
  }
  const mu = 1 / N;
  const weights = new Float64Array(N);
  const problem: HessianProblem = {
    dimension: n,
    value(x) {
      multiplyVectorInto(margins, A, x);
      let sum = 0;
      for (let i = 0; i < N; i++) {
        const t = -margins[i]!;
        sum += t > 0 ? t + Math.log1p(Math.exp(-t)) : Math.log1p(Math.exp(t));
      }
      return sum / N + 0.5 * mu * squaredNorm(x);
    },
    gradientInto(out, x) {
      problem.valueAndGradientInto!(out, x);
      return out;
    },
    valueAndGradientInto(out, x) {
      const value = problem.value(x);
      for (let i = 0; i < N; i++) weights[i] = -1 / (N * (1 + Math.exp(margins[i]!)));
      multiplyTransposeVectorInto(out, A, weights);
      for (let j = 0; j < n; j++) out[j] = out[j]! + mu * x[j]!;
      return value;
    },
    newHessian: () => denseMatrix(n, n),
    hessianInto(out, x) {
      multiplyVectorInto(margins, A, x);
      for (let i = 0; i < N; i++) {
        const p = 1 / (1 + Math.exp(margins[i]!));
        weights[i] = (p * (1 - p)) / N;
      }
      return weightedGram(out, A, weights, mu);
    },
  };
  return { name: "logistic regression", n, problem, start: () => new Float64Array(n) };
}

/**
 * The soft maximum f(x) = μ log Σ exp((aᵢᵀx − bᵢ)/μ), N = 2n, a and b uniform in [−1, 1], μ = 1/2; the rows are moved by
 * Σ πᵢ aᵢ at 0, so that the minimizer is 0 (as in Doikov, Mishchenko, Nesterov 2022, §6). Start: all ones.
 */
export function logSumExp(n: number, seed = 2): DenseInstance {
  const N = 2 * n;
  const smoothing = 0.5;
  const draw = uniform(seed);
  const A = denseMatrix(N, n);
  for (let i = 0; i < A.data.length; i++) A.data[i] = draw();
  const b = Float64Array.from({ length: N }, draw);
  const t = new Float64Array(N);
  const p = new Float64Array(N);
  const mean = new Float64Array(n);
  /** p = softmax((Ax − b)/μ); answers the value. */
  const softmax = (x: Float64Array): number => {
    multiplyVectorInto(t, A, x);
    let top = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < N; i++) {
      t[i] = (t[i]! - b[i]!) / smoothing;
      top = Math.max(top, t[i]!);
    }
    let sum = 0;
    for (let i = 0; i < N; i++) sum += p[i] = Math.exp(t[i]! - top);
    for (let i = 0; i < N; i++) p[i] = p[i]! / sum;
    return smoothing * (top + Math.log(sum));
  };
  softmax(new Float64Array(n));
  multiplyTransposeVectorInto(mean, A, p);
  for (let i = 0; i < N; i++) for (let j = 0; j < n; j++) A.data[i * n + j] = A.data[i * n + j]! - mean[j]!;

  const problem: HessianProblem = {
    dimension: n,
    value: softmax,
    gradientInto(out, x) {
      problem.valueAndGradientInto!(out, x);
      return out;
    },
    valueAndGradientInto(out, x) {
      const value = softmax(x);
      multiplyTransposeVectorInto(out, A, p);
      return value;
    },
    newHessian: () => denseMatrix(n, n),
    hessianInto(out, x) {
      softmax(x);
      multiplyTransposeVectorInto(mean, A, p);
      for (let i = 0; i < N; i++) p[i] = p[i]! / smoothing;
      weightedGram(out, A, p, 0);
      const H = out.kind === "dense" ? out.data : new Float64Array();
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) H[i * n + j] = H[i * n + j]! - (mean[i]! * mean[j]!) / smoothing;
      return out;
    },
  };
  return { name: "log-sum-exp", n, problem, start: () => new Float64Array(n).fill(1) };
}

/** out = Aᵀ diag(w) A + shift I. */
function weightedGram(
  out: Matrix,
  A: { rows: number; cols: number; data: Float64Array },
  w: Float64Array,
  shift: number,
): Matrix {
  if (out.kind !== "dense") return out;
  const { rows, cols, data } = A;
  const scaled = denseMatrix(rows, cols);
  for (let i = 0; i < rows; i++) {
    const root = Math.sqrt(w[i]!);
    for (let j = 0; j < cols; j++) scaled.data[i * cols + j] = root * data[i * cols + j]!;
  }
  symmetricProductInto(out, scaled);
  for (let j = 0; j < cols; j++) out.data[j * cols + j] = out.data[j * cols + j]! + shift;
  return out;
}

function squaredNorm(x: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! * x[i]!;
  return sum;
}
