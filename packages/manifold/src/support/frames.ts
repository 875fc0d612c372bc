// Orthonormal frames: polar factor, distance from orthonormality, inverse retractions. Shared by the Stiefel, Grassmann, orthogonal and fixed-rank manifolds.
import { misuse, type Vector } from "@hessia/core";
import { addToDiagonal, multiplyTransposeLeft, orthonormalizeRows, solveInPlace, transpose } from "./dense.js";
import { eigenInto, newEigenWork, newPolarWork, type PolarWork, polarInto } from "./eigen.js";
import { gaussianInto, type Random } from "./random.js";

/** Yᵀ ← its polar factor, for Y given by its transpose, p × n, with `scratch` of the same size and S, T of p × p. False, and NaN, where Y is rank-deficient or not finite. */
export function polarRowsInto(
  Yt: Vector,
  scratch: Vector,
  p: number,
  n: number,
  S: Vector,
  T: Vector,
  polar: PolarWork,
): boolean {
  // Rows: Yt = R Qt with R lower triangular, so the polar factor's rows are polar(R) Qt.
  orthonormalizeRows(Yt, p, n, S);
  const good = polarInto(T, polar, S);
  for (let i = 0; i < p; i++)
    for (let k = 0; k < n; k++) {
      let sum = 0;
      for (let j = 0; j < p; j++) sum += T[i * p + j] * Yt[j * n + k];
      scratch[i * n + k] = sum;
    }
  Yt.set(scratch);
  return good && Number.isFinite(Yt[0]);
}

/** (Σ (σᵢ − 1)²)^½ over the singular values of an n × p matrix: its distance from the nearest orthonormal frame. */
export function stiefelDistance(n: number, p: number): (X: Vector) => number {
  const S = new Float64Array(p * p);
  const eigen = newEigenWork(p);
  return (X) => {
    multiplyTransposeLeft(S, X, X, p, n, p);
    addToDiagonal(S, p, -1);
    eigenInto(eigen, S);
    let square = 0;
    // σ − 1 = (σ² − 1)/(σ + 1).
    for (let i = 0; i < p; i++) {
      const excess = eigen.values[i];
      square += (excess / (Math.sqrt(Math.max(0, 1 + excess)) + 1)) ** 2;
    }
    return Math.sqrt(square);
  };
}

/** The members of a manifold of n × p frames that don't depend on what its points stand for. */
export function framePoints(routine: string, n: number, p: number) {
  const [Yt, scratch] = [new Float64Array(n * p), new Float64Array(n * p)];
  const [S, T] = [new Float64Array(p * p), new Float64Array(p * p)];
  const polar = newPolarWork(p);
  return {
    randomPoint(random: Random): Vector {
      gaussianInto(Yt, random);
      return transpose(new Float64Array(n * p), orthonormalizeRows(Yt, p, n), p, n);
    },
    distanceFromManifold: stiefelDistance(n, p),
    /** The polar factor. */
    projectPointInto(out: Vector, X: Vector): Vector {
      transpose(Yt, X, n, p);
      if (!polarRowsInto(Yt, scratch, p, n, S, T, polar))
        misuse(`${routine}.projectPointInto`, "x", "rank-deficient", "a matrix of full column rank");
      return transpose(out, Yt, p, n);
    },
  };
}

/** The tangent Y S − X with XᵀY S + Sᵀ YᵀX = 2I, S symmetric (inverse of the polar retraction) or upper triangular (of QR). Takes memory of p⁴/4 numbers at its first call. */
export function undoFrame(n: number, p: number) {
  const unknowns = (p * (p + 1)) / 2;
  let K: Vector | undefined;
  const M = new Float64Array(p * p);
  const S = new Float64Array(p * p);
  const s = new Float64Array(unknowns);
  const eigen = newEigenWork(p);
  return (routine: string, out: Vector, X: Vector, Y: Vector, kind: "symmetric" | "upper"): Vector => {
    K ??= new Float64Array(unknowns * unknowns);
    K.fill(0);
    multiplyTransposeLeft(M, X, Y, p, n, p);
    let unknown = 0;
    for (let a = 0; a < p; a++)
      for (let b = a; b < p; b++) {
        addColumn(K, M, p, unknowns, unknown, a, b);
        if (kind === "symmetric" && a !== b) addColumn(K, M, p, unknowns, unknown, b, a);
        unknown++;
      }
    let equation = 0;
    for (let i = 0; i < p; i++) for (let j = i; j < p; j++) s[equation++] = i === j ? 2 : 0;
    let good = solveInPlace(K, s, unknowns, 1);
    unknown = 0;
    S.fill(0);
    for (let a = 0; a < p; a++)
      for (let b = a; b < p; b++) {
        S[a * p + b] = s[unknown++];
        if (kind === "symmetric") S[b * p + a] = S[a * p + b];
      }
    if (kind === "symmetric") good = good && eigenInto(eigen, S) && eigen.values[0] > 0;
    else for (let a = 0; a < p; a++) good &&= S[a * p + a] > 0;
    if (!good) misuse(routine, "y", "out of the range of the retraction at x", "a point nearer to x");
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < p; j++) {
        let sum = 0;
        for (let k = 0; k < p; k++) sum += Y[i * p + k] * S[k * p + j];
        M[j] = sum;
      }
      for (let j = 0; j < p; j++) out[i * p + j] = M[j] - X[i * p + j];
    }
    return out;
  };
}

/** Adds what the entry (a, b) of S does to the upper triangle of M S + Sᵀ Mᵀ. */
function addColumn(K: Vector, M: Vector, p: number, unknowns: number, column: number, a: number, b: number): void {
  // (M E_ab)_{ij} = M_ia δ_bj; its transpose M_ja δ_bi.
  for (let i = 0; i < p; i++) {
    const [row, col] = i <= b ? [i, b] : [b, i];
    const at = (row * (2 * p - row + 1)) / 2 + (col - row);
    K[at * unknowns + column] += i === b ? 2 * M[i * p + a] : M[i * p + a];
  }
}
