// Connectivity against counts that are known beforehand, walks against brute force, and what is wrong with bad meshes, by name.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  boundaryLoops,
  boundarySurface,
  boxOfTetrahedra,
  checkMesh,
  components,
  cylinderMesh,
  eulerCharacteristic,
  gridMesh,
  hinges,
  icosphere,
  nextCorner,
  previousCorner,
  removeIsolated,
  requireManifold,
  type TriangleMesh,
  tetrahedralMesh,
  tetrahedronVolumes,
  triangleMesh,
  vertexStars,
  withPositions,
} from "../../src/index.js";

const sphere = icosphere(3);
const grid = gridMesh(7, 5);
const tube = cylinderMesh(9, 4);
const meshes: [string, TriangleMesh, { edges: number; euler: number; loops: number[] }][] = [
  // Subdivision: E = 30 · 4^levels.
  ["icosphere", sphere, { edges: 30 * 64, euler: 2, loops: [] }],
  // 7 · 6 + 8 · 5 sides and 35 diagonals.
  ["grid", grid, { edges: 7 * 6 + 8 * 5 + 35, euler: 1, loops: [24] }],
  ["cylinder", tube, { edges: 9 * 5 + 9 * 4 + 9 * 4, euler: 0, loops: [9, 9] }],
];

describe.each(meshes)("%s", (_name, mesh, known) => {
  const { faces, corners } = mesh;
  it("has the edges, Euler characteristic and boundary loops that it must", () => {
    expect(corners.edges.length / 2).toBe(known.edges);
    expect(eulerCharacteristic(mesh)).toBe(known.euler);
    expect(boundaryLoops(mesh).map((loop) => loop.length)).toEqual(known.loops);
    expect(components(mesh).count).toBe(1);
    expect(checkMesh(mesh)).toEqual({
      isManifold: true,
      crowdedEdges: [],
      twistedEdges: [],
      pinchedVertices: [],
      isolatedVertices: [],
      flatFaces: [],
    });
  });

  it("knows who is across each edge: as a search over all pairs of corners finds", () => {
    const across = new Map<string, number>();
    for (let c = 0; c < faces.length; c++) across.set(`${faces[nextCorner(c)]},${faces[previousCorner(c)]}`, c);
    for (let c = 0; c < faces.length; c++) {
      expect(corners.opposite[c]).toBe(across.get(`${faces[previousCorner(c)]},${faces[nextCorner(c)]}`) ?? -1);
      const pair = [faces[nextCorner(c)]!, faces[previousCorner(c)]!].sort((p, q) => p - q);
      expect([...corners.edges.subarray(2 * corners.edge[c]!, 2 * corners.edge[c]! + 2)]).toEqual(pair);
    }
  });

  it("has stars whose triangles are those at the vertex, in counterclockwise order", () => {
    const around = new Map<number, Set<string>>();
    for (let c = 0; c < faces.length; c++) {
      const set = around.get(faces[c]!) ?? new Set();
      around.set(faces[c]!, set.add(`${faces[nextCorner(c)]},${faces[previousCorner(c)]}`));
    }
    const stars = vertexStars(mesh);
    expect(stars.length).toBe(mesh.vertexCount);
    for (const { vertex, neighbours, isBoundary } of stars) {
      const pairs = Array.from(neighbours, (v, i) => `${v},${neighbours[(i + 1) % neighbours.length]}`);
      if (isBoundary) pairs.pop();
      expect(new Set(pairs)).toEqual(around.get(vertex));
      expect(pairs.length).toBe(around.get(vertex)!.size);
    }
  });

  it("has a hinge at each inner edge, between the triangles (i, j, k) and (j, i, l)", () => {
    const triangles = new Set<string>();
    for (let f = 0; f < faces.length; f += 3)
      for (let k = 0; k < 3; k++) triangles.add([0, 1, 2].map((i) => faces[f + ((k + i) % 3)]).join());
    const all = hinges(mesh);
    expect(all.length / 4).toBe([...corners.valence].filter((count) => count === 2).length);
    for (let h = 0; h < all.length; h += 4) {
      const [i, j, k, l] = all.subarray(h, h + 4);
      expect(triangles.has(`${i},${j},${k}`) && triangles.has(`${j},${i},${l}`)).toBe(true);
    }
  });
});

describe("boundary loops", () => {
  it("go the way their triangles do", () => {
    const [loop] = boundaryLoops(triangleMesh(null, [[0, 1, 2]]));
    expect([...loop!]).toEqual([0, 1, 2]);
  });
});

describe("components", () => {
  it("are numbered by their first vertex; isolated vertices are their own", () => {
    const mesh = triangleMesh(
      null,
      [
        [3, 4, 5],
        [0, 2, 6],
      ],
      { vertexCount: 8 },
    );
    expect(components(mesh)).toEqual({ count: 4, ofVertex: Int32Array.of(0, 1, 0, 2, 2, 2, 0, 3) });
    expect(checkMesh(mesh).isolatedVertices).toEqual([1, 7]);
    expect(eulerCharacteristic(mesh)).toBe(2);
    expect(vertexStars(mesh).map(({ vertex }) => vertex)).toEqual([0, 2, 3, 4, 5, 6]);
  });
});

describe("removeIsolated", () => {
  it("leaves out vertices of no triangle, keeps the order, and says which are left", () => {
    const given = triangleMesh(
      [
        [9, 9],
        [0, 0],
        [1, 0],
        [8, 8],
        [0, 1],
      ],
      [[4, 1, 2]],
    );
    const { mesh, vertices } = removeIsolated(given);
    expect([...vertices]).toEqual([1, 2, 4]);
    expect([...mesh.faces]).toEqual([2, 0, 1]);
    expect([...mesh.positions!]).toEqual([0, 0, 0, 1, 0, 0, 0, 1, 0]);
    expect(removeIsolated(triangleMesh(null, [[0, 1, 3]])).mesh).toMatchObject({ vertexCount: 3, positions: null });
  });
});

describe("what is wrong", () => {
  it("an edge of three triangles is named, and matched with nothing", () => {
    const mesh = triangleMesh(null, [
      [0, 1, 2],
      [1, 0, 3],
      [0, 1, 4],
    ]);
    expect(checkMesh(mesh)).toMatchObject({ isManifold: false, crowdedEdges: [[0, 1]] });
    expect([...mesh.corners.opposite].every((c) => c < 0)).toBe(true);
    for (const use of [requireManifold, boundaryLoops, vertexStars, hinges])
      expect(() => use(mesh)).toThrow(/edge \(0, 1\) has 3 triangles/);
  });
  it("neighbours that disagree on the outside are named", () => {
    const mesh = triangleMesh(null, [
      [0, 1, 2],
      [0, 1, 3],
    ]);
    expect(checkMesh(mesh)).toMatchObject({ isManifold: false, twistedEdges: [[0, 1]], crowdedEdges: [] });
    expect([...mesh.corners.opposite]).toEqual([-1, -1, -1, -1, -1, -1]);
    expect(() => requireManifold(mesh)).toThrow(/edge \(0, 1\)/);
  });
  it("a vertex at which two fans touch is named", () => {
    const mesh = triangleMesh(null, [
      [0, 1, 2],
      [0, 3, 4],
    ]);
    expect(checkMesh(mesh)).toMatchObject({ isManifold: false, pinchedVertices: [0] });
    expect(() => requireManifold(mesh)).toThrow(/vertex 0/);
  });
  it("flat triangles are found where there are positions", () => {
    const positions = [
      [0, 0, 0],
      [1, 0, 0],
      [2, 0, 0],
      [0, 1, 0],
    ];
    expect(
      checkMesh(
        triangleMesh(positions, [
          [0, 1, 3],
          [0, 2, 1],
        ]),
      ).flatFaces,
    ).toEqual([1]);
  });
  it("indices, repeated vertices, positions and shapes are named", () => {
    expect(() =>
      triangleMesh(
        [
          [0, 0],
          [1, 0],
          [0, 1],
        ],
        [[0, 1, 3]],
      ),
    ).toThrow(/`faces\[0\]\[2\]` is 3; wanted .*0 to 2/);
    expect(() =>
      triangleMesh(null, [
        [0, 1, 2],
        [3, 5, 3],
      ]),
    ).toThrow(/`faces\[1\]` is degenerate: vertex 3 occurs twice/);
    expect(() => triangleMesh(null, [[0, 1, -2]])).toThrow(/faces\[0\]\[2\]/);
    expect(() => triangleMesh(null, [[0, 1, 1.5]])).toThrow(/1\.5/);
    expect(() => triangleMesh(null, [[0, 1]])).toThrow(/faces\[0\].*3 vertices/);
    expect(() => triangleMesh(null, Int32Array.of(0, 1))).toThrow(/of length 2/);
    expect(() =>
      triangleMesh(
        [
          [0, 0],
          [1, Number.NaN],
          [0, 1],
        ],
        [[0, 1, 2]],
      ),
    ).toThrow(/positions\[1\]` is NaN/);
    expect(() => triangleMesh(new Float64Array(4), [[0, 1, 2]])).toThrow(/of length 4/);
    expect(() => triangleMesh([[0]], [])).toThrow(/positions\[0\]/);
    expect(() => triangleMesh("x" as never, [])).toThrow(/positions/);
    expect(() => triangleMesh(null, 7 as never)).toThrow(/faces/);
    expect(() => triangleMesh(null, [], { vertices: 3 } as never)).toThrow(/options\.vertices/);
    expect(() => triangleMesh([[0, 0]], [], { vertexCount: 3 })).toThrow(/vertexCount/);
    expect(() => triangleMesh(null, [], { vertexCount: -1 })).toThrow(/vertexCount/);
    expect(() => withPositions(grid, [[0, 0]])).toThrow(/48/);
    expect(() => checkMesh(boxOfTetrahedra(1) as never)).toThrow(/a tetrahedral mesh; wanted a triangle mesh/);
    expect(() => boundarySurface(grid as never)).toThrow(/a triangle mesh; wanted a tetrahedral mesh/);
    expect(() => tetrahedralMesh(null, [[0, 1, 2, 2]])).toThrow(/degenerate/);
    expect(() => gridMesh(0)).toThrow(/nx/);
    expect(() => gridMesh(2, 2, { width: 0 })).toThrow(/width/);
    expect(() => icosphere(-1)).toThrow(/levels/);
    expect(() => cylinderMesh(2, 1)).toThrow(/around/);
    expect(() => boxOfTetrahedra(1, 1, 0)).toThrow(/nz/);
  });
});

describe("tetrahedra", () => {
  const box = boxOfTetrahedra(3, 2, 4, 0.5);
  it("fill the box, none inverted", () => {
    const volumes = tetrahedronVolumes(box);
    expect(box.cellCount).toBe(6 * 24);
    expect(volumes.every((v) => Math.abs(v - 0.125 / 6) < 1e-15)).toBe(true);
    const turned = tetrahedralMesh(
      box.positions,
      Int32Array.from(box.cells, (_, i) => box.cells[i % 4 < 2 ? i ^ 1 : i]!),
    );
    expect(tetrahedronVolumes(turned).every((v) => v < 0)).toBe(true);
  });
  it("have the edges of Freudenthal's division: sides, diagonals of squares, diagonals of cubes", () => {
    const [a, b, c] = [3, 2, 4];
    const sides = a * (b + 1) * (c + 1) + (a + 1) * b * (c + 1) + (a + 1) * (b + 1) * c;
    const squares = a * b * (c + 1) + a * (b + 1) * c + (a + 1) * b * c;
    expect(box.edges.length / 2).toBe(sides + squares + a * b * c);
  });
  it("have a closed boundary with the outside outside", () => {
    const surface = boundarySurface(box);
    expect(surface.faceCount).toBe(4 * (3 * 2 + 3 * 4 + 2 * 4));
    expect(checkMesh(surface).isManifold).toBe(true);
    expect(eulerCharacteristic(surface)).toBe(2);
    // The divergence theorem: a sixth of the determinants adds up to the volume.
    const x = surface.positions!;
    let volume = 0;
    for (let f = 0; f < surface.faces.length; f += 3) {
      const [p, q, r] = [0, 1, 2].map((k) => 3 * surface.faces[f + k]!) as [number, number, number];
      volume +=
        (x[p]! * (x[q + 1]! * x[r + 2]! - x[q + 2]! * x[r + 1]!) +
          x[p + 1]! * (x[q + 2]! * x[r]! - x[q]! * x[r + 2]!) +
          x[p + 2]! * (x[q]! * x[r + 1]! - x[q + 1]! * x[r]!)) /
        6;
    }
    expect(volume).toBeCloseTo(3, 12);
  });
  it("at most two at a face", () => {
    const crowded = tetrahedralMesh(null, [
      [0, 1, 2, 3],
      [0, 1, 2, 4],
      [0, 1, 2, 5],
    ]);
    expect(() => boundarySurface(crowded)).toThrow(/cells\[2\].*the third at face 0,1,2/);
  });
});

describe("real meshes", () => {
  const folder = join(import.meta.dirname, "../../../../../shared/data/meshes");
  // Vertices, faces and loops as SOURCES.md beside them has them.
  const known = {
    spot_triangulated: [5856, 2, 0],
    mountain: [50562, 1, 1],
    hand_lowres: [1602, 1, 1],
    plane_holes: [16747, -25, 27],
  };
  for (const [name, [faceCount, euler, loops]] of Object.entries(known)) {
    const file = join(folder, `${name}.obj`);
    it.skipIf(!existsSync(file))(`${name}${existsSync(file) ? "" : ": skipped, no ../shared/data/meshes here"}`, () => {
      const faces: number[][] = [];
      for (const line of readFileSync(file, "utf8").split("\n"))
        if (line.startsWith("f "))
          faces.push(
            line
              .trim()
              .split(/\s+/)
              .slice(1)
              .map((part) => Number.parseInt(part, 10) - 1),
          );
      const mesh = triangleMesh(null, faces);
      expect(mesh.faceCount).toBe(faceCount);
      expect(checkMesh(mesh).isManifold).toBe(true);
      expect(eulerCharacteristic(mesh)).toBe(euler);
      expect(boundaryLoops(mesh).length).toBe(loops);
    });
  }
});
