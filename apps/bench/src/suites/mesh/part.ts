// What the parts of the suite `mesh` share: the times of an energy's derivatives, compiled and by hand.

import { clock, interleaved, type Timer } from "../../figures.js";
import type { EnergyInput } from "../../problems/mesh/inputs.js";
import type { Claim, ReportTable } from "../../row.js";
import type { ByHand } from "../../yardsticks/by-hand.js";
import { claim, duration, type PartContext } from "../parts.js";

export type MeshContext = PartContext;

export const passes = ["value", "value, gradient", "value, gradient, Hessian", "Hessian-vector product"] as const;
export type Pass = (typeof passes)[number];

/** Milliseconds of each contender in each pass, medians; null where it wasn't there or a run was cut short. */
export type PassTimes = ReadonlyMap<Pass, Readonly<Record<string, number | null>>>;

export const mine = "hessia";
export const hand = "by hand";

/** All passes of the compiled energy and of the one by hand, in turn, with further contenders by pass. */
export async function passTimes(
  input: EnergyInput,
  rounds: number,
  { signal, say }: MeshContext,
  others: Partial<Record<Pass, Readonly<Record<string, Timer>>>> = {},
): Promise<PassTimes> {
  const { problem, y, name } = input;
  const H = problem.newHessian();
  const own = input.byHand(H);
  const values = H.values.slice();
  const [g, out, v] = [y.slice(), y.slice(), y.map((_, i) => Math.sin(i))];
  const work: Record<Pass, readonly [() => unknown, () => unknown]> = {
    value: [() => problem.value(y), () => own.value(y)],
    "value, gradient": [() => problem.valueAndGradientInto(g, y), () => own.valueAndGradient(g, y)],
    "value, gradient, Hessian": [
      () => problem.valueGradientHessianInto(g, H, y),
      () => own.valueGradientHessian(g, values, y),
    ],
    "Hessian-vector product": [() => problem.hessianApplyInto(out, y, v), () => own.hessianApply(out, y, v)],
  };
  const times = new Map<Pass, Record<string, number | null>>();
  for (const pass of passes) {
    if (signal.aborted) break;
    say(`${name}: ${pass}`);
    const [compiled, byHand] = work[pass];
    const measured = await interleaved(
      { [mine]: clock(compiled), [hand]: clock(byHand), ...others[pass] },
      rounds,
      signal,
    );
    times.set(pass, Object.fromEntries(Object.entries(measured).map(([who, { ms }]) => [who, ms])));
  }
  return times;
}

/** The largest deviation of value, gradient, Hessian and product from those by hand, relative to the largest entry. */
export function deviation({ problem, y, ...input }: EnergyInput): number {
  const H = problem.newHessian();
  const own: ByHand = input.byHand(H);
  const [g, h] = [y.slice(), y.slice()];
  const values = H.values.slice();
  const f = problem.valueGradientHessianInto(g, H, y);
  const other = own.valueGradientHessian(h, values, y);
  let worst = Math.max(Math.abs(f - other), Math.abs(f - own.value(y)), Math.abs(f - problem.value(y))) / Math.abs(f);
  worst = Math.max(worst, distance(g, h), distance(H.values, values));
  own.valueAndGradient(h, y);
  worst = Math.max(worst, distance(g, h));
  const v = y.map((_, i) => Math.sin(i));
  problem.hessianApplyInto(g, y, v);
  own.hessianApply(h, y, v);
  return Math.max(worst, distance(g, h));
}

function distance(a: Float64Array, b: Float64Array): number {
  let [most, size] = [0, Number.MIN_VALUE];
  for (let i = 0; i < a.length; i++) {
    most = Math.max(most, Math.abs(a[i]! - b[i]!));
    size = Math.max(size, Math.abs(a[i]!));
    if (Number.isNaN(a[i]! - b[i]!)) return Number.POSITIVE_INFINITY;
  }
  return most / size;
}

/** A line a pass and contender. */
export function passTable(
  id: string,
  title: string,
  groups: readonly (readonly [string, PassTimes])[],
  note?: string,
): ReportTable {
  const rows = groups.flatMap(([energy, times]) =>
    [...times].flatMap(([pass, all]) =>
      Object.entries(all).map(([who, ms]) => [
        energy,
        pass,
        who,
        ms === null ? "–" : duration(ms),
        ms === null || all[hand] == null ? "–" : (ms / all[hand]).toFixed(2),
      ]),
    ),
  );
  return {
    id,
    title,
    head: ["energy", "pass", "by", "time", "over that by hand"],
    rows,
    ...(note === undefined ? {} : { note }),
  };
}

/** Compiled derivatives are those by hand, to rounding. */
export function agreementClaim(input: EnergyInput): Claim {
  const worst = deviation(input);
  const statement = `${input.name}: value, gradient, Hessian and product deviate from those by hand by at most, relative to the largest entry`;
  return claim(`${input.id}-agrees`, statement, "≤ 1e-10", worst.toExponential(1), worst <= 1e-10);
}
