export {
  acceptBoundedTrial,
  activity,
  type BoundedState,
  startBoundedState,
} from "./bounded-state.js";
export {
  boundsOf,
  finiteBounds,
  projectedGradient,
  projectInto,
  startWithinBounds,
  type Takes,
  withBounds,
} from "./bounds.js";
export { checkGradient, type GradientCheck } from "./check/gradient.js";
export { checkHessian, checkSymmetry, type SymmetryCheck } from "./check/hessian.js";
export { checkJacobian, type JacobianCheck } from "./check/jacobian.js";
export type { DerivativeCheck, SlopeRow } from "./check/slope.js";
export {
  type Counted,
  type Counts,
  counted,
  type EvaluationTimes,
  evaluating,
  factorizing,
  valueAndGradientInto,
} from "./counts.js";
export { defineProblem, type Point, type ProblemFunctions } from "./define-problem.js";
export {
  ArgumentError,
  type ArgumentFault,
  describe,
  EvaluationError,
  HessiaError,
  misuse,
  requireFiniteVector,
  requireKnownOptions,
  requireNumber,
  requireOneOf,
} from "./errors.js";
export { type DenseInput, toDense, toMathjs, toMlMatrix } from "./interop/dense.js";
export {
  halfSquaredNorm,
  jacobianTransposeTimesInto,
  type LeastSquaresFunctions,
  type LeastSquaresProblem,
  leastSquaresProblem,
  type System,
  sumOfSquares,
} from "./least-squares.js";
export {
  type DenseMatrix,
  denseMatrix,
  type LinearOperator,
  type Matrix,
  type OperatorTraits,
  type SparseMatrix,
  type Vector,
} from "./linear/matrix.js";
export {
  type AsyncMethod,
  acceptTrial,
  type Certificate,
  type Failure,
  type GradientState,
  iterates,
  type Method,
  requireGradient,
  type State,
  startPoint,
  startState,
  stateAt,
} from "./method.js";
export { every, type Observer, progress, record, type TraceRow } from "./observe.js";
export type {
  AnyProblem,
  GradientProblem,
  HasBounds,
  HasConstraints,
  HasGradient,
  HasHessian,
  HasHessianApply,
  HasJacobian,
  HasResidual,
  HasValue,
  HessianApplyProblem,
  HessianProblem,
  ValueProblem,
} from "./problem.js";
export { type Restriction, restrictProblem } from "./restrict.js";
export type { Result } from "./result.js";
export { type ArmijoOptions, armijo, type LineSearchOutcome } from "./search/armijo.js";
export { type Reduction, reduction } from "./search/reduction.js";
export { nextRadius, trustRadiusDefaults } from "./search/trust-radius.js";
export { type LinePoint, strongWolfe, type WolfeOptions } from "./search/wolfe.js";
export { deserialize, serialize, snapshot } from "./snapshot.js";
export { type AbortSignalLike, defaultStop, type SolveOptions, solve, solveAsync } from "./solve.js";
export {
  all,
  any,
  type GradientTolerance,
  gradientNorm,
  maxEvaluations,
  maxIterations,
  type Observation,
  projectedGradientNorm,
  relativeDecrease,
  type Stop,
  type StopReason,
  stepNorm,
  targetValue,
  timeLimit,
  unboundedBelow,
} from "./stop.js";
export {
  type BoxOptions,
  type BoxStep,
  type BoxWork,
  boxDefaults,
  boxQuadraticInto,
  boxWork,
} from "./subproblem/box-quadratic.js";
export {
  addFactorProduct,
  applyMiddleInto,
  type CompactBfgs,
  compactBfgs,
  factorRowInto,
  newPairs,
  type Pairs,
  storePair,
  transposeFactorInto,
} from "./subproblem/compact-bfgs.js";
export { type CompactBoxWork, compactBoxInto, compactBoxWork } from "./subproblem/compact-box.js";
export { type FacePreconditioner, facePreconditioner } from "./subproblem/face-preconditioner.js";
export { type KrylovStep, lanczosCubicInto } from "./subproblem/lanczos-cubic.js";
export {
  type LevenbergFactor,
  type LevenbergStep,
  levenbergRadiusInto,
  levenbergSolveInto,
  prepareLevenberg,
} from "./subproblem/levenberg-step.js";
export {
  type SecularStep,
  type SecularTarget,
  type SecularWork,
  secularWork,
  solveSecular,
  solveShiftedInto,
} from "./subproblem/secular.js";
export { prepareShifted, type Shifted } from "./subproblem/shifted.js";
