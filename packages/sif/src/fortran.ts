// Fortran 77 expressions as they stand in the ELEMENTS and GROUPS parts, parsed to trees. ANSI X3.9-1978, chapter 6.
// Precedence, lowest first: .EQV. .NEQV.; .OR.; .AND.; .NOT.; comparisons; + and − (also in front: −A**2 is −(A**2)); * and /; **, from the right.
import { fail } from "./errors.js";

export type Tree =
  | { readonly kind: "number"; readonly value: number; readonly integer: boolean }
  | { readonly kind: "logical"; readonly value: boolean }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Tree[] }
  | { readonly kind: "unary"; readonly operator: string; readonly of: Tree }
  | { readonly kind: "binary"; readonly operator: string; readonly left: Tree; readonly right: Tree };

interface Token {
  readonly kind: "number" | "name" | "operator" | "end";
  readonly text: string;
}

// A number's point isn't the beginning of .GT. and its kin: 1.GT.X is 1 .GT. X.
const number = /^(\d+(\.(?![A-Z]{2,4}\.)\d*)?|\.\d+)([ED][+-]?\d+)?/;
const word = /^[A-Z_][A-Z0-9_]*/;
const operator = /^(\*\*|\.(GT|GE|LT|LE|EQ|NE|AND|OR|NOT|EQV|NEQV|TRUE|FALSE)\.|==|\/=|<=|>=|[-+*/(),<>])/;

function tokens(text: string, line: number): Token[] {
  const list: Token[] = [];
  // Blanks mean nothing in Fortran, except that here they end a word.
  let rest = text.toUpperCase();
  while ((rest = rest.trimStart()) !== "") {
    const match =
      (["number", "name", "operator"] as const)
        .map((kind) => ({ kind, found: { number, name: word, operator }[kind].exec(rest)?.[0] }))
        .find(({ found }) => found !== undefined) ??
      fail(line, `"${rest[0]}" is nothing in a Fortran expression`, text);
    list.push({ kind: match.kind, text: match.found! });
    rest = rest.slice(match.found!.length);
  }
  return [...list, { kind: "end", text: "the end" }];
}

const levels: readonly (readonly string[])[] = [
  [".EQV.", ".NEQV."],
  [".OR."],
  [".AND."],
  [".NOT."],
  [".GT.", ".GE.", ".LT.", ".LE.", ".EQ.", ".NE.", ">", ">=", "<", "<=", "==", "/="],
  ["+", "-"],
  ["*", "/"],
];
const notLevel = 3;
const comparisonLevel = 4;
const sumLevel = 5;
const powerLevel = levels.length;

/** @throws SifError with the line and the words where the expression can't be read. */
export function parseFortran(text: string, line: number): Tree {
  const list = tokens(text, line);
  let at = 0;
  const peek = () => list[at]!;
  const take = (wanted?: string): Token => {
    if (wanted !== undefined && peek().text !== wanted)
      fail(line, `"${wanted}" is wanted before ${peek().text} in the expression`, text);
    return list[at++]!;
  };

  const parseLevel = (level: number): Tree => {
    if (level === powerLevel) return parsePower();
    if (level === notLevel) {
      if (peek().text !== ".NOT.") return parseLevel(level + 1);
      take();
      return { kind: "unary", operator: ".NOT.", of: parseLevel(level) };
    }
    let left: Tree;
    if (level === sumLevel && (peek().text === "-" || peek().text === "+")) {
      const sign = take().text;
      const of = parseLevel(level + 1);
      left = sign === "+" ? of : { kind: "unary", operator: "-", of };
    } else left = parseLevel(level + 1);
    while (levels[level]!.includes(peek().text)) {
      left = { kind: "binary", operator: take().text, left, right: parseLevel(level + 1) };
      if (level === comparisonLevel) break;
    }
    return left;
  };

  const parsePower = (): Tree => {
    const base = parsePrimary();
    if (peek().text !== "**") return base;
    take();
    // The exponent takes a sign of its own (an extension that the files use) and further powers.
    const negative = peek().text === "-";
    if (negative || peek().text === "+") take();
    const exponent = parsePower();
    const right: Tree = negative ? { kind: "unary", operator: "-", of: exponent } : exponent;
    return { kind: "binary", operator: "**", left: base, right };
  };

  const parsePrimary = (): Tree => {
    const token = take();
    if (token.kind === "number")
      return { kind: "number", value: Number(token.text.replace("D", "E")), integer: /^\d+$/.test(token.text) };
    if (token.text === ".TRUE." || token.text === ".FALSE.") return { kind: "logical", value: token.text === ".TRUE." };
    if (token.text === "(") {
      const inside = parseLevel(0);
      take(")");
      return inside;
    }
    if (token.text === "-" || token.text === "+") {
      const of = parsePower();
      return token.text === "+" ? of : { kind: "unary", operator: "-", of };
    }
    if (token.kind !== "name") return fail(line, `a number, a name or "(" is wanted before ${token.text}`, text);
    if (peek().text !== "(") return { kind: "name", name: token.text };
    take();
    const args = [parseLevel(0)];
    while (peek().text === ",") {
      take();
      args.push(parseLevel(0));
    }
    take(")");
    return { kind: "call", name: token.text, args };
  };

  const tree = parseLevel(0);
  if (peek().kind !== "end") fail(line, `${peek().text} isn't understood where it stands in the expression`, text);
  return tree;
}
