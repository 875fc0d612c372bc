export {
  checkGradient,
  checkHessian,
  type DerivativeCheckOptions,
  type ManifoldHessianCheck,
} from "./check/derivatives.js";
export { type CheckManifoldOptions, checkManifold, type IdentityRow, type ManifoldCheck } from "./check/manifold.js";
export type { DecentralizedOptions, DecentralizedStep } from "./decentralized/agent.js";
export {
  type AgentGraph,
  completeGraph,
  connectedComponents,
  type ErdosRenyiOptions,
  erdosRenyiGraph,
  graphFromEdges,
  pathGraph,
  ringGraph,
  starGraph,
  unionOfGraphs,
} from "./decentralized/graph.js";
export {
  type AgentHost,
  type AgentLoad,
  type AgentReport,
  agentHost,
  remoteAgent,
  serveAgent,
} from "./decentralized/hosts.js";
export type { DecentralizedMethod } from "./decentralized/method.js";
export {
  lazyWeights,
  type MixingMatrix,
  type MixingRow,
  metropolisWeights,
  mixingMatrix,
  type Network,
  network,
  spectralGap,
  uniformWeights,
} from "./decentralized/mixing.js";
export { overAgents, remoteProblem } from "./decentralized/over-agents.js";
export {
  type DecentralizedProblem,
  type DecentralizedState,
  decentralizedProblem,
  decentralizedStationarity,
  type LocalProblem,
  sameForAll,
} from "./decentralized/problem.js";
export {
  type AgentTransport,
  endpointTransport,
  inProcessTransports,
  type MessageEndpoint,
} from "./decentralized/transport.js";
export {
  type InvariantMetric,
  type InvariantMetricOptions,
  invariantMetric,
  metricKernels,
  powerKernel,
} from "./invariant-metric.js";
export {
  defineManifold,
  type GeodesicManifold,
  isGeodesic,
  type Manifold,
  type ManifoldCore,
  type TransportKind,
} from "./manifold.js";
export { type Euclidean, euclidean, symmetricMatrices } from "./manifolds/euclidean.js";
export { type Factors, type FixedRank, fixedRank } from "./manifolds/fixed-rank.js";
export { type GrassmannOptions, grassmann } from "./manifolds/grassmann.js";
export { type Hyperbolic, type HyperbolicOptions, hyperbolic } from "./manifolds/hyperbolic.js";
export { type Oblique, type ObliqueOptions, oblique } from "./manifolds/oblique.js";
export { orthogonal } from "./manifolds/orthogonal.js";
export { power } from "./manifolds/power.js";
export { type Product, product } from "./manifolds/product.js";
export {
  type SpdAffineInvariant,
  type SpdAffineInvariantOptions,
  spdAffineInvariant,
} from "./manifolds/spd-affine-invariant.js";
export { type SpdAlphaProcrustesOptions, spdAlphaProcrustes } from "./manifolds/spd-alpha-procrustes.js";
export { type SpdBuresWassersteinOptions, spdBuresWasserstein } from "./manifolds/spd-bures-wasserstein.js";
export {
  type SpdGeneralizedBuresWassersteinOptions,
  spdGeneralizedBuresWasserstein,
} from "./manifolds/spd-generalized-bures-wasserstein.js";
export { spdLogCholesky } from "./manifolds/spd-log-cholesky.js";
export { spdLogEuclidean } from "./manifolds/spd-log-euclidean.js";
export { type SpdPowerEuclideanOptions, spdPowerEuclidean } from "./manifolds/spd-power-euclidean.js";
export { specialOrthogonal } from "./manifolds/special-orthogonal.js";
export { type Sphere, type SphereOptions, sphere } from "./manifolds/sphere.js";
export { type Stiefel, type StiefelOptions, stiefel } from "./manifolds/stiefel.js";
export { type MedianState, weiszfeld } from "./means/geometric-median.js";
export { type KarcherOptions, type KarcherState, karcher, type MeanProblem } from "./means/karcher-mean.js";
export {
  buresWassersteinBarycenter,
  geometricMedian,
  type KarcherMeanOptions,
  karcherMean,
  type MeanOptions,
  meanProblem,
  type PointLike,
} from "./means/mean.js";
export { type TangentPca, type TangentPcaOptions, tangentPca } from "./means/tangent-pca.js";
export {
  type AlternatingDescentOptions,
  type AlternatingState,
  alternatingDescent,
  type FactorMinimizer,
} from "./methods/alternating-descent.js";
export { type ArcOptions, type ArcState, arc } from "./methods/arc.js";
export {
  type ConjugateGradientOptions,
  type ConjugateGradientRule,
  type ConjugateGradientState,
  conjugateGradient,
  conjugateGradientRules,
} from "./methods/conjugate-gradient.js";
export { dprgd } from "./methods/dprgd.js";
export { type DrcgdOptions, drcgd } from "./methods/drcgd.js";
export { drgd } from "./methods/drgd.js";
export { type LazyCubicNewtonOptions, type LazyCubicState, lazyCubicNewton } from "./methods/lazy-cubic-newton.js";
export { type LbfgsOptions, type LbfgsState, lbfgs } from "./methods/lbfgs.js";
export { type SteepestDescentOptions, type SteepestDescentState, steepestDescent } from "./methods/steepest-descent.js";
export { type TrustRegionOptions, type TrustRegionState, trustRegion } from "./methods/trust-region.js";
export {
  type MethodName,
  type MinimizeOptions,
  type MinimizeResult,
  minimize,
  type Objective,
} from "./minimize.js";
export {
  acceptManifoldTrial,
  type HasManifold,
  type ManifoldHessianProblem,
  type ManifoldProblem,
  type ManifoldState,
  type ManifoldTrial,
  onManifold,
  type RiemannianTolerance,
  riemannianGradientNorm,
  startManifoldState,
  trialGradientNorm,
} from "./problem.js";
export type { ProductParts } from "./support/combine.js";
export type { MetricKernel } from "./support/kernel-metric.js";
export type { MeanEvaluator } from "./support/mean-evaluator.js";
export type { Random } from "./support/random.js";
export type { RotationGroup, RotationOptions } from "./support/rotation-group.js";
