// The ELEMENTS and GROUPS parts: what each type computes. SIF reference report, sections 4 and 5.
//
// F, G and H are kept as they stand. Only F is used: derivatives come from the kernel compiler; G and H, and range transformations, are there so that tests
// can hold one against the other.
import type { Expr, Operand } from "@hessia/core/kernel";
import type { Card, Section } from "./cards.js";
import { numberOf } from "./cards.js";
import { fail } from "./errors.js";
import { choose, evaluate, realValue, type Value } from "./evaluate.js";
import { parseFortran, type Tree } from "./fortran.js";

interface Formula {
  readonly line: number;
  readonly text: string;
  readonly tree: Tree;
}

/** name = formula, always, or where a logical value is true ("I") or false ("E"). */
interface Assignment {
  readonly name: string;
  readonly formula: Formula;
  readonly where?: { readonly logical: string; readonly is: boolean };
}

/** What a type computes. */
export interface TypeFunction {
  readonly line: number;
  /** Internal variables as linear combinations of elemental ones. */
  readonly ranges: { readonly internal: string; readonly elemental: string; readonly coefficient: number }[];
  readonly assignments: Assignment[];
  value: Formula | undefined;
  /** By variable: ∂F, as the file states it. */
  readonly gradient: Map<string, Formula>;
  /** By a pair of variables, "U V": ∂²F, as the file states it. */
  readonly hessian: Map<string, Formula>;
}

export interface FunctionsPart {
  /** INTEGER auxiliary names. */
  readonly integers: Set<string>;
  readonly globals: Assignment[];
  readonly types: Map<string, TypeFunction>;
}

const empty = (): FunctionsPart => ({ integers: new Set(), globals: [], types: new Map() });

/** Reads the sections of one part, ELEMENTS or GROUPS, that follow its indicator card. */
export function readFunctions(sections: readonly Section[]): FunctionsPart {
  const part = empty();
  for (const section of sections) {
    if (section.name === "TEMPORARIES") {
      for (const card of section.cards) {
        if (!["I", "R", "L", "M", "F"].includes(card.code))
          fail(card.line, "an unknown code on a card of TEMPORARIES", card.text);
        if (card.code === "I") part.integers.add(card.f2.trim().toUpperCase());
      }
    } else if (section.name === "GLOBALS") {
      for (const [card, text] of continued(section.cards)) part.globals.push(assignment(card, text));
    } else if (section.name === "INDIVIDUALS") readIndividuals(part, section);
  }
  return part;
}

/** Cards together with the text of field 7 that their continuations add. */
function continued(cards: readonly Card[]): [Card, string][] {
  const list: [Card, string][] = [];
  for (const card of cards) {
    if (card.code.endsWith("+") && card.code[0] !== "R") {
      const last = list.at(-1);
      if (last === undefined || last[0].code[0] !== card.code[0])
        fail(card.line, "a continuation of nothing", card.text);
      last[1] += ` ${card.f7}`;
    } else list.push([card, card.f7]);
  }
  return list;
}

const fortranName = (text: string): string => text.trim().toUpperCase();

function formula(card: Card, text: string): Formula {
  return { line: card.line, text, tree: parseFortran(text, card.line) };
}

function assignment(card: Card, text: string): Assignment {
  if (card.code === "A") return { name: fortranName(card.f2), formula: formula(card, text) };
  if (card.code === "I" || card.code === "E") {
    const where = { logical: fortranName(card.f2), is: card.code === "I" };
    return { name: fortranName(card.f3), formula: formula(card, text), where };
  }
  return fail(card.line, "an unknown code on a card with an expression", card.text);
}

function readIndividuals(part: FunctionsPart, section: Section): void {
  let type: TypeFunction | undefined;
  for (const [card, text] of continued(section.cards)) {
    if (card.code === "T") {
      if (part.types.has(card.f2)) fail(card.line, `the type "${card.f2}" is defined twice`, card.text);
      type = {
        line: card.line,
        ranges: [],
        assignments: [],
        value: undefined,
        gradient: new Map(),
        hessian: new Map(),
      };
      part.types.set(card.f2, type);
      continue;
    }
    if (type === undefined) fail(card.line, "a card before the first T of INDIVIDUALS", card.text);
    switch (card.code) {
      case "R":
      case "R+":
        readRange(type, card);
        break;
      case "F":
        type.value = formula(card, text);
        break;
      case "G":
        type.gradient.set(fortranName(card.f2), formula(card, text));
        break;
      case "H":
        type.hessian.set(`${fortranName(card.f2)} ${fortranName(card.f3)}`.trim(), formula(card, text));
        break;
      default:
        type.assignments.push(assignment(card, text));
    }
  }
}

function readRange(type: TypeFunction, card: Card): void {
  const add = (elemental: string, coefficient: string) => {
    if (elemental === "") return;
    const internal = fortranName(card.f2);
    type.ranges.push({ internal, elemental: fortranName(elemental), coefficient: numberOf(card, coefficient) });
  };
  add(card.f3, card.f4);
  add(card.f5, card.f6);
}

/** Carries out assignments in order; answers the scope with what they set. */
function carryOut(
  assignments: readonly Assignment[],
  integers: ReadonlySet<string>,
  scope: Map<string, Value>,
): Map<string, Value> {
  for (const { name, formula: of, where } of assignments) {
    const value = evaluate(of.tree, scope, of.line, of.text);
    const kept = { of: value.of, integer: integers.has(name) };
    if (where === undefined) {
      scope.set(name, kept);
      continue;
    }
    const condition = scope.get(where.logical)?.of ?? fail(of.line, `"${where.logical}" has no value here`, of.text);
    const before = scope.get(name)?.of ?? 0;
    const chosen = where.is ? choose(condition, value.of, before) : choose(condition, before, value.of);
    scope.set(name, { of: chosen, integer: kept.integer });
  }
  return scope;
}

/** A type as a function of its variables and parameters, by name. */
export interface Evaluated {
  readonly value: Operand;
  /** ∂F/∂u and ∂²F/∂u∂v as the file states them; u are internal variables where there are any. */
  readonly gradient: ReadonlyMap<string, Operand>;
  readonly hessian: ReadonlyMap<string, Operand>;
  /** The variables that F is written in, with their values. */
  readonly inner: ReadonlyMap<string, Operand>;
}

/**
 * Evaluates a type's formulas.
 * @param stated also those of the derivatives.
 */
export function evaluateType(
  part: FunctionsPart,
  type: TypeFunction,
  variables: ReadonlyMap<string, Expr>,
  parameters: ReadonlyMap<string, Operand>,
  stated = false,
): Evaluated {
  const scope = new Map<string, Value>();
  for (const [name, value] of parameters) scope.set(name, realValue(value));
  const inner = new Map<string, Operand>();
  if (type.ranges.length === 0) for (const [name, value] of variables) inner.set(name, value);
  for (const { internal, elemental, coefficient } of type.ranges) {
    const x = variables.get(elemental) ?? fail(type.line, `"${elemental}" is no elemental variable of the type`);
    const part = coefficient === 1 ? x : x.mul(coefficient);
    const before = inner.get(internal);
    inner.set(internal, before === undefined ? part : part.add(before));
  }
  for (const [name, value] of inner) scope.set(name, realValue(value));
  carryOut(part.globals, part.integers, scope);
  for (const [name, value] of inner) scope.set(name, realValue(value));
  carryOut(type.assignments, part.integers, scope);
  const of = (formula: Formula) => evaluate(formula.tree, scope, formula.line, formula.text).of;
  const all = (formulas: ReadonlyMap<string, Formula>) =>
    new Map(stated ? [...formulas].map(([name, formula]) => [name, of(formula)] as const) : []);
  if (type.value === undefined) fail(type.line, "the type has no card F");
  return { value: of(type.value), gradient: all(type.gradient), hessian: all(type.hessian), inner };
}
