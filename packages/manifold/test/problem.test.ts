import { counted, defineProblem } from "@hessia/core";
import { problemFromTerms } from "@hessia/core/kernel";
import { describe, expect, it } from "vitest";
import {
  acceptManifoldTrial,
  checkGradient,
  onManifold,
  riemannianGradientNorm,
  sphere,
  startManifoldState,
} from "../src/index.js";

// f(x) = ½ xᵀ diag(1, 2, 3) x on the sphere: grad f = Dx − (xᵀDx)x.
const quadratic = defineProblem({
  dimension: 3,
  value: ([a, b, c]) => 0.5 * (a! * a! + 2 * b! * b! + 3 * c! * c!),
  gradient: ([a, b, c]) => [a!, 2 * b!, 3 * c!],
});

describe("problems on manifolds", () => {
  it("starts with the Riemannian gradient and its norm", () => {
    const problem = counted(onManifold(sphere(3), quadratic));
    const x0 = Float64Array.of(Math.SQRT1_2, Math.SQRT1_2, 0);
    const state = startManifoldState("test", problem, x0);
    expect(state.value).toBeCloseTo(0.75, 15);
    // Dx = (1, 2, 0)/√2, xᵀDx = 3/2.
    [-0.5, 0.5, 0].forEach((value, i) => {
      expect(state.gradient[i]).toBeCloseTo(value * Math.SQRT1_2, 15);
    });
    expect(state.gradientNorm).toBeCloseTo(0.5, 15);
    expect(state.euclideanGradient[1]).toBeCloseTo(2 * Math.SQRT1_2, 15);
    expect(problem.counts.gradient).toBe(1);
    expect(state.x).not.toBe(x0);
  });

  it("accepts a trial by swapping buffers", () => {
    const problem = counted(onManifold(sphere(3), quadratic));
    const state = startManifoldState("test", problem, Float64Array.of(1, 0, 0));
    const x = Float64Array.of(0, 0.6, 0.8);
    const trial = {
      x,
      gradient: new Float64Array(3),
      euclideanGradient: problem.gradientInto(new Float64Array(3), x),
      value: problem.value(x),
      stepNorm: 0.25,
    };
    const [old, oldGradient, oldEuclidean] = [state.x, state.gradient, state.euclideanGradient];
    acceptManifoldTrial(problem.manifold, state, trial);
    expect(state.x).toBe(x);
    expect(trial.x).toBe(old);
    expect(trial.gradient).toBe(oldGradient);
    expect(trial.euclideanGradient).toBe(oldEuclidean);
    expect(state.euclideanGradient[2]).toBeCloseTo(2.4, 15);
    expect(state.value).toBeCloseTo(0.5 * (2 * 0.36 + 3 * 0.64), 15);
    // Dx − (xᵀDx)x with xᵀDx = 2.64.
    expect(state.gradient[1]).toBeCloseTo(1.2 - 2.64 * 0.6, 14);
    expect(state.gradientNorm).toBeCloseTo(Math.hypot(1.2 - 2.64 * 0.6, 2.4 - 2.64 * 0.8), 14);
    expect(state.stepNorm).toBe(0.25);
  });

  it("takes traced terms: their derivatives are the Euclidean ones", () => {
    const traced = problemFromTerms(3, [
      { indices: [[0, 1, 2]], term: ([x, y, z]) => x!.mul(y!).add(z!.square().square()) },
    ]);
    const problem = onManifold(sphere(3), traced);
    expect(checkGradient(problem, Float64Array.of(0.6, 0, 0.8)).verdict).toBe("right");
  });

  it("a gradient that isn't finite has the norm NaN", () => {
    const broken = {
      ...quadratic,
      valueAndGradientInto: undefined,
      gradientInto: (out: Float64Array) => out.fill(Number.NaN),
    };
    const state = startManifoldState(
      "test",
      counted(onManifold(sphere(3), broken as never)) as never,
      Float64Array.of(1, 0, 0),
    );
    expect(state.gradientNorm).toBeNaN();
  });

  it("refuses a start off the manifold, other dimensions and what isn't a manifold", () => {
    const problem = counted(onManifold(sphere(3), quadratic));
    expect(() => startManifoldState("newton", problem, Float64Array.of(1, 1, 0))).toThrow(
      /newton: argument `x0` is off sphere\(3\) by 4\.14e-1.*projectPointInto/,
    );
    expect(() => onManifold(sphere(4), quadratic)).toThrow(
      /onManifold: argument `problem` is of 3 variables; wanted 4/,
    );
    expect(() => onManifold({} as never, quadratic)).toThrow(/`manifold` is an Object/);
    expect(() => onManifold(sphere(3), null as never)).toThrow(/`problem` is null/);
  });

  it("stops by the Riemannian norm, absolute or relative", () => {
    const rule = riemannianGradientNorm({ absolute: 1e-3, relative: 1e-2 });
    const at = (gradientNorm: number, initialGradientNorm: number) =>
      rule({
        state: { gradientNorm, initialGradientNorm } as never,
        previousValue: undefined,
        counts: {} as never,
        elapsed: 0,
      });
    expect(at(2e-3, 1e-6)).toBeNull();
    expect(at(1e-3, 1e-6)).toMatchObject({ kind: "converged", rule: "riemannianGradientNorm" });
    expect(at(0.5, 60)).toMatchObject({ kind: "converged" });
    expect(at(Number.NaN, 1)).toBeNull();
    expect(() => riemannianGradientNorm(-1)).toThrow(/absolute` is -1/);
    expect(() => riemannianGradientNorm({ relative: 1 })).toThrow(/relative` is 1/);
  });
});
