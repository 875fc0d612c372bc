export type { Cost, PlanOptions, PlanTile } from "./cost/cost.js";
export { denseCost } from "./cost/dense.js";
export {
  marginalError,
  type TransportProblem,
  type TransportProblemOptions,
  type TransportState,
  transportProblem,
} from "./problem.js";
