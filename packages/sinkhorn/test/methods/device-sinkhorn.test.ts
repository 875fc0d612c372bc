import { type AsyncMethod, any, deserialize, maxIterations, serialize, solve, solveAsync } from "@hessia/core";
import { type ArrayBackend, connectGpu, jsArrayBackend, wasmArrayBackend } from "@hessia/core/gpu";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type DeviceSinkhornOptions,
  type DeviceSinkhornState,
  deviceSinkhorn,
  marginalError,
  safeSparseNewton,
  type TransportProblem,
  transportProblem,
} from "../../src/index.js";
import { greatestDifference, planAt, randomProblem } from "../problems-for-tests.js";

let gpu: ArrayBackend;
let js: ArrayBackend;
beforeAll(async () => {
  gpu = await connectGpu({ mode: "cpu" });
  js = jsArrayBackend();
});
afterAll(async () => {
  await gpu.close();
  await js.close();
});

const run = (
  backend: ArrayBackend,
  problem: TransportProblem,
  options: DeviceSinkhornOptions = {},
  tolerance = 1e-5,
  most = 100,
  z0: ArrayLike<number> = new Float64Array(problem.dimension),
) =>
  solveAsync(deviceSinkhorn(backend, options), problem, z0, {
    stop: any(marginalError(tolerance), maxIterations(most)),
    trace: true,
  });

describe("deviceSinkhorn", () => {
  it("makes the sweeps of Sinkhorn's algorithm: rows, then columns", async () => {
    const epsilon = 0.05;
    const { problem, C } = randomProblem(20, 30, epsilon, 3);
    const { source, target } = problem;
    const there = await run(js, problem, { path: "none", sweepsPerStep: 4 }, 0, 1);
    expect(there.state.sweeps).toBe(4);
    // By scaling: a ← r/(K b), b ← c/(Kᵀ a).
    const K = C.map((row) => row.map((c) => Math.exp(-c / epsilon)));
    let a = Array.from(source);
    let b = Array.from(target, () => 1);
    for (let sweep = 0; sweep < 4; sweep++) {
      a = Array.from(source, (r, i) => r / K[i]!.reduce((sum, k, j) => sum + k * b[j]!, 0));
      b = Array.from(target, (c, j) => c / K.reduce((sum, row, i) => sum + row[j]! * a[i]!, 0));
    }
    const P = planAt(problem.cost, there.state.x, epsilon).flat();
    expect(
      greatestDifference(
        P,
        K.flatMap((row, i) => row.map((k, j) => a[i]! * k * b[j]!)),
      ),
    ).toBeLessThan(1e-14);
    // Its own figures are those of the problem at its potentials.
    expect(there.state.value).toBeCloseTo(problem.value(there.state.x), 13);
    const gradient = problem.gradientInto(new Float64Array(50), there.state.x);
    expect(greatestDifference(there.state.gradient, gradient)).toBeLessThan(1e-15);
    expect(there.counts.gradient).toBeGreaterThanOrEqual(4);
  });

  it("finds in float32 the potentials of float64, to its precision", async () => {
    for (const epsilon of [0.1, 0.01]) {
      const { problem } = randomProblem(40, 30, epsilon, 5);
      const [single, double] = [await run(gpu, problem), await run(js, problem)];
      expect(single.reason.rule).toBe("marginalError");
      expect(double.reason.rule).toBe("marginalError");
      const [P, Q] = [single, double].map(({ state }) => planAt(problem.cost, state.x, epsilon).flat());
      expect(greatestDifference(P!, Q!)).toBeLessThan(2e-6 * Math.max(...Q!));
      expect(greatestDifference(P!, Q!)).toBeGreaterThan(0);
    }
  });

  it("keeps its digits at small ε, since potentials are absorbed: not so without", async () => {
    const epsilon = 1e-4;
    const { problem } = randomProblem(25, 25, epsilon, 8);
    const exact = solve(safeSparseNewton(), problem, new Float64Array(50), {
      stop: any(marginalError(1e-11), maxIterations(1000)),
    });
    expect(exact.reason.kind).toBe("converged");
    // From the solution itself, whose potentials init absorbs, against the same beginning with nothing absorbed.
    const error = async (state: (from: DeviceSinkhornState) => DeviceSinkhornState) => {
      const method = deviceSinkhorn(gpu, { path: "none", sweepsPerStep: 1 });
      const changed: AsyncMethod<TransportProblem, DeviceSinkhornState> = {
        ...method,
        init: async (p, z) => state(await method.init(p, z)),
      };
      const { state: after } = await solveAsync(changed, problem, exact.state.x, { stop: maxIterations(1) });
      return problem.gradientInto(new Float64Array(50), after.x).reduce((sum, g) => sum + Math.abs(g), 0);
    };
    const absorbed = await error((s) => s);
    const plain = await error((s) => ({
      ...s,
      absorbed: new Float64Array(50),
      scaled: s.x.map((x) => x / epsilon),
    }));
    expect(absorbed).toBeLessThan(1e-6);
    expect(plain).toBeGreaterThan(20 * absorbed);
  });

  it("lowers ε in levels, and absorbs once more at the last", async () => {
    const { problem } = randomProblem(20, 20, 0.004, 2);
    const { state, reason, trace } = await run(gpu, problem, {}, 1e-4, 200);
    expect(reason.rule).toBe("marginalError");
    expect(state.regularizationNow).toBeNull();
    expect(state.twice).toBe(true);
    expect(state.absorbed.some((value) => value !== 0)).toBe(true);
    expect(trace.length).toBeGreaterThan(2);
    const plain = await run(gpu, problem, { path: "none" }, 1e-4, 200);
    expect(plain.value).toBeCloseTo(problem.value(state.x), 6);
  });

  it("takes forbidden arcs and weights that are 0", async () => {
    const infinite = Number.POSITIVE_INFINITY;
    const problem = transportProblem({
      source: [0.5, 0, 0.5],
      target: [0.25, 0.75],
      cost: [
        [0, infinite],
        [1, 1],
        [infinite, 0],
      ].map((row, i) => (i === 0 ? [0, 1] : row)),
      regularization: 0.2,
    });
    const { state, reason } = await run(gpu, problem, {}, 1e-6, 200);
    expect(reason.kind).toBe("converged");
    const P = planAt(problem.cost, state.x, 0.2).flat();
    expect(greatestDifference(P, [0.25, 0.25, 0, 0, 0, 0.5])).toBeLessThan(1e-6);
  });

  it("goes on from a stored state with the same bits, whatever lay on the device", async () => {
    const { problem } = randomProblem(15, 12, 0.01, 4);
    const z0 = new Float64Array(27);
    for (const backend of [js, gpu])
      for (const first of [1, 4, 7]) {
        const method = () => deviceSinkhorn(backend, { sweepsPerStep: 3 });
        const whole = await solveAsync(method(), problem, z0, { stop: maxIterations(9), trace: true });
        const half = await solveAsync(method(), problem, z0, { stop: maxIterations(first) });
        const state = deserialize<DeviceSinkhornState>(serialize(half.state));
        const rest = await solveAsync(method(), problem, z0, { stop: maxIterations(9), resume: state, trace: true });
        expect(rest.state.absorbed).toEqual(whole.state.absorbed);
        expect(rest.state.x).toEqual(whole.state.x);
        expect(rest.trace.map((row) => row.value)).toEqual(whole.trace.slice(first).map((row) => row.value));
      }
  });

  it("ends for each reason: converged, budget, aborted, a sweep that isn't finite", async () => {
    const { problem } = randomProblem(10, 10, 0.05, 1);
    expect((await run(gpu, problem)).reason).toMatchObject({ kind: "converged", rule: "marginalError" });
    expect((await run(gpu, problem, { sweepsPerStep: 1, path: "none" }, 1e-5, 2)).reason.rule).toBe("maxIterations");
    const aborted = await solveAsync(deviceSinkhorn(gpu), problem, new Float64Array(20), {
      stop: marginalError(),
      signal: { aborted: true, reason: "enough" },
    });
    expect(aborted.reason).toMatchObject({ kind: "aborted", detail: "enough" });
    // While ε is larger than asked, nothing converges.
    const early = await run(gpu, problem, { path: { from: 10, factor: 1.0001, error: 0.5 } }, 1e-3, 5);
    expect(early.state.gradientNorm).toBeLessThan(1e-3);
    expect(early.reason.kind).toBe("budget");
    const broken: ArrayBackend = Object.assign(Object.create(js) as ArrayBackend, {
      logSumExpRows: async (...args: Parameters<ArrayBackend["logSumExpRows"]>) =>
        js.axpby(1.7e308, await js.logSumExpRows(...args)),
    });
    const { reason, state } = await run(broken, problem);
    expect(reason).toMatchObject({ kind: "failed", rule: "nonFiniteSweep" });
    expect(state.x.every(Number.isFinite)).toBe(true);
  });

  it("is `slow` after so many sweeps at one ε", async () => {
    const { problem } = randomProblem(20, 20, 0.001, 1);
    const { state } = await run(js, problem, { path: "none", sweepsPerStep: 5, mostSweeps: 10 }, 1e-9, 2);
    expect(state.slow).toBe(true);
    expect((await run(js, problem, { path: "none", sweepsPerStep: 5, mostSweeps: 11 }, 1e-9, 2)).state.slow).toBe(
      false,
    );
  });

  it("works on WebAssembly's arrays, too, and leaves no array behind but its own five", async () => {
    const wasm = wasmArrayBackend();
    const { problem } = randomProblem(10, 10, 0.05, 1);
    const { reason } = await run(wasm, problem);
    expect(reason.kind).toBe("converged");
    expect(wasm.live).toBe(5);
    await wasm.close();
  });

  it("refuses misuse", () => {
    const make = (backend: unknown, options: object = {}) => deviceSinkhorn(backend as ArrayBackend, options);
    expect(() => make(null)).toThrow("deviceSinkhorn: argument `backend` is null; wanted an array backend");
    expect(() => make({})).toThrow("argument `backend`");
    expect(() => make(js, { foo: 1 })).toThrow("deviceSinkhorn: argument `options.foo` is not an option");
    expect(() => make(js, { sweepsPerStep: 0 })).toThrow("`options.sweepsPerStep` is 0");
    expect(() => make(js, { mostSweeps: 1.5 })).toThrow("`options.mostSweeps` is 1.5");
    expect(() => make(js, { path: "short" })).toThrow('`options.path` is "short"');
  });
});
