// Fits a model to points: the front door of the least-squares methods.
import {
  any,
  describe,
  maxIterations,
  misuse,
  type Result,
  requireKnownOptions,
  requireNumber,
  solve,
} from "@hessia/core";
import {
  type Expr,
  type Expressions,
  leastSquaresFromTerms,
  systemFromTerms,
  type TermFunction,
} from "@hessia/core/kernel";
import { type Covariance, parameterCovariance } from "./covariance.js";
import { orthogonality } from "./least-squares.js";
import { type LevenbergMarquardtState, levenbergMarquardt } from "./levenberg-marquardt.js";
import type { LossFunction, LossName } from "./robust-loss.js";

/** The points: y_k measured at t_k. */
export interface FitData {
  /** One number a point, or an array of them, all of the same length. */
  readonly t: readonly number[] | readonly (readonly number[])[];
  readonly y: readonly number[];
  /** The standard deviation of each y, > 0: residuals are divided by it, and the covariance takes it as known. Default: unknown, all alike. */
  readonly sigma?: readonly number[];
}

/** The model as a kernel term: arithmetic on parameters and on the independent variables of one point. Called once. */
export type Model = (parameters: Expressions, t: Expressions) => Expr;

export interface FitOptions {
  /** "squared", "huber", "softL1", "cauchy" or an own one. Default "squared". */
  readonly loss?: LossName | LossFunction;
  /** The size of residuals (after division by sigma) from which on the loss differs from least squares, > 0. Default 1. */
  readonly lossScale?: number;
  /** See `orthogonality`. Default 1e-8. */
  readonly tolerance?: number;
  /** Default 1000. */
  readonly maxIterations?: number;
}

export interface Fit extends Covariance {
  readonly parameters: Float64Array;
  /** (model − y)/sigma at each point. */
  readonly residuals: Float64Array;
  /** Σ residuals². */
  readonly residualSum: number;
  /** Whether and why the fit ended: look at `reason.kind` first. */
  readonly reason: Result["reason"];
  readonly result: Result<LevenbergMarquardtState>;
  /** The fitted model at other t. */
  predict(t: FitData["t"]): Float64Array;
}

/**
 * Least-squares fit of y ≈ model(parameters, t) from a start, by `levenbergMarquardt` with derivatives by the kernel compiler. `matrix` is the covariance
 * of the parameters, `standardErrors` its diagonal's roots; with a robust loss both are those of the squared one at the fitted parameters.
 * @throws ArgumentError when the data don't fit together or aren't finite, the start isn't, or an option is wrong.
 */
export function fit(model: Model, data: FitData, start: readonly number[], options: FitOptions = {}): Fit {
  const routine = "fit";
  requireKnownOptions(routine, options, ["loss", "lossScale", "tolerance", "maxIterations"]);
  const { tolerance = 1e-8, maxIterations: limit = 1000, ...rest } = options;
  if (typeof model !== "function") misuse(routine, "model", describe(model), "a function of parameters and t");
  if (data === null || typeof data !== "object" || !Array.isArray(data.t) || !Array.isArray(data.y))
    misuse(routine, "data", given(data), "an object with arrays t and y");
  if (!Array.isArray(start) && !ArrayBuffer.isView(start))
    misuse(routine, "start", describe(start), "an array with a first guess of each parameter");
  const points = rowsOf(routine, "data.t", data.t);
  const { y, sigma } = data;
  for (const [name, list] of Object.entries({ y, sigma })) {
    if (list === undefined) continue;
    if (list.length !== points.length)
      misuse(routine, `data.${name}`, `of length ${list.length}`, `${points.length} numbers, one for each t`);
    const above = name === "sigma" ? { above: 0 } : {};
    for (const [k, value] of list.entries())
      requireNumber(routine, `data.${name}[${k}]`, value, { ...above, below: Number.POSITIVE_INFINITY });
  }
  const width = points[0]?.length ?? 1;
  const n = start.length;
  const rows = points.map((point, k) => [...point, y[k]!, 1 / (sigma?.[k] ?? 1)]);
  const blocks = [
    block(n, rows, (b, d) =>
      model(b, d.slice(0, width) as Expressions)
        .sub(d[width]!)
        .mul(d[width + 1]!),
    ),
  ];
  const problem = leastSquaresFromTerms(n, blocks);
  const stop = any<LevenbergMarquardtState>(orthogonality(tolerance), maxIterations(limit));
  const result = solve(levenbergMarquardt(rest), problem, start, { stop });
  const { residual, jacobian } = result.state;
  const covariance = parameterCovariance(jacobian, residual, sigma === undefined ? {} : { variance: 1 });
  return {
    ...covariance,
    parameters: result.x,
    residuals: residual.slice(),
    residualSum: residual.reduce((sum, r) => sum + r * r, 0),
    reason: result.reason,
    result,
    predict(t) {
      const at = rowsOf("predict", "t", t);
      if (at.length > 0 && at[0]!.length !== width)
        misuse("predict", "t", `${at[0]!.length} numbers a point`, `${width}, as in the data`);
      const system = systemFromTerms(n, [block(n, at, (b, d) => model(b, d))]);
      return system.residualInto(new Float64Array(at.length), result.x);
    },
  };
}

const given = (data: unknown): string =>
  data !== null && typeof data === "object" ? `an object with ${Object.keys(data).join(", ")}` : describe(data);

/** Each point as an array of the same number of finite numbers. */
function rowsOf(routine: string, argument: string, t: FitData["t"]): readonly (readonly number[])[] {
  const rows = t.map((point: number | readonly number[]) => (typeof point === "number" ? [point] : point));
  for (const [k, row] of rows.entries()) {
    if (!Array.isArray(row) || row.length !== rows[0]!.length)
      misuse(routine, `${argument}[${k}]`, describe(row), "as many numbers as the first point has");
    for (const value of row)
      if (!Number.isFinite(value)) misuse(routine, `${argument}[${k}]`, describe(value), "finite numbers");
  }
  return rows;
}

function block(n: number, data: readonly (readonly number[])[], term: TermFunction) {
  const all = Array.from({ length: n }, (_, i) => i);
  const group = data.map((_, k) => k);
  return { groups: data.length, outer: (s: Expr) => s, inner: [{ indices: data.map(() => all), data, group, term }] };
}
