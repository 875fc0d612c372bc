// A spanning tree over rows 0 … n − 1 and columns n … n + m − 1, its flows and its potentials, and the exchange of one arc for another.
//
// The tree is kept as parents, a thread (each node's successor in preorder, its inverse), and the size and the last node of each subtree: the XTI structure of
// Glover, Klingman, Stutz 1974, "Augmented threaded index method for network optimization". An exchange costs O(length of the cycle + nodes whose potentials change). What is stored of a
// node's arc is that of the arc to its parent; arcs lead from rows to columns, so that a row's arc leads up and a column's down.
//
// The tree is strongly feasible (Cunningham 1976, "A network simplex method", Mathematical Programming 11): an arc without flow leads up. The rule by which the leaving arc is chosen
// keeps it so, and no basis then comes twice.
//
// Potentials are pairs: `level` counts forbidden arcs on the way, `potential` sums the costs of the others. Nothing is lost to a large number that stands for infinity.
import type { Vector } from "@hessia/core";

export interface Tree {
  /** −1 for the root, −2 for nodes without weight, which aren't in the tree. */
  readonly parent: Int32Array;
  readonly thread: Int32Array;
  readonly before: Int32Array;
  readonly size: Int32Array;
  readonly last: Int32Array;
  /** Of the arc to the parent: its flow, in whole units, its cost (0 for a forbidden arc), and 1 where it is forbidden. */
  readonly flow: Vector;
  readonly cost: Vector;
  readonly forbidden: Uint8Array;
  /** π and its level: on a tree arc from row i to column j, π_j − π_i = C_ij. */
  readonly potential: Vector;
  readonly level: Int32Array;
  root: number;
}

export function newTree(nodes: number): Tree {
  return {
    parent: new Int32Array(nodes).fill(-2),
    thread: new Int32Array(nodes),
    before: new Int32Array(nodes),
    size: new Int32Array(nodes).fill(1),
    last: new Int32Array(nodes),
    flow: new Float64Array(nodes),
    cost: new Float64Array(nodes),
    forbidden: new Uint8Array(nodes),
    potential: new Float64Array(nodes),
    level: new Int32Array(nodes),
    root: -1,
  };
}

/** Brings the arc from row i to column j (a node number), of cost c, into the tree. Answers the flow that was moved. */
export function exchange(tree: Tree, n: number, i: number, j: number, c: number): number {
  const { parent, size, flow, potential, level } = tree;
  // Both ends climb to where they meet. Along the cycle in the direction of the new arc flow decreases on the arcs of rows at i's side and of columns at j's: of those with the least flow the
  // last one leaves, seen from the top of the cycle.
  let a = i;
  let b = j;
  let leastA = Number.POSITIVE_INFINITY;
  let leastB = Number.POSITIVE_INFINITY;
  let outA = -1;
  let outB = -1;
  while (a !== b) {
    if (size[a]! < size[b]!) {
      if (a < n && flow[a]! < leastA) {
        leastA = flow[a]!;
        outA = a;
      }
      a = parent[a]!;
    } else {
      if (b >= n && flow[b]! <= leastB) {
        leastB = flow[b]!;
        outB = b;
      }
      b = parent[b]!;
    }
  }
  const top = a;
  const delta = Math.min(leastA, leastB);
  if (delta > 0) {
    for (let v = i; v !== top; v = parent[v]!) flow[v] = v < n ? flow[v]! - delta : flow[v]! + delta;
    for (let v = j; v !== top; v = parent[v]!) flow[v] = v < n ? flow[v]! + delta : flow[v]! - delta;
  }
  const atSource = leastA < leastB;
  // The part below the leaving arc hangs on the new arc; its potentials change by one number.
  const reduced = c + potential[i]! - potential[j]!;
  const lift = level[i]! - level[j]!;
  if (atSource) move(tree, { out: outA, inner: i, outer: j, top, cost: c, flow: delta, shift: -reduced, lift: -lift });
  else move(tree, { out: outB, inner: j, outer: i, top, cost: c, flow: delta, shift: reduced, lift });
  return delta;
}

interface Move {
  /** The node below the leaving arc. */
  readonly out: number;
  /** The ends of the new arc, in the part below and outside of it. */
  readonly inner: number;
  readonly outer: number;
  readonly top: number;
  readonly cost: number;
  readonly flow: number;
  readonly shift: number;
  readonly lift: number;
}

/** Cuts the subtree of `out` off, turns it so that `inner` is its root, and hangs it on `outer`. */
function move(tree: Tree, { out, inner, outer, top, cost: newCost, flow: newFlow, shift, lift }: Move): void {
  const { parent, thread, before, size, last, flow, cost, forbidden, potential, level } = tree;
  const total = size[out]!;
  const oldParent = parent[out]!;
  const oldLast = last[out]!;
  const previous = before[out]!;

  // Off the thread and off the sizes and last nodes of what was above it.
  const next = thread[oldLast]!;
  thread[previous] = next;
  before[next] = previous;
  for (let v = oldParent; v !== top; v = parent[v]!) size[v] = size[v]! - total;
  for (let v = oldParent; v >= 0 && last[v] === oldLast; v = parent[v]!) last[v] = previous;

  // The stem inner = s₀, s₁, …, out is turned over: each sₖ₊₁, without the subtree of sₖ, becomes the last child of sₖ. The thread is cut into these pieces and put together.
  let s = inner;
  let tail = -1;
  let above = outer;
  let taken = 0;
  let arcFlow = newFlow;
  let arcCost = newCost;
  let arcForbidden = 0;
  let lastOfPart = last[inner]!;
  let end = lastOfPart;
  for (;;) {
    const up = parent[s]!;
    const front = before[s]!;
    const behind = thread[end]!;
    const sizeBefore = size[s]!;
    const isLast = s === out;
    if (!isLast) {
      thread[front] = behind;
      before[behind] = front;
    }
    if (tail >= 0) {
      thread[tail] = s;
      before[s] = tail;
    }
    tail = end;
    parent[s] = above;
    size[s] = total - taken;
    taken = sizeBefore;
    const oldFlow = flow[s]!;
    const oldCost = cost[s]!;
    const oldForbidden = forbidden[s]!;
    flow[s] = arcFlow;
    cost[s] = arcCost;
    forbidden[s] = arcForbidden;
    if (isLast) break;
    arcFlow = oldFlow;
    arcCost = oldCost;
    arcForbidden = oldForbidden;
    end = last[up] === lastOfPart ? front : last[up]!;
    lastOfPart = last[up]!;
    above = s;
    s = up;
  }
  for (let v = out; v !== outer; v = parent[v]!) last[v] = tail;
  before[next] = previous;

  // Into the thread right behind `outer`.
  const after = thread[outer]!;
  thread[outer] = inner;
  before[inner] = outer;
  thread[tail] = after;
  before[after] = tail;
  for (let v = outer; v !== top; v = parent[v]!) size[v] = size[v]! + total;
  for (let v = outer; v >= 0 && last[v] === outer; v = parent[v]!) last[v] = tail;

  if (lift === 0) {
    for (let v = inner, count = total; count > 0; count--, v = thread[v]!) potential[v] = potential[v]! + shift;
  } else {
    for (let v = inner, count = total; count > 0; count--, v = thread[v]!) {
      potential[v] = potential[v]! + shift;
      level[v] = level[v]! + lift;
    }
  }
}

/** Potentials anew from the costs along the tree, 0 at its root: what rounding has added since the last time is gone. */
export function refreshPotentials({ parent, thread, cost, potential, level, forbidden, root }: Tree, n: number): void {
  potential[root] = 0;
  level[root] = 0;
  for (let v = thread[root]!; v !== root; v = thread[v]!) {
    const p = parent[v]!;
    const sign = v < n ? -1 : 1;
    potential[v] = potential[p]! + sign * cost[v]!;
    level[v] = level[p]! + sign * forbidden[v]!;
  }
}

/** Thread, sizes and last nodes from the parents of all nodes in the tree; `order` lists them with each parent ahead of its children. */
export function threadTree(tree: Tree, order: Int32Array): void {
  const { parent, thread, before, size, last, root } = tree;
  // Children are put right behind their parent: the last one listed comes first.
  thread[root] = root;
  for (let k = 1; k < order.length; k++) {
    const v = order[k]!;
    const p = parent[v]!;
    thread[v] = thread[p]!;
    thread[p] = v;
  }
  for (let k = 0; k < order.length; k++) {
    const v = order[k]!;
    before[thread[v]!] = v;
    size[v] = 1;
  }
  for (let k = order.length - 1; k > 0; k--) {
    const p = parent[order[k]!]!;
    size[p] = size[p]! + size[order[k]!]!;
  }
  // A subtree ends `size` − 1 nodes further on: counted from the back, where a node's last child has it already.
  let v = before[root]!;
  last.fill(-1);
  for (let count = order.length; count > 0; count--, v = before[v]!) {
    if (last[v] === -1) last[v] = v;
    const p = parent[v]!;
    if (p >= 0 && last[p] === -1) last[p] = last[v]!;
  }
}
