import { describe, expect, it } from "vitest";
import {
  acceptBoundedTrial,
  activity,
  boundsOf,
  counted,
  deserialize,
  record,
  serialize,
  startBoundedState,
  withBounds,
} from "../src/index.js";
import { quadratic } from "./methods-for-tests.js";

// f = ½ ‖x‖², ∇f = x.
const problem = counted(withBounds(quadratic([1, 1, 1, 1]), [1, -5, -5, -2], [5, -2, 5, -2]));

describe("the state of a method that takes bounds", () => {
  it("tells what is active, with the multipliers of the right sign", () => {
    const state = startBoundedState("m", problem, Float64Array.of(1, -2, 3, -2));
    const { atLower, atUpper, free, fixed } = activity;
    expect(Array.from(state.active)).toEqual([atLower, atUpper, free, fixed]);
    // ∂f/∂x = (1, −2, 3, −2): positive at the lower bound, negative at the upper one, of any sign where the variable is fixed.
    expect(Array.from(state.multipliers)).toEqual([1, -2, 0, -2]);
    expect(state.projectedGradientNorm).toBe(3);
    expect(state.initialProjectedGradientNorm).toBe(3);
    expect(state.gradientNorm).toBe(3);
    expect(problem.counts).toMatchObject({ value: 1, gradient: 1 });
  });

  it("has no multiplier where a bound would rather be left", () => {
    const pushed = counted(withBounds(quadratic([1, 1]), [-3, 1], [-1, 4]));
    const state = startBoundedState("m", pushed, Float64Array.of(-3, 4));
    expect(Array.from(state.active)).toEqual([activity.atLower, activity.atUpper]);
    expect(Array.from(state.multipliers)).toEqual([0, 0]);
    // −∂f/∂x = (3, −4), but there is room for 2 and 3 only.
    expect(state.projectedGradientNorm).toBe(3);
  });

  it("follows an accepted trial and keeps the first norm, also when stored", () => {
    const state = startBoundedState("m", problem, Float64Array.of(1, -2, 3, -2));
    const x = Float64Array.of(1, -2.5, 0, -2);
    acceptBoundedTrial(state, boundsOf("m", problem), { x, gradient: x.slice(), value: 5, stepNorm: 1 });
    expect(Array.from(state.active)).toEqual([-1, 0, 0, 2]);
    expect(state.projectedGradientNorm).toBe(0.5);
    expect(state.initialProjectedGradientNorm).toBe(3);
    expect(deserialize(serialize(state))).toEqual(state);
    const rows = record();
    rows({ state, previousValue: undefined, counts: problem.counts, elapsed: 0 });
    expect(rows.rows[0]!.gradientNorm).toBe(0.5);
  });
});
