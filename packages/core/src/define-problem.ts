import { describe, misuse, requireKnownOptions } from "./errors.js";
import { type DenseInput, toDense } from "./interop/dense.js";
import type { Leading } from "./leading.js";
import { denseMatrix, type Matrix, type Vector } from "./linear/matrix.js";
import type { HasGradient, HasHessian, HasHessianApply, HasValue } from "./problem.js";

/** x, whose entries `x[0]`, `x[1]` … are numbers also under `noUncheckedIndexedAccess`. */
export type Point = Float64Array & Leading<number>;

/** Plain functions that return what they compute: arrays of numbers, nested arrays or matrices of ml-matrix and mathjs. */
export interface ProblemFunctions {
  readonly dimension: number;
  value(x: Point): number;
  gradient?(x: Point): ArrayLike<number>;
  hessian?(x: Point): DenseInput;
  hessianApply?(x: Point, v: Point): ArrayLike<number>;
}

type Defined<F> = HasValue &
  (F extends { gradient: (x: Point) => ArrayLike<number> } ? HasGradient : unknown) &
  (F extends { hessian: (x: Point) => DenseInput } ? HasHessian : unknown) &
  (F extends { hessianApply: (x: Point, v: Point) => ArrayLike<number> } ? HasHessianApply : unknown);

/**
 * A problem from plain functions. Its capabilities, also in the type, are those that were given.
 * The shapes of what the functions return are checked at each call.
 *
 * @throws ArgumentError when `dimension` isn't a non-negative integer, a member is not a function, or one returns a wrong shape.
 */
export function defineProblem<const F extends ProblemFunctions>(functions: F): Defined<F> {
  const routine = "defineProblem";
  requireKnownOptions(routine, functions, ["dimension", "value", "gradient", "hessian", "hessianApply"]);
  const { dimension: n, gradient, hessian, hessianApply } = functions;
  if (!Number.isInteger(n) || n < 0) misuse(routine, "dimension", describe(n), "a non-negative integer");
  for (const name of ["value", "gradient", "hessian", "hessianApply"] as const) {
    const member: unknown = functions[name];
    if (name === "value" || member !== undefined) {
      if (typeof member !== "function") misuse(routine, name, describe(member), "a function");
    }
  }

  function fill(out: Vector, name: string, values: ArrayLike<number>): Vector {
    if (values === null || values === undefined || values.length !== n) {
      misuse(routine, `the result of ${name}`, describe(values), `${n} numbers, the problem's dimension`);
    }
    for (let i = 0; i < n; i++) out[i] = values[i]!;
    return out;
  }

  const problem: HasValue & Partial<HasGradient & HasHessian & HasHessianApply> = {
    dimension: n,
    value: (x) => functions.value(x as Point),
  };
  if (gradient) problem.gradientInto = (out, x) => fill(out, "gradient", gradient(x as Point));
  if (hessianApply)
    problem.hessianApplyInto = (out, x, v) => fill(out, "hessianApply", hessianApply(x as Point, v as Point));
  if (hessian) {
    problem.newHessian = () => denseMatrix(n, n);
    problem.hessianInto = (out: Matrix, x: Vector) => {
      const H = toDense(hessian(x as Point));
      if (H.rows !== n || H.cols !== n)
        misuse(routine, "the result of hessian", `${H.rows} × ${H.cols}`, `${n} × ${n}`);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < i; j++) {
          const a = H.data[i * n + j]!;
          const b = H.data[j * n + i]!;
          if (Math.abs(a - b) > 1e-8 * Math.max(Math.abs(a), Math.abs(b))) {
            misuse(
              routine,
              "the result of hessian",
              `not symmetric: entry (${i}, ${j}) is ${a} and (${j}, ${i}) is ${b}`,
              "a symmetric matrix",
            );
          }
        }
      }
      (out as { data: Float64Array }).data.set(H.data);
      return out;
    };
  }
  return problem as Defined<F>;
}
