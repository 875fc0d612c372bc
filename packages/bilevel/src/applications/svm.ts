// Hyperparameter selection of a linear support vector machine with one weight a sample, its lower level constrained.
//
//   min_c Σ_v max(0, 2σ(−5 b (aᵀw + β)/‖w‖) − 1)/N_v,   (w, β, ξ) = argmin ½‖w‖² + ½ Σ e^{cᵢ} ξᵢ²  subject to  1 − ξᵢ − bᵢ(aᵢᵀw + β) ≤ 0
//
// Yao, Yu, Zeng, Zhang 2024, ICLR, §4.2 (LV-HBA), after Kunapuli, Bennett, Hu, Pang 2008, "Classification model selection via bilevel programming".
import { requireKnownOptions, requireNumber, type Vector } from "@hessia/core";
import { box } from "@hessia/core/set";
import { type BilevelProblem, bilevel, type Objective } from "../problem.js";
import { bothSamples, type Dataset, type Samples } from "./dataset.js";

export interface SvmOptions {
  /** Bounds of cᵢ. Default [−10, 10]. */
  readonly bounds?: readonly [number, number];
}

/**
 * The problem over (c, w, β, ξ): N upper variables, d + 1 + N lower ones, N constraints. Targets −1 and 1.
 * @throws ArgumentError on data that don't fit and bounds that aren't l < u.
 */
export function svmSelection(training: Dataset, validation: Dataset, options: SvmOptions = {}): BilevelProblem {
  const routine = "svmSelection";
  requireKnownOptions(routine, options, ["bounds"]);
  const [l, u] = options.bounds ?? [-10, 10];
  requireNumber(routine, "options.bounds[0]", l, { above: Number.NEGATIVE_INFINITY, below: u });
  requireNumber(routine, "options.bounds[1]", u, { above: l, below: Number.POSITIVE_INFINITY });
  const { train, valid, d } = bothSamples(routine, training, validation, true);
  const N = train.A.rows;
  const n = N;
  const dimension = n + d + 1 + N;
  const lower: Objective = {
    dimension,
    value(z) {
      let value = 0;
      for (let j = 0; j < d; j++) value += 0.5 * z[n + j]! ** 2;
      for (let i = 0; i < N; i++) value += 0.5 * Math.exp(z[i]!) * z[n + d + 1 + i]! ** 2;
      return value;
    },
    gradientInto(out, z) {
      for (let j = 0; j < d; j++) out[n + j] = z[n + j]!;
      out[n + d] = 0;
      for (let i = 0; i < N; i++) {
        const weight = Math.exp(z[i]!);
        const ξ = z[n + d + 1 + i]!;
        out[n + d + 1 + i] = weight * ξ;
        out[i] = 0.5 * weight * ξ * ξ;
      }
      return out;
    },
    hessianApplyInto(out, z, v) {
      for (let j = 0; j < d; j++) out[n + j] = v[n + j]!;
      out[n + d] = 0;
      for (let i = 0; i < N; i++) {
        const weight = Math.exp(z[i]!);
        const k = n + d + 1 + i;
        out[k] = weight * (v[k]! + z[k]! * v[i]!);
        out[i] = weight * z[k]! * (v[k]! + 0.5 * z[k]! * v[i]!);
      }
      return out;
    },
  };
  const set = box(new Float64Array(n).fill(l), new Float64Array(n).fill(u));
  return bilevel({
    upperDimension: n,
    upper: marginLoss(valid, n, d, dimension),
    lower,
    upperSet: set,
    lowerConstraints: margins(train, n, d, dimension),
  });
}

/** g_i = 1 − ξᵢ − bᵢ(aᵢᵀw + β). */
function margins({ A, b }: Samples, n: number, d: number, dimension: number) {
  const N = A.rows;
  const apply = (out: Vector, v: Vector, constant: number): Vector => {
    for (let i = 0; i < N; i++) {
      let t = v[n + d]!;
      for (let j = 0; j < d; j++) t += A.data[i * d + j]! * v[n + j]!;
      out[i] = constant - v[n + d + 1 + i]! - b[i]! * t;
    }
    return out;
  };
  return {
    dimension,
    residuals: N,
    residualInto: (out: Vector, z: Vector) => apply(out, z, 1),
    jacobianApplyInto: (out: Vector, _z: Vector, v: Vector) => apply(out, v, 0),
    jacobianTransposeApplyInto(out: Vector, _z: Vector, w: Vector) {
      out.fill(0);
      for (let i = 0; i < N; i++) {
        const t = -b[i]! * w[i]!;
        for (let j = 0; j < d; j++) out[n + j] = out[n + j]! + t * A.data[i * d + j]!;
        out[n + d] = out[n + d]! + t;
        out[n + d + 1 + i] = -w[i]!;
      }
      return out;
    },
  };
}

/** max(0, 2σ(−5 b t/‖w‖) − 1) in the mean: 0 for samples on their side, towards 1 for those far on the other. */
function marginLoss({ A, b }: Samples, n: number, d: number, dimension: number): Objective {
  const M = A.rows;
  const evaluate = (out: Vector | undefined, z: Vector): number => {
    out?.fill(0);
    let norm = 0;
    for (let j = 0; j < d; j++) norm += z[n + j]! ** 2;
    norm = Math.sqrt(norm) + 1e-12;
    let value = 0;
    for (let i = 0; i < M; i++) {
      let t = z[n + d]!;
      for (let j = 0; j < d; j++) t += A.data[i * d + j]! * z[n + j]!;
      const q = (-5 * b[i]! * t) / norm;
      if (q <= 0) continue;
      const s = 1 / (1 + Math.exp(-q));
      value += (2 * s - 1) / M;
      if (out === undefined) continue;
      const slope = (2 * s * (1 - s)) / M;
      const ofT = (-5 * b[i]! * slope) / norm;
      for (let j = 0; j < d; j++)
        out[n + j] = out[n + j]! + ofT * A.data[i * d + j]! - (slope * q * z[n + j]!) / (norm * norm);
      out[n + d] = out[n + d]! + ofT;
    }
    return value;
  };
  return {
    dimension,
    value: (z) => evaluate(undefined, z),
    gradientInto(out, z) {
      evaluate(out, z);
      return out;
    },
    valueAndGradientInto: (out, z) => evaluate(out, z),
  };
}
