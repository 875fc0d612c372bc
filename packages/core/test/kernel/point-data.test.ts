// Data that are put by a function, by term and by point: the same sums as with tables, in every evaluation, on threads, and when a memory becomes too small.
import { afterAll, describe, expect, it } from "vitest";
import {
  type DataTable,
  type Expr,
  problemFromTerms,
  type TermsOptions,
  type TermsProblem,
} from "../../src/kernel/index.js";
import { mostModules } from "../../src/kernel/term-home.js";
import { projectPsdInto } from "../../src/linear/index.js";
import { constantBytes } from "../../src/wasm/assembler.js";
import { pageBytes, type WasmMemory, webAssembly } from "../../src/wasm/engine.js";
import { startThreads, type ThreadPool } from "../../src/wasm/threads.js";

const pools: ThreadPool[] = [];
afterAll(() => {
  for (const pool of pools) pool.close();
});

const ways: readonly TermsOptions[] = ["wasm", "compiled", "interpreted"].map((evaluation) => ({
  evaluation: evaluation as "wasm",
  projectPsd: projectPsdInto,
}));

/** Springs on a path of points in R³, with a stiffness a spring and a weight and a rest position a point. */
function springs(count: number) {
  const table = Int32Array.from({ length: 2 * count }, (_, p) => ((p >> 1) + (p & 1)) % (count + 1));
  const x = Float64Array.from({ length: 3 * (count + 1) }, (_, i) => Math.sin(1 + 3 * i));
  const term = (x: Expr[], [k, ...rest]: Expr[]) => {
    const stretch = (c: number) => x[3 + c]!.sub(x[c]!).square();
    const away = (P: number) =>
      [0, 1, 2]
        .map((c) => x[3 * P + c]!.sub(rest[4 * P + 1 + c]!).square())
        .reduce((s, one) => s.add(one))
        .mul(rest[4 * P]!);
    return stretch(0).add(stretch(1)).add(stretch(2)).sub(1).square().mul(k!).add(away(0)).add(away(1));
  };
  const k = (t: number, scale: number) => scale * (1 + (t % 3));
  const ofPoint = (v: number, slot: number, scale: number) => scale * (1 + ((5 * v + slot) % 7));
  const indices = { arity: 2, table, coordinates: 3 };
  /** With numbers by point. */
  const put = (scale: number) => ({
    width: 1,
    fill: (put: (t: number, slot: number, value: number) => void) => {
      for (let t = 0; t < count; t++) put(t, 0, k(t, scale));
    },
    points: {
      width: 4,
      fill: (put: (v: number, slot: number, value: number) => void) => {
        for (let v = 0; v <= count; v++) for (let slot = 0; slot < 4; slot++) put(v, slot, ofPoint(v, slot, scale));
      },
    },
  });
  /** The same numbers term by term. */
  const flat = (scale: number): DataTable => {
    const all = new Float64Array(9 * count);
    for (let t = 0; t < count; t++) {
      all[9 * t] = k(t, scale);
      for (let c = 0; c < 8; c++) all[9 * t + 1 + c] = ofPoint(table[2 * t + (c >> 2)]!, c & 3, scale);
    }
    return { width: 9, table: all };
  };
  const make = (data: DataTable, options: TermsOptions) =>
    problemFromTerms(x.length, [{ indices, data, term }], options);
  return { x, put, flat, make, indices, term };
}

function everything(problem: TermsProblem, x: Float64Array) {
  const g = new Float64Array(x.length);
  const H = problem.newHessian();
  const C = problem.newConvexHessian();
  return {
    value: Float64Array.of(problem.value(x), problem.valueGradientHessianInto(g, H, x)),
    g,
    H: H.values.slice(),
    C: problem.convexHessianInto(C, x, "clamp").values.slice(),
    Hv: problem.hessianApplyInto(new Float64Array(x.length), x, x),
  };
}

describe("data that are put", () => {
  for (const count of [4, 5])
    it(`${count} terms: as with tables, and when they are changed`, () => {
      const { x, put, flat, make } = springs(count);
      for (const options of ways) {
        const one = make(put(1), options);
        const other = make(flat(1), options);
        expect(one.structure).toEqual(other.structure);
        expect(everything(one, x)).toEqual(everything(other, x));
        one.setData(0, put(3));
        other.setData(0, flat(3));
        expect(everything(one, x)).toEqual(everything(other, x));
      }
    });

  it("changes only what is put", () => {
    const { x, put, make } = springs(6);
    for (const options of ways) {
      const [some, all] = [make(put(1), options), make(put(1), options)];
      some.setData(0, { width: 1, fill: (set) => set(2, 0, 7) });
      const { fill, points } = put(1);
      const changed: DataTable = {
        width: 1,
        fill: (set) => {
          fill(set);
          set(2, 0, 7);
        },
        points,
      };
      all.setData(0, changed);
      expect(everything(some, x)).toEqual(everything(all, x));
      some.setData(0, { width: 1, fill: () => undefined, points: { width: 4, fill: (set) => set(3, 0, 9) } });
      expect(some.value(x)).not.toBe(all.value(x));
    }
  });

  it("on threads to the bit, also after a change", async () => {
    const { x, put, make } = springs(3001);
    const serial = make(put(1), ways[0]!);
    const pool = await startThreads(2);
    pools.push(pool);
    const problem = make(put(1), { threads: pool, projectPsd: projectPsdInto });
    expect(everything(problem, x)).toEqual(everything(serial, x));
    for (const one of [problem, serial]) one.setData(0, put(2));
    expect(everything(problem, x)).toEqual(everything(serial, x));
  });

  it("groups take them as well", () => {
    const { x, put, flat, indices, term } = springs(5);
    const make = (data: DataTable, options: TermsOptions) =>
      problemFromTerms(
        x.length,
        [{ groups: 2, inner: [{ indices, data, term, group: [0, 1, 1, 0, 1] }], outer: (s) => s.add(1).log() }],
        options,
      );
    for (const { evaluation } of ways) {
      const [one, other] = [make(put(1), { evaluation: evaluation! }), make(flat(1), { evaluation: evaluation! })];
      const g = [new Float64Array(x.length), new Float64Array(x.length)];
      expect(one.valueAndGradientInto(g[0]!, x)).toBe(other.valueAndGradientInto(g[1]!, x));
      expect(g[0]).toEqual(g[1]);
      expect(() => one.setData(0, put(1), 0)).toThrow(
        /setData.*blocks\[0\]\.inner\[0\]\.data.points.*data by term only/s,
      );
    }
  });

  it("move to a larger memory, or stay where JavaScript reads them", () => {
    const engine = webAssembly as unknown as { Memory: unknown };
    const Memory = engine.Memory as new (limits: { initial: number; maximum: number }) => WasmMemory;
    const { x, put, make } = springs(5000);
    const wanted = everything(make(put(1), ways[0]!), x);
    const small = Math.ceil((mostModules * constantBytes + 400_000) / pageBytes);
    for (const most of [Number.POSITIVE_INFINITY, 1]) {
      let made = 0;
      // The first memory has room for the data and little else.
      engine.Memory = class extends Memory {
        constructor(limits: { initial: number; maximum: number }) {
          if (++made > most) throw new RangeError("could not allocate memory");
          const pages = made === 1 ? small : limits.initial;
          super({ ...limits, initial: pages, maximum: pages });
        }
      };
      try {
        const problem = make(put(1), ways[0]!);
        const found = everything(problem, x);
        expect(made).toBeGreaterThan(1);
        for (const key of ["value", "g", "H", "C", "Hv"] as const)
          if (most > 1) expect(found[key], key).toEqual(wanted[key]);
          else
            found[key].forEach((value, i) => {
              expect(Math.abs(value - wanted[key][i]!)).toBeLessThanOrEqual(1e-11 * Math.max(1, Math.abs(value)));
            });
        problem.value(x);
        problem.setData(0, put(2));
        const changed = make(put(2), ways[1]!).value(x);
        expect(Math.abs(problem.value(x) - changed)).toBeLessThan(1e-11 * Math.abs(changed));
      } finally {
        engine.Memory = Memory;
      }
    }
  });

  it("names the term at fault by its numbers", () => {
    const problem = problemFromTerms(
      4,
      [
        {
          indices: { arity: 1, table: Int32Array.of(0, 1), coordinates: 2 },
          data: { width: 0, fill: () => undefined, points: { width: 1, fill: (set) => set(1, 0, -2) } },
          term: ([a, b]: Expr[], [d]: Expr[]) => a!.mul(b!).mul(d!).sqrt(),
        },
      ],
      { evaluation: "wasm" },
    );
    const [fault] = problem.diagnose(Float64Array.of(1, 1, 1, 1), 3).filter(({ of }) => of === "value");
    expect(fault!.term).toBe(1);
    expect(fault!.operation).toBe("sqrt(-2)");
  });

  it("refuses what isn't finite or has no place", () => {
    const { x, make, put, flat } = springs(3);
    for (const options of ways) {
      const bad = (t: number, slot: number, value: number) => () =>
        make({ width: 9, fill: (set) => set(t, slot, value) }, options);
      expect(bad(1, 2, Number.NaN)).toThrow(/problemFromTerms.*blocks\[0\]\.data\[1\]\[2\].*NaN.*a finite number/s);
      expect(bad(3, 0, 1)).toThrow(/blocks\[0\]\.data\.fill.*put\(3, 0, …\)/s);
      expect(bad(0, 9, 1)).toThrow(/put\(0, 9, …\)/);
      expect(() => make({ width: -1, fill: () => undefined }, options)).toThrow(/data\.width.*-1/s);
      const points = { width: 8, fill: (set: (v: number, slot: number, value: number) => void) => set(4, 0, 1) };
      expect(() => make({ width: 1, fill: () => undefined, points }, options)).toThrow(
        /data\.points\.fill.*put\(4, 0/s,
      );
      const problem = make(put(1), options);
      const before = problem.value(x);
      expect(() => problem.setData(0, flat(1))).toThrow(/setData.*of width 9.*width 1, as before/s);
      expect(() => problem.setData(0, { ...put(1), points: { width: 3, fill: () => undefined } })).toThrow(
        /data\.points.*of width 3.*width 4, as before/s,
      );
      expect(problem.value(x)).toBe(before);
    }
  });
});
