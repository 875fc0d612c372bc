// What a term is written with: Expr, a handle on a node of a graph, and free functions over Expr and number.
import { describe, misuse } from "../errors.js";
import { constantNode, formatNode, type Graph } from "./graph.js";
import { Op, opNames } from "./ops.js";
import { build } from "./simplify.js";

/** An expression or a number. */
export type Operand = Expr | number;

/**
 * An expression of a term's variables and data. Immutable. Made by `trace` and `problemFromTerms`, which hand the
 * variables to your function; combined by methods (`x.sub(1).square()`) or by the free functions of the same names.
 * JavaScript's own operators can't be traced: `x + 1` throws an ArgumentError that says so.
 */
export class Expr {
  /** @internal */
  readonly graph: Graph;
  /** @internal The node's id. */
  readonly id: number;

  /** @internal */
  constructor(graph: Graph, id: number) {
    this.graph = graph;
    this.id = id;
  }

  add(other: Operand): Expr {
    return add(this, other);
  }
  sub(other: Operand): Expr {
    return sub(this, other);
  }
  mul(other: Operand): Expr {
    return mul(this, other);
  }
  div(other: Operand): Expr {
    return div(this, other);
  }
  neg(): Expr {
    return neg(this);
  }
  square(): Expr {
    return square(this);
  }
  /** this^exponent. Integers up to ±32 are exact products, right for a negative base too; other exponents are `Math.pow`. */
  pow(exponent: Operand): Expr {
    return pow(this, exponent);
  }
  sqrt(): Expr {
    return sqrt(this);
  }
  exp(): Expr {
    return exp(this);
  }
  log(): Expr {
    return log(this);
  }
  log1p(): Expr {
    return log1p(this);
  }
  expm1(): Expr {
    return expm1(this);
  }
  sin(): Expr {
    return sin(this);
  }
  cos(): Expr {
    return cos(this);
  }
  tan(): Expr {
    return tan(this);
  }
  asin(): Expr {
    return asin(this);
  }
  acos(): Expr {
    return acos(this);
  }
  atan(): Expr {
    return atan(this);
  }
  sinh(): Expr {
    return sinh(this);
  }
  cosh(): Expr {
    return cosh(this);
  }
  tanh(): Expr {
    return tanh(this);
  }
  asinh(): Expr {
    return asinh(this);
  }
  acosh(): Expr {
    return acosh(this);
  }
  atanh(): Expr {
    return atanh(this);
  }
  log2(): Expr {
    return log2(this);
  }
  log10(): Expr {
    return log10(this);
  }
  /** The real cube root. */
  cbrt(): Expr {
    return cbrt(this);
  }
  /** |this|; its derivative at 0 is taken as 0. */
  abs(): Expr {
    return abs(this);
  }
  /** −1, 0 or 1; its derivative is 0. */
  sign(): Expr {
    return sign(this);
  }
  /** 1 / this. */
  inv(): Expr {
    return inv(this);
  }
  min(other: Operand): Expr {
    return min(this, other);
  }
  max(other: Operand): Expr {
    return max(this, other);
  }
  /** The angle of the point (x, this). */
  atan2(x: Operand): Expr {
    return atan2(this, x);
  }
  /** √(this² + other²). */
  hypot(other: Operand): Expr {
    return hypot(this, other);
  }
  lt(other: Operand): Condition {
    return lt(this, other);
  }
  le(other: Operand): Condition {
    return le(this, other);
  }
  gt(other: Operand): Condition {
    return lt(other, this);
  }
  ge(other: Operand): Condition {
    return le(other, this);
  }

  /** The expression as text, for a log: x[0] are variables, d[0] data. */
  describe(): string {
    return formatNode(this.graph, this.id);
  }

  /** @internal */
  [Symbol.toPrimitive](): never {
    return misuse(
      "Expr",
      "an operand",
      "an Expr used with JavaScript's own + - * / < or in a string",
      "a method or function of the kernel",
      "Write a.add(b), a.sub(b), a.mul(b), a.div(b), a.pow(2), select(a.lt(b), yes, no): operators can't be traced. For text use a.describe().",
    );
  }
}

/** A comparison of two expressions: the first argument of {@link select}. */
export class Condition {
  /** @internal */
  readonly graph: Graph;
  /** @internal */
  readonly id: number;

  /** @internal */
  constructor(graph: Graph, id: number) {
    this.graph = graph;
    this.id = id;
  }

  /** @internal */
  [Symbol.toPrimitive](): never {
    return misuse(
      "Condition",
      "an operand",
      "a Condition used as a value",
      "the first argument of select(condition, yes, no)",
    );
  }
}

/** The graph of the trace that is running: constants alone (`add(1, 2)`) belong to it. */
let current: Graph | null = null;

/** @internal Runs `fn` with `graph` as the home of constants. */
export function withGraph<T>(graph: Graph, fn: () => T): T {
  const before = current;
  current = graph;
  try {
    return fn();
  } finally {
    current = before;
  }
}

/** @internal The node of an operand on `graph`. */
export function lift(graph: Graph, routine: string, argument: string, value: unknown): number {
  if (value instanceof Expr) {
    if (value.graph !== graph) {
      misuse(
        routine,
        argument,
        "an Expr of another trace",
        "an Expr of the same trace",
        "Each term function must use only the x and d handed to it.",
      );
    }
    return value.id;
  }
  if (typeof value === "number" && !Number.isNaN(value)) return constantNode(graph, value);
  if (value instanceof Condition) {
    return misuse(
      routine,
      argument,
      "a Condition",
      "an Expr or a number",
      "Turn a comparison into a number by select(condition, 1, 0).",
    );
  }
  const hint =
    value === undefined ? "Is an index beyond the term's variables or data, or a `return` missing?" : undefined;
  return misuse(routine, argument, describe(value), "an Expr or a number that isn't NaN", hint);
}

function home(routine: string, ...operands: unknown[]): Graph {
  for (const value of operands) if (value instanceof Expr || value instanceof Condition) return value.graph;
  if (current !== null) return current;
  return misuse(
    routine,
    "a",
    describe(operands[0]),
    "an Expr",
    "Outside of a trace at least one operand must be an Expr.",
  );
}

function unary(op: number, a: Operand): Expr {
  const name = opNames[op];
  const graph = home(name, a);
  return new Expr(graph, build(graph, op, lift(graph, name, "a", a)));
}

function binary(op: number, a: Operand, b: Operand): Expr {
  const name = opNames[op];
  const graph = home(name, a, b);
  return new Expr(graph, build(graph, op, lift(graph, name, "a", a), lift(graph, name, "b", b)));
}

export const add = (a: Operand, b: Operand): Expr => binary(Op.add, a, b);
export const sub = (a: Operand, b: Operand): Expr => binary(Op.sub, a, b);
export const mul = (a: Operand, b: Operand): Expr => binary(Op.mul, a, b);
export const div = (a: Operand, b: Operand): Expr => binary(Op.div, a, b);
export const neg = (a: Operand): Expr => unary(Op.neg, a);
/** a². */
export const square = (a: Operand): Expr => binary(Op.mul, a, a);
/** 1 / a. */
export const inv = (a: Operand): Expr => binary(Op.div, 1, a);
/** a^b. Integers up to ±32 are exact products, right for a negative base too; other exponents are `Math.pow`. */
export const pow = (a: Operand, b: Operand): Expr => binary(Op.pow, a, b);
export const sqrt = (a: Operand): Expr => unary(Op.sqrt, a);
export const exp = (a: Operand): Expr => unary(Op.exp, a);
export const expm1 = (a: Operand): Expr => unary(Op.expm1, a);
export const log = (a: Operand): Expr => unary(Op.log, a);
export const log1p = (a: Operand): Expr => unary(Op.log1p, a);
export const sin = (a: Operand): Expr => unary(Op.sin, a);
export const cos = (a: Operand): Expr => unary(Op.cos, a);
export const tan = (a: Operand): Expr => unary(Op.tan, a);
export const asin = (a: Operand): Expr => unary(Op.asin, a);
export const acos = (a: Operand): Expr => unary(Op.acos, a);
export const atan = (a: Operand): Expr => unary(Op.atan, a);
export const sinh = (a: Operand): Expr => unary(Op.sinh, a);
export const cosh = (a: Operand): Expr => unary(Op.cosh, a);
export const tanh = (a: Operand): Expr => unary(Op.tanh, a);
export const asinh = (a: Operand): Expr => unary(Op.asinh, a);
export const acosh = (a: Operand): Expr => unary(Op.acosh, a);
export const atanh = (a: Operand): Expr => unary(Op.atanh, a);
export const log2 = (a: Operand): Expr => unary(Op.log2, a);
export const log10 = (a: Operand): Expr => unary(Op.log10, a);
/** The real cube root: of −8 it is −2. */
export const cbrt = (a: Operand): Expr => unary(Op.cbrt, a);
/** |a|; its derivative at 0 is taken as 0. */
export const abs = (a: Operand): Expr => unary(Op.abs, a);
/** −1, 0 or 1; its derivative is 0. */
export const sign = (a: Operand): Expr => unary(Op.sign, a);
/** The smaller of two; where they are equal the derivative is that of one of them. */
export const min = (a: Operand, b: Operand): Expr => binary(Op.min, a, b);
/** The larger of two; where they are equal the derivative is that of one of them. */
export const max = (a: Operand, b: Operand): Expr => binary(Op.max, a, b);
/** The angle of the point (x, y). */
export const atan2 = (y: Operand, x: Operand): Expr => binary(Op.atan2, y, x);
/** √(a² + b²), without overflow in between. */
export const hypot = (a: Operand, b: Operand): Expr => binary(Op.hypot, a, b);

function compare(op: number, a: Operand, b: Operand): Condition {
  const name = opNames[op];
  const graph = home(name, a, b);
  return new Condition(graph, build(graph, op, lift(graph, name, "a", a), lift(graph, name, "b", b)));
}

/** a < b. */
export const lt = (a: Operand, b: Operand): Condition => compare(Op.lt, a, b);
/** a ≤ b. */
export const le = (a: Operand, b: Operand): Condition => compare(Op.le, a, b);
/** a > b. */
export const gt = (a: Operand, b: Operand): Condition => lt(b, a);
/** a ≥ b. */
export const ge = (a: Operand, b: Operand): Condition => le(b, a);

/** What {@link select} chooses part by part: vectors and matrices. */
export interface Selectable<T> {
  /** @internal This where the condition holds, else `no`. */
  selected(condition: Condition, no: T): T;
}

/**
 * `yes` where the condition holds, else `no`: two numbers, vectors or matrices of one shape. Both are computed; a NaN or an infinity in the
 * one that isn't chosen does no harm, neither in the value nor in a derivative. Derivatives are those of the chosen branch.
 */
export function select(condition: Condition, yes: Operand, no: Operand): Expr;
export function select<T extends Selectable<T>>(condition: Condition, yes: T, no: T): T;
export function select(condition: Condition, yes: unknown, no: unknown): unknown {
  if (!(condition instanceof Condition)) {
    misuse(
      "select",
      "condition",
      describe(condition),
      "a Condition",
      "Make one by lt(a, b), le(a, b), gt(a, b) or ge(a, b).",
    );
  }
  const branch = yes as Partial<Selectable<unknown>> | null;
  if (typeof branch === "object" && branch?.selected !== undefined) return branch.selected(condition, no);
  const { graph } = condition;
  return new Expr(
    graph,
    build(graph, Op.select, condition.id, lift(graph, "select", "yes", yes), lift(graph, "select", "no", no)),
  );
}

/** The sum of a list, pairwise: a rounding error of log₂ of its length; 0 for an empty list. */
export function sum(list: readonly Operand[]): Expr {
  if (!Array.isArray(list))
    misuse("sum", "list", describe(list), "an array of Exprs and numbers", "For two operands use add(a, b).");
  const graph = home("sum", ...list);
  const pairwise = (from: number, to: number): number => {
    if (to - from === 0) return constantNode(graph, 0);
    if (to - from === 1) return lift(graph, "sum", `list[${from}]`, list[from]);
    const middle = from + 2 ** Math.ceil(Math.log2(to - from) - 1);
    return build(graph, Op.add, pairwise(from, middle), pairwise(middle, to));
  };
  return new Expr(graph, pairwise(0, list.length));
}

/** Σ aᵢ bᵢ, summed as by {@link sum}. */
export function dot(a: readonly Operand[], b: readonly Operand[]): Expr {
  if (a.length !== b.length) misuse("dot", "b", `of length ${b.length}`, `length ${a.length}, that of a`);
  return sum(a.map((entry, i) => mul(entry, b[i])));
}
