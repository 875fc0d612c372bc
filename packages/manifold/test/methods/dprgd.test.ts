import { maxIterations, solve, type Vector } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { decentralizedProblem, dprgd, sameForAll } from "../../src/index.js";
import {
  behavesLikeADecentralizedMethod,
  byMatrices,
  comparedNetworks,
  smallComponents,
} from "../decentralized/behaviour.js";

behavesLikeADecentralizedMethod("dprgd", dprgd);

describe("dprgd", () => {
  for (const [graph, net] of comparedNetworks())
    for (const gradientTracking of [true, false])
      it(`is the papers' iteration in matrix form on ${graph}, ${gradientTracking ? "with" : "without"} tracking`, () => {
        const { problem, x0, M } = smallComponents(net);
        const [t, α] = [2, 0.05];
        const { N, rows, mixed, grad, X: start } = byMatrices(problem, t, x0);
        let X = start;
        let G = X.map((x, i) => grad(i, x));
        let S = G;
        for (let k = 0; k < 25; k++) {
          const V = gradientTracking ? S.map((s, i) => M.projInto(M.zero(), X[i]!, s)) : G;
          X = mixed(X).map((x, i) =>
            M.projectPointInto(
              M.zero(),
              x.map((xk, l) => xk - α * V[i]![l]!),
            ),
          );
          const next = X.map((x, i) => grad(i, x));
          S = mixed(S).map((s, i) => s.map((sl, l) => sl + next[i]![l]! - G[i]![l]!));
          G = next;
        }
        const method = dprgd({ gradientTracking, step: α, consensusRounds: t });
        const { state } = solve(method, problem, x0, { stop: maxIterations(25) });
        const found = rows(state.x);
        for (let i = 0; i < N; i++) for (let k = 0; k < 20; k++) expect(found[i]![k]!).toBeCloseTo(X[i]![k]!, 12);
      });

  it("is the centralized iteration where all agents have the same function", () => {
    for (const [, net] of comparedNetworks()) {
      const { M, problem, x0 } = smallComponents(net);
      const same = decentralizedProblem(M, net, Array(net.agents).fill(problem.locals[0]!));
      const first = x0.slice(0, 20);
      let x: Vector = first.slice();
      const g = M.zero();
      for (let k = 0; k < 40; k++) {
        problem.locals[0]!.gradientInto(g, x);
        M.projInto(g, x, g);
        x = M.projectPointInto(
          M.zero(),
          x.map((xk, l) => xk - 0.1 * g[l]!),
        );
      }
      const { state } = solve(dprgd({ step: 0.1 }), same, sameForAll(same, first), { stop: maxIterations(40) });
      expect(state.consensusError).toBeLessThan(1e-12);
      for (let k = 0; k < state.x.length; k++) expect(state.x[k]!).toBeCloseTo(x[k % 20]!, 12);
    }
  });
});
