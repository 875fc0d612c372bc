import { describe, expect, it } from "vitest";
import { dataProfile, performanceProfile } from "../src/profile.js";
import type { Row } from "../src/row.js";
import { select } from "../src/select.js";
import { claimsOf } from "../src/suites/newton.js";

const row = (problem: string, method: string, evaluations: number, solved: boolean, extra: Partial<Row> = {}): Row => ({
  problem,
  n: 1,
  method,
  value: solved ? 0 : 5,
  gradientNorm: 0,
  startGradientNorm: 1,
  startValue: 10,
  solved,
  iterations: 1,
  counts: { value: evaluations, gradient: 0, hessian: 0, hessianApply: 0, residual: 0, jacobian: 0, factorization: 0 },
  ms: evaluations,
  evaluationMs: 0,
  reason: { kind: solved ? "converged" : "failed", rule: "r", detail: "" },
  optimum: 0,
  gap: 0,
  progress: [
    { evaluations: 0, ms: 0, value: 10 },
    { evaluations, ms: evaluations, value: solved ? 0 : 5 },
  ],
  ...extra,
});

// a wins on p (10 against 20), b on q (40 against 10), only a solves r, none solves s.
const rows = [
  row("p", "a", 10, true),
  row("p", "b", 20, true),
  row("q", "a", 40, true),
  row("q", "b", 10, true),
  row("r", "a", 5, true),
  row("r", "b", 5, false),
  row("s", "a", 5, false),
  row("s", "b", 5, false),
];

describe("profiles", () => {
  it("performance profile: shares solved within τ times the best", () => {
    for (const cost of ["evaluations", "time"] as const) {
      const { lines } = performanceProfile(rows, cost);
      expect(lines).toEqual([
        {
          name: "a",
          points: [
            [1, 0.5],
            [4, 0.75],
          ],
        },
        {
          name: "b",
          points: [
            [1, 0.25],
            [2, 0.5],
            [4, 0.5],
          ],
        },
      ]);
    }
  });

  it("data profile: shares that reach the decrease within κ (n + 1) evaluations", () => {
    const { lines } = dataProfile(rows, 0.1);
    expect(lines[0]!.points.at(-1)![1]).toBe(0.75);
    expect(lines[1]!.points.slice(0, 3)).toEqual([
      [0.01, 0],
      [5, 0.25],
      [10, 0.5],
    ]);
  });
});

describe("claims", () => {
  it("count shares and name false convergence", () => {
    const claims = claimsOf(
      [
        ...rows.map((one) => ({ ...one, method: one.method === "a" ? "lazyCubicNewton" : "minimize" })),
        row("t", "minimize", 1, false, { reason: { kind: "converged", rule: "r", detail: "" } }),
      ],
      new Set(["lazyCubicNewton", "minimize"]),
    );
    expect(claims.find((claim) => claim.id === "lazy-solves")).toMatchObject({
      measured: "3 of 4 (75.0 %)",
      holds: false,
    });
    expect(claims.find((claim) => claim.id === "converged-is-true")).toMatchObject({
      measured: "1 of 9 t/minimize",
      holds: false,
    });
  });

  it("are absent, not true, without rows", () => {
    for (const claim of claimsOf([], new Set(["minimize"])))
      expect(claim).toMatchObject({ measured: null, holds: null });
  });
});

describe("select", () => {
  const items = [{ name: "DIXMAANA" }, { name: "DIXMAANB" }, { name: "POWER" }];
  it("takes patterns with *, in any case, and says what it doesn't know", () => {
    expect(select(items, ["dixmaan*"], "problem").map((item) => item.name)).toEqual(["DIXMAANA", "DIXMAANB"]);
    expect(select(items, undefined, "problem")).toHaveLength(3);
    expect(() => select(items, ["NOPE"], "problem")).toThrow(
      'no problem matches "NOPE"; known: DIXMAANA, DIXMAANB, POWER',
    );
  });
});
