// The report as one self-contained HTML file: pictures as SVG drawn here, no script, no outside resource.
import * as echarts from "echarts";
import type { Measured } from "../figures.js";
import { groupBy } from "../profile.js";
import type { Curve, ReportTable, Row, SuiteReport } from "../row.js";
import { barPictures, gflops, rooflinePicture, roofText } from "./kernels.js";
import { legend, profileLegend } from "./terminal.js";

const escapeHtml = (text: string) =>
  text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]!);

/** Told apart by eye, ten lines in one picture and two to spare. */
const colours = [
  "#1f77b4",
  "#d62728",
  "#ff9896",
  "#2ca02c",
  "#98df8a",
  "#9467bd",
  "#ff7f0e",
  "#8c564b",
  "#7f7f7f",
  "#17becf",
  "#bcbd22",
  "#e377c2",
];

/** A power of ten as it is read best. */
const power = (value: number): string =>
  value >= 0.01 && value < 1e5 ? String(Number(value.toPrecision(12))) : value.toExponential(0);

/** The powers of ten around all values, at least one decade, so that no decade is drawn in vain. */
function decades(values: readonly number[]): { min?: number; max?: number } {
  const there = values.filter((value) => value > 0 && Number.isFinite(value)).map(Math.log10);
  if (there.length === 0) return {};
  const least = Math.floor(Math.min(...there) + 1e-9);
  return { min: 10 ** least, max: 10 ** Math.max(least + 1, Math.ceil(Math.max(...there) - 1e-9)) };
}

/** One family of curves as an SVG. */
export function curveSvg(curve: Curve, width = 860, height = 420): string {
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
  const points = curve.lines.flatMap((line) => line.points);
  const axis = (name: string, log: boolean, at: 0 | 1) => ({
    type: log ? ("log" as const) : ("value" as const),
    name,
    nameLocation: "middle" as const,
    nameGap: 32,
    scale: true,
    ...(log ? { ...decades(points.map((point) => point[at])), splitNumber: 8, axisLabel: { formatter: power } } : {}),
  });
  chart.setOption({
    animation: false,
    color: colours,
    title: { text: curve.title, textStyle: { fontSize: 14 } },
    legend: { bottom: 0 },
    grid: { left: 60, right: 24, top: 48, bottom: 84 },
    xAxis: axis(curve.xLabel, curve.logX, 0),
    yAxis: { ...axis(curve.yLabel, curve.logY, 1), nameGap: 44 },
    series: curve.lines.map(({ name, points }) => ({
      type: "line",
      name,
      step: curve.steps ? "end" : false,
      showSymbol: curve.dots ?? !curve.steps,
      data: points.map((point) => [...point]),
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

export function htmlReport(report: SuiteReport): string {
  const { machine, versions, rows, claims, measured = [], roof, tables = [], leftOut = [] } = report;
  const facts = [
    `suite ${report.suite}`,
    report.startedAt,
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.platform}`,
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
    report.commit === null ? "no commit known" : `commit ${report.commit}`,
    `options ${JSON.stringify(report.options)}`,
    ...(roof === undefined ? [] : [roofText(roof)]),
    ...leftOut,
    ...(report.interrupted ? ["cut short: this is what was done so far"] : []),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Hessia benchmark: ${escapeHtml(report.suite)}</title>
<style>
  :root { color-scheme: light; }
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 1400px; padding: 0 1rem; color: #1d2530; background: #fff; }
  h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; }
  ul.facts { color: #55606e; padding-left: 1.2rem; font-size: 13px; }
  table { border-collapse: collapse; font-size: 12.5px; font-variant-numeric: tabular-nums; }
  th, td { padding: 2px 8px; text-align: right; border-bottom: 1px solid #e6e9ed; white-space: nowrap; }
  th { position: sticky; top: 0; background: #f6f8fa; }
  td.text, th.text { text-align: left; } td.reason { white-space: normal; text-align: left; min-width: 18rem; max-width: 30rem; }
  tr.failed td { background: #fdeeee; } .yes { color: #0a7a3c; } .no { color: #c0232c; font-weight: 600; } .absent { color: #7a8490; }
  svg { max-width: 100%; height: auto; }
</style>
</head>
<body>
<h1>Hessia benchmark: ${escapeHtml(report.suite)}</h1>
<p><label>show only lines with <input type="search" id="filter" placeholder="a problem, a method, no …"></label></p>
<ul class="facts">${facts.map((fact) => `<li>${escapeHtml(fact)}</li>`).join("")}</ul>
${rows.length === 0 ? "" : `<h2>Share solved</h2>\n${summary(rows)}`}
<h2>Pictures</h2>
${rows.length === 0 ? "" : `<p>${escapeHtml(profileLegend)}</p>`}
${pictures(report)
  .map((svg) => `<figure>${svg}</figure>`)
  .join("\n")}
<h2>Claims</h2>
<table><tr><th class="text">claim</th><th class="text">statement</th><th class="text">goal</th><th class="text">measured</th><th class="text">holds</th></tr>
${claims
  .map(({ id, statement, goal, measured, holds }) => {
    const [style, word] = holds === null ? ["absent", "not measured"] : holds ? ["yes", "yes"] : ["no", "no"];
    return `<tr><td class="text">${escapeHtml(id)}</td><td class="reason">${escapeHtml(statement)}</td><td class="text">${escapeHtml(goal)}</td><td class="reason">${escapeHtml(measured ?? "–")}</td><td class="text ${style}">${word}</td></tr>`;
  })
  .join("\n")}
</table>
${tables.length === 0 ? "" : `<h2>Tables</h2>\n${tables.map(ownTable).join("\n")}`}
${measured.length === 0 ? "" : `<h2>All kernels</h2>\n${kernels(measured)}`}
${rows.length === 0 ? "" : `<h2>All runs</h2>\n<p>${escapeHtml(legend)}</p>\n${runs(rows)}`}
<script>
document.getElementById("filter").addEventListener("input", ({ target }) => {
  const words = target.value.toLowerCase().split(" ").filter((word) => word !== "");
  for (const row of document.querySelectorAll("table tr")) {
    if (row.querySelector("td") === null) continue;
    const text = row.textContent.toLowerCase();
    row.style.display = words.every((word) => text.includes(word)) ? "" : "none";
  }
});
</script>
</body>
</html>
`;
}

function pictures({ curves, measured = [], roof, pictures: drawn = [] }: SuiteReport): string[] {
  const line = roof === undefined ? undefined : rooflinePicture(measured, roof);
  return [
    ...(line === undefined ? [] : [line]),
    ...drawn.map(({ svg }) => svg),
    ...barPictures(measured),
    ...curves.map((curve) => curveSvg(curve)),
  ];
}

function ownTable({ title, head, rows, note }: ReportTable): string {
  const cell = (text: string, k: number, tag: "th" | "td") =>
    `<${tag}${k === 0 ? ' class="text"' : ""}>${escapeHtml(text)}</${tag}>`;
  const line = (cells: readonly string[], tag: "th" | "td") =>
    `<tr>${cells.map((text, k) => cell(text, k, tag)).join("")}</tr>`;
  const below = note === undefined ? "" : `<p>${escapeHtml(note)}</p>`;
  return `<h3>${escapeHtml(title)}</h3>\n<table>${line(head, "th")}${rows.map((row) => line(row, "td")).join("\n")}</table>${below}`;
}

function kernels(measured: readonly Measured[]): string {
  const lines = measured.map((one) => {
    const ms = one.ms === null ? "–" : one.ms.toPrecision(4);
    const rate = gflops(one)?.toFixed(2) ?? "";
    const cells = `<td>${ms}</td><td>${rate}</td><td class="reason">${escapeHtml(one.note ?? "")}</td>`;
    return `<tr><td class="text">${escapeHtml(one.kernel)}</td><td class="text">${escapeHtml(one.contender)}</td>${cells}</tr>`;
  });
  const head = ["kernel", "by", "ms", "GFLOP/s", "note"].map((word) => `<th class="text">${word}</th>`).join("");
  return `<table><tr>${head}</tr>${lines.join("\n")}</table>`;
}

function summary(rows: readonly Row[]): string {
  const lines = [...groupBy(rows, (row) => row.method)].map(([method, group]) => {
    const solved = group.filter((row) => row.solved).length;
    return `<tr><td class="text">${escapeHtml(method)}</td><td>${solved} of ${group.length}</td><td>${((100 * solved) / group.length).toFixed(1)} %</td></tr>`;
  });
  return `<table><tr><th class="text">method</th><th>solved</th><th>share</th></tr>${lines.join("")}</table>`;
}

function runs(rows: readonly Row[]): string {
  const head = [
    "problem",
    "n",
    "method",
    "f",
    "‖g‖∞",
    "f − best",
    "iterations",
    "#f",
    "#g",
    "#H",
    "#Hv",
    "#fact",
    "ms",
    "reason",
  ];
  const lines = rows.map((row) => {
    const { counts } = row;
    const cells = [
      row.n,
      `<td class="text">${escapeHtml(row.method)}</td>`,
      row.value.toExponential(8),
      row.gradientNorm.toExponential(1),
      row.gap === null ? "–" : row.gap.toExponential(1),
      row.iterations,
      counts.value,
      counts.gradient,
      counts.hessian,
      counts.hessianApply,
      counts.factorization,
      row.ms.toFixed(1),
    ].map((cell) => (typeof cell === "string" && cell.startsWith("<td") ? cell : `<td>${cell}</td>`));
    const reason = `<td class="reason">${escapeHtml(`${row.reason.kind}: ${row.reason.rule} ${row.reason.detail}`)}</td>`;
    return `<tr class="${row.solved ? "" : "failed"}"><td class="text">${escapeHtml(row.problem)}</td>${cells.join("")}${reason}</tr>`;
  });
  return `<table><tr>${head.map((h) => `<th>${h}</th>`).join("")}</tr>${lines.join("\n")}</table>`;
}
