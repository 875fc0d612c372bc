// The terms over one set of elements: traced once to see what they read, then a block of core's kernel compiler for each arity, with a data table of just that.
import { describe, misuse } from "@hessia/core";
import { type Expr, type FilledData, Mat, type TermBlock, trace, Vec } from "@hessia/core/kernel";
import type { ElementKind, Elements } from "./elements.js";
import {
  type Column,
  columnOf,
  type ElementData,
  elementValues,
  flattenValues,
  type Parameters,
  requireNamed,
  symbolOf,
  type VertexData,
} from "./passive.js";
import type { Unknowns } from "./unknowns.js";

/** What the user's function is called with besides its unknowns. */
export interface RawElement {
  readonly data: Readonly<Record<string, unknown>>;
  readonly vertexData: Readonly<Record<string, readonly unknown[]>>;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly valence: number;
  readonly isBoundary: boolean;
}
export type RawTerm = (vertices: readonly unknown[], element: RawElement) => unknown;

/** Terms as they are added. */
export interface TermSet {
  readonly name: string;
  readonly kind: ElementKind;
  readonly elements: readonly Elements[];
  readonly term: RawTerm;
  data: ElementData;
  vertexData: VertexData;
}

/** A block of terms of one arity; its data are kept by whoever evaluates it. */
export interface TermsOfArity {
  readonly set: TermSet;
  readonly elements: Elements;
  readonly count: number;
  readonly columns: readonly Column[];
  /** Numbers of vertices are kept by vertex, where these are fewer than the corners of the terms. */
  readonly isByVertex: boolean;
}

type Put = (row: number, slot: number, value: number) => void;

const routine = "scalarFunction";

/** Checks what was given with a set of terms. */
export function requireTermSet(set: TermSet, vertexCount: number): void {
  if (typeof set.term !== "function")
    misuse(routine, `${set.name}`, describe(set.term), "a function (vertices, element) => Expr or Vec");
  requireNamed(routine, `${set.name}.data`, set.data);
  requireNamed(routine, `${set.name}.vertexData`, set.vertexData);
  for (const [name, [shape, values]] of Object.entries(set.vertexData))
    flattenValues(
      routine,
      `${set.name}.vertexData.${name}`,
      values,
      vertexCount,
      columnOf("vertexData", name, shape).size,
    );
}

export function makeTerms(
  set: TermSet,
  elements: Elements,
  unknowns: Unknowns<unknown>,
  parameters: Parameters,
  vertexCount: number,
): { readonly terms: TermsOfArity; readonly block: TermBlock } {
  const { arity, table } = elements;
  const count = table.length / arity;
  const { tangent } = unknowns;
  const all: Column[] = [
    ...Object.entries(set.data).map(([name, [shape]]) => columnOf("data", name, shape)),
    ...Object.entries(set.vertexData).map(([name, [shape]]) => columnOf("vertexData", name, shape)),
    ...Object.entries(parameters).map(([name, [shape]]) => columnOf("parameters", name, shape)),
  ];
  if (unknowns.frame > 0)
    all.push({ role: "frame", name: "frame", shape: { kind: "vector", length: unknowns.frame }, size: unknowns.frame });
  const used = new Set<Column>();
  let squares = false;
  const call =
    (columns: readonly Column[], isByVertex: boolean) =>
    (x: Expr[], d: Expr[]): Expr | Expr[] => {
      const result = set.term(
        ...argumentsOf(set, elements, unknowns, layoutOf(columns, elements.arity, isByVertex), x, d, used),
      );
      squares = result instanceof Vec;
      if (result instanceof Mat)
        misuse(routine, `the result of ${set.name}`, "a Mat", "an Expr, or a Vec of residuals");
      return squares ? [...(result as Vec).entries] : (result as Expr);
    };
  trace(arity * tangent, layoutOf(all, arity, false).numbers, call(all, false), routine, set.name);
  const columns = all.filter((column) => used.has(column));
  const isByVertex = vertexCount <= table.length;
  const terms: TermsOfArity = { set, elements, count, columns, isByVertex };
  const data = dataOf(terms, columns, parameters, vertexCount);
  const block: TermBlock = {
    indices: { arity, table, coordinates: tangent, kept: true },
    ...(columns.length === 0 ? {} : { data }),
    term: call(columns, isByVertex) as TermBlock["term"],
    squares,
  };
  return { terms, block };
}

const isOfVertex = ({ role }: Column) => role === "vertexData" || role === "frame";

/** Where columns stand among the numbers of a term: first its own, then vertex by vertex theirs. */
interface Layout {
  /** Of a column's first number in a row: of a vertex where it is kept by vertex, else of a term. */
  readonly offsets: ReadonlyMap<Column, number>;
  readonly isByVertex: boolean;
  /** Numbers of a term's own row, of a vertex's, and all that a term reads. */
  readonly width: number;
  readonly vertexWidth: number;
  readonly numbers: number;
}

function layoutOf(columns: readonly Column[], arity: number, isByVertex: boolean): Layout {
  const offsets = new Map<Column, number>();
  let width = 0;
  let vertexWidth = 0;
  for (const column of columns) {
    if (isByVertex && isOfVertex(column)) {
      offsets.set(column, vertexWidth);
      vertexWidth += column.size;
    } else {
      offsets.set(column, width);
      width += isOfVertex(column) ? column.size * arity : column.size;
    }
  }
  return { offsets, isByVertex, width, vertexWidth, numbers: width + arity * vertexWidth };
}

/** The numbers of some columns, for `setData` of core; those of frames come by `frameData`. */
export function dataOf(
  terms: TermsOfArity,
  columns: readonly Column[],
  parameters: Parameters,
  vertexCount: number,
): FilledData {
  return filledData(terms, (column, at, put, putVertex) => {
    if (!columns.includes(column) || column.role === "frame") return;
    fillColumn(put, putVertex, at, terms, column, parameters, vertexCount);
  });
}

/** The frames of base points. */
export const frameData = (terms: TermsOfArity, frames: Float64Array): FilledData =>
  filledData(terms, ({ role, size }, at, put, putVertex) => {
    if (role === "frame") putVertices(put, putVertex, at, terms, size, frames);
  });

type FillOne = (column: Column, at: number, put: Put, putVertex: Put | undefined) => void;

function filledData(terms: TermsOfArity, fillOne: FillOne): FilledData {
  const { columns, elements, isByVertex } = terms;
  const { offsets, width, vertexWidth } = layoutOf(columns, elements.arity, isByVertex);
  const fill = (ofVertices: boolean) => (put: Put) => {
    for (const column of columns)
      if ((isByVertex && isOfVertex(column)) === ofVertices)
        fillOne(column, offsets.get(column)!, put, ofVertices ? put : undefined);
  };
  const own = { width, fill: fill(false) };
  return vertexWidth === 0 ? own : { ...own, points: { width: vertexWidth, fill: fill(true) } };
}

/** The unknowns and the element that the user's function is called with; what it reads of the element is noted in `used`. */
function argumentsOf(
  set: TermSet,
  elements: Elements,
  unknowns: Unknowns<unknown>,
  { offsets, width, vertexWidth, isByVertex }: Layout,
  x: readonly Expr[],
  d: readonly Expr[],
  used: Set<Column>,
): [readonly unknown[], RawElement] {
  const { arity } = elements;
  const records = { data: {}, vertexData: {}, parameters: {} };
  let frames: readonly (readonly Expr[])[] | undefined;
  for (const [column, offset] of offsets) {
    const { size } = column;
    const own = d.slice(offset, offset + size);
    const corner = (i: number) => {
      const at = offset + (isByVertex ? width + i * vertexWidth : i * size);
      return d.slice(at, at + size);
    };
    if (column.role === "frame") {
      used.add(column);
      frames = Array.from({ length: arity }, (_, i) => corner(i));
      continue;
    }
    Object.defineProperty(records[column.role], column.name, {
      enumerable: true,
      get: () => {
        used.add(column);
        if (column.role !== "vertexData") return symbolOf(column.shape, own);
        return Array.from({ length: arity }, (_, i) => symbolOf(column.shape, corner(i)));
      },
    });
  }
  const { tangent } = unknowns;
  const vertices = Array.from({ length: arity }, (_, i) =>
    unknowns.point(frames?.[i] ?? [], x.slice(i * tangent, (i + 1) * tangent)),
  );
  for (const [role, record] of Object.entries(records)) guard(`${set.name}: element.${role}`, record);
  return [vertices, { ...records, valence: arity - 1, isBoundary: elements.isBoundary ?? false }];
}

/** A name that isn't there is misuse, not undefined. */
function guard(argument: string, record: object): void {
  Object.setPrototypeOf(
    record,
    new Proxy(Object.create(null) as object, {
      get: (_, name) =>
        typeof name === "symbol"
          ? undefined
          : misuse(
              routine,
              argument,
              `asked for ${JSON.stringify(name)}`,
              `one of ${Object.keys(record).join(", ") || "nothing"}`,
            ),
    }),
  );
}

/** Writes a column of the data: elements' or vertices' numbers, or parameters. All of them are checked before the first is written. */
function fillColumn(
  put: Put,
  putVertex: Put | undefined,
  at: number,
  terms: TermsOfArity,
  column: Column,
  parameters: Parameters,
  vertexCount: number,
): void {
  const { set, elements, count } = terms;
  const { arity } = elements;
  const { size, name } = column;
  const argument = `${set.name}.${column.role}.${name}`;
  if (column.role === "data") {
    const rowOf = (t: number) => Array.from(elements.table.subarray(t * arity, (t + 1) * arity));
    const numberOf = (t: number) => elements.numbers?.[t] ?? t;
    const given = set.data[name]![1];
    const isShared = set.elements.length > 1 && typeof given !== "function";
    const values = isShared
      ? starValues(given, size, elements, vertexCount, argument)
      : elementValues(routine, argument, given, size, count, rowOf, numberOf);
    for (let t = 0; t < count; t++) for (let e = 0; e < size; e++) put(t, at + e, values[t * size + e]!);
  } else if (column.role === "vertexData") {
    const values = flattenValues(routine, argument, set.vertexData[name]![1], vertexCount, size);
    putVertices(put, putVertex, at, terms, size, values);
  } else if (column.role === "parameters") {
    const given = parameters[name]![1];
    const values = flattenValues(routine, `parameters.${name}`, typeof given === "number" ? [given] : given, 1, size);
    for (let t = 0; t < count; t++) for (let e = 0; e < size; e++) put(t, at + e, values[e]!);
  }
}

/** Of stars, numbers are given by vertex: the stars of a valence have their share. */
function starValues(
  given: Exclude<ElementData[string][1], (...all: never[]) => unknown>,
  size: number,
  { numbers }: Elements,
  vertexCount: number,
  argument: string,
): Float64Array {
  const all = flattenValues(routine, argument, given, vertexCount, size);
  return Float64Array.from(
    { length: numbers!.length * size },
    (_, k) => all[numbers![Math.floor(k / size)]! * size + (k % size)]!,
  );
}

/** Numbers of vertices, by vertex or corner by corner. */
function putVertices(
  put: Put,
  putVertex: Put | undefined,
  at: number,
  { elements: { arity, table: vertices }, count }: TermsOfArity,
  size: number,
  values: Float64Array,
): void {
  if (putVertex !== undefined) {
    for (let p = 0; p < values.length; p++) putVertex(Math.floor(p / size), at + (p % size), values[p]!);
    return;
  }
  for (let t = 0; t < count; t++) {
    for (let i = 0; i < arity; i++) {
      const from = vertices[t * arity + i]! * size;
      const to = at + i * size;
      for (let e = 0; e < size; e++) put(t, to + e, values[from + e]!);
    }
  }
}
