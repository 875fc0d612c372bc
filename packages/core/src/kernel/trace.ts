// From the user's function to a graph: it is called once, with expressions for numbers.
import { describe, misuse, requireNumber } from "../errors.js";
import { Expr, lift, withGraph } from "./expr.js";
import { type Graph, inputNode, newGraph } from "./graph.js";
import { Op } from "./ops.js";

/** A traced function: its graph and the nodes of its variables, data and results. Plain data. */
export interface Trace {
  readonly graph: Graph;
  readonly x: Int32Array;
  readonly data: Int32Array;
  readonly outputs: Int32Array;
}

/** A term: an expression of its own variables x and its own data d. It must be free of side effects: it is called once. */
export type TermFunction = (x: Expr[], d: Expr[]) => Expr;

/**
 * Calls `fn` once with `inputs` variables and `data` data, and records what it computes.
 * Loops and branches on plain numbers run while tracing; branches on x are written with `select`.
 *
 * @throws ArgumentError when `fn` gives something else than Exprs (or numbers), or uses Exprs of another trace or operators.
 */
export function trace(
  inputs: number,
  data: number,
  fn: (x: Expr[], d: Expr[]) => Expr | Expr[],
  routine = "trace",
  argument = "fn",
): Trace {
  requireNumber(routine, "inputs", inputs, { atLeast: 0, integer: true });
  requireNumber(routine, "data", data, { atLeast: 0, integer: true });
  if (typeof fn !== "function") misuse(routine, argument, describe(fn), "a function (x, d) => Expr");
  const graph = newGraph();
  const nodes = (op: number, count: number) =>
    Int32Array.from({ length: count }, (_, slot) => inputNode(graph, op, slot));
  const x = nodes(Op.x, inputs);
  const d = nodes(Op.data, data);
  const handles = (ids: Int32Array) => Array.from(ids, (id) => new Expr(graph, id));
  const result: unknown = withGraph(graph, () => fn(handles(x), handles(d)));
  const results: unknown[] = Array.isArray(result) ? result : [result];
  return {
    graph,
    x,
    data: d,
    outputs: Int32Array.from(results, (value, i) =>
      lift(graph, routine, Array.isArray(result) ? `result ${i} of ${argument}` : `the result of ${argument}`, value),
    ),
  };
}
