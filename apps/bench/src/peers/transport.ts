// POT, RegOT and SciPy on transport problems, in one Python process: inputs go through a temporary file of doubles, times are taken inside of Python around the call alone.
// Optional: a package that is missing has no solvers here, and the suite says so.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TransportInput } from "../problems/transport/input.js";
import { Conversation } from "./conversation.js";
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

/** Milliseconds that reading an input may take. */
const loadLimit = 60_000;

/** Starts the process; undefined where Python or numpy is missing. */
export async function startTransportPeers(): Promise<TransportPeers | undefined> {
  const conversation = await Conversation.start(driver);
  if (conversation === undefined) return undefined;
  const versions = conversation.hello as Readonly<Record<string, string>>;
  const folder = mkdtempSync(join(tmpdir(), "hessia-bench-"));
  let loaded: TransportInput | undefined;
  const load = async (input: TransportInput) => {
    if (loaded === input) return;
    loaded = undefined;
    const file = join(folder, "input");
    const { rows, cols } = input;
    writeFileSync(file, bytesOf(input.cost));
    for (const weights of [input.source, input.target]) writeFileSync(file, bytesOf(weights), { flag: "a" });
    await conversation.ask({ load: file, rows, cols }, loadLimit);
    rmSync(file);
    loaded = input;
  };
  return {
    versions,
    has: (solver) => Object.hasOwn(versions, packages[solver.split(".")[0] as keyof typeof packages]),
    async run(solver, input, limits) {
      await load(input);
      try {
        const { patience = 60, seconds } = limits;
        const answer = await conversation.ask({ run: solver, ...limits }, 1000 * (patience + 4 * seconds));
        const { ms, iterations, marginalError, cost, note } = answer;
        return {
          ms: numberOf(ms),
          iterations: numberOf(iterations),
          marginalError: numberOf(marginalError),
          cost: numberOf(cost),
          note: String(note ?? ""),
        };
      } catch (error) {
        // Another process may have taken its place, without the input.
        loaded = undefined;
        throw error;
      }
    },
    close() {
      conversation.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const numberOf = (value: unknown): number => (typeof value === "number" ? value : Number.NaN);

const bytesOf = ({ buffer, byteOffset, byteLength }: Float64Array) => new Uint8Array(buffer, byteOffset, byteLength);
