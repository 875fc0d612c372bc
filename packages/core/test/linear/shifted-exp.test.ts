import { describe, expect, it } from "vitest";
import {
  type DenseBackend,
  denseBackend,
  denseMatrix,
  javascriptBackend,
  logSumExpColsInto,
  logSumExpRowsInto,
  setDenseBackend,
  shiftedExpInto,
} from "../../src/linear/index.js";
import { wasmBackend } from "../../src/wasm/index.js";

const backends: [string, DenseBackend | undefined][] = [
  ["javascript", javascriptBackend],
  ["simd", wasmBackend({ relaxed: false })],
  ["relaxed", wasmBackend()],
];

/** Numbers in [−1, 1) without a generator: fractional parts of multiples of the golden ratio. */
const spread = (k: number) => 2 * ((k * 0.6180339887498949) % 1) - 1;

function withBackend(backend: DenseBackend, run: () => void): void {
  const before = setDenseBackend(backend);
  try {
    run();
  } finally {
    setDenseBackend(before);
  }
}

describe.each(backends)("sums of exponentials with a scale: %s", (_name, backend) => {
  const usable = backend!;

  for (const inPlace of [true, false])
    for (const [rows, cols, scale] of [
      [1, 1, 3],
      [7, 5, -2],
      [40, 33, -300],
      [33, 260, -5000],
      [300, 41, 0.7],
    ] as const)
      it(`agrees with plain sums, ${rows} × ${cols}, scale ${scale}${inPlace ? ", in place" : ""}`, () =>
        withBackend(usable, () => {
          const memory = inPlace ? denseBackend().allocate(2 * rows * cols) : new Float64Array(2 * rows * cols);
          const data = memory.subarray(0, rows * cols);
          const out = memory.subarray(rows * cols);
          for (let k = 0; k < data.length; k++) data[k] = spread(k + 1);
          const u = Float64Array.from({ length: rows }, (_, i) => 0.3 * spread(7 * i + 3) - Math.sign(scale) * 1.6);
          const v = Float64Array.from({ length: cols }, (_, j) => 0.4 * spread(11 * j + 5));
          const M = { ...denseMatrix(rows, cols), data };
          const ofRows = logSumExpRowsInto(new Float64Array(rows), M, v, scale);
          const ofCols = logSumExpColsInto(new Float64Array(cols), M, u, scale);
          const rowSums = new Float64Array(rows);
          const colSums = new Float64Array(cols).fill(1);
          const floor = -100;
          shiftedExpInto(out, data, 0, { rows: u, cols: v, scale, floor, rowSums, colSums });
          const exact = (i: number, j: number) => scale * (data[i * cols + j]! + u[i]! + v[j]!);
          for (let i = 0; i < rows; i++) {
            let sum = 0;
            const terms = [];
            for (let j = 0; j < cols; j++) {
              const p = exact(i, j) < floor ? 0 : Math.exp(exact(i, j));
              expect(Math.abs(out[i * cols + j]! - p)).toBeLessThanOrEqual(1e-12 * p);
              sum += p;
              terms.push(scale * (data[i * cols + j]! + v[j]!));
            }
            expect(Math.abs(rowSums[i]! - sum)).toBeLessThanOrEqual(1e-12 * sum);
            const top = Math.max(...terms);
            const whole = top + Math.log(terms.reduce((s, t) => s + Math.exp(t - top), 0));
            expect(Math.abs(ofRows[i]! - whole)).toBeLessThan(4e-16 * Math.abs(scale) + 1e-13);
          }
          for (let j = 0; j < cols; j++) {
            let sum = 1;
            const terms = [];
            for (let i = 0; i < rows; i++) {
              sum += out[i * cols + j]!;
              terms.push(scale * (data[i * cols + j]! + u[i]!));
            }
            expect(Math.abs(colSums[j]! - sum)).toBeLessThanOrEqual(1e-13 * sum);
            const top = Math.max(...terms);
            const whole = top + Math.log(terms.reduce((s, t) => s + Math.exp(t - top), 0));
            expect(Math.abs(ofCols[j]! - whole)).toBeLessThan(4e-16 * Math.abs(scale) + 1e-13);
          }
        }));

  it("takes infinite entries: no arc, an empty row, and an exponent that overflows", () =>
    withBackend(usable, () => {
      const rows = 3;
      const cols = 21;
      const data = new Float64Array(rows * cols).fill(Number.POSITIVE_INFINITY);
      for (let j = 0; j < cols; j += 2) data[j] = 0;
      data[2 * cols + 4] = -1000;
      const out = new Float64Array(rows * cols);
      const rowSums = new Float64Array(rows);
      const zero = new Float64Array(cols);
      shiftedExpInto(out, data, 0, { rows: new Float64Array(rows), cols: zero, scale: -1, rowSums });
      expect(Array.from(rowSums)).toEqual([11, 0, Number.POSITIVE_INFINITY]);
      expect(out[1]).toBe(0);
      const M = { ...denseMatrix(rows, cols), data };
      const sums = logSumExpRowsInto(new Float64Array(rows), M, zero, -1);
      expect(sums[0]).toBeCloseTo(Math.log(11), 14);
      expect(sums[1]).toBe(Number.NEGATIVE_INFINITY);
      expect(sums[2]).toBeCloseTo(1000, 12);
      const columns = logSumExpColsInto(new Float64Array(cols), M, new Float64Array(rows), -1);
      expect(columns[0]).toBeCloseTo(0, 14);
      expect(columns[1]).toBe(Number.NEGATIVE_INFINITY);
      expect(columns[4]).toBeCloseTo(1000, 12);
    }));
});

describe("misuse of the sums of exponentials", () => {
  const M = denseMatrix(2, 3);
  const good = { rows: new Float64Array(2), cols: new Float64Array(3), scale: 1, rowSums: new Float64Array(2) };
  const run =
    (changes: object, start = 0, out = new Float64Array(6)) =>
    () =>
      shiftedExpInto(out, M.data, start, { ...good, ...changes });

  it("names the argument", () => {
    expect(() => logSumExpRowsInto(new Float64Array(2), M, new Float64Array(3), 0)).toThrow(
      "logSumExpRowsInto: argument `scale` is 0; wanted a finite number other than 0.",
    );
    expect(() => logSumExpColsInto(new Float64Array(3), M, new Float64Array(2), Number.NaN)).toThrow(
      "logSumExpColsInto: argument `scale` is NaN",
    );
    expect(run({ scale: 0 })).toThrow("shiftedExpInto: argument `scale` is 0");
    expect(run({ floor: 1 })).toThrow("shiftedExpInto: argument `floor` is 1; wanted a number >= -708 and <= 0.");
    expect(run({}, 1)).toThrow("argument `data` is of length 6; wanted at least 7");
    expect(run({}, 0, new Float64Array(5))).toThrow("argument `out` is of length 5");
    expect(run({ rowSums: new Float64Array(1) })).toThrow("argument `rowSums` is of length 1");
    expect(run({ colSums: new Float64Array(2) })).toThrow("argument `colSums` is of length 2; wanted length 3");
  });
});
