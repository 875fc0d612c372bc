// A process of its own: symmetric Dirichlet on a grid of 2 · cells² triangles. Prints a line of JSON with its memory.
import { memoryRun } from "./memory-run.js";

const [cells] = process.argv.slice(2).map(Number) as [number];
process.stdout.write(`${JSON.stringify(memoryRun(cells))}\n`, () => process.exit(0));
