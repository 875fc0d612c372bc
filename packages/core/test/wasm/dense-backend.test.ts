import { describe, expect, it } from "vitest";
import type { DenseBackend } from "../../src/linear/dense/backend.js";
import type { Vector } from "../../src/linear/matrix.js";
import { denseModule, wasmBackend } from "../../src/wasm/dense-backend.js";
import { denseBackends } from "../linear/backends-for-tests.js";
import { numbers } from "../linear/dense-for-tests.js";

// Each kernel against the definition, in plain loops: all arrays in the backend's memory at odd places, or all from elsewhere.

const next = numbers(11);
/** An array of random numbers in memory of the backend, or any. */
type Place = (length: number) => Vector;
const fill = (array: Vector) => array.map(() => next());
const places: readonly [string, (backend: DenseBackend) => Place][] = [
  [
    "in its memory",
    (backend) => {
      const memory = backend.allocate(1_200_000);
      let used = 3;
      return (length) => {
        const part = memory.subarray(used, used + length);
        part.set(fill(part));
        used += length + 1;
        return part;
      };
    },
  ],
  ["from elsewhere", () => (length) => fill(new Float64Array(length))],
];

/** Within `ulps` units of the last place of the sizes that went into each entry. */
function near(found: ArrayLike<number>, wanted: ArrayLike<number>, bound: ArrayLike<number>, ulps: number): boolean {
  for (let i = 0; i < wanted.length; i++) {
    if (Object.is(found[i], wanted[i])) continue;
    if (!(Math.abs(found[i] - wanted[i]) <= ulps * Number.EPSILON * bound[i])) return false;
  }
  return true;
}

const shapes = [
  [1, 1, 1],
  [3, 5, 2],
  [4, 4, 8],
  [5, 9, 31],
  [33, 34, 35],
  [64, 65, 66],
  [130, 530, 300],
] as const;

describe.each(denseBackends.map((backend) => [backend.name, backend] as const))("%s", (_, backend) => {
  describe.each(places)("%s", (_, at) => {
    it.each(shapes)("gemm, all transposes, and syrk: %i × %i, depth %i", (m, n, k) => {
      const take = at(backend);
      const [aStart, bStart, cStart] = [2, 1, 3];
      const a = take(2 + m * k + 40);
      const b = take(1 + n * k + 40);
      const cStride = n + 3;
      const before = take(cStart + m * cStride);
      const entry = (x: Vector, start: number, row: number, col: number) => (i: number, j: number) =>
        x[start + i * row + j * col];
      for (const [aRow, aCol, bRow, bCol] of [
        [k, 1, n, 1],
        [k, 1, 1, k],
        [1, m, n, 1],
        [1, m, 1, k],
      ]) {
        const [A, B] = [entry(a, aStart, aRow, aCol), entry(b, bStart, bRow, bCol)];
        const c = before.slice();
        const wanted = before.slice();
        const sizes = before.map(Math.abs);
        for (let i = 0; i < m; i++) {
          for (let j = 0; j < n; j++) {
            let sum = 0;
            let size = 0;
            for (let p = 0; p < k; p++) {
              sum += A(i, p) * B(p, j);
              size += Math.abs(A(i, p) * B(p, j));
            }
            wanted[cStart + i * cStride + j] -= 1.5 * sum;
            sizes[cStart + i * cStride + j] += 1.5 * size;
          }
        }
        const target = before;
        backend.gemmStrided(m, n, k, -1.5, a, aStart, aRow, aCol, b, bStart, bRow, bCol, target, cStart, cStride);
        expect(near(target, wanted, sizes, k + 2)).toBe(true);
        target.set(c);
        if (bRow === 1 && aCol === 1) {
          backend.gemm(m, n, k, -1.5, a, aStart, k, b, bStart, k, target, cStart, cStride);
          expect(near(target, wanted, sizes, k + 2)).toBe(true);
          target.set(c);
        }
      }
      // The lower triangle of A Aᵀ; nothing above it is touched.
      const s = Math.min(m, n);
      const wanted = before.slice();
      const sizes = before.map(Math.abs);
      for (let i = 0; i < s; i++) {
        for (let j = 0; j <= i; j++) {
          for (let p = 0; p < k; p++) {
            const term = a[aStart + i * k + p] * a[aStart + j * k + p];
            wanted[cStart + i * cStride + j] += term;
            sizes[cStart + i * cStride + j] += Math.abs(term);
          }
        }
      }
      backend.syrk(s, k, 1, a, aStart, k, before, cStart, cStride);
      expect(near(before, wanted, sizes, k + 2)).toBe(true);
    });

    it.each([1, 2, 3, 4, 5, 8, 17, 40])("products with vectors, n = %i", (n) => {
      const take = at(backend);
      const m = n + 2;
      const stride = n + 1;
      const a = take(1 + m * stride);
      const [x, z, u, w] = [take(n), take(m), take(m), take(m)];
      const [y, t] = [take(m), take(n)];
      const wantedY = new Float64Array(m);
      const wantedT = new Float64Array(n);
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          wantedY[i] += a[1 + i * stride + j] * x[j];
          wantedT[j] += a[1 + i * stride + j] * z[i];
        }
      }
      const ones = new Float64Array(a.length).fill(1);
      backend.gemv(m, n, a, 1, stride, x, y);
      backend.gemvTranspose(m, n, a, 1, stride, z, t);
      expect(near(y, wantedY, ones, 2 * m)).toBe(true);
      expect(near(t, wantedT, ones, 2 * m)).toBe(true);
      // symv reads the lower triangle.
      const wantedS = new Float64Array(n);
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) wantedS[i] += a[1 + Math.max(i, j) * stride + Math.min(i, j)] * x[j];
      backend.symv(n, a, 1, stride, x, 0, t, 0);
      expect(near(t, wantedS, ones, 2 * m)).toBe(true);
      // The packed pass: A −= u wᵀ + w uᵀ, p += A z.
      const packed = take((m * (m + 1)) / 2);
      const p = take(m);
      const wantedA = packed.slice();
      const wantedP = p.slice();
      const full = (i: number, j: number) => wantedA[(Math.max(i, j) * (Math.max(i, j) + 1)) / 2 + Math.min(i, j)];
      for (let i = 0, q = 0; i < m; i++) for (let j = 0; j <= i; j++, q++) wantedA[q] -= u[i] * w[j] + w[i] * u[j];
      for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) wantedP[i] += full(i, j) * z[j];
      backend.packedUpdateMultiply(m, packed, u, w, z, p);
      expect(near(packed, wantedA, new Float64Array(packed.length).fill(3), 4)).toBe(true);
      expect(near(p, wantedP, new Float64Array(m).fill(3), 4 * m)).toBe(true);
      // ger, nothing beside the matrix touched.
      const wantedG = a.slice();
      for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) wantedG[1 + i * stride + j] += 0.5 * z[i] * x[j];
      backend.ger(m, n, 0.5, z, x, a, 1, stride);
      expect(near(a, wantedG, ones, 2)).toBe(true);
    });

    it.each([1, 2, 3, 5, 8, 31, 32])("blocks: Cholesky and triangular solves, n = %i", (n) => {
      const take = at(backend);
      const stride = n + 2;
      const a = take(1 + n * stride);
      for (let i = 0; i < n; i++) a[1 + i * stride + i] = 2 * n;
      const L = a.slice();
      for (let j = 0; j < n; j++) {
        for (let i = j; i < n; i++) {
          let sum = L[1 + i * stride + j];
          for (let p = 0; p < j; p++) sum -= L[1 + i * stride + p] * L[1 + j * stride + p];
          L[1 + i * stride + j] = i === j ? Math.sqrt(sum) : sum / L[1 + j * stride + j];
        }
      }
      expect(backend.choleskyBlock(n, a, 1, stride, 0)).toBe(-1);
      const ones = new Float64Array(5000).fill(2 * n);
      expect(near(a, L, ones, 8)).toBe(true);
      for (const unit of [false, true]) {
        const entry = (i: number, j: number) => (i === j && unit ? 1 : a[1 + i * stride + j]);
        const scaled = (x: number) => x / (unit ? n : 1);
        if (unit) for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a[1 + i * stride + j] = scaled(next());
        const rows = 7;
        const b = take(rows * stride);
        const wanted = b.slice();
        backend.solveRowsBlock(rows, n, a, 1, stride, 1, unit, b, 0, stride);
        // X Tᵀ is B again.
        for (let i = 0; i < rows; i++) {
          for (let j = 0; j < n; j++) {
            let sum = 0;
            for (let p = 0; p <= j; p++) sum += b[i * stride + p] * entry(j, p);
            expect(Math.abs(sum - wanted[i * stride + j])).toBeLessThan(64 * n * Number.EPSILON);
          }
          expect(b[i * stride + n]).toBe(wanted[i * stride + n]);
        }
        for (const cols of [1, 6, 9]) {
          const width = cols + 1;
          const c = take(n * width);
          const right = c.slice();
          backend.solveColsBlock(n, cols, a, 1, stride, 1, unit, c, 0, width);
          for (let i = 0; i < n; i++) {
            for (let j = 0; j < cols; j++) {
              let sum = 0;
              for (let p = 0; p <= i; p++) sum += entry(i, p) * c[p * width + j];
              expect(Math.abs(sum - right[i * width + j])).toBeLessThan(64 * n * Number.EPSILON);
            }
            expect(c[i * width + cols]).toBe(right[i * width + cols]);
          }
        }
      }
      for (const bad of [-1, 0, Number.NaN, Number.POSITIVE_INFINITY]) {
        for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) a[1 + i * stride + j] = i === j ? 1 : 0;
        a[1 + (n - 1) * (stride + 1)] = bad;
        expect(backend.choleskyBlock(n, a, 1, stride, 0)).toBe(n - 1);
        expect(a[1 + (n - 1) * (stride + 1)]).toBe(bad);
      }
    });

    it.each(["exp", "log", "tanh"] as const)("%s within 4 ulp, at the ends of its range too", (kind) => {
      const take = at(backend);
      const special = [
        0, -0, 1, -1, 708.5, -708.5, 709.9, -745.2, -740, 1e300, -1e300, 1e-310, 5e-324, 0.5, 1e-9, 3e-17,
      ];
      const ends = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];
      for (const count of [0, 1, 31, 32, 33, 40_001]) {
        const x = take(count);
        for (let k = 0; k < count; k++) x[k] *= kind === "exp" ? 745 : 20;
        [...special, ...ends].forEach((value, k) => {
          if (k < count) x[count - 1 - k] = value;
        });
        const y = take(count);
        backend.map(kind, count, x, 0, y, 0);
        const wanted = x.map(Math[kind]);
        const bound = wanted.map((value) => Math.max(Math.abs(value), 2 ** -1022));
        expect(near(y, wanted, bound, 4)).toBe(true);
        backend.map(kind, count, x, 0, x, 0);
        expect(x).toEqual(y);
      }
    });

    it.each([
      [1, 1],
      [3, 40],
      [40, 3],
      [70, 129],
      [5, 3000],
    ])("log-sum-exp and softmax of %i × %i", (rows, cols) => {
      const take = at(backend);
      const stride = cols + 1;
      const m = take(rows * stride).map((x) => 30 * x);
      const matrix = take(rows * stride);
      matrix.set(m);
      const v = take(cols);
      const u = take(rows);
      const line = (x: readonly number[]) => {
        const top = Math.max(...x);
        return top + Math.log(x.reduce((sum, value) => sum + Math.exp(value - top), 0));
      };
      const row = (i: number) => Array.from(m.subarray(i * stride, i * stride + cols));
      const byRows = Float64Array.from({ length: rows }, (_, i) => line(row(i).map((x, j) => x + v[j])));
      const byCols = Float64Array.from({ length: cols }, (_, j) =>
        line(Array.from({ length: rows }, (_, i) => m[i * stride + j] + u[i])),
      );
      const size = new Float64Array(rows + cols).fill(30);
      const out = take(rows);
      backend.logSumExpRows(rows, cols, matrix, 0, stride, v, out);
      expect(near(out, byRows, size, 4)).toBe(true);
      const other = take(cols);
      backend.logSumExpCols(rows, cols, matrix, 0, stride, u, other);
      expect(near(other, byCols, size, 4)).toBe(true);
      const soft = take(rows * stride);
      const beside = soft.slice();
      backend.softmaxRows(rows, cols, matrix, 0, stride, soft, 0, stride);
      for (let i = 0; i < rows; i++) {
        const shift = line(row(i));
        const wanted = row(i).map((x) => Math.exp(x - shift));
        expect(near(soft.subarray(i * stride), wanted, wanted, 100)).toBe(true);
        const sum = soft.subarray(i * stride, i * stride + cols).reduce((total, x) => total + x, 0);
        expect(Math.abs(sum - 1)).toBeLessThan(cols * Number.EPSILON);
        if (i + 1 < rows) expect(soft[i * stride + cols]).toBe(beside[i * stride + cols]);
      }
      backend.softmaxRows(rows, cols, matrix, 0, stride, matrix, 0, stride);
      for (let i = 0; i < rows; i++)
        expect(matrix.slice(i * stride, i * stride + cols)).toEqual(soft.slice(i * stride, i * stride + cols));
    });

    it("rows without finite entries, with NaN or infinity", () => {
      const take = at(backend);
      const cols = 40;
      const m = take(4 * cols);
      m.fill(Number.NEGATIVE_INFINITY, 0, cols);
      m[cols + 5] = Number.NaN;
      m[2 * cols + 39] = Number.POSITIVE_INFINITY;
      m[3 * cols + 7] = Number.NEGATIVE_INFINITY;
      const v = take(cols).fill(0);
      const out = take(4);
      backend.logSumExpRows(4, cols, m, 0, cols, v, out);
      expect(Array.from(out.subarray(0, 3))).toEqual([Number.NEGATIVE_INFINITY, Number.NaN, Number.POSITIVE_INFINITY]);
      expect(Number.isFinite(out[3])).toBe(true);
      const soft = take(4 * cols);
      backend.softmaxRows(4, cols, m, 0, cols, soft, 0, cols);
      expect(soft.subarray(0, 2 * cols).every(Number.isNaN)).toBe(true);
      expect(soft.subarray(2 * cols, 3 * cols).some(Number.isNaN)).toBe(true);
      expect(soft[3 * cols + 7]).toBe(0);
      // A difference of 740 is a subnormal number, not nothing.
      const steep = take(cols).fill(-740);
      steep[3] = 0;
      backend.softmaxRows(1, cols, steep, 0, cols, soft, 0, cols);
      expect(Math.abs(soft[0] - Math.exp(-740))).toBeLessThanOrEqual(2 * 5e-324);
    });
  });
});

describe("the module", () => {
  it("is small, and nothing is compiled before the first use", () => {
    for (const relaxed of [false, true])
      for (const shared of [false, true]) expect(denseModule(relaxed, shared).length).toBeLessThan(40_000);
    const global = globalThis as unknown as { WebAssembly: { Module: unknown } };
    const { Module } = global.WebAssembly;
    let compiled = 0;
    global.WebAssembly.Module = class extends (Module as new (bytes: Uint8Array) => object) {
      constructor(bytes: Uint8Array) {
        super(bytes);
        compiled++;
      }
    };
    try {
      const backend = wasmBackend({ relaxed: false })!;
      expect(compiled).toBe(0);
      backend.allocate(10);
      backend.allocate(20);
      expect(compiled).toBe(1);
    } finally {
      global.WebAssembly.Module = Module;
    }
  });

  it("falls back to plain memory where there is no more", () => {
    const global = globalThis as unknown as { WebAssembly: { Memory: unknown } };
    const { Memory } = global.WebAssembly;
    global.WebAssembly.Memory = class {
      constructor() {
        throw new RangeError("WebAssembly.Memory(): could not allocate memory");
      }
    };
    try {
      const backend = wasmBackend({ relaxed: false })!;
      const x = backend.allocate(5000);
      expect(x.every((value) => value === 0)).toBe(true);
      const ones = new Float64Array(50 * 50).fill(1);
      const c = new Float64Array(50 * 50);
      backend.gemm(50, 50, 50, 1, ones, 0, 50, ones, 0, 50, c, 0, 50);
      expect(c.every((value) => value === 50)).toBe(true);
      backend.map("exp", 50, c, 0, c, 0);
      expect(c[0]).toBe(Math.exp(50));
      backend.softmaxRows(50, 50, ones, 0, 50, c, 0, 50);
      backend.logSumExpRows(50, 50, ones, 0, 50, ones, c);
      expect(Math.abs(c[0] - 2 - Math.log(50))).toBeLessThan(1e-14);
      backend.release(x);
    } finally {
      global.WebAssembly.Memory = Memory;
    }
  });
});
