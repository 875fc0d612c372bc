// Exact transport as a problem of core: weights as whole numbers, arcs, and the value of potentials.
//
//   min_P ⟨C, P⟩,  P ≥ 0, P1 = r, Pᵀ1 = c        max_{u, v} ⟨r, u⟩ + ⟨c, v⟩,  uᵢ + vⱼ ≤ C_ij
//
// A basis of the simplex method, a spanning tree, has potentials z = (u, v) with uᵢ + vⱼ = C_ij on its arcs; what its plan costs is ⟨r, u⟩ + ⟨c, v⟩. The method lowers it until
// z is dual feasible, and then both problems are solved.
import { type DenseInput, type HasValue, requireKnownOptions, type Vector } from "@hessia/core";
import type { Cost } from "../cost/cost.js";
import { balance, sum, weights } from "../problem.js";
import { wholeWeights } from "../support/whole-weights.js";
import { type ArcList, type Arcs, arcsOf } from "./arcs.js";

export interface NetworkProblem extends HasValue {
  /** ⟨r, u⟩ + ⟨c, v⟩ at z = (u, v): the cost of the plan that has these potentials. */
  value(z: Vector): number;
  /** r and c. */
  readonly source: Vector;
  readonly target: Vector;
  /** r and c in units of `unit`: whole numbers with the same sum, below 2^53, so that sums and differences of flows are exact. */
  readonly supply: Vector;
  readonly demand: Vector;
  /** A power of 2. */
  readonly unit: number;
  /** Σ r. */
  readonly mass: number;
  readonly arcs: Arcs;
}

export interface NetworkProblemOptions {
  /** r: n weights ≥ 0. */
  readonly source: ArrayLike<number>;
  /** c: m weights ≥ 0, of the same sum as r to 1e-9 of it (the rest of the difference is taken out of c). */
  readonly target: ArrayLike<number>;
  /** C: a matrix n × m, where Infinity forbids an arc; what denseCost, pointCost or gridCost made; or a list of arcs. */
  readonly cost: Cost | DenseInput | ArcList | Arcs;
}

/**
 * Exact transport as a problem for core's `solve` and `networkSimplex`. Weights are rounded to multiples of 2^-52 of the total mass (smaller ones count as 0).
 * @throws ArgumentError on weights that are negative, not finite, without mass, of unequal mass or of the wrong number, and on costs that are NaN or −Infinity.
 */
export function networkProblem(options: NetworkProblemOptions, routine = "networkProblem"): NetworkProblem {
  requireKnownOptions(routine, options, ["source", "target", "cost"]);
  const arcs = arcsOf(routine, options.cost);
  const source = weights(routine, "options.source", options.source, arcs.rows, "the rows of the cost");
  const target = weights(routine, "options.target", options.target, arcs.cols, "the columns of the cost");
  const mass = sum(source);
  balance(routine, target, mass, "exactTransport");
  const { supply, demand, unit } = wholeWeights(source, target);
  const n = arcs.rows;
  return {
    dimension: n + arcs.cols,
    source,
    target,
    supply,
    demand,
    unit,
    mass,
    arcs,
    value(z) {
      let total = 0;
      for (let i = 0; i < n; i++) if (supply[i]! > 0) total += source[i]! * z[i]!;
      for (let j = 0; j < arcs.cols; j++) if (demand[j]! > 0) total += target[j]! * z[n + j]!;
      return total;
    },
  };
}
