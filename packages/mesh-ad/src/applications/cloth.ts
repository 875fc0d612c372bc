// Cloth, a step of implicit Euler at a time: the next positions minimize
//
//   1/(2h²) Σ_v m_v ‖x_v − x̃_v‖² + E(x),   x̃ = x + h v + h² g,
//
// with E a membrane energy and hinge bending. Baraff, Witkin, "Large steps in cloth simulation" (1998), for implicit steps; Martin, Thomaszewski, Grinspun, Gross, "Example-based elastic materials" (2011), for the step as a minimum.
//
// Membrane: St. Venant–Kirchhoff, A_t (μ tr E² + λ/2 tr² E), E = (FᵀF − I)/2 with F = [b − a, c − a] R, 3 × 2; or springs along edges, k/2 (‖a − b‖/l − 1)² l.
// Bending: k w (θ − θ₀)², w = 3 ‖e‖² / (A₁ + A₂), at rest. Grinspun, Hirani, Desbrun, Schröder, "Discrete shells" (2003).
import { describe, misuse, requireFiniteVector, requireKnownOptions, requireNumber, requireOneOf } from "@hessia/core";
import { fromColumns, identity, mat2, scalar, vec3 } from "@hessia/core/kernel";
import type { MeshProblem } from "../function/mesh-problem.js";
import { scalarFunction } from "../function/scalar-function.js";
import { requirePositions, type TriangleMesh } from "../mesh/mesh.js";
import { dihedralAngles, edgeLengths, faceAreas } from "../operators/geometry.js";
import { vertexAreas } from "../operators/laplacian.js";
import { triangleRest } from "../operators/rest-shape.js";

export interface ClothOptions {
  /** "stvk" or "springs". Default "stvk". */
  readonly membrane?: "stvk" | "springs";
  /** Young's modulus of the membrane times its thickness, or the springs' k; > 0. Default 1000. */
  readonly stiffness?: number;
  /** Poisson's ratio for "stvk", in [0, 0.5). Default 0.3. */
  readonly poisson?: number;
  /** The bending's k, ≥ 0. Default 0.001. */
  readonly bending?: number;
  /** Mass by area, > 0. Default 0.2. */
  readonly density?: number;
  /** h, > 0. Default 0.01. */
  readonly timeStep?: number;
  /** g. Default [0, 0, −9.81]. */
  readonly gravity?: readonly [number, number, number];
  /** Vertices that don't move. */
  readonly fixed?: ArrayLike<number>;
  /**
   * Default "none": inertia makes nearly all Hessians positive definite, and `newton` shifts the others, so that steps converge quadratically. Clamped terms take two to four times
   * the iterations and more time an iteration.
   */
  readonly projection?: "none" | "clamp" | "absolute";
}

export interface Cloth {
  /** Positions and velocities, x, y, z a vertex; `advance` writes them. */
  readonly positions: Float64Array;
  readonly velocities: Float64Array;
  /** The problem of the next step: one for all steps; its start is that of the first. */
  readonly problem: MeshProblem;
  /** Free coordinates to begin the next step at: where the cloth comes with its velocity, x + h v. */
  start(): Float64Array;
  /** Takes a solution of the step: positions, velocities and the next step's x̃ follow. */
  advance(y: Float64Array): void;
  /** Kinetic energy, and that of the weight: ½ Σ m ‖v‖² − Σ m g · x. */
  energyOfMotion(): number;
}

/**
 * Cloth at rest in the shape of the mesh. Each step: solve `problem` from `start()`, then `advance`.
 * @throws ArgumentError when the mesh isn't manifold or has no positions, a triangle has no area, a vertex belongs to none, or an option is out of range.
 */
export function cloth(mesh: TriangleMesh, options: ClothOptions = {}): Cloth {
  const routine = "cloth";
  requireKnownOptions(routine, options, [
    "membrane",
    "stiffness",
    "poisson",
    "bending",
    "density",
    "timeStep",
    "gravity",
    "fixed",
    "projection",
  ]);
  const {
    membrane = "stvk",
    stiffness = 1000,
    poisson = 0.3,
    bending = 0.001,
    density = 0.2,
    timeStep: h = 0.01,
  } = options;
  const { gravity: g = [0, 0, -9.81], fixed = [], projection = "none" } = options;
  requireOneOf(routine, "options.membrane", membrane, ["stvk", "springs"]);
  const below = Number.POSITIVE_INFINITY;
  requireNumber(routine, "options.stiffness", stiffness, { above: 0, below });
  requireNumber(routine, "options.poisson", poisson, { atLeast: 0, below: 0.5 });
  requireNumber(routine, "options.bending", bending, { atLeast: 0, below });
  requireNumber(routine, "options.density", density, { above: 0, below });
  requireNumber(routine, "options.timeStep", h, { above: 0, below });
  if (!Array.isArray(g) || g.length !== 3 || !g.every(Number.isFinite))
    misuse(routine, "options.gravity", describe(g), "three finite numbers");
  const positions = requirePositions(routine, mesh).slice();
  const velocities = new Float64Array(positions.length);
  const mass = vertexAreas(mesh).map((area) => density * area);
  const target = new Float64Array(positions.length);
  const aim = () => {
    for (let i = 0; i < target.length; i++) target[i] = positions[i]! + h * velocities[i]! + h * h * g[i % 3]!;
  };
  aim();

  const energy = scalarFunction(mesh, { dimension: 3 }).addVertexTerms(
    { name: "inertia", vertexData: { to: [vec3, target], w: [scalar, mass.map((m) => m / (2 * h * h))] } },
    ([a], { vertexData: { to, w } }) => a.sub(to[0]!).squaredNorm().mul(w[0]!),
  );
  if (membrane === "springs") {
    energy.addEdgeTerms({ name: "membrane", data: { l: [scalar, edgeLengths(mesh)] } }, ([a, b], { data: { l } }) =>
      a
        .sub(b)
        .norm()
        .div(l)
        .sub(1)
        .square()
        .mul(l)
        .mul(stiffness / 2),
    );
  } else {
    const { inverse, area } = triangleRest(mesh);
    const mu = stiffness / (2 * (1 + poisson));
    // Plane stress.
    const lambda = (stiffness * poisson) / (1 - poisson * poisson);
    energy.addTriangleTerms(
      { name: "membrane", data: { R: [mat2, inverse], A: [scalar, area] } },
      ([a, b, c], { data: { R, A } }) => {
        const F = fromColumns(b.sub(a), c.sub(a)).mul(R);
        const E = F.transpose().mul(F).sub(identity(2)).scale(0.5);
        return A.mul(
          E.squaredNorm()
            .mul(mu)
            .add(
              E.trace()
                .square()
                .mul(lambda / 2),
            ),
        );
      },
    );
  }
  if (bending > 0) {
    energy.addHingeTerms(
      { name: "bending", data: { angle: [scalar, dihedralAngles(mesh)], w: [scalar, hingeWeights(mesh)] } },
      ([i, j, k, l], { data: { angle, w } }) => {
        const e = j.sub(i);
        const [n, m] = [e.cross(k.sub(i)), l.sub(i).cross(e)];
        const theta = n.cross(m).dot(e).atan2(n.dot(m).mul(e.norm()));
        return theta.sub(angle).square().mul(w).mul(bending);
      },
    );
  }
  const problem = energy.problem({ start: positions, fixed, projection });
  return {
    positions,
    velocities,
    problem,
    start: () => problem.restrict(positions.map((x, i) => x + h * velocities[i]!)),
    advance(y) {
      requireFiniteVector("advance", "y", y, problem.dimension);
      const next = problem.extend(y);
      for (let i = 0; i < next.length; i++) velocities[i] = (next[i]! - positions[i]!) / h;
      positions.set(next);
      aim();
      energy.setData("inertia", { to: target });
    },
    energyOfMotion() {
      let sum = 0;
      for (let i = 0; i < positions.length; i++) {
        const m = mass[Math.floor(i / 3)]!;
        sum += m * ((velocities[i]! * velocities[i]!) / 2 - g[i % 3]! * positions[i]!);
      }
      return sum;
    },
  };
}

/** 3 ‖e‖² / (A₁ + A₂) of each hinge. */
function hingeWeights(mesh: TriangleMesh): Float64Array {
  const areas = faceAreas(mesh);
  const lengths = edgeLengths(mesh);
  const { opposite, edge } = mesh.corners;
  const out: number[] = [];
  // In the order of `hinges`.
  for (let c = 0; c < opposite.length; c++) {
    const o = opposite[c]!;
    if (o > c) out.push((3 * lengths[edge[c]!]! ** 2) / (areas[Math.floor(c / 3)]! + areas[Math.floor(o / 3)]!));
  }
  return Float64Array.from(out);
}
