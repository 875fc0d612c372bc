// What timed kernels look like: a table for the terminal, bars for each kernel, and the roofline (Williams, Waterman, Patterson 2009).
import Table from "cli-table3";
import * as echarts from "echarts";
import type { Measured, Roof } from "../figures.js";
import { groupBy } from "../profile.js";

/** Billions of operations a second, where they were counted. */
export const gflops = ({ flops, ms }: Measured): number | undefined =>
  flops === undefined || ms === null ? undefined : flops / ms / 1e6;

/** Multiplications and additions a byte. */
export const intensity = ({ flops, bytes }: Measured): number | undefined =>
  flops === undefined || bytes === undefined ? undefined : flops / bytes;

/** What the roofline allows at an intensity. */
export const attainable = ({ gflops: peak, gflopsRelaxed, gigabytes }: Roof, flopsAByte: number): number =>
  Math.min(Math.max(peak, gflopsRelaxed ?? 0), gigabytes * flopsAByte);

export function measuredTable(measured: readonly Measured[], roof: Roof | undefined): string {
  const table = new Table({
    head: ["kernel", "by", "ms", "GFLOP/s", "% of roof", "million/s", "note"],
    style: { head: [], border: [], compact: true },
    colAligns: ["left", "left", "right", "right", "right", "right", "left"],
    wordWrap: true,
    colWidths: [52, null, null, null, null, null, 40],
  });
  for (const one of measured) {
    const rate = gflops(one);
    const x = intensity(one);
    const share = rate === undefined || x === undefined || roof === undefined ? undefined : rate / attainable(roof, x);
    table.push([
      one.kernel,
      one.contender,
      one.ms === null ? "–" : one.ms.toPrecision(4),
      rate === undefined ? "" : rate.toFixed(2),
      share === undefined ? "" : (100 * share).toFixed(0),
      one.items === undefined || one.ms === null ? "" : (one.items / one.ms / 1000).toFixed(1),
      one.note ?? "",
    ]);
  }
  return table.toString();
}

export function roofText(roof: Roof): string {
  const relaxed = roof.gflopsRelaxed === null ? "not here" : `${roof.gflopsRelaxed.toFixed(1)} GFLOP/s`;
  return (
    `one core: multiply-adds in registers ${roof.gflops.toFixed(1)} GFLOP/s in SIMD WebAssembly, ${relaxed} with relaxed SIMD, ` +
    `${roof.gflopsJavascript.toFixed(1)} GFLOP/s in JavaScript; memory ${roof.gigabytes.toFixed(1)} GB/s`
  );
}

const ours = "#1f77b4";
const others = "#b0b7c0";

function render(width: number, height: number, option: echarts.EChartsCoreOption): string {
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
  chart.setOption({ animation: false, ...option });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

/** One picture a kernel: longer is faster. */
export function barPictures(measured: readonly Measured[]): string[] {
  return [...groupBy(measured, ({ kernel }) => kernel)].flatMap(([kernel, group]) => {
    const there = group.filter(({ ms }) => ms !== null);
    if (there.length === 0) return [];
    const byRate = there.every((one) => gflops(one) !== undefined);
    const byItems = !byRate && there.every(({ items }) => items !== undefined);
    const unit = byRate ? "GFLOP/s" : byItems ? "million/s" : "a second";
    const speed = (one: Measured) => (byRate ? gflops(one)! : byItems ? one.items! / one.ms! / 1000 : 1000 / one.ms!);
    const rows = [...there].sort((a, b) => speed(a) - speed(b));
    return [
      render(860, 72 + 26 * rows.length, {
        title: { text: kernel, textStyle: { fontSize: 14 } },
        grid: { left: 230, right: 130, top: 36, bottom: 28 },
        xAxis: { type: "value", name: unit, nameLocation: "end" },
        yAxis: {
          type: "category",
          data: rows.map(({ contender }) => contender),
          axisLabel: { width: 210, overflow: "truncate" },
        },
        series: [
          {
            type: "bar",
            data: rows.map((one) => ({
              value: speed(one),
              itemStyle: { color: one.contender.startsWith("hessia") ? ours : others },
              label: {
                show: true,
                position: "right",
                formatter: `${speed(one).toPrecision(3)} (${one.ms!.toPrecision(3)} ms)`,
              },
            })),
          },
        ],
      }),
    ];
  });
}

/** All kernels whose operations and bytes are known, under the roof of one core. */
export function rooflinePicture(measured: readonly Measured[], roof: Roof): string | undefined {
  const points = measured.filter(
    (one) => one.contender.startsWith("hessia") && gflops(one) !== undefined && intensity(one) !== undefined,
  );
  if (points.length === 0) return undefined;
  const xs = points.map((one) => intensity(one)!);
  const least = 10 ** Math.floor(Math.log10(Math.min(0.05, ...xs)));
  const most = 10 ** Math.ceil(Math.log10(Math.max(100, ...xs)));
  const line = Array.from({ length: 60 }, (_, k) => least * (most / least) ** (k / 59));
  const best = Math.max(roof.gflops, roof.gflopsRelaxed ?? 0);
  return render(860, 520, {
    title: { text: "Roofline of one core", textStyle: { fontSize: 14 } },
    legend: { bottom: 0, type: "scroll" },
    grid: { left: 60, right: 24, top: 48, bottom: 90 },
    xAxis: {
      type: "log",
      name: "multiplications and additions a byte of memory",
      nameLocation: "middle",
      nameGap: 28,
      min: least,
      max: most,
    },
    yAxis: { type: "log", name: "GFLOP/s", min: 0.1, max: 10 ** Math.ceil(Math.log10(best)) },
    series: [
      {
        type: "line",
        name: "roof",
        showSymbol: false,
        lineStyle: { color: "#333" },
        itemStyle: { color: "#333" },
        data: line.map((x) => [x, attainable(roof, x)]),
      },
      ...points.map((one) => ({
        type: "scatter",
        name: `${one.kernel} (${one.contender.replace("hessia ", "")})`,
        symbolSize: 10,
        data: [[intensity(one)!, gflops(one)!]],
      })),
    ],
  });
}
