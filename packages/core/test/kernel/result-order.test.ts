import { describe, expect, it } from "vitest";
import { type Graph, operand, reachable } from "../../src/kernel/graph.js";
import { add, div, type Expr, mul, square } from "../../src/kernel/index.js";
import { Op, operandCounts } from "../../src/kernel/ops.js";
import type { Result } from "../../src/kernel/program.js";
import { orderResults } from "../../src/kernel/result-order.js";
import { trace } from "../../src/kernel/trace.js";

/** The most values that wait at a time when results are made in the given order, each node when it is first needed. */
function mostWaiting(graph: Graph, results: readonly Result[]): number {
  const pending = new Int32Array(graph.size);
  const marks = reachable(
    graph,
    results.map(({ node }) => node),
  );
  for (const { node } of results) pending[node]!++;
  for (let id = 0; id < graph.size; id++)
    if (marks[id] === 1) for (let k = 0; k < operandCounts[graph.op[id]!]!; k++) pending[operand(graph, id, k)]!++;
  const made = new Uint8Array(graph.size);
  let waiting = 0;
  let most = 0;
  const drop = (id: number) => {
    if (--pending[id]! === 0 && graph.op[id]! > Op.data) waiting--;
  };
  const make = (id: number) => {
    if (made[id] === 1) return;
    made[id] = 1;
    for (let k = 0; k < operandCounts[graph.op[id]!]!; k++) make(operand(graph, id, k));
    if (graph.op[id]! > Op.data) most = Math.max(most, ++waiting);
    for (let k = 0; k < operandCounts[graph.op[id]!]!; k++) drop(operand(graph, id, k));
  };
  for (const { node } of results) {
    make(node);
    drop(node);
  }
  return most;
}

/** Eight chains; each result needs two neighbouring ones, and they are asked for far from each other. */
function crossed(): { graph: Graph; results: Result[] } {
  const made = trace(8, 0, (x: Expr[]) => {
    const u = x.map((one) => div(1, add(square(one), 1)));
    return [0, 4, 1, 5, 2, 6, 3].flatMap((k) => [mul(u[k]!, u[k + 1]!), add(u[k]!, u[k + 1]!)]);
  });
  return {
    graph: made.graph,
    results: Array.from(made.outputs, (node, slot): Result => ({ to: "entry", slot, node })),
  };
}

describe("orderResults", () => {
  it("is a permutation, the same each time", () => {
    const { graph, results } = crossed();
    const ordered = orderResults(graph, results);
    expect(ordered.map(({ slot }) => slot).sort((a, b) => a - b)).toEqual(results.map(({ slot }) => slot));
    expect(orderResults(graph, results)).toEqual(ordered);
  });

  it("lets fewer values wait than the order that was asked for", () => {
    const { graph, results } = crossed();
    expect(mostWaiting(graph, results)).toBe(5);
    expect(mostWaiting(graph, orderResults(graph, results))).toBeLessThan(5);
  });

  it("takes results that are inputs or constants, and none at all", () => {
    const { graph, x, outputs } = trace(2, 0, ([a]) => [a!, a!.mul(0).add(3)]);
    const results: Result[] = [...outputs, x[1]!].map((node, slot) => ({ to: "variable", slot, node }));
    expect(orderResults(graph, results)).toHaveLength(3);
    expect(orderResults(graph, [])).toEqual([]);
  });
});
