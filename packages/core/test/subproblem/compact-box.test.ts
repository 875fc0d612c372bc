import { describe, expect, it } from "vitest";
import {
  boundsOf,
  compactBfgs,
  compactBoxInto,
  compactBoxWork,
  type HasBounds,
  newPairs,
  storePair,
} from "../../src/index.js";
import { choleskyFactorize, choleskySolveInto, dot, fromRows } from "../../src/linear/index.js";
import { examplePairs, n, updatedMatrix } from "./pairs-for-tests.js";

const g = Float64Array.from({ length: n }, (_, i) => 3 * Math.cos(1 + 2 * i));
const x = Float64Array.from({ length: n }, (_, i) => 0.1 * Math.sin(i));
const times = (B: readonly Float64Array[], v: Float64Array) => Float64Array.from(B, (row) => dot(row, v));
const q = (B: readonly Float64Array[], d: Float64Array) => dot(g, d) + 0.5 * dot(d, times(B, d));

/** The first minimizer of q along P(x − t g), by a fine walk: independent of breakpoints and of the compact form. */
function walkedCauchyPoint(B: readonly Float64Array[], { lower, upper }: HasBounds): Float64Array {
  const at = (t: number) => g.map((gi, i) => Math.min(upper[i]!, Math.max(lower[i]!, x[i]! - t * gi)) - x[i]!);
  let best = at(0);
  for (let t = 1e-6; t < 1; t += 1e-6) {
    const next = at(t);
    if (q(B, next) > q(B, best)) break;
    best = next;
  }
  return best;
}

describe("limited-memory BFGS's model in a box", () => {
  const { pairs, list } = examplePairs(5, 4);
  const B = compactBfgs(pairs, n)!;
  const matrix = updatedMatrix(list);
  // Pairs of a function whose curvatures differ by 10⁴, coupled.
  const stiffPairs = newPairs(n, 5);
  for (let k = 0; k < 5; k++) {
    const s = Float64Array.from({ length: n }, (_, i) => Math.sin(2 + 5 * k + i * i));
    const a = Float64Array.from({ length: n }, (_, i) => Math.cos(3 * i));
    const along = dot(a, s);
    storePair(
      stiffPairs,
      s,
      s.map((si, i) => si * 10 ** (i - 5) + 100 * along * a[i]!),
    );
  }
  const stiff = compactBfgs(stiffPairs, n)!;
  const run = (bounds: HasBounds, model = B) =>
    compactBoxInto(new Float64Array(n), model, g, x, bounds, compactBoxWork(n, 5));

  it("without bounds is minimized exactly: the quasi-Newton step", () => {
    const d = run(boundsOf("r", { dimension: n }));
    const wanted = choleskySolveInto(
      new Float64Array(n),
      choleskyFactorize(fromRows(matrix.map((row) => Array.from(row)))),
      g,
    );
    for (let i = 0; i < n; i++) expect(d[i]).toBeCloseTo(-wanted[i]!, 9);
  });

  it("falls below the Cauchy point, stays within the bounds to the last bit, and is stationary in what is free", () => {
    for (const size of [0.15, 0.3, 0.6, 1.2]) {
      const bounds = { lower: new Float64Array(n).fill(-size), upper: new Float64Array(n).fill(0.8 * size) };
      const d = run(bounds);
      const cauchy = walkedCauchyPoint(matrix, bounds);
      expect(dot(g, d)).toBeLessThan(0);
      expect(q(matrix, d)).toBeLessThanOrEqual(q(matrix, cauchy) + 1e-5);
      const slope = times(matrix, d).map((Bd, i) => Bd + g[i]!);
      // Whatever was not at a bound at the Cauchy point and isn't now has slope 0, if no projection came between.
      const free = Array.from(d.keys()).filter(
        (i) => d[i] !== bounds.lower[i]! - x[i]! && d[i] !== bounds.upper[i]! - x[i]!,
      );
      const projected = Array.from(d.keys()).some((i) => !free.includes(i) && Math.abs(cauchy[i]! - d[i]!) > 1e-4);
      if (!projected) for (const i of free) expect(Math.abs(slope[i]!)).toBeLessThan(1e-8);
      for (let i = 0; i < n; i++) {
        expect(d[i]!).toBeGreaterThanOrEqual(bounds.lower[i]! - x[i]!);
        expect(d[i]!).toBeLessThanOrEqual(bounds.upper[i]! - x[i]!);
      }
    }
  });

  it("gives a direction of descent, cut at a bound where the projected minimizer is none", () => {
    let cut = 0;
    for (let seed = 1; seed <= 400; seed++) {
      const gradient = g.map((_, i) => Math.sin(seed * (i + 1)) ** 3);
      const bounds = {
        lower: x.map((xi, i) => xi - 0.3 * Math.abs(Math.sin(seed + i)) ** 3),
        upper: x.map((xi, i) => xi + 0.3 * Math.abs(Math.cos(seed + i)) ** 3),
      };
      const d = compactBoxInto(new Float64Array(n), stiff, gradient, x, bounds, compactBoxWork(n, 5));
      const slope = dot(gradient, d);
      expect(slope).toBeLessThan(0);
      if (d.every((di, i) => di !== bounds.lower[i]! - x[i]! && di !== bounds.upper[i]! - x[i]!)) cut++;
    }
    expect(cut).toBeLessThan(400);
  });

  it("without pairs is the Cauchy point of ½‖d‖²: the projected gradient step", () => {
    const bounds = { lower: new Float64Array(n).fill(-0.5), upper: new Float64Array(n).fill(1) };
    const d = run(bounds, compactBfgs(newPairs(n, 5), n)!);
    for (let i = 0; i < n; i++) expect(d[i]).toBeCloseTo(Math.min(1, Math.max(-0.5, x[i]! - g[i]!)) - x[i]!, 11);
  });

  it("doesn't move where every way is barred", () => {
    const bounds = { lower: x.map((v, i) => (g[i]! > 0 ? v : -9)), upper: x.map((v, i) => (g[i]! < 0 ? v : 9)) };
    expect(run(bounds)).toEqual(new Float64Array(n));
  });
});
