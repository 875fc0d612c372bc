// Where a problem on a mesh begins and what stays free in it: the start, fixed vertices and equations, checked.
import { describe, misuse, requireFiniteVector } from "@hessia/core";
import type { Domain } from "./elements.js";
import type { ProblemOptions } from "./mesh-problem.js";
import { type Equation, makeReduction, type Reduction } from "./reduce.js";
import type { TermsOfArity } from "./term-set.js";
import type { Unknowns } from "./unknowns.js";

/** The base points or the start, checked. */
export function startPoints(
  domain: Domain,
  unknowns: Unknowns<unknown>,
  start: ArrayLike<number> | undefined,
): Float64Array {
  const length = unknowns.ambient * domain.vertexCount;
  if (start === undefined) {
    const positions = domain.kind === "points" ? null : domain.positions;
    if (unknowns.frame > 0 || unknowns.ambient !== 3 || positions === null)
      return misuse("problem", "options.start", "missing", `${length} numbers: ${unknowns.ambient} a vertex`);
    return positions.slice();
  }
  if (start?.length !== length)
    misuse("problem", "options.start", describe(start), `${length} numbers: ${unknowns.ambient} a vertex`);
  const points = Float64Array.from(start);
  requireFiniteVector("problem", "options.start", points);
  for (let v = 0; v < domain.vertexCount; v++) {
    const fault = unknowns.fault(points, unknowns.ambient * v);
    if (fault !== undefined) misuse("problem", `options.start, vertex ${v}`, fault, `a point of ${unknowns.name}`);
  }
  return points;
}

/** What is eliminated; undefined when nothing is. Every coordinate that is left must occur in some term. */
export function reduceFor(
  domain: Domain,
  unknowns: Unknowns<unknown>,
  terms: readonly TermsOfArity[],
  { fixed = [] }: ProblemOptions,
  points: Float64Array,
  equations: readonly Equation[],
): Reduction | undefined {
  const routine = "problem";
  const { vertexCount } = domain;
  const { tangent } = unknowns;
  if (typeof fixed !== "object" || typeof fixed.length !== "number")
    misuse(routine, "options.fixed", describe(fixed), "a list of vertices");
  if (!Array.isArray(equations)) misuse(routine, "options.equations", describe(equations), "a list of equations");
  const touched = new Uint8Array(vertexCount);
  for (const { elements } of terms) for (const v of elements.table) touched[v] = 1;
  const held = new Map<number, number>();
  for (let k = 0; k < fixed.length; k++) {
    const given = fixed[k]!;
    const [v, only] = typeof given === "number" ? [given, undefined] : given;
    if (!(Number.isInteger(v) && v >= 0 && v < vertexCount))
      misuse(routine, `options.fixed[${k}]`, describe(v), `a vertex number from 0 to ${vertexCount - 1}`);
    if (only !== undefined && !(Number.isInteger(only) && only >= 0 && only < tangent))
      misuse(routine, `options.fixed[${k}]`, `[${v}, ${only}]`, `[vertex, coordinate from 0 to ${tangent - 1}]`);
    if (only === undefined) touched[v] = 1;
    for (let c = only ?? 0; c <= (only ?? tangent - 1); c++)
      held.set(v * tangent + c, unknowns.frame === 0 ? points[v * tangent + c]! : 0);
  }
  const rows = equations.map((equation, e) => {
    const name = `options.equations[${e}]`;
    if (!Array.isArray(equation?.terms))
      misuse(routine, name, describe(equation), "{ terms: [[vertex, coordinate, coefficient]], value }");
    if (!Number.isFinite(equation.value)) misuse(routine, `${name}.value`, describe(equation.value), "a finite number");
    const row = new Map<number, number>();
    for (const [k, term] of equation.terms.entries()) {
      const [v, c, weight] = term;
      if (
        !(
          Number.isInteger(v) &&
          v >= 0 &&
          v < vertexCount &&
          Number.isInteger(c) &&
          c >= 0 &&
          c < tangent &&
          Number.isFinite(weight)
        )
      )
        misuse(
          routine,
          `${name}.terms[${k}]`,
          `[${term}]`,
          `[vertex < ${vertexCount}, coordinate < ${tangent}, finite coefficient]`,
        );
      row.set(v * tangent + c, (row.get(v * tangent + c) ?? 0) + weight);
    }
    return { row, value: equation.value };
  });
  const reduction =
    held.size + rows.length === 0 ? undefined : makeReduction(routine, vertexCount * tangent, held, rows);
  const isFree = new Uint8Array(vertexCount);
  if (reduction === undefined) isFree.fill(1);
  else for (const i of reduction.free) isFree[Math.floor(i / tangent)] = 1;
  for (let v = 0; v < vertexCount; v++) {
    if (touched[v] === 0 && isFree[v] === 1)
      misuse(
        routine,
        "function",
        `no term has vertex ${v}: nothing determines it`,
        "every vertex in a term, or fixed",
        "Isolated vertices of a file can be fixed, or left out by removeIsolated.",
      );
  }
  return reduction;
}
