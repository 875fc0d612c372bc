// From what a file says to a mesh: triangles that name a vertex twice are an error with its line, or left out.
import { requireKnownOptions, requireOneOf } from "@hessia/core";
import type { TriangleMesh } from "../mesh/mesh.js";
import { triangleMesh } from "../mesh/triangle-mesh.js";
import { MeshFileError, type RawMesh } from "./lines.js";

export interface ReadOptions {
  /** What becomes of triangles that name a vertex twice: "reject" (an error with the line) or "skip". Default "reject". */
  readonly degenerate?: "reject" | "skip";
}

export function requireReadOptions(routine: string, options: ReadOptions): void {
  requireKnownOptions(routine, options, ["degenerate"]);
  requireOneOf(routine, "options.degenerate", options.degenerate ?? "reject", ["reject", "skip"]);
}

/** The order of the vertices, and of the triangles, is that of the file. */
export function finishMesh(
  format: string,
  { positions, faces, places }: RawMesh,
  { degenerate = "reject" }: ReadOptions,
  unit: "line" | "byte" = "line",
): TriangleMesh {
  const kept: number[] = [];
  for (let f = 0; f < faces.length; f += 3) {
    const [a, b, c] = [faces[f]!, faces[f + 1]!, faces[f + 2]!];
    if (a !== b && b !== c && c !== a) {
      kept.push(a, b, c);
      continue;
    }
    if (degenerate === "skip") continue;
    const place = places[f / 3]!;
    throw new MeshFileError(
      format,
      unit === "line" ? { line: place } : { byte: place },
      `triangle ${f / 3} (${a}, ${b}, ${c}, counted from 0) names a vertex twice; leave such out by { degenerate: "skip" }`,
    );
  }
  return triangleMesh(Float64Array.from(positions), Int32Array.from(kept));
}
