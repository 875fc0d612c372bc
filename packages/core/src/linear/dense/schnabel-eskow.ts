// A positive definite matrix near a symmetric one that differs on the diagonal only: P (A + E) Pᵀ = L Lᵀ, E diagonal, E ≥ 0.
//
// Schnabel, Eskow 1999, "A revised modified Cholesky factorization algorithm", SIAM J. Optim. 9(4), the algorithm of §5: plain
// Cholesky with diagonal pivoting as long as that stays safely positive; from there on E is led by Gerschgorin bounds.
// E = 0 when A is safely positive definite. Names as in the paper: τ = ε^{1/3}, τ̄ = ε^{2/3}, μ = 0.1, γ = max |aᵢᵢ| (but see the deviation).
//
// Deviation: γ is the largest of all |aᵢⱼ|, and 1 for A = 0. For a semidefinite A that is the same; where the diagonal is far
// smaller than the rest, the paper's τ̄γ is lost in rounding and A + E singular.

import { misuse } from "../../errors.js";
import { type DenseInput, toDense } from "../../interop/dense.js";
import type { Vector } from "../matrix.js";
import { axpyAt } from "../vec.js";
import { requireFiniteMatrix, requireSquare } from "./dense.js";
import { exchangeLower, solveLowerInPlace, solveLowerTransposeInPlace } from "./triangular.js";

export interface SchnabelEskow {
  readonly kind: "schnabel-eskow";
  readonly n: number;
  /** L, row-major; zero above the diagonal. */
  readonly L: Vector;
  /** permutation[k] is the variable in place k. */
  readonly permutation: Int32Array;
  /** The diagonal of E, in the order of A's variables. */
  readonly added: Vector;
  /** The largest entry of E; 0 when A was taken as it is. */
  readonly raised: number;
}

const τ = Number.EPSILON ** (1 / 3);
const τBar = Number.EPSILON ** (2 / 3);
const μ = 0.1;

/**
 * Factors A + E, reading the lower triangle of A: n³/3 operations.
 * @throws ArgumentError when A isn't square or its lower triangle isn't finite.
 */
export function schnabelEskow(matrix: DenseInput): SchnabelEskow {
  const A = toDense(matrix, "schnabelEskow", "A");
  requireSquare("schnabelEskow", "A", A);
  requireFiniteMatrix("schnabelEskow", "A", A, { lower: true });
  const n = A.rows;
  const a = A.data.slice();
  const column = new Float64Array(n);
  const E = new Float64Array(n);
  const permutation = Int32Array.from({ length: n }, (_, i) => i);
  const g = new Float64Array(n);
  const move = (to: number, from: number) => {
    if (to === from) return;
    exchangeLower(a, n, to, from);
    [permutation[to], permutation[from]] = [permutation[from], permutation[to]];
    [g[to], g[from]] = [g[from], g[to]];
  };
  let γ = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) γ = Math.max(γ, Math.abs(a[i * n + j]));
  if (γ === 0) γ = 1;
  const floor = Math.max(τBar * γ, 2 ** -1022);

  let j = 0;
  for (; j < n; j++) {
    let best = j;
    let least = Number.POSITIVE_INFINITY;
    for (let i = j; i < n; i++) {
      if (a[i * n + i] > a[best * n + best]) best = i;
      least = Math.min(least, a[i * n + i]);
    }
    const pivot = a[best * n + best];
    if (pivot < floor || least < -μ * pivot) break;
    move(j, best);
    let safe = true;
    for (let i = j + 1; i < n; i++) safe &&= a[i * n + i] - (a[i * n + j] / pivot) * a[i * n + j] >= -μ * γ;
    if (!safe) break;
    eliminate(a, n, j, column);
  }

  if (j < n) secondPhase(a, n, j, floor, E, g, move, column);
  for (let i = 0; i < n; i++) a.fill(0, i * n + i + 1, (i + 1) * n);
  const added = new Float64Array(n);
  let raised = 0;
  for (let k = 0; k < n; k++) {
    added[permutation[k]] = E[k];
    raised = Math.max(raised, E[k]);
  }
  return { kind: "schnabel-eskow", n, L: a, permutation, added, raised };
}

function secondPhase(
  a: Vector,
  n: number,
  start: number,
  /** τ̄γ. */
  floor: number,
  E: Vector,
  g: Vector,
  move: (to: number, from: number) => void,
  column: Vector,
): void {
  if (start === n - 1) {
    const last = a[start * n + start];
    E[start] = -last + Math.max((-τ * last) / (1 - τ), floor);
    a[start * n + start] += E[start];
    eliminate(a, n, start, column);
    return;
  }
  // Lower Gerschgorin bounds of what is left.
  for (let i = start; i < n; i++) {
    g[i] = a[i * n + i];
    for (let k = start; k < i; k++) g[i] -= Math.abs(a[i * n + k]);
    for (let k = i + 1; k < n; k++) g[i] -= Math.abs(a[k * n + i]);
  }
  let δ = 0;
  for (let j = start; j < n - 2; j++) {
    let best = j;
    for (let i = j + 1; i < n; i++) if (g[i] > g[best]) best = i;
    move(j, best);
    let norm = 0;
    for (let i = j + 1; i < n; i++) norm += Math.abs(a[i * n + j]);
    δ = Math.max(0, δ, -a[j * n + j] + Math.max(norm, floor));
    E[j] = δ;
    a[j * n + j] += δ;
    if (a[j * n + j] > norm) {
      const factor = 1 - norm / a[j * n + j];
      for (let i = j + 1; i < n; i++) g[i] += Math.abs(a[i * n + j]) * factor;
    }
    eliminate(a, n, j, column);
  }
  // The last block of order 2: both entries get the same amount.
  const k = n - 2;
  const mean = 0.5 * (a[k * n + k] + a[(k + 1) * n + k + 1]);
  const radius = Math.hypot(0.5 * (a[k * n + k] - a[(k + 1) * n + k + 1]), a[(k + 1) * n + k]);
  δ = Math.max(0, δ, -(mean - radius) + Math.max((τ * 2 * radius) / (1 - τ), floor));
  for (let i = k; i < n; i++) {
    E[i] = δ;
    a[i * n + i] += δ;
  }
  eliminate(a, n, k, column);
  eliminate(a, n, k + 1, column);
}

/** Step j of Cholesky on the trailing triangle. */
function eliminate(a: Vector, n: number, j: number, column: Vector): void {
  const root = Math.sqrt(a[j * n + j]);
  a[j * n + j] = root;
  for (let i = j + 1; i < n; i++) column[i] = a[i * n + j] /= root;
  for (let i = j + 1; i < n; i++) axpyAt(a, i * n + j + 1, -column[i], column, j + 1, i - j);
}

/** out ← (A + E)⁻¹ b. `out` may be b. */
export function schnabelEskowSolveInto(out: Vector, { n, L, permutation }: SchnabelEskow, b: Vector): Vector {
  if (b.length !== n) misuse("schnabelEskowSolveInto", "b", `of length ${b.length}`, `length ${n}`);
  if (out.length !== n) misuse("schnabelEskowSolveInto", "out", `of length ${out.length}`, `length ${n}`);
  const y = new Float64Array(n);
  for (let k = 0; k < n; k++) y[k] = b[permutation[k]];
  solveLowerInPlace(y, L, n, n);
  solveLowerTransposeInPlace(y, L, n, n);
  for (let k = 0; k < n; k++) out[permutation[k]] = y[k];
  return out;
}
