// The ready-made problems, each with a picture: what the upper level looks like along a line, computed by solving the lower level again and again, and where the method came to.
import { setImmediate } from "node:timers/promises";
import {
  type BilevelProblem,
  type Dataset,
  elasticNetSelection,
  hypergradient,
  kernelRidgeSelection,
  logisticSelection,
  minimize,
  ridgeSelection,
  stackelbergOligopoly,
  tollSetting,
} from "@hessia/bilevel";
import { uniform } from "../../problems/transport/input.js";
import type { Claim, Curve } from "../../row.js";
import { claim, duration, type Part, type PartContext } from "../parts.js";
import { labelled } from "./selection.js";

interface Example {
  readonly id: string;
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly problem: BilevelProblem;
  readonly start: { readonly x: readonly number[]; readonly y: readonly number[] };
  /** The coordinate of x that is drawn, and its range; the others stay at the solution. */
  readonly coordinate: number;
  readonly range: readonly [number, number];
  /** What is drawn of F. */
  readonly show?: (value: number) => number;
}

function examples(): Example[] {
  const random = uniform(31);
  const regression = (N: number, d: number, noise: number): Dataset => {
    const features = Array.from({ length: N }, () => Array.from({ length: d }, () => 2 * random() - 1));
    return { features, targets: features.map((a) => 2 * a[0]! - a[1]! + noise * (2 * random() - 1)) };
  };
  const wave = (N: number): Dataset => {
    const features = Array.from({ length: N }, () => [4 * random() - 2]);
    return { features, targets: features.map(([a]) => Math.sin(3 * a!) + 0.4 * (random() - 0.5)) };
  };
  const zeros = (count: number): number[] => new Array<number>(count).fill(0);
  const log = "log of the weight";
  const loss = "validation loss";
  return [
    {
      id: "ridge",
      title: "Ridge regression: the validation curve",
      xLabel: log,
      yLabel: loss,
      problem: ridgeSelection(regression(14, 10, 4), regression(40, 10, 4)),
      start: { x: [0], y: zeros(10) },
      coordinate: 0,
      range: [-8, 4],
    },
    {
      id: "elastic-net",
      title: "Elastic net, smoothed: along the weight of the l1 term",
      xLabel: log,
      yLabel: loss,
      problem: elasticNetSelection(regression(20, 12, 2), regression(40, 12, 2), { smoothing: 0.02 }),
      start: { x: [-1, -3], y: zeros(12) },
      coordinate: 0,
      range: [-8, 0],
    },
    {
      id: "logistic",
      title: "Logistic regression: the validation curve",
      xLabel: log,
      yLabel: loss,
      problem: logisticSelection(labelled(40, 8, 41, 0.15), labelled(60, 8, 42, 0.15)),
      start: { x: [0], y: zeros(8) },
      coordinate: 0,
      range: [-10, 2],
    },
    {
      id: "kernel-ridge",
      title: "Kernel ridge regression: along the width of the kernel",
      xLabel: "log of the width",
      yLabel: loss,
      problem: kernelRidgeSelection(wave(30), wave(30)),
      start: { x: [-2, -0.5], y: zeros(30) },
      coordinate: 1,
      range: [-3, 1],
    },
    {
      id: "stackelberg",
      title: "Stackelberg: the leader's profit, three followers",
      xLabel: "what the leader sells",
      yLabel: "profit",
      problem: stackelbergOligopoly({ price: { intercept: 13, slope: 2 }, cost: 1, followers: 3 }),
      start: { x: [0], y: zeros(3) },
      coordinate: 0,
      range: [0, 6],
      show: (value) => -value,
    },
    {
      id: "toll",
      title: "Tolls: revenue from one of two roads",
      xLabel: "toll",
      yLabel: "revenue",
      problem: tollSetting({
        roads: [
          { free: 1, congestion: 2, tolled: true },
          { free: 3, congestion: 1, tolled: false },
        ],
        demand: 4,
      }),
      start: { x: [0], y: [2, 2] },
      coordinate: 0,
      range: [0, 8],
      show: (value) => -value,
    },
  ];
}

export async function exampleFigures({ quick, signal, say }: PartContext): Promise<Part> {
  const curves: Curve[] = [];
  const claims: Claim[] = [];
  const rows: string[][] = [];
  for (const {
    id,
    title,
    xLabel,
    yLabel,
    problem,
    start,
    coordinate,
    range,
    show = (value: number) => value,
  } of examples()) {
    await setImmediate();
    if (signal.aborted) break;
    say(title);
    const { x, y, upperValue, reason, times, picked, iterations } = minimize(problem, start);
    const [low, high] = range;
    const count = quick ? 12 : 60;
    const line = Array.from({ length: count + 1 }, (_, k) => {
      const z = Float64Array.from([...x, ...y]);
      z[coordinate] = low + ((high - low) * k) / count;
      // The lower level's solution at that x, by a solver of its own.
      return [z[coordinate]!, show(valueAt(problem, z))] as const;
    });
    const best = Math.min(...line.map(([, value]) => show(value)));
    rows.push([title, picked.method, `${reason.kind}: ${reason.rule}`, String(iterations), duration(times.total)]);
    claims.push(
      claim(
        `example-${id}`,
        `${title}: no point of the drawn line is better than what was found`,
        "none",
        `${show(upperValue).toPrecision(6)} found, ${show(best).toPrecision(6)} on the line, ${duration(times.total)}`,
        reason.kind === "converged" && upperValue <= best + 1e-6 * Math.max(1, Math.abs(best)),
      ),
    );
    curves.push({
      id: `example-${id}`,
      title,
      xLabel,
      yLabel,
      logX: false,
      logY: false,
      steps: false,
      dots: true,
      lines: [
        { name: "the lower level solved at each point", points: line },
        { name: `found by ${picked.method}`, points: [[x[coordinate]!, show(upperValue)]] },
      ],
    });
  }
  return {
    claims,
    curves,
    tables: [
      {
        id: "examples",
        title: "Ready-made problems",
        head: ["problem", "method", "ended", "iterations", "time"],
        rows,
      },
    ],
  };
}

/** F where the lower level is solved at the x of z. */
const valueAt = (problem: BilevelProblem, z: Float64Array): number =>
  hypergradient(problem, z, { route: "differences", tolerance: 1e-9, difference: 1 }).value;
