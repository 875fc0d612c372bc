// The smallest linear cut: a few nodes u = L x through which the output depends on its inputs x, with L free of x, so that
// ∇²f(x) = Lᵀ ∇²f(u) L. Mesh energies have one: vertices → edge vectors → deformation gradient.
//
// Among the nodes that are linear in x, u is a smallest set that every path from an input to the output passes: a minimum vertex cut, found as
// a maximum flow by shortest augmenting paths (Edmonds, Karp, J. ACM 19 (1972)) on the network in which each node is split into an arc of capacity
// one (Ford, Fulkerson, "Flows in Networks" (1962), I.11). There may be many: the one nearest to the inputs (edge vectors, whose L is
// constant) and the one nearest to the output (the deformation gradient, whose L holds data) are both of use, one behind the other.
//
// 1. No node that is left out by the output counts; the order of the nodes decides among equal paths, so that the same graph gives the same cut.
// 2. The pull-back is two products, M = H L and Lᵀ M. Where a translation of x changes nothing, the columns of L add up to zero, and
//    hash-consing finds what M and Lᵀ M then have in common: the rows of the vertex that edges start from are sums of rows that are there already.
import { gradientNodes } from "./adjoint.js";
import { constantNode, dependent, type Graph, operand, reachable } from "./graph.js";
import { Op, operandCounts } from "./ops.js";
import { plus, times } from "./partials.js";

/** Smallest cuts, their nodes ascending. */
export interface LinearCuts {
  readonly nearInputs: Int32Array;
  readonly nearOutput: Int32Array;
}

/** The smallest linear cuts below `output`; null when none has fewer nodes than there are inputs. */
export function linearCuts(graph: Graph, output: number, inputs: ArrayLike<number>): LinearCuts | null {
  const limit = output + 1;
  const needed = reachable(graph, [output]);
  const active = dependent(graph, inputs, limit);
  const linear = linearNodes(graph, inputs, active);
  // Vertices 2 i (in) and 2 i + 1 (out) of the i-th linear node, then source and sink.
  const nodes: number[] = [];
  const placeOf = new Int32Array(limit).fill(-1);
  for (let id = 0; id < limit; id++) if (needed[id] === 1 && linear[id] === 1) placeOf[id] = nodes.push(id) - 1;
  const source = 2 * nodes.length;
  const network = newNetwork(source + 2);
  const isInput = new Set(Array.from(inputs));
  nodes.forEach((id, i) => {
    connect(network, 2 * i, 2 * i + 1, 1);
    if (isInput.has(id)) connect(network, source, 2 * i, Number.POSITIVE_INFINITY);
  });
  for (let id = 0; id < limit; id++) {
    if (needed[id] === 0 || active[id] === 0 || isInput.has(id)) continue;
    const to = placeOf[id] >= 0 ? 2 * placeOf[id] : source + 1;
    for (let k = 0; k < operandCounts[graph.op[id]]; k++) {
      const from = operand(graph, id, k);
      if (placeOf[from] >= 0) connect(network, 2 * placeOf[from] + 1, to, Number.POSITIVE_INFINITY);
    }
  }
  if (placeOf[output] >= 0) connect(network, 2 * placeOf[output] + 1, source + 1, Number.POSITIVE_INFINITY);
  const size = maximizeFlow(network, source, source + 1);
  if (size === 0 || size >= inputs.length) return null;
  const ahead = residual(network, source, true);
  const behind = residual(network, source + 1, false);
  return {
    nearInputs: Int32Array.from(nodes.filter((_, i) => ahead[2 * i] === 1 && ahead[2 * i + 1] === 0)),
    nearOutput: Int32Array.from(nodes.filter((_, i) => behind[2 * i + 1] === 1 && behind[2 * i] === 0)),
  };
}

/** Lᵀ H L for u = L x, lower halves at i (i + 1) / 2 + j: H by the nodes u, the result by the nodes `inputs`, on which u depends linearly. */
export function pullBack(graph: Graph, H: ArrayLike<number>, u: ArrayLike<number>, inputs: ArrayLike<number>): Int32Array {
  const m = u.length;
  const k = inputs.length;
  const zero = constantNode(graph, 0);
  const L = Array.from(u, (node) => gradientNodes(graph, node, inputs));
  const M = new Int32Array(m * k).fill(zero);
  for (let r = 0; r < m; r++) {
    for (let s = 0; s < m; s++) {
      const h = r >= s ? H[(r * (r + 1)) / 2 + s]! : H[(s * (s + 1)) / 2 + r]!;
      for (let j = 0; j < k; j++) M[r * k + j] = plus(graph, M[r * k + j]!, times(graph, h, L[s]![j]!));
    }
  }
  const pulled = new Int32Array((k * (k + 1)) / 2).fill(zero);
  for (let i = 0, e = 0; i < k; i++) {
    for (let j = 0; j <= i; j++, e++) {
      for (let r = 0; r < m; r++) pulled[e] = plus(graph, pulled[e]!, times(graph, M[r * k + j]!, L[r]![i]!));
    }
  }
  return pulled;
}

/** Marks (1) the nodes that are linear in the inputs up to a constant: sums of them, and multiples by what doesn't depend on the inputs. */
function linearNodes(graph: Graph, inputs: ArrayLike<number>, active: Uint8Array): Uint8Array {
  const linear = new Uint8Array(active.length);
  for (let i = 0; i < inputs.length; i++) if (inputs[i]! < linear.length) linear[inputs[i]!] = 1;
  for (let id = 0; id < linear.length; id++) {
    if (active[id] === 0 || linear[id] === 1) continue;
    const a = graph.a[id];
    const b = graph.b[id];
    switch (graph.op[id]) {
      case Op.neg:
        linear[id] = linear[a];
        break;
      case Op.add:
      case Op.sub:
        linear[id] = +((active[a] === 0 || linear[a] === 1) && (active[b] === 0 || linear[b] === 1));
        break;
      case Op.mul:
        linear[id] = +((active[a] === 0 && linear[b] === 1) || (active[b] === 0 && linear[a] === 1));
        break;
      case Op.div:
        linear[id] = +(active[b] === 0 && linear[a] === 1);
    }
  }
  return linear;
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
