// What a mesh is: vertices and the triangles or tetrahedra between them, on typed arrays, with its connectivity made once.
import { describe, misuse } from "@hessia/core";
import type { Corners } from "./corners.js";

/** A triangle mesh. Plain data; made by `triangleMesh`. */
export interface TriangleMesh {
  readonly kind: "triangles";
  readonly vertexCount: number;
  readonly faceCount: number;
  /** x, y, z a vertex; null where there is connectivity alone. */
  readonly positions: Float64Array | null;
  /** Three vertices a triangle, counterclockwise seen from outside. */
  readonly faces: Int32Array;
  readonly corners: Corners;
}

/** A tetrahedral mesh. Plain data; made by `tetrahedralMesh`. */
export interface TetrahedralMesh {
  readonly kind: "tetrahedra";
  readonly vertexCount: number;
  readonly cellCount: number;
  /** x, y, z a vertex; null where there is connectivity alone. */
  readonly positions: Float64Array | null;
  /** Four vertices a tetrahedron: (b − a) · ((c − a) × (d − a)) > 0 where it isn't inverted. */
  readonly cells: Int32Array;
  /** Two vertices an edge, the smaller first; in the order in which tetrahedra bring them. */
  readonly edges: Int32Array;
}

export type Mesh = TriangleMesh | TetrahedralMesh;

/** Positions: rows of two or three numbers, or x, y, z a vertex in one array. */
export type Positions = readonly (readonly number[])[] | Float64Array;
/** Vertices of triangles or tetrahedra: rows, or one behind the other in one array. */
export type Cells = readonly (readonly number[])[] | Int32Array | Uint32Array;

/** Checked and flat: three numbers a vertex, the third 0 where it isn't given. */
export function flattenPositions(routine: string, positions: Positions | null): Float64Array | null {
  if (positions === null) return null;
  const isFlat = positions instanceof Float64Array;
  if (!isFlat && !Array.isArray(positions))
    misuse(routine, "positions", describe(positions), "rows [x, y, z], a Float64Array of x, y, z a vertex, or null");
  if (isFlat && positions.length % 3 !== 0)
    misuse(routine, "positions", `of length ${positions.length}`, "three numbers a vertex");
  const out = isFlat ? positions.slice() : new Float64Array(3 * positions.length);
  if (!isFlat) {
    for (const [v, row] of positions.entries()) {
      if (!Array.isArray(row) || (row.length !== 2 && row.length !== 3))
        misuse(routine, `positions[${v}]`, describe(row), "two or three numbers");
      for (let i = 0; i < row.length; i++) out[3 * v + i] = row[i]!;
    }
  }
  for (let i = 0; i < out.length; i++) {
    if (!Number.isFinite(out[i]!))
      misuse(
        routine,
        `positions[${Math.floor(i / 3)}]`,
        `${describe(out[i])} at coordinate ${i % 3}`,
        "finite numbers",
      );
  }
  return out;
}

/** Checked and flat: `width` vertices a row, each in range, none twice in a row. */
export function flattenCells(
  routine: string,
  name: string,
  cells: Cells,
  width: number,
  vertexCount: number | undefined,
): Int32Array {
  const isFlat = cells instanceof Int32Array || cells instanceof Uint32Array;
  if (!isFlat && !Array.isArray(cells))
    misuse(routine, name, describe(cells), `rows of ${width} vertices, or an Int32Array`);
  if (isFlat && cells.length % width !== 0)
    misuse(routine, name, `of length ${cells.length}`, `${width} vertices each`);
  const out = new Int32Array(isFlat ? cells.length : width * cells.length);
  const most = vertexCount ?? 2 ** 31 - 1;
  const put = (at: number, v: unknown) => {
    if (!(Number.isInteger(v) && (v as number) >= 0 && (v as number) < most))
      misuse(
        routine,
        `${name}[${Math.floor(at / width)}][${at % width}]`,
        describe(v),
        vertexCount === undefined ? "a vertex number from 0 on" : `a vertex number from 0 to ${vertexCount - 1}`,
      );
    out[at] = v as number;
  };
  if (isFlat) for (let i = 0; i < cells.length; i++) put(i, cells[i]);
  else {
    for (const [f, row] of cells.entries()) {
      if (!Array.isArray(row) || row.length !== width)
        misuse(routine, `${name}[${f}]`, describe(row), `${width} vertices`);
      for (let i = 0; i < width; i++) put(width * f + i, row[i]);
    }
  }
  for (let c = 0; c < out.length; c += width) {
    for (let i = 1; i < width; i++) {
      for (let j = 0; j < i; j++)
        if (out[c + i] === out[c + j])
          misuse(
            routine,
            `${name}[${c / width}]`,
            `degenerate: vertex ${out[c + i]} occurs twice`,
            `${width} different vertices`,
          );
    }
  }
  return out;
}

/** The number of vertices: that of the positions, or one more than the largest in use. */
export function countVertices(positions: Float64Array | null, cells: Int32Array): number {
  if (positions !== null) return positions.length / 3;
  let most = -1;
  for (let i = 0; i < cells.length; i++) if (cells[i]! > most) most = cells[i]!;
  return most + 1;
}

/** The positions of a mesh that an operation needs. */
export function requirePositions(routine: string, mesh: Mesh, positions?: Float64Array): Float64Array {
  const given = positions ?? mesh.positions;
  if (given === null) return misuse(routine, "mesh", "without positions", "a mesh with positions, or positions given");
  if (given.length !== 3 * mesh.vertexCount)
    misuse(routine, "positions", `of length ${given.length}`, `length ${3 * mesh.vertexCount}, three numbers a vertex`);
  return given;
}

export function requireTriangles(routine: string, mesh: Mesh): TriangleMesh {
  if (mesh === null || typeof mesh !== "object" || mesh.kind !== "triangles")
    return misuse(
      routine,
      "mesh",
      mesh?.kind === "tetrahedra" ? "a tetrahedral mesh" : describe(mesh),
      "a triangle mesh",
    );
  return mesh;
}
export function requireTetrahedra(routine: string, mesh: Mesh): TetrahedralMesh {
  if (mesh === null || typeof mesh !== "object" || mesh.kind !== "tetrahedra")
    return misuse(
      routine,
      "mesh",
      mesh?.kind === "triangles" ? "a triangle mesh" : describe(mesh),
      "a tetrahedral mesh",
    );
  return mesh;
}
