export {
  type BatchedTransportOptions,
  type BatchedTransportResult,
  batchedTransport,
} from "./batched/transport.js";
export { type BatchedProblem, type BatchedProblemOptions, batchedProblem } from "./batched-problem.js";
export {
  type AffineMap,
  type GaussianMeasure,
  type GaussianOptions,
  type GaussianTransportResult,
  gaussianDistance,
  gaussianDivergence,
  gaussianInterpolation,
  gaussianMap,
  gaussianTransport,
} from "./closed-form/gaussian.js";
export type { Cost, PlanOptions, PlanTile, ScalingKernel } from "./cost/cost.js";
export { denseCost } from "./cost/dense.js";
export { type GridCostOptions, gridCost } from "./cost/grid.js";
export { type PointCostOptions, pointCost } from "./cost/points.js";
export { type DivergenceOptions, type DivergenceResult, sinkhornDivergence } from "./divergence.js";
export { type AssignmentOptions, type AssignmentResult, assignment } from "./exact/assignment.js";
export {
  type NetworkSimplexOptions,
  type NetworkSimplexState,
  networkSimplex,
  optimalTree,
} from "./exact/network-simplex.js";
export {
  type LineMeasure,
  type LineTransportOptions,
  type LineTransportResult,
  lineBarycenter,
  lineTransport,
} from "./exact/one-dimensional.js";
export { type GaussianBarycenterOptions, type GaussianBarycenterResult, gaussianBarycenter } from "./gaussian/mean.js";
export { type GaussianMeanProblem, type GaussianMeanProblemOptions, gaussianMeanProblem } from "./gaussian/problem.js";
export { type DeviceTransportOptions, type DeviceTransportResult, deviceTransport } from "./gpu/transport.js";
export {
  type PlanDerivativeOptions,
  type PlanDerivatives,
  type PlanPullBack,
  type PlanPushForward,
  planDerivatives,
} from "./gradients/plan.js";
export { costGradient, pointGradients, weightGradients } from "./gradients/value.js";
export { barycentricProjection, displacementFrames, type Frame } from "./interpolation.js";
export {
  type BatchedSinkhornOptions,
  type BatchedSinkhornState,
  batchedSinkhorn,
} from "./methods/batched-sinkhorn.js";
export { type DeviceSinkhornOptions, type DeviceSinkhornState, deviceSinkhorn } from "./methods/device-sinkhorn.js";
export { type GaussianFixedPointState, gaussianFixedPoint } from "./methods/gaussian-fixed-point.js";
export { type LogSinkhornOptions, type LogSinkhornState, logSinkhorn } from "./methods/log-sinkhorn.js";
export { type QuadraticNewtonOptions, type QuadraticNewtonState, quadraticNewton } from "./methods/quadratic-newton.js";
export {
  type SafeSparseNewtonOptions,
  type SafeSparseNewtonState,
  safeSparseNewton,
} from "./methods/safe-sparse-newton.js";
export { type SinkhornScalingOptions, type SinkhornScalingState, sinkhorn } from "./methods/sinkhorn.js";
export {
  type SinkhornNewtonSparseOptions,
  type SinkhornNewtonSparseState,
  sinkhornNewtonSparse,
} from "./methods/sinkhorn-newton-sparse.js";
export { type SparseLowRankOptions, type SparseLowRankState, sparseLowRank } from "./methods/sparse-low-rank.js";
export {
  type SymmetricSinkhornOptions,
  type SymmetricSinkhornState,
  symmetricSinkhorn,
} from "./methods/symmetric-sinkhorn.js";
export type { ArcList, Arcs } from "./network/arcs.js";
export type { Cut } from "./network/cut.js";
export { type NetworkProblem, type NetworkProblemOptions, networkProblem } from "./network/problem.js";
export { type ExactTransportOptions, type ExactTransportResult, exactTransport } from "./network/transport.js";
export type { Tree } from "./network/tree.js";
export type { PlanKind, PlanOperator, SparsePlanMatrix } from "./plan.js";
export { type PlanEntries, planEntries, planMatrix } from "./plan-entries.js";
export {
  marginalError,
  type TransportProblem,
  type TransportProblemOptions,
  type TransportState,
  transportProblem,
} from "./problem.js";
export { type QuadraticProblem, type QuadraticProblemOptions, quadraticProblem } from "./quadratic/problem.js";
export {
  type QuadraticTransportOptions,
  type QuadraticTransportResult,
  quadraticTransport,
} from "./quadratic/transport.js";
export { type PlanProducts, type RoundedPlan, roundedOperator, roundingOf, roundPlanInto } from "./rounding.js";
export type { Gaussian } from "./support/gaussian-factors.js";
export type { PlanSystemOutcome } from "./support/plan-system.js";
export type { MatrixOrEntries, PlanTangent } from "./support/plan-tangent.js";
export type { PathOption, RegularizationPath } from "./support/regularization-path.js";
export type { RegularizationScaling } from "./support/sinkhorn-method.js";
export {
  type MarginalErrors,
  type TransportMethodName,
  type TransportOptions,
  type TransportResult,
  transport,
} from "./transport.js";
