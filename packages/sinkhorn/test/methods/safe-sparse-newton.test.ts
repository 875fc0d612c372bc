import { counted, solve } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { safeSparseNewton } from "../../src/methods/safe-sparse-newton.js";
import { marginalError } from "../../src/problem.js";
import { newPlanPass, planPassInto } from "../../src/support/sparse-plan.js";
import { planAt, randomProblem } from "../problems-for-tests.js";
import { behavesAsNewton } from "./newton-behaviour.js";

behavesAsNewton(safeSparseNewton, "dropped");

describe("the sparse plan of safeSparseNewton", () => {
  it("drops at most δ of each row's and column's weight, keeps the largest entry of each, and has the sums of the whole plan", () => {
    const epsilon = 0.02;
    const { problem } = randomProblem(40, 30, epsilon, 7);
    const { x: z } = solve(safeSparseNewton(), problem, new Float64Array(70), { stop: marginalError(1e-3) });
    const P = planAt(problem.cost, z, epsilon);
    for (const delta of [0, 0.01, 0.1, 0.5, 0.9]) {
      const pass = planPassInto(newPlanPass(40, 30), counted(problem), z, { relative: delta });
      const kept = P.map((row) => row.map(() => false));
      for (let i = 0; i < 40; i++)
        for (let k = pass.plan.pointers[i]!; k < pass.plan.pointers[i + 1]!; k++) {
          expect(pass.plan.values[k]).toBeCloseTo(P[i]![pass.plan.indices[k]!]!, 14);
          kept[i]![pass.plan.indices[k]!] = true;
        }
      for (let i = 0; i < 40; i++) {
        const row = P[i]!;
        const left = row.reduce((sum, p, j) => sum + (kept[i]![j] ? 0 : p), 0);
        expect(left).toBeLessThanOrEqual(delta * problem.source[i]! + 1e-15);
        expect(kept[i]![row.indexOf(Math.max(...row))]).toBe(true);
        expect(pass.sums[i]).toBeCloseTo(
          row.reduce((a, b) => a + b, 0),
          14,
        );
      }
      for (let j = 0; j < 30; j++) {
        const column = P.map((row) => row[j]!);
        const left = column.reduce((sum, p, i) => sum + (kept[i]![j] ? 0 : p), 0);
        expect(left).toBeLessThanOrEqual(delta * problem.target[j]! + 1e-15);
        expect(kept[column.indexOf(Math.max(...column))]![j]).toBe(true);
      }
    }
    const whole = planPassInto(newPlanPass(40, 30), counted(problem), z, { relative: 0 });
    const sparse = planPassInto(newPlanPass(40, 30), counted(problem), z, { relative: 0.5 });
    expect(sparse.plan.pointers[40]!).toBeLessThan(0.7 * whole.plan.pointers[40]!);
  });
});
