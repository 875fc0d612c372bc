// A trust-region Newton method for simple bounds, by projected searches.
//
//   min f(x)   over   l ≤ x ≤ u
//
// Lin, Moré 1999, "Newton's method for large bound-constrained optimization problems", SIAM J. Optim. 9(4): the trust-region method of its §2 with
// the Cauchy point and the minor iterates that core's `boxQuadraticInto` makes, and an incomplete Cholesky factor as preconditioner.
//
// Deviations:
// 1. The rule of the radius is core's (Conn, Gould, Toint 2000, §17.1), and the first radius is max(1, ‖x₀‖₂).
// 2. The tolerance of the conjugate gradients is min(0.1, π^½, (π/π₀)^½), π = ‖P(x − ∇f) − x‖∞ and π₀ the first, so that convergence is
//    superlinear where the paper's 0.1 gives a linear rate.
// 3. Below the rounding error of f a step is accepted when it lowers ‖P(x − ∇f) − x‖∞ (see core's `reduction`), and where f rises when it halves it.
// 4. A stationary point with negative curvature in the variables away from their bounds (found by Lanczos) is left along that direction.
// 5. A dense Hessian gets a complete factorization in place of the incomplete one.
import {
  type AnyProblem,
  acceptBoundedTrial,
  type BoundedState,
  type BoxWork,
  boundsOf,
  boxQuadraticInto,
  boxWork,
  type Counted,
  type FacePreconditioner,
  facePreconditioner,
  factorizing,
  type HasBounds,
  type LinearOperator,
  type Matrix,
  type Method,
  misuse,
  nextRadius,
  projectedGradient,
  reduction,
  requireKnownOptions,
  requireNumber,
  startBoundedState,
  trustRadiusDefaults,
  type Vector,
} from "@hessia/core";
import { dot, multiplyMatrixVectorInto, norm2, normInf } from "@hessia/core/linear";
import {
  type CurvatureProblem,
  hasHessian,
  leastCurvatureByProducts,
  newTrial,
  requireCurvature,
  type Trial,
} from "./hessian.js";

/** f, ∇f, ∇²f as a matrix or by products, and bounds; a problem without bounds is one with infinite ones. */
export type BoundedCurvatureProblem = CurvatureProblem & Partial<HasBounds>;

export interface TronOptions {
  /** Δ₀ > 0. Default max(1, ‖x₀‖₂). */
  readonly initialRadius?: number;
  /**
   * For the conjugate gradients: "incompleteCholesky" (of the Hessian's block in the free variables) or "jacobi" need the Hessian as a matrix; "none"
   * takes products where the problem has them. Default: "incompleteCholesky" where there is a matrix, else "none".
   */
  readonly preconditioner?: FacePreconditioner;
  /** Products with the Hessian that the conjugate gradients may take in a step, ≥ 1. Default max(50, min(n, 500)). */
  readonly maxProducts?: number;
}

export interface TronState extends BoundedState {
  /** Δ. */
  radius: number;
  /** The length of the last Cauchy step along −∇f, where the search for the next one begins. */
  cauchyLength: number;
  readonly preconditioner: FacePreconditioner;
  /** ∇²f at the present x where `hessianIsCurrent`; null with products. */
  hessian: Matrix | null;
  hessianIsCurrent: boolean;
  /** A unit direction of negative curvature found at a stationary point, and its curvature. */
  escape: { direction: Vector; curvature: number } | null;
  work?: Work;
}

interface Work {
  readonly trial: Trial;
  readonly box: BoxWork;
  readonly bounds: HasBounds;
}

type ModelStep = { readonly norm: number; readonly predicted: number };

const preconditioners = ["incompleteCholesky", "jacobi", "none"];

export function tron(options: TronOptions = {}): Method<BoundedCurvatureProblem, TronState> {
  const name = "tron";
  requireKnownOptions(name, options, ["initialRadius", "preconditioner", "maxProducts"]);
  const { initialRadius, preconditioner, maxProducts } = options;
  if (initialRadius !== undefined)
    requireNumber(name, "initialRadius", initialRadius, { above: 0, below: Number.POSITIVE_INFINITY });
  if (maxProducts !== undefined) requireNumber(name, "maxProducts", maxProducts, { atLeast: 1, integer: true });
  if (preconditioner !== undefined && !preconditioners.includes(preconditioner))
    misuse(name, "preconditioner", JSON.stringify(preconditioner), `one of ${preconditioners.join(", ")}`);

  return {
    name,
    takes: { bounds: true },
    init(problem, x0) {
      const matrix = preconditioner !== undefined && preconditioner !== "none";
      requireCurvature(name, problem, matrix);
      const state = startBoundedState(name, problem, x0);
      const radius = initialRadius ?? Math.max(1, norm2(x0));
      return {
        ...state,
        radius,
        cauchyLength: radius / Math.max(norm2(state.gradient), Number.MIN_VALUE),
        preconditioner: preconditioner ?? (hasHessian(problem) ? "incompleteCholesky" : "none"),
        hessian: null,
        hessianIsCurrent: false,
        escape: null,
      };
    },

    step(problem, state) {
      const n = state.x.length;
      const work = (state.work ??= { trial: newTrial(n), box: boxWork(n), bounds: boundsOf(name, problem) });
      const { trial, bounds } = work;
      state.iteration++;
      state.stepNorm = 0;
      const { value, radius } = state;
      const H = currentHessian(problem, state);
      if (state.hessian !== null && !Number.isFinite(normInf(entriesOf(state.hessian)))) {
        state.failure = { rule: "nonFiniteHessian", detail: "∇²f(x) has an entry that isn't finite" };
        return state;
      }
      const { norm, predicted } =
        state.escape === null
          ? modelStep(problem, state, H, work, maxProducts ?? Math.max(50, Math.min(n, 500)))
          : escapeStep(state, bounds, trial.x);
      trial.value = norm > 0 ? problem.value(trial.x) : value;
      trial.stepNorm = norm;
      const { ratio, rounding } = reduction(value, trial.value, predicted);
      let accepted = norm > 0 && ratio >= trustRadiusDefaults.accept;
      if (accepted) {
        problem.gradientInto(trial.gradient, trial.x);
        const residual = projectedGradient(bounds, trial.x, trial.gradient);
        // A value that rose within rounding is taken only where the residual is halved: no cycle between two such points.
        const { projectedGradientNorm: before } = state;
        const limit = trial.value > value ? 0.5 * before : rounding ? before : Number.POSITIVE_INFINITY;
        accepted = Number.isFinite(normInf(trial.gradient)) && residual < limit;
      }
      state.radius = nextRadius(radius, accepted ? ratio : Number.NEGATIVE_INFINITY, norm > 0 ? norm : radius);
      if (accepted) {
        acceptBoundedTrial(state, bounds, trial);
        state.hessianIsCurrent = false;
        state.escape = null;
      } else if (norm === 0 || rounding || !(state.radius > 1e-16 * Math.max(1, norm2(state.x)))) {
        state.failure = {
          rule: "noProgress",
          detail: rounding
            ? "f and the projected gradient no longer decrease: the limit of rounding is reached"
            : `no step within the bounds lowers f (trust radius ${state.radius.toExponential(1)})`,
        };
      }
      return state;
    },

    certify(problem, state) {
      const A = currentHessian(problem, state);
      const free = withRoom(state.x, boundsOf(name, problem));
      const vector = new Float64Array(free.length);
      const least = leastCurvatureByProducts(blockOperator(A, free), vector);
      if (least.holds) state.escape = null;
      else {
        const direction = new Float64Array(state.x.length);
        for (const [k, i] of free.entries()) direction[i] = vector[k]!;
        state.escape = { direction, curvature: least.value };
      }
      return { holds: least.holds, leastCurvature: least.value, state };
    },
  };
}

/** ∇²f(x) as an operator; a matrix is evaluated once for each x and kept in the state. */
function currentHessian(problem: Counted<AnyProblem>, state: TronState): LinearOperator {
  const n = state.x.length;
  const traits = { symmetric: true };
  if (problem.hessianApplyInto && (state.preconditioner === "none" || !hasHessian(problem))) {
    const { x } = state;
    return { rows: n, cols: n, traits, applyInto: (out, v) => problem.hessianApplyInto!(out, x, v) };
  }
  if (hasHessian(problem) && !(state.hessian !== null && state.hessianIsCurrent)) {
    state.hessian = problem.hessianInto(state.hessian ?? problem.newHessian(), state.x);
    state.hessianIsCurrent = true;
  }
  const matrix = state.hessian!;
  return { rows: n, cols: n, traits, applyInto: (out, v) => multiplyMatrixVectorInto(out, matrix, v) };
}

const entriesOf = (H: Matrix): Vector => (H.kind === "dense" ? H.data : H.values);

function modelStep(
  problem: Counted<BoundedCurvatureProblem>,
  state: TronState,
  H: LinearOperator,
  { trial, box, bounds }: Work,
  maxProducts: number,
): ModelStep {
  const { hessian, preconditioner, projectedGradientNorm: residual } = state;
  const step = boxQuadraticInto(trial.x, H, state.gradient, state.x, bounds, state.radius, state.cauchyLength, box, {
    tolerance: Math.min(0.1, Math.sqrt(residual), Math.sqrt(residual / (state.initialProjectedGradientNorm || 1))),
    maxProducts,
    precondition:
      hessian === null || preconditioner === "none"
        ? undefined
        : (free, count) => factorizing(problem, () => facePreconditioner(hessian, free, count, preconditioner)),
  });
  state.cauchyLength = step.alpha;
  return step;
}

/** Along the direction of negative curvature d, to the radius or the first bound, on the side where f falls or there is more room. */
function escapeStep(state: TronState, bounds: HasBounds, out: Vector): ModelStep {
  const { x, radius, gradient } = state;
  const { direction, curvature } = state.escape!;
  const slope = dot(gradient, direction);
  const room = (sign: number): number => {
    let t = radius;
    for (let i = 0; i < x.length; i++) {
      const d = sign * direction[i]!;
      if (d > 0) t = Math.min(t, (bounds.upper[i]! - x[i]!) / d);
      else if (d < 0) t = Math.min(t, (bounds.lower[i]! - x[i]!) / d);
    }
    return t;
  };
  const gain = (sign: number): number => -room(sign) * sign * slope - 0.5 * curvature * room(sign) ** 2;
  const sign = gain(1) >= gain(-1) ? 1 : -1;
  const t = room(sign);
  for (let i = 0; i < x.length; i++)
    out[i] = Math.min(bounds.upper[i]!, Math.max(bounds.lower[i]!, x[i]! + sign * t * direction[i]!));
  return { norm: t, predicted: gain(sign) };
}

/** The variables that can move by more than √ε: along a shorter way curvature changes f by no more than rounding does. */
function withRoom(x: Vector, { lower, upper }: HasBounds): Int32Array {
  return Int32Array.from(x.keys()).filter((i) => {
    const least = 1e-8 * Math.max(1, Math.abs(x[i]!));
    return x[i]! - lower[i]! > least && upper[i]! - x[i]! > least;
  });
}

/** The block of A in the given variables. */
function blockOperator(A: LinearOperator, free: Int32Array): LinearOperator {
  const whole = new Float64Array(A.rows);
  const product = new Float64Array(A.rows);
  return {
    rows: free.length,
    cols: free.length,
    traits: { symmetric: true },
    applyInto(out, v) {
      for (let k = 0; k < free.length; k++) whole[free[k]!] = v[k]!;
      A.applyInto(product, whole);
      for (let k = 0; k < free.length; k++) out[k] = product[free[k]!]!;
      return out;
    },
  };
}
