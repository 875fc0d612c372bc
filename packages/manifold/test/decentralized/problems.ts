// Decentralized principal components: data whose covariance has known eigenvectors, split over agents.
import { type DenseMatrix, denseMatrix, type Vector } from "@hessia/core";
import { multiplyInto } from "@hessia/core/linear";
import { type LocalProblem, type Manifold, stiefel } from "../../src/index.js";
import { brockett, gaussian } from "../problems-for-tests.js";
import { seeded } from "../random.js";

/**
 * Data as in the papers: A = U Σ Vᵀ with random orthonormal U, V and σⱼ² falling by the factor `gap` from one to the next, so that AᵀA = V Σ² Vᵀ to rounding. Rows are sorted by
 * their first coordinate before they are split, so that the agents' covariances differ much.
 */
export function splitData(agents: number, rows: number, n: number, gap: number, seed: number) {
  const total = agents * rows;
  const U = stiefel(total, n).randomPoint(seeded(seed));
  const V = stiefel(n, n).randomPoint(seeded(seed + 1));
  const scaled = denseMatrix(total, n, U);
  for (let r = 0; r < total; r++)
    for (let k = 0; k < n; k++) scaled.data[r * n + k] = scaled.data[r * n + k]! * gap ** (k / 2);
  const Vt = denseMatrix(n, n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) Vt.data[j * n + i] = V[i * n + j]!;
  const data = multiplyInto(denseMatrix(total, n), scaled, Vt).data;
  const samples = Array.from({ length: total }, (_, r) => data.slice(r * n, (r + 1) * n));
  samples.sort((a, b) => a[0]! - b[0]!);
  return Array.from({ length: agents }, (_, i) => samples.slice(i * rows, (i + 1) * rows));
}

/** Σ aaᵀ, scaled. */
export function covariance(samples: readonly Vector[], scale: number): DenseMatrix {
  const n = samples[0]!.length;
  const C = denseMatrix(n, n);
  for (const a of samples)
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) C.data[i * n + j] = C.data[i * n + j]! + scale * a[i]! * a[j]!;
  return C;
}

/** Each agent's fᵢ(X) = −½ tr(XᵀAᵢᵀAᵢX) · N, whose mean is −½ tr(XᵀAᵀAX), and the whole AᵀA. */
export function principalComponents(parts: readonly (readonly Vector[])[], p: number, agents = parts.length) {
  const locals: LocalProblem[] = parts.map((samples) => brockett(covariance(samples, -agents), Array(p).fill(1)));
  return { locals, whole: covariance(parts.flat(), 1) };
}

/** ‖XXᵀ − YYᵀ‖_F. */
export function subspaceDistance(X: Vector, Y: Vector, n: number, p: number): number {
  let square = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      let difference = 0;
      for (let k = 0; k < p; k++) difference += X[i * p + k]! * X[j * p + k]! - Y[i * p + k]! * Y[j * p + k]!;
      square += difference ** 2;
    }
  return Math.sqrt(square);
}

/** A point near x for each agent. */
export function scatter(M: Manifold, x: Vector, agents: number, size: number, seed: number): Vector {
  const all = new Float64Array(agents * M.length);
  const noise = gaussian(all.length, seed);
  for (let i = 0; i < agents; i++) {
    const y = x.map((xk, k) => xk + size * noise[i * M.length + k]!);
    all.set(M.projectPointInto(y, y), i * M.length);
  }
  return all;
}

/**
 * Images of 8 × 8 pixels like scanned digits, one agent a digit: the strokes of a seven-segment display, shifted and blurred at random, less the mean of all, scaled so that the largest
 * eigenvalue of a covariance is of order 1.
 */
export function digitImages(perDigit: number, seed: number): Vector[][] {
  const random = seeded(seed);
  // Segments from (row, column) to (row, column): top, upper left, upper right, middle, lower left, lower right, bottom.
  const segments = [
    [1, 2, 1, 5],
    [1, 2, 4, 2],
    [1, 5, 4, 5],
    [4, 2, 4, 5],
    [4, 2, 7, 2],
    [4, 5, 7, 5],
    [7, 2, 7, 5],
  ] as const;
  const lit = [119, 36, 93, 109, 46, 107, 123, 37, 127, 111];
  const images = lit.map((bits) =>
    Array.from({ length: perDigit }, () => {
      const image = new Float64Array(64);
      const [down, right, width] = [random() - 0.5, 1.5 * random() - 0.75, 0.5 + 0.4 * random()];
      segments.forEach(([r0, c0, r1, c1], segment) => {
        if (((bits >> segment) & 1) === 0) return;
        for (let t = 0; t <= 6; t++) {
          const [r, c] = [r0 + ((r1 - r0) * t) / 6 + down, c0 + ((c1 - c0) * t) / 6 + right];
          for (let k = 0; k < 64; k++) {
            const square = ((k >> 3) - r) ** 2 + ((k & 7) - c) ** 2;
            image[k] = Math.min(1, image[k]! + 0.5 * Math.exp(-square / width ** 2));
          }
        }
      });
      return image;
    }),
  );
  const all = images.flat();
  const mean = all[0]!.map((_, k) => all.reduce((sum, image) => sum + image[k]!, 0) / all.length);
  const scale = Math.sqrt(2 / all.length);
  return images.map((digit) => digit.map((image) => image.map((v, k) => scale * (v - mean[k]!))));
}
