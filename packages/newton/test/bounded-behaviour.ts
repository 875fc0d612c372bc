// What every method that takes bounds must do: run by the test file of each.
import {
  activity,
  any,
  type BoundedState,
  deserialize,
  type GradientState,
  gradientNorm,
  iterates,
  type Method,
  maxIterations,
  projectedGradientNorm,
  serialize,
  solve,
  withBounds,
} from "@hessia/core";
import { expect, it } from "vitest";
import { lbfgs, trustRegion } from "../src/index.js";
import {
  type BoundedProblem,
  boundedCoshes,
  type Known,
  manufactured,
  mixture,
  obstacle,
  type Place,
} from "./bounded-problems.js";
import { chainedRosenbrock, convexQuadratic, rosenbrock, unbounded } from "./problems-for-tests.js";

type AnyMethod = Method<BoundedProblem, BoundedState>;

export function behavesLikeABoundedMethod(make: () => unknown): void {
  const method = () => make() as AnyMethod;
  const stop = any<GradientState>(projectedGradientNorm({ absolute: 1e-10, relative: 0 }), maxIterations(5000));

  const finds = ({ problem, start, solution, multipliers }: Known, tolerance = 1e-8) => {
    const result = solve(method(), problem, start, { stop });
    expect(result.reason).toMatchObject({ kind: "converged", rule: "projectedGradientNorm" });
    const { state, x } = result;
    for (let i = 0; i < x.length; i++) {
      expect(Math.abs(x[i]! - solution[i]!)).toBeLessThan(tolerance);
      // Active means on the bound to the last bit, with the multiplier; where it isn't 0 the bound must be found active.
      const { lower, upper } = problem;
      const kind = state.active[i];
      if (kind === activity.atLower) expect(x[i]).toBe(lower[i]);
      if (kind === activity.atUpper) expect(x[i]).toBe(upper[i]);
      if (Math.abs(multipliers[i]!) > 1e-4) expect(kind).not.toBe(activity.free);
      expect(Math.abs(state.multipliers[i]! - multipliers[i]!)).toBeLessThan(10 * tolerance);
    }
    return result;
  };

  it("finds a solution with free variables and both kinds of active bounds, with its multipliers", () => {
    finds(manufactured(mixture(40)));
    finds(manufactured(mixture(40), true));
  });

  it("finds a degenerate solution, active bounds with multipliers of 0", () => {
    const places: Place[] = mixture(30).map(([kind, lambda], i) => [kind, i % 2 === 0 ? 0 : lambda]);
    finds(manufactured(places), 1e-7);
  });

  it("finds a solution with all variables at bounds, and one with none", () => {
    finds(manufactured(Array.from({ length: 20 }, (_, i): Place => (i % 2 ? ["lower", 1] : ["upper", -2]))));
    finds(manufactured(Array.from({ length: 20 }, (): Place => ["free", 0])));
  });

  it("leaves fixed variables where they are, whatever the start", () => {
    const places: Place[] = Array.from({ length: 12 }, (_, i) =>
      i % 3 === 1 ? ["fixed", i % 2 ? 3 : -3] : ["free", 0],
    );
    const known = manufactured(places);
    const { state } = finds({ ...known, start: known.start.map((x) => x + 10) });
    expect(Array.from(state.active, (kind) => kind === activity.fixed)).toEqual(
      places.map(([kind]) => kind === "fixed"),
    );
  });

  it("solves with all variables fixed at once", () => {
    const problem = withBounds(rosenbrock, [0.5, 0.5], [0.5, 0.5]);
    const { x, iterations, reason } = solve(method(), problem as BoundedProblem, [7, 7]);
    expect(Array.from(x)).toEqual([0.5, 0.5]);
    expect(iterations).toBe(0);
    expect(reason.kind).toBe("converged");
  });

  it("finds a solution of a convex function that isn't quadratic", () => {
    finds(boundedCoshes(25));
  });

  it("finds the contact of a membrane with an obstacle that projected Gauss-Seidel finds", () => {
    const known = obstacle(12);
    const { state } = finds(known, 1e-7);
    const contact = Array.from(known.solution, (u, k) => u === known.psi[k]);
    expect(contact.filter(Boolean).length).toBeGreaterThan(10);
    expect(contact.filter((touches) => !touches).length).toBeGreaterThan(10);
    expect(Array.from(state.active, (kind) => kind === activity.atLower)).toEqual(contact);
  });

  it("solves Rosenbrock's function with the bound that cuts its valley", () => {
    const problem = withBounds(rosenbrock, [-1.5, -1], [0.5, 2]) as BoundedProblem;
    const { x, reason, state } = solve(method(), problem, [-1.2, 1], { stop });
    expect(reason.kind).toBe("converged");
    expect(x[0]).toBe(0.5);
    expect(x[1]).toBeCloseTo(0.25, 9);
    // ∂f/∂x = 400 x (x² − y) − 2 (1 − x) = −1 there.
    expect(state.multipliers[0]).toBeCloseTo(-1, 6);
  });

  it("ends where an unconstrained method does when no bound is active, or none is finite", () => {
    const { problem, solution } = convexQuadratic(20);
    for (const bounded of [
      withBounds(problem, -5, 5),
      withBounds(problem, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
    ]) {
      const { x, reason } = solve(method(), bounded as BoundedProblem, new Float64Array(20), { stop });
      expect(reason.kind).toBe("converged");
      for (let i = 0; i < 20; i++) expect(Math.abs(x[i]! - solution[i]!)).toBeLessThan(1e-9);
    }
  });

  it("evaluates nothing outside of the bounds, and never increases f", () => {
    const inner = chainedRosenbrock(15);
    const [lower, upper] = [new Float64Array(15).fill(-0.8), new Float64Array(15).fill(0.9)];
    const inside = (x: Float64Array) => {
      for (let i = 0; i < x.length; i++)
        if (!(x[i]! >= lower[i]! && x[i]! <= upper[i]!)) throw new Error(`x[${i}] = ${x[i]}`);
      return x;
    };
    const watched = {
      ...inner,
      value: (x: Float64Array) => inner.value(inside(x)),
      gradientInto: (out: Float64Array, x: Float64Array) => inner.gradientInto(out, inside(x)),
      valueAndGradientInto: undefined,
    };
    const problem = withBounds(watched, lower, upper) as unknown as BoundedProblem;
    const { trace, reason } = solve(method(), problem, new Float64Array(15).fill(-5), { stop, trace: true });
    expect(reason.kind).toBe("converged");
    for (let k = 1; k < trace.length; k++) expect(trace[k]!.value).toBeLessThanOrEqual(trace[k - 1]!.value + 1e-13);
  });

  it("goes on from a stored state with the same iterates to the last bit", () => {
    const { problem, start } = boundedCoshes(9);
    const harder = withBounds(chainedRosenbrock(9), -1.1, 0.95) as BoundedProblem;
    for (const [p, x0] of [
      [problem, start],
      [harder, start.map(() => -1)],
    ] as const) {
      const whole = solve(method(), p, x0, { stop, trace: true });
      const half = Math.floor(whole.iterations / 2);
      const first = solve(method(), p, x0, { stop: maxIterations(half) });
      const rest = solve(method(), p, x0, { stop, trace: true, resume: deserialize(serialize(first.state)) });
      expect(rest.x).toEqual(whole.x);
      expect(rest.trace.map((row) => row.value)).toEqual(whole.trace.slice(half).map((row) => row.value));
    }
  });

  it("works with any driver over its states", () => {
    const { problem, start, solution } = boundedCoshes(5);
    for (const state of iterates(method(), problem, start)) {
      if (state.projectedGradientNorm <= 1e-9) break;
      expect(state.iteration).toBeLessThan(100);
      for (let i = 0; i < 5; i++) expect(Math.abs(state.x[i]!)).toBeLessThanOrEqual(0.5);
    }
    expect(solution.length).toBe(5);
  });

  it("ends with each reason there is", () => {
    const { problem, start } = boundedCoshes(6);
    expect(solve(method(), problem, start).reason).toMatchObject({ kind: "converged", rule: "projectedGradientNorm" });
    expect(solve(method(), problem, start, { stop: maxIterations(1) }).reason).toMatchObject({ kind: "budget" });
    expect(solve(method(), problem, start, { timeLimit: 0 }).reason.rule).toBe("timeLimit");
    expect(solve(method(), problem, start, { signal: AbortSignal.abort() }).reason.kind).toBe("aborted");
    // Unbounded below along the side without a bound; bounded by the other.
    const products = (out: Float64Array) => out.fill(0);
    const open = { ...unbounded, hessianApplyInto: products } as unknown as BoundedProblem;
    expect(solve(method(), withBounds(open, Number.NEGATIVE_INFINITY, 3), [0]).reason.rule).toBe("unboundedBelow");
    expect(solve(method(), withBounds(open, -4, 3), [0])).toMatchObject({ value: -4, reason: { kind: "converged" } });
    // A kink: right gradients on both sides of 0, and none that is small.
    const kink = {
      dimension: 1,
      value: ([x]: Float64Array) => Math.abs(x! - 0.1),
      gradientInto: (out: Float64Array, [x]: Float64Array) => out.fill(x! >= 0.1 ? 1 : -1),
      hessianApplyInto: products,
    };
    expect(solve(method(), withBounds(kink, -1, 1) as unknown as BoundedProblem, [0.7]).reason).toMatchObject({
      kind: "failed",
      rule: "noProgress",
    });
    const nan = { ...problem, value: () => Number.NaN, valueAndGradientInto: undefined } as unknown as BoundedProblem;
    expect(solve(method(), nan, start).reason.rule).toBe("nonFiniteStart");
  });

  it("rejects trial points where f isn't finite", () => {
    // The logarithm needs x > 0, the bounds allow 0: minimum at x = 1.
    const bad = {
      ...rosenbrock,
      dimension: 1,
      value: ([x]: Float64Array) => (x! > 0 ? x! - Math.log(x!) : Number.NaN),
      gradientInto: (out: Float64Array, [x]: Float64Array) => out.fill(1 - 1 / x!),
      valueAndGradientInto: undefined,
      hessianApplyInto: (out: Float64Array, [x]: Float64Array, [v]: Float64Array) => out.fill(v! / (x! * x!)),
      newHessian: undefined,
      hessianInto: undefined,
    };
    const problem = withBounds(bad, 0, 40) as unknown as BoundedProblem;
    const { x, reason, state } = solve(method(), problem, [30], { stop: projectedGradientNorm(1e-8) });
    expect(reason.kind).toBe("converged");
    expect(x[0]).toBeCloseTo(1, 6);
    expect(Number.isFinite(state.value)).toBe(true);
  });

  it("has the true gradient's norm beside the projected one, and a trace of the latter", () => {
    const { problem, start, multipliers } = boundedCoshes(6);
    const { state, trace } = solve(method(), problem, start, { stop, trace: true });
    expect(state.gradientNorm).toBeCloseTo(Math.max(...multipliers.map(Math.abs)), 8);
    expect(trace.at(-1)!.gradientNorm).toBe(state.projectedGradientNorm);
    expect(gradientNorm(1e-8)({ state, previousValue: undefined, counts: {} as never, elapsed: 0 })).toBeNull();
  });

  it("is the method to use where others refuse", () => {
    const { problem, start } = boundedCoshes(3);
    for (const other of [lbfgs(), trustRegion()] as unknown as AnyMethod[])
      expect(() => solve(other, problem, start)).toThrow(
        `solve: argument \`problem\` is one with bounds; wanted one without finite bounds: ${other.name} takes none. Use a method that takes bounds`,
      );
  });
}
