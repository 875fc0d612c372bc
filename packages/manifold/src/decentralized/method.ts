// The frame of all decentralized methods: all agents in one loop, and what is watched of them. An agent's own part is in agent.ts.
import { type Counted, describe, type Method, misuse, type StopReason, stateAt, type Vector } from "@hessia/core";
import type { Manifold } from "../manifold.js";
import type { ManifoldState } from "../problem.js";
import { onManifold } from "../problem.js";
import { diagnoseOnManifold } from "../support/trial.js";
import {
  type Agent,
  type AgentRule,
  type AgentSettings,
  type AgentWork,
  messageInto,
  messageLength,
  mixInto,
  moveAgent,
  newAgentWork,
  scalarsPerAgent,
  startAgent,
} from "./agent.js";
import { stepShare } from "./mixing.js";
import { type DecentralizedProblem, type DecentralizedState, inducedMeanInto, localGradientInto } from "./problem.js";

/** A method of agents: besides `init` and `step` for all of them in one loop it has what one agent needs in a worker of its own. */
export interface DecentralizedMethod extends Method<DecentralizedProblem, DecentralizedState> {
  readonly rule: AgentRule;
  readonly settings: AgentSettings;
}

interface Work {
  readonly agents: readonly Agent[];
  readonly agent: AgentWork;
  /** What each agent says, and what it heard. */
  said: Vector[];
  heard: Vector[];
  readonly gradient: Vector;
}

export function decentralizedMethod(rule: AgentRule, settings: AgentSettings): DecentralizedMethod {
  const { method: name, consensusRounds } = settings;

  function newWork({ manifold, network }: DecentralizedProblem, state: DecentralizedState): Work {
    const messages = () =>
      Array.from({ length: network.agents }, () => new Float64Array(messageLength(manifold.length, settings, rule)));
    return {
      agents: Array.from({ length: network.agents }, (_, i) => agentOf(state, manifold.length, i)),
      agent: newAgentWork(manifold.length, settings),
      said: messages(),
      heard: messages(),
      gradient: manifold.zero(),
    };
  }

  return {
    name,
    rule,
    settings,
    init(problem, x0) {
      const { manifold, network } = problem;
      const state = blankState(settings, problem, x0);
      const { agents, agent, gradient } = newWork(problem, state);
      for (let i = 0; i < network.agents; i++)
        if (!startAgent(manifold, agents[i]!, (out, x) => localGradientInto(problem, i, out, x), agent)) {
          state.value = Number.NaN;
          state.gradientNorm = Number.NaN;
          return state;
        }
      watch(manifold, state, (i, out, x) => localGradientInto(problem, i, out, x), gradient);
      return startWatch(state);
    },

    step(problem, state) {
      const { manifold, network } = problem;
      const work = (state.work ??= newWork(problem, state)) as Work;
      const { agents } = work;
      state.iteration++;
      for (let i = 0; i < agents.length; i++) messageInto(work.said[i]!, agents[i]!, rule);
      const messageOf = (j: number) => work.said[j]!;
      for (let round = 0; round < consensusRounds; round++) {
        const { rows } = network.matrices[state.rounds % network.matrices.length]!;
        for (let i = 0; i < agents.length; i++) mixInto(work.heard[i]!, rows[i]!, messageOf);
        const { said } = work;
        work.said = work.heard;
        work.heard = said;
        state.rounds++;
      }
      const moment = {
        iteration: state.iteration,
        share: stepShare(network, consensusRounds),
        stepScale: state.stepScale,
      };
      let moved = 0;
      for (let i = 0; i < agents.length; i++) {
        const evaluate = (out: Vector, x: Vector) => localGradientInto(problem, i, out, x);
        const square = moveAgent(rule, settings, manifold, agents[i]!, work.said[i]!, moment, evaluate, work.agent);
        if (Number.isNaN(square)) state.failure ??= noPoint(i);
        moved += square;
      }
      state.stepNorm = Math.sqrt(moved);
      if (state.failure === null) {
        watch(manifold, state, (i, out, x) => localGradientInto(problem, i, out, x), work.gradient);
        endIteration(settings, state);
      } else state.stepNorm = 0;
      return state;
    },

    diagnose: diagnoseMean,
  };
}

export const noPoint = (i: number) => ({
  rule: "noProgress",
  detail: `agent ${i} has no point with finite f and gradient near the average of what it heard`,
});

/** Agent i's views into the state. */
export function agentOf(
  { x, localGradients, directions, trackers, scalars }: DecentralizedState,
  n: number,
  i: number,
): Agent {
  const share = (all: Vector, size = n) => all.subarray(i * size, (i + 1) * size);
  return {
    x: share(x),
    gradient: share(localGradients),
    direction: share(directions),
    tracker: share(trackers, trackers.length === 0 ? 0 : n),
    scalars: share(scalars, scalarsPerAgent),
  };
}

/**
 * A state at a start whose points are checked and nothing evaluated.
 * @throws ArgumentError when the problem isn't a decentralized one, or a point is off the manifold: the agent is named.
 */
export function blankState(settings: AgentSettings, problem: DecentralizedProblem, x0: Vector): DecentralizedState {
  const { method, gradientTracking } = settings;
  const { manifold, network } = problem;
  if (network === undefined || manifold === undefined)
    misuse(method, "problem", describe(problem), "a problem made by `decentralizedProblem`");
  const n = manifold.length;
  for (let i = 0; i < network.agents; i++)
    manifold.checkPoint(method, `x0 of agent ${i}`, x0.slice(i * n, (i + 1) * n));
  const zeros = () => new Float64Array(x0.length);
  return {
    ...stateAt(method, x0.slice(), 0, manifold.zero(), 0),
    mean: manifold.zero(),
    consensusError: 0,
    rounds: 0,
    localGradients: zeros(),
    directions: zeros(),
    trackers: gradientTracking ? zeros() : new Float64Array(0),
    scalars: new Float64Array(scalarsPerAgent * network.agents),
    stepScale: 1,
    leastMeasure: Number.POSITIVE_INFINITY,
    leastValue: Number.POSITIVE_INFINITY,
    sinceLeast: 0,
  };
}

/** x̄, ‖x − x̄‖, f(x̄), grad f(x̄): what no agent needs, for stop rules and the user. The sums run over the agents in order. */
export function watch(
  manifold: Manifold,
  state: DecentralizedState,
  evaluate: (agent: number, out: Vector, x: Vector) => number,
  scratch: Vector,
): void {
  watchMean(manifold, state);
  const { gradient, mean } = state;
  const agents = state.x.length / mean.length;
  gradient.fill(0);
  let value = 0;
  for (let i = 0; i < agents; i++) {
    if (Number.isNaN(mean[0])) scratch.fill(Number.NaN);
    value += Number.isNaN(mean[0]) ? Number.NaN : evaluate(i, scratch, mean);
    for (let k = 0; k < gradient.length; k++) gradient[k] += scratch[k];
  }
  finishWatch(manifold, state, value, agents);
}

export function watchMean(manifold: Manifold, state: DecentralizedState): void {
  const { x, mean } = state;
  inducedMeanInto(mean, manifold, x);
  let square = 0;
  for (let k = 0; k < x.length; k++) square += (x[k] - mean[k % mean.length]) ** 2;
  state.consensusError = Math.sqrt(square);
}

/** From the sums of fᵢ(x̄) and ∇fᵢ(x̄), the latter in `state.gradient`. */
export function finishWatch(manifold: Manifold, state: DecentralizedState, value: number, agents: number): void {
  const { gradient, mean } = state;
  for (let k = 0; k < gradient.length; k++) gradient[k] /= agents;
  manifold.euclideanToRiemannianGradientInto(gradient, mean, gradient);
  state.value = value / agents;
  let square = 0;
  for (let k = 0; k < gradient.length; k++) square += gradient[k] * gradient[k];
  state.gradientNorm = Math.sqrt(square);
}

/** After the first look: what later ones are compared with. */
export function startWatch(state: DecentralizedState): DecentralizedState {
  state.initialGradientNorm = state.gradientNorm;
  state.leastMeasure = Math.max(state.gradientNorm, state.consensusError);
  state.leastValue = state.value;
  return state;
}

const patience = 1000;
/** Below this share adaptive steps are no longer halved. */
const smallestScale = 2 ** -12;

/**
 * Counts the iterations without a clear fall of max(‖grad f(x̄)‖, ‖x − x̄‖) or of f(x̄). After 1000 adaptive steps with tracking are halved, since the theorems hold for steps that are
 * small enough; others, and those that were halved 12 times, end.
 */
export function endIteration({ gradientTracking, step }: AgentSettings, state: DecentralizedState): void {
  const measure = Math.max(state.gradientNorm, state.consensusError);
  const clear = 1e-10 * Math.max(1, Math.abs(state.leastValue));
  const [nearer, lower] = [measure < 0.99 * state.leastMeasure, state.value < state.leastValue - clear];
  if (nearer) state.leastMeasure = measure;
  if (lower) state.leastValue = state.value;
  state.sinceLeast = nearer || lower ? 0 : state.sinceLeast + 1;
  if (state.sinceLeast < patience) return;
  state.sinceLeast = 0;
  if (gradientTracking && step === "adaptive" && state.stepScale > smallestScale && !rounded(state)) {
    state.stepScale *= 0.5;
    return;
  }
  state.failure = {
    rule: "noProgress",
    detail:
      `max(‖grad f(x̄)‖, ‖x − x̄‖) stays above ${state.leastMeasure.toExponential(2)} for ${patience} iterations; likely causes: ` +
      (gradientTracking
        ? "(a) the limit of rounding is reached, (b) the step is too long"
        : "(a) without gradient tracking a fixed step ends at a distance from the solution that shrinks with the step, (b) the step is too long"),
  };
}

/** Whether what is left may be rounding. */
const rounded = ({ leastMeasure, initialGradientNorm }: DecentralizedState) =>
  leastMeasure <= 1e-12 * Math.max(1, initialGradientNorm);

/** The mean's gradient is checked along the manifold: a wrong one of some agent. */
function diagnoseMean(problem: Counted<DecentralizedProblem>, state: DecentralizedState): StopReason | null {
  const { manifold, locals, network } = problem;
  if (locals.length === 0 || Number.isNaN(state.mean[0])) return null;
  const scratch = manifold.zero();
  const average = onManifold(manifold, {
    dimension: manifold.length,
    value: (x: Vector) => locals.reduce((sum, local) => sum + local.value(x), 0) / network.agents,
    gradientInto(out: Vector, x: Vector) {
      out.fill(0);
      for (const local of locals) {
        local.gradientInto(scratch, x);
        for (let k = 0; k < out.length; k++) out[k] += scratch[k] / network.agents;
      }
      return out;
    },
  });
  const { counts, times } = problem;
  return diagnoseOnManifold(Object.assign(average, { counts, times }), { x: state.mean } as ManifoldState);
}
