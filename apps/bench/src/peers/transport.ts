// POT, RegOT and SciPy on transport problems, in one Python process; times are taken inside of Python around the call alone.
// Optional: a package that is missing has no solvers here, and the suite says so.
import type { TransportInput } from "../problems/transport/input.js";
import { type NamedArrays, numberOf, startArrayPeers } from "./arrays.js";
import driver from "./transport.py?raw";

/** A solver of a package: `regot.sinkhorn_ssns`, `pot.sinkhorn_log`, `pot.emd`, `scipy.linear_sum_assignment`. */
export type PeerSolver = `${"regot" | "pot" | "scipy"}.${string}`;

export interface PeerLimits {
  readonly regularization: number;
  /** l1 marginal error, of the mass. POT takes it for its own measure, which is less strict; RegOT's own tolerance is lowered until its plan meets it. */
  readonly tolerance: number;
  readonly iterations: number;
  /** Runs are cut to about so long, as far as they can be cut. */
  readonly seconds: number;
  /** Seconds beyond four times that after which the process is ended. Default 60. */
  readonly patience?: number;
}

export interface PeerRun {
  readonly ms: number;
  /** Processor time, of all threads. */
  readonly processorMs: number;
  readonly iterations: number;
  /** Of the plan that was returned, l1, of the mass; NaN where it has no finite one. */
  readonly marginalError: number;
  readonly cost: number;
  readonly note: string;
}

export interface TransportPeers {
  /** By package: those that are there. */
  readonly versions: Readonly<Record<string, string>>;
  /** Whether the solver's package is there. */
  has(solver: PeerSolver): boolean;
  /** Runs a solver on an input. Rejects when the solver throws, dies, or hangs; the next run has a process again. */
  run(solver: PeerSolver, input: TransportInput, limits: PeerLimits): Promise<PeerRun>;
  close(): void;
}

const packages = { regot: "RegOT", pot: "POT", scipy: "SciPy" } as const;

/** Starts the process; undefined where Python or numpy is missing. */
export async function startTransportPeers(): Promise<TransportPeers | undefined> {
  const peers = await startArrayPeers(driver);
  if (peers === undefined) return undefined;
  const { versions } = peers;
  // The same arrays for the same input: they are loaded once.
  const arraysOf = new WeakMap<TransportInput, NamedArrays>();
  return {
    versions,
    has: (solver) => Object.hasOwn(versions, packages[solver.split(".")[0] as keyof typeof packages]),
    async run(solver, input, limits) {
      const { rows, cols, source, target, cost } = input;
      const arrays = arraysOf.get(input) ?? {
        cost: { shape: [rows, cols], data: cost },
        source: { shape: [rows], data: source },
        target: { shape: [cols], data: target },
      };
      arraysOf.set(input, arrays);
      const { patience = 60, seconds } = limits;
      const answer = await peers.run(arrays, { run: solver, ...limits }, patience + 4 * seconds);
      return {
        ms: numberOf(answer.ms),
        processorMs: numberOf(answer.processor),
        iterations: numberOf(answer.iterations),
        marginalError: numberOf(answer.marginalError),
        cost: numberOf(answer.cost),
        note: String(answer.note ?? ""),
      };
    },
    close: () => peers.close(),
  };
}
