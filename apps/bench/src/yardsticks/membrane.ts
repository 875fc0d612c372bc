// Smoothing by hand: ½ Σ_v A_v ‖x_v − p_v‖² + λ/2 Σ_e w_e ‖x_a − x_b‖², three coordinates a vertex. All of its second derivatives are numbers times the identity.
import type { SparseMatrix } from "@hessia/core/linear";
import { type ByHand, placeOf } from "./by-hand.js";

export interface Membrane {
  readonly edges: Int32Array;
  /** λ w of each edge. */
  readonly edgeWeights: Float64Array;
  /** A of each vertex, and p, three numbers a vertex. */
  readonly weights: Float64Array;
  readonly targets: Float64Array;
}

/** @param pattern a lower matrix with the entries (3 a + i, 3 b + i) of all edges. */
export function membrane({ edges, edgeWeights, weights, targets }: Membrane, pattern: SparseMatrix): ByHand {
  const count = edgeWeights.length;
  const map = new Int32Array(3 * count);
  for (let e = 0; e < count; e++)
    for (let i = 0; i < 3; i++) map[3 * e + i] = placeOf(pattern, 3 * edges[2 * e]! + i, 3 * edges[2 * e + 1]! + i);
  const diagonal = Int32Array.from({ length: targets.length }, (_, i) => pattern.colPointers[i]!);

  const valueAndGradient = (g: Float64Array, x: Float64Array): number => {
    let sum = 0;
    for (let v = 0, i = 0; v < weights.length; v++, i += 3) {
      const w = weights[v]!;
      const p = x[i]! - targets[i]!;
      const q = x[i + 1]! - targets[i + 1]!;
      const r = x[i + 2]! - targets[i + 2]!;
      sum += 0.5 * w * (p * p + q * q + r * r);
      g[i] = w * p;
      g[i + 1] = w * q;
      g[i + 2] = w * r;
    }
    for (let e = 0; e < count; e++) {
      const a = 3 * edges[2 * e]!;
      const b = 3 * edges[2 * e + 1]!;
      const w = edgeWeights[e]!;
      const d0 = x[a]! - x[b]!;
      const d1 = x[a + 1]! - x[b + 1]!;
      const d2 = x[a + 2]! - x[b + 2]!;
      sum += 0.5 * w * (d0 * d0 + d1 * d1 + d2 * d2);
      g[a] += w * d0;
      g[a + 1] += w * d1;
      g[a + 2] += w * d2;
      g[b] -= w * d0;
      g[b + 1] -= w * d1;
      g[b + 2] -= w * d2;
    }
    return sum;
  };

  return {
    value(x) {
      let sum = 0;
      for (let v = 0, i = 0; v < weights.length; v++, i += 3) {
        const p = x[i]! - targets[i]!;
        const q = x[i + 1]! - targets[i + 1]!;
        const r = x[i + 2]! - targets[i + 2]!;
        sum += weights[v]! * (p * p + q * q + r * r);
      }
      for (let e = 0; e < count; e++) {
        const a = 3 * edges[2 * e]!;
        const b = 3 * edges[2 * e + 1]!;
        const d0 = x[a]! - x[b]!;
        const d1 = x[a + 1]! - x[b + 1]!;
        const d2 = x[a + 2]! - x[b + 2]!;
        sum += edgeWeights[e]! * (d0 * d0 + d1 * d1 + d2 * d2);
      }
      return 0.5 * sum;
    },
    valueAndGradient,
    valueGradientHessian(g, h, x) {
      const sum = valueAndGradient(g, x);
      h.fill(0);
      for (let i = 0; i < diagonal.length; i++) h[diagonal[i]!] = weights[(i / 3) | 0]!;
      for (let e = 0, m = 0; e < count; e++, m += 3) {
        const a = 3 * edges[2 * e]!;
        const b = 3 * edges[2 * e + 1]!;
        const w = edgeWeights[e]!;
        for (let i = 0; i < 3; i++) {
          h[diagonal[a + i]!] += w;
          h[diagonal[b + i]!] += w;
          h[map[m + i]!] -= w;
        }
      }
      return sum;
    },
    hessianApply(out, _x, v) {
      for (let i = 0; i < out.length; i++) out[i] = weights[(i / 3) | 0]! * v[i]!;
      for (let e = 0; e < count; e++) {
        const a = 3 * edges[2 * e]!;
        const b = 3 * edges[2 * e + 1]!;
        const w = edgeWeights[e]!;
        const d0 = w * (v[a]! - v[b]!);
        const d1 = w * (v[a + 1]! - v[b + 1]!);
        const d2 = w * (v[a + 2]! - v[b + 2]!);
        out[a] += d0;
        out[a + 1] += d1;
        out[a + 2] += d2;
        out[b] -= d0;
        out[b + 1] -= d1;
        out[b + 2] -= d2;
      }
    },
  };
}
