// Parallel transport of the Bures–Wasserstein metric along the geodesic from P to Q.
//
// With P = B Bᵀ the geodesic is A(t) A(t)ᵀ, A(t) = B + t (C − B), where Q = C Cᵀ and C is turned so that BᵀC is positive definite; a tangent U is lifted to X = L A, PL + LP = U, and a
// field is parallel when X' = A K with K skew-symmetric and A'ᵀX − XᵀA' + SK + KS = 0, S = AᵀA (O'Neill 1966, "The fundamental equations of a submersion"; Thanwerdas, Pennec 2023,
// §4.3). The equation is integrated by Gragg's midpoint rule with extrapolation: Hairer, Nørsett, Wanner, "Solving Ordinary Differential Equations I" (1993), §II.9.
//
// Deviation: where the eighth column of the table isn't settled the interval is halved, at most eight times.
import type { Vector } from "@hessia/core";
import { multiply, multiplyTransposeLeft, skew, transpose } from "./dense.js";
import { eigenInto, fromBasis, intoBasis, newEigenWork } from "./eigen.js";

const columns = 8;
const halvings = 8;
const settled = 1e-14;

export function buresTransport(n: number) {
  const size = n * n;
  const matrix = () => new Float64Array(size);
  const eigen = newEigenWork(n);
  const [A, D, K, S, W, X] = [matrix(), matrix(), matrix(), matrix(), matrix(), matrix()];
  const [before, here, after, slope] = [matrix(), matrix(), matrix(), matrix()];
  const table = Array.from({ length: columns }, matrix);
  const next = matrix();

  /** out ← A(t) K(t, X), A(t) = B + tD. */
  const field = (out: Vector, B: Vector, t: number, X: Vector) => {
    for (let k = 0; k < size; k++) A[k] = B[k] + t * D[k];
    multiplyTransposeLeft(S, A, A, n, n, n);
    eigenInto(eigen, S);
    multiplyTransposeLeft(K, D, X, n, n, n);
    // SK + KS = XᵀD − DᵀX = −2 skew(DᵀX).
    skew(K, n);
    intoBasis(K, W, eigen.vectors, K, n);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) K[i * n + j] *= -2 / (eigen.values[i] + eigen.values[j]);
    fromBasis(K, W, eigen.vectors, K, n);
    return multiply(out, A, K, n, n, n);
  };
  /** out ← X(to) from X(from) by `steps` steps of the midpoint rule, `steps` even. */
  const midpoint = (out: Vector, B: Vector, X: Vector, from: number, to: number, steps: number) => {
    const h = (to - from) / steps;
    before.set(X);
    field(slope, B, from, X);
    for (let k = 0; k < size; k++) here[k] = X[k] + h * slope[k];
    for (let i = 1; i < steps; i++) {
      field(slope, B, from + i * h, here);
      for (let k = 0; k < size; k++) {
        const moved = before[k] + 2 * h * slope[k];
        before[k] = here[k];
        here[k] = moved;
      }
    }
    out.set(here);
  };
  const integrate = (X: Vector, B: Vector, from: number, to: number, depth: number): void => {
    for (let column = 0; column < columns; column++) {
      midpoint(next, B, X, from, to, 2 * (column + 1));
      // The table holds the last row of extrapolated values, by ascending order.
      after.set(next);
      let difference = Number.POSITIVE_INFINITY;
      for (let k = 0; k < column; k++) {
        const ratio = ((column + 1) / (column - k)) ** 2 - 1;
        difference = 0;
        let largest = 0;
        for (let i = 0; i < size; i++) {
          const old = table[k][i];
          table[k][i] = after[i];
          const change = (after[i] - old) / ratio;
          after[i] += change;
          difference = Math.max(difference, Math.abs(change));
          largest = Math.max(largest, Math.abs(after[i]));
        }
        difference /= largest || 1;
      }
      table[column].set(after);
      if (column > 1 && difference <= settled) {
        X.set(after);
        return;
      }
    }
    if (depth === 0) {
      X.set(after);
      return;
    }
    const middle = 0.5 * (from + to);
    integrate(X, B, from, middle, depth - 1);
    integrate(X, B, middle, to, depth - 1);
  };

  /** out ← the transport of L at B Bᵀ (U = PL + LP) to C Cᵀ, as a tangent there; C is turned, BᵀC positive definite. out may be any of them. */
  return (out: Vector, B: Vector, C: Vector, L: Vector): Vector => {
    multiply(X, L, B, n, n, n);
    for (let k = 0; k < size; k++) D[k] = C[k] - B[k];
    integrate(X, B, 0, 1, halvings);
    // U = X Cᵀ + C Xᵀ.
    transpose(W, C, n, n);
    multiply(S, X, W, n, n, n);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out[i * n + j] = S[i * n + j] + S[j * n + i];
    return out;
  };
}
