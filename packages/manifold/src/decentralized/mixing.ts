// Mixing matrices: how agents average what they hear. One round is x_i ← Σ_j W_ij x_j; with W symmetric, doubly stochastic and zero off the graph's edges, x − mean shrinks by
// σ = ‖W − 11ᵀ/N‖₂ a round.
//
// Xiao, Boyd 2004, "Fast linear iterations for distributed averaging", Syst. Control Lett. 53(1), for the conditions; Xiao, Boyd, Kim 2007, "Distributed average consensus with
// least-mean-square deviation", J. Parallel Distrib. Comput. 67(1), for Metropolis weights; Nedić, Ozdaglar 2009, "Distributed subgradient methods for multi-agent optimization", IEEE
// Trans. Autom. Control 54(1), for graphs that change and are connected jointly.
import { denseMatrix, describe, misuse, type Vector } from "@hessia/core";
import { symmetricEigen } from "@hessia/core/linear";
import { multiply, multiplyTransposeLeft } from "../support/dense.js";
import { type AgentGraph, completeGraph, requireConnected, unionOfGraphs } from "./graph.js";

/** What an agent hears: from whom (itself among them, ascending) and with which weights. */
export interface MixingRow {
  readonly agents: Int32Array;
  readonly weights: Vector;
}

export interface MixingMatrix {
  readonly graph: AgentGraph;
  /** W, agents × agents, row-major. */
  readonly weights: Vector;
  readonly rows: readonly MixingRow[];
}

/** Rounds of mixing in turn: `matrices[r % matrices.length]` in round r. */
export interface Network {
  readonly agents: number;
  readonly matrices: readonly MixingMatrix[];
  /** What a round takes off ‖x − mean‖, on average over a period: ‖W_B ⋯ W₁ − 11ᵀ/N‖₂^(1/B) < 1. */
  readonly contraction: number;
  /** The largest −λ of the matrices' eigenvalues λ, at least 0: what a round throws to the other side of the mean. */
  readonly reflection: number;
}

/** Rounding of sums of weights that is let pass. */
const tolerance = 1e-10;

/** W_ij = 1/(1 + max(dᵢ, dⱼ)) on edges, d the degrees, and what is left on the diagonal, which is positive. */
export function metropolisWeights(graph: AgentGraph): MixingMatrix {
  requireGraph("metropolisWeights", graph);
  const { agents, edges, neighbours } = graph;
  const W = new Float64Array(agents * agents);
  for (const [i, j] of edges) {
    const w = 1 / (1 + Math.max(neighbours[i]!.length, neighbours[j]!.length));
    W[i * agents + j] = w;
    W[j * agents + i] = w;
  }
  for (let i = 0; i < agents; i++) {
    let sum = 0;
    for (const j of neighbours[i]!) sum += W[i * agents + j]!;
    W[i * agents + i] = 1 - sum;
  }
  return mixingOf(graph, W);
}

/** 11ᵀ/N on the complete graph: each round gives all agents the mean. @throws ArgumentError when `agents` isn't an integer from 1 to 2,000. */
export function uniformWeights(agents: number): MixingMatrix {
  const graph = completeGraph(agents);
  return mixingOf(graph, new Float64Array(agents * agents).fill(1 / agents));
}

/** (I + W)/2: slower, and without the negative eigenvalues that bipartite graphs may have. */
export function lazyWeights({ graph, weights }: MixingMatrix): MixingMatrix {
  const { agents } = graph;
  const W = weights.map((w) => 0.5 * w);
  for (let i = 0; i < agents; i++) W[i * (agents + 1)] += 0.5;
  return mixingOf(graph, W);
}

/**
 * Own weights, as rows or as one row-major array.
 * @throws ArgumentError when W isn't agents × agents, or an entry isn't finite, is negative, differs from its mirror image by more than 1e-10 or is nonzero where the graph has no edge,
 * or a row doesn't sum to 1 within 1e-10; it names the first such entry or row.
 */
export function mixingMatrix(graph: AgentGraph, W: ArrayLike<number> | readonly ArrayLike<number>[]): MixingMatrix {
  const routine = "mixingMatrix";
  requireGraph(routine, graph);
  const { agents, neighbours } = graph;
  const weights = flatten(routine, W, agents);
  const at = (i: number, j: number) => weights[i * agents + j]!;
  for (let i = 0; i < agents; i++) {
    const linked = new Set(neighbours[i]!);
    let sum = 0;
    for (let j = 0; j < agents; j++) {
      const name = `W[${i}][${j}]`;
      const w = at(i, j);
      if (!Number.isFinite(w)) misuse(routine, name, String(w), "a finite number");
      if (w < 0) misuse(routine, name, String(w), "a number >= 0");
      if (w !== 0 && i !== j && !linked.has(j))
        misuse(routine, name, String(w), `0: agents ${i} and ${j} aren't linked`);
      if (!(Math.abs(w - at(j, i)) <= tolerance))
        misuse(routine, name, String(w), `W[${j}][${i}] = ${at(j, i)}: a symmetric matrix`);
      sum += w;
    }
    if (!(Math.abs(sum - 1) <= tolerance))
      misuse(routine, `W[${i}]`, `a row of sum ${sum}`, "rows of sum 1: a doubly stochastic matrix");
  }
  return mixingOf(graph, weights);
}

function flatten(routine: string, W: ArrayLike<number> | readonly ArrayLike<number>[], agents: number): Vector {
  const wanted = `${agents} rows of ${agents} numbers, or as many numbers in one array`;
  if (W === null || typeof W !== "object" || typeof W.length !== "number") misuse(routine, "W", describe(W), wanted);
  const flat = new Float64Array(agents * agents);
  if (W.length === agents * agents && typeof W[0] === "number") {
    flat.set(W as ArrayLike<number>);
    return flat;
  }
  if (W.length !== agents) misuse(routine, "W", describe(W), wanted);
  for (let i = 0; i < agents; i++) {
    const row = W[i] as ArrayLike<number>;
    if (row === null || typeof row !== "object" || row.length !== agents)
      misuse(routine, `W[${i}]`, describe(row), `${agents} numbers`);
    flat.set(row, i * agents);
  }
  return flat;
}

function requireGraph(routine: string, graph: AgentGraph): void {
  if (graph === null || typeof graph !== "object" || !Array.isArray(graph.neighbours))
    misuse(routine, "graph", describe(graph), "a graph of agents, for example `ringGraph(8)`");
}

function mixingOf(graph: AgentGraph, weights: Vector): MixingMatrix {
  const { agents } = graph;
  const rows = Array.from({ length: agents }, (_, i) => {
    const heard: number[] = [];
    for (let j = 0; j < agents; j++) if (weights[i * agents + j] !== 0) heard.push(j);
    return { agents: Int32Array.from(heard), weights: Float64Array.from(heard, (j) => weights[i * agents + j]!) };
  });
  return { graph, weights, rows };
}

/**
 * A network of agents with one mixing matrix, or with several that take turns, round by round: graphs that change.
 * @throws ArgumentError when there is none, they differ in the number of agents, their graphs aren't connected together (it names the agents that are cut off), or the rounds of a period
 * don't bring the agents together, as for a bipartite graph without weights on the diagonal.
 */
export function network(mixing: MixingMatrix | readonly MixingMatrix[]): Network {
  const routine = "network";
  const matrices = Array.isArray(mixing) ? (mixing as readonly MixingMatrix[]) : [mixing as MixingMatrix];
  if (matrices.length === 0) misuse(routine, "mixing", "empty", "at least one mixing matrix");
  matrices.forEach((matrix, k) => {
    if (matrix === null || typeof matrix !== "object" || !(matrix.weights instanceof Float64Array))
      misuse(routine, `mixing[${k}]`, describe(matrix), "a mixing matrix, for example `metropolisWeights(graph)`");
    if (matrix.graph.agents !== matrices[0]!.graph.agents)
      misuse(
        routine,
        `mixing[${k}]`,
        `of ${matrix.graph.agents} agents`,
        `${matrices[0]!.graph.agents} agents, as the first has`,
      );
  });
  requireConnected(routine, "mixing", unionOfGraphs(matrices.map(effectiveGraph)));
  const contraction = contractionOf(matrices);
  if (!(contraction < 1 - 1e-12))
    misuse(
      routine,
      "mixing",
      "without contraction: its second largest singular value is 1",
      "a matrix whose rounds lead to the mean",
      "Likely cause: zeros on the diagonal; `lazyWeights` mixes some of the own value in.",
    );
  return {
    agents: matrices[0]!.graph.agents,
    matrices,
    contraction,
    reflection: Math.max(...matrices.map(reflectionOf)),
  };
}

/**
 * The share of 1/L that adaptive steps take after t rounds: half of what disagreement loses, and half of where gradient tracking of agents with the same quadratic turns unstable,
 * αL = (1 − ν)²/2 with −ν the least eigenvalue of Wᵗ. Where graphs change and t is less than a period B, what a period loses is spread evenly, which is less than it may be.
 */
export function stepShare({ agents, matrices, contraction: σ, reflection }: Network, t: number): number {
  if (agents === 1) return 0.5;
  const B = matrices.length;
  const lost = t < B ? (t / B) * (1 - σ ** B) : 1 - σ ** t;
  let ν = reflection;
  if (B === 1) ν = t % 2 === 0 ? 0 : reflection ** t;
  return Math.min(0.5 * lost, 0.25 * (1 - ν) ** 2);
}

function reflectionOf({ graph: { agents }, weights }: MixingMatrix): number {
  return Math.max(0, -symmetricEigen(denseMatrix(agents, agents, weights.slice())).values[0]!);
}

/** The edges on which there is a weight. */
function effectiveGraph({ graph, rows }: MixingMatrix): AgentGraph {
  const neighbours = rows.map(({ agents }, i) => agents.filter((j) => j !== i));
  const edges = graph.edges.filter(([i, j]) => neighbours[i]!.includes(j));
  return { agents: graph.agents, edges, neighbours };
}

/** ‖W_B ⋯ W₁ − 11ᵀ/N‖₂^(1/B). */
function contractionOf(matrices: readonly MixingMatrix[]): number {
  const n = matrices[0]!.graph.agents;
  if (n === 1) return 0;
  let P: Vector = matrices[0]!.weights.map((w) => w - 1 / n);
  for (const { weights } of matrices.slice(1)) P = multiply(new Float64Array(n * n), weights, P, n, n, n);
  if (matrices.length === 1) {
    const { values } = symmetricEigen(denseMatrix(n, n, P));
    const σ = Math.max(Math.abs(values[0]!), Math.abs(values[n - 1]!));
    return σ < 4 * n * Number.EPSILON ? 0 : σ;
  }
  const square = multiplyTransposeLeft(new Float64Array(n * n), P, P, n, n, n);
  const { values } = symmetricEigen(denseMatrix(n, n, square));
  return Math.max(0, values[n - 1]!) ** (0.5 / matrices.length);
}

/** 1 − σ, σ = ‖W − 11ᵀ/N‖₂: 0 where the graph is disconnected or bipartite without weights on the diagonal, 1 for {@link uniformWeights}. */
export const spectralGap = (mixing: MixingMatrix): number => Math.max(0, 1 - contractionOf([mixing]));
