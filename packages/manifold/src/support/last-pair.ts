// Transports between the same two points follow each other: L-BFGS carries all of its pairs along. What depends on the points alone is then made once.
import type { Vector } from "@hessia/core";

/** A test whether x and y are, number by number, those of the last call; it remembers copies of them. */
export function lastPair(length: number): (x: Vector, y: Vector) => boolean {
  const [lastX, lastY] = [new Float64Array(length).fill(Number.NaN), new Float64Array(length).fill(Number.NaN)];
  return (x, y) => {
    for (let i = 0; i < length; i++)
      if (x[i] !== lastX[i] || y[i] !== lastY[i]) {
        lastX.set(x);
        lastY.set(y);
        return false;
      }
    return true;
  };
}
