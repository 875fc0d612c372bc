// A function of a subspace: f(X) = ½ tr(XᵀBX) + ¼ tr((XᵀCX)²), which is the same for X and XQ.
import type { HasGradient, HasHessianApply, HasValue, Vector } from "@hessia/core";
import { frobenius, multiply, multiplyTransposeLeft, symmetrize } from "./dense.js";
import { gaussianInto, type Random } from "./random.js";

/** With random symmetric B and C of n × n; X is n × p. */
export function quadraticTraceProblem(n: number, p: number, random: Random): HasValue & HasGradient & HasHessianApply {
  const symmetric = () => symmetrize(gaussianInto(new Float64Array(n * n), random), n);
  const [B, C] = [symmetric(), symmetric()];
  const wide = () => new Float64Array(n * p);
  const small = () => new Float64Array(p * p);
  const [BX, CX, CU, sum] = [wide(), wide(), wide(), wide()];
  const [S, T] = [small(), small()];
  const products = (X: Vector) => {
    multiply(BX, B, X, n, n, p);
    multiply(CX, C, X, n, n, p);
    multiplyTransposeLeft(S, X, CX, p, n, p);
  };
  return {
    dimension: n * p,
    value(X) {
      products(X);
      return 0.5 * frobenius(X, BX) + 0.25 * frobenius(S, S);
    },
    gradientInto(out, X) {
      products(X);
      multiply(sum, CX, S, n, p, p);
      for (let k = 0; k < n * p; k++) out[k] = BX[k] + sum[k];
      return out;
    },
    hessianApplyInto(out, X, U) {
      products(X);
      multiply(CU, C, U, n, n, p);
      multiplyTransposeLeft(T, X, CU, p, n, p);
      for (let i = 0; i < p; i++)
        for (let j = 0; j <= i; j++) T[i * p + j] = T[j * p + i] = T[i * p + j] + T[j * p + i];
      multiply(sum, CU, S, n, p, p);
      multiply(CU, CX, T, n, p, p);
      multiply(BX, B, U, n, n, p);
      for (let k = 0; k < n * p; k++) out[k] = BX[k] + sum[k] + CU[k];
      return out;
    },
  };
}
