// The quotient graph of an elimination: what minimum-degree orders are found with.
//
// Amestoy, Davis, Duff 1996, "An approximate minimum degree ordering algorithm", SIAM J. Matrix Anal. Appl. 17(4), Algorithm 1.
// A variable i has a list of elements Eᵢ and of variables Aᵢ, an element e (an eliminated pivot) the list Lₑ of the variables it joined.
// A pivot p becomes an element, Lₚ = (Aₚ ∪ ⋃ Lₑ) \ {p}, e ∈ Eₚ, which absorbs those e; for each i ∈ Lₚ the degree is bounded (§4) by
//   dᵢ = min(n − k, dᵢ + |Lₚ \ i|, |Aᵢ \ i| + |Lₚ \ i| + Σ_{e ∈ Eᵢ \ p} |Lₑ \ Lₚ|).
// Variables with the same neighbours are merged into one (supervariables), those with no others are eliminated with p.
//
// Rothberg, Eisenstat 1998, "Node selection strategies for bottom-up sparse matrix ordering", SIAM J. Matrix Anal. Appl. 19(3), §4: with
// the score "fill", the next pivot is the one of least approximate mean local fill, (dᵢ(dᵢ − 1) − c(c − 1)) / (2 |i|), c = |Lₚ \ i| the
// clique that i came out of last; with "degree" the one of least dᵢ.
//
// Deviations:
// 1. Variables of degree above max(16, 10 √n) are set aside; they are to be ordered last.
// 2. An element whose variables all lie in Lₚ is absorbed too, though p doesn't touch it (the paper's aggressive absorption).
// 3. Lists that no longer fit are moved to new memory; the paper collects garbage in place.
// 4. It runs on the compressed graph, whose vertices are supervariables from the beginning.
// 5. The fill is kept to 1/32 of a power of two, so that few lists hold all scores.
import type { Graph } from "./sparse-graph.js";

/** What the next pivot has least of. */
export type PivotScore = "degree" | "fill";

export const VARIABLE = 0;
export const ELEMENT = 1;
/** An element that another absorbed (its `parent`), or that has no variables left. */
export const ABSORBED = 2;
/** A variable merged into another or eliminated together with it (its `parent`), or set aside. */
export const MERGED = 3;

/** The quotient graph and its degree lists. */
export interface QuotientGraph {
  readonly n: number;
  /** Unknowns, that is the sum of the sizes at the beginning. */
  readonly total: number;
  /** All adjacency lists, each begun at `start`; free memory from `free` on. */
  lists: Int32Array;
  free: number;
  readonly start: Int32Array;
  /** Entries in the list of a variable or element; of a variable's list the first `elements` are elements. */
  readonly length: Int32Array;
  readonly elements: Int32Array;
  /** Variables that a supervariable stands for; 0 for elements and the dead; negative while in the present Lₚ. */
  readonly size: Int32Array;
  /** Of a variable its approximate external degree, of an element |Lₑ|. */
  readonly degree: Int32Array;
  readonly byFill: boolean;
  /** The score of a variable, as the number of its list. */
  readonly key: Int32Array;
  readonly kind: Uint8Array;
  readonly parent: Int32Array;
  readonly mark: Int32Array;
  stamp: number;
  /** Doubly linked lists of the variables by score; while i is in Lₚ, next and previous hold its hash chain and hash. */
  readonly head: Int32Array;
  readonly next: Int32Array;
  readonly previous: Int32Array;
  /** No variable has a lower score. */
  least: number;
  readonly bucket: Int32Array;
}

export function quotientGraph(
  { n, pointers, neighbours }: Graph,
  weights: Int32Array | undefined,
  score: PivotScore,
): QuotientGraph {
  const length = new Int32Array(n);
  for (let i = 0; i < n; i++) length[i] = pointers[i + 1] - pointers[i];
  const size = weights === undefined ? new Int32Array(n).fill(1) : weights.slice();
  const degree = length.slice();
  let total = n;
  if (weights !== undefined) {
    total = 0;
    for (let i = 0; i < n; i++) {
      total += weights[i];
      let sum = 0;
      for (let q = pointers[i]; q < pointers[i + 1]; q++) sum += weights[neighbours[q]];
      degree[i] = sum;
    }
  }
  const lists = new Int32Array(Math.ceil(1.5 * neighbours.length) + n + 16);
  lists.set(neighbours);
  let buckets = 1;
  while (buckets < n) buckets *= 2;
  return {
    n,
    total,
    lists,
    free: neighbours.length,
    start: pointers.slice(0, n),
    length,
    elements: new Int32Array(n),
    size,
    degree,
    byFill: score === "fill",
    key: new Int32Array(n),
    kind: new Uint8Array(n),
    parent: new Int32Array(n).fill(-1),
    mark: new Int32Array(n),
    stamp: 1,
    head: new Int32Array(Math.max(total + 1, mostFillKeys)).fill(-1),
    next: new Int32Array(n),
    previous: new Int32Array(n),
    least: 0,
    bucket: new Int32Array(buckets).fill(-1),
  };
}

/** Takes the rows that very many others meet out of the graph and out of the others' degrees: they would only slow it down. */
export function setDenseRowsAside({ n, total, lists, start, length, size, degree, kind }: QuotientGraph): {
  aside: number[];
  weight: number;
} {
  const limit = Math.max(16, 10 * Math.sqrt(total));
  const aside: number[] = [];
  let weight = 0;
  for (let i = 0; i < n; i++) {
    let rows = 0;
    if (degree[i] > limit) for (let q = start[i]; q < start[i] + length[i]; q++) rows += Math.abs(size[lists[q]]);
    if (rows <= limit) continue;
    weight += size[i];
    // Negative for the time being: the rows that are still to be looked at count it too.
    size[i] = -size[i];
    kind[i] = MERGED;
    aside.push(i);
    for (let q = start[i]; q < start[i] + length[i]; q++) degree[lists[q]] += size[i];
  }
  for (const i of aside) size[i] = 0;
  return { aside, weight };
}

/** The highest key of a fill below 2¹⁰⁰⁰, and more. */
const mostFillKeys = 32 * 1024;
const real = new Float64Array(1);
const words = new Int32Array(real.buffer);
const highWord = new Uint8Array(Int32Array.of(1).buffer)[0] === 1 ? 1 : 0;

/** Sets the score of variable i, which came out of a clique of c others, and puts it at the front of its list. */
export function score(G: QuotientGraph, i: number, c: number): void {
  const d = G.degree[i];
  if (G.byFill) {
    const clique = Math.min(c, d);
    real[0] = 1 + (0.5 * (d - clique) * (d + clique - 1)) / G.size[i];
    G.key[i] = (words[highWord] - 0x3ff00000) >> 15;
  } else G.key[i] = d;
  link(G, i);
}

/** Puts variable i at the front of the list of its score. */
function link(G: QuotientGraph, i: number): void {
  const d = G.key[i];
  const first = G.head[d];
  G.next[i] = first;
  G.previous[i] = -1;
  if (first !== -1) G.previous[first] = i;
  G.head[d] = i;
  if (d < G.least) G.least = d;
}

function unlink({ head, next, previous, key }: QuotientGraph, i: number): void {
  const before = previous[i];
  const after = next[i];
  if (before !== -1) next[before] = after;
  else head[key[i]] = after;
  if (after !== -1) previous[after] = before;
}

/** Eliminates a variable of least score and all that goes with it; answers how many variables that were. */
export function eliminate(G: QuotientGraph, left: number): number {
  const { head, size, degree, kind, start, length } = G;
  while (head[G.least] === -1) G.least++;
  const p = head[G.least];
  unlink(G, p);
  const pivots = size[p];
  const begin = gather(G, p);
  const end = G.free;
  countOutside(G, begin, end);
  const together = rewriteLists(G, p, begin, end);
  mergeEqual(G, begin, end);

  // The final degrees; Lₚ keeps the live variables only.
  const { lists } = G;
  const remaining = left - pivots - together;
  const weight = degree[p];
  let write = begin;
  for (let k = begin; k < end; k++) {
    const i = lists[k];
    if (size[i] === 0) continue;
    const s = -size[i];
    size[i] = s;
    degree[i] = Math.min(degree[i] + weight - s, remaining - s);
    score(G, i, weight - s);
    lists[write++] = i;
  }
  start[p] = begin;
  length[p] = write - begin;
  G.free = write;
  kind[p] = write === begin ? ABSORBED : ELEMENT;
  return pivots + together;
}

/** Writes Lₚ at the free end, its variables taken from their degree lists, their sizes negative; p absorbs its elements. Answers where Lₚ begins. */
function gather(G: QuotientGraph, p: number): number {
  const { start, length, elements, size, degree, kind, parent } = G;
  let needed = length[p];
  for (let q = start[p]; q < start[p] + elements[p]; q++) needed += length[G.lists[q]];
  makeRoom(G, needed);
  const { lists } = G;
  const begin = G.free;
  let end = begin;
  let weight = 0;
  size[p] = 0;
  const own = start[p];
  const ownElements = own + elements[p];
  // The elements' variables first, then, as the last round, p's own variables.
  for (let q = own; q <= ownElements; q++) {
    let from = ownElements;
    let to = own + length[p];
    if (q < ownElements) {
      const e = lists[q];
      if (kind[e] !== ELEMENT) continue;
      kind[e] = ABSORBED;
      parent[e] = p;
      from = start[e];
      to = from + length[e];
    }
    for (let k = from; k < to; k++) {
      const i = lists[k];
      const s = size[i];
      if (s <= 0) continue;
      weight += s;
      size[i] = -s;
      lists[end++] = i;
      unlink(G, i);
    }
  }
  degree[p] = weight;
  G.free = end;
  return begin;
}

/** mark[e] − stamp = |Lₑ \ Lₚ| for every element e that touches Lₚ, counted down from |Lₑ| (Algorithm 2 of the paper). */
function countOutside(
  { lists, start, elements, size, degree, kind, mark, stamp }: QuotientGraph,
  begin: number,
  end: number,
): void {
  for (let k = begin; k < end; k++) {
    const i = lists[k];
    const s = -size[i];
    const to = start[i] + elements[i];
    for (let q = start[i]; q < to; q++) {
      const e = lists[q];
      if (kind[e] === ELEMENT) mark[e] = (mark[e] >= stamp ? mark[e] : degree[e] + stamp) - s;
    }
  }
}

/**
 * Rewrites the lists of the variables of Lₚ to (p, live elements, variables outside of Lₚ), bounds their degrees outside of Lₚ and
 * hashes them. A variable with nothing outside of Lₚ is eliminated with p; answers how many variables those were.
 */
function rewriteLists(G: QuotientGraph, p: number, begin: number, end: number): number {
  const { lists, start, length, elements, size, degree, kind, parent, mark, stamp, next, previous, bucket } = G;
  const mask = bucket.length - 1;
  let together = 0;
  for (let k = begin; k < end; k++) {
    const i = lists[k];
    const from = start[i];
    const elementsEnd = from + elements[i];
    const listEnd = from + length[i];
    let outside = 0;
    let hash = p;
    let write = from;
    for (let q = from; q < elementsEnd; q++) {
      const e = lists[q];
      if (kind[e] !== ELEMENT) continue;
      const rest = mark[e] - stamp;
      if (rest > 0) {
        outside += rest;
        hash = (hash + e) | 0;
        lists[write++] = e;
      } else {
        kind[e] = ABSORBED;
        parent[e] = p;
      }
    }
    const variables = write;
    for (let q = elementsEnd; q < listEnd; q++) {
      const j = lists[q];
      const s = size[j];
      if (s <= 0) continue;
      outside += s;
      hash = (hash + j) | 0;
      lists[write++] = j;
    }
    if (outside === 0) {
      const s = -size[i];
      together += s;
      degree[p] -= s;
      size[i] = 0;
      kind[i] = MERGED;
      parent[i] = p;
      continue;
    }
    // p takes the first place. There is room: i came into Lₚ through p itself or an absorbed element, and that entry is gone.
    lists[write++] = lists[variables];
    lists[variables] = lists[from];
    lists[from] = p;
    elements[i] = variables - from + 1;
    length[i] = write - from;
    degree[i] = Math.min(degree[i], outside);
    const h = (hash ^ (hash >>> 16)) & mask;
    previous[i] = h;
    next[i] = bucket[h];
    bucket[h] = i;
  }
  G.stamp += G.total + 1;
  return together;
}

/** Merges the variables of Lₚ whose lists are equal. */
function mergeEqual(G: QuotientGraph, begin: number, end: number): void {
  const { lists, start, length, elements, size, kind, parent, mark, next, previous, bucket } = G;
  for (let k = begin; k < end; k++) {
    if (size[lists[k]] === 0) continue;
    const h = previous[lists[k]];
    let i = bucket[h];
    bucket[h] = -1;
    for (; i !== -1 && next[i] !== -1; i = next[i]) {
      const stamp = G.stamp++;
      const count = length[i];
      const stop = start[i] + count;
      for (let q = start[i]; q < stop; q++) mark[lists[q]] = stamp;
      let before = i;
      for (let j = next[i]; j !== -1; j = next[j]) {
        let same = length[j] === count && elements[j] === elements[i];
        const to = start[j] + count;
        for (let q = start[j]; same && q < to; q++) same = mark[lists[q]] === stamp;
        if (same) {
          size[i] += size[j];
          size[j] = 0;
          kind[j] = MERGED;
          parent[j] = i;
          next[before] = next[j];
        } else before = j;
      }
    }
  }
}

/** Moves the live lists together, into more memory, when `needed` entries don't fit behind them. */
function makeRoom(G: QuotientGraph, needed: number): void {
  // Marks stay below 2³¹: a step adds fewer than 2 total + 1 to the stamp, and a mark is at most total above it.
  if (G.stamp > 2 ** 30) {
    G.mark.fill(0);
    G.stamp = 1;
  }
  if (G.free + needed <= G.lists.length) return;
  const { n, lists, start, length, kind } = G;
  let total = 0;
  for (let i = 0; i < n; i++) if (kind[i] <= ELEMENT) total += length[i];
  const moved = new Int32Array(Math.max(lists.length, Math.ceil(1.5 * (total + needed)) + n));
  let at = 0;
  for (let i = 0; i < n; i++) {
    if (kind[i] > ELEMENT) continue;
    const from = start[i];
    for (let k = 0; k < length[i]; k++) moved[at + k] = lists[from + k];
    start[i] = at;
    at += length[i];
  }
  G.lists = moved;
  G.free = at;
}
