// The cost that a front door was given: a matrix, points or grids.
import { type DenseInput, misuse } from "@hessia/core";
import type { Cost } from "../cost/cost.js";
import { type GridCostOptions, gridCost } from "../cost/grid.js";
import { type PointCostOptions, pointCost } from "../cost/points.js";
import { asCost } from "../problem.js";

export interface GivenCost {
  readonly cost?: DenseInput | Cost;
  readonly points?: PointCostOptions;
  readonly grid?: GridCostOptions;
}

/** Throws ArgumentError unless exactly one of the three is there. */
export function givenCost({ cost, points, grid }: GivenCost, routine: string): Cost {
  const count = [cost, points, grid].filter((value) => value !== undefined).length;
  if (count !== 1) misuse(routine, "options", `with ${count} of cost, points and grid`, "exactly one of them");
  if (points !== undefined) return pointCost(points, routine);
  if (grid !== undefined) return gridCost(grid, routine);
  return asCost(cost!, routine);
}
