// The Newton system of the dual with a sparse plan: ((D_A P̃; P̃ᵀ D_B) + λ diag(r, c)) d = −ε ∇f, with D_A, D_B diagonal and one potential held.
//
// The null direction (1, −1) of the exact Hessian is taken out by holding the potential of the heaviest column (Tang, Qiu 2024, §2): nothing
// then can flow along it, however little of the plan was dropped. The rows are eliminated, S = D_B − P̃ᵀ D_A⁻¹ P̃ is a weighted graph Laplacian with the held column as ground, and it is solved
//   - directly, by the sparse Cholesky factorization of the whole matrix, where its fill is small: without cancellation, so to full accuracy at any conditioning;
//   - by conjugate gradients with the diagonal of S as preconditioner;
//   - by the dense Cholesky factorization of S, where conjugate gradients take too long and S isn't too large.
import { type Counted, factorizing, type HasValue, type Vector } from "@hessia/core";
import {
  analyze,
  choleskyFactorize,
  choleskySolveInto,
  conjugateGradientInto,
  denseMatrix,
  type LinearOperator,
  type SparseFactor,
  sparseFactorize,
  sparseSolveInto,
} from "@hessia/core/linear";
import { multiplyPlanInto, multiplyPlanTransposeInto, type SparsePlan } from "./sparse-plan.js";

/** How a system was solved. */
export type SystemSolver = "sparse" | "conjugateGradients" | "dense";

export interface NewtonSystem {
  readonly plan: SparsePlan;
  /** D_A and D_B, then λ r and λ c added: positive. */
  readonly diagonal: Vector;
  /** The column whose potential is held. */
  readonly ground: number;
}

export interface SystemOptions {
  /** Conjugate gradients end at this relative residual of the reduced system. Default 1e-10. */
  readonly tolerance?: number;
  /** The most iterations of conjugate gradients. Default 400. */
  readonly maxIterations?: number;
  /** Only this solver. Default: by the costs. */
  readonly solver?: SystemSolver | undefined;
}

export interface SystemOutcome {
  readonly solver: SystemSolver;
  /** Iterations of conjugate gradients. */
  readonly iterations: number;
  /** False where the factorization met a pivot that isn't positive, or the tolerance wasn't reached: `out` then is the best there is. */
  readonly solved: boolean;
}

/** The sparse factorization is taken up to so many operations for each entry of the plan. */
const sparseFlopsPerEntry = 400;
/** The largest order of S that is made as a dense matrix. */
const denseOrder = 4000;

/**
 * Solves for d with d = 0 at the held potential: (diag(diagonal) + [0 P̃; P̃ᵀ 0]) d = b, b of length n + m. Writes into `out`.
 * Counts a factorization for each one made.
 */
export function solveSystemInto(
  out: Vector,
  system: NewtonSystem,
  b: Vector,
  problem: Counted<HasValue>,
  { tolerance = 1e-10, maxIterations = 400, solver }: SystemOptions = {},
): SystemOutcome {
  const m = system.plan.cols;
  if (solver === "sparse" || (solver === undefined && mayBeSparse(system.plan))) {
    const solved = sparse(
      out,
      system,
      b,
      problem,
      solver === "sparse" ? Number.POSITIVE_INFINITY : sparseFlopsPerEntry,
    );
    if (solved !== undefined) return { solver: "sparse", iterations: 0, solved };
  }
  let iterations = 0;
  if (solver !== "dense") {
    const outcome = conjugateGradients(out, system, b, tolerance, maxIterations);
    if (outcome.solved || solver === "conjugateGradients" || m > denseOrder) return outcome;
    iterations = outcome.iterations;
  }
  return { solver: "dense", iterations, solved: dense(out, system, b, problem) };
}

/** With more entries a row the graph of a plan has no small separators: not worth an analysis. */
export const mayBeSparse = ({ rows, cols, pointers }: SparsePlan) => pointers[rows]! <= 12 * (rows + cols);

/** The factor of the whole matrix as a sparse one; undefined where it would take too many operations or a pivot isn't positive. */
export function factorSystem(
  { plan, diagonal, ground }: NewtonSystem,
  problem: Counted<HasValue>,
  flopsPerEntry = sparseFlopsPerEntry,
): SparseFactor | undefined {
  const { rows: n, cols: m, pointers, indices, values } = plan;
  const order = n + m;
  const count = pointers[n]!;
  // Column i of the lower triangle is row i of the plan: nothing has to be transposed. The held potential keeps a row with only its diagonal.
  const colPointers = new Int32Array(order + 1);
  const rowIndices = new Int32Array(count + order);
  const entries = new Float64Array(count + order);
  let to = 0;
  for (let i = 0; i < order; i++) {
    rowIndices[to] = i;
    entries[to++] = diagonal[i]!;
    if (i < n) {
      for (let k = pointers[i]!; k < pointers[i + 1]!; k++) {
        if (indices[k] === ground) continue;
        rowIndices[to] = n + indices[k]!;
        entries[to++] = values[k]!;
      }
    }
    colPointers[i + 1] = to;
  }
  const A = {
    kind: "sparse",
    rows: order,
    cols: order,
    colPointers,
    rowIndices: rowIndices.subarray(0, to),
    values: entries.subarray(0, to),
    symmetric: true,
  } as const;
  const symbolic = analyze(A);
  if (symbolic.flops > flopsPerEntry * count + 1e6) return undefined;
  const F = factorizing(problem, () => sparseFactorize(symbolic, A));
  return F.failedAt >= 0 ? undefined : F;
}

/** Solves by the factor of the whole matrix; undefined where there is none. */
function sparse(
  out: Vector,
  system: NewtonSystem,
  b: Vector,
  problem: Counted<HasValue>,
  flopsPerEntry: number,
): boolean | undefined {
  const F = factorSystem(system, problem, flopsPerEntry);
  if (F === undefined) return undefined;
  const right = b.slice();
  right[system.plan.rows + system.ground] = 0;
  sparseSolveInto(out, F, right);
  return out.every(Number.isFinite);
}

function conjugateGradients(
  out: Vector,
  { plan, diagonal, ground }: NewtonSystem,
  b: Vector,
  tolerance: number,
  maxIterations: number,
): SystemOutcome {
  const { rows: n, cols: m, pointers, indices, values } = plan;
  const A = diagonal.subarray(0, n);
  const B = diagonal.subarray(n);
  const u = new Float64Array(n);
  const v = new Float64Array(m);
  const inverse = B.slice();
  for (let i = 0; i < n; i++)
    for (let k = pointers[i]!; k < pointers[i + 1]!; k++)
      inverse[indices[k]!] = inverse[indices[k]!]! - (values[k]! * values[k]!) / A[i]!;
  for (let j = 0; j < m; j++) inverse[j] = 1 / Math.max(inverse[j]!, 1e-16 * B[j]!);
  const S: LinearOperator = {
    rows: m,
    cols: m,
    traits: { symmetric: true, positiveDefinite: true },
    applyInto(to, p) {
      v.set(p);
      v[ground] = 0;
      multiplyPlanInto(u, plan, v);
      for (let i = 0; i < n; i++) u[i] = u[i]! / A[i]!;
      multiplyPlanTransposeInto(to, plan, u);
      for (let j = 0; j < m; j++) to[j] = B[j]! * v[j]! - to[j]!;
      to[ground] = p[ground]!;
      return to;
    },
  };
  const right = reducedRight({ plan, diagonal, ground }, b, u);
  const dy = out.subarray(n);
  const { iterations, reason } = conjugateGradientInto(dy, S, right, {
    tolerance,
    maxIterations,
    precondition(to, r) {
      for (let j = 0; j < m; j++) to[j] = inverse[j]! * r[j]!;
    },
  });
  backSubstitute(out, plan, diagonal, b);
  return { solver: "conjugateGradients", iterations, solved: reason === "converged" };
}

/** b_y − P̃ᵀ D_A⁻¹ b_x, 0 at the held column. */
function reducedRight({ plan, diagonal, ground }: NewtonSystem, b: Vector, u: Vector): Vector {
  const n = plan.rows;
  for (let i = 0; i < n; i++) u[i] = b[i]! / diagonal[i]!;
  const right = multiplyPlanTransposeInto(new Float64Array(plan.cols), plan, u);
  for (let j = 0; j < plan.cols; j++) right[j] = b[n + j]! - right[j]!;
  right[ground] = 0;
  return right;
}

/** dₓ = D_A⁻¹ (bₓ − P̃ d_y). */
function backSubstitute(out: Vector, plan: SparsePlan, diagonal: Vector, b: Vector): void {
  const n = plan.rows;
  const dx = multiplyPlanInto(out.subarray(0, n), plan, out.subarray(n));
  for (let i = 0; i < n; i++) dx[i] = (b[i]! - dx[i]!) / diagonal[i]!;
}

/** The lower triangle of S by sums over the rows of the plan, then its Cholesky factorization. */
function dense(out: Vector, { plan, diagonal, ground }: NewtonSystem, b: Vector, problem: Counted<HasValue>): boolean {
  const { rows: n, cols: m, pointers, indices, values } = plan;
  const S = denseMatrix(m, m);
  const { data } = S;
  for (let i = 0; i < n; i++) {
    for (let k = pointers[i]!; k < pointers[i + 1]!; k++) {
      const factor = values[k]! / diagonal[i]!;
      const row = indices[k]! * m;
      for (let q = pointers[i]!; q <= k; q++) data[row + indices[q]!] = data[row + indices[q]!]! - factor * values[q]!;
    }
  }
  for (let j = 0; j < m; j++) {
    data[j * m + j] = data[j * m + j]! + diagonal[n + j]!;
    data[ground * m + j] = 0;
    data[j * m + ground] = 0;
  }
  data[ground * m + ground] = diagonal[n + ground]!;
  const F = factorizing(problem, () => choleskyFactorize(S));
  if (F.failedAt >= 0) return false;
  const right = reducedRight({ plan, diagonal, ground }, b, out.subarray(0, n));
  choleskySolveInto(out.subarray(n), F, right);
  backSubstitute(out, plan, diagonal, b);
  return true;
}
