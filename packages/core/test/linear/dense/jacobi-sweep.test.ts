import { describe, expect, it } from "vitest";
import { denseMatrix } from "../../../src/linear/matrix.js";
import { denseBackends } from "../backends-for-tests.js";
import { eye, flip, minus, orthogonalityError, random, size, times } from "../dense-for-tests.js";

describe.each(denseBackends.map((backend) => [backend.name, backend] as const))("jacobiSweep by %s", (_, backend) => {
  it.each([1, 2, 3, 5, 8, 16, 17, 33, 40])("J stays orthogonal and G = J G₀, down to orthogonal rows, n = %i", (n) => {
    const start = random(n, n, 7);
    const memory = backend.allocate(2 * n * n + n + 5);
    const [g, j, squares] = [1, 2 + n * n, 3 + 2 * n * n];
    memory.set(start.data, g);
    memory.set(eye(n).data, j);
    const read = (at: number) => denseMatrix(n, n, memory.slice(at, at + n * n));
    const norms = () => {
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += memory[g + i * n + k] ** 2;
        const carried = memory[squares + i];
        memory[squares + i] = sum;
        if (sweeps > 0) expect(Math.abs(carried - sum)).toBeLessThan(1e-11 * n);
      }
    };
    let sweeps = 0;
    const counts: number[] = [];
    for (; sweeps < 20; sweeps++) {
      norms();
      counts.push(backend.jacobiSweep(n, memory, g, j, squares, n * Number.EPSILON));
      expect(orthogonalityError(read(j))).toBeLessThan(40);
      expect(size(minus(times(read(j), start), read(g)))).toBeLessThan(100 * n * Number.EPSILON);
      if (counts.at(-1) === 0) break;
    }
    expect(counts.at(-1)).toBe(0);
    const gram = times(read(g), flip(read(g)));
    for (let p = 0; p < n; p++)
      for (let q = 0; q < p; q++)
        expect(Math.abs(gram.data[p * n + q])).toBeLessThan(
          4 * n * Number.EPSILON * Math.sqrt(gram.data[p * (n + 1)] * gram.data[q * (n + 1)]),
        );
    // Without J the same rows, and nothing beside them is touched.
    const alone = backend.allocate(n * n + n + 3);
    alone.set(start.data, 1);
    alone[0] = 9;
    alone[1 + n * n] = 8;
    for (let sweep = 0; sweep < counts.length; sweep++) {
      for (let i = 0; i < n; i++)
        alone[2 + n * n + i] = alone.slice(1 + i * n, 1 + (i + 1) * n).reduce((sum, x) => sum + x * x, 0);
      backend.jacobiSweep(n, alone, 1, -1, 2 + n * n, n * Number.EPSILON);
    }
    expect(size(minus(denseMatrix(n, n, alone.slice(1, 1 + n * n)), read(g)))).toBeLessThan(1e-12 * n);
    expect([alone[0], alone[1 + n * n]]).toEqual([9, 8]);
  });
});
