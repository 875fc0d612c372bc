// Weights as whole numbers: sums and differences of flows are then exact.
import type { Vector } from "@hessia/core";
import { sum } from "../problem.js";

export interface WholeWeights {
  /** Two lists of whole numbers with the same sum, at most 2^52. */
  readonly supply: Vector;
  readonly demand: Vector;
  /** What one of them weighs: a power of 2. */
  readonly unit: number;
}

/** r and c, of the same sum to rounding, in units of about 2^-52 of it. What rounding leaves between the sums is spread over the larger entries of c. */
export function wholeWeights(r: Vector, c: Vector): WholeWeights {
  const unit = Math.max(Number.MIN_VALUE, 2 ** (Math.ceil(Math.log2(sum(r))) - 52));
  const supply = r.map((w) => Math.round(w / unit));
  const demand = c.map((w) => Math.round(w / unit));
  equalize(demand, sum(supply) - sum(demand));
  return { supply, demand, unit };
}

/** Adds `missing` units to the larger demands, as evenly as can be. */
function equalize(demand: Vector, missing: number): void {
  const large = (0.99 * sum(demand)) / demand.length;
  const places = demand.reduce((count, d) => count + (d >= large ? 1 : 0), 0);
  const each = Math.trunc(missing / places);
  let rest = missing - each * places;
  for (let j = 0; j < demand.length; j++) {
    if (demand[j]! < large) continue;
    demand[j] = demand[j]! + each + Math.sign(rest);
    rest -= Math.sign(rest);
  }
}
