// Linear cuts: edge vectors and deformation gradients are found, and pulled-back Hessians are those of edge pushing without a cut.
import { describe, expect, it } from "vitest";
import { gradientNodes } from "../../src/kernel/adjoint.js";
import { hessianNodes } from "../../src/kernel/derive.js";
import { pushEdges } from "../../src/kernel/edge-pushing.js";
import { countOperations, evaluateNodes, formatNode, type Graph, reachable } from "../../src/kernel/graph.js";
import { sum, trace } from "../../src/kernel/index.js";
import { linearCut, pullBack } from "../../src/kernel/linear-cut.js";
import { meshTerms } from "./mesh-terms.js";

const values = (graph: Graph, nodes: ArrayLike<number>, x: readonly number[], data: readonly number[]) => {
  const all = evaluateNodes(graph, { x, data }, reachable(graph, nodes));
  return Array.from(nodes, (id) => all[id]!);
};
const text = (graph: Graph, nodes: ArrayLike<number>) => Array.from(nodes, (id) => formatNode(graph, id));

describe("linearCut", () => {
  for (const [name, kernel, point, p] of meshTerms)
    it(`of ${name}: edge vectors, through which the Hessian is the same`, () => {
      const { graph, x, outputs } = trace(kernel.arity, kernel.width, kernel.term);
      const f = outputs[0]!;
      const cut = linearCut(graph, f, x)!;
      const space = name === "symmetric Dirichlet" ? 2 : 3;
      expect(cut.size).toBe(kernel.arity - space);
      // Each is the difference of a coordinate of two vertices.
      for (const one of text(graph, cut.nearInputs)) expect(one).toMatch(/^-?\(x\[\d+\] - x\[\d+\]\)$/);
      const wanted = values(graph, pushEdges(graph, f, x), point, p);
      for (const u of [cut.nearInputs, cut.nearOutputs]) {
        const pulled = values(graph, pullBack(graph, pushEdges(graph, f, u), u, x), point, p);
        const size = wanted.reduce((most, entry) => Math.max(most, Math.abs(entry)), 1);
        wanted.forEach((entry, e) => {
          expect(Math.abs(pulled[e]! - entry)).toBeLessThanOrEqual(1e-13 * size);
        });
      }
    });

  it("finds the deformation gradient behind the edge vectors", () => {
    const [, kernel] = meshTerms[0];
    const { graph, x, outputs } = trace(kernel.arity, kernel.width, kernel.term);
    for (const one of text(graph, linearCut(graph, outputs[0]!, x)!.nearOutputs))
      expect(one).toMatch(/d\[\d\].*d\[\d\]/);
  });

  it("counts nodes that data scale, divide and shift as linear, products and functions not", () => {
    const { graph, x, outputs } = trace(4, 3, ([a, b, c, d], [p, q, s]) =>
      sum([a!.mul(p!), b!.div(q!), c!.neg(), d!.mul(p!.mul(q!).sin())])
        .add(s!)
        .exp(),
    );
    const cut = linearCut(graph, outputs[0]!, x)!;
    expect(cut.size).toBe(1);
    expect(cut.nearOutputs[0]).toBe(graph.a[outputs[0]!]);
    const L = gradientNodes(graph, cut.nearOutputs[0]!, x);
    const [p, q] = [2, 5];
    expect(values(graph, L, [9, 9, 9, 9], [p, q, 1])).toEqual([2, 1 / 5, -1, Math.sin(10)]);
    const other = trace(2, 0, ([a, b]) => a!.mul(b!).exp());
    expect(linearCut(other.graph, other.outputs[0]!, other.x)).toBeNull();
    const divided = trace(2, 1, ([a, b], [p]) => p!.div(a!).add(b!).exp());
    expect(linearCut(divided.graph, divided.outputs[0]!, divided.x)).toBeNull();
  });

  it("is the output itself where all is linear", () => {
    const { graph, x, outputs } = trace(3, 0, (v) => sum(v));
    const cut = linearCut(graph, outputs[0]!, x)!;
    expect(Array.from(cut.nearOutputs)).toEqual([outputs[0]]);
    const zeros = pullBack(graph, pushEdges(graph, outputs[0]!, cut.nearOutputs), cut.nearOutputs, x);
    expect(values(graph, zeros, [1, 2, 3], [])).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("is right where simplification leads derivatives around the nodes of the cut", () => {
    // ∂ log(1 + u)/∂u = 1 / (1 + u) is written 1 / (1 − x / 2) for u = −x / 2: it doesn't contain u.
    const { graph, x, outputs } = trace(3, 0, ([a]) => a!.div(sum([-2])).log1p());
    const H = hessianNodes(graph, outputs[0]!, gradientNodes(graph, outputs[0]!, x), x);
    expect(values(graph, H, [1, 0, 0], [])).toEqual([-1, 0, 0, 0, 0, 0]);
  });

  it("shares the rows of the vertex that edges start from", () => {
    // Of the six blocks three are entries of H, the eight entries of (b, a) and (c, a) are a sum and a sign each, the three of (a, a) a sum.
    const { graph, x, outputs } = trace(6, 0, ([a0, a1, b0, b1, c0, c1]) => {
      const [e0, e1, f0, f1] = [b0!.sub(a0!), b1!.sub(a1!), c0!.sub(a0!), c1!.sub(a1!)];
      return e0.mul(f1).sub(e1.mul(f0)).mul(e0.add(f0).exp()).mul(e1.sub(f1).sin());
    });
    const u = linearCut(graph, outputs[0]!, x)!.nearInputs;
    const H = pushEdges(graph, outputs[0]!, u);
    const before = countOperations(graph, H);
    expect(countOperations(graph, pullBack(graph, H, u, x)) - before).toBeLessThanOrEqual(8 * 2 + 3 * 2);
  });
});
