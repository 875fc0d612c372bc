// What the data part of a SIF file says, as plain lists: variables, groups, elements, and their types.
// The problem is min Σ over objective groups, g(Σ w e(x) + aᵀx − b) / scale, subject to the other groups: Conn, Gould, Toint 1992, section 2.1.

export type GroupKind = "N" | "E" | "L" | "G";

export interface Variables {
  readonly names: string[];
  readonly index: Map<string, number>;
  /** NaN where no card says anything: the default's turn. */
  readonly lower: number[];
  readonly upper: number[];
  readonly start: number[];
  /** The linear entries of a variable are divided by it. */
  readonly scale: number[];
  readonly integers: Set<number>;
}

export interface Group {
  readonly name: string;
  readonly kind: GroupKind;
  readonly line: number;
  /** aᵀx: variables and coefficients; a variable may come more than once. */
  readonly variables: number[];
  readonly coefficients: number[];
  /** b; NaN where no card says anything. */
  constant: number;
  /** The group is divided by it. */
  scale: number;
  /** The width of an inequality; NaN where no card says anything. */
  range: number;
  /** The start value of its multiplier; NaN where no card says anything. */
  multiplier: number;
  type: string | undefined;
  readonly elements: number[];
  readonly weights: number[];
  readonly parameters: Map<string, number>;
}

/** A type of elements or of groups: the names that its function is written with. */
export interface FunctionType {
  readonly name: string;
  readonly line: number;
  /** Elemental variables, or the group's one. */
  readonly variables: string[];
  readonly internal: string[];
  readonly parameters: string[];
}

export interface Element {
  readonly name: string;
  readonly line: number;
  type: string | undefined;
  /** By elemental variable: the problem's variable. */
  readonly variables: Map<string, number>;
  readonly parameters: Map<string, number>;
}

export interface Model {
  name: string;
  readonly variables: Variables;
  readonly groups: Group[];
  readonly groupIndex: Map<string, number>;
  readonly elementTypes: Map<string, FunctionType>;
  readonly groupTypes: Map<string, FunctionType>;
  readonly elements: Element[];
  readonly elementIndex: Map<string, number>;
  /** ½ Σ h x_j x_k over pairs as given, each off-diagonal pair once: in all Σ h x_j x_k, and ½ h x_j² on the diagonal. */
  readonly quadratic: { readonly first: number[]; readonly second: number[]; readonly values: number[] };
  /** Bounds on the objective's value, where the file has them. */
  objectiveLower: number;
  objectiveUpper: number;
}

export const newModel = (): Model => ({
  name: "",
  variables: { names: [], index: new Map(), lower: [], upper: [], start: [], scale: [], integers: new Set() },
  groups: [],
  groupIndex: new Map(),
  elementTypes: new Map(),
  groupTypes: new Map(),
  elements: [],
  elementIndex: new Map(),
  quadratic: { first: [], second: [], values: [] },
  objectiveLower: Number.NEGATIVE_INFINITY,
  objectiveUpper: Number.POSITIVE_INFINITY,
});

/** The number of a variable, which is made if it isn't there. */
export function declareVariable({ names, index, lower, upper, start, scale }: Variables, name: string): number {
  let k = index.get(name);
  if (k === undefined) {
    k = names.length;
    index.set(name, k);
    names.push(name);
    lower.push(Number.NaN);
    upper.push(Number.NaN);
    start.push(Number.NaN);
    scale.push(1);
  }
  return k;
}

export function declareGroup(model: Model, name: string, kind: GroupKind, line: number): Group {
  const k = model.groupIndex.get(name);
  // The kind is what the first card says.
  if (k !== undefined) return model.groups[k]!;
  const group: Group = {
    name,
    kind,
    line,
    variables: [],
    coefficients: [],
    constant: Number.NaN,
    scale: 1,
    range: Number.NaN,
    multiplier: Number.NaN,
    type: undefined,
    elements: [],
    weights: [],
    parameters: new Map(),
  };
  model.groupIndex.set(name, model.groups.length);
  model.groups.push(group);
  return group;
}
