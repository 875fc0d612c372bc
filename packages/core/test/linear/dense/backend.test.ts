import { describe, expect, it } from "vitest";
import {
  type DenseBackend,
  denseBackend,
  javascriptBackend,
  setDenseBackend,
} from "../../../src/linear/dense/backend.js";
import { multiplyInto } from "../../../src/linear/dense/dense.js";
import { denseMatrix } from "../../../src/linear/matrix.js";
import { flip, random, times } from "../dense-for-tests.js";

const close = (a: number, b: number, n: number) => Math.abs(a - b) <= 4 * n * Number.EPSILON;

describe("the JavaScript backend", () => {
  it("computes within a larger array, at an offset and with a stride, for all small shapes", () => {
    for (let m = 0; m <= 9; m++) {
      for (let n = 0; n <= 5; n++) {
        for (const k of [0, 1, 4, 7]) {
          const A = random(m, k, 1);
          const B = random(n, k, 2);
          const wanted = times(A, flip(B));
          const a = new Float64Array(200).fill(Number.NaN);
          const b = new Float64Array(200).fill(Number.NaN);
          const c = new Float64Array(200).fill(100);
          for (let i = 0; i < m; i++) for (let j = 0; j < k; j++) a[3 + i * 11 + j] = A.data[i * k + j];
          for (let i = 0; i < n; i++) for (let j = 0; j < k; j++) b[5 + i * 9 + j] = B.data[i * k + j];
          javascriptBackend.gemm(m, n, k, -2, a, 3, 11, b, 5, 9, c, 7, 13);
          c.forEach((value, at) => {
            const i = Math.floor((at - 7) / 13);
            const j = (at - 7) % 13;
            const inside = at >= 7 && i < m && j < n;
            expect(close(value / 100, inside ? 1 - (2 * wanted.data[i * n + j]) / 100 : 1, k + 1)).toBe(true);
          });
        }
      }
    }
  });

  it("syrk writes the lower triangle only", () => {
    for (let n = 0; n <= 10; n++) {
      const A = random(n, 6, 3);
      const wanted = times(A, flip(A));
      const c = new Float64Array(n * n);
      javascriptBackend.syrk(n, 6, 3, A.data, 0, 6, c, 0, n);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) expect(close(c[i * n + j], j <= i ? 3 * wanted.data[i * n + j] : 0, 24)).toBe(true);
      }
    }
  });

  it("gemv and its transpose agree with the definition", () => {
    for (let m = 0; m <= 9; m++) {
      const n = 6;
      const A = random(m, n, 4);
      const x = random(n, 1, 5);
      const z = random(m, 1, 6);
      const y = new Float64Array(m);
      const w = new Float64Array(n).fill(Number.NaN);
      javascriptBackend.gemv(m, n, A.data, 0, n, x.data, y);
      javascriptBackend.gemvTranspose(m, n, A.data, 0, n, z.data, w);
      times(A, x).data.forEach((value, i) => {
        expect(close(value, y[i], n)).toBe(true);
      });
      times(flip(A), z).data.forEach((value, i) => {
        expect(close(value, w[i], m)).toBe(true);
      });
    }
  });
});

describe("setDenseBackend", () => {
  it("takes another backend into use and answers the one before", () => {
    let calls = 0;
    const counting: DenseBackend = {
      ...javascriptBackend,
      name: "counting",
      gemmStrided(...given) {
        calls++;
        javascriptBackend.gemmStrided(...given);
      },
    };
    const first = denseBackend();
    const before = setDenseBackend(counting);
    try {
      expect(before).toBe(first);
      expect(denseBackend().name).toBe("counting");
      multiplyInto(denseMatrix(2, 2), random(2, 2), random(2, 2));
      expect(calls).toBe(1);
    } finally {
      setDenseBackend(before);
    }
    expect(denseBackend()).toBe(first);
  });
});
