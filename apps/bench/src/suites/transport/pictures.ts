// Pictures of transport: plans between two clouds at several regularizations, displacement interpolation, and convergence curves of all methods.
import { setImmediate } from "node:timers/promises";
import { denseMatrix } from "@hessia/core/linear";
import { displacementFrames, exactTransport, type PlanEntries, planEntries, transport } from "@hessia/sinkhorn";
import { costOf, problemOf, randomAssignment, randomClouds, uniform } from "../../problems/transport/input.js";
import { type Panel, panelsSvg, type Segments } from "../../report/clouds.js";
import type { Claim, Curve } from "../../row.js";
import { claim, type Part } from "../parts.js";
import { attempt, everyContender } from "./contenders.js";
import type { TransportContext } from "./part.js";

const red = "#c8442f";
const blue = "#2267a8";
const grey = "#4a5560";

/** A point of a shape from numbers in [0, 1). */
type Shape = (random: () => number) => readonly [number, number];

const disc =
  (cx: number, cy: number, radius: number, inner = 0): Shape =>
  (random) => {
    const r = Math.sqrt(inner * inner + random() * (radius * radius - inner * inner));
    const t = 2 * Math.PI * random();
    return [cx + r * Math.cos(t), cy + r * Math.sin(t)];
  };
const oneOf =
  (...shapes: readonly Shape[]): Shape =>
  (random) =>
    shapes[Math.floor(random() * shapes.length)]!(random);
/** Five points. */
const star: Shape = (random) => {
  const t = 2 * Math.PI * random();
  const tip = Math.abs((((t * 5) / (2 * Math.PI)) % 1) - 0.5) * 2;
  const r = Math.sqrt(random()) * (0.22 + 0.28 * tip);
  return [0.5 + r * Math.sin(t), 0.5 + r * Math.cos(t)];
};
const ring = disc(0.5, 0.5, 0.5, 0.36);

const cloud = (n: number, shape: Shape, seed: number): Float64Array => {
  const random = uniform(seed);
  const points = new Float64Array(2 * n);
  for (let i = 0; i < n; i++) points.set(shape(random), 2 * i);
  return points;
};

export async function pictureFigures({ quick, signal, say }: TransportContext): Promise<Part> {
  say("plans and frames");
  const plans = planPicture(quick ? 30 : 90);
  await setImmediate();
  const frames = framesPicture(quick ? 60 : 700);
  const { curves, claims } = await convergence(quick, signal, say);
  return {
    claims,
    curves,
    pictures: [
      { id: "plans", title: "Plans at several regularizations", svg: plans },
      { id: "frames", title: "Displacement interpolation", svg: frames },
    ],
  };
}

/** Two clouds and the plans between them: a line for each entry, as dark as it is heavy. */
export function planPicture(n: number): string {
  const X = cloud(n, oneOf(disc(0.15, 0.75, 0.15), disc(0.25, 0.2, 0.2)), 3);
  const Y = cloud(n, disc(0.75, 0.5, 0.3, 0.2), 4);
  const points = { source: denseMatrix(n, 2, X), target: denseMatrix(n, 2, Y) };
  const dots = [
    { points: X, colour: red, radius: 3 },
    { points: Y, colour: blue, radius: 3 },
  ];
  const panel = (caption: string, plan: PlanEntries): Panel => ({ caption, segments: segmentsOf(plan, X, Y), dots });
  const entropic = [0.1, 0.01, 0.001].map((regularization) => {
    const { plan } = transport({ points, regularization, plan: "sparse" });
    return panel(`ε = ${regularization}`, planEntries(plan.matrix));
  });
  const exact = exactTransport({ points });
  return panelsSvg(
    "Plans between two clouds, squared distance: entropic transport and the exact one",
    [...entropic, panel("exact (network simplex)", exact.plan)],
    {
      legend: [
        { colour: red, text: "source" },
        { colour: blue, text: "target" },
      ],
    },
  );
}

/** A line is as dark as its part of a point's mass. */
function segmentsOf({ sources, targets, amounts, rows }: PlanEntries, X: Float64Array, Y: Float64Array): Segments {
  const shade = amounts.map((amount) => 0.8 * Math.min(1, amount * rows));
  const kept = Array.from(shade.keys()).filter((k) => shade[k]! > 0.004);
  const ends = new Float64Array(4 * kept.length);
  kept.forEach((k, line) => {
    const [i, j] = [2 * sources[k]!, 2 * targets[k]!];
    ends.set([X[i]!, X[i + 1]!, Y[j]!, Y[j + 1]!], 4 * line);
  });
  return { ends, opacity: Float64Array.from(kept, (k) => shade[k]!), colour: grey };
}

/** Points of a star on their way to a ring. */
export function framesPicture(n: number): string {
  const X = cloud(n, star, 5);
  const Y = cloud(n, ring, 6);
  const [source, target] = [denseMatrix(n, 2, X), denseMatrix(n, 2, Y)];
  const { plan } = exactTransport({ points: { source, target } });
  const times = [0, 0.2, 0.4, 0.6, 0.8, 1];
  const frames = displacementFrames(plan, source, target, times);
  const mix = (t: number) =>
    `rgb(${[1, 3, 5].map((at) => Math.round((1 - t) * Number.parseInt(red.slice(at, at + 2), 16) + t * Number.parseInt(blue.slice(at, at + 2), 16))).join(",")})`;
  return panelsSvg(
    "Displacement interpolation along the optimal plan",
    frames.map(({ time, points, weights }) => ({
      caption: `t = ${time}`,
      dots: [{ points: points.data, weights, colour: mix(time), radius: 1.8, opacity: 0.8 }],
    })),
    { perRow: 3 },
  );
}

/** Marginal error against time of every method, on a problem of each kind. */
async function convergence(
  quick: boolean,
  signal: AbortSignal,
  say: (what: string) => void,
): Promise<{ curves: Curve[]; claims: Claim[] }> {
  const curves: Curve[] = [];
  const claims: Claim[] = [];
  for (const [id, input, eta] of [
    ["assignment", randomAssignment(quick ? 100 : 500, 1), 1200],
    ["clouds", randomClouds(quick ? 100 : 1000, 1), 1000],
  ] as const) {
    const problem = problemOf(input, costOf(input), input.range / eta);
    const lines: Curve["lines"][number][] = [];
    for (const contender of everyContender) {
      await setImmediate();
      if (signal.aborted) return { curves, claims };
      say(`convergence of ${contender.name}, ${input.name}`);
      attempt(contender, problem, 1e-12, quick ? 30 : 300);
      const { path } = attempt(contender, problem, 1e-12, quick ? 100 : 4000);
      // At potentials 0 the plan has many times its mass: what is drawn begins where it is of the right size.
      const drawn = path.filter(([, error]) => error <= 10).map(([ms, error]) => [ms, Math.max(error, 1e-14)] as const);
      const points = thin(drawn);
      if (points.length > 0) lines.push({ name: contender.name, points });
    }
    curves.push({
      id: `convergence-${id}`,
      title: `Marginal error against time: ${input.name}, ε = range/${eta}`,
      xLabel: "ms",
      yLabel: "marginal error (l1, of the mass)",
      logX: true,
      logY: true,
      steps: false,
      dots: false,
      lines,
    });
  }
  const drawn = curves.reduce((sum, { lines }) => sum + lines.length, 0);
  claims.push(
    claim(
      "convergence-drawn",
      "convergence curves: every method on both problems",
      `${2 * everyContender.length} lines`,
      `${drawn} lines`,
      drawn === 2 * everyContender.length,
    ),
  );
  return { curves, claims };
}

/** At most 300 points, evenly over the logarithm of the time. */
function thin(path: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const kept: (readonly [number, number])[] = [];
  for (const point of path) {
    const last = kept.at(-1);
    if (last === undefined || path.length <= 300 || point[0] > 1.02 * last[0] || point === path.at(-1))
      kept.push(point);
  }
  return kept;
}
