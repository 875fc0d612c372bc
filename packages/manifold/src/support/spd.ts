// What the metrics on symmetric positive definite matrices share: what a point and a tangent is, whatever the metric.
import { misuse, type Vector } from "@hessia/core";
import { factorCholesky, symmetrize } from "./dense.js";
import { applyFunctionInto, type EigenWork, eigenInto, newEigenWork } from "./eigen.js";
import { gaussianInto, type Random } from "./random.js";

/** The members of a manifold of SPD matrices that don't depend on the metric. */
export function spdBasics(routine: string, n: number) {
  const size = n * n;
  const eigen = newEigenWork(n);
  const scratch = new Float64Array(size);
  return {
    constraint: "symmetric and positive definite",
    shape: [n, n],
    length: size,
    dim: (n * (n + 1)) / 2,
    projInto(out: Vector, _x: Vector, v: Vector): Vector {
      if (out !== v) out.set(v);
      return symmetrize(out, n);
    },
    /** V diag(e^g) Vᵀ with V from the eigenvectors of a Gaussian matrix and g standard normal: condition numbers of a few hundred for small n. */
    randomPoint(random: Random): Vector {
      const P = gaussianInto(new Float64Array(size), random);
      symmetrize(P, n);
      eigenInto(eigen, P);
      gaussianInto(eigen.values, random);
      return applyFunctionInto(P, eigen, Math.exp);
    },
    /** The distance from the closed cone of positive semidefinite matrices; `pointFault` refuses its boundary. */
    distanceFromManifold(x: Vector): number {
      let square = 0;
      for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) square += 0.5 * (x[i * n + j] - x[j * n + i]) ** 2;
      scratch.set(x);
      if (factorCholesky(symmetrize(scratch, n), n) < 0) return Math.sqrt(square);
      scratch.set(x);
      eigenInto(eigen, symmetrize(scratch, n));
      for (let i = 0; i < n; i++) square += Math.min(0, eigen.values[i]) ** 2;
      return Math.sqrt(square);
    },
    /** Takes the symmetric part and lifts eigenvalues to 4 n ε of the largest. */
    projectPointInto(out: Vector, x: Vector): Vector {
      scratch.set(x);
      eigenInto(eigen, symmetrize(scratch, n));
      const largest = eigen.values[n - 1];
      if (!(largest > 0))
        misuse(
          `${routine}.projectPointInto`,
          "x",
          `a matrix with largest eigenvalue ${largest}`,
          "at least one positive eigenvalue",
        );
      const floor = 4 * n * Number.EPSILON * largest;
      return applyFunctionInto(out, eigen, (lambda) => Math.max(lambda, floor));
    },
    /** The log-Euclidean mean, exp(Σ wᵢ log Pᵢ). */
    meanStart: (points: readonly Vector[], weights: Vector) => logEuclideanMean(n, points, weights),
    pointFault: (x: Vector) => spdFault(x, eigen, scratch),
  };
}

/** Refuses a point, saying what is wrong with it. `routine` is the member's full name. */
export function refusePoint(
  { pointFault }: Pick<ReturnType<typeof spdBasics>, "pointFault">,
  routine: string,
  argument: string,
  P: Vector,
): never {
  const { given, hint } = pointFault(P) ?? { given: "not finite", hint: "" };
  return misuse(routine, argument, given, "a symmetric positive definite matrix", hint);
}

/** What is wrong with a matrix that should be symmetric and positive definite. */
function spdFault(x: Vector, eigen: EigenWork, scratch: Vector): { given: string; hint: string } | undefined {
  const { n } = eigen;
  let largest = 0;
  for (let k = 0; k < n * n; k++) largest = Math.max(largest, Math.abs(x[k]));
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      const [a, b] = [x[i * n + j], x[j * n + i]];
      if (Math.abs(a - b) <= 1e-12 * largest) continue;
      const given = `not symmetric: entry (${i}, ${j}) is ${a} and entry (${j}, ${i}) is ${b}`;
      return { given, hint: "Use (A + Aᵀ)/2 if the difference is noise." };
    }
  scratch.set(x);
  if (factorCholesky(scratch, n) < 0) return undefined;
  eigenInto(eigen, x);
  const [least, top] = [eigen.values[0], eigen.values[n - 1]];
  const singular = Math.abs(least) <= 4 * n * Number.EPSILON * Math.abs(top);
  const given = singular
    ? `singular to rounding: its eigenvalues reach from ${least.toExponential(2)} to ${top.toExponential(2)}`
    : `not positive definite: its least eigenvalue is ${least.toExponential(2)}`;
  return { given, hint: "Add a multiple of the identity, or use `projectPointInto(out, x)`." };
}

/** exp(Σ wᵢ log Pᵢ). */
function logEuclideanMean(n: number, points: readonly Vector[], weights: Vector): Vector {
  const size = n * n;
  const eigen = newEigenWork(n);
  const sum = new Float64Array(size);
  const log = new Float64Array(size);
  points.forEach((P, i) => {
    eigenInto(eigen, P);
    applyFunctionInto(log, eigen, (lambda) => Math.log(Math.max(lambda, Number.MIN_VALUE)));
    for (let k = 0; k < size; k++) sum[k] += weights[i] * log[k];
  });
  eigenInto(eigen, sum);
  return applyFunctionInto(sum, eigen, Math.exp);
}
