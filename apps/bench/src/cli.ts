#!/usr/bin/env node
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import type { CliOptions } from "./options.js";
import { compareHtml, compareReports } from "./report/compare.js";
import { curveSvg, htmlReport } from "./report/html.js";
import { measuredTable, roofText } from "./report/kernels.js";
import { fileStem, lengthOf } from "./report/name.js";
import {
  claimsText,
  curveChart,
  failuresText,
  legend,
  ownTable,
  profileLegend,
  reportsText,
  rowsTable,
  summaryTable,
} from "./report/terminal.js";
import type { SuiteReport } from "./row.js";
import { serveReports } from "./serve.js";
import { suiteNames, suites } from "./suites/index.js";

const number = (least: number) => (text: string) => {
  const value = Number(text);
  if (!Number.isFinite(value) || value < least) throw new InvalidArgumentError(`wanted a number >= ${least}.`);
  return value;
};
const list = (text: string) =>
  text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");

const program = new Command("hessia-bench")
  .description("Runs a benchmark suite, prints its table, profiles and claims, and writes a report.")
  .addOption(
    new Option("--suite <name>", "which suite (default: newton, then transport with --quick)").choices(suiteNames),
  )
  .option(
    "--sif <names>",
    "problems from SIF files (in MASTSIF, or beside the checkout), by name, with *; takes the suite cutest",
    list,
  )
  .option("--param <values>", "parameters of the SIF files, NAME=number, separated by commas", list)
  .option("--peers", "also run SciPy and Ipopt, where they are installed", false)
  .option("--quick", "a short run, under a minute", false)
  .option(
    "--problems <names>",
    "only these problems (of transport: parts), by name, with * for any characters, separated by commas",
    list,
  )
  .option("--methods <names>", "only these methods, separated by commas", list)
  .option("--max-time <seconds>", "time limit of each problem and method (default: 5, with --quick 1)", number(0.001))
  .option("--tolerance <t>", "solved when ‖g‖∞ <= t max(1, ‖g0‖∞)", number(0), 1e-6)
  .option("--json <file>", "write all rows and claims to this file")
  .option(
    "--html <file>",
    "write the report with pictures to this file (default: <suite>.html in apps/bench/report; <suite>-short.html with --quick, <suite>-part.html where problems or methods are picked or the run was cut short)",
  )
  .option("--no-table", "leave out the table of all runs")
  .showHelpAfterError()
  .enablePositionalOptions();
// Without a command a suite is run, below.
let other: Promise<unknown> | undefined;
program.action(() => {});
program
  .command("serve")
  .description("shows the reports that were written as pages, until Ctrl-C")
  .argument("[folder]", "where they are", "apps/bench/report")
  .option("--port <port>", "which port; 0 for any that is free", number(0), 4173)
  .action((folder: string, { port }: { port: number }) => {
    other = serveReports(resolve(folder), port).then(({ server, url }) => {
      process.stdout.write(`Reports of ${resolve(folder)}: open ${url} in a browser. Ctrl-C ends it.\n`);
      return new Promise((done) => process.once("SIGINT", () => server.close(done)));
    });
  });
program
  .command("compare")
  .description("two runs that were written by --json, side by side: regressions in red")
  .argument("<before>", "a JSON file")
  .argument("<after>", "a JSON file")
  .option("--html <file>", "where the page goes", "apps/bench/report/compare.html")
  .action((before: string, after: string, { html }: { html: string }) => {
    const [old, now] = [before, after].map((file) => JSON.parse(readFileSync(file, "utf8")) as SuiteReport);
    const changes = compareReports(old!, now!);
    const lost = changes.filter(({ verdict }) => verdict === "regression");
    out(`wrote ${write(html, compareHtml(old!, now!))}`);
    for (const change of lost) out(`${change.subject}: ${change.what} ${change.before} → ${change.after}`);
    out(`${lost.length} regressions among ${changes.length} figures that both runs have`);
    other = Promise.resolve();
  });
program.parse();
if (other !== undefined) {
  await other;
  process.stdout.write("", () => process.exit(0));
  await new Promise(() => {});
}
const given = program.opts<Omit<CliOptions, "suite"> & Partial<Pick<CliOptions, "suite">>>();
const options: CliOptions = { ...given, suite: given.sif !== undefined ? "cutest" : (given.suite ?? "newton") };

const interrupt = new AbortController();
process.once("SIGINT", () => {
  process.stderr.write("\nStopping after the present run; press Ctrl-C again to end at once.\n");
  interrupt.abort();
  process.once("SIGINT", () => process.exit(130));
});

let interrupted = false;
const pages: string[] = [];
const both = given.suite === undefined && given.sif === undefined && whole(options);
out(
  `${both ? "The suite newton, then transport in its short form" : `The suite ${options.suite}`}: ${lengthOf(options)}.`,
);
out("Other libraries are compared where they are installed; docs/bench.md says which, and how.");
try {
  await show(await suites[options.suite]!(options, interrupt.signal), options);
  // Without a choice the transport figures come along in their short form.
  if (both && !interrupt.signal.aborted) {
    out("\nThe suite transport in its short form");
    const short = { ...options, suite: "transport", quick: true };
    await show(await suites.transport!(short, interrupt.signal), short);
  }
  out(`\n${reportsText(pages)}`);
} catch (error) {
  if (!(error instanceof InvalidArgumentError)) throw error;
  process.stderr.write(`error: ${error.message}\n`);
  process.exit(1);
}

function whole({ problems, methods, json, html }: CliOptions): boolean {
  return [problems, methods, json, html].every((one) => one === undefined);
}

async function show(report: SuiteReport, ran: CliOptions): Promise<void> {
  interrupted ||= report.interrupted;
  const { rows, measured, roof, curves, claims, tables = [], pictures = [], leftOut = [] } = report;
  if (rows.length > 0) {
    if (options.table) out(rowsTable(rows));
    out("");
    out(summaryTable(rows));
    out(legend);
    out(`\nFailures\n${failuresText(rows)}\n`);
  }
  if (roof !== undefined) out(roofText(roof));
  if (measured !== undefined && options.table) out(measuredTable(measured, roof));
  if (options.table) for (const table of tables) out(ownTable(table));
  for (const curve of curves) out(curveChart(curve));
  if (curves.length > 0 && rows.length > 0) out(profileLegend);
  for (const line of leftOut) out(line);
  if (report.interrupted) out("Cut short: this is what was done so far.");
  const file = ran.html ?? `apps/bench/report/${fileStem(ran, report.interrupted)}.html`;
  pages.push(write(file, htmlReport(report)));
  if (pictures.length > 0) {
    const folder = file.replace(/\.html?$/, "");
    const drawn = [...pictures, ...curves.map((curve) => ({ id: curve.id, svg: curveSvg(curve) }))];
    for (const { id, svg } of drawn) write(`${folder}/${id}.svg`, svg);
    out(`wrote ${drawn.length} pictures into ${resolve(folder)}`);
  }
  if (options.json !== undefined) out(`wrote ${write(options.json, JSON.stringify(report, null, 1))}`);
  out(`\nClaims (measured in this run)\n${claimsText(claims)}`);
}

function out(text: string): void {
  process.stdout.write(`${text}\n`);
}

function write(file: string, text: string): string {
  const path = resolve(file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

// By process.exit: left to itself Node may wait for its own compiler's tasks for ever (nodejs/node#54918).
process.stdout.write("", () => process.exit(interrupted ? 130 : 0));
