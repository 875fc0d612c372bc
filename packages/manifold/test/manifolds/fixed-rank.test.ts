import { denseMatrix } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { fixedRank } from "../../src/index.js";
import { behavesLikeAManifold, lostAt } from "../manifold-behaviour.js";
import { seeded } from "../random.js";

const off = {
  spoil: (x: Float64Array) => {
    x[0] += 0.4;
  },
  says: /off fixedRank\(\d+, \d+, \d\) by .*UᵀU = I, VᵀV = I, S diagonal and positive/,
};
const random = (rows: number, cols: number, seed: number) => {
  const uniform = seeded(seed);
  return denseMatrix(
    rows,
    cols,
    new Float64Array(rows * cols).map(() => uniform() - 0.5),
  );
};

describe("fixedRank", () => {
  behavesLikeAManifold("5 × 4 of rank 2", () => fixedRank(5, 4, 2), off);
  behavesLikeAManifold("5 × 5 of rank 1", () => fixedRank(5, 5, 1), off);
  behavesLikeAManifold("3 × 3 of rank 3", () => fixedRank(3, 3, 3), off);
  behavesLikeAManifold("12 × 10 of rank 4", () => fixedRank(12, 10, 4), off);
  behavesLikeAManifold("1 × 1", () => fixedRank(1, 1, 1), off);

  it("the retraction is the best approximation of rank r of X + tZ", () => {
    const M = fixedRank(6, 5, 2);
    const x = M.randomPoint(seeded(3));
    const u = M.randomTangent(x, seeded(4));
    // Z = U̇SVᵀ + UṠVᵀ + USV̇ᵀ by the exact derivative of the product, an odd cubic removed.
    const at = (t: number) => M.toMatrix(x.map((xi, i) => xi + t * u[i]!)).data;
    const [p, m, p2, m2] = [at(1e-3), at(-1e-3), at(2e-3), at(-2e-3)];
    const Z = p.map((_, k) => (8 * (p[k]! - m[k]!) - (p2[k]! - m2[k]!)) / (12 * 1e-3));
    const X = M.toMatrix(x).data;
    const best = M.toMatrix(
      M.fromMatrix(
        denseMatrix(
          6,
          5,
          X.map((xk, k) => xk + 0.5 * Z[k]!),
        ),
      ),
    ).data;
    const moved = M.toMatrix(M.retractInto(M.zero(), x, u, 0.5)).data;
    best.forEach((value, k) => {
      expect(moved[k]).toBeCloseTo(value, 10);
    });
    // ⟨Z, Z⟩ of the matrices is the metric.
    expect(Z.reduce((sum, z) => sum + z * z, 0)).toBeCloseTo(M.inner(x, u, u), 9);
  });

  it("takes a matrix of rank r apart and puts it together", () => {
    const M = fixedRank(7, 4, 2);
    const A = M.toMatrix(M.fromMatrix(random(7, 4, 5)));
    const x = M.fromMatrix(A);
    M.toMatrix(x).data.forEach((value, k) => {
      expect(value).toBeCloseTo(A.data[k]!, 14);
    });
    expect(() => M.checkPoint("f", "x", x)).not.toThrow();
    const { U, S, V } = M.factors(x);
    expect([U.length, S.length, V.length]).toEqual([14, 4, 8]);
    // Any factors of the same product are put in order.
    const mixed = x.slice();
    M.factors(mixed).S.set([S[0]!, 0.1, -0.2, S[3]!]);
    const ordered = M.projectPointInto(M.zero(), mixed);
    M.toMatrix(mixed).data.forEach((value, k) => {
      expect(M.toMatrix(ordered).data[k]).toBeCloseTo(value, 14);
    });
  });

  it("singular values from 1e-5 to 1e5 cost the transport eight digits, and nothing else", () => {
    const M = fixedRank(8, 7, 3);
    const x = M.randomPoint(seeded(1));
    M.factors(x).S.set([1e5, 0, 0, 0, 1, 0, 0, 0, 1e-5]);
    const lost = lostAt(M, x);
    expect([...lost.keys()].filter((identity) => !identity.startsWith("the transport"))).toEqual([]);
    for (const error of lost.values()) expect(error).toBeLessThan(1e-5);
  });

  it("the transport is the orthogonal projection of the matrix Z on the tangent space at y", () => {
    const M = fixedRank(6, 5, 2);
    const [x, y] = [M.randomPoint(seeded(3)), M.randomPoint(seeded(5))];
    /** U̇SVᵀ + UṠVᵀ + USV̇ᵀ. */
    const matrix = (p: Float64Array, u: Float64Array) => {
      const [{ U, S, V }, d] = [M.factors(p), M.factors(u)];
      const Z = new Float64Array(30);
      for (let i = 0; i < 6; i++)
        for (let j = 0; j < 5; j++)
          for (let a = 0; a < 2; a++)
            for (let b = 0; b < 2; b++) {
              const [s, ds] = [S[2 * a + b]!, d.S[2 * a + b]!];
              Z[5 * i + j] +=
                d.U[2 * i + a]! * s * V[2 * j + b]! + U[2 * i + a]! * (ds * V[2 * j + b]! + s * d.V[2 * j + b]!);
            }
      return Z;
    };
    const u = M.randomTangent(x, seeded(4));
    const Z = matrix(x, u);
    const carried = M.transportInto(M.zero(), x, y, u);
    for (let k = 0; k < 8; k++) {
      const w = M.randomTangent(y, seeded(10 + k));
      const W = matrix(y, w);
      expect(M.inner(y, carried, w)).toBeCloseTo(
        Z.reduce((sum, z, i) => sum + z * W[i]!, 0),
        13,
      );
    }
  });

  it("a step that would lose rank is NaN; rank-deficient points and matrices are named", () => {
    const M = fixedRank(3, 3, 1);
    const x = M.randomPoint(seeded(2));
    const u = M.zero();
    M.factors(u).S[0] = -M.factors(x).S[0]!;
    expect(M.retractInto(M.zero(), x, u, 1).every(Number.isNaN)).toBe(true);
    const flat = x.slice();
    M.factors(flat).S[0] = 0;
    expect(() => M.checkPoint("f", "x", flat)).toThrow(
      /rank-deficient: the diagonal of S reaches from 0 to 0.*Take a smaller r/,
    );
    expect(() => M.projectPointInto(M.zero(), flat)).toThrow(/of a rank below 1/);
    expect(() => M.fromMatrix(denseMatrix(3, 3))).toThrow(/fixedRank\.fromMatrix: argument `A` is of a rank below 1/);
    expect(() => M.fromMatrix(denseMatrix(2, 3))).toThrow(/a 3 × 3 matrix/);
  });

  it("refuses r > min(m, n) and sizes", () => {
    expect(() => fixedRank(3, 2, 3)).toThrow(/fixedRank: argument `r` is 3, larger than min\(m, n\) = 2/);
    expect(() => fixedRank(3, 0, 1)).toThrow(/`n` is 0/);
    expect(fixedRank(5, 4, 2).dim).toBe(14);
  });
});
