// Moving along a plan: displacement interpolation between two clouds of points, and the map that a plan makes on average.
//
// McCann 1997, "A convexity principle for interacting gases", Advances in Mathematics 128: the mass P_ij is at (1 − t) xᵢ + t yⱼ at the time t. With an optimal plan for the squared distance this is the geodesic of W₂:
// W₂(μ_s, μ_t) = |t − s| W₂(μ₀, μ₁). With the plan of a regularized problem it is a path between the same ends, a little longer.
import { type DenseInput, type DenseMatrix, denseMatrix, misuse, requireNumber, type Vector } from "@hessia/core";
import { asPoints } from "./cost/points.js";
import { type PlanEntries, planEntries } from "./plan-entries.js";

/** A cloud of weighted points. */
export interface Frame {
  readonly time: number;
  /** One row a point: those that move along one entry of the plan. */
  readonly points: DenseMatrix;
  /** Σ is the mass of the plan. */
  readonly weights: Vector;
}

/**
 * The clouds at the given times in [0, 1]. Each has one point for an entry of the plan, in the same order, so that frames can be drawn as moving points.
 * @throws ArgumentError on points that aren't finite, of other numbers than the plan's rows and columns, or of differing dimensions; on a negative plan; on a time outside of [0, 1].
 */
export function displacementFrames(
  plan: PlanEntries | DenseInput,
  source: DenseInput | ArrayLike<number>,
  target: DenseInput | ArrayLike<number>,
  times: ArrayLike<number>,
): Frame[] {
  const routine = "displacementFrames";
  const { sources, targets, amounts, X, Y } = cloudsOf(routine, plan, source, target);
  const d = X.cols;
  return Array.from(times, (t, frame) => {
    requireNumber(routine, `times[${frame}]`, t, { atLeast: 0, atMost: 1 });
    const points = denseMatrix(amounts.length, d);
    for (let k = 0; k < amounts.length; k++) {
      const from = sources[k]! * d;
      const to = targets[k]! * d;
      for (let q = 0; q < d; q++) points.data[k * d + q] = (1 - t) * X.data[from + q]! + t * Y.data[to + q]!;
    }
    return { time: t, points, weights: amounts.slice() };
  });
}

/**
 * T(xᵢ) = Σ_j P_ij yⱼ / Σ_j P_ij, the barycentric projection of a plan, as the rows of an n × d matrix; xᵢ itself where row i of the plan is empty.
 * @throws ArgumentError as {@link displacementFrames}.
 */
export function barycentricProjection(
  plan: PlanEntries | DenseInput,
  source: DenseInput | ArrayLike<number>,
  target: DenseInput | ArrayLike<number>,
): DenseMatrix {
  const { sources, targets, amounts, X, Y } = cloudsOf("barycentricProjection", plan, source, target);
  const { rows: n, cols: d } = X;
  const out = denseMatrix(n, d);
  const mass = new Float64Array(n);
  for (let k = 0; k < amounts.length; k++) {
    const i = sources[k]!;
    mass[i] = mass[i]! + amounts[k]!;
    for (let q = 0; q < d; q++) out.data[i * d + q] = out.data[i * d + q]! + amounts[k]! * Y.data[targets[k]! * d + q]!;
  }
  for (let i = 0; i < n; i++)
    for (let q = 0; q < d; q++)
      out.data[i * d + q] = mass[i]! > 0 ? out.data[i * d + q]! / mass[i]! : X.data[i * d + q]!;
  return out;
}

function cloudsOf(
  routine: string,
  plan: PlanEntries | DenseInput,
  source: DenseInput | ArrayLike<number>,
  target: DenseInput | ArrayLike<number>,
): PlanEntries & { X: DenseMatrix; Y: DenseMatrix } {
  const entries = planEntries(plan, routine, "plan");
  const X = asPoints(routine, "source", source);
  const Y = asPoints(routine, "target", target);
  if (X.rows !== entries.rows) misuse(routine, "source", `${X.rows} points`, `${entries.rows}, the plan's rows`);
  if (Y.rows !== entries.cols) misuse(routine, "target", `${Y.rows} points`, `${entries.cols}, the plan's columns`);
  if (X.cols !== Y.cols)
    misuse(routine, "target", `of points in ${Y.cols} dimensions`, `${X.cols}, as those of source`);
  return { ...entries, X, Y };
}
