// Every identity that a manifold's functions must satisfy, measured at random points: what is off by more than rounding, and by how much.
import { ArgumentError, misuse, requireKnownOptions, requireNumber, type Vector } from "@hessia/core";
import { norm2 } from "@hessia/core/linear";
import type { Manifold } from "../manifold.js";
import type { Random } from "../support/random.js";
import { type Identity, type Measured, manifoldIdentities, type Sample } from "./identities.js";
import { sampleProblemOf } from "./sample-problem.js";

export interface CheckManifoldOptions {
  /** Uniform in [0, 1): where points and tangents come from. */
  readonly random: Random;
  /** How many random points. Default 3. */
  readonly points?: number;
  /** A point to check at instead of random ones: an ill-conditioned one, for example. */
  readonly at?: Vector;
  /** The length of the tangents that are followed, halved where geodesics end earlier. Default min(1, typicalDistance/4, injectivityRadius/4). */
  readonly distance?: number;
  /** The relative error up to which an identity holds. Default 1e-9. */
  readonly tolerance?: number;
}

/** One identity, the worst of all samples. */
export interface IdentityRow {
  readonly identity: string;
  /** The relative error; for the order of a retraction, by how much the fitted order falls short. */
  readonly error: number;
  readonly holds: boolean;
}

export interface ManifoldCheck {
  readonly manifold: string;
  /** Whether all of the identities hold. */
  readonly holds: boolean;
  readonly rows: readonly IdentityRow[];
  /** The rows that don't hold: what is lost. */
  readonly lost: readonly IdentityRow[];
}

/**
 * Measures on a manifold: projection (idempotent, self-adjoint), inner product (symmetric, positive, bilinear), gradient and Hessian against finite differences along geodesics,
 * symmetry of the Hessian, exp∘log and log∘exp, dist = ‖log‖ and its symmetry, transport (tangent, the identity at x; where parallel, isometric, reversible, and right on the
 * geodesic's own velocity), retraction (on the manifold, R(0) = x, its order by a fitted slope, its inverse), the dimension by the rank of random tangents, and that an output may be
 * any of the inputs. What a manifold doesn't have isn't in the table.
 * @throws ArgumentError when an option is wrong or `at` isn't a point.
 */
export function checkManifold(manifold: Manifold, options: CheckManifoldOptions): ManifoldCheck {
  const routine = "checkManifold";
  requireKnownOptions(routine, options, ["random", "points", "at", "distance", "tolerance"]);
  const { random, at, tolerance = 1e-9 } = options;
  if (typeof random !== "function")
    misuse(routine, "options.random", String(random), "a function that answers uniform numbers in [0, 1)");
  const { points = 3, distance = Math.min(1, manifold.typicalDistance / 4, radiusOf(manifold) / 4) } = options;
  requireNumber(routine, "options.points", points, { atLeast: 1, integer: true });
  requireNumber(routine, "options.distance", distance, { above: 0, below: Number.POSITIVE_INFINITY });
  requireNumber(routine, "options.tolerance", tolerance, { above: 0 });
  if (at !== undefined) manifold.checkPoint(routine, "options.at", at);

  const worst = new Map<string, { measured: Measured; identity: Identity }>();
  for (let k = 0; k < points; k++) {
    const x = at ?? manifold.randomPoint(random);
    const sample = newSample(manifold, x, distance, random);
    for (const identity of manifoldIdentities) {
      const measured = identity.measure(sample);
      if (measured === undefined) continue;
      const known = worst.get(identity.name);
      if (known === undefined || !(measured.error <= known.measured.error))
        worst.set(identity.name, { measured, identity });
    }
  }
  const rows = [...worst.values()].map(({ measured, identity }) => ({
    identity: identity.name,
    error: measured.error,
    holds: measured.error <= (identity.tolerance ?? tolerance),
  }));
  const lost = rows.filter((row) => !row.holds);
  return { manifold: manifold.name, holds: lost.length === 0, rows, lost };
}

/** 0 stands for "depends on the point". */
const radiusOf = ({ injectivityRadius }: Manifold) => (injectivityRadius > 0 ? injectivityRadius : 1);

/** Halves both tangents until the geodesic of the first, forwards and a little back, lies in the domain of a metric that isn't complete. */
function shorten(manifold: Manifold, x: Vector, u: Vector, v: Vector): void {
  const point = manifold.zero();
  const inside = () => {
    try {
      for (const t of [1, -0.2]) {
        if (manifold.expInto) manifold.expInto(point, x, u, t);
        else manifold.retractInto(point, x, u, t);
        if (!point.every(Number.isFinite)) return false;
      }
      return true;
    } catch (error) {
      if (error instanceof ArgumentError) return false;
      throw error;
    }
  };
  for (let halvings = 0; halvings < 60 && !inside(); halvings++)
    for (let i = 0; i < u.length; i++) {
      u[i] *= 0.5;
      v[i] *= 0.5;
    }
}

function newSample(manifold: Manifold, x: Vector, distance: number, random: Random): Sample {
  const tangent = () => {
    const u = manifold.randomTangent(x, random);
    for (let i = 0; i < u.length; i++) u[i] *= distance;
    return u;
  };
  const [u, v] = [tangent(), tangent()];
  shorten(manifold, x, u, v);
  const ambient = () => new Float64Array(manifold.length).map(() => 2 * random() - 1);
  const y = new Float64Array(manifold.length);
  if (manifold.expInto) manifold.expInto(y, x, u);
  else manifold.retractInto(y, x, u);
  const [a, b] = [ambient(), ambient()];
  // Of the size of the point, so that errors are relative to it.
  const size = norm2(x) || 1;
  for (let i = 0; i < a.length; i++) a[i] *= size;
  return { manifold, x, y, u, v, a, b, problem: sampleProblemOf(manifold, random), random };
}
