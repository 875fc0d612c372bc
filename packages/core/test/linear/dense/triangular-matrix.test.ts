import { describe, expect, it } from "vitest";
import {
  type TriangularOptions,
  triangularMultiplyInto,
  triangularSolveInto,
} from "../../../src/linear/dense/triangular-matrix.js";
import { type DenseMatrix, denseMatrix } from "../../../src/linear/matrix.js";
import { denseBackends, withDense } from "../backends-for-tests.js";
import { flip, map, minus, random, scaled, size, times } from "../dense-for-tests.js";

const all: TriangularOptions[] = [];
for (const triangle of ["lower", "upper"] as const)
  for (const transpose of [false, true])
    for (const unit of [false, true])
      for (const side of ["left", "right"] as const) all.push({ triangle, transpose, unit, side });

/** op(T) as a whole matrix, from the definition. */
function whole(T: DenseMatrix, { triangle, transpose, unit }: TriangularOptions): DenseMatrix {
  const kept = map(T, (t, i, j) => (i === j ? (unit ? 1 : t) : (triangle === "lower" ? i > j : i < j) ? t : 0));
  return transpose ? flip(kept) : kept;
}

describe.each(denseBackends.map((backend) => [backend.name, backend] as const))(
  "triangular matrices by %s",
  (_, backend) => {
    it.each([0, 1, 5, 32, 33, 100])("products and systems of all kinds, n = %i", (n) => {
      // NaN in the triangle that isn't read, and on a diagonal that isn't.
      for (const options of all) {
        const { triangle, unit, side } = options;
        const T = map(random(n, n, 3), (t, i, j) => (i === j ? 2 + t : t / Math.max(1, n)));
        const given = map(T, (t, i, j) => ((i === j ? unit : (triangle === "lower") !== i > j) ? Number.NaN : t));
        const B = side === "left" ? random(n, 7, 4) : random(7, n, 4);
        const op = whole(T, options);
        const wanted = scaled(side === "left" ? times(op, B) : times(B, op), -2);
        const C = map(B, () => Number.NaN);
        withDense(backend, () => triangularMultiplyInto(C, given, B, { ...options, alpha: -2 }));
        expect(size(minus(C, wanted))).toBeLessThanOrEqual(32 * (n + 1) * Number.EPSILON);
        // The system gives B back, in place.
        const X = withDense(backend, () => triangularSolveInto(C, given, C, { ...options, alpha: -0.5 }));
        expect(X).toBe(C);
        expect(size(minus(X, B))).toBeLessThanOrEqual(64 * (n + 1) * Number.EPSILON);
      }
    });
  },
);

describe("misuse", () => {
  const T = random(3, 3);
  const B = random(3, 2);
  const zero = map(T, (t, i, j) => (i === 1 && j === 1 ? 0 : t));
  const infinite = map(T, (t, i, j) => (i === 2 && j === 2 ? Number.POSITIVE_INFINITY : t));
  it.each([
    [
      "a zero pivot",
      () => triangularSolveInto(denseMatrix(3, 2), zero, B),
      "triangularSolveInto: argument `T` is 0 at (1, 1)",
    ],
    ["a pivot that isn't finite", () => triangularSolveInto(denseMatrix(3, 2), infinite, B), "Infinity at (2, 2)"],
    ["a T that isn't square", () => triangularSolveInto(denseMatrix(3, 2), random(3, 2), B), "`T` is 3 × 2"],
    ["a B that doesn't fit", () => triangularSolveInto(denseMatrix(2, 2), T, random(2, 2)), "3 rows"],
    [
      "a B that doesn't fit from the right",
      () => triangularMultiplyInto(denseMatrix(3, 2), T, B, { side: "right" }),
      "3 columns",
    ],
    ["a result of another shape", () => triangularMultiplyInto(denseMatrix(2, 3), T, B), "`C` is 2 × 3"],
    ["the same array as T", () => triangularSolveInto(T, T, T), "the same array as T"],
    ["the same array as B", () => triangularMultiplyInto(B, T, B), "the same array as B"],
    ["an unknown option", () => triangularSolveInto(B, T, B, { upper: true } as object), "options.upper"],
    ["an unknown triangle", () => triangularSolveInto(B, T, B, { triangle: "left" as "lower" }), "options.triangle"],
    ["an unknown side", () => triangularSolveInto(B, T, B, { side: "top" as "left" }), "options.side"],
    ["a factor that isn't a number", () => triangularSolveInto(B, T, B, { alpha: Number.NaN }), "options.alpha"],
  ])("%s", (_, run, text) => {
    expect(run).toThrow(text);
  });

  it("a unit diagonal isn't read", () => {
    expect(() => triangularSolveInto(denseMatrix(3, 2), zero, B, { unit: true })).not.toThrow();
  });
});
