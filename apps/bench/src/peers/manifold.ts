// pymanopt, POT and numpy on manifold problems, in one Python process; times are taken inside of Python around the call alone. Optional, as all peers.
import type { ManifoldInput } from "../problems/manifold/inputs.js";
import { numberOf, startArrayPeers } from "./arrays.js";
import driver from "./manifold.py?raw";

export interface ManifoldLimits {
  /** Norm of the Riemannian gradient. */
  readonly tolerance: number;
  readonly iterations: number;
  readonly seconds: number;
}

export interface ManifoldPeerRun {
  readonly ms: number;
  /** Processor time, of all threads. */
  readonly processorMs: number;
  readonly iterations: number;
  /** ‖grad f‖ at what was returned. */
  readonly norm: number;
  readonly value: number;
  readonly note: string;
}

export interface ManifoldPeers {
  readonly versions: Readonly<Record<string, string>>;
  /** Runs a solver of `manifold.py` on an input. Rejects when it throws, dies or hangs. */
  run(solver: string, input: ManifoldInput, limits: ManifoldLimits): Promise<ManifoldPeerRun>;
  close(): void;
}

export async function startManifoldPeers(): Promise<ManifoldPeers | undefined> {
  const peers = await startArrayPeers(driver);
  if (peers === undefined) return undefined;
  return {
    versions: peers.versions,
    async run(solver, { arrays }, limits) {
      const answer = await peers.run(arrays, { run: solver, ...limits }, 30 + 2 * limits.seconds);
      return {
        ms: numberOf(answer.ms),
        processorMs: numberOf(answer.processor),
        iterations: numberOf(answer.iterations),
        norm: numberOf(answer.norm),
        value: numberOf(answer.value),
        note: String(answer.note ?? ""),
      };
    },
    close: () => peers.close(),
  };
}
