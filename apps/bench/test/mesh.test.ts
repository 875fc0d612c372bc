import { existsSync } from "node:fs";
import { join } from "node:path";
import { any, type GradientState, type HessianProblem, maxIterations, type SparseMatrix, solve } from "@hessia/core";
import { flippedTriangles, gridMesh, triangleMesh } from "@hessia/mesh-ad";
import { newton } from "@hessia/newton";
import { describe, expect, it } from "vitest";
import {
  clothInput,
  dirichletInput,
  diskMesh,
  type EnergyInput,
  gridDisk,
  smoothingInput,
  sphericalInput,
} from "../src/problems/mesh/inputs.js";
import { colourOf, meshesSvg } from "../src/report/meshes.js";
import { decrementAt, newtonDecrement } from "../src/suites/mesh/decrement.js";
import { parts } from "../src/suites/mesh/index.js";
import { keptFactorNewton } from "../src/suites/mesh/kept-factor.js";
import { memoryInChild } from "../src/suites/mesh/memory.js";
import { memoryRun } from "../src/suites/mesh/memory-run.js";
import { claimsOn, disks, hill } from "../src/suites/mesh/parameterization.js";
import { front, methods, type Parameterized, parameterize, prepare } from "../src/suites/mesh/parameterize.js";
import { deviation } from "../src/suites/mesh/part.js";
import { distortion } from "../src/suites/mesh/pictures.js";

const inputs: readonly (() => EnergyInput)[] = [
  () => dirichletInput(9),
  () => clothInput(6),
  () => smoothingInput(2),
  () => sphericalInput(2),
];

describe("derivatives by hand", () => {
  it.each(inputs)("agree with the compiled ones to rounding", (make) => {
    expect(deviation(make())).toBeLessThan(1e-12);
  });

  it.each(inputs)("of an energy that is a little different don't", (make) => {
    const input = make();
    const y = input.y.slice();
    const other = {
      ...input,
      byHand: (pattern: Parameters<typeof input.byHand>[0]) => {
        const own = input.byHand(pattern);
        return {
          ...own,
          hessianApply(out: Float64Array, x: Float64Array, v: Float64Array) {
            own.hessianApply(out, x, v);
            out[3]! *= 1.001;
          },
        };
      },
    };
    expect(deviation(other)).toBeGreaterThan(1e-6);
    expect(input.y).toEqual(y);
  });

  it.each(inputs)("the gradient is the slope of the value by hand, to second order", (make) => {
    const { byHand, problem, y } = make();
    const own = byHand(problem.newHessian());
    const g = y.slice();
    own.valueAndGradient(g, y);
    const direction = y.map((_, i) => Math.cos(3 * i));
    const slope = g.reduce((sum, value, i) => sum + value * direction[i]!, 0);
    const error = (h: number) => {
      const at = (step: number) => own.value(y.map((value, i) => value + step * direction[i]!));
      return Math.abs((at(h) - at(-h)) / (2 * h) - slope) / Math.abs(slope);
    };
    expect(error(1e-5)).toBeLessThan(1e-6);
  });
});

/** ½ (x − 1)ᵀ D (x − 1) with D = diag(1, …, n), or with another diagonal as its Hessian: ½ λ² is f itself. */
const n = 40;
const quadratic = (hessianDiagonal = (i: number) => i + 1): HessianProblem => ({
  dimension: n,
  value: (x) => x.reduce((sum, value, i) => sum + ((i + 1) * (value - 1) ** 2) / 2, 0),
  gradientInto(out, x) {
    for (let i = 0; i < n; i++) out[i] = (i + 1) * (x[i]! - 1);
    return out;
  },
  newHessian: () => ({
    kind: "sparse",
    rows: n,
    cols: n,
    colPointers: Int32Array.from({ length: n + 1 }, (_, j) => j),
    rowIndices: Int32Array.from({ length: n }, (_, j) => j),
    values: new Float64Array(n),
    symmetric: true,
  }),
  hessianInto(out) {
    const { values } = out as SparseMatrix;
    for (let i = 0; i < n; i++) values[i] = hessianDiagonal(i);
    return out;
  },
});
const bent = quadratic((i) => (i === 3 ? -1 : 1));

describe("Newton's decrement", () => {
  it("is that of the quadratic, and a run stops by it after the step", () => {
    const x = new Float64Array(n);
    expect(decrementAt(quadratic(), x)).toBeCloseTo((n * (n + 1)) / 4, 4);
    const run = (tolerance: number) =>
      solve(newton(), quadratic(), x, {
        stop: any<GradientState>(newtonDecrement(tolerance), maxIterations(20)),
        secondOrder: false,
      });
    // The first step is from ½λ² = 410 and ends at the minimum.
    expect(run(411)).toMatchObject({ iterations: 1, reason: { kind: "converged", rule: "newtonDecrement" } });
    expect(run(409).iterations).toBe(2);
  });

  it("of an indefinite matrix is none", () => {
    expect(decrementAt(bent, new Float64Array(n))).toBeNaN();
  });
});

describe("parameterization", () => {
  it.each(Object.keys(methods))("%s: the grid's rest shape is an isometry, energy 1, nothing flipped", async (by) => {
    const disk = { name: "grid", ...gridDisk(12), tolerance: 1e-12 };
    const run = await parameterize(disk, prepare(disk), by, 20_000);
    expect(run.value).toBeCloseTo(1, 9);
    expect(run.decrement).toBeLessThan(1e-10);
    expect(run.flipped).toBe(0);
    expect(run.path[0]![1]).toBeGreaterThan(run.value);
    expect(run.evaluate + run.factorize + run.lineSearch + run.rest).toBeCloseTo(run.ms, 6);
    for (const value of distortion(disk.mesh, run.uv)) expect(value).toBeCloseTo(1, 4);
  });

  it("the same minimum by every method on a hill", async () => {
    const disk = { name: "hill", mesh: hill(10), tolerance: 1e-10 };
    const problems = prepare(disk);
    const values: number[] = [];
    for (const by of Object.keys(methods)) values.push((await parameterize(disk, problems, by, 20_000)).value);
    expect(Math.max(...values) - Math.min(...values)).toBeLessThan(1e-7);
  });

  it("a run that is cut short says so and isn't reached", async () => {
    const disk = { name: "hill", mesh: hill(30), tolerance: 1e-12 };
    const run = await parameterize(disk, prepare(disk), "newton, clamped", 0.001);
    expect(run.reached).toBe(false);
    expect(run.note).toMatch(/^timeLimit/);
  });

  it("one factor kept: fewer factorizations than steps, and a matrix that isn't definite ends it", async () => {
    const disk = { name: "grid", ...gridDisk(12), tolerance: 1e-10 };
    const { factorizations, iterations } = await parameterize(disk, prepare(disk), "one factor kept, clamped", 20_000);
    expect(factorizations).toBeLessThan(iterations);
    const result = solve(keptFactorNewton(), bent, new Float64Array(n), { secondOrder: false });
    expect(result.reason.kind).toBe("failed");
    expect(result.state.failure?.rule).toBe("notConvex");
  });

  it("claims: reached and not, the grid beside TinyAD's time", () => {
    const run = (ms: number, reached: boolean): Parameterized => ({
      by: front,
      iterations: 1,
      hessians: 1,
      factorizations: 1,
      value: 1,
      decrement: reached ? 1e-9 : 1,
      flipped: 0,
      reached,
      note: "",
      ms: 2 * ms,
      processorMs: ms,
      evaluate: 0,
      factorize: 0,
      lineSearch: 0,
      rest: 2 * ms,
      path: [],
      uv: new Float64Array(),
    });
    const grid = { name: "grid", ...gridDisk(2), tolerance: 1e-8 };
    const judge = (one: Parameterized, disk: typeof grid | Omit<typeof grid, "start"> = grid) =>
      claimsOn(
        disk,
        new Map([
          [front, one],
          ["newton, clamped", one],
        ]),
        false,
      ).map(({ holds }) => holds);
    expect(judge(run(2999, true))).toEqual([true, true]);
    expect(judge(run(3001, true))).toEqual([true, false]);
    expect(judge(run(1, false))).toEqual([false, false]);
    const { start: _start, ...plain } = grid;
    expect(judge(run(5000, true), plain)).toEqual([true]);
  });

  it("disks that aren't there are left out by name", () => {
    const before = process.env.MESHES;
    process.env.MESHES = import.meta.dirname;
    try {
      const { found, leftOut } = disks(false);
      expect(leftOut).toHaveLength(4);
      expect(leftOut[0]).toContain("cat_head.obj");
      expect(found).toHaveLength(2);
      expect(diskMesh("cat_head")).toBeUndefined();
    } finally {
      if (before === undefined) delete process.env.MESHES;
      else process.env.MESHES = before;
    }
  });
});

describe("parts", () => {
  it.each(parts.filter(({ name }) => name !== "memory"))(
    "$name: the short form holds what it claims, and stops when told",
    async ({ run }) => {
      const said: string[] = [];
      const context = {
        quick: true,
        signal: new AbortController().signal,
        say: (what: string) => said.push(what),
        peers: undefined,
      };
      const { claims, tables = [], pictures = [] } = await run(context);
      expect(claims.filter(({ holds }) => holds !== true)).toEqual([]);
      expect(claims.length).toBeGreaterThan(0);
      expect(new Set(claims.map(({ id }) => id)).size).toBe(claims.length);
      expect(said.length).toBeGreaterThan(0);
      for (const { head, rows } of tables) for (const row of rows) expect(row).toHaveLength(head.length);
      expect(tables.length + pictures.length).toBeGreaterThan(0);
      const stopped = new AbortController();
      stopped.abort();
      expect((await run({ ...context, signal: stopped.signal })).claims).toEqual([]);
    },
  );
});

describe("memory", () => {
  it("counts the mesh's and the Hessian's bytes", () => {
    const run = memoryRun(10);
    // 121 vertices: 242 columns, lower halves of 121 blocks and whole blocks of 320 edges; 12 bytes an entry, 4 a column pointer.
    expect(run.elements).toBe(200);
    expect(run.hessianBytes).toBe(12 * (3 * 121 + 4 * 320) + 4 * 243);
    expect(run.meshBytes).toBeGreaterThan(8 * 363 + 4 * 600);
    expect(run.peak).toBeGreaterThan(1e7);
    // Stretched to 1.2 by 0.9 all over: (1.44 + 0.81) (1 + 1/1.08²) over the unit square.
    expect(run.value).toBeCloseTo(2.25 * (1 + 1 / 1.08 ** 2), 10);
    expect(run.callerBytes).toBe(8 * (5 * 200 + 2 * 242));
    const byVertex = memoryRun(10, "vertex");
    expect(byVertex.value).toBeCloseTo(run.value, 10);
    expect(byVertex.callerBytes).toBe(8 * 2 * 242);
    // F = diag(1.2, 0.9): 2 E = diag(0.44, −0.19) all over the unit square.
    const space = memoryRun(10, "space");
    expect(space.value).toBeCloseTo(0.44 ** 2 + 0.19 ** 2 + 0.25 ** 2, 10);
    expect(space.hessianBytes).toBe(12 * (6 * 121 + 9 * 320) + 4 * 364);
    // F = diag(1.2, 0.9, 1) in 27 unit cubes: 19 edges and 6 tetrahedra a cube and what the sides have besides.
    const solid = memoryRun(3, "tetrahedra");
    const log = Math.log(1.08);
    expect(solid.elements).toBe(162);
    expect(solid.value).toBeCloseTo(27 * (1.44 + 0.81 + 1 - 3 - 2 * log + log ** 2), 10);
    expect(solid.meshBytes).toBeGreaterThan(8 * 192 + 4 * 648);
  });

  const child = join(import.meta.dirname, "../dist/suites/mesh/memory-child.js");
  const built = existsSync(child);
  if (!built) console.warn("the benchmark isn't built: its child process isn't tested");
  it.skipIf(!built)("a process of its own answers; one that is cut off rejects", async () => {
    const run = await memoryInChild(child, 20, "vertex");
    expect(run.elements).toBe(800);
    const stopped = new AbortController();
    stopped.abort();
    await expect(memoryInChild(child, 20, "triangle", stopped.signal)).rejects.toThrow(/abort/i);
  });
});

describe("pictures", () => {
  it("a path a triangle, colours from pale to red, text escaped", () => {
    const { faces, faceCount, positions } = gridMesh(3);
    const points = Float64Array.from({ length: 32 }, (_, i) => positions![3 * (i >> 1) + (i & 1)]!);
    const values = new Float64Array(faceCount).fill(1);
    const svg = meshesSvg("a < b", [
      { caption: "x", points, faces, values },
      { caption: "y", points, faces },
    ]);
    expect(svg.match(/<path /g)).toHaveLength(2 * faceCount);
    expect(svg).toContain("a &lt; b");
    expect(svg).not.toMatch(/NaN|Infinity/);
    expect(colourOf(1)).toBe("rgb(226,236,247)");
    expect(colourOf(3)).toBe(colourOf(100));
    expect(colourOf(Number.POSITIVE_INFINITY)).toBe("rgb(200,68,47)");
  });

  it("distortion: 1 where nothing is stretched, by hand where it is", () => {
    const mesh = triangleMesh(
      [
        [0, 0, 0],
        [1, 0, 0],
        [0, 0, 1],
      ],
      [[0, 1, 2]],
    );
    expect(distortion(mesh, Float64Array.of(0, 0, 1, 0, 0, 1))[0]).toBeCloseTo(1, 14);
    // Singular values 2 and 1/2: (4 + ¼) · 2 / 4.
    expect(distortion(mesh, Float64Array.of(0, 0, 2, 0, 0, 0.5))[0]).toBeCloseTo(2.125, 14);
    expect(flippedTriangles(mesh, Float64Array.of(0, 0, 2, 0, 0, 0.5))).toEqual([]);
  });
});
