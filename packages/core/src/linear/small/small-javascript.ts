// Batches of small matrices in plain JavaScript, one after another: what is used where the engine has no SIMD WebAssembly, and what the others are tested against.
import type { Vector } from "../matrix.js";
import { choleskyOf } from "./small-cholesky.js";
import { eigenOf, projectPsdOf } from "./small-eigen.js";
import { inverseDefiniteOf, inverseOf } from "./small-inverse.js";
import { polarOf } from "./small-polar.js";
import type { BatchBackend, BatchOperation } from "./small-shapes.js";

/** Takes the n × n matrix from a[at …] to the matrix `index` of each output and answers its status. */
type OneMatrix = (n: number, a: Vector, at: number, outputs: readonly Vector[], index: number, work: Vector) => number;

const algorithms: Readonly<Record<BatchOperation, OneMatrix>> = {
  cholesky: choleskyOf,
  inverse: inverseOf,
  inverseDefinite: inverseDefiniteOf,
  eigen: eigenOf,
  projectClamp: (n, a, at, outputs, index, work) => projectPsdOf(n, a, at, outputs, index, work, false),
  projectAbsolute: (n, a, at, outputs, index, work) => projectPsdOf(n, a, at, outputs, index, work, true),
  polar: polarOf,
};

export const javascriptBatchBackend: BatchBackend = {
  name: "javascript",
  run(operation, n, count, input, outputs, status) {
    const work = new Float64Array(2 * n * n + 2 * n);
    const algorithm = algorithms[operation];
    for (let i = 0; i < count; i++) status[i] = algorithm(n, input, i * n * n, outputs, i, work);
  },
};
