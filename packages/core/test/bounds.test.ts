import { describe, expect, it } from "vitest";
import {
  boundsOf,
  finiteBounds,
  type GradientProblem,
  iterates,
  maxIterations,
  projectedGradient,
  projectInto,
  solve,
  solveAsync,
  startWithinBounds,
  withBounds,
} from "../src/index.js";
import { quadratic, steepestDescent } from "./methods-for-tests.js";

const infinity = Number.POSITIVE_INFINITY;
const problem = quadratic([1, 1]);
const refusing = steepestDescent(0.5);
// Steepest descent that claims to take bounds: what the driver does with the start is seen before its first step.
const taking = { ...refusing, takes: { bounds: true } };

describe("bounds of a problem", () => {
  it("are there only when one is finite", () => {
    expect(finiteBounds("r", problem)).toBeUndefined();
    expect(finiteBounds("r", withBounds(problem, -infinity, infinity))).toBeUndefined();
    const one = withBounds(problem, [-infinity, 2], infinity);
    expect(finiteBounds("r", one)).toEqual({ lower: one.lower, upper: one.upper });
    expect(finiteBounds("r", withBounds(problem, -infinity, [infinity, 2]))).toBeDefined();
    expect(boundsOf("r", problem)).toEqual({
      lower: Float64Array.of(-infinity, -infinity),
      upper: Float64Array.of(infinity, infinity),
    });
    expect(
      finiteBounds("r", { ...quadratic([]), lower: new Float64Array(), upper: new Float64Array() }),
    ).toBeUndefined();
  });

  it("are refused where they make no sense, naming the variable", () => {
    const with_ = (lower: unknown, upper: unknown) => ({ ...problem, lower, upper }) as never;
    const two = (a: number, b: number) => Float64Array.of(a, b);
    expect(() => finiteBounds("r", with_(two(0, 3), two(1, 2)))).toThrow(
      "r: argument `problem.lower[1]` is 3, above the upper bound 2; wanted lower ≤ upper.",
    );
    expect(() => finiteBounds("r", with_(two(0, Number.NaN), two(1, 2)))).toThrow("argument `problem.lower[1]` is NaN");
    expect(() => finiteBounds("r", with_(two(0, 0), two(Number.NaN, 2)))).toThrow("argument `problem.upper[0]` is NaN");
    expect(() => finiteBounds("r", with_(two(infinity, 0), two(infinity, 2)))).toThrow(
      "`problem.lower[0]` is Infinity",
    );
    expect(() => finiteBounds("r", with_(two(-infinity, 0), two(-infinity, 2)))).toThrow(
      "`problem.upper[0]` is -Infinity",
    );
    expect(() => finiteBounds("r", with_(two(0, 0), undefined))).toThrow("argument `problem.upper` is undefined");
    expect(() => finiteBounds("r", with_([0, 0], two(1, 1)))).toThrow(
      "argument `problem.lower` is an Array of length 2",
    );
    expect(() => finiteBounds("r", with_(new Float64Array(3), two(1, 1)))).toThrow(
      "wanted a Float64Array of length 2, the problem's dimension",
    );
    expect(() => withBounds(problem, [1, 2, 3], 5)).toThrow("withBounds: argument `lower` is an Array of length 3");
    expect(() => withBounds(problem, 3, 2)).toThrow("withBounds: argument `problem.lower[0]` is 3, above");
    expect(() => withBounds(problem, null as never, 2)).toThrow("withBounds: argument `lower` is null");
  });

  it("are added to a problem without changing it, its prototype kept", () => {
    class Own {
      readonly dimension = 1;
      value([x]: Float64Array) {
        return x! * x!;
      }
    }
    const own = new Own();
    const bounded = withBounds(own, 1, [2]);
    expect(bounded.value(Float64Array.of(3))).toBe(9);
    expect([bounded.lower, bounded.upper]).toEqual([Float64Array.of(1), Float64Array.of(2)]);
    expect("lower" in own).toBe(false);
    expect({ ...withBounds(problem, 0, 1) }.dimension).toBe(2);
  });
});

describe("projection", () => {
  const bounds = { lower: Float64Array.of(-1, 0, -infinity, 2), upper: Float64Array.of(1, infinity, 5, 2) };

  it("takes the nearest point within the bounds", () => {
    expect(projectInto(new Float64Array(4), Float64Array.of(-3, -3, -3, -3), bounds)).toEqual(
      Float64Array.of(-1, 0, -3, 2),
    );
    const x = Float64Array.of(9, 9, 9, 9);
    expect(projectInto(x, x, bounds)).toBe(x);
    expect(x).toEqual(Float64Array.of(1, 9, 5, 2));
  });

  it("gives the norm of the projected gradient", () => {
    const x = Float64Array.of(-1, 0.25, 5, 2);
    // At a lower bound a positive gradient counts for nothing, a negative one for as much as there is room; a fixed variable never counts.
    expect(projectedGradient(bounds, x, Float64Array.of(7, 0, 0, 9))).toBe(0);
    expect(projectedGradient(bounds, x, Float64Array.of(-0.5, 0, 0, 0))).toBe(0.5);
    expect(projectedGradient(bounds, x, Float64Array.of(-7, 0, 0, 0))).toBe(2);
    expect(projectedGradient(bounds, x, Float64Array.of(0, 7, 0, 0))).toBe(0.25);
    expect(projectedGradient(bounds, x, Float64Array.of(0, 0, -3, 0))).toBe(0);
    expect(projectedGradient(bounds, x, Float64Array.of(0, 0, 3, 0))).toBe(3);
    expect(projectedGradient(bounds, x, Float64Array.of(0, Number.NaN, 3, 0))).toBeNaN();
    const none = boundsOf("r", quadratic([1, 1]));
    expect(projectedGradient(none, Float64Array.of(5, 5), Float64Array.of(-0.1, 0.3))).toBe(0.3);
  });
});

describe("the drivers", () => {
  const box = withBounds(problem, [-1, 1], [2, 3]) as GradientProblem;

  it("refuse bounds and constraints for a method that takes none, synchronously and not", async () => {
    const text =
      "argument `problem` is one with bounds; wanted one without finite bounds: steepestDescent takes none. Use a method that takes bounds";
    expect(() => solve(refusing, box, [0, 0])).toThrow(`solve: ${text}`);
    expect(() => iterates(refusing, box, [0, 0]).next()).toThrow(`iterates: ${text}`);
    await expect(solveAsync(refusing, box, [0, 0])).rejects.toThrow(`solveAsync: ${text}`);
    const constraints = { residuals: 2 };
    expect(() => solve(taking, { ...problem, constraints } as never, [0, 0])).toThrow(
      "solve: argument `problem` is one with constraints; wanted one without: steepestDescent takes none.",
    );
    expect(solve(refusing, { ...problem, constraints: { residuals: 0 } } as never, [0, 0]).reason.kind).toBe(
      "converged",
    );
    expect(solve(refusing, withBounds(problem, -infinity, infinity), [1, 1]).reason.kind).toBe("converged");
  });

  it("move the start within the bounds for one that does", () => {
    const { x } = solve(taking, box, [-7, 9], { stop: maxIterations(0) });
    expect(Array.from(x)).toEqual([-1, 3]);
    expect(Array.from(iterates(taking, box, [-7, 9]).next().value!.x)).toEqual([-1, 3]);
    const start = Float64Array.of(0, 2);
    expect(startWithinBounds("r", taking, box, start)).toBe(start);
  });

  it("refuse a stored state outside of the bounds", () => {
    const { state } = solve(taking, problem, [0.5, 0.5], { stop: maxIterations(0) });
    expect(() => solve(taking, box, [0, 1], { resume: state })).toThrow(
      "solve: argument `options.resume` is a state outside of the problem's bounds; wanted one within them.",
    );
  });
});
