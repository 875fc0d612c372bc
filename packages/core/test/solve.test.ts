import { describe, expect, it, vi } from "vitest";
import {
  any,
  EvaluationError,
  type GradientProblem,
  gradientNorm,
  iterates,
  maxEvaluations,
  maxIterations,
  type Result,
  solve,
  solveAsync,
  timeLimit,
} from "../src/index.js";
import { type DescentState, quadratic, steepestDescent } from "./methods-for-tests.js";

const method = steepestDescent(0.5);
const problem = quadratic([1, 1]);

describe("solve", () => {
  it("halves x at each step of a known recurrence and stops when the gradient is small", () => {
    const result = solve(method, problem, [1, -2], { stop: gradientNorm({ absolute: 1e-3, relative: 0 }) });
    // x_k = x₀ / 2ᵏ: the first k with 2 / 2ᵏ ≤ 1e-3 is 11.
    expect(result.iterations).toBe(11);
    expect(Array.from(result.x)).toEqual([1 / 2048, -2 / 2048]);
    expect(result.reason).toEqual({ kind: "converged", rule: "gradientNorm", detail: "‖g‖∞ = 9.77e-4 ≤ 1.00e-3" });
    expect(result.counts).toEqual({
      value: 12,
      gradient: 12,
      hessian: 0,
      hessianApply: 0,
      residual: 0,
      jacobian: 0,
      factorization: 0,
    });
    expect(result.method).toBe("steepestDescent");
  });

  it("ends with a budget reason after the given iterations", () => {
    const result = solve(method, problem, [1, 1], { stop: maxIterations(3) });
    expect(result.reason).toEqual({ kind: "budget", rule: "maxIterations", detail: "3 iterations" });
    expect(result.iterations).toBe(3);
  });

  it("ends with a budget reason after the given evaluations and after the given time", () => {
    expect(solve(method, problem, [1, 1], { stop: maxEvaluations({ gradient: 4 }) }).reason.rule).toBe(
      "maxEvaluations",
    );
    expect(solve(method, problem, [1, 1], { stop: timeLimit(0) }).reason).toMatchObject({
      kind: "budget",
      rule: "timeLimit",
    });
    expect(solve(method, problem, [1, 1], { timeLimit: 0 }).reason.rule).toBe("timeLimit");
  });

  it("ends with failed when the method can't go on", () => {
    const result = solve(steepestDescent(3), problem, [1, 1]);
    expect(result.reason).toEqual({ kind: "failed", rule: "noProgress", detail: "f did not decrease" });
    expect(Array.from(result.x)).toEqual([1, 1]);
  });

  it("ends with aborted when the signal was aborted, with the reason's text", () => {
    const controller = new AbortController();
    const observer = ({ state }: { state: DescentState }) =>
      state.iteration === 2 && controller.abort(new Error("enough"));
    const result = solve(method, problem, [1, 1], { signal: controller.signal, observers: [observer] });
    expect(result.reason).toEqual({ kind: "aborted", rule: "signal", detail: "enough" });
    expect(result.iterations).toBe(2);
  });

  it("keeps the trace only when asked", () => {
    expect(solve(method, problem, [4, 0], { stop: maxIterations(2) }).trace).toEqual([]);
    const { trace } = solve(method, problem, [4, 0], { stop: maxIterations(2), trace: true });
    expect(trace.map((row) => row.value)).toEqual([8, 2, 0.5]);
    expect(trace.map((row) => row.counts.gradient)).toEqual([1, 2, 3]);
  });

  it("gives the point that converged, also where an earlier one was lower by rounding", () => {
    // f is flat to rounding, and lower by an ulp at the start, whose gradient is larger.
    const flat: GradientProblem = {
      dimension: 1,
      value: ([x]) => (x === 1 ? 1 : 1 + Number.EPSILON),
      gradientInto: (out, [x]) => out.fill(x!),
    };
    const accepting: typeof method = {
      ...method,
      step: (counted, state) => {
        const x = state.x.map((xi) => xi / 2);
        const gradient = counted.gradientInto(new Float64Array(1), x);
        const gradientNorm = Math.abs(gradient[0]!);
        return { ...state, iteration: state.iteration + 1, x, gradient, gradientNorm, value: counted.value(x) };
      },
    };
    const { x, value, reason } = solve(accepting, flat, [1], { stop: gradientNorm({ absolute: 0.3, relative: 0 }) });
    expect([reason.kind, x[0], value]).toEqual(["converged", 0.25, 1 + Number.EPSILON]);
  });

  it("gives the best point seen, also when a later one is worse", () => {
    // A method that climbs: the best point is the start.
    const climb = {
      ...method,
      step: (_: unknown, state: DescentState) => ({
        ...state,
        iteration: state.iteration + 1,
        value: state.value + 1,
        x: state.x.map((v) => v + 1),
      }),
    };
    const result = solve(climb, problem, [1, 1], { stop: maxIterations(3) });
    expect(Array.from(result.x)).toEqual([1, 1]);
    expect(result.value).toBe(1);
  });

  it("returns a failed reason when f or its gradient isn't finite at the start", () => {
    const infinite: GradientProblem = { ...problem, value: () => Number.POSITIVE_INFINITY };
    expect(solve(method, infinite, [1, 1]).reason).toEqual({
      kind: "failed",
      rule: "nonFiniteStart",
      detail: "f(x0) = Infinity; likely causes: (a) x0 is outside of f's domain, (b) overflow in f; try another start",
    });
    const nan: GradientProblem = { ...problem, gradientInto: (out) => out.fill(Number.NaN) };
    expect(solve(method, nan, [1, 1]).reason.detail).toMatch(/^∇f\(x0\) is not finite/);
  });

  it("reports a likely wrong gradient when the method stalls", () => {
    // The gradient points uphill in the second component.
    const wrong: GradientProblem = {
      ...problem,
      gradientInto: (out, x) => {
        out[0] = x[0]!;
        out[1] = -3 * x[1]!;
        return out;
      },
    };
    const { reason } = solve(method, wrong, [0.1, 1]);
    expect(reason.kind).toBe("failed");
    expect(reason.rule).toBe("wrongGradientLikely");
    expect(reason.detail).toMatch(
      /^the method stalled and the gradient check has slope 1\.\d\d instead of 2; component 1 is given as -3, differences of f say (1|0\.99|1\.00)/,
    );
  });

  it("asks the method what it suspects where the method has a word on it", () => {
    const wrong: GradientProblem = { ...problem, gradientInto: (out, x) => out.set([x[0]!, -3 * x[1]!]) ?? out };
    const own = { kind: "failed", rule: "ownSuspicion", detail: "so it is" } as const;
    expect(solve({ ...method, diagnose: () => own }, wrong, [0.1, 1]).reason).toEqual(own);
    // Without a suspicion the failure is the method's, and f isn't evaluated anywhere else.
    const quiet = solve({ ...method, diagnose: () => null }, wrong, [0.1, 1]);
    expect(quiet.reason).toMatchObject(quiet.state.failure!);
    expect(quiet.counts.value).toBe(quiet.iterations + 1);
  });

  it("solves a problem without variables at once", () => {
    const result = solve(method, { dimension: 0, value: () => 7, gradientInto: (out) => out }, []);
    expect(result.reason).toMatchObject({ kind: "converged", rule: "gradientNorm" });
    expect(result.value).toBe(7);
    expect(result.iterations).toBe(0);
  });

  it("passes the user's exception on with its cause and everything done so far", () => {
    let calls = 0;
    const throwing: GradientProblem = {
      ...problem,
      gradientInto(out, x) {
        if (++calls === 3) throw new Error("disk full");
        return problem.gradientInto(out, x);
      },
    };
    let caught: unknown;
    try {
      solve(method, throwing, [4, 0]);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(EvaluationError);
    const error = caught as EvaluationError;
    expect(error.message).toBe("the problem's `gradient` threw at evaluation 3: disk full");
    expect((error.cause as Error).message).toBe("disk full");
    const partial = error.partial as Result;
    expect(Array.from(partial.x)).toEqual([2, 0]);
    expect(partial.counts.gradient).toBe(3);
    expect(partial.reason.rule).toBe("evaluationThrew");
  });

  it.each([
    [[1], "solve: argument `x0` is of length 1; wanted length 2, the problem's dimension."],
    [[1, Number.NaN], "solve: argument `x0` is NaN at index 1; wanted finite numbers."],
    [null, "solve: argument `x0` is null; wanted an array of 2 numbers."],
  ])("throws on a bad start %j", (x0, message) => {
    expect(() => solve(method, problem, x0 as number[])).toThrow(message);
  });

  it("throws on an unknown option, a stop that is no function, a method that is none, and a problem without value", () => {
    expect(() => solve(method, problem, [1, 1], { maxIter: 3 } as object)).toThrow(
      "solve: argument `options.maxIter` is not an option; wanted one of stop, observers, signal, timeLimit, resume, trace, secondOrder.",
    );
    expect(() => solve(method, problem, [1, 1], { stop: 3 as never })).toThrow(
      "solve: argument `options.stop` is 3; wanted a stop rule, for example `gradientNorm(1e-8)`.",
    );
    expect(() => solve({} as never, problem, [1, 1])).toThrow(
      "solve: argument `method` is an Object; wanted a method: an object with `name`, `init` and `step`.",
    );
    expect(() => solve(method, { dimension: 2 } as never, [1, 1])).toThrow(
      "solve: argument `problem.value` is undefined; wanted a function of x.",
    );
    expect(() => solve(method, { ...problem, dimension: -1 }, [])).toThrow(
      "solve: argument `problem.dimension` is -1; wanted a non-negative integer.",
    );
  });

  it("throws when an evaluation gives the wrong shape", () => {
    const short = { ...problem, gradientInto: () => new Float64Array(1) };
    expect(() => solve(method, short, [1, 1])).toThrow(
      "solve: argument `the result of problem.gradientInto` is a Float64Array of length 1; wanted the Float64Array of length 2 that was passed as `out`.",
    );
    const text = { ...problem, value: () => "1" as never };
    expect(() => solve(method, text, [1, 1])).toThrow(
      'solve: argument `the result of problem.value` is "1"; wanted a number.',
    );
  });

  it("takes a gradient that is returned instead of written", () => {
    const returned: GradientProblem = { ...problem, gradientInto: (_out, x) => x.slice() };
    expect(solve(method, returned, [1, 1], { stop: gradientNorm(1e-6) }).reason.kind).toBe("converged");
  });
});

describe("the second-order certificate", () => {
  const withCertificate = (answers: boolean[]) => {
    const certify = vi.fn((_: unknown, state: DescentState) => ({
      holds: answers.shift() ?? true,
      leastCurvature: -1,
      state,
    }));
    return { method: { ...method, certify }, certify };
  };

  it("sends the method on from a saddle until it holds", () => {
    const { method: certified, certify } = withCertificate([false, false, true]);
    const result = solve(certified, problem, [1, 1], { stop: gradientNorm(0.1) });
    expect(certify).toHaveBeenCalledTimes(3);
    expect(result.reason.kind).toBe("converged");
    expect(result.leastCurvature).toBe(-1);
  });

  it("fails with saddlePoint when a saddle can't be left", () => {
    const stuck = {
      ...method,
      certify: (_: unknown, state: DescentState) => ({
        holds: false,
        leastCurvature: -2,
        state: { ...state, failure: { rule: "stuck", detail: "" } },
      }),
    };
    expect(solve(stuck, problem, [0, 0]).reason).toEqual({
      kind: "failed",
      rule: "saddlePoint",
      detail: "a stationary point with least curvature -2.00e+0 that could not be left",
    });
  });

  it("is not asked when secondOrder is false", () => {
    const { method: certified, certify } = withCertificate([]);
    solve(certified, problem, [0, 0], { secondOrder: false });
    expect(certify).not.toHaveBeenCalled();
  });
});

describe("solveAsync", () => {
  it("gives the same iterates as solve", async () => {
    const options = { stop: gradientNorm(1e-6), trace: true };
    const a = solve(method, problem, [1, 3], options);
    const b = await solveAsync(method, problem, [1, 3], options);
    expect(b.x).toEqual(a.x);
    expect(b.trace.map((row) => row.value)).toEqual(a.trace.map((row) => row.value));
  });

  it("sees a signal that a timer aborts", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    // A step so small that the run would last for hours.
    const slow = steepestDescent(1e-9);
    const result = await solveAsync(slow, problem, [1, 1], {
      signal: controller.signal,
      stop: maxIterations(Number.POSITIVE_INFINITY),
    });
    expect(result.reason).toMatchObject({ kind: "aborted", rule: "signal" });
  });

  it("awaits steps that are promises", async () => {
    const remote = { ...method, step: async (...words: Parameters<typeof method.step>) => method.step(...words) };
    const result = await solveAsync(remote, problem, [1, 1], { stop: any(gradientNorm(1e-3), maxIterations(100)) });
    expect(result.reason.kind).toBe("converged");
  });

  it("throws what the user's function throws, with the partial result", async () => {
    const bad: GradientProblem = {
      ...problem,
      value: () => {
        throw new Error("no");
      },
    };
    await expect(solveAsync(method, bad, [1, 1])).rejects.toBeInstanceOf(EvaluationError);
  });
});

describe("iterates", () => {
  it("is lazy and shows the states in order", () => {
    const values: number[] = [];
    for (const state of iterates(method, problem, [4, 0])) {
      values.push(state.value);
      if (state.iteration === 2) break;
    }
    expect(values).toEqual([8, 2, 0.5]);
  });

  it("ends when the method fails", () => {
    expect([...iterates(steepestDescent(3), problem, [1, 1])]).toHaveLength(2);
  });
});
