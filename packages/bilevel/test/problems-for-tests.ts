// Bilevel problems with known answers.
import { defineProblem, type Vector } from "@hessia/core";
import { problemFromExpression } from "@hessia/core/expression";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { type BilevelProblem, bilevel, linearConstraints } from "../src/index.js";

/** Uniform in (−1, 1). */
export function uniform(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => (generator.next() >>> 0) / 2 ** 31 - 1;
}

/**
 * Yao, Yu, Zeng, Zhang 2024, §4.1 with a coupled equation: F = ½‖x − y₂‖² + ½‖y₁ − e‖², f = ½‖y₁‖² − xᵀy₁ + eᵀy₂, eᵀx + eᵀy₁ + eᵀy₂ = 0.
 * x* = −0.3e, y₁* = 0.7e, y₂* = −0.4e: KKT of the lower level gives y₁ = x + e whatever y₂; then F is least over x and Σ y₂.
 */
export function coupledToy(n: number): BilevelProblem {
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
        out[2 * n + i] = -out[i]!;
        out[n + i] = z[n + i]! - 1;
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
  const lowerConstraints = linearConstraints([new Array(3 * n).fill(1)], [0], { equalities: 1 });
  return bilevel({ upperDimension: n, upper, lower, lowerConstraints });
}

export const coupledToySolution = (n: number): Vector =>
  Float64Array.from({ length: 3 * n }, (_, i) => (i < n ? -0.3 : i < 2 * n ? 0.7 : -0.4));

/**
 * f = ½ yᵀ A y − yᵀ(B x + b), F = ½‖y − c‖² + ½ μ ‖x‖²: y*(x) = A⁻¹(B x + b), everything in closed form. A = D + u uᵀ with D diagonal, so A⁻¹ is at hand (Sherman, Morrison).
 */
export function quadratic(n: number, m: number, seed = 1) {
  const random = uniform(seed);
  const D = Float64Array.from({ length: m }, () => 1.5 + random());
  const u = Float64Array.from({ length: m }, () => random());
  const B = Array.from({ length: m }, () => Float64Array.from({ length: n }, () => random()));
  const b = Float64Array.from({ length: m }, () => random());
  const c = Float64Array.from({ length: m }, () => 2 * random());
  const μ = 0.5;
  const applyA = (v: Vector): Vector => {
    const uv = v.reduce((sum, vj, j) => sum + u[j]! * vj, 0);
    return v.map((vj, j) => D[j]! * vj + u[j]! * uv);
  };
  const solveA = (r: Vector): Vector => {
    const q = r.map((rj, j) => rj / D[j]!);
    const w = u.map((uj, j) => uj / D[j]!);
    const t = u.reduce((s, uj, j) => s + uj * q[j]!, 0) / (1 + u.reduce((s, uj, j) => s + uj * w[j]!, 0));
    return q.map((qj, j) => qj - t * w[j]!);
  };
  const Bx = (x: Vector): Vector =>
    Float64Array.from(B, (row) => row.reduce((sum, value, i) => sum + value * x[i]!, 0));
  const Bt = (v: Vector): Vector => {
    const out = new Float64Array(n);
    B.forEach((row, j) => {
      for (let i = 0; i < n; i++) out[i] = out[i]! + row[i]! * v[j]!;
    });
    return out;
  };
  const upper = defineProblem({
    dimension: n + m,
    value: (z) => z.reduce((sum, zk, k) => sum + (k < n ? 0.5 * μ * zk * zk : 0.5 * (zk - c[k - n]!) ** 2), 0),
    gradient: (z) => z.map((zk, k) => (k < n ? μ * zk : zk - c[k - n]!)),
  });
  const lower = defineProblem({
    dimension: n + m,
    value(z) {
      const y = z.slice(n);
      const Ay = applyA(y);
      const q = Bx(z.slice(0, n));
      return y.reduce((sum, yj, j) => sum + yj * (0.5 * Ay[j]! - q[j]! - b[j]!), 0);
    },
    gradient(z) {
      const y = z.slice(n);
      const Ay = applyA(y);
      const q = Bx(z.slice(0, n));
      return [...Bt(y).map((v) => -v), ...Ay.map((v, j) => v - q[j]! - b[j]!)];
    },
    hessianApply(_z, v) {
      const vy = v.slice(n);
      const q = Bx(v.slice(0, n));
      return [...Bt(vy).map((w) => -w), ...applyA(vy).map((w, j) => w - q[j]!)];
    },
  });
  const y = (x: Vector): Vector => solveA(Bx(x).map((v, j) => v + b[j]!));
  /** μ x + Bᵀ A⁻¹ (y(x) − c). */
  const gradient = (x: Vector): Vector => {
    const pulled = Bt(solveA(y(x).map((v, j) => v - c[j]!)));
    return x.map((xi, i) => μ * xi + pulled[i]!);
  };
  /** ∇Φ is linear: solved by conjugate gradients of the test's own. */
  const solution = (): Vector => {
    const zero = new Float64Array(n);
    const g0 = gradient(zero);
    const H = (v: Vector): Vector => gradient(v).map((w, i) => w - g0[i]!);
    let x = zero.slice();
    let r = g0.map((v) => -v);
    let p = r.slice();
    for (let k = 0; k < 5 * n + 20; k++) {
      const rr = r.reduce((s, v) => s + v * v, 0);
      if (rr < 1e-30) break;
      const Hp = H(p);
      const a = rr / p.reduce((s, v, i) => s + v * Hp[i]!, 0);
      x = x.map((v, i) => v + a * p[i]!);
      r = r.map((v, i) => v - a * Hp[i]!);
      const beta = r.reduce((s, v) => s + v * v, 0) / rr;
      p = r.map((v, i) => v + beta * p[i]!);
    }
    return x;
  };
  return { problem: bilevel({ upperDimension: n, upper, lower }), y, gradient, solution, upper, lower };
}

/**
 * Bard 1988, Example 1: F = (x − 5)² + (2y + 1)², f = (y − 1)² − 1.5xy, −3x + y ≤ −3, x − ½y ≤ 4, x + y ≤ 7, x, y ≥ 0. Best known (1, 0): F = 17, f = 1.
 */
export function bard(): BilevelProblem {
  return bilevel({
    upperDimension: 1,
    upper: problemFromExpression("(x - 5)^2 + (2 y + 1)^2", ["x", "y"]),
    lower: problemFromExpression("(y - 1)^2 - 1.5 x y", ["x", "y"]),
    lowerConstraints: linearConstraints(
      [
        [-3, 1],
        [1, -0.5],
        [1, 1],
        [0, -1],
      ],
      [-3, 4, 7, 0],
    ),
  });
}

/** Stackelberg duopoly, price a − b(x + y), costs c x and c y: the leader sells (a − c)/2b, the follower half of that. */
export function duopoly(a: number, b: number, c: number): BilevelProblem {
  const parameters = { a, b, c };
  return bilevel({
    upperDimension: 1,
    upper: problemFromExpression("-x * (a - b * (x + y) - c)", ["x", "y"], { parameters }),
    lower: problemFromExpression("-y * (a - b * (x + y) - c)", ["x", "y"], { parameters }),
  });
}

export const greatestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let most = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  for (let k = 0; k < a.length; k++) most = Math.max(most, Math.abs(a[k]! - b[k]!));
  return most;
};
