// Meshes and energies of the suite `mesh`: each energy as @hessia/mesh-ad has it and as it is written by hand, with a point to evaluate at.
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fromColumns, mat2, scalar } from "@hessia/core/kernel";
import type { SparseMatrix } from "@hessia/core/linear";
import {
  cloth,
  cornerAngles,
  edgeLengths,
  gridMesh,
  icosphere,
  infiniteUnless,
  type MeshProblem,
  readObj,
  scalarFunction,
  smoothing,
  sphericalParameterization,
  type TriangleMesh,
  triangleMesh,
  unitSphere,
  vertexAreas,
  withPositions,
} from "@hessia/mesh-ad";
import type { ByHand } from "../../yardsticks/by-hand.js";
import { massSpring } from "../../yardsticks/mass-spring.js";
import { membrane } from "../../yardsticks/membrane.js";
import { sphere } from "../../yardsticks/sphere.js";
import * as dirichlet from "../../yardsticks/symmetric-dirichlet.js";

export interface EnergyInput {
  readonly id: string;
  readonly name: string;
  /** With exact Hessians, all vertices free. */
  readonly problem: MeshProblem;
  /** The same with each term's Hessian made positive semidefinite. */
  readonly convex: MeshProblem;
  byHand(pattern: SparseMatrix): ByHand;
  /** Where it is evaluated. */
  readonly y: Float64Array;
}

/** A number in [−1, 1) for a whole number, the same each time. */
export function noise(i: number): number {
  let h = Math.imul(i + 1, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >> 0) / 2 ** 31;
}

/** Symmetric Dirichlet as a user writes it, over a stretched grid of 2 · cells² triangles. */
export function dirichletInput(cells: number): EnergyInput {
  const plane = dirichlet.stretchedGrid(cells);
  const { triangles, rest, positions: start } = plane;
  const domain = triangleMesh(null, triangles);
  const count = domain.faceCount;
  const R = new Float64Array(4 * count);
  for (let t = 0; t < count; t++) R.set(rest.subarray(5 * t, 5 * t + 4), 4 * t);
  const area = Float64Array.from({ length: count }, (_, t) => rest[5 * t + 4]!);
  const energy = scalarFunction(domain, { dimension: 2 }).addTriangleTerms(
    { name: "distortion", data: { R: [mat2, R], A: [scalar, area] } },
    ([a, b, c], { data: { R, A } }) => {
      const J = fromColumns(b.sub(a), c.sub(a)).mul(R);
      const det = J.det();
      return A.mul(J.squaredNorm())
        .mul(det.square().inv().add(1))
        .add(infiniteUnless(det.gt(0)));
    },
  );
  return {
    id: "dirichlet",
    name: `symmetric Dirichlet, ${count.toLocaleString("en")} triangles`,
    problem: energy.problem({ start }),
    convex: energy.problem({ start, projection: "clamp" }),
    byHand(pattern) {
      const assembly = { ...dirichlet.assemble(plane, "lower") };
      if (assembly.rowIndices.length !== pattern.rowIndices.length) throw new Error("another pattern");
      return {
        value: (x) => dirichlet.value(plane, x),
        valueAndGradient: (gradient, x) => dirichlet.valueAndGradient(plane, gradient, x),
        valueGradientHessian: (gradient, values, x) =>
          dirichlet.valueGradientHessian(plane, { ...assembly, values }, gradient, x),
        hessianApply: (out, x, v) => dirichlet.hessianApply(plane, out, x, v),
      };
    },
    y: start,
  };
}

/** A step of implicit Euler of mass–spring cloth, cells × cells squares, out of its plane. */
export function clothInput(cells: number): EnergyInput {
  const mesh = gridMesh(cells);
  const options = { membrane: "springs", bending: 0, stiffness: 1000, density: 0.2, timeStep: 0.01 } as const;
  const sheet = cloth(mesh, { ...options, projection: "none" });
  const { positions } = sheet;
  const h = options.timeStep;
  const y = positions.map((value, i) => value + (0.2 / cells) * noise(i));
  return {
    id: "cloth",
    name: `mass–spring cloth, ${(mesh.corners.edges.length / 2).toLocaleString("en")} springs`,
    problem: sheet.problem,
    convex: cloth(mesh, { ...options, projection: "clamp" }).problem,
    byHand: (pattern) =>
      massSpring(
        {
          edges: mesh.corners.edges,
          lengths: edgeLengths(mesh),
          stiffness: options.stiffness,
          weights: vertexAreas(mesh).map((area) => (options.density * area) / (2 * h * h)),
          targets: positions.map((value, i) => (i % 3 === 2 ? value - 9.81 * h * h : value)),
        },
        pattern,
      ),
    y,
  };
}

/** A sphere with noise, made smooth. 20 · 4^levels triangles. */
export function smoothingInput(levels: number): EnergyInput {
  const round = icosphere(levels);
  const size = 0.3 / 2 ** levels;
  const mesh = withPositions(
    round,
    round.positions!.map((value, i) => value + size * noise(i)),
  );
  const weight = 0.01;
  const cotangents = new Float64Array(mesh.corners.edges.length / 2);
  cornerAngles(mesh).forEach((angle, c) => {
    cotangents[mesh.corners.edge[c]!]! += (0.5 * weight) / Math.tan(angle);
  });
  const problem = smoothing(mesh, { weight });
  return {
    id: "smoothing",
    name: `smoothing, ${mesh.faceCount.toLocaleString("en")} triangles`,
    problem,
    // It is convex as it is.
    convex: problem,
    byHand: (pattern) =>
      membrane(
        {
          edges: mesh.corners.edges,
          edgeWeights: cotangents,
          weights: vertexAreas(mesh),
          targets: mesh.positions!,
        },
        pattern,
      ),
    y: round.positions!.slice(),
  };
}

/** Points on the sphere, none inside out, in tangent coordinates around a perturbed start. 20 · 4^levels triangles. */
export function sphericalInput(levels: number): EnergyInput {
  const round = icosphere(levels);
  const size = 0.2 / 2 ** levels;
  const { vertexCount: n } = round;
  const start = round.positions!.map((value, i) => value + size * noise(i));
  for (let v = 0; v < n; v++) {
    const norm = Math.hypot(start[3 * v]!, start[3 * v + 1]!, start[3 * v + 2]!);
    for (let i = 0; i < 3; i++) start[3 * v + i]! /= norm;
  }
  const frames = new Float64Array(9 * n);
  for (let v = 0; v < n; v++) unitSphere.frameInto(frames, 9 * v, start, 3 * v);
  const barrier = 0.1;
  return {
    id: "spherical",
    name: `spherical parameterization, ${round.faceCount.toLocaleString("en")} triangles`,
    problem: sphericalParameterization(round, { start, barrier, projection: "none" }),
    convex: sphericalParameterization(round, { start, barrier }),
    byHand: (pattern) => sphere({ edges: round.corners.edges, triangles: round.faces, frames, barrier }, pattern),
    y: Float64Array.from({ length: 2 * n }, (_, i) => 0.3 * size * noise(i + 7)),
  };
}

/** The folder of the meshes beside the checkout, or that MESHES names; undefined where there is none. */
export function meshFolder(): string | undefined {
  const { MESHES } = process.env;
  return [MESHES, resolve("../shared/data/meshes")].find(
    (path) => path !== undefined && path !== "" && existsSync(path),
  );
}

export const diskNames = ["cat_head", "hand_lowres", "bunnyhead", "mountain"] as const;

/** A disk of the folder; undefined where it isn't there. */
export function diskMesh(name: string): TriangleMesh | undefined {
  const folder = meshFolder();
  if (folder === undefined) return undefined;
  const file = resolve(folder, `${name}.obj`);
  return existsSync(file) ? readObj(readFileSync(file, "utf8")) : undefined;
}

/** The stretched grid as a parameterization: the rest shape as the mesh, and where it begins. */
export function gridDisk(cells: number): { readonly mesh: TriangleMesh; readonly start: Float64Array } {
  const { triangles, shape, positions } = dirichlet.stretchedGrid(cells);
  const flat = new Float64Array((3 * shape.length) / 2);
  for (let v = 0; 2 * v < shape.length; v++) flat.set([shape[2 * v]!, shape[2 * v + 1]!], 3 * v);
  return { mesh: triangleMesh(flat, triangles), start: positions };
}
