import { denseMatrix, maxIterations, solve } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { euclidean, lbfgs, onManifold, stiefel } from "../../src/index.js";
import { behavesLikeAMethod, toNorm } from "../methods-behaviour.js";
import { brockett, randomSymmetric } from "../problems-for-tests.js";
import { seeded } from "../random.js";

describe("lbfgs", () => {
  behavesLikeAMethod("lbfgs", lbfgs as never);
});

describe("lbfgs with one pair", () => {
  behavesLikeAMethod("lbfgs", (options) => lbfgs({ memory: 1, ...options }));
});

describe("the pairs of lbfgs", () => {
  it("are carried along: all of them are tangent at the present point, and ρ is theirs", () => {
    // Transport by projection, which changes ⟨s, y⟩.
    const M = stiefel(20, 2);
    const problem = onManifold(M, brockett(randomSymmetric(20, 6), [2, 1]));
    const { state } = solve(lbfgs({ memory: 5 }), problem, M.randomPoint(seeded(7)), { stop: toNorm(1e-3) });
    expect(state.pairs).toBe(5);
    for (let k = 0; k < 5; k++) {
      const [s, y] = [state.s[k]!, state.y[k]!];
      M.checkTangent("test", "s", state.x, s);
      M.checkTangent("test", "y", state.x, y);
      if (state.rho[k] !== 0) expect(state.rho[k]! * M.inner(state.x, s, y)).toBeCloseTo(1, 12);
    }
    expect(state.rho.filter((ρ) => ρ > 0).length).toBeGreaterThan(3);
  });

  it("give Newton's direction on a quadratic once they span the space", () => {
    const n = 5;
    const H = denseMatrix(n, n);
    for (let i = 0; i < n; i++) H.data[i * (n + 1)] = 1 + i;
    const problem = onManifold(euclidean(n), brockett(H, [1]));
    const { iterations, reason, state } = solve(lbfgs(), problem, new Float64Array(n).fill(1), {
      stop: toNorm(1e-9),
    });
    expect(reason.kind).toBe("converged");
    expect(iterations).toBeLessThan(20);
    expect(Math.max(...state.x.map(Math.abs))).toBeLessThan(1e-9);
  });

  it("aren't kept where the curvature along the step is negative", () => {
    // −x² up to a wall at 1: the search ends below the wall, still on the concave side.
    const problem = onManifold(euclidean(1), {
      dimension: 1,
      value: ([x]: Float64Array) => (x! < 1 ? -x! * x! : Number.NaN),
      gradientInto: (out: Float64Array, [x]: Float64Array) => out.fill(-2 * x!),
    });
    const { state } = solve(lbfgs(), problem, [0.1], { stop: maxIterations(1) });
    expect(state.x[0]).toBeGreaterThan(0.9);
    expect(state.pairs).toBe(0);
  });

  it("a refused pair that was written over the oldest isn't used", () => {
    // Convex up to 0, where the first pair is made, then concave up to a wall at 1.
    const problem = onManifold(euclidean(1), {
      dimension: 1,
      value: ([x]: Float64Array) => (x! < 0 ? 0.5 * x! * x! - x! : x! < 1 ? -x! - 4.5 * x! * x! : Number.NaN),
      gradientInto: (out: Float64Array, [x]: Float64Array) => out.fill(x! < 0 ? x! - 1 : -1 - 9 * x!),
    });
    const after = (iterations: number) =>
      solve(lbfgs({ memory: 1 }), problem, [-3], { stop: maxIterations(iterations) });
    expect(after(2).state.pairs).toBe(1);
    expect(after(2).x[0]).toBeLessThan(0);
    expect(after(3).x[0]).toBeGreaterThan(0.9);
    expect(after(3).state.pairs).toBe(0);
  });

  it("make the BFGS matrix: directions are those of the dense formula", () => {
    const n = 5;
    const H = denseMatrix(n, n);
    for (let i = 0; i < n; i++) H.data[i * (n + 1)] = 1 + 3 * i;
    const problem = onManifold(euclidean(n), brockett(H, [1]));
    const states: { x: number[]; g: number[] }[] = [];
    solve(lbfgs(), problem, [1, -1, 2, 0.5, 1], {
      stop: maxIterations(6),
      observers: [({ state }) => states.push({ x: Array.from(state.x), g: Array.from(state.gradient) })],
    });
    const dot = (u: readonly number[], v: readonly number[]) => u.reduce((sum, ui, i) => sum + ui * v[i]!, 0);
    for (const k of [2, 4, 5]) {
      const pairs = Array.from({ length: k }, (_, j) => ({
        s: states[j + 1]!.x.map((v, i) => v - states[j]!.x[i]!),
        y: states[j + 1]!.g.map((v, i) => v - states[j]!.g[i]!),
      }));
      const { s: last, y: lastY } = pairs[k - 1]!;
      const γ = dot(last, lastY) / dot(lastY, lastY);
      // B ← (I − ρ s yᵀ) B (I − ρ y sᵀ) + ρ s sᵀ, from γI.
      let B = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? γ : 0)));
      for (const { s, y } of pairs) {
        const ρ = 1 / dot(s, y);
        const By = B.map((row) => dot(row, y));
        const yBy = dot(y, By);
        B = B.map((row, i) =>
          row.map((b, j) => b - ρ * (s[i]! * By[j]! + By[i]! * s[j]!) + (ρ * ρ * yBy + ρ) * s[i]! * s[j]!),
        );
      }
      const direction = B.map((row) => -dot(row, states[k]!.g));
      const step = states[k + 1]!.x.map((v, i) => v - states[k]!.x[i]!);
      expect(dot(direction, step) / Math.sqrt(dot(direction, direction) * dot(step, step))).toBeCloseTo(1, 12);
    }
  });

  it("go on below the rounding of f, by slopes", () => {
    const M = stiefel(30, 3);
    const f = brockett(randomSymmetric(30, 1), [3, 2, 1]);
    // Rounding of 100 ε |f|, as sums of many terms have it.
    const noisy = (value: number, x: Float64Array) => value * (1 + 100 * Number.EPSILON * Math.sin(1e12 * x[0]!));
    const problem = onManifold(M, {
      ...f,
      value: (x: Float64Array) => noisy(f.value(x), x),
      valueAndGradientInto: (out: Float64Array, x: Float64Array) => noisy(f.valueAndGradientInto(out, x), x),
    });
    for (const seed of [1, 2, 3, 4, 5]) {
      const x0 = M.randomPoint(seeded(seed));
      const { counts, iterations, reason } = solve(lbfgs(), problem, x0, { stop: toNorm(1e-9) });
      expect(reason.kind).toBe("converged");
      // Searches that believed the values would try in vain.
      expect(counts.gradient).toBeLessThan(1.2 * iterations);
    }
  });

  it("refuses a memory out of range", () => {
    expect(() => lbfgs({ memory: 0 })).toThrow("lbfgs: argument `options.memory` is 0; wanted an integer >= 1");
  });
});
