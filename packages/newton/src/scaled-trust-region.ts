// Systems of equations with simple bounds, by a scaled trust region with dogleg steps inside of the bounds.
//
//   F(x) = 0,  l ≤ x ≤ u;   min ½ ‖F + Jp‖²  subject to ‖V^(−1/2) p‖ ≤ Δ,  V from `scaling-matrices.ts`,   x⁺ = x + p strictly between the bounds
//
// Bellavia, Macconi, Morini 2003, "An affine scaling trust-region approach to bound-constrained nonlinear systems", Appl. Numer. Math. 44, Algorithm 2.1,
// with the dogleg of their STRSCNE (2004, Comput. Optim. Appl. 28).
//
// Deviations:
// 1. J need not be square: the Newton point is the least-squares one, by QR with pivoting where J is dense or small, else from the symmetric system
//    (I J; Jᵀ 0). Where J has no full rank to rounding, the latter takes the Cauchy step.
// 2. A start on a bound is moved inside by a hundredth of the room, at most of max(1, |l|).
// 3. The state's `gradientNorm` holds ‖F(x)‖∞, so that rules on it ask for a solution, never for a mere minimizer of ‖F‖: of the latter
//    the method itself says that it is one ("localMinimum"), when the model promises no step a decrease of 1e-8 · ½‖F‖². Towards a solution it
//    promises nearly all of it.
import {
  type Counted,
  describe,
  factorizing,
  finiteBounds,
  type HasBounds,
  type LeastSquaresProblem,
  type Matrix,
  type Method,
  misuse,
  requireKnownOptions,
  requireNumber,
  requireOneOf,
  type Stop,
  type Vector,
} from "@hessia/core";
import {
  analyze,
  leastSquaresInto,
  norm2,
  normInf,
  qrFactorize,
  refillInto,
  type SparseMatrix,
  type Symbolic,
  sparseBuilder,
  sparseLdlFactorize,
  sparseLdlSolveInto,
} from "@hessia/core/linear";
import { between, interiorDoglegInto } from "./interior-dogleg.js";
import {
  acceptLeastSquares,
  denseOf,
  type LeastSquaresState,
  type LeastSquaresTrial,
  newLeastSquaresTrial,
  squaresReduction,
  startLeastSquares,
  trialDerivatives,
  trialValue,
} from "./least-squares.js";
import { robustLoss } from "./robust-loss.js";
import { type ScalingName, scalingInto } from "./scaling-matrices.js";

export interface ScaledTrustRegionOptions {
  /** "colemanLi", "heinkenschloss", "kanzowKlug" or "combination". Default "colemanLi", as in STRSCNE. */
  readonly scaling?: ScalingName;
  /** The weights of the three in the combination, ≥ 0 with sum 1. Default a third each. */
  readonly weights?: readonly [number, number, number];
  /** p of "heinkenschloss", > 1. Default 2. */
  readonly exponent?: number;
  /** γ of "kanzowKlug", > 0. Default 1. */
  readonly gamma?: number;
  /** Δ₀ > 0. Default 1. */
  readonly initialRadius?: number;
}

export interface ScaledTrustRegionState extends LeastSquaresState {
  /** Δ. */
  radius: number;
  work?: Work;
}

interface Work {
  readonly trial: LeastSquaresTrial;
  readonly v: Vector;
  readonly cauchy: Vector;
  readonly newton: Vector;
  readonly step: Vector;
  readonly image: Vector;
  /** Whether `newton` is of the present x. */
  current: boolean;
  augmented: { matrix: SparseMatrix; places: Int32Array; symbolic: Symbolic; numbers: Vector } | undefined;
}

export type BoundedSystem = LeastSquaresProblem & Partial<HasBounds>;

/** The part of ½‖F‖² below which a promised decrease means that there is no solution near. */
const hopeless = 1e-8;

export function scaledTrustRegion(
  options: ScaledTrustRegionOptions = {},
): Method<BoundedSystem, ScaledTrustRegionState> {
  const name = "scaledTrustRegion";
  requireKnownOptions(name, options, ["scaling", "weights", "exponent", "gamma", "initialRadius"]);
  const {
    scaling = "colemanLi",
    weights = [1 / 3, 1 / 3, 1 / 3],
    exponent = 2,
    gamma = 1,
    initialRadius = 1,
  } = options;
  requireOneOf(name, "options.scaling", scaling, ["colemanLi", "heinkenschloss", "kanzowKlug", "combination"]);
  requireNumber(name, "options.exponent", exponent, { above: 1, below: Number.POSITIVE_INFINITY });
  requireNumber(name, "options.gamma", gamma, { above: 0, below: Number.POSITIVE_INFINITY });
  requireNumber(name, "options.initialRadius", initialRadius, { above: 0, below: Number.POSITIVE_INFINITY });
  if (
    weights.length !== 3 ||
    !weights.every((w) => w >= 0) ||
    Math.abs(weights[0] + weights[1] + weights[2] - 1) > 1e-12
  )
    misuse(name, "options.weights", describe(weights), "three numbers ≥ 0 with sum 1");
  const parameters = { exponent, gamma, weights };
  const loss = robustLoss(name);

  return {
    name,
    takes: { bounds: true },
    init(problem, x0) {
      const state = startLeastSquares(name, problem, insideOf(name, problem, x0), loss);
      const norm = normInf(state.residual);
      return { ...state, gradientNorm: norm, initialGradientNorm: norm, radius: initialRadius };
    },

    step(problem, state) {
      const work = (state.work ??= newWork(problem));
      const { trial, v, step: p } = work;
      const { lower, upper } = unbounded(problem);
      state.iteration++;
      state.stepNorm = 0;
      const { x, gradient, value } = state;
      scalingInto(v, scaling, { lower, upper }, x, gradient, parameters);
      if (!work.current) newtonPointInto(work.newton, problem, state, work);
      work.current = true;
      const predicted = interiorDoglegInto(p, state, work, { lower, upper }, state.radius);
      if (predicted <= hopeless * value && value > 0) {
        const detail = `no step within the bounds lowers ‖F‖ = ${Math.sqrt(2 * value).toExponential(2)} to first order: not a solution; try another start`;
        state.failure = { rule: "localMinimum", detail };
        return state;
      }
      for (let i = 0; i < p.length; i++) trial.x[i] = between(x[i]! + p[i]!, x[i]!, lower[i]!, upper[i]!);
      let [moved, length] = [0, 0];
      for (let i = 0; i < p.length; i++) {
        moved += (trial.x[i]! - x[i]!) ** 2;
        length += (trial.x[i]! - x[i]!) ** 2 / v[i]!;
      }
      trial.stepNorm = Math.sqrt(moved);
      const trialF = moved > 0 ? trialValue(problem, trial, loss) : value;
      const { ratio } = squaresReduction(state, trialF, predicted);
      const accepted =
        moved > 0 && ratio >= 0.25 && trialF < value && Number.isFinite(trialDerivatives(problem, trial, loss));
      if (!accepted) state.radius = Math.min(0.25 * state.radius, 0.5 * Math.sqrt(length));
      else if (ratio >= 0.75) state.radius = Math.max(state.radius, 2 * Math.sqrt(length));
      if (accepted) {
        acceptLeastSquares(state, trial);
        state.gradientNorm = normInf(state.residual);
        work.current = false;
      } else if (!(trial.stepNorm > 1e-16 * norm2(x)))
        state.failure = { rule: "noProgress", detail: `no step lowers ‖F‖ (radius ${state.radius.toExponential(1)})` };
      return state;
    },
  };
}

/** Converged when ‖r(x)‖∞ ≤ tolerance, in the units of r: for systems, and for fits without any error. Default 1e-10, ≥ 0. */
export function residualNorm(tolerance = 1e-10): Stop<LeastSquaresState> {
  requireNumber("residualNorm", "tolerance", tolerance, { atLeast: 0, below: Number.POSITIVE_INFINITY });
  return ({ state }) => {
    const norm = normInf(state.residual);
    const detail = `‖r‖∞ = ${norm.toExponential(2)} ≤ ${tolerance.toExponential(2)}`;
    return norm <= tolerance ? { kind: "converged", rule: "residualNorm", detail } : null;
  };
}

function newWork(problem: Counted<BoundedSystem>): Work {
  const vector = () => new Float64Array(problem.dimension);
  return {
    trial: newLeastSquaresTrial(problem),
    v: vector(),
    cauchy: vector(),
    newton: vector(),
    step: vector(),
    image: new Float64Array(problem.residuals),
    current: false,
    augmented: undefined,
  };
}

const unbounded = ({ dimension: n, lower, upper }: Counted<BoundedSystem>): HasBounds => ({
  lower: lower ?? new Float64Array(n).fill(Number.NEGATIVE_INFINITY),
  upper: upper ?? new Float64Array(n).fill(Number.POSITIVE_INFINITY),
});

/** The start, moved off the bounds. */
function insideOf(routine: string, problem: Counted<BoundedSystem>, x0: Vector): Vector {
  const bounds = finiteBounds(routine, problem);
  if (bounds === undefined) return x0;
  return x0.map((xi, i) => {
    const [low, high] = [bounds.lower[i]!, bounds.upper[i]!];
    if (!(low < high))
      misuse(
        routine,
        "problem.lower",
        `${low} at ${i}, as the upper bound`,
        "room between the bounds; see restrictProblem()",
      );
    const room = (bound: number) => Math.min(0.01 * (high - low), 0.01 * Math.max(1, Math.abs(bound)));
    return xi <= low ? low + room(low) : xi >= high ? high - room(high) : xi;
  });
}

/** Writes −J⁺F; zeros where J is sparse and hasn't full rank to rounding. */
function newtonPointInto(
  out: Vector,
  problem: Counted<BoundedSystem>,
  { jacobian: J, residual: F }: LeastSquaresState,
  work: Work,
): Vector {
  const { rows: m, cols: n } = J;
  if (J.kind === "dense" || m * n <= 1e5) {
    leastSquaresInto(
      out,
      factorizing(problem, () => qrFactorize(denseOf(J), { pivot: true })),
      F,
    );
    for (let i = 0; i < n; i++) out[i] = -out[i]!;
    return out;
  }
  work.augmented ??= analyzeAugmented(J);
  const { matrix, places, symbolic, numbers } = work.augmented;
  numbers.set(J.values, m);
  refillInto(matrix, places, numbers);
  const factor = factorizing(problem, () => sparseLdlFactorize(symbolic, matrix));
  const right = new Float64Array(m + n);
  for (let i = 0; i < m; i++) right[i] = -F[i]!;
  sparseLdlSolveInto(right, factor, right);
  out.set(right.subarray(m));
  if (factor.zero > 0 || !Number.isFinite(norm2(out))) out.fill(0);
  return out;
}

/** (I J; Jᵀ 0), lower triangle: m ones, the entries of Jᵀ below them, and n zeros on the diagonal. */
function analyzeAugmented(J: Matrix & { kind: "sparse" }) {
  const { rows: m, cols: n } = J;
  const builder = sparseBuilder(m + n, m + n, { symmetric: true });
  for (let i = 0; i < m; i++) builder.add(i, i, 1);
  for (let j = 0; j < n; j++)
    for (let p = J.colPointers[j]!; p < J.colPointers[j + 1]!; p++) builder.add(m + j, J.rowIndices[p]!, 1);
  for (let j = 0; j < n; j++) builder.add(m + j, m + j, 0);
  const { matrix, places } = builder.buildWithPlaces();
  const numbers = new Float64Array(places.length);
  numbers.fill(1, 0, m);
  return { matrix, places, symbolic: analyze(matrix), numbers };
}
