// The Hessian of a sum made convex term by term: each term's own Hessian is replaced by the nearest positive semidefinite matrix, or its eigenvalues by their
// absolute values, before it is added. Teran, Sifakis, Irving, Fedkiw, "Robust quasistatic finite elements and flesh simulation" (2005) (clamping); Chen, Liu, Levin, Zheng, Jacobson,
// "Stabler neo-Hookean simulation: absolute eigenvalue filtering for projected Newton" (2024) (absolute values).
//
// Terms are taken in pieces: a compiled pass writes the Hessians of a piece's terms, each to a place of its own, and for each whether it is positive semidefinite
// already (definite.ts). The others are gathered, reduced to the space in which they live, projected as a batch, and put back; then all are scattered.
import type { Vector } from "../linear/matrix.js";
import { type Block, noArrays } from "./block.js";
import { arraysOf } from "./block-data.js";
import { congruenceNodes, type Definiteness } from "./definite.js";
import type { Evaluator } from "./evaluator.js";
import { inputNode, newGraph } from "./graph.js";
import { Op } from "./ops.js";
import type { Places } from "./pattern.js";
import type { PointMap } from "./point-pattern.js";
import type { Pass, Result } from "./program.js";

/** Terms of a piece; even, since WebAssembly takes two at a time. Their Hessians stay in the cache. */
const mostOfPiece = 512;
/** Numbers that a piece's matrices may have together. */
const mostNumbers = 2 ** 17;

/** Makes `count` symmetric n × n matrices, one behind the other, positive semidefinite in place: `projectPsdInto` of @hessia/core/linear. */
export type ProjectPsd = (A: Vector, n: number, count: number, negative: "clamp" | "absolute") => unknown;

/** Adds the projected Hessians to `h`, and with `out` the gradients to it; answers the sum of the values (0 without `out`). */
export type Projector = (
  negative: "clamp" | "absolute",
  out: Vector | undefined,
  h: Float64Array,
  x: Vector,
  places: Places,
) => number;

export function makeProjector(block: Block, evaluator: Evaluator, projectPsd: ProjectPsd): Projector {
  const { indices, closedEntries: entries } = block;
  const { count, width: k, table, step } = indices;
  const arity = k / step;
  const E = entries.length;
  const { pivot, basis } = block.definiteness();
  const stride = E + (basis === undefined ? 0 : triangle(basis.rank)) + 1;
  const pieceSize = Math.max(2, Math.min(mostOfPiece, 2 * Math.floor(mostNumbers / (2 * k * k))));
  const room = Math.min(pieceSize, count + (count % 2));
  const own = evaluator.newScratch(room * stride);
  const suspects: Suspects = { own, stride, list: new Int32Array(room), count: 0 };
  const { list } = suspects;
  const project =
    basis === undefined
      ? makeWhole(k, entries, room, projectPsd)
      : makeReduced(basis, entries, room, evaluator, projectPsd);
  const doubled = block.repeatedPairs().map(([i, j]) => entries.findIndex(([a, b]) => a === i && b === j));
  const scatterRows = (points: PointMap): Pass => {
    const graph = newGraph();
    const results = entries.map((variables, slot): Result => {
      return { to: "entry", slot, node: inputNode(graph, Op.data, slot), variables };
    });
    const { shape } = points;
    const program = { graph, arity: k, step, width: stride, entries: E, shape, rows: true, identity: false, results };
    return evaluator.compile(program);
  };
  let scatter: Pass | undefined;
  let some: Int32Array | undefined;

  return (negative, out, h, x, places) => {
    const pass = block.pass(out === undefined ? "onlyLocalHessian" : "localHessian");
    const given = {
      ...noArrays,
      index: table,
      ...arraysOf(block.data),
      x,
      h: own,
      ...(out === undefined ? {} : { out }),
    };
    let sum = 0;
    for (let first = 0; first < count; first += pieceSize) {
      const size = Math.min(pieceSize, count - first);
      sum += pass(size, { ...given, first });
      suspects.count = 0;
      for (let t = 0, at = stride - 1; t < size; t++, at += stride) {
        // Not a number is suspect, too.
        if (pivot === undefined || !(own[at]! > 0)) list[suspects.count++] = t;
      }
      if (suspects.count > 0) project(suspects, negative);
      const isMap = places instanceof Int32Array;
      // Entries that are elsewhere than what the passes write would be copied there and back.
      if (!isMap && h.buffer === own.buffer) {
        scatter ??= scatterRows(places);
        scatter(size, { ...noArrays, index: table, first, data: own, w0: own, x, h, points: places });
        continue;
      }
      for (const e of doubled) {
        const [i, j] = entries[e]!;
        const [P, Q] = [Math.floor(i / step), Math.floor(j / step)];
        for (let t = 0, at = first * arity; t < size; t++, at += arity)
          if (table[at + P] === table[at + Q]) own[t * stride + e]! *= 2;
      }
      const map = isMap ? places : places.placesInto((some ??= new Int32Array(E * room)), first, size);
      for (let t = 0, e = isMap ? E * first : 0; t < size; t++) {
        const start = t * stride;
        for (let a = 0; a < E; a++, e++) h[map[e]!]! += own[start + a]!;
      }
    }
    return sum;
  };
}

const triangle = (n: number) => (n * (n + 1)) / 2;

/** Terms of a piece whose lower Hessians are to be projected where they stand. */
interface Suspects {
  readonly own: Vector;
  readonly stride: number;
  readonly list: Int32Array;
  count: number;
}

type Projection = (suspects: Suspects, negative: "clamp" | "absolute") => void;

/** By K = QᵀHQ, which stands behind H, and back by a compiled pass: H = Q K Qᵀ. */
function makeReduced(
  { rank, Q }: NonNullable<Definiteness["basis"]>,
  entries: Block["entries"],
  room: number,
  evaluator: Evaluator,
  projectPsd: ProjectPsd,
): Projection {
  const k = Q.length / rank;
  const E = entries.length;
  const T = triangle(rank);
  const full = new Float64Array(room * rank * rank);
  const packed = evaluator.newScratch(room * T);
  const H = evaluator.newScratch(room * E);
  const index = Int32Array.from({ length: room * T }, (_, e) => e);
  const graph = newGraph();
  const K = Int32Array.from({ length: T }, (_, slot) => inputNode(graph, Op.x, slot));
  const transposed = Float64Array.from({ length: k * rank }, (_, e) => Q[(e % k) * rank + Math.floor(e / k)]!);
  const nodes = congruenceNodes(graph, K, transposed, rank);
  const results = entries.map(([i, j], slot): Result => ({ to: "own", slot, node: nodes[triangle(i) + j]! }));
  const back = evaluator.compile({ graph, arity: T, width: 0, entries: E, identity: false, results });

  return ({ own, stride, list, count }, negative) => {
    for (let s = 0, to = 0; s < count; s++, to += rank * rank) {
      let from = list[s]! * stride + E;
      for (let i = 0; i < rank; i++) for (let j = 0; j <= i; j++) full[to + i * rank + j] = own[from++]!;
    }
    const given = full.subarray(0, count * rank * rank);
    projectPsd(given, rank, count, negative);
    for (let s = 0, from = 0, to = 0; s < count; s++, from += rank * rank)
      for (let i = 0; i < rank; i++) for (let j = 0; j <= i; j++) packed[to++] = full[from + i * rank + j]!;
    // All of the room, so that the pass has one length.
    packed.fill(0, count * T);
    back(room, { ...noArrays, index, x: packed, h: H });
    for (let s = 0, from = 0; s < count; s++) {
      const to = list[s]! * stride;
      for (let e = 0; e < E; e++) own[to + e] = H[from++]!;
    }
  };
}

/** By the whole of H. */
function makeWhole(k: number, entries: Block["entries"], room: number, projectPsd: ProjectPsd): Projection {
  const first = Int32Array.from(entries, ([i]) => i);
  const second = Int32Array.from(entries, ([, j]) => j);
  const size = k * k;
  const batch = new Float64Array(room * size);
  return ({ own, stride, list, count }, negative) => {
    const given = batch.subarray(0, count * size).fill(0);
    for (let s = 0; s < count; s++) {
      const at = list[s]! * stride;
      for (let e = 0; e < first.length; e++) {
        given[s * size + first[e]! * k + second[e]!] = own[at + e]!;
        given[s * size + second[e]! * k + first[e]!] = own[at + e]!;
      }
    }
    projectPsd(given, k, count, negative);
    for (let s = 0; s < count; s++) {
      const at = list[s]! * stride;
      for (let e = 0; e < first.length; e++) own[at + e] = given[s * size + first[e]! * k + second[e]!]!;
    }
  };
}
