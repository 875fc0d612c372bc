// Sums of squares, f = ½ ‖r(x)‖², as problems: value, gradient Jᵀr and, where the second derivatives of r are known, the exact Hessian
// JᵀJ + Σ rᵢ ∇²rᵢ.
import { describe, misuse, requireKnownOptions } from "./errors.js";
import { type DenseInput, toDense } from "./interop/dense.js";
import { multiplyTransposeVectorInto } from "./linear/dense/dense.js";
import { type DenseMatrix, denseMatrix, type Matrix, type Vector } from "./linear/matrix.js";
import { multiplyTransposeSparseVectorInto } from "./linear/sparse/csc.js";
import type { HasGradient, HasHessian, HasJacobian, HasResidual, HasValue } from "./problem.js";

/** Residuals and their Jacobian, with f = ½ ‖r‖² and its gradient. */
export type LeastSquaresProblem = HasValue & HasGradient & HasResidual & HasJacobian;

/** A square or other system r(x) with its Jacobian, as `systemFromTerms` makes one. */
export type System = { readonly dimension: number } & HasResidual & HasJacobian;

/** Plain functions that return what they compute. */
export interface LeastSquaresFunctions {
  /** n, the number of variables. */
  readonly dimension: number;
  /** m, the number of residuals. */
  readonly residuals: number;
  /** r(x), m numbers. */
  residual(x: Vector): ArrayLike<number>;
  /** J(x), m × n, J_ij = ∂rᵢ/∂xⱼ. */
  jacobian(x: Vector): DenseInput;
  /** Σ wᵢ ∇²rᵢ(x), n × n. */
  residualHessian?(x: Vector, w: Vector): DenseInput;
}

/** out = Jᵀ w for a dense or sparse J. */
export function jacobianTransposeTimesInto(out: Vector, J: Matrix, w: Vector): Vector {
  return J.kind === "dense" ? multiplyTransposeVectorInto(out, J, w) : multiplyTransposeSparseVectorInto(out, J, w);
}

/** ½ ‖r‖². */
export function halfSquaredNorm(r: Vector): number {
  let sum = 0;
  for (let i = 0; i < r.length; i++) sum += r[i]! * r[i]!;
  return 0.5 * sum;
}

/**
 * f = ½ ‖r‖² of a system that has `residualInto` and `jacobianInto`: what it had, and value and gradient.
 * @throws ArgumentError when the residuals or the Jacobian are missing.
 */
export function sumOfSquares<S extends System>(system: S): S & LeastSquaresProblem {
  const routine = "sumOfSquares";
  if (system === null || typeof system !== "object") misuse(routine, "system", describe(system), "a system");
  for (const name of ["residualInto", "newJacobian", "jacobianInto"] as const)
    if (typeof system[name] !== "function") misuse(routine, `system.${name}`, describe(system[name]), "a function");
  const r = new Float64Array(system.residuals);
  let J: Matrix | undefined;
  const gradientInto = (out: Vector, x: Vector) => {
    J = system.jacobianInto((J ??= system.newJacobian()), x);
    return jacobianTransposeTimesInto(out, J, system.residualInto(r, x));
  };
  return Object.assign(Object.create(system) as object, {
    dimension: system.dimension,
    residuals: system.residuals,
    value: (x: Vector) => halfSquaredNorm(system.residualInto(r, x)),
    gradientInto,
    valueAndGradientInto(out: Vector, x: Vector) {
      gradientInto(out, x);
      return halfSquaredNorm(r);
    },
  }) as unknown as S & LeastSquaresProblem;
}

type Defined<F> = LeastSquaresProblem &
  (F extends { residualHessian: (x: Vector, w: Vector) => DenseInput } ? HasHessian : unknown);

/**
 * A least-squares problem from plain functions. With `residualHessian` it has the exact Hessian too.
 * @throws ArgumentError when a size isn't a non-negative integer, a member is not a function, or (at each call) one returns a wrong shape.
 */
export function leastSquaresProblem<const F extends LeastSquaresFunctions>(functions: F): Defined<F> {
  const routine = "leastSquaresProblem";
  requireKnownOptions(routine, functions, ["dimension", "residuals", "residual", "jacobian", "residualHessian"]);
  const { dimension: n, residuals: m, residualHessian } = functions;
  for (const name of ["dimension", "residuals"] as const) {
    const size = functions[name];
    if (!Number.isInteger(size) || size < 0) misuse(routine, name, describe(size), "a non-negative integer");
  }
  for (const name of ["residual", "jacobian", "residualHessian"] as const) {
    const member: unknown = functions[name];
    if ((name !== "residualHessian" || member !== undefined) && typeof member !== "function")
      misuse(routine, name, describe(member), "a function");
  }
  const matrixInto = (out: Matrix, name: string, given: DenseInput, rows: number): DenseMatrix => {
    const A = toDense(given, routine, `the result of ${name}`);
    if (A.rows !== rows || A.cols !== n)
      misuse(routine, `the result of ${name}`, `${A.rows} × ${A.cols}`, `${rows} × ${n}`);
    (out as DenseMatrix).data.set(A.data);
    return out as DenseMatrix;
  };
  const problem = sumOfSquares({
    dimension: n,
    residuals: m,
    residualInto(out: Vector, x: Vector) {
      const r = functions.residual(x);
      if (r === null || r === undefined || r.length !== m)
        misuse(routine, "the result of residual", describe(r), `${m} numbers`);
      for (let i = 0; i < m; i++) out[i] = r[i]!;
      return out;
    },
    newJacobian: (): Matrix => denseMatrix(m, n),
    jacobianInto: (out: Matrix, x: Vector) => (m === 0 ? out : matrixInto(out, "jacobian", functions.jacobian(x), m)),
  });
  if (residualHessian === undefined) return problem as Defined<F>;
  const r = new Float64Array(m);
  const J = problem.newJacobian() as DenseMatrix;
  const hessian: HasHessian = {
    newHessian: () => denseMatrix(n, n),
    hessianInto(out, x) {
      problem.jacobianInto(J, x);
      const H = matrixInto(out, "residualHessian", residualHessian(x, problem.residualInto(r, x)), n);
      for (let k = 0; k < m; k++)
        for (let i = 0; i < n; i++)
          for (let j = 0; j < n; j++) H.data[i * n + j]! += J.data[k * n + i]! * J.data[k * n + j]!;
      return H;
    },
  };
  return Object.assign(problem, hessian) as unknown as Defined<F>;
}
