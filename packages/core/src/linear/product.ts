import { multiplySparseVectorInto } from "./csc.js";
import { multiplyVectorInto } from "./dense.js";
import type { Matrix, Vector } from "./matrix.js";

/** out = A x for a dense or sparse matrix (a symmetric sparse one is taken as whole). */
export function multiplyMatrixVectorInto(out: Vector, A: Matrix, x: Vector): Vector {
  return A.kind === "dense" ? multiplyVectorInto(out, A, x) : multiplySparseVectorInto(out, A, x);
}
