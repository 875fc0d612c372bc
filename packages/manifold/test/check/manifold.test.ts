import { describe, expect, it } from "vitest";
import { checkManifold, defineManifold, isGeodesic, type Manifold, sphere, stiefel } from "../../src/index.js";
import { seeded } from "../random.js";

/** A sphere with one thing broken, and the rows that must notice. */
const broken: readonly [string, Partial<Manifold>, RegExp][] = [
  [
    "projection",
    { projInto: (out, x, v) => (out.set(v.map((vi, i) => vi - 0.9 * x[i]!)) as never) ?? out },
    /projection|project/,
  ],
  ["inner product", { inner: (_x, u, v) => u[0]! * v[1]! + u[1]! * v[1]! + u[2]! * v[2]! }, /symmetric and bilinear/],
  [
    "gradient",
    {
      euclideanToRiemannianGradientInto: (out, x, g) =>
        sphere(3)
          .projInto(out, x, g)
          .map((gi, i) => (out[i] = 1.001 * gi)),
    },
    /derivative of f along u/,
  ],
  ["Hessian", { euclideanToRiemannianHessianInto: (out, x, _g, h) => sphere(3).projInto(out, x, h) }, /f''\(0\)/],
  ["logarithm", { logInto: (out, x, y) => sphere(3).projInto(out, x, y) }, /log\(exp\(u\)\) = u/],
  ["distance", { dist: (x, y) => Math.hypot(...x.map((xi, i) => xi - y[i]!)) }, /dist = ‖log‖/],
  [
    "transport",
    { transportInto: (out, _x, y, u) => sphere(3).projInto(out, y, u) },
    /parallel transport keeps inner products/,
  ],
  [
    "retraction",
    {
      retractInto(out, x, u, t = 1) {
        for (let i = 0; i < 3; i++) out[i] = x[i]! + t * u[i]! + 0.3 * t * t * u[(i + 1) % 3]!;
        const size = Math.hypot(...out);
        for (let i = 0; i < 3; i++) out[i] /= size;
        return out;
      },
    },
    /order of the retraction/,
  ],
  [
    "retraction off the manifold",
    { retractInto: (out, x, u, t = 1) => x.map((xi, i) => (out[i] = xi + t * u[i]!)) },
    /stays on the manifold/,
  ],
  ["dimension", { dim: 3 }, /span `dim` dimensions/],
  [
    "aliasing",
    {
      expInto(out, x, u, t = 1) {
        // Writes before it has read.
        const angle = t * Math.hypot(...u);
        for (let i = 0; i < 3; i++) out[i] = Math.cos(angle) * x[i]!;
        for (let i = 0; i < 3; i++) out[i] += (Math.sin(angle) / (angle || 1)) * t * u[i]!;
        return out;
      },
    },
    /output may be any of the inputs/,
  ],
];

describe("checkManifold", () => {
  for (const [what, change, notices] of broken)
    it(`notices a wrong ${what}`, () => {
      const good = sphere(3);
      const fixed = Object.fromEntries(
        Object.entries(change).map(([key, value]) => [
          key,
          typeof value === "function"
            ? (...given: never[]) => {
                const answer = (value as (...args: never[]) => unknown)(...given);
                return answer instanceof Float64Array ? given[0] : answer;
              }
            : value,
        ]),
      );
      const { holds, lost } = checkManifold({ ...good, ...fixed } as Manifold, { random: seeded(1) });
      expect(holds).toBe(false);
      expect(lost.map((row) => row.identity).join("; ")).toMatch(notices);
    });

  it("answers a table; a manifold without geodesics has fewer rows", () => {
    const { manifold, rows, holds } = checkManifold(sphere(4), { random: seeded(1), points: 1 });
    expect(manifold).toBe("sphere(4)");
    expect(holds).toBe(true);
    expect(rows.map((row) => row.identity)).toContain("log(exp(u)) = u");
    const { expInto: _e, logInto: _l, dist: _d, invRetractInto: _r, ...bare } = sphere(4);
    const fewer = checkManifold(bare as Manifold, { random: seeded(1), points: 1 });
    expect(fewer.holds).toBe(true);
    expect(fewer.rows.length).toBeLessThan(rows.length);
    expect(isGeodesic(bare as Manifold)).toBe(false);
    expect(isGeodesic(sphere(4))).toBe(true);
  });

  it("checks at a given point, over a given distance, to a given tolerance", () => {
    const M = stiefel(5, 2);
    const at = M.randomPoint(seeded(2));
    expect(checkManifold(M, { random: seeded(1), at, distance: 0.01, points: 1 }).holds).toBe(true);
    expect(checkManifold(M, { random: seeded(1), at, tolerance: 1e-18, points: 1 }).lost.length).toBeGreaterThan(3);
  });

  it("refuses a missing generator, wrong options and a point off the manifold", () => {
    expect(() => checkManifold(sphere(3), {} as never)).toThrow(/options\.random/);
    expect(() => checkManifold(sphere(3), { random: seeded(1), points: 0 })).toThrow(/options\.points` is 0/);
    expect(() => checkManifold(sphere(3), { random: seeded(1), distance: -1 })).toThrow(/options\.distance` is -1/);
    expect(() => checkManifold(sphere(3), { random: seeded(1), tolerance: 0 })).toThrow(/options\.tolerance/);
    expect(() => checkManifold(sphere(3), { random: seeded(1), seed: 3 } as never)).toThrow(/options\.seed/);
    expect(() => checkManifold(sphere(3), { random: seeded(1), at: Float64Array.of(1, 1, 1) })).toThrow(
      /options\.at` is off/,
    );
  });
});

describe("defineManifold", () => {
  it("completes an own manifold: the circle by angles would be flat, this is an ellipse's chart", () => {
    const { norm: _n, zero: _z, randomTangent: _t, checkPoint: _p, checkTangent: _c, ...core } = sphere(3);
    const own = defineManifold({ ...core, name: "own" });
    expect(checkManifold(own, { random: seeded(1), points: 1 }).holds).toBe(true);
    expect(own.zero()).toEqual(new Float64Array(3));
  });

  it("names what is missing", () => {
    expect(() => defineManifold(null as never)).toThrow(/defineManifold: argument `core` is null/);
    expect(() => defineManifold({ ...sphere(2), inner: undefined } as never)).toThrow(
      /`core\.inner` is undefined; wanted a function/,
    );
    expect(() => defineManifold({ ...sphere(2), dim: -1 })).toThrow(/`core\.dim` is -1/);
  });
});
