// A mean loss over a linear model, (1/N) Σ cᵢ ℓ(aᵢᵀw, bᵢ), with its derivatives in w and in the weights cᵢ.
import type { Vector } from "@hessia/core";
import { multiplyTransposeVectorInto, multiplyVectorInto } from "@hessia/core/linear";
import type { Samples } from "./dataset.js";

/** ℓ(t, b), its derivative and its second derivative in t. */
export interface Loss {
  value(t: number, b: number): number;
  slope(t: number, b: number): number;
  curvature(t: number, b: number): number;
}

/** ½ (t − b)². */
export const squared: Loss = {
  value: (t, b) => 0.5 * (t - b) ** 2,
  slope: (t, b) => t - b,
  curvature: () => 1,
};

/** log(1 + e^{−bt}), b = ±1. */
export const logistic: Loss = {
  value: (t, b) => (b * t > 0 ? Math.log1p(Math.exp(-b * t)) : -b * t + Math.log1p(Math.exp(b * t))),
  slope: (t, b) => -b / (1 + Math.exp(b * t)),
  curvature(t) {
    const s = 1 / (1 + Math.exp(-Math.abs(t)));
    return s * (1 - s);
  },
};

export interface LinearModel {
  readonly N: number;
  /** Value; the gradient in w into `out`, weights cᵢ default 1. */
  valueAndGradientInto(out: Vector, w: Vector, weights?: Vector): number;
  /** out ← (1/N) Aᵀ(c ∘ ℓ'' ∘ Av + u ∘ ℓ'): products with the Hessian in w, and with the mixed derivative where u is a direction of c. */
  hessianApplyInto(out: Vector, w: Vector, v: Vector, weights?: Vector, u?: Vector): Vector;
  /** out_i ← ℓ_i/N, the derivative in cᵢ. */
  lossesInto(out: Vector, w: Vector): Vector;
  /** out_i ← ℓ'_i (Av)_i/N, the mixed derivative's transpose. */
  slopesAlongInto(out: Vector, w: Vector, v: Vector): Vector;
}

export function linearModel({ A, b }: Samples, loss: Loss): LinearModel {
  const N = A.rows;
  const t = new Float64Array(N);
  const r = new Float64Array(N);
  return {
    N,
    valueAndGradientInto(out, w, weights) {
      multiplyVectorInto(t, A, w);
      let sum = 0;
      for (let i = 0; i < N; i++) {
        const c = weights === undefined ? 1 : weights[i]!;
        sum += c * loss.value(t[i]!, b[i]!);
        r[i] = (c * loss.slope(t[i]!, b[i]!)) / N;
      }
      multiplyTransposeVectorInto(out, A, r);
      return sum / N;
    },
    hessianApplyInto(out, w, v, weights, u) {
      multiplyVectorInto(t, A, w);
      multiplyVectorInto(r, A, v);
      for (let i = 0; i < N; i++) {
        const c = weights === undefined ? 1 : weights[i]!;
        r[i] =
          (c * loss.curvature(t[i]!, b[i]!) * r[i]! + (u === undefined ? 0 : u[i]! * loss.slope(t[i]!, b[i]!))) / N;
      }
      return multiplyTransposeVectorInto(out, A, r);
    },
    lossesInto(out, w) {
      multiplyVectorInto(t, A, w);
      for (let i = 0; i < N; i++) out[i] = loss.value(t[i]!, b[i]!) / N;
      return out;
    },
    slopesAlongInto(out, w, v) {
      multiplyVectorInto(t, A, w);
      multiplyVectorInto(r, A, v);
      for (let i = 0; i < N; i++) out[i] = (loss.slope(t[i]!, b[i]!) * r[i]!) / N;
      return out;
    },
  };
}
