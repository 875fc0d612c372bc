// What a worker thread of over-agents.test.ts runs: one agent with its own data, ports to its neighbours and one to the coordinator. It is bundled by the test.
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { Vector } from "@hessia/core";
import { agentHost, endpointTransport, serveAgent, stiefel } from "../../src/index.js";
import { principalComponents } from "./problems.js";

export interface AgentData {
  readonly samples: readonly Vector[];
  readonly agents: number;
  readonly n: number;
  readonly p: number;
  /** Without it the coordinator speaks to the worker itself. */
  readonly control?: MessagePort;
  readonly ports: ReadonlyMap<number, MessagePort>;
}

const { samples, agents, n, p, control, ports } = workerData as AgentData;
const { locals } = principalComponents([samples], p, agents);
serveAgent(control ?? parentPort!, agentHost(stiefel(n, p), locals[0]!, endpointTransport(ports)));
