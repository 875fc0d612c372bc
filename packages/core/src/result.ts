import type { Counts, EvaluationTimes } from "./counts.js";
import type { Vector } from "./linear/matrix.js";
import type { State } from "./method.js";
import type { TraceRow } from "./observe.js";
import type { StopReason } from "./stop.js";

/** What a run gives back, whatever its end. */
export interface Result<S extends State = State> {
  /** The point that converged; else the best one seen (lowest f). A copy of its own. */
  readonly x: Vector;
  /** f at `x`. */
  readonly value: number;
  readonly iterations: number;
  readonly counts: Readonly<Counts>;
  /** Milliseconds inside the user's evaluations, and of the whole run. */
  readonly times: Readonly<EvaluationTimes & { total: number }>;
  /** Why it ended; set once. `reason.kind === "converged"` is the success test. */
  readonly reason: StopReason;
  /** λ_min(∇²f(x)) as the method estimated it when it converged; undefined where it wasn't checked. */
  readonly leastCurvature: number | undefined;
  /** One row a step when asked for by `trace: true`, else empty. */
  readonly trace: readonly TraceRow[];
  /** The method's last state: give it to `solve(…, { resume })`, or store it by `serialize`. */
  readonly state: S;
  readonly method: string;
}
