// The front door to quadratically regularized transport.
import {
  any,
  type DenseInput,
  describe,
  maxIterations,
  misuse,
  type Result,
  requireFiniteVector,
  requireKnownOptions,
  requireNumber,
  requireOneOf,
  type SolveOptions,
  solve,
  type Vector,
} from "@hessia/core";
import type { Cost } from "../cost/cost.js";
import type { GridCostOptions } from "../cost/grid.js";
import type { PointCostOptions } from "../cost/points.js";
import {
  type QuadraticNewtonOptions,
  type QuadraticNewtonState,
  quadraticNewton,
} from "../methods/quadratic-newton.js";
import { type PlanEntries, planMatrix } from "../plan-entries.js";
import { givenWeights, marginalError } from "../problem.js";
import { type PlanProducts, roundingOf } from "../rounding.js";
import { givenCost } from "../support/given-cost.js";
import type { MarginalErrors } from "../transport.js";
import { excessOfRow, type QuadraticProblem, quadraticProblem, quadraticValue } from "./problem.js";

export interface QuadraticTransportOptions
  extends QuadraticNewtonOptions,
    Pick<SolveOptions<QuadraticNewtonState>, "observers" | "signal" | "timeLimit" | "trace" | "resume"> {
  /** r: weights ≥ 0. Default with `points`: equal weights of sum 1. */
  readonly source?: ArrayLike<number>;
  /** c: weights ≥ 0 of the same sum as r. */
  readonly target?: ArrayLike<number>;
  /** One of the three: C itself, n × m (Infinity forbids an arc) … */
  readonly cost?: DenseInput | Cost;
  /** … or the points between which it is measured, see {@link pointCost} … */
  readonly points?: PointCostOptions;
  /** … or grids, see {@link gridCost}. */
  readonly grid?: GridCostOptions;
  /** γ > 0, in the units of cost over mass: between weights of sum 1 a row of the plan has about (2γ/range)^½ entries for costs spread evenly over their range. */
  readonly regularization: number;
  /** (‖P1 − r‖₁ + ‖Pᵀ1 − c‖₁)/mass, in [0, 2). Default 1e-9. */
  readonly tolerance?: number;
  /** Default 1000. */
  readonly maxIterations?: number;
  /** Scales both weights to sum 1. Default false: unequal sums are refused. */
  readonly normalize?: boolean;
  /** Potentials to begin from. Default 0. Best with `path: "none"`. */
  readonly initial?: { readonly source: ArrayLike<number>; readonly target: ArrayLike<number> };
  /** Whether the dual gap is computed: a pass over the cost. Default true. */
  readonly dualGap?: boolean;
}

const optionNames = [
  "source",
  "target",
  "cost",
  "points",
  "grid",
  "regularization",
  "tolerance",
  "maxIterations",
  "normalize",
  "initial",
  "dualGap",
  "sweeps",
  "shift",
  "path",
  "solver",
  "observers",
  "signal",
  "timeLimit",
  "trace",
  "resume",
];

export interface QuadraticTransportResult extends Omit<Result<QuadraticNewtonState>, "x" | "value"> {
  /** The entries of P, exactly those that are positive. */
  readonly plan: PlanEntries;
  /** x and y: P_ij = (xᵢ + yⱼ − C_ij)₊/γ. Known up to x + t, y − t, and further where the graph of the plan falls apart. */
  readonly potentials: { readonly source: Vector; readonly target: Vector };
  /** ⟨C, P⟩. */
  readonly cost: number;
  /** D(x, y): at the solution ⟨C, P⟩ + γ/2 ‖P‖², and never above it. */
  readonly dualValue: number;
  readonly marginalErrors: MarginalErrors;
  /** ⟨C, P̂⟩ + γ/2 ‖P̂‖² − D ≥ 0 for the plan P̂ moved onto the feasible set: a bound of the error of the value. NaN where not asked for. */
  readonly dualGap: number;
  /** ⟨C, P̂⟩: what a plan with exact marginals costs. NaN where not asked for. */
  readonly roundedCost: number;
}

/**
 * Quadratically regularized optimal transport, min ⟨C, P⟩ + γ/2 ‖P‖² over P ≥ 0 with P1 = r, Pᵀ1 = c, by {@link quadraticNewton}. The plan is sparse: it has entries only where xᵢ + yⱼ > C_ij.
 * Every numerical outcome is returned with its `reason`: "converged"; "infeasible" where forbidden arcs leave no plan; "noProgress"; the budgets.
 * @throws ArgumentError on misuse: see transportProblem, denseCost, pointCost, gridCost for weights and costs; options out of range.
 */
export function quadraticTransport(options: QuadraticTransportOptions): QuadraticTransportResult {
  const routine = "quadraticTransport";
  requireKnownOptions(routine, options, optionNames);
  const { regularization, tolerance = 1e-9, maxIterations: limit = 1000, normalize = false, dualGap = true } = options;
  requireNumber(routine, "options.maxIterations", limit, { atLeast: 0, integer: limit !== Number.POSITIVE_INFINITY });
  requireOneOf(routine, "options.normalize", normalize, [true, false]);
  requireOneOf(routine, "options.dualGap", dualGap, [true, false]);
  const { sweeps, shift, path, solver, observers, signal, timeLimit, trace, resume } = options;
  const method = quadraticNewton(given({ sweeps, shift, path, solver }));
  const cost = givenCost(options, routine);
  const weights = (side: "source" | "target", length: number) =>
    givenWeights(routine, side, options[side], length, normalize, options.points !== undefined);
  const problem = quadraticProblem(
    { source: weights("source", cost.rows), target: weights("target", cost.cols), cost, regularization },
    routine,
  );
  const z0 = startFrom(options.initial, problem);
  const stop = any<QuadraticNewtonState>(marginalError(tolerance), maxIterations(limit));
  const run = given({ observers, signal, timeLimit, trace, resume });
  const { x: _best, value: _value, ...rest } = solve(method, problem, z0, { ...run, stop });

  const z = rest.state.x;
  const n = cost.rows;
  const { plan, linear, squares } = entriesOf(problem, z);
  const dualValue = -quadraticValue(problem, z, squares * regularization * regularization);
  const rounded = dualGap ? roundedValues(problem, plan) : { cost: Number.NaN, value: Number.NaN };
  return {
    ...rest,
    plan,
    potentials: { source: z.slice(0, n), target: z.slice(n) },
    cost: linear,
    dualValue,
    marginalErrors: errorsOf(problem, plan),
    dualGap: rounded.value - dualValue,
    roundedCost: rounded.cost,
  };
}

/** The options that are there. */
const given = <T extends object>(options: T) =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };

function startFrom(initial: QuadraticTransportOptions["initial"], { cost, dimension }: QuadraticProblem): Vector {
  const z = new Float64Array(dimension);
  if (initial === undefined) return z;
  const routine = "quadraticTransport";
  requireKnownOptions(routine, initial, ["source", "target"]);
  for (const [side, length, at] of [
    ["source", cost.rows, 0],
    ["target", cost.cols, cost.rows],
  ] as const) {
    const part = initial[side];
    const argument = `options.initial.${side}`;
    if (part === null || typeof part !== "object" || part.length !== length)
      misuse(routine, argument, describe(part), `${length} potentials`);
    const potentials = Float64Array.from(part);
    requireFiniteVector(routine, argument, potentials);
    z.set(potentials, at);
  }
  return z;
}

/** The plan at z, ⟨C, P⟩ and ‖P‖². */
function entriesOf({ cost, regularization: γ }: QuadraticProblem, z: Vector) {
  const { rows, cols } = cost;
  const row = new Float64Array(cols);
  const sources: number[] = [];
  const targets: number[] = [];
  const amounts: number[] = [];
  let linear = 0;
  let squares = 0;
  for (let i = 0; i < rows; i++)
    excessOfRow(cost, row, z, i, (_i, j, excess) => {
      const p = excess / γ;
      if (p === 0) return;
      sources.push(i);
      targets.push(j);
      amounts.push(p);
      linear += p * row[j];
      squares += p * p;
    });
  const plan: PlanEntries = {
    rows,
    cols,
    sources: Int32Array.from(sources),
    targets: Int32Array.from(targets),
    amounts: Float64Array.from(amounts),
  };
  return { plan, linear, squares };
}

function errorsOf({ source: r, target: c }: QuadraticProblem, { sources, targets, amounts }: PlanEntries) {
  const rows = r.map((w) => -w);
  const cols = c.map((w) => -w);
  for (let k = 0; k < amounts.length; k++) {
    rows[sources[k]] += amounts[k];
    cols[targets[k]] += amounts[k];
  }
  const size = (v: Vector) => v.reduce((sum, e) => sum + Math.abs(e), 0);
  const most = (v: Vector) => v.reduce((top, e) => Math.max(top, Math.abs(e)), 0);
  return { source: size(rows), target: size(cols), greatest: Math.max(most(rows), most(cols)) };
}

/** ⟨C, P̂⟩ and ⟨C, P̂⟩ + γ/2 ‖P̂‖² of the rounded plan diag(u) P diag(v) + a bᵀ, which isn't stored. Infinite where a bᵀ uses a forbidden arc. */
function roundedValues({ source, target, cost, regularization: γ }: QuadraticProblem, plan: PlanEntries) {
  const { rows: n, cols: m, sources, targets, amounts } = plan;
  const { rows: u, cols: v, rowRest: a, colRest: b } = roundingOf(productsOf(plan), source, target);
  const row = new Float64Array(m);
  let linear = 0;
  let squares = sumOfSquares(a) * sumOfSquares(b);
  for (let i = 0, k = 0; i < n; i++) {
    const first = k;
    while (k < sources.length && sources[k] === i) k++;
    if (k === first && a[i] === 0) continue;
    cost.rowInto(row, i);
    if (a[i] > 0) for (let j = 0; j < m; j++) if (b[j] > 0) linear += a[i] * b[j] * row[j];
    for (let q = first; q < k; q++) {
      const j = targets[q];
      const p = u[i] * amounts[q] * v[j];
      linear += p * row[j];
      squares += p * (p + 2 * a[i] * b[j]);
    }
  }
  return { cost: linear, value: linear + 0.5 * γ * squares };
}

const sumOfSquares = (v: Vector): number => v.reduce((sum, e) => sum + e * e, 0);

function productsOf(plan: PlanEntries): PlanProducts {
  const { colPointers, rowIndices, values } = planMatrix(plan);
  const each = (visit: (i: number, j: number, p: number) => void) => {
    for (let j = 0; j < plan.cols; j++)
      for (let k = colPointers[j]; k < colPointers[j + 1]; k++) visit(rowIndices[k], j, values[k]);
  };
  return {
    rows: plan.rows,
    cols: plan.cols,
    traits: {},
    applyInto(out, x) {
      out.fill(0);
      each((i, j, p) => {
        out[i] += p * x[j];
      });
      return out;
    },
    applyTransposeInto(out, y) {
      out.fill(0);
      each((i, j, p) => {
        out[j] += p * y[i];
      });
      return out;
    },
  };
}
