import { maxIterations, solve } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { decentralizedProblem, drgd, stiefel } from "../../src/index.js";
import {
  behavesLikeADecentralizedMethod,
  byMatrices,
  comparedNetworks,
  smallComponents,
  toStationarity,
} from "../decentralized/behaviour.js";

behavesLikeADecentralizedMethod("drgd", drgd);

describe("drgd", () => {
  for (const [graph, net] of comparedNetworks())
    for (const retraction of ["qr", "polar"] as const)
      it(`is the papers' iteration in matrix form on ${graph} by the ${retraction} retraction`, () => {
        const { problem: given, x0 } = smallComponents(net);
        const M = stiefel(10, 2, { retraction });
        const problem = decentralizedProblem(M, net, given.locals);
        const [t, α] = [2, 0.05];
        for (const gradientTracking of [true, false]) {
          const { N, rows, mixed, grad, X: start } = byMatrices(problem, t, x0);
          let X = start;
          let G = X.map((x, i) => grad(i, x));
          let S = G;
          for (let k = 0; k < 25; k++) {
            // T_x(Σ W x) as the paper has it, without x taken off first.
            X = mixed(X).map((mean, i) => {
              const x = X[i]!;
              const u = M.projInto(M.zero(), x, mean);
              const v = M.projInto(M.zero(), x, gradientTracking ? S[i]! : G[i]!);
              return M.retractInto(
                M.zero(),
                x,
                u.map((uk, l) => uk - α * v[l]!),
              );
            });
            const next = X.map((x, i) => grad(i, x));
            S = mixed(S).map((s, i) => s.map((sl, l) => sl + next[i]![l]! - G[i]![l]!));
            G = next;
          }
          const method = drgd({ gradientTracking, step: α, consensusRounds: t });
          const { state } = solve(method, problem, x0, { stop: maxIterations(25) });
          const found = rows(state.x);
          for (let i = 0; i < N; i++) for (let k = 0; k < 20; k++) expect(found[i]![k]!).toBeCloseTo(X[i]![k]!, 12);
        }
      });

  it("goes to 1e-10 with the polar retraction of the theorems too", () => {
    const { problem, x0 } = smallComponents(comparedNetworks()[1][1]);
    const polar = decentralizedProblem(stiefel(10, 2, { retraction: "polar" }), problem.network, problem.locals);
    expect(solve(drgd(), polar, x0, { stop: toStationarity(1e-10) }).reason.kind).toBe("converged");
  });
});
