/**
 * The Hessian of a graph's output by edge pushing: one reverse sweep that carries the adjoints and the symmetric matrix W of
 * second-order adjoints, d²f = Σ w_uv du dv + Σ v̄_u d²u over the nodes not yet eliminated.
 * Source: R. M. Gower and M. P. Mello, "A new framework for the computation of Hessians", Optim. Methods Softw. 27 (2012),
 * algorithm edge_pushing: node i = φ(p, q) is pushed to its operands, w_pk += φ_p w_ik, then creates w_pq += v̄_i φ_pq.
 * Symmetry is used throughout, and W is small at a narrow waist of the graph (the four entries of a deformation gradient),
 * where it is built before it is pulled back: fewer operations than a forward sweep a variable for most terms.
 * Deviation: entries are nodes of the same graph, simplified as they are made; zeros are never stored.
 */
import { constantNode, dependent, type Graph, isValue, reachable } from "./graph.js";
import { partials, plus, times } from "./partials.js";

/** The lower half of ∂²output/∂inputs², entry (i, j), j ≤ i, at i (i + 1) / 2 + j. */
export function pushEdges(graph: Graph, output: number, inputs: ArrayLike<number>): Int32Array {
  return pushEdgesFrom(graph, [output], [constantNode(graph, 1)], null, inputs);
}

/**
 * The sweep begun at `starts`: of a function φ(s) with adjoints φ' and the lower half of φ'' (null: none) the Hessian with respect to
 * the inputs that s depends on.
 */
export function pushEdgesFrom(
  graph: Graph,
  starts: ArrayLike<number>,
  adjoints: ArrayLike<number>,
  second: ArrayLike<number> | null,
  inputs: ArrayLike<number>,
): Int32Array {
  let limit = 0;
  for (let s = 0; s < starts.length; s++) limit = Math.max(limit, starts[s]! + 1);
  const zero = constantNode(graph, 0);
  const active = dependent(graph, inputs, limit);
  const needed = reachable(graph, starts);
  const isInput = new Uint8Array(limit);
  for (let i = 0; i < inputs.length; i++) if (inputs[i]! < limit) isInput[inputs[i]!] = 1;
  const adjoint = new Int32Array(limit).fill(zero);
  const W = new Map<number, Map<number, number>>();

  const rowOf = (u: number): Map<number, number> => {
    let row = W.get(u);
    if (row === undefined) W.set(u, (row = new Map()));
    return row;
  };
  const accumulate = (u: number, v: number, value: number): void => {
    if (isValue(graph, value, 0)) return;
    const row = rowOf(u);
    const sum = plus(graph, row.get(v) ?? zero, value);
    row.set(v, sum);
    if (u !== v) rowOf(v).set(u, sum);
  };

  for (let s = 0, e = 0; s < starts.length; s++) {
    adjoint[starts[s]!] = plus(graph, adjoint[starts[s]!]!, adjoints[s]!);
    for (let r = 0; second !== null && r <= s; r++, e++) accumulate(starts[s]!, starts[r]!, second[e]!);
  }

  for (let i = limit - 1; i >= 0; i--) {
    if (needed[i] === 0 || active[i] === 0 || isInput[i] === 1) continue;
    const row = W.get(i);
    if (row === undefined && isValue(graph, adjoint[i], 0)) continue;
    const d = partials(graph, i, active);
    if (row !== undefined) {
      W.delete(i);
      for (const k of row.keys()) if (k !== i) rowOf(k).delete(i);
    }
    if (d === null) continue;
    const { p, q } = d;
    if (row !== undefined) {
      for (const [k, w] of row) {
        if (k === i) {
          const wp = times(graph, w, d.fp);
          accumulate(p, p, times(graph, wp, d.fp));
          if (q >= 0) {
            accumulate(p, q, times(graph, wp, d.fq));
            accumulate(q, q, times(graph, times(graph, w, d.fq), d.fq));
          }
        } else {
          push(k, p, times(graph, w, d.fp));
          if (q >= 0) push(k, q, times(graph, w, d.fq));
        }
      }
    }
    const bar = adjoint[i];
    accumulate(p, p, times(graph, bar, d.fpp));
    adjoint[p] = plus(graph, adjoint[p], times(graph, bar, d.fp));
    if (q >= 0) {
      accumulate(p, q, times(graph, bar, d.fpq));
      accumulate(q, q, times(graph, bar, d.fqq));
      adjoint[q] = plus(graph, adjoint[q], times(graph, bar, d.fq));
    }
  }

  /** The edge (i, k), i ≠ k, pushed to (p, k): it stands for two entries of W, so it counts twice on the diagonal. */
  function push(k: number, p: number, value: number): void {
    accumulate(p, k, p === k ? times(graph, constantNode(graph, 2), value) : value);
  }

  const k = inputs.length;
  const H = new Int32Array((k * (k + 1)) / 2);
  for (let i = 0, e = 0; i < k; i++) {
    const row = W.get(inputs[i]!);
    for (let j = 0; j <= i; j++, e++) H[e] = row?.get(inputs[j]!) ?? zero;
  }
  return H;
}
