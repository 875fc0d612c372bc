// What can be done to a batch of small matrices, and the door to whoever does it.
import type { Vector } from "../matrix.js";

/** What is done to each matrix of a batch. */
export type BatchOperation =
  | "cholesky"
  | "inverse"
  | "inverseDefinite"
  | "eigen"
  | "projectClamp"
  | "projectAbsolute"
  | "polar";

/** The outputs of an operation on n × n matrices, in numbers a matrix; the input has n². */
export function batchShapes(operation: BatchOperation, n: number): readonly number[] {
  if (operation === "eigen") return [n, n * n];
  if (operation === "polar") return [n * n, n * n];
  return [n * n];
}

/** The largest n. */
export const largestSmall = 16;

/** Computes batches of small matrices. */
export interface BatchBackend {
  /** "javascript", "wasm" or "wasm-relaxed", or that of your own. */
  readonly name: string;
  /**
   * Does an operation on `count` n × n matrices, matrix after matrix, row-major; `status` has a number for each, −1 where all went well. An output is the input or
   * doesn't overlap it.
   */
  run(
    operation: BatchOperation,
    n: number,
    count: number,
    input: Vector,
    outputs: readonly Vector[],
    status: Int32Array,
  ): void;
}
