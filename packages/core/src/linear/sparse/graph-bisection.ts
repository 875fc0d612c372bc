// A small set of vertices that cuts a graph into two parts of about the same weight: by levels of coarser graphs.
//
// Hendrickson, Rothberg 1998, "Improving the run time and quality of nested dissection ordering", SIAM J. Sci. Comput. 20(2): the graph is
// coarsened by matchings of heavy edges; the coarsest is cut by breadth-first search; on the way back the vertex separator itself, and not an
// edge cut, is refined by moves of its vertices to either side (Ashcraft, Liu 1998, "Applications of the Dulmage–Mendelsohn decomposition and
// network flow to graph bisection improvement", SIAM J. Matrix Anal. Appl. 19(2), §1; Fiduccia, Mattheyses 1982).
//
// Deviation: no random choices. Vertices are visited in an order scattered by a fixed stride, and several starts are tried on the coarsest graph.

/** A graph with weights of vertices and edges. */
export interface WeightedGraph {
  readonly n: number;
  readonly pointers: Int32Array;
  readonly neighbours: Int32Array;
  readonly weights: Int32Array;
  readonly edgeWeights: Int32Array;
}

/** Sides of a vertex. */
export const LEFT = 0;
export const RIGHT = 1;
export const SEPARATOR = 2;

/** Neither side shall weigh more than this share of the graph. */
const mostShare = 0.55;
const coarsest = 120;

/** The side of each vertex: no edge joins LEFT and RIGHT. */
export function bisect(G: WeightedGraph): Uint8Array {
  const levels: { graph: WeightedGraph; coarse: Int32Array }[] = [];
  let graph = G;
  while (graph.n > coarsest) {
    const { coarse, count } = match(graph);
    if (count > 0.95 * graph.n) break;
    levels.push({ graph, coarse });
    graph = contract(graph, coarse, count);
  }
  let side = firstCut(graph);
  for (let level = levels.length - 1; level >= 0; level--) {
    const { graph: finer, coarse } = levels[level];
    const projected = new Uint8Array(finer.n);
    for (let v = 0; v < finer.n; v++) projected[v] = side[coarse[v]];
    side = projected;
    refine(finer, side);
  }
  return side;
}

/** Pairs of vertices joined by heavy edges become one; coarse[v] is the number of v's pair. */
function match({ n, pointers, neighbours, weights, edgeWeights }: WeightedGraph): {
  coarse: Int32Array;
  count: number;
} {
  const coarse = new Int32Array(n).fill(-1);
  let total = 0;
  for (let v = 0; v < n; v++) total += weights[v];
  const heaviest = Math.max(2, (3 * total) / coarsest);
  const stride = scatteringStride(n);
  let count = 0;
  for (let k = 0, v = 0; k < n; k++, v = (v + stride) % n) {
    if (coarse[v] !== -1) continue;
    let best = -1;
    let heavy = -1;
    for (let q = pointers[v]; q < pointers[v + 1]; q++) {
      const u = neighbours[q];
      if (coarse[u] !== -1 || weights[u] + weights[v] > heaviest) continue;
      if (edgeWeights[q] > heavy || (edgeWeights[q] === heavy && weights[u] < weights[best])) {
        best = u;
        heavy = edgeWeights[q];
      }
    }
    coarse[v] = count;
    if (best !== -1) coarse[best] = count;
    count++;
  }
  return { coarse, count };
}

/** A number near 0.38 n without common factor with n. */
function scatteringStride(n: number): number {
  const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
  let stride = Math.max(1, Math.floor(0.381966 * n));
  while (gcd(stride, n) !== 1) stride++;
  return stride;
}

function contract(G: WeightedGraph, coarse: Int32Array, count: number): WeightedGraph {
  const { n, pointers, neighbours, edgeWeights } = G;
  const first = new Int32Array(count).fill(-1);
  const second = new Int32Array(count).fill(-1);
  const weights = new Int32Array(count);
  for (let v = 0; v < n; v++) {
    const c = coarse[v];
    if (first[c] === -1) first[c] = v;
    else second[c] = v;
    weights[c] += G.weights[v];
  }
  const starts = new Int32Array(count + 1);
  const list = new Int32Array(neighbours.length);
  const listWeights = new Int32Array(neighbours.length);
  /** Where an edge to each vertex stands in the present list, if that is at or behind its start. */
  const where = new Int32Array(count).fill(-1);
  let at = 0;
  for (let c = 0; c < count; c++) {
    const start = at;
    for (let v = first[c]; v !== -1; v = v === first[c] ? second[c] : -1) {
      for (let q = pointers[v]; q < pointers[v + 1]; q++) {
        const to = coarse[neighbours[q]];
        if (to === c) continue;
        if (where[to] >= start) listWeights[where[to]] += edgeWeights[q];
        else {
          where[to] = at;
          list[at] = to;
          listWeights[at++] = edgeWeights[q];
        }
      }
    }
    starts[c + 1] = at;
  }
  return { n: count, pointers: starts, neighbours: list.slice(0, at), weights, edgeWeights: listWeights.slice(0, at) };
}

/** The best of several cuts by breadth-first search, refined. */
function firstCut(G: WeightedGraph): Uint8Array {
  let best: Uint8Array | undefined;
  let bestCost = Number.POSITIVE_INFINITY;
  const tries = Math.min(G.n, 8);
  for (let k = 0; k < tries; k++) {
    const side = grow(G, Math.floor((k * G.n) / tries), k % 2 === 0);
    refine(G, side);
    const cost = costOf(G, side);
    if (cost < bestCost) {
      bestCost = cost;
      best = side;
    }
  }
  return best ?? new Uint8Array(G.n);
}

/** LEFT is what a search reaches until half of the weight is there; its neighbours are the separator. With `far`, from the last vertex of a first search. */
function grow({ n, pointers, neighbours, weights }: WeightedGraph, root: number, far: boolean): Uint8Array {
  let total = 0;
  for (let v = 0; v < n; v++) total += weights[v];
  const order = new Int32Array(n);
  const seen = new Uint8Array(n);
  const search = (start: number): void => {
    seen.fill(0);
    let end = 0;
    const enter = (v: number) => {
      seen[v] = 1;
      order[end++] = v;
    };
    enter(start);
    for (let k = 0, other = 0; k < n; k++) {
      // The next component, where there are several.
      if (k === end) {
        while (seen[other] === 1) other++;
        enter(other);
      }
      const v = order[k];
      for (let q = pointers[v]; q < pointers[v + 1]; q++) if (seen[neighbours[q]] === 0) enter(neighbours[q]);
    }
  };
  search(root);
  if (far) search(order[n - 1]);
  const side = new Uint8Array(n).fill(RIGHT);
  let left = 0;
  for (let k = 0; k < n && 2 * left < total; k++) {
    side[order[k]] = LEFT;
    left += weights[order[k]];
  }
  for (let v = 0; v < n; v++) {
    if (side[v] !== LEFT) continue;
    for (let q = pointers[v]; q < pointers[v + 1]; q++) {
      if (side[neighbours[q]] === RIGHT) side[neighbours[q]] = SEPARATOR;
    }
  }
  return side;
}

/** The separator's weight, and what there is beyond balance. */
function costOf({ n, weights }: WeightedGraph, side: Uint8Array): number {
  const sums = [0, 0, 0];
  for (let v = 0; v < n; v++) sums[side[v]] += weights[v];
  return cost(sums);
}

function cost([left, right, separator]: readonly number[]): number {
  const total = left + right + separator;
  const excess = Math.max(left, right) - mostShare * total;
  return separator + 1e-3 * Math.abs(left - right) + (excess > 0 ? 2 * excess : 0);
}

/** Passes of moves out of the separator as long as they make it better. */
function refine(G: WeightedGraph, side: Uint8Array): void {
  const { n, pointers, neighbours, weights } = G;
  const sums = [0, 0, 0];
  for (let v = 0; v < n; v++) sums[side[v]] += weights[v];
  const total = sums[0] + sums[1] + sums[2];
  /** What the separator loses when a vertex goes left or right. */
  const gains = [new Int32Array(n), new Int32Array(n)];
  const locked = new Uint8Array(n);
  const gainsOf = (v: number): void => {
    let fromLeft = 0;
    let fromRight = 0;
    for (let q = pointers[v]; q < pointers[v + 1]; q++) {
      const u = neighbours[q];
      if (side[u] === LEFT) fromLeft += weights[u];
      else if (side[u] === RIGHT) fromRight += weights[u];
    }
    gains[LEFT][v] = weights[v] - fromRight;
    gains[RIGHT][v] = weights[v] - fromLeft;
  };
  for (let pass = 0; pass < 8; pass++) {
    const heaps = [makeHeap(), makeHeap()];
    locked.fill(0);
    for (let v = 0; v < n; v++) {
      if (side[v] !== SEPARATOR) continue;
      gainsOf(v);
      for (const to of [LEFT, RIGHT]) push(heaps[to], v, gains[to][v]);
    }
    // Moved vertices with −1 − v for what they pulled into the separator.
    const log: number[] = [];
    let best = cost(sums);
    const begin = best;
    let kept = 0;
    let idle = 0;
    const limit = 60 + 0.02 * n;
    while (idle < limit) {
      let to = -1;
      for (const t of [LEFT, RIGHT]) {
        const heap = heaps[t];
        while (heap.size > 0 && !isCurrent(heap, gains[t], side, locked)) pop(heap);
        if (heap.size === 0) continue;
        if (sums[t] + weights[heap.vertices[0]] > Math.max(mostShare * total, sums[1 - t])) continue;
        const better =
          to === -1 || heap.keys[0] > heaps[to].keys[0] || (heap.keys[0] === heaps[to].keys[0] && sums[t] < sums[to]);
        if (better) to = t;
      }
      if (to === -1) break;
      const v = heaps[to].vertices[0];
      pop(heaps[to]);
      const from = 1 - to;
      log.push(v, to);
      let pulled = 0;
      side[v] = to;
      locked[v] = 1;
      sums[to] += weights[v];
      sums[SEPARATOR] -= weights[v];
      for (let q = pointers[v]; q < pointers[v + 1]; q++) {
        const u = neighbours[q];
        if (side[u] === SEPARATOR) {
          gains[from][u] -= weights[v];
          push(heaps[from], u, gains[from][u]);
        } else if (side[u] === from) {
          side[u] = SEPARATOR;
          sums[from] -= weights[u];
          sums[SEPARATOR] += weights[u];
          log.push(u);
          pulled++;
          gainsOf(u);
          for (const t of [LEFT, RIGHT]) if (locked[u] === 0) push(heaps[t], u, gains[t][u]);
          for (let r = pointers[u]; r < pointers[u + 1]; r++) {
            const x = neighbours[r];
            if (side[x] !== SEPARATOR || x === u) continue;
            gains[to][x] += weights[u];
            push(heaps[to], x, gains[to][x]);
          }
        }
      }
      log.push(-1 - pulled);
      const now = cost(sums);
      idle++;
      if (now < best) {
        best = now;
        kept = log.length;
        idle = 0;
      }
    }
    undo(log, kept, side, sums, weights);
    if (!(best < begin)) break;
  }
}

/** Takes back the moves behind place `kept` of the log. */
function undo(log: number[], kept: number, side: Uint8Array, sums: number[], weights: Int32Array): void {
  for (let at = log.length; at > kept; ) {
    const pulled = -1 - log[at - 1];
    const start = at - 1 - pulled - 2;
    const v = log[start];
    const to = log[start + 1];
    for (let k = start + 2; k < at - 1; k++) {
      side[log[k]] = 1 - to;
      sums[1 - to] += weights[log[k]];
      sums[SEPARATOR] -= weights[log[k]];
    }
    side[v] = SEPARATOR;
    sums[to] -= weights[v];
    sums[SEPARATOR] += weights[v];
    at = start;
  }
}

/** A heap of vertices, the greatest key on top; entries whose key is no longer the vertex's gain are out of date. */
interface Heap {
  size: number;
  readonly vertices: number[];
  readonly keys: number[];
}

const makeHeap = (): Heap => ({ size: 0, vertices: [], keys: [] });

const isCurrent = ({ vertices, keys }: Heap, gains: Int32Array, side: Uint8Array, locked: Uint8Array): boolean =>
  side[vertices[0]] === SEPARATOR && locked[vertices[0]] === 0 && gains[vertices[0]] === keys[0];

function push(heap: Heap, v: number, key: number): void {
  const { vertices, keys } = heap;
  let k = heap.size++;
  while (k > 0) {
    const up = (k - 1) >> 1;
    if (keys[up] >= key) break;
    keys[k] = keys[up];
    vertices[k] = vertices[up];
    k = up;
  }
  keys[k] = key;
  vertices[k] = v;
}

function pop(heap: Heap): void {
  const { vertices, keys } = heap;
  const n = --heap.size;
  const key = keys[n];
  const v = vertices[n];
  let k = 0;
  for (;;) {
    let child = 2 * k + 1;
    if (child >= n) break;
    if (child + 1 < n && keys[child + 1] > keys[child]) child++;
    if (keys[child] <= key) break;
    keys[k] = keys[child];
    vertices[k] = vertices[child];
    k = child;
  }
  keys[k] = key;
  vertices[k] = v;
}
