// Exact optimal transport by the primal network simplex method.
//
//   min_P ⟨C, P⟩,  P ≥ 0, P1 = r, Pᵀ1 = c
//
// Ahuja, Magnanti, Orlin 1993, "Network flows", §11.5 (the network simplex algorithm) with strongly feasible trees (§11.6; Cunningham 1976) and block pivot search: of a block of arcs the one
// with the most negative reduced cost enters (Kiraly, Kovacs 2012, "Efficient implementations of minimum-cost flow algorithms", §4). Tree: network/tree.ts. First tree: network/start.ts.
//
// Deviations:
// 1. Weights are whole multiples of 2^-52 of the mass, so that flows are exact: an arc is without flow or it isn't, and rounding can't undo what keeps the method from cycling.
// 2. There are no artificial arcs. Forbidden arcs take the rest of the first plan, and costs are pairs (forbidden arcs, cost), compared in this order: the method first drives flow off
//    forbidden arcs, or ends with the proof that it can't (network/cut.ts).
// 3. A reduced cost counts as negative below −2^-46 (max |C| + max |π|): less is rounding. Potentials are computed anew from the tree before a run ends.
import {
  type Counted,
  type GradientState,
  type Method,
  requireKnownOptions,
  requireNumber,
  type Stop,
  startPoint,
  stateAt,
} from "@hessia/core";
import { type Arcs, columnOf, leastOfEntries, rowStart } from "../network/arcs.js";
import { cutOf, describeCut } from "../network/cut.js";
import { publishPotentials } from "../network/potentials.js";
import type { NetworkProblem } from "../network/problem.js";
import { startTree } from "../network/start.js";
import { exchange, refreshPotentials, type Tree } from "../network/tree.js";

export interface NetworkSimplexOptions {
  /** Arcs looked at before the best of them enters, ≥ 1. Default √(n m), at least 100. */
  readonly block?: number;
  /** Exchanges in one step, ≥ 1. Default 2 (n + m). */
  readonly pivotsPerStep?: number;
}

/** Potentials z = (u, v) in `x`, the cost of the plan in `value`, max(0, max uᵢ + vⱼ − C_ij) in `gradientNorm`. */
export interface NetworkSimplexState extends GradientState {
  tree: Tree;
  /** Exchanges so far. */
  pivots: number;
  /** Where the search for an entering arc goes on: a row and its entry. */
  row: number;
  entry: number;
  /** Whether no arc can enter: the plan is optimal, unless it needs forbidden arcs. */
  optimal: boolean;
  /** Flow on forbidden arcs, in the weights' own unit. */
  forbiddenFlow: number;
}

export function networkSimplex(options: NetworkSimplexOptions = {}): Method<NetworkProblem, NetworkSimplexState> {
  const name = "networkSimplex";
  requireKnownOptions(name, options, ["block", "pivotsPerStep"]);
  const { block, pivotsPerStep } = options;
  if (block !== undefined) requireNumber(name, "block", block, { atLeast: 1 });
  if (pivotsPerStep !== undefined) requireNumber(name, "pivotsPerStep", pivotsPerStep, { atLeast: 1 });

  return {
    name,
    /** x0: potentials to rank the arcs of the first plan by; those of a similar problem, or of an entropic one, give a plan that is nearly optimal. */
    init(problem, x0) {
      const { arcs, dimension } = problem;
      const x = startPoint(name, dimension, x0);
      const state: NetworkSimplexState = {
        ...stateAt(name, x, 0, new Float64Array(dimension), 0),
        tree: startTree(problem, x.subarray(arcs.rows)),
        pivots: 0,
        row: 0,
        entry: rowStart(arcs, 0),
        optimal: false,
        forbiddenFlow: 0,
      };
      state.gradient.set(problem.source);
      state.gradient.set(problem.target, arcs.rows);
      publish(problem, state);
      state.initialGradientNorm = state.gradientNorm;
      return state;
    },

    step(problem, state) {
      const { arcs } = problem;
      const { rows: n, cols: m } = arcs;
      state.iteration++;
      const most = pivotsPerStep ?? 2 * (n + m);
      const width = block ?? Math.max(100, Math.sqrt(arcs.costs.length));
      const tolerance = negligible(arcs, state.tree);
      let fresh = true;
      for (let k = 0; k < most; ) {
        if (enter(arcs, state, width, tolerance)) {
          state.pivots++;
          k++;
          fresh = false;
        } else if (fresh) {
          state.optimal = true;
          break;
        } else {
          refreshPotentials(state.tree, n);
          fresh = true;
        }
      }
      refreshPotentials(state.tree, n);
      publish(problem, state);
      if (state.optimal && state.forbiddenFlow > 0)
        state.failure = { rule: "infeasible", detail: describeCut(cutOf(problem, state.tree)) };
      return state;
    },
  };
}

/** Converged when no arc can enter the tree and no forbidden arc is used: the plan is optimal. */
export function optimalTree(): Stop<NetworkSimplexState> {
  return ({ state }) =>
    state.optimal && state.forbiddenFlow === 0
      ? {
          kind: "converged",
          rule: "optimalTree",
          detail: `uᵢ + vⱼ ≤ C_ij to ${state.gradientNorm.toExponential(2)} after ${state.pivots} exchanges`,
        }
      : null;
}

/** Reduced costs above −this are rounding. */
function negligible({ scale }: Arcs, { potential }: Tree): number {
  let greatest = 0;
  for (let v = 0; v < potential.length; v++) {
    const size = Math.abs(potential[v]!);
    if (size > greatest && size < Number.POSITIVE_INFINITY) greatest = size;
  }
  return 2 ** -46 * (scale + greatest);
}

/** Looks for an arc that can enter, from where the last search ended, and brings it into the tree. False where there is none. */
function enter(arcs: Arcs, state: NetworkSimplexState, width: number, tolerance: number): boolean {
  const { tree } = state;
  const { potential } = tree;
  const { rows: n, costs, forbids } = arcs;
  const total = costs.length;
  let i = state.row;
  let from = state.entry;
  let best = -tolerance;
  let lift = 0;
  let at = -1;
  let row = -1;
  let left = width;
  for (let seen = 0; seen < total; ) {
    const end = rowStart(arcs, i + 1);
    const to = Math.min(end, from + left, from + total - seen);
    const pi = potential[i]!;
    if (pi !== Number.POSITIVE_INFINITY) {
      const k = forbids
        ? leastByLevel(arcs, i, from, to, tree, pi, best, lift)
        : leastOfEntries(arcs, i, from, to, potential, n, pi, best);
      if (k >= 0) {
        at = k;
        row = i;
        const j = n + columnOf(arcs, i, k);
        best = costs[k]! + pi - potential[j]!;
        lift = tree.level[i]! - tree.level[j]!;
      }
    }
    seen += to - from;
    left -= to - from;
    from = to;
    if (to === end) {
      i = i + 1 === n ? 0 : i + 1;
      from = rowStart(arcs, i);
    }
    if (left <= 0) {
      if (at >= 0) break;
      left = width;
    }
  }
  state.row = i;
  state.entry = from;
  if (at < 0) return false;
  exchange(tree, n, row, n + columnOf(arcs, row, at), costs[at]!);
  return true;
}

/** The entry whose pair (level, reduced cost) is the least below (lift, best). A pair is compared by its level first. */
function leastByLevel(
  { columns, costs, cols, rows }: Arcs,
  i: number,
  from: number,
  to: number,
  { potential, level }: Tree,
  pi: number,
  best: number,
  lift: number,
): number {
  let at = -1;
  const own = level[i]!;
  for (let k = from; k < to; k++) {
    const j = rows + (columns === null ? k - i * cols : columns[k]!);
    const d = costs[k]! + pi - potential[j]!;
    if (d === Number.POSITIVE_INFINITY) continue;
    const l = own - level[j]!;
    if (l < lift || (l === lift && d < best)) {
      lift = l;
      best = d;
      at = k;
    }
  }
  return at;
}

/** What a state shows: potentials, value, violation. */
function publish(problem: Counted<NetworkProblem>, state: NetworkSimplexState): void {
  const { tree, x } = state;
  const { unit } = problem;
  const { parent, flow, cost, forbidden } = tree;
  let value = 0;
  let rest = 0;
  for (let v = 0; v < parent.length; v++) {
    if (parent[v]! < 0) continue;
    if (forbidden[v] === 1) rest += flow[v]!;
    else value += flow[v]! * unit * cost[v]!;
  }
  state.forbiddenFlow = rest * unit;
  const penalty = rest > 0 ? problem.dimension * problem.arcs.scale + 1 : 0;
  state.value = value + penalty * state.forbiddenFlow;
  state.gradientNorm = publishPotentials(x, problem, tree, penalty);
}
