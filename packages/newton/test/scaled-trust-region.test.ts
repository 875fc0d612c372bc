import {
  any,
  deserialize,
  gradientNorm,
  leastSquaresProblem,
  maxIterations,
  type Observer,
  serialize,
  solve,
  sumOfSquares,
  withBounds,
} from "@hessia/core";
import { systemFromTerms } from "@hessia/core/kernel";
import { describe, expect, it } from "vitest";
import {
  type BoundedSystem,
  type LeastSquaresState,
  residualNorm,
  type ScaledTrustRegionState,
  scaledTrustRegion,
} from "../src/index.js";
import { scalingInto } from "../src/scaling-matrices.js";
import {
  broyden,
  himmelblau,
  logarithm,
  rosenbrockRows,
  rowsProblem,
  wide,
  withDenseJacobian,
} from "./least-squares-problems.js";
import { fittedOrder } from "./order.js";

const stop = any<LeastSquaresState>(residualNorm(1e-10), maxIterations(300));
const names = ["colemanLi", "heinkenschloss", "kanzowKlug", "combination"] as const;

/** Powell's badly scaled system in the box of the papers: solution (1.4506…e-5, 6.8933…). */
const badlyScaled = withBounds(
  rowsProblem(
    2,
    ([x, y]) => x!.mul(y!).mul(1e4).sub(1),
    ([x, y]) => x!.neg().exp().add(y!.neg().exp()).sub(1.001),
  ),
  [5.45e-6, 2.196e-3],
  [4.553, 18.21],
);

describe("scaling matrices", () => {
  it("have the values of their papers, variable by variable", () => {
    const [low, high] = [
      Float64Array.of(0, 0, 0, -Infinity, -Infinity, 0),
      Float64Array.of(4, 4, 4, 4, Infinity, Infinity),
    ];
    const bounds = { lower: low, upper: high };
    const x = Float64Array.of(1, 1, 1, 1, 1, 3);
    const g = Float64Array.of(0.5, -0.5, 0, -2, 7, -2);
    const all = { exponent: 2, gamma: 2, weights: [0.5, 0.3, 0.2] as const };
    const of = (name: (typeof names)[number]) => scalingInto(new Float64Array(6), name, bounds, x, g, all);
    expect([...of("colemanLi")]).toEqual([1, 3, 1, 3, 1, 1]);
    // |g| = ½ < 1² : the distance ahead. At 3, |g| = 2 < 3 and 3 < 2²: the distance ahead is infinite, 1.
    expect([...of("heinkenschloss")]).toEqual([1, 3, 1, 3, 1, 1]);
    // min(x − l + 2 max(0, −g), u − x + 2 max(0, g)).
    expect([...of("kanzowKlug")]).toEqual([1, 2, 1, 3, 1, 7]);
    for (let i = 0; i < 6; i++)
      expect(of("combination")[i]).toBeCloseTo(
        0.5 * of("colemanLi")[i]! + 0.3 * of("heinkenschloss")[i]! + 0.2 * of("kanzowKlug")[i]!,
        14,
      );
    // At a distance of 0.5: 0.5 < 0.9² scales; with |g| = 0.6 neither 0.6 < 0.5² nor 0.5 < 0.6² holds.
    const half = { lower: Float64Array.of(0), upper: Float64Array.of(10) };
    const at = (slope: number) =>
      scalingInto(new Float64Array(1), "heinkenschloss", half, Float64Array.of(0.5), Float64Array.of(slope), all)[0];
    expect(at(0.9)).toBe(0.5);
    expect(at(0.6)).toBe(1);
  });

  it("vanish towards a bound that holds x, but for Heinkenschloss's where the slope vanishes as well", () => {
    const bounds = { lower: Float64Array.of(0), upper: Float64Array.of(1) };
    const all = { exponent: 2, gamma: 1, weights: [1 / 3, 1 / 3, 1 / 3] as const };
    for (const name of names)
      expect(
        scalingInto(new Float64Array(1), name, bounds, Float64Array.of(1e-9), Float64Array.of(2), all)[0],
      ).toBeCloseTo(1e-9, 12);
  });
});

for (const scaling of names)
  describe(`scaledTrustRegion, ${scaling}`, () => {
    const method = () => scaledTrustRegion({ scaling });
    const inside =
      (problem: BoundedSystem): Observer<ScaledTrustRegionState> =>
      ({ state }) => {
        for (const [i, xi] of state.x.entries()) {
          expect(xi).toBeGreaterThan(problem.lower?.[i] ?? Number.NEGATIVE_INFINITY);
          expect(xi).toBeLessThan(problem.upper?.[i] ?? Number.POSITIVE_INFINITY);
        }
      };

    it("finds the root of Himmelblau's system that lies in the box, quadratically, dense and sparse", () => {
      for (const [lower, upper, start, root] of [
        [
          [0, 0],
          [10, 10],
          [1, 1],
          [3, 2],
        ],
        [
          [-10, 0],
          [0, 10],
          [-1, 1],
          [-2.805118086952745, 3.131312518250573],
        ],
        [
          [-10, -10],
          [0, 0],
          [-1, -1],
          [-3.779310253377747, -3.28318599128617],
        ],
        [
          [0, -10],
          [10, 0],
          [5, -1],
          [3.584428340330492, -1.848126526964404],
        ],
      ] as const)
        for (const system of [himmelblau, withDenseJacobian(himmelblau)]) {
          const problem = withBounds(system, lower, upper);
          const { x, reason, trace } = solve(method(), problem, start, {
            stop,
            trace: true,
            observers: [inside(problem)],
          });
          expect(reason).toMatchObject({ kind: "converged", rule: "residualNorm" });
          expect(x[0]).toBeCloseTo(root[0], 9);
          expect(x[1]).toBeCloseTo(root[1], 9);
          expect(fittedOrder(trace.map((row) => row.gradientNorm))).toBeGreaterThan(1.7);
        }
    });

    it("solves Powell's badly scaled system next to its bounds", () => {
      const { x, reason } = solve(method(), badlyScaled, [2, 9], { stop, observers: [inside(badlyScaled)] });
      expect(reason.kind).toBe("converged");
      expect(x[0]! / 1.450672871e-5).toBeCloseTo(1, 7);
      expect(x[1]).toBeCloseTo(6.8933528699, 8);
    });

    it("comes as near as numbers allow to a root on a bound, the other root being outside", () => {
      const edge = rowsProblem(1, ([x]) => x!.mul(x!.sub(2)));
      for (const [lower, upper, start, root] of [
        [-1e-300, 1, 0.9, 0],
        [0, 1, 0.9, 0],
        [1, 2, 1.1, 2],
      ] as const) {
        const problem = withBounds(edge, lower, upper);
        const { x, reason } = solve(method(), problem, [start], { stop, observers: [inside(problem)] });
        expect(reason.kind).toBe("converged");
        expect(x[0]).toBeCloseTo(root, 9);
      }
      const corner = withBounds(rosenbrockRows, [-2, -2], [1, 2]);
      expect(solve(method(), corner, [-1.2, 1], { stop }).reason.kind).toBe("converged");
    });

    it("solves a large sparse system by the augmented matrix, with and without bounds, to the same root", () => {
      const n = 400;
      const system = broyden(n);
      const free = solve(method(), system, new Float64Array(n).fill(-1), { stop });
      const bound = solve(method(), withBounds(system, -100, 0), new Float64Array(n).fill(-50), { stop });
      expect(free.reason.kind).toBe("converged");
      expect(bound.reason.kind).toBe("converged");
      expect(free.counts.factorization).toBeLessThan(12);
      for (let i = 0; i < n; i++) expect(bound.x[i]).toBeCloseTo(free.x[i]!, 8);
    });

    it("solves fewer equations than unknowns", () => {
      const problem = withBounds(wide, 0, 3);
      const { reason } = solve(method(), problem, new Float64Array(5).fill(0.5), {
        stop,
        observers: [inside(problem)],
      });
      expect(reason.kind).toBe("converged");
    });

    it("says that there is no solution near, inside and at a bound, and never calls it converged", () => {
      const none = rowsProblem(1, ([x]) => x!.square().add(1));
      for (const [lower, upper] of [
        [-5, 5],
        [1, 5],
      ] as const) {
        const { reason, x } = solve(method(), withBounds(none, lower, upper), [3]);
        expect(reason).toMatchObject({ kind: "failed", rule: "localMinimum" });
        expect(x[0]).toBeCloseTo(Math.max(0, lower), 3);
      }
    });

    it("rejects trial points where F isn't finite", () => {
      const { x, reason } = solve(method(), logarithm, [50], { stop });
      expect(reason.kind).toBe("converged");
      expect(x[0]).toBeCloseTo(1, 9);
    });

    it("goes on from a stored state with the same iterates to the last bit", () => {
      const whole = solve(method(), badlyScaled, [2, 9], { stop, trace: true });
      const first = solve(method(), badlyScaled, [2, 9], { stop: maxIterations(7) });
      const rest = solve(method(), badlyScaled, [2, 9], { stop, resume: deserialize(serialize(first.state)) });
      expect(rest.x).toEqual(whole.x);
      expect(rest.iterations).toBe(whole.iterations);
    });
  });

describe("scaledTrustRegion", () => {
  it("asks for a solution by the default rule too: gradientNorm holds ‖F‖∞", () => {
    const { reason, state } = solve(scaledTrustRegion(), withBounds(himmelblau, 0, 10), [1, 1]);
    expect(reason).toMatchObject({ kind: "converged", rule: "gradientNorm" });
    expect(Math.max(...state.residual.map(Math.abs))).toBe(state.gradientNorm);
  });

  it("moves a start off the bounds", () => {
    const { trace, state } = solve(scaledTrustRegion(), withBounds(himmelblau, [0, -5], [10, 8]), [0, 9], {
      stop: maxIterations(0),
      trace: true,
    });
    expect(trace.length).toBe(1);
    expect(state.x[0]).toBeCloseTo(0.01, 12);
    expect(state.x[1]).toBeCloseTo(8 - 0.08, 12);
  });

  it("ends at the limit of rounding when asked for more than there is", () => {
    const irrational = rowsProblem(1, ([x]) => x!.square().sub(2));
    const { reason, x } = solve(scaledTrustRegion(), withBounds(irrational, 0, 5), [1], {
      stop: any<LeastSquaresState>(gradientNorm({ absolute: 0, relative: 0 }), maxIterations(100)),
    });
    expect(reason).toMatchObject({ kind: "failed", rule: "noProgress" });
    expect(x[0]).toBeCloseTo(Math.SQRT2, 14);
  });

  it("names a wrong Jacobian", () => {
    const wrong = leastSquaresProblem({
      dimension: 1,
      residuals: 1,
      residual: ([x]) => [x! * x! - 2],
      jacobian: ([x]) => [[-2 * x!]],
    });
    expect(solve(scaledTrustRegion(), wrong, [2], { stop }).reason).toMatchObject({ rule: "wrongJacobianLikely" });
  });

  it("serves no variables and no equations", () => {
    const none = leastSquaresProblem({ dimension: 2, residuals: 0, residual: () => [], jacobian: () => [] });
    expect(solve(scaledTrustRegion(), none, [1, 2]).reason.kind).toBe("converged");
    const impossible = leastSquaresProblem({ dimension: 0, residuals: 1, residual: () => [1], jacobian: () => [[]] });
    expect(solve(scaledTrustRegion(), impossible, []).reason).toMatchObject({ kind: "failed", rule: "localMinimum" });
  });

  it("takes a sparse Jacobian without full rank by Cauchy steps", () => {
    // 400 variables, the last of which no equation holds.
    const n = 400;
    const own = Array.from({ length: n - 1 }, (_, i) => i);
    const loose = sumOfSquares(
      systemFromTerms(n, [
        {
          groups: n - 1,
          outer: (s) => s,
          inner: [{ indices: own.map((i) => [i]), group: own, term: ([x]) => x!.exp().sub(1) }],
        },
      ]),
    );
    const { reason, x } = solve(scaledTrustRegion(), loose, new Float64Array(n).fill(0.5), { stop });
    expect(reason.kind).toBe("converged");
    expect(x[n - 1]).toBe(0.5);
  });

  it("refuses options and problems that don't fit", () => {
    expect(() => scaledTrustRegion({ foo: 1 } as never)).toThrow("`options.foo`");
    expect(() => scaledTrustRegion({ scaling: "none" as never })).toThrow("options.scaling");
    expect(() => scaledTrustRegion({ exponent: 1 })).toThrow("options.exponent");
    expect(() => scaledTrustRegion({ gamma: 0 })).toThrow("options.gamma");
    expect(() => scaledTrustRegion({ initialRadius: 0 })).toThrow("options.initialRadius");
    expect(() => scaledTrustRegion({ weights: [1, 1, 1] })).toThrow("three numbers ≥ 0 with sum 1");
    const fixed = withBounds(himmelblau, [3, 0], [3, 5]);
    expect(() => solve(scaledTrustRegion(), fixed, [3, 1])).toThrow("restrictProblem()");
    const bare = { dimension: 1, value: () => 0, gradientInto: (out: Float64Array) => out };
    expect(() => solve(scaledTrustRegion(), bare as never, [0])).toThrow("without residualInto");
    expect(() => residualNorm(-1)).toThrow("tolerance");
  });
});
