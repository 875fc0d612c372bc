import { describe, expect, it } from "vitest";
import { orthogonal, sphere, stiefel } from "../../src/index.js";
import { behavesLikeAManifold } from "../manifold-behaviour.js";
import { seeded } from "../random.js";

const off = {
  spoil: (x: Float64Array) => {
    for (let i = 0; i < x.length; i++) x[i] *= 1.1;
  },
  says: /off stiefel\(\d+, \d\).* by .*; wanted a point of it: XᵀX = I/,
};
const difference = (a: Float64Array, b: Float64Array) => Math.hypot(...a.map((ai, i) => ai - b[i]!));

describe("stiefel", () => {
  for (const metric of ["euclidean", "canonical"] as const)
    for (const retraction of ["qr", "polar", "cayley", "exp"] as const) {
      behavesLikeAManifold(`7 × 3, ${metric}, ${retraction}`, () => stiefel(7, 3, { metric, retraction }), off);
      behavesLikeAManifold(`4 × 3, ${metric}, ${retraction}`, () => stiefel(4, 3, { metric, retraction }), off);
    }
  behavesLikeAManifold("5 × 1", () => stiefel(5, 1, { retraction: "polar" }), off);
  behavesLikeAManifold("3 × 3", () => stiefel(3, 3), off);
  behavesLikeAManifold("40 × 5", () => stiefel(40, 5, { metric: "canonical" }), off);

  it("for p = 1 it is the sphere, in both metrics", () => {
    const S = sphere(6);
    const random = seeded(2);
    const x = S.randomPoint(random);
    const u = S.randomTangent(x, random);
    for (const metric of ["euclidean", "canonical"] as const) {
      const M = stiefel(6, 1, { metric, retraction: "exp" });
      expect(difference(M.expInto(M.zero(), x, u, 1.7), S.expInto(S.zero(), x, u, 1.7))).toBeLessThan(1e-14);
      expect(M.dist(x, S.expInto(S.zero(), x, u, 1.2))).toBeCloseTo(1.2, 12);
    }
  });

  it("for p = n geodesics are those of the orthogonal group; the canonical metric is half of the Euclidean one", () => {
    const O = orthogonal(4);
    const random = seeded(3);
    const x = O.randomPoint(random);
    const u = O.randomTangent(x, random);
    const y = O.expInto(O.zero(), x, u, 0.8);
    const [E, C] = [stiefel(4, 4), stiefel(4, 4, { metric: "canonical" })];
    expect(difference(E.expInto(E.zero(), x, u, 0.8), y)).toBeLessThan(1e-13);
    expect(difference(C.expInto(C.zero(), x, u, 0.8), y)).toBeLessThan(1e-13);
    expect(E.inner(x, u, u)).toBeCloseTo(1, 13);
    expect(C.inner(x, u, u)).toBeCloseTo(0.5, 13);
  });

  it("QR has a positive diagonal, polar is nearest: both of X + 0 are X", () => {
    const M = stiefel(5, 2, { retraction: "qr" });
    const X = M.randomPoint(seeded(4));
    for (const retraction of ["qr", "polar", "cayley"] as const) {
      const R = stiefel(5, 2, { retraction });
      expect(difference(R.retractInto(R.zero(), X, R.zero()), X)).toBeLessThan(1e-15);
    }
    // The polar factor of X + tU is nearer to it than QR's Q.
    const U = M.randomTangent(X, seeded(5));
    const moved = X.map((xi, i) => xi + 2 * U[i]!);
    const P = stiefel(5, 2, { retraction: "polar" });
    const [q, p] = [M.retractInto(M.zero(), X, U, 2), P.retractInto(P.zero(), X, U, 2)];
    expect(difference(p, moved)).toBeLessThan(difference(q, moved));
  });

  for (const [n, p] of [
    [8, 3],
    [5, 3],
    [4, 2],
    [20, 6],
  ] as const)
    it(`logarithms reach far: 0.85 of the injectivity radius, in both metrics, ${n} × ${p}`, () => {
      for (const metric of ["euclidean", "canonical"] as const) {
        const M = stiefel(n, p, { metric });
        const random = seeded(6);
        for (let k = 0; k < 10; k++) {
          const x = M.randomPoint(random);
          const u = M.randomTangent(x, random).map((ui) => ui * 0.85 * M.injectivityRadius);
          const y = M.expInto(M.zero(), x, u);
          expect(difference(M.logInto(M.zero(), x, y), u)).toBeLessThan(1e-9);
        }
      }
    });

  it("steps of 1e6 stay orthonormal for QR and polar", () => {
    for (const retraction of ["qr", "polar"] as const) {
      const M = stiefel(20, 4, { retraction });
      const random = seeded(7);
      const x = M.randomPoint(random);
      const y = M.retractInto(M.zero(), x, M.randomTangent(x, random), 1e6);
      expect(M.distanceFromManifold(y)).toBeLessThan(1e-13);
    }
  });

  it("says where there is no logarithm, no inverse retraction and no nearest frame", () => {
    const M = stiefel(3, 1);
    const x = Float64Array.of(1, 0, 0);
    expect(() => M.logInto(M.zero(), x, Float64Array.of(-1, 0, 0))).toThrow(
      /stiefel\.logInto: argument `y` is a point to which no shortest geodesic was found.*cut locus/,
    );
    expect(() => M.invRetractInto!(M.zero(), x, Float64Array.of(-1, 0, 0))).toThrow(
      /out of the range of the retraction/,
    );
    const square = stiefel(2, 2, { metric: "canonical" });
    expect(() => square.logInto(square.zero(), Float64Array.of(1, 0, 0, 1), Float64Array.of(1, 0, 0, -1))).toThrow(
      /no shortest geodesic/,
    );
    expect(() => stiefel(3, 2).projectPointInto(new Float64Array(6), new Float64Array(6))).toThrow(/rank-deficient/);
    expect(stiefel(3, 2, { retraction: "cayley" }).invRetractInto).toBeUndefined();
  });

  it("refuses p > n, sizes and options", () => {
    expect(() => stiefel(2, 3)).toThrow(/stiefel: argument `p` is 3, larger than n = 2; wanted p <= n/);
    expect(() => stiefel(0, 1)).toThrow(/`n` is 0/);
    expect(() => stiefel(3, 2, { metric: "flat" as never })).toThrow(/"flat"; wanted one of "euclidean", "canonical"/);
    expect(() => stiefel(3, 2, { retraction: "svd" as never })).toThrow(/wanted one of "qr", "polar", "cayley", "exp"/);
    expect(() => stiefel(3, 2, { k: 1 } as never)).toThrow(/options\.k/);
    expect(stiefel(1, 1).dim).toBe(0);
  });
});
