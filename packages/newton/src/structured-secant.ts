// The structured secant update of S ≈ Σ rᵢ∇²rᵢ.
//
//   S⁺ = τS + (w yᵀ + y wᵀ)/yᵀp − (wᵀp/(yᵀp)²) y yᵀ,   w = y# − τSp,   τ = min(1, |pᵀy#| / |pᵀSp|)
//
// so that S⁺p = y# = (J⁺ − J)ᵀr⁺. Dennis, Gay, Welsch 1981, ACM Trans. Math. Softw. 7(3), eq. 2.8, with the sizing of eq. 3.4.
import { denseMatrix, type Vector } from "@hessia/core";
import { dot, multiplyVectorInto, norm2 } from "@hessia/core/linear";

/** Overwrites S (row-major n × n, symmetric); leaves it as it is where yᵀp isn't safely positive. y is the change of ∇f along p. */
export function structuredSecantInto(S: Vector, p: Vector, y: Vector, ySharp: Vector): void {
  const n = p.length;
  const yp = dot(y, p);
  if (!(yp > 1e-10 * norm2(y) * norm2(p))) return;
  const Sp = multiplyVectorInto(new Float64Array(n), denseMatrix(n, n, S), p);
  const along = dot(p, Sp);
  const tau = along === 0 ? 1 : Math.min(1, Math.abs(dot(p, ySharp) / along));
  const rest = ySharp.map((v, i) => v - tau * Sp[i]!);
  const middle = dot(p, rest) / yp;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      S[i * n + j] = tau * S[i * n + j]! + (rest[i]! * y[j]! + y[i]! * rest[j]! - middle * y[i]! * y[j]!) / yp;
}
