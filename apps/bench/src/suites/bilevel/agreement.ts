// Hypergradients by every route, against central differences of the solved problem.
import { setImmediate } from "node:timers/promises";
import {
  type BilevelProblem,
  elasticNetSelection,
  hyperCleaning,
  hypergradient,
  kernelRidgeSelection,
  logisticSelection,
  ridgeSelection,
  unrolled,
} from "@hessia/bilevel";
import { maxIterations, solve } from "@hessia/core";
import type { BilevelPeers } from "../../peers/bilevel.js";
import { uniform } from "../../problems/transport/input.js";
import type { Claim, ReportTable } from "../../row.js";
import { median } from "../../statistics.js";
import { claim, duration, type Part, type PartContext, small } from "../parts.js";
import { labelled } from "./selection.js";

export async function agreementFigures({ quick, signal, say, peers }: PartContext<BilevelPeers>): Promise<Part> {
  const random = uniform(3);
  const regression = (N: number, d: number) => {
    const features = Array.from({ length: N }, () => Array.from({ length: d }, () => 2 * random() - 1));
    return { features, targets: features.map((a) => 2 * a[0]! - a[1]! + random()) };
  };
  const cases: readonly (readonly [string, BilevelProblem, number])[] = [
    ["ridge, one weight", ridgeSelection(regression(60, 10), regression(40, 10)), 4000],
    ["ridge, a weight a feature", ridgeSelection(regression(60, 10), regression(40, 10), { perFeature: true }), 4000],
    ["elastic net, smoothed", elasticNetSelection(regression(60, 10), regression(40, 10), { smoothing: 0.1 }), 20_000],
    ["logistic", logisticSelection(labelled(80, 6, 4, 0.1), labelled(40, 6, 5, 0.1)), 4000],
    ["kernel ridge", kernelRidgeSelection(regression(30, 2), regression(30, 2)), 20_000],
    ["hyper-cleaning, 40 weights", hyperCleaning(labelled(40, 4, 6, 0.2), labelled(40, 4, 7, 0)), 20_000],
  ];
  const rows: string[][] = [];
  let worst = 0;
  for (const [name, problem, T] of cases) {
    await setImmediate();
    if (signal.aborted) return { claims: [] };
    say(name);
    const { upperDimension: n, dimension } = problem;
    const z = Float64Array.from({ length: dimension }, (_, k) => (k < n ? 0.3 * Math.sin(1 + k) : 0));
    const differences = hypergradient(problem, z, { route: "differences", tolerance: 1e-11, difference: 1e-4 });
    const implicit = hypergradient(problem, z, { tolerance: 1e-11 });
    const size = Math.max(1e-3, ...differences.gradient.map(Math.abs));
    const errors = [relative(implicit.gradient, differences.gradient, size)];
    for (const mode of ["reverse", "forward"] as const) {
      if (mode === "forward" && n > 10) {
        errors.push(Number.NaN);
        continue;
      }
      const method = unrolled({ innerSteps: mode === "forward" ? Math.min(T, 4000) : T, mode });
      const { state } = solve(method, problem, z, { stop: maxIterations(1), secondOrder: false });
      errors.push(relative(state.gradient.subarray(0, n), differences.gradient, size));
    }
    worst = Math.max(worst, ...errors.filter((e) => !Number.isNaN(e)));
    rows.push([name, ...errors.map(small), small(implicit.residual)]);
  }
  const other = await againstJaxopt(quick, say, peers);
  return {
    claims: [
      ...other.claims,
      claim(
        "hypergradients",
        "hypergradients by implicit differentiation and unrolling (reverse, forward) against central differences of the solved problem, strongly convex lower levels: largest relative error",
        "≤ 1e-5",
        small(worst),
        worst <= 1e-5,
      ),
    ],
    tables: [
      ...other.tables,
      {
        id: "hypergradients",
        title: "Hypergradients against differences of the solved problem, relative errors",
        head: ["problem", "implicit", "unrolled, reverse", "unrolled, forward", "lower residual"],
        rows,
        note: "Forward mode where n ≤ 10.",
      },
    ],
  };
}

function relative(a: ArrayLike<number>, b: ArrayLike<number>, size: number): number {
  let most = 0;
  for (let k = 0; k < b.length; k++) most = Math.max(most, Math.abs(a[k]! - b[k]!));
  return most / size;
}

/** One hypergradient of logistic regression with a weight a feature, by both in turn. */
async function againstJaxopt(
  quick: boolean,
  say: (what: string) => void,
  peers: BilevelPeers | undefined,
): Promise<{ claims: Claim[]; tables: ReportTable[] }> {
  const [N, d] = quick ? [200, 10] : [5000, 100];
  const training = labelled(N, d, 21, 0.1);
  const validation = labelled(N / 2, d, 22, 0.1);
  const problem = logisticSelection(training, validation, { perFeature: true });
  const x = Float64Array.from({ length: d }, (_, i) => -4 + Math.sin(i));
  const z = Float64Array.from([...x, ...new Float64Array(d)]);
  const times: number[] = [];
  let ours = hypergradient(problem, z, { tolerance: 1e-11 });
  for (let round = 0; round < 5; round++) {
    const begin = performance.now();
    ours = hypergradient(problem, z, { tolerance: 1e-11 });
    times.push(performance.now() - begin);
  }
  const statement = `hypergradient of logistic regression, ${N} samples, ${d} weights: against JAXopt's implicit differentiation, relative difference`;
  if (peers?.versions.JAXopt === undefined)
    return { claims: [claim("jaxopt", statement, "≤ 1e-6", null, false)], tables: [] };
  say("JAXopt");
  const flat = (rows: readonly (readonly number[])[]): Float64Array => Float64Array.from(rows.flat());
  const array = (data: Float64Array, ...shape: number[]) => ({ shape, data });
  try {
    const theirs = await peers.logistic({
      A: array(flat(training.features as number[][]), N, d),
      b: array(Float64Array.from(training.targets), N),
      V: array(flat(validation.features as number[][]), N / 2, d),
      c: array(Float64Array.from(validation.targets), N / 2),
      x: array(x, d),
    });
    const size = Math.max(...theirs.gradient.map(Math.abs));
    const difference = relative(ours.gradient, theirs.gradient, size);
    const rows = [
      ["@hessia/bilevel", duration(median(times)), ours.value.toPrecision(10)],
      ["JAXopt (compiled, L-BFGS)", duration(theirs.ms), theirs.value.toPrecision(10)],
    ];
    return {
      claims: [
        claim(
          "jaxopt",
          statement,
          "≤ 1e-6",
          `${small(difference)}; ${duration(median(times))} against ${duration(theirs.ms)}`,
          difference <= 1e-6,
        ),
      ],
      tables: [
        { id: "jaxopt", title: `One hypergradient, ${N} samples, ${d} weights`, head: ["by", "time", "F"], rows },
      ],
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { claims: [claim("jaxopt", statement, "≤ 1e-6", `failed: ${message}`, false)], tables: [] };
  }
}
