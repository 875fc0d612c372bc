// Second derivatives by the chain rule at the waists of a graph. Where f(u) = φ(v(u)) with few v (of a mesh energy the size and the
// determinant of the deformation gradient, of a hinge its angle),
//   ∇²f = Jᵀ ∇²φ J + Σ_a (∂φ/∂v_a) ∇²v_a,   J = ∂v/∂u,
// Griewank, Walther, "Evaluating Derivatives" (2008), section 2.2 (the chain rule) and chapter 10 (vertex elimination orders).
// Edge pushing forms the same sum a node at a time and so carries all pairs of operands through; here J, which the gradient needs anyway,
// makes an outer product, and the ∇²v_a are often free of x.
//
// 1. The waists are minimum vertex cuts (vertex-cut.ts): the smallest nearest to the inputs, then the smallest below it, and so on, each wider.
// 2. ∇²v_a is made by edge pushing for each a alone and then weighed, or for all together with the weights as first adjoints; and from
//    one waist to the next edge pushing competes with both, as do the ways that leave a waist out. The caller's measure decides.
import { gradientNodes } from "./adjoint.js";
import { pushEdges, pushEdgesFrom } from "./edge-pushing.js";
import { constantNode, type Graph } from "./graph.js";
import { pullBack } from "./linear-cut.js";
import { plus, times } from "./partials.js";
import { smallestCut } from "./vertex-cut.js";

/** The waists between `output` and `inputs`, from the output on, each with at most half as many nodes as there are inputs. */
export function waists(graph: Graph, output: number, inputs: ArrayLike<number>): Int32Array[] {
  const chain: Int32Array[] = [];
  let above: ArrayLike<number> = [output];
  for (;;) {
    const taken = new Set(Array.from(above));
    for (let i = 0; i < inputs.length; i++) taken.delete(inputs[i]!);
    const cut = smallestCut(graph, above, inputs, (id) => !taken.has(id));
    // Where the waist is made of inputs it can't be left behind.
    const isWider = cut.size > (chain.at(-1)?.length ?? 0);
    if (!isWider || 2 * cut.size > inputs.length) return chain;
    chain.push(cut.nearInputs);
    above = cut.nearInputs;
  }
}

/**
 * The lower half of ∂²output/∂inputs² by way of the waists `chain`.
 *
 * @param inner a linear cut of the inputs, through which second derivatives may be pulled back; null when there is none.
 * @param least answers the cheapest of several candidates.
 */
export function chainHessian(
  graph: Graph,
  output: number,
  chain: readonly Int32Array[],
  inputs: Int32Array,
  inner: Int32Array | null,
  least: (candidates: readonly Int32Array[]) => Int32Array,
): Int32Array {
  const stages = [Int32Array.of(output), ...chain, inputs];
  const second: Int32Array[] = [Int32Array.of(constantNode(graph, 0))];
  for (let to = 1; to < stages.length; to++) {
    const u = stages[to]!;
    const candidates: Int32Array[] = [];
    for (let from = 0; from < to; from++) {
      const v = stages[from]!;
      const F = second[from]!;
      const first = gradientNodes(graph, output, v);
      const J = Array.from(v, (node) => gradientNodes(graph, node, u));
      const alone = (at: Int32Array) => Array.from(v, (node) => pushEdges(graph, node, at));
      candidates.push(
        pushEdgesFrom(graph, v, first, F, u),
        addOuter(graph, pushEdgesFrom(graph, v, first, null, u), J, F),
        addOuter(graph, weigh(graph, first, alone(u)), J, F),
      );
      if (to < stages.length - 1 || inner === null) continue;
      candidates.push(
        addOuter(graph, pullBack(graph, pushEdgesFrom(graph, v, first, null, inner), inner, u), J, F),
        addOuter(
          graph,
          weigh(
            graph,
            first,
            alone(inner).map((K) => pullBack(graph, K, inner, u)),
          ),
          J,
          F,
        ),
      );
    }
    second.push(least(candidates));
  }
  return second.at(-1)!;
}

/** Σ_a w_a K_a. */
function weigh(graph: Graph, w: Int32Array, K: readonly Int32Array[]): Int32Array {
  return K[0]!.map((_, e) =>
    K.reduce((sum, one, a) => plus(graph, sum, times(graph, w[a]!, one[e]!)), constantNode(graph, 0)),
  );
}

/** K + Jᵀ F J, lower halves: J a row a waist node. */
function addOuter(graph: Graph, K: Int32Array, J: readonly Int32Array[], F: Int32Array): Int32Array {
  const m = J.length;
  const k = J[0]!.length;
  const zero = constantNode(graph, 0);
  const at = (a: number, b: number) => (a >= b ? F[(a * (a + 1)) / 2 + b]! : F[(b * (b + 1)) / 2 + a]!);
  const T = J.map((_, a) => {
    const row = new Int32Array(k).fill(zero);
    for (let b = 0; b < m; b++)
      for (let j = 0; j < k; j++) row[j] = plus(graph, row[j]!, times(graph, at(a, b), J[b]![j]!));
    return row;
  });
  const sum = K.slice();
  for (let i = 0, e = 0; i < k; i++) {
    for (let j = 0; j <= i; j++, e++) {
      for (let a = 0; a < m; a++) sum[e] = plus(graph, sum[e]!, times(graph, J[a]![i]!, T[a]![j]!));
    }
  }
  return sum;
}
