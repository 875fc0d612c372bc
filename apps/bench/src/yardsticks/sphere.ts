// Spherical parameterization by hand: Σ_e ‖x_a − x_b‖² − β Σ_t log det [x_a, x_b, x_c] for unit vectors x = y/‖y‖, y = p + B t, by the tangent coordinates t, two a vertex.
//
// What depends on a vertex alone is done once a vertex: J = (I − x xᵀ) B / ‖y‖, and, for G the gradient by x, the curvature of the normalization
//   (−(BᵀG) qᵀ − q (BᵀG)ᵀ − (G·x) I + 3 (G·x) q qᵀ) / ‖y‖²,  q = Bᵀx.
// Of a triangle with D the determinant, c_a = x_b × x_c, α_a = J_aᵀ c_a, and cyclically: ∇ = −β/D α, H_aa = β/D² α_a α_aᵀ, H_ab = β/D² α_a α_bᵀ − β/D (J_a · (J_b × x_c)).
import type { SparseMatrix } from "@hessia/core/linear";
import { type ByHand, blockPlaces } from "./by-hand.js";

export interface Sphere {
  readonly edges: Int32Array;
  readonly triangles: Int32Array;
  /** p and the two columns of B: nine numbers a vertex. */
  readonly frames: Float64Array;
  readonly barrier: number;
}

/** @param pattern a lower matrix with the 2 × 2 blocks of all vertices and edges. */
export function sphere({ edges, triangles, frames, barrier: beta }: Sphere, pattern: SparseMatrix): ByHand {
  const n = frames.length / 9;
  const degree = new Float64Array(n);
  for (const v of edges) degree[v]!++;
  const X = new Float64Array(3 * n);
  const J = new Float64Array(6 * n);
  const Q = new Float64Array(2 * n);
  const S = new Float64Array(n);
  const G = new Float64Array(3 * n);
  const W = new Float64Array(3 * n);
  const HW = new Float64Array(3 * n);
  const vertexMap = new Int32Array(3 * n);
  for (let v = 0; v < n; v++) blockPlaces(vertexMap, 3 * v, pattern, v, v, 2);
  const edgeMap = new Int32Array(2 * edges.length);
  for (let e = 0, at = 0; e < edges.length; e += 2) at = blockPlaces(edgeMap, at, pattern, edges[e]!, edges[e + 1]!, 2);
  // The three blocks ab, bc, ca of each triangle; those of single vertices are in vertexMap.
  const triangleMap = new Int32Array(4 * triangles.length);
  for (let t = 0, at = 0; t < triangles.length; t += 3)
    for (let k = 0; k < 3; k++)
      at = blockPlaces(triangleMap, at, pattern, triangles[t + k]!, triangles[t + ((k + 1) % 3)]!, 2);

  /** x, and J where `derivatives` are wanted, with q and ‖y‖⁻². */
  function place(t: Float64Array, derivatives: boolean): void {
    for (let v = 0, f = 0, i = 0; v < n; v++, f += 9, i += 3) {
      const s = t[2 * v]!;
      const u = t[2 * v + 1]!;
      const y0 = frames[f]! + frames[f + 3]! * s + frames[f + 6]! * u;
      const y1 = frames[f + 1]! + frames[f + 4]! * s + frames[f + 7]! * u;
      const y2 = frames[f + 2]! + frames[f + 5]! * s + frames[f + 8]! * u;
      const inverse = 1 / Math.sqrt(y0 * y0 + y1 * y1 + y2 * y2);
      const x0 = y0 * inverse;
      const x1 = y1 * inverse;
      const x2 = y2 * inverse;
      X[i] = x0;
      X[i + 1] = x1;
      X[i + 2] = x2;
      if (!derivatives) continue;
      const q = frames[f + 3]! * x0 + frames[f + 4]! * x1 + frames[f + 5]! * x2;
      const r = frames[f + 6]! * x0 + frames[f + 7]! * x1 + frames[f + 8]! * x2;
      Q[2 * v] = q;
      Q[2 * v + 1] = r;
      S[v] = inverse * inverse;
      J[6 * v] = (frames[f + 3]! - q * x0) * inverse;
      J[6 * v + 1] = (frames[f + 4]! - q * x1) * inverse;
      J[6 * v + 2] = (frames[f + 5]! - q * x2) * inverse;
      J[6 * v + 3] = (frames[f + 6]! - r * x0) * inverse;
      J[6 * v + 4] = (frames[f + 7]! - r * x1) * inverse;
      J[6 * v + 5] = (frames[f + 8]! - r * x2) * inverse;
    }
  }

  /** f, and ∇ by x into G. */
  function ambientGradient(): number {
    G.fill(0);
    let sum = edgeSum();
    for (let t = 0; t < triangles.length; t += 3) {
      const a = 3 * triangles[t]!;
      const b = 3 * triangles[t + 1]!;
      const c = 3 * triangles[t + 2]!;
      const a0 = X[a]!;
      const a1 = X[a + 1]!;
      const a2 = X[a + 2]!;
      const b0 = X[b]!;
      const b1 = X[b + 1]!;
      const b2 = X[b + 2]!;
      const c0 = X[c]!;
      const c1 = X[c + 1]!;
      const c2 = X[c + 2]!;
      const p0 = b1 * c2 - b2 * c1;
      const p1 = b2 * c0 - b0 * c2;
      const p2 = b0 * c1 - b1 * c0;
      const D = a0 * p0 + a1 * p1 + a2 * p2;
      sum -= beta * Math.log(D);
      const k = -beta / D;
      G[a] += k * p0;
      G[a + 1] += k * p1;
      G[a + 2] += k * p2;
      G[b] += k * (c1 * a2 - c2 * a1);
      G[b + 1] += k * (c2 * a0 - c0 * a2);
      G[b + 2] += k * (c0 * a1 - c1 * a0);
      G[c] += k * (a1 * b2 - a2 * b1);
      G[c + 1] += k * (a2 * b0 - a0 * b2);
      G[c + 2] += k * (a0 * b1 - a1 * b0);
    }
    return sum;
  }

  /** The edges' part of f; adds its gradient to G. */
  function edgeSum(): number {
    let sum = 0;
    for (let e = 0; e < edges.length; e += 2) {
      const a = 3 * edges[e]!;
      const b = 3 * edges[e + 1]!;
      const d0 = X[a]! - X[b]!;
      const d1 = X[a + 1]! - X[b + 1]!;
      const d2 = X[a + 2]! - X[b + 2]!;
      sum += d0 * d0 + d1 * d1 + d2 * d2;
      G[a] += 2 * d0;
      G[a + 1] += 2 * d1;
      G[a + 2] += 2 * d2;
      G[b] -= 2 * d0;
      G[b + 1] -= 2 * d1;
      G[b + 2] -= 2 * d2;
    }
    return sum;
  }

  function pull(g: Float64Array, from: Float64Array): void {
    for (let v = 0, i = 0, j = 0; v < n; v++, i += 3, j += 6) {
      g[2 * v] = J[j]! * from[i]! + J[j + 1]! * from[i + 1]! + J[j + 2]! * from[i + 2]!;
      g[2 * v + 1] = J[j + 3]! * from[i]! + J[j + 4]! * from[i + 1]! + J[j + 5]! * from[i + 2]!;
    }
  }

  /** The part of the Hessian that stems from G: entries 00, 10, 11 of each vertex, handed on. */
  function curvature(take: (v: number, k00: number, k10: number, k11: number) => void): void {
    for (let v = 0, i = 0, f = 0; v < n; v++, i += 3, f += 9) {
      const g0 = G[i]!;
      const g1 = G[i + 1]!;
      const g2 = G[i + 2]!;
      const h = frames[f + 3]! * g0 + frames[f + 4]! * g1 + frames[f + 5]! * g2;
      const l = frames[f + 6]! * g0 + frames[f + 7]! * g1 + frames[f + 8]! * g2;
      const along = g0 * X[i]! + g1 * X[i + 1]! + g2 * X[i + 2]!;
      const q = Q[2 * v]!;
      const r = Q[2 * v + 1]!;
      const s = S[v]!;
      take(
        v,
        s * (-2 * h * q - along + 3 * along * q * q),
        s * (-l * q - h * r + 3 * along * q * r),
        s * (-2 * l * r - along + 3 * along * r * r),
      );
    }
  }

  return {
    value(t) {
      place(t, false);
      let sum = 0;
      for (let e = 0; e < edges.length; e += 2) {
        const a = 3 * edges[e]!;
        const b = 3 * edges[e + 1]!;
        const d0 = X[a]! - X[b]!;
        const d1 = X[a + 1]! - X[b + 1]!;
        const d2 = X[a + 2]! - X[b + 2]!;
        sum += d0 * d0 + d1 * d1 + d2 * d2;
      }
      for (let t3 = 0; t3 < triangles.length; t3 += 3) {
        const a = 3 * triangles[t3]!;
        const b = 3 * triangles[t3 + 1]!;
        const c = 3 * triangles[t3 + 2]!;
        const D =
          X[a]! * (X[b + 1]! * X[c + 2]! - X[b + 2]! * X[c + 1]!) +
          X[a + 1]! * (X[b + 2]! * X[c]! - X[b]! * X[c + 2]!) +
          X[a + 2]! * (X[b]! * X[c + 1]! - X[b + 1]! * X[c]!);
        sum -= beta * Math.log(D);
      }
      return sum;
    },
    valueAndGradient(g, t) {
      place(t, true);
      const sum = ambientGradient();
      pull(g, G);
      return sum;
    },
    valueGradientHessian(g, h, t) {
      place(t, true);
      const sum = ambientGradient();
      pull(g, G);
      h.fill(0);
      curvature((v, k00, k10, k11) => {
        const j = 6 * v;
        const two = 2 * degree[v]!;
        const j0 = J[j]!;
        const j1 = J[j + 1]!;
        const j2 = J[j + 2]!;
        const j3 = J[j + 3]!;
        const j4 = J[j + 4]!;
        const j5 = J[j + 5]!;
        h[vertexMap[3 * v]!] = k00 + two * (j0 * j0 + j1 * j1 + j2 * j2);
        h[vertexMap[3 * v + 1]!] = k10 + two * (j0 * j3 + j1 * j4 + j2 * j5);
        h[vertexMap[3 * v + 2]!] = k11 + two * (j3 * j3 + j4 * j4 + j5 * j5);
      });
      for (let e = 0, m = 0; e < edges.length; e += 2, m += 4) {
        const a = 6 * edges[e]!;
        const b = 6 * edges[e + 1]!;
        for (let i = 0; i < 2; i++)
          for (let k = 0; k < 2; k++)
            h[edgeMap[m + 2 * i + k]!] -=
              2 *
              (J[a + 3 * i]! * J[b + 3 * k]! +
                J[a + 3 * i + 1]! * J[b + 3 * k + 1]! +
                J[a + 3 * i + 2]! * J[b + 3 * k + 2]!);
      }
      for (let t3 = 0, m = 0; t3 < triangles.length; t3 += 3, m += 12) triangleHessian(h, t3, m);
      return sum;
    },
    hessianApply(out, t, v) {
      place(t, true);
      ambientGradient();
      for (let i = 0, j = 0, k = 0; k < v.length; i += 3, j += 6, k += 2) {
        W[i] = J[j]! * v[k]! + J[j + 3]! * v[k + 1]!;
        W[i + 1] = J[j + 1]! * v[k]! + J[j + 4]! * v[k + 1]!;
        W[i + 2] = J[j + 2]! * v[k]! + J[j + 5]! * v[k + 1]!;
      }
      HW.fill(0);
      for (let e = 0; e < edges.length; e += 2) {
        const a = 3 * edges[e]!;
        const b = 3 * edges[e + 1]!;
        for (let i = 0; i < 3; i++) {
          const d = 2 * (W[a + i]! - W[b + i]!);
          HW[a + i] += d;
          HW[b + i] -= d;
        }
      }
      for (let t3 = 0; t3 < triangles.length; t3 += 3) triangleProduct(t3);
      pull(out, HW);
      curvature((u, k00, k10, k11) => {
        out[2 * u] += k00 * v[2 * u]! + k10 * v[2 * u + 1]!;
        out[2 * u + 1] += k10 * v[2 * u]! + k11 * v[2 * u + 1]!;
      });
    },
  };

  function triangleHessian(h: Float64Array, t: number, m: number): void {
    const a = triangles[t]!;
    const b = triangles[t + 1]!;
    const c = triangles[t + 2]!;
    // c_a, and then α of each vertex.
    const p0 = X[3 * b + 1]! * X[3 * c + 2]! - X[3 * b + 2]! * X[3 * c + 1]!;
    const p1 = X[3 * b + 2]! * X[3 * c]! - X[3 * b]! * X[3 * c + 2]!;
    const p2 = X[3 * b]! * X[3 * c + 1]! - X[3 * b + 1]! * X[3 * c]!;
    const inverse = 1 / (X[3 * a]! * p0 + X[3 * a + 1]! * p1 + X[3 * a + 2]! * p2);
    const first = beta * inverse * inverse;
    const second = beta * inverse;
    const q0 = X[3 * c + 1]! * X[3 * a + 2]! - X[3 * c + 2]! * X[3 * a + 1]!;
    const q1 = X[3 * c + 2]! * X[3 * a]! - X[3 * c]! * X[3 * a + 2]!;
    const q2 = X[3 * c]! * X[3 * a + 1]! - X[3 * c + 1]! * X[3 * a]!;
    const r0 = X[3 * a + 1]! * X[3 * b + 2]! - X[3 * a + 2]! * X[3 * b + 1]!;
    const r1 = X[3 * a + 2]! * X[3 * b]! - X[3 * a]! * X[3 * b + 2]!;
    const r2 = X[3 * a]! * X[3 * b + 1]! - X[3 * a + 1]! * X[3 * b]!;
    const as = J[6 * a]! * p0 + J[6 * a + 1]! * p1 + J[6 * a + 2]! * p2;
    const au = J[6 * a + 3]! * p0 + J[6 * a + 4]! * p1 + J[6 * a + 5]! * p2;
    const bs = J[6 * b]! * q0 + J[6 * b + 1]! * q1 + J[6 * b + 2]! * q2;
    const bu = J[6 * b + 3]! * q0 + J[6 * b + 4]! * q1 + J[6 * b + 5]! * q2;
    const cs = J[6 * c]! * r0 + J[6 * c + 1]! * r1 + J[6 * c + 2]! * r2;
    const cu = J[6 * c + 3]! * r0 + J[6 * c + 4]! * r1 + J[6 * c + 5]! * r2;
    own(h, a, first, as, au);
    own(h, b, first, bs, bu);
    own(h, c, first, cs, cu);
    pair(h, m, a, b, c, first, second, as, au, bs, bu);
    pair(h, m + 4, b, c, a, first, second, bs, bu, cs, cu);
    pair(h, m + 8, c, a, b, first, second, cs, cu, as, au);
  }

  function own(h: Float64Array, v: number, first: number, s: number, u: number): void {
    h[vertexMap[3 * v]!] += first * s * s;
    h[vertexMap[3 * v + 1]!] += first * s * u;
    h[vertexMap[3 * v + 2]!] += first * u * u;
  }

  /** H_pq, with r the third vertex. */
  function pair(
    h: Float64Array,
    m: number,
    p: number,
    q: number,
    r: number,
    first: number,
    second: number,
    ps: number,
    pu: number,
    qs: number,
    qu: number,
  ): void {
    const x0 = X[3 * r]!;
    const x1 = X[3 * r + 1]!;
    const x2 = X[3 * r + 2]!;
    for (let k = 0; k < 2; k++) {
      const j = 6 * q + 3 * k;
      const c0 = J[j + 1]! * x2 - J[j + 2]! * x1;
      const c1 = J[j + 2]! * x0 - J[j]! * x2;
      const c2 = J[j]! * x1 - J[j + 1]! * x0;
      const other = k === 0 ? qs : qu;
      h[triangleMap[m + k]!] +=
        first * ps * other - second * (J[6 * p]! * c0 + J[6 * p + 1]! * c1 + J[6 * p + 2]! * c2);
      h[triangleMap[m + 2 + k]!] +=
        first * pu * other - second * (J[6 * p + 3]! * c0 + J[6 * p + 4]! * c1 + J[6 * p + 5]! * c2);
    }
  }

  function triangleProduct(t: number): void {
    const a = 3 * triangles[t]!;
    const b = 3 * triangles[t + 1]!;
    const c = 3 * triangles[t + 2]!;
    const a0 = X[a]!;
    const a1 = X[a + 1]!;
    const a2 = X[a + 2]!;
    const b0 = X[b]!;
    const b1 = X[b + 1]!;
    const b2 = X[b + 2]!;
    const c0 = X[c]!;
    const c1 = X[c + 1]!;
    const c2 = X[c + 2]!;
    const u0 = W[a]!;
    const u1 = W[a + 1]!;
    const u2 = W[a + 2]!;
    const v0 = W[b]!;
    const v1 = W[b + 1]!;
    const v2 = W[b + 2]!;
    const w0 = W[c]!;
    const w1 = W[c + 1]!;
    const w2 = W[c + 2]!;
    const p0 = b1 * c2 - b2 * c1;
    const p1 = b2 * c0 - b0 * c2;
    const p2 = b0 * c1 - b1 * c0;
    const q0 = c1 * a2 - c2 * a1;
    const q1 = c2 * a0 - c0 * a2;
    const q2 = c0 * a1 - c1 * a0;
    const r0 = a1 * b2 - a2 * b1;
    const r1 = a2 * b0 - a0 * b2;
    const r2 = a0 * b1 - a1 * b0;
    const inverse = 1 / (a0 * p0 + a1 * p1 + a2 * p2);
    const dD = u0 * p0 + u1 * p1 + u2 * p2 + v0 * q0 + v1 * q1 + v2 * q2 + w0 * r0 + w1 * r1 + w2 * r2;
    const k = beta * dD * inverse * inverse;
    const s = beta * inverse;
    HW[a] += k * p0 - s * (v1 * c2 - v2 * c1 + b1 * w2 - b2 * w1);
    HW[a + 1] += k * p1 - s * (v2 * c0 - v0 * c2 + b2 * w0 - b0 * w2);
    HW[a + 2] += k * p2 - s * (v0 * c1 - v1 * c0 + b0 * w1 - b1 * w0);
    HW[b] += k * q0 - s * (w1 * a2 - w2 * a1 + c1 * u2 - c2 * u1);
    HW[b + 1] += k * q1 - s * (w2 * a0 - w0 * a2 + c2 * u0 - c0 * u2);
    HW[b + 2] += k * q2 - s * (w0 * a1 - w1 * a0 + c0 * u1 - c1 * u0);
    HW[c] += k * r0 - s * (u1 * b2 - u2 * b1 + a1 * v2 - a2 * v1);
    HW[c + 1] += k * r1 - s * (u2 * b0 - u0 * b2 + a2 * v0 - a0 * v2);
    HW[c + 2] += k * r2 - s * (u0 * b1 - u1 * b0 + a0 * v1 - a1 * v0);
  }
}
