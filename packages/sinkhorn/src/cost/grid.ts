// The cost between the points of two grids as a sum over axes, C_ij = Σ_k C_k(i_k, j_k): sums of exponentials are done one axis at a time, Σ_k n_k operations a point instead of Π_k n_k.
//
// Solomon, de Goes, Peyré, Cuturi, Butscher, Nguyen, Du, Guibas 2015, "Convolutional Wasserstein distances", ACM Trans. Graph. 34(4), §4; in logarithms as each axis is a log-sum-exp of its own.
import {
  type DenseMatrix,
  denseMatrix,
  describe,
  misuse,
  requireKnownOptions,
  requireNumber,
  type Vector,
} from "@hessia/core";
import { denseBackend, expInto, logSumExpColsInto, logSumExpRowsInto } from "@hessia/core/linear";
import type { Cost, ScalingKernel } from "./cost.js";
import { storedCost } from "./dense.js";
import { tiledPasses } from "./tiled.js";

export interface GridCostOptions {
  /** Points of each axis, as [height, width]: weights are in row-major order, the last axis fastest. */
  readonly shape: readonly number[];
  /** The shape of the target grid. Default: the same. */
  readonly targetShape?: readonly number[];
  /** C = Σ_k |h_k (i_k − j_k)|^power, power > 0. Default 2. */
  readonly power?: number;
  /** h, one distance for all axes or one each, > 0. Default 1. */
  readonly spacing?: number | readonly number[];
}

/**
 * A separable cost on grids of any number of axes.
 * @throws ArgumentError on a shape without axes or points, shapes of different numbers of axes, and options out of range.
 */
export function gridCost(options: GridCostOptions, routine = "gridCost"): Cost {
  requireKnownOptions(routine, options, ["shape", "targetShape", "power", "spacing"]);
  const { shape, targetShape = shape, power = 2, spacing = 1 } = options;
  requireShape(routine, "options.shape", shape);
  requireShape(routine, "options.targetShape", targetShape);
  if (targetShape.length !== shape.length)
    misuse(routine, "options.targetShape", `of ${targetShape.length} axes`, `${shape.length}, as options.shape`);
  requireNumber(routine, "options.power", power, { above: 0, below: Number.POSITIVE_INFINITY });
  const steps = typeof spacing === "number" ? shape.map(() => spacing) : spacing;
  if (steps.length !== shape.length)
    misuse(routine, "options.spacing", `of length ${steps.length}`, `a number, or ${shape.length} of them`);
  steps.forEach((h, k) => {
    requireNumber(routine, `options.spacing[${k}]`, h, { above: 0, below: Number.POSITIVE_INFINITY });
  });
  const axes = shape.map((n, k) => {
    const C = denseMatrix(n, targetShape[k]!);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < C.cols; j++) C.data[i * C.cols + j] = Math.abs(steps[k]! * (i - j)) ** power;
    return C;
  });
  return separableCost(axes);
}

function requireShape(routine: string, argument: string, shape: readonly number[]): void {
  if (!Array.isArray(shape) || shape.length === 0)
    misuse(routine, argument, describe(shape), "an array of at least one number of points");
  shape.forEach((n, k) => {
    requireNumber(routine, `${argument}[${k}]`, n, { atLeast: 1, integer: true });
  });
}

const product = (numbers: readonly number[]) => numbers.reduce((p, n) => p * n, 1);

/** The cost of given axes. */
function separableCost(axes: readonly DenseMatrix[]): Cost {
  const rows = product(axes.map((C) => C.rows));
  const cols = product(axes.map((C) => C.cols));
  const transposed = axes.map(({ rows: n, cols: m, data }) => {
    const T = denseMatrix(m, n);
    for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) T.data[j * n + i] = data[i * m + j]!;
    return T;
  });
  // Made when it is first asked for: log sums need no tiles.
  let passes: ReturnType<typeof tiledPasses> | undefined;
  const tiles = () => (passes ??= tiledPasses(rows, cols, rowFiller(axes), rowFiller(transposed)));
  const extreme = (pick: (...values: number[]) => number) =>
    axes.reduce((sum, { data }) => sum + data.reduce((a, b) => pick(a, b)), 0);

  return {
    kind: "grid",
    rows,
    cols,
    least: extreme(Math.min),
    greatest: extreme(Math.max),
    forbids: false,
    logSumExpRowsInto: (out, y, epsilon) => logSumInto(out, y, axes, epsilon, false),
    logSumExpColsInto: (out, x, epsilon) => logSumInto(out, x, axes, epsilon, true),
    planTiles: (x, y, epsilon, visit, options) => tiles().planTiles(x, y, epsilon, visit, options),
    rowInto: (out, i) => tiles().rowInto(out, i),
    scalingKernel: (epsilon) => axisKernel(axes, epsilon),
    restrict(some, others) {
      const fill = rowFiller(axes);
      const row = new Float64Array(cols);
      return storedCost(
        some.length,
        others.length,
        (to) => {
          for (let i = 0; i < some.length; i++) {
            fill(row, some[i]!, 1);
            for (let j = 0; j < others.length; j++) to[i * others.length + j] = row[others[j]!]!;
          }
        },
        "gridCost",
        "restriction",
      );
    },
  };
}

/** Row i of C: the rows of the axes, added in all combinations. */
function rowFiller(axes: readonly DenseMatrix[]): (to: Vector, first: number, count: number) => void {
  const cols = product(axes.map((C) => C.cols));
  return (to, first, count) => {
    for (let r = 0; r < count; r++) {
      const at = r * cols;
      let rest = first + r;
      to[at] = 0;
      let length = 1;
      // From the last axis to the first: each makes copies of what is there, from the last copy down since the first is read by all.
      for (let k = axes.length - 1; k >= 0; k--) {
        const { rows: n, cols: m, data } = axes[k]!;
        const row = (rest % n) * m;
        rest = Math.floor(rest / n);
        for (let j = m - 1; j >= 0; j--)
          for (let q = 0; q < length; q++) to[at + j * length + q] = to[at + q]! + data[row + j]!;
        length *= m;
      }
    }
  };
}

/** Runs over the axes of a tensor: `apply` gets the axis, the numbers of slabs before it and of entries behind it. */
function overAxes(
  axes: readonly DenseMatrix[],
  transpose: boolean,
  apply: (k: number, outer: number, inner: number) => void,
): void {
  // Axes before k have their new length, those behind it the old one.
  for (let k = 0; k < axes.length; k++) {
    const outer = product(axes.slice(0, k).map((C) => (transpose ? C.cols : C.rows)));
    const inner = product(axes.slice(k + 1).map((C) => (transpose ? C.rows : C.cols)));
    apply(k, outer, inner);
  }
}

/** log Σ exp((v − C)/ε) over the columns (transposed: the rows) of C. */
function logSumInto(out: Vector, v: Vector, axes: readonly DenseMatrix[], epsilon: number, transpose: boolean): Vector {
  let from = Float64Array.from(v, (value) => -value);
  overAxes(axes, transpose, (k, outer, inner) => {
    const C = axes[k]!;
    const [n, m] = transpose ? [C.cols, C.rows] : [C.rows, C.cols];
    const to = new Float64Array(outer * n * inner);
    const line = new Float64Array(m);
    const sums = new Float64Array(n);
    for (let a = 0; a < outer; a++)
      for (let q = 0; q < inner; q++) {
        for (let j = 0; j < m; j++) line[j] = from[(a * m + j) * inner + q]!;
        if (transpose) logSumExpColsInto(sums, C, line, -1 / epsilon);
        else logSumExpRowsInto(sums, C, line, -1 / epsilon);
        // As a potential for the next axis.
        for (let i = 0; i < n; i++) to[(a * n + i) * inner + q] = -epsilon * sums[i]!;
      }
    from = to;
  });
  for (let i = 0; i < out.length; i++) out[i] = -from[i]! / epsilon;
  return out;
}

/** Products with Π_k exp(−C_k/ε), one axis after the other. */
function axisKernel(axes: readonly DenseMatrix[], epsilon: number): ScalingKernel {
  const kernels = axes.map((C) => {
    const data = C.data.map((c) => -c / epsilon);
    return expInto(data, data);
  });
  const multiply = (out: Vector, v: Vector, transpose: boolean) => {
    let from = v;
    overAxes(axes, transpose, (k, outer, inner) => {
      const { rows, cols } = axes[k]!;
      const K = kernels[k]!;
      const [n, m, row, col] = transpose ? [cols, rows, 1, cols] : [rows, cols, cols, 1];
      const to = new Float64Array(outer * n * inner);
      const backend = denseBackend();
      if (inner === 1) backend.gemmStrided(outer, n, m, 1, from, 0, m, 1, K, 0, col, row, to, 0, n);
      else
        for (let a = 0; a < outer; a++)
          backend.gemmStrided(n, inner, m, 1, K, 0, row, col, from, a * m * inner, inner, 1, to, a * n * inner, inner);
      from = to;
    });
    out.set(from);
  };
  return {
    multiplyInto: (out, v) => multiply(out, v, false),
    multiplyTransposeInto: (out, u) => multiply(out, u, true),
  };
}
