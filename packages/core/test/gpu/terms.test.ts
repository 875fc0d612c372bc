// Sums of terms on gpu.js in float32 against the same sums in float64.
import { GPU } from "gpu.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jsArrayBackend } from "../../src/backend/cpu-backend.js";
import { connectGpu } from "../../src/gpu/connect.js";
import type { GpuBackend } from "../../src/gpu/gpu-backend.js";
import { gpuTerms } from "../../src/gpu/terms.js";
import {
  type Expr,
  exp,
  type GroupBlock,
  hypot,
  log,
  lt,
  select,
  sin,
  sqrt,
  type TermBlock,
} from "../../src/kernel/index.js";
import type { SparseMatrix } from "../../src/linear/matrix.js";
import { largest, singles } from "../backend/backends-for-tests.js";

/** Triangles of an m × m grid, two a cell. */
function grid(m: number): { readonly n: number; readonly triangles: number[][]; readonly rest: Float64Array } {
  const triangles: number[][] = [];
  const at = (i: number, j: number) => i * m + j;
  for (let i = 0; i + 1 < m; i++) {
    for (let j = 0; j + 1 < m; j++) {
      triangles.push([at(i, j), at(i + 1, j), at(i, j + 1)], [at(i + 1, j), at(i + 1, j + 1), at(i, j + 1)]);
    }
  }
  const rest = Float64Array.from({ length: 2 * m * m }, (_, k) =>
    k % 2 === 0 ? Math.floor(k / 2 / m) : Math.floor(k / 2) % m,
  );
  return { n: 2 * m * m, triangles, rest };
}

/** ‖J‖² (1 + 1/det²), J of the edges from the first corner, ∞ where a triangle is flipped. */
function dirichlet(x: Expr[]): Expr {
  const [ax, ay, bx, by, cx, cy] = x as [Expr, Expr, Expr, Expr, Expr, Expr];
  const [p, q, r, s] = [bx.sub(ax), by.sub(ay), cx.sub(ax), cy.sub(ay)];
  const det = p.mul(s).sub(q.mul(r));
  const size = p.square().add(q.square()).add(r.square()).add(s.square());
  return select(lt(det, 0), Number.POSITIVE_INFINITY, size.mul(det.square().inv().add(1)));
}

function meshBlock(m: number) {
  const { n, triangles, rest } = grid(m);
  const indices = triangles.map((t) => t.flatMap((v) => [2 * v, 2 * v + 1]));
  const block: TermBlock = { indices, term: dirichlet };
  return { n, block, x: rest.map((v, k) => Math.fround(v + 0.1 * Math.sin(3 * k))) };
}

let backend: GpuBackend;
beforeAll(async () => {
  backend = await connectGpu({ GPU, mode: "webasm" });
});
afterAll(() => backend.close());

const blocks: Readonly<Record<string, (n: number) => TermBlock | GroupBlock>> = {
  springs: (n) => ({
    indices: Array.from({ length: 3 * n }, (_, t) => [t % n, (t * 7 + 3) % n]),
    data: Array.from({ length: 3 * n }, (_, t) => [0.5 + (t % 5)]),
    term: ([a, b], [l]) => hypot(a!.sub(b!), 0.5).div(l!).sub(1).square(),
  }),
  "one variable in every term": (n) => ({
    indices: Array.from({ length: 200 }, (_, t) => [0, t % n]),
    term: ([a, b]) => exp(a!.mul(b!).mul(0.5)),
  }),
  "a variable twice in a term": (n) => ({
    indices: Array.from({ length: n }, (_, t) => [t, t, (t + 1) % n]),
    term: ([a, b, c]) =>
      a!
        .mul(b!)
        .mul(c!)
        .add(sin(a!.add(2).mul(c!))),
  }),
  "terms that don't depend on a variable, or not on any": (n) => ({
    indices: Array.from({ length: 4 }, (_, t) => [t % n, (t + 1) % n]),
    term: ([a]) => a!.square().mul(3),
  }),
  constants: () => ({ indices: [[0], [1]], term: ([a]) => a!.mul(0).add(2.5) }),
  groups: (n) => ({
    groups: 5,
    data: Array.from({ length: 5 }, (_, g) => [g + 1]),
    inner: [
      {
        indices: Array.from({ length: 40 }, (_, t) => [t % n, (3 * t + 1) % n]),
        group: Array.from({ length: 40 }, (_, t) => t % 5),
        term: ([a, b]) => a!.mul(b!).add(sin(a!)),
      },
      {
        indices: Array.from({ length: 9 }, (_, t) => [t % n]),
        data: Array.from({ length: 9 }, (_, t) => [t / 3]),
        group: Array.from({ length: 9 }, (_, t) => t % 4),
        term: ([a], [d]) => a!.square().mul(d!),
      },
      { indices: [], group: [], term: ([a]) => a! },
    ],
    outer: (s, [w]) => sqrt(s.square().add(1)).mul(w!),
  }),
  "a linear outer function": (n) => ({
    groups: 2,
    inner: [
      { indices: Array.from({ length: 6 }, (_, t) => [t % n]), group: [0, 1, 0, 1, 0, 1], term: ([a]) => a!.square() },
    ],
    outer: (s) => s.mul(2),
  }),
  nothing: () => ({ indices: [], term: ([a]) => a! }),
  "a flat table": (n) => ({
    indices: { arity: 2, table: Int32Array.of(0, 1, 1, n - 1) },
    data: { width: 1, table: Float64Array.of(2, 3) },
    term: ([a, b], [d]) => a!.sub(b!).square().mul(d!),
  }),
};

const difference = (a: Float64Array, b: Float64Array) => largest(a.map((v, k) => v - b[k]!));

describe("gpuTerms", () => {
  for (const [name, make] of Object.entries(blocks)) {
    it(`${name}: value, gradient, products and entries as in float64`, async () => {
      const n = 11;
      const block = make(n);
      const terms = gpuTerms(backend, n, [block]);
      const { problem } = terms;
      const x = singles(n, 2);
      const v = singles(n, 3);
      const X = await backend.upload(x);
      const V = await backend.upload(v);
      const close = (found: Float64Array, wanted: Float64Array) => {
        expect(difference(found, wanted)).toBeLessThanOrEqual(3e-6 * (1 + largest(wanted)));
      };
      close(Float64Array.of(await terms.value(X)), Float64Array.of(problem.value(x)));
      close(await backend.download(await terms.gradient(X)), problem.gradientInto(new Float64Array(n), x));
      close(
        await backend.download(await terms.hessianApply(X, V)),
        problem.hessianApplyInto(new Float64Array(n), x, v),
      );
      if (!("outer" in block)) {
        const wanted = problem.newHessian();
        problem.hessianInto(wanted, x);
        const found = await terms.hessianInto(problem.newHessian(), X);
        close(found.values, wanted.values);
      }
      terms.release();
    });
  }

  it("several blocks add up", async () => {
    const n = 11;
    const all = [blocks.springs!(n), blocks.groups!(n), blocks.nothing!(n), blocks["a variable twice in a term"]!(n)];
    const terms = gpuTerms(backend, n, all);
    const x = singles(n, 5);
    const X = await backend.upload(x);
    expect(await terms.value(X)).toBeCloseTo(terms.problem.value(x), 3);
    const wanted = terms.problem.gradientInto(new Float64Array(n), x);
    expect(difference(await backend.download(await terms.gradient(X)), wanted)).toBeLessThan(1e-5 * largest(wanted));
  });

  it("a mesh energy: errors of the size of the terms' rounding", async () => {
    const { n, block, x } = meshBlock(9);
    const terms = gpuTerms(backend, n, [block]);
    const X = await backend.upload(x);
    const wanted = terms.problem.newHessian();
    const g = new Float64Array(n);
    const f = terms.problem.valueGradientHessianInto(g, wanted, x);
    expect(Math.abs((await terms.value(X)) - f)).toBeLessThan(1e-6 * f);
    expect(difference(await backend.download(await terms.gradient(X)), g)).toBeLessThan(1e-5 * largest(wanted.values));
    const found: SparseMatrix = await terms.hessianInto(terms.problem.newHessian(), X);
    expect(difference(found.values, wanted.values)).toBeLessThan(1e-5 * largest(wanted.values));
  });

  it("is infinite where a term is", async () => {
    const { n, block, x } = meshBlock(4);
    const terms = gpuTerms(backend, n, [block]);
    const flipped = x.slice();
    flipped[2 * 5] = 9;
    expect(terms.problem.value(flipped)).toBe(Number.POSITIVE_INFINITY);
    expect(await terms.value(await backend.upload(flipped))).toBe(Number.POSITIVE_INFINITY);
    expect(await terms.value(await backend.upload(x))).toBeLessThan(1e4);
  });

  it("gives the same bits twice, and leaves nothing behind", async () => {
    const { n, block, x } = meshBlock(6);
    const before = backend.live;
    const terms = gpuTerms(backend, n, [block]);
    const X = await backend.upload(x);
    const first = await terms.gradient(X);
    const second = await terms.gradient(X);
    expect(await backend.download(second)).toEqual(await backend.download(first));
    await terms.value(X);
    backend.release(X, first, second);
    terms.release();
    await new Promise((resolve) => setImmediate(resolve));
    expect(backend.live).toBe(before);
  });

  it("bad input", async () => {
    const block: TermBlock = { indices: [[0, 1]], term: ([a, b]) => a!.mul(log(b!)) };
    const terms = gpuTerms(backend, 2, [block]);
    const short = await backend.upload([1]);
    const x = await backend.upload([1, 2]);
    await expect(terms.value(short)).rejects.toThrow("value: argument `x` is 1 × 1; wanted a vector of length 2");
    await expect(terms.gradient(short)).rejects.toThrow("gradient: argument `x`");
    await expect(terms.hessianApply(x, short)).rejects.toThrow("hessianApply: argument `v`");
    await expect(terms.hessianInto({ kind: "dense" } as never, x)).rejects.toThrow(
      "hessianInto: argument `out` is an Object; wanted a matrix made by problem.newHessian()",
    );
    const other = gpuTerms(backend, 2, [{ indices: [[0]], term: ([a]) => a!.square() }]).problem.newHessian();
    await expect(terms.hessianInto(other, x)).rejects.toThrow("wanted a matrix made by problem.newHessian()");
    const groups = gpuTerms(backend, 11, [blocks.groups!(11)]);
    const long = await backend.upload(singles(11));
    await expect(groups.hessianInto(groups.problem.newHessian(), long)).rejects.toThrow(
      "hessianInto: argument `blocks[0]` is a block of groups; wanted plain terms. Use hessianApply",
    );
    expect(() => gpuTerms(jsArrayBackend() as never, 2, [block])).toThrow(
      "gpuTerms: argument `backend` is an Object; wanted a GPU's: await connectGpu()",
    );
    expect(() => gpuTerms(backend, 2, [{ indices: [[0, 5]], term: block.term }])).toThrow("blocks[0].indices[0][1]");
    expect(() => gpuTerms(backend, 2 ** 24 + 1, [])).toThrow(
      "gpuTerms: argument `n` is 16777217; wanted a number <= 16777216",
    );
  });
});
