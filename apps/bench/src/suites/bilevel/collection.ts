// The collection of problems with known best values: every method from the same starts, judged by the benchmark itself.
import { setImmediate } from "node:timers/promises";
import { type BilevelMethodName, type BilevelProblem, bicGaffa, certify, meha, minimize } from "@hessia/bilevel";
import { type BilevelCase, collection, problemOfCase } from "../../problems/bilevel/collection.js";
import { uniform } from "../../problems/transport/input.js";
import type { Claim } from "../../row.js";
import { claim, duration, type Part, type PartContext, small } from "../parts.js";

const methods: readonly BilevelMethodName[] = ["bicGaffa", "lvHba", "meha"];

interface Verdict {
  readonly value: number;
  readonly reached: boolean;
  readonly starts: number;
  readonly ms: number;
  readonly note: string;
}

/** Starts in the bounds, or within 10 of 0. */
function startsOf({ x, y, xBounds, yBounds }: BilevelCase, count: number): { x: number[]; y: number[] }[] {
  const random = uniform(7);
  const draw = ([l, u]: readonly [number, number] = [-10, 10]): number => {
    const low = Math.max(l, u < Number.POSITIVE_INFINITY ? u - 10 : -10, l);
    const high = Math.min(u, low + 10);
    return low + (high - low) * random();
  };
  return Array.from({ length: count }, () => ({
    x: x.map((_, i) => draw(xBounds?.[i])),
    y: y.map((_, j) => draw(yBounds?.[j])),
  }));
}

/**
 * Whether (x, y) is feasible to 1e-4 and y solves the lower level to 1e-3 relative, compared with lower solutions from several starts of its own: where f isn't convex in y a stationary y isn't enough.
 */
function lowerSolved(problem: BilevelProblem, one: BilevelCase, z: readonly number[]): string {
  const { infeasibility, lowerDistance, upperDistance } = certify(problem, z, { differences: 0 });
  if (!(Math.max(infeasibility, lowerDistance, upperDistance) <= 1e-4)) return `infeasible by ${small(infeasibility)}`;
  const n = one.x.length;
  const f = problem.lowerObjective.value(Float64Array.from(z));
  const starts = [z.slice(n), ...startsOf(one, one.convex ? 1 : 12).map(({ y }) => y)];
  for (const y of starts) {
    const other = certify(problem, [...z.slice(0, n), ...y], { differences: 0 });
    // f there is f(x, y) − its gap.
    const value = problem.lowerObjective.value(Float64Array.from([...z.slice(0, n), ...y])) - other.valueGap;
    if (f - value > 1e-3 * Math.max(1, Math.abs(f))) return `f is ${small(f - value)} above its least`;
  }
  return "";
}

/** Where f isn't convex in y: other θ to begin from, seven in each lower variable's bounds. */
function branches({ convex, y, yBounds }: BilevelCase): number[][] {
  if (convex || y.length > 1) return [];
  const [l, u] = yBounds?.[0] ?? [-10, 10];
  return Array.from({ length: 7 }, (_, k) => [l + ((u - l) * k) / 6]);
}

/** The method, with those where they mean something. */
function withBranches(method: BilevelMethodName, one: BilevelCase) {
  const lowerStarts = one.constraints === undefined ? branches(one) : [];
  if (lowerStarts.length === 0) return method;
  if (method === "bicGaffa") return bicGaffa({ lowerStarts });
  return method === "meha" ? meha({ lowerStarts }) : method;
}

async function judge(
  one: BilevelCase,
  method: BilevelMethodName,
  starts: number,
  signal: AbortSignal,
): Promise<Verdict> {
  const problem = problemOfCase(one);
  const begin = performance.now();
  let best = Number.POSITIVE_INFINITY;
  let note = "";
  let used = 0;
  for (const start of startsOf(one, starts)) {
    await setImmediate();
    if (signal.aborted) break;
    used++;
    try {
      const { x, y, upperValue } = minimize(problem, start, {
        method: withBranches(method, one),
        maxIterations: 6000,
        timeLimit: 2000,
      });
      // Whatever the method says of it: the point is judged here.
      const fault = lowerSolved(problem, one, [...x, ...y]);
      if (fault !== "") note = fault;
      else if (upperValue < best) best = upperValue;
    } catch (error) {
      note = error instanceof Error ? error.message : String(error);
      break;
    }
    if (Math.abs(best - one.best) <= 1e-2 * Math.max(1, Math.abs(one.best))) break;
  }
  const off = best - one.best;
  const reached = Math.abs(off) <= 1e-2 * Math.max(1, Math.abs(one.best));
  return { value: best, reached, starts: used, ms: performance.now() - begin, note: reached ? "" : note };
}

export async function collectionFigures({ quick, signal, say }: PartContext): Promise<Part> {
  const cases = quick ? collection.slice(0, 6) : collection;
  const rows: string[][] = [];
  let any = 0;
  const counts = new Map<BilevelMethodName, number>(methods.map((method) => [method, 0]));
  for (const one of cases) {
    const cells: string[] = [];
    let solved = false;
    for (const method of methods) {
      if (signal.aborted) return { claims: [] };
      say(`${one.name}: ${method}`);
      if (method === "meha" && one.constraints !== undefined) {
        cells.push("takes no constraints", "–");
        continue;
      }
      const verdict = await judge(one, method, quick ? 3 : 12, signal);
      solved ||= verdict.reached;
      if (verdict.reached) counts.set(method, counts.get(method)! + 1);
      const value = Number.isFinite(verdict.value) ? verdict.value.toPrecision(6) : "–";
      cells.push(
        verdict.reached ? value : `${value} (${verdict.note === "" ? "another solution" : verdict.note})`,
        `${verdict.starts} in ${duration(verdict.ms)}`,
      );
    }
    if (solved) any++;
    rows.push([one.name, one.best.toPrecision(6), ...cells]);
  }
  const share = any / cases.length;
  const claims: Claim[] = [
    claim(
      "collection",
      `${cases.length} problems with known best values: the best of the methods comes to 1e-2 of the best upper value, feasible to 1e-4, from at most ${quick ? 3 : 12} starts`,
      "≥ 80 %",
      `${any} of ${cases.length}, ${(100 * share).toFixed(0)} % (${[...counts].map(([name, count]) => `${name} alone ${count}`).join(", ")})`,
      share >= 0.8,
    ),
  ];
  return {
    claims,
    tables: [
      {
        id: "bilevel-collection",
        title: "Problems with known best values",
        head: ["problem", "best F", ...methods.flatMap((method) => [method, "starts"])],
        rows,
        note: "bicGaffa and meha: with other starts of its inner problem where f isn't convex in y. F of the best start whose y solves the lower level (checked from several starts); runs end at the first start that reaches the best value.",
      },
    ],
  };
}
