// The smallest linear cut: a few nodes u = L x through which the output depends on its inputs x, with L free of x, so that
// ∇²f(x) = Lᵀ ∇²f(u) L. Mesh energies have one: vertices → edge vectors → deformation gradient. Among the nodes that are linear in x it is a
// minimum vertex cut (vertex-cut.ts). There may be many: the one nearest to the inputs (edge vectors, whose L is constant) and the one
// nearest to the output (the deformation gradient, whose L holds data) are both of use, one behind the other.
//
// 1. The pull-back is two products, M = H L and Lᵀ M. Where a translation of x changes nothing, the columns of L add up to zero, and
//    hash-consing finds what M and Lᵀ M then have in common: the rows of the vertex that edges start from are sums of rows that are there already.
import { gradientNodes } from "./adjoint.js";
import { constantNode, dependent, type Graph } from "./graph.js";
import { Op } from "./ops.js";
import { plus, times } from "./partials.js";
import { smallestCut, type VertexCut } from "./vertex-cut.js";

/** The smallest linear cut below `output`; null when none has fewer nodes than there are inputs. */
export function linearCut(graph: Graph, output: number, inputs: ArrayLike<number>): VertexCut | null {
  const linear = linearNodes(graph, inputs, dependent(graph, inputs, output + 1));
  const cut = smallestCut(graph, [output], inputs, (id) => linear[id] === 1);
  return cut.size === 0 || cut.size >= inputs.length ? null : cut;
}

/** Lᵀ H L for u = L x, lower halves at i (i + 1) / 2 + j: H by the nodes u, the result by the nodes `inputs`, on which u depends linearly. */
export function pullBack(
  graph: Graph,
  H: ArrayLike<number>,
  u: ArrayLike<number>,
  inputs: ArrayLike<number>,
): Int32Array {
  const m = u.length;
  const k = inputs.length;
  const zero = constantNode(graph, 0);
  const L = Array.from(u, (node) => gradientNodes(graph, node, inputs));
  const M = new Int32Array(m * k).fill(zero);
  for (let r = 0; r < m; r++) {
    for (let s = 0; s < m; s++) {
      const h = r >= s ? H[(r * (r + 1)) / 2 + s]! : H[(s * (s + 1)) / 2 + r]!;
      for (let j = 0; j < k; j++) M[r * k + j] = plus(graph, M[r * k + j]!, times(graph, h, L[s]![j]!));
    }
  }
  const pulled = new Int32Array((k * (k + 1)) / 2).fill(zero);
  for (let i = 0, e = 0; i < k; i++) {
    for (let j = 0; j <= i; j++, e++) {
      for (let r = 0; r < m; r++) pulled[e] = plus(graph, pulled[e]!, times(graph, M[r * k + j]!, L[r]![i]!));
    }
  }
  return pulled;
}

/** Marks (1) the nodes that are linear in the inputs up to a constant: sums of them, and multiples by what doesn't depend on the inputs. */
function linearNodes(graph: Graph, inputs: ArrayLike<number>, active: Uint8Array): Uint8Array {
  const linear = new Uint8Array(active.length);
  for (let i = 0; i < inputs.length; i++) if (inputs[i]! < linear.length) linear[inputs[i]!] = 1;
  for (let id = 0; id < linear.length; id++) {
    if (active[id] === 0 || linear[id] === 1) continue;
    const a = graph.a[id];
    const b = graph.b[id];
    switch (graph.op[id]) {
      case Op.neg:
        linear[id] = linear[a];
        break;
      case Op.add:
      case Op.sub:
        linear[id] = +((active[a] === 0 || linear[a] === 1) && (active[b] === 0 || linear[b] === 1));
        break;
      case Op.mul:
        linear[id] = +((active[a] === 0 && linear[b] === 1) || (active[b] === 0 && linear[a] === 1));
        break;
      case Op.div:
        linear[id] = +(active[b] === 0 && linear[a] === 1);
    }
  }
  return linear;
}
