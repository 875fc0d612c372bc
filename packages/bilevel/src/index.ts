export { type LinearConstraints, linearConstraints } from "./constraints.js";
export { type LvHbaOptions, type LvHbaState, lvHba } from "./methods/lv-hba.js";
export { type BilevelOptions, type BilevelProblem, type BilevelState, bilevel, type Objective } from "./problem.js";
