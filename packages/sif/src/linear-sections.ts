// The sections on variables, groups, constants, ranges, bounds, start point and quadratic terms: SIF reference report, sections 3.2.5 to 3.2.13.
//
// Where several sets of constants, ranges, bounds or start points are given, the first one is taken, or the one that is asked for.
import { type Card, numberOf } from "./cards.js";
import { fail } from "./errors.js";
import { declareGroup, declareVariable, type Group, type GroupKind, type Model } from "./model.js";
import { expand, type Parameters, real } from "./parameters.js";

/** The names of the sets to take. */
export interface Sets {
  constants?: string;
  ranges?: string;
  bounds?: string;
  start?: string;
}

/** What is being read, and with what in hand. */
export interface Reading {
  readonly model: Model;
  readonly parameters: Parameters;
  /** Taken so far: undefined until a section has named one. */
  readonly sets: Sets;
  /** Defaults that bound and start cards have set. */
  readonly defaults: {
    lower: number;
    upper: number;
    start: number;
    multiplier: number;
    constant: number;
    range: number;
  };
}

const isArray = (card: Card): boolean => card.code[0] === "X" || card.code[0] === "Z";

/** A name of field 2, 3 or 5, expanded on array cards. */
export const nameOn = (card: Card, name: string, parameters: Parameters): string =>
  isArray(card) || card.code[0] === "D" ? expand(name, parameters, card) : name;

/** The pairs of a name and a number that a card has: from fields 3 and 4, 5 and 6; on a Z card the number is a parameter's. */
export function pairsOn(card: Card, parameters: Parameters, each: (name: string, value: number) => void): void {
  if (card.f3 === "") return;
  if (card.code[0] === "Z") {
    const value = real(parameters, expand(card.f5, parameters, card), card);
    each(quoted(card.f3) ? card.f3 : expand(card.f3, parameters, card), value);
    return;
  }
  const one = (name: string, text: string) =>
    each(quoted(name) ? name : nameOn(card, name, parameters), numberOf(card, text));
  one(card.f3, card.f4);
  if (card.f5 !== "") one(card.f5, card.f6);
}

const quoted = (name: string): boolean => name.startsWith("'");

/** Whether a card belongs to the set that is taken; the first one met is, where none is asked for. */
function taken(reading: Reading, set: keyof Sets, card: Card): boolean {
  reading.sets[set] ??= card.f2;
  return reading.sets[set] === card.f2;
}

const variableOn = ({ model }: Reading, name: string, card: Card): number =>
  model.variables.index.get(name) ?? fail(card.line, `there is no variable "${name}"`, card.text);

const groupOn = ({ model }: Reading, name: string, card: Card): Group =>
  model.groups[model.groupIndex.get(name) ?? fail(card.line, `there is no group "${name}"`, card.text)]!;

export function readVariable(reading: Reading, card: Card): void {
  const { model, parameters } = reading;
  if (!["", "X", "Z"].includes(card.code)) fail(card.line, "an unknown code on a card of VARIABLES", card.text);
  const k = declareVariable(model.variables, nameOn(card, card.f2, parameters));
  if (card.f3 === "'INTEGER'" || card.f3 === "'ZERO-ONE'") {
    model.variables.integers.add(k);
    if (card.f3 === "'ZERO-ONE'") {
      model.variables.lower[k] = 0;
      model.variables.upper[k] = 1;
    }
    return;
  }
  pairsOn(card, parameters, (name, value) => {
    if (name === "'SCALE'") model.variables.scale[k] = requireScale(card, value);
    else addEntry(groupOn(reading, name, card), k, value);
  });
}

export function readGroup(reading: Reading, card: Card): void {
  const { model, parameters } = reading;
  const kind = (card.code.length === 2 ? card.code[1] : card.code[0]) as GroupKind | undefined;
  if (kind === undefined || !/^[XZD]?[NELG]$/.test(card.code))
    fail(card.line, "an unknown code on a card of GROUPS", card.text);
  const group = declareGroup(model, nameOn(card, card.f2, parameters), kind, card.line);
  pairsOn(card, parameters, (name, value) => {
    if (name === "'SCALE'") group.scale = requireScale(card, value);
    else if (card.code[0] === "D") {
      const from = groupOn(reading, name, card);
      for (const [p, v] of from.variables.entries()) addEntry(group, v, value * from.coefficients[p]!);
    } else addEntry(group, variableOn(reading, name, card), value);
  });
}

function requireScale(card: Card, value: number): number {
  if (value === 0) fail(card.line, "a scale of 0", card.text);
  return value;
}

function addEntry({ variables, coefficients }: Group, variable: number, value: number): void {
  variables.push(variable);
  coefficients.push(value);
}

export function readConstant(reading: Reading, card: Card): void {
  if (!taken(reading, "constants", card)) return;
  pairsOn(card, reading.parameters, (name, value) => {
    if (name === "'DEFAULT'") reading.defaults.constant = value;
    else groupOn(reading, name, card).constant = value;
  });
}

export function readRange(reading: Reading, card: Card): void {
  if (!taken(reading, "ranges", card)) return;
  pairsOn(card, reading.parameters, (name, value) => {
    if (name === "'DEFAULT'") reading.defaults.range = value;
    else groupOn(reading, name, card).range = value;
  });
}

const boundKinds: Readonly<Record<string, string>> = {
  LO: "L",
  UP: "U",
  FX: "X",
  FR: "R",
  MI: "M",
  PL: "P",
  XL: "L",
  XU: "U",
  XX: "X",
  XR: "R",
  XM: "M",
  XP: "P",
  ZL: "L",
  ZU: "U",
  ZX: "X",
};

export function readBound(reading: Reading, card: Card): void {
  if (!taken(reading, "bounds", card)) return;
  const kind = boundKinds[card.code] ?? fail(card.line, "an unknown code on a card of BOUNDS", card.text);
  const { parameters, defaults, model } = reading;
  const { lower, upper } = model.variables;
  const value =
    kind === "R" || kind === "M" || kind === "P"
      ? Number.NaN
      : card.code[0] === "Z"
        ? real(parameters, expand(card.f5, parameters, card), card)
        : numberOf(card, card.f4);
  if (card.f3 === "'DEFAULT'") {
    if (kind === "L" || kind === "X") defaults.lower = value;
    if (kind === "U" || kind === "X") defaults.upper = value;
    if (kind === "R" || kind === "M") defaults.lower = Number.NEGATIVE_INFINITY;
    if (kind === "R" || kind === "P") defaults.upper = Number.POSITIVE_INFINITY;
    return;
  }
  const k = variableOn(reading, nameOn(card, card.f3, parameters), card);
  const untouched = Number.isNaN(lower[k]) && defaults.lower === 0 && defaults.upper === Number.POSITIVE_INFINITY;
  switch (kind) {
    case "L":
      lower[k] = value;
      return;
    case "U":
      // As in MPS files: an upper bound that leaves nothing above the default lower bound of 0 frees it.
      if (untouched && value <= 0) lower[k] = Number.NEGATIVE_INFINITY;
      upper[k] = value;
      return;
    case "X":
      lower[k] = value;
      upper[k] = value;
      return;
    case "R":
      lower[k] = Number.NEGATIVE_INFINITY;
      upper[k] = Number.POSITIVE_INFINITY;
      return;
    case "M":
      if (untouched && Number.isNaN(upper[k])) upper[k] = 0;
      lower[k] = Number.NEGATIVE_INFINITY;
      return;
    default:
      upper[k] = Number.POSITIVE_INFINITY;
  }
}

export function readStart(reading: Reading, card: Card): void {
  if (!taken(reading, "start", card)) return;
  if (!/^[XZ]?[VM]?$/.test(card.code)) fail(card.line, "an unknown code on a card of START POINT", card.text);
  const { model, defaults } = reading;
  const forVariables = !card.code.endsWith("M");
  const forMultipliers = !card.code.endsWith("V");
  pairsOn(card, reading.parameters, (name, value) => {
    if (name === "'DEFAULT'") {
      if (forVariables) defaults.start = value;
      if (forMultipliers) defaults.multiplier = value;
      return;
    }
    const k = forVariables ? model.variables.index.get(name) : undefined;
    if (k !== undefined) model.variables.start[k] = value;
    else if (forMultipliers) groupOn(reading, name, card).multiplier = value;
    else fail(card.line, `there is no variable "${name}"`, card.text);
  });
}

export function readQuadratic(reading: Reading, card: Card): void {
  if (!["", "X", "Z"].includes(card.code)) fail(card.line, "an unknown code on a card of QUADRATIC", card.text);
  const { quadratic } = reading.model;
  const first = variableOn(reading, nameOn(card, card.f2, reading.parameters), card);
  pairsOn(card, reading.parameters, (name, value) => {
    quadratic.first.push(first);
    quadratic.second.push(variableOn(reading, name, card));
    quadratic.values.push(value);
  });
}

export function readObjectiveBound({ model, parameters }: Reading, card: Card): void {
  const kind = /^(LO|UP|XL|XU|ZL|ZU)$/.exec(card.code)?.[0];
  if (kind === undefined) fail(card.line, "an unknown code on a card of OBJECT BOUND", card.text);
  const value = kind[0] === "Z" ? real(parameters, expand(card.f5, parameters, card), card) : numberOf(card, card.f4);
  if (kind === "LO" || kind.endsWith("L")) model.objectiveLower = value;
  else model.objectiveUpper = value;
}
