import { any, maxIterations, solve } from "@hessia/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type DecentralizedState,
  decentralizedStationarity,
  dprgd,
  drcgd,
  drgd,
  erdosRenyiGraph,
  graphFromEdges,
  metropolisWeights,
  type Network,
  network,
} from "../../src/index.js";
import { seeded } from "../random.js";
import { smallComponents } from "./behaviour.js";

/** A connected random graph whose edges are dealt out to so many rounds that take turns. */
function dealt(agents: number, probability: number, rounds: number, seed: number): Network {
  const random = seeded(seed);
  const { edges } = erdosRenyiGraph(agents, probability, random);
  const hands = Array.from({ length: rounds }, () => [] as (readonly [number, number])[]);
  for (const edge of edges) hands[Math.floor(rounds * random())]!.push(edge);
  return network(hands.map((hand) => metropolisWeights(graphFromEdges(agents, hand))));
}

describe("on any connected graph, and on edges that come and go", () => {
  for (const make of [drcgd, dprgd, drgd])
    it(`${make.name} with tracking agrees on the principal components to 1e-10`, () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 2, max: 9 }),
          fc.double({ min: 0.3, max: 1, noNaN: true }),
          fc.integer({ min: 1, max: 3 }),
          fc.integer({ min: 1, max: 2 }),
          fc.integer({ min: 1, max: 1000 }),
          (agents, probability, rounds, consensusRounds, seed) => {
            const net = dealt(agents, probability, rounds, seed);
            const { problem, x0, distance } = smallComponents(net, seed);
            const { reason, state } = solve(make({ consensusRounds }), problem, x0, {
              stop: any<DecentralizedState>(decentralizedStationarity(1e-10, 1e-10), maxIterations(100_000)),
            });
            expect(reason.kind).toBe("converged");
            expect(distance(state.mean)).toBeLessThan(1e-8);
          },
        ),
        { numRuns: 8 },
      );
    });
});
