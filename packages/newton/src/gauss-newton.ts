// Gauss–Newton with a line search, exact for wide Jacobians too.
//
//   min f = ½ ‖r(x)‖²,   d = argmin ‖J d + r‖² + λ‖d‖²,   x⁺ = x + α d
//
// Nocedal, Wright, "Numerical Optimization" (2006), §10.3, with the Armijo search of its Algorithm 3.1. Where J has fewer rows than columns the same
// direction costs an m × m system in place of n × n, by the identity of Duncan 1944 and Guttman 1946:
//
//   (JᵀJ + λI)⁻¹ Jᵀ = Jᵀ (JJᵀ + λI)⁻¹
//
// Korbit, Adeoye, Bemporad, Zanon 2024, "Exact Gauss–Newton optimization for training deep neural networks", arXiv 2405.14402, Algorithm 1 (EGN).
//
// Deviations:
// 1. λ is 0 by default; where JJᵀ or JᵀJ then turns out singular, λ rises from ε times its mean diagonal, tenfold, until it isn't. A dense J with
//    m ≥ n is factored itself, by QR with pivoting: directions that its rank doesn't determine stay unused.
// 2. Below the rounding error of f a step is accepted when it lowers the largest cosine between r and a column of J.
// 3. Robust losses by Triggs's correction (`robust-loss.ts`); no momentum.
import {
  armijo,
  type Counted,
  factorizing,
  jacobianTransposeTimesInto,
  type LeastSquaresProblem,
  type Matrix,
  type Method,
  misuse,
  requireKnownOptions,
  requireNumber,
  requireOneOf,
  type SparseMatrix,
  type Vector,
} from "@hessia/core";
import {
  analyze,
  analyzeGram,
  choleskyFactorize,
  choleskySolveInto,
  denseMatrix,
  diagonalOf,
  dot,
  type GramPlan,
  gramInto,
  leastSquaresInto,
  norm2,
  qrFactorize,
  type Symbolic,
  sparseFactorize,
  sparseSolveInto,
  symmetricProductInto,
  transposeDense,
} from "@hessia/core/linear";
import {
  acceptLeastSquares,
  type LeastSquaresState,
  type LeastSquaresTrial,
  type LinearModel,
  linearModelInto,
  newLeastSquaresTrial,
  newLinearModel,
  startLeastSquares,
  trialDerivatives,
  trialValue,
  valueNoise,
} from "./least-squares.js";
import { type LossFunction, type LossName, robustLoss } from "./robust-loss.js";

export interface GaussNewtonOptions {
  /** λ ≥ 0. Default 0. */
  readonly damping?: number;
  /** Which system is solved: "columns" (n × n) or "rows" (m × m). Default: rows where m < n. The step is the same; rows with m > n needs a damping. */
  readonly system?: "columns" | "rows";
  /** The largest number of trials of a line search, ≥ 1. Default 30. */
  readonly maxTrials?: number;
  /** "squared", "huber", "softL1", "cauchy" or an own one. Default "squared". */
  readonly loss?: LossName | LossFunction;
  /** c of the loss, > 0. Default 1. */
  readonly lossScale?: number;
}

export interface GaussNewtonState extends LeastSquaresState {
  /** The λ of the last step. */
  damping: number;
  /** α of the last step. */
  step: number;
  work?: Work;
}

interface Work {
  readonly trial: LeastSquaresTrial;
  readonly model: LinearModel;
  readonly direction: Vector;
  sparse: { plan: GramPlan; C: SparseMatrix; symbolic: Symbolic } | undefined;
}

export function gaussNewton(options: GaussNewtonOptions = {}): Method<LeastSquaresProblem, GaussNewtonState> {
  const name = "gaussNewton";
  requireKnownOptions(name, options, ["damping", "system", "maxTrials", "loss", "lossScale"]);
  const { damping = 0, system, maxTrials = 30 } = options;
  requireNumber(name, "options.damping", damping, { atLeast: 0, below: Number.POSITIVE_INFINITY });
  requireNumber(name, "options.maxTrials", maxTrials, { atLeast: 1, integer: true });
  if (system !== undefined) requireOneOf(name, "options.system", system, ["columns", "rows"]);
  const loss = robustLoss(name, options.loss, options.lossScale);

  return {
    name,
    init(problem, x0) {
      if (system === "rows" && damping === 0 && problem.residuals > problem.dimension)
        misuse(
          name,
          "options.system",
          `"rows" with ${problem.residuals} residuals of ${problem.dimension} variables`,
          "a damping > 0 with it: JJᵀ is singular here",
        );
      return { ...startLeastSquares(name, problem, x0, loss), damping, step: 0 };
    },

    step(problem, state) {
      const work = (state.work ??= newWork(problem));
      const { trial, model, direction: d } = work;
      state.iteration++;
      state.stepNorm = 0;
      linearModelInto(model, state, loss);
      const rows = (system ?? (model.jacobian.rows < model.jacobian.cols ? "rows" : "columns")) === "rows";
      state.damping = directionInto(d, problem, work, damping, rows);
      const slope = dot(state.gradient, d);
      if (!(slope < 0)) {
        state.failure = { rule: "noProgress", detail: "the Gauss–Newton direction doesn't lead downhill" };
        return state;
      }
      const { x, value } = state;
      const phi = (step: number) => {
        for (let i = 0; i < d.length; i++) trial.x[i] = x[i]! + step * d[i]!;
        return trialValue(problem, trial, loss);
      };
      const noise = valueNoise(state);
      const blurred = -slope <= noise;
      const outcome = armijo(phi, value, slope, { maxEvaluations: maxTrials }, blurred ? noise : 0);
      trial.stepNorm = outcome.step * norm2(d);
      // A step too short to be seen in x meets Armijo's condition to rounding.
      const found = outcome.accepted && (blurred || trial.value < value);
      const finite = found && Number.isFinite(trialDerivatives(problem, trial, loss));
      if (!finite || (blurred && trial.cosine >= state.cosine)) {
        const why = blurred
          ? "f and the slope no longer decrease: the limit of rounding is reached"
          : !found
            ? "the line search found no decrease along the Gauss–Newton direction; levenbergMarquardt() bounds its steps"
            : "the Jacobian isn't finite where the line search ended";
        state.failure = { rule: "noProgress", detail: why };
        return state;
      }
      state.step = outcome.step;
      acceptLeastSquares(state, trial);
      return state;
    },
  };
}

function newWork(problem: Counted<LeastSquaresProblem>): Work {
  const trial = newLeastSquaresTrial(problem);
  return {
    trial,
    model: newLinearModel(trial.jacobian),
    direction: new Float64Array(problem.dimension),
    sparse: undefined,
  };
}

/** Writes the direction and answers the λ that was used. */
function directionInto(
  d: Vector,
  problem: Counted<LeastSquaresProblem>,
  work: Work,
  damping: number,
  rows: boolean,
): number {
  const { jacobian: A, residual: r } = work.model;
  if (A.kind === "dense" && !rows && damping === 0) {
    leastSquaresInto(
      d,
      factorizing(problem, () => qrFactorize(A, { pivot: true })),
      r,
    );
    for (let j = 0; j < d.length; j++) d[j] = -d[j]!;
    return 0;
  }
  const solver = A.kind === "dense" ? denseSolver(problem, A, rows) : sparseSolver(problem, A, rows, work);
  const right = rows ? r.slice() : jacobianTransposeTimesInto(new Float64Array(A.cols), A, r);
  let lambda = damping;
  while (!solver.solve(right, lambda)) {
    lambda = Math.max(10 * lambda, Number.EPSILON * solver.size);
    if (!(lambda < Number.POSITIVE_INFINITY)) return lambda;
  }
  if (rows) jacobianTransposeTimesInto(d, A, right);
  else d.set(right);
  for (let j = 0; j < d.length; j++) d[j] = -d[j]!;
  return lambda;
}

interface Solver {
  /** b ← (C + λI)⁻¹ b; false, and b as it was, where C + λI isn't positive definite to rounding. */
  solve(b: Vector, lambda: number): boolean;
  /** The mean diagonal entry of C, at least the smallest positive number. */
  readonly size: number;
}

const meanOf = (diagonal: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < diagonal.length; i++) sum += diagonal[i]!;
  return Math.max(sum / Math.max(1, diagonal.length), Number.MIN_VALUE / Number.EPSILON);
};

/** C = JJᵀ or JᵀJ. */
function denseSolver(problem: Counted<LeastSquaresProblem>, A: Matrix & { kind: "dense" }, rows: boolean): Solver {
  const n = rows ? A.rows : A.cols;
  const C = symmetricProductInto(denseMatrix(n, n), rows ? transposeDense(A) : A);
  const diagonal = Float64Array.from({ length: n }, (_, i) => C.data[i * n + i]!);
  return {
    size: meanOf(diagonal),
    solve(b, lambda) {
      for (let i = 0; i < n; i++) C.data[i * n + i] = diagonal[i]! + lambda;
      const F = factorizing(problem, () => choleskyFactorize(C));
      let definite = F.failedAt < 0;
      for (let i = 0; definite && i < n; i++)
        definite = F.L[i * n + i]! ** 2 > n * Number.EPSILON * (diagonal[i]! + lambda);
      if (definite) choleskySolveInto(b, F, b);
      return definite;
    },
  };
}

function sparseSolver(problem: Counted<LeastSquaresProblem>, A: SparseMatrix, rows: boolean, work: Work): Solver {
  if (work.sparse === undefined) {
    const { plan, C } = analyzeGram(A, rows ? "rows" : "columns");
    work.sparse = { plan, C, symbolic: analyze(C) };
  }
  const { plan, C, symbolic } = work.sparse;
  gramInto(C, plan, A);
  return {
    size: meanOf(diagonalOf(new Float64Array(C.cols), C)),
    solve(b, lambda) {
      const F = factorizing(problem, () => sparseFactorize(symbolic, C, { shift: lambda }));
      const definite = F.failedAt < 0 && F.d.every((pivot) => pivot > C.cols * Number.EPSILON * F.growth);
      if (definite) sparseSolveInto(b, F, b);
      return definite;
    },
  };
}
