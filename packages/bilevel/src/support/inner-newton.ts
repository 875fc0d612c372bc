// The default solver of a strongly convex lower level: Newton's method with conjugate gradients and backtracking, in the null space of linear equations where there are any.
//
// Nocedal, Wright 2006, "Numerical Optimization", Algorithm 7.1 (line search Newton-CG), with the forcing term min(0.1, ‖∇f‖∞).
import {
  armijo,
  type Counted,
  type GradientProblem,
  type GradientState,
  type HasHessianApply,
  type Method,
  startState,
  type Vector,
} from "@hessia/core";
import { conjugateGradientInto, dot, norm2, normInf } from "@hessia/core/linear";

export type InnerProblem = GradientProblem & Partial<HasHessianApply>;
export type InnerMethod = Method<InnerProblem, GradientState>;

/** `project`, if given, is the projection onto the null space that steps stay in. */
export function innerNewton(project?: (v: Vector) => Vector): InnerMethod {
  const name = "innerNewton";
  return {
    name,
    init(problem, y0) {
      const state = startState(name, problem, y0);
      project?.(state.gradient);
      return { ...state, gradientNorm: normInf(state.gradient), initialGradientNorm: normInf(state.gradient) };
    },
    step: (problem, state) => step(problem, state, project),
  };
}

function step(
  problem: Counted<InnerProblem>,
  state: GradientState,
  project: ((v: Vector) => Vector) | undefined,
): GradientState {
  const m = state.x.length;
  const d = new Float64Array(m);
  const right = state.gradient.map((g) => -g);
  const held = new Float64Array(m);
  state.iteration++;
  if (problem.hessianApplyInto === undefined) d.set(right);
  else {
    const A = {
      rows: m,
      cols: m,
      traits: { symmetric: true },
      applyInto(out: Vector, v: Vector) {
        held.set(v);
        problem.hessianApplyInto!(out, state.x, held);
        return project?.(out) ?? out;
      },
    };
    const tolerance = Math.min(0.1, state.gradientNorm);
    conjugateGradientInto(d, A, right, { tolerance: Math.max(tolerance, 1e-14), maxIterations: 2 * m + 20 });
    if (!(norm2(d) > 0) || !d.every(Number.isFinite)) d.set(right);
  }
  const slope = dot(state.gradient, d);
  const trial = new Float64Array(m);
  const at = (t: number): number => {
    for (let j = 0; j < m; j++) trial[j] = state.x[j]! + t * d[j]!;
    return problem.value(trial);
  };
  const noise = 1e-14 * Math.max(1, Math.abs(state.value));
  const { accepted, step: t } = armijo(at, state.value, slope, { maxEvaluations: 40 }, noise);
  if (!accepted) {
    state.failure = { rule: "noProgress", detail: "no decrease of the lower level along Newton's direction" };
    return state;
  }
  at(t);
  state.x.set(trial);
  state.value = problem.value(state.x);
  problem.gradientInto(state.gradient, state.x);
  project?.(state.gradient);
  state.gradientNorm = normInf(state.gradient);
  state.stepNorm = t * norm2(d);
  return state;
}
