import { finiteBounds, startWithinBounds } from "./bounds.js";
import { diagnoseStall } from "./check/diagnose.js";
import { now, yieldToEventLoop } from "./clock.js";
import { type Counted, counted } from "./counts.js";
import { describe, EvaluationError, misuse, requireKnownOptions, requireNumber } from "./errors.js";
import {
  type AsyncMethod,
  type Certificate,
  type GradientState,
  type Method,
  type State,
  startPoint,
} from "./method.js";
import { type Observer, record } from "./observe.js";
import type { AnyProblem, HasValue } from "./problem.js";
import type { Result } from "./result.js";
import { snapshot } from "./snapshot.js";
import {
  any,
  maxIterations,
  type Observation,
  projectedGradientNorm,
  type Stop,
  type StopReason,
  timeLimit,
  unboundedBelow,
} from "./stop.js";

/** The part of the platform's AbortSignal that is used. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason?: unknown;
}

export interface SolveOptions<S extends State> {
  /** When to stop. Default {@link defaultStop}: (projected) gradient norm 1e-8 (absolute and relative), unbounded below, 10,000 iterations. */
  readonly stop?: Stop<S>;
  /** Watchers, called after `init` and after each step. */
  readonly observers?: readonly Observer<S>[];
  /** Looked at between steps: a synchronous `solve` sees it only if it was aborted before or inside of a callback. */
  readonly signal?: AbortSignalLike;
  /** Milliseconds; shorthand for a `timeLimit` rule beside `stop`. */
  readonly timeLimit?: number;
  /** A snapshot to go on from instead of `init` at x0 (see `snapshot`, `serialize`). */
  readonly resume?: S;
  /** Whether to keep one row a step in `result.trace`. Default false. */
  readonly trace?: boolean;
  /** Whether a converged point must pass the second-order test of methods that can make it. Default true. */
  readonly secondOrder?: boolean;
}

const optionNames = ["stop", "observers", "signal", "timeLimit", "resume", "trace", "secondOrder"] as const;

/** Rounding in f leaves ‖g‖ near √eps·scale for most problems; 1e-8 is below what applications need and above that floor. */
export const defaultStop: Stop<GradientState> = any<GradientState>(
  projectedGradientNorm(1e-8),
  unboundedBelow(),
  maxIterations(10_000),
);

/**
 * Runs a method on a problem until a stop rule answers, the method fails, or the signal is aborted.
 *
 * Every numerical outcome is returned with its reason; only misuse throws. A problem with finite bounds is refused by a method that takes none;
 * for one that does, x0 is first moved to the nearest point within them.
 * @throws ArgumentError on misuse. EvaluationError when the user's own function throws: its `partial` is the result so far.
 */
export function solve<P extends HasValue, S extends GradientState>(
  method: Method<P, S>,
  problem: P,
  x0: ArrayLike<number>,
  options: SolveOptions<S> = {},
): Result<S> {
  const run = new Run<P, S>("solve", method, problem, x0, options);
  try {
    run.begin(options.resume === undefined ? method.init(run.problem, run.x0) : run.resumed());
    while (!run.ended()) {
      if (run.needsCertificate()) run.certified(method.certify!(run.problem, run.state));
      else run.advance(method.step(run.problem, run.state));
    }
    return run.result();
  } catch (error) {
    throw run.withPartialResult(error);
  }
}

/**
 * As {@link solve}, but gives the event loop a turn every `yieldEvery` milliseconds (default 8), so that timers, input and
 * an AbortSignal are served, and awaits methods whose steps are promises.
 */
export async function solveAsync<P extends HasValue, S extends GradientState>(
  method: AsyncMethod<P, S>,
  problem: P,
  x0: ArrayLike<number>,
  options: SolveOptions<S> & { readonly yieldEvery?: number } = {},
): Promise<Result<S>> {
  const { yieldEvery = 8, ...rest } = options;
  requireNumber("solveAsync", "options.yieldEvery", yieldEvery, { atLeast: 0 });
  const run = new Run<P, S>("solveAsync", method, problem, x0, rest);
  let lastYield = now();
  try {
    run.begin(options.resume === undefined ? await method.init(run.problem, run.x0) : run.resumed());
    while (!run.ended()) {
      if (now() - lastYield >= yieldEvery) {
        await yieldToEventLoop();
        lastYield = now();
        if (run.ended()) break;
      }
      if (run.needsCertificate()) run.certified(await method.certify!(run.problem, run.state));
      else run.advance(await method.step(run.problem, run.state));
    }
    return run.result();
  } catch (error) {
    throw run.withPartialResult(error);
  }
}

/** How often a run may come to rest at a saddle and go on: a bound, not a tuning constant. */
const maxRefutations = 100;

/** The bookkeeping of one run, shared by the two loops above: they differ only in `await`. */
class Run<P extends HasValue, S extends GradientState> {
  readonly problem: Counted<P>;
  readonly x0: Float64Array;
  state!: S;
  private readonly start = now();
  private readonly stop: Stop<S>;
  private readonly observers: readonly Observer<S>[];
  private readonly trace = record();
  private best: { x: Float64Array; value: number } | undefined;
  private previousValue: number | undefined;
  private currentValue: number | undefined;
  private reason: StopReason | null = null;
  private certificate: Certificate<S> | undefined;
  private refutations = 0;

  constructor(
    private readonly routine: string,
    private readonly method: AsyncMethod<P, S>,
    problem: P,
    x0: ArrayLike<number>,
    private readonly options: SolveOptions<S>,
  ) {
    if (method === null || typeof method !== "object" || typeof method.step !== "function") {
      const hint = typeof method === "function" ? "A method is made by calling its function: `lbfgs()`." : undefined;
      misuse(routine, "method", describe(method), "a method: an object with `name`, `init` and `step`", hint);
    }
    requireKnownOptions(routine, options, optionNames);
    if (options.stop !== undefined && typeof options.stop !== "function") {
      misuse(routine, "options.stop", describe(options.stop), "a stop rule, for example `gradientNorm(1e-8)`");
    }
    this.problem = counted(problem);
    this.x0 = startWithinBounds(routine, method, problem, startPoint(routine, problem.dimension, x0));
    const stop = options.stop ?? (defaultStop as Stop<S>);
    this.stop = options.timeLimit === undefined ? stop : any<S>(stop, timeLimit(options.timeLimit));
    this.observers = options.trace === true ? [this.trace, ...(options.observers ?? [])] : (options.observers ?? []);
  }

  /** A copy of the state to resume from, checked against the method and the problem. */
  resumed(): S {
    const state = this.options.resume!;
    if (state.method !== this.method.name) {
      misuse(
        this.routine,
        "options.resume",
        `a state of method "${state.method}"`,
        `a state of method "${this.method.name}"`,
      );
    }
    if (state.x.length !== this.problem.dimension) {
      misuse(
        this.routine,
        "options.resume",
        `a state with ${state.x.length} variables`,
        `${this.problem.dimension} variables`,
      );
    }
    const bounds = finiteBounds(this.routine, this.problem);
    if (bounds !== undefined && state.x.some((x, i) => x < bounds.lower[i]! || x > bounds.upper[i]!))
      misuse(this.routine, "options.resume", "a state outside of the problem's bounds", "one within them");
    return snapshot(state);
  }

  begin(state: S): void {
    this.state = state;
    this.keepBest();
    if (!Number.isFinite(state.value) || !Number.isFinite(state.gradientNorm)) {
      const what = Number.isFinite(state.value) ? "∇f(x0) is not finite" : `f(x0) = ${state.value}`;
      this.reason = {
        kind: "failed",
        rule: "nonFiniteStart",
        detail: `${what}; likely causes: (a) x0 is outside of f's domain, (b) overflow in f; try another start`,
      };
    }
    this.look();
  }

  advance(state: S): void {
    // `step` may have written into the old state: its value was kept apart.
    this.previousValue = this.currentValue;
    this.state = state;
    this.keepBest();
    this.look();
  }

  needsCertificate(): boolean {
    return (
      this.reason?.kind === "converged" &&
      this.certificate === undefined &&
      this.method.certify !== undefined &&
      this.options.secondOrder !== false
    );
  }

  /** Takes the method's word on the second-order condition: on a saddle the run goes on. */
  certified(certificate: Certificate<S>): void {
    if (certificate.holds) {
      this.certificate = certificate;
      return;
    }
    this.reason = null;
    this.state = certificate.state;
    this.refutations++;
    if (this.refutations > maxRefutations || certificate.state.failure !== null) {
      this.reason = {
        kind: "failed",
        rule: "saddlePoint",
        detail: `a stationary point with least curvature ${certificate.leastCurvature.toExponential(2)} that could not be left`,
      };
    }
  }

  ended(): boolean {
    return this.reason !== null && !this.needsCertificate();
  }

  result(): Result<S> {
    const { problem, state, reason } = this;
    // Converged is said of the state's point: one whose f is lower by rounding alone wasn't tested.
    const best =
      reason?.kind === "converged" || this.best === undefined ? { x: state.x.slice(), value: state.value } : this.best;
    return {
      x: best.x,
      value: best.value,
      iterations: state.iteration,
      counts: { ...problem.counts },
      times: { ...problem.times, total: now() - this.start },
      reason: reason ?? { kind: "failed", rule: "evaluationThrew", detail: "the problem's own function threw" },
      leastCurvature: this.certificate?.leastCurvature,
      trace: this.trace.rows,
      state,
      method: this.method.name,
    };
  }

  withPartialResult(error: unknown): unknown {
    if (error instanceof EvaluationError && this.state !== undefined) error.partial = this.result();
    return error;
  }

  private keepBest(): void {
    const { x, value } = this.state;
    if (this.best === undefined) this.best = { x: x.slice(), value };
    else if (value <= this.best.value || Number.isNaN(this.best.value)) {
      this.best.x.set(x);
      this.best.value = value;
    }
  }

  private observation(): Observation<S> {
    return {
      state: this.state,
      previousValue: this.previousValue,
      counts: this.problem.counts,
      elapsed: now() - this.start,
    };
  }

  private look(): void {
    const stuckAtSaddle = this.refutations > 0 && this.state.failure !== null;
    this.currentValue = this.state.value;
    const observation = this.observation();
    for (const observe of this.observers) observe(observation);
    this.reason ??=
      this.abortReason() ??
      (stuckAtSaddle ? this.failureReason() : null) ??
      this.stop(observation) ??
      this.failureReason();
  }

  private abortReason(): StopReason | null {
    const { signal } = this.options;
    if (signal?.aborted !== true) return null;
    const why =
      signal.reason instanceof Error ? signal.reason.message : signal.reason === undefined ? "" : String(signal.reason);
    return { kind: "aborted", rule: "signal", detail: why };
  }

  private failureReason(): StopReason | null {
    const { failure } = this.state;
    if (failure === null) return null;
    const { diagnose } = this.method;
    const suspicion =
      diagnose === undefined
        ? diagnoseStall(this.problem as unknown as AnyProblem, this.state)
        : diagnose(this.problem, this.state);
    return suspicion ?? { kind: "failed", ...failure };
  }
}
