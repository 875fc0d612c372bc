import { type DenseMatrix, denseMatrix, solve, type Vector } from "@hessia/core";
import { svd } from "@hessia/core/linear";
import { describe, expect, it } from "vitest";
import { alternatingDescent, euclidean, onManifold, product, sphere, stiefel } from "../../src/index.js";
import { behavesLikeAMethod, toNorm } from "../methods-behaviour.js";
import { gaussian } from "../problems-for-tests.js";
import { seeded } from "../random.js";

describe("alternatingDescent", () => {
  behavesLikeAMethod("alternatingDescent", alternatingDescent as never, { ofProducts: true });
});

describe("alternatingDescent with the largest factor first", () => {
  behavesLikeAMethod("alternatingDescent", (options) => alternatingDescent({ order: "largest", ...options }), {
    ofProducts: true,
  });
});

/** ½‖A − σ u vᵀ‖² on sphere × sphere × ℝ, least at the largest singular triple; with u and v known, σ = uᵀAv. */
function rankOne(A: DenseMatrix) {
  const [m, n] = [A.rows, A.cols];
  const parts = (x: Vector) => [x.subarray(0, m), x.subarray(m, m + n), x[m + n]!] as const;
  const entry = (x: Vector, i: number, j: number) => {
    const [u, v, σ] = parts(x);
    return σ * u[i]! * v[j]! - A.data[i * n + j]!;
  };
  const Av = (v: Vector) =>
    Float64Array.from({ length: m }, (_, i) => v.reduce((s, vj, j) => s + A.data[i * n + j]! * vj, 0));
  const unit = (out: Vector, w: Vector) => {
    const size = Math.hypot(...w);
    out.set(w.map((wi) => wi / size));
    return out;
  };
  return {
    dimension: m + n + 1,
    value(x: Vector) {
      let sum = 0;
      for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) sum += 0.5 * entry(x, i, j) ** 2;
      return sum;
    },
    gradientInto(out: Vector, x: Vector) {
      const [u, v, σ] = parts(x);
      out.fill(0);
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          const e = entry(x, i, j);
          out[i] = out[i]! + σ * e * v[j]!;
          out[m + j] = out[m + j]! + σ * e * u[i]!;
          out[m + n] = out[m + n]! + e * u[i]! * v[j]!;
        }
      return out;
    },
    minimizers: [
      // For σ > 0 the best unit u is Av/‖Av‖; v stays with gradient steps.
      (out: Vector, x: Vector) => unit(out, Av(parts(x)[1])),
      undefined,
      (out: Vector, x: Vector) => {
        const [u, v] = parts(x);
        out[0] = Av(v).reduce((sum, a, i) => sum + a * u[i]!, 0);
        return out;
      },
    ],
  };
}

describe("factors of alternatingDescent", () => {
  const A = denseMatrix(6, 5, gaussian(30, 1));
  const { values } = svd(A);
  const expected = 0.5 * values.slice(1).reduce((sum, σ) => sum + σ * σ, 0);
  const M = product(sphere(6), sphere(5), euclidean(1));
  const { minimizers, ...f } = rankOne(A);
  const problem = onManifold(M, f);
  const x0 = Float64Array.from([...sphere(6).randomPoint(seeded(2)), ...sphere(5).randomPoint(seeded(3)), 1]);

  for (const options of [{}, { order: "largest" as const }, { stepsPerVisit: 4 }, { minimizers }])
    it(`finds the largest singular triple: ${JSON.stringify(options)}`, () => {
      const { reason, value, x } = solve(alternatingDescent(options), problem, x0, { stop: toNorm(1e-7) });
      expect(reason.kind).toBe("converged");
      expect(value).toBeCloseTo(expected, 10);
      expect(Math.abs(x[11]!)).toBeCloseTo(values[0]!, 6);
    });

  it("moves one factor at a time, in turn, so many times a visit", () => {
    const moved: number[] = [];
    let before = x0.slice();
    solve(alternatingDescent({ stepsPerVisit: 2 }), problem, x0, {
      stop: ({ state }) => (state.iteration >= 12 ? { kind: "budget", rule: "test", detail: "" } : null),
      observers: [
        ({ state }) => {
          if (state.iteration > 0) {
            const which = [0, 1, 2].filter((i) => M.part(state.x, i).some((xi, k) => xi !== M.part(before, i)[k]));
            expect(which.length).toBe(1);
            moved.push(which[0]!);
          }
          before = state.x.slice();
        },
      ],
    });
    expect(moved).toEqual([0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2]);
  });

  it("takes the factor of the largest gradient where it is asked to", () => {
    let next = -1;
    let before = x0.slice();
    solve(alternatingDescent({ order: "largest" }), problem, x0, {
      stop: ({ state }) => (state.iteration >= 8 ? { kind: "budget", rule: "test", detail: "" } : null),
      observers: [
        ({ state }) => {
          if (next >= 0) expect(M.part(state.x, next)).not.toEqual(M.part(before, next));
          const norms = [0, 1, 2].map((i) => Math.hypot(...M.part(state.gradient, i)));
          next = norms.indexOf(Math.max(...norms));
          before = state.x.slice();
        },
      ],
    });
    expect(next).toBeGreaterThanOrEqual(0);
  });

  it("exact minimizers take fewer steps than gradient steps", () => {
    const steps = (options: object) =>
      solve(alternatingDescent(options), problem, x0, { stop: toNorm(1e-7) }).iterations;
    expect(steps({ minimizers })).toBeLessThan(steps({}));
  });

  it("passes over a factor at rest, and fails when none moves", () => {
    // f depends on the second factor only.
    const flat = onManifold(product(euclidean(1), euclidean(1)), {
      dimension: 2,
      value: ([, b]: Vector) => 0.5 * (b! - 3) ** 2,
      gradientInto(out: Vector, [, b]: Vector) {
        out.set([0, b! - 3]);
        return out;
      },
    });
    const { x } = solve(alternatingDescent(), flat, [7, 0], { stop: toNorm(1e-9) });
    expect(x[0]).toBe(7);
    expect(x[1]).toBeCloseTo(3, 9);
    const { reason } = solve(alternatingDescent(), flat, [7, 3], { stop: () => null });
    expect(reason).toMatchObject({ kind: "failed", rule: "noProgress" });
    expect(reason.detail).toMatch(/^no factor's step lowers f/);
  });

  it("an exact minimizer that doesn't move is at rest too", () => {
    const both = onManifold(product(euclidean(1), euclidean(1)), {
      dimension: 2,
      value: ([a, b]: Vector) => 0.5 * (a! - b!) ** 2,
      gradientInto(out: Vector, [a, b]: Vector) {
        out.set([a! - b!, b! - a!]);
        return out;
      },
    });
    const minimizers = [(out: Vector, x: Vector) => out.fill(x[1]!), (out: Vector, x: Vector) => out.fill(x[0]!)];
    const { reason, x, iterations } = solve(alternatingDescent({ minimizers }), both, [1, 4], { stop: () => null });
    expect(x).toEqual(Float64Array.of(4, 4));
    expect(iterations).toBe(3);
    expect(reason.detail).toMatch(/^no factor's step lowers f/);
  });

  it("refuses what isn't a product, minimizers that leave the factor, and options out of range", () => {
    const single = onManifold(stiefel(3, 2), {
      dimension: 6,
      value: () => 0,
      gradientInto: (out: Vector) => out.fill(0),
    });
    expect(() => solve(alternatingDescent(), single as never, [1, 0, 0, 1, 0, 0])).toThrow(
      "alternatingDescent: argument `problem.manifold` is stiefel(3, 2); wanted a product of manifolds",
    );
    const bad = (options: object) => () => solve(alternatingDescent(options), problem, x0);
    expect(bad({ minimizers: [(out: Vector) => out.fill(1)] })).toThrow(
      /argument `the result of options\.minimizers\[0\]` is off sphere\(6\)/,
    );
    expect(bad({ minimizers: [undefined, undefined, undefined, undefined] })).toThrow(
      "`options.minimizers` is of length 4; wanted 3 at most",
    );
    expect(bad({ minimizers: 3 })).toThrow("`options.minimizers` is 3; wanted an array, one for each factor");
    expect(bad({ minimizers: [1] })).toThrow("`options.minimizers[0]` is 1");
    expect(bad({ order: "random" })).toThrow('`options.order` is "random"; wanted one of "cyclic", "largest"');
    expect(bad({ stepsPerVisit: 0 })).toThrow("`options.stepsPerVisit` is 0");
  });
});
