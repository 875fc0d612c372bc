// Mesh files: what is written is read again to the last bit, files as other programs write them, real ones, and broken ones by their line or byte.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  boxOfTetrahedra,
  icosphere,
  MeshFileError,
  readObj,
  readOff,
  readPly,
  readStl,
  type TriangleMesh,
  triangleMesh,
  withPositions,
  writeObj,
  writeOff,
  writePly,
  writeStl,
} from "../../src/index.js";
import { jittered } from "../function/energies.js";

const ball = icosphere(2);
const mesh = withPositions(ball, jittered(ball.positions!, 0.1));
const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const text = (data: Uint8Array) => String.fromCharCode(...data);
/** What a function throws. */
function fault(run: () => unknown): MeshFileError {
  try {
    run();
  } catch (error) {
    if (error instanceof MeshFileError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("there and back", () => {
  const ways: [string, (m: TriangleMesh) => TriangleMesh][] = [
    ["OBJ", (m) => readObj(writeObj(m))],
    ["OFF", (m) => readOff(writeOff(m))],
    ["PLY, binary", (m) => readPly(writePly(m))],
    ["PLY, ascii", (m) => readPly(writePly(m, { encoding: "ascii" }))],
  ];
  it.each(ways)("%s: positions to the last bit, vertices and triangles in their order", (_name, way) => {
    const again = way(mesh);
    expect(again.positions).toEqual(mesh.positions);
    expect(again.faces).toEqual(mesh.faces);
    const extreme = triangleMesh(
      [
        [1e-300, -0.1, 1e300],
        [Math.PI, 5e-324, 0],
        [1 / 3, -1e-7, 123456789.12345679],
      ],
      [[2, 0, 1]],
    );
    expect(way(extreme).positions).toEqual(extreme.positions);
    expect(way(triangleMesh([[0, 0, 0]], [])).vertexCount).toBe(1);
  });
  it("STL keeps triangles and, as text, coordinates; vertices come as they first occur", () => {
    for (const encoding of ["ascii", "binary"] as const) {
      const again = readStl(writeStl(mesh, { encoding }));
      expect([again.vertexCount, again.faceCount]).toEqual([mesh.vertexCount, mesh.faceCount]);
      for (let c = 0; c < mesh.faces.length; c++)
        for (let i = 0; i < 3; i++) {
          const wanted = mesh.positions![3 * mesh.faces[c]! + i]!;
          expect(again.positions![3 * again.faces[c]! + i]).toBe(encoding === "ascii" ? wanted : Math.fround(wanted));
        }
      expect(again.faces[0]).toBe(0);
    }
    // Unit normals, outward.
    const words = text(writeStl(mesh, { encoding: "ascii" }))
      .split("\n")[1]!
      .split(" ")
      .slice(2)
      .map(Number);
    expect(Math.hypot(...words)).toBeCloseTo(1, 14);
    const [a] = mesh.faces;
    expect(words.reduce((sum, n, i) => sum + n * mesh.positions![3 * a! + i]!, 0)).toBeGreaterThan(0.5);
  });
});

describe("files as others write them", () => {
  const square = {
    positions: Float64Array.of(0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0),
    faces: Int32Array.of(0, 1, 2, 0, 2, 3),
  };
  it("OBJ: comments, texture and normal indices, negative indices, polygons, continued lines, CRLF, faces before vertices", () => {
    const file = `# a square\r\nmtllib a.mtl\r\no square\r\nv 0 0 0 # first\r\nv 1 0 0 1.0\r\nv 1 1 0\r\nvt 0 0\r\nvn 0 0 1\r\nv 0 1 0\r\ns off\r\nf 1/1/1 2//1 3/1 \\\r\n -1\r\n`;
    expect(readObj(file)).toMatchObject(square);
    expect(readObj("f 1 2 3\nv 0 0 0\nv 1 0 0\nv 0 1 0")).toMatchObject({ faces: Int32Array.of(0, 1, 2) });
  });
  it("OFF: counts on the first line, colours, comments, polygons", () => {
    expect(readOff("OFF 4 1 0\n# c\n0 0 0\n1 0 0 255 0 0\n1 1 0\n\n0 1 0 # d\n4 0 1 2 3 0.5 0.5 0.5\n")).toMatchObject(
      square,
    );
    expect(readOff("COFF\n4 1 0\n0 0 0\n1 0 0\n1 1 0\n0 1 0\n4 0 1 2 3\n")).toMatchObject(square);
  });
  const header = (encoding: string) =>
    `ply\nformat ${encoding} 1.0\ncomment made by hand\nelement vertex 4\nproperty float nx\nproperty float x\nproperty float y\nproperty double z\nproperty uchar red\nelement edge 1\nproperty int vertex1\nelement face 1\nproperty float quality\nproperty list uchar uint vertex_index\nproperty list ushort float texcoord\nend_header\n`;
  const rows = square.positions;
  it("PLY: other properties and elements, lists, polygons, both ends first", () => {
    let ascii = header("ascii");
    for (let v = 0; v < 4; v++) ascii += `9 ${rows[3 * v]} ${rows[3 * v + 1]} ${rows[3 * v + 2]} 255\n`;
    ascii += "7\n0.5 4 0 1 2 3 2 0.1 0.2\n";
    expect(readPly(ascii)).toMatchObject(square);
    expect(readPly(bytes(ascii))).toMatchObject(square);
    for (const little of [true, false]) {
      const head = bytes(header(`binary_${little ? "little" : "big"}_endian`));
      const body = new DataView(new ArrayBuffer(4 * 21 + 4 + 4 + 1 + 16 + 2 + 8));
      let at = 0;
      const f32 = (value: number) => {
        body.setFloat32(at, value, little);
        at += 4;
      };
      const int = (value: number) => {
        body.setInt32(at, value, little);
        at += 4;
      };
      for (let v = 0; v < 4; v++) {
        f32(9);
        f32(rows[3 * v]!);
        f32(rows[3 * v + 1]!);
        body.setFloat64(at, rows[3 * v + 2]!, little);
        body.setUint8(at + 8, 255);
        at += 9;
      }
      int(7);
      f32(0.5);
      body.setUint8(at++, 4);
      for (let v = 0; v < 4; v++) int(v);
      body.setUint16(at, 2, little);
      at += 2;
      f32(0.1);
      f32(0.2);
      const file = new Uint8Array([...head, ...new Uint8Array(body.buffer)]);
      expect(readPly(file)).toMatchObject(square);
      // Somewhere inside of a larger buffer.
      const larger = new Uint8Array(file.length + 13);
      larger.set(file, 7);
      expect(readPly(larger.subarray(7, 7 + file.length))).toMatchObject(square);
      expect(fault(() => readPly(file.subarray(0, file.length - 1))).byte).toBe(file.length - 1);
      expect(fault(() => readPly(file.subarray(0, head.length + 30))).message).toMatch(
        /byte \d+: the file ends; wanted vertex 1, /,
      );
    }
  });
  const setters = {
    char: ["setInt8", 1, -5],
    uint8: ["setUint8", 1, 250],
    int16: ["setInt16", 2, -300],
    ushort: ["setUint16", 2, 65000],
    int: ["setInt32", 4, -70000],
    uint32: ["setUint32", 4, 4000000000],
    float32: ["setFloat32", 4, 0.5],
    double: ["setFloat64", 8, 0.1],
  } as const;
  it.each(Object.entries(setters))(
    "PLY: coordinates of type %s, both ends first; a property xy is none of them",
    (type, [set, size, value]) => {
      for (const little of [true, false]) {
        const head = bytes(
          `ply\nformat binary_${little ? "little" : "big"}_endian 1.0\nelement vertex 1\nproperty ${type} z\nproperty char xy\nproperty ${type} x\nproperty ${type} y\nelement face 0\nproperty list uchar int vertex_indices\nend_header\n`,
        );
        const body = new DataView(new ArrayBuffer(3 * size + 1));
        body[set](0, value, little);
        body.setInt8(size, 77);
        body[set](size + 1, 1, little);
        body[set](2 * size + 1, 2, little);
        const read = readPly(new Uint8Array([...head, ...new Uint8Array(body.buffer)]));
        expect([...read.positions!]).toEqual([1, 2, value]);
      }
    },
  );
  it("STL: a binary file that begins with solid", () => {
    const file = writeStl(mesh);
    file.set(bytes("solid by others"));
    expect(readStl(file).faceCount).toBe(mesh.faceCount);
  });
});

describe("broken files", () => {
  const cases: [string, () => unknown, { line?: number; byte?: number }, RegExp][] = [
    ["OBJ, a coordinate", () => readObj("v 0 0 0\nv 1 x 0\n"), { line: 2 }, /coordinate y is "x"/],
    ["OBJ, a coordinate that isn't there", () => readObj("v 0 0\n"), { line: 1 }, /coordinate z is missing/],
    [
      "OBJ, an index too large",
      () => readObj("v 0 0 0\nv 1 0 0\nv 0 1 0\n\nf 1 2 4\n"),
      { line: 5 },
      /vertex 4 .*from 1 to 3/,
    ],
    ["OBJ, index 0", () => readObj("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 0 1 2\n"), { line: 4 }, /vertex 0/],
    [
      "OBJ, a negative index too large",
      () => readObj("v 0 0 0\nv 1 0 0\nf -1 -2 -3\n"),
      { line: 3 },
      /-3.*from -2 to -1/,
    ],
    ["OBJ, an index that is no number", () => readObj("v 0 0 0\nf 1 a 2\n"), { line: 2 }, /"a"/],
    ["OBJ, two vertices", () => readObj("v 0 0 0\nv 1 0 0\nf 1 2\n"), { line: 3 }, /2 vertices; wanted at least three/],
    [
      "OBJ, a vertex twice",
      () => readObj("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 2\n"),
      { line: 4 },
      /triangle 0 \(0, 1, 1.*twice/,
    ],
    ["OBJ, cut off in a continued line", () => readObj("v 0 0 0\nf 1 2 \\"), { line: 2 }, /backslash/],
    ["OFF, another header", () => readOff("4OFF\n1 0 0\n"), { line: 1 }, /begins with "4OFF"; wanted OFF/],
    ["OFF, empty", () => readOff(""), { line: 1 }, /the file ends; wanted OFF/],
    [
      "OFF, cut off in vertices",
      () => readOff("OFF\n3 1 0\n0 0 0\n1 0 0"),
      { line: 4 },
      /the file ends; wanted vertex 2 of 3/,
    ],
    [
      "OFF, cut off in faces",
      () => readOff("OFF\n3 2 0\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n"),
      { line: 7 },
      /wanted face 1 of 2/,
    ],
    [
      "OFF, an index",
      () => readOff("OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 0\n3 0 1 3\n"),
      { line: 6 },
      /vertex 2 of face 0 is 3/,
    ],
    [
      "OFF, a short face",
      () => readOff("OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 0\n3 0 1\n"),
      { line: 6 },
      /vertex 2 of face 0 is missing/,
    ],
    ["OFF, a count", () => readOff("OFF\n3 -1 0\n"), { line: 2 }, /number of faces is -1/],
    ["PLY, another header", () => readPly(bytes("plz\n")), { line: 1 }, /wanted ply/],
    ["PLY, a header cut off", () => readPly("ply\nformat ascii 1.0\n"), { line: 2 }, /inside of its header/],
    ["PLY, an encoding", () => readPly("ply\nformat utf8 1.0\nend_header\n"), { line: 2 }, /utf8/],
    ["PLY, a type", () => readPly("ply\nformat ascii 1.0\nelement vertex 1\nproperty quad x\n"), { line: 4 }, /quad/],
    [
      "PLY, no z",
      () => readPly("ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float y\nend_header\n0 0\n"),
      { line: 6 },
      /no property z/,
    ],
    ["PLY, a keyword", () => readPly("ply\nformat ascii 1.0\nelemnt vertex 1\n"), { line: 3 }, /elemnt/],
    ["PLY, no vertices", () => readPly("ply\nformat ascii 1.0\nend_header\n"), { line: 3 }, /element vertex/],
    [
      "STL, cut off",
      () => readStl(writeStl(mesh).subarray(0, 84 + 50 * 7 + 3)),
      { byte: 84 + 50 * 7 + 3 },
      /ends in triangle 7 of 320/,
    ],
    ["STL, shorter than a header", () => readStl(new Uint8Array(20)), { byte: 20 }, /header of 84 bytes/],
    [
      "STL, text without end",
      () => readStl("solid a\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\n"),
      { line: 5 },
      /wanted endsolid/,
    ],
    [
      "STL, a loop of two",
      () => readStl("solid a\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nendloop\n"),
      { line: 5 },
      /loop of 2/,
    ],
    ["STL, a keyword", () => readStl("solid a\nfacett\n"), { line: 2 }, /facett/],
    ["STL, a coordinate", () => readStl("solid a\nvertex 0 1 nan\n"), { line: 2 }, /coordinate z is "nan"/],
  ];
  it.each(cases)("%s", (_name, run, place, message) => {
    const error = fault(run);
    expect({ line: error.line, byte: error.byte }).toEqual({ line: place.line, byte: place.byte });
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/^(OBJ|OFF|PLY|STL) file, (line|byte) \d+: /);
  });
  const plyHead =
    "ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nproperty float y\nproperty float z\nelement face 1\nproperty list uchar int vertex_indices\nend_header\n";
  const points = "0 0 0\n1 0 0\n0 1 0\n";
  it("PLY, numbers behind the header, by line", () => {
    expect(fault(() => readPly(`${plyHead}0 0 0\n1 0 zero\n`))).toMatchObject({
      line: 11,
      message: expect.stringContaining('vertex 1, z is "zero"') as string,
    });
    expect(fault(() => readPly(`${plyHead}${points}3 0 1 3\n`))).toMatchObject({
      line: 13,
      message: expect.stringContaining("vertex 2 of face 0 is 3") as string,
    });
    expect(fault(() => readPly(`${plyHead}${points}3 0 1`))).toMatchObject({
      line: 13,
      message: expect.stringContaining("the file ends") as string,
    });
    expect(fault(() => readPly(`${plyHead}${points}2 0 1\n`)).message).toMatch(/at least three/);
    expect(fault(() => readPly(`${plyHead}0 0 0\nInfinity 0 0\n0 1 0\n3 0 1 2`)).message).toMatch(/Infinity/);
  });
  it("a binary STL whose coordinate isn't finite, by byte", () => {
    const file = writeStl(mesh);
    new DataView(file.buffer).setFloat32(84 + 50 * 3 + 12 + 12, Number.NaN, true);
    expect(fault(() => readStl(file))).toMatchObject({
      byte: 84 + 50 * 3 + 24,
      message: expect.stringContaining("corner 1 of triangle 3") as string,
    });
  });
  it("triangles that name a vertex twice can be left out", () => {
    const file = "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 2\nf 1 2 3\n";
    expect([...readObj(file, { degenerate: "skip" }).faces]).toEqual([0, 1, 2]);
    const flat = "solid a\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex -0 0 0\nendloop\nendsolid\n";
    expect(fault(() => readStl(flat))).toMatchObject({ line: 6 });
    expect(readStl(flat, { degenerate: "skip" }).faceCount).toBe(0);
  });
});

describe("misuse", () => {
  it("of readers and writers", () => {
    expect(() => readObj(7 as never)).toThrow(/readObj: argument `text`/);
    expect(() => readOff(bytes("OFF") as never)).toThrow(/text/);
    expect(() => readPly(7 as never)).toThrow(/bytes/);
    expect(() => readStl([] as never)).toThrow(/bytes/);
    expect(() => readObj("", { skip: true } as never)).toThrow(/options\.skip/);
    expect(() => readObj("", { degenerate: "keep" } as never)).toThrow(/degenerate/);
    expect(() => writeObj(triangleMesh(null, [[0, 1, 2]]))).toThrow(/without positions/);
    expect(() => writeOff(boxOfTetrahedra(1) as never)).toThrow(/a triangle mesh/);
    expect(() => writePly(mesh, { encoding: "big" } as never)).toThrow(/encoding/);
    expect(() => writeStl(mesh, { binary: true } as never)).toThrow(/options\.binary/);
  });
});

describe("real files", () => {
  const folder = join(import.meta.dirname, "../../../../../shared/data/meshes");
  const names = ["spot_triangulated", "mountain", "hand_lowres", "plane_holes", "cat_head", "bunnyhead", "fish"];
  for (const name of names) {
    const file = join(folder, `${name}.obj`);
    it.skipIf(!existsSync(file))(`${name}${existsSync(file) ? "" : ": skipped, no ../shared/data/meshes here"}`, () => {
      const contents = readFileSync(file, "latin1");
      const read = readObj(contents);
      expect(read.vertexCount).toBe(contents.split(/\r?\n/).filter((line) => line.startsWith("v ")).length);
      expect(readPly(writePly(read)).positions).toEqual(read.positions);
      expect(readOff(writeOff(read)).faces).toEqual(read.faces);
      expect(readObj(writeObj(read)).positions).toEqual(read.positions);
    });
  }
});
