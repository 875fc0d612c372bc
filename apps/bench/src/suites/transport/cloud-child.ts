// A process of its own: entropic transport between clouds of so many points, the cost never stored. Prints a line of JSON with its peak memory.
import { cloudRun } from "./cloud-run.js";

const [n, limit] = process.argv.slice(2).map(Number) as [number, number];
process.stdout.write(`${JSON.stringify(cloudRun(n, limit))}\n`, () => process.exit(0));
