import type { Matrix, Vector } from "../matrix.js";
import { multiplySparseVectorInto } from "../sparse/csc.js";
import { multiplyVectorInto } from "./dense.js";

/** out = A x for a dense or sparse matrix (a symmetric sparse one is taken as whole). */
export function multiplyMatrixVectorInto(out: Vector, A: Matrix, x: Vector): Vector {
  return A.kind === "dense" ? multiplyVectorInto(out, A, x) : multiplySparseVectorInto(out, A, x);
}
