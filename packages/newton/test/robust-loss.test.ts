import { any, type LeastSquaresProblem, leastSquaresProblem, type Method, maxIterations, solve } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { gaussNewton, type LeastSquaresState, levenbergMarquardt, orthogonality } from "../src/index.js";
import { correctionInto, lossValue, robustLoss, weightedResidualInto } from "../src/robust-loss.js";

const names = ["squared", "huber", "softL1", "cauchy"] as const;

/** f of one residual r with c = 1, written out. */
const closed = {
  squared: (r: number) => 0.5 * r * r,
  huber: (r: number) => (Math.abs(r) <= 1 ? 0.5 * r * r : Math.abs(r) - 0.5),
  softL1: (r: number) => Math.sqrt(1 + r * r) - 1,
  cauchy: (r: number) => 0.5 * Math.log(1 + r * r),
};

describe("losses", () => {
  for (const name of names)
    it(`${name} has its closed form, first and second derivatives that are those of it`, () => {
      for (const c of [1, 2.5])
        for (const r of [-8, -0.3, 0.7, 1.5, 30]) {
          const loss = robustLoss("test", name, c);
          expect(lossValue(loss, Float64Array.of(r))).toBeCloseTo(c * c * closed[name](r / c), 11);
          // f' = ρ' r by a central difference.
          const h = 1e-5;
          const slope = (c * c * (closed[name]((r + h) / c) - closed[name]((r - h) / c))) / (2 * h);
          const weighted = weightedResidualInto(new Float64Array(1), loss, Float64Array.of(r))[0]!;
          expect(weighted).toBeCloseTo(slope, 6);
          // Corrected: Ĵᵀr̂ = f', and ĴᵀĴ = f'' where that is above a tenth of ρ'.
          const [residual, row] = [new Float64Array(1), new Float64Array(1)];
          correctionInto(residual, row, loss, Float64Array.of(r));
          expect(residual[0]! * row[0]!).toBeCloseTo(slope, 6);
          const up = weightedResidualInto(new Float64Array(1), loss, Float64Array.of(r + h))[0]!;
          const down = weightedResidualInto(new Float64Array(1), loss, Float64Array.of(r - h))[0]!;
          const curvature = (up - down) / (2 * h);
          const floor = (0.1 * weighted) / r;
          expect(row[0]! ** 2).toBeCloseTo(Math.max(curvature, floor), 6);
        }
    });

  it("refuses unknown ones", () => {
    expect(() => robustLoss("fit", "tukey" as never)).toThrow('fit: argument `loss` is "tukey"');
    expect(() => robustLoss("fit", { rho: 1 } as never)).toThrow("`loss.rho` is 1");
    expect(() => robustLoss("fit", "huber", -1)).toThrow("lossScale");
    expect(() => robustLoss("fit", null as never)).toThrow("`loss` is null");
  });
});

// The location of numbers with an outlier: the mean, and M-estimators known beforehand.
const numbers = [0, 0, 0, 0, 10];
const location = leastSquaresProblem({
  dimension: 1,
  residuals: 5,
  residual: ([x]) => numbers.map((y) => x! - y),
  jacobian: () => numbers.map(() => [1]),
});
const stop = any<LeastSquaresState>(orthogonality(1e-9), maxIterations(200));

type Make = (options: object) => Method<LeastSquaresProblem, LeastSquaresState>;

for (const [words, method] of [
  ["levenbergMarquardt", levenbergMarquardt as unknown as Make],
  ["gaussNewton", gaussNewton as unknown as Make],
] as const)
  describe(`${words} with robust losses`, () => {
    const at = (options: object, start = 1) => {
      const { x, reason } = solve(method(options), location, [start], { stop });
      expect(reason.kind).toBe("converged");
      return x[0]!;
    };

    it("finds the mean, and Huber's estimate where 4x = c", () => {
      expect(at({})).toBeCloseTo(2, 9);
      expect(at({ loss: "huber" })).toBeCloseTo(0.25, 9);
      expect(at({ loss: "huber", lossScale: 2 })).toBeCloseTo(0.5, 9);
    });

    it("finds the roots of Σ ψ(r) for soft L1 and Cauchy", () => {
      const soft = at({ loss: "softL1" });
      expect((4 * soft) / Math.sqrt(1 + soft ** 2)).toBeCloseTo((10 - soft) / Math.sqrt(1 + (10 - soft) ** 2), 8);
      const cauchy = at({ loss: "cauchy" });
      expect((4 * cauchy) / (1 + cauchy ** 2)).toBeCloseTo((10 - cauchy) / (1 + (10 - cauchy) ** 2), 8);
      expect(cauchy).toBeLessThan(0.05);
    });

    it("takes an own loss: the same functions give the same numbers", () => {
      const own = {
        rho: (z: number) => Math.log1p(z),
        first: (z: number) => 1 / (1 + z),
        second: (z: number) => -1 / (1 + z) ** 2,
      };
      expect(at({ loss: own })).toBe(at({ loss: "cauchy" }));
    });

    it("reports the loss as f, and its gradient", () => {
      const { state, value } = solve(method({ loss: "huber" }), location, [1], { stop: maxIterations(0) });
      expect(value).toBeCloseTo(4 * 0.5 + 8.5, 12);
      expect(state.gradient[0]).toBeCloseTo(4 - 1, 12);
    });
  });
