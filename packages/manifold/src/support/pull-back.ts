// A metric on SPD matrices pulled back from another manifold of symmetric matrices by a matrix function F, g_P(U, V) = scale · h_{F(P)}(DF(P)[U], DF(P)[V]): log-Euclidean and
// power-Euclidean metrics from the flat one, power deformations of the Bures–Wasserstein one.
//
// Thanwerdas, Pennec 2022, "The geometry of mixed-Euclidean metrics on symmetric positive definite matrices", Differ. Geom. Appl. 81, for the deformations. Exponential, logarithm,
// distance and transport are those of the other manifold between F and F⁻¹; the Euclidean derivatives of f ∘ F⁻¹ are G̃ = DF⁻¹[G] and DF⁻¹[H − (D²F[U])*G̃], since DF is self-adjoint.
import { misuse, type Vector } from "@hessia/core";
import { defineManifold, type GeodesicManifold, type ManifoldCore } from "../manifold.js";
import { symmetrize } from "./dense.js";
import { applyFunctionInto, eigenInto, newEigenWork } from "./eigen.js";
import { derivativeInto, type SpectralMap, secondDerivativeAdjointInto } from "./kernel-metric.js";
import type { MeanEvaluator } from "./mean-evaluator.js";
import { refusePoint, spdBasics } from "./spd.js";

export interface PullBack {
  readonly routine: string;
  readonly name: string;
  readonly n: number;
  readonly map: SpectralMap;
  readonly scale: number;
  /** The manifold of F(P): symmetric matrices, or SPD matrices with another metric. */
  readonly target: GeodesicManifold;
  readonly injectivityRadius: number;
}

export function pullBack({ routine, name, n, map, scale, target, injectivityRadius }: PullBack): GeodesicManifold {
  const size = n * n;
  const eigen = newEigenWork(n);
  const matrix = () => new Float64Array(size);
  const [F, FQ, DU, W, A, B, C, G] = Array.from({ length: 8 }, matrix) as [
    Vector,
    Vector,
    Vector,
    Vector,
    Vector,
    Vector,
    Vector,
    Vector,
  ];
  const basics = spdBasics(routine, n);
  /** out ← F(P), the eigendecomposition of P stays in `eigen`. */
  const mapInto = (out: Vector, P: Vector) => {
    eigenInto(eigen, P);
    return applyFunctionInto(out, eigen, map.value);
  };
  /** out ← F⁻¹(X). False, and NaN, where an eigenvalue isn't a value of F. */
  const unmapInto = (out: Vector, X: Vector) => {
    eigenInto(eigen, X);
    applyFunctionInto(out, eigen, map.inverse);
    return Number.isFinite(out[0]) && out.every(Number.isFinite);
  };
  const requirePoint = (member: string, argument: string, P: Vector) => {
    if (!(eigen.values[0] > 0)) refusePoint(basics, `${routine}.${member}`, argument, P);
  };
  const outside = (member: string) =>
    misuse(
      `${routine}.${member}`,
      "u",
      "longer than the geodesic, which leaves the positive definite matrices",
      "a shorter tangent: this metric isn't complete",
    );
  const expInto = (out: Vector, P: Vector, U: Vector, t = 1) => {
    mapInto(F, P);
    requirePoint("expInto", "x", P);
    derivativeInto(DU, eigen, map, U);
    target.expInto(W, F, DU, t);
    if (!unmapInto(out, W)) outside("expInto");
    return out;
  };
  const logInto = (out: Vector, P: Vector, Q: Vector) => {
    mapInto(FQ, Q);
    requirePoint("logInto", "y", Q);
    mapInto(F, P);
    requirePoint("logInto", "x", P);
    target.logInto(W, F, FQ);
    return derivativeInto(out, eigen, map, W, true);
  };

  return defineManifold({
    ...basics,
    name,
    retractions: ["exp"],
    retraction: "exp",
    retractionOrder: 2,
    transportKind: target.transportKind,
    injectivityRadius,
    typicalDistance: Math.sqrt((n * (n + 1)) / 2),

    inner(P, U, V) {
      mapInto(F, P);
      derivativeInto(DU, eigen, map, U);
      return scale * target.inner(F, DU, U === V ? DU : derivativeInto(W, eigen, map, V));
    },
    expInto,
    logInto,
    dist(P, Q) {
      mapInto(FQ, Q);
      requirePoint("dist", "y", Q);
      mapInto(F, P);
      requirePoint("dist", "x", P);
      return Math.sqrt(scale) * target.dist(F, FQ);
    },
    retractInto(out, P, U, t = 1) {
      mapInto(F, P);
      if (!(eigen.values[0] > 0)) return out.fill(Number.NaN);
      derivativeInto(DU, eigen, map, U);
      target.retractInto(W, F, DU, t);
      return unmapInto(out, W) ? out : out.fill(Number.NaN);
    },
    invRetractInto: logInto,
    transportInto(out, P, Q, U) {
      mapInto(F, P);
      derivativeInto(DU, eigen, map, U);
      mapInto(FQ, Q);
      target.transportInto(W, F, FQ, DU);
      return derivativeInto(out, eigen, map, W, true);
    },
    euclideanToRiemannianGradientInto(out, P, gradient) {
      mapInto(F, P);
      G.set(gradient);
      derivativeInto(G, eigen, map, symmetrize(G, n), true);
      target.euclideanToRiemannianGradientInto(G, F, G);
      derivativeInto(out, eigen, map, G, true);
      for (let k = 0; k < size; k++) out[k] /= scale;
      return out;
    },
    euclideanToRiemannianHessianInto(out, P, gradient, hessianTimesU, U) {
      mapInto(F, P);
      G.set(gradient);
      derivativeInto(G, eigen, map, symmetrize(G, n), true);
      secondDerivativeAdjointInto(W, eigen, map, G, U, A, B, C);
      for (let k = 0; k < size; k++) W[k] = hessianTimesU[k] - W[k];
      derivativeInto(W, eigen, map, symmetrize(W, n), true);
      derivativeInto(DU, eigen, map, U);
      target.euclideanToRiemannianHessianInto(W, F, G, W, DU);
      derivativeInto(out, eigen, map, W, true);
      for (let k = 0; k < size; k++) out[k] /= scale;
      return out;
    },
    ...(target.meanEvaluator === undefined
      ? {}
      : {
          meanEvaluator(points: readonly Vector[], weights: Vector): MeanEvaluator {
            const images = points.map((Q) => mapInto(matrix(), Q));
            const inner = target.meanEvaluator!(images, weights);
            const { transportInto: _, ...rest } = inner;
            return {
              ...rest,
              evaluateInto(gradient, x) {
                mapInto(F, x);
                const value = inner.evaluateInto(W, F);
                derivativeInto(gradient, eigen, map, W, true);
                return scale * value;
              },
              transportInto: (out, _x, _y, u) => {
                if (out !== u) out.set(u);
                return out;
              },
            };
          },
        }),
    ...(target.sectionalCurvature === undefined
      ? {}
      : {
          sectionalCurvature(P: Vector, U: Vector, V: Vector) {
            mapInto(F, P);
            derivativeInto(DU, eigen, map, U);
            derivativeInto(W, eigen, map, V);
            return target.sectionalCurvature!(F, DU, W) / scale;
          },
        }),
  } satisfies ManifoldCore) as GeodesicManifold;
}
