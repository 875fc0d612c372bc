// Terms of points that are functions of a few variables each: closed forms, and the same sum with points inside of its terms.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkGradient } from "../../src/index.js";
import {
  composedFromTerms,
  type Expr,
  type PointBlock,
  problemFromTerms,
  type TermsOptions,
} from "../../src/kernel/index.js";
import { startThreads, type ThreadPool } from "../../src/wasm/threads.js";

// Points of the plane in polar coordinates around a centre, (c + r cos φ, d + r sin φ).
const polar = ([r, phi]: Expr[], [c, d]: Expr[]) => [c!.add(r!.mul(phi!.cos())), d!.add(r!.mul(phi!.sin()))];
const distance = ([ax, ay, bx, by]: Expr[], [w]: Expr[]) => ax!.sub(bx!).square().add(ay!.sub(by!).square()).mul(w!);

function chain(count: number) {
  const centres = Array.from({ length: count }, (_, i) => [Math.sin(i), Math.cos(3 * i)]);
  const points: PointBlock = { count, variables: 2, data: centres, point: polar };
  const links = Array.from({ length: count - 1 }, (_, i) => [i, i + 1] as const);
  const weights = links.map((_, k) => [1 + (k % 3)]);
  const block = { indices: links.map(([i, j]) => [2 * i, 2 * i + 1, 2 * j, 2 * j + 1]), data: weights, term: distance };
  const outer = {
    groups: 1,
    inner: [
      { indices: links.map(([i]) => [2 * i]), group: links.map(() => 0), term: ([x]: Expr[]) => x!.mul(0.1).sin() },
    ],
    outer: (s: Expr) => s.square(),
  };
  const t = Float64Array.from({ length: 2 * count }, (_, i) => Math.cos(2 * i) + 0.1 * i);
  /** The same with points computed by each term. */
  const whole = (options: TermsOptions = {}) => {
    const inside = ([r, phi, s, psi]: Expr[], [c, d, e, f, w]: Expr[]) =>
      distance([...polar([r!, phi!], [c!, d!]), ...polar([s!, psi!], [e!, f!])], [w!]);
    const data = links.map(([i, j], k) => [...centres[i]!, ...centres[j]!, ...weights[k]!]);
    const inner = [
      {
        indices: links.map(([i]) => [2 * i, 2 * i + 1]),
        data: links.map(([i]) => centres[i]!),
        group: links.map(() => 0),
        term: (x: Expr[], d: Expr[]) => polar(x, d)[0]!.mul(0.1).sin(),
      },
    ];
    return problemFromTerms(
      2 * count,
      [
        { ...block, data, term: inside },
        { ...outer, inner },
      ],
      options,
    );
  };
  return { points, blocks: [block, outer], t, whole, links, centres, weights };
}
const most = (a: Float64Array, b: Float64Array) => a.reduce((m, value, i) => Math.max(m, Math.abs(value - b[i]!)), 0);

describe("composedFromTerms", () => {
  it("one point: the gradient of ‖p‖²/2 by polar coordinates is (r, 0) around the origin", () => {
    const f = composedFromTerms({ count: 1, variables: 2, data: [[0, 0]], point: polar }, [
      { indices: [[0, 1]], term: ([x, y]) => x!.square().add(y!.square()).mul(0.5) },
    ]);
    const g = new Float64Array(2);
    expect(f.valueAndGradientInto(g, Float64Array.of(3, 0.7))).toBeCloseTo(4.5, 14);
    expect(g[0]).toBeCloseTo(3, 14);
    expect(g[1]).toBeCloseTo(0, 14);
    expect(f.value(Float64Array.of(2, -1))).toBeCloseTo(2, 14);
  });

  // An odd number of points has one without a neighbour in WebAssembly.
  for (const evaluation of ["wasm", "compiled", "interpreted"] as const)
    for (const count of [2, 7, 300, 301])
      it(`${count} points, ${evaluation}: the same as with points inside of the terms`, () => {
        const { points, blocks, t, whole } = chain(count);
        const f = composedFromTerms(points, blocks, { evaluation });
        const other = whole();
        const [g, h] = [t.slice(), t.slice()];
        const value = f.valueAndGradientInto(g, t);
        const wanted = other.valueAndGradientInto(h, t);
        expect(Math.abs(value - wanted)).toBeLessThan(1e-12 * wanted);
        expect(Math.abs(f.value(t) - wanted)).toBeLessThan(1e-12 * wanted);
        expect(most(g, h)).toBeLessThan(1e-12 * most(h, new Float64Array(h.length)));
        // Again, elsewhere and back: nothing is left over.
        const moved = t.map((x) => x + 0.5);
        expect(f.value(moved)).not.toBe(value);
        expect(f.valueAndGradientInto(h, t)).toBe(value);
        expect(h).toEqual(g);
        expect(f.gradientInto(h, t)).toEqual(g);
      });

  it("agrees with differences", () => {
    const { points, blocks, t } = chain(20);
    expect(checkGradient(composedFromTerms(points, blocks), t).verdict).toBe("right");
  });

  it("takes new data of points and of terms", () => {
    const count = 9;
    const { points, blocks, t, links, centres } = chain(count);
    for (const evaluation of ["wasm", "compiled"] as const) {
      const f = composedFromTerms(points, blocks, { evaluation });
      f.value(t);
      const later = centres.map(([c, d]) => [c! + 1, d! * 2]);
      const weights = links.map((_, k) => [k]);
      f.setPointData(later);
      f.setData(0, weights);
      const again = composedFromTerms({ ...points, data: later }, [{ ...blocks[0]!, data: weights }, blocks[1]!], {
        evaluation,
      });
      const [g, h] = [t.slice(), t.slice()];
      expect(f.valueAndGradientInto(g, t)).toBe(again.valueAndGradientInto(h, t));
      expect(g).toEqual(h);
    }
  });

  it("points of constant coordinates and of none of the variables", () => {
    const f = composedFromTerms({ count: 2, variables: 1, point: ([t]) => [t!, t!.mul(0).add(5)] }, [
      { indices: [[0, 1, 2, 3]], term: ([a, b, c, d]) => a!.mul(b!).add(c!.mul(d!)) },
    ]);
    const g = new Float64Array(2);
    expect(f.valueAndGradientInto(g, Float64Array.of(2, 3))).toBe(25);
    expect([...g]).toEqual([5, 5]);
  });

  it("nothing: no points, no blocks", () => {
    const none = composedFromTerms({ count: 0, variables: 2, point: ([a]) => [a!] }, []);
    expect(none.valueAndGradientInto(new Float64Array(0), new Float64Array(0))).toBe(0);
    const still = composedFromTerms({ count: 3, variables: 1, point: ([a]) => [a!] }, [], { evaluation: "wasm" });
    expect([...still.gradientInto(Float64Array.of(1, 1, 1), new Float64Array(3))]).toEqual([0, 0, 0]);
  });

  describe("with threads", () => {
    const pools: ThreadPool[] = [];
    beforeAll(async () => {
      for (const size of [1, 2, 3]) pools.push(await startThreads(size));
    });
    afterAll(() => {
      for (const pool of pools) pool.close();
    });
    it("has the same bits whatever their number", () => {
      const { points, blocks, t } = chain(6001);
      const results = pools.map((threads) => {
        const f = composedFromTerms(points, blocks, { threads });
        const g = t.slice();
        return { value: f.valueAndGradientInto(g, t), only: f.value(t), g };
      });
      for (const result of results.slice(1)) expect(result).toEqual(results[0]);
      const h = t.slice();
      composedFromTerms(points, blocks).valueAndGradientInto(h, t);
      expect(results[0]!.g).toEqual(h);
    });
  });

  it("is misused", () => {
    const point = ([a]: Expr[]) => [a!];
    const block = { indices: [[0]], term: ([x]: Expr[]) => x! };
    const make = (points: unknown, blocks: unknown = [block], options: unknown = {}) =>
      composedFromTerms(points as PointBlock, blocks as never, options as never);
    expect(() => make(null)).toThrow(/points/);
    expect(() => make({ count: -1, variables: 1, point })).toThrow(/points\.count/);
    expect(() => make({ count: 1, variables: 0, point })).toThrow(/points\.variables/);
    expect(() => make({ count: 1, variables: 1 })).toThrow(/points\.point/);
    expect(() => make({ count: 1, variables: 1, point: () => [] })).toThrow(
      /points\.point` is a function of no results/,
    );
    expect(() => make({ count: 1, variables: 1, points: point })).toThrow(/points/);
    expect(() => make({ count: 1, variables: 1, point, data: [[Number.NaN]] })).toThrow(/points\.data\[0\]\[0\]/);
    expect(() => make({ count: 1, variables: 1, point }, block)).toThrow(/blocks/);
    expect(() => make({ count: 1, variables: 1, point }, [{ ...block, indices: [[1]] }])).toThrow(/indices\[0\]\[0\]/);
    expect(() => make({ count: 1, variables: 1, point }, [block], { projectPsd: () => 0 })).toThrow(/projectPsd/);
    expect(() => make({ count: 1, variables: 1, point }, [block], { evaluation: "fast" })).toThrow(/evaluation/);
    const f = make({ count: 1, variables: 1, point });
    expect(() => f.value(new Float64Array(2))).toThrow(/of length 2; wanted length 1/);
    expect(() => f.valueAndGradientInto(new Float64Array(3), new Float64Array(1))).toThrow(/`out` is of length 3/);
    expect(() => f.setData(1, [[1]])).toThrow(/block/);
    expect(() => f.setPointData([[1]])).toThrow(/width 1/);
  });
});
