// Unknowns of a manifold seen from the space around it: the numbers of which a point consists, as variables of their own. Terms in these need no frames, and what they
// share, the points, is computed once a vertex (core's `composedFromTerms`).
import { Expr, fromRows, Mat, type ResidualFunction, trace, Vec, vector } from "@hessia/core/kernel";
import type { Unknowns } from "./unknowns.js";

export interface Ambient {
  /** Points with their numbers as variables: what terms are traced with. */
  readonly unknowns: Unknowns<unknown>;
  /** The numbers of a point, from tangent coordinates and a frame. */
  readonly point: ResidualFunction;
}

/** Undefined where terms are given something else than an Expr, a Vec, a Mat or a record or list of these: such points can't be taken apart. */
export function ambientOf(unknowns: Unknowns<unknown>): Ambient | undefined {
  let shape: unknown;
  let size: number | undefined;
  trace(unknowns.tangent, unknowns.frame, (t, frame) => {
    shape = unknowns.point(frame, t);
    const numbers: Expr[] = [];
    if (takeApart(numbers, shape)) size = numbers.length;
    return t[0]!;
  });
  if (size === undefined || size === 0) return undefined;
  return {
    unknowns: {
      ...unknowns,
      tangent: size,
      ambient: size,
      frame: 0,
      point: (_frame, x) => putTogether(shape, x.values()),
    },
    point(t, frame) {
      const numbers: Expr[] = [];
      takeApart(numbers, unknowns.point(frame, t));
      return numbers;
    },
  };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** Lists the expressions of a point; false where there is something in it that isn't known. */
function takeApart(out: Expr[], value: unknown): boolean {
  if (typeof value === "number") return true;
  if (value instanceof Expr) out.push(value);
  else if (value instanceof Vec || value instanceof Mat) out.push(...value.entries);
  else if (Array.isArray(value)) return value.every((one) => takeApart(out, one));
  else if (isRecord(value)) return Object.values(value).every((one) => takeApart(out, one));
  else return false;
  return true;
}

/** The same thing with other expressions, in the same order. */
function putTogether(shape: unknown, next: Iterator<Expr>): unknown {
  const some = (count: number) => Array.from({ length: count }, () => next.next().value as Expr);
  if (shape instanceof Expr) return some(1)[0];
  if (shape instanceof Vec) return vector(...some(shape.length));
  if (shape instanceof Mat) return fromRows(...Array.from({ length: shape.rows }, () => vector(...some(shape.cols))));
  if (Array.isArray(shape)) return shape.map((one) => putTogether(one, next));
  if (isRecord(shape))
    return Object.fromEntries(Object.entries(shape).map(([name, one]) => [name, putTogether(one, next)]));
  return shape;
}
