// One door to heavy work on dense arrays that live where the work is done: in plain JavaScript, in WebAssembly, or on a GPU. Arrays are put there
// once and used by handle in many operations; nothing blocks, since a GPU can't answer at once.
import type { Vector } from "../linear/matrix.js";

export type BackendName = "js" | "wasm" | "gpu";

/** A rows × cols array on a backend, row-major; a vector of n numbers is n × 1. Its memory is the backend's until `release`. */
export interface BackendArray {
  readonly kind: "backend-array";
  readonly rows: number;
  readonly cols: number;
}

/** C = α op(A) op(B) + β C₀. */
export interface GemmOptions {
  /** Take Aᵀ. Default false. */
  readonly transposeA?: boolean;
  /** Take Bᵀ. Default false. */
  readonly transposeB?: boolean;
  /** Default 1. */
  readonly alpha?: number;
  /** Default 0; needs `c` unless it is 0. */
  readonly beta?: number;
  /** C₀. */
  readonly c?: BackendArray;
}

/** y = α op(A) x. */
export interface GemvOptions {
  /** Take Aᵀ. Default false. */
  readonly transpose?: boolean;
  /** Default 1. */
  readonly alpha?: number;
}

/**
 * The distance of two points: ‖x − y‖₂², ‖x − y‖₂, ‖x − y‖₁, ‖x − y‖_∞, ‖x − y‖_p with p ≥ 1, or 1 − xᵀy / (‖x‖ ‖y‖), which is taken as 1 where a
 * point is 0.
 */
export type Metric = "squaredEuclidean" | "euclidean" | "manhattan" | "chebyshev" | "cosine" | { readonly p: number };

/**
 * Operations give new arrays; their operands stay as they are. All of them reject with an ArgumentError when a shape doesn't fit, or an array is
 * another backend's or released. Numbers that leave the range of the precision become infinite, or NaN, in the result: they are outcomes, not errors.
 */
export interface ArrayBackend {
  readonly name: BackendName;
  readonly precision: "float64" | "float32";
  /** 2⁻⁵³ or 2⁻²⁴: the relative error of one rounding. */
  readonly unitRoundoff: number;
  /** What does the work, for people: "gpu.js 2.24 on WebGL2 (NVIDIA …), float32". */
  readonly description: string;

  /**
   * Copies numbers to the backend, rows × cols (default: a vector). Rejects where one isn't finite, or is beyond the range of the precision: write
   * −1e30 for log 0.
   */
  upload(values: ArrayLike<number>, rows?: number, cols?: number): Promise<BackendArray>;
  /** Copies an array back into `out`, of rows · cols numbers. */
  downloadInto(out: Vector, array: BackendArray): Promise<Vector>;
  /** An array's numbers, row by row. */
  download(array: BackendArray): Promise<Vector>;
  /** Gives the memory of arrays back; using one afterwards is an error, releasing it again is not. An array that is forgotten goes with the garbage. */
  release(...arrays: readonly BackendArray[]): void;
  /** Arrays that aren't released. */
  readonly live: number;
  /** Releases everything. The backend can't be used afterwards. */
  close(): Promise<void>;

  /** α op(A) op(B) + β C₀, m × n over an inner dimension k. |error| ≤ (k + 2) u |α| |op(A)| |op(B)| to first order (Higham 2002, (3.13)). */
  gemm(a: BackendArray, b: BackendArray, options?: GemmOptions): Promise<BackendArray>;
  /** α op(A) x. Error as of `gemm`. */
  gemv(a: BackendArray, x: BackendArray, options?: GemvOptions): Promise<BackendArray>;
  /**
   * out_i = log Σ_j exp(m_ij + v_j), shifted by the maximum; v absent is 0. Absolute error about (n + |m + v| + |out|) u (Blanchard, Higham, Higham 2021):
   * in float32 entries of size 1000 leave four digits behind the point.
   */
  logSumExpRows(m: BackendArray, v?: BackendArray): Promise<BackendArray>;
  /** out_j = log Σ_i exp(m_ij + v_i). */
  logSumExpCols(m: BackendArray, v?: BackendArray): Promise<BackendArray>;
  /** The distances of all rows of x (n × d) from all rows of y (m × d): n × m. */
  pairwise(x: BackendArray, y: BackendArray, metric?: Metric): Promise<BackendArray>;

  /** α x + β y; without y α x. */
  axpby(alpha: number, x: BackendArray, beta?: number, y?: BackendArray): Promise<BackendArray>;
  /** exp(x_k). */
  exp(x: BackendArray): Promise<BackendArray>;
  /** exp(m_ij + x_i + y_j): a transport plan from its potentials. */
  expOuter(m: BackendArray, x: BackendArray, y: BackendArray): Promise<BackendArray>;

  /** Σ x_k; on a GPU at most 256 numbers are added one after another in each of its levels, and the last partial sums in float64. */
  sum(x: BackendArray): Promise<number>;
  /** max x_k; −∞ for an empty array. */
  max(x: BackendArray): Promise<number>;
  /** Σ x_k y_k. */
  dot(x: BackendArray, y: BackendArray): Promise<number>;
  /** ‖x‖₂ (of a matrix: Frobenius), scaled by the largest entry so that no square leaves the range. */
  norm2(x: BackendArray): Promise<number>;
}
