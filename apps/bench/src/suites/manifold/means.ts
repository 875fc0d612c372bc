// Karcher means of 100 covariance matrices, affine-invariant and Bures–Wasserstein, to ‖grad f‖ ≤ 1e-10, f = ½ Σ d²/N. pymanopt has no Bures–Wasserstein metric: there POT's fixed point stands for it.
import {
  type GeodesicManifold,
  karcherMean,
  meanProblem,
  spdAffineInvariant,
  spdBuresWasserstein,
} from "@hessia/manifold";
import { covariances, type ManifoldInput } from "../../problems/manifold/inputs.js";
import type { Claim } from "../../row.js";
import { stopwatch } from "../../stopwatch.js";
import { inTurn, type One, type Runs, runsTable } from "../in-turn.js";
import type { Part } from "../parts.js";
import { type ManifoldContext, objectiveClaim, peerContenders } from "./part.js";

const tolerance = 1e-10;
const front = "karcherMean";

export async function meanFigures({ quick, signal, say, peers }: ManifoldContext): Promise<Part> {
  const count = quick ? 10 : 100;
  const claims: Claim[] = [];
  const groups: [string, ReadonlyMap<string, Runs>][] = [];
  for (const [metric, make, solvers] of [
    [
      "affine-invariant",
      spdAffineInvariant,
      {
        "pymanopt ConjugateGradient": "karcher.ConjugateGradient",
        "pymanopt SteepestDescent": "karcher.SteepestDescent",
        "numpy fixed point, batched": "karcher_fixed_point",
      },
    ],
    [
      "Bures–Wasserstein",
      spdBuresWasserstein,
      { "POT bures_wasserstein_barycenter": "bures_pot", "numpy fixed point, batched": "bures_fixed_point" },
    ],
  ] as const)
    for (const n of quick ? [3] : [3, 10, 30, 100]) {
      if (signal.aborted) break;
      const input = covariances(n, count, n);
      say(`${metric}, ${input.name}`);
      const mean = oursOn(input, make(n), n, count);
      const limits = { tolerance, iterations: 1000, seconds: quick ? 2 : 10 };
      const runs = await inTurn(
        { [front]: mean, ...peerContenders(peers, solvers, input, limits) },
        quick ? 1 : 5,
        4000,
        signal,
      );
      if (signal.aborted) break;
      groups.push([`${input.name}, ${metric}`, runs]);
      // Against the packages: the batched fixed point in numpy is shown beside them.
      const packages = new Map([...runs].filter(([name]) => !name.startsWith("numpy")));
      const goals = n <= 10 ? { ratio: 0.2, goal: "≤ 0.2 ×" } : n === 100 ? { ratio: 1, goal: "≤ 1 ×" } : undefined;
      claims.push(
        objectiveClaim(
          `mean-${metric === "affine-invariant" ? "affine" : "bures"}-${n}`,
          { ...input, name: `${input.name}, ${metric}` },
          packages,
          [front],
          tolerance,
          quick ? undefined : goals,
        ),
      );
    }
  return { claims, tables: [runsTable("means", "Means of SPD matrices", groups, ["‖grad f‖", "½ Σ d²/N"])] };
}

function oursOn({ arrays }: ManifoldInput, manifold: GeodesicManifold, n: number, count: number): () => One {
  const points = Array.from({ length: count }, (_, k) => arrays.P!.data.slice(k * n * n, (k + 1) * n * n));
  const problem = meanProblem(manifold, points);
  const gradient = manifold.zero();
  return () => {
    const lap = stopwatch();
    const { x, iterations, reason } = karcherMean(manifold, points, { tolerance });
    const times = lap();
    // Judged anew.
    const value = problem.evaluator.evaluateInto(gradient, x);
    const note = reason.kind === "converged" ? "" : `${reason.rule}: ${reason.detail}`;
    return { ...times, iterations, error: manifold.norm(x, gradient), value, note };
  };
}
