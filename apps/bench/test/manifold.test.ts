import {
  checkGradient,
  checkHessian,
  fixedRank,
  onManifold,
  orthogonal,
  spdAffineInvariant,
  stiefel,
} from "@hessia/manifold";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ManifoldPeers, startManifoldPeers } from "../src/peers/manifold.js";
import {
  brockettInput,
  completionInput,
  covariances,
  frame,
  jointInput,
  normals,
  procrustesInput,
  product,
} from "../src/problems/manifold/inputs.js";
import { brockett, completion, jointDiagonalization, procrustes } from "../src/problems/manifold/objectives.js";
import type { Runs } from "../src/suites/in-turn.js";
import { parts } from "../src/suites/manifold/index.js";
import { objectiveClaim } from "../src/suites/manifold/part.js";

describe("inputs of the suite manifold", () => {
  it("normal numbers have mean 0 and variance 1, the same each time", () => {
    const z = normals(100_001, 7);
    const mean = z.reduce((a, b) => a + b, 0) / z.length;
    const variance = z.reduce((a, b) => a + b * b, 0) / z.length;
    // Four standard deviations of the estimates.
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(z.length));
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / z.length));
    expect(normals(5, 3)).toEqual(normals(5, 3));
  });

  it("a product by hand, and frames with orthonormal columns", () => {
    const C = product(Float64Array.of(1, 2, 3, 4, 5, 6), Float64Array.of(1, 0, 0, 1, 1, 1), 2, 3, 2);
    expect([...C]).toEqual([4, 5, 10, 11]);
    const X = frame(9, 4, 1);
    for (let a = 0; a < 4; a++)
      for (let b = 0; b < 4; b++) {
        let sum = 0;
        for (let i = 0; i < 9; i++) sum += X[4 * i + a]! * X[4 * i + b]!;
        expect(sum).toBeCloseTo(a === b ? 1 : 0, 14);
      }
  });

  it("covariances are positive definite, rows of the completion ascend", () => {
    const { P } = covariances(4, 6, 1).arrays;
    const M = spdAffineInvariant(4);
    for (let k = 0; k < 6; k++) M.checkPoint("test", "P", P!.data.slice(16 * k, 16 * k + 16));
    const { rows, cols, values } = completionInput(60, 2, 0.2, 1).arrays;
    expect(rows!.data.every((row, k) => k === 0 || row >= rows!.data[k - 1]!)).toBe(true);
    expect(cols!.data).toHaveLength(values!.data.length);
    // 0.2 of 3600, and four standard deviations.
    expect(Math.abs(values!.data.length - 720)).toBeLessThan(4 * Math.sqrt(3600 * 0.2 * 0.8));
  });
});

describe("objectives of the suite manifold", () => {
  const b = brockettInput(12, 3, 1);
  const q = procrustesInput(20, 10, 3, 1);
  const j = jointInput(5, 4, 1);
  const c = completionInput(20, 2, 0.4, 1);
  const M = fixedRank(20, 20, 2);
  const start = M.zero();
  const at = M.factors(start);
  at.U.set(c.arrays.startU!.data);
  at.V.set(c.arrays.startV!.data);
  at.S[0] = 20;
  at.S[3] = 15;

  it.each([
    ["Brockett", stiefel(12, 3), brockett(b), b.arrays.start!.data],
    ["Procrustes", stiefel(10, 3), procrustes(q), q.arrays.start!.data],
    ["joint diagonalization", orthogonal(5), jointDiagonalization(j), j.arrays.start!.data],
    ["completion", M, completion(c), start],
  ] as const)("%s: gradient of order 2, Hessian of order 3", (_name, manifold, objective, x) => {
    const problem = onManifold(manifold, objective);
    const g = objective.gradientInto(manifold.zero(), x);
    const both = manifold.zero();
    expect(objective.valueAndGradientInto(both, x)).toBeCloseTo(objective.value(x), 10);
    expect(both).toEqual(g);
    expect(checkGradient(problem, x).verdict).toBe("right");
    expect(checkHessian(problem, x).verdict).toBe("right");
  });

  it("values by hand", () => {
    // Procrustes at X: ½‖AX − B‖² ≥ 0, and 0.5 (tr XᵀGX − 2 tr XᵀC + ‖B‖²) of the Gram form.
    expect(procrustes(q).value(q.arrays.start!.data)).toBeGreaterThan(0);
    // Joint diagonalization at any orthogonal X is at least −½ Σ ‖C_k‖², which the diagonalized have.
    const { C } = j.arrays;
    const bound = -0.5 * C!.data.reduce((sum, v) => sum + v * v, 0);
    const value = jointDiagonalization(j).value(j.arrays.start!.data);
    expect(value).toBeGreaterThan(bound);
    expect(value).toBeLessThan(0);
    // Brockett at unit vectors: ½ Σ A_jj N_j.
    const unit = Float64Array.from({ length: 36 }, (_, k) => (Math.floor(k / 3) === k % 3 ? 1 : 0));
    const A = b.arrays.A!.data;
    expect(brockett(b).value(unit)).toBeCloseTo(0.5 * (3 * A[0]! + 2 * A[13]! + A[26]!), 13);
  });
});

describe("parts", () => {
  it.each(parts)("$name: the short form runs without peers, and stops when told", async ({ name, run }) => {
    const context = { quick: true, signal: new AbortController().signal, say: () => {}, peers: undefined };
    const { claims, tables = [] } = await run(context);
    // Nothing to compare with: absent, unless a method doesn't get there. Decentralized methods are compared with each other.
    expect(claims.length).toBeGreaterThan(0);
    expect(claims.map(({ id, holds }) => [id, holds])).toEqual(
      claims.map(({ id }) => [id, name === "decentralized" ? true : null]),
    );
    expect(tables[0]!.rows.length).toBeGreaterThanOrEqual(claims.length);
    const stopped = new AbortController();
    stopped.abort();
    expect((await run({ ...context, signal: stopped.signal })).claims).toEqual([]);
  });
});

describe("claims on objectives", () => {
  const input = brockettInput(4, 1, 1);
  const run = (ms: number, value: number, error = 1e-12): Runs => ({
    ms,
    processorMs: ms,
    iterations: 1,
    error,
    value,
    times: [ms],
    processorTimes: [ms],
  });
  const judge = (entries: Record<string, Runs>, most?: { ratio: number; goal: string }) =>
    objectiveClaim("x", input, new Map(Object.entries(entries)), ["mine", "mine too"], 1e-10, most);

  it("the fastest of ours that gets there, against the fastest that comes as low", () => {
    const { holds, measured } = judge({
      mine: run(5, 1, 1e-3),
      "mine too": run(10, 1),
      "peer a": run(1, 1.1),
      "peer b": run(40, 1),
    });
    expect(holds).toBe(true);
    expect(measured).toMatch(/^mine too: .*0\.250 × peer b/);
  });

  it("fails above the peer's objective, without a run that gets there, and beyond the ratio; absent without peers", () => {
    expect(judge({ mine: run(1, 1 + 1e-7), peer: run(1, 1) }).holds).toBe(false);
    expect(judge({ mine: run(1, 1 + 1e-9), peer: run(1, 1) }).holds).toBe(true);
    expect(judge({ mine: run(1, 1, 1e-3), peer: run(1, 1) }).holds).toBe(false);
    const most = { ratio: 0.2, goal: "≤ 0.2 ×" };
    expect(judge({ mine: run(1, 1), peer: run(4.9, 1) }, most).holds).toBe(false);
    expect(judge({ mine: run(1, 1), peer: run(5.1, 1) }, most).holds).toBe(true);
    expect(judge({ mine: run(1, 1) }).holds).toBeNull();
  });
});

describe("peers in Python", () => {
  let peers: ManifoldPeers | undefined;
  beforeAll(async () => {
    peers = await startManifoldPeers();
    if (peers?.versions.pymanopt === undefined) console.warn("pymanopt is missing: not tested");
  });
  afterAll(() => peers?.close());
  const limits = { tolerance: 1e-6, iterations: 500, seconds: 10 };

  it.each([
    ["brockett", brockettInput(12, 3, 1), brockett],
    ["procrustes", procrustesInput(20, 10, 3, 1), procrustes],
    ["joint", jointInput(5, 4, 1), jointDiagonalization],
  ] as const)("%s: pymanopt's value at the start is ours", async (name, input, make) => {
    if (peers?.versions.pymanopt === undefined) return;
    // No iteration: the value is that at the start.
    const { value } = await peers.run(`${name}.ConjugateGradient`, input, { ...limits, iterations: 0 });
    expect(value).toBeCloseTo(make(input).value(input.arrays.start!.data), 12);
    const solved = await peers.run(`${name}.TrustRegions`, input, limits);
    expect(solved.norm).toBeLessThan(1e-6);
    expect(solved.value).toBeLessThan(value);
  });
});
