import { denseMatrix, solve, type Vector } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { euclidean, onManifold, product, sphere, stiefel, trustRegion } from "../../src/index.js";
import { truncatedCg, truncatedCgWork } from "../../src/support/truncated-cg.js";
import { behavesLikeAMethod, behavesLikeASecondOrderMethod, orderOf, toNorm } from "../methods-behaviour.js";
import { brockett, brockettMinimum, randomSymmetric } from "../problems-for-tests.js";
import { seeded } from "../random.js";

describe("trustRegion", () => {
  behavesLikeAMethod("trustRegion", trustRegion as never);
  behavesLikeASecondOrderMethod("trustRegion", trustRegion as never);
});

describe("the rates and options of trustRegion", () => {
  it("is quadratic with θ = 1, and with θ = 2 cubic on the Rayleigh quotient, whose third derivative vanishes at the minimizer", () => {
    const M = sphere(30);
    const problem = onManifold(M, brockett(randomSymmetric(30, 1), [1]));
    const norms = (theta: number) =>
      solve(trustRegion({ theta }), problem, M.randomPoint(seeded(2)), {
        stop: toNorm(1e-12),
        trace: true,
      }).trace.map((row) => row.gradientNorm);
    expect(orderOf(norms(1))).toBeGreaterThan(1.8);
    expect(orderOf(norms(2))).toBeGreaterThan(2.4);
  });

  it("reaches a gradient norm of 1e-8 on stiefel(1000, 5)", () => {
    const A = randomSymmetric(1000, 3);
    const weights = [5, 4, 3, 2, 1];
    const M = stiefel(1000, 5);
    const { reason, value, state } = solve(
      trustRegion(),
      onManifold(M, brockett(A, weights)),
      M.randomPoint(seeded(4)),
      {
        stop: toNorm(1e-8, 200),
        secondOrder: false,
      },
    );
    expect(reason.kind).toBe("converged");
    expect(state.gradientNorm).toBeLessThanOrEqual(1e-8);
    expect(Math.abs(value - brockettMinimum(A, weights))).toBeLessThan(1e-8 * Math.abs(value));
  });

  it("the step of truncated CG is Newton's inside of the radius, and ends on the boundary along negative curvature", () => {
    const M = euclidean(3);
    const x = M.zero();
    const g = Float64Array.of(1, -2, 3);
    const work = truncatedCgWork(3);
    const along = (d: readonly number[]) => (out: Vector, u: Vector) => {
      d.forEach((di, i) => {
        out[i] = di * u[i]!;
      });
      return out;
    };
    const options = { radius: 100, κ: 1e-12, θ: 1, scale: 1, maxProducts: 10 };
    const inside = truncatedCg(M, x, g, along([1, 2, 4]), options, work);
    [-1, 1, -0.75].forEach((value, i) => {
      expect(work.η[i]).toBeCloseTo(value, 12);
    });
    // Half of gᵀH⁻¹g.
    expect(inside.predicted).toBeCloseTo(0.5 * (1 + 2 + 9 / 4), 12);
    expect(inside.norm).toBeCloseTo(Math.hypot(1, 1, 0.75), 12);
    const outside = truncatedCg(M, x, g, along([1, -2, 4]), { ...options, radius: 2 }, work);
    expect(outside.atBoundary).toBe(true);
    expect(Math.hypot(...work.η)).toBeCloseTo(2, 12);
    expect(outside.predicted).toBeGreaterThan(0);
    // With H⁻¹ as the preconditioner one product suffices.
    let products = 0;
    const counted = (out: Vector, u: Vector) => {
      products++;
      return along([1, 2, 4])(out, u);
    };
    const precondition = (out: Vector, _x: Vector, r: Vector) => along([1, 0.5, 0.25])(out, r);
    truncatedCg(M, x, g, counted, { ...options, κ: 1e-10, precondition }, work);
    expect(products).toBe(1);
    expect(work.η[2]).toBeCloseTo(-0.75, 12);
  });

  it("a good preconditioner saves products and finds the same minimum", () => {
    // ½ Σ dᵢ xᵢ² − 10 cᵀx on the sphere: near the minimizer the Hessian is close to diag(d) plus a constant.
    const n = 60;
    const d = Array.from({ length: n }, (_, i) => 10 ** ((3 * i) / n));
    const M = sphere(n);
    const problem = onManifold(M, {
      dimension: n,
      value: (x: Vector) => x.reduce((sum, xi, i) => sum + 0.5 * d[i]! * xi * xi - 10 * xi, 0),
      gradientInto(out: Vector, x: Vector) {
        for (let i = 0; i < n; i++) out[i] = d[i]! * x[i]! - 10;
        return out;
      },
      hessianApplyInto(out: Vector, _x: Vector, u: Vector) {
        for (let i = 0; i < n; i++) out[i] = d[i]! * u[i]!;
        return out;
      },
    });
    const precondition = (out: Vector, x: Vector, u: Vector) => {
      // The tangent part of D⁻¹u, shifted: (P D' P)⁻¹ on the tangent space.
      const shifted = d.map((di) => di + 20);
      const w = x.map((xi, i) => xi / shifted[i]!);
      const v = u.map((ui, i) => ui / shifted[i]!);
      const ratio = x.reduce((sum, xi, i) => sum + xi * v[i]!, 0) / x.reduce((sum, xi, i) => sum + xi * w[i]!, 0);
      for (let i = 0; i < n; i++) out[i] = v[i]! - ratio * w[i]!;
      return out;
    };
    const x0 = M.randomPoint(seeded(6));
    const stop = toNorm(1e-9);
    const plain = solve(trustRegion(), problem, x0, { stop, secondOrder: false });
    const helped = solve(trustRegion({ precondition }), problem, x0, { stop, secondOrder: false });
    expect(helped.reason.kind).toBe("converged");
    expect(helped.value).toBeCloseTo(plain.value, 10);
    expect(helped.counts.hessianApply).toBeLessThan(0.5 * plain.counts.hessianApply);
  });

  it("an ill-conditioned quadratic on ℝ⁴⁰ takes a few steps, though rounding makes each need more products than dimensions", () => {
    const n = 40;
    const D = denseMatrix(n, n);
    for (let i = 0; i < n; i++) D.data[i * (n + 1)] = 10 ** ((10 * i) / (n - 1));
    const problem = onManifold(euclidean(n), brockett(D, [1]));
    const run = (options: object) =>
      solve(trustRegion(options), problem, new Float64Array(n).fill(1), { stop: toNorm(1e-2), secondOrder: false });
    const [enough, few] = [run({}), run({ maxProducts: n })];
    expect(enough.reason.kind).toBe("converged");
    expect(enough.iterations).toBeLessThan(15);
    expect(few.counts.hessianApply).toBeGreaterThan(10 * enough.counts.hessianApply);
  });

  it("rejects a step that raises f, and shrinks the radius to a quarter of it", () => {
    // (1 + x²)^½ from 3: Newton's step is 30 long and ends at −27.
    const problem = onManifold(euclidean(1), {
      dimension: 1,
      value: ([x]: Vector) => Math.hypot(1, x!),
      gradientInto: (out: Vector, [x]: Vector) => out.fill(x! / Math.hypot(1, x!)),
      hessianApplyInto: (out: Vector, [x]: Vector, [u]: Vector) => out.fill(u! / Math.hypot(1, x!) ** 3),
    });
    const states: { x: number; radius: number; stepNorm: number }[] = [];
    const { x, reason } = solve(trustRegion({ initialRadius: 100, kappa: 1e-9 }), problem, [3], {
      stop: toNorm(1e-9),
      observers: [({ state }) => states.push({ x: state.x[0]!, radius: state.radius, stepNorm: state.stepNorm })],
    });
    expect(states[1]).toMatchObject({ x: 3, stepNorm: 0 });
    expect(states[1]!.radius).toBeCloseTo(30 / 4, 10);
    expect(reason.kind).toBe("converged");
    expect(x[0]).toBeCloseTo(0, 8);
  });

  it("keeps within its largest radius", () => {
    const M = euclidean(2);
    const problem = onManifold(M, {
      dimension: 2,
      value: ([x, y]: Vector) => 0.5 * ((x! - 50) ** 2 + y! * y!),
      gradientInto: (out: Vector, [x, y]: Vector) => {
        out.set([x! - 50, y!]);
        return out;
      },
      hessianApplyInto: (out: Vector, _x: Vector, u: Vector) => {
        out.set(u);
        return out;
      },
    });
    const steps: number[] = [];
    const run = (options: object) =>
      solve(trustRegion(options), problem, [0, 0], {
        stop: toNorm(1e-9),
        observers: [({ state }) => steps.push(state.stepNorm)],
      }).iterations;
    expect(run({ maxRadius: 1, initialRadius: 0.5 })).toBeGreaterThan(45);
    expect(Math.max(...steps.filter(Number.isFinite))).toBeLessThanOrEqual(1 + 1e-12);
    expect(run({})).toBeLessThan(15);
  });

  it("isn't held back on ℝ by the size of a sphere beside it", () => {
    // ½(y − 1e6)² + x₁ on S² × ℝ.
    const M = product(sphere(3), euclidean(1));
    const problem = onManifold(M, {
      dimension: 4,
      value: (x: Vector) => x[0]! + 0.5 * (x[3]! - 1e6) ** 2,
      gradientInto(out: Vector, x: Vector) {
        out.set([1, 0, 0, x[3]! - 1e6]);
        return out;
      },
      hessianApplyInto(out: Vector, _x: Vector, u: Vector) {
        out.set([0, 0, 0, u[3]!]);
        return out;
      },
    });
    const { x, iterations, reason } = solve(trustRegion(), problem, [0, 0.6, 0.8, 0], { stop: toNorm(1e-6) });
    expect(reason.kind).toBe("converged");
    expect(iterations).toBeLessThan(60);
    expect(x[3]).toBeCloseTo(1e6, 5);
    expect(x[0]).toBeCloseTo(-1, 10);
  });

  it("refuses options out of range", () => {
    const bad = (options: object) => () => trustRegion(options);
    expect(bad({ kappa: 1 })).toThrow("trustRegion: argument `options.kappa` is 1; wanted a number > 0 and < 1");
    expect(bad({ theta: 0 })).toThrow("`options.theta` is 0");
    expect(bad({ maxRadius: -1 })).toThrow("`options.maxRadius` is -1");
    expect(bad({ maxRadius: 1, initialRadius: 2 })).toThrow("`options.initialRadius` is 2");
    expect(bad({ maxProducts: 0.5 })).toThrow("`options.maxProducts` is 0.5");
    expect(bad({ precondition: 3 })).toThrow("`options.precondition` is 3; wanted a function of (out, x, u)");
  });
});
