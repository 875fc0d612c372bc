// What terms go over: the vertices of each element of a kind.
import { describe, misuse } from "@hessia/core";
import { type Mesh, requireTetrahedra, requireTriangles } from "../mesh/mesh.js";
import { hinges, vertexStars } from "../mesh/topology.js";

/** Unknowns without a mesh: `vertexCount` of them, for terms over index tuples (`addTerms`); a triangle's or an edge's unknowns, say. */
export interface PointSet {
  readonly kind: "points";
  readonly vertexCount: number;
}

/** `count` unknowns without a mesh. */
export function pointSet(count: number): PointSet {
  if (!(Number.isInteger(count) && count >= 0))
    misuse("pointSet", "count", describe(count), "a whole number from 0 on");
  return { kind: "points", vertexCount: count };
}

export type Domain = Mesh | PointSet;
export type ElementKind = "vertex" | "edge" | "triangle" | "corner" | "hinge" | "tetrahedron" | "star" | "tuple";

/** Elements that share a trace: rows of `arity` vertices. */
export interface Elements {
  readonly arity: number;
  readonly table: Int32Array;
  /** The number of each element among all of its kind; undefined for 0, 1, 2 … */
  readonly numbers?: Int32Array;
  /** Of stars: whether they are open. */
  readonly isBoundary?: boolean;
}

/** The elements of a kind, of one arity but for stars. */
export function elementsOf(domain: Domain, kind: Exclude<ElementKind, "tuple">, routine: string): readonly Elements[] {
  if (kind === "vertex") {
    const table = Int32Array.from({ length: domain.vertexCount }, (_, v) => v);
    return [{ arity: 1, table }];
  }
  if (domain.kind === "points")
    return misuse(routine, "mesh", "a set of points", "a mesh", "Terms over points go by addTerms.");
  switch (kind) {
    case "edge":
      return [{ arity: 2, table: domain.kind === "triangles" ? domain.corners.edges : domain.edges }];
    case "triangle":
      return [{ arity: 3, table: requireTriangles(routine, domain).faces }];
    case "corner":
      return [{ arity: 3, table: cornerTable(requireTriangles(routine, domain).faces) }];
    case "hinge":
      return [{ arity: 4, table: hinges(requireTriangles(routine, domain)) }];
    case "tetrahedron":
      return [{ arity: 4, table: requireTetrahedra(routine, domain).cells }];
    case "star":
      return starTables(requireTriangles(routine, domain));
  }
}

/** Three rows a triangle: the corner's vertex, then the others counterclockwise. */
function cornerTable(faces: Int32Array): Int32Array {
  const table = new Int32Array(3 * faces.length);
  for (let c = 0; c < faces.length; c++) {
    const f = c - (c % 3);
    for (let k = 0; k < 3; k++) table[3 * c + k] = faces[f + ((c + k) % 3)]!;
  }
  return table;
}

/** Stars by valence, closed and open ones apart: the vertex, then its neighbours. */
function starTables(mesh: Parameters<typeof vertexStars>[0]): readonly Elements[] {
  const groups = new Map<string, { arity: number; isBoundary: boolean; rows: number[]; numbers: number[] }>();
  for (const { vertex, neighbours, isBoundary } of vertexStars(mesh)) {
    const key = `${neighbours.length} ${isBoundary}`;
    let group = groups.get(key);
    if (group === undefined)
      groups.set(key, (group = { arity: 1 + neighbours.length, isBoundary, rows: [], numbers: [] }));
    group.rows.push(vertex, ...neighbours);
    group.numbers.push(vertex);
  }
  return [...groups.values()]
    .sort((a, b) => a.arity - b.arity || +a.isBoundary - +b.isBoundary)
    .map(({ arity, isBoundary, rows, numbers }) => ({
      arity,
      isBoundary,
      table: Int32Array.from(rows),
      numbers: Int32Array.from(numbers),
    }));
}

/** Index tuples that the user gives: rows of one length. */
export type Tuples = readonly (readonly number[])[] | { readonly arity: number; readonly table: Int32Array };

export function tupleTable(domain: Domain, tuples: Tuples, routine: string): Elements {
  const wanted = `a vertex number from 0 to ${domain.vertexCount - 1}`;
  if (tuples === null || typeof tuples !== "object") misuse(routine, "tuples", describe(tuples), "rows of vertices");
  const isFlat = "table" in tuples;
  const arity = isFlat ? tuples.arity : (tuples[0]?.length ?? 0);
  if (
    isFlat &&
    !(tuples.table instanceof Int32Array && Number.isInteger(arity) && arity > 0 && tuples.table.length % arity === 0)
  )
    misuse(routine, "tuples", describe(tuples.table), "an Int32Array of `arity` vertices a row");
  if (!isFlat && tuples.length > 0 && arity === 0) misuse(routine, "tuples[0]", "empty", "at least one vertex");
  const table = isFlat ? tuples.table.slice() : new Int32Array(arity * tuples.length);
  if (!isFlat) {
    for (const [t, row] of tuples.entries()) {
      if (!Array.isArray(row) || row.length !== arity)
        misuse(routine, `tuples[${t}]`, describe(row), `${arity} vertices, as the first row`);
      for (let i = 0; i < arity; i++) {
        if (!Number.isInteger(row[i])) misuse(routine, `tuples[${t}][${i}]`, describe(row[i]), wanted);
        table[arity * t + i] = row[i]!;
      }
    }
  }
  for (let i = 0; i < table.length; i++) {
    if (table[i]! < 0 || table[i]! >= domain.vertexCount)
      misuse(routine, `tuples[${Math.floor(i / arity)}][${i % arity}]`, String(table[i]), wanted);
  }
  return { arity, table };
}
