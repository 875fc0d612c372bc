// Edge pushing against forward sweeps over the gradient, two independent ways to the same Hessian; and the Jacobian.
import { describe, expect, it } from "vitest";
import { gradientNodes, hessianApplyNodes, jacobianNodes, tangentNodes } from "../../src/kernel/derive.js";
import { pushEdges } from "../../src/kernel/edge-pushing.js";
import {
  constantNode,
  countOperations,
  evaluateNodes,
  type Graph,
  inputNode,
  isValue,
  reachable,
} from "../../src/kernel/graph.js";
import { dot, type Expr, max, select, square, sum, trace } from "../../src/kernel/index.js";
import { Op } from "../../src/kernel/ops.js";

const values = (graph: Graph, nodes: ArrayLike<number>, x: number[], data: number[], direction: number[] = []) => {
  const all = evaluateNodes(graph, { x, data, direction }, reachable(graph, nodes));
  return Array.from(nodes, (id) => all[id]!);
};

const terms: Record<string, [k: number, data: number[], term: (x: Expr[], d: Expr[]) => Expr]> = {
  "a spring": [
    6,
    [1.3],
    (x, [l]) =>
      square(
        sum([0, 1, 2].map((i) => square(x[i]!.sub(x[i + 3]!))))
          .sqrt()
          .div(l!)
          .sub(1),
      ),
  ],
  "a dense square": [7, [], (x) => square(sum(x.map(square)).sub(0.25))],
  "repeated operands": [
    2,
    [],
    ([x, y]) => x!.div(x!.square()).add(x!.hypot(x!)).add(y!.abs().pow(y!)).sub(y!.atan2(y!)),
  ],
  "a determinant": [
    4,
    [2],
    ([a, b, c, d], [w]) =>
      w!.mul(
        a!
          .mul(d!)
          .sub(b!.mul(c!))
          .square()
          .inv()
          .add(dot([a!, b!], [a!, b!])),
      ),
  ],
  selections: [
    3,
    [],
    ([x, y, z]) =>
      select(x!.lt(y!), x!.mul(y!).sin(), y!.sqrt())
        .mul(max(z!, x!.mul(z!)))
        .exp(),
  ],
  "nested functions": [
    3,
    [],
    ([x, y, z]) => x!.tanh().atan2(y!.cosh()).mul(z!.sinh().asin()).add(x!.mul(0.3).acos().mul(z!.expm1())),
  ],
};

describe("pushEdges", () => {
  for (const [name, [k, data, term]] of Object.entries(terms)) {
    it(`agrees with forward sweeps: ${name}`, () => {
      const { graph, x, outputs } = trace(k, data.length, term);
      const f = outputs[0]!;
      const g = gradientNodes(graph, f, x);
      const pushed = pushEdges(graph, f, x);
      const at = Array.from({ length: k }, (_, i) => 0.35 + 0.17 * Math.sin(2 * i + 1));
      const found = values(graph, pushed, at, data);
      for (let j = 0; j < k; j++) {
        const column = values(graph, tangentNodes(graph, g, new Map([[x[j]!, constantNode(graph, 1)]])), at, data);
        for (let i = j; i < k; i++) {
          const entry = found[(i * (i + 1)) / 2 + j]!;
          expect(Math.abs(entry - column[i]!)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(entry)));
        }
      }
    });
  }

  it("knows entries that are identically zero", () => {
    const { graph, x, outputs } = trace(4, 0, ([a, b, c, d]) => a!.mul(b!).add(c!.sin()).add(d!.mul(3)));
    const H = pushEdges(graph, outputs[0]!, x);
    const nonzero = Array.from(H, (id, e) => [e, isValue(graph, id, 0)] as const).filter(([, zero]) => !zero);
    expect(nonzero.map(([e]) => e)).toEqual([1, 5]); // (1, 0) and (2, 2)
  });

  it("needs fewer operations than forward sweeps where the graph has a waist", () => {
    const [k, , term] = terms["a spring"]!;
    const { graph, x, outputs } = trace(k, 1, term);
    const g = gradientNodes(graph, outputs[0]!, x);
    const swept: number[] = [];
    for (let j = 0; j < k; j++)
      swept.push(...tangentNodes(graph, g.subarray(j), new Map([[x[j]!, constantNode(graph, 1)]])));
    const pushed = countOperations(graph, [...g, ...pushEdges(graph, outputs[0]!, x)]);
    expect(pushed).toBeLessThan(70);
    expect(pushed).toBeLessThan(countOperations(graph, [...g, ...swept]));
  });
});

describe("hessianApplyNodes", () => {
  it("is the Hessian times the direction", () => {
    for (const [k, data, term] of Object.values(terms)) {
      const { graph, x, outputs } = trace(k, data.length, term);
      const v = Array.from(x, (_, i) => inputNode(graph, Op.direction, i));
      const Hv = hessianApplyNodes(graph, outputs[0]!, gradientNodes(graph, outputs[0]!, x), x, v);
      const at = Array.from({ length: k }, (_, i) => 0.4 + 0.1 * Math.cos(3 * i));
      const along = Array.from({ length: k }, (_, i) => Math.sin(i + 0.5));
      const H = values(graph, pushEdges(graph, outputs[0]!, x), at, data);
      const entry = (i: number, j: number) => H[i >= j ? (i * (i + 1)) / 2 + j : (j * (j + 1)) / 2 + i]!;
      values(graph, Hv, at, data, along).forEach((found, i) => {
        const wanted = along.reduce((total, vj, j) => total + entry(i, j) * vj, 0);
        expect(Math.abs(found - wanted)).toBeLessThanOrEqual(1e-11 * Math.max(1, Math.abs(wanted)));
      });
    }
  });
});

describe("jacobianNodes", () => {
  it("gives polar coordinates' Jacobian, structural zeros included", () => {
    const { graph, x, outputs } = trace(3, 0, ([r, t, z]) => [r!.mul(t!.cos()), r!.mul(t!.sin()), z!.square()]);
    const J = jacobianNodes(graph, outputs, x);
    const [r, t, z] = [2, 0.7, 3];
    const found = values(graph, J, [r, t, z], []);
    const wanted = [Math.cos(t), -r * Math.sin(t), 0, Math.sin(t), r * Math.cos(t), 0, 0, 0, 2 * z];
    found.forEach((value, e) => {
      expect(value).toBeCloseTo(wanted[e]!, 14);
    });
    expect([2, 5, 6, 7].every((e) => isValue(graph, J[e]!, 0))).toBe(true);
  });
});
