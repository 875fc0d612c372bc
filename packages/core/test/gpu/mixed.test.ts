// float32 products, float64 answers.
import { GPU } from "gpu.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jsArrayBackend } from "../../src/backend/cpu-backend.js";
import { connectGpu } from "../../src/gpu/connect.js";
import type { GpuBackend } from "../../src/gpu/gpu-backend.js";
import { gemvProduct, hessianProduct, type RefineOptions, refineInto } from "../../src/gpu/mixed.js";
import { gpuTerms } from "../../src/gpu/terms.js";
import { operatorFrom, operatorFromFunction } from "../../src/linear/iterative/operator.js";
import { denseMatrix } from "../../src/linear/matrix.js";
import { largest, singles } from "../backend/backends-for-tests.js";

let backend: GpuBackend;
beforeAll(async () => {
  backend = await connectGpu({ GPU, mode: "webasm" });
});
afterAll(() => backend.close());

/** Q diag(λ) Qᵀ with eigenvalues from 1 down to 1 / condition, Q a product of three reflections. */
function spd(n: number, condition: number) {
  const A = new Float64Array(n * n);
  for (let i = 0; i < n; i++) A[i * n + i] = condition ** (-i / (n - 1));
  for (let seed = 1; seed <= 3; seed++) {
    const w = singles(n, seed);
    const ww = w.reduce((s, v) => s + v * v, 0);
    // A ← (I − 2wwᵀ/wᵀw) A (I − 2wwᵀ/wᵀw).
    const Aw = Float64Array.from({ length: n }, (_, i) => w.reduce((s, v, j) => s + A[i * n + j]! * v, 0));
    const wAw = w.reduce((s, v, i) => s + v * Aw[i]!, 0);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++)
        A[i * n + j]! += (-2 * (w[i]! * Aw[j]! + Aw[i]! * w[j]!)) / ww + (4 * wAw * w[i]! * w[j]!) / (ww * ww);
    }
  }
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) A[i * n + j] = A[j * n + i] = 0.5 * (A[i * n + j]! + A[j * n + i]!);
  return denseMatrix(n, n, A);
}

async function solve(n: number, condition: number, options: RefineOptions = {}) {
  const A = spd(n, condition);
  const exact = operatorFrom(A, { symmetric: true });
  const solution = singles(n, 9);
  const b = exact.applyInto(new Float64Array(n), solution);
  const x = new Float64Array(n);
  const a = await backend.upload(A.data, n, n);
  const result = await refineInto(x, exact, gemvProduct(backend, a), b, options);
  backend.release(a);
  const norm = (v: Float64Array) => Math.sqrt(v.reduce((s, e) => s + e * e, 0));
  return { result, error: largest(x.map((v, i) => v - solution[i]!)), relative: result.residualNorm / norm(b) };
}

describe("refineInto", () => {
  it("reaches 1e-10 with products of seven digits", async () => {
    const { result, error, relative } = await solve(80, 1e4);
    expect(result.reason).toBe("converged");
    expect(relative).toBeLessThanOrEqual(1e-10);
    // ‖x − x*‖ ≤ κ · residual.
    expect(error).toBeLessThan(1e-5);
    expect(result.refinements).toBeGreaterThanOrEqual(2);
    expect(result.refinements).toBeLessThanOrEqual(6);
  });

  it("goes on to what float64 can give", async () => {
    const { result, relative } = await solve(40, 100, { tolerance: 1e-14 });
    expect(result.reason).toBe("converged");
    expect(relative).toBeLessThanOrEqual(1e-14);
  });

  it("one plain float32 solve doesn't: there is something to refine", async () => {
    const { result, relative } = await solve(80, 1e4, { maxRefinements: 1, innerTolerance: 1e-12 });
    expect(result.reason).toBe("budget");
    expect(relative).toBeGreaterThan(1e-9);
  });

  it("says so where float32 can't do it, and gives no worse x than 0", async () => {
    const { result, relative } = await solve(60, 1e12, { tolerance: 1e-13 });
    expect(["stagnated", "negativeCurvature", "budget"]).toContain(result.reason);
    expect(relative).toBeLessThanOrEqual(1);
  });

  it("takes a preconditioner", async () => {
    const n = 200;
    const d = Float64Array.from({ length: n }, (_, i) => 10 ** ((4 * i) / n));
    const exact = operatorFromFunction(
      n,
      (out, v) => {
        for (let i = 0; i < n; i++) out[i] = d[i]! * v[i]! - 0.3 * ((v[i - 1] ?? 0) + (v[i + 1] ?? 0));
      },
      { symmetric: true },
    );
    const rough = async (out: Float64Array, v: Float64Array) => {
      exact.applyInto(out, v);
      for (let i = 0; i < n; i++) out[i] = Math.fround(out[i]!);
    };
    const plain = await refineInto(new Float64Array(n), exact, rough, singles(n));
    const jacobi = (out: Float64Array, r: Float64Array) => {
      for (let i = 0; i < n; i++) out[i] = r[i]! / d[i]!;
    };
    const better = await refineInto(new Float64Array(n), exact, rough, singles(n), { precondition: jacobi });
    expect([plain.reason, better.reason]).toEqual(["converged", "converged"]);
    expect(better.products).toBeLessThan(plain.products / 4);
  });

  it("solves a Newton system whose Hessian is on the device", async () => {
    const n = 60;
    const indices = Array.from({ length: 4 * n }, (_, t) => [t % n, (5 * t + 1) % n]);
    const terms = gpuTerms(backend, n, [
      { indices, term: ([a, b]) => a!.sub(b!).square().add(a!.square().square()).add(b!.square().mul(0.1)) },
    ]);
    const x = singles(n, 4);
    const X = await backend.upload(x);
    const g = terms.problem.gradientInto(new Float64Array(n), x);
    const exact = operatorFromFunction(n, (out, v) => terms.problem.hessianApplyInto(out, x, v), { symmetric: true });
    const step = new Float64Array(n);
    const result = await refineInto(step, exact, hessianProduct(backend, terms, X), g, { tolerance: 1e-12 });
    expect(result.reason).toBe("converged");
    const left = exact.applyInto(new Float64Array(n), step).map((v, i) => v - g[i]!);
    expect(largest(left)).toBeLessThan(1e-11 * largest(g));
  });

  it("works with a right-hand side of any size, and with 0", async () => {
    const exact = operatorFromFunction(2, (out, v) => out.set([2 * v[0]!, 3 * v[1]!]), { symmetric: true });
    const a = await backend.upload([2, 0, 0, 3], 2, 2);
    for (const size of [1e-200, 1e200]) {
      const x = new Float64Array(2);
      expect((await refineInto(x, exact, gemvProduct(backend, a), Float64Array.of(2 * size, 3 * size))).reason).toBe(
        "converged",
      );
      expect(x[0]! / size).toBeCloseTo(1, 9);
    }
    const zero = await refineInto(Float64Array.of(5, 5), exact, gemvProduct(backend, a), new Float64Array(2));
    expect(zero).toEqual({ reason: "converged", refinements: 0, products: 0, residualNorm: 0 });
  });

  it("says why it ended", async () => {
    const exact = operatorFromFunction(2, (out, v) => out.set([v[0]!, -v[1]!]), { symmetric: true });
    const rough = async (out: Float64Array, v: Float64Array) => exact.applyInto(out, v);
    const b = Float64Array.of(1, 2);
    expect((await refineInto(new Float64Array(2), exact, rough, b)).reason).toBe("negativeCurvature");
    const nan = async (out: Float64Array) => out.fill(Number.NaN);
    expect((await refineInto(new Float64Array(2), exact, nan, b)).reason).toBe("breakdown");
    const good = operatorFromFunction(2, (out, v) => out.set(v), { symmetric: true });
    const fine = async (out: Float64Array, v: Float64Array) => out.set(v);
    expect((await refineInto(new Float64Array(2), good, fine, b, { maxProducts: 0 })).reason).toBe("budget");
    // Products with something else: no refinement gains.
    const wrong = async (out: Float64Array, v: Float64Array) => out.set([v[0]! / 9, v[1]! / 9]);
    const stuck = await refineInto(new Float64Array(2), good, wrong, b);
    expect(stuck.reason).toBe("stagnated");
    expect(stuck.residualNorm).toBeLessThanOrEqual(Math.hypot(1, 2));
  });

  it("bad input", async () => {
    const exact = operatorFromFunction(2, (out, v) => out.set(v), { symmetric: true });
    const rough = async (out: Float64Array, v: Float64Array) => out.set(v);
    const b = new Float64Array(2);
    const x = new Float64Array(2);
    const call = (options: object, B = b, X = x, R: unknown = rough) => refineInto(X, exact, R as never, B, options);
    await expect(call({ tolerance: -1 })).rejects.toThrow(
      "refineInto: argument `options.tolerance` is -1; wanted a number >= 0",
    );
    await expect(call({ innerTolerance: 1 })).rejects.toThrow(
      "`options.innerTolerance` is 1; wanted a number > 0 and < 1",
    );
    await expect(call({ maxRefinements: -1 })).rejects.toThrow("`options.maxRefinements` is -1");
    await expect(call({ maxProducts: Number.NaN })).rejects.toThrow("`options.maxProducts` is NaN");
    await expect(call({ tol: 1 })).rejects.toThrow("`options.tol` is not an option");
    await expect(call({}, new Float64Array(3))).rejects.toThrow(
      "refineInto: argument `b` is of length 3; wanted length 2",
    );
    await expect(call({}, Float64Array.of(1, Number.NaN))).rejects.toThrow("`b` is NaN at index 1");
    await expect(call({}, b, x, null)).rejects.toThrow("`rough` is null; wanted a function (out, v)");
    await expect(gemvProduct(jsArrayBackend(), undefined as never)(x, b)).rejects.toThrow(
      "gemv: argument `a` is undefined",
    );
  });
});
