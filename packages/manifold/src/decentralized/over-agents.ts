// The coordinator of agents that live elsewhere: it starts iterations and watches.
import { type AsyncMethod, type Counted, describe, EvaluationError, misuse } from "@hessia/core";
import type { Manifold } from "../manifold.js";
import { type AgentHost, type AgentReport, copyOf } from "./hosts.js";
import {
  agentOf,
  blankState,
  type DecentralizedMethod,
  endIteration,
  finishWatch,
  noPoint,
  startWatch,
  watchMean,
} from "./method.js";
import { type Network, stepShare } from "./mixing.js";
import { type DecentralizedProblem, type DecentralizedState, requireParts } from "./problem.js";

/** A problem whose functions live with the agents: for {@link overAgents}. @throws ArgumentError as `decentralizedProblem`. */
export function remoteProblem(manifold: Manifold, network: Network): DecentralizedProblem {
  requireParts("remoteProblem", manifold, network);
  return {
    dimension: network.agents * manifold.length,
    manifold,
    network,
    locals: [],
    value: () => misuse("remoteProblem", "value", "asked for here", "the agents, who know the functions"),
  };
}

/**
 * A decentralized method whose agents live elsewhere, for `solveAsync`: the same states to the last bit as when it runs in one loop.
 * @throws ArgumentError when the method isn't decentralized; at its start, when there aren't as many hosts as agents.
 */
export function overAgents(
  method: DecentralizedMethod,
  hosts: readonly AgentHost[],
): AsyncMethod<DecentralizedProblem, DecentralizedState> {
  const routine = "overAgents";
  if (method === null || typeof method !== "object" || method.settings === undefined)
    misuse(routine, "method", describe(method), "a decentralized method: drcgd(), dprgd() or drgd()");
  if (!Array.isArray(hosts)) misuse(routine, "hosts", describe(hosts), "an array of agents");
  const { settings } = method;
  // The state whose shares the agents hold.
  let session: object | undefined;

  /** Lets all agents do something and waits for all of them, so that none is busy when an error is passed on. */
  async function each<T>(problem: Counted<DecentralizedProblem>, ask: (host: AgentHost, i: number) => Promise<T>) {
    const outcomes = await Promise.allSettled(hosts.map(ask));
    return outcomes.map((outcome, i) => {
      if (outcome.status === "fulfilled") return outcome.value;
      session = undefined;
      throw new EvaluationError(`locals[${i}]`, problem.counts.gradient + 1, outcome.reason);
    });
  }
  async function load(problem: Counted<DecentralizedProblem>, state: DecentralizedState) {
    const { manifold, network } = problem;
    if (hosts.length !== network.agents)
      misuse(routine, "hosts", `${hosts.length} agents`, `${network.agents}, as the network has`);
    await each(problem, (host, i) => {
      const rows = network.matrices.map((matrix) => matrix.rows[i]!);
      return host.load({ agent: i, settings, rows, share: copyOf(agentOf(state, manifold.length, i)) });
    });
    session = {};
    state.work = session;
  }
  /** Takes the agents' reports into the state. Answers Σ ‖x⁺ − x‖². */
  function take(problem: Counted<DecentralizedProblem>, state: DecentralizedState, reports: readonly AgentReport[]) {
    let moved = 0;
    reports.forEach((report, i) => {
      const agent = agentOf(state, problem.manifold.length, i);
      for (const part of ["x", "gradient", "direction", "tracker", "scalars"] as const)
        agent[part].set(report.share[part]);
      count(problem, report.evaluations);
      moved += report.moved;
    });
    return moved;
  }
  async function watch(problem: Counted<DecentralizedProblem>, state: DecentralizedState) {
    watchMean(problem.manifold, state);
    const { mean, gradient } = state;
    gradient.fill(0);
    let value = 0;
    if (Number.isNaN(mean[0])) value = gradient.fill(Number.NaN)[0]!;
    else
      for (const local of await each(problem, (host) => host.evaluate(mean))) {
        count(problem, 1);
        value += local.value;
        for (let k = 0; k < gradient.length; k++) gradient[k] += local.gradient[k];
      }
    finishWatch(problem.manifold, state, value, hosts.length);
  }

  return {
    name: method.name,
    async init(problem, x0) {
      const state = blankState(settings, problem, x0);
      await load(problem, state);
      const moved = take(problem, state, await each(problem, (host) => host.start()));
      if (Number.isNaN(moved)) {
        state.value = Number.NaN;
        state.gradientNorm = Number.NaN;
        return state;
      }
      await watch(problem, state);
      return startWatch(state);
    },
    async step(problem, state) {
      if (state.work === undefined || state.work !== session) await load(problem, state);
      state.iteration++;
      const { iteration, stepScale, rounds } = state;
      const moment = { iteration, stepScale, share: stepShare(problem.network, settings.consensusRounds) };
      const reports = await each(problem, (host) => host.step(moment, rounds));
      state.rounds += settings.consensusRounds;
      const moved = take(problem, state, reports);
      reports.forEach((report, i) => {
        if (Number.isNaN(report.moved)) state.failure ??= noPoint(i);
      });
      state.stepNorm = state.failure === null ? Math.sqrt(moved) : 0;
      if (state.failure !== null) return state;
      await watch(problem, state);
      endIteration(settings, state);
      return state;
    },
    diagnose: () => null,
  };
}

function count({ counts }: Counted<DecentralizedProblem>, evaluations: number): void {
  counts.gradient += evaluations;
  counts.value += evaluations;
}
