// Systems of terms: known functions and Jacobians, rows in any order, products that agree with the matrix.
import { describe, expect, it } from "vitest";
import type { Expr } from "../../src/kernel/index.js";
import { type RowBlock, systemFromTerms } from "../../src/kernel/system.js";
import { toDenseMatrix } from "../../src/linear/sparse/csc.js";

// Row 1: (x₀ + x₁)², row 0: exp(x₂ x₀), row 2: 3 x₁ − 4, in two blocks.
const blocks: RowBlock[] = [
  {
    groups: 2,
    rows: [1, 2],
    data: [
      [2, 0],
      [1, 4],
    ],
    inner: [
      {
        indices: [[0], [1], [1]],
        data: [[1], [1], [3]],
        group: [0, 0, 1],
        term: ([x]: Expr[], [a]: Expr[]) => x!.mul(a!),
      },
    ],
    outer: (s: Expr, [p, b]: Expr[]) => s.sub(b!).mul(s.sub(b!).pow(p!.sub(1))),
  },
  {
    groups: 1,
    rows: [0],
    inner: [{ indices: [[2, 0]], group: [0], term: ([x, y]: Expr[]) => x!.mul(y!) }],
    outer: (s: Expr) => s.exp(),
  },
];
const x = Float64Array.of(0.5, 2, -1);

describe("systemFromTerms", () => {
  for (const evaluation of ["wasm", "compiled", "interpreted"] as const)
    it(`values and Jacobian of known functions, ${evaluation}`, () => {
      const system = systemFromTerms(3, blocks, { evaluation });
      expect(system.residuals).toBe(3);
      const r = system.residualInto(new Float64Array(3), x);
      const e = Math.exp(-0.5);
      expect(r[0]).toBeCloseTo(e, 15);
      expect(r[1]).toBeCloseTo(6.25, 14);
      expect(r[2]).toBeCloseTo(2, 15);
      const J = system.newJacobian();
      system.jacobianInto(J, x);
      const wanted = [-e, 0, 0.5 * e, 5, 5, 0, 0, 3, 0];
      for (const [k, value] of toDenseMatrix(J).data.entries()) expect(value).toBeCloseTo(wanted[k]!, 13);
      // Structural zeros aren't stored.
      expect(J.values.length).toBe(5);
    });

  it("products are those of the matrix, and adjoint to each other", () => {
    const system = systemFromTerms(3, blocks);
    const J = system.newJacobian();
    system.jacobianInto(J, x);
    const dense = toDenseMatrix(J).data;
    const v = Float64Array.of(1, -2, 0.25);
    const w = Float64Array.of(3, 1, -1);
    const Jv = system.jacobianApplyInto(new Float64Array(3), x, v);
    const Jw = system.jacobianTransposeApplyInto(new Float64Array(3), x, w);
    for (let i = 0; i < 3; i++) {
      expect(Jv[i]).toBeCloseTo(dense[3 * i]! * v[0]! + dense[3 * i + 1]! * v[1]! + dense[3 * i + 2]! * v[2]!, 13);
      expect(Jw[i]).toBeCloseTo(dense[i]! * w[0]! + dense[3 + i]! * w[1]! + dense[6 + i]! * w[2]!, 13);
    }
  });

  it("has no rows without blocks", () => {
    const system = systemFromTerms(2, []);
    expect(system.residuals).toBe(0);
    expect(system.newJacobian().colPointers).toEqual(new Int32Array(3));
  });

  it("names what doesn't fit", () => {
    const one = {
      groups: 1,
      inner: [{ indices: [[0]], group: [0], term: ([y]: Expr[]) => y! }],
      outer: (s: Expr) => s,
    };
    expect(() => systemFromTerms(1, [{ ...one, rows: [1] }])).toThrow(/blocks\[0\]\.rows\[0\].*1.*from 0 to 0/s);
    expect(() => systemFromTerms(1, [{ ...one, rows: [] }])).toThrow(/blocks\[0\]\.rows.*0 numbers.*1/s);
    expect(() =>
      systemFromTerms(2, [
        { ...one, rows: [0] },
        { ...one, rows: [0] },
      ]),
    ).toThrow(/blocks\[1\]\.rows\[0\].*each once/s);
    expect(() => systemFromTerms(0, [one])).toThrow(/systemFromTerms|problemFromTerms/);
    const system = systemFromTerms(1, [one]);
    expect(() => system.residualInto(new Float64Array(2), new Float64Array(1))).toThrow(/out.*length 2.*length 1/s);
    expect(() => system.jacobianApplyInto(new Float64Array(1), new Float64Array(1), new Float64Array(3))).toThrow(
      /`?v`?/,
    );
  });
});
