// A fill-reducing order for sparse symmetric factorization: approximate minimum degree.
//
// Amestoy, Davis, Duff 1996, "An approximate minimum degree ordering algorithm", SIAM J. Matrix Anal. Appl. 17(4).
// The elimination graph is kept as a quotient graph: a variable i has a list of elements Eᵢ and of variables Aᵢ, an element e
// (an eliminated pivot) the list Lₑ of the variables it joined. At each step the variable p of least approximate degree becomes
// an element, Lₚ = (Aₚ ∪ ⋃ Lₑ) \ {p}, e ∈ Eₚ, which absorbs those e; for each i ∈ Lₚ the degree is bounded (eq. 4.1) by
//   dᵢ = min(n − k, dᵢ + |Lₚ \ i|, |Aᵢ \ i| + |Lₚ \ i| + Σ_{e ∈ Eᵢ \ p} |Lₑ \ Lₚ|).
// Variables with the same neighbours are merged into one (supervariables), those with no others are eliminated with p.
//
// Deviation: rows with more than max(16, 10 √n) entries are set aside and ordered last (as the authors' own codes do).
import { misuse } from "../errors.js";
import type { SparseMatrix } from "./matrix.js";

/** An order p of the n variables: p[k] is the variable eliminated as the k-th. Only the pattern of A (lower triangle) is read. */
export function amd(A: Pick<SparseMatrix, "rows" | "cols" | "colPointers" | "rowIndices">): Int32Array {
  if (A.rows !== A.cols) misuse("amd", "A", `${A.rows} × ${A.cols}`, "a square matrix");
  return new MinimumDegree(A).order();
}

/** The quotient graph and its degree lists; one run of the algorithm. */
class MinimumDegree {
  private readonly n: number;
  /** All adjacency lists; each begins at `start`. Free room from `free` on. */
  private lists: Int32Array;
  private free = 0;
  private readonly start: Int32Array;
  /** Entries in the list of a variable or element; of a variable the first `elements` are elements. */
  private readonly length: Int32Array;
  private readonly elements: Int32Array;
  /** Variables that a supervariable stands for; 0 when merged or eliminated; negative while in the present Lₚ. */
  private readonly size: Int32Array;
  private readonly degree: Int32Array;
  /** 0 live variable, 1 live element, 2 dead (absorbed or merged into `parent`). */
  private readonly kind: Uint8Array;
  private readonly parent: Int32Array;
  private readonly mark: Int32Array;
  private stamp = 1;
  // Doubly linked lists of variables by degree.
  private readonly head: Int32Array;
  private readonly next: Int32Array;
  private readonly previous: Int32Array;
  private readonly eliminated: number[] = [];
  private readonly setAside: number[] = [];

  constructor({ cols: n, colPointers, rowIndices }: Pick<SparseMatrix, "cols" | "colPointers" | "rowIndices">) {
    this.n = n;
    const ints = (fill = 0) => (fill === 0 ? new Int32Array(n) : new Int32Array(n).fill(fill));
    this.start = ints();
    this.length = ints();
    this.elements = ints();
    this.size = ints(1);
    this.degree = ints();
    this.kind = new Uint8Array(n);
    this.parent = ints(-1);
    this.mark = ints();
    this.head = new Int32Array(n + 1).fill(-1);
    this.next = ints(-1);
    this.previous = ints(-1);
    for (let j = 0; j < n; j++) {
      for (let p = colPointers[j]!; p < colPointers[j + 1]!; p++) {
        const i = rowIndices[p]!;
        if (i !== j) {
          this.length[i]!++;
          this.length[j]!++;
        }
      }
    }
    let total = 0;
    for (let i = 0; i < n; i++) {
      this.start[i] = total;
      total += this.length[i]!;
    }
    this.lists = new Int32Array(Math.ceil(1.3 * total) + 2 * n + 16);
    this.free = total;
    const at = this.start.slice();
    for (let j = 0; j < n; j++) {
      for (let p = colPointers[j]!; p < colPointers[j + 1]!; p++) {
        const i = rowIndices[p]!;
        if (i !== j) {
          this.lists[at[i]!++] = j;
          this.lists[at[j]!++] = i;
        }
      }
    }
  }

  order(): Int32Array {
    const { n, degree, length, size } = this;
    const dense = Math.max(16, 10 * Math.sqrt(n));
    for (let i = 0; i < n; i++) {
      degree[i] = length[i]!;
      if (length[i]! > dense && n > 16) {
        size[i] = 0;
        this.kind[i] = 2;
        this.setAside.push(i);
      }
    }
    let left = 0;
    for (let i = 0; i < n; i++) {
      if (size[i] === 0) continue;
      left++;
      this.insert(i);
    }
    let least = 0;
    while (left > 0) {
      while (this.head[least] === -1) least++;
      const p = this.head[least]!;
      left -= this.eliminate(p, left);
      least = this.leastDegree;
    }
    return this.postorder();
  }

  private leastDegree = 0;

  private insert(i: number): void {
    const d = this.degree[i]!;
    const first = this.head[d]!;
    this.next[i] = first;
    this.previous[i] = -1;
    if (first !== -1) this.previous[first] = i;
    this.head[d] = i;
    if (d < this.leastDegree) this.leastDegree = d;
  }

  private remove(i: number): void {
    const before = this.previous[i]!;
    const after = this.next[i]!;
    if (before !== -1) this.next[before] = after;
    else this.head[this.degree[i]!] = after;
    if (after !== -1) this.previous[after] = before;
  }

  /** Eliminates p and all that goes with it; answers how many variables that were. */
  private eliminate(p: number, left: number): number {
    const { size, kind, mark, degree } = this;
    this.leastDegree = degree[p]!;
    this.remove(p);
    const pivots = size[p]!;
    this.makeRoom(left);
    const { lists } = this;

    // Lₚ: the variables of p's own list and of its elements, which p absorbs.
    const begin = this.free;
    let end = begin;
    let weight = 0;
    size[p] = -pivots;
    const collect = (from: number, count: number) => {
      for (let k = from; k < from + count; k++) {
        const i = lists[k]!;
        const s = size[i]!;
        if (s > 0) {
          weight += s;
          size[i] = -s;
          lists[end++] = i;
          this.remove(i);
        }
      }
    };
    const own = this.start[p]!;
    const elementsOfP = this.elements[p]!;
    for (let k = own; k < own + elementsOfP; k++) {
      const e = lists[k]!;
      if (kind[e] !== 1) continue;
      collect(this.start[e]!, this.length[e]!);
      kind[e] = 2;
      this.parent[e] = p;
    }
    collect(own + elementsOfP, this.length[p]! - elementsOfP);
    kind[p] = 1;
    this.eliminated.push(p);
    this.start[p] = begin;
    this.length[p] = end - begin;
    this.free = end;

    // |Lₑ \ Lₚ| for every element that touches Lₚ, counted down from |Lₑ| (kept in `degree` of the element).
    const stamp = this.stamp;
    for (let k = begin; k < end; k++) {
      const i = lists[k]!;
      const s = -size[i]!;
      const from = this.start[i]!;
      for (let q = from; q < from + this.elements[i]!; q++) {
        const e = lists[q]!;
        if (kind[e] !== 1) continue;
        mark[e] = (mark[e]! >= stamp ? mark[e]! : degree[e]! + stamp) - s;
      }
    }

    // New lists and degrees of the variables in Lₚ, with a hash of each list.
    let gone = 0;
    const buckets = new Map<number, number[]>();
    for (let k = begin; k < end; k++) {
      const i = lists[k]!;
      const from = this.start[i]!;
      const elementsEnd = from + this.elements[i]!;
      const listEnd = from + this.length[i]!;
      let outside = 0;
      for (let q = from; q < elementsEnd; q++) {
        const e = lists[q]!;
        if (kind[e] !== 1) continue;
        const rest = mark[e]! - stamp;
        if (rest > 0) {
          outside += rest;
          this.pending.push(e);
        } else if (e !== p) {
          kind[e] = 2;
          this.parent[e] = p;
        }
      }
      const variables = this.pendingVariables;
      for (let q = elementsEnd; q < listEnd; q++) {
        const j = lists[q]!;
        if (size[j]! > 0) {
          outside += size[j]!;
          variables.push(j);
        }
      }
      if (outside === 0) {
        // Mass elimination: i has no neighbours but those of p.
        gone -= size[i]!;
        weight += size[i]!;
        size[i] = 0;
        kind[i] = 2;
        this.parent[i] = p;
      } else {
        // p fits: i reached Lₚ through p or through an absorbed element, whose place is free now.
        let write = from;
        let hash = p;
        lists[write++] = p;
        for (const e of this.pending) {
          lists[write++] = e;
          hash = (hash + e) | 0;
        }
        this.elements[i] = write - from;
        for (const j of variables) {
          lists[write++] = j;
          hash = (hash + j) | 0;
        }
        this.length[i] = write - from;
        degree[i] = Math.min(degree[i]!, outside);
        const bucket = buckets.get(hash);
        if (bucket) bucket.push(i);
        else buckets.set(hash, [i]);
      }
      this.pending.length = 0;
      variables.length = 0;
    }
    this.stamp = stamp + this.n + 1;
    for (const bucket of buckets.values()) if (bucket.length > 1) this.merge(bucket);

    // Final degrees; Lₚ keeps the live variables only.
    const eliminatedNow = pivots + gone;
    let write = begin;
    for (let k = begin; k < end; k++) {
      const i = lists[k]!;
      if (size[i] === 0) continue;
      size[i] = -size[i]!;
      const s = size[i]!;
      degree[i] = Math.max(0, Math.min(degree[i]! + weight - s, left - eliminatedNow - s));
      this.insert(i);
      lists[write++] = i;
    }
    this.length[p] = write - begin;
    this.free = write;
    degree[p] = weight;
    size[p] = 0;
    if (write === begin) kind[p] = 2;
    return eliminatedNow;
  }

  private readonly pending: number[] = [];
  private readonly pendingVariables: number[] = [];

  /** Merges the variables of a bucket whose lists are equal: they will be eliminated together. */
  private merge(bucket: readonly number[]): void {
    const { lists, start, length, elements, size, mark } = this;
    for (let a = 0; a < bucket.length; a++) {
      const i = bucket[a]!;
      if (size[i] === 0) continue;
      const stamp = this.stamp++;
      for (let q = start[i]!; q < start[i]! + length[i]!; q++) mark[lists[q]!] = stamp;
      for (let b = a + 1; b < bucket.length; b++) {
        const j = bucket[b]!;
        if (size[j] === 0 || length[j] !== length[i] || elements[j] !== elements[i]) continue;
        let same = true;
        for (let q = start[j]!; same && q < start[j]! + length[j]!; q++) same = mark[lists[q]!] === stamp;
        if (!same) continue;
        size[i] = size[i]! + size[j]!;
        size[j] = 0;
        this.kind[j] = 2;
        this.parent[j] = i;
      }
    }
    this.stamp += this.n + 1;
  }

  /** Moves the live lists together when `needed` entries don't fit behind them. */
  private makeRoom(needed: number): void {
    if (this.stamp > 1e9) {
      this.mark.fill(0);
      this.stamp = 1;
    }
    if (this.free + needed <= this.lists.length) return;
    let total = 0;
    for (let i = 0; i < this.n; i++) if (this.kind[i] !== 2) total += this.length[i]!;
    const moved = new Int32Array(Math.max(this.lists.length, Math.ceil(1.3 * (total + needed))));
    let at = 0;
    for (let i = 0; i < this.n; i++) {
      if (this.kind[i] === 2) continue;
      moved.set(this.lists.subarray(this.start[i]!, this.start[i]! + this.length[i]!), at);
      this.start[i] = at;
      at += this.length[i]!;
    }
    this.lists = moved;
    this.free = at;
  }

  /** Depth-first order of the assembly tree: each pivot after its children, then the variables that were eliminated with it. */
  private postorder(): Int32Array {
    const { n, parent, eliminated } = this;
    const isPivot = new Uint8Array(n);
    for (const p of eliminated) isPivot[p] = 1;
    const firstChild = new Int32Array(n).fill(-1);
    const firstMember = new Int32Array(n).fill(-1);
    const sibling = new Int32Array(n).fill(-1);
    const aside = new Uint8Array(n);
    for (const i of this.setAside) aside[i] = 1;
    const roots: number[] = [];
    const chain = (first: Int32Array, owner: number, i: number) => {
      sibling[i] = first[owner]!;
      first[owner] = i;
    };
    for (let i = n - 1; i >= 0; i--) {
      if (aside[i] === 1) continue;
      if (isPivot[i] === 0) {
        let owner = parent[i]!;
        while (isPivot[owner] === 0) owner = parent[owner]!;
        chain(firstMember, owner, i);
      } else if (parent[i] === -1) roots.push(i);
      else chain(firstChild, parent[i]!, i);
    }
    const order = new Int32Array(n);
    let k = 0;
    const stack: number[] = [];
    for (const root of roots.reverse()) {
      stack.push(root);
      while (stack.length > 0) {
        const node = stack.at(-1)!;
        const child = firstChild[node]!;
        if (child !== -1) {
          firstChild[node] = sibling[child]!;
          stack.push(child);
          continue;
        }
        order[k++] = node;
        for (let i = firstMember[node]!; i !== -1; i = sibling[i]!) order[k++] = i;
        stack.pop();
      }
    }
    for (const i of this.setAside) order[k++] = i;
    return order;
  }
}
