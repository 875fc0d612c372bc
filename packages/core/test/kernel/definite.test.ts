// The pivot of a term's Hessian: positive exactly where the smallest eigenvalue is, apart from those that are zero everywhere.
import { describe, expect, it } from "vitest";
import { definiteness } from "../../src/kernel/definite.js";
import { gradientNodes, hessianNodes } from "../../src/kernel/derive.js";
import { evaluateNodes, reachable } from "../../src/kernel/graph.js";
import { type TermFunction, trace } from "../../src/kernel/index.js";
import { batchedEigenInto } from "../../src/linear/small/small-batch.js";
import { hinge, neoHookean, symmetricDirichlet } from "./mesh-terms.js";

const noise = (i: number) => (Math.sin(12.9898 * (i + 1)) * 43758.5453) % 1;
/** R, volume, μ and λ of a tetrahedron. */
const tet = [1, 0.1, 0, -0.1, 0.9, 0.2, 0, 0.1, 1.1, 1, 1, 1];
const chain: TermFunction = ([x, y, z]) =>
  x!
    .sub(y!)
    .sin()
    .add(y!.sub(z!).cos())
    .add(x!.sub(y!).mul(y!.sub(z!)).mul(0.3));
const whole: TermFunction = ([x, y]) => x!.square().mul(y!.exp()).add(y!.square().mul(y!)).add(x!.sin());
/** Its cut is a x + y + z and y − b z. */
const byData: TermFunction = ([x, y, z], [a, b]) =>
  x!
    .mul(a!)
    .add(y!)
    .add(z!)
    .sin()
    .add(y!.sub(z!.mul(b!)).cos());

describe("definiteness", () => {
  for (const [name, term, k, data, rank, at, spread] of [
    ["symmetric Dirichlet", symmetricDirichlet.term, 6, [1, 0.1, -0.1, 0.9, 0.5], 4, [0, 0, 1, 0, 0, 1], 0.3],
    ["neo-Hookean", neoHookean.term, 12, tet, 9, [0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2], 1.2],
    ["hinge", hinge.term, 12, [0.3, 1], 9, [0, 0, 0, 1, 0, 0, 0, 1, 0.2, 0.1, -1, 0], 0.3],
    ["a chain", chain, 3, [], 2, [0, 1, 0], 2],
    ["without a cut", whole, 2, [], 2, [0.5, 0], 2],
    ["a cut that holds data", byData, 3, [2, 3], 3, [0, 0, 0], 2],
  ] as const)
    it(`${name}: the pivot has the sign of the smallest eigenvalue`, () => {
      const { graph, x, outputs } = trace(k, data.length, term);
      const H = hessianNodes(graph, outputs[0]!, gradientNodes(graph, outputs[0]!, x), x);
      const { pivot, basis } = definiteness(graph, outputs[0]!, x, H);
      expect(basis?.rank ?? k).toBe(rank);
      const Q = basis?.Q ?? Float64Array.from({ length: k * k }, (_, e) => +(e % (k + 1) === 0));
      const roots = [...H, pivot!];
      const needed = reachable(graph, roots);
      let [positive, negative] = [0, 0];
      for (let trial = 0; trial < 200; trial++) {
        const point = at.map((value, i) => value + spread * noise(11 * trial + i));
        const values = evaluateNodes(graph, { x: point, data }, needed);
        if (H.some((id) => !Number.isFinite(values[id]!))) continue;
        const reduced = new Float64Array(rank * rank);
        for (let a = 0; a < rank; a++)
          for (let b = 0; b <= a; b++)
            for (let i = 0; i < k; i++)
              for (let j = 0; j < k; j++) {
                const [row, col] = i >= j ? [i, j] : [j, i];
                reduced[a * rank + b]! +=
                  Q[i * rank + a]! * values[H[(row * (row + 1)) / 2 + col]!]! * Q[j * rank + b]!;
              }
        const eigenvalues = new Float64Array(rank);
        batchedEigenInto(eigenvalues, new Float64Array(rank * rank), rank, 1, reduced);
        // By a cut that holds data the pivot is that of fewer variables, and the others add zeros.
        const least = eigenvalues[name === "a cut that holds data" ? +(eigenvalues[0]! > -1e-9) : 0]!;
        // Where it is zero to rounding either answer will do.
        if (Math.abs(least) < 1e-9 * Math.max(-least, eigenvalues[rank - 1]!)) continue;
        expect(values[pivot!]! > 0, `${eigenvalues}`).toBe(least > 0);
        if (least > 0) positive++;
        else negative++;
      }
      expect(negative).toBeGreaterThan(5);
      if (name !== "hinge") expect(positive).toBeGreaterThan(5);
    });
});
