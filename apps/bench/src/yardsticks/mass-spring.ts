// A step of mass–spring cloth by hand: Σ w_v ‖x_v − t_v‖² + Σ_e (k l/2) (‖d‖/l − 1)², d = x_a − x_b.
//
// With r = ‖d‖ and u = d/r a spring has ∇ = k (r/l − 1) u on a and its opposite on b, and the block K = (k/r) (r/l − 1) (I − u uᵀ) + (k/l) u uᵀ on the diagonal, −K off it.
import type { SparseMatrix } from "@hessia/core/linear";
import { type ByHand, blockPlaces } from "./by-hand.js";

export interface MassSpring {
  /** Two vertices a spring. */
  readonly edges: Int32Array;
  /** l of each. */
  readonly lengths: Float64Array;
  readonly stiffness: number;
  /** w of each vertex, and t, three numbers a vertex. */
  readonly weights: Float64Array;
  readonly targets: Float64Array;
}

/** @param pattern a lower matrix with the entries of all edges' and vertices' 3 × 3 blocks. */
export function massSpring(
  { edges, lengths, stiffness: k, weights, targets }: MassSpring,
  pattern: SparseMatrix,
): ByHand {
  const springs = lengths.length;
  // Three blocks a spring: aa and bb, lower halves, and ba or ab in full.
  const map = new Int32Array(21 * springs);
  for (let e = 0, at = 0; e < springs; e++) {
    const [a, b] = [edges[2 * e]!, edges[2 * e + 1]!];
    at = blockPlaces(map, at, pattern, a, a, 3);
    at = blockPlaces(map, at, pattern, b, b, 3);
    at = blockPlaces(map, at, pattern, a, b, 3);
  }
  const diagonal = Int32Array.from({ length: targets.length }, (_, i) => pattern.colPointers[i]!);

  return {
    value(x) {
      let sum = 0;
      for (let v = 0, i = 0; v < weights.length; v++, i += 3) {
        const [p, q, r] = [x[i]! - targets[i]!, x[i + 1]! - targets[i + 1]!, x[i + 2]! - targets[i + 2]!];
        sum += weights[v]! * (p * p + q * q + r * r);
      }
      for (let e = 0; e < springs; e++) {
        const a = 3 * edges[2 * e]!;
        const b = 3 * edges[2 * e + 1]!;
        const d0 = x[a]! - x[b]!;
        const d1 = x[a + 1]! - x[b + 1]!;
        const d2 = x[a + 2]! - x[b + 2]!;
        const l = lengths[e]!;
        const s = Math.sqrt(d0 * d0 + d1 * d1 + d2 * d2) / l - 1;
        sum += 0.5 * k * l * s * s;
      }
      return sum;
    },
    valueAndGradient(g, x) {
      let sum = inertia(g, x);
      for (let e = 0; e < springs; e++) {
        const a = 3 * edges[2 * e]!;
        const b = 3 * edges[2 * e + 1]!;
        const d0 = x[a]! - x[b]!;
        const d1 = x[a + 1]! - x[b + 1]!;
        const d2 = x[a + 2]! - x[b + 2]!;
        const l = lengths[e]!;
        const r = Math.sqrt(d0 * d0 + d1 * d1 + d2 * d2);
        const s = r / l - 1;
        sum += 0.5 * k * l * s * s;
        const c = (k * s) / r;
        g[a] += c * d0;
        g[a + 1] += c * d1;
        g[a + 2] += c * d2;
        g[b] -= c * d0;
        g[b + 1] -= c * d1;
        g[b + 2] -= c * d2;
      }
      return sum;
    },
    valueGradientHessian(g, h, x) {
      let sum = inertia(g, x);
      h.fill(0);
      for (let i = 0; i < diagonal.length; i++) h[diagonal[i]!] = 2 * weights[(i / 3) | 0]!;
      for (let e = 0, m = 0; e < springs; e++, m += 21) {
        const a = 3 * edges[2 * e]!;
        const b = 3 * edges[2 * e + 1]!;
        const d0 = x[a]! - x[b]!;
        const d1 = x[a + 1]! - x[b + 1]!;
        const d2 = x[a + 2]! - x[b + 2]!;
        const l = lengths[e]!;
        const r = Math.sqrt(d0 * d0 + d1 * d1 + d2 * d2);
        const inverse = 1 / r;
        const s = r / l - 1;
        sum += 0.5 * k * l * s * s;
        const c = k * s * inverse;
        g[a] += c * d0;
        g[a + 1] += c * d1;
        g[a + 2] += c * d2;
        g[b] -= c * d0;
        g[b + 1] -= c * d1;
        g[b + 2] -= c * d2;
        // K = c I + (k/l − c) u uᵀ = c I + q d dᵀ.
        const q = (k / l - c) * inverse * inverse;
        const k00 = c + q * d0 * d0;
        const k10 = q * d1 * d0;
        const k11 = c + q * d1 * d1;
        const k20 = q * d2 * d0;
        const k21 = q * d2 * d1;
        const k22 = c + q * d2 * d2;
        h[map[m]!] += k00;
        h[map[m + 1]!] += k10;
        h[map[m + 2]!] += k11;
        h[map[m + 3]!] += k20;
        h[map[m + 4]!] += k21;
        h[map[m + 5]!] += k22;
        h[map[m + 6]!] += k00;
        h[map[m + 7]!] += k10;
        h[map[m + 8]!] += k11;
        h[map[m + 9]!] += k20;
        h[map[m + 10]!] += k21;
        h[map[m + 11]!] += k22;
        h[map[m + 12]!] -= k00;
        h[map[m + 13]!] -= k10;
        h[map[m + 14]!] -= k20;
        h[map[m + 15]!] -= k10;
        h[map[m + 16]!] -= k11;
        h[map[m + 17]!] -= k21;
        h[map[m + 18]!] -= k20;
        h[map[m + 19]!] -= k21;
        h[map[m + 20]!] -= k22;
      }
      return sum;
    },
    hessianApply(out, x, v) {
      for (let i = 0; i < out.length; i++) out[i] = 2 * weights[(i / 3) | 0]! * v[i]!;
      for (let e = 0; e < springs; e++) {
        const a = 3 * edges[2 * e]!;
        const b = 3 * edges[2 * e + 1]!;
        const d0 = x[a]! - x[b]!;
        const d1 = x[a + 1]! - x[b + 1]!;
        const d2 = x[a + 2]! - x[b + 2]!;
        const v0 = v[a]! - v[b]!;
        const v1 = v[a + 1]! - v[b + 1]!;
        const v2 = v[a + 2]! - v[b + 2]!;
        const l = lengths[e]!;
        const r = Math.sqrt(d0 * d0 + d1 * d1 + d2 * d2);
        const inverse = 1 / r;
        const c = k * (r / l - 1) * inverse;
        const q = (k / l - c) * inverse * inverse * (d0 * v0 + d1 * v1 + d2 * v2);
        const w0 = c * v0 + q * d0;
        const w1 = c * v1 + q * d1;
        const w2 = c * v2 + q * d2;
        out[a] += w0;
        out[a + 1] += w1;
        out[a + 2] += w2;
        out[b] -= w0;
        out[b + 1] -= w1;
        out[b + 2] -= w2;
      }
    },
  };

  /** The first sum; writes its gradient. */
  function inertia(g: Float64Array, x: Float64Array): number {
    let sum = 0;
    for (let v = 0, i = 0; v < weights.length; v++, i += 3) {
      const w = weights[v]!;
      const p = x[i]! - targets[i]!;
      const q = x[i + 1]! - targets[i + 1]!;
      const r = x[i + 2]! - targets[i + 2]!;
      sum += w * (p * p + q * q + r * r);
      g[i] = 2 * w * p;
      g[i + 1] = 2 * w * q;
      g[i + 2] = 2 * w * r;
    }
    return sum;
  }
}
