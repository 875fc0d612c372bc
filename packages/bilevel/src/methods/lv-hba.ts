// LV-HBA: the proximal Lagrangian value function method for bilevel problems with a constrained lower level.
//
//   min F(x, y)  over (x, y) ∈ C, z ∈ [0, r]^p,  subject to f(x, y) − v(x, y, z) ≤ 0,
//   v(x, y, z) = min_{θ ∈ Y} max_{λ ∈ [0, r]^p} f(x, θ) + λᵀg(x, θ) + ‖θ − y‖²/2γ₁ − ‖λ − z‖²/2γ₂,   C = {(x, y) ∈ X × Y : g(x, y) ≤ 0}
//
// Yao, Yu, Zeng, Zhang 2024, "Constrained bi-level optimization: proximal Lagrangian value function approach and Hessian-free algorithm", ICLR, Algorithm 1 (LV-HBA).
//
// Deviations:
// 1. `schedule: "paper"` is the single loop of Algorithm 1 with constant α, β, η and c_k = c (k + 1)^q. `"path"`, the default, needs none of them: see support/penalty-path.ts. λ is then maximized in closed form,
//    θ by spectral steps, and r grows where a multiplier sits on it.
// 2. Without a simple C the violation of g is penalized, by 10 γ₂ c/2 ‖[g]₊‖² in both schedules.
// 3. λ⁺ is made at θ⁺ and not at θ: with both from the old point the steps of the paper's example diverge (η ‖∂g/∂y‖ is larger than the damping η/γ₁).
// 4. `momentum` adds m (u − u₋) before the projection of step 2 ("paper" only).
import { type Counted, type Method, requireKnownOptions, requireNumber, requireOneOf, type Vector } from "@hessia/core";
import {
  type BilevelProblem,
  type BilevelState,
  bilevelStart,
  evaluateInto,
  objectivesOf,
  projectUpperLower,
} from "../problem.js";
import { type PathState, pathStart, pathStep } from "../support/penalty-path.js";
import { moveTo } from "../support/single-loop.js";

export interface LvHbaOptions {
  /** Default "path". */
  readonly schedule?: "path" | "paper";
  /** γ₁ and γ₂, > 0. Default: from estimated curvatures ("path"), 10 ("paper"). */
  readonly proximal?: number;
  readonly dual?: number;
  /** r, > 0. Default: 10 and growing ("path"), 1000 ("paper"). */
  readonly bound?: number;
  /** α, β, η of "paper", > 0. Defaults 0.01, 0.02, 0.01. */
  readonly upperStep?: number;
  readonly multiplierStep?: number;
  readonly innerStep?: number;
  /** c and q of c_k = c (k + 1)^q ("paper"); c > 0, default 1; q in [0, 0.5), default 0.3. */
  readonly penalty?: number;
  readonly growth?: number;
  /** In [0, 1), default 0. */
  readonly momentum?: number;
}

export interface LvHbaState extends BilevelState {
  theta: Vector;
  lambda: Vector;
  z: Vector;
  /** (x, y) before the last step, for momentum. */
  previous: Vector;
  work?: Work;
}

interface Work {
  readonly point: Vector;
  readonly ofUpper: Vector;
  readonly ofLower: Vector;
  readonly ofInner: Vector;
  readonly pulled: Vector;
  readonly next: Vector;
  readonly values: Vector;
}

export function lvHba(options: LvHbaOptions = {}): Method<BilevelProblem, LvHbaState | PathState> {
  const name = "lvHba";
  requireKnownOptions(name, options, optionNames);
  const { schedule = "path", growth = 0.3, momentum = 0 } = options;
  requireOneOf(name, "options.schedule", schedule, ["path", "paper"]);
  for (const key of ["proximal", "dual", "bound", "upperStep", "multiplierStep", "innerStep", "penalty"] as const)
    if (options[key] !== undefined)
      requireNumber(name, `options.${key}`, options[key], { above: 0, below: Number.POSITIVE_INFINITY });
  requireNumber(name, "options.growth", growth, { atLeast: 0, below: 0.5 });
  requireNumber(name, "options.momentum", momentum, { atLeast: 0, below: 1 });
  const { proximal, dual, bound } = options;
  if (schedule === "path")
    return {
      name,
      init: (problem, z0) => pathStart(name, problem, z0, "proximalLagrangian", { proximal, dual, bound }),
      step: (problem, state) => pathStep(problem, state as PathState, "proximalLagrangian"),
    };
  return {
    name,
    init(problem, z0) {
      const start = bilevelStart(name, problem, z0);
      const p = problem.lowerConstraints?.count ?? 0;
      return {
        ...start,
        theta: start.x.slice(problem.upperDimension),
        lambda: new Float64Array(p),
        z: new Float64Array(p),
        previous: start.x.slice(),
      };
    },
    step: (problem, state) => paperStep(problem, state as LvHbaState, options),
  };
}

const optionNames = [
  "schedule",
  "proximal",
  "dual",
  "bound",
  "upperStep",
  "multiplierStep",
  "innerStep",
  "penalty",
  "growth",
  "momentum",
];

/** Algorithm 1, one iteration. */
function paperStep(problem: Counted<BilevelProblem>, state: LvHbaState, options: LvHbaOptions): LvHbaState {
  const { upperDimension: n, dimension, lowerConstraints: g, lowerSet, coupledSet } = problem;
  const { proximal: γ1 = 10, dual: γ2 = 10, bound: r = 1000, momentum = 0 } = options;
  const { upperStep: α = 0.01, multiplierStep: β = 0.02, innerStep: η = 0.01, penalty = 1, growth: q = 0.3 } = options;
  const { point, ofUpper, ofLower, ofInner, pulled, next, values } = (state.work ??= newWork(problem));
  const { x: xy, theta: θ, lambda: λ, z } = state;
  const p = λ.length;
  const k = state.iteration++;
  const c = penalty * (k + 1) ** q;
  const { upper, lower } = objectivesOf(problem, k);
  const y = xy.subarray(n);

  // 1. θ⁺, then λ⁺ at it.
  point.set(xy.subarray(0, n));
  point.set(θ, n);
  evaluateInto(problem, lower, ofInner, point);
  if (g !== null) {
    g.transposeApplyInto(pulled, point, λ);
    for (let i = 0; i < dimension; i++) ofInner[i] = ofInner[i]! + pulled[i]!;
  }
  for (let j = 0; j < θ.length; j++) θ[j] = θ[j]! - η * (ofInner[n + j]! + (θ[j]! - y[j]!) / γ1);
  lowerSet.projectInto(θ, θ);
  point.set(θ, n);
  if (g !== null) {
    g.valueInto(values, point);
    for (let i = 0; i < p; i++) λ[i] = λ[i]! + η * (values[i]! - (λ[i]! - z[i]!) / γ2);
    g.projectMultipliers(λ, r);
  }

  // 2. (x, y)⁺.
  const below = evaluateInto(problem, lower, ofInner, point);
  if (g !== null) {
    g.transposeApplyInto(pulled, point, λ);
    for (let i = 0; i < n; i++) ofInner[i] = ofInner[i]! + pulled[i]!;
  }
  const above = evaluateInto(problem, lower, ofLower, xy);
  evaluateInto(problem, upper, ofUpper, xy);
  for (let i = 0; i < n; i++) next[i] = ofUpper[i]! / c + ofLower[i]! - ofInner[i]!;
  for (let j = 0; j < y.length; j++) next[n + j] = ofUpper[n + j]! / c + ofLower[n + j]! - (y[j]! - θ[j]!) / γ1;
  if (g !== null && coupledSet === null) {
    g.valueInto(values, xy);
    for (let i = 0; i < p; i++) values[i] = 10 * γ2 * c * (i < g.equalities ? values[i]! : Math.max(0, values[i]!));
    g.transposeApplyInto(pulled, xy, values);
    for (let i = 0; i < dimension; i++) next[i] = next[i]! + pulled[i]!;
  }
  const { previous } = state;
  for (let i = 0; i < dimension; i++) {
    const moved = xy[i]! - α * next[i]! + momentum * (xy[i]! - previous[i]!);
    previous[i] = xy[i]!;
    next[i] = moved;
  }
  if (coupledSet !== null) coupledSet.projectInto(next, next);
  else projectUpperLower(problem, next);

  // 3. z⁺.
  let dual = 0;
  for (let i = 0; i < p; i++) {
    const before = z[i]!;
    z[i] = before + (β * (λ[i]! - before)) / γ2;
    dual = Math.max(dual, Math.abs(λ[i]! - before) / γ2);
  }
  g?.projectMultipliers(z, r);

  if (moveTo(problem, state, next, α, dual)) state.gap = Math.abs(above - below);
  return state;
}

function newWork({ dimension, lowerConstraints }: BilevelProblem): Work {
  const vector = () => new Float64Array(dimension);
  return {
    point: vector(),
    ofUpper: vector(),
    ofLower: vector(),
    ofInner: vector(),
    pulled: vector(),
    next: vector(),
    values: new Float64Array(lowerConstraints?.count ?? 0),
  };
}
