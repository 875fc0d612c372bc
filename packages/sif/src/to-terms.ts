// A model as blocks of terms for the kernel compiler: a block for each type of groups, in it an inner block for each type of elements, and one for all
// linear entries.
import type { Expr, Operand, RowBlock, TermBlock } from "@hessia/core/kernel";
import { fail } from "./errors.js";
import type { Tree } from "./fortran.js";
import { evaluateType, type FunctionsPart } from "./functions.js";
import type { Element, FunctionType, Group, Model } from "./model.js";

/** The functions that a model's types name. */
export interface Functions {
  readonly elements: FunctionsPart;
  readonly groups: FunctionsPart;
}

/**
 * Blocks of the groups with the given numbers. Row k of a block is one group: g(Σ w e(x) + aᵀx − b) / scale; `rows` numbers them in the order in
 * which they were given.
 */
export function blocksOf(model: Model, functions: Functions, numbers: readonly number[]): RowBlock[] {
  const byType = new Map<string, number[]>();
  for (const [place, number] of numbers.entries()) {
    const type = model.groups[number]!.type ?? "";
    const places = byType.get(type);
    if (places === undefined) byType.set(type, [place]);
    else places.push(place);
  }
  return [...byType].map(([type, places]) => {
    const groups = places.map((place) => model.groups[numbers[place]!]!);
    const { data, outer } = outerOf(model, functions, type, groups);
    return { groups: groups.length, rows: places, data, outer, inner: innerBlocks(model, functions, groups) };
  });
}

function outerOf(model: Model, functions: Functions, typeName: string, groups: readonly Group[]) {
  const declared = typeName === "" ? undefined : model.groupTypes.get(typeName)!;
  const names = declared?.parameters ?? [];
  const width = 2 + names.length;
  const table = new Float64Array(width * groups.length);
  for (const [k, group] of groups.entries()) {
    table[k * width] = group.constant;
    table[k * width + 1] = 1 / group.scale;
    for (const [j, name] of names.entries())
      table[k * width + 2 + j] =
        group.parameters.get(name) ??
        fail(group.line, `the group "${group.name}" has no value for the parameter ${name}`);
  }
  const outer = (s: Expr, [constant, factor, ...rest]: Expr[]): Expr => {
    const alpha = s.sub(constant!);
    if (declared === undefined) return alpha.mul(factor!);
    const parameters = new Map(names.map((name, j) => [name, rest[j]!] as const));
    const value = evaluateType(
      functions.groups,
      functionOf(functions.groups, declared),
      new Map([[declared.variables[0]!, alpha]]),
      parameters,
    ).value;
    return factor!.mul(value);
  };
  return { data: { width, table }, outer };
}

function functionOf(part: FunctionsPart, type: FunctionType) {
  return part.types.get(type.name) ?? fail(type.line, `the type "${type.name}" has no function: its T card is missing`);
}

interface Use {
  readonly element: Element;
  readonly weight: number;
  readonly group: number;
}

function innerBlocks(model: Model, functions: Functions, groups: readonly Group[]): RowBlock["inner"][number][] {
  const uses = new Map<string, Use[]>();
  const variables: number[] = [];
  const coefficients: number[] = [];
  const owners: number[] = [];
  for (const [k, group] of groups.entries()) {
    for (const [p, v] of group.variables.entries()) {
      variables.push(v);
      coefficients.push(group.coefficients[p]! / model.variables.scale[v]!);
      owners.push(k);
    }
    for (const [p, number] of group.elements.entries()) {
      const element = model.elements[number]!;
      const use = { element, weight: group.weights[p]!, group: k };
      const list = uses.get(element.type!);
      if (list === undefined) uses.set(element.type!, [use]);
      else list.push(use);
    }
  }
  const blocks: RowBlock["inner"][number][] = [];
  if (variables.length > 0)
    blocks.push({
      indices: { arity: 1, table: Int32Array.from(variables) },
      data: { width: 1, table: Float64Array.from(coefficients) },
      group: owners,
      term: ([x], [a]) => x!.mul(a!),
    });
  for (const [type, list] of uses) blocks.push(elementBlock(functions, model.elementTypes.get(type)!, list));
  return blocks;
}

function elementBlock(
  functions: Functions,
  type: FunctionType,
  uses: readonly Use[],
): TermBlock & { readonly group: ArrayLike<number> } {
  const of = functionOf(functions.elements, type);
  const arity = type.variables.length;
  const width = 1 + type.parameters.length;
  const indices = new Int32Array(arity * uses.length);
  const data = new Float64Array(width * uses.length);
  for (const [k, { element, weight }] of uses.entries()) {
    for (const [j, name] of type.variables.entries())
      indices[k * arity + j] =
        element.variables.get(name) ?? fail(element.line, `the element "${element.name}" has no variable for ${name}`);
    data[k * width] = weight;
    for (const [j, name] of type.parameters.entries())
      data[k * width + 1 + j] =
        element.parameters.get(name) ?? fail(element.line, `the element "${element.name}" has no value for ${name}`);
  }
  return {
    indices: { arity, table: indices },
    data: { width, table: data },
    group: Int32Array.from(uses, ({ group }) => group),
    term: (x, [weight, ...parameters]) => {
      const variables = new Map(type.variables.map((name, j) => [name, x[j]!] as const));
      const given = new Map<string, Operand>(type.parameters.map((name, j) => [name, parameters[j]!]));
      return weight!.mul(evaluateType(functions.elements, of, variables, given).value);
    },
  };
}

/**
 * The groups with the given numbers as residuals, where each group is a square: r = √(2/scale) (Σ w e(x) + aᵀx − b), so that f = ½ Σ r². Undefined where
 * one isn't, or subtracts its square.
 */
export function residualBlocks(model: Model, functions: Functions, numbers: readonly number[]): RowBlock[] | undefined {
  if (model.quadratic.values.length > 0 || numbers.length === 0) return undefined;
  const groups = numbers.map((number) => model.groups[number]!);
  const squares = groups.every(
    ({ type, scale }) => type !== undefined && scale > 0 && isSquare(functions.groups, model.groupTypes.get(type)!),
  );
  if (!squares) return undefined;
  const table = Float64Array.from(groups.flatMap(({ constant, scale }) => [constant, Math.sqrt(2 / scale)]));
  return [
    {
      groups: groups.length,
      data: { width: 2, table },
      outer: (s, [constant, factor]) => s.sub(constant!).mul(factor!),
      inner: innerBlocks(model, functions, groups),
    },
  ];
}

/** Whether a type is α·α or α**2, as files of sums of squares write it. */
function isSquare(part: FunctionsPart, type: FunctionType): boolean {
  const { assignments, value } = functionOf(part, type);
  const tree = value?.tree;
  if (assignments.length > 0 || tree?.kind !== "binary") return false;
  const isVariable = (of: Tree) => of.kind === "name" && of.name === type.variables[0]!.toUpperCase();
  const { operator, left, right } = tree;
  if (operator === "*") return isVariable(left) && isVariable(right);
  return operator === "**" && isVariable(left) && right.kind === "number" && right.value === 2;
}

/** The quadratic terms; undefined where there are none. */
export function quadraticBlock({ quadratic: { first, second, values } }: Model): TermBlock | undefined {
  if (values.length === 0) return undefined;
  return {
    indices: { arity: 2, table: Int32Array.from(values.flatMap((_, k) => [first[k]!, second[k]!])) },
    data: { width: 1, table: Float64Array.from(values, (value, k) => (first[k] === second[k] ? value / 2 : value)) },
    term: ([x, y], [h]) => h!.mul(x!).mul(y!),
  };
}
