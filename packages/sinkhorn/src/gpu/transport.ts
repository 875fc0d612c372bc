// The front door to entropic transport whose first stage is on a device, in float32 on a GPU, and whose second stage is Newton's in float64.
import {
  any,
  describe,
  type Method,
  misuse,
  type Result,
  requireKnownOptions,
  requireNumber,
  type Stop,
  solveAsync,
  type Vector,
} from "@hessia/core";
import type { ArrayBackend } from "@hessia/core/gpu";
import { requireStorable } from "../cost/dense.js";
import {
  type DeviceSinkhornOptions,
  type DeviceSinkhornState,
  deviceSinkhorn,
  releaseDevice,
  requireBackend,
} from "../methods/device-sinkhorn.js";
import { safeSparseNewton } from "../methods/safe-sparse-newton.js";
import type { PlanKind } from "../plan.js";
import {
  givenWeights,
  marginalError,
  type TransportProblem,
  type TransportState,
  transportProblem,
} from "../problem.js";
import { givenCost } from "../support/given-cost.js";
import type { PathOption } from "../support/regularization-path.js";
import { type TransportOptions, type TransportResult, transport } from "../transport.js";

export interface DeviceTransportOptions<K extends PlanKind = "dense"> extends Omit<TransportOptions<K>, "resume"> {
  /** Where the sweeps run: what `connectGpu()` or `pickBackend()` of @hessia/core/gpu gave. It stays open. */
  readonly backend: ArrayBackend;
  /** The marginal error at which the device has done its part, in (0, 2). Default 1e-3. */
  readonly deviceTolerance?: number;
  /** Of the sweeps on the device, see {@link deviceSinkhorn}. */
  readonly device?: DeviceSinkhornOptions;
}

export interface DeviceTransportResult<K extends PlanKind = "dense"> extends TransportResult<K> {
  /** The first stage. Its marginal error is in the device's precision. */
  readonly device: Pick<Result, "reason" | "iterations" | "times" | "trace"> & {
    /** What did the work. */
    readonly description: string;
    readonly sweeps: number;
    readonly marginalError: number;
    /** ε at its end: above that asked for where its sweeps had become slow; the second stage goes on from there. */
    readonly regularization: number;
  };
}

/**
 * {@link transport} whose Sinkhorn sweeps run on a device: log-domain sweeps through core's array backends (float32 on a GPU), then Newton steps in float64 on the CPU from the potentials that these found, to the tolerance asked for.
 * `observers` see the second stage, `timeLimit` is that of both. The cost is on the device as a matrix, so that n m must fit there.
 * @throws (rejects with) ArgumentError as `transport`; HessiaError where the device can't hold the cost.
 */
export async function deviceTransport<K extends PlanKind = "dense">(
  options: DeviceTransportOptions<K>,
): Promise<DeviceTransportResult<K>> {
  const routine = "deviceTransport";
  if (options === null || typeof options !== "object")
    misuse(routine, "options", describe(options), "an object with a backend and the options of `transport`");
  const { backend, deviceTolerance = 1e-3, device = {}, cost: _cost, points, grid: _grid, ...rest } = options;
  requireBackend(routine, backend);
  requireNumber(routine, "options.deviceTolerance", deviceTolerance, { above: 0, below: 2 });
  const { normalize = false, regularization, signal, timeLimit, trace, initial } = options;
  if ("resume" in rest) misuse(routine, "options.resume", "given", "none: resume the second stage by `transport`");
  const cost = givenCost(options, routine);
  const { rows: n, cols: m } = cost;
  requireStorable(routine, "options.cost", n, m, "`transport` computes the cost of points in tiles.");
  const weights = (side: "source" | "target", length: number) =>
    givenWeights(routine, side, options[side], length, normalize, points !== undefined);
  const [source, target] = [weights("source", n), weights("target", m)];
  const problem = transportProblem({ source, target, cost, regularization }, routine);
  const z0 = startFrom(routine, initial, problem);

  const method = deviceSinkhorn(backend, device);
  const stop = any<DeviceSinkhornState>(marginalError(deviceTolerance), slowSweeps);
  const given = Object.entries({ signal, timeLimit, trace }).filter(([, value]) => value !== undefined);
  const first = await solveAsync(method, problem, z0, { ...Object.fromEntries(given), stop });
  releaseDevice(backend, first.state);

  const now = first.state.regularizationNow ?? regularization;
  const path = now > regularization ? ({ from: now, factor: 8, error: 0.03 } as const) : "none";
  const { method: asked = "auto" } = options;
  const { x } = first.state;
  const second = transport<K>({
    ...rest,
    source,
    target,
    cost,
    normalize: false,
    method: asked === "auto" ? finishing(path) : asked,
    initial: { source: x.subarray(0, n), target: x.subarray(n) },
    ...(timeLimit === undefined ? {} : { timeLimit: Math.max(0, timeLimit - first.times.total) }),
  });
  const { reason, iterations, times } = first;
  return {
    ...second,
    picked: asked === "auto" ? { ...second.picked, because: "Newton steps after the device's sweeps" } : second.picked,
    device: {
      description: backend.description,
      reason,
      iterations,
      times,
      trace: first.trace,
      sweeps: first.state.sweeps,
      marginalError: first.state.gradientNorm,
      regularization: now,
    },
  };
}

/** Newton's method from where the device left off; its own fields of the state are its own affair. */
const finishing = (path: PathOption) =>
  safeSparseNewton({ path, sinkhornSteps: path === "none" ? 0 : 1 }) as unknown as Method<
    TransportProblem,
    TransportState
  >;

/** The device's part ends where its sweeps take long. */
const slowSweeps: Stop<DeviceSinkhornState> = ({ state }) =>
  state.slow
    ? {
        kind: "budget",
        rule: "slowSweeps",
        detail: `${state.levelSweeps} sweeps at one ε, marginal error ${state.gradientNorm.toExponential(2)}`,
      }
    : null;

function startFrom(
  routine: string,
  initial: TransportOptions["initial"],
  { source, target }: TransportProblem,
): Vector {
  const z0 = new Float64Array(source.length + target.length);
  if (initial === undefined) return z0;
  requireKnownOptions(routine, initial, ["source", "target"]);
  for (const [side, weights, at] of [
    ["source", source, 0],
    ["target", target, source.length],
  ] as const) {
    const part = initial[side];
    const argument = `options.initial.${side}`;
    if (part === null || typeof part !== "object" || part.length !== weights.length)
      misuse(routine, argument, describe(part), `${weights.length} potentials`);
    for (let k = 0; k < weights.length; k++) {
      const value = part[k]!;
      if (weights[k] > 0 && !Number.isFinite(value))
        misuse(routine, argument, `${value} at index ${k}`, "finite numbers where there is weight");
      z0[at + k] = weights[k] > 0 ? value : 0;
    }
  }
  return z0;
}
