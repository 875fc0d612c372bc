// Brockett's function, Procrustes, joint diagonalization and low-rank completion: the same objective as pymanopt's, and times side by side.
import { fixedRank, type Manifold, minimize, onManifold, orthogonal, stiefel } from "@hessia/manifold";
import {
  brockettInput,
  completionInput,
  jointInput,
  type ManifoldInput,
  procrustesInput,
} from "../../problems/manifold/inputs.js";
import {
  brockett,
  completion,
  jointDiagonalization,
  type Objective,
  procrustes,
} from "../../problems/manifold/objectives.js";
import type { Claim } from "../../row.js";
import { stopwatch } from "../../stopwatch.js";
import { inTurn, type One, type Runs, runsTable } from "../in-turn.js";
import type { Part } from "../parts.js";
import { type ManifoldContext, objectiveClaim, peerContenders } from "./part.js";

interface Case {
  readonly id: string;
  readonly input: ManifoldInput;
  readonly manifold: Manifold;
  readonly objective: Objective;
  readonly start: Float64Array;
  /** The prefix of pymanopt's solvers, and which. */
  readonly peer: string;
  readonly optimizers: readonly string[];
}

const methods = ["trustRegion", "lbfgs", "conjugateGradient"] as const;
const relative = 1e-7;

export async function objectiveFigures({ quick, signal, say, peers }: ManifoldContext): Promise<Part> {
  const claims: Claim[] = [];
  const groups: [string, ReadonlyMap<string, Runs>][] = [];
  for (const make of cases(quick)) {
    if (signal.aborted) break;
    const one = make();
    say(one.input.name);
    const problem = onManifold(one.manifold, one.objective);
    const g = one.manifold.zero();
    const norm = (x: Float64Array) =>
      one.manifold.norm(
        x,
        one.manifold.euclideanToRiemannianGradientInto(new Float64Array(x.length), x, problem.gradientInto(g, x)),
      );
    const tolerance = relative * Math.max(1, norm(one.start));
    const limits = { tolerance, iterations: 5000, seconds: quick ? 2 : 15 };
    const ours = Object.fromEntries(
      methods.map((method) => [
        method,
        (): One => {
          const lap = stopwatch();
          const { x, value, iterations, reason } = minimize(one.manifold, one.objective, one.start, {
            method,
            tolerance: relative,
            secondOrder: false,
            maxIterations: limits.iterations,
            timeLimit: 1000 * limits.seconds,
          });
          const times = lap();
          const note = reason.kind === "converged" ? "" : `${reason.rule}: ${reason.detail}`;
          return { ...times, iterations, error: norm(x), value, note };
        },
      ]),
    );
    const solvers = Object.fromEntries(one.optimizers.map((name) => [`pymanopt ${name}`, `${one.peer}.${name}`]));
    const runs = await inTurn(
      { ...ours, ...peerContenders(peers, solvers, one.input, limits) },
      quick ? 1 : 3,
      4000,
      signal,
    );
    if (signal.aborted) break;
    groups.push([one.input.name, runs]);
    claims.push(objectiveClaim(one.id, one.input, runs, methods, tolerance));
  }
  return { claims, tables: [runsTable("objectives", "Objectives on manifolds", groups, ["‖grad f‖", "f"])] };
}

const cases = (quick: boolean): (() => Case)[] => [
  () => {
    const [n, p] = quick ? [60, 3] : [1000, 5];
    const input = brockettInput(n, p, 1);
    const start = input.arrays.start!.data;
    const optimizers = ["TrustRegions", "ConjugateGradient"];
    return {
      id: "brockett",
      input,
      manifold: stiefel(n, p),
      objective: brockett(input),
      start,
      peer: "brockett",
      optimizers,
    };
  },
  () => {
    const [m, n, p] = quick ? [60, 30, 3] : [1000, 400, 10];
    const input = procrustesInput(m, n, p, 2);
    const start = input.arrays.start!.data;
    const optimizers = ["TrustRegions", "ConjugateGradient"];
    return {
      id: "procrustes",
      input,
      manifold: stiefel(n, p),
      objective: procrustes(input),
      start,
      peer: "procrustes",
      optimizers,
    };
  },
  () => {
    const [n, count] = quick ? [8, 5] : [40, 20];
    const input = jointInput(n, count, 3);
    const start = input.arrays.start!.data;
    const optimizers = ["TrustRegions", "ConjugateGradient"];
    return {
      id: "joint",
      input,
      manifold: orthogonal(n),
      objective: jointDiagonalization(input),
      start,
      peer: "joint",
      optimizers,
    };
  },
  () => {
    const [n, r, part] = quick ? [80, 2, 0.3] : [2000, 10, 0.05];
    const input = completionInput(n, r, part, 4);
    const { startU, startS, startV } = input.arrays;
    const manifold = fixedRank(n, n, r);
    const start = manifold.zero();
    const at = manifold.factors(start);
    at.U.set(startU!.data);
    for (let k = 0; k < r; k++) at.S[k * r + k] = startS!.data[k]!;
    at.V.set(startV!.data);
    // pymanopt's manifold takes no Euclidean Hessian.
    return {
      id: "completion",
      input,
      manifold,
      objective: completion(input),
      start,
      peer: "completion",
      optimizers: ["ConjugateGradient"],
    };
  },
];
