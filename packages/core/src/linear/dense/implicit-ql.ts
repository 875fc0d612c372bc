// All eigenvalues of a symmetric tridiagonal matrix, with eigenvectors if wanted: T = S Λ Sᵀ.
//
// Implicit QL with Wilkinson's shift: Dubrulle, Martin, Wilkinson 1968, "The implicit QL algorithm"; Golub, Van Loan,
// "Matrix Computations" (4th ed., 2013), Algorithm 8.3.3 (there as QR).
//
// Deviations:
// 1. The rotations of a sweep are kept and applied to the ROWS of Wᵀ afterwards, four at a time, so that memory is walked
//    along rows and each row is read and written once for two rotations, not twice.
// 2. An entry beside the diagonal is taken as zero when |eᵢ| ≤ ε (|dᵢ| + |dᵢ₊₁|) / 2, or when its square would underflow: of extremely graded
//    matrices the rotations would else lose what they are made of.
import type { Vector } from "../matrix.js";

/** Sweeps allowed for one eigenvalue; two are usual. */
const sweepLimit = 60;
/** Nothing beside entries near 1. */
const negligible = 1e-140;

/**
 * Turns d (the diagonal) into the eigenvalues, in no order; e (n entries, e[i] beside d[i] and d[i + 1]) is destroyed.
 * With W (row-major, n rows of n), W ← SᵀW. Entries should be near 1 in size. False when the sweeps ran out.
 */
export function implicitQl(d: Vector, e: Vector, W?: Vector): boolean {
  const n = d.length;
  const cosines = new Float64Array(n);
  const sines = new Float64Array(n);
  for (let l = 0; l < n; l++) {
    for (let sweep = 0; ; sweep++) {
      let m = l;
      while (
        m + 1 < n &&
        Math.abs(e[m]) > Math.max(negligible, 0.5 * Number.EPSILON * (Math.abs(d[m]) + Math.abs(d[m + 1])))
      )
        m++;
      if (m === l) break;
      if (sweep === sweepLimit) return false;
      const from = qlSweep(d, e, l, m, cosines, sines);
      if (W !== undefined) rotateRows(W, n, from, m, cosines, sines);
    }
    e[l] = 0;
  }
  return true;
}

/** One sweep on the block l … m; rotation i acts on rows i and i + 1. Answers the last i reached. */
function qlSweep(d: Vector, e: Vector, l: number, m: number, cosines: Vector, sines: Vector): number {
  const theta = (d[l + 1] - d[l]) / (2 * e[l]);
  const root = Math.abs(theta) > 1e8 ? Math.abs(theta) : Math.sqrt(theta * theta + 1);
  let g = d[m] - d[l] + e[l] / (theta + (theta >= 0 ? root : -root));
  let s = 1;
  let c = 1;
  let p = 0;
  for (let i = m - 1; i >= l; i--) {
    const f = s * e[i];
    const b = c * e[i];
    const r = length2(f, g);
    e[i + 1] = r;
    if (r === 0) {
      // The block splits: what is left of the sweep is undone.
      d[i + 1] -= p;
      e[m] = 0;
      return i + 1;
    }
    s = f / r;
    c = g / r;
    g = d[i + 1] - p;
    const t = (d[i] - g) * s + 2 * c * b;
    p = s * t;
    d[i + 1] = g + p;
    g = c * t - b;
    cosines[i] = c;
    sines[i] = s;
  }
  d[l] -= p;
  e[l] = g;
  e[m] = 0;
  return l;
}

function length2(x: number, y: number): number {
  const sum = x * x + y * y;
  return sum > 1e-280 ? Math.sqrt(sum) : Math.hypot(x, y);
}

/** Applies rotations m − 1, m − 2, … `from` to rows of W. */
function rotateRows(W: Vector, n: number, from: number, m: number, cosines: Vector, sines: Vector): void {
  let i = m - 1;
  for (; i - 3 >= from; i -= 4) rotateFour(W, n, i, cosines, sines);
  for (; i >= from; i--) {
    const c = cosines[i];
    const s = sines[i];
    const upper = i * n;
    const lower = upper + n;
    for (let k = 0; k < n; k++) {
      const x = W[upper + k];
      const y = W[lower + k];
      W[lower + k] = s * x + c * y;
      W[upper + k] = c * x - s * y;
    }
  }
}

/** Rotations i, i − 1, i − 2, i − 3 in one pass over rows i − 3 … i + 1. */
function rotateFour(W: Vector, n: number, i: number, cosines: Vector, sines: Vector): void {
  const c0 = cosines[i];
  const c1 = cosines[i - 1];
  const c2 = cosines[i - 2];
  const c3 = cosines[i - 3];
  const s0 = sines[i];
  const s1 = sines[i - 1];
  const s2 = sines[i - 2];
  const s3 = sines[i - 3];
  const r4 = (i + 1) * n;
  const r3 = r4 - n;
  const r2 = r3 - n;
  const r1 = r2 - n;
  const r0 = r1 - n;
  for (let k = 0; k < n; k++) {
    const x4 = W[r4 + k];
    const x3 = W[r3 + k];
    W[r4 + k] = s0 * x3 + c0 * x4;
    const y3 = c0 * x3 - s0 * x4;
    const x2 = W[r2 + k];
    W[r3 + k] = s1 * x2 + c1 * y3;
    const y2 = c1 * x2 - s1 * y3;
    const x1 = W[r1 + k];
    W[r2 + k] = s2 * x1 + c2 * y2;
    const y1 = c2 * x1 - s2 * y2;
    const x0 = W[r0 + k];
    W[r1 + k] = s3 * x0 + c3 * y1;
    W[r0 + k] = c3 * x0 - s3 * y1;
  }
}
