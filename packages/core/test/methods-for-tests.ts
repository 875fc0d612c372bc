// Small problems and a small method with known behaviour, for the tests of the protocol.
import {
  acceptTrial,
  type GradientProblem,
  type GradientState,
  type HessianProblem,
  type Method,
  startState,
  valueAndGradientInto,
} from "../src/index.js";
import { denseMatrix } from "../src/linear/matrix.js";

/** f(x) = ½ Σ wᵢ xᵢ², minimum 0 at 0. */
export function quadratic(weights: readonly number[]): HessianProblem {
  const n = weights.length;
  return {
    dimension: n,
    value: (x) => 0.5 * weights.reduce((sum, w, i) => sum + w * x[i]! * x[i]!, 0),
    gradientInto(out, x) {
      for (let i = 0; i < n; i++) out[i] = weights[i]! * x[i]!;
      return out;
    },
    newHessian: () => denseMatrix(n, n),
    hessianInto(out, _x) {
      if (out.kind === "dense") for (let i = 0; i < n; i++) out.data[i * n + i] = weights[i]!;
      return out;
    },
  };
}

export const rosenbrock: HessianProblem = {
  dimension: 2,
  value: ([x, y]) => 100 * (y! - x! * x!) ** 2 + (1 - x!) ** 2,
  gradientInto(out, [x, y]) {
    out[0] = -400 * x! * (y! - x! * x!) - 2 * (1 - x!);
    out[1] = 200 * (y! - x! * x!);
    return out;
  },
  newHessian: () => denseMatrix(2, 2),
  hessianInto(out, [x, y]) {
    if (out.kind === "dense") out.data.set([1200 * x! * x! - 400 * y! + 2, -400 * x!, -400 * x!, 200]);
    return out;
  },
};

export interface DescentState extends GradientState {
  readonly rate: number;
}

/** x⁺ = x − rate ∇f(x): on a quadratic with weight w each coordinate shrinks by 1 − rate w. Fails when f does not decrease. */
export function steepestDescent(rate: number): Method<GradientProblem, DescentState> {
  return {
    name: "steepestDescent",
    init: (problem, x0) => ({ ...startState("steepestDescent", problem, x0), rate }),
    step(problem, state) {
      state.iteration++;
      const x = state.x.map((xi, i) => xi - state.rate * state.gradient[i]!);
      const gradient = new Float64Array(x.length);
      const value = valueAndGradientInto(problem, gradient, x);
      if (!(value < state.value)) {
        state.stepNorm = 0;
        state.failure = { rule: "noProgress", detail: "f did not decrease" };
        return state;
      }
      acceptTrial(state, { x, gradient, value, stepNorm: state.rate * Math.hypot(...state.gradient) });
      return state;
    },
  };
}
