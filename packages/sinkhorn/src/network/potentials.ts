// Potentials z = (u, v) of a tree for users, and how far they are from dual feasible.
import type { Vector } from "@hessia/core";
import { columnOf, rowStart } from "./arcs.js";
import type { NetworkProblem } from "./problem.js";
import type { Tree } from "./tree.js";

/**
 * Writes (u, v) into `z` and answers max(0, max uᵢ + vⱼ − C_ij) over permitted arcs. A forbidden arc counts as `penalty`, or more where that is needed: with the flow off all of them any cost that is large
 * enough does, and the least that is keeps numbers small. Nodes without weight get the largest potentials that are feasible. ⟨r, u⟩ = ⟨c, v⟩.
 */
export function publishPotentials(z: Vector, problem: NetworkProblem, tree: Tree, penalty: number): number {
  const { arcs, source, target, mass } = problem;
  const { rows: n, cols: m, costs, forbids } = arcs;
  const { potential, level, parent } = tree;
  if (forbids) penalty = Math.max(penalty, leastPenalty(problem, tree));
  for (let k = 0; k < n + m; k++) {
    const full = potential[k]! + penalty * level[k]!;
    z[k] = k < n ? -full : full;
  }
  let tilt = 0;
  for (let k = 0; k < n + m; k++) if (parent[k]! > -2) tilt += k < n ? source[k]! * z[k]! : -target[k - n]! * z[k]!;
  tilt /= 2 * mass;
  for (let k = 0; k < n + m; k++) if (parent[k]! > -2) z[k] = k < n ? z[k]! - tilt : z[k]! + tilt;
  fillRest(z, problem, parent);

  let violation = 0;
  for (let i = 0; i < n; i++) {
    const end = rowStart(arcs, i + 1);
    const ui = z[i]!;
    if (arcs.columns === null) {
      const shift = n - i * m;
      for (let k = end - m; k < end; k++) {
        const excess = ui + z[k + shift]! - costs[k]!;
        if (excess > violation) violation = excess;
      }
    } else {
      for (let k = rowStart(arcs, i); k < end; k++) {
        const excess = ui + z[n + arcs.columns[k]!]! - costs[k]!;
        if (excess > violation) violation = excess;
      }
    }
  }
  return violation;
}

/** The least cost of a forbidden arc at which no permitted arc of a higher level has a negative reduced cost. */
function leastPenalty({ arcs }: NetworkProblem, { potential, level, parent }: Tree): number {
  const { rows: n, costs } = arcs;
  let least = 0;
  for (let i = 0; i < n; i++) {
    if (parent[i] === -2) continue;
    for (let k = rowStart(arcs, i); k < rowStart(arcs, i + 1); k++) {
      const j = n + columnOf(arcs, i, k);
      const lift = level[i]! - level[j]!;
      if (lift <= 0 || parent[j] === -2) continue;
      const d = costs[k]! + potential[i]! - potential[j]!;
      if (-d > least * lift) least = -d / lift;
    }
  }
  return least;
}

/** Columns, then rows, that aren't in the tree: vⱼ = min C_ij − uᵢ, 0 where no arc says anything. */
function fillRest(z: Vector, { arcs }: NetworkProblem, parent: Int32Array): void {
  const { rows: n, cols: m, costs } = arcs;
  if (!parent.includes(-2)) return;
  for (let j = n; j < n + m; j++) if (parent[j] === -2) z[j] = Number.POSITIVE_INFINITY;
  for (let i = 0; i < n; i++) {
    if (parent[i] === -2) continue;
    for (let k = rowStart(arcs, i); k < rowStart(arcs, i + 1); k++) {
      const j = n + columnOf(arcs, i, k);
      if (parent[j] === -2) z[j] = Math.min(z[j]!, costs[k]! - z[i]!);
    }
  }
  for (let j = n; j < n + m; j++) if (z[j] === Number.POSITIVE_INFINITY) z[j] = 0;
  for (let i = 0; i < n; i++) {
    if (parent[i]! > -2) continue;
    let least = Number.POSITIVE_INFINITY;
    for (let k = rowStart(arcs, i); k < rowStart(arcs, i + 1); k++)
      least = Math.min(least, costs[k]! - z[n + columnOf(arcs, i, k)]!);
    z[i] = least === Number.POSITIVE_INFINITY ? 0 : least;
  }
}
