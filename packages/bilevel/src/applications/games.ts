// Leaders and followers: a Stackelberg oligopoly, and tolls on parallel roads. Both have closed forms in small cases.
import { misuse, requireKnownOptions, requireNumber, type Vector } from "@hessia/core";
import { nonnegative, simplex } from "@hessia/core/set";
import { type BilevelProblem, bilevel, type Objective } from "../problem.js";

export interface OligopolyOptions {
  /** Price a − b (x + Σ yⱼ). a > cost, b > 0. */
  readonly price: { readonly intercept: number; readonly slope: number };
  /** Of one unit, the same for all, ≥ 0. */
  readonly cost: number;
  /** m followers, ≥ 1. */
  readonly followers: number;
}

/**
 * A leader sells x, then m followers y, each for the best of its own profit (a − b (x + Σ y) − c) yⱼ: their equilibrium minimizes a potential, f = −(a − c − bx) Σ y + b Σ yⱼ² + b Σ_{i<j} yᵢyⱼ.
 * Solution: x = (a − c)/2b, yⱼ = (a − c)/(2b (m + 1)).
 *
 * von Stackelberg 1934; Sherali, Soyster, Murphy 1983, "Stackelberg–Nash–Cournot equilibria", Oper. Res. 31(2).
 * @throws ArgumentError on figures out of range.
 */
export function stackelbergOligopoly(options: OligopolyOptions): BilevelProblem {
  const routine = "stackelbergOligopoly";
  requireKnownOptions(routine, options, ["price", "cost", "followers"]);
  const { price, cost, followers: m } = options;
  if (price === null || typeof price !== "object")
    misuse(routine, "options.price", String(price), "an intercept and a slope");
  const { intercept: a, slope: b } = price;
  requireNumber(routine, "options.cost", cost, { atLeast: 0, below: Number.POSITIVE_INFINITY });
  requireNumber(routine, "options.price.intercept", a, { above: cost, below: Number.POSITIVE_INFINITY });
  requireNumber(routine, "options.price.slope", b, { above: 0, below: Number.POSITIVE_INFINITY });
  requireNumber(routine, "options.followers", m, { atLeast: 1, integer: true });
  const sumOf = (z: Vector): number => {
    let sum = 0;
    for (let j = 1; j <= m; j++) sum += z[j]!;
    return sum;
  };
  const margin = a - cost;
  const upper: Objective = {
    dimension: 1 + m,
    value: (z) => -z[0]! * (margin - b * (z[0]! + sumOf(z))),
    gradientInto(out, z) {
      out.fill(b * z[0]!);
      out[0] = -(margin - b * (2 * z[0]! + sumOf(z)));
      return out;
    },
    hessianApplyInto(out, _z, v) {
      out.fill(b * v[0]!);
      out[0] = b * (2 * v[0]! + sumOf(v));
      return out;
    },
  };
  const lower: Objective = {
    dimension: 1 + m,
    value(z) {
      const sum = sumOf(z);
      let squares = 0;
      for (let j = 1; j <= m; j++) squares += z[j]! ** 2;
      return -(margin - b * z[0]!) * sum + 0.5 * b * (squares + sum * sum);
    },
    gradientInto(out, z) {
      const sum = sumOf(z);
      for (let j = 1; j <= m; j++) out[j] = -(margin - b * z[0]!) + b * (z[j]! + sum);
      out[0] = b * sum;
      return out;
    },
    hessianApplyInto(out, _z, v) {
      const sum = sumOf(v);
      for (let j = 1; j <= m; j++) out[j] = b * (v[0]! + v[j]! + sum);
      out[0] = b * sum;
      return out;
    },
  };
  return bilevel({ upperDimension: 1, upper, lower, upperSet: nonnegative(1) });
}

export interface TollOptions {
  /** Travel time of road k under traffic y: free + congestion · y; congestion > 0, free ≥ 0. */
  readonly roads: readonly { readonly free: number; readonly congestion: number; readonly tolled: boolean }[];
  /** Travellers, > 0. */
  readonly demand: number;
}

/**
 * Tolls xₖ ≥ 0 on some of parallel roads, for the greatest revenue; travellers spread so that no one gains by another road: f = Σ (freeₖ + xₖ) yₖ + ½ congestionₖ yₖ² over the simplex of the demand (Wardrop, by
 * Beckmann's potential). x has one entry a tolled road. Two roads, the first tolled: x = (free₂ − free₁ + congestion₂ · demand)/2 where both are used.
 *
 * Labbé, Marcotte, Savard 1998, "A bilevel model of taxation and its application to optimal highway pricing", Management Science 44(12).
 * @throws ArgumentError on figures out of range, and without a road that is free of toll.
 */
export function tollSetting(options: TollOptions): BilevelProblem {
  const routine = "tollSetting";
  requireKnownOptions(routine, options, ["roads", "demand"]);
  const { roads, demand } = options;
  if (!Array.isArray(roads) || roads.length < 2) misuse(routine, "options.roads", String(roads), "at least two roads");
  requireNumber(routine, "options.demand", demand, { above: 0, below: Number.POSITIVE_INFINITY });
  roads.forEach(({ free, congestion }, k) => {
    requireNumber(routine, `options.roads[${k}].free`, free, { atLeast: 0, below: Number.POSITIVE_INFINITY });
    requireNumber(routine, `options.roads[${k}].congestion`, congestion, { above: 0, below: Number.POSITIVE_INFINITY });
  });
  const tolled = roads.flatMap((road, k) => (road.tolled ? [k] : []));
  const n = tolled.length;
  const m = roads.length;
  if (n === 0 || n === m)
    misuse(routine, "options.roads", `with ${n} of ${m} tolled`, "some that are and some that aren't");
  const upper: Objective = {
    dimension: n + m,
    value: (z) => -tolled.reduce((sum, k, i) => sum + z[i]! * z[n + k]!, 0),
    gradientInto(out, z) {
      out.fill(0);
      tolled.forEach((k, i) => {
        out[i] = -z[n + k]!;
        out[n + k] = -z[i]!;
      });
      return out;
    },
  };
  const lower: Objective = {
    dimension: n + m,
    value(z) {
      let sum = 0;
      roads.forEach(({ free, congestion }, k) => {
        const y = z[n + k]!;
        sum += free * y + 0.5 * congestion * y * y;
      });
      return sum - upper.value(z);
    },
    gradientInto(out, z) {
      out.fill(0);
      roads.forEach(({ free, congestion }, k) => {
        out[n + k] = free + congestion * z[n + k]!;
      });
      tolled.forEach((k, i) => {
        out[i] = z[n + k]!;
        out[n + k] = out[n + k]! + z[i]!;
      });
      return out;
    },
  };
  return bilevel({ upperDimension: n, upper, lower, upperSet: nonnegative(n), lowerSet: simplex(m, demand) });
}
