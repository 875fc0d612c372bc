// Costs that are computed tile by tile and never stored.
import type { Vector } from "@hessia/core";
import { denseBackend, logSumExpRowsInto, shiftedExpInto } from "@hessia/core/linear";
import { type Cost, negativeInto, rowsOfTile } from "./cost.js";

/** Writes rows first … first + count − 1 of a matrix into `to`, row-major. */
export type FillRows = (to: Vector, first: number, count: number) => void;

/** The passes over a cost of which rows can be computed, and the rows of its transpose. */
export function tiledPasses(
  rows: number,
  cols: number,
  fillRows: FillRows,
  fillCols: FillRows,
): Pick<Cost, "logSumExpRowsInto" | "logSumExpColsInto" | "planTiles" | "rowInto"> {
  const ofRows = rowsOfTile(rows, cols);
  const ofCols = rowsOfTile(cols, rows);
  const size = Math.max(ofRows * cols, ofCols * rows);
  // One allocation, so that the kernels find cost and plan in the same memory.
  const memory = denseBackend().allocate(2 * size);
  const tile = memory.subarray(0, size);
  const plan = memory.subarray(size);
  const minusX = new Float64Array(rows);
  const minusY = new Float64Array(cols);
  const rowSums = new Float64Array(ofRows);

  const sums = (
    out: Vector,
    count: number,
    width: number,
    step: number,
    minus: Vector,
    fill: FillRows,
    scale: number,
  ) => {
    for (let i = 0; i < count; i += step) {
      const some = Math.min(step, count - i);
      fill(tile, i, some);
      const data = tile.subarray(0, some * width);
      logSumExpRowsInto(out.subarray(i, i + some), { kind: "dense", rows: some, cols: width, data }, minus, scale);
    }
    return out;
  };

  return {
    logSumExpRowsInto: (out, y, epsilon) =>
      sums(out, rows, cols, ofRows, negativeInto(minusY, y), fillRows, -1 / epsilon),
    logSumExpColsInto: (out, x, epsilon) =>
      sums(out, cols, rows, ofCols, negativeInto(minusX, x), fillCols, -1 / epsilon),
    planTiles(x, y, epsilon, visit, { floor = -708, colSums } = {}) {
      negativeInto(minusX, x);
      negativeInto(minusY, y);
      colSums?.fill(0);
      for (let i = 0; i < rows; i += ofRows) {
        const count = Math.min(ofRows, rows - i);
        fillRows(tile, i, count);
        const u = minusX.subarray(i, i + count);
        shiftedExpInto(plan, tile, 0, { rows: u, cols: minusY, scale: -1 / epsilon, floor, rowSums, colSums });
        visit({ firstRow: i, rows: count, plan, cost: tile, rowSums });
      }
    },
    rowInto(out, i) {
      fillRows(tile, i, 1);
      out.set(tile.subarray(0, cols));
      return out;
    },
  };
}
