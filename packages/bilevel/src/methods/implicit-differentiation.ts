// Implicit differentiation: projected gradient steps on Φ(x) = F(x, y*(x)), with ∇Φ by one linear system of the lower level's Hessian.
//
//   ∇Φ = ∇ₓF − ∇²ₓᵧf [∇²ᵧᵧf]⁻¹ ∇ᵧF   at y*(x) = argmin_y f(x, y)
//
// Pedregosa 2016, "Hyperparameter optimization with approximate gradient", ICML, Algorithm 1 (HOAG), with conjugate gradients; Lorraine, Vicol, Duvenaud 2020, "Optimizing millions of hyperparameters by implicit differentiation", AISTATS,
// Algorithms 1 to 3, with a Neumann series; linear equations of the lower level as in Xiao, Shen, Yin, Chen 2023, "Alternating implicit projected SGD …", AISTATS (AiPOD).
//
// Deviations:
// 1. Steps in x are spectral projected gradient steps (support/spectral.ts) on Φ; a constant `upperStep` where F and f are sampled.
// 2. y*(x) is found by `inner`, any method of core's interface, to `innerTolerance`, from the last y.
// 3. The method fails (rule "lowerNotStronglyConvex") where the system has no solution, instead of taking what comes out.
import {
  type Counted,
  type GradientState,
  iterates,
  type Method,
  misuse,
  requireKnownOptions,
  requireNumber,
  requireOneOf,
  type Vector,
} from "@hessia/core";
import { norm2 } from "@hessia/core/linear";
import { lowerLevelAt, type NullSpace, nullSpaceOf } from "../lower-level.js";
import { type BilevelProblem, objectivesOf } from "../problem.js";
import { type ImplicitOutcome, implicitGradientInto, type LinearSolver } from "../support/implicit-gradient.js";
import { type InnerMethod, type InnerProblem, innerNewton } from "../support/inner-newton.js";
import { type Reduce, type ReducedState, reducedStart, reducedStep } from "../support/reduced.js";

export interface ImplicitOptions {
  /** Default "conjugateGradients". */
  readonly linearSolver?: "conjugateGradients" | "neumann";
  /** Relative residual of conjugate gradients, in (0, 1). Default 1e-10. */
  readonly linearTolerance?: number;
  /** The most iterations of conjugate gradients, ≥ 1. Default 2m + 20. */
  readonly linearIterations?: number;
  /** Terms of the Neumann series, ≥ 1. Default 20. */
  readonly terms?: number;
  /** α of the Neumann series, > 0, < 2/‖∇²ᵧᵧf‖. Default 1/‖∇²ᵧᵧf‖, by power iteration at the start. */
  readonly neumannStep?: number;
  /** The lower level's solver: a method of core's interface. Default: Newton's method with conjugate gradients. */
  readonly inner?: InnerMethod;
  /** ‖∇ᵧf‖∞ at which the lower level counts as solved, > 0. Default 1e-10. */
  readonly innerTolerance?: number;
  /** The most steps of `inner` for one x, ≥ 1. Default 500. */
  readonly innerIterations?: number;
  /** A constant step in x, > 0: needed where F and f are sampled. Default: spectral steps. */
  readonly upperStep?: number;
}

const optionNames = [
  "linearSolver",
  "linearTolerance",
  "linearIterations",
  "terms",
  "neumannStep",
  "inner",
  "innerTolerance",
  "innerIterations",
  "upperStep",
];

export interface ImplicitState extends ReducedState {
  /** α of the Neumann series; 0 with conjugate gradients. */
  neumannStep: number;
}

/** @throws ArgumentError on an unknown option, or one out of range; a problem with a lower set, with inequalities or nonlinear equations in the lower level, or without products with the lower Hessian. */
export function implicitDifferentiation(options: ImplicitOptions = {}): Method<BilevelProblem, ImplicitState> {
  const name = "implicitDifferentiation";
  requireKnownOptions(name, options, optionNames);
  const { linearSolver = "conjugateGradients", linearTolerance = 1e-10, terms = 20, inner } = options;
  const { innerTolerance = 1e-10, innerIterations = 500, linearIterations, neumannStep, upperStep } = options;
  requireOneOf(name, "options.linearSolver", linearSolver, ["conjugateGradients", "neumann"]);
  requireNumber(name, "options.linearTolerance", linearTolerance, { above: 0, below: 1 });
  for (const [key, value] of Object.entries({ terms, innerIterations, linearIterations }))
    if (value !== undefined) requireNumber(name, `options.${key}`, value, { atLeast: 1, integer: true });
  for (const [key, value] of Object.entries({ neumannStep, upperStep, innerTolerance }))
    if (value !== undefined)
      requireNumber(name, `options.${key}`, value, { above: 0, below: Number.POSITIVE_INFINITY });
  if (inner !== undefined && (inner === null || typeof inner.step !== "function"))
    misuse(name, "options.inner", String(inner), "a method: an object with `name`, `init` and `step`");

  const spaceOf = (problem: BilevelProblem): NullSpace | undefined => {
    if (!problem.lowerIsFree)
      misuse(name, "problem", "with a lower set", "one without", "meha, lvHba and bicGaffa take sets of y.");
    return nullSpaceOf(name, problem);
  };
  return {
    name,
    init(problem, z0) {
      spaceOf(problem);
      const start = reducedStart(name, problem, z0, upperStep);
      const needed = linearSolver === "neumann";
      return { ...start, neumannStep: needed ? (neumannStep ?? 1 / hessianNorm(problem, start.x)) : 0 };
    },
    step: (problem, state) => reducedStep(problem, state, upperStep, () => reduceOf(problem, state)) as ImplicitState,
  };

  /** Φ and its gradient; the null space of the equations and the solver of the linear system are made once. */
  function reduceOf(problem: Counted<BilevelProblem>, state: ImplicitState): Reduce {
    const space = spaceOf(problem);
    const solver: LinearSolver =
      linearSolver === "neumann"
        ? { kind: "neumann", terms, step: state.neumannStep }
        : {
            kind: "conjugateGradients",
            tolerance: linearTolerance,
            maxIterations: linearIterations ?? 2 * problem.lowerDimension + 20,
          };
    return (gradient, z, objectives) => {
      const { upperDimension: n } = problem;
      space?.restore(z);
      const lower = lowerLevelAt(problem, objectives.lower, z.slice());
      const run = innerSolution(
        inner ?? innerNewton(space?.project),
        lower,
        z.slice(n),
        innerTolerance,
        innerIterations,
      );
      z.set(run.x, n);
      const outcome: ImplicitOutcome = implicitGradientInto(gradient, problem, objectives, z, solver, space);
      const unbounded = !run.x.every(Number.isFinite) || Math.abs(run.value) > 1e20;
      const failure = unbounded ? "the lower level is unbounded below" : outcome.singular;
      return {
        value: outcome.value,
        products: outcome.products,
        innerSteps: run.iteration,
        lowerGradient: run.gradientNorm,
        ...(failure === undefined ? {} : { failure }),
      };
    };
  }
}

/** The state of the lower level's solver at ‖∇ᵧf‖∞ ≤ tolerance, after `most` steps, or where it failed. */
function innerSolution(
  method: InnerMethod,
  lower: InnerProblem,
  y: Vector,
  tolerance: number,
  most: number,
): GradientState {
  let last: GradientState | undefined;
  for (const state of iterates(method, lower, y)) {
    last = state;
    if (state.gradientNorm <= tolerance || state.iteration >= most || !Number.isFinite(state.value)) break;
  }
  return last!;
}

/** ‖∇²ᵧᵧf‖₂ by twenty power iterations, a tenth added. */
function hessianNorm(problem: Counted<BilevelProblem>, z: Vector): number {
  const lower = lowerLevelAt(problem, objectivesOf(problem, 0).lower, z.slice());
  const m = problem.lowerDimension;
  const y = z.slice(problem.upperDimension);
  const v = Float64Array.from({ length: m }, (_, j) => 1 + 0.5 * Math.sin(1 + 2.3 * j));
  const Hv = new Float64Array(m);
  let norm = 0;
  for (let k = 0; k < 20; k++) {
    const length = norm2(v);
    if (!(length > 0)) break;
    for (let j = 0; j < m; j++) v[j] = v[j]! / length;
    lower.hessianApplyInto!(Hv, y, v);
    norm = norm2(Hv);
    v.set(Hv);
  }
  return 1.1 * norm || 1;
}
