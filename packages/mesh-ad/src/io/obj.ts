// Wavefront OBJ: `v` and `f` lines, as in "Object Files (.obj)", Appendix B1 of Wavefront's Advanced Visualizer manual. Everything else (normals, texture coordinates, groups, materials, lines and
// curves) is passed over.
import type { TriangleMesh } from "../mesh/mesh.js";
import { finishMesh, type ReadOptions, requireReadOptions } from "./finish.js";
import {
  indexOf,
  lineReader,
  MeshFileError,
  newRaw,
  numberOf,
  pushPolygon,
  requireText,
  requireWritable,
  wantedIndex,
} from "./lines.js";

const format = "OBJ";

/**
 * The mesh of an OBJ text. Polygons become fans of triangles; indices below zero count back from the last vertex so far; vertices keep their order.
 * @throws MeshFileError naming the line: a coordinate that is no number, a face with fewer than three vertices, an index that is no vertex (of the whole file), a vertex twice in a triangle.
 */
export function readObj(text: string, options: ReadOptions = {}): TriangleMesh {
  requireText("readObj", text);
  requireReadOptions("readObj", options);
  const raw = newRaw();
  const lines = lineReader(text, "#");
  for (let content = lines.next(); content !== undefined; content = lines.next()) {
    const { line } = lines;
    // A line that ends in a backslash goes on in the next.
    while (content.endsWith("\\")) {
      const more = lines.next();
      if (more === undefined) throw new MeshFileError(format, { line }, "ends in a backslash, and the file with it");
      content = `${content.slice(0, -1)} ${more}`;
    }
    const [keyword, ...words] = content.split(/\s+/);
    if (keyword === "v")
      for (let i = 0; i < 3; i++) raw.positions.push(numberOf(format, line, words[i], `coordinate ${"xyz"[i]}`));
    else if (keyword === "f") {
      const count = raw.positions.length / 3;
      const polygon = words.map((word, k) => {
        const first = word.split("/")[0]!;
        const index = numberOf(format, line, first, `vertex ${k + 1} of the face`);
        return index < 0 ? indexOf(format, line, first, `vertex ${k + 1} of the face`, -count, 0) + count : index - 1;
      });
      if (polygon.length < 3)
        throw new MeshFileError(format, { line }, `a face of ${polygon.length} vertices; wanted at least three`);
      pushPolygon(raw, polygon, line);
    }
  }
  // Vertices may stand behind the faces that name them.
  const count = raw.positions.length / 3;
  for (const [i, v] of raw.faces.entries()) {
    if (!(Number.isInteger(v) && v >= 0 && v < count))
      throw new MeshFileError(
        format,
        { line: raw.places[Math.floor(i / 3)]! },
        `vertex ${v + 1} of a face isn't there; wanted ${wantedIndex(1, count + 1)}`,
      );
  }
  return finishMesh(format, raw, options);
}

/** The mesh as an OBJ text, numbers to the last bit. @throws ArgumentError when it has no positions. */
export function writeObj(mesh: TriangleMesh): string {
  const { positions, faces } = requireWritable("writeObj", mesh);
  const lines: string[] = [];
  for (let p = 0; p < positions.length; p += 3) lines.push(`v ${positions[p]} ${positions[p + 1]} ${positions[p + 2]}`);
  for (let f = 0; f < faces.length; f += 3) lines.push(`f ${faces[f]! + 1} ${faces[f + 1]! + 1} ${faces[f + 2]! + 1}`);
  return `${lines.join("\n")}\n`;
}
