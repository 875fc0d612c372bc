import { now } from "./clock.js";
import { describe, EvaluationError, misuse } from "./errors.js";
import type { Matrix, Vector } from "./linear/matrix.js";
import type {
  AnyProblem,
  HasGradient,
  HasHessian,
  HasHessianApply,
  HasJacobian,
  HasResidual,
  HasValue,
} from "./problem.js";

/** How many times each thing was done. `factorization` counts numeric factorizations of an n × n matrix. */
export interface Counts {
  value: number;
  gradient: number;
  hessian: number;
  hessianApply: number;
  /** Evaluations of residuals r(x). */
  residual: number;
  /** Jacobians as matrices. */
  jacobian: number;
  factorization: number;
}

/** Milliseconds by kind of work (value and gradient in one pass count under `gradient`). */
export interface EvaluationTimes {
  value: number;
  gradient: number;
  hessian: number;
  hessianApply: number;
  residual: number;
  jacobian: number;
  /** Inside numeric factorizations, where a method reports them by {@link factorizing}. */
  factorization: number;
}

/** A problem whose evaluations are counted, timed and guarded. */
export type Counted<P> = P & { readonly counts: Counts; readonly times: EvaluationTimes };

/** What `counted` watches besides the value. */
type Capabilities = HasGradient & HasHessian & HasHessianApply & HasResidual & HasJacobian;

export const zeroCounts = (): Counts => ({
  value: 0,
  gradient: 0,
  hessian: 0,
  hessianApply: 0,
  residual: 0,
  jacobian: 0,
  factorization: 0,
});

/**
 * Wraps a problem so that every evaluation is counted and timed, an exception becomes an {@link EvaluationError}
 * with its cause, and an evaluation that does not fill the output it was given is named at once.
 *
 * @throws ArgumentError when `problem.dimension` isn't a non-negative integer or `value` is missing.
 */
export function counted<P extends HasValue>(problem: P): Counted<P> {
  if (isCounted(problem)) return problem;
  if (problem === null || typeof problem !== "object")
    misuse("solve", "problem", describe(problem), "a problem object");
  const n = problem.dimension;
  if (!Number.isInteger(n) || n < 0) misuse("solve", "problem.dimension", describe(n), "a non-negative integer");
  if (typeof problem.value !== "function") misuse("solve", "problem.value", describe(problem.value), "a function of x");

  const source = problem as P & Partial<Capabilities>;
  const counts = zeroCounts();
  const times: EvaluationTimes = zeroCounts();

  function timed<T>(capability: Exclude<keyof Counts, "factorization">, evaluate: () => T): T {
    counts[capability]++;
    const start = now();
    try {
      return evaluate();
    } catch (cause) {
      throw new EvaluationError(capability, counts[capability], cause);
    } finally {
      times[capability] += now() - start;
    }
  }
  function requireNumberOf(capability: string, value: unknown): number {
    return typeof value === "number"
      ? value
      : misuse(
          "solve",
          `the result of problem.${capability}`,
          describe(value),
          "a number",
          value instanceof Promise ? "It can't be async." : undefined,
        );
  }
  function requireOutput(capability: string, out: Vector, returned: unknown): Vector {
    if (returned === out || returned === undefined) return out;
    if (!(returned instanceof Float64Array) || returned.length !== out.length) {
      misuse(
        "solve",
        `the result of problem.${capability}`,
        describe(returned),
        `the Float64Array of length ${out.length} that was passed as \`out\``,
      );
    }
    out.set(returned);
    return out;
  }

  const wrapper: HasValue & Partial<Capabilities> = {
    dimension: n,
    value: (x) =>
      requireNumberOf(
        "value",
        timed("value", () => source.value(x)),
      ),
  };
  if (source.gradientInto) {
    wrapper.gradientInto = (out, x) =>
      requireOutput(
        "gradientInto",
        out,
        timed("gradient", () => source.gradientInto!(out, x)),
      );
  }
  if (source.valueAndGradientInto) {
    wrapper.valueAndGradientInto = (out, x) => {
      counts.value++;
      return requireNumberOf(
        "valueAndGradientInto",
        timed("gradient", () => source.valueAndGradientInto!(out, x)),
      );
    };
  }
  if (source.hessianInto && source.newHessian) {
    wrapper.newHessian = () => source.newHessian!();
    wrapper.hessianInto = (out: Matrix, x) => timed("hessian", () => source.hessianInto!(out, x)) ?? out;
  }
  if (source.hessianApplyInto) {
    wrapper.hessianApplyInto = (out, x, v) =>
      requireOutput(
        "hessianApplyInto",
        out,
        timed("hessianApply", () => source.hessianApplyInto!(out, x, v)),
      );
  }
  if (source.residualInto) {
    wrapper.residualInto = (out, x) =>
      requireOutput(
        "residualInto",
        out,
        timed("residual", () => source.residualInto!(out, x)),
      );
  }
  if (source.jacobianInto && source.newJacobian) {
    wrapper.newJacobian = () => source.newJacobian!();
    wrapper.jacobianInto = (out: Matrix, x) => timed("jacobian", () => source.jacobianInto!(out, x)) ?? out;
  }
  return Object.assign(Object.create(source) as object, wrapper, { counts, times }) as unknown as Counted<P>;
}

function isCounted<P extends HasValue>(problem: P): problem is Counted<P> {
  return typeof problem === "object" && problem !== null && "counts" in problem && "times" in problem;
}

/** f(x) and ∇f(x) (into `out`), in one pass where the problem can. */
export function valueAndGradientInto(problem: AnyProblem, out: Vector, x: Vector): number {
  if (problem.valueAndGradientInto) return problem.valueAndGradientInto(out, x);
  const value = problem.value(x);
  problem.gradientInto(out, x);
  return value;
}

/** Runs a numeric factorization, counted (as `count` of them) and timed. */
export function factorizing<T>(
  problem: Counted<HasValue>,
  factorize: () => T,
  count: (made: T) => number = () => 1,
): T {
  return evaluating(problem, ["factorization"], factorize, count);
}

/**
 * Runs an evaluation that goes round the problem's own functions (one pass that gives several things at once), counted under each of `kinds` and
 * timed under the first.
 */
export function evaluating<T>(
  problem: Counted<HasValue>,
  kinds: readonly (keyof Counts)[],
  evaluate: () => T,
  count: (made: T) => number = () => 1,
): T {
  const start = now();
  const made = evaluate();
  problem.times[kinds[0]!] += now() - start;
  for (const kind of kinds) problem.counts[kind] += count(made);
  return made;
}
