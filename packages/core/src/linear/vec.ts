import type { Vector } from "./matrix.js";

/** xᵀy, summed in four partial sums. */
export function dot(x: Vector, y: Vector): number {
  const n = x.length;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 3 < n; i += 4) {
    s0 += x[i]! * y[i]!;
    s1 += x[i + 1]! * y[i + 1]!;
    s2 += x[i + 2]! * y[i + 2]!;
    s3 += x[i + 3]! * y[i + 3]!;
  }
  for (; i < n; i++) s0 += x[i]! * y[i]!;
  return s0 + s1 + (s2 + s3);
}

/** y ← y + a x; answers y. */
export function axpy(y: Vector, a: number, x: Vector): Vector {
  const n = x.length;
  for (let i = 0; i < n; i++) y[i] = y[i]! + a * x[i]!;
  return y;
}

/** x ← a x; answers x. */
export function scale(x: Vector, a: number): Vector {
  for (let i = 0; i < x.length; i++) x[i] = a * x[i]!;
  return x;
}

/** out ← x − y; answers out. */
export function subtractInto(out: Vector, x: Vector, y: Vector): Vector {
  for (let i = 0; i < out.length; i++) out[i] = x[i]! - y[i]!;
  return out;
}

/** ‖x‖∞; NaN if any entry is NaN; 0 for an empty vector. */
export function normInf(x: Vector): number {
  let max = 0;
  for (let i = 0; i < x.length; i++) {
    const a = Math.abs(x[i]!);
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
    const t = x[i]! / max;
    scaled += t * t;
  }
  return max * Math.sqrt(scaled);
}
