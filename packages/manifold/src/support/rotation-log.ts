// The principal logarithm of a rotation Q: log Q = f(S) K with S = (Q + Qᵀ)/2, K = (Q − Qᵀ)/2 and f(cos θ) = θ/sin θ.
//
// S and K commute; in a plane that Q turns by θ they are cos θ and sin θ times a quarter turn J. f is smooth except at cos θ = −1: planes with θ near π are taken apart and there
// log Q = J (π − arcsin |K|) with J the orthogonal polar factor of K, which keeps its digits up to π itself. Compare Rodrigues' formula for n = 3, and Gallier, Xu 2002, "Computing
// exponentials of skew-symmetric matrices and logarithms of orthogonal matrices", Int. J. Robotics Automation 17(4).
//
// Deviation: the split into the two groups of planes is made at the widest gap of the eigenvalues of S between −0.9 and −0.3.
import type { Vector } from "@hessia/core";
import { multiply, multiplyTransposeLeft, multiplyTransposeRight, skew } from "./dense.js";
import {
  applyFunctionInto,
  type EigenWork,
  eigenInto,
  newEigenWork,
  newPolarWork,
  type PolarWork,
  polarInto,
} from "./eigen.js";

export interface RotationLogWork {
  readonly n: number;
  readonly eigen: EigenWork;
  readonly S: Vector;
  readonly K: Vector;
  readonly A: Vector;
  readonly B: Vector;
  readonly J: Vector;
  /** For each number of dimensions of the planes near π: made when first met. */
  readonly parts: Map<number, Part>;
}

interface Part {
  readonly eigen: EigenWork;
  readonly polar: PolarWork;
  readonly K: Vector;
  readonly J: Vector;
  readonly θ: Vector;
}

export const newRotationLogWork = (n: number): RotationLogWork => {
  const matrix = () => new Float64Array(n * n);
  return {
    n,
    eigen: newEigenWork(n),
    S: matrix(),
    K: matrix(),
    A: matrix(),
    B: matrix(),
    J: matrix(),
    parts: new Map(),
  };
};

/** "ok"; "reflection" where det Q = −1: there is no real logarithm; "cut locus" where some plane is turned by π: there are two. */
export type RotationLogOutcome = "ok" | "reflection" | "cut locus";

/** out ← log Q, skew-symmetric, all angles in (−π, π). On "reflection" out is NaN, at the cut locus one of the logarithms' limits is missing and out is NaN too. out may be Q. */
export function rotationLogInto(out: Vector, work: RotationLogWork, Q: Vector): RotationLogOutcome {
  const { n, eigen, S, K, A, B, J, parts } = work;
  const size = n * n;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      S[i * n + j] = 0.5 * (Q[i * n + j] + Q[j * n + i]);
      K[i * n + j] = 0.5 * (Q[i * n + j] - Q[j * n + i]);
    }
  const failed = (outcome: RotationLogOutcome) => {
    out.fill(Number.NaN, 0, size);
    return outcome;
  };
  if (!eigenInto(eigen, S)) return failed("reflection");
  const c = eigen.values;
  const m = split(c, n);
  if (m % 2 === 1) return failed("reflection");
  // The planes away from π.
  applyFunctionInto(A, eigen, angleOverSine(c[m - 1]));
  multiply(B, A, K, n, n, n);
  if (m > 0) {
    let part = parts.get(m);
    if (part === undefined) {
      const matrix = () => new Float64Array(m * m);
      part = { eigen: newEigenWork(m), polar: newPolarWork(m), K: matrix(), J: matrix(), θ: matrix() };
      parts.set(m, part);
    }
    // V₋ᵀ K V₋ = J P, P = |sin θ|.
    for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) S[i * m + j] = eigen.vectors[i * n + j];
    multiply(A, K, S, n, n, m);
    multiplyTransposeLeft(part.K, S, A, m, n, m);
    skew(part.K, m);
    if (!polarInto(part.J, part.polar, part.K)) return failed("cut locus");
    skew(part.J, m);
    eigenInto(part.eigen, part.polar.P);
    if (!(part.eigen.values[0] > 1e-15)) return failed("cut locus");
    applyFunctionInto(part.θ, part.eigen, (sine) => Math.PI - Math.asin(Math.min(1, sine)));
    multiply(part.K, part.J, part.θ, m, m, m);
    skew(part.K, m);
    multiply(A, S, part.K, n, m, m);
    multiplyTransposeRight(J, A, S, n, m, n);
    for (let k = 0; k < size; k++) B[k] += J[k];
  }
  skew(B, n);
  for (let k = 0; k < size; k++) out[k] = B[k];
  return "ok";
}

/** How many of the ascending cosines belong to planes near π. */
function split(c: Vector, n: number): number {
  if (!(c[0] < -0.3)) return 0;
  let best = 0;
  let widest = -1;
  for (let m = 0; m <= n; m++) {
    const below = m === 0 ? -1 : c[m - 1];
    const above = m === n ? 1 : c[m];
    if (above < -0.9 || below > -0.3) continue;
    // Planes: eigenvalues come in pairs, so that a gap within a pair is rounding.
    const gap = Math.min(above, -0.3) - Math.max(below, -0.9);
    if (gap > widest && (m % 2 === 0 || above - below > 1e-6)) {
      widest = gap;
      best = m;
    }
  }
  return best;
}

/** θ/sin θ as a function of cos θ; 0 up to `near`, whose planes are done otherwise. */
const angleOverSine = (near: number | undefined) => (cosine: number) => {
  if (near !== undefined && cosine <= near) return 0;
  const c = Math.max(-1, Math.min(1, cosine));
  // Near cos θ = 1: θ/sin θ = 1 + e/3 + 2e²/15 + … with e = 1 − cos θ.
  const e = 1 - c;
  if (e < 1e-4) return 1 + e * (1 / 3 + e * (2 / 15 + (e * 2) / 35));
  return Math.acos(c) / Math.sqrt((1 - c) * (1 + c));
};
