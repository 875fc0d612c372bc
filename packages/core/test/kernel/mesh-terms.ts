// Energies of meshes as kernels, and their derivatives by other ways: for tests of how Hessians are derived.
import { kernel, mat2, mat3, math, scalar, vec2, vec3 } from "../../src/kernel/index.js";
import { fromColumns } from "../../src/kernel/matrices.js";

/** Symmetric Dirichlet energy of a triangle: J = [b − a, c − a] R, A ‖J‖² (1 + 1/det²J). */
export const symmetricDirichlet = kernel(
  { inputs: { a: vec2, b: vec2, c: vec2 }, parameters: { R: mat2, area: scalar } },
  ({ a, b, c }, { R, area }) => {
    const J = fromColumns(b.sub(a), c.sub(a)).mul(R);
    return math`${area} * ${J.squaredNorm()} * (1 + 1 / ${J.det()}^2)`;
  },
);

/** Neo-Hookean tetrahedron: F = [b − a, c − a, d − a] R, μ/2 (‖F‖² − 3 − 2 log J) + λ/2 log²J. */
export const neoHookean = kernel(
  {
    inputs: { a: vec3, b: vec3, c: vec3, d: vec3 },
    parameters: { R: mat3, volume: scalar, mu: scalar, lambda: scalar },
  },
  ({ a, b, c, d }, { R, volume, mu, lambda }) => {
    const F = fromColumns(b.sub(a), c.sub(a), d.sub(a)).mul(R);
    const L = F.det().log();
    return math`${volume} * (${mu} / 2 * (${F.squaredNorm()} - 3 - 2 * ${L}) + ${lambda} / 2 * ${L}^2)`;
  },
);

/** Bending at an edge (a, b) between triangles with the tips c and d: k (θ − θ₀)². */
export const hinge = kernel(
  { inputs: { a: vec3, b: vec3, c: vec3, d: vec3 }, parameters: { angle: scalar, stiffness: scalar } },
  ({ a, b, c, d }, { angle, stiffness }) => {
    const e = b.sub(a);
    const n = e.cross(c.sub(a));
    const m = d.sub(a).cross(e);
    return math`${stiffness} * (atan2(dot(cross(${n}, ${m}), ${e}), dot(${n}, ${m}) * norm(${e})) - ${angle})^2`;
  },
);

/** A spring between two points in space: k (‖b − a‖ − l)². */
export const spring = kernel(
  { inputs: { a: vec3, b: vec3 }, parameters: { length: scalar, stiffness: scalar } },
  ({ a, b }, { length, stiffness }) => math`${stiffness} * (norm(${b} - ${a}) - ${length})^2`,
);

/** Each with a point that isn't special, and parameters. */
export const meshTerms = [
  ["symmetric Dirichlet", symmetricDirichlet, [0, 0.1, 1.2, -0.1, 0.2, 0.9], [1.1, 0.2, -0.1, 0.8, 0.6]],
  [
    "neo-Hookean",
    neoHookean,
    [0, 0.1, 0.05, 1.2, -0.1, 0.1, 0.2, 0.9, -0.2, 0.1, 0.15, 1.1],
    [1.1, 0.2, -0.1, 0.1, 0.8, 0.05, -0.05, 0.1, 0.9, 0.2, 1.5, 2.5],
  ],
  ["hinge", hinge, [0, 0.1, 0.05, 1.2, -0.1, 0.1, 0.4, 0.9, -0.2, 0.5, -0.8, 0.3], [0.4, 1.3]],
  ["spring", spring, [0, 0.1, 0.05, 1.2, -0.1, 0.1], [0.7, 1.3]],
] as const;
