// The paper's claim: on dense problems a Hessian that serves many steps saves time. The same code, the same tolerance, only the
// period m differs; runs are interleaved and medians taken.
import { setImmediate } from "node:timers/promises";
import { any, type GradientState, gradientNorm, maxIterations, solve } from "@hessia/core";
import { lazyCubicNewton } from "@hessia/newton";
import { type DenseInstance, logisticRegression, logSumExp } from "../problems/dense.js";
import { unique } from "../profile.js";
import type { Claim, Curve } from "../row.js";
import { median } from "../statistics.js";

const tolerance = 1e-6;
const goal = 3;

type Period = number | "auto";

interface Timing {
  readonly ms: number;
  readonly hessians: number;
  readonly gradients: number;
  readonly converged: boolean;
}

export interface LazyOptions {
  readonly quick: boolean;
  readonly signal: AbortSignal;
}

export async function lazyFigures({ quick, signal }: LazyOptions): Promise<{ claims: Claim[]; curves: Curve[] }> {
  const sizes = quick ? [100] : [200, 500, 1000];
  const claims: Claim[] = [];
  const curves: Curve[] = [];
  for (const make of [logisticRegression, logSumExp]) {
    for (const n of sizes) {
      if (signal.aborted) return { claims, curves };
      const instance = make(n);
      const curve = n === 500 || quick ? [5, 25, Math.round(n / 4), 4 * n] : [];
      const periods: Period[] = unique([1, n, "auto", ...curve]);
      const repeats = quick || n >= 1000 ? 1 : 3;
      const medians = await interleaved(instance, periods, repeats, signal);
      if (medians.size < periods.length) return { claims, curves };
      const all = [...medians.values()].every((timing) => timing.converged);
      for (const period of ["auto", n] as const) {
        const ratio = medians.get(1)!.ms / medians.get(period)!.ms;
        const judged = n === 500 && period === "auto";
        claims.push({
          id: `lazy-${instance.name.replaceAll(" ", "-")}-${n}-${period === n ? "n" : period}`,
          statement: `${instance.name}, n = ${n}: time with m = 1 over time with m = ${period}, ‖g‖∞ ≤ ${tolerance} max(1, ‖g₀‖∞), medians of ${repeats}`,
          goal: judged ? `≥ ${goal}` : "reported",
          measured: `${ratio.toFixed(2)} (${describe(medians.get(1)!)} against ${describe(medians.get(period)!)})${all ? "" : ", not all converged"}`,
          holds: all && (!judged || ratio >= goal),
        });
      }
      if (curve.length > 0) curves.push(periodCurve(instance, medians));
    }
  }
  return { claims, curves };
}

const describe = ({ ms, hessians, gradients }: Timing) =>
  `${ms.toFixed(0)} ms, ${hessians} Hessians, ${gradients} gradients`;

/** Runs all periods in turn, `repeats` times; the run with the median time of each. */
async function interleaved(
  instance: DenseInstance,
  periods: readonly Period[],
  repeats: number,
  signal: AbortSignal,
): Promise<Map<Period, Timing>> {
  const runs = new Map<Period, Timing[]>(periods.map((m) => [m, []]));
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const m of periods) {
      await setImmediate();
      if (signal.aborted) return new Map();
      runs.get(m)!.push(time(instance, m));
    }
  }
  return new Map(
    [...runs].map(([m, timings]) => {
      const middle = median(timings.map((timing) => timing.ms));
      return [m, timings.reduce((a, b) => (Math.abs(b.ms - middle) < Math.abs(a.ms - middle) ? b : a))];
    }),
  );
}

function time(instance: DenseInstance, m: Period): Timing {
  const stop = any<GradientState>(gradientNorm(tolerance), maxIterations(5000));
  const result = solve(lazyCubicNewton({ hessianPeriod: m }), instance.problem, instance.start(), {
    stop,
    secondOrder: false,
  });
  const { times, counts, reason } = result;
  return {
    ms: times.total,
    hessians: counts.hessian,
    gradients: counts.gradient,
    converged: reason.kind === "converged",
  };
}

function periodCurve(instance: DenseInstance, medians: ReadonlyMap<Period, Timing>): Curve {
  return {
    id: `period-${instance.name.replaceAll(" ", "-")}-${instance.n}`,
    title: `${instance.name}, n = ${instance.n}: time over the Hessian period m`,
    xLabel: "m",
    yLabel: "ms",
    logX: true,
    logY: true,
    steps: false,
    lines: [
      {
        name: "total time",
        points: [...medians]
          .flatMap(([m, timing]) => (m === "auto" ? [] : [[m, timing.ms] as const]))
          .sort((a, b) => a[0] - b[0]),
      },
    ],
  };
}
