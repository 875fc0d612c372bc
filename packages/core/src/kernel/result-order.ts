// In which order the results of a program are made, so that few values wait at a time: engines keep as many in registers as there are, and go
// to memory for the rest. Greedy, as list schedulers do that watch the number of registers (Goodman, Hsu, "Code scheduling and register allocation in
// large basic blocks", ICS 1988): always the result after which fewest values are left waiting, the one that needs least new work among equals.
import { type Graph, operand, reachable } from "./graph.js";
import { Op, operandCounts } from "./ops.js";
import type { Result } from "./program.js";

/** Above this many (node, result) pairs the results stay as they are: the order isn't worth the time to find it. */
const mostPairs = 4_000_000;

/** The results in an order that keeps few values waiting. The same results give the same order. */
export function orderResults(graph: Graph, results: readonly Result[]): Result[] {
  const marks = reachable(
    graph,
    results.map(({ node }) => node),
  );
  let size = 0;
  for (const mark of marks) size += mark;
  if (size * results.length > mostPairs) return [...results];
  // Uses of a node that are still to come: by nodes that aren't made yet, and by results.
  const pending = new Int32Array(graph.size);
  for (const { node } of results) pending[node]!++;
  for (let id = 0; id < marks.length; id++) {
    if (marks[id] === 0) continue;
    for (let k = 0; k < operandCounts[graph.op[id]!]!; k++) pending[operand(graph, id, k)]!++;
  }
  const made = new Uint8Array(graph.size);
  const free = (id: number) => graph.op[id]! <= Op.data || graph.op[id] === Op.constant;
  const ordered: Result[] = [];
  const left = [...results];
  const touched: number[] = [];
  /** Makes a result: how many more values wait than before, and how many nodes are new. With `undo` all stays as it was. */
  const make = (result: Result, undo: boolean): readonly [waiting: number, work: number] => {
    touched.length = 0;
    let waiting = 0;
    const use = (id: number) => {
      if (--pending[id]! === 0 && !free(id)) waiting--;
    };
    const stack = [result.node];
    while (stack.length > 0) {
      const id = stack.pop()!;
      if (made[id] === 1) continue;
      made[id] = 1;
      touched.push(id);
      if (!free(id)) waiting++;
      for (let k = 0; k < operandCounts[graph.op[id]!]!; k++) stack.push(operand(graph, id, k));
    }
    for (const id of touched) for (let k = 0; k < operandCounts[graph.op[id]!]!; k++) use(operand(graph, id, k));
    use(result.node);
    const work = touched.length;
    if (undo) {
      pending[result.node]!++;
      for (const id of touched) {
        made[id] = 0;
        for (let k = 0; k < operandCounts[graph.op[id]!]!; k++) pending[operand(graph, id, k)]!++;
      }
    }
    return [waiting, work];
  };
  while (left.length > 0) {
    let best = 0;
    let least: readonly [number, number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let k = 0; k < left.length; k++) {
      const cost = make(left[k]!, true);
      if (cost[0] < least[0] || (cost[0] === least[0] && cost[1] < least[1])) {
        least = cost;
        best = k;
      }
    }
    const [next] = left.splice(best, 1);
    make(next!, false);
    ordered.push(next!);
  }
  return ordered;
}
