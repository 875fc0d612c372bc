// Least squares with large residuals: Gauss–Newton, or full Newton, whichever the last steps bear out.
//
//   min f = ½ ‖r(x)‖²,   ∇²f = JᵀJ + S,   S = Σ rᵢ ∇²rᵢ;   a trust region on JᵀJ alone or on JᵀJ + S
//
// Dennis, Gay, Welsch 1981, "An adaptive nonlinear least-squares algorithm" (NL2SOL), ACM Trans. Math. Softw. 7(3): S from its structured secant
// equation (eq. 2.8) with sizing (eq. 3.4), and its switch between the two models (§4).
//
// Deviations:
// 1. Where the problem gives its Hessian, that takes the place of JᵀJ + S ("exact"): second-order convergence, one Hessian a step of that model.
// 2. The subproblems are solved exactly: Gauss–Newton's by orthogonal transformations (Moré 1978), the other's, maybe indefinite, as Moré and
//    Sorensen 1983 do. The radius follows core's `nextRadius`.
// 3. Switch: when the other model foretold f(x⁺) better by half, it makes the next step; after a rejection it does so at the same radius, once.
// 4. By secants S is dense, n × n numbers. An exact sparse Hessian, and a sparse Jacobian with it, are worked on as such.
// 5. Below the rounding error of f a step is accepted when it lowers the largest cosine between r and a column of J.
import {
  type Counted,
  denseMatrix,
  factorizing,
  type HasHessian,
  jacobianTransposeTimesInto,
  type LeastSquaresProblem,
  type Matrix,
  type Method,
  nextRadius,
  prepareShifted,
  requireKnownOptions,
  requireNumber,
  requireOneOf,
  type SecularWork,
  type Shifted,
  type SparseMatrix,
  secularWork,
  solveSecular,
  type Vector,
} from "@hessia/core";
import { dot, multiplyMatrixVectorInto, norm2, symmetricProductInto } from "@hessia/core/linear";
import { hasHessian } from "./hessian.js";
import {
  acceptLeastSquares,
  columnNormsInto,
  denseOf,
  type LeastSquaresState,
  type LeastSquaresTrial,
  type LinearModel,
  linearModelInto,
  newLeastSquaresTrial,
  newLinearModel,
  squaresReduction,
  startLeastSquares,
  trialDerivatives,
  trialValue,
} from "./least-squares.js";
import { type DampedSystem, newDampedSystem, prepareDamped, radiusStepInto } from "./least-squares-linear.js";
import { type Loss, robustLoss } from "./robust-loss.js";
import { structuredSecantInto } from "./structured-secant.js";

export interface Nl2solOptions {
  /** Where S comes from: "exact" needs the problem's Hessian, "secant" needs nothing. Default: exact where there is a Hessian. */
  readonly second?: "exact" | "secant";
  /** Δ₀ = factor · ‖D x₀‖ (factor where that is 0), > 0. Default 1. */
  readonly factor?: number;
}

export interface Nl2solState extends LeastSquaresState {
  radius: number;
  /** The diagonal of D. */
  scaling: Vector;
  /** Which model makes the next step. */
  model: "gaussNewton" | "newton";
  readonly second: "exact" | "secant";
  /** S, row-major n × n, zero before the first step; empty when exact. */
  S: Vector;
  /** λ of the last step. */
  lambda: number;
  /** Whether the other model was already tried at this x. */
  switched: boolean;
  work?: Work;
}

interface Work {
  readonly trial: LeastSquaresTrial;
  readonly q: Vector;
  readonly p: Vector;
  readonly image: Vector;
  readonly y: Vector;
  readonly ySharp: Vector;
  readonly secular: SecularWork;
  /** Gauss–Newton's model; its `prepared` is of the present x, or undefined. */
  readonly model: LinearModel;
  readonly system: DampedSystem;
  buffer: Matrix | undefined;
  scaled: SparseMatrix | undefined;
  /** Of the present x: ∇²f or JᵀJ + S, and the same scaled and prepared. */
  hessian: Matrix | undefined;
  shifted: Shifted | undefined;
  /** Lends its analysis to the next one. */
  previous: Shifted | null;
}

export type Nl2solProblem = LeastSquaresProblem & Partial<HasHessian>;

export function nl2sol(options: Nl2solOptions = {}): Method<Nl2solProblem, Nl2solState> {
  const name = "nl2sol";
  requireKnownOptions(name, options, ["second", "factor"]);
  const { second, factor = 1 } = options;
  if (second !== undefined) requireOneOf(name, "options.second", second, ["exact", "secant"]);
  requireNumber(name, "options.factor", factor, { above: 0, below: Number.POSITIVE_INFINITY });
  const loss = robustLoss(name);

  return {
    name,
    init(problem, x0) {
      if (second === "exact" && !hasHessian(problem))
        requireOneOf(name, "options.second", second as string, ["secant"]);
      const kind = second ?? (hasHessian(problem) ? "exact" : "secant");
      const start = startLeastSquares(name, problem, x0, loss);
      const scaling = columnNormsInto(new Float64Array(x0.length), start.jacobian).map((d) => (d > 0 ? d : 1));
      const size = norm2(x0.map((xi, i) => scaling[i]! * xi));
      return {
        ...start,
        scaling,
        radius: size > 0 && Number.isFinite(size) ? factor * size : factor,
        model: "gaussNewton",
        second: kind,
        S: new Float64Array(kind === "exact" ? 0 : x0.length ** 2),
        lambda: 0,
        switched: false,
      };
    },

    step(problem, state) {
      const work = (state.work ??= newWork(problem));
      const { trial, q, p } = work;
      state.iteration++;
      state.stepNorm = 0;
      const norm = modelStep(problem, state, work, loss);
      for (let i = 0; i < p.length; i++) {
        p[i] = q[i]! / state.scaling[i]!;
        trial.x[i] = state.x[i]! + p[i]!;
      }
      trial.stepNorm = norm2(p);
      const moved = trial.stepNorm > 0;
      const value = moved ? trialValue(problem, trial, loss) : state.value;
      const promised = promises(problem, state, work);
      const { ratio, rounding } = squaresReduction(state, value, promised[state.model]);
      let accepted = moved && ratio >= 1e-4;
      if (accepted) {
        const trialNorm = trialDerivatives(problem, trial, loss);
        accepted = Number.isFinite(trialNorm) && !(rounding && trial.cosine >= state.cosine);
      }
      const other = state.model === "newton" ? "gaussNewton" : "newton";
      const error = (model: "newton" | "gaussNewton") => Math.abs(state.value - value - promised[model]);
      const change = 1.5 * error(other) < error(state.model) && !rounding;
      if (change) state.model = other;
      // A step that failed by its model is tried by the other one in the same region, once.
      if (accepted || !change || state.switched)
        state.radius = nextRadius(state.radius, accepted ? ratio : Number.NEGATIVE_INFINITY, norm);
      state.switched = !accepted && (state.switched || change);
      if (accepted) {
        if (state.second === "secant") secantUpdate(state, work);
        acceptLeastSquares(state, trial);
        growScaling(state);
        work.system.prepared = work.hessian = work.shifted = undefined;
      } else if (!(trial.stepNorm > 1e-16 * norm2(state.x)) || (rounding && state.gradientNorm > 0)) {
        const why = rounding
          ? "f and the slope no longer decrease: the limit of rounding is reached"
          : `no step lowers f (trust radius ${state.radius.toExponential(1)})`;
        state.failure = { rule: "noProgress", detail: why };
      }
      return state;
    },
  };
}

function newWork(problem: Counted<LeastSquaresProblem>): Work {
  const n = problem.dimension;
  const vector = () => new Float64Array(n);
  const trial = newLeastSquaresTrial(problem);
  return {
    trial,
    q: vector(),
    p: vector(),
    image: new Float64Array(problem.residuals),
    y: vector(),
    ySharp: vector(),
    secular: secularWork(n),
    model: newLinearModel(trial.jacobian),
    system: newDampedSystem(n, problem.residuals),
    buffer: undefined,
    scaled: undefined,
    hessian: undefined,
    shifted: undefined,
    previous: null,
  };
}

function growScaling(state: Nl2solState): void {
  const norms = columnNormsInto(new Float64Array(state.x.length), state.jacobian);
  for (let j = 0; j < norms.length; j++) state.scaling[j] = Math.max(state.scaling[j]!, norms[j]!);
}

/** Writes q = D p of the model in use into `work.q`; answers ‖q‖. */
function modelStep(problem: Counted<Nl2solProblem>, state: Nl2solState, work: Work, loss: Loss): number {
  const { q, model, system, secular } = work;
  const { scaling, radius } = state;
  if (state.model === "gaussNewton") {
    prepareDamped(problem, system, () => linearModelInto(model, state, loss, scaling), undefined);
    const step = radiusStepInto(q, problem, system, model, radius, state.lambda);
    state.lambda = step.lambda;
    return step.norm;
  }
  if (work.shifted === undefined) {
    const H = scaledMatrix(newtonMatrix(problem, state, work), scaling, work);
    const prepare = () => prepareShifted(H, work.previous);
    work.shifted = factorizing(problem, prepare, (made) => (made.kind === "tridiagonal" ? 1 : 0));
    work.previous = work.shifted;
  }
  const H = work.shifted;
  const g = state.gradient.map((gi, i) => gi / scaling[i]!);
  const hint = state.lambda > 0 ? state.lambda : Number.NaN;
  const solve = () => solveSecular(q, H, g, { kind: "radius", radius }, secular, hint);
  const step = factorizing(problem, solve, (made) => (H.kind === "sparse" ? made.factorizations : 0));
  state.lambda = step.sigma;
  return step.norm;
}

/** ∇²f, or JᵀJ + S, at the present x. */
function newtonMatrix(problem: Counted<Nl2solProblem>, state: Nl2solState, work: Work): Matrix {
  if (work.hessian !== undefined) return work.hessian;
  const n = state.x.length;
  if (state.second === "exact" && hasHessian(problem)) {
    work.buffer = problem.hessianInto(work.buffer ?? problem.newHessian(), state.x);
    work.hessian = work.buffer;
  } else {
    const H = symmetricProductInto(denseMatrix(n, n), denseOf(state.jacobian));
    for (let k = 0; k < n * n; k++) H.data[k] = H.data[k]! + state.S[k]!;
    work.hessian = H;
  }
  return work.hessian;
}

/** D⁻¹ H D⁻¹. */
function scaledMatrix(H: Matrix, d: Vector, work: Work): Matrix {
  const n = d.length;
  if (H.kind === "dense") return { ...H, data: H.data.map((a, k) => a / d[k % n]! / d[Math.floor(k / n)]!) };
  work.scaled ??= { ...H, values: new Float64Array(H.values.length) };
  for (let j = 0; j < n; j++)
    for (let k = H.colPointers[j]!; k < H.colPointers[j + 1]!; k++)
      work.scaled.values[k] = H.values[k]! / d[j]! / d[H.rowIndices[k]!]!;
  return work.scaled;
}

/** The decrease that each model promises for the step p. */
function promises(problem: Counted<Nl2solProblem>, state: Nl2solState, work: Work) {
  const { p, image, y } = work;
  const slope = dot(state.gradient, p);
  multiplyMatrixVectorInto(image, state.jacobian, p);
  const gaussNewton = -slope - 0.5 * dot(image, image);
  // An exact Hessian isn't evaluated just to compare: unless it is there, the Gauss–Newton model is left when it errs by half of its promise.
  if (state.second === "exact" && work.hessian === undefined && state.model === "gaussNewton") {
    const actual = state.value - work.trial.value;
    return { gaussNewton, newton: Math.abs(actual - gaussNewton) > 0.25 * Math.abs(gaussNewton) ? actual : Number.NaN };
  }
  multiplyMatrixVectorInto(y, newtonMatrix(problem, state, work), p);
  return { gaussNewton, newton: -slope - 0.5 * dot(p, y) };
}

/** S at the trial point, before the state moves there. */
function secantUpdate({ S, gradient, jacobian }: Nl2solState, { trial, p, y, ySharp }: Work): void {
  jacobianTransposeTimesInto(ySharp, jacobian, trial.residual);
  for (let i = 0; i < p.length; i++) {
    ySharp[i] = trial.gradient[i]! - ySharp[i]!;
    y[i] = trial.gradient[i]! - gradient[i]!;
  }
  structuredSecantInto(S, p, y, ySharp);
}
