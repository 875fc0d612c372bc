// OFF, the Geometry Center's object file format (Geomview manual): counts, vertices, polygons. Colours behind vertices and polygons are passed over.
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
} from "./lines.js";

const format = "OFF";

/**
 * The mesh of an OFF text (plain, COFF, NOFF or CNOFF). Polygons become fans of triangles; vertices keep their order.
 * @throws MeshFileError naming the line: another header, a file that ends early, a number that isn't one, an index that is no vertex, a vertex twice in a triangle.
 */
export function readOff(text: string, options: ReadOptions = {}): TriangleMesh {
  requireText("readOff", text);
  requireReadOptions("readOff", options);
  const lines = lineReader(text, "#");
  const next = (wanted: string): string[] => {
    const content = lines.next();
    if (content === undefined) throw new MeshFileError(format, { line: lines.line }, `the file ends; wanted ${wanted}`);
    return content.split(/\s+/);
  };
  let words = next("OFF");
  if (!/^C?N?OFF$/.test(words[0]!))
    throw new MeshFileError(format, { line: lines.line }, `begins with "${words[0]!.slice(0, 20)}"; wanted OFF`);
  words = words.length > 1 ? words.slice(1) : next("the numbers of vertices and faces");
  const most = 2 ** 31;
  const vertices = indexOf(format, lines.line, words[0], "the number of vertices", 0, most);
  const count = indexOf(format, lines.line, words[1], "the number of faces", 0, most);
  const raw = newRaw();
  for (let v = 0; v < vertices; v++) {
    const row = next(`vertex ${v} of ${vertices}`);
    for (let i = 0; i < 3; i++)
      raw.positions.push(numberOf(format, lines.line, row[i], `coordinate ${"xyz"[i]} of vertex ${v}`));
  }
  for (let f = 0; f < count; f++) {
    const row = next(`face ${f} of ${count}`);
    const size = indexOf(format, lines.line, row[0], `the size of face ${f}`, 3, most);
    const polygon: number[] = [];
    for (let k = 0; k < size; k++)
      polygon.push(indexOf(format, lines.line, row[1 + k], `vertex ${k} of face ${f}`, 0, vertices));
    pushPolygon(raw, polygon, lines.line);
  }
  return finishMesh(format, raw, options);
}

/** The mesh as an OFF text, numbers to the last bit. @throws ArgumentError when it has no positions. */
export function writeOff(mesh: TriangleMesh): string {
  const { positions, faces } = requireWritable("writeOff", mesh);
  const lines = ["OFF", `${positions.length / 3} ${faces.length / 3} ${mesh.corners.edges.length / 2}`];
  for (let p = 0; p < positions.length; p += 3) lines.push(`${positions[p]} ${positions[p + 1]} ${positions[p + 2]}`);
  for (let f = 0; f < faces.length; f += 3) lines.push(`3 ${faces[f]} ${faces[f + 1]} ${faces[f + 2]}`);
  return `${lines.join("\n")}\n`;
}
