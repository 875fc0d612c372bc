// Gaussians of the tests.
import { type DenseMatrix, denseMatrix } from "@hessia/core";
import { multiplyInto } from "@hessia/core/linear";
import type { GaussianMeasure } from "../../src/index.js";

/** A random Gaussian whose covariance has the rank `rank`. */
export function randomGaussian(d: number, random: () => number, rank = d): GaussianMeasure {
  const half = denseMatrix(d, rank);
  for (let k = 0; k < half.data.length; k++) half.data[k] = 2 * random() - 1;
  const covariance = multiplyInto(denseMatrix(d, d), half, half, { transposeB: true });
  for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) covariance.data[i * d + j] = covariance.data[j * d + i]!;
  return { mean: Float64Array.from({ length: d }, () => 2 * random() - 1), covariance };
}

/** A diagonal covariance. */
export function diagonal(...entries: number[]): DenseMatrix {
  const d = entries.length;
  const D = denseMatrix(d, d);
  entries.forEach((entry, i) => {
    D.data[i * d + i] = entry;
  });
  return D;
}

/** A B, or A Bᵀ. */
export const times = (A: DenseMatrix, B: DenseMatrix, transposeB = false): DenseMatrix =>
  multiplyInto(denseMatrix(A.rows, transposeB ? B.rows : B.cols), A, B, { transposeB });
