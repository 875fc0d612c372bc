// A fill-reducing order for sparse symmetric factorization: approximate minimum degree.
//
// Amestoy, Davis, Duff 1996, "An approximate minimum degree ordering algorithm", SIAM J. Matrix Anal. Appl. 17(4), Algorithm 1.
// The elimination graph is kept as a quotient graph: a variable i has a list of elements Eᵢ and of variables Aᵢ, an element e
// (an eliminated pivot) the list Lₑ of the variables it joined. At each step the variable p of least approximate degree becomes
// an element, Lₚ = (Aₚ ∪ ⋃ Lₑ) \ {p}, e ∈ Eₚ, which absorbs those e; for each i ∈ Lₚ the degree is bounded (§4) by
//   dᵢ = min(n − k, dᵢ + |Lₚ \ i|, |Aᵢ \ i| + |Lₚ \ i| + Σ_{e ∈ Eᵢ \ p} |Lₑ \ Lₚ|).
// Variables with the same neighbours are merged into one (supervariables), those with no others are eliminated with p.
//
// Deviations:
// 1. Rows with more than max(16, 10 √n) entries are set aside and ordered last.
// 2. An element whose variables all lie in Lₚ is absorbed too, though p doesn't touch it (the paper's aggressive absorption).
// 3. Lists that no longer fit are moved to new memory; the paper collects garbage in place.
import { checkPattern } from "./csc.js";
import type { SparseMatrix } from "./matrix.js";

type Pattern = Pick<SparseMatrix, "rows" | "cols" | "colPointers" | "rowIndices">;

/**
 * A fill-reducing order p of the n variables of a symmetric matrix: p[k] is the variable eliminated as the k-th. Only the
 * pattern is read; a diagonal may be there or not. The same pattern gives the same order.
 * @throws ArgumentError when A isn't square or its pattern isn't a well-formed lower triangle.
 */
export function amd(A: Pattern): Int32Array {
  checkPattern("amd", "A", { ...A, symmetric: true });
  const G = quotientGraph(A);
  const aside = setDenseRowsAside(G);
  for (let i = 0; i < G.n; i++) if (G.kind[i] === VARIABLE) link(G, i);
  for (let left = G.n - aside.length; left > 0; ) left -= eliminate(G, left);
  return postorder(G, aside);
}

const VARIABLE = 0;
const ELEMENT = 1;
/** An element that another absorbed (its `parent`), or that has no variables left. */
const ABSORBED = 2;
/** A variable merged into another or eliminated together with it (its `parent`), or set aside. */
const MERGED = 3;

/** The quotient graph and its degree lists. */
interface QuotientGraph {
  readonly n: number;
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
  readonly kind: Uint8Array;
  readonly parent: Int32Array;
  readonly mark: Int32Array;
  stamp: number;
  /** Doubly linked lists of the variables by degree; while i is in Lₚ, next and previous hold its hash chain and hash. */
  readonly head: Int32Array;
  readonly next: Int32Array;
  readonly previous: Int32Array;
  /** No variable has a lower degree. */
  least: number;
  readonly bucket: Int32Array;
}

function quotientGraph({ cols: n, colPointers, rowIndices }: Pattern): QuotientGraph {
  const length = new Int32Array(n);
  for (let j = 0; j < n; j++) {
    for (let p = colPointers[j]; p < colPointers[j + 1]; p++) {
      const i = rowIndices[p];
      if (i === j) continue;
      length[i]++;
      length[j]++;
    }
  }
  const start = new Int32Array(n);
  let total = 0;
  for (let i = 0; i < n; i++) {
    start[i] = total;
    total += length[i];
  }
  const lists = new Int32Array(Math.ceil(1.5 * total) + n + 16);
  const at = start.slice();
  for (let j = 0; j < n; j++) {
    for (let p = colPointers[j]; p < colPointers[j + 1]; p++) {
      const i = rowIndices[p];
      if (i === j) continue;
      lists[at[i]++] = j;
      lists[at[j]++] = i;
    }
  }
  return {
    n,
    lists,
    free: total,
    start,
    length,
    elements: new Int32Array(n),
    size: new Int32Array(n).fill(1),
    degree: length.slice(),
    kind: new Uint8Array(n),
    parent: new Int32Array(n).fill(-1),
    mark: new Int32Array(n),
    stamp: 1,
    head: new Int32Array(n + 1).fill(-1),
    next: new Int32Array(n),
    previous: new Int32Array(n),
    least: 0,
    bucket: new Int32Array(n).fill(-1),
  };
}

/** Takes the rows that very many others meet out of the graph and out of the others' degrees: they would only slow it down. */
function setDenseRowsAside({ n, lists, start, length, size, degree, kind }: QuotientGraph): number[] {
  const limit = Math.max(16, 10 * Math.sqrt(n));
  const aside: number[] = [];
  for (let i = 0; i < n; i++) {
    if (length[i] <= limit) continue;
    size[i] = 0;
    kind[i] = MERGED;
    aside.push(i);
    for (let q = start[i]; q < start[i] + length[i]; q++) degree[lists[q]]--;
  }
  return aside;
}

/** Puts variable i at the front of the list of its degree. */
function link(G: QuotientGraph, i: number): void {
  const d = G.degree[i];
  const first = G.head[d];
  G.next[i] = first;
  G.previous[i] = -1;
  if (first !== -1) G.previous[first] = i;
  G.head[d] = i;
  if (d < G.least) G.least = d;
}

function unlink({ head, next, previous, degree }: QuotientGraph, i: number): void {
  const before = previous[i];
  const after = next[i];
  if (before !== -1) next[before] = after;
  else head[degree[i]] = after;
  if (after !== -1) previous[after] = before;
}

/** Eliminates a variable of least degree and all that goes with it; answers how many variables that were. */
function eliminate(G: QuotientGraph, left: number): number {
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
    link(G, i);
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
  const { n, lists, start, length, elements, size, degree, kind, parent, mark, stamp, next, previous, bucket } = G;
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
    const h = (hash >>> 0) % n;
    previous[i] = h;
    next[i] = bucket[h];
    bucket[h] = i;
  }
  G.stamp += n + 1;
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
  // Marks stay below 2³¹: a step adds fewer than 2n + 1 to the stamp, and a mark is at most n above it.
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

/** A depth-first order of the assembly tree: a pivot's children, the variables that went with it, the pivot; the rows set aside last. */
function postorder({ n, kind, parent }: QuotientGraph, aside: readonly number[]): Int32Array {
  const isAside = new Uint8Array(n);
  for (const i of aside) isAside[i] = 1;
  const firstChild = new Int32Array(n).fill(-1);
  const sibling = new Int32Array(n).fill(-1);
  for (const joining of [MERGED, ABSORBED]) {
    for (let i = n - 1; i >= 0; i--) {
      if (kind[i] !== joining || parent[i] === -1) continue;
      sibling[i] = firstChild[parent[i]];
      firstChild[parent[i]] = i;
    }
  }
  const order = new Int32Array(n);
  const stack = new Int32Array(n);
  let k = 0;
  for (let root = 0; root < n; root++) {
    if (parent[root] !== -1 || isAside[root] === 1) continue;
    let top = 0;
    stack[0] = root;
    while (top >= 0) {
      const node = stack[top];
      const child = firstChild[node];
      if (child === -1) {
        order[k++] = node;
        top--;
      } else {
        firstChild[node] = sibling[child];
        stack[++top] = child;
      }
    }
  }
  for (const i of aside) order[k++] = i;
  return order;
}
