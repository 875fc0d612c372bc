export {
  defineManifold,
  type GeodesicManifold,
  isGeodesic,
  type Manifold,
  type ManifoldCore,
  type TransportKind,
} from "./manifold.js";
export { type Sphere, type SphereOptions, sphere } from "./manifolds/sphere.js";
export {
  acceptManifoldTrial,
  type HasManifold,
  type ManifoldHessianProblem,
  type ManifoldProblem,
  type ManifoldState,
  onManifold,
  type RiemannianTolerance,
  riemannianGradientNorm,
  startManifoldState,
} from "./problem.js";
export type { Random } from "./support/random.js";
