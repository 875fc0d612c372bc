import type { BoundedState } from "./bounded-state.js";
import type { Counts } from "./counts.js";
import { requireNumber } from "./errors.js";
import type { State } from "./method.js";
import type { Observation } from "./stop.js";

/** Watches a run, after `init` and after each step. It only watches: to stop a run, write a stop rule. */
export type Observer<S extends State = State> = (observation: Observation<S>) => void;

/** One row of a trace: plain numbers. */
export interface TraceRow {
  readonly iteration: number;
  readonly value: number;
  /** ‖∇f‖∞, the projected one for a method that takes bounds; NaN for a method that has no gradient. */
  readonly gradientNorm: number;
  readonly counts: Readonly<Counts>;
  /** Milliseconds since the run began. */
  readonly elapsed: number;
}

/** ‖∇f‖∞, or the projected one where the state has it. */
function stationarity(state: State): number | undefined {
  const { gradientNorm, projectedGradientNorm } = state as Partial<BoundedState>;
  return projectedGradientNorm ?? gradientNorm;
}

/** An observer that keeps a row of every state it is shown in `rows`. */
export function record(): Observer & { readonly rows: TraceRow[] } {
  const rows: TraceRow[] = [];
  const observer: Observer = ({ state, counts, elapsed }) => {
    const gradientNorm = stationarity(state) ?? Number.NaN;
    rows.push({ iteration: state.iteration, value: state.value, gradientNorm, counts: { ...counts }, elapsed });
  };
  return Object.assign(observer, { rows });
}

/** Passes on every n-th iteration (0, n, 2n, …). */
export function every<S extends State>(n: number, observer: Observer<S>): Observer<S> {
  requireNumber("every", "n", n, { atLeast: 1, integer: true });
  return (observation) => {
    if (observation.state.iteration % n === 0) observer(observation);
  };
}

/**
 * Writes one line a state: iteration, f, ‖∇f‖∞ (the projected one for a method that takes bounds) and evaluations.
 * @param write receives each line without a line end; for example `console.log`.
 */
export function progress(write: (line: string) => void): Observer {
  return ({ state, counts }) => {
    const gradientNorm = stationarity(state);
    const gradient = gradientNorm === undefined ? "" : `  ‖g‖∞ ${gradientNorm.toExponential(2)}`;
    write(
      `${String(state.iteration).padStart(5)}  f ${state.value.toExponential(8).padStart(15)}${gradient}` +
        `  (f ${counts.value}, g ${counts.gradient}, H ${counts.hessian}, Hv ${counts.hessianApply}, factor ${counts.factorization})`,
    );
  };
}
