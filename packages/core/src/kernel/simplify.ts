// Makes nodes with constants folded and the algebra simplified.
//
// What the rules keep. A rule is used only if it gives the same number for all finite operands, barring overflow and the sign
// of a zero; most give the same bits (x + 0, x · 1, signs moved outwards, factors of two). Two groups of rules need saying:
//   1. 0 · x = 0 and x − x = 0 are used only where x has no pole and no domain error below it (`total`): 0 · log(x) stays,
//      and is NaN at a negative x, as IEEE says. What remains different: a variable that is itself NaN or infinite, and overflow.
//   2. c₁ · (c₂ · x) = (c₁ c₂) · x only when c₁ c₂ is exact: one rounding less. Integer powers up to 32 are products by
//      repeated squaring: within a few units in the last place of Math.pow.
// x / x, 0 / x, √x · √x and sums of three are left as they are written.
import { constantNode, find, type Graph, intern, isConstant, isValue } from "./graph.js";
import { evaluateOp, isCommutative, isEven, isOdd, Op, operandCounts } from "./ops.js";

/** The node of op(a, b, c), simplified. */
export function build(graph: Graph, op: number, a: number, b = -1, c = -1): number {
  const count = operandCounts[op];
  if (isConstant(graph, a) && (count < 2 || isConstant(graph, b)) && (count < 3 || isConstant(graph, c))) {
    return constantNode(graph, evaluateOp(op, graph.value[a], graph.value[b] ?? 0, graph.value[c] ?? 0));
  }
  if (isCommutative(op) && (isConstant(graph, b) || (b < a && !isConstant(graph, a))))
    return simplified(graph, op, b, a, c);
  return simplified(graph, op, a, b, c);
}

function simplified(graph: Graph, op: number, a: number, b: number, c: number): number {
  switch (op) {
    case Op.add:
      return add(graph, a, b);
    case Op.sub:
      return sub(graph, a, b);
    case Op.mul:
      return mul(graph, a, b);
    case Op.div:
      return div(graph, a, b);
    case Op.neg:
      return graph.op[a] === Op.neg ? graph.a[a] : intern(graph, Op.neg, a, -1, -1);
    case Op.pow:
      return isConstant(graph, b) ? power(graph, a, graph.value[b]) : intern(graph, Op.pow, a, b, -1);
    case Op.min:
    case Op.max:
      return a === b ? a : intern(graph, op, a, b, -1);
    case Op.select:
      return select(graph, a, b, c);
    default:
      if (graph.op[a] === Op.neg && isOdd(op)) return build(graph, Op.neg, build(graph, op, graph.a[a]));
      if (graph.op[a] === Op.neg && isEven(op)) return build(graph, op, graph.a[a]);
      return intern(graph, op, a, b, c);
  }
}

/** The first operand is the constant, if one is. */
function add(graph: Graph, a: number, b: number): number {
  if (isValue(graph, a, 0)) return b;
  if (a === b) return build(graph, Op.mul, constantNode(graph, 2), a);
  const negA = graph.op[a] === Op.neg;
  const negB = graph.op[b] === Op.neg;
  if (negA && negB) return build(graph, Op.neg, build(graph, Op.add, graph.a[a], graph.a[b]));
  if (negA) return build(graph, Op.sub, b, graph.a[a]);
  if (negB) return build(graph, Op.sub, a, graph.a[b]);
  const factor = commonPowerOfTwo(graph, a, b);
  if (factor >= 0) return build(graph, Op.mul, factor, build(graph, Op.add, graph.b[a], graph.b[b]));
  if (isConstant(graph, a)) {
    const mirrored = find(graph, Op.sub, constantNode(graph, -graph.value[a]), b, -1);
    if (mirrored >= 0) return build(graph, Op.neg, mirrored);
  }
  return intern(graph, Op.add, a, b, -1);
}

function sub(graph: Graph, a: number, b: number): number {
  if (isValue(graph, b, 0)) return a;
  if (isValue(graph, a, 0)) return build(graph, Op.neg, b);
  if (a === b && graph.total[a] === 1) return constantNode(graph, 0);
  const negA = graph.op[a] === Op.neg;
  const negB = graph.op[b] === Op.neg;
  if (negA && negB) return build(graph, Op.sub, graph.a[b], graph.a[a]);
  if (negA) return build(graph, Op.neg, build(graph, Op.add, graph.a[a], b));
  if (negB) return build(graph, Op.add, a, graph.a[b]);
  const factor = commonPowerOfTwo(graph, a, b);
  if (factor >= 0) return build(graph, Op.mul, factor, build(graph, Op.sub, graph.b[a], graph.b[b]));
  if (isConstant(graph, b)) return build(graph, Op.add, constantNode(graph, -graph.value[b]), a);
  const mirrored = isConstant(graph, a)
    ? find(graph, Op.add, constantNode(graph, -graph.value[a]), b, -1)
    : find(graph, Op.sub, b, a, -1);
  if (mirrored >= 0) return build(graph, Op.neg, mirrored);
  return intern(graph, Op.sub, a, b, -1);
}

/** The first operand is the constant, if one is. */
function mul(graph: Graph, a: number, b: number): number {
  if (isValue(graph, a, 0) && graph.total[b] === 1) return a;
  if (isValue(graph, a, 1)) return b;
  if (isConstant(graph, a) && graph.value[a] < 0) {
    return build(graph, Op.neg, build(graph, Op.mul, constantNode(graph, -graph.value[a]), b));
  }
  const negA = graph.op[a] === Op.neg;
  const negB = graph.op[b] === Op.neg;
  if (negA && negB) return build(graph, Op.mul, graph.a[a], graph.a[b]);
  if (negA) return build(graph, Op.neg, build(graph, Op.mul, graph.a[a], b));
  if (negB) return build(graph, Op.neg, build(graph, Op.mul, a, graph.a[b]));
  if (isConstant(graph, a)) {
    if (isScaled(graph, b) && isExactProduct(graph.value[a], graph.value[graph.a[b]])) {
      return build(graph, Op.mul, constantNode(graph, graph.value[a] * graph.value[graph.a[b]]), graph.b[b]);
    }
    return intern(graph, Op.mul, a, b, -1);
  }
  // Factors of two move outwards: exact, and what they scaled is found again.
  if (isScaled(graph, a) && isPowerOfTwo(graph.value[graph.a[a]])) {
    return build(graph, Op.mul, graph.a[a], build(graph, Op.mul, graph.b[a], b));
  }
  if (isScaled(graph, b) && isPowerOfTwo(graph.value[graph.a[b]])) {
    return build(graph, Op.mul, graph.a[b], build(graph, Op.mul, a, graph.b[b]));
  }
  return intern(graph, Op.mul, a, b, -1);
}

function div(graph: Graph, a: number, b: number): number {
  if (isConstant(graph, b)) {
    const divisor = graph.value[b];
    if (divisor === 1) return a;
    if (isPowerOfTwo(divisor)) return build(graph, Op.mul, constantNode(graph, 1 / divisor), a);
    if (divisor < 0) return build(graph, Op.neg, build(graph, Op.div, a, constantNode(graph, -divisor)));
  }
  if (isConstant(graph, a) && graph.value[a] < 0) {
    return build(graph, Op.neg, build(graph, Op.div, constantNode(graph, -graph.value[a]), b));
  }
  const negA = graph.op[a] === Op.neg;
  const negB = graph.op[b] === Op.neg;
  if (negA && negB) return build(graph, Op.div, graph.a[a], graph.a[b]);
  if (negA) return build(graph, Op.neg, build(graph, Op.div, graph.a[a], b));
  if (negB) return build(graph, Op.neg, build(graph, Op.div, a, graph.a[b]));
  return intern(graph, Op.div, a, b, -1);
}

/** x^c: integers up to 32 by repeated squaring, halves by the square root. */
function power(graph: Graph, x: number, c: number): number {
  if (c === 0) return constantNode(graph, 1);
  if (c === 0.5) return build(graph, Op.sqrt, x);
  if (c < 0 && (c === -0.5 || (Number.isInteger(c) && c >= -32))) {
    return build(graph, Op.div, constantNode(graph, 1), power(graph, x, -c));
  }
  if (!Number.isInteger(c) || Math.abs(c) > 32) return intern(graph, Op.pow, x, constantNode(graph, c), -1);
  if (c === 1) return x;
  const half = power(graph, x, Math.floor(c / 2));
  const even = build(graph, Op.mul, half, half);
  return c % 2 === 0 ? even : build(graph, Op.mul, x, even);
}

function select(graph: Graph, condition: number, yes: number, no: number): number {
  if (yes === no) return yes;
  if (isConstant(graph, condition)) return graph.value[condition] !== 0 ? yes : no;
  if (graph.op[yes] === Op.select && graph.a[yes] === condition) return select(graph, condition, graph.b[yes], no);
  if (graph.op[no] === Op.select && graph.a[no] === condition) return select(graph, condition, yes, graph.c[no]);
  return intern(graph, Op.select, condition, yes, no);
}

/** constant · x. */
function isScaled(graph: Graph, id: number): boolean {
  return graph.op[id] === Op.mul && isConstant(graph, graph.a[id]);
}

/** The node of 2^k when both are 2^k times something, else −1. */
function commonPowerOfTwo(graph: Graph, a: number, b: number): number {
  if (!isScaled(graph, a) || !isScaled(graph, b) || graph.a[a] !== graph.a[b]) return -1;
  return isPowerOfTwo(graph.value[graph.a[a]]) ? graph.a[a] : -1;
}

/** |c| = 2^k with |k| ≤ 1000, so that products with it and its inverse are exact. */
export function isPowerOfTwo(c: number): boolean {
  const exponent = Math.round(Math.log2(Math.abs(c)));
  return Math.abs(exponent) <= 1000 && Math.abs(c) === 2 ** exponent;
}

/** Whether c₁ c₂ has no rounding error: Dekker's product (1971), in a range where nothing over- or underflows. */
function isExactProduct(c1: number, c2: number): boolean {
  const p = c1 * c2;
  if (!(Math.abs(c1) < 1e140 && Math.abs(c2) < 1e140 && Math.abs(p) < 1e280 && Math.abs(p) > 1e-280)) return false;
  const t1 = 134217729 * c1;
  const t2 = 134217729 * c2;
  const h1 = t1 - (t1 - c1);
  const h2 = t2 - (t2 - c2);
  const l1 = c1 - h1;
  const l2 = c2 - h2;
  return l1 * l2 - (p - h1 * h2 - l1 * h2 - h1 * l2) === 0;
}
