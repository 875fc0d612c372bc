// What all methods of bilevel optimization must do: closed forms, a stored state, every reason to end, bad input.
import { any, deserialize, type Method, maxIterations, serialize, solve } from "@hessia/core";
import { ball, box } from "@hessia/core/set";
import { describe, expect, it } from "vitest";
import { type BilevelProblem, type BilevelState, bilevel, minimize, stationary } from "../src/index.js";
import { bard, duopoly, greatestDifference, quadratic } from "./problems-for-tests.js";

export interface Traits {
  /** Relative error of the solution of the quadratic problem. */
  readonly exact: number;
  /** Whether it takes lower constraints, and sets of y. */
  readonly constraints: boolean;
  readonly lowerSet: boolean;
  /** An option that must be positive. */
  readonly positive: string;
}

export function behavesAsBilevel<S extends BilevelState>(
  make: (options?: Record<string, unknown>) => Method<BilevelProblem, S>,
  traits: Traits,
): void {
  const { name } = make();
  const method = make() as never;

  describe(name, () => {
    it("finds the closed-form solution of a quadratic problem", () => {
      const { problem, y, solution } = quadratic(4, 6, 3);
      const x = solution();
      const out = minimize(problem, { x: [1, -1, 2, 0], y: new Float64Array(6) }, { method, tolerance: 1e-7 });
      expect(greatestDifference(out.x, x)).toBeLessThan(traits.exact);
      expect(greatestDifference(out.y, y(x))).toBeLessThan(2 * traits.exact);
      if (traits.exact < 1e-3) expect(out.reason).toMatchObject({ kind: "converged", rule: "stationary" });
    });

    it("finds the duopoly's closed-form equilibrium, from several starts", () => {
      for (const x0 of [0, 3, -5]) {
        const out = minimize(duopoly(10, 1, 1), { x: [x0], y: [1] }, { method });
        expect(greatestDifference([out.x[0]!, out.y[0]!], [4.5, 2.25])).toBeLessThan(10 * traits.exact);
      }
    });

    it("keeps x in its set", () => {
      const { upper, lower } = quadratic(4, 6, 3);
      const set = ball([0, 0, 0, 0], 0.3);
      const problem = bilevel({ upperDimension: 4, upper, lower, upperSet: set });
      const { solution } = quadratic(4, 6, 3);
      const out = minimize(problem, { x: [1, -1, 2, 0], y: new Float64Array(6) }, { method });
      expect(Math.hypot(...solution())).toBeGreaterThan(0.31);
      expect(Math.hypot(...out.x)).toBeLessThan(0.3 + 1e-12);
      // On the sphere the descent direction is a multiple of x.
      const { gradient } = quadratic(4, 6, 3);
      const g = gradient(out.x);
      const cosine = -g.reduce((s, v, i) => s + v * out.x[i]!, 0) / (Math.hypot(...g) * Math.hypot(...out.x));
      expect(cosine).toBeGreaterThan(1 - Math.max(1e-8, traits.exact));
    });

    it("goes on from a stored state with the same bits", () => {
      const { problem } = quadratic(3, 4, 5);
      const z0 = new Float64Array(7).fill(1);
      const run = (steps: number, resume?: S) =>
        solve(make(), problem, z0, { stop: maxIterations(steps), ...(resume === undefined ? {} : { resume }) });
      for (const [half, all] of [
        [2, 5],
        [25, 60],
      ] as const) {
        const first = run(half);
        const rest = run(all, deserialize<S>(serialize(first.state)));
        expect(rest.state.x).toEqual(run(all).state.x);
      }
    });

    it("ends for each reason: budget, time, aborted, failed", () => {
      const { problem } = quadratic(3, 4, 5);
      const start = { x: [1, 1, 1], y: [1, 1, 1, 1] };
      expect(minimize(problem, start, { method, maxIterations: 2 }).reason).toMatchObject({ kind: "budget" });
      expect(minimize(problem, start, { method, timeLimit: 0 }).reason).toMatchObject({ rule: "timeLimit" });
      const signal = { aborted: true, reason: "enough" };
      expect(minimize(problem, start, { method, signal }).reason).toMatchObject({ kind: "aborted", detail: "enough" });
      // F falls without end along x.
      const { upper, lower } = quadratic(3, 4, 5);
      const endless = bilevel({
        upperDimension: 3,
        upper: {
          ...upper,
          value: (z) => upper.value(z) - 2 * (z[0]! ** 2 + z[1]! ** 2 + z[2]! ** 2),
          gradientInto(out, z) {
            upper.gradientInto(out, z);
            for (let i = 0; i < 3; i++) out[i] = out[i]! - 4 * z[i]!;
            return out;
          },
        },
        lower,
      });
      const stop = any<S>(stationary(1e-9), maxIterations(200_000));
      const lost = solve(make(), endless, new Float64Array(7).fill(1), { stop, secondOrder: false });
      expect(lost.reason.kind).toBe("failed");
    });

    it("refuses what it can't take, by name", () => {
      if (!traits.constraints)
        expect(() => minimize(bard(), { x: [1], y: [1] }, { method })).toThrow(/inequalities|lower constraints/);
      const { upper, lower } = quadratic(2, 2);
      const lowerSet = box([0, 0], [1, 1]);
      const problem = bilevel({ upperDimension: 2, upper, lower, lowerSet });
      const start = { x: [0, 0], y: [0, 0] };
      if (traits.lowerSet) {
        const out = minimize(problem, start, { method });
        expect(out.reason.kind).toBe("converged");
        // y is the projected gradient's fixed point.
        const gradient = lower.gradientInto(new Float64Array(4), Float64Array.from([...out.x, ...out.y]));
        for (let j = 0; j < 2; j++)
          expect(Math.min(Math.max(out.y[j]! - gradient[2 + j]!, 0), 1)).toBeCloseTo(out.y[j]!, 4);
      } else expect(() => minimize(problem, start, { method })).toThrow(/lower set/);
      expect(() => make({ nonsense: 1 })).toThrow(/nonsense/);
      expect(() => make({ [traits.positive]: 0 })).toThrow(new RegExp(traits.positive));
      expect(() => make({ [traits.positive]: Number.NaN })).toThrow(new RegExp(traits.positive));
    });
  });
}
