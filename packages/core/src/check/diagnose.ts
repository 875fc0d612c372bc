import { finiteBounds } from "../bounds.js";
import { EvaluationError } from "../errors.js";
import type { Vector } from "../linear/matrix.js";
import { normInf } from "../linear/vec.js";
import type { State } from "../method.js";
import type { AnyProblem, HasBounds, HasJacobian, HasResidual } from "../problem.js";
import { restrictProblem } from "../restrict.js";
import type { StopReason } from "../stop.js";
import { checkGradient } from "./gradient.js";
import { checkHessian } from "./hessian.js";
import { checkJacobian } from "./jacobian.js";

/**
 * When a method stalls far from a stationary point, the usual cause is a wrong derivative. This checks them at the point
 * where it stalled and, if one is wrong, answers the reason that says so.
 */
export function diagnoseStall(problem: AnyProblem, state: State): StopReason | null {
  try {
    const wrongJacobian = diagnoseJacobian(problem, state);
    if (wrongJacobian !== null) return wrongJacobian;
    if (problem.gradientInto === undefined) return null;
    const { problem: checked, x, numbers } = withinBounds(problem, state.x);
    if (x.length < Math.min(1, state.x.length) || roundingOfXDecides(checked, x)) return null;
    const gradient = checkGradient(checked, x);
    if (gradient.verdict === "wrong") {
      const worst = gradient.suspects[0];
      const where =
        worst === undefined
          ? ""
          : `; component ${numbers[worst.index]} is given as ${worst.given}, differences of f say ${worst.difference}`;
      return {
        kind: "failed",
        rule: "wrongGradientLikely",
        detail: `the method stalled and the gradient check has slope ${gradient.slope.toFixed(2)} instead of 2${where}`,
      };
    }
    if (gradient.verdict === "right" && (checked.hessianApplyInto || checked.hessianInto)) {
      const hessian = checkHessian(checked, x);
      if (hessian.verdict === "wrong") {
        return {
          kind: "failed",
          rule: "wrongHessianLikely",
          detail: `the method stalled and the Hessian check has slope ${hessian.slope.toFixed(2)} instead of 2`,
        };
      }
    }
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
  }
  return null;
}

/** Whether some units in the last place of x change ∇f(x) by a tenth: so far out, differences of f say nothing of a derivative. */
function roundingOfXDecides(problem: AnyProblem, x: Vector): boolean {
  const g = problem.gradientInto(new Float64Array(x.length), x);
  // By different amounts: differences of variables must change too.
  const beside = x.map((xi, i) => xi * (1 - (16 + 23 * (i % 5)) * Number.EPSILON));
  const change = problem.gradientInto(new Float64Array(x.length), beside).map((gi, i) => gi - g[i]!);
  return normInf(change) > 0.1 * normInf(g);
}

/** Of a least-squares problem or a system, the Jacobian before all: the gradient is made of it. */
function diagnoseJacobian(problem: AnyProblem & Partial<HasResidual & HasJacobian>, state: State): StopReason | null {
  if (problem.residualInto === undefined || problem.jacobianInto === undefined) return null;
  const { verdict, slope, suspects } = checkJacobian(problem as AnyProblem & HasResidual & HasJacobian, state.x);
  if (verdict !== "wrong") return null;
  const worst = suspects[0];
  const where =
    worst === undefined
      ? ""
      : `; entry (${worst.row}, ${worst.col}) is given as ${worst.given}, differences of r say ${worst.difference}`;
  return {
    kind: "failed",
    rule: "wrongJacobianLikely",
    detail: `the method stalled and the Jacobian check has slope ${slope.toFixed(2)} instead of 2${where}`,
  };
}

interface Checked {
  readonly problem: AnyProblem;
  readonly x: Vector;
  /** The number of each variable in the given problem. */
  readonly numbers: ArrayLike<number>;
}

/** With bounds: the problem in the variables between theirs, NaN in place of an evaluation outside, which the checks leave out. */
function withinBounds(problem: AnyProblem & Partial<HasBounds>, x: Vector): Checked {
  const bounds = finiteBounds("solve", problem);
  if (bounds === undefined) return { problem, x, numbers: Int32Array.from(x.keys()) };
  const { lower, upper } = bounds;
  const inside = (y: Vector) => y.every((yi, i) => yi >= lower[i]! && yi <= upper[i]!);
  const { hessianApplyInto, hessianInto, newHessian } = problem;
  const guarded: AnyProblem = {
    dimension: problem.dimension,
    value: (y) => (inside(y) ? problem.value(y) : Number.NaN),
    gradientInto: (out, y) => (inside(y) ? problem.gradientInto(out, y) : out.fill(Number.NaN)),
    ...(hessianApplyInto === undefined ? {} : { hessianApplyInto: hessianApplyInto.bind(problem) }),
    ...(hessianInto === undefined || newHessian === undefined
      ? {}
      : { hessianInto: hessianInto.bind(problem), newHessian: newHessian.bind(problem) }),
  };
  const free = Int32Array.from(x.keys()).filter((i) => x[i]! > lower[i]! && x[i]! < upper[i]!);
  const restriction = restrictProblem(guarded, free, x);
  return { problem: restriction.problem, x: restriction.restrict(x), numbers: free };
}
