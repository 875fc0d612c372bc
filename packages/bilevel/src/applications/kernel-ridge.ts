// Kernel ridge regression: the ridge and the width of a Gaussian kernel chosen on validation samples.
//
//   min_{x = (log ρ, log σ)} ½/N_v ‖K_v α − b_v‖²,   α = argmin ½ αᵀ(K + ρ I)α − bᵀα,   K_ij = exp(−‖aᵢ − aⱼ‖²/2σ²)
//
// Saunders, Gammerman, Vovk 1998, "Ridge regression learning algorithm in dual variables", ICML; the selection as in Pedregosa 2016, ICML.
import type { DenseMatrix, Vector } from "@hessia/core";
import { type BilevelProblem, bilevel, type Objective } from "../problem.js";
import { bothSamples, type Dataset } from "./dataset.js";

/**
 * The problem over (log ρ, log σ, α), α one number a training sample. Every new σ costs N² exponentials, the products N² multiplications.
 * @throws ArgumentError on data that don't fit.
 */
export function kernelRidgeSelection(training: Dataset, validation: Dataset): BilevelProblem {
  const { train, valid } = bothSamples("kernelRidgeSelection", training, validation);
  const N = train.A.rows;
  const own = kernelOf(train.A, train.A);
  const across = kernelOf(valid.A, train.A);
  const b = train.b;
  const n = 2;
  const Kα = new Float64Array(N);
  const dKα = new Float64Array(N);
  const lower: Objective = {
    dimension: n + N,
    value(z) {
      const α = z.subarray(n);
      own.applyInto(Kα, z[1]!, α, 0);
      const ρ = Math.exp(z[0]!);
      let value = 0;
      for (let i = 0; i < N; i++) value += α[i]! * (0.5 * (Kα[i]! + ρ * α[i]!) - b[i]!);
      return value;
    },
    gradientInto(out, z) {
      const α = z.subarray(n);
      const ρ = Math.exp(z[0]!);
      own.applyInto(Kα, z[1]!, α, 0);
      own.applyInto(dKα, z[1]!, α, 1);
      out[0] = 0;
      out[1] = 0;
      for (let i = 0; i < N; i++) {
        out[0] = out[0]! + 0.5 * ρ * α[i]! ** 2;
        out[1] = out[1]! + 0.5 * α[i]! * dKα[i]!;
        out[n + i] = Kα[i]! + ρ * α[i]! - b[i]!;
      }
      return out;
    },
    hessianApplyInto(out, z, v) {
      const α = z.subarray(n);
      const ρ = Math.exp(z[0]!);
      const vα = v.subarray(n);
      own.applyInto(Kα, z[1]!, vα, 0);
      own.applyInto(dKα, z[1]!, α, 1);
      let first = 0;
      let second = 0;
      for (let i = 0; i < N; i++) {
        out[n + i] = Kα[i]! + ρ * vα[i]! + ρ * α[i]! * v[0]! + dKα[i]! * v[1]!;
        first += ρ * α[i]! * (vα[i]! + 0.5 * α[i]! * v[0]!);
        second += dKα[i]! * vα[i]!;
      }
      if (v[1] !== 0) {
        own.applyInto(Kα, z[1]!, α, 2);
        for (let i = 0; i < N; i++) second += 0.5 * α[i]! * Kα[i]! * v[1]!;
      }
      out[0] = first;
      out[1] = second;
      return out;
    },
  };
  const M = valid.A.rows;
  const r = new Float64Array(M);
  const residuals = (z: Vector): number => {
    across.applyInto(r, z[1]!, z.subarray(n), 0);
    let value = 0;
    for (let i = 0; i < M; i++) {
      r[i] = r[i]! - valid.b[i]!;
      value += (0.5 * r[i]! ** 2) / M;
    }
    return value;
  };
  const slope = new Float64Array(M);
  const upper: Objective = {
    dimension: n + N,
    value: (z) => residuals(z),
    gradientInto(out, z) {
      residuals(z);
      across.applyInto(slope, z[1]!, z.subarray(n), 1);
      out[0] = 0;
      out[1] = 0;
      for (let i = 0; i < M; i++) {
        out[1] = out[1]! + (r[i]! * slope[i]!) / M;
        r[i] = r[i]! / M;
      }
      across.transposeInto(out.subarray(n), z[1]!, r);
      return out;
    },
  };
  return bilevel({ upperDimension: n, upper, lower });
}

/** K between the rows of two matrices, and its derivatives in s = log σ, by products; K is made again when s changes. */
function kernelOf(left: DenseMatrix, right: DenseMatrix) {
  const rows = left.rows;
  const cols = right.rows;
  const d = left.cols;
  const squared = new Float64Array(rows * cols);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < cols; j++) {
      let sum = 0;
      for (let k = 0; k < d; k++) sum += (left.data[i * d + k]! - right.data[j * d + k]!) ** 2;
      squared[i * cols + j] = sum;
    }
  const K = new Float64Array(rows * cols);
  let made = Number.NaN;
  const make = (s: number): void => {
    if (s === made) return;
    const factor = -0.5 * Math.exp(-2 * s);
    for (let k = 0; k < K.length; k++) K[k] = Math.exp(factor * squared[k]!);
    made = s;
  };
  return {
    /** out ← (∂/∂s)^order K v. */
    applyInto(out: Vector, s: number, v: Vector, order: 0 | 1 | 2): Vector {
      make(s);
      const scale = Math.exp(-2 * s);
      for (let i = 0; i < rows; i++) {
        let sum = 0;
        for (let j = 0; j < cols; j++) {
          const k = i * cols + j;
          // With q = ‖a − b‖²/σ²: K' = q K and K'' = (q² − 2q) K.
          const q = order === 0 ? 1 : scale * squared[k]!;
          sum += K[k]! * (order === 2 ? q * (q - 2) : q) * v[j]!;
        }
        out[i] = sum;
      }
      return out;
    },
    /** out ← Kᵀ w. */
    transposeInto(out: Vector, s: number, w: Vector): Vector {
      make(s);
      out.fill(0);
      for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) out[j] = out[j]! + K[i * cols + j]! * w[i]!;
      return out;
    },
  };
}
