import { describe, expect, it } from "vitest";
import { checkGradient, checkHessian } from "../../src/index.js";
import { countOperations } from "../../src/kernel/graph.js";
import { dot, type Expr, mul, problemFromTerms, sub, sum, trace } from "../../src/kernel/index.js";
import { multiplySparseVectorInto, toDenseMatrix } from "../../src/linear/sparse/csc.js";

const rosenbrock = ([x, y]: Expr[]) => mul(100, y!.sub(x!.square()).square()).add(sub(1, x!).square());

describe("problemFromTerms", () => {
  it("gives Rosenbrock's value, gradient and Hessian", () => {
    const problem = problemFromTerms(2, [{ indices: [[0, 1]], term: rosenbrock }]);
    const x = Float64Array.of(-1.2, 1);
    expect(problem.value(x)).toBeCloseTo(24.2, 12);
    const g = new Float64Array(2);
    expect(problem.valueAndGradientInto(g, x)).toBeCloseTo(24.2, 12);
    expect(g[0]).toBeCloseTo(-215.6, 10);
    expect(g[1]).toBeCloseTo(-88, 10);
    const H = problem.newHessian();
    problem.hessianInto(H, x);
    expect(Array.from(H.values, (v) => +v.toFixed(9))).toEqual([1330, 480, 200]);
    expect(
      Array.from(problem.hessianApplyInto(new Float64Array(2), x, Float64Array.of(1, 2)), (v) => +v.toFixed(9)),
    ).toEqual([2290, 880]);
  });

  it("adds up many terms into one sparse Hessian whose pattern is the structure's", () => {
    const n = 50;
    const problem = problemFromTerms(n, [
      { indices: Array.from({ length: n - 1 }, (_, i) => [i, i + 1]), term: rosenbrock },
    ]);
    const x = Float64Array.from({ length: n }, (_, i) => Math.sin(i));
    expect(problem.newHessian().values.length).toBe(n + n - 1);
    expect(checkGradient(problem, x).verdict).toBe("right");
    expect(checkHessian(problem, x).verdict).toBe("right");
    expect(checkHessian(problem, x, undefined, { of: "matrix" }).verdict).toBe("right");
    const v = Float64Array.from({ length: n }, (_, i) => Math.cos(2 * i));
    const H = problem.newHessian();
    problem.hessianInto(H, x);
    const byMatrix = multiplySparseVectorInto(new Float64Array(n), H, v);
    const byProduct = problem.hessianApplyInto(new Float64Array(n), x, v);
    for (let i = 0; i < n; i++) expect(Math.abs(byMatrix[i]! - byProduct[i]!)).toBeLessThan(1e-11 * 1000);
  });

  it("shares the pattern between Hessians, not the values", () => {
    const problem = problemFromTerms(2, [{ indices: [[0, 1]], term: rosenbrock }]);
    const A = problem.newHessian();
    const B = problem.newHessian();
    expect(A.rowIndices).toBe(B.rowIndices);
    expect(A.values).not.toBe(B.values);
  });

  it("is right when a term names a variable twice", () => {
    // x·y at (x, x) is x²: gradient 2x, Hessian 2.
    const problem = problemFromTerms(2, [
      {
        indices: [
          [1, 1],
          [0, 1],
        ],
        term: ([x, y]) => x!.mul(y!),
      },
    ]);
    const at = Float64Array.of(3, 5);
    expect(problem.value(at)).toBe(25 + 15);
    expect(Array.from(problem.gradientInto(new Float64Array(2), at))).toEqual([5, 13]);
    const H = problem.newHessian();
    problem.hessianInto(H, at);
    expect(Array.from(toDenseMatrix(H).data)).toEqual([0, 1, 1, 2]);
    expect(Array.from(problem.hessianApplyInto(new Float64Array(2), at, Float64Array.of(1, 1)))).toEqual([1, 3]);
  });

  it("does not depend on the order of the terms, beyond rounding", () => {
    const n = 20;
    const indices = Array.from({ length: n - 1 }, (_, i) => [i, i + 1]);
    const a = problemFromTerms(n, [{ indices, term: rosenbrock }]);
    const b = problemFromTerms(n, [{ indices: [...indices].reverse(), term: rosenbrock }]);
    const x = Float64Array.from({ length: n }, (_, i) => Math.cos(i));
    expect(Math.abs(a.value(x) - b.value(x))).toBeLessThan(1e-12 * a.value(x));
  });

  it("takes flat tables and changes data without compiling again", () => {
    let traced = 0;
    const problem = problemFromTerms(2, [
      {
        indices: { arity: 1, table: Int32Array.of(0, 1) },
        data: { width: 1, table: Float64Array.of(2, 3) },
        term: ([x], [c]) => {
          traced++;
          return c!.mul(x!);
        },
      },
    ]);
    const x = Float64Array.of(1, 10);
    expect(problem.value(x)).toBe(32);
    problem.setData(0, [[5], [7]]);
    expect(problem.value(x)).toBe(75);
    expect(Array.from(problem.gradientInto(new Float64Array(2), x))).toEqual([5, 7]);
    expect(traced).toBe(1);
    expect(() =>
      problem.setData(0, [
        [1, 2],
        [3, 4],
      ]),
    ).toThrow("setData: argument `blocks[0].data` is of width 2; wanted width 1, as before.");
    expect(() => problem.setData(3, [[1]])).toThrow(
      "setData: argument `block` is 3; wanted a block number from 0 to 0.",
    );
  });

  it("keeps its own copy of the tables", () => {
    const table = Int32Array.of(0, 1);
    const data = Float64Array.of(2, 3);
    const problem = problemFromTerms(2, [
      { indices: { arity: 1, table }, data: { width: 1, table: data }, term: ([x], [c]) => c!.mul(x!) },
    ]);
    table.fill(1);
    data.fill(100);
    expect(problem.value(Float64Array.of(1, 10))).toBe(32);
  });

  it("fills a Hessian alone as with the gradient, and refuses one of another problem", () => {
    const problem = problemFromTerms(3, [
      {
        indices: [
          [0, 1],
          [1, 2],
        ],
        term: rosenbrock,
      },
    ]);
    const x = Float64Array.of(0.3, -1, 2);
    const [a, b] = [problem.newHessian(), problem.newHessian()];
    problem.hessianInto(a, x);
    problem.valueGradientHessianInto(new Float64Array(3), b, x);
    expect(a.values).toEqual(b.values);
    expect(() => problem.hessianInto(problemFromTerms(3, []).newHessian(), x)).toThrow(
      "hessianInto: argument `out` is an Object; wanted a matrix made by newHessian().",
    );
    expect(() => problem.valueGradientHessianInto(new Float64Array(2), b, x)).toThrow(
      "valueGradientHessianInto: argument `gradient` is of length 2; wanted length 3",
    );
  });

  it("is constant 0 without blocks, and skips blocks without terms", () => {
    const empty = problemFromTerms(2, []);
    expect(empty.value(new Float64Array(2))).toBe(0);
    expect(empty.newHessian().values.length).toBe(2);
    expect(problemFromTerms(2, [{ indices: [], term: rosenbrock }]).value(new Float64Array(2))).toBe(0);
  });
});

describe("groups", () => {
  // (Σ xᵢ² − ¼)² + sin(Σ i xᵢ): as groups and as one term.
  const n = 6;
  const all = Array.from({ length: n }, (_, i) => i);
  const grouped = problemFromTerms(n, [
    {
      groups: 1,
      inner: [{ indices: all.map((i) => [i]), group: all.map(() => 0), term: ([x]) => x!.square() }],
      outer: (s) => s.sub(0.25).square(),
    },
    {
      groups: 1,
      inner: [
        {
          indices: all.map((i) => [i]),
          data: all.map((i) => [i]),
          group: all.map(() => 0),
          term: ([x], [i]) => i!.mul(x!),
        },
      ],
      outer: (s) => s.sin(),
    },
  ]);
  const whole = problemFromTerms(n, [
    {
      indices: [all],
      term: (x) =>
        sum(x.map((xi) => xi.square()))
          .sub(0.25)
          .square()
          .add(sum(x.map((xi, i) => mul(i, xi))).sin()),
    },
  ]);
  const x = Float64Array.from(all, (i) => Math.sin(1 + i));
  const v = Float64Array.from(all, (i) => Math.cos(i));

  it("give the value, gradient, Hessian and products of the same function written as one term", () => {
    expect(grouped.value(x)).toBeCloseTo(whole.value(x), 12);
    const close = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      Array.from(a).forEach((ai, i) => {
        expect(ai).toBeCloseTo(b[i]!, 11);
      });
    close(grouped.gradientInto(new Float64Array(n), x), whole.gradientInto(new Float64Array(n), x));
    const A = grouped.newHessian();
    const B = whole.newHessian();
    grouped.hessianInto(A, x);
    whole.hessianInto(B, x);
    close(toDenseMatrix(A).data, toDenseMatrix(B).data);
    close(grouped.hessianApplyInto(new Float64Array(n), x, v), whole.hessianApplyInto(new Float64Array(n), x, v));
  });

  it("join several inner blocks and several groups, with data of the outer function", () => {
    // Σ_k c_k (x_k + x_{k+1}²)², k = 0, 1.
    const problem = problemFromTerms(3, [
      {
        groups: 2,
        data: [[2], [3]],
        inner: [
          { indices: [[0], [1]], group: [0, 1], term: ([a]) => a! },
          { indices: [[1], [2]], group: [0, 1], term: ([b]) => b!.square() },
        ],
        outer: (s, [c]) => c!.mul(s.square()),
      },
    ]);
    expect(problem.value(Float64Array.of(1, 2, 3))).toBe(2 * 25 + 3 * 121);
    expect(checkGradient(problem, [1, 2, 3]).verdict).toBe("right");
    expect(checkHessian(problem, [1, 2, 3], undefined, { of: "matrix" }).verdict).toBe("right");
    expect(checkHessian(problem, [1, 2, 3]).verdict).toBe("right");
  });

  it("never form the outer product in a Hessian-vector product", () => {
    const m = 20000;
    const big = problemFromTerms(m, [
      {
        groups: 1,
        inner: [
          { indices: Array.from({ length: m }, (_, i) => [i]), group: new Int32Array(m), term: ([a]) => a!.square() },
        ],
        outer: (s) => s.square(),
      },
    ]);
    const ones = new Float64Array(m).fill(1);
    // ∇²(s²) v = 4 s v + 8 x (xᵀv) with s = m: at x = v = 1: 4m + 8m.
    expect(big.hessianApplyInto(new Float64Array(m), ones, ones)[7]).toBe(12 * m);
  });
});

describe("sharing and simplification", () => {
  it("computes equal subexpressions once", () => {
    const { graph, outputs } = trace(2, 0, ([x, y]) => x!.mul(y!).add(y!.mul(x!)).add(x!.mul(y!).sin()));
    // x·y, 2·, sin, +
    expect(countOperations(graph, outputs)).toBe(4);
  });

  it("drops 0 · x and x − x only where x has no pole and no domain error", () => {
    const f = (term: (x: Expr) => Expr) => problemFromTerms(1, [{ indices: [[0]], term: ([x]) => term(x!) }]);
    const operations = (problem: ReturnType<typeof f>) => problem.structure.blocks[0]!.operations.value;
    for (const partial of [(x: Expr) => x.log(), (x: Expr) => x.sqrt(), (x: Expr) => x.inv().inv().sub(1).sqrt()]) {
      expect(f((x) => partial(x).mul(0)).value(Float64Array.of(-2))).toBeNaN();
      expect(f((x) => partial(x).sub(partial(x))).value(Float64Array.of(-2))).toBeNaN();
    }
    expect(operations(f((x) => x.sin().exp().mul(0)))).toBe(0);
    expect(operations(f((x) => x.sin().sub(x.sin())))).toBe(0);
  });

  it("reports the operations of symmetric Dirichlet in six vertex variables", () => {
    const problem = dirichlet(3);
    const { operations, hessianEntries } = problem.structure.blocks[0]!;
    expect(hessianEntries).toBe(21);
    expect(operations.value).toBeLessThanOrEqual(31);
    expect(operations.gradient).toBeLessThanOrEqual(69);
    expect(operations.hessian).toBeLessThanOrEqual(239);
    expect(operations.apply).toBeLessThanOrEqual(131);
  });

  it("differentiates symmetric Dirichlet on a small grid", () => {
    const problem = dirichlet(4);
    const n = problem.dimension;
    const x = Float64Array.from(
      { length: n },
      (_, i) => (i % 2 === 0 ? (i / 2) % 4 : Math.floor(i / 8)) * 1.3 + 0.1 * Math.sin(3 * i),
    );
    expect(Number.isFinite(problem.value(x))).toBe(true);
    expect(
      checkGradient(
        problem,
        x,
        Float64Array.from({ length: n }, (_, i) => 1e-2 * Math.cos(i)),
      ).verdict,
    ).toBe("right");
    expect(checkHessian(problem, x, undefined, { of: "matrix" }).verdict).toBe("right");
    // Translations are in the kernel of the Hessian.
    const translation = Float64Array.from({ length: n }, (_, i) => +(i % 2 === 0));
    const out = problem.hessianApplyInto(new Float64Array(n), x, translation);
    for (let i = 0; i < n; i++) expect(Math.abs(out[i]!)).toBeLessThan(1e-9);
  });
});

/** A(‖J‖² + ‖J⁻¹‖²) with J = M M_r⁻¹ on an m × m grid of vertices, two triangles a cell, unit cells as rest shape. */
function dirichlet(m: number) {
  const indices: number[][] = [];
  const vertex = (a: number, b: number) => [2 * (a * m + b), 2 * (a * m + b) + 1];
  for (let a = 0; a + 1 < m; a++) {
    for (let b = 0; b + 1 < m; b++) {
      indices.push([...vertex(a, b), ...vertex(a, b + 1), ...vertex(a + 1, b)]);
      indices.push([...vertex(a + 1, b + 1), ...vertex(a + 1, b), ...vertex(a, b + 1)]);
    }
  }
  const data = indices.map((_, t) => (t % 2 === 0 ? [1, 0, 0, 1, 0.5] : [-1, 0, 0, -1, 0.5]));
  return problemFromTerms(2 * m * m, [
    {
      indices,
      data,
      term: ([ax, ay, bx, by, cx, cy], [r00, r01, r10, r11, area]) => {
        const e = [bx!.sub(ax!), cx!.sub(ax!), by!.sub(ay!), cy!.sub(ay!)] as const;
        const j00 = dot([e[0], e[1]], [r00!, r10!]);
        const j01 = dot([e[0], e[1]], [r01!, r11!]);
        const j10 = dot([e[2], e[3]], [r00!, r10!]);
        const j11 = dot([e[2], e[3]], [r01!, r11!]);
        const det = j00.mul(j11).sub(j01.mul(j10));
        const size = sum([j00.square(), j01.square(), j10.square(), j11.square()]);
        return area!.mul(size).mul(det.square().inv().add(1));
      },
    },
  ]);
}

describe("misuse", () => {
  const term = ([x]: Expr[]) => x!;
  it.each([
    [
      "a variable out of range",
      [{ indices: [[0], [7]], term }],
      "problemFromTerms: argument `blocks[0].indices[1][0]` is 7; wanted a variable number from 0 to 1.",
    ],
    [
      "rows of different length",
      [{ indices: [[0], [0, 1]], term }],
      "problemFromTerms: argument `blocks[0].indices[1]` is an Array of length 2; wanted a row of 1 variable numbers, as the first.",
    ],
    [
      "one row that isn't in an array",
      [{ indices: [0, 1], term }],
      "problemFromTerms: argument `blocks[0].indices[0]` is 0; wanted an array of variable numbers, as [[0, 1]] for one term of two variables.",
    ],
    [
      "a fraction",
      [{ indices: [[0.5]], term }],
      "problemFromTerms: argument `blocks[0].indices[0][0]` is 0.5; wanted a variable number from 0 to 1.",
    ],
    [
      "NaN in the data",
      [{ indices: [[0]], data: [[Number.NaN]], term }],
      "problemFromTerms: argument `blocks[0].data[0][0]` is NaN; wanted a finite number.",
    ],
    [
      "too few rows of data",
      [{ indices: [[0], [1]], data: [[1]], term }],
      "problemFromTerms: argument `blocks[0].data` is of 1 rows; wanted 2 rows, one a term.",
    ],
    [
      "no function",
      [{ indices: [[0]], term: 3 }],
      "problemFromTerms: argument `blocks[0].term` is 3; wanted a function (x, d) => Expr.",
    ],
    [
      "a group out of range",
      [{ groups: 1, inner: [{ indices: [[0]], group: [1], term }], outer: (s: Expr) => s }],
      "problemFromTerms: argument `blocks[0].inner[0].group[0]` is 1; wanted a group number from 0 to 0.",
    ],
    [
      "no block",
      [7],
      "problemFromTerms: argument `blocks[0]` is 7; wanted a block: { indices, term } or { inner, groups, outer }.",
    ],
  ])("throws on %s", (_name, blocks, message) => {
    expect(() => problemFromTerms(2, blocks as never)).toThrow(message);
  });

  it("throws on JavaScript operators, on Exprs of another trace, and on a missing variable", () => {
    expect(() =>
      problemFromTerms(1, [{ indices: [[0]], term: ([x]) => ((x as never as number) + 1) as never }]),
    ).toThrow(/\.add/);
    let stolen: Expr | undefined;
    problemFromTerms(1, [{ indices: [[0]], term: ([x]) => (stolen = x!) }]);
    expect(() => problemFromTerms(1, [{ indices: [[0]], term: ([x]) => x!.add(stolen!) }])).toThrow(
      "an Expr of another trace",
    );
    expect(() => problemFromTerms(1, [{ indices: [[0]], term: ([x, y]) => x!.add(y!) }])).toThrow(
      "Is an index beyond the term's variables or data",
    );
  });

  it("throws on a point of wrong length", () => {
    expect(() => problemFromTerms(2, [{ indices: [[0]], term }]).value(new Float64Array(3))).toThrow(
      "value: argument `x` is of length 3; wanted length 2, the problem's dimension.",
    );
  });
});
