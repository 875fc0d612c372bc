// The slopes of a cost between points: ∂c(aᵢ, b_j)/∂aᵢ and ∂c(aᵢ, b_j)/∂b_j, one pair at a time.
import { type DenseMatrix, denseMatrix, misuse, requireKnownOptions, type Vector } from "@hessia/core";
import { asPoints, type PointCostOptions } from "../cost/points.js";
import type { TransportProblem } from "../problem.js";

export interface PointSlopes {
  readonly source: DenseMatrix;
  readonly target: DenseMatrix;
  /** Writes both slopes (length d) for the pair (i, j). */
  slopesInto(ofA: Vector, ofB: Vector, i: number, j: number): void;
}

/** Throws ArgumentError when there are other numbers of points than the problem has. */
export function pointSlopes(
  routine: string,
  { cost }: TransportProblem,
  points: PointCostOptions,
  argument = "points",
): PointSlopes {
  requireKnownOptions(routine, points, ["source", "target", "metric", "norm", "power", "store"]);
  const { metric = "norm", norm = 2, power = 2 } = points;
  const A = asPoints(routine, `${argument}.source`, points.source);
  const B = asPoints(routine, `${argument}.target`, points.target);
  if (A.rows !== cost.rows || B.rows !== cost.cols)
    misuse(routine, argument, `${A.rows} and ${B.rows} of them`, `${cost.rows} and ${cost.cols}, as the problem has`);
  if (A.cols !== B.cols)
    misuse(routine, `${argument}.target`, `of points in ${B.cols} dimensions`, `${A.cols}, as those of source`);
  const d = A.cols;
  return {
    source: A,
    target: B,
    slopesInto(ofA, ofB, i, j) {
      if (metric === "cosine") cosineInto(ofA, ofB, A.data, i * d, B.data, j * d);
      else normInto(ofA, ofB, A.data, i * d, B.data, j * d, norm, power);
    },
  };
}

/** Σ_j w_ij ∂c/∂aᵢ (n × d) and Σ_i w_ij ∂c/∂b_j (m × d), where w is made of the plan at z: `weight(i, j, P_ij)`, asked where P_ij > 0. */
export function sumSlopes(
  { cost, regularization }: TransportProblem,
  z: Vector,
  { source: A, target: B, slopesInto }: PointSlopes,
  weight: (i: number, j: number, p: number) => number,
): { source: DenseMatrix; target: DenseMatrix } {
  const d = A.cols;
  const source = denseMatrix(A.rows, d);
  const target = denseMatrix(B.rows, d);
  const ofA = new Float64Array(d);
  const ofB = new Float64Array(d);
  cost.planTiles(z.subarray(0, cost.rows), z.subarray(cost.rows), regularization, ({ firstRow, rows, plan }) => {
    for (let k = 0; k < rows; k++) {
      const i = firstRow + k;
      for (let j = 0; j < cost.cols; j++) {
        const p = plan[k * cost.cols + j];
        if (p === 0) continue;
        const w = weight(i, j, p);
        slopesInto(ofA, ofB, i, j);
        for (let q = 0; q < d; q++) {
          source.data[i * d + q] += w * ofA[q];
          target.data[j * d + q] += w * ofB[q];
        }
      }
    }
  });
  return { source, target };
}

/** ∂‖δ‖_p^q/∂δ = q ‖δ‖_p^{q−p} |δ|^{p−1} sign δ, δ = a − b. */
function normInto(
  ofA: Vector,
  ofB: Vector,
  a: Vector,
  at: number,
  b: Vector,
  bt: number,
  norm: number,
  power: number,
): void {
  const d = ofA.length;
  let sum = 0;
  let top = 0;
  for (let q = 0; q < d; q++) {
    const size = Math.abs(a[at + q]! - b[bt + q]!);
    if (size > Math.abs(a[at + top]! - b[bt + top]!)) top = q;
    sum = norm === Number.POSITIVE_INFINITY ? Math.max(sum, size) : sum + size ** norm;
  }
  const length = norm === Number.POSITIVE_INFINITY ? sum : sum ** (1 / norm);
  for (let q = 0; q < d; q++) {
    const delta = a[at + q]! - b[bt + q]!;
    let slope = 0;
    if (length > 0 && delta !== 0) {
      if (norm !== Number.POSITIVE_INFINITY)
        slope = power * length ** (power - 1) * (Math.abs(delta) / length) ** (norm - 1) * Math.sign(delta);
      else if (q === top) slope = power * length ** (power - 1) * Math.sign(delta);
    }
    ofA[q] = slope;
    ofB[q] = -slope;
  }
}

/** ∂(1 − ⟨a, b⟩/(|a||b|))/∂a = −(b̂ − ⟨â, b̂⟩ â)/|a|. */
function cosineInto(ofA: Vector, ofB: Vector, a: Vector, at: number, b: Vector, bt: number): void {
  const d = ofA.length;
  let aa = 0;
  let bb = 0;
  let ab = 0;
  for (let q = 0; q < d; q++) {
    aa += a[at + q]! ** 2;
    bb += b[bt + q]! ** 2;
    ab += a[at + q]! * b[bt + q]!;
  }
  const lengths = Math.sqrt(aa * bb);
  for (let q = 0; q < d; q++) {
    ofA[q] = ((ab / aa) * a[at + q]! - b[bt + q]!) / lengths;
    ofB[q] = ((ab / bb) * b[bt + q]! - a[at + q]!) / lengths;
  }
}
