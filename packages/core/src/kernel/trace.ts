// From the user's function to a graph: it is called once, with expressions for numbers.
import { describe, misuse, requireNumber } from "../errors.js";
import type { Leading } from "../leading.js";
import { Expr, lift, withGraph } from "./expr.js";
import { constantNode, type Graph, inputNode, newGraph, operand, reachable } from "./graph.js";
import { Op, operandCounts } from "./ops.js";
import { build } from "./simplify.js";

/** A traced function: its graph and the nodes of its variables, data and results. Plain data. */
export interface Trace {
  readonly graph: Graph;
  readonly x: Int32Array;
  readonly data: Int32Array;
  readonly outputs: Int32Array;
  /** Where the output is ½ ‖r‖²: the nodes of r. */
  readonly residuals?: Int32Array;
}

/** Variables or data, one expression a number. */
export type Expressions = Expr[] & Leading<Expr>;

/** Residuals r of a term that is ½ ‖r‖²; as {@link TermFunction} else. */
export type ResidualFunction = (x: Expressions, d: Expressions) => Expr[];

/** The same trace with ½ ‖r‖² of its outputs r as its output. */
export function halfSquaredNorm(traced: Trace): Trace {
  const { graph, outputs } = traced;
  const square = (id: number) => build(graph, Op.mul, id, id);
  const total = Array.from(outputs, square).reduce((a, b) => build(graph, Op.add, a, b), constantNode(graph, 0));
  return {
    ...traced,
    outputs: Int32Array.of(build(graph, Op.mul, constantNode(graph, 0.5), total)),
    residuals: outputs,
  };
}

/** A term: an expression of its own variables x and its own data d. It must be free of side effects: it is called once. */
export type TermFunction = (x: Expressions, d: Expressions) => Expr;

/**
 * Calls `fn` once with `inputs` variables and `data` data, and records what it computes.
 * Loops and branches on plain numbers run while tracing; branches on x are written with `select`.
 *
 * @throws ArgumentError when `fn` gives something else than Exprs (or numbers), or uses Exprs of another trace or operators.
 */
export function trace(
  inputs: number,
  data: number,
  fn: (x: Expressions, d: Expressions) => Expr | Expr[],
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
  const handles = (ids: Int32Array) => Array.from(ids, (id) => new Expr(graph, id)) as Expressions;
  const result: unknown = withGraph(graph, () => called(fn, handles(x), handles(d), routine, argument));
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

/** What `fn` answers. A TypeError of its own mostly comes of what isn't there: more variables than it has, or a method that Expr doesn't have. */
function called<T>(
  fn: (x: Expressions, d: Expressions) => T,
  x: Expressions,
  d: Expressions,
  routine: string,
  argument: string,
): T {
  try {
    return fn(x, d);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const methods = Object.getOwnPropertyNames(Expr.prototype).filter((name) => name !== "constructor");
    const hint = `It was called with ${x.length} variables and ${d.length} data; an Expr has ${methods.join(", ")}.`;
    return misuse(routine, argument, `a function that threw "${error.message}"`, "a function (x, d) => Expr", hint);
  }
}

/** The outputs of a trace as expressions of other x and d, of one other graph: what the traced function computes, without calling it again. */
export function replay({ graph, outputs }: Trace, x: readonly Expr[], d: readonly Expr[]): Expr[] {
  const target = (x[0] ?? d[0])?.graph;
  if (target === undefined) return misuse("replay", "x, d", "empty", "at least one Expr");
  const marks = reachable(graph, outputs);
  const image = new Int32Array(marks.length).fill(-1);
  for (let id = 0; id < marks.length; id++) {
    if (marks[id] === 0) continue;
    const op = graph.op[id]!;
    if (op === Op.constant) image[id] = constantNode(target, graph.value[id]!);
    else if (op === Op.x) image[id] = lift(target, "replay", "x", x[graph.a[id]!]);
    else if (op === Op.data) image[id] = lift(target, "replay", "d", d[graph.a[id]!]);
    else {
      const of = (k: number) => (operandCounts[op]! > k ? image[operand(graph, id, k)]! : -1);
      image[id] = build(target, op, of(0), of(1), of(2));
    }
  }
  return Array.from(outputs, (id) => new Expr(target, image[id]!));
}
