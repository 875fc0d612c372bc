// SciPy's minimizers (and Ipopt, through cyipopt) in a Python process: it asks, Hessia evaluates, so that all run on the same functions and every evaluation
// is counted here. Optional: where Python or SciPy is missing the peers are absent, and the run says so in one line.
import {
  type Counted,
  counted,
  halfSquaredNorm,
  jacobianTransposeTimesInto,
  type LeastSquaresProblem,
} from "@hessia/core";
import { toDenseMatrix } from "@hessia/core/linear";
import type { FullProblem } from "../problems/collection.js";
import { projectedGradientNorm } from "../projected.js";
import type { Progress, Row } from "../row.js";
import { totalEvaluations } from "../row.js";
import type { Contender, Outcome } from "../run.js";
import { Conversation, type Message } from "./conversation.js";
import driver from "./scipy.py?raw";

const pack = (v: Float64Array | Int32Array) => Buffer.from(v.buffer, v.byteOffset, v.byteLength).toString("base64");
const unpack = (text: string): Float64Array => {
  const bytes = Buffer.from(text, "base64");
  const copy = new Float64Array(bytes.byteLength / 8);
  Buffer.from(copy.buffer).set(bytes);
  return copy;
};

interface ScipyMethod {
  readonly method: string;
  readonly title?: string;
  /** The largest n that it is asked for. */
  readonly largest: number;
  readonly takes: readonly ("unconstrained" | "residuals" | "bounds")[];
}

const methods: readonly ScipyMethod[] = [
  { method: "trust-exact", largest: 1000, takes: ["unconstrained"] },
  { method: "trust-krylov", largest: 10_000, takes: ["unconstrained"] },
  { method: "Newton-CG", largest: 10_000, takes: ["unconstrained"] },
  { method: "L-BFGS-B", largest: 10_000, takes: ["unconstrained", "bounds"] },
  { method: "trust-constr", largest: 2000, takes: ["unconstrained", "bounds"] },
  { method: "SLSQP", largest: 200, takes: ["unconstrained", "bounds"] },
  { method: "TNC", largest: 10_000, takes: ["bounds"] },
  { method: "least_squares", largest: 1000, takes: ["residuals"] },
];
const ipopt: ScipyMethod = { method: "ipopt", title: "Ipopt", largest: 1000, takes: ["unconstrained", "bounds"] };

export interface ScipyPeers {
  readonly versions: Readonly<Record<string, string>>;
  readonly unconstrained: readonly Contender[];
  readonly residuals: readonly Contender[];
  readonly bounds: readonly Contender[];
  close(): void;
}

/** Starts the process; undefined where Python or SciPy is missing. */
export async function startScipy(): Promise<ScipyPeers | undefined> {
  const conversation = await Conversation.start(driver);
  if (conversation === undefined) return undefined;
  const hello = conversation.hello as Record<string, string>;
  const peers = (kind: ScipyMethod["takes"][number]): Contender[] =>
    (hello.cyipopt === undefined ? methods : [...methods, ipopt])
      .filter(({ takes }) => takes.includes(kind))
      .map(({ method, largest, title }) => ({
        name: title ?? `SciPy ${method}`,
        takes: (n) => n <= largest,
        run: (problem, start, limits) => converse(method, problem as FullProblem, start, limits, conversation),
      }));
  return {
    versions: hello,
    unconstrained: peers("unconstrained"),
    residuals: peers("residuals"),
    bounds: peers("bounds"),
    close: () => conversation.close(),
  };
}

async function converse(
  method: string,
  problem: FullProblem & Partial<LeastSquaresProblem>,
  start: Float64Array,
  { tolerance, maxTime }: Parameters<Contender["run"]>[2],
  conversation: Conversation,
): Promise<Outcome> {
  const n = start.length;
  const watched = counted(problem) as Counted<FullProblem & Partial<LeastSquaresProblem>>;
  const { lower, upper } = problem;
  const bounded =
    lower !== undefined && upper !== undefined && (lower.some(Number.isFinite) || upper.some(Number.isFinite));
  const sides = bounded ? { lower: pack(lower), upper: pack(upper) } : {};
  const g = new Float64Array(n);
  const H = problem.newHessian();
  const J = problem.newJacobian?.();
  const r = new Float64Array(problem.residuals ?? 0);
  let threshold = Number.NaN;
  let best: { x: Float64Array; value: number } = { x: start, value: Number.POSITIVE_INFINITY };
  let reason: Row["reason"] = {
    kind: "failed",
    rule: "ownStop",
    detail: "stopped by its own rule before the tolerance",
  };
  const progress: Progress[] = [];
  const begin = performance.now();
  /** Whether a gradient ends the run: it is within the tolerance. */
  const within = (gradient: Float64Array, x: Float64Array): boolean => {
    const norm = projectedGradientNorm(problem, x, gradient);
    if (Number.isNaN(threshold)) threshold = tolerance * Math.max(1, norm);
    if (norm > threshold) return false;
    best = { x, value: problem.value(x) };
    reason = { kind: "converged", rule: "gradientNorm", detail: `‖g‖∞ = ${norm.toExponential(2)}` };
    return true;
  };
  const note = (x: Float64Array, value: number): void => {
    if (!(value < best.value)) return;
    best = { x, value };
    progress.push({ evaluations: totalEvaluations(watched.counts), ms: performance.now() - begin, value });
  };
  const answer = (message: Message): Message => {
    const x = unpack(message.x as string);
    if (performance.now() - begin > maxTime) {
      reason = { kind: "budget", rule: "timeLimit", detail: `${maxTime} ms` };
      return { stop: true };
    }
    switch (message.ask) {
      case "f": {
        const value = watched.value(x);
        note(x, value);
        // JSON has no NaN: a value outside of the domain is a very large one.
        return { value: Number.isFinite(value) ? value : 1e300 };
      }
      case "g": {
        watched.gradientInto(g, x);
        if (within(g, x)) return { stop: true };
        return { vector: pack(g) };
      }
      case "r":
        note(x, halfSquaredNorm(watched.residualInto!(r, x)));
        return { vector: pack(r) };
      case "J": {
        const at = watched.jacobianInto!(J!, x);
        if (within(jacobianTransposeTimesInto(g, at, problem.residualInto!(r, x)), x)) return { stop: true };
        return { dense: pack(at.kind === "dense" ? at.data : toDenseMatrix(at).data), rows: r.length };
      }
      case "hp":
        return { vector: pack(watched.hessianApplyInto(new Float64Array(n), x, unpack(message.p as string))) };
      default: {
        watched.hessianInto(H, x);
        if (H.kind === "dense") return { dense: pack(H.data) };
        return { values: pack(H.values), indices: pack(H.rowIndices), pointers: pack(H.colPointers) };
      }
    }
  };
  conversation.say({ method, start: pack(start), ...sides });
  let own = Number.NaN;
  for (;;) {
    const message = await conversation.hear(3 * maxTime + 5000);
    if (message === undefined) {
      reason = { kind: "budget", rule: "timeLimit", detail: "no answer for three times the limit; ended" };
      await conversation.renew();
      break;
    }
    if (message.ask !== undefined) {
      conversation.say(answer(message));
      continue;
    }
    own = message.own as number;
    if (message.done === "own")
      best = { x: unpack(message.x as string), value: problem.value(unpack(message.x as string)) };
    else if (message.done !== "stopped") reason = { kind: "failed", rule: "threw", detail: String(message.done) };
    break;
  }
  const { times, counts } = watched;
  const evaluationMs = totalEvaluations(times);
  const ms = Number.isNaN(own) ? performance.now() - begin : own + evaluationMs;
  return {
    ...best,
    iterations: counts.gradient + counts.jacobian,
    counts: { ...counts },
    ms,
    evaluationMs,
    reason,
    progress,
  };
}
