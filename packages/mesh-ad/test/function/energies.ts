// Energies for tests: each with a mesh, a start that isn't special, and what a term is in plain numbers.
import { fromColumns, scalar, vec3 } from "@hessia/core/kernel";
import {
  boxOfTetrahedra,
  gridMesh,
  icosphere,
  type MeshProblem,
  type ProblemOptions,
  scalarFunction,
} from "../../src/index.js";

/** A repeatable number in [−1, 1) for a whole number. */
export const noise = (i: number) => (Math.sin(12.9898 * (i + 1)) * 43758.5453) % 1;
export const jittered = (x: Float64Array, size: number) => x.map((value, i) => value + size * noise(i));

const ball = icosphere(1);
const sheet = gridMesh(3, 2);
const box = boxOfTetrahedra(1, 2, 1);
const flat = Float64Array.from({ length: 2 * sheet.vertexCount }, (_, i) => sheet.positions![3 * (i >> 1) + (i & 1)]!);

export interface Energy {
  readonly name: string;
  readonly start: Float64Array;
  readonly problem: (options?: ProblemOptions) => MeshProblem;
  /** Whether moving, and turning, all vertices changes nothing. */
  readonly isInvariant: boolean;
  readonly dimension: number;
}

const energy = (
  name: string,
  make: () => { problem: (o?: ProblemOptions) => MeshProblem },
  start: Float64Array,
  dimension: number,
  isInvariant: boolean,
): Energy => ({
  name,
  start,
  dimension,
  isInvariant,
  problem: (options = {}) => make().problem({ start, ...options }),
});

export const energies: readonly Energy[] = [
  energy(
    "vertices",
    () =>
      scalarFunction(ball, { dimension: 3 }).addVertexTerms(
        {
          vertexData: { to: [vec3, jittered(ball.positions!, 0.2)] },
        },
        ([a], { vertexData: { to } }) => a.sub(to[0]!).squaredNorm().square(),
      ),
    ball.positions!,
    3,
    false,
  ),
  energy(
    "edges: springs",
    () =>
      scalarFunction(ball, { dimension: 3, parameters: { stiffness: [scalar, 2] } }).addEdgeTerms(
        { data: { length: [scalar, (e) => 0.5 + 0.2 * noise(e)] } },
        ([a, b], { data: { length }, parameters: { stiffness } }) =>
          a.sub(b).norm().sub(length).square().mul(stiffness),
      ),
    jittered(ball.positions!, 0.2),
    3,
    true,
  ),
  energy(
    "triangles: symmetric Dirichlet",
    () =>
      scalarFunction(sheet, { dimension: 2 }).addTriangleTerms(([a, b, c]) => {
        const J = fromColumns(b.sub(a), c.sub(a));
        return J.squaredNorm().mul(J.det().square().inv().add(1));
      }),
    jittered(flat, 0.03),
    2,
    true,
  ),
  energy(
    "corners: angles",
    () =>
      scalarFunction(ball, { dimension: 3 }).addCornerTerms(([tip, next, previous]) => {
        const [u, v] = [next.sub(tip), previous.sub(tip)];
        return u
          .cross(v)
          .norm()
          .atan2(u.dot(v))
          .sub(Math.PI / 3)
          .square();
      }),
    jittered(ball.positions!, 0.1),
    3,
    true,
  ),
  energy(
    "hinges: bending",
    () =>
      scalarFunction(ball, { dimension: 3 }).addHingeTerms(([i, j, k, l]) => {
        const e = j.sub(i);
        const [n, m] = [e.cross(k.sub(i)), l.sub(i).cross(e)];
        return n.cross(m).dot(e).atan2(n.dot(m).mul(e.norm())).square();
      }),
    jittered(ball.positions!, 0.1),
    3,
    true,
  ),
  energy(
    "tetrahedra: neo-Hookean",
    () =>
      scalarFunction(box, { dimension: 3 }).addTetrahedronTerms(([a, b, c, d]) => {
        const F = fromColumns(b.sub(a), c.sub(a), d.sub(a));
        const L = F.det().log();
        return F.squaredNorm().sub(3).sub(L.mul(2)).add(L.square());
      }),
    jittered(box.positions!, 0.1),
    3,
    true,
  ),
  energy(
    "stars: Laplacian, squared",
    () =>
      scalarFunction(ball, { dimension: 3 }).addStarTerms(([centre, ...ring], { valence }) => {
        const sum = ring.reduce((total, v) => total.add(v));
        return sum
          .scale(1 / valence)
          .sub(centre)
          .squaredNorm()
          .add(1)
          .sqrt();
      }),
    jittered(ball.positions!, 0.3),
    3,
    true,
  ),
  energy(
    "tuples of residuals",
    () =>
      scalarFunction(ball, { dimension: 3 }).addTerms(
        [
          [0, 5, 9, 11, 3],
          [1, 2, 3, 4, 5],
          [6, 7, 8, 9, 0],
          [10, 12, 14, 16, 18],
        ],
        ([a, b, c, d, e]) => a.cross(b!).add(c!.sub(d!)).scale(e!.squaredNorm()),
      ),
    jittered(ball.positions!, 0.3),
    3,
    false,
  ),
];
