// The linear systems of Levenberg–Marquardt and Gauss–Newton: min ‖Â q + r̂‖² within a ball or damped by λ, for the corrected and scaled Jacobian Â.
// "qr": orthogonal transformations of a dense Â; "normal": ÂᵀÂ prepared for shifts, dense or sparse; "lsmr": products only, λ > 0.
import {
  type Counted,
  factorizing,
  jacobianTransposeTimesInto,
  type LeastSquaresProblem,
  type LevenbergFactor,
  levenbergRadiusInto,
  levenbergSolveInto,
  type Matrix,
  prepareLevenberg,
  prepareShifted,
  type SecularWork,
  type Shifted,
  type SparseMatrix,
  secularWork,
  solveSecular,
  solveShiftedInto,
  type Vector,
} from "@hessia/core";
import {
  analyzeGram,
  denseMatrix,
  dot,
  type GramPlan,
  gramInto,
  lsmrInto,
  multiplyMatrixVectorInto,
  norm2,
  symmetricProductInto,
} from "@hessia/core/linear";
import { denseOf, type LinearModel } from "./least-squares.js";

export type LinearKind = "qr" | "normal" | "lsmr";

/** The factors of one model, and scratch memory. */
export interface DampedSystem {
  readonly image: Vector;
  readonly gradient: Vector;
  readonly right: Vector;
  readonly secular: SecularWork;
  prepared: Prepared | undefined;
  gram: { plan: GramPlan; C: SparseMatrix } | undefined;
  /** Lends its analysis to the next one. */
  shifted: Shifted | null;
}

type Prepared = { kind: "qr"; F: LevenbergFactor } | { kind: "normal"; H: Shifted } | { kind: "lsmr" };

export interface DampedStep {
  /** ‖q‖₂. */
  readonly norm: number;
  /** The decrease of ½ ‖Â q + r̂‖². */
  readonly predicted: number;
  readonly lambda: number;
}

export const newDampedSystem = (n: number, m: number): DampedSystem => ({
  image: new Float64Array(m),
  gradient: new Float64Array(n),
  right: new Float64Array(n),
  secular: secularWork(n),
  prepared: undefined,
  gram: undefined,
  shifted: null,
});

/** Prepares the model, unless that was done. Set `system.prepared` to undefined when the model has changed. */
export function prepareDamped(
  problem: Counted<LeastSquaresProblem>,
  system: DampedSystem,
  model: () => LinearModel,
  linear: LinearKind | undefined,
): void {
  if (system.prepared !== undefined) return;
  const { jacobian: A, residual } = model();
  const kind = linear ?? (A.kind === "sparse" && A.rows * A.cols > 1e5 ? "normal" : "qr");
  if (kind === "qr") system.prepared = { kind, F: factorizing(problem, () => prepareLevenberg(denseOf(A))) };
  else if (kind === "lsmr") system.prepared = { kind };
  else {
    jacobianTransposeTimesInto(system.gradient, A, residual);
    const H = normalMatrix(system, A);
    system.shifted = factorizing(
      problem,
      () => prepareShifted(H, system.shifted),
      (made) => (made.kind === "tridiagonal" ? 1 : 0),
    );
    system.prepared = { kind, H: system.shifted };
  }
}

function normalMatrix(system: DampedSystem, A: Matrix): Matrix {
  if (A.kind === "dense") return symmetricProductInto(denseMatrix(A.cols, A.cols), A);
  system.gram ??= analyzeGram(A);
  return gramInto(system.gram.C, system.gram.plan, A);
}

/** q ← the minimizer within ‖q‖ ≤ radius (qr: within a tenth of it). `hint`: a λ to begin with. Not for "lsmr". */
export function radiusStepInto(
  q: Vector,
  problem: Counted<LeastSquaresProblem>,
  system: DampedSystem,
  model: LinearModel,
  radius: number,
  hint: number,
): DampedStep {
  const { prepared, secular, gradient } = system;
  if (prepared?.kind !== "normal") {
    return levenbergRadiusInto(q, (prepared as { F: LevenbergFactor }).F, model.residual, radius, hint);
  }
  const { H } = prepared;
  const { sigma, norm, predicted } = factorizing(
    problem,
    () => solveSecular(q, H, gradient, { kind: "radius", radius }, secular, hint > 0 ? hint : Number.NaN),
    (made) => (H.kind === "sparse" ? made.factorizations : 0),
  );
  return { norm, predicted, lambda: sigma };
}

/** q ← −(ÂᵀÂ + λI)⁻¹ Âᵀr̂. */
export function dampedStepInto(
  q: Vector,
  problem: Counted<LeastSquaresProblem>,
  system: DampedSystem,
  model: LinearModel,
  lambda: number,
): DampedStep {
  solveDampedInto(q, problem, system, model, lambda, model.residual);
  const image = multiplyMatrixVectorInto(system.image, model.jacobian, q);
  const norm = norm2(q);
  return { norm, predicted: 0.5 * dot(image, image) + lambda * norm * norm, lambda };
}

/** out ← −(ÂᵀÂ + λI)⁻¹ Âᵀ b; zero where ÂᵀÂ + λI isn't positive definite to rounding. */
export function solveDampedInto(
  out: Vector,
  problem: Counted<LeastSquaresProblem>,
  { prepared, right, secular }: DampedSystem,
  { jacobian: A }: LinearModel,
  lambda: number,
  b: Vector,
): Vector {
  if (prepared?.kind === "qr") levenbergSolveInto(out, prepared.F, b, lambda);
  else if (prepared?.kind === "normal") {
    const { H } = prepared;
    jacobianTransposeTimesInto(right, A, b);
    const solve = () => solveShiftedInto(out, H, lambda, right, secular);
    if (!factorizing(problem, solve, () => (H.kind === "sparse" ? 1 : 0))) out.fill(0);
  } else {
    const operator = {
      rows: A.rows,
      cols: A.cols,
      traits: {},
      applyInto: (to: Vector, v: Vector) => multiplyMatrixVectorInto(to, A, v),
      applyTransposeInto: (to: Vector, w: Vector) => jacobianTransposeTimesInto(to, A, w),
    };
    lsmrInto(out, operator, b, { damp: Math.sqrt(lambda), tolerance: 1e-9 });
  }
  if (prepared?.kind !== "qr") for (let j = 0; j < out.length; j++) out[j] = -out[j]!;
  return out;
}
