// Where a compiled loop adds Hessian entries of terms over points, in WebAssembly: addresses from the ranks of pairs and from where columns begin (point-pattern.ts).
import type { Code, Local } from "../wasm/assembler.js";
import { i32, select } from "../wasm/instructions.js";
import type { PointShape } from "./point-pattern.js";

/** Makes a local at the first call of a key. */
type Once = (key: string, type: "i32" | "v128", make: () => Code) => Local;

interface PlaceLoads {
  readonly once: Once;
  /** A point's place in x, and in what is written. */
  readonly pointIn: (name: "index" | "scatter", point: number, lane: number) => Local;
}

interface PlaceTables {
  readonly h: Local;
  readonly ranks: Local;
  readonly columns: Local;
}

/** The address of the entry of two variables of the term in a lane. */
export function placesByPoints(
  { step, own, other, pairs, rankBytes }: PointShape,
  { once, pointIn }: PlaceLoads,
  at: PlaceTables,
): (variables: readonly [number, number], lane: number) => { readonly address: Local | Code; readonly offset: number } {
  const load = rankBytes === 1 ? i32.load8U : i32.load16U;
  /** Where column q of a point begins. Points are 8 · step bytes in vectors, and 4 · step in the table of columns. */
  const begin = (point: number, q: number, lane: number) => {
    const columns = once(`columns${point},${lane}`, "i32", () =>
      i32.add(at.columns, i32.shrU(pointIn("scatter", point, lane), 1)),
    );
    return once(`begin${point},${q},${lane}`, "i32", () => i32.add(at.h, i32.load(columns, 4 * q)));
  };
  return ([i, j], lane) => {
    const [p, q] = [i % step, j % step];
    const [P, Q] = [(i - p) / step, (j - q) / step];
    if (P === Q) return { address: begin(P, q, lane), offset: 8 * own.places[q * step + p]! };
    const k = pairs.findIndex(([a, c]) => a === P && c === Q);
    const key = `${k},${lane}`;
    // Whether Q's columns are the ones: those of the smaller number.
    const upright = once(`up${key}`, "i32", () => i32.gtS(pointIn("index", P, lane), pointIn("index", Q, lane)));
    const rank = once(`rank${key}`, "i32", () => load(at.ranks, rankBytes * (lane * pairs.length + k)));
    const down = (size: number) => once(`down${size},${key}`, "i32", () => i32.mul(rank, 8 * size));
    const column = (c: number, by: number): Local =>
      once(`column${c},${by},${key}`, "i32", (): Code => {
        if (by > 0) return i32.add(column(c, 0), by);
        return i32.add(select("i32", begin(Q, c, lane), begin(P, c, lane), upright), down(other.counts[c]!));
      });
    const offset = (row: number, c: number) => 8 * (own.counts[c]! + other.places[c * step + row]!);
    if (p === q) return { address: column(q, 0), offset: offset(p, q) };
    const [one, turned] = [offset(p, q), offset(q, p)];
    const least = Math.min(one, turned);
    return { address: select("i32", column(q, one - least), column(p, turned - least), upright), offset: least };
  };
}
