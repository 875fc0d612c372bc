// Terms in WebAssembly against compiled JavaScript: every operation and sink, odd and even counts, groups, repeated variables, data that change, and
// threads to the bit.
import { afterAll, describe, expect, it, vi } from "vitest";
import * as kernel from "../../src/kernel/index.js";
import { type Expr, problemFromTerms, type TermsOptions, type TermsProblem } from "../../src/kernel/index.js";
import { webAssembly } from "../../src/wasm/engine.js";
import { startThreads, type ThreadPool } from "../../src/wasm/threads.js";

const pools: ThreadPool[] = [];
afterAll(() => {
  for (const pool of pools) pool.close();
});

/** Value, gradient, Hessian values and a product. */
function everything(problem: TermsProblem, x: Float64Array) {
  const n = x.length;
  const v = Float64Array.from(x, (_, i) => Math.cos(i));
  const H = problem.newHessian();
  const g = new Float64Array(n);
  const f = problem.valueGradientHessianInto(g, H, x);
  const alone = problem.newHessian();
  problem.hessianInto(alone, x);
  return {
    value: problem.value(x),
    f,
    g,
    gradient: problem.gradientInto(new Float64Array(n), x),
    H: H.values.slice(),
    alone: alone.values.slice(),
    Hv: problem.hessianApplyInto(new Float64Array(n), x, v),
  };
}

function expectClose(a: ReturnType<typeof everything>, b: ReturnType<typeof everything>, tolerance = 1e-13) {
  for (const key of Object.keys(a) as (keyof typeof a)[]) {
    const p = [a[key]].flatMap((one) => (typeof one === "number" ? [one] : Array.from(one)));
    const q = [b[key]].flatMap((one) => (typeof one === "number" ? [one] : Array.from(one)));
    const scale = q.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 1);
    for (let k = 0; k < q.length; k++) {
      if (Number.isFinite(q[k]!))
        expect(Math.abs(p[k]! - q[k]!), `${key}[${k}]`).toBeLessThanOrEqual(tolerance * scale);
      else expect(p[k], `${key}[${k}]`).toBe(q[k]);
    }
  }
}

const both = (n: number, blocks: Parameters<typeof problemFromTerms>[1], options: TermsOptions = {}) =>
  [
    problemFromTerms(n, blocks, { evaluation: "wasm", ...options }),
    problemFromTerms(n, blocks, { evaluation: "compiled" }),
  ] as const;

const unary = [
  "neg",
  "abs",
  "sign",
  "sqrt",
  "exp",
  "expm1",
  "log",
  "log1p",
  "sin",
  "cos",
  "tan",
  "asin",
  "acos",
  "atan",
  "sinh",
  "cosh",
  "tanh",
  "asinh",
  "acosh",
  "atanh",
  "log2",
  "log10",
  "cbrt",
];
const functions = kernel as unknown as Record<string, (...values: unknown[]) => Expr>;

describe("terms in WebAssembly", () => {
  for (const name of unary)
    it(`${name}: as compiled JavaScript`, () => {
      const indices = Array.from({ length: 7 }, (_, t) => [t, t + 1]);
      const blocks = [
        {
          indices,
          term: ([x, y]: Expr[]) =>
            functions[name]!(x)
              .mul(y!)
              .add(functions[name]!(y!.mul(x!))),
        },
      ];
      const [a, b] = both(8, blocks);
      const x = Float64Array.from({ length: 8 }, (_, i) => 0.1 + 0.11 * i);
      expect(a.structure.evaluation).toBe("wasm");
      expectClose(everything(a, x), everything(b, x));
    });

  for (const name of ["add", "sub", "mul", "div", "min", "max", "pow", "atan2", "hypot"])
    it(`${name}: as compiled JavaScript`, () => {
      const indices = Array.from({ length: 6 }, (_, t) => [t, t + 2]);
      const term = ([x, y]: Expr[]) => functions[name]!(functions[name]!(x, y), x!.mul(y!).add(2));
      const [a, b] = both(8, [{ indices, term }]);
      const x = Float64Array.from({ length: 8 }, (_, i) => 0.3 + 0.2 * ((5 * i) % 8));
      expectClose(everything(a, x), everything(b, x));
    });

  it("selects without touching the branch that isn't chosen", () => {
    const indices = Array.from({ length: 5 }, (_, t) => [t]);
    const term = ([x]: Expr[]) =>
      kernel.select(kernel.lt(x!, 0), x!.square(), x!.sqrt().mul(kernel.select(kernel.le(1, x!), 2, 3)));
    const [a, b] = both(5, [{ indices, term }]);
    const x = Float64Array.of(-2, -0.5, 0.25, 1, 4);
    const result = everything(a, x);
    expectClose(result, everything(b, x));
    expect(result.g[0]).toBe(-4);
  });

  for (const count of [1, 2, 3, 8, 9])
    it(`${count} terms with data, repeated variables and several blocks`, () => {
      const indices = Array.from({ length: count }, (_, t) => [t % 4, (3 * t) % 4, 2]);
      const data = indices.map((_, t) => [t + 1, 1 / (t + 2)]);
      const term = ([x, y, z]: Expr[], [p, q]: Expr[]) => x!.mul(y!).add(p!).square().mul(q!).add(z!.mul(x!).sin());
      const other = { indices: [[3], [1]], term: ([x]: Expr[]) => x!.exp() };
      const [a, b] = both(4, [{ indices, data, term }, other]);
      const x = Float64Array.of(0.3, -1.2, 0.7, 2.1);
      expectClose(everything(a, x), everything(b, x));
      for (const problem of [a, b])
        problem.setData(
          0,
          data.map(([p, q]) => [2 * p!, q! - 1]),
        );
      expectClose(everything(a, x), everything(b, x));
    });

  it("groups, with data, inner blocks of odd length and a curved outer function", () => {
    const groups = {
      groups: 3,
      data: [[1], [2], [3]],
      inner: [
        {
          indices: [
            [0, 1],
            [1, 2],
            [2, 3],
            [3, 4],
            [0, 4],
          ],
          group: [0, 1, 2, 0, 1],
          term: ([x, y]: Expr[]) => x!.mul(y!),
        },
        { indices: [[0], [2], [2]], group: [2, 2, 0], term: ([x]: Expr[]) => x!.cosh() },
      ],
      outer: (s: Expr, [d]: Expr[]) => s.square().add(1).log().mul(d!),
    };
    const [a, b] = both(5, [groups, { indices: [[4, 0]], term: ([x, y]: Expr[]) => x!.sub(y!).square() }]);
    const x = Float64Array.of(0.5, -1, 0.25, 2, 0.125);
    expectClose(everything(a, x), everything(b, x));
    for (const problem of [a, b]) problem.setData(0, [[3], [1], [4]]);
    expectClose(everything(a, x), everything(b, x));
  });

  it("terms without variables, and a long chain of operations", () => {
    const constant = { indices: [[0]], data: [[3]], term: (_: Expr[], [d]: Expr[]) => d!.square() };
    const chain = {
      indices: [[0], [1], [2]],
      term: ([x]: Expr[]) => {
        let y = x!;
        for (let k = 0; k < 500; k++) y = kernel.sub(k % 3, y.mul(x!.add(k / 500)));
        return y;
      },
    };
    const [a, b] = both(3, [constant, chain]);
    const x = Float64Array.of(0.3, -0.4, 0.1);
    expectClose(everything(a, x), everything(b, x), 1e-12);
  });

  it("more constants than its table holds", () => {
    const term = ([x]: Expr[]) =>
      Array.from({ length: 90 }, (_, k) => x!.sub(k / 7).square()).reduce((s, one) => s.add(one));
    const [a, b] = both(2, [{ indices: [[0], [1], [1]], term }]);
    const x = Float64Array.of(0.3, -0.4);
    expectClose(everything(a, x), everything(b, x));
  });

  it("works on the first Hessian in place and on others as well", () => {
    const [a] = both(3, [
      {
        indices: [
          [0, 1],
          [1, 2],
        ],
        term: ([x, y]: Expr[]) => x!.mul(y!).exp(),
      },
    ]);
    const x = Float64Array.of(0.1, 0.2, 0.3);
    const [first, second] = [a.newHessian(), a.newHessian()];
    expect(first.values.buffer).not.toBe(second.values.buffer);
    a.hessianInto(first, x);
    a.hessianInto(second, x);
    expect(second.values).toEqual(first.values.slice());
    // The first one isn't used as scratch memory.
    const kept = first.values.slice();
    a.hessianInto(second, Float64Array.of(1, 2, 3));
    expect(first.values.slice()).toEqual(kept);
    expect(second.values).not.toEqual(kept);
  });

  it("non-finite values stay in the terms that they come from", () => {
    const [a, b] = both(4, [{ indices: [[0], [1], [2]], term: ([x]: Expr[]) => x!.log() }]);
    const x = Float64Array.of(1, -1, 0, 5);
    const result = everything(a, x);
    expect(result.value).toBe(everything(b, x).value);
    expect([...result.g]).toEqual([1, -1, Number.POSITIVE_INFINITY, 0]);
    expect(a.diagnose(x)[0]!.message).toMatch(/log\(-1\)/);
  });

  it("falls back on JavaScript where there is no memory", () => {
    const engine = webAssembly as unknown as { Memory: unknown };
    const { Memory } = engine;
    const blocks = [{ indices: [[0], [1]], term: ([x]: Expr[]) => x!.square() }];
    engine.Memory = class {
      constructor() {
        throw new RangeError("could not allocate memory");
      }
    };
    try {
      const problem = problemFromTerms(2, blocks, { evaluation: "wasm" });
      expect(everything(problem, Float64Array.of(1, 2)).value).toBe(5);
    } finally {
      engine.Memory = Memory;
    }
  });

  it("is taken for many terms, and not for few", () => {
    const of = (count: number) =>
      problemFromTerms(2, [
        { indices: Array.from({ length: count }, () => [0, 1]), term: ([x, y]: Expr[]) => x!.mul(y!) },
      ]);
    expect(of(10).structure.evaluation).toBe("compiled");
    expect(of(10_000).structure.evaluation).toBe("wasm");
    vi.stubGlobal("Function", () => {
      throw new EvalError("Refused to evaluate a string as JavaScript");
    });
    try {
      expect(of(10).structure.evaluation).toBe("interpreted");
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it("refuses threads with another evaluation, and unknown ones", () => {
    const term = ([x]: Expr[]) => x!;
    const blocks = [{ indices: [[0]], term }];
    expect(() => problemFromTerms(1, blocks, { evaluation: "gpu" as "wasm" })).toThrow(/options\.evaluation.*"gpu"/s);
    const threads = {} as ThreadPool;
    expect(() => problemFromTerms(1, blocks, { evaluation: "compiled", threads })).toThrow(/options\.threads/);
  });
});

describe("terms on threads", () => {
  /** A grid of triangles whose vertices are numbered at random, and a group block beside it. */
  function blocks(side: number): { n: number; blocks: Parameters<typeof problemFromTerms>[1] } {
    const n = side * side;
    const number = Array.from({ length: n }, (_, v) => (v * 7919) % n);
    const indices: number[][] = [];
    for (let i = 0; i + 1 < side; i++)
      for (let j = 0; j + 1 < side; j++) {
        const v = i * side + j;
        indices.push(
          [v, v + 1, v + side].map((w) => number[w]!),
          [v + side + 1, v + side, v + 1].map((w) => number[w]!),
        );
      }
    const term = ([a, b, c]: Expr[], [d]: Expr[]) =>
      a!.sub(b!).square().add(b!.mul(c!).sin()).mul(d!).add(a!.mul(c!).exp());
    const group = {
      groups: 40,
      inner: [
        {
          indices: indices.map(([a]) => [a!]),
          group: indices.map((_, t) => t % 40),
          term: ([x]: Expr[]) => x!.square(),
        },
      ],
      outer: (s: Expr) => s.add(1).sqrt(),
    };
    return { n, blocks: [{ indices, data: indices.map((_, t) => [1 + (t % 5)]), term }, group] };
  }

  it("the same bits with 1, 2 and 3 threads as without any", async () => {
    const { n, blocks: sum } = blocks(35);
    const x = Float64Array.from({ length: n }, (_, i) => Math.sin(i));
    const serial = everything(problemFromTerms(n, sum, { evaluation: "wasm" }), x);
    for (const count of [1, 2, 3]) {
      const pool = await startThreads(count);
      pools.push(pool);
      const problem = problemFromTerms(n, sum, { threads: pool });
      expect(problem.structure.evaluation).toBe("wasm");
      for (let round = 0; round < 3; round++) {
        const result = everything(problem, x);
        for (const key of Object.keys(serial) as (keyof typeof serial)[]) {
          const [a, b] = [result[key], serial[key]].map((one) => (typeof one === "number" ? [one] : one));
          expect(a!.length).toBe(b!.length);
          expect(
            b!.findIndex((value, k) => !Object.is(value, a![k])),
            key,
          ).toBe(-1);
        }
      }
    }
    expectClose(serial, everything(problemFromTerms(n, sum, { evaluation: "compiled" }), x));
  });
});
