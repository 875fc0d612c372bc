// Sinkhorn's algorithm in its scaling form, with potentials absorbed into the kernel where the scalings grow.
//
//   v ← c / Kᵀu,   u ← r / Kv,   K_ij = exp((αᵢ + βⱼ − C_ij)/ε),   x = α + ε log u,   y = β + ε log v,   P = diag(u) K diag(v)
//
// Sinkhorn 1964; Cuturi 2013, "Sinkhorn distances", NeurIPS, Algorithm 1; absorption: Schmitzer 2019, SIAM J. Sci. Comput. 41(3), Algorithm 2. ε-scaling, over-relaxation and Anderson
// acceleration as in log-sinkhorn.ts.
//
// Deviations:
// 1. The iterates are kept as potentials; u = exp((x − α)/ε) is made before each product, v likewise: n + m exponentials beside the n m multiplications.
// 2. A product whose sums leave [1e-150, 1e150] is done again in the log domain; then the potentials are absorbed. So no entry that counts is lost to underflow.
// 3. A grid's kernel is a product of one kernel an axis, which nothing can be absorbed into: there the method goes on in the log domain, and its state says so (`domain`).
import { type Method, requireKnownOptions, requireOneOf } from "@hessia/core";
import { requireStorable } from "../cost/dense.js";
import type { TransportProblem } from "../problem.js";
import { type AbsorbedState, nothingAbsorbed, scalingPasses } from "../support/scaling-passes.js";
import { type SinkhornOptions, type SinkhornState, sinkhornMethod } from "../support/sinkhorn-method.js";

export interface SinkhornScalingOptions extends SinkhornOptions {
  /** Whether scalings that grow beyond 1e±100 are absorbed into the kernel; else the run fails there (rule "overflow"). Default true. */
  readonly absorb?: boolean;
}

export type SinkhornScalingState = SinkhornState & AbsorbedState;

/**
 * The scaling form: two products with a stored kernel (or one an axis) a sweep.
 * @throws ArgumentError on an unknown option, or one out of range; where the kernel is too large to be stored.
 */
export function sinkhorn(options: SinkhornScalingOptions = {}): Method<TransportProblem, SinkhornScalingState> {
  const name = "sinkhorn";
  requireKnownOptions(name, options, ["scaling", "relaxation", "anderson", "absorb"]);
  const { absorb = true, ...shared } = options;
  requireOneOf(name, "options.absorb", absorb, [true, false]);
  return sinkhornMethod<SinkhornScalingState>(
    name,
    shared,
    (problem, state) => {
      const { rows, cols } = problem.cost;
      if (problem.cost.scalingKernel === undefined)
        requireStorable(name, "problem.cost", rows, cols, "logSinkhorn stores no kernel.");
      return { ...state, ...nothingAbsorbed(problem) };
    },
    (problem, state) => scalingPasses(problem, state, absorb),
  );
}
