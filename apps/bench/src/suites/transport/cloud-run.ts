// Entropic transport between two clouds in the plane whose cost is computed in tiles.
import { denseMatrix } from "@hessia/core/linear";
import { transport } from "@hessia/sinkhorn";
import { uniform } from "../../problems/transport/input.js";

export interface CloudRun {
  readonly n: number;
  readonly ms: number;
  readonly iterations: number;
  readonly marginalError: number;
  readonly cost: number;
  readonly reason: string;
  /** Of the whole process so far, in bytes. */
  readonly peakBytes: number;
}

/** n points of equal weight a side in the unit square, squared distances, ε = 1/500 of their range; for at most `limit` milliseconds. */
export function cloudRun(n: number, limit: number): CloudRun {
  const random = uniform(1);
  const [X, Y] = [0, 1].map(() => denseMatrix(n, 2, Float64Array.from({ length: 2 * n }, random))) as [
    ReturnType<typeof denseMatrix>,
    ReturnType<typeof denseMatrix>,
  ];
  const begin = performance.now();
  const { iterations, marginalErrors, cost, reason } = transport({
    points: { source: X, target: Y, store: false },
    regularization: 2 / 500,
    tolerance: 1e-9,
    plan: "operator",
    dualGap: false,
    timeLimit: limit,
  });
  return {
    n,
    ms: performance.now() - begin,
    iterations,
    marginalError: marginalErrors.source + marginalErrors.target,
    cost,
    reason: reason.rule,
    peakBytes: 1024 * process.resourceUsage().maxRSS,
  };
}
