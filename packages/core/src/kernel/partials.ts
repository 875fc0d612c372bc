// The first and second partial derivatives of every operation, as nodes; and the product and sum that derivatives are made with.
import { constantNode, type Graph, isValue } from "./graph.js";
import { Op } from "./ops.js";
import { build } from "./simplify.js";

/**
 * The partial derivatives of a node φ(p, q) with respect to its active operands. `q` is −1 where there is only one; then
 * `fq`, `fpq`, `fqq` are zero. An operand that occurs twice counts as one: of φ = p · p, fp = 2p and fpp = 2.
 */
export interface Partials {
  readonly p: number;
  readonly q: number;
  readonly fp: number;
  readonly fq: number;
  readonly fpp: number;
  readonly fpq: number;
  readonly fqq: number;
}

/**
 * a · b in a derivative: zero when one is zero, and into a selection: c ? a : 0 times b is c ? a · b : 0, so that what is
 * infinite or NaN in the branch that isn't chosen never meets the zero.
 */
export function times(graph: Graph, a: number, b: number): number {
  if (isValue(graph, a, 0)) return a;
  if (isValue(graph, b, 0)) return b;
  if (isMasked(graph, a)) return into(graph, a, (branch) => times(graph, branch, b));
  if (isMasked(graph, b)) return into(graph, b, (branch) => times(graph, a, branch));
  return build(graph, Op.mul, a, b);
}

/** a + b in a derivative; selections by the same condition are added branch by branch. */
export function plus(graph: Graph, a: number, b: number): number {
  if (isValue(graph, a, 0)) return b;
  if (isValue(graph, b, 0)) return a;
  const { op } = graph;
  if (op[a] === Op.select && op[b] === Op.select && graph.a[a] === graph.a[b]) {
    return build(
      graph,
      Op.select,
      graph.a[a],
      plus(graph, graph.b[a], graph.b[b]),
      plus(graph, graph.c[a], graph.c[b]),
    );
  }
  return build(graph, Op.add, a, b);
}

/** −a in a derivative. */
export function minus(graph: Graph, a: number): number {
  if (isMasked(graph, a)) return into(graph, a, (branch) => minus(graph, branch));
  return build(graph, Op.neg, a);
}

/** A selection with a zero branch. */
function isMasked(graph: Graph, id: number): boolean {
  return graph.op[id] === Op.select && (isValue(graph, graph.b[id], 0) || isValue(graph, graph.c[id], 0));
}

function into(graph: Graph, id: number, change: (branch: number) => number): number {
  const branch = (at: number) => (isValue(graph, at, 0) ? at : change(at));
  return build(graph, Op.select, graph.a[id], branch(graph.b[id]), branch(graph.c[id]));
}

/** The partial derivatives of node `id` by its operands that are marked in `active`; null when there are none. */
export function partials(graph: Graph, id: number, active: Uint8Array): Partials | null {
  const op = graph.op[id];
  if (op <= Op.weight || op === Op.lt || op === Op.le) return null;
  const first = op === Op.select ? graph.b[id] : graph.a[id];
  const second = op === Op.select ? graph.c[id] : graph.b[id];
  const [fa, fb, faa, fab, fbb] = rules(graph, id, second >= 0 && active[second] === 1);
  const zero = constantNode(graph, 0);
  const one = active[first] === 1;
  const two = second >= 0 && active[second] === 1;
  if (one && two && first === second) {
    const twice = times(graph, constantNode(graph, 2), fab);
    const sum = plus(graph, plus(graph, faa, twice), fbb);
    return { p: first, q: -1, fp: plus(graph, fa, fb), fq: zero, fpp: sum, fpq: zero, fqq: zero };
  }
  if (one && two) return { p: first, q: second, fp: fa, fq: fb, fpp: faa, fpq: fab, fqq: fbb };
  if (one) return { p: first, q: -1, fp: fa, fq: zero, fpp: faa, fpq: zero, fqq: zero };
  if (two) return { p: second, q: -1, fp: fb, fq: zero, fpp: fbb, fpq: zero, fqq: zero };
  return null;
}

type Rule = [fa: number, fb: number, faa: number, fab: number, fbb: number];

/** ∂a, ∂b, ∂aa, ∂ab, ∂bb of y = op(a, b). */
function rules(graph: Graph, y: number, wantsB: boolean): Rule {
  const op = graph.op[y];
  const a = graph.a[y];
  const b = graph.b[y];
  const k = (value: number) => constantNode(graph, value);
  const mul = (p: number, q: number) => build(graph, Op.mul, p, q);
  const add = (p: number, q: number) => build(graph, Op.add, p, q);
  const sub = (p: number, q: number) => build(graph, Op.sub, p, q);
  const neg = (p: number) => build(graph, Op.neg, p);
  const inv = (p: number) => build(graph, Op.div, k(1), p);
  const call = (code: number, p: number, q = -1) => build(graph, code, p, q);
  const o = k(0);
  const unary = (f: number, ff: number): Rule => [f, o, ff, o, o];
  switch (op) {
    case Op.add:
      return [k(1), k(1), o, o, o];
    case Op.sub:
      return [k(1), k(-1), o, o, o];
    case Op.neg:
      return unary(k(-1), o);
    case Op.mul:
      return [b, a, o, k(1), o];
    case Op.div: {
      const r = inv(b);
      const rr = mul(r, r);
      return [r, neg(mul(y, r)), o, neg(rr), mul(k(2), mul(y, rr))];
    }
    case Op.select: // a is the condition; the operands are the branches b and c
      return [call3(graph, a, k(1), o), call3(graph, a, o, k(1)), o, o, o];
    case Op.min:
    case Op.max: {
      const isA = op === Op.min ? call(Op.le, a, b) : call(Op.le, b, a);
      return [call3(graph, isA, k(1), o), call3(graph, isA, o, k(1)), o, o, o];
    }
    case Op.abs:
      return unary(call(Op.sign, a), o);
    case Op.sqrt: {
      const r = inv(y);
      const h = mul(k(0.5), r);
      return unary(h, neg(mul(h, mul(k(0.5), mul(r, r)))));
    }
    case Op.exp:
      return unary(y, y);
    case Op.expm1: {
      const e = call(Op.exp, a);
      return unary(e, e);
    }
    case Op.log:
    case Op.log1p: {
      const r = inv(op === Op.log ? a : add(k(1), a));
      return unary(r, neg(mul(r, r)));
    }
    case Op.sin:
      return unary(call(Op.cos, a), neg(y));
    case Op.cos:
      return unary(neg(call(Op.sin, a)), neg(y));
    case Op.tan: {
      const f = add(k(1), mul(y, y));
      return unary(f, mul(k(2), mul(y, f)));
    }
    case Op.asin:
    case Op.acos: {
      const w = inv(call(Op.sqrt, mul(sub(k(1), a), add(k(1), a))));
      const ff = mul(a, mul(w, mul(w, w)));
      return op === Op.asin ? unary(w, ff) : unary(neg(w), neg(ff));
    }
    case Op.atan: {
      const w = inv(add(k(1), mul(a, a)));
      return unary(w, mul(k(-2), mul(a, mul(w, w))));
    }
    case Op.sinh:
      return unary(call(Op.cosh, a), y);
    case Op.cosh:
      return unary(call(Op.sinh, a), y);
    case Op.tanh: {
      const f = sub(k(1), mul(y, y));
      return unary(f, mul(k(-2), mul(y, f)));
    }
    case Op.asinh:
    case Op.acosh: {
      const inside = op === Op.asinh ? add(k(1), mul(a, a)) : mul(sub(a, k(1)), add(k(1), a));
      const w = inv(call(Op.sqrt, inside));
      return unary(w, neg(mul(a, mul(w, mul(w, w)))));
    }
    case Op.atanh: {
      const f = inv(mul(sub(k(1), a), add(k(1), a)));
      return unary(f, mul(k(2), mul(a, mul(f, f))));
    }
    case Op.log2:
    case Op.log10: {
      const f = call(Op.div, k(op === Op.log2 ? Math.LOG2E : Math.LOG10E), a);
      return unary(f, neg(call(Op.div, f, a)));
    }
    case Op.cbrt: {
      const r = inv(y);
      const f = call(Op.div, mul(r, r), k(3));
      return unary(f, mul(k(-2), mul(mul(f, f), r)));
    }
    case Op.atan2: {
      const w = inv(add(mul(a, a), mul(b, b)));
      const u = mul(b, w);
      const v = neg(mul(a, w));
      const uv = mul(k(2), mul(u, v));
      return [u, v, uv, mul(sub(v, u), add(v, u)), neg(uv)];
    }
    case Op.hypot: {
      const r = inv(y);
      const u = mul(a, r);
      const v = mul(b, r);
      return [u, v, mul(r, mul(v, v)), neg(mul(r, mul(u, v))), mul(r, mul(u, u))];
    }
    case Op.pow:
      return powerRule(graph, y, wantsB);
    default: // a sign is flat
      return unary(o, o);
  }
}

/**
 * y = a^b. ∂b = y log a is taken as 0 for a ≤ 0: at a = 0 its limit for b > 0 (a fit of a · t^b may have data t = 0), below
 * the power has no derivative along b.
 */
function powerRule(graph: Graph, y: number, wantsB: boolean): Rule {
  const a = graph.a[y];
  const b = graph.b[y];
  const o = constantNode(graph, 0);
  const one = constantNode(graph, 1);
  const mul = (p: number, q: number) => build(graph, Op.mul, p, q);
  const b1 = build(graph, Op.sub, b, one);
  const b2 = build(graph, Op.sub, b, constantNode(graph, 2));
  const lower = build(graph, Op.pow, a, b1);
  const fa = mul(b, lower);
  const faa = mul(mul(b, b1), build(graph, Op.pow, a, b2));
  if (!wantsB) return [fa, o, faa, o, o];
  const isPositive = build(graph, Op.lt, o, a);
  const guarded = (value: number) => call3(graph, isPositive, value, o);
  const L = build(graph, Op.log, a);
  const fb = mul(y, L);
  return [fa, guarded(fb), faa, guarded(mul(lower, build(graph, Op.add, one, mul(b, L)))), guarded(mul(fb, L))];
}

function call3(graph: Graph, condition: number, yes: number, no: number): number {
  return build(graph, Op.select, condition, yes, no);
}
