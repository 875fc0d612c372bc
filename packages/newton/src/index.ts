export { type ArcOptions, type ArcState, arc } from "./arc.js";
export { type ArcqkOptions, type ArcqkState, arcqk } from "./arcqk.js";
export { type Covariance, type CovarianceOptions, parameterCovariance } from "./covariance.js";
export { type Fit, type FitData, type FitOptions, fit, type Model } from "./fit.js";
export { type GaussNewtonOptions, type GaussNewtonState, gaussNewton } from "./gauss-newton.js";
export type { CurvatureProblem } from "./hessian.js";
export { type LazyCubicNewtonOptions, type LazyCubicState, lazyCubicNewton } from "./lazy-cubic-newton.js";
export {
  type LazyRegularizedNewtonOptions,
  type LazyRegularizedState,
  lazyRegularizedNewton,
} from "./lazy-regularized-newton.js";
export { type LbfgsOptions, type LbfgsState, lbfgs } from "./lbfgs.js";
export { type BoundedGradientProblem, type LbfgsbOptions, type LbfgsbState, lbfgsb } from "./lbfgsb.js";
export { type LeastSquaresState, orthogonality } from "./least-squares.js";
export {
  type LevenbergMarquardtOptions,
  type LevenbergMarquardtState,
  levenbergMarquardt,
} from "./levenberg-marquardt.js";
export { type MinimizeOptions, type MinimizeResult, minimize } from "./minimize.js";
export { type NewtonOptions, type NewtonState, newton } from "./newton.js";
export { type Nl2solOptions, type Nl2solProblem, type Nl2solState, nl2sol } from "./nl2sol.js";
export type { Loss, LossFunction, LossName } from "./robust-loss.js";
export {
  type BoundedSystem,
  residualNorm,
  type ScaledTrustRegionOptions,
  type ScaledTrustRegionState,
  scaledTrustRegion,
} from "./scaled-trust-region.js";
export type { ScalingName } from "./scaling-matrices.js";
export { type BoundedCurvatureProblem, type TronOptions, type TronState, tron } from "./tron.js";
export { type TrustRegionOptions, type TrustRegionState, trustRegion } from "./trust-region.js";
