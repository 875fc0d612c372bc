// Minimum vertex cuts of graphs whose cuts are plain, and the two extremes.
import { describe, expect, it } from "vitest";
import { sum, trace } from "../../src/kernel/index.js";
import { smallestCut } from "../../src/kernel/vertex-cut.js";

const anywhere = () => true;

describe("smallestCut", () => {
  it("finds the waist of a product of sums", () => {
    const { graph, x, outputs } = trace(6, 0, (v) =>
      sum(v.slice(0, 3))
        .sin()
        .mul(sum(v.slice(3)).exp()),
    );
    const product = outputs[0]!;
    expect(smallestCut(graph, outputs, x, anywhere)).toMatchObject({ size: 1, nearOutputs: Int32Array.of(product) });
    const cut = smallestCut(graph, outputs, x, (id) => id !== product);
    expect(cut.size).toBe(2);
    // sin and exp near the output, the sums near the inputs.
    expect(Array.from(cut.nearOutputs)).toEqual([graph.a[product], graph.b[product]].sort((p, q) => p! - q!));
    expect(Array.from(cut.nearInputs, (id) => id)).toEqual(
      Array.from(cut.nearOutputs, (id) => graph.a[id]!).sort((p, q) => p - q),
    );
  });

  it("is the inputs where nothing is narrower", () => {
    const { graph, x, outputs } = trace(2, 0, ([a, b]) => [a!.add(b!), a!.mul(b!), a!.div(b!)]);
    const cut = smallestCut(graph, outputs, x, anywhere);
    expect(cut.size).toBe(2);
    expect(cut.nearInputs).toEqual(x);
    expect(cut.nearOutputs).toEqual(x);
  });

  it("is empty where the outputs don't depend on the inputs", () => {
    const { graph, x, outputs } = trace(1, 1, (_, [d]) => d!.sin());
    expect(smallestCut(graph, outputs, x, anywhere).size).toBe(0);
  });
});
