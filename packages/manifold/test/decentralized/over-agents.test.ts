import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import {
  any,
  counted,
  deserialize,
  EvaluationError,
  maxIterations,
  serialize,
  snapshot,
  solve,
  solveAsync,
} from "@hessia/core";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type AgentHost,
  agentHost,
  type DecentralizedMethod,
  type DecentralizedProblem,
  type DecentralizedState,
  decentralizedStationarity,
  dprgd,
  drcgd,
  drgd,
  endpointTransport,
  inProcessTransports,
  type LocalProblem,
  lazyWeights,
  type MessageEndpoint,
  metropolisWeights,
  network,
  overAgents,
  pathGraph,
  remoteAgent,
  remoteProblem,
  ringGraph,
  serveAgent,
  starGraph,
  stiefel,
} from "../../src/index.js";
import type { AgentData } from "./agent-worker.js";
import { matchings, smallComponents } from "./behaviour.js";
import { splitData } from "./problems.js";

/** Agents in this process, each with a manifold of its own. */
const hostsOf = (problem: DecentralizedProblem): AgentHost[] => {
  const transports = inProcessTransports(problem.network.agents);
  return problem.locals.map((local, i) => agentHost(stiefel(10, 2), local, transports[i]!));
};
const methods = [drcgd, dprgd, drgd] as const;
const stop = any<DecentralizedState>(decentralizedStationarity(1e-10, 1e-10), maxIterations(3000));

describe("agents apart from each other, in one process", () => {
  for (const make of methods)
    for (const gradientTracking of [true, false])
      it(`${make.name} ${gradientTracking ? "with" : "without"} tracking: the states of the one loop to the last bit`, async () => {
        const { problem, x0, M } = smallComponents(matchings());
        const method: DecentralizedMethod = make({ gradientTracking, consensusRounds: 3 });
        const [one, apart]: DecentralizedState[][] = [[], []];
        const limit = maxIterations(40);
        const together = solve(method, problem, x0, {
          stop: limit,
          observers: [({ state }) => one.push(snapshot(state))],
        });
        const remote = remoteProblem(M, problem.network);
        const found = await solveAsync(overAgents(method, hostsOf(problem)), remote, x0, {
          stop: limit,
          observers: [({ state }) => apart.push(snapshot(state))],
        });
        expect(apart).toHaveLength(41);
        expect(apart).toEqual(one);
        expect(found.counts).toEqual(together.counts);
        expect(found.reason).toEqual(together.reason);
      });

  it("goes on from a stored state, also after the agents have done other work", async () => {
    const { problem, x0, M } = smallComponents(network(metropolisWeights(starGraph(8))));
    const whole = solve(drcgd(), problem, x0, { stop: maxIterations(50) });
    const remote = remoteProblem(M, problem.network);
    const method = overAgents(drcgd(), hostsOf(problem));
    const first = await solveAsync(method, remote, x0, { stop: maxIterations(20) });
    await solveAsync(method, remote, x0, { stop: maxIterations(7) });
    const resume = deserialize<DecentralizedState>(serialize(first.state));
    const rest = await solveAsync(method, remote, x0, { stop: maxIterations(50), resume });
    expect(snapshot(rest.state)).toEqual(snapshot(whole.state));
  });

  it("serves two runs in turn, each of which goes on from its own state", async () => {
    const { problem, x0, M } = smallComponents(network(metropolisWeights(starGraph(8))));
    const other = x0.map((v) => -v);
    const remote = counted(remoteProblem(M, problem.network));
    const method = overAgents(drcgd(), hostsOf(problem));
    let [a, b] = [await method.init(remote, x0), await method.init(remote, other)];
    for (let k = 0; k < 5; k++) [a, b] = [await method.step(remote, a), await method.step(remote, b)];
    const alone = (start: Float64Array) => solve(drcgd(), problem, start, { stop: maxIterations(5) }).state;
    expect(snapshot(a)).toEqual(snapshot(alone(x0)));
    expect(snapshot(b)).toEqual(snapshot(alone(other)));
  });

  it("tells of a start that isn't finite, of a point that isn't found and of what a function throws", async () => {
    const { problem, x0, M } = smallComponents(network(metropolisWeights(pathGraph(3))));
    const withLocal = (local: LocalProblem) => ({
      ...problem,
      locals: [problem.locals[0]!, local, problem.locals[2]!],
    });
    const run = (local: LocalProblem) =>
      solveAsync(overAgents(dprgd(), hostsOf(withLocal(local))), remoteProblem(M, problem.network), x0);
    const plain = problem.locals[1]!;
    expect(
      (await run({ ...plain, value: () => Number.NaN, valueAndGradientInto: () => Number.NaN })).reason,
    ).toMatchObject({
      kind: "failed",
      rule: "nonFiniteStart",
    });
    let calls = 0;
    const short = { ...plain, valueAndGradientInto: () => (++calls > 3 ? Number.NaN : 0) };
    const lost = await run(short);
    expect(lost.reason).toMatchObject({ kind: "failed", rule: "noProgress" });
    expect(lost.reason.detail).toContain("agent 1 has no point");
    const error = await run({
      ...plain,
      valueAndGradientInto: () => {
        throw new Error("no data");
      },
    }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EvaluationError);
    expect((error as Error).message).toMatch(/`locals\[1\]` threw at evaluation \d+: no data/);
  });

  it("refuses what doesn't fit", async () => {
    const { problem, x0, M } = smallComponents(network(metropolisWeights(pathGraph(3))));
    const remote = remoteProblem(M, problem.network);
    await expect(solveAsync(overAgents(drcgd(), hostsOf(problem).slice(1)), remote, x0)).rejects.toThrow(
      "overAgents: argument `hosts` is 2 agents; wanted 3, as the network has",
    );
    expect(() => overAgents({ name: "lbfgs" } as never, [])).toThrow(
      "overAgents: argument `method` is an Object; wanted a decentralized",
    );
    expect(() => overAgents(drcgd(), 3 as never)).toThrow("argument `hosts` is 3; wanted an array of agents");
    expect(() => agentHost(stiefel(5, 2), problem.locals[0]!, inProcessTransports(1)[0]!)).toThrow(
      "agentHost: argument `local` is of 20 variables; wanted 10, the coordinates of a point of stiefel(5, 2)",
    );
    const other = { name: "other", settings: { ...drcgd().settings, method: "other" } } as never;
    await expect(solveAsync(overAgents(other, hostsOf(problem)), remote, x0)).rejects.toThrow(
      'argument `settings.method` is "other"; wanted drcgd, dprgd, drgd',
    );
    expect(() => remote.value(x0)).toThrow("remoteProblem: argument `value` is asked for here; wanted the agents");
    expect(() => inProcessTransports(0)).toThrow("inProcessTransports: argument `agents` is 0");
    expect(() => endpointTransport([] as never)).toThrow(
      "endpointTransport: argument `endpoints` is an Array of length 0",
    );
    expect(() => endpointTransport(new Map([[4, {} as MessageEndpoint]]))).toThrow(
      "argument `endpoints of agent 4` is an Object; wanted an endpoint with `postMessage`",
    );
    const deaf = { postMessage: () => {} };
    expect(() => endpointTransport(new Map([[4, deaf]]))).toThrow("wanted an endpoint with `on` or `addEventListener`");
    expect(() => remoteAgent(deaf)).toThrow("remoteAgent: argument `endpoint`");
    expect(() => serveAgent(null as never, hostsOf(problem)[0]!)).toThrow("serveAgent: argument `endpoint` is null");
    const { port1 } = new MessageChannel();
    const transport = endpointTransport(new Map([[4, port1]]));
    expect(() => transport.send(2, x0)).toThrow("argument `to` is agent 2; wanted an agent with an endpoint: 4");
    expect(() => transport.receive(2)).toThrow("argument `from` is agent 2; wanted an agent with an endpoint: 4");
    port1.close();
  });
});

describe("mailboxes", () => {
  it("hand over messages in order, by sender, as copies", async () => {
    const [a, b, c] = inProcessTransports(3);
    const message = Float64Array.of(1);
    const early = c!.receive(0);
    a!.send(2, message);
    b!.send(2, message);
    message[0] = 2;
    a!.send(2, message);
    expect(Array.from(await early)).toEqual([1]);
    expect(Array.from(await c!.receive(0))).toEqual([2]);
    expect(Array.from(await c!.receive(1))).toEqual([1]);
  });
});

describe("ports", () => {
  it("hand over messages in order, before or after they are asked for, as copies", async () => {
    const { port1, port2 } = new MessageChannel();
    // One end listens as a browser's port does.
    const asInBrowsers: MessageEndpoint = {
      postMessage: (message) => port2.postMessage(message),
      addEventListener: (event, listener) =>
        void port2.on(event, (data: unknown) => listener(event === "message" ? { data } : {})),
      start: () => {},
    };
    const [a, b] = [endpointTransport(new Map([[1, port1]])), endpointTransport(new Map([[0, asInBrowsers]]))];
    const message = Float64Array.of(1, 2);
    const early = b.receive(0);
    a.send(1, message);
    message[0] = 9;
    a.send(1, message);
    expect(Array.from(await early)).toEqual([1, 2]);
    expect(Array.from(await b.receive(0))).toEqual([9, 2]);
    b.send(0, message);
    expect(Array.from(await a.receive(1))).toEqual([9, 2]);
    const never = b.receive(0);
    port1.close();
    await expect(never).rejects.toThrow("the port to agent 0 is closed");
    await expect(b.receive(0)).rejects.toThrow("the port to agent 0 is closed");
  });

  it("say what an agent sent that isn't a message", async () => {
    const { port1, port2 } = new MessageChannel();
    const transport = endpointTransport(new Map([[3, port1]]));
    port2.postMessage("hello");
    await expect(transport.receive(3)).rejects.toThrow('agent 3 sent "hello" in place of a Float64Array');
    port1.close();
  });

  it("that are closed end what waits for the agent behind them", async () => {
    const { port1, port2 } = new MessageChannel();
    const agent = remoteAgent(port1);
    const waiting = agent.start();
    port2.close();
    await expect(waiting).rejects.toThrow("the agent's port is closed");
    await expect(agent.start()).rejects.toThrow("the agent's port is closed");
  });
});

describe("agents in worker threads", () => {
  const folder = mkdtempSync(join(tmpdir(), "hessia-agents-"));
  const [n, p, rows] = [10, 2, 30];
  const workers: Worker[] = [];
  beforeAll(async () => {
    const path = (to: string) => fileURLToPath(new URL(to, import.meta.url));
    const core = (to: string) => path(`../../../core/src/${to}`);
    await build({
      configFile: false,
      logLevel: "silent",
      resolve: {
        alias: [
          { find: /^@hessia\/core$/, replacement: core("index.ts") },
          { find: /^@hessia\/core\/(linear|kernel|set|wasm|gpu)$/, replacement: core("$1/index.ts") },
        ],
      },
      ssr: { noExternal: true },
      build: {
        ssr: path("./agent-worker.ts"),
        outDir: folder,
        minify: false,
        rollupOptions: { output: { format: "es", entryFileNames: "agent.mjs" } },
      },
    });
  }, 60_000);
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.terminate()));
    rmSync(folder, { recursive: true, force: true });
  });

  /** One worker an agent, a channel for each edge of the graph, one for each agent to here. */
  function startAgents(edges: readonly (readonly [number, number])[], agents: number, seed: number, speak = "ports") {
    const data = splitData(agents, rows, n, 0.5, seed);
    const ports = Array.from({ length: agents }, () => new Map<number, MessagePort>());
    for (const [i, j] of edges) {
      const { port1, port2 } = new MessageChannel();
      ports[i]!.set(j, port1);
      ports[j]!.set(i, port2);
    }
    const started = data.map((samples, i) => {
      const { port1, port2 } = new MessageChannel();
      const workerData: AgentData = {
        samples,
        agents,
        n,
        p,
        ports: ports[i]!,
        ...(speak === "ports" ? { control: port2 } : {}),
      };
      const worker = new Worker(join(folder, "agent.mjs"), {
        workerData,
        transferList: [port2, ...ports[i]!.values()],
      });
      workers.push(worker);
      return { worker, host: remoteAgent(speak === "ports" ? port1 : worker) };
    });
    return { hosts: started.map(({ host }) => host), started: started.map(({ worker }) => worker) };
  }

  for (const make of methods)
    it(`${make.name} converges to 1e-10 by the states of the one loop to the last bit`, async () => {
      const graph = ringGraph(6);
      const net = network(lazyWeights(metropolisWeights(graph)));
      const { problem, x0, M } = smallComponents(net, 3);
      const { hosts } = startAgents(graph.edges, 6, 3);
      const method = make({ consensusRounds: 4 });
      const together = solve(method, problem, x0, { stop, trace: true });
      const apart = await solveAsync(overAgents(method, hosts), remoteProblem(M, net), x0, { stop, trace: true });
      expect(together.reason.kind).toBe("converged");
      expect(apart.reason).toEqual(together.reason);
      expect(snapshot(apart.state)).toEqual(snapshot(together.state));
      expect(apart.trace.map(({ value }) => value)).toEqual(together.trace.map(({ value }) => value));
    });

  it("ends with an error where a worker dies", async () => {
    const net = network(metropolisWeights(pathGraph(3)));
    const { x0, M } = smallComponents(net, 3);
    const { hosts, started } = startAgents(pathGraph(3).edges, 3, 3, "workers");
    const run = solveAsync(overAgents(drcgd(), hosts), remoteProblem(M, net), x0, {
      stop: maxIterations(1e9),
      observers: [
        ({ state }) => {
          if (state.iteration === 20) void started[1]!.terminate();
        },
      ],
    });
    await expect(run).rejects.toThrow(
      /`locals\[\d\]` threw at evaluation \d+: the (agent's port|port to agent 1) is closed/,
    );
  });
});
