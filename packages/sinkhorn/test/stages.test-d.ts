import { counted, type DenseMatrix, type SolveOptions, solve, solveAsync } from "@hessia/core";
import type { ArrayBackend } from "@hessia/core/gpu";
import { describe, expectTypeOf, it } from "vitest";
import {
  type DeviceSinkhornState,
  deviceSinkhorn,
  deviceTransport,
  gaussianBarycenter,
  gaussianDistance,
  planDerivatives,
  type QuadraticNewtonState,
  quadraticNewton,
  type SparsePlanMatrix,
  type TransportProblem,
} from "../src/index.js";

declare const backend: ArrayBackend;
declare const problem: TransportProblem;
declare const z: Float64Array;

describe("types", () => {
  it("the plan is of the kind that was asked for", () => {
    const options = { backend, cost: [[1]], source: [1], target: [1], regularization: 1 };
    expectTypeOf(deviceTransport(options)).resolves.toHaveProperty("plan").toEqualTypeOf<DenseMatrix>();
    const sparse = deviceTransport({ ...options, plan: "sparse" });
    expectTypeOf(sparse).resolves.toHaveProperty("plan").toEqualTypeOf<SparsePlanMatrix>();
    // @ts-expect-error a device is needed
    void deviceTransport({ cost: [[1]], regularization: 1 });
    // @ts-expect-error the first stage can't be resumed
    void deviceTransport({ ...options, resume: {} });
  });

  it("sweeps on a device are for solveAsync alone", () => {
    expectTypeOf(solveAsync(deviceSinkhorn(backend), problem, z))
      .resolves.toHaveProperty("state")
      .toEqualTypeOf<DeviceSinkhornState>();
    // @ts-expect-error its steps are promises
    solve(deviceSinkhorn(backend), problem, z);
  });

  it("a method of quadratic transport takes no entropic problem", () => {
    // @ts-expect-error f isn't quadratic by pieces
    quadraticNewton().init(counted(problem), z);
    expectTypeOf<SolveOptions<QuadraticNewtonState>["resume"]>().toEqualTypeOf<QuadraticNewtonState | undefined>();
  });

  it("derivatives and Gaussians", () => {
    expectTypeOf(
      planDerivatives(problem, z)
        .pullBack((i, j) => i + j)
        .cost(),
    ).toEqualTypeOf<DenseMatrix>();
    expectTypeOf(
      gaussianDistance({ mean: [0], covariance: [[1]] }, { mean: z, covariance: [[1]] }),
    ).toEqualTypeOf<number>();
    expectTypeOf(
      gaussianBarycenter([{ mean: [0], covariance: [[1]] }]).barycenter.covariance,
    ).toEqualTypeOf<DenseMatrix>();
    // @ts-expect-error a Gaussian has a covariance
    gaussianDistance({ mean: [0] }, { mean: [0], covariance: [[1]] });
  });
});
