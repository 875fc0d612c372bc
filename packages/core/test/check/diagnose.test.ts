import { describe, expect, it } from "vitest";
import { diagnoseStall } from "../../src/check/diagnose.js";
import { counted, type HessianProblem, type State, withBounds } from "../../src/index.js";
import { rosenbrock } from "../methods-for-tests.js";

const at = (...x: number[]): State => ({
  method: "m",
  iteration: 1,
  x: Float64Array.from(x),
  value: 0,
  failure: { rule: "noProgress", detail: "" },
});
const wrongIn = (component: number): HessianProblem => ({
  ...rosenbrock,
  gradientInto(out, x) {
    rosenbrock.gradientInto(out, x);
    out[component] = -out[component]!;
    return out;
  },
});

describe("the diagnosis of a stall", () => {
  it("names a wrong gradient and its component, and nothing where all is right", () => {
    expect(diagnoseStall(counted(rosenbrock), at(-1.2, 1))).toBeNull();
    const reason = diagnoseStall(counted(wrongIn(1)), at(-1.2, 1));
    expect(reason?.rule).toBe("wrongGradientLikely");
    expect(reason?.detail).toContain("component 1 is given as");
  });

  it("with bounds looks at the variables between theirs, by their own numbers, and evaluates nothing outside", () => {
    const [lower, upper] = [
      [-1.2, 0.5],
      [2, 1.5],
    ] as const;
    const watched = (problem: HessianProblem): HessianProblem => ({
      ...problem,
      value(x) {
        for (let i = 0; i < 2; i++) expect(x[i]! >= lower[i]! && x[i]! <= upper[i]!).toBe(true);
        return problem.value(x);
      },
    });
    // x₀ is at its bound: of x₁ the gradient is wrong.
    const reason = diagnoseStall(counted(withBounds(watched(wrongIn(1)), lower, upper)), at(-1.2, 1));
    expect(reason?.rule).toBe("wrongGradientLikely");
    expect(reason?.detail).toContain("component 1 is given as");
    expect(diagnoseStall(counted(withBounds(watched(rosenbrock), lower, upper)), at(-1.2, 1))).toBeNull();
    // Of variables at their bounds nothing can be said.
    expect(diagnoseStall(counted(withBounds(watched(wrongIn(0)), lower, upper)), at(-1.2, 1.5))).toBeNull();
  });

  it("names a wrong Hessian, also with bounds", () => {
    const wrong: HessianProblem = {
      ...rosenbrock,
      hessianInto(out, x) {
        rosenbrock.hessianInto(out, x);
        if (out.kind === "dense") out.data[0] = -out.data[0]!;
        return out;
      },
    };
    expect(diagnoseStall(counted(wrong), at(-1.2, 1))?.rule).toBe("wrongHessianLikely");
    expect(diagnoseStall(counted(withBounds(wrong, -5, 5)), at(-1.2, 1))?.rule).toBe("wrongHessianLikely");
  });
});
