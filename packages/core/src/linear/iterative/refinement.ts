// Iterative refinement of a solution of A x = b with a factor at hand, and the backward error of what it has reached.
//
// Arioli, Demmel, Duff 1989, "Solving sparse linear systems with sparse backward error", SIAM J. Matrix Anal. Appl. 10(2): x ← x + M⁻¹(b − A x) in one
// precision, until the componentwise backward error of Oettli, Prager 1964,
//   ω(x) = maxᵢ |b − A x|ᵢ / (|A||x| + |b|)ᵢ,
// is near ε or no longer halved: x solves (A + E) x = b + f exactly with |E| ≤ ω |A|, |f| ≤ ω |b|.
//
// Deviation: where |A||x| + |b| vanishes to rounding the row's ∞-norm takes part in the denominator, as in §2.2 of the paper.
import { misuse, requireFiniteVector, requireKnownOptions, requireNumber } from "../../errors.js";
import type { SparseMatrix, Vector } from "../matrix.js";
import { multiplySparseVectorInto } from "../sparse/csc.js";

export interface RefinementOptions {
  /** The matrix is A + σI. Default 0. */
  readonly shift?: number;
  /** Most corrections, an integer ≥ 0. Default 5. */
  readonly maxIterations?: number;
}

export interface Refinement {
  /** ω(x) of the x answered; NaN when no finite x was found. */
  readonly backwardError: number;
  /** Corrections that were kept. */
  readonly iterations: number;
  /** "accurate": ω ≤ 2ε. "stalled": a correction no longer halved it. "budget": out of iterations. "breakdown": the first solution isn't finite. */
  readonly reason: "accurate" | "stalled" | "budget" | "breakdown";
}

/**
 * Solves (A + σI) x = b into x, `solveInto(out, r)` being a solver near enough: `(out, r) => sparseSolveInto(out, F, r)`. `x` may not be b.
 * @throws ArgumentError when a shape or an option is wrong or b isn't finite.
 */
export function iterativeRefinementInto(
  x: Vector,
  A: SparseMatrix,
  solveInto: (out: Vector, r: Vector) => unknown,
  b: Vector,
  options: RefinementOptions = {},
): Refinement {
  const routine = "iterativeRefinementInto";
  requireKnownOptions(routine, options, ["shift", "maxIterations"]);
  const { shift = 0, maxIterations = 5 } = options;
  const n = A.cols;
  if (A.rows !== n) misuse(routine, "A", `${A.rows} × ${n}`, "a square matrix");
  requireFiniteVector(routine, "b", b, n);
  if (x.length !== n) misuse(routine, "x", `of length ${x.length}`, `length ${n}`);
  if (x === b && n > 0) misuse(routine, "x", "the same array as b", "memory of its own");
  if (!Number.isFinite(shift)) misuse(routine, "options.shift", String(shift), "a finite number");
  requireNumber(routine, "options.maxIterations", maxIterations, { atLeast: 0, integer: true });
  const sizes: SparseMatrix = { ...A, values: A.values.map(Math.abs) };
  const norms = rowMaxima(sizes);
  const r = new Float64Array(n);
  const size = new Float64Array(n);
  const absolute = new Float64Array(n);
  const candidate = new Float64Array(n);

  /** r = b − (A + σI) y; answers ω(y). */
  const error = (y: Vector): number => {
    multiplySparseVectorInto(r, A, y);
    let most = 0;
    for (let i = 0; i < n; i++) {
      r[i] = b[i] - r[i] - shift * y[i];
      absolute[i] = Math.abs(y[i]);
      if (absolute[i] > most) most = absolute[i];
    }
    multiplySparseVectorInto(size, sizes, absolute);
    let worst = 0;
    for (let i = 0; i < n; i++) {
      let whole = size[i] + Math.abs(shift) * absolute[i] + Math.abs(b[i]);
      if (whole <= 1000 * n * Number.EPSILON * (norms[i] * most + Math.abs(b[i]))) whole += norms[i] * most;
      if (r[i] !== 0) worst = Math.max(worst, Math.abs(r[i]) / whole);
      if (Number.isNaN(r[i])) return Number.NaN;
    }
    return worst;
  };

  solveInto(x, b);
  let backwardError = error(x);
  const finish = (reason: Refinement["reason"], iterations: number): Refinement => ({
    backwardError,
    iterations,
    reason,
  });
  if (!Number.isFinite(backwardError)) {
    backwardError = Number.NaN;
    return finish("breakdown", 0);
  }
  for (let k = 0; k < maxIterations; k++) {
    if (backwardError <= 2 * Number.EPSILON) return finish("accurate", k);
    solveInto(candidate, r);
    for (let i = 0; i < n; i++) candidate[i] += x[i];
    const next = error(candidate);
    if (!(next < backwardError)) return finish("stalled", k);
    const halved = next <= 0.5 * backwardError;
    x.set(candidate);
    backwardError = next;
    if (!halved) return finish(next <= 2 * Number.EPSILON ? "accurate" : "stalled", k + 1);
  }
  return finish(backwardError <= 2 * Number.EPSILON ? "accurate" : "budget", maxIterations);
}

/** The largest entry of each row of a matrix without negative ones. */
function rowMaxima({ rows, cols, colPointers, rowIndices, values, symmetric }: SparseMatrix): Vector {
  const most = new Float64Array(rows);
  for (let j = 0; j < cols; j++) {
    for (let p = colPointers[j]; p < colPointers[j + 1]; p++) {
      const i = rowIndices[p];
      most[i] = Math.max(most[i], values[p]);
      if (symmetric) most[j] = Math.max(most[j], values[p]);
    }
  }
  return most;
}
