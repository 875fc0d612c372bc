import { problemFromExpression } from "@hessia/core/expression";
import { box } from "@hessia/core/set";
import { describe, expect, it } from "vitest";
import { bicGaffa, bilevel, meha, minimize } from "../../src/index.js";
import { behavesAsBilevel } from "../methods-behaviour.js";

behavesAsBilevel(meha, { exact: 1e-5, constraints: false, lowerSet: true, positive: "proximal" });

describe.each([
  ["meha", meha],
  ["bicGaffa", bicGaffa],
] as const)("%s with a lower level that isn't convex", (_, method) => {
  // Mirrlees 1999: the first-order condition of the lower level misleads; (1, 0.957) is best, y being a global minimizer.
  const problem = bilevel({
    upperDimension: 1,
    upper: problemFromExpression("(x - 2)^2 + (y - 1)^2", ["x", "y"]),
    lower: problemFromExpression("-x * exp(-(y + 1)^2) - exp(-(y - 1)^2)", ["x", "y"]),
    lowerSet: box([-2], [2]),
  });

  it("finds the best point among global solutions of the lower level, by other starts of its inner problem", () => {
    const lowerStarts = [-2, -1, 0, 1, 2].map((y) => [y]);
    const out = minimize(problem, { x: [0], y: [0] }, { method: method({ lowerStarts }) });
    expect(out.upperValue).toBeCloseTo(1.0018, 3);
    expect(out.x[0]).toBeCloseTo(1, 3);
    expect(out.y[0]).toBeCloseTo(0.9575, 3);
  });

  it("refuses starts of another length or that aren't finite", () => {
    const run = (lowerStarts: number[][]) => () =>
      minimize(problem, { x: [0], y: [0] }, { method: method({ lowerStarts }) });
    expect(run([[1, 2]])).toThrow(/lowerStarts/);
    expect(run([[Number.NaN]])).toThrow(/lowerStarts/);
  });
});
