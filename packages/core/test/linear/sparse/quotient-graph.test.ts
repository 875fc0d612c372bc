import { describe, expect, it } from "vitest";
import {
  ABSORBED,
  ELEMENT,
  eliminate,
  MERGED,
  quotientGraph,
  score,
  setDenseRowsAside,
  VARIABLE,
} from "../../../src/linear/sparse/quotient-graph.js";
import { graphOf } from "../../../src/linear/sparse/sparse-graph.js";
import { cliqueEdges, type Edge, fromEdges, gridEdges, pathEdges, randomEdges } from "../sparse-for-tests.js";

const natural = (n: number) => Array.from({ length: n }, (_, k) => k);

function started(n: number, edges: readonly Edge[], by: "degree" | "fill" = "degree", weights?: Int32Array) {
  const G = quotientGraph(graphOf(fromEdges(n, edges, () => 1)), weights, by);
  for (let i = n - 1; i >= 0; i--) score(G, i, 0);
  return G;
}

/** The vertex at the end of the chain of those that i was merged into. */
function root(G: ReturnType<typeof started>, i: number): number {
  let v = i;
  while (G.kind[v] === MERGED && G.parent[v] !== -1) v = G.parent[v];
  return v;
}

describe("the quotient graph", () => {
  it.each<[string, number, Edge[]]>([
    ["a path", 15, pathEdges(15)],
    ["a grid", 49, gridEdges(7)],
    ["random", 40, randomEdges(40, 90, 1)],
    ["random, denser", 30, randomEdges(30, 150, 2)],
    ["a clique", 8, cliqueEdges(natural(8))],
    ...natural(4).map((seed): [string, number, Edge[]] => [
      `random, larger ${seed}`,
      120,
      randomEdges(120, 300, seed + 3),
    ]),
  ])("step by step has the variables of the elimination graph, and degrees not below theirs: %s", (_, n, edges) => {
    for (const by of ["degree", "fill"] as const) {
      const G = started(n, edges, by);
      // The elimination graph itself.
      const sets = natural(n).map(() => new Set<number>());
      for (const [i, j] of edges) {
        sets[i].add(j);
        sets[j].add(i);
      }
      const alive = new Set(natural(n));
      for (let left = n; left > 0; ) {
        const done = eliminate(G, left);
        left -= done;
        const gone = [...alive].filter((i) => G.kind[root(G, i)] === ELEMENT || G.kind[root(G, i)] === ABSORBED);
        expect(gone.length).toBe(done);
        for (const i of gone) {
          alive.delete(i);
          const clique = [...sets[i]].filter((k) => alive.has(k) || gone.includes(k));
          for (const a of clique) for (const b of clique) if (a !== b) sets[a].add(b);
        }
        let total = 0;
        for (let i = 0; i < n; i++) {
          if (G.kind[i] !== VARIABLE) continue;
          total += G.size[i];
          const own = [...alive].filter((k) => root(G, k) === i);
          expect(own.length).toBe(G.size[i]);
          const external = [...sets[i]].filter((k) => alive.has(k) && !own.includes(k)).length;
          expect(G.degree[i]).toBeGreaterThanOrEqual(external);
          // Merged variables have the same neighbours in the elimination graph.
          const closed = (k: number) => [...new Set([...sets[k], k])].filter((v) => alive.has(v)).sort((a, b) => a - b);
          for (const k of own) expect(closed(k)).toEqual(closed(i));
        }
        expect(total).toBe(left);
      }
    }
  });

  it("takes the variable of least degree first, the last put in of several", () => {
    // A star: leaves have degree 1, the centre 5.
    const G = started(
      6,
      natural(5).map((k) => [k + 1, 0]),
    );
    expect(eliminate(G, 6)).toBe(1);
    expect(G.kind[1]).toBe(ELEMENT);
    expect(G.kind[0]).toBe(VARIABLE);
    expect(G.degree[0]).toBe(4);
  });

  it("scores by degree, or by what is missing of a clique, for each unknown of the variable", () => {
    // Five neighbours of which four are a clique lack 4 edges; four without one lack 6; as the neighbours of two unknowns they count half.
    for (const [by, order] of [
      ["degree", [2, 1, 0]],
      ["fill", [2, 0, 1]],
    ] as const) {
      const G = quotientGraph(
        graphOf(fromEdges(40, [], () => 1)),
        Int32Array.of(1, 1, 2, ...new Array(37).fill(1)),
        by,
      );
      for (const [i, d, c] of [
        [0, 5, 4],
        [1, 4, 0],
        [2, 3, 0],
      ]) {
        G.degree[i] = d;
        score(G, i, c);
      }
      expect([0, 1, 2].sort((a, b) => G.key[a] - G.key[b])).toEqual(order);
    }
  });

  it("eliminates a weighted vertex as so many unknowns", () => {
    const G = started(3, pathEdges(3), "degree", Int32Array.of(2, 3, 4));
    expect(Array.from(G.degree)).toEqual([3, 6, 3]);
    expect(G.total).toBe(9);
    expect(eliminate(G, 9)).toBe(2);
    expect(G.degree[1]).toBe(4);
  });

  it("sets rows aside that meet very many others, and takes them out of the others' degrees", () => {
    const n = 3000;
    const edges = natural(n - 1).map((k): Edge => [k + 1, 0]);
    const G = quotientGraph(graphOf(fromEdges(n, edges, () => 1)), undefined, "degree");
    expect(setDenseRowsAside(G)).toEqual({ aside: [0], weight: 1 });
    expect(G.size[0]).toBe(0);
    expect(G.kind[0]).toBe(MERGED);
    expect(Array.from(new Set(G.degree.subarray(1)))).toEqual([0]);
    expect(setDenseRowsAside(started(49, gridEdges(7))).aside).toEqual([]);
  });
});
