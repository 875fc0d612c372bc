// The ready-made problems: derivatives against differences, and answers that are known otherwise.
import { checkGradient, checkHessian } from "@hessia/core";
import { describe, expect, it } from "vitest";
import {
  type BilevelProblem,
  certify,
  type Dataset,
  elasticNetSelection,
  hyperCleaning,
  hypergradient,
  kernelRidgeSelection,
  logisticSelection,
  minimize,
  ridgeSelection,
  sampleWeights,
  stackelbergOligopoly,
  svmSelection,
  tollSetting,
} from "../../src/index.js";
import { uniform } from "../problems-for-tests.js";

/** Targets of a sparse linear model with noise. */
function regression(N: number, d: number, seed: number, noise = 0.5): Dataset {
  const random = uniform(seed);
  const features = Array.from({ length: N }, () => Array.from({ length: d }, random));
  const targets = features.map((a) => 2 * a[0]! - a[1]! + noise * random());
  return { features, targets };
}

/** Two classes by a plane, some labels turned. */
function classes(N: number, d: number, seed: number, wrong = 0): Dataset & { readonly turned: readonly boolean[] } {
  const random = uniform(seed);
  const features = Array.from({ length: N }, () => Array.from({ length: d }, random));
  const turned = features.map(() => random() < 2 * wrong - 1);
  const targets = features.map((a, i) => Math.sign(a[0]! + 0.5 * a[1]! + 0.05 * random()) * (turned[i] ? -1 : 1));
  return { features, targets, turned };
}

const pointOf = (problem: BilevelProblem, seed = 3): Float64Array => {
  const random = uniform(seed);
  return Float64Array.from({ length: problem.dimension }, () => 0.5 + 0.4 * random());
};

describe("derivatives", () => {
  const data = regression(12, 3, 1);
  const other = regression(9, 3, 2);
  const signs = classes(12, 3, 3);
  const more = classes(9, 3, 4);
  it.each([
    ["ridge", ridgeSelection(data, other)],
    ["ridge, one weight a feature", ridgeSelection(data, other, { perFeature: true })],
    ["elastic net", elasticNetSelection(data, other, { smoothing: 0.1 })],
    ["logistic", logisticSelection(signs, more, { perFeature: true })],
    ["kernel ridge", kernelRidgeSelection(data, other)],
    ["hyper-cleaning", hyperCleaning(signs, more)],
    ["hyper-cleaning, squared", hyperCleaning(data, other, { loss: "squared" })],
    ["support vector machine", svmSelection(signs, more)],
    ["oligopoly", stackelbergOligopoly({ price: { intercept: 10, slope: 1 }, cost: 1, followers: 3 })],
    [
      "tolls",
      tollSetting({
        roads: [
          { free: 1, congestion: 2, tolled: true },
          { free: 2, congestion: 1, tolled: false },
          { free: 1.5, congestion: 1, tolled: true },
        ],
        demand: 4,
      }),
    ],
  ] as const)("of %s agree with differences", (_name, problem) => {
    const z = pointOf(problem);
    for (const objective of [problem.upperObjective, problem.lowerObjective]) {
      expect(checkGradient(objective, z).verdict).not.toBe("wrong");
      if (objective.hessianApplyInto !== undefined)
        expect(checkHessian(objective as never, z).verdict).not.toBe("wrong");
    }
  });
});

describe("ridgeSelection", () => {
  it("finds the weight that the exact validation curve has its minimum at", () => {
    const problem = ridgeSelection(regression(12, 8, 5, 6), regression(30, 8, 6, 6));
    const curve = (x: number): number => hypergradient(problem, [x, 0, 0, 0, 0, 0, 0, 0, 0]).value;
    // Golden sections: the curve is unimodal in [−8, 4], as a grid shows.
    let [a, b] = [-8, 4];
    const φ = (Math.sqrt(5) - 1) / 2;
    for (let k = 0; k < 60; k++) {
      const [c, d] = [b - φ * (b - a), a + φ * (b - a)];
      if (curve(c) < curve(d)) b = d;
      else a = c;
    }
    for (const method of ["implicitDifferentiation", "unrolled", "meha", "lvHba"] as const) {
      const out = minimize(problem, { x: [0], y: new Float64Array(8) }, { method });
      expect(out.reason.kind).toBe("converged");
      expect(out.x[0]).toBeCloseTo(a, 3);
    }
  });
});

describe("selections by implicit differentiation", () => {
  it.each([
    ["elastic net", elasticNetSelection(regression(30, 8, 7, 1), regression(30, 8, 8, 1), { smoothing: 0.05 }), 2, 8],
    ["logistic", logisticSelection(classes(40, 5, 9, 0.1), classes(40, 5, 10, 0.1)), 1, 5],
  ] as const)("%s: a smaller validation loss, and a hypergradient of 0 by differences", (_name, problem, n, m) => {
    const start = { x: new Float64Array(n), y: new Float64Array(m) };
    const out = minimize(problem, start, { tolerance: 1e-7 });
    expect(out.reason.kind).toBe("converged");
    const before = hypergradient(problem, new Float64Array(n + m));
    expect(out.upperValue).toBeLessThan(before.value);
    const { gradient } = hypergradient(problem, [...out.x, ...out.y], { route: "differences" });
    expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(1e-5);
  });

  it("kernel ridge: no point of a grid around is better", () => {
    const random = uniform(12);
    const curve = (N: number): Dataset => {
      const features = Array.from({ length: N }, () => [2 * random()]);
      return { features, targets: features.map(([a]) => Math.sin(3 * a!) + 0.2 * random()) };
    };
    const problem = kernelRidgeSelection(curve(25), curve(25));
    const out = minimize(problem, { x: [-2, -0.5], y: new Float64Array(25) }, { tolerance: 1e-6 });
    expect(out.reason.kind).toBe("converged");
    for (let a = -2; a <= 2; a++)
      for (let b = -2; b <= 2; b++) {
        const x = [out.x[0]! + 0.1 * a, out.x[1]! + 0.1 * b];
        expect(hypergradient(problem, [...x, ...out.y]).value).toBeGreaterThanOrEqual(out.upperValue - 1e-9);
      }
  });
});

describe("hyperCleaning", () => {
  it("gives turned labels less weight than right ones", () => {
    const training = classes(200, 5, 21, 0.25);
    const problem = hyperCleaning(training, classes(100, 5, 22));
    const start = { x: new Float64Array(200), y: new Float64Array(5) };
    for (const method of ["implicitDifferentiation", "lvHba"] as const) {
      const out = minimize(problem, start, { method, maxIterations: 300 });
      const weights = sampleWeights(out.x);
      const mean = (turned: boolean): number => {
        const chosen = [...weights].filter((_, i) => training.turned[i] === turned);
        return chosen.reduce((a, b) => a + b, 0) / chosen.length;
      };
      expect(mean(true)).toBeLessThan(0.5);
      expect(mean(false)).toBeGreaterThan(mean(true) + 0.2);
      expect(out.upperValue).toBeLessThan(hypergradient(problem, new Float64Array(205)).value);
    }
  });
});

describe("svmSelection", () => {
  it("lowers the validation loss, with a lower level that is solved", () => {
    const problem = svmSelection(classes(30, 3, 31, 0.15), classes(40, 3, 32, 0.1));
    const z0 = new Float64Array(problem.dimension);
    z0.fill(-5, 0, 30);
    z0[30] = 1;
    z0.fill(1, 34);
    const first = minimize(problem, { x: z0.slice(0, 30), y: z0.slice(30) }, { tolerance: 1e-3 });
    expect(first.reason.kind).toBe("converged");
    const { infeasibility, stationarity, valueGap } = certify(problem, [...first.x, ...first.y], { differences: 0 });
    expect(infeasibility).toBeLessThan(1e-3);
    expect(stationarity).toBeLessThan(1e-3);
    expect(Math.abs(valueGap)).toBeLessThan(1e-3);
    // The loss at the lower solution for the weights of the start.
    const { value } = hypergradient(problem, z0, { route: "differences", difference: 1e-3, tolerance: 1e-6 });
    expect(first.upperValue).toBeLessThan(value);
  });
});

describe("games", () => {
  it("Stackelberg: (a − c)/2b and (a − c)/(2b (m + 1))", () => {
    for (const m of [1, 2, 7]) {
      const problem = stackelbergOligopoly({ price: { intercept: 13, slope: 2 }, cost: 1, followers: m });
      for (const method of ["implicitDifferentiation", "meha", "bicGaffa"] as const) {
        const { x, y } = minimize(problem, { x: [0], y: new Float64Array(m) }, { method });
        expect(x[0]).toBeCloseTo(3, 5);
        for (const yj of y) expect(yj).toBeCloseTo(3 / (m + 1), 5);
      }
    }
  });

  it("a toll on one of two roads: (free₂ − free₁ + congestion₂ · demand)/2", () => {
    const roads = [
      { free: 1, congestion: 2, tolled: true },
      { free: 3, congestion: 1, tolled: false },
    ];
    const problem = tollSetting({ roads, demand: 4 });
    const { x, y, reason, upperValue } = minimize(problem, { x: [0], y: [2, 2] });
    expect(reason.kind).toBe("converged");
    expect(x[0]).toBeCloseTo(3, 5);
    expect(y[0]).toBeCloseTo((3 - 1 - 3 + 4) / 3, 5);
    expect(upperValue).toBeCloseTo(-3, 5);
  });
});

describe("bad data", () => {
  const data = regression(4, 2, 1);
  it.each([
    [() => ridgeSelection(data, regression(4, 3, 1)), /`validation.features` is of 3 columns; wanted 2/],
    [() => ridgeSelection({ features: [[1]], targets: [1, 2] }, data), /`training.targets` is of length 2/],
    [() => ridgeSelection({ features: [[Number.NaN]], targets: [1] }, data), /`training.features` is NaN/],
    [() => logisticSelection(data, data), /wanted −1 or 1/],
    [() => elasticNetSelection(data, data, { smoothing: 0 }), /smoothing/],
    [() => hyperCleaning(data, data), /wanted −1 or 1/],
    [() => hyperCleaning(data, data, { ridge: 0, loss: "squared" }), /ridge/],
    [() => svmSelection(classes(4, 2, 1), classes(4, 2, 1), { bounds: [1, 1] }), /bounds/],
    [() => stackelbergOligopoly({ price: { intercept: 1, slope: 1 }, cost: 2, followers: 1 }), /intercept/],
    [() => tollSetting({ roads: [{ free: 1, congestion: 1, tolled: true }], demand: 1 }), /at least two roads/],
    [() => ridgeSelection(data, data, { other: 1 } as never), /other/],
  ])("%# is refused", (make, message) => expect(make).toThrow(message));
});
