// A sum of terms in coordinates that are themselves functions of a few variables each, f(p₁(t₁), …, p_N(t_N)), by the chain rule: each point is computed once
// and not once a term that has it, the terms are differentiated by the points' coordinates, and the gradient is pulled back point by point:
//
//   ∇_{t_i} = (∂p_i/∂t_i)ᵀ ∂f/∂p_i,  traced as the gradient of ⟨λ, p_i(t_i)⟩ by t_i.
//
// Values and gradients only: a Hessian by this way would need the points' curvatures, and terms that compute their own points are as fast there.
import { describe, misuse, requireKnownOptions, requireNumber } from "../errors.js";
import type { HasGradient, HasValue } from "../problem.js";
import { noArrays } from "./block.js";
import { gradientNodes } from "./derive.js";
import { evaluatorFor } from "./evaluator.js";
import { constantNode, inputNode } from "./graph.js";
import { Op } from "./ops.js";
import { plus, times } from "./partials.js";
import type { Program, Result } from "./program.js";
import { flattenData } from "./tables.js";
import { type DataTable, type GroupBlock, makePart, type TermBlock, type TermsOptions } from "./terms.js";
import { type ResidualFunction, trace } from "./trace.js";

/** Point i is point(t_i, data[i]), its coordinates; t_i are variables `variables · i` to `variables · (i + 1) − 1`. */
export interface PointBlock {
  /** N ≥ 0. */
  readonly count: number;
  /** Variables a point, ≥ 1. */
  readonly variables: number;
  readonly data?: DataTable;
  /** Called once; answers at least one coordinate. */
  readonly point: ResidualFunction;
}

/** A sum of terms of points, with its gradient by the points' variables. */
export interface ComposedTerms extends HasValue, HasGradient {
  /** Writes ∇f into `out` and returns f, in one pass. */
  valueAndGradientInto(out: Float64Array, t: Float64Array): number;
  /** As `setData` of `problemFromTerms`. */
  setData(block: number, data: DataTable, inner?: number): void;
  /** Replaces the data of the points; shape as before. */
  setPointData(data: DataTable): void;
}

/**
 * Σ of terms whose variables are coordinates of points: with m coordinates a point, coordinate k of point i is variable m i + k of the blocks.
 * Other ways of `problemFromTerms` (Hessians, diagnosis) aren't here.
 *
 * @throws ArgumentError as `problemFromTerms` does, and for points without coordinates.
 */
export function composedFromTerms(
  points: PointBlock,
  blocks: readonly (TermBlock | GroupBlock)[],
  options: Omit<TermsOptions, "projectPsd"> = {},
): ComposedTerms {
  const routine = "composedFromTerms";
  if (points === null || typeof points !== "object")
    misuse(routine, "points", describe(points), "{ count, variables, point }");
  requireKnownOptions(routine, points, ["count", "variables", "data", "point"]);
  const { count, variables, point } = points;
  requireNumber(routine, "points.count", count, { atLeast: 0, integer: true });
  requireNumber(routine, "points.variables", variables, { atLeast: 1, integer: true });
  if (!Array.isArray(blocks)) misuse(routine, "blocks", describe(blocks), "an array of blocks");
  requireKnownOptions(routine, options, ["evaluation", "threads"]);
  let data = flattenData(count, points.data, "points.data", routine);
  const { graph, x, outputs } = trace(variables, data.width, point, routine, "points.point");
  const size = outputs.length;
  if (size === 0) misuse(routine, "points.point", "a function of no results", "a function that returns coordinates");
  const n = count * variables;
  // A point's variables t_i, and behind them λ: the points themselves don't read the latter.
  const arity = variables + size;

  const evaluator = evaluatorFor(routine, options);
  evaluator.expect(count, arity, data.width);
  const parts = blocks.map((block, b) => makePart(count * size, block, b, evaluator, undefined));
  for (const part of parts) part.settle();
  const index = new Int32Array(count * arity);
  for (let i = 0, p = 0; i < count; i++) {
    for (let k = 0; k < variables; k++) index[p++] = i * variables + k;
    for (let k = 0; k < size; k++) index[p++] = n + i * size + k;
  }
  const program = (nodes: Int32Array): Program => {
    const results = Array.from(nodes, (node, slot): Result => ({ to: "own", slot, node }));
    return { graph, arity, width: data.width, entries: nodes.length, identity: false, results };
  };
  const make = () => {
    const weighted = outputs.reduce(
      (total, node, k) => plus(graph, total, times(graph, inputNode(graph, Op.x, variables + k), node)),
      constantNode(graph, 0),
    );
    // WebAssembly takes two points at a time: an odd one out has a neighbour whose results nobody reads.
    const even = count + (count % 2);
    const all = evaluator.newScratch(count * arity);
    const y = evaluator.newScratch(even * size);
    return {
      place: evaluator.compile(program(outputs)),
      pull: evaluator.compile(program(gradientNodes(graph, weighted, x))),
      /** t and λ. */
      all,
      lambda: all.subarray(n),
      y,
      coordinates: y.subarray(0, count * size),
      gradient: evaluator.newScratch(even * variables),
    };
  };
  let made: ReturnType<typeof make> | undefined;
  const at = (method: string, t: Float64Array) => {
    if (t.length !== n) misuse(method, "x", `of length ${t.length}`, `length ${n}: ${variables} a point`);
    made ??= make();
    made.all.set(t);
    made.place(count, { ...noArrays, index, data: data.table, x: made.all, h: made.y });
    return made;
  };

  const self: ComposedTerms = {
    dimension: n,
    value(t) {
      const { coordinates } = at("value", t);
      let sum = 0;
      for (const part of parts) sum += part.value(coordinates);
      return sum;
    },
    gradientInto(out, t) {
      self.valueAndGradientInto(out, t);
      return out;
    },
    valueAndGradientInto(out, t) {
      if (out.length !== n)
        misuse("valueAndGradientInto", "out", `of length ${out.length}`, `length ${n}: ${variables} a point`);
      const { coordinates, lambda, all, pull, gradient } = at("valueAndGradientInto", t);
      lambda.fill(0);
      let sum = 0;
      for (const part of parts) sum += part.gradient(lambda, coordinates);
      pull(count, { ...noArrays, index, data: data.table, x: all, h: gradient });
      out.set(gradient.subarray(0, n));
      return sum;
    },
    setData(block, given, inner) {
      const part = parts[block];
      if (part === undefined)
        return misuse("setData", "block", describe(block), `a block number from 0 to ${parts.length - 1}`);
      return part.setData(given, inner, `blocks[${block}]${inner === undefined ? "" : `.inner[${inner}]`}.data`);
    },
    setPointData(given) {
      const flat = flattenData(count, given, "points.data", "setPointData");
      if (flat.width !== data.width)
        misuse("setPointData", "points.data", `of width ${flat.width}`, `width ${data.width}, as before`);
      data = flat;
    },
  };
  return self;
}
