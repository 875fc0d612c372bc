// Graphs of agents: who can send to whom. Undirected, without loops; agents are numbered from 0.
import { describe, misuse, requireKnownOptions, requireNumber } from "@hessia/core";
import type { Random } from "../support/random.js";

export interface AgentGraph {
  readonly agents: number;
  /** Each edge once, the smaller agent first, in lexicographic order. */
  readonly edges: readonly (readonly [number, number])[];
  /** For each agent those that it exchanges with, ascending. */
  readonly neighbours: readonly Int32Array[];
}

const most = 2_000;
const requireAgents = (routine: string, agents: number) =>
  requireNumber(routine, "agents", agents, { atLeast: 1, atMost: most, integer: true });

/**
 * A graph from pairs of agents, in any order; a pair may come twice.
 * @param agents 1 to 2,000.
 * @throws ArgumentError when an edge isn't a pair of two different agents from 0 to agents − 1.
 */
export function graphFromEdges(agents: number, edges: readonly (readonly [number, number])[]): AgentGraph {
  const routine = "graphFromEdges";
  requireAgents(routine, agents);
  if (!Array.isArray(edges)) misuse(routine, "edges", describe(edges), "an array of pairs [i, j]");
  edges.forEach((edge: unknown, k) => {
    const argument = `edges[${k}]`;
    if (!Array.isArray(edge) || edge.length !== 2) misuse(routine, argument, describe(edge), "a pair [i, j]");
    for (const end of edge) requireNumber(routine, argument, end, { atLeast: 0, below: agents, integer: true });
    if (edge[0] === edge[1]) misuse(routine, argument, `a loop at agent ${edge[0]}`, "two different agents");
  });
  return graphOf(agents, edges);
}

function graphOf(agents: number, pairs: readonly (readonly [number, number])[]): AgentGraph {
  const sets = Array.from({ length: agents }, () => new Set<number>());
  for (const [i, j] of pairs) {
    sets[i]!.add(j);
    sets[j]!.add(i);
  }
  const neighbours = sets.map((set) => Int32Array.from(set).sort());
  const edges = neighbours.flatMap((ends, i) => Array.from(ends, (j) => [i, j] as const).filter(([, j]) => i < j));
  return { agents, edges, neighbours };
}

/** 0 – 1 – … – (agents − 1). @throws ArgumentError when `agents` isn't an integer from 1 to 2,000. */
export function pathGraph(agents: number): AgentGraph {
  requireAgents("pathGraph", agents);
  return graphOf(
    agents,
    Array.from({ length: agents - 1 }, (_, i) => [i, i + 1] as const),
  );
}

/** A path whose ends meet; for two agents one edge. @throws ArgumentError when `agents` isn't an integer from 1 to 2,000. */
export function ringGraph(agents: number): AgentGraph {
  requireAgents("ringGraph", agents);
  if (agents < 3) return pathGraph(agents);
  return graphOf(
    agents,
    Array.from({ length: agents }, (_, i) => [i, (i + 1) % agents] as const),
  );
}

/** All exchange with the centre, agent 0. @throws ArgumentError when `agents` isn't an integer from 1 to 2,000. */
export function starGraph(agents: number): AgentGraph {
  requireAgents("starGraph", agents);
  return graphOf(
    agents,
    Array.from({ length: agents - 1 }, (_, i) => [0, i + 1] as const),
  );
}

/** All exchange with all. @throws ArgumentError when `agents` isn't an integer from 1 to 2,000. */
export function completeGraph(agents: number): AgentGraph {
  requireAgents("completeGraph", agents);
  return graphOf(agents, allPairs(agents));
}

function allPairs(agents: number): [number, number][] {
  const pairs: [number, number][] = [];
  for (let i = 0; i < agents; i++) for (let j = i + 1; j < agents; j++) pairs.push([i, j]);
  return pairs;
}

export interface ErdosRenyiOptions {
  /** Whether to draw again until the graph is connected, at most 1000 times. Default true. */
  readonly connected?: boolean;
}

/**
 * Each of the agents(agents − 1)/2 edges is there with the given probability: Gilbert 1959, "Random graphs", Ann. Math. Stat. 30(4).
 * @param probability 0 to 1. Above log(agents)/agents most graphs are connected.
 * @param random uniform in [0, 1).
 * @throws ArgumentError when 1000 graphs were all disconnected and `connected` isn't false.
 */
export function erdosRenyiGraph(
  agents: number,
  probability: number,
  random: Random,
  options: ErdosRenyiOptions = {},
): AgentGraph {
  const routine = "erdosRenyiGraph";
  requireAgents(routine, agents);
  requireNumber(routine, "probability", probability, { atLeast: 0, atMost: 1 });
  if (typeof random !== "function")
    misuse(routine, "random", describe(random), "a function that answers numbers in [0, 1)");
  requireKnownOptions(routine, options, ["connected"]);
  const { connected = true } = options;
  if (typeof connected !== "boolean") misuse(routine, "options.connected", describe(connected), "true or false");
  const pairs = allPairs(agents);
  for (let draw = 0; draw < 1000; draw++) {
    const graph = graphOf(
      agents,
      pairs.filter(() => random() < probability),
    );
    if (!connected || connectedComponents(graph).length === 1) return graph;
  }
  const threshold = (Math.log(agents) / agents).toPrecision(2);
  misuse(
    routine,
    "probability",
    `${probability}, with which 1000 graphs of ${agents} agents were all disconnected`,
    `more, about log(agents)/agents = ${threshold} or above`,
  );
}

/** The agents that can reach each other, directly or through others, ascending; the component of agent 0 first. */
export function connectedComponents({ agents, neighbours }: AgentGraph): Int32Array[] {
  const seen = new Uint8Array(agents);
  const components: Int32Array[] = [];
  for (let start = 0; start < agents; start++) {
    if (seen[start] === 1) continue;
    seen[start] = 1;
    const reached = [start];
    for (let at = 0; at < reached.length; at++)
      for (const j of neighbours[reached[at]!]!)
        if (seen[j] === 0) {
          seen[j] = 1;
          reached.push(j);
        }
    components.push(Int32Array.from(reached).sort());
  }
  return components;
}

/** The edges of all of the graphs, which must have equally many agents. @throws ArgumentError otherwise, or when there is none. */
export function unionOfGraphs(graphs: readonly AgentGraph[]): AgentGraph {
  const routine = "unionOfGraphs";
  if (!Array.isArray(graphs) || graphs.length === 0) misuse(routine, "graphs", describe(graphs), "at least one graph");
  const { agents } = graphs[0] as AgentGraph;
  graphs.forEach((graph: AgentGraph, k) => {
    if (graph.agents !== agents)
      misuse(routine, `graphs[${k}]`, `of ${graph.agents} agents`, `${agents} agents, as the first has`);
  });
  return graphOf(
    agents,
    graphs.flatMap(({ edges }: AgentGraph) => edges),
  );
}

/** Throws ArgumentError where the graph is disconnected: it names the agents that agent 0 can't reach. */
export function requireConnected(routine: string, argument: string, graph: AgentGraph): void {
  const [first, ...rest] = connectedComponents(graph);
  if (rest.length === 0) return;
  const cut = rest.flatMap((component) => Array.from(component)).sort((i, j) => i - j);
  const named = cut.length > 10 ? `${cut.slice(0, 10).join(", ")} and ${cut.length - 10} more` : cut.join(", ");
  misuse(
    routine,
    argument,
    `disconnected: ${cut.length === 1 ? "agent" : "agents"} ${named} can't be reached from agent 0, which reaches ${first!.length - 1} others`,
    "a graph in which each agent reaches every other one",
  );
}
