import { denseMatrix, solve } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { conjugateGradient, conjugateGradientRules, euclidean, onManifold } from "../../src/index.js";
import { behavesLikeAMethod, toNorm } from "../methods-behaviour.js";
import { brockett } from "../problems-for-tests.js";

for (const rule of conjugateGradientRules)
  describe(`conjugateGradient, ${rule}`, () => {
    behavesLikeAMethod("conjugateGradient", (options) => conjugateGradient({ rule, ...options }));
  });

describe("the directions of conjugateGradient", () => {
  // ½ xᵀDx on ℝ⁴ with steps that are nearly exact: the rules agree there, and n steps nearly suffice.
  const D = denseMatrix(4, 4);
  [1, 2, 5, 9].forEach((d, i) => {
    D.data[i * 5] = d;
  });
  const problem = onManifold(euclidean(4), brockett(D, [1]));

  for (const rule of conjugateGradientRules)
    it(`${rule}: β by its formula, from two states`, () => {
      const states: { g: Float64Array; η: Float64Array }[] = [];
      solve(conjugateGradient({ rule }), problem, [1, 1, 1, 1], {
        stop: toNorm(1e-8) as never,
        observers: [({ state }) => states.push({ g: state.gradient.slice(), η: state.direction.slice() })],
      });
      const dot = (u: Float64Array, v: Float64Array) => u.reduce((sum, ui, i) => sum + ui * v[i]!, 0);
      const [{ g, η }, { g: h, η: next }] = [states[0]!, states[1]!];
      const y = h.map((hi, i) => hi - g[i]!);
      const jams = Math.abs(dot(h, g)) >= 0.5 * dot(h, h);
      const yη = dot(y, η);
      const expected = {
        fletcherReeves: jams ? 0 : dot(h, h) / dot(g, g),
        daiYuan: jams ? 0 : dot(h, h) / yη,
        polakRibierePlus: Math.max(0, dot(h, y) / dot(g, g)),
        hestenesStiefelPlus: Math.max(0, dot(h, y) / yη),
        hagerZhang: Math.max(
          -1 / (Math.sqrt(dot(η, η)) * Math.min(0.01, Math.sqrt(dot(g, g)))),
          (dot(y, h) - (2 * dot(η, h) * dot(y, y)) / yη) / yη,
        ),
      }[rule];
      next.forEach((value, i) => {
        expect(value).toBeCloseTo(expected * η[i]! - h[i]!, 10);
      });
    });

  it("takes fewer steps than the condition number on a quadratic", () => {
    const n = 30;
    const H = denseMatrix(n, n);
    for (let i = 0; i < n; i++) H.data[i * (n + 1)] = 10 ** ((2 * i) / (n - 1));
    const quadratic = onManifold(euclidean(n), brockett(H, [1]));
    const { iterations, reason } = solve(conjugateGradient(), quadratic, new Float64Array(n).fill(1), {
      stop: toNorm(1e-6) as never,
    });
    expect(reason.kind).toBe("converged");
    expect(iterations).toBeLessThan(100);
  });

  it("refuses a rule that it doesn't know", () => {
    expect(() => conjugateGradient({ rule: "steepest" as never })).toThrow(
      'conjugateGradient: argument `options.rule` is "steepest"; wanted one of "fletcherReeves", "daiYuan"',
    );
  });
});
