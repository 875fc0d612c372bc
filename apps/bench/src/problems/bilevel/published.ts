// The two examples of Yao, Yu, Zeng, Zhang 2024 (LV-HBA), §4.1, of any size.

import { type BilevelProblem, bilevel, linearConstraints } from "@hessia/bilevel";
import { type DenseMatrix, denseMatrix, type Vector } from "@hessia/core";
import {
  choleskyFactorize,
  choleskySolveInto,
  multiplyInto,
  multiplyTransposeVectorInto,
  multiplyVectorInto,
  transposeDense,
} from "@hessia/core/linear";
import { affine, productSet, wholeSpace } from "@hessia/core/set";
import { uniform } from "../transport/input.js";

/** With a merely convex lower level: x* = −0.3e, y₁* = 0.7e, y₂* = −0.4e. */
export function coupledExample(n: number): { problem: BilevelProblem; solution: Vector } {
  const upper = {
    dimension: 3 * n,
    value(z: Vector) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += 0.5 * (z[i]! - z[2 * n + i]!) ** 2 + 0.5 * (z[n + i]! - 1) ** 2;
      return sum;
    },
    gradientInto(out: Vector, z: Vector) {
      for (let i = 0; i < n; i++) {
        out[i] = z[i]! - z[2 * n + i]!;
        out[n + i] = z[n + i]! - 1;
        out[2 * n + i] = -out[i]!;
      }
      return out;
    },
  };
  const lower = {
    dimension: 3 * n,
    value(z: Vector) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += 0.5 * z[n + i]! ** 2 - z[i]! * z[n + i]! + z[2 * n + i]!;
      return sum;
    },
    gradientInto(out: Vector, z: Vector) {
      for (let i = 0; i < n; i++) {
        out[i] = -z[n + i]!;
        out[n + i] = z[n + i]! - z[i]!;
        out[2 * n + i] = 1;
      }
      return out;
    },
    hessianApplyInto(out: Vector, _z: Vector, v: Vector) {
      for (let i = 0; i < n; i++) {
        out[i] = -v[n + i]!;
        out[n + i] = v[n + i]! - v[i]!;
        out[2 * n + i] = 0;
      }
      return out;
    },
  };
  const row = denseMatrix(1, 3 * n, new Float64Array(3 * n).fill(1));
  const lowerConstraints = linearConstraints(row, [0], { equalities: 1 });
  const solution = Float64Array.from({ length: 3 * n }, (_, i) => (i < n ? -0.3 : i < 2 * n ? 0.7 : -0.4));
  return { problem: bilevel({ upperDimension: n, upper, lower, lowerConstraints }), solution };
}

export interface StrongExample {
  readonly problem: BilevelProblem;
  readonly start: Vector;
  /** y*(x), which is linear, and its transpose. */
  readonly lowerSolution: (x: Vector) => Vector;
  readonly pullBack: (g: Vector) => Vector;
}

/** With a strongly convex one: F = sin(cᵀx + dᵀy) + log(‖x + y‖² + 1), f = ½‖x − y‖², Ay + Hx = 0 (p rows), Bx = 0 (q rows). */
export function strongExample(n: number, p = 90, q = 10, seed = 1): StrongExample {
  const random = uniform(seed);
  const normal = (): number => {
    let sum = -6;
    for (let k = 0; k < 12; k++) sum += random();
    return sum;
  };
  const matrix = (rows: number) => denseMatrix(rows, n, Float64Array.from({ length: rows * n }, normal));
  const [A, H, B] = [matrix(p), matrix(p), matrix(q)];
  const c = Float64Array.from({ length: n }, () => normal() / Math.sqrt(n));
  const d = Float64Array.from({ length: n }, () => normal() / Math.sqrt(n));
  const inner = (z: Vector): number => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += c[i]! * z[i]! + d[i]! * z[n + i]!;
    return sum;
  };
  const squared = (z: Vector): number => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += (z[i]! + z[n + i]!) ** 2;
    return sum;
  };
  const upper = {
    dimension: 2 * n,
    value: (z: Vector) => Math.sin(inner(z)) + Math.log1p(squared(z)),
    gradientInto(out: Vector, z: Vector) {
      const cosine = Math.cos(inner(z));
      const factor = 2 / (1 + squared(z));
      for (let i = 0; i < n; i++) {
        const s = factor * (z[i]! + z[n + i]!);
        out[i] = cosine * c[i]! + s;
        out[n + i] = cosine * d[i]! + s;
      }
      return out;
    },
  };
  const lower = {
    dimension: 2 * n,
    value(z: Vector) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += 0.5 * (z[i]! - z[n + i]!) ** 2;
      return sum;
    },
    gradientInto(out: Vector, z: Vector) {
      for (let i = 0; i < n; i++) {
        out[i] = z[i]! - z[n + i]!;
        out[n + i] = -out[i]!;
      }
      return out;
    },
    hessianApplyInto(out: Vector, _z: Vector, v: Vector) {
      for (let i = 0; i < n; i++) {
        out[i] = v[i]! - v[n + i]!;
        out[n + i] = -out[i]!;
      }
      return out;
    },
  };
  const joint = denseMatrix(p, 2 * n);
  for (let i = 0; i < p; i++) {
    joint.data.set(H.data.subarray(i * n, (i + 1) * n), 2 * i * n);
    joint.data.set(A.data.subarray(i * n, (i + 1) * n), (2 * i + 1) * n);
  }
  const all = denseMatrix(p + q, 2 * n);
  all.data.set(joint.data);
  for (let i = 0; i < q; i++) all.data.set(B.data.subarray(i * n, (i + 1) * n), 2 * (p + i) * n);
  const upperSet = affine(B, new Float64Array(q));
  const problem = bilevel({
    upperDimension: n,
    upper,
    lower,
    lowerConstraints: linearConstraints(joint, new Float64Array(p), { equalities: p }),
    upperSet,
    coupledSet: affine(all, new Float64Array(p + q)),
  });
  const projected = productSet(upperSet, wholeSpace(n));
  const start = new Float64Array(2 * n).fill(10);
  projected.projectInto(start, start);
  // y*(x) = x − Aᵀ(AAᵀ)⁻¹(A + H)x, and its transpose on g: g − (A + H)ᵀ(AAᵀ)⁻¹A g.
  const F = choleskyFactorize(multiplyInto(denseMatrix(p, p), A, transposeDense(A)));
  const sum = denseMatrix(
    p,
    n,
    A.data.map((a, k) => a + H.data[k]!),
  );
  const apply = (left: DenseMatrix, right: DenseMatrix, v: Vector): Vector => {
    const w = multiplyVectorInto(new Float64Array(p), right, v);
    const moved = multiplyTransposeVectorInto(new Float64Array(n), left, choleskySolveInto(w, F, w));
    return v.map((vi, i) => vi - moved[i]!);
  };
  return {
    problem,
    start,
    lowerSolution: (x) => apply(A, sum, x),
    pullBack: (g) => apply(sum, A, g),
  };
}
