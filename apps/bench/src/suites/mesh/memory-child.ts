// A process of its own: symmetric Dirichlet on a grid of 2 · cells² triangles, rest shapes by "triangle" or "vertex". Prints a line of JSON with its memory.
import { memoryRun } from "./memory-run.js";

const [cells, rest] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(memoryRun(Number(cells), rest === "vertex" ? rest : "triangle"))}\n`, () =>
  process.exit(0),
);
