import { counted, solve, type Vector } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { euclidean, lazyCubicNewton, onManifold, sphere, startManifoldState, stiefel } from "../../src/index.js";
import { buildSnapshot, lazyModelInto, lazyStepInto, newLazyModel } from "../../src/support/snapshot-model.js";
import { behavesLikeAMethod, behavesLikeASecondOrderMethod, toNorm } from "../methods-behaviour.js";
import { brockett, randomSymmetric } from "../problems-for-tests.js";
import { seeded } from "../random.js";

describe("lazyCubicNewton", () => {
  behavesLikeAMethod("lazyCubicNewton", lazyCubicNewton as never);
  behavesLikeASecondOrderMethod("lazyCubicNewton", (options) => lazyCubicNewton({ hessianPeriod: 1, ...options }));
});

describe("lazyCubicNewton with a Krylov basis and three steps a Hessian", () => {
  behavesLikeAMethod("lazyCubicNewton", (options) => lazyCubicNewton({ hessianPeriod: 3, maxBasis: 6, ...options }));
});

describe("the snapshots of lazyCubicNewton", () => {
  const A = randomSymmetric(12, 5);
  const M = stiefel(12, 3);
  const problem = onManifold(M, brockett(A, [3, 2, 1]));

  it("span the tangent space where it is small: V T Vᵀ is the Hessian there", () => {
    const watched = counted(problem);
    const state = startManifoldState("test", watched, M.randomPoint(seeded(6)));
    const { space, whole, products } = buildSnapshot(watched, state, null, 100, 1);
    expect(whole).toBe(true);
    expect([space.size, products]).toEqual([M.dim, M.dim]);
    for (let i = 0; i < M.dim; i++)
      for (let j = 0; j < M.dim; j++)
        expect(M.inner(state.x, space.vectors[i]!, space.vectors[j]!)).toBeCloseTo(i === j ? 1 : 0, 10);
    const u = M.randomTangent(state.x, seeded(7));
    const expected = M.zero();
    problem.hessianApplyInto(expected, state.x, u);
    M.euclideanToRiemannianHessianInto(expected, state.x, state.euclideanGradient, expected, u);
    const c = space.vectors.slice(0, M.dim).map((v) => M.inner(state.x, v, u));
    const product = M.zero();
    for (let i = 0; i < M.dim; i++) {
      let t = space.alpha[i]! * c[i]!;
      if (i > 0) t += space.beta[i - 1]! * c[i - 1]!;
      if (i + 1 < M.dim) t += space.beta[i]! * c[i + 1]!;
      for (let k = 0; k < product.length; k++) product[k] = product[k]! + t * space.vectors[i]![k]!;
    }
    for (let k = 0; k < product.length; k++) expect(product[k]).toBeCloseTo(expected[k]!, 9);
  });

  it("span it also where the Krylov space of the gradient is smaller", () => {
    // ½‖x‖² + x₁ on ℝ⁵: the Hessian is the identity and every Krylov space has one vector.
    const E = euclidean(5);
    const f = onManifold(E, {
      dimension: 5,
      value: (x: Vector) => 0.5 * x.reduce((sum, xi) => sum + xi * xi, 0) + x[0]!,
      gradientInto(out: Vector, x: Vector) {
        out.set(x);
        out[0] = out[0]! + 1;
        return out;
      },
      hessianApplyInto(out: Vector, _x: Vector, u: Vector) {
        out.set(u);
        return out;
      },
    });
    const watched = counted(f);
    const state = startManifoldState("test", watched, Float64Array.of(1, 2, 3, 4, 5));
    const { space, whole } = buildSnapshot(watched, state, null, 100, 1);
    expect(whole).toBe(true);
    for (let i = 0; i < 5; i++) {
      expect(space.alpha[i]).toBeCloseTo(1, 12);
      expect(space.beta[i]).toBe(0);
    }
  });

  it("a stale step with a bordered Krylov basis solves the model in its span: at the same point with M = 0⁺ on a quadratic it is Newton's step in it", () => {
    const n = 9;
    const E = euclidean(n);
    const D = Array.from({ length: n }, (_, i) => 1 + i);
    const f = onManifold(E, {
      dimension: n,
      value: (x: Vector) => 0.5 * x.reduce((sum, xi, i) => sum + D[i]! * xi * xi, 0),
      gradientInto(out: Vector, x: Vector) {
        for (let i = 0; i < n; i++) out[i] = D[i]! * x[i]!;
        return out;
      },
      hessianApplyInto(out: Vector, _x: Vector, u: Vector) {
        for (let i = 0; i < n; i++) out[i] = D[i]! * u[i]!;
        return out;
      },
    });
    const watched = counted(f);
    const snapshot = buildSnapshot(watched, startManifoldState("t", watched, new Float64Array(n).fill(1)), null, 3, 1);
    expect(snapshot.whole).toBe(false);
    const later = startManifoldState(
      "t",
      watched,
      Float64Array.from(D, (_, i) => Math.cos(3 * i)),
    );
    const model = newLazyModel(n);
    const before = watched.counts.hessianApply;
    lazyModelInto(model, watched, snapshot, later);
    expect(model.bordered).toBe(true);
    expect(watched.counts.hessianApply).toBe(before + 1);
    const s = E.zero();
    const { predicted } = lazyStepInto(s, E, snapshot, later.x, model, 1e-12);
    // Stationary in the span: g + Ds is orthogonal to each basis vector and to r̂.
    const residual = s.map((si, i) => D[i]! * (si + later.x[i]!));
    const size = snapshot.space.size;
    for (const v of [...snapshot.space.vectors.slice(0, size), model.outside])
      expect(E.inner(s, residual, v)).toBeCloseTo(0, 8);
    const gs = E.inner(s, later.gradient, s);
    expect(predicted).toBeCloseTo(-gs - 0.5 * s.reduce((sum, si, i) => sum + D[i]! * si * si, 0), 8);
  });

  it("a stale step is carried to x: tangent there, with the slope that the model has", () => {
    const watched = counted(problem);
    const start = startManifoldState("t", watched, M.randomPoint(seeded(6)));
    const snapshot = buildSnapshot(watched, start, null, 100, 1);
    const x = M.retractInto(M.zero(), start.x, M.randomTangent(start.x, seeded(3)), 0.4);
    const later = startManifoldState("t", watched, x);
    const model = newLazyModel(M.length);
    lazyModelInto(model, watched, snapshot, later);
    const s = M.zero();
    const { norm, predicted } = lazyStepInto(s, M, snapshot, x, model, 20);
    M.checkTangent("test", "s", x, s);
    // ⟨g, s⟩ at x is ⟨ĝ, ŝ⟩ at z, since the projections are each other's adjoints: with ŝ = −(Ĥ + σ)⁻¹ĝ the decrease is −½⟨ĝ, ŝ⟩ + ½σ‖ŝ‖² − (M/6)‖ŝ‖³.
    const σ = 10 * norm;
    const decrease = -0.5 * M.inner(x, later.gradient, s) + 0.5 * σ * norm ** 2 - (20 / 6) * norm ** 3;
    expect(decrease).toBeCloseTo(predicted, 10);
    expect(M.norm(x, s)).toBeLessThanOrEqual(norm + 1e-12);
  });

  it("are renewed when a stale step is rejected six times", () => {
    let blocked = 0;
    const f = brockett(A, [3, 2, 1]);
    const moody = onManifold(M, {
      ...f,
      valueAndGradientInto: (out: Vector, x: Vector) => (blocked-- > 0 ? Number.NaN : f.valueAndGradientInto(out, x)),
    });
    const seen: { age: number; products: number }[] = [];
    solve(lazyCubicNewton({ hessianPeriod: 50 }), moody, M.randomPoint(seeded(8)), {
      stop: ({ state }) => (state.iteration >= 4 ? { kind: "budget", rule: "test", detail: "" } : null),
      observers: [
        ({ state, counts }) => {
          seen.push({ age: state.age, products: counts.hessianApply });
          // The next step's first eight trial points are outside of the domain.
          if (state.iteration === 2) blocked = 8;
        },
      ],
    });
    expect(seen[2]).toEqual({ age: 2, products: M.dim });
    expect(seen[3]).toEqual({ age: 1, products: 2 * M.dim });
  });

  it("serve several steps: fewer products than with a fresh Hessian each time, the same minimum", () => {
    const x0 = M.randomPoint(seeded(8));
    const run = (hessianPeriod?: number) =>
      solve(lazyCubicNewton(hessianPeriod === undefined ? {} : { hessianPeriod }), problem, x0, {
        stop: toNorm(1e-8),
        secondOrder: false,
      });
    const [fresh, lazy] = [run(1), run()];
    expect(fresh.reason.kind).toBe("converged");
    expect(lazy.reason.kind).toBe("converged");
    expect(lazy.value).toBeCloseTo(fresh.value, 10);
    expect(lazy.counts.hessianApply).toBeLessThan(fresh.counts.hessianApply);
    expect(lazy.iterations).toBeGreaterThan(fresh.iterations);
    expect(fresh.counts.hessianApply).toBe(fresh.iterations * M.dim);
  });

  it("the period is kept, and is the number of products by default", () => {
    const S = sphere(6);
    const ages: number[] = [];
    solve(
      lazyCubicNewton({ hessianPeriod: 2 }),
      onManifold(S, brockett(randomSymmetric(6, 2), [1])),
      S.randomPoint(seeded(9)),
      {
        stop: toNorm(1e-9),
        observers: [({ state }) => ages.push(state.age)],
      },
    );
    expect(Math.max(...ages)).toBe(2);
  });

  it("refuses options out of range", () => {
    const bad = (options: object) => () => lazyCubicNewton(options);
    expect(bad({ hessianPeriod: 0 })).toThrow("lazyCubicNewton: argument `options.hessianPeriod` is 0");
    expect(bad({ maxBasis: 1.5 })).toThrow("`options.maxBasis` is 1.5; wanted an integer >= 1");
    expect(bad({ initialM: -1 })).toThrow("`options.initialM` is -1");
  });
});
