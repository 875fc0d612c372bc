// JAXopt on hypergradients, in one Python process; the time is taken inside of Python around compiled calls. Optional, as all peers.
import { type NamedArrays, numberOf, startArrayPeers } from "./arrays.js";
import driver from "./bilevel.py?raw";

export interface BilevelPeers {
  readonly versions: Readonly<Record<string, string>>;
  /** dF(x, w*(x))/dx of logistic regression by implicit differentiation, the median time of some rounds. Rejects when it throws, dies or hangs. */
  logistic(arrays: NamedArrays): Promise<{ readonly ms: number; readonly value: number; readonly gradient: number[] }>;
  close(): void;
}

export async function startBilevelPeers(): Promise<BilevelPeers | undefined> {
  const peers = await startArrayPeers(driver);
  if (peers === undefined) return undefined;
  return {
    versions: peers.versions,
    async logistic(arrays) {
      const answer = await peers.run(arrays, { run: "logistic", tolerance: 1e-11, rounds: 5 }, 120);
      const gradient = Array.isArray(answer.gradient) ? answer.gradient.map(numberOf) : [];
      return { ms: numberOf(answer.ms), value: numberOf(answer.value), gradient };
    },
    close: () => peers.close(),
  };
}
