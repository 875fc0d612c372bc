// What the parts of the suite `manifold` share.
import type { ManifoldLimits, ManifoldPeers } from "../../peers/manifold.js";
import type { ManifoldInput } from "../../problems/manifold/inputs.js";
import type { Claim } from "../../row.js";
import type { Contenders, One, Runs } from "../in-turn.js";
import { claim, duration, type PartContext, small } from "../parts.js";

export type ManifoldContext = PartContext<ManifoldPeers>;

/** Solvers of the peers whose package is there, on one input, by title. */
export function peerContenders(
  peers: ManifoldPeers | undefined,
  solvers: Readonly<Record<string, string>>,
  input: ManifoldInput,
  limits: ManifoldLimits,
): Contenders {
  return Object.fromEntries(
    Object.entries(solvers)
      .filter(([title]) => peers?.versions[title.split(" ")[0]!] !== undefined)
      .map(([title, solver]) => [
        title,
        async (): Promise<One> => {
          const { norm, ...run } = await peers!.run(solver, input, limits);
          return { ...run, error: norm };
        },
      ]),
  );
}

/**
 * The fastest of our methods that reach the tolerance against the fastest of the peer's runs whose objective isn't above the best by more than 1e-8 of it: the same objective, and, where `most` is given, the ratio of times.
 */
export function objectiveClaim(
  id: string,
  input: ManifoldInput,
  runs: ReadonlyMap<string, Runs>,
  ours: readonly string[],
  tolerance: number,
  most?: { readonly ratio: number; readonly goal: string },
): Claim {
  const statement = `${input.name}: the same objective as the peer's to 1e-8${most === undefined ? ", times side by side" : ", and its time"}, ‖grad f‖ ≤ ${small(tolerance)}`;
  const goal = most?.goal ?? "the same objective";
  const fastest = (list: readonly (readonly [string, Runs])[]) => [...list].sort(([, a], [, b]) => a.ms - b.ms)[0];
  const all = [...runs].filter(([, { times, value }]) => times.length > 0 && Number.isFinite(value));
  const mine = fastest(all.filter(([name, { error }]) => ours.includes(name) && error <= 1.01 * tolerance));
  if (mine === undefined) return claim(id, statement, goal, "none of our methods reaches the tolerance", false);
  const others = all.filter(([name]) => !ours.includes(name));
  const value = mine[1].value!;
  const scale = Math.max(Math.abs(value), Number.MIN_VALUE);
  const lowest = Math.min(...others.map(([, run]) => run.value!), Number.POSITIVE_INFINITY);
  const text = `${mine[0]}: ${duration(mine[1].ms)} to ${value.toPrecision(12)}`;
  if (others.length === 0) return claim(id, statement, goal, null, false);
  const same = fastest(others.filter(([, run]) => run.value! <= value + 1e-8 * scale));
  const above = (value - lowest) / scale;
  const beside =
    same === undefined
      ? `no run of the peer comes as low (${lowest.toPrecision(12)})`
      : `${(mine[1].ms / same[1].ms).toPrecision(3)} × ${same[0]} (${duration(same[1].ms)}${same[1].note === "" ? "" : `, which ends at ‖grad f‖ = ${small(same[1].error)}`})`;
  const fast = most === undefined || same === undefined || mine[1].ms <= most.ratio * same[1].ms;
  return claim(
    id,
    statement,
    goal,
    `${text}, above the peer's least by ${above.toExponential(1)}; ${beside}`,
    above <= 1e-8 && fast,
  );
}
