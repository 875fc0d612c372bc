import { type DenseInput, type DenseMatrix, misuse, toDense, type Vector } from "@hessia/core";
import { denseBackend, logSumExpColsInto, logSumExpRowsInto, shiftedExpInto } from "@hessia/core/linear";
import { type Cost, negativeInto, rowsOfTile } from "./cost.js";

/** Entries of a cost matrix that is stored: 2 GB. */
export const mostStored = 2.5e8;

/**
 * A cost matrix as it is given: C (n × m) as a dense matrix, nested arrays, or a matrix of ml-matrix or mathjs. It is copied once, into the memory of the dense backend. +∞ forbids an arc.
 * @throws ArgumentError when an entry is NaN or −∞, when no entry is finite, or when the matrix is empty.
 */
export function denseCost(C: DenseInput, routine = "denseCost", argument = "cost"): Cost {
  const { rows, cols, data } = toDense(C, routine, argument);
  return storedCost(rows, cols, (to) => to.set(data), routine, argument);
}

/** Refuses to store a matrix that doesn't fit in memory, naming its size. */
export function requireStorable(routine: string, argument: string, rows: number, cols: number, hint: string): void {
  if (rows * cols <= mostStored) return;
  const size = (8 * rows * cols) / 1e9;
  misuse(
    routine,
    argument,
    `${rows} × ${cols}, ${size < 1e4 ? size.toFixed(1) : size.toExponential(1)} GB`,
    `at most ${(8 * mostStored) / 1e9} GB for a matrix that is stored`,
    hint,
  );
}

/** A stored cost whose entries `fill` writes. */
export function storedCost(
  rows: number,
  cols: number,
  fill: (to: Vector) => void,
  routine: string,
  argument: string,
): Cost {
  if (!(rows > 0 && cols > 0)) misuse(routine, argument, `${rows} × ${cols}`, "at least one row and one column");
  requireStorable(routine, argument, rows, cols, "Give points, whose cost is computed in tiles, or a grid.");
  const tile = rowsOfTile(rows, cols);
  // One allocation, so that the kernels find cost and plan in the same memory.
  const memory = denseBackend().allocate((rows + tile) * cols);
  const C = memory.subarray(0, rows * cols);
  const plan = memory.subarray(rows * cols);
  fill(C);
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  let forbids = false;
  for (let k = 0; k < C.length; k++) {
    const c = C[k]!;
    if (c === Number.POSITIVE_INFINITY) forbids = true;
    else if (!Number.isFinite(c))
      misuse(
        routine,
        argument,
        `${c} at row ${Math.floor(k / cols)}, column ${k % cols}`,
        "finite numbers, or Infinity for an arc that is forbidden",
      );
    else {
      if (c < least) least = c;
      if (c > greatest) greatest = c;
    }
  }
  if (least > greatest) misuse(routine, argument, "Infinity throughout", "at least one finite entry");
  const matrix: DenseMatrix = { kind: "dense", rows, cols, data: C };
  const minusX = new Float64Array(rows);
  const minusY = new Float64Array(cols);
  const rowSums = new Float64Array(tile);

  return {
    kind: "dense",
    rows,
    cols,
    least,
    greatest,
    forbids,
    logSumExpRowsInto: (out, y, epsilon) => logSumExpRowsInto(out, matrix, negativeInto(minusY, y), -1 / epsilon),
    logSumExpColsInto: (out, x, epsilon) => logSumExpColsInto(out, matrix, negativeInto(minusX, x), -1 / epsilon),
    planTiles(x, y, epsilon, visit, { floor = -708, colSums } = {}) {
      negativeInto(minusX, x);
      negativeInto(minusY, y);
      colSums?.fill(0);
      for (let i = 0; i < rows; i += tile) {
        const count = Math.min(tile, rows - i);
        const u = minusX.subarray(i, i + count);
        shiftedExpInto(plan, C, i * cols, { rows: u, cols: minusY, scale: -1 / epsilon, floor, rowSums, colSums });
        visit({ firstRow: i, rows: count, plan, cost: C.subarray(i * cols, (i + count) * cols), rowSums });
      }
    },
    rowInto(out, i) {
      out.set(C.subarray(i * cols, (i + 1) * cols));
      return out;
    },
    restrict(some, others) {
      return storedCost(
        some.length,
        others.length,
        (to) => {
          for (let i = 0; i < some.length; i++)
            for (let j = 0; j < others.length; j++) to[i * others.length + j] = C[some[i]! * cols + others[j]!]!;
        },
        routine,
        argument,
      );
    },
  };
}
