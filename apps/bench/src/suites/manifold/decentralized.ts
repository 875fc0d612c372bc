// Principal components of data that are split over agents: rounds of communication of DRCGD, DPRGD and DRDGD on a ring, a star and a random graph, with gradient tracking and, as in the papers, without it.
import { any, maxIterations, type Stop, solve, timeLimit } from "@hessia/core";
import {
  type DecentralizedMethod,
  type DecentralizedOptions,
  type DecentralizedProblem,
  type DecentralizedState,
  decentralizedProblem,
  decentralizedStationarity,
  dprgd,
  drcgd,
  drgd,
  erdosRenyiGraph,
  graphFromEdges,
  metropolisWeights,
  type Network,
  network,
  ringGraph,
  sameForAll,
  starGraph,
  stiefel,
} from "@hessia/manifold";
import { frame, normals, product } from "../../problems/manifold/inputs.js";
import { uniform } from "../../problems/transport/input.js";
import type { Claim, Curve } from "../../row.js";
import { stopwatch } from "../../stopwatch.js";
import { claim, duration, type Part, small } from "../parts.js";
import type { ManifoldContext } from "./part.js";

const methods = { drcgd, dprgd, drgd } as const;
type Name = keyof typeof methods;
const levels = [1e-2, 1e-4, 1e-6, 1e-8, 1e-10] as const;

/** What became of a run: max(‖x − x̄‖, ‖grad f(x̄)‖) after each so many rounds, and the rounds to each level. */
interface Track {
  readonly points: (readonly [number, number])[];
  readonly reached: ReadonlyMap<number, number>;
  readonly least: number;
  readonly reason: string;
  readonly ms: number;
}

export async function decentralizedFigures({ quick, signal, say }: ManifoldContext): Promise<Part> {
  const [agents, n, p] = quick ? [6, 8, 2] : [16, 50, 5];
  const claims: Claim[] = [];
  const curves: Curve[] = [];
  const rows: string[][] = [];
  const locals = components(agents, n, p, quick ? 20 : 200, quick ? 0.5 : 0.8, 1);
  const M = stiefel(n, p);
  const start = frame(n, p, 3);
  for (const [id, title, net] of networks(agents)) {
    const problem = decentralizedProblem(M, net, locals);
    const x0 = sameForAll(problem, start);
    const tracks = new Map<string, Track>();
    const track = (name: Name, label: string, options: DecentralizedOptions, tolerance: number, rounds: number) => {
      say(`${title}, ${label}`);
      const stop = any<DecentralizedState>(
        decentralizedStationarity(tolerance, tolerance),
        maxIterations(rounds),
        timeLimit(quick ? 2000 : 60_000),
      );
      const found = follow(methods[name](options), problem, x0, stop);
      tracks.set(label, found);
      const cells = levels.map((level) => found.reached.get(level)?.toFixed(0) ?? "–");
      rows.push([title, label, ...cells, small(found.least), found.reason, duration(found.ms)]);
      return found;
    };
    for (const name of ["drcgd", "dprgd", "drgd"] as const) {
      if (signal.aborted) break;
      track(name, name, {}, name === "drcgd" ? 1e-10 : 1e-6, 100_000);
    }
    // As in the papers: one fixed step for all, and no tracking.
    const step = quick ? 0.05 : 0.02;
    for (const name of ["drcgd", "dprgd", "drgd"] as const) {
      if (signal.aborted) break;
      track(name, `${name} without tracking, α = ${step}`, { gradientTracking: false, step }, 1e-10, 3000);
    }
    if (signal.aborted) break;
    const [ours, projected, retracted] = ["drcgd", "dprgd", "drgd"].map((name) => tracks.get(name)!);
    const rounds = (of: Track) => of.reached.get(1e-6);
    const [a, b, c] = [rounds(ours!), rounds(projected!), rounds(retracted!)];
    claims.push(
      claim(
        `decentralized-rounds-${id}`,
        `principal components over ${agents} agents, ${title}: rounds of DRCGD with tracking to ‖x − x̄‖, ‖grad f(x̄)‖ ≤ 1e-6 against DPRGT and DRGTA`,
        "fewer",
        `${a ?? "not reached"} against ${b ?? "not reached"} and ${c ?? "not reached"}`,
        a !== undefined && a < Math.min(b ?? Number.POSITIVE_INFINITY, c ?? Number.POSITIVE_INFINITY),
      ),
      claim(
        `decentralized-exact-${id}`,
        `principal components over ${agents} agents, ${title}: DRCGD with tracking goes on to 1e-10`,
        "1e-10",
        `${ours!.reason} at ${small(ours!.least)}; without tracking at α = ${step} it levels off at ${small(tracks.get(`drcgd without tracking, α = ${step}`)!.least)}`,
        ours!.reached.has(1e-10),
      ),
    );
    curves.push({
      id: `decentralized-${id}`,
      title: `Principal components over ${agents} agents, ${title}`,
      xLabel: "rounds of communication",
      yLabel: "max(‖x − x̄‖, ‖grad f(x̄)‖)",
      logX: false,
      logY: true,
      steps: false,
      dots: false,
      lines: [...tracks].map(([name, { points }]) => ({ name, points })),
    });
  }
  return {
    claims,
    curves,
    tables: [
      {
        id: "decentralized",
        title: `Principal components over ${agents} agents: rounds until ‖x − x̄‖ and ‖grad f(x̄)‖ are below`,
        head: ["graph", "method", ...levels.map((level) => level.toExponential(0)), "least", "ended by", "time"],
        rows,
      },
    ],
  };
}

function follow(
  method: DecentralizedMethod,
  problem: DecentralizedProblem,
  x0: Float64Array,
  stop: Stop<DecentralizedState>,
): Track {
  const points: (readonly [number, number])[] = [];
  const reached = new Map<number, number>();
  let least = Number.POSITIVE_INFINITY;
  let thinned = 1;
  const lap = stopwatch();
  const { reason } = solve(method, problem, x0, {
    stop,
    observers: [
      ({ state: { rounds, consensusError, gradientNorm } }) => {
        const measure = Math.max(consensusError, gradientNorm);
        least = Math.min(least, measure);
        for (const level of levels) if (measure <= level && !reached.has(level)) reached.set(level, rounds);
        // At most 400 points, evenly spread.
        if (rounds % thinned === 0 && measure > 0) points.push([rounds, measure]);
        if (points.length >= 400) {
          thinned *= 2;
          points.splice(0, points.length, ...points.filter(([at]) => at % thinned === 0));
        }
      },
    ],
  });
  return { points, reached, least, reason: reason.rule, ms: lap().ms };
}

/** fᵢ(X) = −½ tr(XᵀCᵢX) of covariances Cᵢ of normal samples whose i-th standard deviation is gap^(i/2), in random directions; sorted by their first coordinate, so that agents differ. */
export function components(agents: number, n: number, p: number, samples: number, gap: number, seed: number) {
  const Q = frame(n, n, seed);
  const Z = normals(agents * samples * n, seed + 1).map((z, k) => z * gap ** ((k % n) / 2));
  const data = product(Z, Q, agents * samples, n, n);
  const sorted = Array.from({ length: agents * samples }, (_, r) => data.slice(r * n, (r + 1) * n));
  sorted.sort((a, b) => a[0]! - b[0]!);
  return Array.from({ length: agents }, (_, i) => {
    const C = new Float64Array(n * n);
    for (const a of sorted.slice(i * samples, (i + 1) * samples))
      for (let k = 0; k < n; k++) for (let l = 0; l < n; l++) C[k * n + l]! += (a[k]! * a[l]!) / samples;
    const valueAndGradientInto = (out: Float64Array, X: Float64Array) => {
      out.fill(0);
      let sum = 0;
      for (let k = 0; k < n; k++) {
        for (let l = 0; l < n; l++) {
          const c = C[k * n + l]!;
          for (let j = 0; j < p; j++) out[k * p + j]! -= c * X[l * p + j]!;
        }
        for (let j = 0; j < p; j++) sum += out[k * p + j]! * X[k * p + j]!;
      }
      return 0.5 * sum;
    };
    return {
      dimension: n * p,
      value: (X: Float64Array) => valueAndGradientInto(new Float64Array(n * p), X),
      gradientInto(out: Float64Array, X: Float64Array) {
        valueAndGradientInto(out, X);
        return out;
      },
      valueAndGradientInto,
    };
  });
}

/** A ring, a star, a random graph, and that graph with its edges dealt out to three rounds that take turns. */
function networks(agents: number): [string, string, Network][] {
  const drawn = erdosRenyiGraph(agents, 0.3, uniform(11));
  const hands = [0, 1, 2].map((hand) => drawn.edges.filter((_, k) => k % 3 === hand));
  return [
    ["ring", "ring", network(metropolisWeights(ringGraph(agents)))],
    ["star", "star", network(metropolisWeights(starGraph(agents)))],
    ["random", "Erdős–Rényi graph, p = 0.3", network(metropolisWeights(drawn))],
    [
      "turns",
      "its edges in three rounds that take turns",
      network(hands.map((edges) => metropolisWeights(graphFromEdges(agents, edges)))),
    ],
  ];
}
