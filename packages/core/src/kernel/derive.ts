// Derivatives on the graph: adjoints by one reverse sweep, tangents by forward sweeps, all on the same arena, so that value,
// gradient and Hessian share what they have in common. What no result needs is never emitted.
// Griewank, Walther, "Evaluating Derivatives" (2008), chapters 3 (forward and reverse) and 7–8 (Jacobians and Hessians).
//
// 1. Through a selection only the chosen branch is followed: adjoints and tangents are selections themselves and products move into
//    them (`times` in partials.ts), so that a NaN in the branch that isn't chosen never meets the zero it would be multiplied with.
// 2. ∂(a^b)/∂b = a^b log a is taken as 0 for a ≤ 0, where the power has no derivative along b.
import { pushEdges } from "./edge-pushing.js";
import { constantNode, dependent, type Graph, isValue, reachable, weighOperations } from "./graph.js";
import { Op } from "./ops.js";
import { partials, plus, times } from "./partials.js";

/** ∂output/∂x for each of the given input nodes; the constant 0 where there is no dependence. */
export function gradientNodes(graph: Graph, output: number, inputs: ArrayLike<number>): Int32Array {
  const limit = output + 1;
  const zero = constantNode(graph, 0);
  const active = dependent(graph, inputs, limit);
  const needed = reachable(graph, [output]);
  const isInput = new Uint8Array(limit);
  for (let i = 0; i < inputs.length; i++) if (inputs[i]! < limit) isInput[inputs[i]!] = 1;
  const adjoint = new Int32Array(limit).fill(zero);
  adjoint[output] = constantNode(graph, 1);
  for (let id = output; id >= 0; id--) {
    if (needed[id] === 0 || active[id] === 0 || isInput[id] === 1 || isValue(graph, adjoint[id]!, 0)) continue;
    const d = partials(graph, id, active);
    if (d === null) continue;
    adjoint[d.p] = plus(graph, adjoint[d.p]!, times(graph, adjoint[id]!, d.fp));
    if (d.q >= 0) adjoint[d.q] = plus(graph, adjoint[d.q]!, times(graph, adjoint[id]!, d.fq));
  }
  return Int32Array.from(inputs, (input) => (input < limit ? adjoint[input]! : zero));
}

/** The derivatives of the roots along a direction: `seeds` gives the tangent node of each input that moves. */
export function tangentNodes(graph: Graph, roots: ArrayLike<number>, seeds: ReadonlyMap<number, number>): Int32Array {
  const zero = constantNode(graph, 0);
  const active = dependent(graph, [...seeds.keys()]);
  const needed = reachable(graph, roots);
  const tangent = new Int32Array(needed.length).fill(zero);
  for (let id = 0; id < tangent.length; id++) {
    if (needed[id] === 0 || active[id] === 0) continue;
    const seed = seeds.get(id);
    if (seed !== undefined) {
      tangent[id] = seed;
      continue;
    }
    const d = partials(graph, id, active);
    if (d === null) continue;
    const along = times(graph, d.fp, tangent[d.p]!);
    tangent[id] = d.q < 0 ? along : plus(graph, along, times(graph, d.fq, tangent[d.q]!));
  }
  return Int32Array.from(roots, (root) => tangent[root]!);
}

/** Above this many (node, variable) pairs only one way to derive is tried: the time to compile stays about linear. */
const trialLimit = 20_000;

/**
 * The lower half of ∂²output/∂x², entry (i, j), j ≤ i, at i (i + 1) / 2 + j: by edge pushing, or by a forward sweep a variable
 * over the gradient, whichever needs fewer operations together with value and gradient.
 */
export function hessianNodes(
  graph: Graph,
  output: number,
  gradient: ArrayLike<number>,
  inputs: ArrayLike<number>,
): Int32Array {
  const k = inputs.length;
  const size = graph.size;
  const pushed = pushEdges(graph, output, inputs);
  if (size * k > trialLimit) return pushed;
  const swept = new Int32Array((k * (k + 1)) / 2);
  for (let j = 0; j < k; j++) {
    const rows = Array.from({ length: k - j }, (_, r) => gradient[j + r]!);
    const column = tangentNodes(graph, rows, new Map([[inputs[j]!, constantNode(graph, 1)]]));
    for (let r = 0; r < rows.length; r++) swept[((j + r) * (j + r + 1)) / 2 + j] = column[r]!;
  }
  const shared = [output, ...Array.from(gradient)];
  return cheapest(graph, [pushed, swept], (entries) => [...shared, ...entries]);
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
  const size = graph.size;
  const seeds = new Map(Array.from(inputs, (id, i) => [id, directions[i]!] as const));
  const forward = tangentNodes(graph, gradient, seeds);
  if (size * k > trialLimit) return forward;
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
