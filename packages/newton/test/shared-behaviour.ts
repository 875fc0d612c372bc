// What every method must do, whatever its algorithm: run by each method's test file.
import {
  any,
  checkGradient,
  deserialize,
  type GradientState,
  gradientNorm,
  type HessianApplyProblem,
  type HessianProblem,
  type Method,
  maxIterations,
  serialize,
  solve,
} from "@hessia/core";
import { problemFromTerms } from "@hessia/core/kernel";
import { expect, it } from "vitest";
import { fittedOrder } from "./order.js";
import {
  barrier,
  chainedRosenbrock,
  convexQuadratic,
  coshes,
  largeSaddle,
  rosenbrock,
  saddle,
  unbounded,
} from "./problems-for-tests.js";

type AnyMethod = Method<HessianProblem & HessianApplyProblem, GradientState>;

export function behavesLikeAMethod(make: () => unknown, { convexOnly = false } = {}): void {
  const method = () => make() as AnyMethod;
  const stop = any<GradientState>(gradientNorm({ absolute: 1e-9, relative: 0 }), maxIterations(5000));

  it("minimizes a convex quadratic whose solution is known", () => {
    const { problem, solution } = convexQuadratic(30);
    const { x, reason } = solve(method(), problem, new Float64Array(30), { stop });
    expect(reason.kind).toBe("converged");
    for (let i = 0; i < 30; i++) expect(Math.abs(x[i]! - solution[i]!)).toBeLessThan(1e-8);
  });

  it("minimizes a convex function that isn't quadratic", () => {
    const { x, value, reason } = solve(method(), coshes(12), new Float64Array(12).fill(3), { stop });
    expect(reason.kind).toBe("converged");
    expect(value).toBeCloseTo(12, 12);
    for (let i = 0; i < 12; i++) expect(x[i]).toBeCloseTo(Math.sin(i), 8);
  });

  if (!convexOnly) {
    it("minimizes Rosenbrock's function from its standard start", () => {
      const { x, reason } = solve(method(), rosenbrock, [-1.2, 1], { stop });
      expect(reason.kind).toBe("converged");
      expect(x[0]).toBeCloseTo(1, 7);
      expect(x[1]).toBeCloseTo(1, 7);
    });

    it("minimizes a chain of 100 sparse terms", () => {
      const n = 100;
      const { x, reason } = solve(method(), chainedRosenbrock(n), new Float64Array(n).fill(0.5), { stop });
      expect(reason.kind).toBe("converged");
      for (let i = 0; i < n; i++) expect(Math.abs(x[i]! - 1)).toBeLessThan(1e-6);
    });
  }

  it("solves with one variable, and with none", () => {
    const { problem, solution } = convexQuadratic(1);
    expect(solve(method(), problem, [5], { stop }).x[0]).toBeCloseTo(solution[0]!, 8);
    const nothing = solve(method(), problemFromTerms(0, []), [], { stop });
    expect(nothing.value).toBe(0);
    expect(nothing.reason.kind).toBe("converged");
  });

  it("rejects trial points outside of the domain and stays finite", () => {
    const { x, reason, state } = solve(method(), barrier, [0.05], { stop });
    expect(reason.kind).toBe("converged");
    expect(x[0]).toBeCloseTo(1, 8);
    expect(Number.isFinite(state.value)).toBe(true);
  });

  it("says that a linear function is unbounded", () => {
    const { reason } = solve(method(), { ...unbounded, hessianApplyInto: (out: Float64Array) => out.fill(0) }, [0]);
    expect(reason).toMatchObject({ kind: "failed", rule: "unboundedBelow" });
  });

  it("never increases f from one state to the next", () => {
    const problem = convexOnly ? coshes(5) : chainedRosenbrock(20);
    const start = new Float64Array(problem.dimension).fill(-0.7);
    const { trace } = solve(method(), problem, start, { stop, trace: true });
    for (let k = 1; k < trace.length; k++) expect(trace[k]!.value).toBeLessThanOrEqual(trace[k - 1]!.value + 1e-14);
  });

  it("goes on from a stored state with the same iterates to the last bit", () => {
    const problem = convexOnly ? coshes(6) : chainedRosenbrock(6);
    const start = new Float64Array(6).fill(-0.9);
    const whole = solve(method(), problem, start, { stop, trace: true });
    const half = Math.floor(whole.iterations / 2);
    const first = solve(method(), problem, start, { stop: maxIterations(half) });
    const rest = solve(method(), problem, start, { stop, trace: true, resume: deserialize(serialize(first.state)) });
    expect(rest.x).toEqual(whole.x);
    expect(rest.iterations).toBe(whole.iterations);
    expect(rest.trace.map((row) => row.value)).toEqual(whole.trace.slice(half).map((row) => row.value));
  });

  it("names a gradient that is wrong when it stalls on it", () => {
    const { problem } = convexQuadratic(4);
    // The value is right, the gradient has one component of the wrong sign.
    const wrong = {
      ...problem,
      valueAndGradientInto: undefined,
      gradientInto(out: Float64Array, x: Float64Array) {
        problem.gradientInto(out, x);
        out[2] = -out[2]!;
        return out;
      },
    };
    const start = [1, 2, 3, 4];
    expect(checkGradient(wrong as never, start).verdict).toBe("wrong");
    const { reason } = solve(method(), wrong as never, start, { stop });
    expect(reason.kind).toBe("failed");
    expect(reason.rule).toBe("wrongGradientLikely");
  });
}

/** What the methods with second derivatives must do besides. */
export function behavesLikeASecondOrderMethod(name: string, make: (options?: object) => unknown): void {
  it("converges superlinearly", () => {
    const stop = gradientNorm({ absolute: 1e-10, relative: 0 });
    const { trace } = solve(make() as AnyMethod, coshes(4), new Float64Array(4).fill(1.5), { stop, trace: true });
    expect(fittedOrder(trace.map((row) => row.gradientNorm))).toBeGreaterThan(1.4);
  });

  it("leaves a strict saddle that it starts at, small and large", () => {
    for (const [problem, n] of [
      [saddle, 2],
      [largeSaddle(300), 300],
    ] as const) {
      const { reason, value } = solve(make() as AnyMethod, problem, new Float64Array(n));
      expect(reason.kind).toBe("converged");
      expect(value).toBeCloseTo(-0.5, 10);
    }
  });

  it("throws on unknown options and where there are no second derivatives", () => {
    expect(() => make({ foo: 1 })).toThrow(`${name}: argument \`options.foo\` is not an option`);
    const { value, gradientInto } = rosenbrock;
    const bare = { dimension: 2, value, gradientInto };
    expect(() => solve(make() as AnyMethod, bare as never, [0, 0])).toThrow(
      `${name}: argument \`problem\` is without second derivatives`,
    );
  });
}
