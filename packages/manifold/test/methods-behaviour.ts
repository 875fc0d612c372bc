// What every method must do, whatever its algorithm: run by each method's test file.
import {
  any,
  defineProblem,
  deserialize,
  type GradientState,
  type Method,
  maxIterations,
  type Stop,
  serialize,
  snapshot,
  solve,
  timeLimit,
  type Vector,
} from "@hessia/core";
import { symmetricEigen } from "@hessia/core/linear";
import { expect, it } from "vitest";
import {
  euclidean,
  karcherMean,
  type Manifold,
  type ManifoldHessianProblem,
  onManifold,
  product,
  riemannianGradientNorm,
  spdAffineInvariant,
  sphere,
  stiefel,
} from "../src/index.js";
import { spdWith } from "./manifold-behaviour.js";
import {
  brockett,
  brockettMinimum,
  meanByDerivatives,
  randomSymmetric,
  type SmoothProblem,
} from "./problems-for-tests.js";
import { seeded } from "./random.js";

export type AnyMethod = Method<ManifoldHessianProblem, GradientState>;

export const toNorm = (absolute: number, most = 5000): Stop<GradientState> =>
  any<GradientState>(riemannianGradientNorm({ absolute, relative: 0 }), maxIterations(most));

interface Traits {
  /** f may rise for a while. */
  readonly nonmonotone?: boolean;
  /** The manifold is made a product of one part. */
  readonly ofProducts?: boolean;
}

export function behavesLikeAMethod(
  name: string,
  make: (options?: object) => unknown,
  { nonmonotone = false, ofProducts = false }: Traits = {},
): void {
  const method = (options?: object) => make(options) as AnyMethod;
  const on = (manifold: Manifold, problem: SmoothProblem) =>
    onManifold(ofProducts ? product(manifold) : manifold, problem);

  it("finds the least eigenvector as the minimizer of the Rayleigh quotient", () => {
    const A = randomSymmetric(12, 1);
    const problem = on(sphere(12), brockett(A, [1]));
    const { x, value, reason } = solve(method(), problem, sphere(12).randomPoint(seeded(2)), { stop: toNorm(1e-7) });
    expect(reason.kind).toBe("converged");
    const { values, vectors } = symmetricEigen(A);
    expect(value).toBeCloseTo(0.5 * values[0]!, 12);
    const cosine = x.reduce((sum, xi, i) => sum + xi * vectors.data[i * 12]!, 0);
    expect(Math.abs(cosine)).toBeCloseTo(1, 12);
  });

  it("minimizes Brockett's function on the Stiefel manifold", () => {
    const A = randomSymmetric(30, 3);
    const weights = [3, 2, 1];
    const M = stiefel(30, 3);
    const { x, value, reason } = solve(method(), on(M, brockett(A, weights)), M.randomPoint(seeded(4)), {
      stop: toNorm(1e-6),
    });
    expect(reason.kind).toBe("converged");
    expect(value).toBeCloseTo(brockettMinimum(A, weights), 10);
    expect(M.distanceFromManifold(x)).toBeLessThan(1e-12);
  });

  it("finds the Karcher mean that means/karcherMean finds", () => {
    const M = spdAffineInvariant(3);
    const points = [1, 2, 3, 4].map((seed) => spdWith([0.3 * seed, 1, 4 / seed], seed));
    const mean = karcherMean(M, points);
    expect(mean.reason.kind).toBe("converged");
    const { x, reason } = solve(method(), on(M, meanByDerivatives(M, points)), points[0]!, { stop: toNorm(1e-7) });
    expect(reason.kind).toBe("converged");
    expect(M.dist(x, mean.x)).toBeLessThan(2e-7);
  });

  it("asks for f at points of the manifold and for products with tangents only", () => {
    const A = randomSymmetric(10, 5);
    const M = stiefel(10, 2);
    const inner = brockett(A, [2, 1]);
    let worst = 0;
    const point = (x: Vector) => {
      worst = Math.max(worst, M.distanceFromManifold(x));
      return x;
    };
    const watched: SmoothProblem = {
      ...inner,
      value: (x) => inner.value(point(x)),
      gradientInto: (out, x) => inner.gradientInto(out, point(x)),
      valueAndGradientInto: (out, x) => inner.valueAndGradientInto(out, point(x)),
      hessianApplyInto(out, x, u) {
        M.checkTangent("test", "u", point(x), u);
        return inner.hessianApplyInto(out, x, u);
      },
    };
    const { reason } = solve(method(), on(M, watched), M.randomPoint(seeded(6)), { stop: toNorm(1e-6) });
    expect(reason.kind).toBe("converged");
    expect(worst).toBeLessThan(1e-12);
  });

  it("rejects trial points outside of the domain and stays finite", () => {
    // ½‖x − a‖² − 0.01 log(x₁ − 0.9) on the sphere: a narrow cap.
    const f = defineProblem({
      dimension: 3,
      value: ([x, y, z]) =>
        x! > 0.9 ? 0.5 * ((x! - 1) ** 2 + (y! - 1) ** 2 + z! * z!) - 0.01 * Math.log(x! - 0.9) : Number.NaN,
      gradient: ([x, y, z]) => [x! - 1 - 0.01 / (x! - 0.9), y! - 1, z!],
      hessianApply: ([x], [u, v, w]) => [u! * (1 + 0.01 / (x! - 0.9) ** 2), v!, w!],
    });
    const x0 = [0.95, -Math.sqrt(1 - 0.95 ** 2), 0];
    const { x, reason, state } = solve(method(), on(sphere(3), f as SmoothProblem), x0, { stop: toNorm(1e-7) });
    expect(reason.kind).toBe("converged");
    // On the circle z = 0 with x = cos θ: −sin θ … the derivative of cos θ + sin θ + 0.01 log(cos θ − 0.9) vanishes.
    const θ = Math.atan2(x[1]!, x[0]!);
    expect(Math.abs(-Math.sin(θ) + Math.cos(θ) - (0.01 * Math.sin(θ)) / (Math.cos(θ) - 0.9))).toBeLessThan(1e-6);
    expect(Math.abs(x[2]!)).toBeLessThan(1e-6);
    expect(Number.isFinite(state.value)).toBe(true);
  });

  it("doesn't ask for f where the retraction isn't defined", () => {
    // ℝ² with a retraction that ends at ‖x‖ = 5, and first steps that would be 10 long.
    const E = euclidean(2);
    let refused = 0;
    const disc: Manifold = {
      ...E,
      typicalDistance: 100,
      retractInto(out, x, u, t = 1) {
        E.retractInto(out, x, u, t);
        if (Math.hypot(...out) < 5) return out;
        refused++;
        return out.fill(Number.NaN);
      },
    };
    const seen = (x: Vector) => {
      if (x.some(Number.isNaN)) throw new Error("asked at NaN");
      return x;
    };
    const f = defineProblem({
      dimension: 2,
      value: (x) => Math.hypot(1, ...seen(x)),
      gradient: (x) => Array.from(seen(x), (xi) => xi / Math.hypot(1, ...x)),
      hessianApply: (x, u) => {
        const h = Math.hypot(1, ...seen(x));
        const xu = x[0]! * u[0]! + x[1]! * u[1]!;
        return [0, 1].map((i) => u[i]! / h - (x[i]! * xu) / h ** 3);
      },
    });
    const { x, reason } = solve(method(), on(disc, f as SmoothProblem), [3, 1], { stop: toNorm(1e-7) });
    expect(reason.kind).toBe("converged");
    expect(Math.hypot(...x)).toBeLessThan(1e-6);
    expect(refused).toBeGreaterThan(0);
  });

  it("says that a linear function is unbounded", () => {
    const linear = defineProblem({ dimension: 1, value: ([x]) => x!, gradient: () => [1], hessianApply: () => [0] });
    const { reason } = solve(method(), on(euclidean(1), linear as SmoothProblem), [0]);
    expect(reason).toMatchObject({ kind: "failed", rule: "unboundedBelow" });
  });

  it("is done at once where the gradient vanishes, also on a manifold of two points", () => {
    const { reason, iterations } = solve(method(), on(sphere(1), brockett(randomSymmetric(1, 1), [1])), [1]);
    expect(reason.kind).toBe("converged");
    expect(iterations).toBe(0);
  });

  const ordinary = () => ({
    problem: on(stiefel(14, 2), brockett(randomSymmetric(14, 7), [2, 1])),
    x0: stiefel(14, 2).randomPoint(seeded(8)),
  });

  it(nonmonotone ? "never ends above its start" : "never increases f from one state to the next", () => {
    const { problem, x0 } = ordinary();
    const { trace, value } = solve(method(), problem, x0, { stop: toNorm(1e-6), trace: true });
    expect(value).toBeLessThan(trace[0]!.value);
    if (!nonmonotone)
      for (let k = 1; k < trace.length; k++) expect(trace[k]!.value).toBeLessThanOrEqual(trace[k - 1]!.value + 1e-11);
  });

  it("goes on from a stored state with the same iterates to the last bit", () => {
    const { problem, x0 } = ordinary();
    const stop = toNorm(1e-6);
    const whole = solve(method(), problem, x0, { stop, trace: true });
    const half = Math.floor(whole.iterations / 2);
    expect(half).toBeGreaterThan(1);
    const first = solve(method(), problem, x0, { stop: maxIterations(half) });
    const rest = solve(method(), problem, x0, { stop, trace: true, resume: deserialize(serialize(first.state)) });
    expect(rest.x).toEqual(whole.x);
    expect(rest.iterations).toBe(whole.iterations);
    expect(rest.trace.map((row) => row.value)).toEqual(whole.trace.slice(half).map((row) => row.value));
  });

  it("loses nothing when its scratch memory vanishes", () => {
    const { problem, x0 } = ordinary();
    const stop = toNorm(1e-6);
    const forgetful = { ...method(), step: (p: never, state: GradientState) => method().step(p, snapshot(state)) };
    expect(solve(forgetful as AnyMethod, problem, x0, { stop }).x).toEqual(solve(method(), problem, x0, { stop }).x);
  });

  it("ends by budget, by signal, and at the limit of rounding", () => {
    const { problem, x0 } = ordinary();
    expect(solve(method(), problem, x0, { stop: maxIterations(3) }).reason).toMatchObject({
      kind: "budget",
      rule: "maxIterations",
    });
    expect(solve(method(), problem, x0, { stop: timeLimit(0) }).reason.rule).toBe("timeLimit");
    const aborted = solve(method(), problem, x0, { signal: { aborted: true, reason: "enough" } });
    expect(aborted.reason).toEqual({ kind: "aborted", rule: "signal", detail: "enough" });
    const last = solve(method(), problem, x0, { stop: maxIterations(20_000) });
    expect(last.reason).toMatchObject({ kind: "failed", rule: "noProgress" });
    expect(last.state.gradientNorm).toBeLessThan(1e-6);
  });

  it("says so where f or its gradient isn't finite at the start", () => {
    const bad = { ...brockett(randomSymmetric(3, 1), [1]), valueAndGradientInto: undefined, value: () => Number.NaN };
    const { reason } = solve(method(), on(sphere(3), bad as never), [1, 0, 0]);
    expect(reason).toMatchObject({ kind: "failed", rule: "nonFiniteStart" });
  });

  it("names a gradient that is wrong when it stalls on it", () => {
    const right = brockett(randomSymmetric(6, 9), [1]);
    const wrong = {
      ...right,
      valueAndGradientInto: undefined,
      gradientInto(out: Vector, x: Vector) {
        right.gradientInto(out, x);
        for (let i = 0; i < 6; i++) out[i] = -out[i]!;
        return out;
      },
    };
    const x0 = sphere(6).randomPoint(seeded(3));
    const { reason } = solve(method(), on(sphere(6), wrong as never), x0, { stop: toNorm(1e-9) });
    expect(reason).toMatchObject({ kind: "failed", rule: "wrongGradientLikely" });
    expect(reason.detail).toMatch(/gradient check along the retraction has slope (0\.9|1\.0)\d instead of 2/);
  });

  it("refuses starts off the manifold, of another length or not finite, and problems without a manifold", () => {
    const problem = on(sphere(3), brockett(randomSymmetric(3, 1), [1]));
    const start = (x0: readonly number[]) => () => solve(method(), problem, x0);
    expect(start([1, 1, 0])).toThrow(
      new RegExp(`^${name}: argument \`x0\` is off sphere\\(3\\) by 4\\.14e-1.*projectPointInto`),
    );
    expect(start([1, 0])).toThrow(/argument `x0` is of length 2; wanted length 3/);
    expect(start([1, 0, Number.NaN])).toThrow(/argument `x0` is NaN at index 2/);
    expect(() => solve(method(), brockett(randomSymmetric(3, 1), [1]) as never, [1, 0, 0])).toThrow(
      `${name}: argument \`problem\` is without a manifold; wanted a problem made by \`onManifold\``,
    );
    expect(() => make({ foo: 1 })).toThrow(`${name}: argument \`options.foo\` is not an option`);
  });
}

/** What the methods with second derivatives must do besides. */
export function behavesLikeASecondOrderMethod(name: string, make: (options?: object) => unknown): void {
  const method = () => make() as AnyMethod;

  it("converges superlinearly", () => {
    const A = randomSymmetric(20, 11);
    const M = stiefel(20, 2);
    const { trace } = solve(method(), onManifold(M, brockett(A, [2, 1])), M.randomPoint(seeded(12)), {
      stop: toNorm(1e-10),
      trace: true,
    });
    expect(orderOf(trace.map((row) => row.gradientNorm))).toBeGreaterThan(1.5);
  });

  it("where rounding hides the decrease of f, takes only steps that lower the gradient", () => {
    const M = stiefel(14, 2);
    const { trace, reason } = solve(
      method(),
      onManifold(M, brockett(randomSymmetric(14, 7), [2, 1])),
      M.randomPoint(seeded(8)),
      { stop: maxIterations(2000), trace: true },
    );
    expect(reason.rule).toBe("noProgress");
    let hidden = 0;
    for (let k = 1; k < trace.length; k++) {
      const [before, after] = [trace[k - 1]!, trace[k]!];
      if (Math.abs(after.value - before.value) > 1e3 * Number.EPSILON * Math.abs(before.value)) continue;
      hidden++;
      expect(after.gradientNorm).toBeLessThanOrEqual(before.gradientNorm);
    }
    expect(hidden).toBeGreaterThan(0);
    expect(trace.at(-1)!.gradientNorm).toBeLessThan(1e-12);
  });

  it("leaves a strict saddle that it starts at", () => {
    // The middle eigenvector of diag(1, 2, 3): the gradient vanishes, the Hessian is diag(−1, 1).
    const problem = onManifold(
      sphere(3),
      defineProblem({
        dimension: 3,
        value: ([a, b, c]) => 0.5 * (a! * a! + 2 * b! * b! + 3 * c! * c!),
        gradient: ([a, b, c]) => [a!, 2 * b!, 3 * c!],
        hessianApply: (_x, [a, b, c]) => [a!, 2 * b!, 3 * c!],
      }),
    );
    const { reason, value, leastCurvature } = solve(method(), problem as ManifoldHessianProblem, [0, 1, 0]);
    expect(reason.kind).toBe("converged");
    expect(value).toBeCloseTo(0.5, 12);
    expect(leastCurvature).toBeCloseTo(1, 6);
    const stays = solve(method(), problem as ManifoldHessianProblem, [0, 1, 0], { secondOrder: false });
    expect(stays.value).toBe(1);
  });

  it("needs products with the Hessian, finite ones, and names wrong ones", () => {
    const { dimension, value, gradientInto, ...rest } = brockett(randomSymmetric(5, 1), [1]);
    const bare = { dimension, value, gradientInto };
    const x0 = sphere(5).randomPoint(seeded(1));
    expect(() => solve(method(), onManifold(sphere(5), bare) as never, x0)).toThrow(
      `${name}: argument \`problem\` is without Hessian products`,
    );
    const holed = { ...bare, hessianApplyInto: (out: Vector) => out.fill(Number.NaN) };
    expect(solve(method(), onManifold(sphere(5), holed), x0).reason).toMatchObject({
      kind: "failed",
      rule: "noProgress",
      detail: "a Hessian-vector product isn't finite",
    });
    const wrong = {
      ...bare,
      hessianApplyInto(out: Vector, x: Vector, v: Vector) {
        rest.hessianApplyInto(out, x, v);
        for (let i = 0; i < 5; i++) out[i] = -5 * out[i]! - 4 * v[i]!;
        return out;
      },
    };
    const { reason } = solve(method(), onManifold(sphere(5), wrong), x0, { stop: toNorm(1e-12) });
    expect(reason).toMatchObject({ kind: "failed", rule: "wrongHessianLikely" });
  });
}

/** The order p of the last three norms above rounding: log(e₂/e₁)/log(e₁/e₀), the best of the tail. */
export function orderOf(norms: readonly number[]): number {
  const usable = norms.filter((e, k) => e > 1e-13 && e !== norms[k - 1]);
  let best = 0;
  for (let k = Math.max(1, usable.length - 3); k + 1 < usable.length; k++)
    best = Math.max(best, Math.log(usable[k + 1]! / usable[k]!) / Math.log(usable[k]! / usable[k - 1]!));
  return best;
}
