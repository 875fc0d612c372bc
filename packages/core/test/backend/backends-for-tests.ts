// The backends that tests run over: both on the CPU, and gpu.js's own two on the CPU where it is installed.
import { GPU } from "gpu.js";
import type { ArrayBackend, BackendArray } from "../../src/backend/backend.js";
import { jsArrayBackend, wasmArrayBackend } from "../../src/backend/cpu-backend.js";
import { connectGpu } from "../../src/gpu/connect.js";

export const backends: readonly (readonly [name: string, make: () => Promise<ArrayBackend>])[] = [
  ["js", async () => jsArrayBackend()],
  ["wasm", async () => wasmArrayBackend()],
  ["gpu.js webasm", () => connectGpu({ GPU, mode: "webasm" })],
  ["gpu.js cpu", () => connectGpu({ GPU, mode: "cpu" })],
];

/** Numbers in (−1, 1) that float32 has too, the same for the same seed (a linear congruential generator). */
export function singles(count: number, seed = 1): Float64Array {
  let state = seed >>> 0;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.fround(state / 2 ** 31 - 1);
  });
}

/** Downloads and releases. */
export async function take(backend: ArrayBackend, array: Promise<BackendArray>): Promise<Float64Array> {
  const one = await array;
  const numbers = await backend.download(one);
  backend.release(one);
  return numbers;
}

/** op(A) op(B) entry by entry, with a bound of its rounding errors: |A| |B|. */
export function plainProduct(
  m: number,
  n: number,
  k: number,
  a: (i: number, q: number) => number,
  b: (q: number, j: number) => number,
) {
  const value = new Float64Array(m * n);
  const size = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      for (let q = 0; q < k; q++) {
        value[i * n + j]! += a(i, q) * b(q, j);
        size[i * n + j]! += Math.abs(a(i, q) * b(q, j));
      }
    }
  }
  return { value, size };
}

export const largest = (numbers: Float64Array): number => numbers.reduce((top, x) => Math.max(top, Math.abs(x)), 0);
