// Hyperparameter selection: 10,000 weights of samples, a million of them with a Neumann series, a support vector machine with one weight a sample.
import { setImmediate } from "node:timers/promises";
import {
  certify,
  type Dataset,
  hyperCleaning,
  implicitDifferentiation,
  minimize,
  sampleWeights,
  svmSelection,
} from "@hessia/bilevel";
import { uniform } from "../../problems/transport/input.js";
import { panelsSvg } from "../../report/clouds.js";
import type { Claim, Curve } from "../../row.js";
import { claim, duration, type Part, type PartContext, small } from "../parts.js";

/** Two classes by a plane, `wrong` of the labels turned. */
export function labelled(N: number, d: number, seed: number, wrong: number): Dataset & { turned: boolean[] } {
  const random = uniform(seed);
  const plane = Array.from({ length: d }, (_, j) => Math.cos(1 + j));
  const features = Array.from({ length: N }, () => Array.from({ length: d }, () => 2 * random() - 1));
  const turned = features.map(() => random() < wrong);
  const targets = features.map((a, i) => {
    const side = a.reduce((sum, v, j) => sum + v * plane[j]!, 0) + 0.1 * (random() - 0.5) >= 0 ? 1 : -1;
    return turned[i] ? -side : side;
  });
  return { features, targets, turned };
}

export async function selectionFigures({ quick, signal, say }: PartContext): Promise<Part> {
  const claims: Claim[] = [];
  const rows: string[][] = [];
  const N = quick ? 500 : 10_000;
  const d = 20;
  const training = labelled(N, d, 11, 0.3);
  const problem = hyperCleaning(training, labelled(N / 5, d, 12, 0));
  const start = { x: new Float64Array(N), y: new Float64Array(d) };
  let weights = new Float64Array(N);
  for (const [name, method] of [
    ["implicit differentiation", implicitDifferentiation()],
    ["lvHba", "lvHba"],
  ] as const) {
    await setImmediate();
    if (signal.aborted) return { claims };
    say(`${N} weights: ${name}`);
    const before = minimize(problem, start, { method: implicitDifferentiation(), maxIterations: 1 }).upperValue;
    const { x, y, upperValue, times, iterations, reason } = minimize(problem, start, {
      method,
      tolerance: 1e-5,
      timeLimit: 55_000,
      maxIterations: quick ? 200 : 20_000,
    });
    weights = sampleWeights(x) as Float64Array<ArrayBuffer>;
    const right = mean(weights, training.turned, false);
    const wrong = mean(weights, training.turned, true);
    const { valueGap } = certify(problem, [...x, ...y], { differences: 0 });
    rows.push([
      `hyper-cleaning, ${N} weights`,
      name,
      `${before.toFixed(4)} → ${upperValue.toFixed(4)}`,
      `${right.toFixed(3)} / ${wrong.toFixed(3)}`,
      duration(times.total),
      String(iterations),
      `${reason.kind}: ${reason.rule}, gap ${small(valueGap)}`,
    ]);
    claims.push(
      claim(
        `cleaning-${name.split(" ")[0]}`,
        `hyper-cleaning with ${N} weights, 30 % of labels turned: ${name} lowers the validation loss and tells turned labels, in less than a minute`,
        "< 60 s",
        `${duration(times.total)}, loss ${before.toFixed(4)} → ${upperValue.toFixed(4)}, mean weights ${right.toFixed(2)} right, ${wrong.toFixed(2)} turned`,
        times.total < 60_000 && upperValue < before && right > wrong + 0.1,
      ),
    );
  }

  const line: (readonly [number, number])[] = [];
  for (const count of quick ? [1000, 3000] : [1000, 10_000, 100_000, 1_000_000]) {
    await setImmediate();
    if (signal.aborted) return { claims };
    say(`${count} weights, Neumann series`);
    const big = hyperCleaning(labelled(count, d, 13, 0.3), labelled(1000, d, 14, 0));
    const method = implicitDifferentiation({ linearSolver: "neumann", terms: 20, innerTolerance: 1e-6 });
    const zero = { x: new Float64Array(count), y: new Float64Array(d) };
    const { times, iterations } = minimize(big, zero, { method, maxIterations: 5, tolerance: 0 });
    line.push([count, times.total / iterations]);
    rows.push([
      `hyper-cleaning, ${count} weights`,
      "Neumann series, 20 terms",
      "",
      "",
      `${duration(times.total / iterations)} a step`,
      String(iterations),
      "",
    ]);
  }
  const last = line.at(-1)!;
  claims.push(
    claim(
      "neumann-scaling",
      `a step of implicit differentiation with ${last[0].toLocaleString("en")} hyperparameters by a Neumann series of 20 terms`,
      "finishes",
      duration(last[1]),
      Number.isFinite(last[1]),
    ),
  );

  await setImmediate();
  if (signal.aborted) return { claims };
  say("support vector machine");
  const samples = quick ? 40 : 500;
  const svm = svmSelection(labelled(samples, 8, 15, 0.1), labelled(quick ? 30 : 150, 8, 16, 0.1));
  const x = new Float64Array(samples).fill(-5.5);
  const y = new Float64Array(9 + samples);
  y.fill(0.1, 0, 8);
  y.fill(1, 9);
  const first = minimize(svm, { x, y }, { method: "bicGaffa", maxIterations: 1 });
  const out = minimize(svm, { x, y }, { method: "bicGaffa", tolerance: 1e-3, timeLimit: quick ? 5000 : 60_000 });
  const { infeasibility, stationarity } = certify(svm, [...out.x, ...out.y], { differences: 0 });
  rows.push([
    `support vector machine, ${samples} weights`,
    "bicGaffa",
    `${first.upperValue.toFixed(4)} → ${out.upperValue.toFixed(4)}`,
    "",
    duration(out.times.total),
    String(out.iterations),
    `${out.reason.kind}: ${out.reason.rule}, violation ${small(infeasibility)}, lower KKT ${small(stationarity)}`,
  ]);
  claims.push(
    claim(
      "svm",
      `support vector machine with one weight a sample (${samples} samples, 8 features): the lower level solved by bicGaffa`,
      "violation ≤ 1e-3, lower KKT residual ≤ 1e-2",
      `${small(infeasibility)}, ${small(stationarity)}, loss ${out.upperValue.toFixed(4)}, ${duration(out.times.total)}`,
      infeasibility <= 1e-3 && stationarity <= 1e-2,
    ),
  );
  const curves: Curve[] = [
    {
      id: "neumann",
      title: "One step of implicit differentiation against the number of hyperparameters (Neumann series, 20 terms)",
      xLabel: "hyperparameters",
      yLabel: "ms",
      logX: true,
      logY: true,
      steps: false,
      dots: true,
      lines: [{ name: "hyper-cleaning, 20 features", points: line }],
    },
  ];
  return {
    claims,
    curves,
    tables: [
      {
        id: "selection",
        title: "Hyperparameter selection",
        head: ["problem", "method", "upper value", "weights right / turned", "time", "iterations", "ended"],
        rows,
      },
    ],
    pictures: [
      { id: "cleaning", title: "Weights of samples after hyper-cleaning", svg: weightsPicture(training, weights) },
    ],
  };
}

function mean(weights: ArrayLike<number>, turned: readonly boolean[], which: boolean): number {
  let sum = 0;
  let count = 0;
  turned.forEach((t, i) => {
    if (t !== which) return;
    sum += weights[i]!;
    count++;
  });
  return sum / count;
}

/** Samples by their side of the plane (across) and their weight (up). */
function weightsPicture(data: Dataset & { turned: boolean[] }, weights: ArrayLike<number>): string {
  const most = Math.min(weights.length, 1500);
  const points = (which: boolean): Float64Array => {
    const list: number[] = [];
    for (let i = 0; i < most; i++) {
      if (data.turned[i] !== which) continue;
      const a = (data.features as number[][])[i]!;
      const side = a.reduce((sum, v, j) => sum + v * Math.cos(1 + j), 0);
      list.push(side / 4, weights[i]!);
    }
    return Float64Array.from(list);
  };
  return panelsSvg(
    "Weights of samples: labels that are right (blue) and turned (red)",
    [
      {
        caption: "across: distance from the plane; up: weight from 0 to 1",
        dots: [
          { points: points(false), colour: "#2267a8", radius: 1.8, opacity: 0.7 },
          { points: points(true), colour: "#c8442f", radius: 1.8, opacity: 0.7 },
        ],
      },
    ],
    { perRow: 1 },
  );
}
