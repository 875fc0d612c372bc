// Random problems with bounds: every iterate feasible, f never rising, and the conditions of Karush, Kuhn and Tucker at the end.
import {
  activity,
  any,
  type BoundedState,
  iterates,
  type Method,
  maxIterations,
  projectedGradientNorm,
  solve,
  withBounds,
} from "@hessia/core";
import { problemFromTerms } from "@hessia/core/kernel";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lbfgsb, tron } from "../src/index.js";
import type { BoundedProblem } from "./bounded-problems.js";

const number = fc.double({ min: -3, max: 3, noNaN: true });

/** Σ a (x − c)² + b (x − c)⁴ / 4 + Σ w sin(xᵢ xᵢ₊₁), coercive and not convex, with bounds of every kind. */
const specifications = fc.array(
  fc.record({
    a: number,
    b: fc.double({ min: 0.1, max: 2, noNaN: true }),
    c: number,
    w: number,
    low: fc.option(number, { nil: Number.NEGATIVE_INFINITY }),
    width: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 4, noNaN: true }), fc.constant(Number.POSITIVE_INFINITY)),
    begin: fc.double({ min: -6, max: 6, noNaN: true }),
  }),
  { minLength: 1, maxLength: 8 },
);

type Specification = typeof specifications extends fc.Arbitrary<infer T> ? T : never;

function build(variables: Specification): { problem: BoundedProblem; start: number[] } {
  const inner = problemFromTerms(variables.length, [
    {
      indices: variables.map((_, i) => [i]),
      data: variables.map(({ a, b, c }) => [a, b, c]),
      term: ([x], [a, b, c]) => {
        const square = x!.sub(c!).square();
        return square.mul(a!).add(square.square().mul(b!).mul(0.25));
      },
    },
    {
      indices: variables.slice(1).map((_, i) => [i, i + 1]),
      data: variables.slice(1).map(({ w }) => [w]),
      term: ([x, y], [w]) => x!.mul(y!).sin().mul(w!),
    },
  ]);
  const lower = variables.map(({ low }) => low);
  const upper = variables.map(({ low, width }) => (low === Number.NEGATIVE_INFINITY ? 1 + width : low + width));
  return { problem: withBounds(inner, lower, upper) as BoundedProblem, start: variables.map(({ begin }) => begin) };
}

/** A slope so small that the step to its bound overflows. */
const besideZero: Specification = [
  { a: 0, b: 0.1, c: 1.0034, w: 0, low: Number.NEGATIVE_INFINITY, width: 0, begin: -0.2940633789062463 },
  { a: 0, b: 0.1, c: 0, w: 0, low: -3.669398555230468e-108, width: 0, begin: 0 },
  { a: 0, b: 0.1, c: 0, w: 6.7322428785637225e-217, low: Number.NEGATIVE_INFINITY, width: 0, begin: 0 },
  { a: -1.3601405554239058e-173, b: 0.1, c: -1.816230108980408e-151, w: 0, low: 0, width: 0, begin: 0 },
];

const methods: readonly [string, () => Method<BoundedProblem, BoundedState>][] = [
  ["tron", () => tron() as unknown as Method<BoundedProblem, BoundedState>],
  ["tron with products", () => tron({ preconditioner: "none" }) as unknown as Method<BoundedProblem, BoundedState>],
  ["lbfgsb", () => lbfgsb() as unknown as Method<BoundedProblem, BoundedState>],
];

describe.each(methods)("%s on random problems with bounds", (_name, make) => {
  it("keeps every iterate feasible and never increases f beyond rounding", () => {
    fc.assert(
      fc.property(specifications, (variables) => {
        const { problem, start } = build(variables);
        let before = Number.POSITIVE_INFINITY;
        for (const state of iterates(make(), problem, start)) {
          for (let i = 0; i < start.length; i++)
            if (!(state.x[i]! >= problem.lower[i]! && state.x[i]! <= problem.upper[i]!)) return false;
          if (state.value > before + 1e-14 * Math.max(1, Math.abs(before))) return false;
          before = state.value;
          if (state.iteration >= 40) break;
        }
        return true;
      }),
      { numRuns: 60 },
    );
  });

  it("ends where the conditions of optimality hold", () => {
    fc.assert(
      fc.property(specifications, (variables) => {
        const { problem, start } = build(variables);
        const stop = any(projectedGradientNorm(1e-7), maxIterations(2000));
        const { state, reason, x } = solve(make(), problem, start, { stop });
        expect(reason.kind).toBe("converged");
        const tolerance = Math.max(1e-7, 1e-7 * state.initialProjectedGradientNorm);
        const g = problem.gradientInto(new Float64Array(x.length), x);
        for (let i = 0; i < x.length; i++) {
          const room = Math.min(x[i]! - problem.lower[i]!, problem.upper[i]! - x[i]!);
          if (state.active[i] === activity.free) expect(Math.min(Math.abs(g[i]!), room)).toBeLessThanOrEqual(tolerance);
          if (state.active[i] === activity.atLower) expect(state.multipliers[i]!).toBeGreaterThanOrEqual(0);
          if (state.active[i] === activity.atUpper) expect(state.multipliers[i]!).toBeLessThanOrEqual(0);
          if (state.active[i] === activity.fixed) expect(x[i]! - problem.lower[i]!).toBe(0);
          if (state.multipliers[i] !== 0) expect(state.multipliers[i]).toBe(g[i]);
        }
      }),
      { numRuns: 60, examples: [[besideZero]] },
    );
  });
});
