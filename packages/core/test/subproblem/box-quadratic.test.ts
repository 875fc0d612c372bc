import { describe, expect, it } from "vitest";
import {
  boundsOf,
  boxDefaults,
  boxQuadraticInto,
  boxWork,
  facePreconditioner,
  type HasBounds,
} from "../../src/index.js";
import { dot, fromRows, norm2, operatorFrom, sparseFromDense, symmetricFromFull } from "../../src/linear/index.js";

const n = 12;
const rows = Array.from({ length: n }, (_, i) =>
  Array.from({ length: n }, (_, j) => (i === j ? 3 + i : Math.abs(i - j) === 1 ? -1 : 0)),
);
const H = operatorFrom(fromRows(rows), { symmetric: true });
const g = Float64Array.from({ length: n }, (_, i) => 5 * Math.cos(2 * i));
const box = (low: number, high: number): HasBounds => ({
  lower: new Float64Array(n).fill(low),
  upper: new Float64Array(n).fill(high),
});
const q = (A: typeof H, s: Float64Array) => dot(g, s) + 0.5 * dot(s, A.applyInto(new Float64Array(n), s));
const exact = { tolerance: 1e-12, maxProducts: 1000 };

/** Projected coordinate descent: the independent way to the minimizer of a convex quadratic in a box. */
function coordinateDescent(bounds: HasBounds): Float64Array {
  const s = new Float64Array(n);
  for (let sweep = 0; sweep < 2000; sweep++)
    for (let i = 0; i < n; i++) {
      const slope = g[i]! + rows[i]!.reduce((sum, a, j) => sum + a * s[j]!, 0);
      s[i] = Math.min(bounds.upper[i]!, Math.max(bounds.lower[i]!, s[i]! - slope / rows[i]![i]!));
    }
  return s;
}

describe("a quadratic in a box", () => {
  it("is minimized exactly on the face that the Cauchy step finds; repeated, on the whole box", () => {
    const bounds = box(-0.4, 0.3);
    const wanted = coordinateDescent(bounds);
    let x = new Float64Array(n);
    const gradient = g.slice();
    for (let k = 0; k < 20; k++) {
      const out = new Float64Array(n);
      const { norm } = boxQuadraticInto(out, H, gradient, x, bounds, 100, 1, boxWork(n), exact);
      if (norm === 0) break;
      x = out;
      const Hx = H.applyInto(new Float64Array(n), x);
      for (let i = 0; i < n; i++) gradient[i] = g[i]! + Hx[i]!;
    }
    for (let i = 0; i < n; i++) expect(x[i]).toBeCloseTo(wanted[i]!, 10);
    expect(wanted.filter((s) => s === -0.4 || s === 0.3).length).toBeGreaterThan(3);
  });

  it("answers the step's norm, its decrease, and a residual on the free variables", () => {
    for (const precondition of [
      undefined,
      (free: Int32Array, count: number) => facePreconditioner(fromRows(rows), free, count, "incompleteCholesky"),
      (free: Int32Array, count: number) =>
        facePreconditioner(symmetricFromFull(sparseFromDense(fromRows(rows))), free, count, "jacobi"),
    ]) {
      const out = new Float64Array(n);
      const bounds = box(-0.4, 0.3);
      const step = boxQuadraticInto(out, H, g, new Float64Array(n), bounds, 100, 1, boxWork(n), {
        ...exact,
        precondition,
      });
      expect(step.norm).toBeCloseTo(norm2(out), 13);
      expect(step.predicted).toBeCloseTo(-q(H, out), 12);
      expect(step.residual).toBeLessThan(1e-10 * norm2(g));
      for (let i = 0; i < n; i++) expect(out[i]! >= -0.4 && out[i]! <= 0.3).toBe(true);
    }
  });

  it("without bounds is solved by conjugate gradients", () => {
    const out = new Float64Array(n);
    const none = boundsOf("r", { dimension: n });
    boxQuadraticInto(out, H, g, new Float64Array(n), none, 1e6, 1e-3, boxWork(n), exact);
    const residual = H.applyInto(new Float64Array(n), out);
    for (let i = 0; i < n; i++) expect(Math.abs(residual[i]! + g[i]!)).toBeLessThan(1e-10);
  });

  it("goes to the trust region where curvature is negative, no farther than twice its radius from x", () => {
    const indefinite = operatorFrom(fromRows(rows.map((row, i) => row.map((a, j) => (i === j ? a - 8 : a)))), {
      symmetric: true,
    });
    for (const radius of [1e-3, 1, 50]) {
      const out = new Float64Array(n);
      const none = boundsOf("r", { dimension: n });
      const { norm, predicted } = boxQuadraticInto(
        out,
        indefinite,
        g,
        new Float64Array(n),
        none,
        radius,
        1,
        boxWork(n),
        exact,
      );
      expect(norm).toBeGreaterThanOrEqual(0.99 * radius);
      expect(norm).toBeLessThanOrEqual((1 + boxDefaults.mu1) * radius * (1 + 1e-12));
      expect(predicted).toBeCloseTo(-q(indefinite, out), 6);
      expect(predicted).toBeGreaterThan(0);
    }
  });

  it("goes along negative curvature downhill: by hand in one variable", () => {
    // q = s − ½ s²: the Cauchy step is −1 (−10 is too long), the slope there 2, and the ball of radius 3 around it ends at −4.
    const concave = operatorFrom(fromRows([[-1]]), { symmetric: true });
    const out = new Float64Array(1);
    const [one, zero, none] = [Float64Array.of(1), new Float64Array(1), boundsOf("r", { dimension: 1 })];
    const step = boxQuadraticInto(out, concave, one, zero, none, 3, 1, boxWork(1), exact);
    expect(out[0]).toBe(-4);
    expect(step).toMatchObject({ norm: 4, predicted: 12, alpha: 1 });
    // The same with a bound on the way.
    const bounds = { lower: Float64Array.of(-2.5), upper: Float64Array.of(1) };
    expect(boxQuadraticInto(out, concave, one, zero, bounds, 3, 1, boxWork(1), exact).predicted).toBe(5.625);
    expect(out[0]).toBe(-2.5);
  });

  it("meets bounds to the last bit: no variable stops a rounding error before one", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const x = Float64Array.from({ length: n }, (_, i) => Math.sin(seed * (i + 1)));
      const bounds = {
        lower: x.map((xi, i) => xi - Math.abs(Math.sin(seed + i))),
        upper: x.map((xi, i) => xi + Math.abs(Math.cos(seed * i))),
      };
      const gradient = g.map((gi, i) => gi * Math.cos(seed + 3 * i));
      const out = new Float64Array(n);
      boxQuadraticInto(out, H, gradient, x, bounds, 100, 1e-3, boxWork(n), exact);
      for (let i = 0; i < n; i++)
        for (const bound of [bounds.lower[i]!, bounds.upper[i]!])
          expect(out[i] === bound || Math.abs(out[i]! - bound) > 1e-13).toBe(true);
    }
  });

  it("decreases at least as the Cauchy step must, whatever length that begins with", () => {
    for (const alpha of [1e-12, 1e-3, 1, 1e9]) {
      const out = new Float64Array(n);
      const bounds = box(-0.4, 0.3);
      const limited = { tolerance: 0.1, maxProducts: 0 };
      const { alpha: found, predicted } = boxQuadraticInto(
        out,
        H,
        g,
        new Float64Array(n),
        bounds,
        100,
        alpha,
        boxWork(n),
        limited,
      );
      // The step is P(x − αg) − x, and q falls by at least μ₀ |gᵀs|.
      for (let i = 0; i < n; i++) expect(out[i]).toBe(Math.min(0.3, Math.max(-0.4, -found * g[i]!)));
      expect(predicted).toBeGreaterThanOrEqual(-boxDefaults.mu0 * dot(g, out));
    }
  });

  it("doesn't move from a stationary point, nor where products aren't finite", () => {
    const x = new Float64Array(n).fill(0.3);
    const down = new Float64Array(n).fill(-1);
    const out = new Float64Array(n);
    expect(boxQuadraticInto(out, H, down, x, box(0, 0.3), 1, 1, boxWork(n), exact)).toMatchObject({
      norm: 0,
      predicted: 0,
    });
    expect(out).toEqual(x);
    const broken = { ...H, applyInto: (to: Float64Array) => to.fill(Number.NaN) };
    expect(boxQuadraticInto(out, broken, g, x, box(0, 0.5), 1, 1, boxWork(n), exact).norm).toBe(0);
    expect(out).toEqual(x);
  });
});
