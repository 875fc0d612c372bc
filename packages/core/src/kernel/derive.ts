// Second derivatives and Jacobians on the graph, by the cheapest of several ways: value, gradient and Hessian share one arena, so what they have
// in common is computed once, and what no result needs is never emitted.
// Griewank, Walther, "Evaluating Derivatives" (2008), chapters 7–8 (Jacobians and Hessians); the ways: edge-pushing.ts, adjoint.ts, linear-cut.ts.
import { gradientNodes, tangentNodes } from "./adjoint.js";
import { pushEdges } from "./edge-pushing.js";
import { constantNode, countOperations, type Graph, weighOperations } from "./graph.js";
import { linearCut, pullBack } from "./linear-cut.js";
import { Op } from "./ops.js";
import { plus, times } from "./partials.js";
import { chainHessian, waists } from "./waist.js";

export { gradientNodes, tangentNodes } from "./adjoint.js";

/** Above this many operations (of value and gradient) times variables only one way to derive is tried: the time to compile stays about linear. */
const trialLimit = 12_000;
/** Above this many no waists are looked for: that tries dozens of ways. Hinges and tetrahedra have about 2,500. */
const waistLimit = 5_000;

/**
 * The lower half of ∂²output/∂x², entry (i, j), j ≤ i, at i (i + 1) / 2 + j: by edge pushing, or by a forward sweep a variable
 * over the gradient; or by edge pushing to a linear cut and by way of waists, and then pulled back; whichever needs the fewest operations together with
 * value and gradient.
 */
export function hessianNodes(
  graph: Graph,
  output: number,
  gradient: ArrayLike<number>,
  inputs: ArrayLike<number>,
): Int32Array {
  const shared = [output, ...Array.from(gradient)];
  const work = countOperations(graph, shared) * inputs.length;
  const pushed = pushEdges(graph, output, inputs);
  if (work > trialLimit) return pushed;
  const least = (candidates: readonly Int32Array[]) =>
    cheapest(graph, candidates, (entries) => [...shared, ...entries]);
  const cut = linearCut(graph, output, inputs);
  const edges = cut?.nearInputs ?? Int32Array.from(inputs);
  const inner = cut === null || cut.nearOutputs.every((id, i) => id === edges[i]) ? null : cut.nearOutputs;
  const candidates: Int32Array[] = cut === null ? [] : [pushEdges(graph, output, edges)];
  if (inner !== null) candidates.push(pullBack(graph, pushEdges(graph, output, inner), inner, edges));
  const chain = work > waistLimit ? [] : waists(graph, output, edges);
  if (chain.length > 0) candidates.push(chainHessian(graph, output, chain, edges, inner, least));
  const pulled = cut === null ? candidates : candidates.map((H) => pullBack(graph, H, edges, inputs));
  return least([pushed, sweepHessian(graph, gradient, inputs), ...pulled]);
}

/**
 * A forward sweep a variable over the gradient. By the inputs only, never by the nodes of a cut: simplification may have led the gradient
 * around these (with u = −x, 1 + u is 1 − x).
 */
function sweepHessian(graph: Graph, gradient: ArrayLike<number>, inputs: ArrayLike<number>): Int32Array {
  const k = inputs.length;
  const swept = new Int32Array((k * (k + 1)) / 2);
  for (let j = 0; j < k; j++) {
    const rows = Array.from({ length: k - j }, (_, r) => gradient[j + r]!);
    const column = tangentNodes(graph, rows, new Map([[inputs[j]!, constantNode(graph, 1)]]));
    for (let r = 0; r < rows.length; r++) swept[((j + r) * (j + r + 1)) / 2 + j] = column[r]!;
  }
  return swept;
}

/**
 * ∇²output · direction: forward over the gradient, reverse over the directional derivative, or by the Hessian's entries (made for
 * few variables only), whichever needs the fewest operations.
 */
export function hessianApplyNodes(
  graph: Graph,
  output: number,
  gradient: ArrayLike<number>,
  inputs: ArrayLike<number>,
  directions: ArrayLike<number>,
): Int32Array {
  const k = inputs.length;
  const work = countOperations(graph, [output, ...Array.from(gradient)]) * k;
  const seeds = new Map(Array.from(inputs, (id, i) => [id, directions[i]!] as const));
  const forward = tangentNodes(graph, gradient, seeds);
  if (work > trialLimit) return forward;
  const reverse = gradientNodes(graph, tangentNodes(graph, [output], seeds)[0]!, inputs);
  const H = hessianNodes(graph, output, gradient, inputs);
  const product = new Int32Array(k).fill(constantNode(graph, 0));
  for (let i = 0, e = 0; i < k; i++) {
    for (let j = 0; j <= i; j++, e++) {
      product[i] = plus(graph, product[i]!, times(graph, H[e]!, directions[j]!));
      if (j < i) product[j] = plus(graph, product[j]!, times(graph, H[e]!, directions[i]!));
    }
  }
  return cheapest(graph, [forward, reverse, product], (nodes) => nodes);
}

/** ∂outputs[i]/∂x_j at i · inputs.length + j; a constant 0 is a structural zero. By rows in reverse or by columns forward. */
export function jacobianNodes(graph: Graph, outputs: ArrayLike<number>, inputs: ArrayLike<number>): Int32Array {
  const k = inputs.length;
  const reverse = new Int32Array(outputs.length * k);
  const forward = new Int32Array(outputs.length * k);
  for (let i = 0; i < outputs.length; i++) reverse.set(gradientNodes(graph, outputs[i]!, inputs), i * k);
  for (let j = 0; j < k; j++) {
    const column = tangentNodes(graph, outputs, new Map([[inputs[j]!, constantNode(graph, 1)]]));
    for (let i = 0; i < outputs.length; i++) forward[i * k + j] = column[i]!;
  }
  return cheapest(graph, [reverse, forward], (nodes) => [...Array.from(outputs), ...nodes]);
}

function cheapest<T>(graph: Graph, candidates: readonly T[], roots: (candidate: T) => ArrayLike<number>): T {
  let best = candidates[0] as T;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const cost = weighOperations(graph, roots(candidate), price);
    if (cost < least) {
      least = cost;
      best = candidate;
    }
  }
  return best;
}

/** About how many additions an operation costs. */
function price(op: number): number {
  if (op === Op.div || op === Op.sqrt) return 4;
  return op >= Op.exp ? 16 : 1;
}
