// Fixed points z = z + r(z) by Anderson acceleration: Anderson 1965, "Iterative procedures for nonlinear integral equations", J. ACM 12(4); Walker, Ni 2011, "Anderson acceleration for
// fixed-point iterations", SIAM J. Numer. Anal. 49(4).
import type { Vector } from "@hessia/core";
import { solveInPlace } from "./dense.js";

const depth = 20;

/** The last differences of z and of r, as rings; `length` = 0 forgets them. */
export interface Acceleration {
  readonly size: number;
  readonly dz: readonly Vector[];
  readonly dr: readonly Vector[];
  readonly last: { readonly z: Vector; readonly r: Vector };
  readonly gram: Vector;
  readonly side: Vector;
  /** Calls since the start. */
  length: number;
}

export const newAcceleration = (size: number): Acceleration => ({
  size,
  dz: Array.from({ length: depth }, () => new Float64Array(size)),
  dr: Array.from({ length: depth }, () => new Float64Array(size)),
  last: { z: new Float64Array(size), r: new Float64Array(size) },
  gram: new Float64Array(depth * depth),
  side: new Float64Array(depth),
  length: 0,
});

/** z ← z + r − Σ γⱼ (Δzⱼ + Δrⱼ) with the γ that make r − Σ γⱼ Δrⱼ smallest. */
export function accelerate(state: Acceleration, z: Vector, r: Vector): void {
  const { size, dz, dr, last, gram, side } = state;
  if (state.length > 0) {
    const slot = (state.length - 1) % depth;
    for (let k = 0; k < size; k++) {
      dz[slot]![k] = z[k] - last.z[k];
      dr[slot]![k] = r[k] - last.r[k];
    }
  }
  const count = Math.min(depth, state.length);
  state.length++;
  last.z.set(z);
  last.r.set(r);
  for (let i = 0; i < count; i++) {
    let along = 0;
    for (let k = 0; k < size; k++) along += dr[i]![k] * r[k];
    side[i] = along;
    for (let j = 0; j <= i; j++) {
      let product = 0;
      for (let k = 0; k < size; k++) product += dr[i]![k] * dr[j]![k];
      gram[i * count + j] = gram[j * count + i] = product;
    }
  }
  // A little regularization, relative to each difference: they may be parallel.
  for (let i = 0; i < count; i++) gram[i * count + i] *= 1 + 1e-12;
  const solved = count > 0 && solveInPlace(gram, side, count, 1);
  for (let k = 0; k < size; k++) {
    let next = z[k] + r[k];
    if (solved) for (let j = 0; j < count; j++) next -= side[j] * (dz[j]![k] + dr[j]![k]);
    z[k] = next;
  }
}
