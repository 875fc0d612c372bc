// ε from large to small in the Newton methods: from far away Newton's steps are short, and the smaller ε the more of them.
import { requireKnownOptions, requireNumber, requireOneOf } from "@hessia/core";
import type { TransportProblem } from "../problem.js";
import type { StagedState } from "./first-stage.js";

export interface RegularizationPath {
  /** The first ε, > 0. */
  readonly from: number;
  /** > 1. */
  readonly factor: number;
  /** In (0, 1). */
  readonly error: number;
}

/**
 * ε is lowered from `from` by `factor` whenever the marginal error has come to `error`, a sweep after each. "auto": from range/100 by 8 at 0.03 where ε < range/2000, the range being that of
 * the cost; else, and with "none", the method begins with ε itself.
 */
export type PathOption = "auto" | "none" | RegularizationPath;

export function requirePath(routine: string, path: PathOption): void {
  if (typeof path !== "object") {
    requireOneOf(routine, "options.path", path, ["auto", "none"]);
    return;
  }
  requireKnownOptions(routine, path, "from factor error".split(" "));
  requireNumber(routine, "options.path (from)", path.from, { above: 0, below: Number.POSITIVE_INFINITY });
  requireNumber(routine, "options.path.factor", path.factor, { above: 1, below: Number.POSITIVE_INFINITY });
  requireNumber(routine, "options.path.error", path.error, { above: 0, below: 1 });
}

/** The first ε of the path where that isn't the problem's. */
export function firstRegularization(problem: TransportProblem, path: PathOption): number | null {
  const { from } = pathOf(problem, path);
  return from > problem.regularization ? from : null;
}

/** Goes to the next ε where the marginal error allows it; answers whether it did. */
export function lowerRegularization(problem: TransportProblem, state: StagedState, path: PathOption): boolean {
  const now = state.regularizationNow ?? null;
  const { factor, error } = pathOf(problem, path);
  if (now === null || state.iteration === 0 || state.stage === "sinkhorn" || !(state.gradientNorm <= error))
    return false;
  const next = now / factor;
  state.regularizationNow = next > 1.001 * problem.regularization ? next : null;
  state.stage = "sinkhorn";
  state.levelSweeps = 0;
  state.lastSweep = 0;
  state.relaxation = 1;
  state.steady = 0;
  return true;
}

/** The path that an option stands for; without one `from` is ε. */
function pathOf({ regularization, cost }: TransportProblem, path: PathOption): RegularizationPath {
  if (typeof path === "object") return path;
  const range = cost.greatest - cost.least;
  const long = path === "auto" && regularization < range / 2000;
  return { from: long ? range / 100 : regularization, factor: 8, error: 0.03 };
}
