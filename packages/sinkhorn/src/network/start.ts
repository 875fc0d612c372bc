// The first basis: a plan by the row-minimum rule, whose arcs make a forest, joined to a tree.
//
// Rows take turns (the modified row-minimum rule of Gottschlich, Schuhmacher 2014, "The shortlist method for fast computation of the earth mover's distance", PLoS ONE 9(10)): each sends
// what it can to the column with the least reduced cost that still lacks something. Each arc exhausts its row or its column, so that there is no cycle. Where nothing permitted is left, forbidden arcs take the
// rest. Parts of the forest are then joined by arcs without flow that lead towards the root: the tree is strongly feasible.
import type { Vector } from "@hessia/core";
import { columnOf, leastArc } from "./arcs.js";
import type { NetworkProblem } from "./problem.js";
import { newTree, refreshPotentials, type Tree, threadTree } from "./tree.js";

interface Forest {
  /** Ends (rows as such, columns as node numbers), flow and cost of each arc; cost Infinity where it is forbidden. */
  readonly rows: Int32Array;
  readonly cols: Int32Array;
  readonly flow: Vector;
  readonly cost: Vector;
  count: number;
}

/** A strongly feasible tree. Columns are ranked by C_ij − v_j: v = 0 knows nothing, good potentials give a tree that is nearly optimal. */
export function startTree(problem: NetworkProblem, v: Vector): Tree {
  const { rows: n, cols: m } = problem.arcs;
  const forest = rowMinimum(problem, v);
  const tree = newTree(n + m);
  const order = join(tree, forest, problem, v);
  threadTree(tree, order);
  refreshPotentials(tree, n);
  for (let i = 0; i < n; i++) if (tree.parent[i] === -2) tree.potential[i] = Number.POSITIVE_INFINITY;
  for (let j = n; j < n + m; j++) if (tree.parent[j] === -2) tree.potential[j] = Number.NEGATIVE_INFINITY;
  return tree;
}

function rowMinimum({ arcs, supply, demand }: NetworkProblem, v: Vector): Forest {
  const { rows: n, cols: m } = arcs;
  const left = supply.slice();
  const lacking = demand.slice();
  // A full column is priced out.
  const price = v.map((vj, j) => (demand[j]! > 0 ? vj : Number.NEGATIVE_INFINITY));
  const forest: Forest = {
    rows: new Int32Array(n + m),
    cols: new Int32Array(n + m),
    flow: new Float64Array(n + m),
    cost: new Float64Array(n + m),
    count: 0,
  };
  const send = (i: number, j: number, cost: number) => {
    const amount = Math.min(left[i]!, lacking[j]!);
    left[i] = left[i]! - amount;
    lacking[j] = lacking[j]! - amount;
    if (lacking[j] === 0) price[j] = Number.NEGATIVE_INFINITY;
    const k = forest.count++;
    forest.rows[k] = i;
    forest.cols[k] = n + j;
    forest.flow[k] = amount;
    forest.cost[k] = cost;
  };
  let active: number[] = [];
  const stuck: number[] = [];
  for (let i = 0; i < n; i++) if (supply[i]! > 0) active.push(i);
  while (active.length > 0) {
    const next: number[] = [];
    for (const i of active) {
      const k = leastArc(arcs, i, price, 0, 0, Number.POSITIVE_INFINITY);
      if (k < 0) stuck.push(i);
      else {
        send(i, columnOf(arcs, i, k), arcs.costs[k]!);
        if (left[i]! > 0) next.push(i);
      }
    }
    active = next;
  }
  let j = 0;
  for (const i of stuck)
    while (left[i]! > 0) {
      while (lacking[j] === 0) j++;
      send(i, j, Number.POSITIVE_INFINITY);
    }
  return forest;
}

/** Parents and arcs of the tree; answers its nodes, each behind its parent. */
function join(tree: Tree, forest: Forest, problem: NetworkProblem, v: Vector): Int32Array {
  const { arcs, demand } = problem;
  const { rows: n, cols: m } = arcs;
  const neighbours = incidence(forest, n + m);
  const order = new Int32Array(n + m);
  let count = 0;
  // Columns that are in the tree already have their price here.
  const price = new Float64Array(m).fill(Number.NEGATIVE_INFINITY);
  const hang = (node: number, parent: number, flow: number, cost: number) => {
    const forbidden = cost === Number.POSITIVE_INFINITY;
    tree.parent[node] = parent;
    tree.flow[node] = flow;
    tree.cost[node] = forbidden ? 0 : cost;
    tree.forbidden[node] = forbidden ? 1 : 0;
    order[count++] = node;
  };
  /** The part of the forest around a node that is in the tree. */
  const spread = (from: number) => {
    for (let k = from; k < count; k++) {
      const node = order[k]!;
      if (node >= n) price[node - n] = v[node - n]!;
      for (let q = neighbours.pointers[node]!; q < neighbours.pointers[node + 1]!; q++) {
        const arc = neighbours.arcs[q]!;
        const other = node < n ? forest.cols[arc]! : forest.rows[arc]!;
        if (tree.parent[other] === -2) hang(other, node, forest.flow[arc]!, forest.cost[arc]!);
      }
    }
  };
  let root = 0;
  for (let j = 0; j < m; j++) if (demand[j]! > demand[root]!) root = j;
  tree.root = n + root;
  hang(n + root, -1, 0, 0);
  spread(0);
  for (let i = 0; i < n; i++) {
    if (problem.supply[i] === 0 || tree.parent[i]! >= -1) continue;
    const k = leastArc(arcs, i, price, 0, 0, Number.POSITIVE_INFINITY);
    const j = k < 0 ? root : columnOf(arcs, i, k);
    hang(i, n + j, 0, k < 0 ? Number.POSITIVE_INFINITY : arcs.costs[k]!);
    spread(count - 1);
  }
  return order.subarray(0, count);
}

/** The arcs at each node. */
function incidence({ rows, cols, count }: Forest, nodes: number): { pointers: Int32Array; arcs: Int32Array } {
  const pointers = new Int32Array(nodes + 2);
  for (let k = 0; k < count; k++) {
    pointers[rows[k]! + 2] = pointers[rows[k]! + 2]! + 1;
    pointers[cols[k]! + 2] = pointers[cols[k]! + 2]! + 1;
  }
  for (let v = 2; v < nodes + 2; v++) pointers[v] = pointers[v]! + pointers[v - 1]!;
  const arcs = new Int32Array(2 * count);
  for (let k = 0; k < count; k++)
    for (const node of [rows[k]!, cols[k]!]) {
      const to = pointers[node + 1]!;
      arcs[to] = k;
      pointers[node + 1] = to + 1;
    }
  return { pointers, arcs };
}
