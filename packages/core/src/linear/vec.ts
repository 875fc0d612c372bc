import type { Vector } from "./matrix.js";

// Vectors as they are: lengths aren't checked here, and the first argument named is the one written.

/** xᵀy, summed in four partial sums. */
export function dot(x: Vector, y: Vector): number {
  const n = x.length;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 3 < n; i += 4) {
    s0 += x[i] * y[i];
    s1 += x[i + 1] * y[i + 1];
    s2 += x[i + 2] * y[i + 2];
    s3 += x[i + 3] * y[i + 3];
  }
  for (; i < n; i++) s0 += x[i] * y[i];
  return s0 + s1 + (s2 + s3);
}

/** Σ x[xStart + k] y[yStart + k] over `count` entries: the dot product of two stretches of (possibly the same) arrays. */
export function dotAt(x: Vector, xStart: number, y: Vector, yStart: number, count: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (; k + 3 < count; k += 4) {
    const i = xStart + k;
    const j = yStart + k;
    s0 += x[i] * y[j];
    s1 += x[i + 1] * y[j + 1];
    s2 += x[i + 2] * y[j + 2];
    s3 += x[i + 3] * y[j + 3];
  }
  for (; k < count; k++) s0 += x[xStart + k] * y[yStart + k];
  return s0 + s1 + (s2 + s3);
}

/** y ← y + a x; answers y. */
export function axpy(y: Vector, a: number, x: Vector): Vector {
  axpyAt(y, 0, a, x, 0, x.length);
  return y;
}

/** y[yStart + k] += a x[xStart + k] over `count` entries. */
export function axpyAt(y: Vector, yStart: number, a: number, x: Vector, xStart: number, count: number): void {
  let k = 0;
  for (; k + 3 < count; k += 4) {
    const i = yStart + k;
    const j = xStart + k;
    y[i] += a * x[j];
    y[i + 1] += a * x[j + 1];
    y[i + 2] += a * x[j + 2];
    y[i + 3] += a * x[j + 3];
  }
  for (; k < count; k++) y[yStart + k] += a * x[xStart + k];
}

/** x ← a x; answers x. */
export function scale(x: Vector, a: number): Vector {
  for (let i = 0; i < x.length; i++) x[i] *= a;
  return x;
}

/** out ← x; answers out. */
export function copyInto(out: Vector, x: Vector): Vector {
  if (out !== x) out.set(x);
  return out;
}

/** out ← x + y; answers out. */
export function addInto(out: Vector, x: Vector, y: Vector): Vector {
  for (let i = 0; i < out.length; i++) out[i] = x[i] + y[i];
  return out;
}

/** out ← x − y; answers out. */
export function subtractInto(out: Vector, x: Vector, y: Vector): Vector {
  for (let i = 0; i < out.length; i++) out[i] = x[i] - y[i];
  return out;
}

/** out ← a x + b y; answers out. `out` may be x or y. */
export function linearCombinationInto(out: Vector, a: number, x: Vector, b: number, y: Vector): Vector {
  for (let i = 0; i < out.length; i++) out[i] = a * x[i] + b * y[i];
  return out;
}

/** ‖x‖∞; NaN if any entry is NaN; 0 for an empty vector. */
export function normInf(x: Vector): number {
  let max = 0;
  for (let i = 0; i < x.length; i++) {
    const a = Math.abs(x[i]);
    if (a > max) max = a;
    else if (Number.isNaN(a)) return Number.NaN;
  }
  return max;
}

/** ‖x‖₂, safe against overflow and underflow: where the plain sum of squares leaves its range, the vector is scaled first. */
export function norm2(x: Vector): number {
  const sum = dot(x, x);
  if (sum > 1e-280 && sum < 1e300) return Math.sqrt(sum);
  const max = normInf(x);
  if (max === 0 || !Number.isFinite(max)) return max;
  let scaled = 0;
  for (let i = 0; i < x.length; i++) {
    const t = x[i] / max;
    scaled += t * t;
  }
  return max * Math.sqrt(scaled);
}

/**
 * xᵀy without a needless overflow or underflow: where the plain sum leaves its range, both vectors are scaled by powers of two first. Infinite only where the result (or an
 * entry) is; NaN where an entry is.
 */
export function safeDot(x: Vector, y: Vector): number {
  const sum = dot(x, y);
  const size = Math.abs(sum);
  if (size > 1e-280 && size < 1e300) return sum;
  const [a, b] = [normInf(x), normInf(y)];
  if (!(a > 0 && b > 0 && a < Number.POSITIVE_INFINITY && b < Number.POSITIVE_INFINITY)) return sum;
  const [s, t] = [powerOfTwoScale(a), powerOfTwoScale(b)];
  let scaled = 0;
  for (let i = 0; i < x.length; i++) scaled += x[i] * s * (y[i] * t);
  const unit = 1 / s / t;
  return unit >= 2 ** -1022 && unit < Number.POSITIVE_INFINITY ? scaled * unit : scaled / s / t;
}

/** The power of two s with 1 ≤ s·size < 2 where that is a number (2^±1000 at the ends): scaling by it doesn't round normal numbers. */
export function powerOfTwoScale(size: number): number {
  return 2 ** Math.max(-1000, Math.min(1000, -Math.floor(Math.log2(size))));
}
