// The chain rule at the waists of a graph against edge pushing, and the operations that it saves.
import { describe, expect, it } from "vitest";
import { gradientNodes } from "../../src/kernel/adjoint.js";
import { hessianNodes } from "../../src/kernel/derive.js";
import { pushEdges, pushEdgesFrom } from "../../src/kernel/edge-pushing.js";
import { constantNode, countOperations, evaluateNodes, type Graph, reachable } from "../../src/kernel/graph.js";
import { dot, type Expr, lt, select, trace } from "../../src/kernel/index.js";
import { linearCut, pullBack } from "../../src/kernel/linear-cut.js";
import { chainHessian, waists } from "../../src/kernel/waist.js";
import { meshTerms } from "./mesh-terms.js";

const values = (graph: Graph, nodes: ArrayLike<number>, x: readonly number[], data: readonly number[] = []) => {
  const all = evaluateNodes(graph, { x, data }, reachable(graph, nodes));
  return Array.from(nodes, (id) => all[id]!);
};
const near = (found: readonly number[], wanted: readonly number[]) => {
  const size = wanted.reduce((most, entry) => Math.max(most, Math.abs(entry)), 1);
  wanted.forEach((entry, e) => {
    expect(Math.abs(found[e]! - entry), `entry ${e}`).toBeLessThanOrEqual(2e-13 * size);
  });
};
/** Every candidate that `chainHessian` weighs must be right, whichever wins. */
const checkAll = (graph: Graph, f: number, inputs: Int32Array, x: readonly number[], data: readonly number[] = []) => {
  const chain = waists(graph, f, inputs);
  const wanted = values(graph, pushEdges(graph, f, inputs), x, data);
  const cut = linearCut(graph, f, inputs);
  for (let choice = 0; choice < 15; choice++) {
    const pick = (candidates: readonly Int32Array[]) => candidates[choice % candidates.length]!;
    near(values(graph, chainHessian(graph, f, chain, inputs, null, pick), x, data), wanted);
    if (cut === null) continue;
    const edges = cut.nearInputs;
    const H = chainHessian(graph, f, waists(graph, f, edges), edges, cut.nearOutputs, pick);
    near(values(graph, pullBack(graph, H, edges, inputs), x, data), wanted);
  }
  return chain;
};

describe("waists", () => {
  it("go from the output to the inputs, each wider than the one before", () => {
    for (const [, kernel] of meshTerms) {
      const { graph, x, outputs } = trace(kernel.arity, kernel.width, kernel.term);
      const sizes = waists(graph, outputs[0]!, x).map((cut) => cut.length);
      sizes.forEach((size, i) => {
        expect(size).toBeGreaterThan(i === 0 ? 0 : sizes[i - 1]!);
        expect(2 * size).toBeLessThanOrEqual(kernel.arity);
      });
    }
  });

  it("end where a waist is made of inputs", () => {
    const { graph, x } = trace(4, 0, ([a, b]) => a!.mul(b!));
    expect(waists(graph, x[0]!, x)).toEqual([Int32Array.of(x[0]!)]);
    const sum = trace(6, 0, ([a, ...rest]) => a!.mul(dot(rest, rest).exp()));
    expect(waists(sum.graph, sum.outputs[0]!, sum.x).map((cut) => cut.length)).toEqual([2, 3]);
  });

  it("of a function of the angle begin with the angle", () => {
    const { graph, x, outputs } = trace(4, 0, ([a, b, c, d]) => a!.mul(b!).atan2(c!.mul(d!)).sub(1).square());
    const [first, second] = waists(graph, outputs[0]!, x);
    expect(first!.length).toBe(1);
    expect(values(graph, first!, [1, 2, 3, 4])).toEqual([Math.atan2(2, 12)]);
    expect(values(graph, second!, [1, 2, 3, 4])).toEqual([2, 12]);
  });
});

describe("chainHessian", () => {
  for (const [name, kernel, point, p] of meshTerms)
    it(`of ${name} is that of edge pushing, by every way`, () => {
      const { graph, x, outputs } = trace(kernel.arity, kernel.width, kernel.term);
      checkAll(graph, outputs[0]!, x, point, p);
    });

  it("where one waist node lies below another", () => {
    const { graph, x, outputs } = trace(6, 0, (v) => {
      const u = dot(v.slice(0, 3), v.slice(3));
      const w = u.mul(v[0]!).add(v[1]!.sin());
      return u.exp().mul(w.square()).add(w.div(u));
    });
    expect(checkAll(graph, outputs[0]!, x, [0.5, 1.2, -0.3, 0.7, 0.4, 1.1]).length).toBeGreaterThan(0);
  });

  it("where the branch that isn't chosen is not finite", () => {
    const term = ([a, b, c, d]: Expr[]) => {
      const s = a!.mul(b!).add(c!.mul(d!));
      return select(lt(s, 0), s.square().mul(a!.sub(b!)), s.log().add(s.sqrt()));
    };
    const { graph, x, outputs } = trace(4, 0, term);
    for (const at of [
      [1, -2, 0.5, 0.25],
      [1, 2, 0.5, 0.25],
    ]) {
      const wanted = values(graph, pushEdges(graph, outputs[0]!, x), at);
      expect(wanted.every(Number.isFinite)).toBe(true);
      checkAll(graph, outputs[0]!, x, at);
    }
  });

  it("continues a sweep from given second derivatives", () => {
    // φ(s, t) with φ' = (2, 3) and φ'' = (5 7; 7 11), s = x y, t = x + y², at x = 1.5, y = −2.
    const { graph, x, outputs } = trace(2, 0, ([a, b]) => [a!.mul(b!), a!.add(b!.square())]);
    const k = (value: number) => constantNode(graph, value);
    const H = pushEdgesFrom(graph, outputs, [k(2), k(3)], [k(5), k(7), k(11)], x);
    const [sx, sy, tx, ty] = [-2, 1.5, 1, -4];
    const entry = (s1: number, t1: number, s2: number, t2: number) =>
      5 * s1 * s2 + 7 * (s1 * t2 + t1 * s2) + 11 * t1 * t2;
    const wanted = [entry(sx, tx, sx, tx), entry(sx, tx, sy, ty) + 2, entry(sy, ty, sy, ty) + 3 * 2];
    expect(values(graph, H, [1.5, -2])).toEqual(wanted);
  });
});

describe("operations of value, gradient and Hessian together", () => {
  // Edge pushing alone: 239, 1171, 1407 and 54 operations.
  const most = { "symmetric Dirichlet": 215, "neo-Hookean": 800, hinge: 1000, spring: 54 };
  for (const [name, kernel] of meshTerms)
    it(name, () => {
      const { graph, x, outputs } = trace(kernel.arity, kernel.width, kernel.term);
      const f = outputs[0]!;
      const gradient = gradientNodes(graph, f, x);
      const all = [f, ...gradient, ...hessianNodes(graph, f, gradient, x)];
      expect(countOperations(graph, all)).toBeLessThanOrEqual(most[name]);
    });
});
