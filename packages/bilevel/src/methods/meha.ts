// MEHA: the Moreau envelope method for bilevel problems whose lower level has no coupled constraints and may be weakly convex.
//
//   min F(x, y)  over x ∈ X, y ∈ Y,  subject to f(x, y) − v_γ(x, y) ≤ 0,   v_γ(x, y) = min_{θ ∈ Y} f(x, θ) + ‖θ − y‖²/2γ
//
// Liu, Liu, Yao, Zeng, Zhang 2024, "Moreau envelope for nonconvex bi-level optimization: a single-loop and Hessian-free solution strategy", ICML, Algorithm 1 (MEHA).
//
// Deviations:
// 1. `schedule: "paper"` is the single loop with constant steps, x and y moved together; "path", the default, needs none of them: see support/penalty-path.ts.
// 2. `momentum` as in lv-hba.ts.
import type { Method } from "@hessia/core";
import { type BilevelProblem, requirePlainLower } from "../problem.js";
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

export interface MehaOptions extends LoopOptions, LowerStartsOptions {
  /** Default "path". The options of the loop belong to "paper". */
  readonly schedule?: Schedule;
  /** γ, > 0; below 1/ρ where f is ρ-weakly convex in y. Default: from the estimated curvature ("path"), 10 ("paper"). */
  readonly proximal?: number;
}

/** @throws ArgumentError on an unknown option, or one out of range; a problem with lower constraints. */
export function meha(options: MehaOptions = {}): Method<BilevelProblem, LoopState | PathState> {
  const name = "meha";
  const { lowerStarts: _, ...rest } = options;
  requireLoopOptions(name, rest, ["proximal"]);
  const { schedule = "path" } = options;
  const { starts, proximal } = lowerStartsOf(options, schedule === "path");
  const parameters = { proximal: proximal ?? 10, dual: 1, bound: 1 };
  return {
    name,
    init(problem, z0) {
      requirePlainLower(name, problem, { set: true });
      requireLowerStarts(name, problem, starts);
      return schedule === "paper"
        ? loopStart(name, problem, z0, parameters)
        : pathStart(name, problem, z0, "unconstrained", { proximal });
    },
    step: (problem, state) =>
      schedule === "paper"
        ? loopStep(problem, state as LoopState, "unconstrained", options)
        : pathStep(problem, state as PathState, "unconstrained", starts),
  };
}
