// The suite `kernels`: dense and sparse linear algebra and compiled terms, each against the machine's own limits and against peers.
import { SingleBar } from "cli-progress";
import type { FigureContext, Figures } from "../../figures.js";
import { describeCommit, describeMachine, describeVersions } from "../../machine.js";
import type { CliOptions } from "../../options.js";
import type { SuiteReport } from "../../row.js";
import { denseFigures } from "./dense.js";
import { measurePeaks } from "./peaks.js";
import { sparseFigures } from "./sparse.js";
import { termFigures } from "./terms.js";

const parts: Readonly<Record<string, (context: FigureContext) => Promise<Figures>>> = {
  dense: denseFigures,
  sparse: sparseFigures,
  terms: termFigures,
};

export async function kernelsSuite(options: CliOptions, signal: AbortSignal): Promise<SuiteReport> {
  const bar = new SingleBar({
    format: "{bar} {value}/{total}  {part}: {what}",
    noTTYOutput: false,
    hideCursor: true,
    clearOnComplete: true,
  });
  const entries = Object.entries(parts);
  bar.start(entries.length, 0, { part: "the machine", what: "peaks" });
  const machine = measurePeaks(options.quick);
  const figures: Figures[] = [];
  for (const [part, run] of entries) {
    if (signal.aborted) break;
    const say = (what: string) => bar.update(figures.length, { part, what });
    say("");
    figures.push(await run({ quick: options.quick, signal, say, machine }));
  }
  bar.stop();
  return {
    suite: "kernels",
    startedAt: new Date().toISOString(),
    options: { ...options },
    machine: describeMachine(),
    versions: describeVersions(["@hessia/core", "ml-matrix", "mathjs"]),
    commit: describeCommit(),
    interrupted: signal.aborted,
    rows: [],
    curves: figures.flatMap(({ curves }) => curves),
    claims: figures.flatMap(({ claims }) => claims),
    measured: figures.flatMap(({ measured }) => measured),
    roof: machine,
  };
}
