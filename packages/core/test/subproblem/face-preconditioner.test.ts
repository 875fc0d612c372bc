import { describe, expect, it } from "vitest";
import { facePreconditioner } from "../../src/index.js";
import {
  choleskyFactorize,
  choleskySolveInto,
  fromRows,
  sparseFromDense,
  symmetricEigenvalues,
  symmetricFromFull,
} from "../../src/linear/index.js";

const n = 9;
const rows = Array.from({ length: n }, (_, i) =>
  Array.from({ length: n }, (_, j) => (i === j ? 4 + i : 1 / (1 + Math.abs(i - j)) ** 2)),
);
const free = Int32Array.of(1, 2, 4, 7, 8, 0, 0, 0, 0);
const count = 5;
const block = fromRows(
  Array.from({ length: count }, (_, a) => Array.from({ length: count }, (_, b) => rows[free[a]!]![free[b]!]!)),
);
const r = Float64Array.from({ length: count }, (_, k) => Math.sin(1 + k));
const dense = fromRows(rows);
const sparse = symmetricFromFull(sparseFromDense(dense));

describe("preconditioners of a face", () => {
  it("are the inverse of the block where its factorization is complete", () => {
    const wanted = choleskySolveInto(new Float64Array(count), choleskyFactorize(block), r);
    const out = new Float64Array(count);
    facePreconditioner(dense, free, count, "incompleteCholesky")(out, r);
    for (let k = 0; k < count; k++) expect(out[k]).toBeCloseTo(wanted[k]!, 13);
    // The sparse one drops what is small: near.
    facePreconditioner(sparse, free, count, "incompleteCholesky")(out, r);
    for (let k = 0; k < count; k++) expect(Math.abs(out[k]! - wanted[k]!)).toBeLessThan(1e-2);
  });

  it("are the inverse also of an ill-conditioned dense block", () => {
    const ill = fromRows([
      [1, 0, 0],
      [0, 1e-7, 5e-8],
      [0, 5e-8, 1e-7],
    ]);
    const out = new Float64Array(2);
    facePreconditioner(ill, Int32Array.of(1, 2), 2, "incompleteCholesky")(out, Float64Array.of(1e-7, 5e-8));
    expect(out[0]).toBeCloseTo(1, 12);
    expect(out[1]).toBeCloseTo(0, 12);
    facePreconditioner(ill, Int32Array.of(0, 1), 2, "incompleteCholesky")(out, Float64Array.of(1, 1e-7));
    expect(out[0]).toBeCloseTo(1, 12);
    expect(out[1]).toBeCloseTo(1, 12);
  });

  it("are the diagonal's inverse, or nothing", () => {
    for (const H of [dense, sparse]) {
      const out = new Float64Array(count);
      facePreconditioner(H, free, count, "jacobi")(out, r);
      for (let k = 0; k < count; k++) expect(out[k]).toBeCloseTo(r[k]! / (4 + free[k]!), 14);
      facePreconditioner(H, free, count, "none")(out, r);
      expect(out).toEqual(r);
    }
  });

  it("are positive definite where the block isn't", () => {
    const shifted = fromRows(rows.map((row, i) => row.map((a, j) => (i === j ? a - 6.5 : a))));
    const zero = fromRows(rows.map((row) => row.map(() => 0)));
    for (const H of [
      shifted,
      symmetricFromFull(sparseFromDense(shifted)),
      zero,
      symmetricFromFull(sparseFromDense(zero)),
    ])
      for (const kind of ["incompleteCholesky", "jacobi"] as const) {
        const apply = facePreconditioner(H, free, count, kind);
        const inverse = Array.from({ length: count }, (_, k) => {
          const out = new Float64Array(count);
          apply(
            out,
            Float64Array.from({ length: count }, (_, i) => Number(i === k)),
          );
          return Array.from(out);
        });
        expect(symmetricEigenvalues(fromRows(inverse))[0]).toBeGreaterThan(0);
      }
  });

  it("take an empty face", () => {
    for (const H of [dense, sparse])
      for (const kind of ["incompleteCholesky", "jacobi"] as const)
        expect(() => facePreconditioner(H, free, 0, kind)(new Float64Array(), new Float64Array())).not.toThrow();
  });
});
