import { describe, expect, it } from "vitest";
import { deserialize, maxIterations, serialize, snapshot, solve } from "../src/index.js";
import { type DescentState, quadratic, steepestDescent } from "./methods-for-tests.js";

const method = steepestDescent(0.3);
const problem = quadratic([1, 2.7]);

describe("snapshot and resume", () => {
  it("goes on with the same iterates to the last bit, through JSON", () => {
    const whole = solve(method, problem, [1, Math.PI], { stop: maxIterations(9) });
    const half = solve(method, problem, [1, Math.PI], { stop: maxIterations(4) });
    const resume = deserialize<DescentState>(serialize(half.state));
    const rest = solve(method, problem, [0, 0], { stop: maxIterations(9), resume });
    expect(rest.iterations).toBe(9);
    expect(rest.x).toEqual(whole.x);
    expect(rest.value).toBe(whole.value);
  });

  it("keeps every bit of every number", () => {
    const state = {
      method: "m",
      iteration: 1,
      value: Number.NEGATIVE_INFINITY,
      failure: null,
      x: Float64Array.of(0.1, -0, Number.NaN, 5e-324, 1.7976931348623157e308),
      index: Int32Array.of(-1, 2 ** 30),
      minusZero: -0,
      list: [{ a: Number.NaN }],
      work: { big: 1 },
    };
    const back = deserialize<typeof state>(serialize(state));
    const { work, ...rest } = state;
    expect(work.big).toBe(1);
    expect(back).toEqual(rest);
    expect(Object.is(back.minusZero, -0)).toBe(true);
    expect(Object.is(back.x[1], -0)).toBe(true);
  });

  it("is a copy: later steps don't reach it", () => {
    const state = method.init(
      Object.assign(Object.create(problem), {
        counts: { value: 0, gradient: 0, hessian: 0, hessianApply: 0, residual: 0, jacobian: 0, factorization: 0 },
        times: {},
      }) as never,
      Float64Array.of(1, 1),
    );
    const kept = snapshot(state);
    state.x[0] = 99;
    expect(kept.x[0]).toBe(1);
    expect("work" in snapshot({ ...state, work: {} })).toBe(false);
  });

  it("refuses functions in a state, texts of another kind, and states of another method or size", () => {
    expect(() => snapshot({ ...({} as DescentState), f: () => 1 } as never)).toThrow(
      "snapshot: argument `state` is a state that holds a function; wanted plain data.",
    );
    expect(() => deserialize("{")).toThrow("deserialize: argument `text` is not valid JSON");
    expect(() => deserialize("{}")).toThrow(
      'deserialize: argument `text` is of format undefined; wanted a state of format "hessia-state-1".',
    );
    const { state } = solve(method, problem, [1, 1], { stop: maxIterations(1) });
    expect(() => solve({ ...method, name: "other" }, problem, [1, 1], { resume: state })).toThrow(
      'solve: argument `options.resume` is a state of method "steepestDescent"; wanted a state of method "other".',
    );
    expect(() => solve(method, quadratic([1]), [1], { resume: state })).toThrow(
      "solve: argument `options.resume` is a state with 2 variables; wanted 1 variables.",
    );
  });
});
