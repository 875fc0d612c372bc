// Gradients of the value of entropic transport by the envelope theorem: at the solution only what stands in D itself moves it.
//
//   ∂W/∂r = x,  ∂W/∂c = y (up to a constant, along changes that keep the mass),   ∂W/∂C = P,   ∂W/∂aᵢ = Σ_j P_ij ∂c(aᵢ, b_j)/∂aᵢ
//
// Danskin 1967; for transport: Cuturi, Doucet 2014, "Fast computation of Wasserstein barycenters", ICML, §4; Feydy et al. 2019, "Interpolating between optimal transport and MMD using Sinkhorn
// divergences", AISTATS, §2.
import { type DenseMatrix, denseMatrix, misuse, requireFiniteVector, type Vector } from "@hessia/core";
import { asPoints, type PointCostOptions } from "../cost/points.js";
import type { TransportProblem } from "../problem.js";

/**
 * ∂W/∂r and ∂W/∂c at the solution z = (x, y): potentials with mean 0, so that a step along them keeps the mass. Lengths n and m.
 * @throws ArgumentError when z has another length or isn't finite.
 */
export function weightGradients(problem: TransportProblem, z: Vector): { source: Vector; target: Vector } {
  requireFiniteVector("weightGradients", "z", z, problem.dimension);
  const n = problem.source.length;
  return { source: centered(z.slice(0, n)), target: centered(z.slice(n)) };
}

function centered(v: Vector): Vector {
  let mean = 0;
  for (let i = 0; i < v.length; i++) mean += v[i]! / v.length;
  for (let i = 0; i < v.length; i++) v[i] = v[i]! - mean;
  return v;
}

/** ∂W/∂C at the solution z: the plan, n × m. Throws ArgumentError as {@link weightGradients}. */
export function costGradient(problem: TransportProblem, z: Vector): DenseMatrix {
  requireFiniteVector("costGradient", "z", z, problem.dimension);
  const { cost, regularization } = problem;
  const out = denseMatrix(cost.rows, cost.cols);
  cost.planTiles(z.subarray(0, cost.rows), z.subarray(cost.rows), regularization, ({ firstRow, rows, plan }) =>
    out.data.set(plan.subarray(0, rows * cost.cols), firstRow * cost.cols),
  );
  return out;
}

/**
 * ∂W/∂a (n × d) and ∂W/∂b (m × d) at the solution z, for the points and the metric of `pointCost`. Where the cost has a kink (equal coordinates with p = 1, equal points with q ≤ 1, a tie with
 * p = ∞) one of its subgradients, 0 at equal points.
 * @throws ArgumentError when the problem has not as many points, or as {@link weightGradients}.
 */
export function pointGradients(
  problem: TransportProblem,
  z: Vector,
  points: PointCostOptions,
): { source: DenseMatrix; target: DenseMatrix } {
  const routine = "pointGradients";
  requireFiniteVector(routine, "z", z, problem.dimension);
  const { cost, regularization } = problem;
  const { metric = "norm", norm = 2, power = 2 } = points;
  const A = asPoints(routine, "points.source", points.source);
  const B = asPoints(routine, "points.target", points.target);
  if (A.rows !== cost.rows || B.rows !== cost.cols)
    misuse(routine, "points", `${A.rows} and ${B.rows} of them`, `${cost.rows} and ${cost.cols}, as the problem has`);
  const d = A.cols;
  const source = denseMatrix(A.rows, d);
  const target = denseMatrix(B.rows, d);
  const ofA = new Float64Array(d);
  const ofB = new Float64Array(d);
  cost.planTiles(z.subarray(0, cost.rows), z.subarray(cost.rows), regularization, ({ firstRow, rows, plan }) => {
    for (let k = 0; k < rows; k++) {
      const i = firstRow + k;
      for (let j = 0; j < cost.cols; j++) {
        const p = plan[k * cost.cols + j]!;
        if (p === 0) continue;
        if (metric === "cosine") cosineInto(ofA, ofB, A.data, i * d, B.data, j * d);
        else normInto(ofA, ofB, A.data, i * d, B.data, j * d, norm, power);
        for (let q = 0; q < d; q++) {
          source.data[i * d + q] = source.data[i * d + q]! + p * ofA[q]!;
          target.data[j * d + q] = target.data[j * d + q]! + p * ofB[q]!;
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
