// Passes over the plan P_ij = (xᵢ + yⱼ − C_ij)₊/γ: its entries, sums and the dual value at a point; and a sweep that makes the sums of rows, then of columns, right.
import { type Counted, evaluating, type Vector } from "@hessia/core";
import { marginalErrorOf } from "../problem.js";
import { excessOfRow, type QuadraticProblem, quadraticValue } from "../quadratic/problem.js";
import type { SparsePlan } from "./sparse-plan.js";

export interface QuadraticPass {
  /** −D(z). */
  value: number;
  /** (P1 − r, Pᵀ1 − c). */
  readonly gradient: Vector;
  /** Entries in each row and column. */
  readonly counts: Vector;
  /** ‖∇‖₁ / mass. */
  error: number;
  /** The entries of P. */
  readonly plan: SparsePlan;
}

export function newQuadraticPass(rows: number, cols: number): QuadraticPass {
  const room = 4 * (rows + cols);
  return {
    value: Number.NaN,
    gradient: new Float64Array(rows + cols),
    counts: new Float64Array(rows + cols),
    error: Number.NaN,
    plan: {
      rows,
      cols,
      pointers: new Int32Array(rows + 1),
      indices: new Int32Array(room),
      values: new Float64Array(room),
    },
  };
}

/** Fills `pass` at z for γ; `row` is scratch of length m. Counted as one value, gradient and Hessian. */
export function quadraticPassInto(
  pass: QuadraticPass,
  problem: Counted<QuadraticProblem>,
  z: Vector,
  γ: number,
  row: Vector,
): QuadraticPass {
  return evaluating(problem, ["hessian", "gradient", "value"], () => fill(pass, problem, z, γ, row));
}

function fill(pass: QuadraticPass, problem: QuadraticProblem, z: Vector, γ: number, row: Vector): QuadraticPass {
  const { source: r, target: c, cost, mass } = problem;
  const { gradient, counts, plan } = pass;
  const n = r.length;
  const m = c.length;
  gradient.fill(0);
  counts.fill(0);
  let count = 0;
  let squares = 0;
  const visit = (i: number, j: number, excess: number) => {
    const p = excess / γ;
    plan.indices[count] = j;
    plan.values[count++] = p;
    gradient[i] += p;
    gradient[n + j] += p;
    counts[n + j]++;
  };
  for (let i = 0; i < n; i++) {
    if (plan.indices.length < count + m) grow(plan, count, Math.max(2 * plan.indices.length, count + m));
    const first = count;
    squares += excessOfRow(cost, row, z, i, visit);
    counts[i] = count - first;
    plan.pointers[i + 1] = count;
  }
  for (let k = 0; k < n + m; k++) gradient[k] -= k < n ? r[k] : c[k - n];
  pass.value = quadraticValue(problem, z, squares, γ);
  pass.error = marginalErrorOf(gradient, mass);
  return pass;
}

function grow(plan: SparsePlan, count: number, capacity: number): void {
  const indices = new Int32Array(capacity);
  indices.set(plan.indices.subarray(0, count));
  const values = new Float64Array(capacity);
  values.set(plan.values.subarray(0, count));
  plan.indices = indices;
  plan.values = values;
}

/** Passes in which the columns' potentials are found. */
const mostColumnPasses = 60;

/**
 * Maximizes D over x, then over y (Lorenz, Manns, Meyer 2021, Algorithm 1), in place: each potential is the root of Σ_j (xᵢ + yⱼ − C_ij)₊ = γ rᵢ, convex and piecewise linear in xᵢ, found by Newton's
 * method from above, which ends in finitely many steps. The columns' roots are found all at once, a pass a step.
 */
export function quadraticSweep(problem: Counted<QuadraticProblem>, z: Vector, γ: number, row: Vector): void {
  evaluating(problem, ["gradient"], () => {
    sweepRows(problem, z, γ, row);
    sweepCols(problem, z, γ, row);
  });
}

function sweepRows({ cost, source: r }: QuadraticProblem, z: Vector, γ: number, row: Vector): void {
  const { rows: n, cols: m } = cost;
  for (let i = 0; i < n; i++) {
    cost.rowInto(row, i);
    let least = Number.POSITIVE_INFINITY;
    for (let j = 0; j < m; j++) {
      row[j] -= z[n + j];
      if (row[j] < least) least = row[j];
    }
    if (least === Number.POSITIVE_INFINITY) continue;
    const wanted = γ * r[i];
    let x = least + wanted;
    for (;;) {
      let sum = 0;
      let count = 0;
      for (let j = 0; j < m; j++) {
        if (x > row[j]) {
          sum += x - row[j];
          count++;
        }
      }
      const next = count === 0 ? least : Math.max(least, x - (sum - wanted) / count);
      // From above the steps fall: where rounding stops that, the root is found.
      if (!(next < x)) break;
      x = next;
    }
    z[i] = x;
  }
}

function sweepCols({ cost, target: c }: QuadraticProblem, z: Vector, γ: number, row: Vector): void {
  const { rows: n, cols: m } = cost;
  const y = z.subarray(n);
  const least = new Float64Array(m).fill(Number.POSITIVE_INFINITY);
  for (let i = 0; i < n; i++) {
    cost.rowInto(row, i);
    for (let j = 0; j < m; j++) least[j] = Math.min(least[j], row[j] - z[i]);
  }
  for (let j = 0; j < m; j++) if (least[j] < Number.POSITIVE_INFINITY) y[j] = least[j] + γ * c[j];
  const sums = new Float64Array(m);
  const counts = new Float64Array(m);
  for (let pass = 0; pass < mostColumnPasses; pass++) {
    sums.fill(0);
    counts.fill(0);
    for (let i = 0; i < n; i++)
      excessOfRow(cost, row, z, i, (_i, j, excess) => {
        sums[j] += excess;
        counts[j]++;
      });
    let moved = false;
    for (let j = 0; j < m; j++) {
      if (least[j] === Number.POSITIVE_INFINITY) continue;
      const next = counts[j] === 0 ? least[j] : Math.max(least[j], y[j] - (sums[j] - γ * c[j]) / counts[j]);
      if (next < y[j]) {
        y[j] = next;
        moved = true;
      }
    }
    if (!moved) return;
  }
}
