// Hessians made positive semidefinite term by term, against eigendecompositions of each term's own matrix, dense and one by one.
import { afterAll, describe, expect, it } from "vitest";
import {
  type Expr,
  kernel,
  problemFromTerms,
  type TermBlock,
  type TermsOptions,
  vec2,
} from "../../src/kernel/index.js";
import { symmetricEigen } from "../../src/linear/dense/eigen.js";
import { denseMatrix } from "../../src/linear/matrix.js";
import { projectPsdInto as projectPsd } from "../../src/linear/small/project-psd.js";
import { toDenseMatrix } from "../../src/linear/sparse/csc.js";
import { startThreads, type ThreadPool } from "../../src/wasm/threads.js";
import { hinge, neoHookean, spring, symmetricDirichlet } from "./mesh-terms.js";

const pools: ThreadPool[] = [];
afterAll(() => {
  for (const pool of pools) pool.close();
});

/** A repeatable number in [−1, 1) for a whole number. */
const noise = (i: number) => Math.sin(12.9898 * (i + 1) * (1 + (i % 7))) % 1;

type Negative = "clamp" | "absolute";

function projected(H: Float64Array, k: number, negative: Negative): Float64Array {
  const matrix = denseMatrix(k, k);
  matrix.data.set(H);
  const { values, vectors } = symmetricEigen(matrix);
  const out = new Float64Array(k * k);
  for (let e = 0; e < k; e++) {
    const lambda = negative === "clamp" ? Math.max(0, values[e]!) : Math.abs(values[e]!);
    for (let i = 0; i < k; i++)
      for (let j = 0; j < k; j++) out[i * k + j]! += lambda * vectors.data[i * k + e]! * vectors.data[j * k + e]!;
  }
  return out;
}

interface Block {
  readonly indices: number[][];
  readonly data: number[][];
  readonly term: TermBlock["term"];
}

/** Each term alone as a problem of its own variables: its Hessian, projected here, added up densely. */
function reference(n: number, { indices, data, term }: Block, x: Float64Array, negative: Negative): Float64Array {
  const total = new Float64Array(n * n);
  const k = indices[0]!.length;
  const own = Array.from({ length: k }, (_, i) => i);
  const one = problemFromTerms(k, [{ indices: [own], data: [data[0]!], term }], { evaluation: "compiled", projectPsd });
  const H = one.newHessian();
  for (const [t, row] of indices.entries()) {
    one.setData(0, [data[t]!]);
    one.hessianInto(
      H,
      Float64Array.from(row, (i) => x[i]!),
    );
    const P = projected(toDenseMatrix(H).data, k, negative);
    for (let i = 0; i < k; i++) for (let j = 0; j < k; j++) total[row[i]! * n + row[j]!]! += P[i * k + j]!;
  }
  return total;
}

function expectSame(a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number) {
  const size = Array.from(b).reduce((most, value) => Math.max(most, Math.abs(value)), 1e-300);
  for (let i = 0; i < b.length; i++) expect(Math.abs(a[i]! - b[i]!) / size).toBeLessThanOrEqual(tolerance);
}

/** Terms along a chain: each shares variables with the one before. Points are far from rest, so that many Hessians are indefinite. */
function chain(terms: number, k: number, step: number, data: (t: number) => number[], term: TermBlock["term"]) {
  const indices = Array.from({ length: terms }, (_, t) => Array.from({ length: k }, (_, i) => t * step + i));
  return { n: (terms - 1) * step + k, indices, data: indices.map((_, t) => data(t)), term };
}

const cases = {
  "symmetric Dirichlet": chain(
    21,
    6,
    2,
    (t) => [1 + 0.2 * noise(t), 0.1, -0.1, 0.9, 0.5 + 0.1 * noise(t + 9)],
    symmetricDirichlet.term,
  ),
  "neo-Hookean": chain(13, 12, 12, () => [1, 0.1, 0, 0, 1, 0.1, 0, 0, 1, 0.2, 1, 2], neoHookean.term),
  hinge: chain(13, 12, 3, () => [0.4, 1.3], hinge.term),
  spring: chain(20, 6, 3, (t) => [1.5 + noise(t), 1.3], spring.term),
};
const evaluations = ["wasm", "compiled", "interpreted"] as const;

function point(n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => 1.7 * noise(3 * i + 1));
}

describe("convexHessianInto", () => {
  for (const [name, { n, ...block }] of Object.entries(cases)) {
    for (const negative of ["clamp", "absolute"] as const)
      it(`${name}: ${negative}, as eigendecompositions term by term have it, in every evaluation`, () => {
        const x = point(n);
        // Tetrahedra stand alone, distorted but not turned inside out.
        const corner = [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1];
        if (name === "neo-Hookean") for (let i = 0; i < n; i++) x[i] = corner[i % 12]! + 0.35 * noise(i);
        const wanted = reference(n, block, x, negative);
        for (const evaluation of evaluations) {
          const problem = problemFromTerms(n, [block], { evaluation, projectPsd });
          const H = problem.newConvexHessian();
          problem.convexHessianInto(H, x, negative);
          expectSame(toDenseMatrix(H).data, wanted, 1e-12);
          const g = new Float64Array(n);
          const alone = problem.newConvexHessian();
          const f = problem.valueGradientConvexHessianInto(g, alone, x, negative);
          expect(f).toBeCloseTo(problem.value(x), 10);
          expectSame(g, problem.gradientInto(new Float64Array(n), x), 1e-13);
          expectSame(alone.values, H.values, 1e-15);
        }
      });
  }

  it("changes an indefinite sum, and leaves one of definite terms alone", () => {
    const { n, ...block } = cases.spring;
    const problem = problemFromTerms(n, [block], { evaluation: "compiled", projectPsd });
    const [H, C] = [problem.newHessian(), problem.newConvexHessian()];
    problem.hessianInto(H, point(n));
    problem.convexHessianInto(C, point(n), "clamp");
    expect(Math.max(...C.values.map((value, e) => Math.abs(value - H.values[e]!)))).toBeGreaterThan(0.1);
    // Stretched springs.
    const stretched = Float64Array.from({ length: n }, (_, i) => 5 * Math.floor(i / 3) + 0.1 * noise(i));
    problem.hessianInto(H, stretched);
    problem.convexHessianInto(C, stretched, "clamp");
    expect(C.values).toEqual(H.values);
  });

  it("fills in what a projection does: x y z has no diagonal of its own", () => {
    const indices = [
      [0, 1, 2],
      [2, 3, 4],
    ];
    const block = { indices, data: [[], []], term: ([x, y, z]: Expr[]) => x!.mul(y!).mul(z!) };
    const x = Float64Array.of(1, 2, -1, 0.5, 3);
    for (const evaluation of evaluations) {
      const problem = problemFromTerms(5, [block], { evaluation, projectPsd });
      const H = problem.newConvexHessian();
      expect(H.values.length).toBe(11);
      problem.convexHessianInto(H, x, "clamp");
      expectSame(toDenseMatrix(H).data, reference(5, block, x, "clamp"), 1e-13);
    }
  });

  it("projects before variables that are one and the same are added up", () => {
    const indices = [
      [0, 0, 1],
      [1, 0, 1],
      [2, 1, 0],
    ];
    const block = {
      indices,
      data: [[], [], []],
      term: ([x, y, z]: Expr[]) => x!.mul(y!).mul(z!).add(x!.mul(z!).sin()),
    };
    const x = Float64Array.of(1, 2, -1);
    for (const evaluation of evaluations) {
      const problem = problemFromTerms(3, [block], { evaluation, projectPsd });
      const H = problem.convexHessianInto(problem.newConvexHessian(), x, "absolute");
      expectSame(toDenseMatrix(H).data, reference(3, block, x, "absolute"), 1e-13);
    }
  });

  it("takes terms of more variables than a batch does", () => {
    const k = 20;
    const term = (x: Expr[]) => x.slice(1).reduce((sum, y, i) => sum.add(y.mul(x[i]!).sin()), x[0]!.square());
    const block = chain(3, k, 7, () => [], term);
    const x = point(block.n);
    const problem = problemFromTerms(block.n, [block], { evaluation: "compiled", projectPsd });
    const H = problem.convexHessianInto(problem.newConvexHessian(), x, "clamp");
    expectSame(toDenseMatrix(H).data, reference(block.n, block, x, "clamp"), 1e-12);
  });

  it("goes over piece after piece, an odd number of terms, by new data, on threads, in each evaluation alike", async () => {
    const { indices, data, term, n } = chain(
      2501,
      6,
      2,
      (t) => [1 + 0.2 * noise(t), 0.1, -0.1, 0.9, 0.5 + 0.1 * noise(t + 9)],
      symmetricDirichlet.term,
    );
    const x = point(n);
    const threads = await startThreads(2);
    pools.push(threads);
    const second = data.map((row, t) => row.map((value, e) => (e === 4 ? value + 0.01 * (t % 13) : value)));
    const run = (options: TermsOptions) => {
      const problem = problemFromTerms(n, [{ indices, data, term }], { ...options, projectPsd });
      const H = problem.newConvexHessian();
      const g = new Float64Array(n);
      const values: number[] = [];
      for (const table of [data, second]) {
        problem.setData(0, table);
        values.push(problem.valueGradientConvexHessianInto(g, H, x, "clamp"), ...g, ...H.values);
        problem.hessianInto(problem.newHessian(), x);
      }
      return values;
    };
    const compiled = run({ evaluation: "compiled" });
    // As if the second table had been the only one.
    const fresh = problemFromTerms(n, [{ indices, data: second, term }], { evaluation: "compiled", projectPsd });
    const H = fresh.newConvexHessian();
    fresh.convexHessianInto(H, x, "clamp");
    expect(compiled.slice(-H.values.length)).toEqual([...H.values]);
    expect(run({ evaluation: "interpreted" })).toEqual(compiled);
    const wasm = run({ evaluation: "wasm" });
    const size = Math.max(...compiled.slice(-1000).map(Math.abs));
    expect(Math.max(...wasm.map((v, i) => Math.abs(v - compiled[i]!) / Math.max(size, Math.abs(v))))).toBeLessThan(
      1e-9,
    );
    expect(run({ threads })).toEqual(run({ threads }));
    expectSame(run({ threads }).slice(1, n), wasm.slice(1, n), 1e-13);
  });

  it("hands on what isn't finite", () => {
    const block = { indices: [[0, 1]], data: [[]], term: ([x, y]: Expr[]) => x!.sqrt().mul(y!).add(y!.square()) };
    const problem = problemFromTerms(2, [block], { projectPsd });
    const H = problem.convexHessianInto(problem.newConvexHessian(), Float64Array.of(-1, 1), "clamp");
    expect(Array.from(H.values).some(Number.isNaN)).toBe(true);
    expect(problem.diagnose(Float64Array.of(-1, 1))[0]!.operation).toBe("sqrt(-1)");
  });
});

describe("squares", () => {
  const residuals = ([x, y]: Expr[], [t]: Expr[]) => [x!.mul(t!.mul(y!).exp()).sub(1), x!.sub(y!)];
  const indices = [
    [0, 1],
    [1, 2],
    [2, 0],
  ];
  const data = [[0.3], [-0.2], [0.5]];
  const x = Float64Array.of(0.4, 1.2, -0.3);

  it("is half the sum of squares, with its exact Hessian", () => {
    const half = ([x, y]: Expr[], d: Expr[]) =>
      residuals([x!, y!], d).reduce((sum, r) => sum.add(r.square().mul(0.5)), x!.mul(0));
    const a = problemFromTerms(3, [{ indices, data, term: residuals, squares: true }]);
    const b = problemFromTerms(3, [{ indices, data, term: half }]);
    expect(a.value(x)).toBeCloseTo(b.value(x), 14);
    const [A, B] = [a.newHessian(), b.newHessian()];
    a.hessianInto(A, x);
    b.hessianInto(B, x);
    expectSame(A.values, B.values, 1e-14);
  });

  it("has JᵀJ as its Gauss–Newton matrix, in every evaluation", () => {
    const pair = kernel({ inputs: { p: vec2 } }, ({ p }) => p);
    expect(pair.outputs).toBe(2);
    const wanted = new Float64Array(9);
    for (const [t, [i, j]] of indices.entries()) {
      const s = data[t]![0]!;
      const e = Math.exp(s * x[j!]!);
      const J = [
        [e, s * x[i!]! * e],
        [1, -1],
      ];
      for (const row of J) {
        const full = [0, 0, 0];
        full[i!]! += row[0]!;
        full[j!]! += row[1]!;
        for (let a = 0; a < 3; a++) for (let b = 0; b < 3; b++) wanted[3 * a + b]! += full[a]! * full[b]!;
      }
    }
    for (const evaluation of evaluations) {
      const problem = problemFromTerms(3, [{ indices, data, term: residuals, squares: true }], { evaluation });
      const H = problem.newConvexHessian();
      const g = new Float64Array(3);
      expect(problem.valueGradientConvexHessianInto(g, H, x, "gaussNewton")).toBeCloseTo(problem.value(x), 14);
      expectSame(toDenseMatrix(H).data, wanted, 1e-14);
      expectSame(g, problem.gradientInto(new Float64Array(3), x), 1e-14);
      problem.convexHessianInto(H, x, "gaussNewton");
      expectSame(toDenseMatrix(H).data, wanted, 1e-14);
    }
  });
});

describe("misuse of convex Hessians", () => {
  const problem = problemFromTerms(2, [{ indices: [[0, 1]], term: ([x, y]) => x!.mul(y!) }], { projectPsd });
  it("names an unknown way, a wrong matrix, a wrong point", () => {
    const H = problem.newConvexHessian();
    const x = new Float64Array(2);
    expect(() => problem.convexHessianInto(H, x, "mirror" as "clamp")).toThrow(/convexity.*"mirror".*"clamp"/);
    expect(() => problem.convexHessianInto(H, new Float64Array(3), "clamp")).toThrow(/`x` is of length 3/);
    expect(() => problem.convexHessianInto({ ...H, values: new Float64Array(1) }, x, "clamp")).toThrow(
      /newConvexHessian/,
    );
    expect(() => problem.valueGradientConvexHessianInto(new Float64Array(1), H, x, "clamp")).toThrow(/gradient/);
  });
  it("wants something that projects", () => {
    const bare = problemFromTerms(2, [{ indices: [[0, 1]], term: ([x, y]) => x!.mul(y!) }]);
    expect(() => bare.convexHessianInto(bare.newConvexHessian(), new Float64Array(2), "clamp")).toThrow(
      /options\.projectPsd.*projectPsdInto/,
    );
    expect(() => problemFromTerms(2, [], { projectPsd: 1 as never })).toThrow(/projectPsd/);
    expect(() => projectPsd(new Float64Array(3), 2, 1, "clamp")).toThrow(/count · n² = 4/);
    expect(() => projectPsd(new Float64Array(4), 2, 1, "mirror" as "clamp")).toThrow(/negative/);
    expect(() => projectPsd(new Float64Array(4), 0, 1, "clamp")).toThrow(/`n`/);
  });
  it("knows of no groups", () => {
    const groups = problemFromTerms(2, [
      { groups: 1, inner: [{ indices: [[0, 1]], group: [0], term: ([x, y]) => x!.mul(y!) }], outer: (s) => s.square() },
    ]);
    expect(() => groups.newConvexHessian()).toThrow(/blocks\[0\].*a group block/);
  });
});
