// Meshes in space for the figures of the term compiler: a solid cube of tetrahedra and a sheet of cloth with its hinges, a little deformed.
import type { DataTable } from "@hessia/core/kernel";

export interface ElementMesh {
  /** Three numbers a vertex. */
  readonly positions: Float64Array;
  /** Four vertices an element. */
  readonly elements: Int32Array;
  readonly data: DataTable;
}

/** A number in [−1, 1] that depends on k without a pattern. */
const noise = (k: number) => Math.sin(12.9898 * k + 78.233 * (k % 17));

/** cells³ cubes of six tetrahedra each, around the diagonal (Kuhn), with the data of Neo-Hookean material: R row by row, V, μ, λ. */
export function solidCube(cells: number): ElementMesh {
  const side = cells + 1;
  const number = (i: number, j: number, k: number) => (i * side + j) * side + k;
  const positions = new Float64Array(3 * side ** 3);
  for (let i = 0, p = 0; i < side; i++)
    for (let j = 0; j < side; j++)
      for (let k = 0; k < side; k++, p += 3)
        positions.set([1.1 * i + 0.1 * noise(p), 0.9 * j + 0.1 * noise(p + 1), k + 0.1 * noise(p + 2)], p);
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ];
  const elements = new Int32Array(24 * cells ** 3);
  const data = new Float64Array(72 * cells ** 3);
  let at = 0;
  for (let i = 0; i < cells; i++)
    for (let j = 0; j < cells; j++)
      for (let k = 0; k < cells; k++)
        for (const [o, order] of orders.entries()) {
          // From one corner along the three axes, in each of the six orders; every other one is turned to be positive.
          const corner = [i, j, k];
          const path = [corner.slice()];
          for (const axis of order) {
            corner[axis]!++;
            path.push(corner.slice());
          }
          const even = o === 0 || o === 3 || o === 4;
          const turned = even ? path : [path[0]!, path[1]!, path[3]!, path[2]!];
          elements.set(
            turned.map(([a, b, c]) => number(a!, b!, c!)),
            4 * at,
          );
          const edges = [1, 2, 3].map((v) => turned[v]!.map((one, axis) => one - turned[0]![axis]!));
          data.set([...inverse(edges), 1 / 6, 1, 2], 12 * at);
          at++;
        }
  return { positions, elements, data: { width: 12, table: data } };
}

/** The inverse of the matrix whose columns are the edges (row i, column j: edges[j][i]), row by row, for determinant ±1. */
function inverse(edges: readonly (readonly number[])[]): number[] {
  const m = (i: number, j: number) => edges[j % 3]![i % 3]!;
  const cofactor = (i: number, j: number) => m(i + 1, j + 1) * m(i + 2, j + 2) - m(i + 1, j + 2) * m(i + 2, j + 1);
  const det = m(0, 0) * cofactor(0, 0) + m(1, 0) * cofactor(1, 0) + m(2, 0) * cofactor(2, 0);
  return [0, 1, 2].flatMap((i) => [0, 1, 2].map((j) => cofactor(j, i) / det));
}

/** cells × cells squares of two triangles each: the inner edges with their opposite vertices, stiffness 1 and rest angle 0.1. */
export function cloth(cells: number): ElementMesh {
  const side = cells + 1;
  const positions = new Float64Array(3 * side * side);
  for (let i = 0, p = 0; i < side; i++)
    for (let j = 0; j < side; j++, p += 3)
      positions.set([i + 0.1 * noise(p), j + 0.1 * noise(p + 1), Math.sin(0.1 * i) + 0.1 * noise(p + 2)], p);
  const elements: number[] = [];
  for (let i = 0; i < cells; i++)
    for (let j = 0; j < cells; j++) {
      const v = i * side + j;
      elements.push(v + 1, v + side, v, v + side + 1);
      if (j > 0) elements.push(v, v + side, v + side - 1, v + 1);
      if (i > 0) elements.push(v, v + 1, v + side, v - side + 1);
    }
  const width = 2;
  const table = Float64Array.from({ length: elements.length / 2 }, (_, k) => (k % 2 === 0 ? 1 : 0.1));
  return { positions, elements: Int32Array.from(elements), data: { width, table } };
}
