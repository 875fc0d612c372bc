// Stop at iteration k, store as JSON, go on in a new process: the same iterates to the last bit.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
// The program ends by process.exit: left to itself Node may wait for its own compiler's tasks for ever (nodejs/node#54918).
const program = (method: string) => `
import { deserialize, maxIterations, serialize, solve } from "@hessia/core";
import { problemFromTerms } from "@hessia/core/kernel";
import * as newton from "@hessia/newton";
import { readFileSync } from "node:fs";
const n = 40;
const problem = problemFromTerms(n, [{ indices: Array.from({ length: n - 1 }, (_, i) => [i, i + 1]), term: ([x, y]) => y.sub(x.square()).square().mul(100).add(x.sub(1).square()) }]);
const [from, to] = process.argv.slice(1).map(Number);
const stored = from > 0 ? { resume: deserialize(readFileSync(0, "utf8")) } : {};
const bits = [];
const observers = [({ state }) => state.iteration > from && bits.push(Buffer.from(state.x.slice().buffer).toString("base64"))];
const result = solve(newton.${method}(), problem, new Float64Array(n).fill(-0.5), { stop: maxIterations(to), observers, ...stored });
process.stdout.write(JSON.stringify({ bits, state: serialize(result.state) }), () => process.exit(0));
`;

function run(method: string, from: number, to: number, state?: string): { bits: string[]; state: string } {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["--input-type=module", "--eval", program(method), "--", String(from), String(to)],
    { cwd: root, encoding: "utf8", timeout: 60_000, ...(state === undefined ? {} : { input: state }) },
  );
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return JSON.parse(stdout) as { bits: string[]; state: string };
}

describe("resume in a new process", () => {
  for (const method of ["lazyCubicNewton", "trustRegion", "arc", "newton", "lbfgs", "tron", "lbfgsb"]) {
    it(`${method}: the same iterates to the last bit`, () => {
      const whole = run(method, 0, 17);
      const first = run(method, 0, 7);
      const rest = run(method, 7, 17, first.state);
      expect([...first.bits, ...rest.bits]).toEqual(whole.bits);
      expect(whole.bits).toHaveLength(17);
    });
  }
});
