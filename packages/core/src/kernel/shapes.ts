// Shapes of a kernel's named inputs and parameters, and how they lie one behind the other in a flat vector: in declared order, matrices row by row.
import { describe, misuse } from "../errors.js";
import type { Vector } from "../linear/matrix.js";
import type { Expr } from "./expr.js";
import { Mat } from "./matrices.js";
import { Vec } from "./vectors.js";

export interface ScalarShape {
  readonly kind: "scalar";
}
export interface VectorShape<N extends number = number> {
  readonly kind: "vector";
  readonly length: N;
}
export interface MatrixShape<R extends number = number, C extends number = number> {
  readonly kind: "matrix";
  readonly rows: R;
  readonly cols: C;
}
export type Shape = ScalarShape | VectorShape | MatrixShape;
/** Shapes by name. */
export type Shapes = Readonly<Record<string, Shape>>;

/** What stands for a shape while a kernel is traced. */
export type Symbolic<S extends Shape> = S extends ScalarShape
  ? Expr
  : S extends VectorShape<infer N>
    ? Vec<N>
    : S extends MatrixShape<infer R, infer C>
      ? Mat<R, C>
      : never;
export type SymbolicRecord<S extends Shapes> = { readonly [K in keyof S]: Symbolic<S[K]> };

/** Numbers for shapes, by name: a number for a scalar, else its entries, matrices row by row. */
export type Numbers<S extends Shapes> = {
  readonly [K in keyof S]: S[K] extends ScalarShape ? number : ArrayLike<number>;
};

const most = 64;

/** A vector of n entries, 1 ≤ n ≤ 64. */
export function vecN<N extends number>(n: N): VectorShape<N> {
  return { kind: "vector", length: requireSize("vecN", "n", n) };
}
/** A matrix, 1 ≤ rows, cols ≤ 64. */
export function matN<R extends number, C extends number>(rows: R, cols: C): MatrixShape<R, C> {
  return { kind: "matrix", rows: requireSize("matN", "rows", rows), cols: requireSize("matN", "cols", cols) };
}

function requireSize<N extends number>(routine: string, argument: string, n: N): N {
  return Number.isInteger(n) && n >= 1 && n <= most
    ? n
    : misuse(routine, argument, describe(n), `a whole number from 1 to ${most}`);
}

export const scalar: ScalarShape = { kind: "scalar" };
export const vec2: VectorShape<2> = vecN(2);
export const vec3: VectorShape<3> = vecN(3);
export const vec4: VectorShape<4> = vecN(4);
export const mat2: MatrixShape<2, 2> = matN(2, 2);
export const mat3: MatrixShape<3, 3> = matN(3, 3);

export const sizeOf = (shape: Shape): number =>
  shape.kind === "scalar" ? 1 : shape.kind === "vector" ? shape.length : shape.rows * shape.cols;

/** Numbers of all shapes together. */
export const sizeOfAll = (shapes: Shapes): number =>
  Object.values(shapes).reduce((total, shape) => total + sizeOf(shape), 0);

/** Checks a record of shapes. */
export function requireShapes(argument: string, shapes: unknown): void {
  if (shapes === null || typeof shapes !== "object")
    misuse("kernel", argument, describe(shapes), "shapes by name: { a: vec2, s: scalar }");
  for (const [name, shape] of Object.entries(shapes)) {
    const kind: unknown = (shape as Partial<Shape> | null)?.kind;
    if (kind !== "scalar" && kind !== "vector" && kind !== "matrix")
      misuse("kernel", `${argument}.${name}`, describe(shape), "a shape: scalar, vec2, mat3, vecN(5), matN(2, 3) …");
  }
}

/** The flat expressions as scalars, vectors and matrices by name. */
export function symbolicRecord<S extends Shapes>(shapes: S, flat: readonly Expr[]): SymbolicRecord<S> {
  const record: Record<string, unknown> = {};
  let at = 0;
  for (const [name, shape] of Object.entries(shapes)) {
    const own = flat.slice(at, (at += sizeOf(shape)));
    if (shape.kind === "scalar") record[name] = own[0];
    else record[name] = shape.kind === "vector" ? new Vec(own) : new Mat(shape.rows, shape.cols, own);
  }
  return record as SymbolicRecord<S>;
}

/** The name of each flat entry: "b.y", "rest[0][1]", "area". */
export function entryNames(shapes: Shapes): string[] {
  return Object.entries(shapes).flatMap(([name, shape]) => {
    if (shape.kind === "scalar") return [name];
    return Array.from({ length: sizeOf(shape) }, (_, e) => {
      if (shape.kind === "matrix") return `${name}[${Math.floor(e / shape.cols)}][${e % shape.cols}]`;
      return shape.length <= 3 ? `${name}.${"xyz"[e]}` : `${name}[${e}]`;
    });
  });
}

/** Numbers by name into a flat vector. */
export function flattenInto<S extends Shapes>(routine: string, out: Vector, shapes: S, numbers: Numbers<S>): Vector {
  let at = 0;
  for (const [name, shape] of Object.entries(shapes)) {
    const given: unknown = (numbers as Readonly<Record<string, unknown>>)[name];
    const size = sizeOf(shape);
    const list = (shape.kind === "scalar" ? [given] : given) as ArrayLike<number> | null | undefined;
    if (list?.length !== size) misuse(routine, name, describe(given), `${size} numbers`);
    for (let e = 0; e < size; e++) {
      const value = list[e]!;
      if (typeof value !== "number") misuse(routine, `${name}[${e}]`, describe(value), "a number");
      out[at++] = value;
    }
  }
  return out;
}
