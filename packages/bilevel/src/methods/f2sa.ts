// F²SA: the fully first-order penalty method for bilevel problems whose lower level is strongly convex and free.
//
//   min_{x ∈ X, y} F(x, y) + σ (f(x, y) − min_z f(x, z)),  σ growing
//
// Kwon, Kwon, Wright, Nowak 2023, "A fully first-order method for stochastic bilevel optimization", ICML, Algorithm 1 (F²SA): y follows F + σ f, z follows f, x follows the difference of their gradients.
//
// Deviations:
// 1. `schedule: "paper"` is Algorithm 1 with constant steps scaled by 1/σ_k and σ_k = c (k + 1)^q; "path", the default, needs none of them: see support/penalty-path.ts.
// 2. x and y move by the same step α.
import type { Method } from "@hessia/core";
import { type BilevelProblem, requirePlainLower } from "../problem.js";
import { type PathState, pathStart, pathStep } from "../support/penalty-path.js";
import {
  type LoopOptions,
  type LoopState,
  loopStart,
  loopStep,
  requireLoopOptions,
  type Schedule,
} from "../support/single-loop.js";

export interface F2saOptions extends LoopOptions {
  /** Default "path". The options of the loop belong to "paper": `penalty` and `growth` are c and q of σ, `innerStep` and `innerSteps` those of z. */
  readonly schedule?: Schedule;
}

const parameters = { proximal: Number.POSITIVE_INFINITY, dual: 1, bound: 1 };

/** @throws ArgumentError on an unknown option, or one out of range; a problem with lower constraints or a lower set. */
export function f2sa(options: F2saOptions = {}): Method<BilevelProblem, LoopState | PathState> {
  const name = "f2sa";
  requireLoopOptions(name, options, []);
  const { schedule = "path" } = options;
  return {
    name,
    init(problem, z0) {
      requirePlainLower(name, problem);
      return schedule === "paper"
        ? loopStart(name, problem, z0, parameters)
        : pathStart(name, problem, z0, "unconstrained", parameters);
    },
    step: (problem, state) =>
      schedule === "paper"
        ? loopStep(problem, state as LoopState, "unconstrained", options)
        : pathStep(problem, state as PathState, "unconstrained"),
  };
}
