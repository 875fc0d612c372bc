// What shapes the operations of a backend take and give, with the errors of the house: the same for all backends.
import { describe, misuse, requireNumber } from "../errors.js";
import type { BackendArray, GemmOptions, GemvOptions, Metric } from "./backend.js";

const shape = ({ rows, cols }: BackendArray) => `${rows} × ${cols}`;

/** The shape that `upload` gives numbers, checked against their count. */
export function requireUpload(
  values: ArrayLike<number>,
  rows: number | undefined,
  cols: number | undefined,
  largest: number,
): readonly [rows: number, cols: number] {
  if (values === null || typeof values !== "object" || typeof values.length !== "number")
    misuse("upload", "values", describe(values), "an array of numbers");
  const m = rows ?? values.length;
  const n = cols ?? 1;
  requireNumber("upload", "rows", m, { atLeast: 0, integer: true });
  requireNumber("upload", "cols", n, { atLeast: 0, integer: true });
  if (values.length !== m * n)
    misuse("upload", "values", `of length ${values.length}`, `length rows · cols = ${m * n}`);
  for (let k = 0; k < values.length; k++) {
    const value = values[k];
    if (!(Math.abs(value) <= largest)) {
      const place = n === 1 ? `${k}` : `(${Math.floor(k / n)}, ${k % n})`;
      const wanted = Number.isFinite(value)
        ? `at most ${largest} in size: the backend computes in float32`
        : "finite numbers";
      misuse(
        "upload",
        "values",
        `${value} at ${place}`,
        wanted,
        value === Number.NEGATIVE_INFINITY ? "For log 0 write -1e30." : undefined,
      );
    }
  }
  return [m, n];
}

/** m, n and k of a product. */
export function requireProduct(
  a: BackendArray,
  b: BackendArray,
  options: GemmOptions,
): readonly [m: number, n: number, k: number] {
  const { transposeA = false, transposeB = false, alpha = 1, beta = 0, c } = options;
  requireFactor("gemm", "options.alpha", alpha);
  requireFactor("gemm", "options.beta", beta);
  const [m, k] = transposeA ? [a.cols, a.rows] : [a.rows, a.cols];
  const [kB, n] = transposeB ? [b.cols, b.rows] : [b.rows, b.cols];
  if (kB !== k)
    misuse("gemm", "b", `${transposeB ? "(transposed) " : ""}${kB} × ${n}`, `${k} rows, as op(a) is ${m} × ${k}`);
  if (beta !== 0 && c === undefined) misuse("gemm", "options.beta", String(beta), "0 where there is no `c` to add");
  if (c !== undefined && (c.rows !== m || c.cols !== n)) misuse("gemm", "options.c", shape(c), `${m} × ${n}`);
  return [m, n, k];
}

/** Whether a product with a vector goes along the rows of the stored matrix, its factor, and the lengths of its result and of its sums. */
export function requireMatrixVector(
  a: BackendArray,
  x: BackendArray,
  options: GemvOptions,
): readonly [m: number, k: number] {
  const { transpose = false, alpha = 1 } = options;
  requireFactor("gemv", "options.alpha", alpha);
  const [m, k] = transpose ? [a.cols, a.rows] : [a.rows, a.cols];
  requireVector("gemv", "x", x, k);
  return [m, k];
}

export function requireVector(routine: string, argument: string, x: BackendArray, length: number): void {
  if (x.rows * x.cols !== length || (x.cols !== 1 && x.rows !== 1))
    misuse(routine, argument, shape(x), `a vector of length ${length}`);
}

export function requireSameShape(routine: string, argument: string, x: BackendArray, y: BackendArray): void {
  if (x.rows !== y.rows || x.cols !== y.cols) misuse(routine, argument, shape(y), `${shape(x)}, as x is`);
}

export function requireFactor(routine: string, argument: string, value: number): void {
  if (!Number.isFinite(value)) misuse(routine, argument, describe(value), "a finite number");
}

/** x is n × d, y is m × d. */
export function requireClouds(x: BackendArray, y: BackendArray): void {
  if (x.cols !== y.cols)
    misuse("pairwise", "y", `points of ${y.cols} coordinates`, `${x.cols} coordinates, as x's points have`);
}

/** A metric as its name and exponent. */
export function requireMetric(metric: Metric): {
  readonly name: Exclude<Metric, object> | "minkowski";
  readonly p: number;
} {
  const names = ["squaredEuclidean", "euclidean", "manhattan", "chebyshev", "cosine"] as const;
  if (typeof metric === "object" && metric !== null) {
    requireNumber("pairwise", "metric.p", metric.p, { atLeast: 1 });
    if (metric.p === 1) return { name: "manhattan", p: 1 };
    if (metric.p === 2) return { name: "euclidean", p: 2 };
    return metric.p === Number.POSITIVE_INFINITY
      ? { name: "chebyshev", p: metric.p }
      : { name: "minkowski", p: metric.p };
  }
  const name = names.find((known) => known === metric);
  if (name === undefined)
    return misuse("pairwise", "metric", describe(metric), `one of ${names.join(", ")}, or { p } with p ≥ 1`);
  return { name, p: 2 };
}
