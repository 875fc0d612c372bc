// A problem in some of its variables, the others held: fixed variables taken out, a face of a box, a block of coordinates.
import { describe, misuse } from "./errors.js";
import { type DenseMatrix, denseMatrix, type Matrix, type SparseMatrix, type Vector } from "./linear/matrix.js";
import { sparseFromTriplets } from "./linear/sparse/csc.js";
import type { AnyProblem, GradientProblem, HasHessian, HasHessianApply } from "./problem.js";

/** The problem in the free variables, and the way back. */
export interface Restriction {
  /** f(x) as a function of the free entries of x, with the capabilities that the given problem has. */
  readonly problem: GradientProblem & Partial<HasHessian & HasHessianApply>;
  readonly free: Int32Array;
  /** The free entries of x. */
  restrict(x: Vector): Vector;
  /** All of x: the free entries as given, the others as they are held. */
  extend(y: Vector): Vector;
}

/**
 * Holds all variables but `free` at their values in `x`.
 * @param free numbers of variables, ascending, each once.
 * @throws ArgumentError when x has another length than the problem, or `free` isn't such a list.
 */
export function restrictProblem(problem: AnyProblem, free: ArrayLike<number>, x: ArrayLike<number>): Restriction {
  const n = problem.dimension;
  if (x.length !== n) misuse("restrictProblem", "x", describe(x), `${n} numbers, the problem's dimension`);
  const list = Int32Array.from(free);
  for (let k = 0; k < list.length; k++) {
    const i = list[k]!;
    if (!(i >= 0 && i < n && (k === 0 || i > list[k - 1]!)) || i !== free[k])
      misuse("restrictProblem", `free[${k}]`, String(free[k]), `a variable from 0 to ${n - 1}, ascending`);
  }
  const m = list.length;
  const whole = Float64Array.from(x);
  const g = new Float64Array(n);
  const direction = new Float64Array(n);
  const at = (y: Vector): Vector => {
    for (let k = 0; k < m; k++) whole[list[k]!] = y[k]!;
    return whole;
  };
  const gather = (out: Vector, from: Vector): Vector => {
    for (let k = 0; k < m; k++) out[k] = from[list[k]!]!;
    return out;
  };
  const restricted: GradientProblem & Partial<HasHessian & HasHessianApply> = {
    dimension: m,
    value: (y) => problem.value(at(y)),
    gradientInto: (out, y) => gather(out, problem.gradientInto(g, at(y))),
  };
  if (problem.valueAndGradientInto) {
    restricted.valueAndGradientInto = (out, y) => {
      const value = problem.valueAndGradientInto!(g, at(y));
      gather(out, g);
      return value;
    };
  }
  if (problem.hessianApplyInto) {
    restricted.hessianApplyInto = (out, y, v) => {
      for (let k = 0; k < m; k++) direction[list[k]!] = v[k]!;
      return gather(out, problem.hessianApplyInto!(g, at(y), direction));
    };
  }
  if (problem.hessianInto && problem.newHessian) {
    let H: Matrix | undefined;
    let part: Part | undefined;
    const prepare = (): { H: Matrix; part: Part } => {
      H ??= problem.newHessian!();
      part ??= partOf(H, list);
      return { H, part };
    };
    restricted.newHessian = () => prepare().part.make();
    restricted.hessianInto = (out, y) => {
      const { H, part } = prepare();
      const values = out.kind === "dense" ? out.data : out.values;
      const from = problem.hessianInto!(H, at(y));
      const all = from.kind === "dense" ? from.data : from.values;
      for (let e = 0; e < part.sources.length; e++) values[e] = all[part.sources[e]!]!;
      return out;
    };
  }
  return {
    problem: restricted,
    free: list,
    restrict: (z) => gather(new Float64Array(m), z),
    extend: (y) => at(y).slice(),
  };
}

interface Part {
  make(): Matrix;
  /** Where each entry of the part stands among those of the whole. */
  readonly sources: Int32Array;
}

function partOf(H: Matrix, free: Int32Array): Part {
  return H.kind === "dense" ? densePart(H, free) : sparsePart(H, free);
}

function densePart({ cols }: DenseMatrix, free: Int32Array): Part {
  const m = free.length;
  const sources = Int32Array.from({ length: m * m }, (_, e) => free[Math.floor(e / m)]! * cols + free[e % m]!);
  return { make: () => denseMatrix(m, m), sources };
}

function sparsePart({ rows, colPointers, rowIndices, symmetric }: SparseMatrix, free: Int32Array): Part {
  const place = new Int32Array(rows).fill(-1);
  for (const [k, i] of free.entries()) place[i] = k;
  const [row, col, source]: [number[], number[], number[]] = [[], [], []];
  for (const [k, j] of free.entries())
    for (let p = colPointers[j]!; p < colPointers[j + 1]!; p++) {
      if (place[rowIndices[p]!]! < 0) continue;
      row.push(place[rowIndices[p]!]!);
      col.push(k);
      source.push(p);
    }
  const pattern = sparseFromTriplets(free.length, free.length, row, col, source, { symmetric });
  const sources = Int32Array.from(pattern.values);
  return { make: () => ({ ...pattern, values: new Float64Array(sources.length) }), sources };
}
