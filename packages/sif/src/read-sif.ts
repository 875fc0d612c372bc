// A problem of the CUTEst collection from its SIF file.
//
// Conn, Gould, Toint 1992, "LANCELOT", chapters 2 and 7; Gould, Orban, Toint 2015, "CUTEst: a constrained and unconstrained testing environment with safe
// threads", Comput. Optim. Appl. 60(3).
import {
  describe,
  type HasBounds,
  type HasConstraints,
  misuse,
  requireKnownOptions,
  requireNumber,
  type Vector,
} from "@hessia/core";
import {
  leastSquaresFromTerms,
  problemFromTerms,
  type RowBlock,
  systemFromTerms,
  type TermBlock,
  type TermsLeastSquares,
  type TermsOptions,
  type TermsProblem,
} from "@hessia/core/kernel";
import { type Card, readSections, type Section } from "./cards.js";
import { fail } from "./errors.js";
import { readFunctions } from "./functions.js";
import {
  type Reading,
  readBound,
  readConstant,
  readGroup,
  readObjectiveBound,
  readQuadratic,
  readRange,
  readStart,
  readVariable,
  type Sets,
} from "./linear-sections.js";
import { type Budget, runCards } from "./loops.js";
import { type Group, newModel } from "./model.js";
import { type DefaultTypes, readElementUse, readGroupUse, readType } from "./nonlinear-sections.js";
import { newParameters } from "./parameters.js";
import { blocksOf, type Functions, quadraticBlock, residualBlocks } from "./to-terms.js";

export interface SifOptions extends TermsOptions {
  /** Values in place of those on the file's IE and RE cards, by name: { N: 1000 }. See `offered` of the result. */
  readonly parameters?: Readonly<Record<string, number>>;
  /** Which set of constants, ranges, bounds and start points to take, by the name in field 2. Default: the first. */
  readonly sets?: Readonly<Sets>;
  /** The most cards to carry out, loops counted as often as they run. Default 5·10⁷. */
  readonly maxCards?: number;
}

/** A problem with value, gradient, sparse Hessian and Hessian-vector products, bounds and constraints. */
export interface SifProblem extends TermsProblem, HasBounds, HasConstraints {
  readonly name: string;
  /** "OUR2-AY-4-0": the classification that the file's comments give; undefined where they don't. */
  readonly classification: string | undefined;
  readonly variableNames: readonly string[];
  readonly constraintNames: readonly string[];
  /** The file's start, not clipped to the bounds. */
  readonly start: Vector;
  /** Start values of the multipliers, one a constraint. */
  readonly multipliers: Vector;
  /** Variables that may only take whole values; empty but for mixed-integer problems. */
  readonly integers: readonly number[];
  /** Bounds on the objective's value that the file states. */
  readonly objectiveBounds: readonly [number, number];
  /** The values that the file's comments (*LO SOLTN) or cards call solutions, with the rest of their lines. Often for another size, some wrong. */
  readonly solutions: readonly { readonly value: number; readonly note: string }[];
  /** Parameters that the file marks as meant to be changed, with their values. */
  readonly offered: ReadonlyMap<string, number>;
  /** f + λᵀc for given multipliers, as a problem of its own. */
  lagrangian(multipliers: ArrayLike<number>): TermsProblem;
  /** The objective as ½ ‖r‖² with r and its sparse Jacobian, where every group of it is a square; undefined else. Its sum may differ from f's by rounding. */
  leastSquares(): TermsLeastSquares | undefined;
}

/**
 * Reads a SIF file: data, elements and groups. Derivatives are exact: element and group types go through the kernel compiler.
 * @throws SifError with the line and its words where the file can't be read: an unknown card, a bad number, a name that isn't there, a loop or a
 * section that isn't ended, too many cards. ArgumentError for a parameter that the file doesn't have, or a wrong option.
 */
export function readSif(text: string, options: SifOptions = {}): SifProblem {
  const routine = "readSif";
  if (typeof text !== "string") misuse(routine, "text", describe(text), "the text of a SIF file");
  requireKnownOptions(routine, options, ["parameters", "sets", "maxCards", "evaluation", "threads"]);
  const { parameters: given = {}, sets = {}, maxCards = 5e7, ...termsOptions } = options;
  requireNumber(routine, "options.maxCards", maxCards, { atLeast: 1 });
  requireKnownOptions(routine, sets, ["constants", "ranges", "bounds", "start"]);
  for (const [name, value] of Object.entries(given)) requireNumber(routine, `options.parameters.${name}`, value, {});
  const { reading, functions } = interpret(text, given, sets, maxCards);
  return makeProblem(text, reading, functions, termsOptions);
}

/** What a file says, before anything is compiled. */
export function interpret(
  text: string,
  given: Readonly<Record<string, number>> = {},
  sets: Readonly<Sets> = {},
  maxCards = 5e7,
): { readonly reading: Reading; readonly functions: Functions } {
  const { data, elements, groups } = partsOf(readSections(text));
  const reading: Reading = {
    model: newModel(),
    parameters: newParameters(given),
    sets: { ...sets },
    defaults: {
      lower: 0,
      upper: Number.POSITIVE_INFINITY,
      start: 0,
      multiplier: 0,
      constant: 0,
      range: Number.POSITIVE_INFINITY,
    },
  };
  readData(reading, data, { cards: maxCards });
  const missing = Object.keys(given).filter((name) => !reading.parameters.met.has(name));
  if (missing.length > 0) {
    const known = [...reading.parameters.offered.keys()].join(", ") || "none";
    misuse("readSif", "options.parameters", `"${missing[0]}"`, `a parameter of the file (it offers ${known})`);
  }
  return { reading, functions: { elements: readFunctions(elements), groups: readFunctions(groups) } };
}

/** The three parts: from NAME, ELEMENTS and GROUPS to their ENDATA. */
function partsOf(sections: readonly Section[]): Record<"data" | "elements" | "groups", Section[]> {
  const parts = { data: [] as Section[], elements: [] as Section[], groups: [] as Section[] };
  if (sections.length === 0) fail(0, "the file is empty");
  let part: Section[] | undefined;
  let opened: Section | undefined;
  for (const section of sections) {
    if (part === undefined) {
      const begins = { NAME: "data", ELEMENTS: "elements", GROUPS: "groups" } as const;
      const name = begins[section.name as keyof typeof begins];
      if (name === undefined)
        fail(section.line, `${section.name} outside of every part: NAME, ELEMENTS or GROUPS is wanted`);
      part = parts[name];
      if (part.length > 0) fail(section.line, `a second part ${section.name}`);
      opened = section;
      part.push(section);
    } else if (section.name === "ENDATA") part = undefined;
    else part.push(section);
  }
  if (part !== undefined) fail(opened!.line, `the part ${opened!.name} isn't ended by ENDATA: the file is cut off`);
  if (parts.data.length === 0) fail(sections[0]!.line, "the file has no part NAME");
  return parts;
}

function readData(reading: Reading, sections: readonly Section[], budget: Budget): void {
  const { model, parameters } = reading;
  const types: DefaultTypes = { element: undefined, group: undefined };
  const handlers: Readonly<Record<string, (card: Card) => void>> = {
    NAME: (card) => fail(card.line, "only parameters may stand before the first section", card.text),
    VARIABLES: (card) => readVariable(reading, card),
    GROUPS: (card) => readGroup(reading, card),
    CONSTANTS: (card) => readConstant(reading, card),
    RANGES: (card) => readRange(reading, card),
    BOUNDS: (card) => readBound(reading, card),
    "START POINT": (card) => readStart(reading, card),
    QUADRATIC: (card) => readQuadratic(reading, card),
    "ELEMENT TYPE": (card) => readType(model.elementTypes, card),
    "ELEMENT USES": (card) => readElementUse(reading, types, card),
    "GROUP TYPE": (card) => readType(model.groupTypes, card),
    "GROUP USES": (card) => readGroupUse(reading, types, card),
    "OBJECT BOUND": (card) => readObjectiveBound(reading, card),
  };
  for (const section of sections) {
    const handle = handlers[section.name];
    if (handle === undefined) fail(section.line, `${section.name} has no place in the data`);
    if (section.name === "NAME") model.name = section.rest;
    runCards(section.cards, parameters, budget, handle);
  }
  finish(reading, types);
}

/** Puts defaults where no card said anything, and looks whether everything is there. */
function finish({ model, defaults }: Reading, types: DefaultTypes): void {
  const { variables } = model;
  const fill = (list: number[], value: number) => {
    for (let k = 0; k < list.length; k++) if (Number.isNaN(list[k])) list[k] = value;
  };
  fill(variables.lower, defaults.lower);
  fill(variables.upper, defaults.upper);
  fill(variables.start, defaults.start);
  for (const [k, name] of variables.names.entries())
    if (variables.lower[k]! > variables.upper[k]!)
      fail(0, `the bounds of "${name}" exclude each other: ${variables.lower[k]} > ${variables.upper[k]}`);
  for (const group of model.groups) {
    if (Number.isNaN(group.constant)) group.constant = defaults.constant;
    if (Number.isNaN(group.range)) group.range = defaults.range;
    if (Number.isNaN(group.multiplier)) group.multiplier = defaults.multiplier;
    group.type ??= types.group;
  }
  for (const element of model.elements) {
    element.type ??= types.element;
    if (element.type === undefined) fail(element.line, `the element "${element.name}" has no type`);
  }
}

function makeProblem(text: string, reading: Reading, functions: Functions, options: TermsOptions): SifProblem {
  const { model, parameters } = reading;
  const n = model.variables.names.length;
  const numbers = (wanted: (group: Group) => boolean) => model.groups.flatMap((group, k) => (wanted(group) ? [k] : []));
  const free = numbers(({ kind }) => kind === "N");
  const objective = blocksOf(model, functions, free);
  const quadratic = quadraticBlock(model);
  const quadraticBlocks: readonly TermBlock[] = quadratic === undefined ? [] : [quadratic];
  const constrained = numbers(({ kind }) => kind !== "N");
  const constraints = blocksOf(model, functions, constrained);
  const problem = problemFromTerms(n, [...objective, ...quadraticBlocks], options);
  const groups = constrained.map((k) => model.groups[k]!);
  return Object.assign(problem, {
    name: model.name,
    classification: /^\*\s*classification\s+(\S+)/im.exec(text)?.[1],
    variableNames: model.variables.names,
    constraintNames: groups.map(({ name }) => name),
    lower: Float64Array.from(model.variables.lower),
    upper: Float64Array.from(model.variables.upper),
    start: Float64Array.from(model.variables.start),
    multipliers: Float64Array.from(groups, ({ multiplier }) => multiplier),
    integers: [...model.variables.integers],
    objectiveBounds: [model.objectiveLower, model.objectiveUpper] as const,
    solutions: solutionsOf(text),
    offered: parameters.offered,
    constraints: Object.assign(systemFromTerms(n, constraints, options), sidesOf(groups)),
    lagrangian(multipliers: ArrayLike<number>): TermsProblem {
      if (multipliers?.length !== groups.length)
        misuse("lagrangian", "multipliers", describe(multipliers), `${groups.length} numbers, one a constraint`);
      const weighted = constraints.map((block) => weightedBlock(block, multipliers));
      return problemFromTerms(n, [...objective, ...quadraticBlocks, ...weighted], options);
    },
    leastSquares() {
      const residuals = residualBlocks(model, functions, free);
      return residuals === undefined ? undefined : leastSquaresFromTerms(n, residuals, options);
    },
  });
}

/** A block of constraints, each times its multiplier. */
function weightedBlock({ rows, data, outer, ...block }: RowBlock, multipliers: ArrayLike<number>): RowBlock {
  const { width, table } = data as { width: number; table: Float64Array };
  const wider = new Float64Array((width + 1) * block.groups);
  for (let k = 0; k < block.groups; k++) {
    wider.set(table.subarray(k * width, (k + 1) * width), k * (width + 1));
    wider[k * (width + 1) + width] = multipliers[rows![k]!]!;
  }
  return {
    ...block,
    data: { width: width + 1, table: wider },
    outer: (s, d) => outer(s, d.slice(0, width)).mul(d[width]!),
  };
}

/** c = 0, c ≥ 0 or c ≤ 0, with the other side that a range gives. */
function sidesOf(groups: readonly Group[]): HasBounds {
  const sides = groups.map(({ kind, range }): readonly [number, number] => {
    if (kind === "E") return [0, 0];
    return kind === "G" ? [0, Math.abs(range)] : [-Math.abs(range), 0];
  });
  return { lower: Float64Array.from(sides, ([low]) => low), upper: Float64Array.from(sides, ([, high]) => high) };
}

function solutionsOf(text: string): { value: number; note: string }[] {
  return [...text.matchAll(/^\*?\s*(?:LO|ZL|XL)\s+SOLTN\S*\s+([-+.0-9DEde]+)(.*)$/gm)].flatMap(([, number, note]) => {
    const value = Number(number!.replace(/[dD]/, "e"));
    return Number.isFinite(value) ? [{ value, note: note!.replace(/^\s*\$?\s*/, "").trim() }] : [];
  });
}
