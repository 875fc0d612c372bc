// What stands at each vertex: a point of R^d, of the unit sphere, or a rotation. Points of a manifold are written in a tangent basis around a base point, as in
// Schmidt, Born, Bommes, Campen, Kobbelt, "TinyAD: automatic differentiation in geometry processing made simple" (2022): the unknowns of an optimization are the
// coordinates t of the tangent, and a retraction that agrees with the exponential map to second order makes a point of them; so value, gradient and
// Hessian at t = 0 are the Riemannian ones.
import { describe, misuse } from "@hessia/core";
import { type Expr, type Mat, matrix, type Vec, vector } from "@hessia/core/kernel";

/** A kind of unknown. V is what terms are given for it: a Vec, or a matrix. */
export interface Unknowns<V = Vec> {
  readonly name: string;
  /** Coordinates of the tangent: variables a vertex. */
  readonly tangent: number;
  /** Numbers of a point. */
  readonly ambient: number;
  /** Numbers that terms need of a base point: none in R^d. */
  readonly frame: number;
  /** Writes what terms need of the base point x[xAt …] into out[at …]. */
  frameInto(out: Float64Array, at: number, x: Float64Array, xAt: number): void;
  /** The point at t, from the frame of the base point. */
  point(frame: readonly Expr[], t: readonly Expr[]): V;
  /** The same for numbers, written into out[at …]; x[xAt …] is the base point. */
  moveInto(out: Float64Array, at: number, x: Float64Array, xAt: number, t: Float64Array, tAt: number): void;
  /** What is wrong with a base point; undefined when nothing is. */
  fault(x: Float64Array, xAt: number): string | undefined;
}

/** Points of R^d, 1 ≤ d ≤ 16. */
export function euclidean<D extends number>(dimension: D): Unknowns<Vec<D>> {
  if (!(Number.isInteger(dimension) && dimension >= 1 && dimension <= 16))
    misuse("scalarFunction", "options.dimension", describe(dimension), "a whole number from 1 to 16");
  return {
    name: `R^${dimension}`,
    tangent: dimension,
    ambient: dimension,
    frame: 0,
    frameInto() {},
    point: (_frame, t) => vector(...t) as unknown as Vec<D>,
    moveInto(out, at, x, xAt, t, tAt) {
      for (let i = 0; i < dimension; i++) out[at + i] = x[xAt + i]! + t[tAt + i]!;
    },
    fault: () => undefined,
  };
}

/** Unit vectors p of R³: (p + B t) / ‖p + B t‖ with B an orthonormal basis of the tangent plane at p. t reaches the open half sphere around p. */
export const unitSphere: Unknowns<Vec<3>> = {
  name: "the unit sphere",
  tangent: 2,
  ambient: 3,
  frame: 9,
  frameInto(out, at, x, xAt) {
    for (let i = 0; i < 3; i++) out[at + i] = x[xAt + i]!;
    basisInto(out, at + 3, x, xAt);
  },
  point(f, t) {
    const along = (i: number) => f[i]!.add(f[3 + i]!.mul(t[0]!)).add(f[6 + i]!.mul(t[1]!));
    return vector(along(0), along(1), along(2)).normalize();
  },
  moveInto(out, at, x, xAt, t, tAt) {
    basisInto(scratch, 0, x, xAt);
    let norm = 0;
    for (let i = 0; i < 3; i++) {
      const value = x[xAt + i]! + scratch[i]! * t[tAt]! + scratch[3 + i]! * t[tAt + 1]!;
      out[at + i] = value;
      norm += value * value;
    }
    norm = Math.sqrt(norm);
    for (let i = 0; i < 3; i++) out[at + i]! /= norm;
  },
  fault(x, at) {
    const norm = Math.hypot(x[at]!, x[at + 1]!, x[at + 2]!);
    return Math.abs(norm - 1) < 1e-6 ? undefined : `of norm ${norm}`;
  },
};
const scratch = new Float64Array(6);

/** Two unit vectors normal to p and to each other, without a division that may fail: Duff et al., "Building an orthonormal basis, revisited" (2017). */
function basisInto(out: Float64Array, at: number, x: Float64Array, xAt: number): void {
  const [px, py, pz] = [x[xAt]!, x[xAt + 1]!, x[xAt + 2]!];
  const s = pz < 0 ? -1 : 1;
  const a = -1 / (s + pz);
  const b = px * py * a;
  out[at] = 1 + s * px * px * a;
  out[at + 1] = s * b;
  out[at + 2] = -s * px;
  out[at + 3] = b;
  out[at + 4] = s + py * py * a;
  out[at + 5] = -py;
}

/** Rotations R of R³, nine numbers row by row: R (I − K/2)⁻¹ (I + K/2) with K = [t]×, Cayley's map, a half turn at the far end. */
export const rotation: Unknowns<Mat<3, 3>> = {
  name: "the rotations",
  tangent: 3,
  ambient: 9,
  frame: 9,
  frameInto(out, at, x, xAt) {
    for (let i = 0; i < 9; i++) out[at + i] = x[xAt + i]!;
  },
  point(f, t) {
    const [a, b, c] = [t[0]!.mul(0.5), t[1]!.mul(0.5), t[2]!.mul(0.5)];
    const square = a.square().add(b.square()).add(c.square());
    // (I − A)⁻¹(I + A) = ((1 − |a|²) I + 2 a aᵀ + 2 A) / (1 + |a|²), A = [a]×.
    const d = square.neg().add(1);
    const two = (p: Expr, q: Expr, r: Expr, sign: 1 | -1) => p.mul(q).add(r.mul(sign)).mul(2);
    const one = (p: Expr) => d.add(p.square().mul(2));
    const C = matrix(
      [one(a), two(a, b, c, -1), two(a, c, b, 1)],
      [two(a, b, c, 1), one(b), two(b, c, a, -1)],
      [two(a, c, b, -1), two(b, c, a, 1), one(c)],
    );
    const R = matrix([f[0]!, f[1]!, f[2]!], [f[3]!, f[4]!, f[5]!], [f[6]!, f[7]!, f[8]!]);
    return R.mul(C.scale(square.add(1).inv())) as Mat<3, 3>;
  },
  moveInto(out, at, x, xAt, t, tAt) {
    const [a, b, c] = [t[tAt]! / 2, t[tAt + 1]! / 2, t[tAt + 2]! / 2];
    const square = a * a + b * b + c * c;
    const d = 1 - square;
    const C = [
      ...[d + 2 * a * a, 2 * (a * b - c), 2 * (a * c + b)],
      ...[2 * (a * b + c), d + 2 * b * b, 2 * (b * c - a)],
      ...[2 * (a * c - b), 2 * (b * c + a), d + 2 * c * c],
    ];
    for (let i = 0; i < 3; i++) {
      const row = [x[xAt + 3 * i]!, x[xAt + 3 * i + 1]!, x[xAt + 3 * i + 2]!] as const;
      for (let j = 0; j < 3; j++)
        out[at + 3 * i + j] = (row[0] * C[j]! + row[1] * C[3 + j]! + row[2] * C[6 + j]!) / (1 + square);
    }
  },
  fault(x, at) {
    let worst = 0;
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = i === j ? -1 : 0;
        for (let k = 0; k < 3; k++) sum += x[at + 3 * i + k]! * x[at + 3 * j + k]!;
        worst = Math.max(worst, Math.abs(sum));
      }
    }
    return worst < 1e-6 ? undefined : `not orthogonal (‖RRᵀ − I‖ is ${worst.toExponential(1)})`;
  },
};
