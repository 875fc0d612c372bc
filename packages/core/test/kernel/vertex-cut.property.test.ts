// Minimum vertex cuts against exhaustive search: what is found separates, and nothing smaller does (Menger).
import fc from "fast-check";
import { expect, it } from "vitest";
import { dependent, type Graph, operand, reachable } from "../../src/kernel/graph.js";
import { type Expr, trace } from "../../src/kernel/index.js";
import { operandCounts } from "../../src/kernel/ops.js";
import { smallestCut } from "../../src/kernel/vertex-cut.js";

/** Whether every path from the inputs to the outputs meets `cut`. */
function separates(
  graph: Graph,
  outputs: ArrayLike<number>,
  inputs: ArrayLike<number>,
  cut: ArrayLike<number>,
): boolean {
  const blocked = new Set(Array.from(cut));
  const reached = new Set<number>();
  const needed = reachable(graph, outputs);
  const isInput = new Set(Array.from(inputs));
  for (let id = 0; id < needed.length; id++) {
    if (needed[id] === 0 || blocked.has(id)) continue;
    let hit = isInput.has(id);
    for (let k = 0; k < operandCounts[graph.op[id]!]!; k++) if (reached.has(operand(graph, id, k))) hit = true;
    if (hit) reached.add(id);
  }
  return !Array.from(outputs).some((id) => reached.has(id));
}

it("separates, is smallest, and is the same each time", () => {
  const step = fc.tuple(fc.constantFrom("add", "mul", "sin"), fc.nat(1000), fc.nat(1000));
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 9 }), (steps) => {
      const k = 3;
      const { graph, x, outputs } = trace(k, 0, (v) => {
        const all: Expr[] = [...v];
        for (const [op, a, b] of steps) {
          const p = all[a % all.length]!;
          const q = all[b % all.length]!;
          all.push(op === "sin" ? p.sin() : op === "add" ? p.add(q) : p.mul(q));
        }
        return all.at(-1)!;
      });
      const mayCut = (id: number) => id !== outputs[0] || x.includes(id);
      const cut = smallestCut(graph, outputs, x, mayCut);
      expect(smallestCut(graph, outputs, x, mayCut)).toEqual(cut);
      for (const one of [cut.nearInputs, cut.nearOutputs]) {
        expect(one.length).toBe(cut.size);
        expect(separates(graph, outputs, x, one)).toBe(true);
        expect(Array.from(one).every(mayCut)).toBe(true);
      }
      // No smaller set separates: all sets of fewer nodes (at most two).
      const needed = reachable(graph, outputs);
      const active = dependent(graph, x);
      const nodes = Array.from(needed.keys()).filter((id) => needed[id] === 1 && active[id] === 1 && mayCut(id));
      if (cut.size > 0) expect(separates(graph, outputs, x, [])).toBe(false);
      if (cut.size > 1) for (const a of nodes) expect(separates(graph, outputs, x, [a])).toBe(false);
      if (cut.size > 2)
        for (const a of nodes) for (const b of nodes) expect(separates(graph, outputs, x, [a, b])).toBe(false);
    }),
    { numRuns: 300 },
  );
});
