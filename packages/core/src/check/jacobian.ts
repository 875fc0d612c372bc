import { counted } from "../counts.js";
import { misuse } from "../errors.js";
import { multiplyMatrixVectorInto } from "../linear/dense/product.js";
import { norm2 } from "../linear/vec.js";
import { startPoint } from "../method.js";
import type { HasJacobian, HasResidual, HasValue } from "../problem.js";
import { checkDirection, type DerivativeCheck, fitSlope, stepGrid } from "./slope.js";

export interface JacobianCheck extends DerivativeCheck {
  /** The entries of J that disagree with central differences of r, worst first (at most 5). */
  readonly suspects: readonly {
    readonly row: number;
    readonly col: number;
    readonly given: number;
    readonly difference: number;
  }[];
}

/**
 * Checks J against r at x: E(h) = ‖r(x + h d) − r(x) − h J(x) d‖₂ must shrink like h² (slope 2; a wrong Jacobian leaves slope 1).
 *
 * @param direction d; default a fixed dense direction of unit length.
 * @returns the verdict, the fitted slope, a table ready to plot and, where it is wrong and n ≤ 500, the suspected entries.
 * @throws ArgumentError when the problem has no residuals or no Jacobian, or x or the direction has the wrong length or isn't finite.
 */
export function checkJacobian(
  problem: HasValue & HasResidual & HasJacobian,
  x: ArrayLike<number>,
  direction?: ArrayLike<number>,
): JacobianCheck {
  const routine = "checkJacobian";
  const watched = counted(problem);
  if (typeof watched.residualInto !== "function" || typeof watched.jacobianInto !== "function")
    misuse(
      routine,
      "problem",
      "without residuals or their Jacobian",
      "`residualInto`, `newJacobian` and `jacobianInto`",
    );
  const { dimension: n, residuals: m } = watched;
  const at = startPoint(routine, n, x);
  const d = checkDirection(routine, n, direction);
  const J = watched.jacobianInto(watched.newJacobian(), at);
  const Jd = multiplyMatrixVectorInto(new Float64Array(m), J, d);
  const r = watched.residualInto(new Float64Array(m), at);
  const moved = new Float64Array(m);
  const trial = new Float64Array(n);
  let scale = 1;
  for (let i = 0; i < n; i++) scale = Math.max(scale, Math.abs(at[i]!));
  const [rNorm, JdNorm] = [norm2(r), norm2(Jd)];
  const rows = stepGrid.map((h) => {
    const step = h * scale;
    for (let i = 0; i < n; i++) trial[i] = at[i]! + step * d[i]!;
    watched.residualInto(moved, trial);
    const movedNorm = norm2(moved);
    for (let i = 0; i < m; i++) moved[i] = moved[i]! - r[i]! - step * Jd[i]!;
    return { step, error: norm2(moved), rounding: 4 * Number.EPSILON * (rNorm + movedNorm + step * JdNorm) };
  });
  const fit = fitSlope(rows, 2);
  return { ...fit, suspects: fit.verdict === "wrong" && n <= 500 ? findSuspects(watched, at, J) : [] };
}

/** Entries where a central difference is farther from J than its own error allows. */
function findSuspects(
  problem: HasResidual,
  x: Float64Array,
  J: ReturnType<HasJacobian["newJacobian"]>,
): JacobianCheck["suspects"] {
  const m = problem.residuals;
  const unit = new Float64Array(x.length);
  const column = new Float64Array(m);
  const [up, down] = [new Float64Array(m), new Float64Array(m)];
  const trial = x.slice();
  const found: { row: number; col: number; given: number; difference: number; gap: number }[] = [];
  for (let col = 0; col < x.length; col++) {
    unit.fill(0)[col] = 1;
    multiplyMatrixVectorInto(column, J, unit);
    const h = Math.cbrt(Number.EPSILON) * Math.max(1, Math.abs(x[col]!));
    trial[col] = x[col]! + h;
    problem.residualInto(up, trial);
    trial[col] = x[col]! - h;
    problem.residualInto(down, trial);
    trial[col] = x[col]!;
    for (let row = 0; row < m; row++) {
      const difference = (up[row]! - down[row]!) / (2 * h);
      const given = column[row]!;
      const gap = Math.abs(difference - given) / Math.max(1, Math.abs(difference), Math.abs(given));
      if (gap > 1e-4) found.push({ row, col, given, difference, gap });
    }
  }
  found.sort((a, b) => b.gap - a.gap);
  return found.slice(0, 5).map(({ row, col, given, difference }) => ({ row, col, given, difference }));
}
