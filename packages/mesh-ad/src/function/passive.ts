// Numbers that terms read but that aren't differentiated by: of each element, of each vertex, or the same for all (parameters). Each is laid into the data table of
// a block of terms, if the term reads it.
import { describe, misuse } from "@hessia/core";
import { type Expr, type Mat, matrix, type Shape, type Symbolic, type Vec, vector } from "@hessia/core/kernel";

/** Numbers by element: one behind the other, rows, or a function of the element and its vertices. Matrices row by row. */
export type ElementValues =
  | ArrayLike<number>
  | readonly (readonly number[])[]
  | ((element: number, vertices: readonly number[]) => number | ArrayLike<number>);
/** Numbers by vertex: one behind the other, or rows. */
export type VertexValues = ArrayLike<number> | readonly (readonly number[])[];

/** A shape of core's kernels (scalar, vec3, mat2 …) and its numbers, by name. */
export type ElementData = Readonly<Record<string, readonly [Shape, ElementValues]>>;
export type VertexData = Readonly<Record<string, readonly [Shape, VertexValues]>>;
export type Parameters = Readonly<Record<string, readonly [Shape, number | ArrayLike<number>]>>;

/** What a term is given for data by name. */
export type SymbolicData<D extends Readonly<Record<string, readonly [Shape, unknown]>>> = {
  readonly [K in keyof D]: Symbolic<D[K][0]>;
};

const sizeOf = (shape: Shape): number =>
  shape.kind === "scalar" ? 1 : shape.kind === "vector" ? shape.length : shape.rows * shape.cols;

/** Columns of a data table. */
export interface Column {
  readonly role: "data" | "vertexData" | "parameters" | "frame";
  readonly name: string;
  readonly shape: Shape;
  /** Numbers a vertex for "vertexData" and "frame", else a term. */
  readonly size: number;
}

export const columnOf = (role: Column["role"], name: string, shape: Shape): Column => ({
  role,
  name,
  shape,
  size: sizeOf(shape),
});

/** Checks a record of shapes and values. */
export function requireNamed(routine: string, argument: string, record: unknown): void {
  if (record === null || typeof record !== "object")
    misuse(routine, argument, describe(record), "shapes and numbers by name: { area: [scalar, areas] }");
  for (const [name, entry] of Object.entries(record)) {
    const kind: unknown = Array.isArray(entry) ? (entry[0] as Partial<Shape> | undefined)?.kind : undefined;
    if (kind !== "scalar" && kind !== "vector" && kind !== "matrix")
      misuse(routine, `${argument}.${name}`, describe(entry), "a shape and its numbers: [mat2, values]");
  }
}

/** Symbols of one entry from a flat list. */
export function symbolOf(shape: Shape, flat: readonly Expr[]): Expr | Vec | Mat {
  if (shape.kind === "scalar") return flat[0]!;
  if (shape.kind === "vector") return vector(...flat);
  const { rows, cols } = shape;
  return matrix(...Array.from({ length: rows }, (_, i) => flat.slice(i * cols, (i + 1) * cols)));
}

/** `count` rows of `size` numbers, flat; each finite. What is so already is answered itself: to be read only. */
export function flattenValues(
  routine: string,
  argument: string,
  values: unknown,
  count: number,
  size: number,
): Float64Array {
  if (values === null || typeof values !== "object" || !("length" in values))
    return misuse(routine, argument, describe(values), `${count} times ${size} numbers`);
  const list = values as ArrayLike<unknown>;
  const isNested = list.length > 0 && typeof list[0] === "object";
  const wanted = isNested ? count : count * size;
  if (list.length !== wanted)
    misuse(routine, argument, describe(values), isNested ? `${count} rows` : `${count} times ${size} numbers`);
  if (values instanceof Float64Array && values.every(Number.isFinite)) return values;
  const out = new Float64Array(count * size);
  for (let t = 0; t < count; t++) {
    const row = isNested ? (list[t] as ArrayLike<number> | null) : undefined;
    if (isNested && row?.length !== size) misuse(routine, `${argument}[${t}]`, describe(row), `${size} numbers`);
    for (let e = 0; e < size; e++) {
      const value: unknown = row === undefined || row === null ? list[t * size + e] : row[e];
      if (typeof value !== "number" || !Number.isFinite(value))
        misuse(
          routine,
          `${argument}[${t}]`,
          size === 1 ? describe(value) : `${describe(value)} at ${e}`,
          "finite numbers",
        );
      out[t * size + e] = value;
    }
  }
  return out;
}

/** The numbers of each element, by a list or by a function. */
export function elementValues(
  routine: string,
  argument: string,
  values: ElementValues,
  size: number,
  count: number,
  vertices: (t: number) => readonly number[],
  numberOf: (t: number) => number,
): Float64Array {
  if (typeof values !== "function") return flattenValues(routine, argument, values, count, size);
  const out = new Float64Array(count * size);
  for (let t = 0; t < count; t++) {
    const given = values(numberOf(t), vertices(t));
    const row = typeof given === "number" ? [given] : given;
    if (row?.length !== size)
      misuse(routine, `${argument}(${numberOf(t)})`, describe(given), size === 1 ? "a number" : `${size} numbers`);
    for (let e = 0; e < size; e++) {
      if (!Number.isFinite(row[e]))
        misuse(
          routine,
          `${argument}(${numberOf(t)})`,
          size === 1 ? describe(row[e]) : `${describe(row[e])} at ${e}`,
          "finite numbers",
        );
      out[t * size + e] = row[e]!;
    }
  }
  return out;
}
