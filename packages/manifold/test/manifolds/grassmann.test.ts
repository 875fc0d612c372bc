import { describe, expect, it } from "vitest";
import { grassmann, stiefel } from "../../src/index.js";
import { behavesLikeAManifold } from "../manifold-behaviour.js";
import { seeded } from "../random.js";

const off = {
  spoil: (x: Float64Array) => {
    for (let i = 0; i < x.length; i++) x[i] *= 1.1;
  },
  says: /off grassmann\(\d+, \d\) by .*XᵀX = I/,
};

describe("grassmann", () => {
  for (const retraction of ["qr", "polar", "exp"] as const) {
    behavesLikeAManifold(`7 × 3, ${retraction}`, () => grassmann(7, 3, { retraction }), off);
    behavesLikeAManifold(
      `4 × 3, ${retraction}, projection`,
      () => grassmann(4, 3, { retraction, transport: "projection" }),
      off,
    );
  }
  behavesLikeAManifold("5 × 1", () => grassmann(5, 1), off);
  behavesLikeAManifold("3 × 3, a single point", () => grassmann(3, 3), off);
  behavesLikeAManifold("40 × 5", () => grassmann(40, 5), off);

  it("distances are the norms of the principal angles, small ones too", () => {
    const M = grassmann(4, 2);
    const X = Float64Array.of(1, 0, 0, 1, 0, 0, 0, 0);
    const plane = (a: number, b: number) =>
      Float64Array.of(Math.cos(a), 0, 0, Math.cos(b), Math.sin(a), 0, 0, Math.sin(b));
    expect(M.dist(X, plane(0.3, 0.4))).toBeCloseTo(0.5, 14);
    expect(M.dist(X, plane(3e-9, 4e-9)) / 5e-9).toBeCloseTo(1, 10);
    expect(M.dist(X, plane(Math.PI / 2, 0.4))).toBeCloseTo(Math.hypot(Math.PI / 2, 0.4), 12);
    // Mixed sizes: each angle by its own sine and cosine.
    expect(M.dist(X, plane(1e-8, 1.5))).toBeCloseTo(1.5, 13);
  });

  it("sees the subspace and not its basis", () => {
    const M = grassmann(6, 3);
    const random = seeded(2);
    const X = M.randomPoint(random);
    const Y = M.randomPoint(random);
    const Q = stiefel(3, 3).randomPoint(random);
    const YQ = new Float64Array(18);
    for (let i = 0; i < 6; i++)
      for (let j = 0; j < 3; j++) for (let k = 0; k < 3; k++) YQ[i * 3 + j] += Y[i * 3 + k]! * Q[k * 3 + j]!;
    expect(M.dist(X, YQ)).toBeCloseTo(M.dist(X, Y), 13);
    expect(M.dist(Y, YQ)).toBeLessThan(1e-14);
    const [a, b] = [M.logInto(M.zero(), X, Y), M.logInto(M.zero(), X, YQ)];
    a.forEach((value, i) => {
      expect(b[i]).toBeCloseTo(value, 12);
    });
    const [p, q] = [M.embed!(Y), M.embed!(M.expInto(M.zero(), X, a))];
    p.forEach((value, i) => {
      expect(q[i]).toBeCloseTo(value, 12);
    });
    // Parallel transport to either basis: the same tangent, in each basis.
    const U = M.randomTangent(X, random);
    const [toY, toYQ] = [M.transportInto(M.zero(), X, Y, U), M.transportInto(M.zero(), X, YQ, U)];
    for (let i = 0; i < 6; i++)
      for (let j = 0; j < 3; j++) {
        let turned = 0;
        for (let k = 0; k < 3; k++) turned += toY[i * 3 + k]! * Q[k * 3 + j]!;
        expect(toYQ[i * 3 + j]).toBeCloseTo(turned, 12);
      }
  });

  it("subspaces at a right angle have no logarithm; p > n is refused", () => {
    const M = grassmann(2, 1);
    const [x, y] = [Float64Array.of(1, 0), Float64Array.of(0, 1)];
    expect(() => M.logInto(M.zero(), x, y)).toThrow(
      /grassmann\.logInto: argument `y` is at a right angle to x: on its cut locus/,
    );
    expect(() => M.invRetractInto!(M.zero(), x, y)).toThrow(/right angle/);
    expect(M.dist(x, y)).toBeCloseTo(Math.PI / 2, 14);
    expect(() => M.projectPointInto(M.zero(), M.zero())).toThrow(/rank-deficient/);
    expect(() => grassmann(2, 3)).toThrow(/`p` is 3, larger than n = 2/);
    expect(() => grassmann(3, 2, { transport: "none" as never })).toThrow(/options\.transport/);
    expect(() => grassmann(3, 2, { retraction: "cayley" as never })).toThrow(/options\.retraction/);
    expect(grassmann(5, 2)).toMatchObject({ dim: 6, injectivityRadius: Math.PI / 2 });
  });
});
