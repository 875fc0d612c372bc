import { existsSync } from "node:fs";
import { join } from "node:path";
import { assignment, exactTransport, sinkhorn, transport } from "@hessia/sinkhorn";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTransportPeers, type TransportPeers } from "../src/peers/transport.js";
import { digit, digitPair } from "../src/problems/transport/digits.js";
import {
  costOf,
  problemOf,
  randomAssignment,
  randomClouds,
  squaredDistances,
  transportInput,
  twoDensities,
  withRandomWeights,
} from "../src/problems/transport/input.js";
import { panelsSvg } from "../src/report/clouds.js";
import { inTurn, type One, type Runs } from "../src/suites/in-turn.js";
import { duration, spread } from "../src/suites/parts.js";
import { cloudRun } from "../src/suites/transport/cloud-run.js";
import { attempt, everyContender, ours, plainSinkhorn } from "../src/suites/transport/contenders.js";
import { claimsOn, front } from "../src/suites/transport/entropic.js";
import { parts } from "../src/suites/transport/index.js";
import { cloudInChild } from "../src/suites/transport/memory.js";
import { framesPicture, planPicture } from "../src/suites/transport/pictures.js";

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);
const greatest = (values: Float64Array) => values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
const least = (values: Float64Array) => values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);

describe("inputs of the suite transport", () => {
  it("weights have sum 1, the range is that of the cost", () => {
    for (const input of [
      randomAssignment(20, 1),
      randomClouds(20, 1),
      withRandomWeights(randomClouds(20, 1), 2),
      digitPair(3, 5, "l2"),
      digitPair(1, 8, "l1", true),
      twoDensities(),
    ]) {
      expect(sum(input.source)).toBeCloseTo(1, 12);
      expect(sum(input.target)).toBeCloseTo(1, 12);
      expect(input.cost).toHaveLength(input.rows * input.cols);
      expect(input.range).toBe(greatest(input.cost) - least(input.cost));
      expect(Math.min(...input.source, ...input.target)).toBeGreaterThan(0);
    }
  });

  it("the same seed gives the same input, another one another", () => {
    expect(randomAssignment(5, 3)).toEqual(randomAssignment(5, 3));
    expect(randomAssignment(5, 3).cost).not.toEqual(randomAssignment(5, 4).cost);
  });

  it("squared distances by hand", () => {
    const C = squaredDistances(Float64Array.of(0, 0, 1, 2), Float64Array.of(3, 4, 1, 0, 0, 0));
    expect([...C]).toEqual([25, 1, 0, 8, 4, 5]);
  });

  it("digits are strokes with soft edges: ink, paper, and greys between; no two are alike", () => {
    const drawn = [0, 1, 2, 3, 4, 5, 7, 8].map((which) => digit(which));
    for (const [k, picture] of drawn.entries()) {
      const ink = picture.filter((grey) => grey === 1).length;
      const grey = picture.filter((value) => value > 0 && value < 1).length;
      const paper = picture.filter((value) => value === 0).length;
      expect(ink).toBeGreaterThan(30);
      expect(grey).toBeGreaterThan(40);
      expect(paper).toBeGreaterThan(400);
      // Nothing is cut off by the frame.
      for (let i = 0; i < 28; i++) for (const at of [i, 27 * 28 + i, 28 * i, 28 * i + 27]) expect(picture[at]).toBe(0);
      for (const other of drawn.slice(0, k))
        expect(sum(other.map((v, i) => Math.abs(v - picture[i]!)))).toBeGreaterThan(40);
    }
  });

  it("pairs of digits: the pixels with ink, or all 784; costs up to 1", () => {
    const ink = digitPair(3, 5, "l1");
    expect(ink.rows).toBe(digit(3).filter((grey) => grey > 0).length);
    expect(ink.cols).toBe(digit(5).filter((grey) => grey > 0).length);
    const whole = digitPair(3, 5, "l2", true);
    expect([whole.rows, whole.cols]).toEqual([784, 784]);
    expect(greatest(whole.cost)).toBe(1);
    // From one corner to the other, and to a neighbour.
    expect(whole.cost[783]).toBe(1);
    expect(whole.cost[1]).toBeCloseTo(1 / 27 ** 2 / 2, 14);
  });
});

describe("attempts", () => {
  const two = transportInput("two", Float64Array.of(0.5, 0.5), Float64Array.of(0.5, 0.5), Float64Array.of(0, 1, 1, 0));

  it("every contender reaches the tolerance, as the benchmark itself evaluates it, and its path ends there", () => {
    for (const input of [two, randomAssignment(30, 1)]) {
      const problem = problemOf(input, costOf(input), 0.05);
      for (const contender of everyContender) {
        const { reached, marginalError, path, iterations } = attempt(contender, problem, 1e-10, 10_000);
        expect([contender.name, reached]).toEqual([contender.name, true]);
        expect(marginalError).toBeLessThanOrEqual(1.01e-10);
        expect(path.at(-1)![1]).toBeLessThanOrEqual(1e-10);
        expect(path.length).toBeGreaterThanOrEqual(Math.min(iterations, 1));
        expect(path.every(([ms], k) => k === 0 || ms >= path[k - 1]![0])).toBe(true);
      }
    }
  });

  it("the limits end a run that doesn't reach it, and it says so", () => {
    const input = randomAssignment(50, 1);
    const problem = problemOf(input, costOf(input), input.range / 5000);
    const few = attempt(plainSinkhorn, problem, 1e-12, 60_000, { iterations: 7 });
    expect(few).toMatchObject({ iterations: 7, reached: false, reason: "maxIterations" });
    expect(few.marginalError).toBeGreaterThan(1e-6);
    expect(attempt(plainSinkhorn, problem, 1e-12, 5)).toMatchObject({ reached: false, reason: "timeLimit" });
    const short = attempt(plainSinkhorn, problem, 1e-12, 60_000, { processor: 20 });
    expect(short).toMatchObject({ reached: false, reason: "processorTime" });
    expect(short.processorMs).toBeGreaterThanOrEqual(20);
  });

  it("a state at a larger ε doesn't count, however small its error", () => {
    const input = randomAssignment(40, 1);
    const problem = problemOf(input, costOf(input), input.range / 3000);
    const falling = everyContender.find(({ name }) => name.includes("falling"))!;
    const { path, iterations } = attempt(falling, problem, 1e-3, 10_000);
    expect(path.length).toBeLessThan(iterations);
  });

  it("a method that fails is not reached", () => {
    const input = randomAssignment(20, 1);
    // Scaling overflows at such an ε.
    const trial = attempt(
      ours("sinkhorn", () => sinkhorn()),
      problemOf(input, costOf(input), input.range / 1e5),
      1e-10,
      1000,
    );
    expect(trial.reached).toBe(false);
  });
});

describe("contenders in turn", () => {
  const signal = new AbortController().signal;

  const one = (ms: number): One => ({ ms, processorMs: ms / 2, iterations: 1, error: 0 });

  it("medians of the rounds after the first, in turn", async () => {
    const order: string[] = [];
    const times = [300, 3, 1, 2];
    const runs = await inTurn(
      {
        a: () => {
          order.push("a");
          return one(times[order.filter((name) => name === "a").length - 1]!);
        },
        b: async () => {
          order.push("b");
          return { ms: 200, processorMs: 1, iterations: 2, error: 0.5, note: "b's" };
        },
      },
      3,
      1000,
      signal,
    );
    expect(order.join("")).toBe("abababab");
    expect(runs.get("a")).toMatchObject({ times: [3, 1, 2], ms: 2, processorTimes: [1.5, 0.5, 1], processorMs: 1 });
    expect(runs.get("b")).toMatchObject({ times: [200, 200, 200], ms: 200, iterations: 2, error: 0.5, note: "b's" });
  });

  it("warms up for 200 ms, or 30 runs", async () => {
    const count = { long: 0, short: 0 };
    await inTurn(
      {
        long: () => {
          count.long++;
          return one(60);
        },
        short: () => {
          count.short++;
          return one(1);
        },
      },
      2,
      1000,
      signal,
    );
    expect(count).toEqual({ long: 4 + 2, short: 30 + 2 });
  });

  it("who is slow runs once, who throws is named and not asked again", async () => {
    let slow = 0;
    let broken = 0;
    const runs = await inTurn(
      {
        slow: () => {
          slow++;
          return one(50);
        },
        broken: () => {
          broken++;
          throw new Error("the process died");
        },
      },
      4,
      20,
      signal,
    );
    expect([slow, broken]).toEqual([1, 1]);
    expect(runs.get("slow")).toMatchObject({ times: [50], ms: 50 });
    expect(runs.get("broken")).toMatchObject({ times: [], ms: Number.NaN, note: "the process died" });
  });
});

describe("claims against the peers", () => {
  const input = randomAssignment(10, 1);
  const one = (ms: number, error: number, note = ""): Runs => {
    const run: One = { ms, processorMs: ms, iterations: 5, error, note };
    return { ...run, times: [ms], processorTimes: [ms] };
  };
  const judge = (mine: Runs, pot: Runs | undefined, regot: Runs | undefined) =>
    claimsOn(
      "x",
      input,
      new Map([
        [front, mine],
        ...(pot === undefined ? [] : [["POT sinkhorn_log", pot] as const]),
        ...(regot === undefined ? [] : [["RegOT ssns", regot] as const]),
      ]),
      false,
    ).map(({ holds, measured }) => [holds, measured]);

  it("hold by the ratio, and only where the error is reached", () => {
    expect(judge(one(10, 1e-10), one(101, 1e-9), one(10.1, 1e-9))).toEqual([
      [true, expect.stringContaining("0.0990 ×")],
      [true, expect.stringContaining("0.990 ×")],
    ]);
    expect(judge(one(10, 1e-10), one(99, 1e-9), one(9.9, 1e-9)).map(([holds]) => holds)).toEqual([false, false]);
    expect(judge(one(10, 2e-9), one(1000, 1e-9), one(1000, 1e-9)).map(([holds]) => holds)).toEqual([false, false]);
  });

  it("say when a peer was cut short, is missing, or failed", () => {
    const [pot, regot] = judge(one(10, 1e-10), one(500, 1e-3, "cut at 600 sweeps"), undefined);
    expect(pot).toEqual([true, expect.stringMatching(/^at most 0\.0200 × .*cut at 600 sweeps/)]);
    expect(regot).toEqual([null, null]);
    const failed: Runs = { ...one(Number.NaN, Number.NaN, "no answer in 3 s, ended"), times: [] };
    expect(judge(one(10, 1e-10), failed, undefined)[0]).toEqual([false, "no time: no answer in 3 s, ended"]);
  });
});

describe("parts", () => {
  it.each(parts.filter(({ name }) => name !== "memory"))(
    "$name: the short form holds what it claims without peers, and stops when told",
    async ({ name, run }) => {
      const said: string[] = [];
      const context = {
        quick: true,
        signal: new AbortController().signal,
        say: (what: string) => said.push(what),
        peers: undefined,
      };
      const { claims, tables = [], curves = [], pictures = [] } = await run(context);
      expect(claims.filter(({ holds }) => holds === false)).toEqual([]);
      expect(new Set(claims.map(({ id }) => id)).size).toBe(claims.length);
      expect(said.length).toBeGreaterThan(0);
      for (const { head, rows } of tables) {
        expect(rows.length).toBeGreaterThan(0);
        for (const row of rows) expect(row).toHaveLength(head.length);
      }
      expect(tables.length + curves.length + pictures.length, name).toBeGreaterThan(0);
      for (const { lines } of curves)
        for (const { points } of lines) expect(points.flat().every((value) => value > 0)).toBe(true);

      const stopped = new AbortController();
      stopped.abort();
      const none = await run({ ...context, signal: stopped.signal });
      expect(none.claims.filter(({ holds }) => holds !== null)).toEqual([]);
    },
  );
});

describe("point clouds without the cost", () => {
  it("the cost of the plan is that of the stored one", () => {
    const run = cloudRun(150, 20_000);
    expect(run).toMatchObject({ n: 150, reason: "marginalError" });
    expect(run.marginalError).toBeLessThanOrEqual(1e-9);
    const input = randomClouds(150, 1);
    const exact = exactTransport({
      source: input.source,
      target: input.target,
      cost: { kind: "dense", rows: 150, cols: 150, data: input.cost },
    });
    // ε log n above the optimum at most, and not below it.
    expect(run.cost).toBeGreaterThan(exact.cost - 1e-9);
    expect(run.cost).toBeLessThan(exact.cost + 0.004 * 2 * Math.log(150));
    expect(run.peakBytes).toBeGreaterThan(1e7);
  });

  const child = join(import.meta.dirname, "../dist/suites/transport/cloud-child.js");
  const built = existsSync(child);
  if (!built) console.warn("the benchmark isn't built: its child process isn't tested");
  it.skipIf(!built)("a process of its own answers with its peak memory; one that is cut off rejects", async () => {
    const run = await cloudInChild(child, 100, 20_000);
    expect(run).toMatchObject({ n: 100, reason: "marginalError" });
    expect(run.peakBytes).toBeGreaterThan(1e7);
    const stopped = new AbortController();
    stopped.abort();
    await expect(cloudInChild(child, 100, 20_000, stopped.signal)).rejects.toThrow(/abort/i);
  });
});

describe("pictures", () => {
  const count = (svg: string, what: RegExp) => svg.match(what)?.length ?? 0;

  it("plans: four panels, a dot a point, a line an entry of the exact plan", () => {
    const svg = planPicture(12);
    expect(count(svg, /<rect width="250"/g)).toBe(4);
    // The legend has two.
    expect(count(svg, /<circle/g)).toBe(4 * 24 + 2);
    const exact = svg.slice(svg.lastIndexOf('<rect width="250"'));
    // A vertex of equal weights is an assignment: one entry a point.
    expect(count(exact, /<path/g)).toBe(12);
    expect(svg).toContain("ε = 0.001");
  });

  it("a panel: points in the least square around all, up is up, text escaped", () => {
    const svg = panelsSvg(
      "a < b",
      [{ caption: "p & q", dots: [{ points: Float64Array.of(0, 0, 2, 1), colour: "#123456", radius: 2 }] }],
      {
        side: 124,
      },
    );
    expect([...svg.matchAll(/cx="([^"]+)" cy="([^"]+)"/g)].map(([, x, y]) => [x, y])).toEqual([
      ["12", "87"],
      ["112", "37"],
    ]);
    expect(svg).toContain("a &lt; b");
    expect(svg).toContain("p &amp; q");
  });

  it("frames: six panels within their boxes, the first the source and the last the target", () => {
    const svg = framesPicture(40);
    expect(count(svg, /<rect width="250"/g)).toBe(6);
    expect(count(svg, /<circle/g)).toBe(6 * 40);
    for (const [, at] of svg.matchAll(/c[xy]="([^"]+)"/g)) {
      expect(Number(at)).toBeGreaterThanOrEqual(0);
      expect(Number(at)).toBeLessThanOrEqual(250);
    }
    expect(svg).toContain("t = 0.4");
  });
});

describe("how figures read", () => {
  it("durations and spreads", () => {
    expect([0.01234, 12.345, 999, 1234].map(duration)).toEqual(["0.0123 ms", "12.3 ms", "999 ms", "1.23 s"]);
    expect(duration(Number.NaN)).toBe("–");
    expect(spread([3, 1, 2], String)).toBe("2 (1 to 3)");
    expect(spread([4], String)).toBe("4");
    expect(spread([], String)).toBe("–");
  });
});

describe("peers in Python", () => {
  let peers: TransportPeers | undefined;
  beforeAll(async () => {
    peers = await startTransportPeers();
    if (peers === undefined) console.warn("python3 or numpy is missing: POT, RegOT and SciPy are not tested");
  });
  afterAll(() => peers?.close());
  const limits = { regularization: 0.05, tolerance: 1e-9, iterations: 100_000, seconds: 5 };
  const input = withRandomWeights(randomAssignment(20, 1), 1);

  it("POT's network simplex and SciPy's assignment find the same costs", async ({ skip }) => {
    if (!peers?.has("pot.emd") || !peers.has("scipy.linear_sum_assignment")) return skip("POT or SciPy is missing");
    const cost = { kind: "dense" as const, rows: 20, cols: 20, data: input.cost };
    const emd = await peers.run("pot.emd", input, limits);
    expect(emd.cost).toBeCloseTo(exactTransport({ source: input.source, target: input.target, cost }).cost, 12);
    expect(emd.marginalError).toBeLessThan(1e-13);
    const pairs = await peers.run("scipy.linear_sum_assignment", input, limits);
    expect(pairs.cost).toBeCloseTo(assignment(cost).cost, 12);
  });

  it.each(["regot.sinkhorn_ssns", "regot.sinkhorn_splr", "pot.sinkhorn_log"] as const)(
    "%s solves the same problem",
    async (solver) => {
      if (!peers?.has(solver)) {
        console.warn(`${solver} is missing: not tested`);
        return;
      }
      const run = await peers.run(solver, input, limits);
      expect(run.marginalError).toBeLessThan(1e-7);
      expect(run.ms).toBeGreaterThan(0);
      expect(run.iterations).toBeGreaterThan(0);
      const { regularization } = limits;
      const cost = { kind: "dense" as const, rows: 20, cols: 20, data: input.cost };
      const mine = transport({ source: input.source, target: input.target, cost, regularization, tolerance: 1e-11 });
      expect(run.cost).toBeCloseTo(mine.cost, 7);
    },
  );

  it("a solver that isn't there rejects with its name, and the next run has its input", async ({ skip }) => {
    if (!peers?.has("scipy.linear_sum_assignment")) return skip("SciPy is missing");
    await expect(peers.run("regot.no_such_solver", input, limits)).rejects.toThrow(/no_such_solver|NoneType/);
    expect((await peers.run("scipy.linear_sum_assignment", input, limits)).cost).toBeGreaterThan(0);
  });
});
