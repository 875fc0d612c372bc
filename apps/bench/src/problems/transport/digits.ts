// Pictures of digits, 28 × 28 as in MNIST but drawn here: a pen of soft edge along a curve, so that greys lie along the strokes.
import { type TransportInput, transportInput } from "./input.js";

const side = 28;

type Point = readonly [number, number];

/** Points along an arc of an ellipse, angles in turns from the right, clockwise as seen (y goes down). */
const arc = (cx: number, cy: number, rx: number, ry: number, from: number, to: number): Point[] =>
  Array.from({ length: 33 }, (_, k) => {
    const t = 2 * Math.PI * (from + ((to - from) * k) / 32);
    return [cx + rx * Math.cos(t), cy + ry * Math.sin(t)] as const;
  });

/** Each digit as strokes: points joined by lines, in pixels of a 28 × 28 picture. */
const strokes: Readonly<Record<number, readonly (readonly Point[])[]>> = {
  0: [arc(14, 14, 5.5, 8.5, 0, 1)],
  1: [
    [
      [10, 8],
      [14.5, 5],
      [14.5, 23],
    ],
  ],
  2: [[...arc(13.5, 10, 5.5, 5, 0.5, 1.08), [8, 22.5], [20.5, 22.5]]],
  3: [arc(13, 9.5, 5, 4.5, 0.55, 1.25), arc(13, 18.5, 6, 4.5, 0.75, 1.45)],
  4: [
    [
      [15, 5],
      [7, 17],
      [21, 17],
    ],
    [
      [16.5, 10],
      [16.5, 23.5],
    ],
  ],
  5: [[[19.5, 5.5], [10, 5.5], [9.5, 13], ...arc(13.5, 17, 6, 5.5, 0.68, 1.4)]],
  7: [
    [
      [7.5, 6],
      [20.5, 6],
      [12, 23],
    ],
  ],
  8: [arc(14, 9.5, 4.5, 4.2, 0, 1), arc(14, 18.5, 5.5, 4.8, 0, 1)],
};

/** Distance of p from the line from a to b. */
function distance([px, py]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.max(0, Math.min(1, ((px - ax) * dx + (py - ay) * dy) / length));
  return Math.hypot(px - ax - t * dx, py - ay - t * dy);
}

/** A digit (0, 1, 2, 3, 4, 5, 7, 8) as greys in [0, 1], row-major: 1 within the pen, falling to 0 over 1.2 pixels. */
export function digit(which: number, pen = 1.1): Float64Array {
  const lines = strokes[which]!;
  return Float64Array.from({ length: side * side }, (_, k) => {
    const p: Point = [(k % side) + 0.5, Math.floor(k / side) + 0.5];
    let nearest = Number.POSITIVE_INFINITY;
    for (const line of lines)
      for (let s = 1; s < line.length; s++) nearest = Math.min(nearest, distance(p, line[s - 1]!, line[s]!));
    return Math.max(0, Math.min(1, (pen + 1.2 - nearest) / 1.2));
  });
}

/**
 * Transport between two digits, greys as weights of sum 1: on the pixels with ink, or on the whole picture with every pixel lifted by 0.01 of the greatest so that none is without weight. Positions in
 * [0, 1]², cost by the norm: squared Euclidean ("l2") or the sum of differences ("l1"), divided by its greatest entry.
 */
export function digitPair(from: number, to: number, norm: "l2" | "l1", whole = false): TransportInput {
  const pixels = (which: number) => {
    const grey = digit(which);
    const kept = Array.from(grey.keys()).filter((k) => whole || grey[k]! > 0);
    const lifted = kept.map((k) => grey[k]! + (whole ? 0.01 : 0));
    const sum = lifted.reduce((a, b) => a + b, 0);
    return {
      weights: Float64Array.from(lifted, (w) => w / sum),
      places: kept.map((k) => [(k % side) / (side - 1), Math.floor(k / side) / (side - 1)] as const),
    };
  };
  const [A, B] = [pixels(from), pixels(to)];
  const cost = Float64Array.from({ length: A.places.length * B.places.length }, (_, k) => {
    const [ax, ay] = A.places[Math.floor(k / B.places.length)]!;
    const [bx, by] = B.places[k % B.places.length]!;
    const [dx, dy] = [Math.abs(ax - bx), Math.abs(ay - by)];
    return norm === "l2" ? dx * dx + dy * dy : dx + dy;
  });
  const greatest = cost.reduce((most, c) => Math.max(most, c), 0);
  return transportInput(
    `digits ${from} and ${to}${whole ? ", whole pictures" : ""}, ${norm === "l2" ? "squared l2" : "l1"}`,
    A.weights,
    B.weights,
    cost.map((c) => c / greatest),
  );
}
