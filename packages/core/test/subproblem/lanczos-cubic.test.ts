import { describe, expect, it } from "vitest";
import { krylovSpace } from "../../src/linear/iterative/lanczos.js";
import type { LinearOperator } from "../../src/linear/matrix.js";
import { denseMatrix } from "../../src/linear/matrix.js";
import { norm2 } from "../../src/linear/vec.js";
import { lanczosCubicInto } from "../../src/subproblem/lanczos-cubic.js";
import { secularWork, solveSecular } from "../../src/subproblem/secular.js";
import { prepareShifted } from "../../src/subproblem/shifted.js";

const diagonal = (d: number[]): LinearOperator => ({
  rows: d.length,
  cols: d.length,
  traits: { symmetric: true },
  applyInto: (out, x) => {
    for (let i = 0; i < d.length; i++) out[i] = d[i]! * x[i]!;
    return out;
  },
});
const matrixOf = (d: number[]) => {
  const A = denseMatrix(d.length, d.length);
  d.forEach((v, i) => {
    A.data[i * d.length + i] = v;
  });
  return A;
};
const spectrum = Array.from({ length: 40 }, (_, i) => i - 3.5);
const g = Float64Array.from({ length: 40 }, (_, i) => Math.cos(3 * i) + 0.1);

describe("lanczosCubicInto", () => {
  it("finds the global minimizer that the secular equation finds, in the whole space", () => {
    for (const M of [0.01, 1, 100]) {
      const s = new Float64Array(40);
      const step = lanczosCubicInto(s, diagonal(spectrum), g, M, krylovSpace(40, 40), 1e-12);
      const reference = new Float64Array(40);
      const exact = solveSecular(
        reference,
        prepareShifted(matrixOf(spectrum)),
        g,
        { kind: "cubic", M },
        secularWork(40),
      );
      expect(step.predicted).toBeCloseTo(exact.predicted, 6);
      for (let i = 0; i < 40; i++) expect(s[i]).toBeCloseTo(reference[i]!, 5);
    }
  });

  it("stops early at its tolerance and keeps the space for another M without a product", () => {
    let products = 0;
    const A = diagonal(spectrum.map((v) => v + 5));
    const counting: LinearOperator = {
      ...A,
      applyInto: (out, x) => {
        products++;
        return A.applyInto(out, x);
      },
    };
    const space = krylovSpace(40, 40);
    const s = new Float64Array(40);
    const step = lanczosCubicInto(s, counting, g, 1, space, 0.1 * norm2(g));
    expect(step.residual).toBeLessThanOrEqual(0.1 * norm2(g));
    expect(products).toBeLessThan(20);
    const before = products;
    lanczosCubicInto(s, counting, g, 10, space, norm2(g));
    expect(products).toBe(before);
  });

  it("answers a zero step for a zero gradient", () => {
    expect(
      lanczosCubicInto(new Float64Array(40), diagonal(spectrum), new Float64Array(40), 1, krylovSpace(40, 10), 1),
    ).toEqual({ norm: 0, predicted: 0, residual: 0 });
  });
});
