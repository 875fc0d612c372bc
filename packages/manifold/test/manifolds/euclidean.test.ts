import { describe, expect, it } from "vitest";
import { euclidean, symmetricMatrices } from "../../src/index.js";
import { behavesLikeAManifold } from "../manifold-behaviour.js";

describe("euclidean", () => {
  const nan = { spoil: (x: Float64Array) => x.fill(Number.POSITIVE_INFINITY), says: /Infinity at index 0/ };
  behavesLikeAManifold("ℝ³", () => euclidean(3), nan);
  behavesLikeAManifold("ℝ²ˣ³", () => euclidean(2, 3), nan);
  behavesLikeAManifold("ℝ", () => euclidean(1), nan);

  it("geodesics are straight lines", () => {
    const M = euclidean(2);
    const [x, u] = [Float64Array.of(1, 2), Float64Array.of(3, -1)];
    expect([...M.expInto(M.zero(), x, u, 2)]).toEqual([7, 0]);
    expect([...M.logInto(M.zero(), x, Float64Array.of(4, 1))]).toEqual([3, -1]);
    expect(M.dist(x, Float64Array.of(4, 6))).toBe(5);
    expect(M.sectionalCurvature(x, u, u)).toBe(0);
    expect(euclidean(2, 3)).toMatchObject({ dim: 6, shape: [2, 3], length: 6 });
  });

  it("refuses no size, and sizes that aren't positive integers", () => {
    expect(() => euclidean()).toThrow(/euclidean: argument `shape` is empty/);
    expect(() => euclidean(2, 0)).toThrow(/`shape\[1\]` is 0; wanted an integer >= 1/);
    expect(() => euclidean(1.5)).toThrow(/`shape\[0\]` is 1.5/);
  });
});

describe("symmetricMatrices", () => {
  behavesLikeAManifold("3 × 3", () => symmetricMatrices(3), {
    spoil: (x) => {
      x[1] += 0.3;
    },
    says: /off symmetricMatrices\(3\) by 2\.12e-1.*projectPointInto/,
  });
  it("has n(n + 1)/2 dimensions", () => {
    expect(symmetricMatrices(4).dim).toBe(10);
    expect(() => symmetricMatrices(0)).toThrow(/`n` is 0/);
  });
});
