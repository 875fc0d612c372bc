// The suite `transport`: @hessia/sinkhorn against the figures of its papers, and POT, RegOT and SciPy where they are installed.
import { setImmediate } from "node:timers/promises";
import { SingleBar } from "cli-progress";
import { describeCommit, describeMachine, describeVersions } from "../../machine.js";
import type { CliOptions } from "../../options.js";
import { startTransportPeers } from "../../peers/transport.js";
import type { SuiteReport } from "../../row.js";
import { select } from "../../select.js";
import { entropicFigures } from "./entropic.js";
import { exactFigures } from "./exact.js";
import { memoryFigures } from "./memory.js";
import { paperFigures } from "./paper.js";
import type { Part, TransportContext } from "./part.js";
import { pictureFigures } from "./pictures.js";
import { quadraticFigures } from "./quadratic.js";
import { sweepFigures } from "./sweep.js";

/** In the order in which they run; `--problems` picks some of them. */
export const parts: readonly { readonly name: string; readonly run: (context: TransportContext) => Promise<Part> }[] = [
  { name: "paper", run: paperFigures },
  { name: "entropic", run: entropicFigures },
  { name: "exact", run: exactFigures },
  { name: "quadratic", run: quadraticFigures },
  { name: "memory", run: memoryFigures },
  { name: "sweep", run: sweepFigures },
  { name: "pictures", run: pictureFigures },
];

export async function transportSuite(options: CliOptions, signal: AbortSignal): Promise<SuiteReport> {
  const chosen = select(parts, options.problems, "part");
  const bar = new SingleBar({
    format: "{bar} {value}/{total}  {part}: {what}",
    noTTYOutput: false,
    hideCursor: true,
    clearOnComplete: true,
  });
  bar.start(chosen.length, 0, { part: "peers", what: "POT, RegOT, SciPy" });
  const peers = await startTransportPeers();
  const done: Part[] = [];
  try {
    for (const { name, run } of chosen) {
      await setImmediate();
      if (signal.aborted) break;
      const say = (what: string) => bar.update(done.length, { part: name, what });
      say("");
      done.push(await run({ quick: options.quick, signal, say, peers }));
    }
  } finally {
    bar.stop();
    peers?.close();
  }
  const missing = ["POT", "RegOT", "SciPy"].filter((name) => peers?.versions[name] === undefined);
  return {
    suite: "transport",
    startedAt: new Date().toISOString(),
    options: { ...options },
    machine: describeMachine(),
    versions: { ...describeVersions(["@hessia/core", "@hessia/newton", "@hessia/sinkhorn"]), ...peers?.versions },
    commit: describeCommit(),
    interrupted: signal.aborted,
    rows: [],
    curves: done.flatMap(({ curves = [] }) => curves),
    claims: done.flatMap(({ claims }) => claims),
    tables: done.flatMap(({ tables = [] }) => tables),
    pictures: done.flatMap(({ pictures = [] }) => pictures),
    leftOut: missing.map((name) => `${name} isn't installed for python3: its figures are left out`),
  };
}
