// PLY, the Stanford polygon format (Turk, "The PLY polygon file format", 1994): ascii, binary_little_endian and binary_big_endian. Elements and properties other than vertex x, y, z and the list of a
// face's vertices are passed over.
import { describe, misuse, requireKnownOptions, requireOneOf } from "@hessia/core";
import type { TriangleMesh } from "../mesh/mesh.js";
import { finishMesh, type ReadOptions, requireReadOptions } from "./finish.js";
import { MeshFileError, newRaw, pushPolygon, requireWritable, wantedIndex } from "./lines.js";
import { asciiValues, binaryValues, type PlyElement, readPlyHeader, type Values } from "./ply-values.js";

const format = "PLY";

/**
 * The mesh of a PLY file. Polygons become fans of triangles; vertices keep their order.
 * @throws MeshFileError naming the line or the byte: a header that isn't PLY's, no x, y, z, a file that ends early, a coordinate that isn't finite, an index that is no vertex, a vertex twice in a triangle.
 */
export function readPly(bytes: Uint8Array | string, options: ReadOptions = {}): TriangleMesh {
  if (!(bytes instanceof Uint8Array) && typeof bytes !== "string")
    misuse("readPly", "bytes", describe(bytes), "the bytes or the text of a file");
  requireReadOptions("readPly", options);
  const data = typeof bytes === "string" ? latin1(bytes) : bytes;
  const { encoding, elements, start, line } = readPlyHeader(data);
  const values =
    encoding === "ascii"
      ? asciiValues(data, start, line)
      : binaryValues(data, start, encoding === "binary_little_endian");
  const vertex = elements.find(({ name }) => name === "vertex");
  if (vertex === undefined) throw new MeshFileError(format, { line }, 'no "element vertex" in the header');
  for (const axis of ["x", "y", "z"]) {
    if (!vertex.properties.some(({ name, list }) => name === axis && list === undefined))
      throw new MeshFileError(format, { line }, `vertices have no property ${axis}`);
  }
  const raw = newRaw();
  for (const element of elements) {
    for (let k = 0; k < element.count; k++) {
      values.begin();
      readElement(element, k, values, raw, vertex.count);
    }
  }
  return finishMesh(format, raw, options, encoding === "ascii" ? "line" : "byte");
}

function readElement(
  { name, properties }: PlyElement,
  k: number,
  values: Values,
  raw: ReturnType<typeof newRaw>,
  vertices: number,
): void {
  const point = [0, 0, 0];
  for (const property of properties) {
    const what = () => `${name} ${k}, ${property.name}`;
    if (property.list === undefined) {
      const value = values.next(property.type, what);
      const axis = name === "vertex" ? "xyz".indexOf(property.name) : -1;
      if (axis < 0 || property.name.length !== 1) continue;
      if (!Number.isFinite(value))
        throw new MeshFileError(format, values.place(), `${what()} is ${value}; wanted a finite number`);
      point[axis] = value;
      continue;
    }
    const size = values.next(property.list, what);
    if (!(Number.isInteger(size) && size >= 0))
      throw new MeshFileError(format, values.place(), `${what()}: a list of ${size}`);
    const isFace = name === "face" && /^vertex_ind(ex|ices)$/.test(property.name);
    const polygon: number[] = [];
    for (let i = 0; i < size; i++) {
      const v = values.next(property.type, what);
      if (!isFace) continue;
      if (!(Number.isInteger(v) && v >= 0 && v < vertices))
        throw new MeshFileError(
          format,
          values.place(),
          `vertex ${i} of face ${k} is ${v}; wanted ${wantedIndex(0, vertices)}`,
        );
      polygon.push(v);
    }
    if (!isFace) continue;
    if (size < 3)
      throw new MeshFileError(format, values.place(), `face ${k} has ${size} vertices; wanted at least three`);
    const place = values.place();
    pushPolygon(raw, polygon, "line" in place ? place.line : place.byte);
  }
  if (name === "vertex") raw.positions.push(...point);
}

export interface WritePlyOptions {
  /** Default "binary". */
  readonly encoding?: "ascii" | "binary";
}

/** The mesh as a PLY file with coordinates as doubles: no bit is lost; binary is little endian. @throws ArgumentError when it has no positions. */
export function writePly(mesh: TriangleMesh, options: WritePlyOptions = {}): Uint8Array {
  const { positions, faces } = requireWritable("writePly", mesh);
  requireKnownOptions("writePly", options, ["encoding"]);
  const { encoding = "binary" } = options;
  requireOneOf("writePly", "options.encoding", encoding, ["ascii", "binary"]);
  const [vertices, triangles] = [positions.length / 3, faces.length / 3];
  const header = [
    "ply",
    `format ${encoding === "ascii" ? "ascii" : "binary_little_endian"} 1.0`,
    `element vertex ${vertices}`,
    ...["x", "y", "z"].map((axis) => `property double ${axis}`),
    `element face ${triangles}`,
    "property list uchar int vertex_indices",
    "end_header",
  ];
  if (encoding === "ascii") {
    const lines = header;
    for (let p = 0; p < positions.length; p += 3) lines.push(`${positions[p]} ${positions[p + 1]} ${positions[p + 2]}`);
    for (let f = 0; f < faces.length; f += 3) lines.push(`3 ${faces[f]} ${faces[f + 1]} ${faces[f + 2]}`);
    return latin1(`${lines.join("\n")}\n`);
  }
  const head = latin1(`${header.join("\n")}\n`);
  const out = new Uint8Array(head.length + 24 * vertices + 13 * triangles);
  out.set(head);
  const view = new DataView(out.buffer);
  let at = head.length;
  for (let i = 0; i < positions.length; i++, at += 8) view.setFloat64(at, positions[i]!, true);
  for (let f = 0; f < faces.length; f += 3) {
    view.setUint8(at++, 3);
    for (let k = 0; k < 3; k++, at += 4) view.setInt32(at, faces[f + k]!, true);
  }
  return out;
}

/** A byte a character. */
function latin1(text: string): Uint8Array {
  const out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i);
  return out;
}
