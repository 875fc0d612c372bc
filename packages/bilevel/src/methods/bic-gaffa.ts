// BiC-GAFFA: bilevel problems with a constrained lower level by a doubly regularized gap function, with projections onto simple sets only.
//
//   min F(x, y)  over x ∈ X, y ∈ Y, z ∈ [0, r]^p,  subject to 𝒢(x, y, z) ≤ 0,
//   𝒢 = max_{θ ∈ Y, λ ∈ [0, r]^p} f(x, y) + λᵀg(x, y) − ‖λ − z‖²/2γ₂ − f(x, θ) − zᵀg(x, θ) − ‖θ − y‖²/2γ₁
//
// Yao, Yin, Zeng, Zhang 2024, "Overcoming lower-level constraints in bilevel optimization: a novel approach with regularized gap functions", NeurIPS, Algorithm 1. 𝒢 ≥ 0, and 0 where (y, z) is a saddle point
// of the lower level's Lagrangian.
//
// Deviations:
// 1. `schedule: "paper"` is the single loop with constant steps; "path", the default, needs none of them: see support/penalty-path.ts.
// 2. `momentum` as in lv-hba.ts.
// 3. Without constraints 𝒢 is the gap of meha.ts. `lowerStarts` as there; with constraints they make 𝒢 the gap of the global Lagrangian, which is 0 at a solution only without a duality gap.
import type { Method } from "@hessia/core";
import type { BilevelProblem } from "../problem.js";
import { type LowerStartsOptions, lowerStartsOf, requireLowerStarts } from "../support/lower-starts.js";
import { type PathState, pathStart, pathStep } from "../support/penalty-path.js";
import {
  type LoopOptions,
  type LoopState,
  loopStart,
  loopStep,
  requireLoopOptions,
  type Schedule,
} from "../support/single-loop.js";

export interface BicGaffaOptions extends LoopOptions, LowerStartsOptions {
  /** Default "path". The options of the loop belong to "paper". */
  readonly schedule?: Schedule;
  /** γ₁ and γ₂, > 0. Default: from estimated curvatures ("path"), 10 ("paper"). */
  readonly proximal?: number;
  readonly dual?: number;
  /** r, > 0. Default: 10 and growing ("path"), 1000 ("paper"). */
  readonly bound?: number;
  /** β of the multipliers, > 0 ("paper"). Default 0.01. */
  readonly multiplierStep?: number;
}

/** @throws ArgumentError on an unknown option, or one out of range. */
export function bicGaffa(options: BicGaffaOptions = {}): Method<BilevelProblem, LoopState | PathState> {
  const name = "bicGaffa";
  const { lowerStarts: _, ...rest } = options;
  requireLoopOptions(name, rest, ["proximal", "dual", "bound", "multiplierStep"]);
  const { schedule = "path", dual, bound } = options;
  const { starts, proximal } = lowerStartsOf(options, schedule === "path");
  if (schedule === "paper")
    return {
      name,
      init: (problem, z0) =>
        loopStart(name, problem, z0, { proximal: proximal ?? 10, dual: dual ?? 10, bound: bound ?? 1000 }),
      step: (problem, state) => loopStep(problem, state as LoopState, "regularizedGap", options),
    };
  return {
    name,
    init(problem, z0) {
      requireLowerStarts(name, problem, starts);
      return pathStart(name, problem, z0, kindOf(problem), { proximal, dual, bound });
    },
    step: (problem, state) => pathStep(problem, state as PathState, kindOf(problem), starts),
  };
}

const kindOf = ({ lowerConstraints }: BilevelProblem) =>
  lowerConstraints === null ? "unconstrained" : "regularizedGap";
