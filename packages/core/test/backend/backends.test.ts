// Every operation on every backend, against formulas written out in float64.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ArrayBackend, Metric } from "../../src/backend/backend.js";
import { backends, largest, plainProduct, singles, take } from "./backends-for-tests.js";

for (const [name, make] of backends) {
  describe(`operations on ${name}`, () => {
    let backend: ArrayBackend;
    beforeAll(async () => {
      backend = await make();
    });
    afterAll(async () => {
      await backend.close();
    });

    /** |found − wanted| ≤ factor · u · size, entry by entry. */
    const expectWithin = (found: Float64Array, wanted: Float64Array, size: (k: number) => number, factor: number) => {
      expect(found.length).toBe(wanted.length);
      found.forEach((value, k) => {
        expect(Math.abs(value - wanted[k]!), `entry ${k}: ${value}, wanted ${wanted[k]}`).toBeLessThanOrEqual(
          factor * backend.unitRoundoff * size(k) + 1e-300,
        );
      });
    };

    it("says what it is", () => {
      expect(backend.unitRoundoff).toBe(backend.precision === "float32" ? 2 ** -24 : 2 ** -53);
      expect(backend.description).toMatch(new RegExp(backend.precision));
    });

    it.each([
      [1, 1, 1],
      [7, 5, 3],
      [1, 9, 4],
      [9, 1, 4],
      [16, 12, 130],
      [33, 31, 1],
    ])("gemm %i × %i over %i, all transposes, within (k + 2) u |A| |B|", async (m, n, k) => {
      const a = singles(m * k, 3);
      const b = singles(k * n, 4);
      for (const transposeA of [false, true]) {
        for (const transposeB of [false, true]) {
          const A = await backend.upload(a, ...(transposeA ? ([k, m] as const) : ([m, k] as const)));
          const B = await backend.upload(b, ...(transposeB ? ([n, k] as const) : ([k, n] as const)));
          const { value, size } = plainProduct(
            m,
            n,
            k,
            (i, q) => a[transposeA ? q * m + i : i * k + q]!,
            (q, j) => b[transposeB ? j * k + q : q * n + j]!,
          );
          expectWithin(
            await take(backend, backend.gemm(A, B, { transposeA, transposeB })),
            value,
            (e) => size[e]!,
            k + 2,
          );
          backend.release(A, B);
        }
      }
    });

    it("gemm adds β C and scales by α", async () => {
      const A = await backend.upload([1, 2, 3, 4], 2, 2);
      const C = await backend.upload([1, 0, 0, 1], 2, 2);
      const product = backend.gemm(A, A, { alpha: 0.5, beta: -2, c: C });
      expect([...(await take(backend, product))]).toEqual([1.5, 5, 7.5, 9]);
      expect([...(await take(backend, backend.gemm(A, A, { beta: 0, c: C })))]).toEqual([7, 10, 15, 22]);
    });

    it.each([
      [5, 3],
      [1, 8],
      [8, 1],
      [3, 700],
      [700, 3],
    ])("gemv with %i × %i and its transpose", async (m, n) => {
      const a = singles(m * n, 5);
      const A = await backend.upload(a, m, n);
      const x = singles(n, 6);
      const y = singles(m, 7);
      const plain = plainProduct(
        m,
        1,
        n,
        (i, q) => a[i * n + q]!,
        (q) => x[q]!,
      );
      expectWithin(
        await take(backend, backend.gemv(A, await backend.upload(x))),
        plain.value,
        (e) => plain.size[e]!,
        n + 2,
      );
      const turned = plainProduct(
        n,
        1,
        m,
        (i, q) => a[q * n + i]!,
        (q) => y[q]!,
      );
      const found = await take(backend, backend.gemv(A, await backend.upload(y), { transpose: true, alpha: -2 }));
      expectWithin(
        found,
        turned.value.map((v) => -2 * v),
        (e) => 2 * turned.size[e]!,
        m + 2,
      );
    });

    it.each([
      [1, 1],
      [6, 9],
      [2, 1000],
      [1000, 2],
      [300, 1],
    ])("log-sum-exp of the rows and columns of %i × %i", async (m, n) => {
      const a = singles(m * n, 8).map((v) => Math.fround(30 * v));
      const v = singles(n, 9);
      const w = singles(m, 10);
      const M = await backend.upload(a, m, n);
      const logSumExp = (count: number, at: (k: number) => number) => {
        let top = Number.NEGATIVE_INFINITY;
        let sum = 0;
        for (let k = 0; k < count; k++) top = Math.max(top, at(k));
        for (let k = 0; k < count; k++) sum += Math.exp(at(k) - top);
        return top + Math.log(sum);
      };
      const rows = Float64Array.from({ length: m }, (_, i) => logSumExp(n, (j) => a[i * n + j]! + v[j]!));
      const cols = Float64Array.from({ length: n }, (_, j) => logSumExp(m, (i) => a[i * n + j]! + w[i]!));
      const bare = Float64Array.from({ length: n }, (_, j) => logSumExp(m, (i) => a[i * n + j]!));
      // The bound of the interface: (n + |m + v| + |out|) u, with a factor 2 for exp's and log's own.
      const bound = (out: Float64Array, count: number) => (k: number) => 2 * (count + 32 + Math.abs(out[k]!));
      expectWithin(await take(backend, backend.logSumExpRows(M, await backend.upload(v))), rows, bound(rows, n), 1);
      expectWithin(await take(backend, backend.logSumExpCols(M, await backend.upload(w))), cols, bound(cols, m), 1);
      expectWithin(await take(backend, backend.logSumExpCols(M)), bare, bound(bare, m), 1);
    });

    it("log-sum-exp neither over- nor underflows", async () => {
      const M = await backend.upload([1000, 1000, -1000, -1000, -1e30, 5], 3, 2);
      const [a, b, c] = await take(backend, backend.logSumExpRows(M));
      expect(a).toBeCloseTo(1000 + Math.LN2, 3);
      expect(b).toBeCloseTo(-1000 + Math.LN2, 3);
      expect(c).toBeCloseTo(5, 5);
    });

    const metrics: readonly (readonly [Metric, (x: number[], y: number[]) => number])[] = [
      ["squaredEuclidean", (x, y) => x.reduce((s, v, k) => s + (v - y[k]!) ** 2, 0)],
      ["euclidean", (x, y) => Math.sqrt(x.reduce((s, v, k) => s + (v - y[k]!) ** 2, 0))],
      ["manhattan", (x, y) => x.reduce((s, v, k) => s + Math.abs(v - y[k]!), 0)],
      ["chebyshev", (x, y) => x.reduce((s, v, k) => Math.max(s, Math.abs(v - y[k]!)), 0)],
      [{ p: 3.5 }, (x, y) => x.reduce((s, v, k) => s + Math.abs(v - y[k]!) ** 3.5, 0) ** (1 / 3.5)],
      [{ p: 1 }, (x, y) => x.reduce((s, v, k) => s + Math.abs(v - y[k]!), 0)],
      [{ p: Number.POSITIVE_INFINITY }, (x, y) => x.reduce((s, v, k) => Math.max(s, Math.abs(v - y[k]!)), 0)],
      [
        "cosine",
        (x, y) => {
          const dot = (a: number[], b: number[]) => a.reduce((s, v, k) => s + v * b[k]!, 0);
          return 1 - dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
        },
      ],
    ];
    it.each(metrics)("distances: %j", async (metric, distance) => {
      for (const [n, m, d] of [
        [4, 3, 2],
        [2, 5, 1],
        [1, 1, 6],
      ] as const) {
        const x = singles(n * d, 11);
        const y = singles(m * d, 12);
        const points = (z: Float64Array, i: number) => [...z.subarray(i * d, (i + 1) * d)];
        const wanted = Float64Array.from({ length: n * m }, (_, e) =>
          distance(points(x, Math.floor(e / m)), points(y, e % m)),
        );
        const X = await backend.upload(x, n, d);
        const Y = await backend.upload(y, m, d);
        expectWithin(await take(backend, backend.pairwise(X, Y, metric)), wanted, () => 4 * d, 10);
      }
    });

    it("distances: of a point from itself 0, of the zero vector by angle 1, of close points to all digits", async () => {
      const X = await backend.upload([1, 2, 0, 0, 1, 2.0000002384185791], 3, 2);
      for (const metric of ["squaredEuclidean", "euclidean", "manhattan", "chebyshev", { p: 3 }] as const)
        expect((await take(backend, backend.pairwise(X, X, metric)))[0]).toBe(0);
      const angles = await take(backend, backend.pairwise(X, X, "cosine"));
      expect([angles[1], angles[3], angles[4]]).toEqual([1, 1, 1]);
      expect((await take(backend, backend.pairwise(X, X, "euclidean")))[2]).toBeCloseTo(2.384185791015625e-7, 12);
    });

    it.each([
      [3, 4],
      [100, 70],
      [5000, 1],
      [1, 700],
      [600, 30],
    ])("sums, maxima, products and norms of %i × %i", async (m, n) => {
      const a = singles(m * n, 13);
      const b = singles(m * n, 14);
      const A = await backend.upload(a, m, n);
      const B = await backend.upload(b, m, n);
      const add = (f: (k: number) => number) => a.reduce((s, _, k) => s + f(k), 0);
      const u = backend.unitRoundoff;
      const fan = 2 * 256 * u;
      expect(Math.abs((await backend.sum(A)) - add((k) => a[k]!))).toBeLessThanOrEqual(
        fan * add((k) => Math.abs(a[k]!)),
      );
      expect(await backend.max(A)).toBe(a.reduce((s, v) => Math.max(s, v)));
      const size = add((k) => Math.abs(a[k]! * b[k]!));
      expect(Math.abs((await backend.dot(A, B)) - add((k) => a[k]! * b[k]!))).toBeLessThanOrEqual(fan * size);
      const norm = Math.sqrt(add((k) => a[k]! ** 2));
      expect(Math.abs((await backend.norm2(A)) - norm)).toBeLessThanOrEqual(fan * norm);
    });

    it("a norm whose squares over- or underflow, and a maximum of negative numbers", async () => {
      const scale = backend.precision === "float32" ? 1e30 : 1e200;
      for (const size of [scale, 1 / scale]) {
        const x = await backend.upload([3 * size, -4 * size]);
        expect((await backend.norm2(x)) / (5 * size)).toBeCloseTo(1, 6);
      }
      expect(await backend.max(await backend.upload([-3, -2, -8]))).toBe(-2);
      expect(await backend.norm2(await backend.upload([0, 0]))).toBe(0);
    });

    it("entry by entry", async () => {
      for (const [m, n] of [
        [3, 5],
        [15, 1],
        [1, 15],
      ] as const) {
        const a = singles(15, 15);
        const b = singles(15, 16);
        const A = await backend.upload(a, m, n);
        const B = await backend.upload(b, m, n);
        expectWithin(
          await take(backend, backend.axpby(2, A, -3, B)),
          a.map((v, k) => 2 * v - 3 * b[k]!),
          () => 5,
          3,
        );
        expectWithin(
          await take(backend, backend.axpby(0.25, A)),
          a.map((v) => 0.25 * v),
          () => 1,
          1,
        );
        // gpu.js's own WebAssembly calls Math.exp in float64.
        expectWithin(await take(backend, backend.exp(A)), a.map(Math.exp), () => 3, 3);
        const x = singles(m, 17);
        const y = singles(n, 18);
        const plan = a.map((v, e) => Math.exp(v + x[Math.floor(e / n)]! + y[e % n]!));
        const X = await backend.upload(x);
        const Y = await backend.upload(y);
        expectWithin(await take(backend, backend.expOuter(A, X, Y)), plan, (k) => plan[k]! * 8, 4);
      }
    });

    it("empty arrays", async () => {
      const none = await backend.upload([], 0, 3);
      const noCols = await backend.upload([], 2, 0);
      expect([none.rows, none.cols]).toEqual([0, 3]);
      expect(await take(backend, backend.gemm(none, await backend.upload([1, 2, 3])))).toEqual(new Float64Array(0));
      expect(await take(backend, backend.gemm(noCols, await backend.upload([], 0, 2)))).toEqual(new Float64Array(4));
      const C = await backend.upload([1, 2, 3, 4], 2, 2);
      const kept = await take(backend, backend.gemm(noCols, await backend.upload([], 0, 2), { beta: 2, c: C }));
      expect([...kept]).toEqual([2, 4, 6, 8]);
      expect([...(await take(backend, backend.gemv(noCols, await backend.upload([]))))]).toEqual([0, 0]);
      expect([...(await take(backend, backend.logSumExpRows(noCols)))]).toEqual([-Infinity, -Infinity]);
      expect([...(await take(backend, backend.logSumExpCols(noCols)))]).toEqual([]);
      expect([...(await take(backend, backend.pairwise(noCols, noCols)))]).toEqual([0, 0, 0, 0]);
      expect([
        await backend.sum(none),
        await backend.max(none),
        await backend.dot(none, none),
        await backend.norm2(none),
      ]).toEqual([0, -Infinity, 0, 0]);
      expect(
        (await take(backend, backend.exp(none))).length + (await take(backend, backend.axpby(1, none))).length,
      ).toBe(0);
    });

    it("gives the same bits twice", async () => {
      const a = await backend.upload(singles(60 * 50, 19), 60, 50);
      const first = await take(backend, backend.gemm(a, a, { transposeB: true }));
      expect(await take(backend, backend.gemm(a, a, { transposeB: true }))).toEqual(first);
      expect(await backend.sum(a)).toBe(await backend.sum(a));
    });

    it("operations that run at once don't disturb each other, nor does an early release", async () => {
      const n = 40;
      const numbers = singles(n * n, 20);
      const wanted = plainProduct(
        n,
        n,
        n,
        (i, q) => numbers[i * n + q]!,
        (q, j) => numbers[q * n + j]!,
      ).value;
      const a = await backend.upload(numbers, n, n);
      const all = Promise.all(Array.from({ length: 6 }, () => backend.gemm(a, a)));
      backend.release(a);
      for (const product of await all) {
        const difference = await backend.download(product);
        difference.forEach((_, k) => {
          difference[k]! -= wanted[k]!;
        });
        expect(largest(difference)).toBeLessThan(50 * backend.unitRoundoff * n);
      }
    });
  });
}
