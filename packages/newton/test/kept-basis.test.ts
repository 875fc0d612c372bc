import { type LinearOperator, lanczosCubicInto } from "@hessia/core";
import { denseMatrix, extendKrylov, krylovSpace, norm2, operatorFrom, startKrylov } from "@hessia/core/linear";
import { describe, expect, it } from "vitest";
import { borderBasis, borderedStepInto } from "../src/kept-basis.js";

const n = 12;
/** tridiag(−1, d, −1), d from −1 to 6: indefinite. */
function operator(): LinearOperator {
  const H = denseMatrix(n, n);
  for (let i = 0; i < n; i++) {
    H.data[i * n + i] = (7 * i) / (n - 1) - 1;
    if (i > 0) H.data[i * n + i - 1] = H.data[(i - 1) * n + i] = -1;
  }
  return operatorFrom(H, { symmetric: true });
}
const vector = (seed: number) => Float64Array.from({ length: n }, (_, i) => Math.sin(seed * (i + 1)));
const fine = Float64Array.from({ length: 20_001 }, (_, i) => 10 ** (-5 + i / 2000));

function spaceOf(A: LinearOperator, b: Float64Array, size: number) {
  const space = krylovSpace(n, size);
  startKrylov(space, b);
  while (extendKrylov(space, A));
  return space;
}

describe("a kept Lanczos basis", () => {
  it.each([4, n])("gives the model of span(V, r̂), V of %i vectors: value, gradient and step agree", (size) => {
    const A = operator();
    const space = spaceOf(A, vector(1), size);
    const g = vector(2.3);
    let products = 0;
    const counting: LinearOperator = {
      ...A,
      applyInto(out, v) {
        products++;
        return A.applyInto(out, v);
      },
    };
    const model = borderBasis(space, counting, g)!;
    expect(products).toBe(size < n ? 1 : 0);
    const d = new Float64Array(n);
    const alpha = 0.3;
    const { norm, predicted } = borderedStepInto(d, model, space, g, fine, alpha);
    expect(norm).toBeCloseTo(norm2(d), 12);
    const Hd = A.applyInto(new Float64Array(n), d);
    let decrease = 0;
    for (let i = 0; i < n; i++) decrease -= d[i]! * (g[i]! + 0.5 * Hd[i]!);
    expect(predicted).toBeCloseTo(decrease, 12);
    if (size < n) return;
    // The whole space: the minimizer of the cubic model itself, M = 2/α.
    const exact = new Float64Array(n);
    lanczosCubicInto(exact, A, g, 2 / alpha, krylovSpace(n, n), 1e-12);
    for (let i = 0; i < n; i++) expect(Math.abs(d[i]! - exact[i]!)).toBeLessThan(0.01 * norm);
  });

  it("is refused where it is empty or the product isn't finite, and gives no step where no shift is large enough", () => {
    const A = operator();
    expect(borderBasis(krylovSpace(n, 3), A, vector(1))).toBeNull();
    const space = spaceOf(A, vector(1), 3);
    const broken: LinearOperator = { ...A, applyInto: (out) => out.fill(Number.NaN) };
    expect(borderBasis(space, broken, vector(2))).toBeNull();
    const model = borderBasis(space, A, vector(2))!;
    expect(borderedStepInto(new Float64Array(n), model, space, vector(2), Float64Array.of(1e-10), 1).norm).toBe(0);
  });
});
