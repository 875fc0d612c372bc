// A manifold of SPD matrices seen through a congruence, P ↦ C⁻¹PC⁻ᵀ with M = C Cᵀ: linear, so that tangents go the same way and Euclidean derivatives the other, G ↦ CᵀGC.
import type { Vector } from "@hessia/core";
import { defineManifold, type GeodesicManifold, type ManifoldCore } from "../manifold.js";
import {
  factorCholesky,
  multiply,
  multiplyTransposeLeft,
  multiplyTransposeRight,
  solveLower,
  solveRowsLower,
  symmetrize,
} from "./dense.js";
import { spdBasics } from "./spd.js";

/** M is symmetric positive definite. */
export function congruence(
  routine: string,
  name: string,
  n: number,
  M: Vector,
  base: GeodesicManifold,
): GeodesicManifold {
  const size = n * n;
  const matrix = () => new Float64Array(size);
  const C = M.slice();
  factorCholesky(C, n);
  const [p, q, u, v, scratch] = [matrix(), matrix(), matrix(), matrix(), matrix()];
  /** out ← C⁻¹XC⁻ᵀ. */
  const inward = (out: Vector, X: Vector) => {
    out.set(X);
    solveLower(C, out, n, n);
    return symmetrize(solveRowsLower(C, out, n, n), n);
  };
  /** out ← CXCᵀ. */
  const outward = (out: Vector, X: Vector) => {
    multiply(scratch, C, X, n, n, n);
    return symmetrize(multiplyTransposeRight(out, scratch, C, n, n, n), n);
  };
  /** out ← Cᵀ sym(G) C. */
  const derivative = (out: Vector, G: Vector) => {
    out.set(G);
    multiply(scratch, symmetrize(out, n), C, n, n, n);
    return symmetrize(multiplyTransposeLeft(out, C, scratch, n, n, n), n);
  };

  return defineManifold({
    ...spdBasics(routine, n),
    name,
    retractions: base.retractions,
    retraction: base.retraction,
    retractionOrder: base.retractionOrder,
    transportKind: base.transportKind,
    injectivityRadius: base.injectivityRadius,
    typicalDistance: base.typicalDistance,

    inner: (P, U, V) => base.inner(inward(p, P), inward(u, U), inward(v, V)),
    expInto: (out, P, U, t = 1) => outward(out, base.expInto(v, inward(p, P), inward(u, U), t)),
    logInto: (out, P, Q) => outward(out, base.logInto(v, inward(p, P), inward(q, Q))),
    dist: (P, Q) => base.dist(inward(p, P), inward(q, Q)),
    retractInto: (out, P, U, t = 1) => outward(out, base.retractInto(v, inward(p, P), inward(u, U), t)),
    invRetractInto: (out, P, Q) => outward(out, base.logInto(v, inward(p, P), inward(q, Q))),
    transportInto: (out, P, Q, U) => outward(out, base.transportInto(v, inward(p, P), inward(q, Q), inward(u, U))),
    meanEvaluator(points, weights) {
      const inner = base.meanEvaluator!(
        points.map((P) => inward(matrix(), P)),
        weights,
      );
      return {
        ...inner,
        evaluateInto(gradient, x) {
          const value = inner.evaluateInto(v, inward(p, x));
          outward(gradient, v);
          return value;
        },
      };
    },
    euclideanToRiemannianGradientInto: (out, P, G) =>
      outward(out, base.euclideanToRiemannianGradientInto(v, inward(p, P), derivative(u, G))),
    euclideanToRiemannianHessianInto(out, P, G, H, U) {
      inward(p, P);
      inward(u, U);
      derivative(q, G);
      derivative(v, H);
      return outward(out, base.euclideanToRiemannianHessianInto(v, p, q, v, u));
    },
  } satisfies ManifoldCore) as GeodesicManifold;
}
