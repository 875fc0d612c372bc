import { any, gradientNorm, leastSquaresProblem, maxIterations, solve } from "@hessia/core";
import { describe, expect, it } from "vitest";
import {
  gaussNewton,
  type LeastSquaresState,
  type LevenbergMarquardtOptions,
  levenbergMarquardt,
  orthogonality,
  residualNorm,
} from "../src/index.js";
import { behavesLikeALeastSquaresMethod } from "./least-squares-behaviour.js";
import { bard, brownDennis, broyden, nist, rosenbrockRows } from "./least-squares-problems.js";

const variants: Readonly<Record<string, LevenbergMarquardtOptions>> = {
  "": {},
  "with Nielsen's damping": { damping: "nielsen" },
  "with normal equations": { linear: "normal" },
  "with normal equations and Nielsen's damping": { linear: "normal", damping: "nielsen" },
  "with LSMR": { linear: "lsmr" },
  "with geodesic acceleration": { acceleration: true },
};
for (const [words, options] of Object.entries(variants)) {
  // With Nielsen's rule λ falls by a third a step at most: superlinear, but not quadratic.
  const order = options.damping === "nielsen" || options.linear === "lsmr" ? 1.2 : 1.8;
  describe(`levenbergMarquardt ${words}`.trim(), () => {
    behavesLikeALeastSquaresMethod(
      "levenbergMarquardt",
      (more = {}) => levenbergMarquardt({ ...options, ...more }),
      order,
    );
  });
}

const stop = any<LeastSquaresState>(orthogonality(1e-8), residualNorm(1e-11), maxIterations(1000));

describe("levenbergMarquardt on certified fits", () => {
  // From 1 BoxBOD's exponential is gone after one long step; MINPACK is known to fail there too.
  for (const { name, problem, starts, solution, residualSum } of nist)
    it(`${name} from the far start`, () => {
      const start = name === "BoxBOD" ? starts[1]! : starts[0]!;
      const { x, value, reason } = solve(levenbergMarquardt(), problem, start, { stop });
      expect(reason.kind).toBe("converged");
      expect(Math.abs((2 * value) / residualSum - 1)).toBeLessThan(1e-10);
      for (const [i, certified] of solution.entries()) expect(Math.abs(x[i]! / certified - 1)).toBeLessThan(1e-6);
    });
});

describe("levenbergMarquardt", () => {
  it("doesn't depend on the units of variables and residuals", () => {
    const scaledBy = [1e-6, 1, 1e5];
    const inUnits = leastSquaresProblem({
      dimension: 3,
      residuals: 15,
      residual: (z) =>
        bard
          .residualInto(
            new Float64Array(15),
            z.map((zi, i) => zi * scaledBy[i]!),
          )
          .map((r) => 1e4 * r),
      jacobian(z) {
        const J = bard.jacobianInto(
          bard.newJacobian(),
          z.map((zi, i) => zi * scaledBy[i]!),
        ) as unknown as {
          values: Float64Array;
        };
        // A full Jacobian by columns.
        return Array.from({ length: 15 }, (_, k) => scaledBy.map((unit, j) => 1e4 * unit * J.values[15 * j + k]!));
      },
    });
    const plain = solve(levenbergMarquardt(), bard, [1, 1, 1], { stop });
    const other = solve(
      levenbergMarquardt(),
      inUnits,
      scaledBy.map((unit) => 1 / unit),
      { stop },
    );
    expect(other.iterations).toBe(plain.iterations);
    for (let i = 0; i < 3; i++) expect(other.x[i]! * scaledBy[i]!).toBeCloseTo(plain.x[i]!, 8);
  });

  it("needs fewer Jacobians with acceleration in a narrow curved valley", () => {
    const { problem, starts } = nist.find(({ name }) => name === "MGH10")!;
    const jacobians = [false, true].map(
      (acceleration) => solve(levenbergMarquardt({ acceleration }), problem, starts[1]!, { stop }).counts.jacobian,
    );
    expect(jacobians[1]!).toBeLessThan(0.5 * jacobians[0]!);
  });

  it("converges linearly where residuals stay large", () => {
    const { trace, value } = solve(levenbergMarquardt(), brownDennis, [25, 5, -5, -1], {
      stop: any<LeastSquaresState>(orthogonality(1e-7), maxIterations(2000)),
      trace: true,
    });
    expect(2 * value).toBeCloseTo(85822.2, 1);
    const last = trace.slice(-6).map((row) => row.gradientNorm);
    for (let k = 1; k < last.length; k++) expect(last[k]! / last[k - 1]!).toBeGreaterThan(0.1);
  });

  it("a stopped run has the same first steps whatever comes after", () => {
    const short = solve(levenbergMarquardt(), rosenbrockRows, [-1.2, 1], { stop: maxIterations(5) });
    const long = solve(levenbergMarquardt(), rosenbrockRows, [-1.2, 1], { stop: gradientNorm(1e-12), trace: true });
    expect(short.value).toBe(long.trace[5]!.value);
  });

  it("solves large sparse systems by factors of JᵀJ and by LSMR, and finds the root that Gauss–Newton finds", () => {
    const n = 1000;
    const problem = broyden(n);
    const start = new Float64Array(n).fill(-1);
    const wanted = solve(gaussNewton(), problem, start, { stop });
    expect(wanted.reason.kind).toBe("converged");
    for (const options of [{}, { damping: "nielsen" }, { linear: "lsmr" }] as const) {
      const { x, reason, counts } = solve(levenbergMarquardt(options), problem, start, { stop });
      expect(reason.kind).toBe("converged");
      expect(counts.factorization > 0).toBe(!("linear" in options));
      for (let i = 0; i < n; i++) expect(x[i]).toBeCloseTo(wanted.x[i]!, 9);
    }
  });

  it("refuses options out of range", () => {
    expect(() => levenbergMarquardt({ linear: "cg" as never })).toThrow('one of "qr", "normal", "lsmr"');
    expect(() => levenbergMarquardt({ linear: "lsmr", damping: "radius" })).toThrow('one of "nielsen"');
    expect(() => levenbergMarquardt({ factor: 0 })).toThrow("options.factor");
    expect(() => levenbergMarquardt({ scaling: "rows" as never })).toThrow("options.scaling");
    expect(() => levenbergMarquardt({ acceleration: 1 as never })).toThrow("options.acceleration");
    expect(() => levenbergMarquardt({ accelerationLimit: 11 })).toThrow("options.accelerationLimit");
    expect(() => levenbergMarquardt({ loss: "l7" as never })).toThrow("levenbergMarquardt: argument `loss`");
    expect(() => levenbergMarquardt({ lossScale: 0 })).toThrow("lossScale");
  });
});
