// Agents that live apart: each holds its function and its share of the state, hears its neighbours through a transport, and tells a coordinator what became of it. The coordinator only
// starts iterations and watches (stop rules, traces and snapshots need the whole state); no agent's data pass through it to another agent.
import { describe, HessiaError, misuse, type Vector, valueAndGradientInto } from "@hessia/core";
import type { Manifold } from "../manifold.js";
import { dprgdRule } from "../methods/dprgd.js";
import { drcgdRule } from "../methods/drcgd.js";
import { drgdRule } from "../methods/drgd.js";
import {
  type Agent,
  type AgentRule,
  type AgentSettings,
  type Moment,
  messageInto,
  messageLength,
  mixInto,
  moveAgent,
  newAgentWork,
  startAgent,
} from "./agent.js";
import type { MixingRow } from "./mixing.js";
import type { LocalProblem } from "./problem.js";
import { type AgentTransport, listen, type MessageEndpoint } from "./transport.js";

const rules: Readonly<Record<string, AgentRule>> = { drcgd: drcgdRule, dprgd: dprgdRule, drgd: drgdRule };

/** What an agent is told before it begins or goes on: plain data. */
export interface AgentLoad {
  readonly agent: number;
  readonly settings: AgentSettings;
  /** Its row of each mixing matrix. */
  readonly rows: readonly MixingRow[];
  readonly share: Agent;
}

/** What became of an agent. */
export interface AgentReport {
  readonly share: Agent;
  /** ‖x⁺ − x‖², NaN where the agent found no point. */
  readonly moved: number;
  readonly evaluations: number;
}

/** An agent as the coordinator sees it, wherever it lives. */
export interface AgentHost {
  load(load: AgentLoad): Promise<void>;
  /** Evaluates the start. */
  start(): Promise<AgentReport>;
  /** One iteration, which begins with round `round`. */
  step(moment: Moment, round: number): Promise<AgentReport>;
  /** fᵢ and ∇fᵢ at a point: for watching. */
  evaluate(x: Vector): Promise<{ readonly value: number; readonly gradient: Vector }>;
}

/**
 * An agent that lives here: in this process, or in the worker that calls this.
 * @param manifold its own copy: manifolds have scratch memory.
 * @throws ArgumentError when the function has another number of variables than a point has coordinates.
 */
export function agentHost(manifold: Manifold, local: LocalProblem, transport: AgentTransport): AgentHost {
  const routine = "agentHost";
  if (local === null || typeof local !== "object" || local.dimension !== manifold.length)
    misuse(
      routine,
      "local",
      `of ${describe(local?.dimension)} variables`,
      `${manifold.length}, the coordinates of a point of ${manifold.name}`,
    );
  let evaluations = 0;
  const evaluate = (out: Vector, x: Vector) => {
    evaluations++;
    return valueAndGradientInto(local, out, x);
  };
  let held: (AgentLoad & { readonly rule: AgentRule }) | undefined;
  let [said, heard] = [new Float64Array(0), new Float64Array(0)] as [Vector, Vector];
  const report = (moved: number): AgentReport => {
    const share = copyOf(held!.share);
    const answer = { share, moved, evaluations };
    evaluations = 0;
    return answer;
  };

  return {
    async load(load) {
      const rule = rules[load.settings.method];
      if (rule === undefined)
        misuse(routine, "settings.method", describe(load.settings.method), Object.keys(rules).join(", "));
      held = { ...load, share: copyOf(load.share), rule };
      const length = messageLength(manifold.length, load.settings, rule);
      said = new Float64Array(length);
      heard = new Float64Array(length);
    },
    async start() {
      const { share, settings } = held!;
      return report(startAgent(manifold, share, evaluate, newAgentWork(manifold.length, settings)) ? 0 : Number.NaN);
    },
    async step(moment, round) {
      const { share, settings, rule, rows, agent } = held!;
      messageInto(said, share, rule);
      const messages = new Map<number, Vector>();
      for (let r = round; r < round + settings.consensusRounds; r++) {
        const row = rows[r % rows.length]!;
        const others = row.agents.filter((j) => j !== agent);
        for (const j of others) transport.send(j, said);
        for (const j of others) messages.set(j, await transport.receive(j));
        messages.set(agent, said);
        mixInto(heard, row, (j) => messages.get(j)!);
        [said, heard] = [heard, said];
      }
      const work = newAgentWork(manifold.length, settings);
      return report(moveAgent(rule, settings, manifold, share, said, moment, evaluate, work));
    },
    async evaluate(x) {
      const gradient = manifold.zero();
      const value = valueAndGradientInto(local, gradient, x);
      return { value, gradient };
    },
  };
}

/** An agent's share, copied. */
export const copyOf = ({ x, gradient, direction, tracker, scalars }: Agent): Agent => ({
  x: x.slice(),
  gradient: gradient.slice(),
  direction: direction.slice(),
  tracker: tracker.slice(),
  scalars: scalars.slice(),
});

type Command = "load" | "start" | "step" | "evaluate";

interface Call {
  readonly id: number;
  readonly command: Command;
  readonly given: readonly unknown[];
}

interface Reply {
  readonly id: number;
  readonly answer?: unknown;
  readonly error?: string;
}

/** Lets a coordinator on the other side of an endpoint use an agent that lives here. @throws ArgumentError when the endpoint isn't one. */
export function serveAgent(endpoint: MessageEndpoint, host: AgentHost): void {
  const answer = async ({ id, command, given }: Call) => {
    try {
      const run = host[command] as (...given: readonly unknown[]) => Promise<unknown>;
      endpoint.postMessage({ id, answer: await run(...given) } satisfies Reply);
    } catch (error) {
      endpoint.postMessage({ id, error: error instanceof Error ? error.message : String(error) } satisfies Reply);
    }
  };
  listen(
    "serveAgent",
    "endpoint",
    endpoint,
    (message) => void answer(message as Call),
    () => {},
  );
}

/** The agent that {@link serveAgent} offers on the other side of an endpoint. @throws ArgumentError when the endpoint isn't one. */
export function remoteAgent(endpoint: MessageEndpoint): AgentHost {
  const waiting = new Map<number, { resolve: (answer: unknown) => void; reject: (why: Error) => void }>();
  let calls = 0;
  let closed = false;
  listen(
    "remoteAgent",
    "endpoint",
    endpoint,
    (message) => {
      const { id, answer, error } = message as Reply;
      const call = waiting.get(id);
      waiting.delete(id);
      if (error === undefined) call?.resolve(answer);
      else call?.reject(new HessiaError(error));
    },
    () => {
      closed = true;
      for (const { reject } of waiting.values()) reject(new HessiaError("the agent's port is closed"));
      waiting.clear();
    },
  );
  const call =
    (command: Command) =>
    (...given: readonly unknown[]) =>
      new Promise((resolve, reject) => {
        if (closed) reject(new HessiaError("the agent's port is closed"));
        const id = calls++;
        waiting.set(id, { resolve, reject });
        endpoint.postMessage({ id, command, given } satisfies Call);
      });
  return {
    load: call("load"),
    start: call("start"),
    step: call("step"),
    evaluate: call("evaluate"),
  } as AgentHost;
}
