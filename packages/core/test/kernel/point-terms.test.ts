// Index tables of points: the same sum as with a number a variable, by every way, to the bit in WebAssembly.
import { afterAll, describe, expect, it } from "vitest";
import { type Expr, problemFromTerms, type TermBlock, type TermsProblem } from "../../src/kernel/index.js";
import { projectPsdInto } from "../../src/linear/index.js";
import { webAssembly } from "../../src/wasm/engine.js";
import { startThreads, type ThreadPool } from "../../src/wasm/threads.js";

const pools: ThreadPool[] = [];
afterAll(() => {
  for (const pool of pools) pool.close();
});

function everything(problem: TermsProblem, x: Float64Array) {
  const v = Float64Array.from(x, (_, i) => Math.cos(i));
  const g = new Float64Array(x.length);
  const H = problem.newHessian();
  const value = problem.valueGradientHessianInto(g, H, x);
  const C = problem.newConvexHessian();
  problem.convexHessianInto(C, x, "clamp");
  const absolute = problem.newConvexHessian();
  problem.convexHessianInto(absolute, x, "absolute");
  const alone = problem.newHessian();
  problem.hessianInto(alone, x);
  return {
    value: Float64Array.of(value, problem.value(x)),
    g,
    H: H.values.slice(),
    rows: H.rowIndices,
    columns: H.colPointers,
    alone: alone.values.slice(),
    C: C.values.slice(),
    absolute: absolute.values.slice(),
    Hv: problem.hessianApplyInto(new Float64Array(x.length), x, v),
  };
}

/** Triangles of a grid whose vertices are numbered at random. */
function gridTable(side: number): Int32Array {
  const n = side * side;
  const number = Array.from({ length: n }, (_, v) => (v * 7919) % n);
  const table: number[] = [];
  for (let i = 0; i + 1 < side; i++)
    for (let j = 0; j + 1 < side; j++) {
      const v = i * side + j;
      table.push(...[v, v + 1, v + side, v + side + 1, v + side, v + 1].map((w) => number[w]!));
    }
  return Int32Array.from(table);
}

const spread = (table: Int32Array, d: number) =>
  Int32Array.from({ length: table.length * d }, (_, p) => table[Math.floor(p / d)]! * d + (p % d));

/** A term with all entries, and one whose coordinates don't mix. */
const terms = {
  full: (d: number) => (x: Expr[]) => {
    const along = (P: number) => Array.from({ length: d }, (_, c) => x[P * d + c]!.sub(x[c]!));
    const dot = (a: Expr[], b: Expr[]) => a.map((one, c) => one.mul(b[c]!)).reduce((s, one) => s.add(one));
    const [e, f] = [along(1), along(2)];
    return dot(e, e).mul(dot(f, f)).sub(dot(e, f).square()).add(1).sqrt().add(dot(e, f).sin().mul(0.3));
  },
  apart: (d: number) => (x: Expr[]) =>
    Array.from({ length: d }, (_, c) =>
      x[c]!.add(x[d + c]!)
        .mul(x[2 * d + c]!)
        .cos()
        .add(x[c]!.mul(x[d + c]!)),
    ).reduce((s, one) => s.add(one)),
};

function blocks(kind: keyof typeof terms, d: number, table: Int32Array) {
  const term = terms[kind](d);
  const byPoints: TermBlock = { indices: { arity: 3, table, coordinates: d }, term };
  const byVariables: TermBlock = { indices: { arity: 3 * d, table: spread(table, d) }, term };
  return { byPoints, byVariables };
}

function expectSame(a: ReturnType<typeof everything>, b: ReturnType<typeof everything>) {
  for (const key of Object.keys(a) as (keyof typeof a)[]) expect(a[key], key).toEqual(b[key]);
}

describe("terms over points", () => {
  for (const kind of ["full", "apart"] as const)
    for (const d of [1, 2, 3])
      it(`${kind} terms of ${d} coordinates: as with a number a variable, by every way`, () => {
        const table = gridTable(5);
        const { byPoints, byVariables } = blocks(kind, d, table);
        const x = Float64Array.from({ length: 25 * d }, (_, i) => Math.sin(1 + 3 * i));
        for (const evaluation of ["wasm", "compiled", "interpreted"] as const) {
          const options = { evaluation, projectPsd: projectPsdInto };
          const one = problemFromTerms(25 * d, [byPoints], options);
          const other = problemFromTerms(25 * d, [byVariables], options);
          expect(one.structure).toEqual(other.structure);
          expectSame(everything(one, x), everything(other, x));
        }
      });

  it("an odd number of terms, several blocks, points that repeat in a term, and data", () => {
    const table = gridTable(4).slice(0, 3 * 7);
    const { byPoints, byVariables } = blocks("full", 2, table);
    const masses = { arity: 1, table: Int32Array.of(3, 0, 9, 3, 5) };
    const data = { width: 1, table: Float64Array.of(1, 2, 3, 4, 5) };
    const mass = ([a, b]: Expr[], [m]: Expr[]) => a!.square().mul(b!).mul(m!);
    const x = Float64Array.from({ length: 32 }, (_, i) => Math.sin(1 + 3 * i));
    const repeated = Int32Array.of(1, 1, 2, 4, 5, 6, 7, 8, 7);
    const pair = blocks("full", 2, repeated);
    for (const evaluation of ["wasm", "compiled"] as const) {
      const options = { evaluation, projectPsd: projectPsdInto };
      const one = problemFromTerms(
        32,
        [byPoints, { indices: { ...masses, coordinates: 2 }, data, term: mass }],
        options,
      );
      const other = problemFromTerms(
        32,
        [byVariables, { indices: { arity: 2, table: spread(masses.table, 2) }, data, term: mass }],
        options,
      );
      expectSame(everything(one, x), everything(other, x));
      expectSame(
        everything(problemFromTerms(32, [pair.byPoints], options), x),
        everything(problemFromTerms(32, [pair.byVariables], options), x),
      );
    }
  });

  it("the same bits with 2 and 3 threads as without any", async () => {
    const table = gridTable(35);
    for (const [kind, d] of [
      ["full", 2],
      ["full", 3],
      ["apart", 3],
    ] as const) {
      const { byPoints, byVariables } = blocks(kind, d, table);
      const n = 35 * 35 * d;
      const x = Float64Array.from({ length: n }, (_, i) => Math.sin(i));
      const serial = everything(
        problemFromTerms(n, [byVariables], { evaluation: "wasm", projectPsd: projectPsdInto }),
        x,
      );
      for (const count of [2, 3]) {
        const pool = await startThreads(count);
        pools.push(pool);
        const problem = problemFromTerms(n, [byPoints], { threads: pool, projectPsd: projectPsdInto });
        expectSame(everything(problem, x), serial);
        expectSame(everything(problem, x), serial);
      }
    }
  });

  it("falls back on JavaScript where there is no memory, and names the term at fault", () => {
    const engine = webAssembly as unknown as { Memory: unknown };
    const { Memory } = engine;
    const { byPoints, byVariables } = blocks("full", 2, gridTable(4));
    const x = Float64Array.from({ length: 32 }, (_, i) => Math.sin(1 + 3 * i));
    engine.Memory = class {
      constructor() {
        throw new RangeError("could not allocate memory");
      }
    };
    try {
      const options = { evaluation: "wasm", projectPsd: projectPsdInto } as const;
      expectSame(
        everything(problemFromTerms(32, [byPoints], options), x),
        everything(problemFromTerms(32, [byVariables], { ...options, evaluation: "compiled" }), x),
      );
    } finally {
      engine.Memory = Memory;
    }
    const log = {
      indices: { arity: 1, table: Int32Array.of(0, 1, 2), coordinates: 2 },
      term: ([, b]: Expr[]) => b!.log(),
    };
    const [fault] = problemFromTerms(6, [log]).diagnose(Float64Array.of(-1, 1, -1, -3, -1, 1));
    expect(fault!.term).toBe(1);
    expect(fault!.operation).toBe("log(-3)");
  });

  it("refuses points that aren't there and coordinates that are no number", () => {
    const term = ([x]: Expr[]) => x!;
    const of =
      (n: number, coordinates: number, ...table: number[]) =>
      () =>
        problemFromTerms(n, [{ indices: { arity: 1, table: Int32Array.from(table), coordinates }, term }]);
    expect(of(6, 2, 0, 3)).toThrow(/blocks\[0\]\.indices\[1\]\[0\].*3.*a point number from 0 to 2/s);
    expect(of(7, 2, 3)).toThrow(/a point number from 0 to 2/);
    expect(of(6, 0, 0)).toThrow(/blocks\[0\]\.indices\.coordinates.*0.*a whole number from 1 to 16/s);
    expect(of(6, 1.5, 0)).toThrow(/coordinates/);
    expect(of(40, 20, 1)).toThrow(/coordinates.*20.*a whole number from 1 to 16/s);
  });

  it("keeps a table that it may, and copies others", () => {
    const term = ([x]: Expr[]) => x!.square();
    const table = Int32Array.of(0, 1);
    const copied = problemFromTerms(4, [{ indices: { arity: 1, table, coordinates: 2 }, term }]);
    const kept = problemFromTerms(4, [{ indices: { arity: 1, table, coordinates: 2, kept: true }, term }]);
    const x = Float64Array.of(1, 2, 3, 4);
    expect([copied.value(x), kept.value(x)]).toEqual([10, 10]);
    table[1] = 0;
    expect([copied.value(x), kept.value(x)]).toEqual([10, 2]);
  });
});
