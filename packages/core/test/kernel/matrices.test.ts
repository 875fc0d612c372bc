// Small matrices: products, determinants and inverses against their definitions, and misuse.
import { describe, expect, it } from "vitest";
import { ArgumentError } from "../../src/errors.js";
import {
  fromColumns,
  fromRows,
  identity,
  kernel,
  lt,
  type Mat,
  mat2,
  mat3,
  matN,
  matrix,
  outer,
  scalar,
  select,
  vec2,
  vec3,
  vector,
} from "../../src/kernel/index.js";

const A = [2, -1, 0.5, 3, 1, 4, -2, 0.25, 1.5];
const B = [1, 0, 2, -1, 3, 1, 0.5, 2, -2];
const x = Float64Array.of(...A, ...B, 1, 2, 3);
const entriesOf = (fn: (A: Mat<3, 3>, B: Mat<3, 3>) => Mat) => {
  const k = kernel({ inputs: { A: mat3, B: mat3, v: vec3 } }, (given) => vector(...fn(given.A, given.B).entries));
  return Array.from(k.valueInto(new Float64Array(k.outputs), x));
};
const product = (p: readonly number[], q: readonly number[], n: number) =>
  Array.from({ length: n * n }, (_, e) => {
    let total = 0;
    for (let k = 0; k < n; k++) total += p[Math.floor(e / n) * n + k]! * q[k * n + (e % n)]!;
    return total;
  });
const close = (found: ArrayLike<number>, wanted: readonly number[], digits = 13) => {
  expect(found.length).toBe(wanted.length);
  wanted.forEach((value, i) => {
    expect(found[i]).toBeCloseTo(value, digits);
  });
};

describe("Mat", () => {
  it("adds, subtracts, scales, negates and transposes", () => {
    close(
      entriesOf((P, Q) => P.add(Q)),
      A.map((value, e) => value + B[e]!),
    );
    close(
      entriesOf((P, Q) => P.sub(Q)),
      A.map((value, e) => value - B[e]!),
    );
    close(
      entriesOf((P) => P.scale(-3)),
      A.map((value) => -3 * value),
    );
    close(
      entriesOf((P) => P.neg()),
      A.map((value) => -value),
    );
    close(
      entriesOf((P) => P.transpose()),
      [2, 3, -2, -1, 1, 0.25, 0.5, 4, 1.5],
    );
  });

  it("multiplies matrices and vectors", () => {
    close(
      entriesOf((P, Q) => P.mul(Q)),
      product(A, B, 3),
    );
    const k = kernel({ inputs: { A: mat3, B: mat3, v: vec3 } }, (given) => given.A.mul(given.v));
    close(k.valueInto(new Float64Array(3), x), [1.5, 17, 3]);
    const wide = kernel({ inputs: { M: matN(2, 3), N: matN(3, 1) } }, ({ M, N }) => M.mul(N).column(0));
    close(wide.valueInto(new Float64Array(2), Float64Array.of(1, 2, 3, 4, 5, 6, 1, -1, 2)), [5, 11]);
  });

  it("has trace, norms and inner products", () => {
    const k = kernel({ inputs: { A: mat3, B: mat3, v: vec3 } }, (given) =>
      vector(given.A.trace(), given.A.dot(given.B), given.A.squaredNorm(), given.A.norm()),
    );
    const squares = A.reduce((total, value) => total + value * value, 0);
    close(k.valueInto(new Float64Array(4), x), [
      4.5,
      A.reduce((total, value, e) => total + value * B[e]!, 0),
      squares,
      Math.sqrt(squares),
    ]);
  });

  it("has determinants: of a product the product, of a triangle the diagonal's", () => {
    const k = kernel({ inputs: { A: mat3, B: mat3, v: vec3 } }, (given) =>
      vector(given.A.det(), given.B.det(), given.A.mul(given.B).det()),
    );
    const [a, b, ab] = k.valueInto(new Float64Array(3), x) as unknown as [number, number, number];
    // 2 (1.5 − 1) + 1 (4.5 + 8) + 0.5 (0.75 + 2).
    expect(a).toBeCloseTo(14.875, 13);
    expect(ab).toBeCloseTo(a * b, 11);
    for (const n of [1, 2, 4, 5, 6]) {
      const triangle = Float64Array.from({ length: n * n }, (_, e) => (e % n >= Math.floor(e / n) ? 1 + (e % n) : 0));
      const factorial = Array.from({ length: n }, (_, i) => i + 1).reduce((p, q) => p * q);
      expect(kernel({ inputs: { M: matN(n, n) } }, ({ M }) => M.det()).value(triangle)).toBe(factorial);
    }
  });

  it("has inverses", () => {
    for (const n of [1, 2, 3, 4]) {
      const k = kernel({ inputs: { M: matN(n, n) } }, ({ M }) => vector(...M.inverse().entries));
      const M = Float64Array.from({ length: n * n }, (_, e) => Math.sin(3 * e + 1) + (e % (n + 1) === 0 ? 3 : 0));
      const inverse = k.valueInto(new Float64Array(n * n), M);
      close(
        product([...M], [...inverse], n),
        Array.from({ length: n * n }, (_, e) => +(e % (n + 1) === 0)),
      );
    }
  });

  it("is made of rows, columns, entries and outer products", () => {
    const k = kernel({ inputs: { p: vec2, q: vec2, s: scalar } }, ({ p, q, s }) => {
      const all = [fromRows(p, q), fromColumns(p, q), outer(p, q), matrix([p.x, 0], [s, q.y]), identity(2)];
      return vector(...all.flatMap((one) => one.entries));
    });
    close(
      k.valueInto(new Float64Array(20), Float64Array.of(1, 2, 3, 4, 5)),
      [1, 2, 3, 4, 1, 3, 2, 4, 3, 4, 6, 8, 1, 0, 5, 4, 1, 0, 0, 1],
    );
    const wide = kernel({ inputs: { p: vec3, q: vec3 } }, ({ p, q }) => {
      const M = fromColumns(p, q);
      return vector(M.at(2, 1), ...M.row(1), M.rows, M.cols);
    });
    close(wide.valueInto(new Float64Array(5), Float64Array.of(1, 2, 3, 4, 5, 6)), [6, 2, 5, 3, 2]);
  });

  it("is chosen by select", () => {
    const k = kernel({ inputs: { M: mat2 } }, ({ M }) =>
      vector(...select(lt(M.det(), 0), M.neg(), M.inverse()).entries),
    );
    close(k.valueInto(new Float64Array(4), Float64Array.of(0, 1, 1, 0)), [0, -1, -1, 0]);
    close(k.valueInto(new Float64Array(4), Float64Array.of(2, 0, 0, 4)), [0.5, 0, 0, 0.25]);
  });

  it("rejects misuse", () => {
    kernel({ inputs: { M: mat2, N: matN(2, 3), v: vec3 } }, ({ M, N, v }) => {
      expect(() => M.mul(v as never)).toThrow(/of length 3; wanted length 2, a row of the matrix/);
      expect(() => M.mul(2 as never)).toThrow(/For a number use scale/);
      expect(() => N.mul(M as never)).toThrow(/wanted 3 rows/);
      expect(() => M.add(N as never)).toThrow(/is 2×3; wanted 2×2/);
      expect(() => M.dot(v as never)).toThrow(/wanted a 2×2 Mat/);
      expect(() => N.det()).toThrow(/is 2×3; wanted a square matrix of at most 6 rows/);
      expect(() => N.trace()).toThrow(/wanted a square matrix/);
      expect(() => identity(5).inverse()).toThrow(/at most 4 rows/);
      expect(() => M.at(0, 2)).toThrow(/\(0, 2\); wanted a place in a 2×2 matrix/);
      expect(() => matrix([1, 2], [3] as never)).toThrow(/rows\[1\]` is of length 1/);
      expect(() => fromRows(v, M.row(0) as never)).toThrow(/of length 2; wanted length 3/);
      expect(() => fromColumns()).toThrow(/at least one Vec/);
      expect(() => `${M as unknown as string}`).toThrow(/JavaScript's own/);
      expect(() => identity(0)).toThrow(ArgumentError);
      return M.det();
    });
    expect(() => matN(0, 2)).toThrow(/rows/);
    expect(() => matN(2, 99)).toThrow(/cols/);
  });
});
