import type { BoundedState } from "./bounded-state.js";
import { type Counts, zeroCounts } from "./counts.js";
import { describe, misuse, requireNumber } from "./errors.js";
import { norm2 } from "./linear/vec.js";
import type { GradientState, State } from "./method.js";

/** Why a run ended. Convergence is a property of the reason: `reason.kind === "converged"`. */
export interface StopReason {
  readonly kind: "converged" | "budget" | "failed" | "aborted";
  /** The rule that stopped the run, by its name. */
  readonly rule: string;
  /** The figures behind it, for a person to read. */
  readonly detail: string;
}

/** What stop rules and observers see after each step. Copy what you keep: the state's buffers are reused. */
export interface Observation<S extends State = State> {
  readonly state: S;
  /** The value before the last step; undefined before the first. */
  readonly previousValue: number | undefined;
  readonly counts: Readonly<Counts>;
  /** Milliseconds since the run began (a resumed run begins anew). */
  readonly elapsed: number;
}

/** A rule that looks at a state and may answer a reason to stop. A user's own rule is any such function. */
export type Stop<S extends State = State> = (observation: Observation<S>) => StopReason | null;

/** Stops by the first of the rules that answers. */
export function any<S extends State>(...rules: Stop<S>[]): Stop<S> {
  requireRules("any", rules);
  return (observation) => {
    for (const rule of rules) {
      const reason = rule(observation);
      if (reason !== null) return reason;
    }
    return null;
  };
}

/** Stops when all of the rules answer at the same state; the reason has the kind of the first and names all. */
export function all<S extends State>(...rules: Stop<S>[]): Stop<S> {
  requireRules("all", rules);
  return (observation) => {
    const reasons: StopReason[] = [];
    for (const rule of rules) {
      const reason = rule(observation);
      if (reason === null) return null;
      reasons.push(reason);
    }
    return {
      kind: reasons[0]!.kind,
      rule: reasons.map((reason) => reason.rule).join(" and "),
      detail: reasons.map((reason) => reason.detail).join("; "),
    };
  };
}

function requireRules(routine: string, rules: readonly unknown[]): void {
  if (rules.length === 0) misuse(routine, "rules", "empty", "at least one stop rule");
  rules.forEach((rule, i) => {
    if (typeof rule !== "function") misuse(routine, `rules[${i}]`, describe(rule), "a stop rule (a function)");
  });
}

/** Tolerances of {@link gradientNorm} and {@link projectedGradientNorm}; a number t stands for `{ absolute: t, relative: t }`. Defaults 1e-8. */
export interface GradientTolerance {
  readonly absolute?: number;
  readonly relative?: number;
}

/**
 * Converged when ‖∇f(x)‖∞ ≤ max(absolute, relative · ‖∇f(x₀)‖∞). The relative part makes the test independent of the scale
 * of f; the absolute part lets a start at (or near) a stationary point stop.
 */
export function gradientNorm(tolerance: number | GradientTolerance = 1e-8): Stop<GradientState> {
  const tolerances = bothTolerances("gradientNorm", tolerance);
  return ({ state }) =>
    smallGradient(tolerances, "gradientNorm", "‖g‖∞", state.gradientNorm, state.initialGradientNorm);
}

/**
 * Converged when ‖P(x − ∇f(x)) − x‖∞ ≤ max(absolute, relative · the same at x₀), P the projection onto the bounds: the test
 * for methods that take bounds. For a method that takes none it is {@link gradientNorm}, and the reason says so.
 */
export function projectedGradientNorm(tolerance: number | GradientTolerance = 1e-8): Stop<GradientState> {
  const tolerances = bothTolerances("projectedGradientNorm", tolerance);
  return ({ state }) => {
    const { projectedGradientNorm: norm, initialProjectedGradientNorm: first } = state as Partial<BoundedState>;
    return norm === undefined || first === undefined
      ? smallGradient(tolerances, "gradientNorm", "‖g‖∞", state.gradientNorm, state.initialGradientNorm)
      : smallGradient(tolerances, "projectedGradientNorm", "‖P(x − g) − x‖∞", norm, first);
  };
}

function bothTolerances(routine: string, tolerance: number | GradientTolerance): Required<GradientTolerance> {
  const { absolute = 1e-8, relative = 1e-8 } =
    typeof tolerance === "number" ? { absolute: tolerance, relative: tolerance } : tolerance;
  requireNumber(routine, "absolute", absolute, { atLeast: 0, below: Number.POSITIVE_INFINITY });
  requireNumber(routine, "relative", relative, { atLeast: 0, below: 1 });
  return { absolute, relative };
}

function smallGradient(
  { absolute, relative }: Required<GradientTolerance>,
  rule: string,
  symbol: string,
  norm: number,
  first: number,
): StopReason | null {
  const threshold = Math.max(absolute, relative * first);
  if (!(norm <= threshold)) return null;
  return { kind: "converged", rule, detail: `${symbol} = ${norm.toExponential(2)} ≤ ${threshold.toExponential(2)}` };
}

/** Converged when an accepted step is no longer than tolerance · max(1, ‖x‖₂). Default 1e-12. */
export function stepNorm(tolerance = 1e-12): Stop<GradientState> {
  requireNumber("stepNorm", "tolerance", tolerance, { atLeast: 0, below: 1 });
  return ({ state }) => {
    if (state.stepNorm === 0 || state.stepNorm === Number.POSITIVE_INFINITY) return null;
    const threshold = tolerance * Math.max(1, norm2(state.x));
    if (!(state.stepNorm <= threshold)) return null;
    return {
      kind: "converged",
      rule: "stepNorm",
      detail: `‖step‖ = ${state.stepNorm.toExponential(2)} ≤ ${threshold.toExponential(2)}`,
    };
  };
}

/** Converged when an accepted step lowers f by no more than tolerance · max(1, |f|). Default 1e-15. */
export function relativeDecrease(tolerance = 1e-15): Stop<GradientState> {
  requireNumber("relativeDecrease", "tolerance", tolerance, { atLeast: 0, below: 1 });
  return ({ state, previousValue }) => {
    if (previousValue === undefined || state.stepNorm === 0) return null;
    const decrease = previousValue - state.value;
    const threshold = tolerance * Math.max(1, Math.abs(state.value));
    if (!(decrease <= threshold)) return null;
    return {
      kind: "converged",
      rule: "relativeDecrease",
      detail: `decrease ${decrease.toExponential(2)} ≤ ${threshold.toExponential(2)}`,
    };
  };
}

/** Converged when f(x) ≤ target. */
export function targetValue(target: number): Stop {
  requireNumber("targetValue", "target", target, {});
  return ({ state }) =>
    state.value <= target ? { kind: "converged", rule: "targetValue", detail: `f = ${state.value} ≤ ${target}` } : null;
}

/** Budget: at most so many steps in all (a resumed run goes on counting). */
export function maxIterations(limit: number): Stop {
  requireNumber("maxIterations", "limit", limit, { atLeast: 0, integer: limit !== Number.POSITIVE_INFINITY });
  return ({ state }) =>
    state.iteration >= limit
      ? { kind: "budget", rule: "maxIterations", detail: `${state.iteration} iterations` }
      : null;
}

/** Budget: at most so many evaluations of each kind that is named. */
export function maxEvaluations(limits: Partial<Counts>): Stop {
  const kinds = Object.keys(limits) as (keyof Counts)[];
  for (const kind of kinds) {
    if (!Object.hasOwn(zeroCounts(), kind)) {
      const kinds = "value, gradient, hessian, hessianApply, residual, jacobian or factorization";
      misuse("maxEvaluations", `limits.${kind}`, "not a kind of evaluation", kinds);
    }
    requireNumber("maxEvaluations", `limits.${kind}`, limits[kind]!, { atLeast: 0 });
  }
  return ({ counts }) => {
    for (const kind of kinds) {
      if (counts[kind] >= limits[kind]!)
        return { kind: "budget", rule: "maxEvaluations", detail: `${counts[kind]} ${kind} evaluations` };
    }
    return null;
  };
}

/** Budget: at most so many milliseconds. Looked at between steps. */
export function timeLimit(milliseconds: number): Stop {
  requireNumber("timeLimit", "milliseconds", milliseconds, { atLeast: 0 });
  return ({ elapsed }) =>
    elapsed >= milliseconds ? { kind: "budget", rule: "timeLimit", detail: `${elapsed.toFixed(0)} ms` } : null;
}

/** Failed when f(x) ≤ −bound: f is taken to be unbounded below. Default bound 1e20. */
export function unboundedBelow(bound = 1e20): Stop {
  requireNumber("unboundedBelow", "bound", bound, { above: 0 });
  return ({ state }) =>
    state.value <= -bound
      ? {
          kind: "failed",
          rule: "unboundedBelow",
          detail: `f = ${state.value.toExponential(2)} ≤ ${(-bound).toExponential(2)}; likely causes: (a) the problem has no minimum, (b) a sign is wrong in f`,
        }
      : null;
}
