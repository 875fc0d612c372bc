// A smallest set of nodes that every path from given inputs to given outputs of a graph passes: a minimum vertex cut, as a maximum flow by
// shortest augmenting paths (Edmonds, Karp, J. ACM 19 (1972), 248–264) on the network in which each node is split into an arc of capacity one
// (Ford, Fulkerson, "Flows in Networks" (1962), section I.11).
//
// 1. Only nodes that lie between inputs and outputs count. The order of the nodes decides among equal paths: the same graph gives the same cut.
// 2. There may be many smallest cuts; both extremes are answered: all others lie between them.
import { dependent, type Graph, operand, reachable } from "./graph.js";
import { operandCounts } from "./ops.js";

export interface VertexCut {
  readonly size: number;
  /** The smallest cut nearest to the inputs, its nodes ascending. */
  readonly nearInputs: Int32Array;
  /** The smallest cut nearest to the outputs, its nodes ascending. */
  readonly nearOutputs: Int32Array;
}

/** A smallest cut among the nodes that `mayCut` marks; these must hold the inputs. */
export function smallestCut(
  graph: Graph,
  outputs: ArrayLike<number>,
  inputs: ArrayLike<number>,
  mayCut: (id: number) => boolean,
): VertexCut {
  const needed = reachable(graph, outputs);
  let limit = 0;
  for (let i = 0; i < outputs.length; i++) limit = Math.max(limit, outputs[i]! + 1);
  const active = dependent(graph, inputs, limit);
  // Vertices 2 i (in) and 2 i + 1 (out) of the i-th node, then source and sink.
  const nodes: number[] = [];
  const placeOf = new Int32Array(limit).fill(-1);
  for (let id = 0; id < limit; id++) if (needed[id] === 1 && active[id] === 1) placeOf[id] = nodes.push(id) - 1;
  const source = 2 * nodes.length;
  const sink = source + 1;
  const network = newNetwork(source + 2);
  const isInput = new Set(Array.from(inputs));
  nodes.forEach((id, i) => {
    connect(network, 2 * i, 2 * i + 1, mayCut(id) ? 1 : Number.POSITIVE_INFINITY);
    if (isInput.has(id)) {
      connect(network, source, 2 * i, Number.POSITIVE_INFINITY);
      return;
    }
    for (let k = 0; k < operandCounts[graph.op[id]]!; k++) {
      const from = placeOf[operand(graph, id, k)]!;
      if (from >= 0) connect(network, 2 * from + 1, 2 * i, Number.POSITIVE_INFINITY);
    }
  });
  for (let i = 0; i < outputs.length; i++) {
    const from = placeOf[outputs[i]!]!;
    if (from >= 0) connect(network, 2 * from + 1, sink, Number.POSITIVE_INFINITY);
  }
  const size = maximizeFlow(network, source, sink);
  const ahead = residual(network, source, true);
  const behind = residual(network, sink, false);
  return {
    size,
    nearInputs: Int32Array.from(nodes.filter((_, i) => ahead[2 * i] === 1 && ahead[2 * i + 1] === 0)),
    nearOutputs: Int32Array.from(nodes.filter((_, i) => behind[2 * i + 1] === 1 && behind[2 * i] === 0)),
  };
}

/** Arcs by their tail; arc e and its reverse e ^ 1 share capacity. */
interface Network {
  readonly arcsOf: number[][];
  readonly head: number[];
  readonly capacity: number[];
}

const newNetwork = (vertices: number): Network => ({
  arcsOf: Array.from({ length: vertices }, () => []),
  head: [],
  capacity: [],
});

function connect({ arcsOf, head, capacity }: Network, from: number, to: number, room: number): void {
  arcsOf[from]!.push(head.length);
  head.push(to);
  capacity.push(room);
  arcsOf[to]!.push(head.length);
  head.push(from);
  capacity.push(0);
}

/** Each augmenting path carries one. */
function maximizeFlow({ arcsOf, head, capacity }: Network, source: number, sink: number): number {
  for (let flow = 0; ; flow++) {
    const arrival = new Int32Array(arcsOf.length).fill(-1);
    const queue = [source];
    for (let q = 0; q < queue.length && arrival[sink] < 0; q++) {
      for (const e of arcsOf[queue[q]!]!) {
        const to = head[e]!;
        if (capacity[e]! <= 0 || arrival[to] >= 0 || to === source) continue;
        arrival[to] = e;
        queue.push(to);
      }
    }
    if (arrival[sink] < 0) return flow;
    for (let v = sink; v !== source; v = head[arrival[v] ^ 1]!) {
      capacity[arrival[v]] = capacity[arrival[v]]! - 1;
      capacity[arrival[v] ^ 1] = capacity[arrival[v] ^ 1]! + 1;
    }
  }
}

/** Marks (1) the vertices that the flow leaves reachable from `start`, or those that still reach it. */
function residual({ arcsOf, head, capacity }: Network, start: number, forward: boolean): Uint8Array {
  const marks = new Uint8Array(arcsOf.length);
  marks[start] = 1;
  const stack = [start];
  while (stack.length > 0) {
    for (const e of arcsOf[stack.pop()!]!) {
      const to = head[e]!;
      if (marks[to] === 1 || capacity[forward ? e : e ^ 1]! <= 0) continue;
      marks[to] = 1;
      stack.push(to);
    }
  }
  return marks;
}
