// Problems on manifolds whose solutions are known beforehand.
import {
  type DenseMatrix,
  denseMatrix,
  type HasGradient,
  type HasHessianApply,
  type HasValue,
  type Vector,
} from "@hessia/core";
import { choleskyFactorize, choleskySolveInto, multiplyInto, svd, symmetricEigen } from "@hessia/core/linear";
import type { GeodesicManifold } from "../src/index.js";
import { gaussianInto } from "../src/support/random.js";
import { seeded } from "./random.js";

export type SmoothProblem = HasValue &
  HasGradient &
  HasHessianApply &
  Required<Pick<HasGradient, "valueAndGradientInto">>;

export const gaussian = (count: number, seed: number): Vector => gaussianInto(new Float64Array(count), seeded(seed));

/** (G + Gᵀ)/2 with Gaussian G. */
export function randomSymmetric(n: number, seed: number): DenseMatrix {
  const G = gaussian(n * n, seed);
  const A = denseMatrix(n, n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) A.data[i * n + j] = 0.5 * (G[i * n + j]! + G[j * n + i]!);
  return A;
}

const dotOf = (a: Vector, b: Vector) => a.reduce((sum, ai, i) => sum + ai * b[i]!, 0);

/** f(X) = ½ tr(Xᵀ A X N), N = diag(weights): Brockett's function; with one weight ½ xᵀAx. */
export function brockett(A: DenseMatrix, weights: readonly number[]): SmoothProblem {
  const [n, p] = [A.rows, weights.length];
  const scaled = (out: Vector, X: Vector) => {
    const Y = multiplyInto(denseMatrix(n, p, out), A, denseMatrix(n, p, X)).data;
    for (let i = 0; i < n; i++) for (let j = 0; j < p; j++) Y[i * p + j] = Y[i * p + j]! * weights[j]!;
    return out;
  };
  const held = new Float64Array(n * p);
  return {
    dimension: n * p,
    value: (X) => 0.5 * dotOf(X, scaled(held, X)),
    gradientInto: scaled,
    valueAndGradientInto: (out, X) => 0.5 * dotOf(X, scaled(out, X)),
    hessianApplyInto: (out, _X, U) => scaled(out, U),
  };
}

/** Its minimum on the Stiefel manifold: the largest weight with the least eigenvalue, and so on (weights ≥ 0). */
export function brockettMinimum(A: DenseMatrix, weights: readonly number[]): number {
  const values = Array.from(symmetricEigen(A).values).sort((a, b) => a - b);
  return [...weights].sort((a, b) => b - a).reduce((sum, weight, i) => sum + 0.5 * weight * values[i]!, 0);
}

/** ½‖A X − B‖², A m × n, X n × p: Procrustes' problem. */
export function procrustes(A: DenseMatrix, B: DenseMatrix): SmoothProblem {
  const [m, n, p] = [A.rows, A.cols, B.cols];
  const R = denseMatrix(m, p);
  const residual = (X: Vector, shift: number) => {
    multiplyInto(R, A, denseMatrix(n, p, X));
    for (let i = 0; i < m * p; i++) R.data[i] = R.data[i]! - shift * B.data[i]!;
    return 0.5 * dotOf(R.data, R.data);
  };
  const back = (out: Vector) => {
    multiplyInto(denseMatrix(n, p, out), A, R, { transposeA: true });
    return out;
  };
  return {
    dimension: n * p,
    value: (X) => residual(X, 1),
    gradientInto(out, X) {
      residual(X, 1);
      return back(out);
    },
    valueAndGradientInto(out, X) {
      const value = residual(X, 1);
      back(out);
      return value;
    },
    hessianApplyInto(out, _X, U) {
      residual(U, 0);
      return back(out);
    },
  };
}

/** The polar factor of AᵀB: the orthogonal X that makes ‖A X − B‖ least (square X). */
export function procrustesSolution(A: DenseMatrix, B: DenseMatrix): Vector {
  const C = multiplyInto(denseMatrix(A.cols, B.cols), A, B, { transposeA: true });
  const { U, V } = svd(C);
  return multiplyInto(denseMatrix(A.cols, B.cols), U, V, { transposeB: true }).data;
}

/** ½ Σ (U S Vᵀ − X)²ᵢⱼ over the given entries, as a function of the factors U (m × r), S (r × r), V (n × r), one after another. */
export function completion(
  m: number,
  n: number,
  r: number,
  rows: Int32Array,
  cols: Int32Array,
  entries: Vector,
): SmoothProblem {
  const [sizeU, sizeS] = [m * r, r * r];
  const US = new Float64Array(sizeU);
  const dUS = new Float64Array(sizeU);
  const VSt = new Float64Array(n * r);
  const part = (x: Vector) =>
    [x.subarray(0, sizeU), x.subarray(sizeU, sizeU + sizeS), x.subarray(sizeU + sizeS)] as const;
  const times = (out: Vector, P: Vector, S: Vector, count: number, transposed: boolean, add = false) => {
    for (let i = 0; i < count; i++)
      for (let j = 0; j < r; j++) {
        let sum = add ? out[i * r + j]! : 0;
        for (let k = 0; k < r; k++) sum += P[i * r + k]! * S[transposed ? j * r + k : k * r + j]!;
        out[i * r + j] = sum;
      }
  };
  const row = (P: Vector, Q: Vector, i: number, j: number) => {
    let sum = 0;
    for (let k = 0; k < r; k++) sum += P[i * r + k]! * Q[j * r + k]!;
    return sum;
  };
  const residual = (x: Vector, each: (i: number, j: number, e: number) => void) => {
    const [U, S, V] = part(x);
    times(US, U, S, m, false);
    let total = 0;
    for (let t = 0; t < entries.length; t++) {
      const [i, j] = [rows[t]!, cols[t]!];
      const e = row(US, V, i, j) - entries[t]!;
      total += e * e;
      each(i, j, e);
    }
    return 0.5 * total;
  };
  const axpyRow = (out: Vector, i: number, a: number, P: Vector, j: number) => {
    for (let k = 0; k < r; k++) out[i * r + k] = out[i * r + k]! + a * P[j * r + k]!;
  };
  /** The S part of a gradient: Uᵀ(G V). */
  const GV = new Float64Array(sizeU);
  const middle = (out: Vector, U: Vector, W: Vector, add: boolean) => {
    for (let a = 0; a < r; a++)
      for (let b = 0; b < r; b++) {
        let sum = add ? out[a * r + b]! : 0;
        for (let i = 0; i < m; i++) sum += U[i * r + a]! * W[i * r + b]!;
        out[a * r + b] = sum;
      }
  };
  const valueAndGradientInto = (out: Vector, x: Vector) => {
    const [U, S, V] = part(x);
    const [gU, gS, gV] = part(out);
    GV.fill(0);
    gV.fill(0);
    const value = residual(x, (i, j, e) => {
      axpyRow(GV, i, e, V, j);
      axpyRow(gV, j, e, US, i);
    });
    times(gU, GV, S, m, true);
    middle(gS, U, GV, false);
    return value;
  };
  return {
    dimension: sizeU + sizeS + n * r,
    value: (x) => residual(x, () => {}),
    valueAndGradientInto,
    gradientInto(out, x) {
      valueAndGradientInto(out, x);
      return out;
    },
    hessianApplyInto(out, x, u) {
      // D of (G V Sᵀ, UᵀG V, Gᵀ U S) with Ġ = mask(U̇SVᵀ + UṠVᵀ + USV̇ᵀ).
      const [U, S, V] = part(x);
      const [dU, dS, dV] = part(u);
      const [hU, hS, hV] = part(out);
      times(US, U, S, m, false);
      times(dUS, dU, S, m, false);
      times(dUS, U, dS, m, false, true);
      GV.fill(0);
      VSt.fill(0);
      const G2 = new Float64Array(sizeU);
      for (let t = 0; t < entries.length; t++) {
        const [i, j] = [rows[t]!, cols[t]!];
        const e = row(US, V, i, j) - entries[t]!;
        const de = row(dUS, V, i, j) + row(US, dV, i, j);
        axpyRow(G2, i, e, V, j);
        axpyRow(GV, i, de, V, j);
        axpyRow(GV, i, e, dV, j);
        axpyRow(VSt, j, de, US, i);
        axpyRow(VSt, j, e, dUS, i);
      }
      times(hU, GV, S, m, true);
      times(hU, G2, dS, m, true, true);
      middle(hS, U, GV, false);
      middle(hS, dU, G2, true);
      hV.set(VSt);
      return out;
    },
  };
}

/** Random entries of a random matrix of rank r, and the matrix's factors. */
export function lowRankSamples(m: number, n: number, r: number, share: number, seed: number) {
  const random = seeded(seed);
  const [L, R] = [gaussianInto(new Float64Array(m * r), random), gaussianInto(new Float64Array(n * r), random)];
  const rows: number[] = [];
  const cols: number[] = [];
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++)
      if (random() < share) {
        rows.push(i);
        cols.push(j);
      }
  const entryOf = (i: number, j: number) => {
    let sum = 0;
    for (let k = 0; k < r; k++) sum += L[i * r + k]! * R[j * r + k]!;
    return sum;
  };
  const entries = Float64Array.from(rows, (i, t) => entryOf(i, cols[t]!));
  return { rows: Int32Array.from(rows), cols: Int32Array.from(cols), entries, entryOf };
}

/** ½ Σ d(x, pᵢ)²/N under the affine-invariant metric by its Euclidean gradient −P⁻¹ (Σ log_P(pᵢ)/N) P⁻¹; products by differences of it. */
export function meanByDerivatives(M: GeodesicManifold, points: readonly Vector[]): SmoothProblem {
  const n = M.shape[0]!;
  const log = M.zero();
  const gradientInto = (out: Vector, P: Vector) => {
    const sum = new Float64Array(n * n);
    for (const p of points) {
      M.logInto(log, P, p);
      for (let k = 0; k < n * n; k++) sum[k] = sum[k]! - log[k]! / points.length;
    }
    const factor = choleskyFactorize(denseMatrix(n, n, P.slice()));
    const solved = (B: Vector) => {
      const X = new Float64Array(n * n);
      for (let j = 0; j < n; j++) {
        const column = choleskySolveInto(
          new Float64Array(n),
          factor,
          B.filter((_, k) => k % n === j),
        );
        for (let i = 0; i < n; i++) X[j * n + i] = column[i]!;
      }
      return X;
    };
    // P⁻¹S, transposed: S P⁻¹; and again.
    out.set(solved(solved(sum)));
    return out;
  };
  const value = (P: Vector) => points.reduce((sum, p) => sum + (0.5 * M.dist(P, p) ** 2) / points.length, 0);
  const moved = (P: Vector, U: Vector, h: number) => P.map((Pi, k) => Pi + h * U[k]!);
  return {
    dimension: n * n,
    value,
    gradientInto,
    valueAndGradientInto(out, P) {
      gradientInto(out, P);
      return value(P);
    },
    hessianApplyInto(out, P, U) {
      const size = Math.hypot(...U);
      if (size === 0) return out.fill(0);
      const h = (1e-5 * Math.hypot(...P)) / size;
      const back = gradientInto(new Float64Array(n * n), moved(P, U, -h));
      gradientInto(out, moved(P, U, h));
      for (let k = 0; k < n * n; k++) out[k] = (out[k]! - back[k]!) / (2 * h);
      return out;
    },
  };
}

/** −½ Σₖ Σⱼ (xⱼᵀ Aₖ xⱼ)², least where the orthogonal X makes all Aₖ as diagonal as can be. */
export function jointDiagonalization(matrices: readonly DenseMatrix[]): SmoothProblem {
  const n = matrices[0]!.rows;
  const [Y, Z] = [denseMatrix(n, n), denseMatrix(n, n)];
  const diagonal = (P: Vector, Q: Vector) => {
    const d = new Float64Array(n);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) d[j] = d[j]! + P[i * n + j]! * Q[i * n + j]!;
    return d;
  };
  const valueAndGradientInto = (out: Vector, X: Vector) => {
    out.fill(0);
    let value = 0;
    for (const A of matrices) {
      multiplyInto(Y, A, denseMatrix(n, n, X));
      const d = diagonal(X, Y.data);
      value -= 0.5 * dotOf(d, d);
      for (let k = 0; k < n * n; k++) out[k] = out[k]! - 2 * d[k % n]! * Y.data[k]!;
    }
    return value;
  };
  return {
    dimension: n * n,
    value: (X) => valueAndGradientInto(new Float64Array(n * n), X),
    valueAndGradientInto,
    gradientInto(out, X) {
      valueAndGradientInto(out, X);
      return out;
    },
    hessianApplyInto(out, X, U) {
      out.fill(0);
      for (const A of matrices) {
        multiplyInto(Y, A, denseMatrix(n, n, X));
        multiplyInto(Z, A, denseMatrix(n, n, U));
        const [d, e] = [diagonal(X, Y.data), diagonal(U, Y.data)];
        for (let k = 0; k < n * n; k++) out[k] = out[k]! - 2 * d[k % n]! * Z.data[k]! - 4 * e[k % n]! * Y.data[k]!;
      }
      return out;
    },
  };
}

/** ½‖x − a‖² in coordinates. */
export const nearest = (a: Vector): SmoothProblem => {
  const value = (x: Vector) => 0.5 * x.reduce((sum, xi, i) => sum + (xi - a[i]!) ** 2, 0);
  const gradientInto = (out: Vector, x: Vector) => {
    for (let i = 0; i < x.length; i++) out[i] = x[i]! - a[i]!;
    return out;
  };
  return {
    dimension: a.length,
    value,
    gradientInto,
    valueAndGradientInto(out, x) {
      gradientInto(out, x);
      return value(x);
    },
    hessianApplyInto(out, _x, u) {
      out.set(u);
      return out;
    },
  };
};
