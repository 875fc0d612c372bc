import { any, type Method, maxIterations, solve } from "@hessia/core";
import { describe, expect, it } from "vitest";
import {
  gridCost,
  logSinkhorn,
  marginalError,
  pointCost,
  sinkhorn,
  type TransportProblem,
  type TransportState,
  transportProblem,
} from "../../src/index.js";
import type { SinkhornState } from "../../src/support/sinkhorn-method.js";
import { greatestDifference, randomProblem } from "../problems-for-tests.js";
import { behavesLikeSinkhorn } from "./sinkhorn-behaviour.js";

const stop = (most = 5000) => any<TransportState>(marginalError(1e-11), maxIterations(most));

describe("sinkhorn", () => {
  behavesLikeSinkhorn("sinkhorn", (options) => sinkhorn(options) as unknown as Method<TransportProblem, SinkhornState>);

  it("takes the same steps as the log domain, to 1e-12, absorbing or not", () => {
    const { problem } = randomProblem(25, 30, 0.03, 6);
    const z0 = new Float64Array(55);
    const log = solve(logSinkhorn(), problem, z0, { stop: stop(40) });
    for (const absorb of [true, false]) {
      const scaling = solve(sinkhorn({ absorb }), problem, z0, { stop: stop(40) });
      expect(scaling.iterations).toBe(log.iterations);
      expect(greatestDifference(scaling.state.x, log.state.x)).toBeLessThan(1e-12);
    }
  });

  it("absorbs potentials where its scalings would overflow, and says how often", () => {
    const { problem } = randomProblem(25, 30, 5e-4, 6);
    const z0 = new Float64Array(55);
    const log = solve(logSinkhorn(), problem, z0, { stop: stop(200) });
    const { state } = solve(sinkhorn(), problem, z0, { stop: stop(200) });
    expect(state.absorptions).toBeGreaterThan(0);
    expect(greatestDifference(state.x, log.state.x)).toBeLessThan(1e-11);
  });

  it("fails there without absorption, pointing to the log domain", () => {
    const { problem } = randomProblem(25, 30, 5e-4, 6);
    const { reason } = solve(sinkhorn({ absorb: false }), problem, new Float64Array(55), { stop: stop() });
    expect(reason).toMatchObject({ kind: "failed", rule: "overflow" });
    expect(reason.detail).toContain("use logSinkhorn");
  });

  it("goes on in the log domain on a grid whose kernel underflows, and says so", () => {
    const cost = gridCost({ shape: [6, 6] });
    const source = new Float64Array(36).fill(1e-9 / 35);
    const target = source.slice();
    source[0] = 1 - 1e-9;
    target[35] = 1 - 1e-9;
    const problem = transportProblem({ source, target, cost, regularization: 0.05 });
    const z0 = new Float64Array(72);
    const { state } = solve(sinkhorn(), problem, z0, { stop: stop(50) });
    const log = solve(logSinkhorn(), problem, z0, { stop: stop(50) });
    expect(state.domain).toBe("log");
    expect(greatestDifference(state.x, log.state.x)).toBeLessThan(1e-10);
    const { reason } = solve(sinkhorn({ absorb: false }), problem, z0, { stop: stop(50) });
    expect(reason).toMatchObject({ kind: "failed", rule: "overflow" });
  });

  it("refuses to store a kernel that doesn't fit, naming its size", () => {
    const points = new Float64Array(20_000);
    const cost = pointCost({ source: points, target: points, store: false });
    const w = new Float64Array(20_000).fill(1 / 20_000);
    const problem = transportProblem({ source: w, target: w, cost, regularization: 1 });
    expect(() => sinkhorn().init(problem as never, new Float64Array(40_000))).toThrow("20000 × 20000, 3.2 GB");
  });

  it("throws on a bad absorb", () => {
    expect(() => sinkhorn({ absorb: "yes" as never })).toThrow('sinkhorn: argument `options.absorb` is "yes"');
  });
});
