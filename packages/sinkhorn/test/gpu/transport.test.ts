import { type ArrayBackend, connectGpu, jsArrayBackend } from "@hessia/core/gpu";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deviceTransport, pointCost, transport } from "../../src/index.js";
import { greatestDifference, randomCost, randomWeights, uniform } from "../problems-for-tests.js";

let gpu: ArrayBackend;
beforeAll(async () => {
  gpu = await connectGpu({ mode: "cpu" });
});
afterAll(() => gpu.close());

const random = uniform(17);
const n = 60;
const m = 50;
const base = { source: randomWeights(n, random), target: randomWeights(m, random), cost: randomCost(n, m, random) };

describe("deviceTransport", () => {
  it.each([0.1, 0.01, 0.001])("reaches 1e-9 by Newton steps after float32 sweeps, ε = %s", async (regularization) => {
    const found = await deviceTransport({ ...base, regularization, backend: gpu });
    expect(found.reason).toMatchObject({ kind: "converged", rule: "marginalError" });
    expect(found.marginalErrors.source + found.marginalErrors.target).toBeLessThan(1e-9);
    expect(found.device.reason.rule).toBe(regularization > 0.001 ? "marginalError" : "slowSweeps");
    expect(found.device.marginalError).toBeLessThan(regularization > 0.001 ? 1e-3 : 3e-2);
    expect(found.device.sweeps).toBeGreaterThan(0);
    expect(found.device.description).toMatch(/^gpu\.js on .*float32$/);
    expect(found.picked).toEqual({ method: "safeSparseNewton", because: "Newton steps after the device's sweeps" });
    const plain = transport({ ...base, regularization });
    expect(found.iterations).toBeLessThan(plain.iterations);
    expect(found.entropicValue).toBeCloseTo(plain.entropicValue, 10);
    expect(greatestDifference(found.plan.data, plain.plan.data)).toBeLessThan(1e-9);
    expect(gpu.live).toBe(0);
  });

  it("hands over where the device's sweeps become slow, at the ε they had come to", async () => {
    const slow = await deviceTransport({
      ...base,
      regularization: 1e-4,
      backend: gpu,
      device: { mostSweeps: 20, path: { from: 0.05, factor: 2, error: 1e-3 } },
    });
    expect(slow.device.reason).toMatchObject({ kind: "budget", rule: "slowSweeps" });
    expect(slow.device.regularization).toBeGreaterThan(1e-4);
    expect(slow.reason.kind).toBe("converged");
    expect(slow.entropicValue).toBeCloseTo(transport({ ...base, regularization: 1e-4 }).entropicValue, 10);
  });

  it("takes points, weights that are 0, plans of other kinds, a method, a beginning", async () => {
    const points = { source: [0, 1, 2, 5], target: [0.5, 3, 4] };
    const byPoints = await deviceTransport({ points, regularization: 0.5, backend: gpu, plan: "sparse" });
    const same = transport({ points, regularization: 0.5, plan: "sparse" });
    expect(greatestDifference(byPoints.plan.matrix.values, same.plan.matrix.values)).toBeLessThan(1e-9);
    const withZero = { source: [0.5, 0, 0.25, 0.25], target: [1, 0, 1], cost: pointCost(points), regularization: 0.5 };
    const found = await deviceTransport({ ...withZero, normalize: true, backend: gpu });
    expect(found.reason.kind).toBe("converged");
    expect(found.potentials.source[1]).toBe(Number.NEGATIVE_INFINITY);
    expect(greatestDifference(found.plan.data, transport({ ...withZero, normalize: true }).plan.data)).toBeLessThan(
      1e-9,
    );
    const again = await deviceTransport({
      ...withZero,
      normalize: true,
      backend: gpu,
      initial: found.potentials,
      method: "logSinkhorn",
      device: { path: "none" },
    });
    expect(again.picked.method).toBe("logSinkhorn");
    expect(again.device.sweeps).toBe(10);
    expect(again.device.marginalError).toBeLessThan(1e-6);
    const grid = await deviceTransport({
      grid: { shape: [2, 3] },
      source: [1, 2, 3, 1, 2, 3],
      target: [3, 2, 1, 3, 2, 1],
      regularization: 1,
      backend: gpu,
      plan: "none",
    });
    expect(grid.reason.kind).toBe("converged");
  });

  it("works on any array backend", async () => {
    const js = jsArrayBackend();
    const found = await deviceTransport({ ...base, regularization: 0.02, backend: js, trace: true });
    expect(found.reason.kind).toBe("converged");
    expect(found.device.trace.length).toBe(found.device.iterations + 1);
    await js.close();
  });

  it("ends by its time or signal, in either stage", async () => {
    const late = await deviceTransport({ ...base, regularization: 0.01, backend: gpu, timeLimit: 0 });
    expect([late.device.reason.rule, late.reason.rule]).toEqual(["timeLimit", "timeLimit"]);
    const signal = { aborted: true, reason: "enough" };
    const aborted = await deviceTransport({ ...base, regularization: 0.01, backend: gpu, signal });
    expect([aborted.device.reason.kind, aborted.reason.kind]).toEqual(["aborted", "aborted"]);
    const short = await deviceTransport({ ...base, regularization: 0.01, backend: gpu, maxIterations: 0 });
    expect(short.reason.rule).toBe("maxIterations");
    expect(gpu.live).toBe(0);
  });

  it("rejects misuse", async () => {
    const rejects = (options: object, message: string) =>
      expect(deviceTransport({ ...base, regularization: 0.1, backend: gpu, ...options })).rejects.toThrow(message);
    await expect(deviceTransport(null as never)).rejects.toThrow("deviceTransport: argument `options` is null");
    await rejects({ backend: undefined }, "deviceTransport: argument `backend` is undefined; wanted an array backend");
    await rejects({ deviceTolerance: 0 }, "`options.deviceTolerance` is 0");
    await rejects({ device: { foo: 1 } }, "deviceSinkhorn: argument `options.foo` is not an option");
    await rejects({ foo: 1 }, "`options.foo` is not an option");
    await rejects({ resume: {} }, "`options.resume` is given");
    await rejects({ regularization: 0 }, "deviceTransport: argument `options.regularization` is 0");
    await rejects({ cost: undefined }, "argument `options` is with 0 of cost, points and grid");
    await rejects({ source: [1] }, "`options.source` is of length 1");
    await rejects(
      { initial: { source: [1], target: [1] } },
      "`options.initial.source` is an Array of length 1; wanted 60 potentials.",
    );
    await rejects(
      { initial: { source: base.source.map(() => Number.NaN), target: base.target } },
      "`options.initial.source` is NaN at index 0",
    );
    await rejects(
      {
        cost: undefined,
        points: { source: new Float64Array(20_000), target: new Float64Array(20_000), store: false },
        source: undefined,
        target: undefined,
      },
      "`options.cost` is 20000 × 20000, 3.2 GB",
    );
  });
});
