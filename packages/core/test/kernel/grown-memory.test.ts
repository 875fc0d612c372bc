// Sums whose memory in WebAssembly grows while they are evaluated: the same Hessians as in JavaScript, in every matrix and each time.
import { afterEach, describe, expect, it } from "vitest";
import { problemFromTerms } from "../../src/kernel/index.js";
import { mostModules } from "../../src/kernel/term-home.js";
import { projectPsdInto } from "../../src/linear/index.js";
import { constantBytes } from "../../src/wasm/assembler.js";
import { pageBytes, type WasmMemory, webAssembly } from "../../src/wasm/engine.js";
import { symmetricDirichlet } from "./mesh-terms.js";

/** Triangles of a stretched grid, and where its vertices are. */
function grid(cells: number) {
  const indices: number[][] = [];
  const data: number[][] = [];
  const at = (i: number, j: number) => 2 * (j * (cells + 1) + i);
  for (let j = 0; j < cells; j++)
    for (let i = 0; i < cells; i++)
      for (const corners of [
        [at(i, j), at(i + 1, j), at(i + 1, j + 1)],
        [at(i, j), at(i + 1, j + 1), at(i, j + 1)],
      ]) {
        indices.push(corners.flatMap((c) => [c, c + 1]));
        data.push([cells, -0.3 * cells, 0.1 * cells, 0.9 * cells, 0.5 + (i % 3)]);
      }
  const x = Float64Array.from({ length: 2 * (cells + 1) ** 2 }, (_, k) => {
    const v = k >> 1;
    const [i, j] = [v % (cells + 1), Math.floor(v / (cells + 1))];
    return (k % 2 === 0 ? 2 * i + 0.3 * j : 0.4 * j) / cells + (0.05 * Math.sin(i * j)) / cells;
  });
  return { indices, data, x };
}

const engine = webAssembly as unknown as { Memory: unknown };
const Memory = engine.Memory as new (limits: { initial: number; maximum: number }) => WasmMemory;
afterEach(() => {
  engine.Memory = Memory;
});

/** The first memory has room for so many bytes besides constants. */
function firstHas(bytes: number): { readonly made: number } {
  const count = { made: 0 };
  const small = Math.ceil((mostModules * constantBytes + bytes) / pageBytes);
  engine.Memory = class extends Memory {
    constructor(limits: { initial: number; maximum: number }) {
      const pages = count.made++ === 0 ? small : limits.initial;
      super({ ...limits, initial: pages, maximum: pages });
    }
  };
  return count;
}

describe("a memory that grows", () => {
  it.each([
    [8, 1],
    [12, 60_000],
    [16, 200_000],
    [16, 300_000],
    [23, 100_000],
    [23, 400_000],
  ])("%i cells a side, %i bytes at first: clamped and exact Hessians, two matrices in turn", (cells, bytes) => {
    const { indices, data, x } = grid(cells);
    const memories = firstHas(bytes);
    const make = (evaluation: "wasm" | "compiled") => {
      const problem = problemFromTerms(
        x.length,
        [{ indices: { arity: 6, table: Int32Array.from(indices.flat()) }, data, term: symmetricDirichlet.term }],
        {
          evaluation,
          projectPsd: projectPsdInto,
        },
      );
      const values: Float64Array[] = [];
      const [first, second] = [problem.newConvexHessian(), problem.newConvexHessian()];
      const exact = [problem.newHessian(), problem.newHessian()] as const;
      for (const matrix of [first, second, first, second])
        values.push(problem.convexHessianInto(matrix, x, "clamp").values.slice());
      const g = x.slice();
      problem.valueGradientConvexHessianInto(g, second, x, "absolute");
      values.push(second.values.slice(), g);
      for (const matrix of exact) {
        problem.hessianInto(matrix, x);
        values.push(matrix.values.slice());
      }
      values.push(problem.convexHessianInto(first, x, "clamp").values.slice());
      return values;
    };
    const [a, b] = [make("wasm"), make("compiled")];
    expect(memories.made).toBeGreaterThan(1);
    for (const [k, one] of a.entries()) {
      const size = b[k]!.reduce((m, value) => Math.max(m, Math.abs(value)), 0);
      const worst = one.reduce((m, value, e) => Math.max(m, Math.abs(value - b[k]![e]!)), 0);
      expect(worst / size, `result ${k}`).toBeLessThan(1e-12);
    }
  });
});
