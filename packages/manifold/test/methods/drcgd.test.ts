import { maxIterations, solve } from "@hessia/core";
import { symmetricEigen } from "@hessia/core/linear";
import { describe, expect, it } from "vitest";
import {
  decentralizedProblem,
  decentralizedStationarity,
  dprgd,
  drcgd,
  drgd,
  erdosRenyiGraph,
  metropolisWeights,
  network,
  ringGraph,
  sameForAll,
  starGraph,
  stiefel,
} from "../../src/index.js";
import {
  behavesLikeADecentralizedMethod,
  byMatrices,
  comparedNetworks,
  smallComponents,
  toStationarity,
} from "../decentralized/behaviour.js";
import { digitImages, principalComponents, scatter, splitData, subspaceDistance } from "../decentralized/problems.js";
import { seeded } from "../random.js";

behavesLikeADecentralizedMethod("drcgd", drcgd);

describe("drcgd", () => {
  for (const [graph, net] of comparedNetworks())
    for (const gradientTracking of [true, false])
      it(`is Algorithm 1 in matrix form on ${graph}, ${gradientTracking ? "with" : "without"} tracking`, () => {
        const { problem, x0, M } = smallComponents(net);
        const [t, α, momentum] = [3, 0.1, 0.8];
        const { N, rows, mixed, grad, X: start } = byMatrices(problem, t, x0);
        const dot = (u: Float64Array, v: Float64Array) => u.reduce((sum, uk, k) => sum + uk * v[k]!, 0);
        const seen = { fletcherReeves: 0, capped: 0, restarted: 0 };
        let X = start;
        let G = X.map((x, i) => grad(i, x));
        let S = G;
        let V = G;
        let H = G.map((g) => g.map((gk) => -gk));
        for (let k = 0; k < 60; k++) {
          X = mixed(X).map((x, i) =>
            M.projectPointInto(
              M.zero(),
              x.map((xk, l) => xk + α * H[i]![l]!),
            ),
          );
          const next = X.map((x, i) => grad(i, x));
          S = mixed(S).map((s, i) => s.map((sl, l) => sl + next[i]![l]! - G[i]![l]!));
          G = next;
          const v = gradientTracking ? S.map((s, i) => M.projInto(M.zero(), X[i]!, s)) : G;
          H = mixed(H).map((η, i) => {
            const carried = M.projInto(M.zero(), X[i]!, η);
            const fletcherReeves = dot(v[i]!, v[i]!) / dot(V[i]!, V[i]!);
            const restart = dot(carried, v[i]!) > 0;
            const β = restart ? 0 : Math.min(momentum, fletcherReeves);
            seen[restart ? "restarted" : fletcherReeves > momentum ? "capped" : "fletcherReeves"]++;
            return v[i]!.map((vl, l) => β * carried[l]! - vl);
          });
          V = v;
        }
        const method = drcgd({ gradientTracking, step: α, consensusRounds: t, momentum });
        const { state } = solve(method, problem, x0, { stop: maxIterations(60) });
        const found = rows(state.x);
        for (let i = 0; i < N; i++) for (let k = 0; k < 20; k++) expect(found[i]![k]!).toBeCloseTo(X[i]![k]!, 11);
        // All three ways to β were gone somewhere in the run; an agent that is alone had no reason to restart.
        if (N === 1) expect(seen.capped).toBeGreaterThan(0);
        else for (const times of Object.values(seen)) expect(times).toBeGreaterThan(0);
      });

  it("without momentum is dprgd", () => {
    const { problem, x0 } = smallComponents(comparedNetworks()[1][1]);
    const [a, b] = [drcgd({ momentum: 0 }), dprgd()].map((method) =>
      solve(method, problem, x0, { stop: maxIterations(50) }),
    );
    expect(a!.x).toEqual(b!.x);
  });

  // As in the paper: 16 agents, and data with a set gap; here n = 20, p = 3, and agents whose data differ much.
  for (const [graph, made] of [
    ["a ring", ringGraph(16)],
    ["a star", starGraph(16)],
    ["a random graph", erdosRenyiGraph(16, 0.3, seeded(1))],
  ] as const)
    it(`takes fewer rounds to 1e-5 than the two gradient methods on ${graph}, and goes on to 1e-10`, () => {
      const [n, p, N] = [20, 3, 16];
      const M = stiefel(n, p);
      const { locals, whole } = principalComponents(splitData(N, 50, n, 0.8, 3), p);
      const problem = decentralizedProblem(M, network(metropolisWeights(made)), locals);
      const x0 = scatter(M, M.randomPoint(seeded(4)), N, 0.05, 5);
      const rounds = [drcgd(), dprgd(), drgd()].map((method) => {
        const { reason, state } = solve(method, problem, x0, { stop: toStationarity(1e-5) });
        expect(reason.kind).toBe("converged");
        return state.rounds;
      });
      expect(rounds[0]!).toBeLessThan(0.25 * rounds[1]!);
      expect(rounds[0]!).toBeLessThan(0.25 * rounds[2]!);
      const { state } = solve(drcgd(), problem, x0, { stop: decentralizedStationarity(1e-10, 1e-10) });
      const { vectors } = symmetricEigen(whole);
      const top = new Float64Array(n * p);
      for (let i = 0; i < n; i++) for (let j = 0; j < p; j++) top[i * p + j] = vectors.data[i * n + (n - 1 - j)]!;
      // The gap of 0.128 divides the gradient's 1e-10.
      expect(subspaceDistance(state.mean, top, n, p)).toBeLessThan(2e-9);
    });

  it("finds the components of images of digits that are sorted by digit, agent by agent", () => {
    const [n, p, N] = [64, 2, 10];
    const { locals, whole } = principalComponents(digitImages(40, 1), p);
    const { values, vectors } = symmetricEigen(whole);
    const M = stiefel(n, p);
    const problem = decentralizedProblem(M, network(metropolisWeights(erdosRenyiGraph(N, 0.4, seeded(2)))), locals);
    const x0 = sameForAll(problem, M.randomPoint(seeded(3)));
    const { state, reason } = solve(drcgd(), problem, x0, { stop: toStationarity(1e-10) });
    expect(reason.kind).toBe("converged");
    const top = new Float64Array(n * p);
    for (let i = 0; i < n; i++) for (let j = 0; j < p; j++) top[i * p + j] = vectors.data[i * n + (n - 1 - j)]!;
    expect(subspaceDistance(state.mean, top, n, p)).toBeLessThan(1e-9);
    let largest = 0;
    for (let j = 0; j < p; j++) largest += values[n - 1 - j]!;
    expect(state.value).toBeCloseTo(-0.5 * largest, 11);
  });

  it("refuses a momentum out of range", () => {
    expect(() => drcgd({ momentum: 1.5 })).toThrow(
      "drcgd: argument `options.momentum` is 1.5; wanted a number >= 0 and <= 1",
    );
    expect(() => drcgd({ momentum: Number.NaN })).toThrow("drcgd: argument `options.momentum` is NaN");
  });
});
