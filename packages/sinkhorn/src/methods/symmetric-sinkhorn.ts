// Transport of a measure to itself: one potential, by an averaged fixed point.
//
//   x ← ½ (x + ε (log r − log Σ_j exp((xⱼ − C_ij)/ε))),   C = Cᵀ, c = r, y = x
//
// Feydy, Séjourné, Vialard, Amari, Trouvé, Peyré 2019, "Interpolating between optimal transport and MMD using Sinkhorn divergences", AISTATS, §3.1: the averaged iteration converges in a
// few steps, since the error of a plain step changes its sign and averaging takes most of it out.
import {
  type Counted,
  evaluating,
  type Method,
  misuse,
  requireKnownOptions,
  requireNumber,
  type Vector,
} from "@hessia/core";
import { dualValue, type TransportProblem, type TransportState, transportStart } from "../problem.js";

export interface SymmetricSinkhornOptions {
  /** The part of the plain step that is taken, in (0, 1). Default ½. */
  readonly average?: number;
}

interface Work {
  readonly sums: Vector;
  made: boolean;
}

export interface SymmetricSinkhornState extends TransportState {
  work?: Work;
}

/**
 * For a problem with equal weights on both sides and a symmetric cost; begins from the mean of both potentials. One pass over the cost a step.
 * @throws ArgumentError on an option out of range; when run on weights that differ or a cost that isn't square and symmetric.
 */
export function symmetricSinkhorn(
  options: SymmetricSinkhornOptions = {},
): Method<TransportProblem, SymmetricSinkhornState> {
  const name = "symmetricSinkhorn";
  requireKnownOptions(name, options, ["average"]);
  const { average = 0.5 } = options;
  requireNumber(name, "options.average", average, { above: 0, below: 1 });

  return {
    name,
    init(problem, z0) {
      requireSymmetric(name, problem);
      const n = problem.source.length;
      const z = new Float64Array(2 * n);
      for (let i = 0; i < n; i++) z[i] = z[n + i] = 0.5 * (z0[i]! + z0[n + i]!);
      return transportStart(name, problem, z);
    },

    step(problem, state) {
      const { source: r, logSource, regularization: epsilon } = problem;
      const n = r.length;
      const work = (state.work ??= { sums: new Float64Array(n), made: false });
      const { sums } = work;
      state.iteration++;
      // First step, or resumed.
      if (!work.made) sumsInto(sums, problem, state.x);
      work.made = true;
      let square = 0;
      for (let i = 0; i < n; i++) {
        const change = average * (epsilon * (logSource[i]! - sums[i]!) - state.x[i]!);
        state.x[i] = state.x[i]! + change;
        state.x[n + i] = state.x[i]!;
        square += 2 * change * change;
      }
      state.stepNorm = Math.sqrt(square);
      sumsInto(sums, problem, state.x);
      let total = 0;
      let error = 0;
      for (let i = 0; i < n; i++) {
        const sum = Math.exp(state.x[i]! / epsilon + sums[i]!);
        state.gradient[i] = state.gradient[n + i] = sum - r[i]!;
        total += sum;
        error += 2 * Math.abs(sum - r[i]!);
      }
      state.gradientNorm = error / problem.mass;
      state.value = -dualValue(problem, state.x, total);
      return state;
    },
  };
}

function sumsInto(out: Vector, problem: Counted<TransportProblem>, z: Vector): void {
  evaluating(problem, ["gradient"], () =>
    problem.cost.logSumExpRowsInto(out, z.subarray(out.length), problem.regularization),
  );
}

/** Equal weights, and rows of C that are its columns as far as two sums of exponentials can tell. */
function requireSymmetric(routine: string, { source, target, cost }: TransportProblem): void {
  if (cost.rows !== cost.cols) misuse(routine, "problem.cost", `${cost.rows} × ${cost.cols}`, "a square cost");
  const n = cost.rows;
  for (let i = 0; i < n; i++)
    if (Math.abs(source[i]! - target[i]!) > 1e-12 * source[i]!)
      misuse(
        routine,
        "problem.target",
        `${target[i]} at index ${i}, where the source is ${source[i]}`,
        "equal weights",
      );
  const scale = Math.max(cost.greatest - cost.least, Number.MIN_VALUE);
  const uneven = Float64Array.from({ length: n }, (_, i) => (0.5 * scale * i) / n);
  const rows = cost.logSumExpRowsInto(new Float64Array(n), uneven, scale);
  const cols = cost.logSumExpColsInto(new Float64Array(n), uneven, scale);
  for (let i = 0; i < n; i++)
    if (Math.abs(rows[i]! - cols[i]!) > 1e-8) misuse(routine, "problem.cost", `not symmetric in row ${i}`, "C = Cᵀ");
}
