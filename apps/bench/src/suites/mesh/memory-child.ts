// A process of its own: one case of memory on a grid of so many cells a side. Prints a line of JSON with its memory.
import { memoryCases, memoryRun } from "./memory-run.js";

const [cells, which] = process.argv.slice(2);
const run = memoryRun(Number(cells), memoryCases.find((one) => one === which) ?? "triangle");
process.stdout.write(`${JSON.stringify(run)}\n`, () => process.exit(0));
