export type { Dataset } from "./applications/dataset.js";
export {
  type OligopolyOptions,
  stackelbergOligopoly,
  type TollOptions,
  tollSetting,
} from "./applications/games.js";
export { type HyperCleaningOptions, hyperCleaning, sampleWeights } from "./applications/hyper-cleaning.js";
export { kernelRidgeSelection } from "./applications/kernel-ridge.js";
export {
  type ElasticNetOptions,
  elasticNetSelection,
  logisticSelection,
  ridgeSelection,
  type SelectionOptions,
} from "./applications/regularization.js";
export { type SvmOptions, svmSelection } from "./applications/svm.js";
export { type BilevelCertificate, type CertificateOptions, certify } from "./certificate.js";
export { type Constraints, type LinearConstraints, type LowerConstraints, linearConstraints } from "./constraints.js";
export { type Hypergradient, type HypergradientOptions, hypergradient } from "./hypergradient.js";
export { type BicGaffaOptions, bicGaffa } from "./methods/bic-gaffa.js";
export { type BomeOptions, type BomeState, bome } from "./methods/bome.js";
export { type F2saOptions, f2sa } from "./methods/f2sa.js";
export {
  type ImplicitOptions,
  type ImplicitState,
  implicitDifferentiation,
} from "./methods/implicit-differentiation.js";
export { type LvHbaOptions, type LvHbaState, lvHba } from "./methods/lv-hba.js";
export { type MehaOptions, meha } from "./methods/meha.js";
export { type UnrolledOptions, type UnrolledState, unrolled } from "./methods/unrolled.js";
export {
  type BilevelMethodName,
  type MinimizeOptions,
  type MinimizeResult,
  minimize,
  stationary,
} from "./minimize.js";
export { type BilevelOptions, type BilevelProblem, type BilevelState, bilevel, type Objective } from "./problem.js";
export type { InnerMethod, InnerProblem } from "./support/inner-newton.js";
export type { PathState } from "./support/penalty-path.js";
export type { LoopOptions, LoopState, Schedule } from "./support/single-loop.js";
