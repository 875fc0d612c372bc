// The sections on types and uses of elements and groups: SIF reference report, sections 3.2.14 to 3.2.17.
import type { Card } from "./cards.js";
import { numberOf } from "./cards.js";
import { fail } from "./errors.js";
import { nameOn, pairsOn, type Reading } from "./linear-sections.js";
import { declareVariable, type Element, type FunctionType } from "./model.js";
import { expand, real } from "./parameters.js";

/** Default types, set by cards that name 'DEFAULT'. */
export interface DefaultTypes {
  element: string | undefined;
  group: string | undefined;
}

export function readType(types: Map<string, FunctionType>, card: Card): void {
  const lists = { EV: "variables", IV: "internal", EP: "parameters", GV: "variables", GP: "parameters" } as const;
  const list = lists[card.code as keyof typeof lists];
  if (list === undefined) fail(card.line, "an unknown code on a card of a type", card.text);
  let type = types.get(card.f2);
  if (type === undefined) {
    type = { name: card.f2, line: card.line, variables: [], internal: [], parameters: [] };
    types.set(card.f2, type);
  }
  for (const name of [card.f3, card.f5]) {
    if (name === "") continue;
    const word = name.trim().toUpperCase();
    if (!/^[A-Z][A-Z0-9]{0,9}$/.test(word)) fail(card.line, `"${name}" is no Fortran name`, card.text);
    if (type[list].includes(word)) fail(card.line, `"${name}" is named twice for the type ${type.name}`, card.text);
    type[list].push(word);
  }
}

export function readElementUse(reading: Reading, defaults: DefaultTypes, card: Card): void {
  const { model, parameters } = reading;
  const code = card.code.at(-1);
  if (!/^(X?T|Z?V|[XZ]?P|XV)$/.test(card.code)) fail(card.line, "an unknown code on a card of ELEMENT USES", card.text);
  if (code === "T") {
    if (!model.elementTypes.has(card.f3)) fail(card.line, `there is no element type "${card.f3}"`, card.text);
    if (card.f2 === "'DEFAULT'") {
      defaults.element = card.f3;
      return;
    }
  }
  const element = declareElement(reading, nameOn(card, card.f2, parameters), card);
  if (code === "T") {
    if (element.type !== undefined && element.type !== card.f3)
      fail(card.line, `the element "${element.name}" has the type ${element.type} already`, card.text);
    element.type = card.f3;
    return;
  }
  const type = model.elementTypes.get(element.type ?? defaults.element ?? "");
  if (type === undefined) fail(card.line, `the element "${element.name}" has no type yet`, card.text);
  element.type ??= type.name;
  if (code === "V") {
    const own = card.f3.trim().toUpperCase();
    if (!type.variables.includes(own))
      fail(card.line, `the element type ${type.name} has no elemental variable "${card.f3}"`, card.text);
    if (card.f5 === "") fail(card.line, "a variable is wanted in field 5", card.text);
    element.variables.set(own, declareVariable(model.variables, nameOn(card, card.f5, parameters)));
    return;
  }
  setParameters(reading, type, element.parameters, card);
}

function declareElement({ model }: Reading, name: string, card: Card): Element {
  let k = model.elementIndex.get(name);
  if (k === undefined) {
    k = model.elements.length;
    model.elementIndex.set(name, k);
    model.elements.push({ name, line: card.line, type: undefined, variables: new Map(), parameters: new Map() });
  }
  return model.elements[k]!;
}

/** Parameters of a type are plain names, also on array cards. */
function setParameters({ parameters }: Reading, type: FunctionType, into: Map<string, number>, card: Card): void {
  const set = (name: string, value: number) => {
    const word = name.trim().toUpperCase();
    if (!type.parameters.includes(word)) fail(card.line, `the type ${type.name} has no parameter "${name}"`, card.text);
    into.set(word, value);
  };
  if (card.code[0] === "Z") {
    set(card.f3, real(parameters, expand(card.f5, parameters, card), card));
    return;
  }
  set(card.f3, numberOf(card, card.f4));
  if (card.f5 !== "") set(card.f5, numberOf(card, card.f6));
}

export function readGroupUse(reading: Reading, defaults: DefaultTypes, card: Card): void {
  const { model, parameters } = reading;
  const code = card.code.at(-1);
  if (!/^(X?T|[XZ]?E|[XZ]?P)$/.test(card.code)) fail(card.line, "an unknown code on a card of GROUP USES", card.text);
  if (code === "T" && card.f2 === "'DEFAULT'") {
    requireGroupType(reading, card);
    defaults.group = card.f3;
    return;
  }
  const name = nameOn(card, card.f2, parameters);
  const group = model.groups[model.groupIndex.get(name) ?? fail(card.line, `there is no group "${name}"`, card.text)]!;
  if (code === "T") {
    requireGroupType(reading, card);
    group.type = card.f3;
    return;
  }
  if (code === "P") {
    const type = model.groupTypes.get(group.type ?? defaults.group ?? "");
    if (type === undefined) fail(card.line, `the group "${name}" has no type with parameters`, card.text);
    setParameters(reading, type, group.parameters, card);
    return;
  }
  const add = (element: string, weight: number) => {
    group.elements.push(
      model.elementIndex.get(element) ?? fail(card.line, `there is no element "${element}"`, card.text),
    );
    group.weights.push(weight);
  };
  if (card.code[0] === "Z") pairsOn(card, parameters, add);
  else
    for (const [element, weight] of [
      [card.f3, card.f4],
      [card.f5, card.f6],
    ] as const)
      if (element !== "") add(nameOn(card, element, parameters), weight === "" ? 1 : numberOf(card, weight));
}

function requireGroupType({ model }: Reading, card: Card): void {
  if (!model.groupTypes.has(card.f3)) fail(card.line, `there is no group type "${card.f3}"`, card.text);
}
