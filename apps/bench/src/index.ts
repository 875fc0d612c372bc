export { npmPeers } from "./peers/npm.js";
export type { FullProblem, TestProblem } from "./problems/collection.js";
export { type DenseInstance, logisticRegression, logSumExp } from "./problems/dense.js";
export { collection } from "./problems/index.js";
export { dataProfile, performanceProfile } from "./profile.js";
export type { Claim, Curve, Row, SuiteReport } from "./row.js";
export { type Contender, contender, runOne } from "./run.js";
