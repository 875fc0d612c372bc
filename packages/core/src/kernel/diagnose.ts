// Which term of a sum isn't finite at a point, and which of its operations is to blame.
import type { Vector } from "../linear/matrix.js";
import type { Block } from "./block.js";
import { evaluateNodes, formatNode, operand, reachable } from "./graph.js";
import { Op, operandCounts, opNames } from "./ops.js";
import type { TermFault } from "./terms.js";

/** The terms of a block (at most ten) whose value isn't finite at x. */
export function findFaults({ indices, data, trace }: Block, x: Vector, block: number, inner?: number): TermFault[] {
  const { count, width, table } = indices;
  const value = trace.outputs[0]!;
  const where = inner === undefined ? { block } : { block, inner };
  const faults: TermFault[] = [];
  for (let term = 0; term < count && faults.length < 10; term++) {
    const own = Array.from(table.subarray(term * width, (term + 1) * width), (i) => x[i]!);
    const values = evaluateNodes(
      trace.graph,
      { x: own, data: data.table.subarray(term * data.width, (term + 1) * data.width) },
      value + 1,
    );
    if (Number.isFinite(values[value]!)) continue;
    const { operation, cause } = blame(trace.graph, value, values);
    const place = `block ${block}${inner === undefined ? "" : `, inner block ${inner}`}, term ${term}`;
    faults.push({ ...where, term, value: values[value]!, operation, message: `${place}: ${cause}` });
  }
  return faults;
}

/** The first operation that isn't finite though its operands are. */
function blame(
  graph: Block["trace"]["graph"],
  root: number,
  values: Float64Array,
): { operation: string; cause: string } {
  const needed = reachable(graph, [root]);
  for (let id = 0; id <= root; id++) {
    const op = graph.op[id]!;
    if (needed[id] === 0 || op <= Op.weight || Number.isFinite(values[id]!)) continue;
    const operands = Array.from({ length: operandCounts[op]! }, (_, j) => values[operand(graph, id, j)]!);
    if (!operands.every(Number.isFinite)) continue;
    const operation = `${opNames[op]}(${operands.join(", ")})`;
    return { operation, cause: `${operation} is ${values[id]} in ${formatNode(graph, id)}` };
  }
  return { operation: "an input", cause: "a variable or datum is not finite" };
}
