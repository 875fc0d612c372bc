// Derivatives on the graph: adjoints by one reverse sweep, tangents by forward sweeps, all on the same arena, so that value,
// gradient and Hessian share what they have in common.
// Griewank, Walther, "Evaluating Derivatives" (2008), chapters 3 (forward and reverse) and 5 (second order, forward over reverse).
//
// 1. A graph with selections is differentiated forwards, variable by variable: the tangent of a selection is a selection of tangents, so that a
//    NaN in the branch that isn't chosen stays there; an adjoint of 0 would be multiplied with it.
// 2. ∂(a^b)/∂b = a^b log a is taken as 0 for a ≤ 0, where the power has no derivative along b.
import { constantNode, dependent, type Graph, isValue, reachable } from "./graph.js";
import { Op, operandCounts } from "./ops.js";
import { build } from "./simplify.js";

/** ∂output/∂x for each of the given input nodes. */
export function gradientNodes(graph: Graph, output: number, inputs: ArrayLike<number>): Int32Array {
  if (hasSelection(graph, output)) {
    return Int32Array.from(
      inputs,
      (input) => tangentNodes(graph, [output], new Map([[input, constantNode(graph, 1)]]))[0]!,
    );
  }
  const limit = output + 1;
  const active = dependent(graph, inputs, limit);
  const needed = reachable(graph, [output]);
  const adjoint = new Int32Array(limit).fill(-1);
  adjoint[output] = constantNode(graph, 1);
  const give = (to: number, what: number) => {
    if (active[to] === 0 || isValue(graph, what, 0)) return;
    adjoint[to] = adjoint[to]! < 0 ? what : build(graph, Op.add, adjoint[to]!, what);
  };
  for (let id = output; id >= 0; id--) {
    const w = adjoint[id]!;
    if (w < 0 || needed[id] === 0 || active[id] === 0) continue;
    const count = operandCounts[graph.op[id]!]!;
    if (count > 0) give(graph.a[id]!, build(graph, Op.mul, w, partial(graph, id, 0)));
    if (count > 1) give(graph.b[id]!, build(graph, Op.mul, w, partial(graph, id, 1)));
  }
  return Int32Array.from(inputs, (input) =>
    input < limit && adjoint[input]! >= 0 ? adjoint[input]! : constantNode(graph, 0),
  );
}

/** The lower half of ∂²output/∂x², from its gradient nodes: entry (i, j), j ≤ i, at i (i + 1) / 2 + j. */
export function hessianNodes(graph: Graph, gradient: ArrayLike<number>, inputs: ArrayLike<number>): Int32Array {
  const k = inputs.length;
  const H = new Int32Array((k * (k + 1)) / 2);
  for (let j = 0; j < k; j++) {
    const rows = Array.from({ length: k - j }, (_, r) => gradient[j + r]!);
    const column = tangentNodes(graph, rows, new Map([[inputs[j]!, constantNode(graph, 1)]]));
    for (let r = 0; r < rows.length; r++) H[((j + r) * (j + r + 1)) / 2 + j] = column[r]!;
  }
  return H;
}

/** The derivatives of the roots along a direction: `seeds` gives the tangent node of each input that moves. */
export function tangentNodes(graph: Graph, roots: ArrayLike<number>, seeds: ReadonlyMap<number, number>): Int32Array {
  let top = -1;
  for (let i = 0; i < roots.length; i++) top = Math.max(top, roots[i]!);
  const active = dependent(graph, [...seeds.keys()], top + 1);
  const needed = reachable(graph, roots);
  const tangent = new Int32Array(top + 1).fill(-1);
  const zero = constantNode(graph, 0);
  const at = (id: number) => (tangent[id]! < 0 ? zero : tangent[id]!);
  for (let id = 0; id <= top; id++) {
    if (active[id] === 0 || needed[id] === 0) continue;
    const seed = seeds.get(id);
    if (seed !== undefined) {
      tangent[id] = seed;
      continue;
    }
    const op = graph.op[id]!;
    const a = graph.a[id]!;
    const b = graph.b[id]!;
    if (op === Op.lt || op === Op.le) continue;
    if (op === Op.select) tangent[id] = build(graph, Op.select, a, at(b), at(graph.c[id]!));
    else if (op === Op.min || op === Op.max) {
      const condition = op === Op.min ? build(graph, Op.le, a, b) : build(graph, Op.le, b, a);
      tangent[id] = build(graph, Op.select, condition, at(a), at(b));
    } else if (op === Op.div) {
      // (a' − (a/b) b') / b: one division more, none with b².
      tangent[id] = build(graph, Op.div, build(graph, Op.sub, at(a), build(graph, Op.mul, id, at(b))), b);
    } else {
      let sum = zero;
      if (tangent[a]! >= 0) sum = build(graph, Op.mul, tangent[a]!, partial(graph, id, 0));
      if (operandCounts[op] === 2 && tangent[b]! >= 0)
        sum = build(graph, Op.add, sum, build(graph, Op.mul, tangent[b]!, partial(graph, id, 1)));
      tangent[id] = sum;
    }
  }
  return Int32Array.from(roots, (root) => at(root));
}

function hasSelection(graph: Graph, output: number): boolean {
  const needed = reachable(graph, [output]);
  return needed.some((mark, id) => mark === 1 && [Op.select, Op.min, Op.max].includes(graph.op[id] as 12 | 13 | 14));
}

/** The partial derivative of node `id` with respect to its operand `which`, as a node. */
function partial(graph: Graph, id: number, which: 0 | 1): number {
  const a = graph.a[id]!;
  const b = graph.b[id]!;
  const constant = (value: number) => constantNode(graph, value);
  const mul = (p: number, q: number) => build(graph, Op.mul, p, q);
  const div = (p: number, q: number) => build(graph, Op.div, p, q);
  const add = (p: number, q: number) => build(graph, Op.add, p, q);
  const sub = (p: number, q: number) => build(graph, Op.sub, p, q);
  const neg = (p: number) => build(graph, Op.neg, p);
  const one = constant(1);
  switch (graph.op[id]) {
    case Op.add:
      return one;
    case Op.sub:
      return which === 0 ? one : constant(-1);
    case Op.mul:
      return which === 0 ? b : a;
    case Op.div:
      return which === 0 ? div(one, b) : neg(div(id, b));
    case Op.neg:
      return constant(-1);
    case Op.abs:
      return build(graph, Op.sign, a);
    case Op.sqrt:
      return div(constant(0.5), id);
    case Op.exp:
      return id;
    case Op.expm1:
      return add(id, one);
    case Op.log:
      return div(one, a);
    case Op.log1p:
      return div(one, add(one, a));
    case Op.sin:
      return build(graph, Op.cos, a);
    case Op.cos:
      return neg(build(graph, Op.sin, a));
    case Op.tan:
      return add(one, mul(id, id));
    case Op.asin:
      return div(one, build(graph, Op.sqrt, sub(one, mul(a, a))));
    case Op.acos:
      return neg(div(one, build(graph, Op.sqrt, sub(one, mul(a, a)))));
    case Op.atan:
      return div(one, add(one, mul(a, a)));
    case Op.sinh:
      return build(graph, Op.cosh, a);
    case Op.cosh:
      return build(graph, Op.sinh, a);
    case Op.tanh:
      return sub(one, mul(id, id));
    case Op.pow:
      if (which === 0) return mul(b, build(graph, Op.pow, a, sub(b, one)));
      return build(
        graph,
        Op.select,
        build(graph, Op.lt, constant(0), a),
        mul(id, build(graph, Op.log, a)),
        constant(0),
      );
    case Op.atan2: {
      const squares = add(mul(a, a), mul(b, b));
      return which === 0 ? div(b, squares) : neg(div(a, squares));
    }
    case Op.hypot:
      return div(which === 0 ? a : b, id);
    default:
      // Comparisons and signs are flat.
      return constant(0);
  }
}
