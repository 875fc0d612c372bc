import { counted } from "../counts.js";
import { misuse } from "../errors.js";
import { multiplyMatrixVectorInto } from "../linear/dense/product.js";
import { norm2 } from "../linear/vec.js";
import { startPoint } from "../method.js";
import type { AnyProblem } from "../problem.js";
import { checkDirection, type DerivativeCheck, fitSlope, stepGrid } from "./slope.js";

/**
 * Checks ∇²f against ∇f at x: E(h) = ‖∇f(x + h d) − ∇f(x) − h ∇²f(x) d‖₂ must shrink like h² (slope 2; a wrong Hessian
 * leaves slope 1). The Hessian is taken as a product where the problem has products, else as the matrix.
 * With `of: "matrix"` the matrix is checked even if there are products.
 *
 * @returns the verdict, the fitted slope and a table ready to plot.
 * @throws ArgumentError when the problem has no second-order capability, or x or d has the wrong length or isn't finite.
 */
export function checkHessian(
  problem: AnyProblem,
  x: ArrayLike<number>,
  direction?: ArrayLike<number>,
  options: { readonly of?: "matrix" | "product" } = {},
): DerivativeCheck {
  const watched = counted(problem);
  const n = problem.dimension;
  const at = startPoint("checkHessian", n, x);
  const d = checkDirection("checkHessian", n, direction);
  const Hd = new Float64Array(n);
  hessianTimes(watched, Hd, at, d, options.of);
  const g = watched.gradientInto(new Float64Array(n), at);
  const moved = new Float64Array(n);
  const trial = new Float64Array(n);
  let scale = 1;
  for (let i = 0; i < n; i++) scale = Math.max(scale, Math.abs(at[i]!));
  const gNorm = norm2(g);
  const HdNorm = norm2(Hd);
  const rows = stepGrid.map((h) => {
    const step = h * scale;
    for (let i = 0; i < n; i++) trial[i] = at[i]! + step * d[i]!;
    watched.gradientInto(moved, trial);
    const movedNorm = norm2(moved);
    for (let i = 0; i < n; i++) moved[i] = moved[i]! - g[i]! - step * Hd[i]!;
    return { step, error: norm2(moved), rounding: 4 * Number.EPSILON * (gNorm + movedNorm + step * HdNorm) };
  });
  return fitSlope(rows, 2);
}

export interface SymmetryCheck {
  readonly verdict: "right" | "wrong";
  /** |uᵀH v − vᵀH u| / (‖u‖ ‖H v‖ + ‖v‖ ‖H u‖). */
  readonly asymmetry: number;
}

/** Checks that the Hessian product is symmetric at x, by two fixed dense directions: uᵀ∇²f(x) v = vᵀ∇²f(x) u to 1e-10 relative. */
export function checkSymmetry(problem: AnyProblem, x: ArrayLike<number>): SymmetryCheck {
  const watched = counted(problem);
  const n = problem.dimension;
  const at = startPoint("checkSymmetry", n, x);
  const u = checkDirection("checkSymmetry", n);
  const v = checkDirection(
    "checkSymmetry",
    n,
    Float64Array.from({ length: n }, (_, i) => Math.sin(2 + 3 * i) + 0.3),
  );
  const Hu = hessianTimes(watched, new Float64Array(n), at, u);
  const Hv = hessianTimes(watched, new Float64Array(n), at, v);
  let uHv = 0;
  let vHu = 0;
  for (let i = 0; i < n; i++) {
    uHv += u[i]! * Hv[i]!;
    vHu += v[i]! * Hu[i]!;
  }
  const size = norm2(Hv) + norm2(Hu);
  const asymmetry = size === 0 ? 0 : Math.abs(uHv - vHu) / size;
  return { verdict: asymmetry <= 1e-10 ? "right" : "wrong", asymmetry };
}

function hessianTimes(
  problem: AnyProblem,
  out: Float64Array,
  x: Float64Array,
  v: Float64Array,
  of?: "matrix" | "product",
): Float64Array {
  if (problem.hessianApplyInto && of !== "matrix") return problem.hessianApplyInto(out, x, v);
  if (problem.hessianInto && problem.newHessian && of !== "product") {
    return multiplyMatrixVectorInto(out, problem.hessianInto(problem.newHessian(), x), v);
  }
  return misuse(
    "checkHessian",
    "problem",
    "without a Hessian",
    `hessianInto and newHessian, or hessianApplyInto${of === undefined ? "" : ` (of: "${of}")`}`,
  );
}
