// JᵀJ of residuals on the graph: the Gauss–Newton matrix of ½ ‖r‖², its Hessian without Σ rᵢ ∇²rᵢ. Nocedal, Wright 2006, section 10.3.
import { jacobianNodes } from "./derive.js";
import { constantNode, type Graph } from "./graph.js";
import { plus, times } from "./partials.js";

/** The lower half of JᵀJ, entry (i, j), j ≤ i, at i (i + 1) / 2 + j. */
export function gramNodes(graph: Graph, residuals: ArrayLike<number>, inputs: ArrayLike<number>): Int32Array {
  const k = inputs.length;
  const J = jacobianNodes(graph, residuals, inputs);
  const G = new Int32Array((k * (k + 1)) / 2).fill(constantNode(graph, 0));
  for (let i = 0, e = 0; i < k; i++) {
    for (let j = 0; j <= i; j++, e++) {
      for (let r = 0; r < residuals.length; r++) G[e] = plus(graph, G[e]!, times(graph, J[r * k + i]!, J[r * k + j]!));
    }
  }
  return G;
}
