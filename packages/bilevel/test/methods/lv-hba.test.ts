import { any, maxIterations, solve } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { type BilevelState, bilevel, linearConstraints, lvHba, minimize } from "../../src/index.js";
import { behavesAsBilevel } from "../methods-behaviour.js";
import { bard, coupledToy, coupledToySolution, greatestDifference } from "../problems-for-tests.js";

behavesAsBilevel(lvHba, { exact: 1e-5, constraints: true, lowerSet: true, positive: "proximal" });

describe("lvHba with coupled constraints", () => {
  it("reaches the optimum of the paper's toy problem to 1e-6, without parameters, n = 10 to 1000", () => {
    for (const n of [10, 100, 1000]) {
      const start = { x: new Float64Array(n).fill(10), y: new Float64Array(2 * n).fill(10) };
      const out = minimize(coupledToy(n), start);
      expect(out.picked.method).toBe("lvHba");
      expect(out.reason.kind).toBe("converged");
      expect(greatestDifference([...out.x, ...out.y], coupledToySolution(n))).toBeLessThan(3e-7);
      expect(out.infeasibility).toBeLessThan(1e-9);
    }
  });

  it("reaches it to 1e-3 by the paper's single loop with c_k = (k + 1)^0.49, the other settings being the paper's", () => {
    const n = 20;
    const method = lvHba({
      schedule: "paper",
      upperStep: 0.008,
      multiplierStep: 0.02,
      innerStep: 0.01,
      growth: 0.49,
    });
    const target = coupledToySolution(n);
    const near = ({ state }: { readonly state: BilevelState }) =>
      greatestDifference(state.x, target) < 1e-3 * 0.7
        ? { kind: "converged" as const, rule: "near", detail: "" }
        : null;
    const { reason } = solve(method, coupledToy(n), new Float64Array(3 * n).fill(10), {
      stop: any<BilevelState>(near as never, maxIterations(150_000)),
      secondOrder: false,
    });
    expect(reason.rule).toBe("near");
  });

  it("starts where it isn't symmetric, and where inequalities aren't projected onto", () => {
    const n = 8;
    const start = {
      x: Float64Array.from({ length: n }, (_, i) => i),
      y: Float64Array.from({ length: 2 * n }, (_, i) => 3 * Math.sin(i)),
    };
    const out = minimize(coupledToy(n), start, { tolerance: 1e-7 });
    expect(greatestDifference([...out.x, ...out.y], coupledToySolution(n))).toBeLessThan(1e-6);
    const bent = minimize(bard(), { x: [3], y: [3] }, { method: "lvHba" });
    expect(bent.reason.kind).toBe("converged");
    expect(greatestDifference([...bent.x, ...bent.y], [1, 0])).toBeLessThan(1e-5);
  });

  it("lets r grow where a multiplier sits on it, and says a step that isn't finite", () => {
    const out = minimize(bard(), { x: [3], y: [3] }, { method: lvHba({ bound: 0.1 }) });
    expect(greatestDifference([...out.x, ...out.y], [1, 0])).toBeLessThan(1e-5);
    const long = lvHba({ schedule: "paper", upperStep: 1e6 });
    const { reason } = minimize(coupledToy(3), { x: [1, 2, 3], y: [1, 2, 3, 4, 5, 6] }, { method: long });
    expect(reason).toMatchObject({ kind: "failed", rule: "nonFinite" });
  });

  it.each(["upperStep", "multiplierStep", "innerStep", "penalty", "dual", "bound"])("refuses %s = 0", (option) =>
    expect(() => lvHba({ [option]: 0 })).toThrow(option),
  );
  it("refuses growth >= 1/2, momentum >= 1 and other schedules", () => {
    expect(() => lvHba({ growth: 0.5 })).toThrow(/growth/);
    expect(() => lvHba({ momentum: 1 })).toThrow(/momentum/);
    expect(() => lvHba({ schedule: "other" as never })).toThrow(/schedule/);
  });
});

describe("an upper objective that is concave and all but flat far from its solution", () => {
  // F = log(1 + ‖x + y‖²), f = ½‖x − y‖² under equations C(y − x) = 0: y*(x) = x, and F is least at 0. From 100 e, |∇F| is 1/100.
  const n = 30;
  const equations = 8;
  const rows = Array.from({ length: equations }, (_, i) =>
    Array.from({ length: 2 * n }, (_, k) => (k < n ? -1 : 1) * Math.sin(1 + i + 3 * (k % n) + i * (k % n))),
  );
  const problem = bilevel({
    upperDimension: n,
    upper: {
      dimension: 2 * n,
      value: (z) => Math.log1p(z.subarray(0, n).reduce((sum, xi, i) => sum + (xi + z[n + i]!) ** 2, 0)),
      gradientInto(out, z) {
        const squares = z.subarray(0, n).reduce((sum, xi, i) => sum + (xi + z[n + i]!) ** 2, 0);
        for (let i = 0; i < n; i++) out[i] = out[n + i] = (2 * (z[i]! + z[n + i]!)) / (1 + squares);
        return out;
      },
    },
    lower: {
      dimension: 2 * n,
      value: (z) => 0.5 * z.subarray(0, n).reduce((sum, xi, i) => sum + (xi - z[n + i]!) ** 2, 0),
      gradientInto(out, z) {
        for (let i = 0; i < n; i++) out[n + i] = -(out[i] = z[i]! - z[n + i]!);
        return out;
      },
    },
    lowerConstraints: linearConstraints(rows, new Array(equations).fill(0), { equalities: equations }),
  });

  it("is followed to it in few steps", () => {
    const x = Array.from({ length: n }, (_, i) => 100 + i);
    const out = minimize(problem, { x, y: x }, { method: lvHba(), maxIterations: 600 });
    expect(out.reason.kind).toBe("converged");
    expect(Math.max(...out.x.map(Math.abs), ...out.y.map(Math.abs))).toBeLessThan(1e-5);
  });
});
