// What a run is called and how long it takes: a short run, or one of picked problems, doesn't take the place of the whole suite's report.
import type { CliOptions } from "../options.js";

/** The stem of a report's file: the suite, with -part where problems, files or methods are picked or the run was cut short, else with -short for a quick run. */
export function fileStem({ suite, quick, problems, methods, sif, param }: CliOptions, cut = false): string {
  const files = sif !== undefined && !(sif.length === 1 && sif[0] === "*");
  const part = cut || files || [problems, methods, param].some((one) => one !== undefined);
  return `${suite}${part ? "-part" : quick ? "-short" : ""}`;
}

// Measured on two cores; the newton suite runs with the short transport suite behind it.
const minutes: Record<string, string> = {
  newton: "some 7 minutes",
  transport: "some 12 minutes",
  bilevel: "some 15 minutes",
  mesh: "two to three minutes",
};

/** How long the run takes, roughly, in words. */
export function lengthOf(options: CliOptions): string {
  const stem = fileStem(options);
  if (stem.endsWith("-part")) return "as long as the problems that were picked take";
  if (stem.endsWith("-short")) return "about a minute";
  return minutes[options.suite] ?? "minutes";
}
