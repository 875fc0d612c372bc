// Data hyper-cleaning: one weight σ(xᵢ) a training sample, found so that the model fitted with them does well on clean validation samples.
//
//   min_x (1/N_v) Σ ℓ(aᵢᵀw, bᵢ),   w = argmin_w (1/N) Σ σ(xᵢ) ℓ(aᵢᵀw, bᵢ) + ½ ρ ‖w‖²,   σ(t) = 1/(1 + e⁻ᵗ)
//
// Franceschi, Donini, Frasconi, Pontil 2017, ICML, §5.1; Shaban et al. 2019, AISTATS, §5.3. As many upper variables as samples.
import { requireKnownOptions, requireNumber, type Vector } from "@hessia/core";
import { type BilevelProblem, bilevel, type Objective } from "../problem.js";
import { bothSamples, type Dataset } from "./dataset.js";
import { linearModel, logistic, squared } from "./loss.js";
import { validationObjective } from "./regularization.js";

export interface HyperCleaningOptions {
  /** ρ, > 0. Default 1e-2. */
  readonly ridge?: number;
  /** ℓ: "logistic" (default; targets −1 and 1) or "squared". */
  readonly loss?: "logistic" | "squared";
}

/** The weights σ(x) that x stands for. */
export const sampleWeights = (x: ArrayLike<number>): Vector => Float64Array.from(x, (t) => 1 / (1 + Math.exp(-t)));

/**
 * The problem over (x, w), x one number a training sample.
 * @throws ArgumentError on data that don't fit and options out of range.
 */
export function hyperCleaning(
  training: Dataset,
  validation: Dataset,
  options: HyperCleaningOptions = {},
): BilevelProblem {
  const routine = "hyperCleaning";
  requireKnownOptions(routine, options, ["ridge", "loss"]);
  const { ridge: ρ = 1e-2, loss: name = "logistic" } = options;
  requireNumber(routine, "options.ridge", ρ, { above: 0, below: Number.POSITIVE_INFINITY });
  const loss = name === "squared" ? squared : logistic;
  const { train, valid, d } = bothSamples(routine, training, validation, loss === logistic);
  const model = linearModel(train, loss);
  const n = model.N;
  const weights = new Float64Array(n);
  const slopes = new Float64Array(n);
  const along = new Float64Array(n);
  const scratch = new Float64Array(d);
  const weigh = (z: Vector): void => {
    for (let i = 0; i < n; i++) weights[i] = 1 / (1 + Math.exp(-z[i]!));
  };
  function valueAndGradient(out: Vector | undefined, z: Vector): number {
    weigh(z);
    const w = z.subarray(n);
    let value = model.valueAndGradientInto(out?.subarray(n) ?? scratch, w, weights);
    for (let j = 0; j < d; j++) {
      value += 0.5 * ρ * w[j]! ** 2;
      if (out !== undefined) out[n + j] = out[n + j]! + ρ * w[j]!;
    }
    if (out !== undefined) {
      model.lossesInto(out.subarray(0, n), w);
      for (let i = 0; i < n; i++) out[i] = out[i]! * weights[i]! * (1 - weights[i]!);
    }
    return value;
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
      weigh(z);
      const w = z.subarray(n);
      for (let i = 0; i < n; i++) slopes[i] = weights[i]! * (1 - weights[i]!) * v[i]!;
      model.hessianApplyInto(out.subarray(n), w, v.subarray(n), weights, slopes);
      for (let j = 0; j < d; j++) out[n + j] = out[n + j]! + ρ * v[n + j]!;
      model.slopesAlongInto(out.subarray(0, n), w, v.subarray(n));
      model.lossesInto(along, w);
      for (let i = 0; i < n; i++) {
        const s = weights[i]! * (1 - weights[i]!);
        out[i] = s * out[i]! + s * (1 - 2 * weights[i]!) * along[i]! * v[i]!;
      }
      return out;
    },
  };
  return bilevel({ upperDimension: n, upper: validationObjective(linearModel(valid, loss), n, d), lower });
}
