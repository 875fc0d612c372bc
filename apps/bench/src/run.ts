// Runs one method (ours or a peer) on one problem, under the same rules for all: the same stopping test on ‖∇f‖∞, the
// same time limit, every evaluation counted, and the final point judged by the benchmark itself.
import {
  any,
  type Counted,
  type Counts,
  counted,
  type GradientProblem,
  type GradientState,
  type Method,
  maxIterations,
  projectedGradientNorm as projectedGradientRule,
  type Result,
  solve,
  unboundedBelow,
} from "@hessia/core";
import { normInf } from "@hessia/core/linear";
import type { minimize } from "@hessia/newton";
import type { AnyTest } from "./problems/collection.js";
import { projectedGradientNorm } from "./projected.js";
import type { Progress, Row } from "./row.js";
import { totalEvaluations } from "./row.js";

export interface Limits {
  readonly tolerance: number;
  /** Milliseconds a problem and method. */
  readonly maxTime: number;
  readonly maxIterations: number;
}

/** How a benchmark calls a solver; `evaluate` lets it stop as soon as the tolerance is met. */
export interface Contender {
  readonly name: string;
  /** Whether the method can take a problem of n variables (a peer with an n × n matrix can't take 10,000). */
  takes(n: number): boolean;
  run(problem: GradientProblem, start: Float64Array, limits: Limits): Outcome | Promise<Outcome>;
}

export interface Outcome {
  readonly x: Float64Array;
  readonly value: number;
  readonly iterations: number;
  readonly counts: Readonly<Counts>;
  readonly ms: number;
  readonly evaluationMs: number;
  readonly reason: Row["reason"];
  readonly progress: readonly Progress[];
}

export async function runOne(test: AnyTest, contender: Contender, limits: Limits): Promise<Row> {
  const problem = test.problem();
  const start = test.start();
  const g = problem.gradientInto(new Float64Array(test.n), start);
  const startGradientNorm = projectedGradientNorm(problem, start, g);
  const startValue = problem.value(start);
  // Every pass is compiled before the clock runs: no contender pays for being first.
  problem.hessianInto(problem.newHessian(), start);
  problem.hessianApplyInto(new Float64Array(test.n), start, start);
  const outcome = await contender.run(problem, start, limits);
  const finalGradientNorm = projectedGradientNorm(problem, outcome.x, problem.gradientInto(g, outcome.x));
  const value = problem.value(outcome.x);
  return {
    problem: test.name,
    n: test.n,
    method: contender.name,
    value,
    gradientNorm: finalGradientNorm,
    startGradientNorm,
    startValue,
    solved: finalGradientNorm <= limits.tolerance * Math.max(1, startGradientNorm),
    iterations: outcome.iterations,
    counts: outcome.counts,
    ms: outcome.ms,
    evaluationMs: outcome.evaluationMs,
    reason: outcome.reason,
    optimum: test.optimum,
    gap: test.optimum === null ? null : (value - test.optimum) / Math.max(1, Math.abs(test.optimum)),
    progress: thin(outcome.progress, 200),
  };
}

/** A method of Hessia as a contender. `make` is called anew for each problem. */
export function contender(
  name: string,
  make: (problem: GradientProblem) => Method<GradientProblem, GradientState>,
): Contender {
  return {
    name,
    takes: () => true,
    run(problem, start, { tolerance, maxTime, maxIterations: limit }) {
      const stop = any<GradientState>(projectedGradientRule(tolerance), unboundedBelow(), maxIterations(limit));
      return outcomeOf(solve(make(problem), problem, start, { stop, timeLimit: maxTime, trace: true }));
    },
  };
}

/** `minimize` as a contender: it picks its method itself. */
export function minimizeContender(name: string, run: typeof minimize): Contender {
  return {
    name,
    takes: () => true,
    run: (problem, start, { tolerance, maxTime, maxIterations: limit }) =>
      outcomeOf(run(problem, start, { tolerance, timeLimit: maxTime, maxIterations: limit, trace: true })),
  };
}

function outcomeOf(result: Result<GradientState>): Outcome {
  const { x, value, iterations, counts, times, reason, trace } = result;
  return {
    x,
    value,
    iterations,
    counts,
    ms: times.total,
    evaluationMs: totalEvaluations(times),
    reason,
    progress: trace.map((row) => ({ evaluations: totalEvaluations(row.counts), ms: row.elapsed, value: row.value })),
  };
}

/** Thrown through a peer's code to end it: the tolerance is met, or the time is over. */
class PeerStopped extends Error {
  constructor(readonly reason: Row["reason"]) {
    super(reason.rule);
  }
}

/**
 * A package from npm as a contender. It sees `value` and `gradient` on plain arrays; every call is counted and timed, and the
 * run ends at the first gradient within the tolerance, so that a peer pays for nothing beyond it.
 */
export function peer(
  name: string,
  minimize: (value: (x: number[]) => number, gradient: (x: number[]) => number[], start: number[]) => void,
  { largest }: { readonly largest: number },
): Contender {
  return {
    name,
    takes: (n) => n <= largest,
    run(problem, start, { tolerance, maxTime }) {
      const watched: Counted<GradientProblem> = counted(problem);
      const n = start.length;
      const x = new Float64Array(n);
      const g = new Float64Array(n);
      const progress: Progress[] = [];
      let best = { x: start.slice(), value: Number.POSITIVE_INFINITY };
      let threshold = Number.NaN;
      const begin = performance.now();
      const note = (value: number) => {
        const evaluations = totalEvaluations(watched.counts);
        if (value < best.value) {
          best = { x: x.slice(), value };
          // A run may have millions of evaluations: from the hundredth on, one point a hundredth.
          if (progress.length < 100 || evaluations > 1.01 * progress.at(-1)!.evaluations)
            progress.push({ evaluations, ms: performance.now() - begin, value });
        }
        if (performance.now() - begin > maxTime)
          throw new PeerStopped({ kind: "budget", rule: "timeLimit", detail: `${maxTime} ms` });
      };
      const value = (point: number[]) => {
        x.set(point);
        const f = watched.value(x);
        note(f);
        return f;
      };
      const gradient = (point: number[]) => {
        x.set(point);
        watched.gradientInto(g, x);
        const norm = normInf(g);
        if (Number.isNaN(threshold)) threshold = tolerance * Math.max(1, norm);
        if (norm <= threshold) {
          best = { x: x.slice(), value: problem.value(x) };
          throw new PeerStopped({ kind: "converged", rule: "gradientNorm", detail: `‖g‖∞ = ${norm.toExponential(2)}` });
        }
        return Array.from(g);
      };
      let reason: Row["reason"] = {
        kind: "failed",
        rule: "ownStop",
        detail: "the package stopped by its own rule before the tolerance",
      };
      try {
        minimize(value, gradient, Array.from(start));
      } catch (error) {
        if (error instanceof PeerStopped) reason = error.reason;
        else reason = { kind: "failed", rule: "threw", detail: error instanceof Error ? error.message : String(error) };
      }
      const ms = performance.now() - begin;
      const { times, counts } = watched;
      return {
        ...best,
        iterations: counts.gradient,
        counts: { ...counts },
        ms,
        evaluationMs: times.value + times.gradient,
        reason,
        progress,
      };
    },
  };
}

function thin(progress: readonly Progress[], most: number): Progress[] {
  if (progress.length <= most) return [...progress];
  const kept: Progress[] = [];
  for (let i = 0; i < most; i++) kept.push(progress[Math.round((i * (progress.length - 1)) / (most - 1))]!);
  return kept;
}
