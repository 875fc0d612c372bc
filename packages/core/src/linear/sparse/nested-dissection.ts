// A fill-reducing order from the top down: a separator goes last, the two parts that it cuts off are ordered the same way.
//
// George 1973, "Nested dissection of a regular finite element mesh", SIAM J. Numer. Anal. 10(2); Lipton, Rose, Tarjan 1979. Separators:
// graph-bisection.ts. Parts of few unknowns are ordered from the bottom up (ordering.ts), as in Ashcraft, Liu 1998, "Robust ordering of sparse
// matrices using multisection", SIAM J. Matrix Anal. Appl. 19(3).
//
// Deviations:
// 1. A part is ordered without regard to the separators around it.
// 2. The separator itself is ordered breadth-first: its columns are full in the end, whatever their order.
import { bisect, LEFT, RIGHT, SEPARATOR, type WeightedGraph } from "./graph-bisection.js";
import { bottomUpOrder, breadthFirst, renumbered } from "./ordering.js";
import type { Graph } from "./sparse-graph.js";

/** Parts with no more vertices than this are ordered from the bottom up. */
const leaf = 1000;

/** The order of a graph whose vertex v stands for weights[v] unknowns (one each where no weights are given). */
export function nestedDissectionOrder(graph: Graph, weights: Int32Array | undefined): Int32Array {
  const numbering = breadthFirst(graph);
  const whole = renumbered(graph, numbering);
  const n = graph.n;
  const order = new Int32Array(n);
  const place = new Int32Array(n).fill(-1);
  const all = new Int32Array(n);
  for (let k = 0; k < n; k++) all[k] = k;
  const weight = new Int32Array(n).fill(1);
  if (weights !== undefined) for (let k = 0; k < n; k++) weight[k] = weights[numbering[k]];
  // Parts still to be ordered, each with the place behind its last one.
  const stack: { members: Int32Array; end: number }[] = [{ members: all, end: n }];
  for (let part = stack.pop(); part !== undefined; part = stack.pop()) {
    const { members, end } = part;
    const G = induced(whole, members, weight, place);
    const parts = members.length > leaf ? split(G) : undefined;
    if (parts === undefined) {
      const inner = bottomUpOrder(G, G.weights, "fill");
      for (let k = 0; k < inner.length; k++) order[end - inner.length + k] = members[inner[k]];
      continue;
    }
    const [left, right, separator] = parts;
    const first = end - separator.length;
    const cut = breadthFirst(induced(whole, pick(members, separator), weight, place));
    for (let k = 0; k < cut.length; k++) order[first + k] = members[separator[cut[k]]];
    stack.push(
      { members: pick(members, left), end: first - right.length },
      { members: pick(members, right), end: first },
    );
  }
  for (let k = 0; k < n; k++) order[k] = numbering[order[k]];
  return order;
}

/** The vertices left, right and in the separator; undefined where nothing is gained by a cut. */
function split(G: WeightedGraph): [Int32Array, Int32Array, Int32Array] | undefined {
  const side = bisect(G);
  const parts = [LEFT, RIGHT, SEPARATOR].map((s) => {
    const list = new Int32Array(G.n);
    let count = 0;
    for (let v = 0; v < G.n; v++) if (side[v] === s) list[count++] = v;
    return list.slice(0, count);
  });
  const [left, right, separator] = parts;
  if (left.length === 0 || right.length === 0 || separator.length > 0.3 * G.n) return undefined;
  return [left, right, separator];
}

function pick(members: Int32Array, which: Int32Array): Int32Array {
  const out = new Int32Array(which.length);
  for (let k = 0; k < which.length; k++) out[k] = members[which[k]];
  return out;
}

/** The graph among `members`. `place` is −1 throughout, before and after. */
function induced(G: Graph, members: Int32Array, weight: Int32Array, place: Int32Array): WeightedGraph {
  const n = members.length;
  for (let k = 0; k < n; k++) place[members[k]] = k;
  const pointers = new Int32Array(n + 1);
  let total = 0;
  for (let k = 0; k < n; k++) total += G.pointers[members[k] + 1] - G.pointers[members[k]];
  const neighbours = new Int32Array(total);
  const weights = new Int32Array(n);
  let at = 0;
  for (let k = 0; k < n; k++) {
    const v = members[k];
    weights[k] = weight[v];
    const end = G.pointers[v + 1];
    for (let q = G.pointers[v]; q < end; q++) {
      const u = place[G.neighbours[q]];
      if (u !== -1) neighbours[at++] = u;
    }
    pointers[k + 1] = at;
  }
  for (let k = 0; k < n; k++) place[members[k]] = -1;
  return { n, pointers, neighbours: neighbours.slice(0, at), weights, edgeWeights: new Int32Array(at).fill(1) };
}
