// Integer and real parameters: their arithmetic, and names with indices, which they expand. SIF reference report, sections 3.1.1 and 3.2.3.
//
// IS and RS subtract the parameter from the number, ID and RD divide the number by the parameter: the reverse of what one guesses.
import { type Card, numberOf } from "./cards.js";
import { fail } from "./errors.js";

export interface Parameters {
  readonly integers: Map<string, number>;
  readonly reals: Map<string, number>;
  /** Values that replace those on the cards, by name. */
  readonly given: ReadonlyMap<string, number>;
  /** Names of `given` that were met. */
  readonly met: Set<string>;
  /** Parameters that the file marks as meant to be changed, with the values that they have. */
  readonly offered: Map<string, number>;
}

export const newParameters = (given: Readonly<Record<string, number>>): Parameters => ({
  integers: new Map(),
  reals: new Map(),
  given: new Map(Object.entries(given)),
  met: new Set(),
  offered: new Map(),
});

const functions: Readonly<Record<string, (x: number) => number>> = {
  ABS: Math.abs,
  SQRT: Math.sqrt,
  EXP: Math.exp,
  LOG: Math.log,
  LOG10: Math.log10,
  SIN: Math.sin,
  COS: Math.cos,
  TAN: Math.tan,
  ARCSIN: Math.asin,
  ARCCOS: Math.acos,
  ARCTAN: Math.atan,
  HYPSIN: Math.sinh,
  HYPCOS: Math.cosh,
  HYPTAN: Math.tanh,
};

/** Whether a card assigns a parameter: a letter I, R or A and an operation. */
export const isAssignment = (code: string): boolean => /^(I[ERASMD=+\-*/]|[RA][EIASMDF=+\-*/(])$/.test(code);

interface Template {
  readonly head: string;
  readonly indices: readonly string[];
  readonly tail: string;
}

const templates = new Map<string, Template>();

/** "X(I,J)" as its head and its index names; undefined for a name without brackets. */
function templateOf(name: string): Template | undefined {
  const from = name.indexOf("(");
  if (from < 0) return undefined;
  let template = templates.get(name);
  if (template === undefined) {
    const to = name.indexOf(")", from);
    const inside = name.slice(from + 1, to < 0 ? undefined : to);
    const indices = inside.split(",").filter((index) => index !== "");
    template = { head: name.slice(0, from), indices, tail: to < 0 ? "" : name.slice(to + 1) };
    if (templates.size < 10_000) templates.set(name, template);
  }
  return template;
}

/** An array name with the present values of its indices: X(I,J) is X3,4. */
export function expand(name: string, { integers }: Parameters, card: Card): string {
  const template = templateOf(name);
  if (template === undefined) return name;
  const { head, indices, tail } = template;
  let text = head;
  for (let k = 0; k < indices.length; k++) {
    const value = integers.get(indices[k]!);
    if (value === undefined) fail(card.line, `"${indices[k]}" is no integer parameter that has a value`, card.text);
    text += k === 0 ? value : `,${value}`;
  }
  return text + tail;
}

export function integer({ integers }: Parameters, name: string, card: Card): number {
  return integers.get(name) ?? fail(card.line, `"${name}" is no integer parameter that has a value`, card.text);
}

export function real({ reals }: Parameters, name: string, card: Card): number {
  return reals.get(name) ?? fail(card.line, `"${name}" is no real parameter that has a value`, card.text);
}

/** Does what an assignment card says. */
export function assign(parameters: Parameters, card: Card): void {
  const kind = card.code[0]!;
  const operation = card.code[1]!;
  const name = kind === "A" ? expand(card.f2, parameters, card) : card.f2;
  if (name === "") fail(card.line, "a parameter without a name", card.text);
  let value = kind === "I" ? integerValue(parameters, operation, card) : realValue(parameters, kind, operation, card);
  if (operation === "E") {
    const replaced = parameters.given.get(name);
    if (replaced !== undefined) {
      if (kind === "I" && !Number.isInteger(replaced))
        fail(card.line, `the parameter ${name} is an integer; ${replaced} was given`, card.text);
      value = replaced;
      parameters.met.add(name);
    }
    if (card.parameter) parameters.offered.set(name, value);
  }
  if (!Number.isFinite(value)) fail(card.line, `the value of "${name}" isn't finite (${value})`, card.text);
  (kind === "I" ? parameters.integers : parameters.reals).set(name, value);
}

/** What A, S, M, D, =, +, −, * and / have in common; undefined for the operations that are one kind's own. */
function arithmetic(
  operation: string,
  number: () => number,
  first: () => number,
  second: () => number,
  quotient: (a: number, b: number) => number,
): number | undefined {
  switch (operation) {
    case "E":
      return number();
    case "A":
      return first() + number();
    case "S":
      return number() - first();
    case "M":
      return first() * number();
    case "D":
      return quotient(number(), first());
    case "=":
      return first();
    case "+":
      return first() + second();
    case "-":
      return first() - second();
    case "*":
      return first() * second();
    case "/":
      return quotient(first(), second());
  }
}

function integerValue(parameters: Parameters, operation: string, card: Card): number {
  const number = () => {
    const value = numberOf(card, card.f4);
    if (!Number.isInteger(value)) fail(card.line, `an integer is wanted, not "${card.f4}"`, card.text);
    return value;
  };
  const first = () => integer(parameters, card.f3, card);
  const second = () => integer(parameters, card.f5, card);
  const quotient = (a: number, b: number) =>
    b === 0 ? fail(card.line, "a division by zero", card.text) : Math.trunc(a / b);
  // What is left is IR.
  return arithmetic(operation, number, first, second, quotient) ?? Math.trunc(real(parameters, card.f3, card));
}

function realValue(parameters: Parameters, kind: string, operation: string, card: Card): number {
  const number = () => numberOf(card, card.f4);
  const named = (name: string) => real(parameters, kind === "A" ? expand(name, parameters, card) : name, card);
  const second = () => named(card.f5);
  const apply = (x: number) => (functions[card.f3] ?? fail(card.line, `"${card.f3}" is no function`, card.text))(x);
  const common = arithmetic(
    operation,
    number,
    () => named(card.f3),
    second,
    (a, b) => a / b,
  );
  if (common !== undefined) return common;
  // What is left is RI, RF and R(.
  if (operation === "I") return integer(parameters, card.f3, card);
  return apply(operation === "F" ? number() : second());
}
