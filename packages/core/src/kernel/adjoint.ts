// First derivatives on the graph: adjoints by one reverse sweep, tangents by one forward sweep, on the same arena as what they are of.
// Griewank, Walther, "Evaluating Derivatives" (2008), chapter 3.
//
// 1. Through a selection only the chosen branch is followed: adjoints and tangents are selections themselves and products move into
//    them (`times` in partials.ts), so that a NaN in the branch that isn't chosen never meets the zero it would be multiplied with.
// 2. ∂(a^b)/∂b = a^b log a is taken as 0 for a ≤ 0, where the power has no derivative along b.
import { constantNode, dependent, type Graph, isValue, reachable } from "./graph.js";
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
