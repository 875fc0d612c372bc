// Fortran expressions evaluated over numbers and expressions of the kernel compiler alike.
import {
  abs,
  acos,
  add,
  asin,
  atan,
  atan2,
  type Condition,
  cos,
  cosh,
  div,
  type Expr,
  exp,
  ge,
  gt,
  le,
  log,
  lt,
  max,
  min,
  mul,
  neg,
  type Operand,
  pow,
  select,
  sin,
  sinh,
  sqrt,
  sub,
  tan,
  tanh,
} from "@hessia/core/kernel";
import { fail } from "./errors.js";
import type { Tree } from "./fortran.js";

/** A value and whether it is an INTEGER: then a division has no fraction. Logical values are 1 and 0. */
export interface Value {
  readonly of: Operand;
  readonly integer: boolean;
}

export type Scope = ReadonlyMap<string, Value>;

export const realValue = (of: Operand): Value => ({ of, integer: false });
const both = (a: Value, b: Value): boolean => a.integer && b.integer;
const isNumber = (value: Operand): value is number => typeof value === "number";

type Binary = (a: Operand, b: Operand) => Operand;
/** Numbers are computed here; expressions go into the graph. */
const lifted =
  (plain: (a: number, b: number) => number, symbolic: Binary): Binary =>
  (a, b) =>
    isNumber(a) && isNumber(b) ? plain(a, b) : symbolic(a, b);
const plus = lifted((a, b) => a + b, add);
const minus = lifted((a, b) => a - b, sub);
const times = lifted((a, b) => a * b, mul);
const over = lifted((a, b) => a / b, div);
const largest = lifted(Math.max, max);
const least = lifted(Math.min, min);

const comparisons: Readonly<
  Record<string, readonly [(a: number, b: number) => boolean, (a: Operand, b: Operand) => Condition]>
> = {
  ".GT.": [(a, b) => a > b, gt],
  ".GE.": [(a, b) => a >= b, ge],
  ".LT.": [(a, b) => a < b, lt],
  ".LE.": [(a, b) => a <= b, le],
  ">": [(a, b) => a > b, gt],
  ">=": [(a, b) => a >= b, ge],
  "<": [(a, b) => a < b, lt],
  "<=": [(a, b) => a <= b, le],
};

/** yes where `condition` (1 or 0) is true, else no. */
export function choose(condition: Operand, yes: Operand, no: Operand): Operand {
  if (isNumber(condition)) return condition !== 0 ? yes : no;
  return select(gt(condition, 0.5), yes, no);
}

const not = (a: Operand): Operand => minus(1, a);
const equal = (a: Operand, b: Operand): Operand =>
  isNumber(a) && isNumber(b) ? +(a === b) : select(le(a, b), select(le(b, a), 1, 0), 0);

const unary: Readonly<Record<string, readonly [(x: number) => number, (x: Expr) => Expr]>> = {
  ABS: [Math.abs, abs],
  SQRT: [Math.sqrt, sqrt],
  EXP: [Math.exp, exp],
  LOG: [Math.log, log],
  LOG10: [Math.log10, (x) => div(log(x), Math.LN10)],
  SIN: [Math.sin, sin],
  COS: [Math.cos, cos],
  TAN: [Math.tan, tan],
  ASIN: [Math.asin, asin],
  ACOS: [Math.acos, acos],
  ATAN: [Math.atan, atan],
  SINH: [Math.sinh, sinh],
  COSH: [Math.cosh, cosh],
  TANH: [Math.tanh, tanh],
};
/** Names of the same functions for other kinds of numbers. */
const aliases: Readonly<Record<string, string>> = {
  ALOG: "LOG",
  DLOG: "LOG",
  ALOG10: "LOG10",
  DLOG10: "LOG10",
  DABS: "ABS",
  IABS: "ABS",
  DSQRT: "SQRT",
  DEXP: "EXP",
  DSIN: "SIN",
  DCOS: "COS",
  DTAN: "TAN",
  DASIN: "ASIN",
  DACOS: "ACOS",
  DATAN: "ATAN",
  DATAN2: "ATAN2",
  DSINH: "SINH",
  DCOSH: "COSH",
  DTANH: "TANH",
  DSIGN: "SIGN",
  DMAX1: "MAX",
  AMAX1: "MAX",
  MAX0: "MAX",
  DMIN1: "MIN",
  AMIN1: "MIN",
  MIN0: "MIN",
  DMOD: "MOD",
  DBLE: "REAL",
  FLOAT: "REAL",
  DFLOAT: "REAL",
  IDINT: "INT",
  IFIX: "INT",
};

/** The value of a tree in a scope. `text` is shown where a name or a function isn't known. */
export function evaluate(tree: Tree, scope: Scope, line: number, text: string): Value {
  const value = (of: Tree): Value => evaluate(of, scope, line, text);
  switch (tree.kind) {
    case "number":
      return { of: tree.value, integer: tree.integer };
    case "logical":
      return realValue(tree.value ? 1 : 0);
    case "name":
      return scope.get(tree.name) ?? fail(line, `"${tree.name}" has no value here`, text);
    case "unary": {
      const { of, integer } = value(tree.of);
      if (tree.operator === ".NOT.") return realValue(not(of));
      return { of: isNumber(of) ? -of : neg(of), integer };
    }
    case "binary":
      return binary(tree.operator, value(tree.left), value(tree.right), line, text);
    case "call":
      return call(aliases[tree.name] ?? tree.name, tree.args.map(value), line, text);
  }
}

function binary(operator: string, a: Value, b: Value, line: number, text: string): Value {
  const comparison = comparisons[operator];
  if (comparison !== undefined) {
    const [plain, symbolic] = comparison;
    if (isNumber(a.of) && isNumber(b.of)) return realValue(plain(a.of, b.of) ? 1 : 0);
    return realValue(select(symbolic(a.of, b.of), 1, 0));
  }
  const integer = both(a, b);
  switch (operator) {
    case "+":
      return { of: plus(a.of, b.of), integer };
    case "-":
      return { of: minus(a.of, b.of), integer };
    case "*":
      return { of: times(a.of, b.of), integer };
    case "/":
      if (!integer) return realValue(over(a.of, b.of));
      if (!isNumber(a.of) || !isNumber(b.of)) return fail(line, "a division of integers that aren't constant", text);
      return { of: Math.trunc(a.of / b.of), integer };
    case "**":
      return { of: power(a.of, b.of), integer };
    case ".EQ.":
    case "==":
    case ".EQV.":
      return realValue(equal(a.of, b.of));
    case ".NE.":
    case "/=":
    case ".NEQV.":
      return realValue(not(equal(a.of, b.of)));
    case ".AND.":
      return realValue(times(a.of, b.of));
    default:
      return realValue(minus(plus(a.of, b.of), times(a.of, b.of)));
  }
}

/** A whole exponent is right for a negative base too, whether written 2 or 2.0. */
function power(a: Operand, b: Operand): Operand {
  if (isNumber(a) && isNumber(b)) return a ** b;
  return isNumber(a) ? pow(a, b) : pow(a, b);
}

function call(name: string, args: readonly Value[], line: number, text: string): Value {
  const values = args.map(({ of }) => of);
  const want = (count: number) => {
    if (args.length !== count) fail(line, `${name} takes ${count} arguments, not ${args.length}`, text);
  };
  const one = unary[name];
  if (one !== undefined) {
    want(1);
    const [plain, symbolic] = one;
    const of = isNumber(values[0]!) ? plain(values[0]) : symbolic(values[0]!);
    return { of, integer: name === "ABS" && args[0]!.integer };
  }
  switch (name) {
    case "REAL":
      want(1);
      return realValue(values[0]!);
    case "MAX":
    case "MIN":
      if (args.length < 2) fail(line, `${name} takes two arguments or more`, text);
      return {
        of: values.reduce(name === "MAX" ? largest : least),
        integer: args.every(({ integer }) => integer),
      };
    case "ATAN2":
      want(2);
      return realValue(lifted(Math.atan2, atan2)(values[0]!, values[1]!));
    case "SIGN": {
      want(2);
      const size = isNumber(values[0]!) ? Math.abs(values[0]) : abs(values[0]!);
      const negative = isNumber(values[1]!) ? +(values[1] < 0) : select(lt(values[1]!, 0), 1, 0);
      return realValue(choose(negative, isNumber(size) ? -size : neg(size), size));
    }
    case "INT":
    case "NINT":
    case "MOD": {
      // Steps: of constants only, where they have derivatives.
      const numbers = values.filter(isNumber);
      if (numbers.length < values.length) fail(line, `${name} of something that isn't constant isn't smooth`, text);
      want(name === "MOD" ? 2 : 1);
      const [x, y] = numbers as [number, number];
      const of = name === "MOD" ? x % y : name === "INT" ? Math.trunc(x) : Math.sign(x) * Math.floor(Math.abs(x) + 0.5);
      return { of, integer: name !== "MOD" || both(args[0]!, args[1]!) };
    }
    default:
      return fail(line, `the function ${name} isn't known: external functions aren't read`, text);
  }
}
