// What the methods here share about second derivatives: the product with ∇²f(x) by whichever capability there is,
// and the least curvature at a point.
import {
  type Certificate,
  type Counted,
  factorizing,
  type GradientProblem,
  type GradientState,
  type HasHessian,
  type HasHessianApply,
  type LinearOperator,
  type Matrix,
  misuse,
  prepareShifted,
  type SecularStep,
  type SecularTarget,
  type SecularWork,
  type Shifted,
  secularWork,
  solveSecular,
  type Vector,
} from "@hessia/core";
import {
  applyQInto,
  dot,
  lanczosLowest,
  multiplyMatrixVectorInto,
  sparseFactorize,
  tridiagonalEigenvector,
} from "@hessia/core/linear";

/** f, ∇f and ∇²f, as a matrix or by products. */
export type CurvatureProblem = GradientProblem & (HasHessian | HasHessianApply);

type Loose = GradientProblem & Partial<HasHessian & HasHessianApply>;

export const hasHessian = <P extends Loose>(problem: P): problem is P & HasHessian =>
  problem.hessianInto !== undefined && problem.newHessian !== undefined;

/** Throws ArgumentError when the problem has no second derivatives: for callers in JavaScript, whom no compiler warns. */
export function requireCurvature(routine: string, problem: Loose, matrix: boolean): void {
  if (hasHessian(problem) || (!matrix && problem.hessianApplyInto)) return;
  misuse(
    routine,
    "problem",
    "without second derivatives",
    matrix ? "`newHessian` and `hessianInto`" : "`hessianApplyInto`, or `newHessian` and `hessianInto`",
    "Give them, or use lbfgs(), which needs the gradient alone.",
  );
}

/** A trial point; `acceptTrial` swaps its buffers with the state's. */
export interface Trial {
  x: Vector;
  gradient: Vector;
  value: number;
  stepNorm: number;
}

/** The scratch memory of the methods that solve with a prepared Hessian. */
export interface HessianWork {
  readonly secular: SecularWork;
  readonly step: Vector;
  readonly trial: Trial;
  buffer: Matrix | undefined;
}

export const newTrial = (n: number): Trial => ({
  x: new Float64Array(n),
  gradient: new Float64Array(n),
  value: 0,
  stepNorm: 0,
});

export function hessianWork(n: number): HessianWork {
  return { secular: secularWork(n), step: new Float64Array(n), trial: newTrial(n), buffer: undefined };
}

/** Evaluates ∇²f(x) and prepares it for shifted solves. The previous one lends its analysis and its arrays. */
export function prepareHessian(
  problem: Counted<GradientProblem & HasHessian>,
  x: Vector,
  work: HessianWork,
  previous: Shifted | null,
): Shifted {
  work.buffer ??= previous?.kind === "sparse" ? previous.matrix : problem.newHessian();
  const H = problem.hessianInto(work.buffer, x);
  return factorizing(
    problem,
    () => prepareShifted(H, previous),
    (made) => (made.kind === "tridiagonal" ? 1 : 0),
  );
}

/** Writes the minimizer of a model into `out`; with a sparse Hessian each shift is a factorization, counted and timed. */
export function solveModel(
  problem: Counted<GradientProblem>,
  out: Vector,
  H: Shifted,
  gradient: Vector,
  target: SecularTarget,
  work: HessianWork,
  hint = Number.NaN,
): SecularStep {
  const solve = () => solveSecular(out, H, gradient, target, work.secular, hint);
  return H.kind === "tridiagonal" ? solve() : factorizing(problem, solve, (made) => made.factorizations);
}

/** ∇²f(x) as an operator at a fixed x: by products where the problem has them, else by its matrix, evaluated once. */
export function hessianOperator(
  problem: Counted<Loose>,
  x: Vector,
  buffer: Matrix | undefined,
): LinearOperator & { matrix?: Matrix } {
  const n = problem.dimension;
  const traits = { symmetric: true };
  if (problem.hessianApplyInto) {
    return { rows: n, cols: n, traits, applyInto: (out, v) => problem.hessianApplyInto!(out, x, v) };
  }
  const matrix = problem.hessianInto!(buffer ?? problem.newHessian!(), x);
  return { rows: n, cols: n, traits, matrix, applyInto: (out, v) => multiplyMatrixVectorInto(out, matrix, v) };
}

/** A stationary point counts as second-order when λ_min ≥ −tolerance · max(1, ‖∇²f‖). */
export const curvatureTolerance = 1e-6;

export interface LeastCurvature {
  readonly value: number;
  /** Whether value ≥ −curvatureTolerance · max(1, ‖H‖). */
  readonly holds: boolean;
}

/**
 * λ_min of a prepared Hessian, with a unit eigenvector in `vector` when the test fails.
 * Sparse: 0 is answered for a positive semidefinite matrix, where only the sign matters.
 */
export function leastCurvature(
  problem: Counted<GradientProblem>,
  H: Shifted,
  work: HessianWork,
  vector: Vector,
): LeastCurvature {
  if (H.n === 0) return { value: 0, holds: true };
  if (H.kind === "tridiagonal") {
    const holds = H.lowest >= -curvatureTolerance * Math.max(1, H.bound);
    if (!holds) applyQInto(vector, H.tridiagonal, tridiagonalEigenvector(vector, H.tridiagonal, H.lowest));
    return { value: H.lowest, holds };
  }
  // Gershgorin's discs or one factorization of H + τI prove λ_min ≥ −τ, also where H is singular.
  const tolerated = curvatureTolerance * Math.max(1, Math.abs(H.lowerBound), Math.abs(H.upperBound));
  if (H.lowerBound >= -tolerated || isPositiveDefinite(problem, H, tolerated, work)) return { value: 0, holds: true };
  // The trust-region subproblem with g = 0 and radius 1 has the lowest eigenvector as its solution, in the hard case.
  const zero = new Float64Array(H.n);
  const step = solveModel(problem, vector, H, zero, { kind: "radius", radius: 1 }, work);
  // An equation that stayed unsolved proves nothing: then the curvature that was met decides.
  const value = step.hardCase || !step.solved ? step.leastCurvature : 0;
  return { value, holds: value >= -tolerated };
}

/** Whether H + shift·I has a Cholesky factor; made in the arrays that `work` keeps. */
function isPositiveDefinite(
  problem: Counted<GradientProblem>,
  { symbolic, matrix }: Extract<Shifted, { kind: "sparse" }>,
  shift: number,
  { secular }: HessianWork,
): boolean {
  const into = secular.sparseFactor?.symbolic === symbolic ? { into: secular.sparseFactor } : {};
  const factor = factorizing(problem, () => sparseFactorize(symbolic, matrix, { shift, ...into }));
  secular.sparseFactor = factor;
  return factor.failedAt < 0;
}

/** The lowest Ritz pair of ∇²f(x) after at most `steps` products; the unit vector is written into `vector`. */
export function leastCurvatureByProducts(A: LinearOperator, vector: Vector, steps = 40): LeastCurvature {
  if (A.rows === 0) return { value: 0, holds: true };
  const { value, bound } = lanczosLowest(vector, A, Math.min(steps, A.rows));
  return { value, holds: value >= -curvatureTolerance * Math.max(1, bound) };
}

/** A unit direction of negative curvature found at a stationary point, and its curvature. */
export interface Escape {
  direction: Vector;
  curvature: number;
}

/** The second-order test of a method without a matrix: what it finds is left in `state.escape`. */
export function certifyByProducts<S extends GradientState & { escape: Escape | null }>(
  problem: Counted<CurvatureProblem>,
  state: S,
): Certificate<S> {
  const direction = new Float64Array(state.x.length);
  const least = leastCurvatureByProducts(hessianOperator(problem, state.x, undefined), direction);
  state.escape = least.holds ? null : { direction, curvature: least.value };
  return { holds: least.holds, leastCurvature: least.value, state };
}

/**
 * The minimizer of the cubic model along the escape direction d, dᵀHd = κ < 0: ‖s‖ = (−κ + √(κ² + 2M|gᵀd|)) / M.
 * `decrease` is that of gᵀs + ½ sᵀHs, without the cubic term.
 */
export function cubicEscapeInto(
  s: Vector,
  gradient: Vector,
  { direction, curvature }: Escape,
  M: number,
): { readonly norm: number; readonly decrease: number } {
  const slope = dot(gradient, direction);
  const norm = (-curvature + Math.sqrt(curvature * curvature + 2 * M * Math.abs(slope))) / M;
  const signed = slope > 0 ? -norm : norm;
  for (let i = 0; i < s.length; i++) s[i] = signed * direction[i]!;
  return { norm, decrease: norm * Math.abs(slope) - 0.5 * curvature * norm * norm };
}
