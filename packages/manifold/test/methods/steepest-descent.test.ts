import { solve } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { onManifold, sphere, steepestDescent } from "../../src/index.js";
import { behavesLikeAMethod, toNorm } from "../methods-behaviour.js";
import { brockett, randomSymmetric } from "../problems-for-tests.js";
import { seeded } from "../random.js";

describe("steepestDescent", () => {
  behavesLikeAMethod("steepestDescent", steepestDescent as never, { nonmonotone: true });
});

describe("steepestDescent that only falls", () => {
  behavesLikeAMethod("steepestDescent", (options) => steepestDescent({ memory: 1, ...options }));
});

describe("the steps of steepestDescent", () => {
  const problem = onManifold(sphere(8), brockett(randomSymmetric(8, 2), [1]));
  const x0 = sphere(8).randomPoint(seeded(3));

  it("the steps are Barzilai and Borwein's in turn, by hand", () => {
    const method = steepestDescent({ initialLength: 0.05 });
    const M = sphere(8);
    const states: { x: Float64Array; g: Float64Array; stepNorm: number; stepLength: number }[] = [];
    solve(method, problem, x0, {
      stop: toNorm(1e-6),
      observers: [
        ({ state }) =>
          states.push({
            x: state.x.slice(),
            g: state.gradient.slice(),
            stepNorm: state.stepNorm,
            stepLength: state.stepLength,
          }),
      ],
    });
    const dot = (u: Float64Array, v: Float64Array) => u.reduce((sum, ui, i) => sum + ui * v[i]!, 0);
    for (const k of [10, 11]) {
      const [a, b] = [states[k]!, states[k + 1]!];
      const α = b.stepNorm / M.norm(a.x, a.g);
      expect(α).toBeCloseTo(a.stepLength, 12);
      const s = M.transportInto(M.zero(), a.x, b.x, a.g).map((v) => -α * v);
      const y = b.g.map((v, i) => v + s[i]! / α);
      expect(dot(s, y)).toBeGreaterThan(0);
      // The long one after odd steps.
      const expected = k % 2 === 0 ? dot(s, s) / dot(s, y) : dot(s, y) / dot(y, y);
      expect(b.stepLength).toBeCloseTo(expected, 8);
    }
  });

  it("f may rise with a memory, and takes fewer evaluations on an ill-conditioned problem than plain descent needs", () => {
    const A = randomSymmetric(60, 4);
    const hard = onManifold(sphere(60), brockett(A, [1]));
    const start = sphere(60).randomPoint(seeded(5));
    const run = (memory: number) =>
      solve(steepestDescent({ memory }), hard, start, { stop: toNorm(1e-6), trace: true });
    const rises = (trace: readonly { value: number }[]) =>
      trace.filter((row, k) => k > 0 && row.value > trace[k - 1]!.value + 1e-9).length;
    expect(rises(run(10).trace)).toBeGreaterThan(0);
    expect(rises(run(1).trace)).toBe(0);
  });

  it("refuses options out of range", () => {
    expect(() => steepestDescent({ memory: 0 })).toThrow("steepestDescent: argument `options.memory` is 0");
    expect(() => steepestDescent({ memory: 1.5 })).toThrow("wanted an integer >= 1 and <= 100");
    expect(() => steepestDescent({ initialLength: Number.NaN })).toThrow("`options.initialLength` is NaN");
  });
});
