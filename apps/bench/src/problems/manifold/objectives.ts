// Objectives of the suite `manifold` with Euclidean gradients and products with the Hessian, as a user of the package writes them.
import type { GradientProblem, HasHessianApply, Vector } from "@hessia/core";
import { denseBackend } from "@hessia/core/linear";
import type { ManifoldInput } from "./inputs.js";

export interface Objective extends GradientProblem, HasHessianApply {
  valueAndGradientInto(out: Vector, x: Vector): number;
}

const arraysOf = ({ arrays }: ManifoldInput, ...names: readonly string[]): readonly Float64Array[] =>
  names.map((name) => arrays[name]!.data);

/** Y = A X for one A (n × n) and many X (n × p), in the kernels' own memory. */
function multiplier(A: Float64Array, n: number, p: number): (X: Vector) => Vector {
  const memory = denseBackend().allocate(n * n + 2 * n * p);
  const [x, y] = [n * n, n * n + n * p];
  memory.set(A);
  return (X) => {
    memory.set(X, x);
    memory.fill(0, y);
    denseBackend().gemmStrided(n, p, n, 1, memory, 0, n, 1, memory, x, p, 1, memory, y, p);
    return memory.subarray(y);
  };
}

const dot = (a: Vector, b: Vector): number => {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
};

/** ½ tr(XᵀAXN). */
export function brockett(input: ManifoldInput): Objective {
  const [A, N] = arraysOf(input, "A", "N") as [Float64Array, Float64Array];
  const [n, p] = input.arrays.start!.shape as [number, number];
  const times = multiplier(A, n, p);
  const weighted = (out: Vector, X: Vector) => {
    const AX = times(X);
    for (let k = 0; k < n * p; k++) out[k] = AX[k]! * N[k % p]!;
    return out;
  };
  const held = new Float64Array(n * p);
  return {
    dimension: n * p,
    value: (X) => 0.5 * dot(weighted(held, X), X),
    gradientInto: weighted,
    valueAndGradientInto: (out, X) => 0.5 * dot(weighted(out, X), X),
    hessianApplyInto: (out, _X, U) => weighted(out, U),
  };
}

/** ½ tr(XᵀGX) − tr(XᵀC) + ½‖B‖². */
export function procrustes(input: ManifoldInput): Objective {
  const [G, C, half] = arraysOf(input, "G", "C", "half") as [Float64Array, Float64Array, Float64Array];
  const [n, p] = input.arrays.start!.shape as [number, number];
  const times = multiplier(G, n, p);
  const valueAndGradientInto = (out: Vector, X: Vector) => {
    const GX = times(X);
    for (let k = 0; k < n * p; k++) out[k] = GX[k]! - C[k]!;
    return 0.5 * dot(GX, X) - dot(X, C) + half[0]!;
  };
  return {
    dimension: n * p,
    value: (X) => 0.5 * dot(times(X), X) - dot(X, C) + half[0]!,
    gradientInto(out, X) {
      valueAndGradientInto(out, X);
      return out;
    },
    valueAndGradientInto,
    hessianApplyInto(out, _X, U) {
      out.set(times(U));
      return out;
    },
  };
}

/** −½ Σ_k ‖diag(XᵀC_kX)‖². */
export function jointDiagonalization(input: ManifoldInput): Objective {
  const [C] = arraysOf(input, "C") as [Float64Array];
  const [count, n] = input.arrays.C!.shape as [number, number];
  const size = n * n;
  // All C_k above one another: one product gives every C_k X.
  const memory = denseBackend().allocate(count * size + size + count * size);
  const [x, y] = [count * size, (count + 1) * size];
  memory.set(C);
  const all = (X: Vector) => {
    memory.set(X, x);
    memory.fill(0, y);
    denseBackend().gemmStrided(count * n, n, n, 1, memory, 0, n, 1, memory, x, n, 1, memory, y, n);
    return memory.subarray(y);
  };
  /** d_kj = Σ_i X_ij (C_k Y)_ij. */
  const diagonals = (out: Vector, X: Vector, CY: Vector) => {
    out.fill(0);
    for (let k = 0; k < count; k++)
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) out[k * n + j]! += X[i * n + j]! * CY[k * size + i * n + j]!;
    return out;
  };
  /** out ← out + factor Σ_k C_k Y diag(d_k). */
  const accumulate = (out: Vector, CY: Vector, d: Vector, factor: number) => {
    for (let k = 0; k < count; k++)
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) out[i * n + j]! += factor * CY[k * size + i * n + j]! * d[k * n + j]!;
    return out;
  };
  const d = new Float64Array(count * n);
  const e = new Float64Array(count * n);
  const CX = new Float64Array(count * size);
  return {
    dimension: size,
    value(X) {
      diagonals(d, X, all(X));
      return -0.5 * dot(d, d);
    },
    gradientInto(out, X) {
      const products = all(X);
      return accumulate(out.fill(0), products, diagonals(d, X, products), -2);
    },
    valueAndGradientInto(out, X) {
      const products = all(X);
      accumulate(out.fill(0), products, diagonals(d, X, products), -2);
      return -0.5 * dot(d, d);
    },
    hessianApplyInto(out, X, U) {
      CX.set(all(X));
      diagonals(d, X, CX);
      diagonals(e, U, CX);
      accumulate(out.fill(0), CX, e, -4);
      return accumulate(out, all(U), d, -2);
    },
  };
}

/** ½ Σ over the entries seen of ((U S Vᵀ)_ij − value)², as a function of U, S (r × r) and V, one after another: G, the residuals as a sparse matrix, is never formed densely. */
export function completion(input: ManifoldInput): Objective {
  const [rows, cols, values] = arraysOf(input, "rows", "cols", "values") as [Float64Array, Float64Array, Float64Array];
  const [n, r] = input.arrays.startU!.shape as [number, number];
  const m = input.arrays.startV!.shape[0]!;
  const [I, J] = [Int32Array.from(rows), Int32Array.from(cols)];
  const count = I.length;
  const parts = (x: Vector) =>
    [x.subarray(0, n * r), x.subarray(n * r, n * r + r * r), x.subarray(n * r + r * r)] as const;
  const US = new Float64Array(n * r);
  const other = new Float64Array(n * r);
  const residual = new Float64Array(count);
  const moved = new Float64Array(count);
  const GV = new Float64Array(n * r);
  const GtU = new Float64Array(m * r);
  /** out ← A B, A rows × r, B r × r. */
  const timesSmall = (out: Vector, A: Vector, B: Vector, size: number) => {
    for (let i = 0; i < size; i++)
      for (let j = 0; j < r; j++) {
        let sum = 0;
        for (let k = 0; k < r; k++) sum += A[i * r + k]! * B[k * r + j]!;
        out[i * r + j] = sum;
      }
    return out;
  };
  /** out_s ← (A Bᵀ) at the entries seen, added to `base` times −1 where given. */
  const entries = (out: Vector, A: Vector, B: Vector, minus?: Vector) => {
    for (let s = 0; s < count; s++) {
      const a = I[s]! * r;
      const b = J[s]! * r;
      let sum = minus === undefined ? out[s]! : -minus[s]!;
      for (let k = 0; k < r; k++) sum += A[a + k]! * B[b + k]!;
      out[s] = sum;
    }
    return out;
  };
  /** GV += G V, GtU += Gᵀ U. */
  const products = (g: Vector, U: Vector, V: Vector) => {
    for (let s = 0; s < count; s++) {
      const a = I[s]! * r;
      const b = J[s]! * r;
      const value = g[s]!;
      for (let k = 0; k < r; k++) {
        GV[a + k] = GV[a + k]! + value * V[b + k]!;
        GtU[b + k] = GtU[b + k]! + value * U[a + k]!;
      }
    }
  };
  /** ∂U += GV Sᵀ, ∂S += UᵀGV, ∂V += GᵀU S. */
  const assemble = (out: Vector, U: Vector, S: Vector) => {
    const [dU, dS, dV] = parts(out);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < r; j++) {
        let sum = 0;
        for (let k = 0; k < r; k++) {
          sum += GV[i * r + k]! * S[j * r + k]!;
          dS[j * r + k]! += U[i * r + j]! * GV[i * r + k]!;
        }
        dU[i * r + j]! += sum;
      }
    for (let i = 0; i < m; i++)
      for (let j = 0; j < r; j++) {
        let sum = 0;
        for (let k = 0; k < r; k++) sum += GtU[i * r + k]! * S[k * r + j]!;
        dV[i * r + j]! += sum;
      }
    return out;
  };
  const residuals = (x: Vector) => {
    const [U, S, V] = parts(x);
    return entries(residual, timesSmall(US, U, S, n), V, values);
  };
  const valueAndGradientInto = (out: Vector, x: Vector) => {
    const [U, S, V] = parts(x);
    const g = residuals(x);
    GV.fill(0);
    GtU.fill(0);
    products(g, U, V);
    assemble(out.fill(0), U, S);
    return 0.5 * dot(g, g);
  };
  return {
    dimension: n * r + r * r + m * r,
    value(x) {
      const g = residuals(x);
      return 0.5 * dot(g, g);
    },
    gradientInto(out, x) {
      valueAndGradientInto(out, x);
      return out;
    },
    valueAndGradientInto,
    hessianApplyInto(out, x, u) {
      const [U, S, V] = parts(x);
      const [dU, dS, dV] = parts(u);
      const g = residuals(x);
      // Ẋ = (U̇S + UṠ)Vᵀ + US V̇ᵀ at the entries seen.
      timesSmall(other, U, dS, n);
      timesSmall(GV, dU, S, n);
      for (let k = 0; k < other.length; k++) other[k] = other[k]! + GV[k]!;
      entries(entries(moved.fill(0), other, V), US, dV);
      // Ġ with the factors as they are, and G with each of the factors moved.
      GV.fill(0);
      GtU.fill(0);
      products(moved, U, V);
      products(g, dU, dV);
      assemble(out.fill(0), U, S);
      GV.fill(0);
      GtU.fill(0);
      products(g, U, V);
      const [oU, oS, oV] = parts(out);
      for (let i = 0; i < n; i++)
        for (let j = 0; j < r; j++) {
          let sum = 0;
          for (let k = 0; k < r; k++) {
            sum += GV[i * r + k]! * dS[j * r + k]!;
            oS[j * r + k]! += dU[i * r + j]! * GV[i * r + k]!;
          }
          oU[i * r + j]! += sum;
        }
      for (let i = 0; i < m; i++)
        for (let j = 0; j < r; j++) {
          let sum = 0;
          for (let k = 0; k < r; k++) sum += GtU[i * r + k]! * dS[k * r + j]!;
          oV[i * r + j]! += sum;
        }
      return out;
    },
  };
}
