// What the parts of the suite `transport` share.
import type { PeerLimits, PeerSolver, TransportPeers } from "../../peers/transport.js";
import type { TransportInput } from "../../problems/transport/input.js";
import type { Contenders, One } from "../in-turn.js";
import type { PartContext } from "../parts.js";

export type TransportContext = PartContext<TransportPeers>;

/** Solvers of the peers that are there, on one input. */
export function peerContenders(
  peers: TransportPeers | undefined,
  solvers: Readonly<Record<string, PeerSolver>>,
  input: TransportInput,
  limits: PeerLimits,
): Contenders {
  return Object.fromEntries(
    Object.entries(solvers)
      .filter(([, solver]) => peers?.has(solver))
      .map(([name, solver]) => [
        name,
        async (): Promise<One> => {
          const { marginalError, cost, ...run } = await peers!.run(solver, input, limits);
          return { ...run, error: marginalError, value: cost };
        },
      ]),
  );
}
