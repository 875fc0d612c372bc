// One agent's part of a decentralized method: what it says, how it mixes what it hears, how it moves. It knows its own data and its neighbours' messages, nothing else; the same code
// runs for all agents in one loop and for one agent in a worker, so that both give the same bits.
import { describe, misuse, requireKnownOptions, requireNumber, type Vector } from "@hessia/core";
import type { Manifold } from "../manifold.js";
import type { MixingRow } from "./mixing.js";

/**
 * α of all steps: fixed; falling as first · k^(−power), k = 1, 2, …; or adaptive, a share of 1/L, L the largest Lipschitz constant of a gradient
 * that was seen along the steps of any agent: min((1 − σᵗ)/2, (1 − ν)²/4), −ν the least eigenvalue of Wᵗ where it is negative.
 */
export type DecentralizedStep = "adaptive" | number | { readonly first: number; readonly power: number };

export interface DecentralizedOptions {
  /** Whether agents keep an estimate of grad f, corrected by mixing and by the change of their own gradients. Without it a fixed step ends at a distance from a solution that shrinks with α. Default true. */
  readonly gradientTracking?: boolean;
  /** Default "adaptive". A number is > 0; `power` in (0, 1]. */
  readonly step?: DecentralizedStep;
  /** Rounds of mixing an iteration, t. 1 to 1000. Default 1. */
  readonly consensusRounds?: number;
}

/** The options as plain data that a worker can be sent. */
export interface AgentSettings {
  readonly method: string;
  readonly gradientTracking: boolean;
  readonly step: DecentralizedStep;
  readonly consensusRounds: number;
  readonly momentum: number;
}

/** Checks the options that all decentralized methods have. @throws ArgumentError */
export function agentSettings(method: string, options: DecentralizedOptions, momentum = 0): AgentSettings {
  requireKnownOptions(method, options, ["gradientTracking", "step", "consensusRounds"]);
  const { gradientTracking = true, step = "adaptive", consensusRounds = 1 } = options;
  if (typeof gradientTracking !== "boolean")
    misuse(method, "options.gradientTracking", describe(gradientTracking), "true or false");
  requireNumber(method, "options.consensusRounds", consensusRounds, { atLeast: 1, atMost: 1000, integer: true });
  const positive = { above: 0, below: Number.POSITIVE_INFINITY };
  if (typeof step === "object" && step !== null) {
    requireKnownOptions(method, step, ["first", "power"]);
    requireNumber(method, "options.step.first", step.first, positive);
    requireNumber(method, "options.step.power", step.power, { above: 0, atMost: 1 });
  } else if (step !== "adaptive") {
    if (typeof step !== "number")
      misuse(method, "options.step", describe(step), '"adaptive", a number > 0 or { first, power }');
    requireNumber(method, "options.step", step, positive);
  }
  return { method, gradientTracking, step, consensusRounds, momentum };
}

/** What a method is to an agent. */
export interface AgentRule {
  /** Whether η is averaged with the neighbours' too. */
  readonly mixesDirections: boolean;
  /** Writes x⁺ into `out`, NaN where there is none: from x, the average x̂ of what was heard, and the direction. `scratch` may be written. */
  moveInto(
    out: Vector,
    manifold: Manifold,
    x: Vector,
    heard: Vector,
    direction: Vector,
    α: number,
    scratch: Vector,
  ): void;
  /** Writes η⁺ over η: from v⁺, the average η̂ of what was heard (where directions are mixed), and ‖v‖², ‖v⁺‖². `scratch` may be written. */
  turnInto(direction: Vector, manifold: Manifold, x: Vector, v: Vector, turn: Turn, scratch: Vector): void;
}

export interface Turn {
  heard: Vector;
  previousSquare: number;
  square: number;
  readonly momentum: number;
}

/** One agent's share of the state: views into it. */
export interface Agent {
  readonly x: Vector;
  readonly gradient: Vector;
  readonly direction: Vector;
  /** Empty without gradient tracking. */
  readonly tracker: Vector;
  /** The largest Lipschitz constant seen or heard of, ‖v‖². */
  readonly scalars: Vector;
}

export const scalarsPerAgent = 2;

/** fᵢ(x), and ∇fᵢ(x) into `out`. */
export type EvaluateLocal = (out: Vector, x: Vector) => number;

export interface AgentWork {
  readonly trial: Vector;
  readonly gradient: Vector;
  readonly v: Vector;
  readonly scratch: Vector;
  readonly turn: Turn;
  /** The parts of a mixed message. */
  readonly heard: { x: Vector; tracker: Vector; direction: Vector };
}

/** Numbers in a message: x, s with tracking, η where it is mixed, L. */
export const messageLength = (length: number, { gradientTracking }: AgentSettings, rule: AgentRule): number =>
  length * (1 + (gradientTracking ? 1 : 0) + (rule.mixesDirections ? 1 : 0)) + 1;

export function newAgentWork(length: number, settings: AgentSettings): AgentWork {
  const empty = new Float64Array(0);
  const make = () => new Float64Array(length);
  return {
    trial: make(),
    gradient: make(),
    v: make(),
    scratch: make(),
    turn: { heard: empty, previousSquare: 0, square: 0, momentum: settings.momentum },
    heard: { x: make(), tracker: settings.gradientTracking ? make() : empty, direction: make() },
  };
}

/** What the agent says in the first round of an iteration. */
export function messageInto(out: Vector, { x, tracker, direction, scalars }: Agent, rule: AgentRule): Vector {
  out.set(x);
  out.set(tracker, x.length);
  if (rule.mixesDirections) out.set(direction, x.length + tracker.length);
  out[out.length - 1] = scalars[0]!;
  return out;
}

/** out ← Σ_j W_ij mⱼ over what was heard, in the order of the agents; of the last number, L, the largest. */
export function mixInto(out: Vector, { agents, weights }: MixingRow, messageOf: (agent: number) => Vector): Vector {
  const last = out.length - 1;
  out.fill(0);
  for (let a = 0; a < agents.length; a++) {
    const message = messageOf(agents[a]!);
    const w = weights[a]!;
    for (let k = 0; k < last; k++) out[k] += w * message[k];
    if (message[last]! > out[last]!) out[last] = message[last]!;
  }
  return out;
}

/** α of an iteration; they count from 1. */
function stepLength({ step }: AgentSettings, { iteration, share, stepScale }: Moment, L: number): number {
  if (typeof step === "number") return step;
  if (step !== "adaptive") return step.first * iteration ** -step.power;
  return L > 0 ? (stepScale * share) / L : 0;
}

const halvings = 50;

/** The settings of one iteration. */
export interface Moment {
  readonly iteration: number;
  /** The share of 1/L that adaptive steps take. */
  readonly share: number;
  readonly stepScale: number;
}

/**
 * Moves the agent by what it heard. A trial point at which f or its gradient isn't finite is rejected and α halved, by this agent alone.
 * Answers ‖x⁺ − x‖², NaN where 50 halvings weren't enough.
 */
export function moveAgent(
  rule: AgentRule,
  settings: AgentSettings,
  manifold: Manifold,
  agent: Agent,
  heard: Vector,
  moment: Moment,
  evaluate: EvaluateLocal,
  work: AgentWork,
): number {
  const { x, gradient, direction, tracker, scalars } = agent;
  const n = x.length;
  const { trial, v, scratch, turn, heard: parts } = work;
  for (let k = 0; k < n; k++) parts.x[k] = heard[k];
  for (let k = 0; k < tracker.length; k++) parts.tracker[k] = heard[n + k];
  if (rule.mixesDirections) for (let k = 0; k < n; k++) parts.direction[k] = heard[n + tracker.length + k];
  const L = heard[heard.length - 1]!;
  let α = stepLength(settings, moment, L);
  let found = false;
  for (let halving = 0; halving <= halvings && !found; halving++) {
    rule.moveInto(trial, manifold, x, parts.x, direction, α, scratch);
    found = Number.isFinite(trial[0]) && riemannianGradientInto(work.gradient, manifold, trial, evaluate);
    α *= 0.5;
  }
  if (!found) return Number.NaN;

  let [moved, changed, square] = [0, 0, 0];
  for (let k = 0; k < n; k++) {
    const change = work.gradient[k] - gradient[k];
    moved += (trial[k] - x[k]) ** 2;
    changed += change * change;
    if (settings.gradientTracking) tracker[k] = parts.tracker[k] + change;
    x[k] = trial[k];
    gradient[k] = work.gradient[k];
  }
  // Below this length differences of gradients are rounding.
  scalars[0] = moved > 1e-12 * n ? Math.max(L, Math.sqrt(changed / moved)) : L;
  if (settings.gradientTracking) manifold.projInto(v, x, tracker);
  else v.set(gradient);
  for (let k = 0; k < n; k++) square += v[k] * v[k];
  turn.heard = parts.direction;
  turn.previousSquare = scalars[1]!;
  turn.square = square;
  rule.turnInto(direction, manifold, x, v, turn, scratch);
  scalars[1] = square;
  return moved;
}

/** grad fᵢ(x) into `out`. False where fᵢ or it isn't finite. */
export function riemannianGradientInto(out: Vector, manifold: Manifold, x: Vector, evaluate: EvaluateLocal): boolean {
  const value = evaluate(out, x);
  let sum = value * 0;
  for (let k = 0; k < out.length; k++) sum += out[k] * 0;
  if (sum !== 0) return false;
  manifold.euclideanToRiemannianGradientInto(out, x, out);
  return true;
}

/**
 * Fills an agent's data at its start: gradient, η = −grad fᵢ, s = grad fᵢ, and L by the change of the gradient along a short step against it.
 * False where fᵢ isn't finite there.
 */
export function startAgent(manifold: Manifold, agent: Agent, evaluate: EvaluateLocal, work: AgentWork): boolean {
  const { x, gradient, direction, tracker, scalars } = agent;
  const n = x.length;
  if (!riemannianGradientInto(gradient, manifold, x, evaluate)) return false;
  let square = 0;
  for (let k = 0; k < n; k++) {
    square += gradient[k] * gradient[k];
    direction[k] = -gradient[k];
    if (tracker.length > 0) tracker[k] = gradient[k];
  }
  scalars[1] = square;
  scalars[0] = 0;
  if (square === 0) return true;
  manifold.retractInto(work.trial, x, direction, probe / Math.sqrt(square));
  if (!riemannianGradientInto(work.gradient, manifold, work.trial, evaluate)) return true;
  let [moved, changed] = [0, 0];
  for (let k = 0; k < n; k++) {
    moved += (work.trial[k] - x[k]) ** 2;
    changed += (work.gradient[k] - gradient[k]) ** 2;
  }
  if (moved > 0) scalars[0] = Math.sqrt(changed / moved);
  return true;
}

const probe = 1e-3;
