// The step of Levenberg and Marquardt: min ½ ‖J p + r‖² within a ball, or with a given damping, by orthogonal transformations of a dense J.
//
//   radius:   min ‖J p + r‖  subject to ‖p‖ ≤ Δ   ⟺   (JᵀJ + λI) p = −Jᵀr with λ = 0, or λ > 0 and ‖p‖ = Δ
//   damping:  λ given
//
// Moré 1978, "The Levenberg–Marquardt algorithm: implementation and theory", Lecture Notes in Mathematics 630, §2–3 and Algorithm 5.5. JᵀJ is never
// formed: J P = Q R once, then the rows of √λ I are rotated into R for each λ.
//
// Deviation: scaling by D is the caller's (J D⁻¹ in place of J).
import { misuse } from "../errors.js";
import { type Qr, qrApplyQTransposeInto, qrEntry, qrFactorize } from "../linear/dense/qr.js";
import type { DenseMatrix, Vector } from "../linear/matrix.js";
import { norm2 } from "../linear/vec.js";

/** J P = Q R, ready for many λ. */
export interface LevenbergFactor {
  readonly qr: Qr;
  readonly n: number;
  /** R, row-major n × n, zero rows where J has fewer. */
  readonly R: Vector;
  /** Scratch: R with the damping rotated in, a row of it, three vectors. */
  readonly S: Vector;
  readonly row: Vector;
  readonly c: Vector;
  readonly z: Vector;
  readonly y: Vector;
  readonly tall: Vector;
}

export interface LevenbergStep {
  /** λ ≥ 0. */
  readonly lambda: number;
  /** ‖p‖₂. */
  readonly norm: number;
  /** The decrease of ½ ‖J p + r‖², ≥ 0. */
  readonly predicted: number;
}

/** Factors J (m × n) with column pivoting; throws ArgumentError when it isn't finite. */
export function prepareLevenberg(J: DenseMatrix): LevenbergFactor {
  const { rows: m, cols: n } = J;
  const qr = qrFactorize(J, { pivot: true });
  const R = new Float64Array(n * n);
  for (let i = 0; i < Math.min(m, n); i++) for (let j = i; j < n; j++) R[i * n + j] = qrEntry(qr, i, j);
  const vector = () => new Float64Array(n);
  return {
    qr,
    n,
    R,
    S: new Float64Array(n * n),
    row: vector(),
    c: vector(),
    z: vector(),
    y: vector(),
    tall: new Float64Array(m),
  };
}

/**
 * Writes the p with (JᵀJ + λI) p = −Jᵀr into `out`. With λ = 0 and a rank below n: the basic solution, the columns beyond the rank unused.
 * @throws ArgumentError when λ is negative or not finite.
 */
export function levenbergSolveInto(out: Vector, F: LevenbergFactor, r: Vector, lambda: number): LevenbergStep {
  if (!(lambda >= 0 && lambda < Number.POSITIVE_INFINITY))
    misuse("levenbergSolveInto", "lambda", String(lambda), "a finite number ≥ 0");
  rightSide(F, r);
  return solve(out, F, lambda);
}

/**
 * Writes the minimizer of ‖J p + r‖ over ‖p‖ ≤ Δ into `out`; the boundary is met within a tenth of Δ, as Moré has it.
 * @param hint a λ to try first (the last step's), 0 for none.
 */
export function levenbergRadiusInto(
  out: Vector,
  F: LevenbergFactor,
  r: Vector,
  radius: number,
  hint = 0,
): LevenbergStep {
  const { n, R, c, qr } = F;
  rightSide(F, r);
  const step = solve(out, F, 0);
  const slack = 0.1 * radius;
  let excess = step.norm - radius;
  if (excess <= slack) return step;
  // Bounds of λ: Newton from 0 is below the root where J has full rank; ‖Jᵀr‖/Δ is above it.
  let low = qr.rank === n ? newtonChange(F, excess, radius, step.norm) : 0;
  for (let j = 0; j < n; j++) {
    let sum = 0;
    for (let i = 0; i <= j; i++) sum += R[i * n + j]! * c[i]!;
    F.y[j] = sum;
  }
  const gradientNorm = norm2(F.y);
  let high = gradientNorm / radius || Number.MIN_VALUE;
  let lambda = Math.min(high, Math.max(low, hint));
  if (lambda === 0) lambda = gradientNorm / step.norm;
  for (let k = 1; ; k++) {
    if (lambda === 0) lambda = Math.max(Number.MIN_VALUE, 1e-3 * high);
    const trial = solve(out, F, lambda);
    const before = excess;
    excess = trial.norm - radius;
    if (Math.abs(excess) <= slack || (low === 0 && excess <= before && before < 0) || k >= 20) return trial;
    const change = newtonChange(F, excess, radius, trial.norm);
    if (excess > 0) low = Math.max(low, lambda);
    else high = Math.min(high, lambda);
    lambda = Math.min(high, Math.max(low, lambda + change));
  }
}

/** c = −Qᵀ r, its first n entries. */
function rightSide(F: LevenbergFactor, r: Vector): void {
  const { qr, n, c, tall } = F;
  qrApplyQTransposeInto(tall, qr, r);
  for (let i = 0; i < n; i++) c[i] = i < tall.length ? -tall[i]! : 0;
}

/** Rotates √λ I into R, giving S with SᵀS = RᵀR + λI, and solves. Leaves the permuted solution in `z`. */
function solve(out: Vector, F: LevenbergFactor, lambda: number): LevenbergStep {
  const { qr, n, R, S, row, c, z, y } = F;
  S.set(R);
  y.set(c);
  const root = Math.sqrt(lambda);
  for (let j = 0; lambda > 0 && j < n; j++) {
    row.fill(0, j);
    row[j] = root;
    let rest = 0;
    for (let k = j; k < n; k++) {
      const below = row[k]!;
      if (below === 0) continue;
      const at = k * n;
      const length = Math.hypot(S[at + k]!, below);
      const cos = S[at + k]! / length;
      const sin = below / length;
      S[at + k] = length;
      for (let i = k + 1; i < n; i++) {
        const upper = S[at + i]!;
        S[at + i] = cos * upper + sin * row[i]!;
        row[i] = cos * row[i]! - sin * upper;
      }
      const upper = y[k]!;
      y[k] = cos * upper + sin * rest;
      rest = cos * rest - sin * upper;
    }
  }
  const rank = lambda > 0 ? n : qr.rank;
  for (let i = n - 1; i >= 0; i--) {
    let sum = y[i]!;
    for (let j = i + 1; j < rank; j++) sum -= S[i * n + j]! * z[j]!;
    z[i] = i < rank && S[i * n + i] !== 0 ? sum / S[i * n + i]! : 0;
  }
  for (let k = 0; k < n; k++) out[qr.permutation[k]!] = z[k]!;
  // ½ ‖J p‖² + λ ‖p‖².
  let predicted = 0;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = i; j < n; j++) sum += R[i * n + j]! * z[j]!;
    predicted += 0.5 * sum * sum;
  }
  const norm = norm2(z);
  return { lambda, norm, predicted: predicted + lambda * norm * norm };
}

/** Newton's change of λ for 1/‖p(λ)‖ = 1/Δ, in Moré's form: (‖p‖ − Δ)/Δ / ‖S⁻ᵀ p/‖p‖‖². */
function newtonChange(F: LevenbergFactor, excess: number, radius: number, norm: number): number {
  const { n, S, z, y } = F;
  for (let j = 0; j < n; j++) {
    let sum = z[j]! / norm;
    for (let i = 0; i < j; i++) sum -= S[i * n + j]! * y[i]!;
    y[j] = sum / S[j * n + j]!;
  }
  const length = norm2(y);
  return excess / radius / (length * length);
}
