import Table from "cli-table3";
import plot from "simple-ascii-chart";
import { groupBy, unique } from "../profile.js";
import type { Claim, Curve, ReportTable, Row } from "../row.js";
import { median } from "../statistics.js";

const plain = {
  chars: {
    mid: "",
    "left-mid": "",
    "mid-mid": "",
    "right-mid": "",
    top: "",
    "top-mid": "",
    "top-left": "",
    "top-right": "",
    bottom: "",
    "bottom-mid": "",
    "bottom-left": "",
    "bottom-right": "",
    left: "",
    right: "",
    middle: " ",
  },
  style: { "padding-left": 0, "padding-right": 1, head: [], border: [] },
};

/** What the heads of both tables mean. */
export const legend =
  "f: the value reached; ‖g‖∞: the largest entry of the gradient there; iter: steps. Calls: #f values, #g gradients, #H Hessians, " +
  "#Hv Hessian-vector products, #fact factorizations. ok: solved, by the benchmark's own gradient; reason: the rule that ended the run.";

/** What the letters under the profiles mean. */
export const profileLegend =
  "Profiles: a curve that is higher and further left is better. τ: how many times the cost of the best method on the same problem was allowed; " +
  "κ: how many times n + 1 evaluations were allowed, n the number of variables.";

/** The table of all runs: one line a problem and method. */
export function rowsTable(rows: readonly Row[]): string {
  const table = new Table({
    ...plain,
    head: ["problem", "n", "method", "f", "‖g‖∞", "iter", "#f", "#g", "#H", "#Hv", "#fact", "ms", "ok", "reason"],
    colAligns: [
      "left",
      "right",
      "left",
      "right",
      "right",
      "right",
      "right",
      "right",
      "right",
      "right",
      "right",
      "right",
      "left",
      "left",
    ],
  });
  for (const row of rows) {
    const { counts } = row;
    table.push([
      row.problem,
      row.n,
      row.method,
      row.value.toExponential(6),
      row.gradientNorm.toExponential(1),
      row.iterations,
      counts.value,
      counts.gradient,
      counts.hessian,
      counts.hessianApply,
      counts.factorization,
      row.ms.toFixed(row.ms < 10 ? 1 : 0),
      row.solved ? "✓" : "✗",
      row.reason.rule,
    ]);
  }
  return table.toString();
}

/** Per method: the share solved, and medians over the problems it solved. */
export function summaryTable(rows: readonly Row[]): string {
  const table = new Table({
    ...plain,
    head: ["method", "solved", "share", "median #f", "#g", "#H", "#Hv", "#fact", "ms"],
    colAligns: ["left", "right", "right", "right", "right", "right", "right", "right", "right"],
  });
  for (const [method, group] of groupBy(rows, (row) => row.method)) {
    const solved = group.filter((row) => row.solved);
    const middle = (pick: (row: Row) => number) =>
      solved.length === 0 ? "–" : String(+median(solved.map(pick)).toPrecision(3));
    table.push([
      method,
      `${solved.length}/${group.length}`,
      `${((100 * solved.length) / group.length).toFixed(1)} %`,
      middle((row) => row.counts.value),
      middle((row) => row.counts.gradient),
      middle((row) => row.counts.hessian),
      middle((row) => row.counts.hessianApply),
      middle((row) => row.counts.factorization),
      middle((row) => row.ms),
    ]);
  }
  return table.toString();
}

/** Every failure by name, with its reason. */
export function failuresText(rows: readonly Row[]): string {
  const failed = rows.filter((row) => !row.solved);
  if (failed.length === 0) return "No failures.";
  return unique(failed.map((row) => row.method))
    .map((method) => {
      const lines = failed
        .filter((row) => row.method === method)
        .map(
          (row) =>
            `    ${row.problem} (n ${row.n}): ${row.reason.rule} ${row.reason.detail} ‖g‖∞ ${row.gradientNorm.toExponential(1)}`,
        );
      return [`  ${method}`, ...lines].join("\n");
    })
    .join("\n");
}

/** A family of curves as a chart of text, at most seven lines. */
export function curveChart(curve: Curve, width = 72, height = 16): string {
  const lines = curve.lines.slice(0, 7);
  const x = (value: number) => (curve.logX ? Math.log10(value) : value);
  const series = lines.map(({ points }) => {
    const drawn: [number, number][] = [];
    points.forEach(([px, py], i) => {
      if (curve.steps && i > 0) drawn.push([x(px), points[i - 1]![1]]);
      drawn.push([x(px), curve.logY ? Math.log10(py) : py]);
    });
    return drawn;
  });
  const xs = series.flat().map(([px]) => px);
  const [low, high] = [Math.min(...xs), Math.max(...xs)];
  const ticks = Array.from({ length: 6 }, (_, i) => low + (i * (high - low)) / 5);
  const chart = plot(series, {
    title: curve.title,
    width,
    height,
    color: (["ansiCyan", "ansiRed", "ansiGreen", "ansiYellow", "ansiMagenta", "ansiBlue", "ansiWhite"] as const).slice(
      0,
      lines.length,
    ),
    legend: { position: "right", series: lines.map((line) => line.name) },
    xLabel: curve.logX ? `log10 ${curve.xLabel}` : curve.xLabel,
    yLabel: curve.logY ? `log10 ${curve.yLabel}` : curve.yLabel,
    customXAxisTicks: ticks,
    customYAxisTicks: curve.steps ? [0, 0.2, 0.4, 0.6, 0.8, 1] : [],
    formatter: (value) => String(+value.toPrecision(3)),
  });
  return chart;
}

/** The claims, with a mark for each: ✓ holds, ✗ doesn't, – not measured in this run. */
export function claimsText(claims: readonly Claim[]): string {
  const missing = claims.filter(({ holds }) => holds === null).length;
  const why =
    missing === 0
      ? ""
      : `\n  (${missing} not measured: left out of this run, or the other library isn't installed; docs/bench.md says how.)`;
  const lines = claims
    .map(({ id, statement, goal, measured, holds }) => {
      const mark = holds === null ? "–" : holds ? "✓" : "✗";
      return `  ${mark} ${id}: ${statement}; goal ${goal}; ${measured === null ? "not measured" : `measured ${measured}`}`;
    })
    .join("\n");
  return `${lines}${why}`;
}

/** The last lines of a run: every report by its path, and how to look at them. */
export function reportsText(pages: readonly string[]): string {
  const list = pages.map((page) => `  ${page}`).join("\n");
  return `Reports, pictures included: open them in a browser, or run "npm run bench -- serve" and open the address that it prints.\n${list}`;
}

/** A suite's own table. */
export function ownTable({ title, head, rows, note }: ReportTable): string {
  const table = new Table({ ...plain, head: [...head], colAligns: head.map((_, k) => (k === 0 ? "left" : "right")) });
  for (const row of rows) table.push([...row]);
  return `${title}\n${table.toString()}${note === undefined ? "" : `\n${note}`}\n`;
}
