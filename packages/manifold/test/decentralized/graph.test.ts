import { describe, expect, it } from "vitest";
import {
  completeGraph,
  connectedComponents,
  erdosRenyiGraph,
  graphFromEdges,
  pathGraph,
  ringGraph,
  starGraph,
  unionOfGraphs,
} from "../../src/index.js";
import { seeded } from "../random.js";

const degrees = (graph: { neighbours: readonly Int32Array[] }) => graph.neighbours.map(({ length }) => length);

describe("graphs of agents", () => {
  it("have the edges of their kind", () => {
    expect(ringGraph(5).edges).toEqual([
      [0, 1],
      [0, 4],
      [1, 2],
      [2, 3],
      [3, 4],
    ]);
    expect(degrees(starGraph(5))).toEqual([4, 1, 1, 1, 1]);
    expect(degrees(pathGraph(4))).toEqual([1, 2, 2, 1]);
    expect(completeGraph(6).edges.length).toBe(15);
    expect(degrees(completeGraph(6))).toEqual([5, 5, 5, 5, 5, 5]);
  });

  it("may have one agent or two", () => {
    for (const make of [ringGraph, starGraph, pathGraph, completeGraph]) {
      expect(make(1).edges).toEqual([]);
      expect(make(2).edges).toEqual([[0, 1]]);
    }
  });

  it("sort and unite what edges come twice", () => {
    const graph = graphFromEdges(12, [
      [11, 2],
      [2, 11],
      [2, 0],
      [10, 2],
    ]);
    expect(graph.edges).toEqual([
      [0, 2],
      [2, 10],
      [2, 11],
    ]);
    expect(Array.from(graph.neighbours[2]!)).toEqual([0, 10, 11]);
  });

  it("know their components and unions", () => {
    const a = graphFromEdges(5, [
      [0, 3],
      [2, 4],
    ]);
    expect(connectedComponents(a).map((part) => Array.from(part))).toEqual([[0, 3], [1], [2, 4]]);
    const union = unionOfGraphs([
      a,
      graphFromEdges(5, [
        [1, 2],
        [3, 4],
      ]),
    ]);
    expect(connectedComponents(union)).toHaveLength(1);
    expect(union.edges).toHaveLength(4);
  });

  it("drawn at random have about as many edges as expected, and the same for the same seed", () => {
    const graph = erdosRenyiGraph(60, 0.3, seeded(1));
    const expected = 0.3 * 30 * 59;
    const deviation = Math.sqrt(expected * 0.7);
    expect(Math.abs(graph.edges.length - expected)).toBeLessThan(4 * deviation);
    expect(connectedComponents(graph)).toHaveLength(1);
    expect(erdosRenyiGraph(60, 0.3, seeded(1)).edges).toEqual(graph.edges);
    expect(erdosRenyiGraph(60, 0.3, seeded(2)).edges).not.toEqual(graph.edges);
    expect(erdosRenyiGraph(5, 1, seeded(1)).edges).toHaveLength(10);
    expect(erdosRenyiGraph(5, 0, seeded(1), { connected: false }).edges).toHaveLength(0);
  });

  it("are drawn again until they are connected", () => {
    // Of ten graphs with probability 0.1 on 20 agents hardly one is connected.
    const random = seeded(3);
    for (let k = 0; k < 10; k++) expect(connectedComponents(erdosRenyiGraph(20, 0.1, random))).toHaveLength(1);
    const loose = Array.from({ length: 10 }, () => erdosRenyiGraph(20, 0.1, random, { connected: false }));
    expect(loose.filter((graph) => connectedComponents(graph).length > 1).length).toBeGreaterThan(5);
  });

  it("refuse bad sizes, edges and probabilities", () => {
    expect(() => ringGraph(0)).toThrow("ringGraph: argument `agents` is 0; wanted an integer >= 1 and <= 2000.");
    expect(() => starGraph(2.5)).toThrow("starGraph: argument `agents` is 2.5");
    expect(() => completeGraph(3000)).toThrow("completeGraph: argument `agents` is 3000");
    expect(() => pathGraph(Number.NaN)).toThrow("pathGraph: argument `agents` is NaN");
    expect(() => graphFromEdges(3, [[0, 3]])).toThrow(
      "graphFromEdges: argument `edges[0]` is 3; wanted an integer >= 0 and < 3.",
    );
    expect(() =>
      graphFromEdges(3, [
        [0, 1],
        [2, 2],
      ]),
    ).toThrow("graphFromEdges: argument `edges[1]` is a loop at agent 2; wanted two different agents.");
    expect(() => graphFromEdges(3, [[0] as never])).toThrow(
      "argument `edges[0]` is an Array of length 1; wanted a pair",
    );
    expect(() => graphFromEdges(3, "01" as never)).toThrow('argument `edges` is "01"; wanted an array of pairs');
    expect(() => erdosRenyiGraph(4, 1.5, seeded(1))).toThrow("argument `probability` is 1.5");
    expect(() => erdosRenyiGraph(4, 0.5, 3 as never)).toThrow("argument `random` is 3; wanted a function");
    expect(() => erdosRenyiGraph(4, 0.5, seeded(1), { tries: 3 } as never)).toThrow(
      "argument `options.tries` is not an option",
    );
    expect(() => erdosRenyiGraph(4, 0.5, seeded(1), { connected: 1 } as never)).toThrow("argument `options.connected`");
    expect(() => erdosRenyiGraph(50, 0.001, seeded(1))).toThrow(
      "erdosRenyiGraph: argument `probability` is 0.001, with which 1000 graphs of 50 agents were all disconnected; wanted more, about log(agents)/agents = 0.078",
    );
    expect(() => unionOfGraphs([])).toThrow("unionOfGraphs: argument `graphs`");
    expect(() => unionOfGraphs([ringGraph(3), ringGraph(4)])).toThrow(
      "argument `graphs[1]` is of 4 agents; wanted 3 agents, as the first has",
    );
  });
});
