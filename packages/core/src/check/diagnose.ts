import { EvaluationError } from "../errors.js";
import type { State } from "../method.js";
import type { AnyProblem, HasJacobian, HasResidual } from "../problem.js";
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
    const gradient = checkGradient(problem, state.x);
    if (gradient.verdict === "wrong") {
      const worst = gradient.suspects[0];
      const where =
        worst === undefined
          ? ""
          : `; component ${worst.index} is given as ${worst.given}, differences of f say ${worst.difference}`;
      return {
        kind: "failed",
        rule: "wrongGradientLikely",
        detail: `the method stalled and the gradient check has slope ${gradient.slope.toFixed(2)} instead of 2${where}`,
      };
    }
    if (gradient.verdict === "right" && (problem.hessianApplyInto || problem.hessianInto)) {
      const hessian = checkHessian(problem, state.x);
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
