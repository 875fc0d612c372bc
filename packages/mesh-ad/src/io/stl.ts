// STL, 3D Systems' stereolithography interface (1989): triangles by coordinates, as text or binary (little endian, single precision). A vertex is what has the same bits.
import { describe, misuse, requireKnownOptions, requireOneOf } from "@hessia/core";
import type { TriangleMesh } from "../mesh/mesh.js";
import { finishMesh, type ReadOptions, requireReadOptions } from "./finish.js";
import { lineReader, MeshFileError, newRaw, numberOf, pushPolygon, type RawMesh, requireWritable } from "./lines.js";

const format = "STL";
const headerBytes = 84;
const triangleBytes = 50;

/**
 * The mesh of an STL file. Corners with the same coordinates are one vertex; vertices are numbered as they first occur. Normals are passed over.
 * @throws MeshFileError naming the line or the byte: a file that ends early, a coordinate that isn't finite, a triangle with two equal corners.
 */
export function readStl(bytes: Uint8Array | string, options: ReadOptions = {}): TriangleMesh {
  if (!(bytes instanceof Uint8Array) && typeof bytes !== "string")
    misuse("readStl", "bytes", describe(bytes), "the bytes or the text of a file");
  requireReadOptions("readStl", options);
  if (typeof bytes === "string") return readText(bytes, options);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.length >= headerBytes ? view.getUint32(80, true) : -1;
  // Binary files may begin with "solid", too; but then their length says what they are.
  const isExact = bytes.length === headerBytes + triangleBytes * count;
  const begins = String.fromCharCode(...bytes.subarray(0, 5));
  if (!isExact && begins === "solid") return readText(textOf(bytes), options);
  if (count < 0)
    throw new MeshFileError(format, { byte: bytes.length }, `the file ends; wanted a header of ${headerBytes} bytes`);
  if (bytes.length < headerBytes + triangleBytes * count) {
    const whole = Math.floor((bytes.length - headerBytes) / triangleBytes);
    throw new MeshFileError(format, { byte: bytes.length }, `the file ends in triangle ${whole} of ${count}`);
  }
  const welder = makeWelder();
  for (let t = 0; t < count; t++) {
    const corner = [0, 1, 2].map((k) => {
      const at = headerBytes + triangleBytes * t + 12 + 12 * k;
      const point = [0, 1, 2].map((i) => view.getFloat32(at + 4 * i, true)) as [number, number, number];
      if (!point.every(Number.isFinite))
        throw new MeshFileError(
          format,
          { byte: at },
          `corner ${k} of triangle ${t} is (${point}); wanted finite numbers`,
        );
      return welder.vertex(...point);
    });
    pushPolygon(welder.raw, corner, headerBytes + triangleBytes * t);
  }
  return finishMesh(format, welder.raw, options, "byte");
}

function readText(text: string, options: ReadOptions): TriangleMesh {
  const welder = makeWelder();
  const lines = lineReader(text, undefined);
  const first = lines.next();
  if (first === undefined || !/^solid\b/i.test(first))
    throw new MeshFileError(format, { line: Math.max(1, lines.line) }, "wanted solid");
  let corner: number[] = [];
  let isClosed = false;
  for (let content = lines.next(); content !== undefined; content = lines.next()) {
    const words = content.split(/\s+/);
    const { line } = lines;
    const keyword = words[0]!.toLowerCase();
    if (keyword === "vertex") {
      const [x, y, z] = [1, 2, 3].map((i) => numberOf(format, line, words[i], `coordinate ${"xyz"[i - 1]}`)) as [
        number,
        number,
        number,
      ];
      corner.push(welder.vertex(x, y, z));
    } else if (keyword === "endloop") {
      if (corner.length !== 3)
        throw new MeshFileError(format, { line }, `a loop of ${corner.length} vertices; wanted three`);
      pushPolygon(welder.raw, corner, line);
      corner = [];
    } else if (keyword === "endsolid") isClosed = true;
    else if (!["facet", "outer", "endfacet", "solid"].includes(keyword))
      throw new MeshFileError(format, { line }, `the keyword ${keyword.slice(0, 20)} is unknown`);
  }
  if (!isClosed) throw new MeshFileError(format, { line: lines.line }, "the file ends; wanted endsolid");
  return finishMesh(format, welder.raw, options);
}

/** Numbers points by their coordinates; −0 is 0. */
function makeWelder(): { readonly raw: RawMesh; vertex(x: number, y: number, z: number): number } {
  const raw = newRaw();
  const numbers = new Map<string, number>();
  return {
    raw,
    vertex(x, y, z) {
      const key = `${x + 0},${y + 0},${z + 0}`;
      let v = numbers.get(key);
      if (v === undefined) {
        numbers.set(key, (v = raw.positions.length / 3));
        raw.positions.push(x, y, z);
      }
      return v;
    },
  };
}

function textOf(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 4096) parts.push(String.fromCharCode(...bytes.subarray(at, at + 4096)));
  return parts.join("");
}

export interface WriteStlOptions {
  /** Default "binary": single precision, as the format has it; "ascii" keeps all bits. */
  readonly encoding?: "ascii" | "binary";
}

/** The mesh as an STL file with unit normals (0 of a flat triangle). @throws ArgumentError when it has no positions. */
export function writeStl(mesh: TriangleMesh, options: WriteStlOptions = {}): Uint8Array {
  const { positions: x, faces } = requireWritable("writeStl", mesh);
  requireKnownOptions("writeStl", options, ["encoding"]);
  const { encoding = "binary" } = options;
  requireOneOf("writeStl", "options.encoding", encoding, ["ascii", "binary"]);
  const count = faces.length / 3;
  const normalOf = (f: number): [number, number, number] => {
    const [a, b, c] = [3 * faces[f]!, 3 * faces[f + 1]!, 3 * faces[f + 2]!];
    const u = [0, 1, 2].map((i) => x[b + i]! - x[a + i]!) as [number, number, number];
    const w = [0, 1, 2].map((i) => x[c + i]! - x[a + i]!) as [number, number, number];
    const n: [number, number, number] = [
      u[1] * w[2] - u[2] * w[1],
      u[2] * w[0] - u[0] * w[2],
      u[0] * w[1] - u[1] * w[0],
    ];
    const norm = Math.hypot(...n) || 1;
    return [n[0] / norm, n[1] / norm, n[2] / norm];
  };
  if (encoding === "ascii") {
    const lines = ["solid mesh"];
    for (let f = 0; f < faces.length; f += 3) {
      lines.push(`facet normal ${normalOf(f).join(" ")}`, "outer loop");
      for (let k = 0; k < 3; k++)
        lines.push(`vertex ${x.subarray(3 * faces[f + k]!, 3 * faces[f + k]! + 3).join(" ")}`);
      lines.push("endloop", "endfacet");
    }
    return Uint8Array.from(`${[...lines, "endsolid mesh"].join("\n")}\n`, (character) => character.charCodeAt(0));
  }
  const out = new Uint8Array(headerBytes + triangleBytes * count);
  const view = new DataView(out.buffer);
  view.setUint32(80, count, true);
  for (let t = 0; t < count; t++) {
    let at = headerBytes + triangleBytes * t;
    const put = (value: number) => {
      view.setFloat32(at, value, true);
      at += 4;
    };
    normalOf(3 * t).forEach(put);
    for (let k = 0; k < 3; k++) x.subarray(3 * faces[3 * t + k]!, 3 * faces[3 * t + k]! + 3).forEach(put);
  }
  return out;
}
