// Is the Hessian of a term positive semidefinite? Asked on the expression graph, so that the answer costs little beside the Hessian itself.
//
// With u = L x the smallest linear cut (linear-cut.ts), ∇²f(x) = Lᵀ K L, K = ∇²f(u); where K is positive definite, ∇²f(x) is semidefinite (Sylvester's
// law of inertia). K is tested by the pivots of K = L̂ D L̂ᵀ without exchanges (Golub, Van Loan 2013, Algorithm 4.1.2): it is positive definite if and only if all are positive.
//
// Where L is free of data its rows also span a space in which the whole Hessian lives: with an orthonormal basis Q of it, H = Q (Qᵀ H Q) Qᵀ, so that H
// and the smaller QᵀHQ have the same eigenvalues but for zeros: a triangle in the plane has four instead of six. Then K needn't be derived: for as many rows S of Q as its rank
// that are independent, H_SS = Q_S (QᵀHQ) Q_Sᵀ has the inertia that is asked for, and its entries are there already. Of a tetrahedron these are all vertices but one.
import { largestSmall } from "../linear/small/small-shapes.js";
import { gradientNodes } from "./adjoint.js";
import { pushEdges } from "./edge-pushing.js";
import { constantNode, countOperations, type Graph, isValue } from "./graph.js";
import { linearCut, pullBack } from "./linear-cut.js";
import { Op } from "./ops.js";
import { minus, plus, times } from "./partials.js";
import { build } from "./simplify.js";

/** Orders up to which the pivots are made on the graph: n³/6 operations. */
const mostPivots = 12;

export interface Definiteness {
  /** A node that is positive only where the Hessian is positive semidefinite; undefined where there is none to be had cheaply. */
  readonly pivot: number | undefined;
  /** An orthonormal basis of the space in which the Hessian lives, k × rank row by row; undefined for all of it, or more than 16. */
  readonly basis: { readonly rank: number; readonly Q: Float64Array } | undefined;
}

/** @param H the lower half of ∇²f(x). */
export function definiteness(graph: Graph, output: number, inputs: Int32Array, H: Int32Array): Definiteness {
  const cut = linearCut(graph, output, inputs);
  if (cut === null) return { pivot: leastPivot(graph, H, inputs.length), basis: undefined };
  const u = cut.nearInputs;
  const basis = basisOf(graph, u, inputs);
  if (basis === undefined)
    return { pivot: leastPivot(graph, curvature(graph, output, u, cut.nearOutputs), u.length), basis };
  const S = independentRows(basis.Q, basis.rank);
  const block: number[] = [];
  for (let a = 0; a < S.length; a++) for (let b = 0; b <= a; b++) block.push(H[(S[a]! * (S[a]! + 1)) / 2 + S[b]!]!);
  return { pivot: leastPivot(graph, Int32Array.from(block), S.length), basis };
}

/** Rows of Q, ascending, as many as its rank, that are far from dependent: the largest that is left of each after elimination by those before. */
function independentRows(Q: Float64Array, rank: number): number[] {
  const A = Q.slice();
  const rows: number[] = [];
  for (let c = 0; c < rank; c++) {
    let [pivot, size] = [-1, 0];
    for (let i = 0; i * rank < A.length; i++) {
      const left = rows.includes(i) ? 0 : Math.hypot(...A.subarray(i * rank, (i + 1) * rank));
      // Of equal ones the later: what comes first is the one that is held.
      if (left >= size * (1 - 1e-9) && left > 0) [pivot, size] = [i, left];
    }
    rows.push(pivot);
    const q = A.slice(pivot * rank, (pivot + 1) * rank).map((value) => value / size);
    for (let i = 0; i * rank < A.length; i++) {
      let along = 0;
      for (let j = 0; j < rank; j++) along += A[i * rank + j]! * q[j]!;
      for (let j = 0; j < rank; j++) A[i * rank + j]! -= along * q[j]!;
    }
  }
  return rows.sort((a, b) => a - b);
}

/** The lower half of K = ∂²f/∂u², by way of the inner cut where that takes fewer operations. */
function curvature(graph: Graph, output: number, u: Int32Array, inner: Int32Array): Int32Array {
  const direct = pushEdges(graph, output, u);
  if (inner.every((id, i) => id === u[i])) return direct;
  const pulled = pullBack(graph, pushEdges(graph, output, inner), inner, u);
  return countOperations(graph, pulled) < countOperations(graph, direct) ? pulled : direct;
}

/** The least pivot of K, m × m; undefined where m is large or a pivot is zero whatever the variables are. */
function leastPivot(graph: Graph, K: Int32Array, m: number): number | undefined {
  if (m > mostPivots) return undefined;
  const A = K.slice();
  const at = (i: number, j: number) => (i * (i + 1)) / 2 + j;
  let least: number | undefined;
  for (let j = 0; j < m; j++) {
    const pivot = A[at(j, j)]!;
    if (isValue(graph, pivot, 0)) return undefined;
    least = least === undefined ? pivot : build(graph, Op.min, least, pivot);
    const inverse = build(graph, Op.div, constantNode(graph, 1), pivot);
    for (let i = j + 1; i < m; i++) {
      const factor = times(graph, A[at(i, j)]!, inverse);
      for (let k = j + 1; k <= i; k++)
        A[at(i, k)] = plus(graph, A[at(i, k)]!, minus(graph, times(graph, factor, A[at(k, j)]!)));
    }
  }
  return least;
}

/** Gram and Schmidt, twice each, on the rows of L; undefined where L holds data or has full rank k. */
function basisOf(graph: Graph, u: Int32Array, inputs: Int32Array): Definiteness["basis"] {
  const k = inputs.length;
  const columns: Float64Array[] = [];
  for (const node of u) {
    const row = gradientNodes(graph, node, inputs);
    if (row.some((id) => graph.op[id] !== Op.constant)) return undefined;
    const q = Float64Array.from(row, (id) => graph.value[id]!);
    const size = Math.hypot(...q);
    for (let pass = 0; pass < 2; pass++) {
      for (const other of columns) {
        const along = q.reduce((sum, value, i) => sum + value * other[i]!, 0);
        for (let i = 0; i < k; i++) q[i]! -= along * other[i]!;
      }
    }
    const norm = Math.hypot(...q);
    if (norm > 1e-10 * size) columns.push(q.map((value) => value / norm));
  }
  const rank = columns.length;
  if (rank === k || rank > largestSmall) return undefined;
  return { rank, Q: Float64Array.from({ length: k * rank }, (_, e) => columns[e % rank]![Math.floor(e / rank)]!) };
}

/** Cᵀ A C, lower halves: A by nodes, m × m, C of numbers, m × k row by row. */
export function congruenceNodes(graph: Graph, A: ArrayLike<number>, C: Float64Array, m: number): Int32Array {
  const k = C.length / m;
  const zero = constantNode(graph, 0);
  const constants = Int32Array.from(C, (value) => constantNode(graph, value));
  const at = (i: number, j: number) => (i >= j ? A[(i * (i + 1)) / 2 + j]! : A[(j * (j + 1)) / 2 + i]!);
  const M = new Int32Array(m * k).fill(zero);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < m; j++)
      for (let b = 0; b < k; b++)
        M[i * k + b] = plus(graph, M[i * k + b]!, times(graph, at(i, j), constants[j * k + b]!));
  const product = new Int32Array((k * (k + 1)) / 2).fill(zero);
  for (let a = 0, e = 0; a < k; a++)
    for (let b = 0; b <= a; b++, e++)
      for (let i = 0; i < m; i++)
        product[e] = plus(graph, product[e]!, times(graph, constants[i * k + a]!, M[i * k + b]!));
  return product;
}
