// Selection of regularization weights of linear models: ridge, elastic net, logistic regression.
//
//   min_x (1/N_v) Σ ℓ(aᵢᵀw, bᵢ) over validation samples,   w = argmin_w (1/N) Σ ℓ(aᵢᵀw, bᵢ) + Σ_j ρ_j(x, w_j)
//
// x are logarithms of weights, so that they are free. Foo, Do, Ng 2008, "Efficient multiple hyperparameter learning for log-linear models", NeurIPS; Pedregosa 2016, ICML, §4.
import { requireKnownOptions, requireNumber, type Vector } from "@hessia/core";
import { type BilevelProblem, bilevel, type Objective } from "../problem.js";
import { bothSamples, type Dataset } from "./dataset.js";
import { type Loss, linearModel, logistic, squared } from "./loss.js";

export interface SelectionOptions {
  /** One weight a feature instead of one for all. Default false. */
  readonly perFeature?: boolean;
}

/**
 * Ridge regression: ½ Σ_j e^{x_j} w_j² with squared losses. x: one number, or d of them.
 * @throws ArgumentError on data that don't fit and unknown options.
 */
export function ridgeSelection(training: Dataset, validation: Dataset, options: SelectionOptions = {}): BilevelProblem {
  return selection("ridgeSelection", training, validation, squared, options);
}

/**
 * Logistic regression with ½ Σ_j e^{x_j} w_j²; targets −1 and 1. x: one number, or d of them.
 * @throws ArgumentError on data that don't fit and unknown options.
 */
export function logisticSelection(
  training: Dataset,
  validation: Dataset,
  options: SelectionOptions = {},
): BilevelProblem {
  return selection("logisticSelection", training, validation, logistic, options);
}

function selection(
  routine: string,
  training: Dataset,
  validation: Dataset,
  loss: Loss,
  options: SelectionOptions,
): BilevelProblem {
  requireKnownOptions(routine, options, ["perFeature"]);
  const { perFeature = false } = options;
  const { train, valid, d } = bothSamples(routine, training, validation, loss === logistic);
  const n = perFeature ? d : 1;
  const at = perFeature ? (j: number) => j : () => 0;
  const model = linearModel(train, loss);
  const lower: Objective = {
    dimension: n + d,
    value: (z) => valueAndGradient(undefined, z),
    gradientInto(out, z) {
      valueAndGradient(out, z);
      return out;
    },
    valueAndGradientInto: (out, z) => valueAndGradient(out, z),
    hessianApplyInto(out, z, v) {
      const w = z.subarray(n);
      out.fill(0);
      model.hessianApplyInto(out.subarray(n), w, v.subarray(n));
      for (let j = 0; j < d; j++) {
        const i = at(j);
        const rho = Math.exp(z[i]!);
        out[n + j] = out[n + j]! + rho * (v[n + j]! + v[i]! * w[j]!);
        out[i] = out[i]! + rho * w[j]! * (v[n + j]! + 0.5 * v[i]! * w[j]!);
      }
      return out;
    },
  };
  const scratch = new Float64Array(d);
  function valueAndGradient(out: Vector | undefined, z: Vector): number {
    const w = z.subarray(n);
    let value = model.valueAndGradientInto(out?.subarray(n) ?? scratch, w);
    out?.fill(0, 0, n);
    for (let j = 0; j < d; j++) {
      const i = at(j);
      const rho = Math.exp(z[i]!);
      value += 0.5 * rho * w[j]! ** 2;
      if (out === undefined) continue;
      out[n + j] = out[n + j]! + rho * w[j]!;
      out[i] = out[i]! + 0.5 * rho * w[j]! ** 2;
    }
    return value;
  }
  return bilevel({ upperDimension: n, upper: validationObjective(linearModel(valid, loss), n, d), lower });
}

/** The mean loss over validation samples, as a function of (x, w) that doesn't know x. */
export function validationObjective(model: ReturnType<typeof linearModel>, n: number, d: number): Objective {
  const scratch = new Float64Array(d);
  return {
    dimension: n + d,
    value: (z) => model.valueAndGradientInto(scratch, z.subarray(n)),
    gradientInto(out, z) {
      out.fill(0, 0, n);
      model.valueAndGradientInto(out.subarray(n), z.subarray(n));
      return out;
    },
    valueAndGradientInto(out, z) {
      out.fill(0, 0, n);
      return model.valueAndGradientInto(out.subarray(n), z.subarray(n));
    },
    hessianApplyInto(out, z, v) {
      out.fill(0, 0, n);
      model.hessianApplyInto(out.subarray(n), z.subarray(n), v.subarray(n));
      return out;
    },
  };
}

export interface ElasticNetOptions {
  /** δ of √(w² + δ²) − δ in place of |w|, > 0. Default 1e-3. */
  readonly smoothing?: number;
}

/**
 * Elastic net, smoothed: e^{x₁} Σ (√(w_j² + δ²) − δ) + ½ e^{x₂} ‖w‖² with squared losses. x: two numbers.
 * @throws ArgumentError on data that don't fit, unknown options and a smoothing that isn't positive.
 */
export function elasticNetSelection(
  training: Dataset,
  validation: Dataset,
  options: ElasticNetOptions = {},
): BilevelProblem {
  const routine = "elasticNetSelection";
  requireKnownOptions(routine, options, ["smoothing"]);
  const { smoothing: δ = 1e-3 } = options;
  requireNumber(routine, "options.smoothing", δ, { above: 0, below: Number.POSITIVE_INFINITY });
  const { train, valid, d } = bothSamples(routine, training, validation);
  const model = linearModel(train, squared);
  const n = 2;
  const scratch = new Float64Array(d);
  function valueAndGradient(out: Vector | undefined, z: Vector): number {
    const w = z.subarray(n);
    const ρ1 = Math.exp(z[0]!);
    const ρ2 = Math.exp(z[1]!);
    const value = model.valueAndGradientInto(out?.subarray(n) ?? scratch, w);
    let l1 = 0;
    let l2 = 0;
    for (let j = 0; j < d; j++) {
      const root = Math.sqrt(w[j]! ** 2 + δ * δ);
      l1 += root - δ;
      l2 += 0.5 * w[j]! ** 2;
      if (out !== undefined) out[n + j] = out[n + j]! + (ρ1 * w[j]!) / root + ρ2 * w[j]!;
    }
    if (out !== undefined) {
      out[0] = ρ1 * l1;
      out[1] = ρ2 * l2;
    }
    return value + ρ1 * l1 + ρ2 * l2;
  }
  const lower: Objective = {
    dimension: n + d,
    value: (z) => valueAndGradient(undefined, z),
    gradientInto(out, z) {
      valueAndGradient(out, z);
      return out;
    },
    valueAndGradientInto: (out, z) => valueAndGradient(out, z),
    hessianApplyInto(out, z, v) {
      const w = z.subarray(n);
      const ρ1 = Math.exp(z[0]!);
      const ρ2 = Math.exp(z[1]!);
      model.hessianApplyInto(out.subarray(n), w, v.subarray(n));
      let first = 0;
      let second = 0;
      for (let j = 0; j < d; j++) {
        const root = Math.sqrt(w[j]! ** 2 + δ * δ);
        const slope1 = (ρ1 * w[j]!) / root;
        const slope2 = ρ2 * w[j]!;
        const curvature = (ρ1 * δ * δ) / root ** 3 + ρ2;
        out[n + j] = out[n + j]! + curvature * v[n + j]! + slope1 * v[0]! + slope2 * v[1]!;
        first += slope1 * v[n + j]! + ρ1 * (root - δ) * v[0]!;
        second += slope2 * v[n + j]! + 0.5 * ρ2 * w[j]! ** 2 * v[1]!;
      }
      out[0] = first;
      out[1] = second;
      return out;
    },
  };
  return bilevel({ upperDimension: n, upper: validationObjective(linearModel(valid, squared), n, d), lower });
}
