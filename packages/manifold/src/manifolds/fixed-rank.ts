// Matrices of rank r, {X ∈ ℝᵐˣⁿ : rank X = r}, as X = U S Vᵀ with U, V orthonormal and S diagonal and positive; the metric of the entries, tr(ZᵀW), of ℝᵐˣⁿ.
//
// Vandereycken 2013, "Low-rank matrix completion by Riemannian optimization", SIAM J. Optim. 23(2): projection (2.5), Algorithm 6, the metric projection as retraction, and
// (A.5), the Hessian; transport by projection, Algorithm 5. The retraction is of second order (Absil, Malick 2012, "Projection-like retractions on matrix manifolds", SIAM J. Optim. 22(1)).
//
// Deviations:
// 1. Coordinates are U (m × r), S (r × r), V (n × r), one after another, and tangents are their velocities (U̇, Ṡ, V̇) with UᵀU̇ = 0, VᵀV̇ = 0: the paper's U_p = U̇ S, V_p = V̇ S. Dividing by a
//    diagonal S loses no digits, however ill-conditioned it is.
// 2. f and its Euclidean derivatives are functions of the coordinates: with G = ∂f/∂X they are ∂f/∂U = G V Sᵀ, ∂f/∂S = UᵀG V, ∂f/∂V = GᵀU S; G itself is never needed, so that a sparse
//    G stays sparse.
import { type DenseMatrix, denseMatrix, describe, misuse, type Vector } from "@hessia/core";
import { svd } from "@hessia/core/linear";
import { defineManifold, type Manifold } from "../manifold.js";
import {
  frobenius,
  multiply,
  multiplyTransposeLeft,
  multiplyTransposeRight,
  orthonormalizeRows,
  transpose,
} from "../support/dense.js";
import { factoredQuadratic } from "../support/factored-quadratic.js";
import { stiefelDistance } from "../support/frames.js";
import { gaussianInto } from "../support/random.js";
import { requireSize } from "../support/require.js";
import { complementRows } from "../support/stiefel-geodesic.js";
import { newThinSvd, thinSvdInto } from "../support/thin-svd.js";

/** The parts of a point or tangent. */
export interface Factors {
  readonly U: Vector;
  readonly S: Vector;
  readonly V: Vector;
}

export interface FixedRank extends Manifold {
  /** Views of the parts of a point or tangent: U (m × r), S (r × r), V (n × r). */
  factors(x: Vector): Factors;
  /** The point nearest to an m × n matrix: its truncated singular value decomposition. Throws ArgumentError where the rank is below r. */
  fromMatrix(A: DenseMatrix): Vector;
  /** U S Vᵀ, m × n. */
  toMatrix(x: Vector): DenseMatrix;
}

/**
 * m × n matrices of rank r, dimension (m + n − r) r. A retraction that would lose rank answers NaN.
 * @throws ArgumentError when r > min(m, n) or a size isn't an integer ≥ 1.
 */
export function fixedRank(m: number, n: number, r: number): FixedRank {
  const routine = "fixedRank";
  requireSize(routine, "m", m);
  requireSize(routine, "n", n);
  requireSize(routine, "r", r);
  if (r > Math.min(m, n)) misuse(routine, "r", `${r}, larger than min(m, n) = ${Math.min(m, n)}`, "r <= min(m, n)");
  const [sizeU, sizeS, sizeV] = [m * r, r * r, n * r];
  const length = sizeU + sizeS + sizeV;
  const rr = 2 * r;
  const small = () => new Float64Array(sizeS);
  const [A, B, C, D, E] = [small(), small(), small(), small(), small()];
  const [rowsU, rowsV] = [new Float64Array(rr * m), new Float64Array(rr * n)];
  const [partU, partV] = [new Float64Array(sizeU), new Float64Array(sizeV)];
  const held = new Float64Array(r * Math.max(m, n));
  const middle = new Float64Array(rr * rr);
  const [leading, signs] = [new Float64Array(rr * r), new Float64Array(r)];
  const svdWork = newThinSvd(rr, rr);
  const result = new Float64Array(length);
  const [distanceU, distanceV] = [stiefelDistance(m, r), stiefelDistance(n, r)];
  const factors = (x: Vector): Factors => ({
    U: x.subarray(0, sizeU),
    S: x.subarray(sizeU, sizeU + sizeS),
    V: x.subarray(sizeU + sizeS),
  });
  const out_ = factors(result);

  /** P ← P − X XᵀP, and again where little is left; P is rows × r. */
  const horizontal = (P: Vector, X: Vector, rows: number) => {
    let before = frobenius(P, P);
    for (let pass = 0; pass < 2; pass++) {
      multiplyTransposeLeft(E, X, P, r, rows, r);
      for (let i = 0; i < rows; i++)
        for (let k = 0; k < r; k++) {
          const x = X[i * r + k];
          for (let j = 0; j < r; j++) P[i * r + j] -= x * E[k * r + j];
        }
      const after = frobenius(P, P);
      if (after > 0.25 * before) break;
      before = after;
    }
    return P;
  };
  const scaleColumns = (P: Vector, S: Vector, rows: number, inverse: boolean) => {
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < r; j++) {
        const s = S[j * r + j];
        P[i * r + j] = inverse ? P[i * r + j] / s : P[i * r + j] * s;
      }
    return P;
  };
  /** Finds orthonormal rows of [X P]ᵀ with P ⊥ X and the r × r block R with Pᵀ = R · (new rows). */
  const extend = (rows: Vector, X: Vector, P: Vector, size: number, R: Vector) => {
    transpose(rows, X, size, r);
    const [first, second] = [rows.subarray(0, r * size), rows.subarray(r * size)];
    const Pt = transpose(held, P, size, r);
    complementRows(second, first, Pt, r, size);
    multiplyTransposeRight(R, Pt, second, r, size, r);
  };
  /** The r largest singular triples of rowsUᵀ · middle · rowsV, signs as near to the identity as can be. */
  const truncate = (out: Vector) => {
    thinSvdInto(svdWork, middle);
    const { U, V, values } = svdWork;
    if (!(values[r - 1] > values[0] * Number.EPSILON * rr)) return out.fill(Number.NaN);
    out_.S.fill(0);
    for (let k = 0; k < r; k++) {
      let best = 0;
      for (let i = 1; i < r; i++) if (Math.abs(U[i * rr + k]) > Math.abs(U[best * rr + k])) best = i;
      signs[k] = U[best * rr + k] < 0 ? -1 : 1;
      out_.S[k * r + k] = values[k];
    }
    for (const [target, small, rows, size] of [
      [out_.U, U, rowsU, m],
      [out_.V, V, rowsV, n],
    ] as const) {
      for (let i = 0; i < rr; i++) for (let k = 0; k < r; k++) leading[i * r + k] = signs[k] * small[i * rr + k];
      multiplyTransposeLeft(target, rows, leading, size, rr, r);
    }
    out.set(result);
    return out;
  };

  const base = defineManifold({
    name: `fixedRank(${m}, ${n}, ${r})`,
    constraint: "UᵀU = I, VᵀV = I, S diagonal and positive",
    shape: [m, r, r, r, n, r],
    length,
    dim: (m + n - r) * r,
    retractions: ["projection"],
    retraction: "projection",
    retractionOrder: 2,
    transportKind: "projection",
    injectivityRadius: 0,
    typicalDistance: Math.sqrt((m + n - r) * r),

    inner(x, u, v) {
      const [p, a, b] = [factors(x), factors(u), factors(v)];
      let sum = frobenius(a.S, b.S);
      for (let i = 0; i < m; i++)
        for (let j = 0; j < r; j++) sum += a.U[i * r + j] * b.U[i * r + j] * p.S[j * r + j] ** 2;
      for (let i = 0; i < n; i++)
        for (let j = 0; j < r; j++) sum += a.V[i * r + j] * b.V[i * r + j] * p.S[j * r + j] ** 2;
      return sum;
    },
    /** Orthogonal in the coordinates: horizontal parts of U̇ and V̇. */
    projInto(out, x, v) {
      const p = factors(x);
      result.set(v);
      horizontal(out_.U, p.U, m);
      horizontal(out_.V, p.V, n);
      out.set(result);
      return out;
    },
    retractInto(out, x, u, t = 1) {
      // X + tZ = [U Q_U] [S + tṠ, tR_V; tR_Uᵀ, 0] [V Q_V]ᵀ with U̇S = Q_U R_Uᵀ, V̇S = Q_V R_Vᵀ.
      const [p, a] = [factors(x), factors(u)];
      partU.set(a.U);
      partV.set(a.V);
      extend(rowsU, p.U, scaleColumns(partU, p.S, m, false), m, A);
      extend(rowsV, p.V, scaleColumns(partV, p.S, n, false), n, B);
      for (let i = 0; i < r; i++)
        for (let j = 0; j < r; j++) {
          middle[i * rr + j] = p.S[i * r + j] + t * a.S[i * r + j];
          middle[i * rr + r + j] = t * B[i * r + j];
          middle[(r + i) * rr + j] = t * A[j * r + i];
          middle[(r + i) * rr + r + j] = 0;
        }
      return truncate(out);
    },
    transportInto(out, x, y, u) {
      // Z = U̇ S Vᵀ + U Ṡ Vᵀ + U S V̇ᵀ, projected at y: (Z V_y, U_yᵀ Z V_y, Zᵀ U_y).
      const [p, q, a] = [factors(x), factors(y), factors(u)];
      multiplyTransposeLeft(A, p.V, q.V, r, n, r);
      multiplyTransposeLeft(B, a.V, q.V, r, n, r);
      combine(C, D, p.S, a.S, A, B, false);
      sumOfTwo(partU, a.U, C, p.U, D, m);
      multiplyTransposeLeft(A, p.U, q.U, r, m, r);
      multiplyTransposeLeft(B, a.U, q.U, r, m, r);
      combine(C, D, p.S, a.S, A, B, true);
      sumOfTwo(partV, a.V, C, p.V, D, n);
      multiplyTransposeLeft(out_.S, q.U, partU, r, m, r);
      out_.U.set(scaleColumns(horizontal(partU, q.U, m), q.S, m, true));
      out_.V.set(scaleColumns(horizontal(partV, q.V, n), q.S, n, true));
      out.set(result);
      return out;
    },
    euclideanToRiemannianGradientInto(out, x, gradient) {
      // GV = ∂U S⁻¹, so U̇ = (I − UUᵀ)∂U S⁻².
      const p = factors(x);
      result.set(gradient);
      scaleColumns(scaleColumns(horizontal(out_.U, p.U, m), p.S, m, true), p.S, m, true);
      scaleColumns(scaleColumns(horizontal(out_.V, p.V, n), p.S, n, true), p.S, n, true);
      out.set(result);
      return out;
    },
    euclideanToRiemannianHessianInto(out, x, gradient, hessianTimesU, u) {
      const [p, g, a] = [factors(x), factors(gradient), factors(u)];
      result.set(hessianTimesU);
      // GV and GᵀU.
      partU.set(g.U);
      scaleColumns(partU, p.S, m, true);
      partV.set(g.V);
      scaleColumns(partV, p.S, n, true);
      // S part: H_S − U̇ᵀGV − UᵀGV̇.
      multiplyTransposeLeft(A, a.U, partU, r, m, r);
      multiplyTransposeLeft(B, partV, a.V, r, n, r);
      for (let k = 0; k < sizeS; k++) out_.S[k] -= A[k] + B[k];
      // U part: (I − UUᵀ)(H_U − GV Ṡᵀ)S⁻¹, over S once more; V part with Ṡ.
      for (let i = 0; i < m; i++)
        for (let j = 0; j < r; j++) for (let k = 0; k < r; k++) out_.U[i * r + j] -= partU[i * r + k] * a.S[j * r + k];
      for (let i = 0; i < n; i++)
        for (let j = 0; j < r; j++) for (let k = 0; k < r; k++) out_.V[i * r + j] -= partV[i * r + k] * a.S[k * r + j];
      scaleColumns(scaleColumns(horizontal(out_.U, p.U, m), p.S, m, true), p.S, m, true);
      scaleColumns(scaleColumns(horizontal(out_.V, p.V, n), p.S, n, true), p.S, n, true);
      out.set(result);
      return out;
    },
    randomPoint(random) {
      const x = new Float64Array(length);
      const p = factors(x);
      for (const [part, rows] of [
        [p.U, m],
        [p.V, n],
      ] as const) {
        const Q = orthonormalizeRows(gaussianInto(new Float64Array(rows * r), random), r, rows);
        transpose(part, Q, r, rows);
      }
      const values = Array.from({ length: r }, () => 0.5 + random()).sort((a, b) => b - a);
      for (let k = 0; k < r; k++) p.S[k * r + k] = values[k];
      return x;
    },
    distanceFromManifold(x) {
      const p = factors(x);
      let square = distanceU(p.U) ** 2 + distanceV(p.V) ** 2;
      for (let i = 0; i < r; i++)
        for (let j = 0; j < r; j++) square += i === j ? Math.min(0, p.S[i * r + j]) ** 2 : p.S[i * r + j] ** 2;
      return Math.sqrt(square);
    },
    pointFault(x) {
      const { S } = factors(x);
      let [least, largest] = [Number.POSITIVE_INFINITY, 0];
      for (let k = 0; k < r; k++) {
        least = Math.min(least, S[k * r + k]);
        largest = Math.max(largest, S[k * r + k]);
      }
      return least > largest * Number.EPSILON
        ? undefined
        : {
            given: `rank-deficient: the diagonal of S reaches from ${least} to ${largest}`,
            hint: "Take a smaller r.",
          };
    },
    projectPointInto(out, x) {
      // U S Vᵀ of any factors: QR of both, and the singular values of R_U S R_Vᵀ.
      const p = factors(x);
      partU.set(p.U);
      transpose(rowsU, partU, m, r);
      orthonormalizeRows(rowsU.subarray(0, r * m), r, m, A, true);
      transpose(rowsV, p.V, n, r);
      orthonormalizeRows(rowsV.subarray(0, r * n), r, n, B, true);
      multiplyTransposeLeft(C, A, p.S, r, r, r);
      multiply(D, C, B, r, r, r);
      rowsU.fill(0, r * m);
      rowsV.fill(0, r * n);
      middle.fill(0);
      for (let i = 0; i < r; i++) for (let j = 0; j < r; j++) middle[i * rr + j] = D[i * r + j];
      truncate(out);
      if (Number.isNaN(out[0]))
        misuse(`${routine}.projectPointInto`, "x", `of a rank below ${r}`, "factors whose product has the rank r");
      return out;
    },
    embed: (x) => toMatrix(x).data,
    sampleProblem: (random) => factoredQuadratic(m, n, r, random),
  });

  /** C ← S (first factor), D ← second: with W = Vᵀ V_y (or Uᵀ U_y) and Ẇ: C = S W, D = Ṡ W + S Ẇ; transposed Ṡ for the other side. */
  function combine(C: Vector, D: Vector, S: Vector, dS: Vector, W: Vector, dW: Vector, transposed: boolean): void {
    for (let i = 0; i < r; i++)
      for (let j = 0; j < r; j++) {
        let sum = S[i * r + i] * dW[i * r + j];
        for (let k = 0; k < r; k++) sum += (transposed ? dS[k * r + i] : dS[i * r + k]) * W[k * r + j];
        C[i * r + j] = S[i * r + i] * W[i * r + j];
        D[i * r + j] = sum;
      }
  }
  /** out ← P C + Q D, rows × r. */
  function sumOfTwo(out: Vector, P: Vector, C: Vector, Q: Vector, D: Vector, rows: number): void {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < r; j++) out[i * r + j] = 0;
      for (let k = 0; k < r; k++) {
        const [p, q] = [P[i * r + k], Q[i * r + k]];
        for (let j = 0; j < r; j++) out[i * r + j] += p * C[k * r + j] + q * D[k * r + j];
      }
    }
  }
  function toMatrix(x: Vector): DenseMatrix {
    const p = factors(x);
    const scaled = multiply(new Float64Array(sizeU), p.U, p.S, m, r, r);
    return denseMatrix(m, n, multiplyTransposeRight(new Float64Array(m * n), scaled, p.V, m, r, n));
  }

  return {
    ...base,
    factors,
    toMatrix,
    fromMatrix(matrix) {
      const given = `${routine}.fromMatrix`;
      if (matrix?.rows !== m || matrix.cols !== n) misuse(given, "A", describe(matrix), `a ${m} × ${n} matrix`);
      const { U, V, values } = svd(matrix);
      const k = values.length;
      if (!(values[r - 1] > values[0] * k * Number.EPSILON))
        misuse(given, "A", `of a rank below ${r} to rounding`, `a matrix of rank ${r} at least`);
      const x = new Float64Array(length);
      const p = factors(x);
      for (let j = 0; j < r; j++) {
        p.S[j * r + j] = values[j];
        for (let i = 0; i < m; i++) p.U[i * r + j] = U.data[i * k + j];
        for (let i = 0; i < n; i++) p.V[i * r + j] = V.data[i * k + j];
      }
      return x;
    },
  };
}
