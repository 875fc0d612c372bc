// A solid of tetrahedra at rest under a load: compressible neo-Hookean elasticity
//
//   Σ_t V_t (μ/2 (‖F‖² − 3) − μ log det F + λ/2 log² det F) − Σ_v m_v g · x_v,   F = [b − a, c − a, d − a] R_t,   +∞ where det F ≤ 0.
//
// Bonet, Wood, "Nonlinear continuum mechanics for finite element analysis" (2nd ed., 2008); Lamé's λ and μ from Young's modulus and Poisson's ratio.
import { describe, misuse, requireKnownOptions, requireNumber } from "@hessia/core";
import { fromColumns, mat3, scalar, vec3 } from "@hessia/core/kernel";
import { infiniteUnless } from "../function/barrier.js";
import type { ProblemOptions } from "../function/mesh-problem.js";
import { type ScalarFunction, scalarFunction } from "../function/scalar-function.js";
import { requireTetrahedra, type TetrahedralMesh } from "../mesh/mesh.js";
import { tetrahedronRest } from "../operators/rest-shape.js";

export interface NeoHookeanOptions {
  /** Young's modulus, > 0. Default 1. */
  readonly young?: number;
  /** Poisson's ratio, in [0, 0.5). Default 0.3. */
  readonly poisson?: number;
  /** Mass by volume, ≥ 0. Default 1. */
  readonly density?: number;
  /** Acceleration g. Default none. */
  readonly gravity?: readonly [number, number, number];
}

/** Parameters μ, λ and gravity may be changed by `setParameters({ mu, lambda, gravity })`. */
export type NeoHookean = Pick<
  ScalarFunction<
    unknown,
    {
      mu: readonly [typeof scalar, number];
      lambda: readonly [typeof scalar, number];
      gravity: readonly [typeof vec3, readonly number[]];
    }
  >,
  "setParameters"
> & {
  /** The problem; hold vertices by `fixed`. Default projection "clamp". */
  problem(options?: ProblemOptions): ReturnType<ScalarFunction<unknown, Record<never, never>>["problem"]>;
};

/** @throws ArgumentError naming a tetrahedron that is inverted or without volume at rest, or an option out of range. */
export function neoHookean(mesh: TetrahedralMesh, options: NeoHookeanOptions = {}): NeoHookean {
  const routine = "neoHookean";
  requireTetrahedra(routine, mesh);
  requireKnownOptions(routine, options, ["young", "poisson", "density", "gravity"]);
  const { young = 1, poisson = 0.3, density = 1, gravity = [0, 0, 0] } = options;
  requireNumber(routine, "options.young", young, { above: 0, below: Number.POSITIVE_INFINITY });
  requireNumber(routine, "options.poisson", poisson, { atLeast: 0, below: 0.5 });
  requireNumber(routine, "options.density", density, { atLeast: 0, below: Number.POSITIVE_INFINITY });
  if (!Array.isArray(gravity) || gravity.length !== 3)
    misuse(routine, "options.gravity", describe(gravity), "three numbers");
  const { inverse, volume } = tetrahedronRest(mesh);
  const mass = new Float64Array(mesh.vertexCount);
  mesh.cells.forEach((v, i) => {
    mass[v]! += (density * volume[Math.floor(i / 4)]!) / 4;
  });
  const parameters = {
    mu: [scalar, young / (2 * (1 + poisson))],
    lambda: [scalar, (young * poisson) / ((1 + poisson) * (1 - 2 * poisson))],
    gravity: [vec3, gravity],
  } as const;
  const energy = scalarFunction(mesh, { dimension: 3, parameters })
    .addTetrahedronTerms(
      { name: "elasticity", data: { R: [mat3, inverse], V: [scalar, volume] } },
      ([a, b, c, d], { data: { R, V }, parameters: { mu, lambda } }) => {
        const F = fromColumns(b.sub(a), c.sub(a), d.sub(a)).mul(R);
        const J = F.det();
        const L = J.log();
        const shape = F.squaredNorm().sub(3).mul(0.5).sub(L).mul(mu);
        return V.mul(shape.add(L.square().mul(0.5).mul(lambda))).add(infiniteUnless(J.gt(0)));
      },
    )
    .addVertexTerms({ name: "weight", vertexData: { m: [scalar, mass] } }, ([a], { vertexData: { m }, parameters }) =>
      a.dot(parameters.gravity).mul(m[0]!).neg(),
    );
  return {
    setParameters: energy.setParameters as NeoHookean["setParameters"],
    problem: (problemOptions = {}) => energy.problem({ projection: "clamp", ...problemOptions }),
  };
}
