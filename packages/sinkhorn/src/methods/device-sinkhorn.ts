// Sinkhorn's algorithm in the log domain on a device: sweeps in float32 on a GPU, through core's array backends.
//
//   u ← log r − LSE_j(M_ij + vⱼ),  v ← log c − LSE_i(M_ij + uᵢ),   M = (x̄ᵢ + ȳⱼ − C_ij)/ε,  x = x̄ + εu, y = ȳ + εv
//
// Schmitzer 2019, "Stabilized sparse scaling algorithms for entropy regularized transport problems", SIAM J. Sci. Comput. 41(3), Algorithm 2: potentials are absorbed into the kernel, and ε comes down in levels; Peyré, Cuturi
// 2019, "Computational optimal transport", §4.4, for the sweeps in the log domain.
//
// Deviations:
// 1. M is kept in place of its exponential. It is absorbed at the beginning of each level, and once more at the last ε: the entries that count are then near 0, where float32 has seven digits behind the point, while −C/ε alone
//    would have four at range/ε = 1000.
// 2. A level ends at the marginal error `error`, or fails to: `slow` is set when a level has taken `mostSweeps` sweeps, and the method goes on.
// 3. Value, gradient and marginal error are those of the device's sums, at the end of a step of several sweeps: the sums of the columns are right to its precision, those of the rows are looked at. Those of the start are computed on the CPU.
import { type AsyncMethod, type Counted, misuse, requireKnownOptions, requireNumber, type Vector } from "@hessia/core";
import type { ArrayBackend, BackendArray } from "@hessia/core/gpu";
import { dualValue, marginalErrorOf, type TransportProblem, type TransportState, transportStart } from "../problem.js";
import { type PathOption, type RegularizationPath, requirePath } from "../support/regularization-path.js";
import { distance } from "../support/weights.js";

export interface DeviceSinkhornOptions {
  /** Sweeps in a step, after which the potentials are fetched. Default 10. */
  readonly sweepsPerStep?: number;
  /** Sweeps after which a level counts as slow. Default 200. */
  readonly mostSweeps?: number;
  /** ε is lowered from `from` by `factor` whenever the marginal error has come to `error`. "auto" (default): from range/20 by 4 at 0.03 where ε is below that; "none": ε itself. */
  readonly path?: PathOption;
}

export interface DeviceSinkhornState extends TransportState {
  /** (u, v), as the device has them. */
  scaled: Vector;
  /** x̄ and ȳ, and whether they were absorbed a second time at the last ε. */
  absorbed: Vector;
  twice: boolean;
  sweeps: number;
  levelSweeps: number;
  /** Whether the present level took too many sweeps. */
  slow: boolean;
  work?: DeviceWork;
}

/** What lies on the device. */
export interface DeviceWork {
  /** M, log r, log c, u and v. */
  readonly M: BackendArray;
  readonly logR: BackendArray;
  readonly logC: BackendArray;
  u: BackendArray;
  v: BackendArray;
}

/** Stands for −∞ on devices. */
const lowest = -1e30;

/** Sweeps on `backend` (see connectGpu, pickBackend of @hessia/core/gpu); it stays open. For core's `solveAsync`. */
export function deviceSinkhorn(
  backend: ArrayBackend,
  options: DeviceSinkhornOptions = {},
): AsyncMethod<TransportProblem, DeviceSinkhornState> {
  const name = "deviceSinkhorn";
  requireBackend(name, backend);
  requireKnownOptions(name, options, ["sweepsPerStep", "mostSweeps", "path"]);
  const { sweepsPerStep = 10, mostSweeps = 200, path = "auto" } = options;
  requireNumber(name, "options.sweepsPerStep", sweepsPerStep, { atLeast: 1, integer: true });
  requireNumber(name, "options.mostSweeps", mostSweeps, { atLeast: 1, integer: true });
  requirePath(name, path);

  return {
    name,
    init(problem, z0) {
      const start = transportStart(name, problem, z0);
      const { from } = pathOf(problem, path);
      return {
        ...start,
        regularizationNow: from > problem.regularization ? from : null,
        scaled: new Float64Array(start.x.length),
        absorbed: start.x.slice(),
        twice: false,
        sweeps: 0,
        levelSweeps: 0,
        slow: false,
      };
    },

    async step(problem, state) {
      const { error, factor } = pathOf(problem, path);
      const now = state.regularizationNow ?? null;
      if (state.sweeps > 0 && state.gradientNorm <= error && (now !== null || !state.twice)) {
        state.absorbed.set(state.x);
        state.scaled.fill(0);
        if (now === null) state.twice = true;
        else {
          const next = now / factor;
          state.regularizationNow = next > 1.001 * problem.regularization ? next : null;
          state.levelSweeps = 0;
          state.slow = false;
        }
        releaseDevice(backend, state);
      }
      state.iteration++;
      const ε = state.regularizationNow ?? problem.regularization;
      const work = (state.work ??= await upload(backend, problem, state, ε));
      for (let sweep = 0; sweep < sweepsPerStep; sweep++) {
        const L = await backend.logSumExpRows(work.M, work.v);
        const u = await backend.axpby(-1, L, 1, work.logR);
        const K = await backend.logSumExpCols(work.M, u);
        const v = await backend.axpby(-1, K, 1, work.logC);
        backend.release(L, K, work.u, work.v);
        work.u = u;
        work.v = v;
      }
      state.sweeps += sweepsPerStep;
      state.levelSweeps += sweepsPerStep;
      problem.counts.gradient += sweepsPerStep;
      const L = await backend.logSumExpRows(work.M, work.v);
      const [u, v, sums] = await Promise.all([work.u, work.v, L].map((array) => backend.download(array)));
      backend.release(L);
      take(problem, state, u!, v!, sums!, ε);
      state.slow = state.levelSweeps >= mostSweeps;
      return state;
    },
  };
}

/** Gives the memory of a state's arrays back; a later step uploads anew. */
export function releaseDevice(backend: ArrayBackend, state: DeviceSinkhornState): void {
  const { work } = state;
  if (work === undefined) return;
  backend.release(work.M, work.logR, work.logC, work.u, work.v);
  delete state.work;
}

export function requireBackend(routine: string, backend: ArrayBackend): void {
  if (backend === null || typeof backend !== "object" || typeof backend.logSumExpRows !== "function")
    misuse(routine, "backend", String(backend), "an array backend: connectGpu() or pickBackend() of @hessia/core/gpu");
}

function pathOf({ regularization, cost }: TransportProblem, path: PathOption): RegularizationPath {
  if (typeof path === "object") return path;
  const from = path === "auto" ? (cost.greatest - cost.least) / 20 : regularization;
  return { from, factor: 4, error: 0.03 };
}

/** M, made in float64, and the state's u and v. */
async function upload(
  backend: ArrayBackend,
  { cost, logSource, logTarget }: TransportProblem,
  { scaled, absorbed }: DeviceSinkhornState,
  ε: number,
): Promise<DeviceWork> {
  const { rows: n, cols: m } = cost;
  const matrix = new Float64Array(n * m);
  for (let i = 0; i < n; i++) {
    const row = cost.rowInto(matrix.subarray(i * m, (i + 1) * m), i);
    for (let j = 0; j < m; j++) row[j] = Math.max(lowest, (absorbed[i] + absorbed[n + j] - row[j]) / ε);
  }
  const M = await backend.upload(matrix, n, m);
  const [logR, logC, u, v] = await Promise.all(
    [logSource, logTarget, scaled.slice(0, n), scaled.slice(n)].map((vector) => backend.upload(vector)),
  );
  return { M, logR: logR!, logC: logC!, u: u!, v: v! };
}

/** The state at the potentials that were fetched; `sums` are the logarithms Σ_j exp(M_ij + vⱼ). */
function take(
  problem: Counted<TransportProblem>,
  state: DeviceSinkhornState,
  u: Vector,
  v: Vector,
  sums: Vector,
  ε: number,
): void {
  const { source: r, mass } = problem;
  const n = r.length;
  const before = state.x.slice();
  let total = 0;
  state.gradient.fill(0);
  for (let i = 0; i < n; i++) {
    const sum = Math.exp(u[i] + sums[i]);
    total += sum;
    state.gradient[i] = sum - r[i];
    state.scaled[i] = u[i];
    state.x[i] = state.absorbed[i] + ε * u[i];
  }
  for (let j = 0; j < v.length; j++) {
    state.scaled[n + j] = v[j];
    state.x[n + j] = state.absorbed[n + j] + ε * v[j];
  }
  state.value = -dualValue(problem, state.x, total, ε);
  state.gradientNorm = marginalErrorOf(state.gradient, mass);
  state.stepNorm = distance(state.x, before);
  if (Number.isFinite(state.value) && Number.isFinite(state.gradientNorm)) return;
  state.x.set(before);
  const detail = `a sweep at ε = ${ε} isn't finite in the device's precision; one in float64 may be`;
  state.failure = { rule: "nonFiniteSweep", detail };
}
