// A function of a matrix given by its factors, X = U S Vᵀ: f = ½ Σ wᵢⱼ (Xᵢⱼ − Bᵢⱼ)² + Σ sin Xᵢⱼ, and its derivatives with respect to U, S, V. For small matrices.
import type { HasGradient, HasHessianApply, HasValue, Vector } from "@hessia/core";
import { multiply, multiplyTransposeLeft, multiplyTransposeRight } from "./dense.js";
import { gaussianInto, type Random } from "./random.js";

export function factoredQuadratic(
  m: number,
  n: number,
  r: number,
  random: Random,
): HasValue & HasGradient & HasHessianApply {
  const B = gaussianInto(new Float64Array(m * n), random);
  const w = Float64Array.from({ length: m * n }, () => 0.5 + random());
  const parts = (x: Vector) =>
    [x.subarray(0, m * r), x.subarray(m * r, m * r + r * r), x.subarray(m * r + r * r)] as const;
  const product = (U: Vector, S: Vector, V: Vector) => {
    const US = multiply(new Float64Array(m * r), U, S, m, r, r);
    return multiplyTransposeRight(new Float64Array(m * n), US, V, m, r, n);
  };
  /** Adds G V Sᵀ, UᵀG V and GᵀU S to the parts of `out`. */
  const pull = (
    out: Vector,
    G: Vector,
    U: Vector,
    S: Vector,
    V: Vector,
    onto: readonly [boolean, boolean, boolean],
  ) => {
    const [oU, oS, oV] = parts(out);
    const GV = multiply(new Float64Array(m * r), G, V, m, n, r);
    const GtU = multiplyTransposeLeft(new Float64Array(n * r), G, U, n, m, r);
    const add = (target: Vector, term: Vector) => {
      for (let k = 0; k < target.length; k++) target[k] += term[k];
    };
    if (onto[0]) add(oU, multiplyTransposeRight(new Float64Array(m * r), GV, S, m, r, r));
    if (onto[1]) add(oS, multiplyTransposeLeft(new Float64Array(r * r), U, GV, r, m, r));
    if (onto[2]) add(oV, multiply(new Float64Array(n * r), GtU, S, n, r, r));
  };
  return {
    dimension: (m + n + r) * r,
    value(x) {
      const X = product(...parts(x));
      let sum = 0;
      for (let k = 0; k < m * n; k++) sum += 0.5 * w[k] * (X[k] - B[k]) ** 2 + Math.sin(X[k]);
      return sum;
    },
    gradientInto(out, x) {
      const [U, S, V] = parts(x);
      const G = product(U, S, V).map((X, k) => w[k] * (X - B[k]) + Math.cos(X));
      pull(out.fill(0), G, U, S, V, [true, true, true]);
      return out;
    },
    hessianApplyInto(out, x, u) {
      const [U, S, V] = parts(x);
      const [dU, dS, dV] = parts(u.slice());
      const X = product(U, S, V);
      const moved = [product(dU, S, V), product(U, dS, V), product(U, S, dV)];
      const G = X.map((Xk, k) => w[k] * (Xk - B[k]) + Math.cos(Xk));
      const dG = X.map((Xk, k) => (w[k] - Math.sin(Xk)) * (moved[0]![k] + moved[1]![k] + moved[2]![k]));
      pull(out.fill(0), dG, U, S, V, [true, true, true]);
      // The derivative of (GVSᵀ, UᵀGV, GᵀUS) in the factors.
      pull(out, G, U, S, dV, [true, true, false]);
      pull(out, G, U, dS, V, [true, false, true]);
      pull(out, G, dU, S, V, [false, true, true]);
      return out;
    },
  };
}
