// Which term of a sum isn't finite at a point, and which of its operations is to blame.
import type { Vector } from "../linear/matrix.js";
import type { Block } from "./block.js";
import { datumOf } from "./block-data.js";
import { evaluateNodes, formatNode, type Graph, operand, reachable } from "./graph.js";
import { Op, operandCounts, opNames } from "./ops.js";
import type { TermFault } from "./terms.js";

/** The terms of a block (at most ten) whose value, gradient or Hessian isn't finite at x. */
export function findFaults(
  { indices, data, trace: { graph }, nodesOf }: Block,
  x: Vector,
  of: TermFault["of"],
  block: number,
  inner?: number,
): TermFault[] {
  const { count, width, table, step } = indices;
  const roots = nodesOf(of);
  const needed = reachable(graph, roots);
  const where = inner === undefined ? { block } : { block, inner };
  const faults: TermFault[] = [];
  for (let term = 0; term < count && faults.length < 10; term++) {
    const own = Array.from(
      { length: width },
      (_, i) => x[table[(term * width + i - (i % step)) / step]! * step + (i % step)]!,
    );
    const datum = datumOf(data, indices, term);
    const fault = findFault(graph, roots, needed, own, datum);
    if (fault === null) continue;
    const { operation, cause, value } = fault;
    const place = `block ${block}${inner === undefined ? "" : `, inner block ${inner}`}, term ${term}`;
    const what = of === "value" ? "" : `the ${of}: `;
    faults.push({ ...where, term, of, value, operation, message: `${place}: ${what}${cause}` });
  }
  return faults;
}

/** The first of the roots that isn't finite for one term, and the operation to blame; null when all are finite. */
export function findFault(
  graph: Graph,
  roots: ArrayLike<number>,
  needed: Uint8Array,
  x: ArrayLike<number>,
  data: ArrayLike<number>,
): { readonly value: number; readonly operation: string; readonly cause: string } | null {
  const values = evaluateNodes(graph, { x, data }, needed);
  const root = Array.from(roots).find((id) => !Number.isFinite(values[id]!));
  return root === undefined ? null : { value: values[root]!, ...blame(graph, root, values) };
}

/** Down from a root that isn't finite, through chosen branches only, to an operation whose operands all are. */
function blame(graph: Graph, root: number, values: Float64Array): { operation: string; cause: string } {
  let id = root;
  for (;;) {
    const op = graph.op[id]!;
    if (op <= Op.weight) {
      const what = op === Op.constant ? `the constant ${values[id]}` : formatNode(graph, id);
      return { operation: what, cause: `${what} is ${values[id]}` };
    }
    const all = Array.from({ length: operandCounts[op]! }, (_, j) => operand(graph, id, j));
    const used = op === Op.select ? [values[all[0]!] !== 0 ? all[1]! : all[2]!] : all;
    const bad = used.find((child) => !Number.isFinite(values[child]!));
    if (bad === undefined) {
      const operation = `${opNames[op]}(${all.map((child) => values[child]).join(", ")})`;
      return { operation, cause: `${operation} is ${values[id]} in ${formatNode(graph, id)}` };
    }
    id = bad;
  }
}
