// A function written as text, as a problem with exact derivatives: mathjs parses, the kernel compiler derives.
import {
  type ConstantNode,
  create,
  type FunctionNode,
  type MathNode,
  type OperatorNode,
  type ParenthesisNode,
  parseDependencies,
  type SymbolNode,
} from "mathjs";
import { describe, misuse, requireKnownOptions } from "../errors.js";
import * as kernel from "../kernel/index.js";
import { type Expr, type Operand, problemFromTerms, type TermsProblem } from "../kernel/index.js";

export interface ExpressionOptions {
  /** Numbers for the other names in the text. */
  readonly parameters?: Readonly<Record<string, number>>;
}

const { parse } = create({ parseDependencies });

type Function1 = (a: Operand) => Expr;
type Function2 = (a: Operand, b: Operand) => Expr;

const unary: Readonly<Record<string, Function1>> = {
  abs: kernel.abs,
  sign: kernel.sign,
  sqrt: kernel.sqrt,
  square: kernel.square,
  cube: (a) => kernel.pow(a, 3),
  exp: kernel.exp,
  expm1: kernel.expm1,
  log: kernel.log,
  ln: kernel.log,
  log1p: kernel.log1p,
  log2: (a) => kernel.div(kernel.log(a), Math.LN2),
  log10: (a) => kernel.div(kernel.log(a), Math.LN10),
  sin: kernel.sin,
  cos: kernel.cos,
  tan: kernel.tan,
  asin: kernel.asin,
  acos: kernel.acos,
  atan: kernel.atan,
  sinh: kernel.sinh,
  cosh: kernel.cosh,
  tanh: kernel.tanh,
};
const binary: Readonly<Record<string, Function2>> = {
  pow: kernel.pow,
  atan2: kernel.atan2,
  hypot: kernel.hypot,
  log: (a, base) => kernel.div(kernel.log(a), kernel.log(base)),
  min: kernel.min,
  max: kernel.max,
};
const operators: Readonly<Record<string, Function2>> = {
  "+": kernel.add,
  "-": kernel.sub,
  "*": kernel.mul,
  "/": kernel.div,
  "^": kernel.pow,
};
const constants: Readonly<Record<string, number>> = {
  pi: Math.PI,
  PI: Math.PI,
  e: Math.E,
  E: Math.E,
  tau: 2 * Math.PI,
};

/**
 * A problem from text: `problemFromExpression("100*(x2-x1^2)^2 + (1-x1)^2", ["x1", "x2"])`. One term over all variables, so made for small
 * problems; for many variables write terms (`problemFromTerms`).
 *
 * @param variables the names of the variables in order; every other name must be a parameter or one of pi, e, tau.
 * @throws ArgumentError with the position in the text: text that mathjs can't parse, an unknown name, function or operator.
 */
export function problemFromExpression(
  text: string,
  variables: readonly string[],
  options: ExpressionOptions = {},
): TermsProblem {
  const routine = "problemFromExpression";
  if (typeof text !== "string") misuse(routine, "text", describe(text), "an expression as text");
  if (!Array.isArray(variables)) misuse(routine, "variables", describe(variables), "a list of names");
  requireKnownOptions(routine, options, ["parameters"]);
  const { parameters = {} } = options;
  variables.forEach((name, i) => {
    if (typeof name !== "string" || !/^[A-Za-z_]\w*$/.test(name))
      misuse(routine, `variables[${i}]`, describe(name), "a name");
    if (variables.indexOf(name) !== i || Object.hasOwn(parameters, name))
      misuse(routine, `variables[${i}]`, `${describe(name)}, named twice`, "names that differ");
  });
  for (const [name, value] of Object.entries(parameters)) {
    if (!Number.isFinite(value)) misuse(routine, `options.parameters.${name}`, describe(value), "a finite number");
  }
  const root = parseText(text);
  const n = variables.length;
  return problemFromTerms(n, [
    {
      indices: [variables.map((_, i) => i)],
      term: (x) => {
        const value = translate(
          root,
          text,
          (name) => {
            const i = variables.indexOf(name);
            if (i >= 0) return x[i];
            if (Object.hasOwn(parameters, name)) return parameters[name];
            return Object.hasOwn(constants, name) ? constants[name] : undefined;
          },
          [...variables, ...Object.keys(parameters), ...Object.keys(constants)],
        );
        return typeof value === "number" ? kernel.add(value, 0) : value;
      },
    },
  ]);
}

function parseText(text: string): MathNode {
  try {
    return parse(text);
  } catch (error) {
    const { message, char } = error as Error & { char?: number };
    const at = (char ?? 1) - 1;
    return fault(text, at, message.replace(/ \(char \d+\)$/, ""), "an expression such as 100*(y - x^2)^2 + (1 - x)^2");
  }
}

/** Throws with the column and a caret under it. */
function fault(text: string, at: number, problem: string, wanted: string): never {
  return misuse(
    "problemFromExpression",
    "text",
    `wrong at column ${at + 1} (${problem})`,
    wanted,
    `\n  ${text}\n  ${" ".repeat(at)}^`,
  );
}

type Lookup = (name: string) => Operand | undefined;

function translate(node: MathNode, text: string, lookup: Lookup, known: readonly string[]): Operand {
  const go = (child: MathNode) => translate(child, text, lookup, known);
  switch (node.type) {
    case "ParenthesisNode":
      return go((node as ParenthesisNode).content);
    case "ConstantNode": {
      const { value } = node as ConstantNode;
      return typeof value === "number"
        ? value
        : fault(text, find(text, String(value)), `${describe(value)} is no number`, "numbers");
    }
    case "SymbolNode": {
      const { name } = node as SymbolNode;
      return lookup(name) ?? fault(text, find(text, name), `unknown name "${name}"`, `one of ${known.join(", ")}`);
    }
    case "OperatorNode": {
      const { op, args } = node as OperatorNode;
      if (args.length === 1 && (op === "-" || op === "+")) {
        const value = go(args[0]!);
        return op === "+" ? value : typeof value === "number" ? -value : kernel.neg(value);
      }
      const apply = operators[op];
      if (apply === undefined || args.length !== 2)
        return fault(text, find(text, op), `unknown operator "${op}"`, "+ - * / ^");
      return combine(apply, [go(args[0]!), go(args[1]!)]);
    }
    case "FunctionNode": {
      const { fn, args } = node as FunctionNode;
      const name = fn.name ?? String(fn);
      const values = args.map(go);
      if (values.length === 1 && Object.hasOwn(unary, name)) return combine((a) => unary[name]!(a), values);
      if (values.length === 2 && Object.hasOwn(binary, name)) return combine(binary[name]!, values);
      if (values.length > 2 && (name === "min" || name === "max"))
        return values.reduce((a, b) => combine(binary[name]!, [a, b]));
      const all = [...new Set([...Object.keys(unary), ...Object.keys(binary)])];
      return fault(
        text,
        find(text, name),
        `no function "${name}" of ${values.length} arguments`,
        `one of ${all.join(", ")}`,
      );
    }
    default:
      return fault(
        text,
        0,
        `a ${node.type} can't be differentiated`,
        "one expression of numbers, names, + - * / ^ and functions",
      );
  }
}

const combine = (apply: (a: Operand, b: Operand) => Expr, [a, b]: Operand[]): Operand => apply(a!, b!);

/** Where a word stands in the text: its first whole occurrence. */
function find(text: string, word: string): number {
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const match = new RegExp(/^\w/.test(word) ? `\\b${escaped}\\b` : escaped).exec(text);
  return match?.index ?? 0;
}
