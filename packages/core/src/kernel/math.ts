// Formulas as text between expressions: math`(${x} - 1)^2 + 100 * (${y} - ${x}^2)^2`. A recursive-descent parser that builds while it reads:
//
//   comparison = sum [("<" | "<=" | ">" | ">=") sum]           only as the first argument of select
//   sum        = product {("+" | "-") product}
//   product    = sign {("*" | "/") sign}
//   sign       = ("-" | "+") sign | power
//   power      = primary [("^" | "**") sign]                    right to left: -x^2 is -(x^2), 2^3^2 is 2^9
//   primary    = number | pi | e | ${value} | "(" sum ")" | name "(" [comparison {"," comparison}] ")"
import { describe, misuse } from "../errors.js";
import * as expr from "./expr.js";
import { type Condition, Expr } from "./expr.js";
import { Mat } from "./matrices.js";
import { toExpr, Vec } from "./vectors.js";

/** What may stand between the text: scalars, and vectors and matrices inside of a scalar formula. */
export type MathValue = Expr | number | Vec | Mat;
type Value = MathValue | Condition;

interface Token {
  readonly kind: "number" | "name" | "sign" | "value" | "end";
  readonly text: string;
  readonly at: number;
  readonly value?: unknown;
}

const scalarFunctions =
  "abs acos acosh asin asinh atan atan2 atanh cbrt cos cosh exp expm1 hypot inv log log10 log1p log2 max min pow sign sin sinh sqrt square tan tanh";
const functions = new Map<string, (...values: never[]) => Value>(
  scalarFunctions.split(" ").map((name) => [name, (expr as unknown as Record<string, () => Expr>)[name]!]),
);
const numberOf: Readonly<Record<string, number>> = { pi: Math.PI, e: Math.E };
const ofVectors: Readonly<Record<string, string>> = {
  cross: "Vec",
  dot: "Vec",
  norm: "Vec",
  normalize: "Vec",
  squaredNorm: "Vec",
  det: "Mat",
  inverse: "Mat",
  trace: "Mat",
  transpose: "Mat",
};
const pattern =
  /\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|(\*\*|<=|>=|[-+*/^(),<>])|(\S))/y;

/**
 * The expression that a formula says. Operators + - * / ^ with the usual precedence, parentheses, numbers, `pi`, `e`, the functions of this module
 * by name, and `select(a < b, yes, no)`. Vectors and matrices may be added, scaled, multiplied (matrix times vector or matrix), and enter
 * dot, cross, norm, squaredNorm, normalize, det, inverse, trace and transpose; the whole must be a scalar.
 *
 * @throws ArgumentError that shows the formula with a caret below the place that can't be read.
 */
export function math(strings: TemplateStringsArray, ...values: MathValue[]): Expr {
  if (!Array.isArray(strings)) misuse("math", "strings", describe(strings), "a template literal with the tag math");
  const formula = tokenize(strings, values);
  const { tokens, fail } = formula;
  let next = 0;
  const peek = () => tokens[next]!;
  const take = (...signs: string[]): string | undefined => {
    const { kind, text } = peek();
    if (kind !== "sign" || !signs.includes(text)) return undefined;
    next++;
    return text;
  };
  /** Builds, and shows the place of what can't be built. */
  const make = (at: Token, fn: () => Value): Value => {
    try {
      return fn();
    } catch (error) {
      return fail(at, error instanceof Error ? error.message : String(error), "operands that fit");
    }
  };

  const comparison = (): Value => {
    const left = sum();
    const at = peek();
    const sign = take("<", "<=", ">", ">=");
    if (sign === undefined) return left;
    const right = sum();
    const compare = { "<": expr.lt, "<=": expr.le, ">": expr.gt, ">=": expr.ge }[sign]!;
    return make(at, () => compare(left as Expr, right as Expr));
  };
  const chain = (part: () => Value, ...signs: string[]) => {
    let left = part();
    for (;;) {
      const at = peek();
      const sign = take(...signs);
      if (sign === undefined) return left;
      const before = left;
      const right = part();
      left = make(at, () => combine(sign, before, right));
    }
  };
  const sum = (): Value => chain(product, "+", "-");
  const product = (): Value => chain(sign, "*", "/");
  const sign = (): Value => {
    const at = peek();
    if (take("+") !== undefined) return sign();
    if (take("-") === undefined) return power();
    const operand = sign();
    return make(at, () => (typeof operand === "number" ? -operand : (operand as Expr).neg()));
  };
  const power = (): Value => {
    const base = primary();
    const at = peek();
    if (take("^", "**") === undefined) return base;
    const exponent = sign();
    return make(at, () => combine("^", base, exponent));
  };
  const primary = (): Value => {
    const token = peek();
    next++;
    if (token.kind === "number") return Number(token.text);
    if (token.kind === "value") return token.value as Value;
    if (token.kind === "name") return named(token);
    if (token.text !== "(" || token.kind !== "sign")
      return fail(token, unexpected(token), "a number, a value or a name");
    const inside = sum();
    if (take(")") === undefined) fail(peek(), unexpected(peek()), "an operator or a closing parenthesis");
    return inside;
  };
  const named = (token: Token): Value => {
    const { text } = token;
    const number = Object.hasOwn(numberOf, text) ? numberOf[text] : undefined;
    if (take("(") === undefined) {
      if (number !== undefined) return number;
      return fail(
        token,
        `the name ${text}`,
        "a number, a value or a function call",
        "Expressions are put in as values of the template, not by their names.",
      );
    }
    const list: Value[] = [];
    if (take(")") === undefined) {
      do list.push(comparison());
      while (take(",") !== undefined);
      if (take(")") === undefined) fail(peek(), unexpected(peek()), "an operator, a comma or a closing parenthesis");
    }
    if (!known.includes(text)) fail(token, `the function ${text}`, `one of ${known.join(", ")}`);
    return make(token, () => apply(text, list));
  };

  const result = sum();
  if (peek().kind !== "end") fail(peek(), unexpected(peek()), "an operator or the end");
  if (!(result instanceof Expr) && typeof result !== "number")
    return fail(tokens[0]!, describe(result), "a scalar", "For vectors and matrices use their methods.");
  return toExpr("math", "the formula", result);
}

const known = [...functions.keys(), "select", ...Object.keys(ofVectors)];
const unexpected = ({ kind, text }: Token) =>
  kind === "end" ? "at its end" : kind === "value" ? "a value" : `an unexpected ${JSON.stringify(text)}`;

function tokenize(strings: readonly string[], values: readonly unknown[]) {
  const tokens: Token[] = [];
  let shown = "";
  const fail = ({ at }: Pick<Token, "at">, given: string, wanted: string, hint = ""): never =>
    misuse("math", "the formula", given, wanted, `${hint}\n  ${shown}\n  ${" ".repeat(at)}^`);
  // The whole formula first, so that an error can show it.
  const starts = strings.map((text, i) => {
    const at = shown.length;
    shown += text.replace(/\s/g, " ") + (i < values.length ? `\${${i + 1}}` : "");
    return at;
  });
  strings.forEach((text, i) => {
    pattern.lastIndex = 0;
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
      const [, number, name, sign, other] = match;
      const found = (number ?? name ?? sign ?? other)!;
      const at = starts[i]! + pattern.lastIndex - found.length;
      if (other !== undefined) fail({ at }, `an unknown character ${JSON.stringify(other)}`, "+ - * / ^ ( ) , < >");
      tokens.push({ kind: number !== undefined ? "number" : name !== undefined ? "name" : "sign", text: found, at });
      if (pattern.lastIndex === text.length) break;
    }
    if (i === values.length) return;
    const at = starts[i]! + text.length;
    const value = values[i];
    const fits = typeof value === "number" || value instanceof Expr || value instanceof Vec || value instanceof Mat;
    if (!fits) fail({ at }, describe(value), "an Expr, a number, a Vec or a Mat");
    tokens.push({ kind: "value", text: `\${${i + 1}}`, at, value });
  });
  tokens.push({ kind: "end", text: "", at: shown.length });
  return { tokens, fail };
}

/** left sign right, for scalars, vectors and matrices where it makes sense. */
function combine(sign: string, left: Value, right: Value): Value {
  const isScalar = (value: Value) => typeof value === "number" || value instanceof Expr;
  if (isScalar(left) && isScalar(right)) return combineScalars(sign, left as Expr | number, right as Expr | number);
  const big = left as Vec & Mat;
  if ((sign === "+" || sign === "-") && !isScalar(left) && !isScalar(right))
    return sign === "+" ? big.add(right as never) : big.sub(right as never);
  if (sign === "*" && isScalar(left)) return (right as Vec).scale(left as Expr);
  if (sign === "*" && isScalar(right)) return big.scale(right as Expr);
  if (sign === "*" && left instanceof Mat) return left.mul(right as Vec);
  if (sign === "/" && isScalar(right)) return big.scale(expr.div(1, right as Expr));
  return misuse(
    "math",
    sign,
    `between ${describe(left)} and ${describe(right)}`,
    "scalars, or shapes that fit",
    "For a product of vectors write dot(a, b) or cross(a, b).",
  );
}

function combineScalars(sign: string, a: Expr | number, b: Expr | number): Expr | number {
  const both = typeof a === "number" && typeof b === "number";
  switch (sign) {
    case "+":
      return both ? a + b : expr.add(a, b);
    case "-":
      return both ? a - b : expr.sub(a, b);
    case "*":
      return both ? a * b : expr.mul(a, b);
    case "/":
      return both ? a / b : expr.div(a, b);
    default:
      return both ? a ** b : expr.pow(a, b);
  }
}

/** A known function by its name. */
function apply(name: string, list: readonly Value[]): Value {
  const count = (wanted: number) => {
    if (list.length !== wanted)
      misuse("math", name, `called with ${list.length} arguments`, `${wanted} argument${wanted === 1 ? "" : "s"}`);
  };
  if (name === "select") {
    count(3);
    return expr.select(list[0] as Condition, list[1] as Expr, list[2] as Expr);
  }
  if (Object.hasOwn(ofVectors, name)) {
    count(name === "dot" || name === "cross" ? 2 : 1);
    const own = list[0] as unknown as Record<string, ((other?: Value) => Value) | undefined>;
    if (typeof own !== "object" || own[name] === undefined || own instanceof Expr)
      return misuse("math", name, `called with ${describe(list[0])}`, `a ${ofVectors[name]}`);
    return own[name](list[1]);
  }
  const fn = functions.get(name) as (...values: Value[]) => Expr;
  if ((name === "min" || name === "max") && list.length > 2) return list.reduce((a, b) => fn(a, b));
  count(fn.length);
  const numbers = list.every((value) => typeof value === "number") && name in Math;
  return numbers ? (Math as unknown as Record<string, (...values: unknown[]) => number>)[name]!(...list) : fn(...list);
}
