import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { htmlReport } from "../src/report/html.js";
import { fileStem, lengthOf } from "../src/report/name.js";
import { claimsText, legend, reportsText, rowsTable } from "../src/report/terminal.js";
import type { Row, SuiteReport } from "../src/row.js";
import { median } from "../src/statistics.js";

const row: Row = {
  problem: "<b>P</b>",
  n: 2,
  method: "m & n",
  value: 1.5,
  gradientNorm: 1e-9,
  startGradientNorm: 1,
  startValue: 3,
  solved: true,
  iterations: 4,
  counts: { value: 5, gradient: 4, hessian: 3, hessianApply: 2, residual: 0, jacobian: 0, factorization: 1 },
  ms: 1.234,
  evaluationMs: 1,
  reason: { kind: "converged", rule: "gradientNorm", detail: "" },
  optimum: null,
  gap: null,
  progress: [],
};
const report: SuiteReport = {
  suite: "newton",
  startedAt: "2026-01-01",
  options: {},
  machine: { cpu: "c", cores: 2, memoryGiB: 4, platform: "x" },
  versions: { node: "20" },
  commit: null,
  interrupted: false,
  rows: [row],
  curves: [
    {
      id: "c",
      title: "a curve",
      xLabel: "x",
      yLabel: "y",
      logX: true,
      logY: false,
      steps: true,
      lines: [
        {
          name: "one",
          points: [
            [1, 0],
            [10, 1],
          ],
        },
      ],
    },
  ],
  claims: [{ id: "c1", statement: "s", goal: "g", measured: null, holds: null }],
};

describe("reports", () => {
  it("html is self-contained, escapes text and draws the curves", () => {
    const html = htmlReport(report);
    expect(html).toContain("&lt;b&gt;P&lt;/b&gt;");
    expect(html).not.toContain("<b>P</b>");
    expect(html).toContain("<svg");
    expect(html).toContain("a curve");
    expect(html).not.toMatch(/<script src|src=|href="http/);
  });

  it("the table shows every figure, claims show a mark", () => {
    expect(stripVTControlCharacters(rowsTable([row]))).toMatch(
      /m & n\s+1\.500000e\+0\s+1\.0e-9\s+4\s+5\s+4\s+3\s+2\s+1\s+1\.2\s+✓\s+gradientNorm/,
    );
    expect(claimsText(report.claims)).toMatch(/^ {2}– c1: s; goal g; not measured\n {2}\(1 not measured: /);
    expect(claimsText([{ ...report.claims[0]!, measured: "3", holds: true }])).not.toContain("not measured");
    expect(claimsText([{ ...report.claims[0]!, measured: "3", holds: true }])).toContain("✓ c1");
  });

  it("every head of a count is in the legend, in the table and in the page", () => {
    const heads = stripVTControlCharacters(rowsTable([row]))
      .split("\n")[0]!
      .match(/#\w+/g)!;
    expect(heads).toEqual(["#f", "#g", "#H", "#Hv", "#fact"]);
    for (const head of heads) {
      expect(legend).toContain(`${head} `);
      expect(htmlReport(report)).toContain(`<th>${head}</th>`);
    }
    expect(htmlReport(report)).toContain(legend);
  });

  it("the last lines name every report and how to look at it", () => {
    const text = reportsText(["/a/newton-short.html", "/a/transport-short.html"]);
    expect(text.split("\n").slice(1)).toEqual(["  /a/newton-short.html", "  /a/transport-short.html"]);
    expect(text).toContain("npm run bench -- serve");
  });

  it("only a whole suite has the suite's name", () => {
    const whole = { suite: "newton", quick: false, tolerance: 1e-6, table: true };
    expect(fileStem(whole)).toBe("newton");
    expect(fileStem({ ...whole, quick: true })).toBe("newton-short");
    expect(fileStem(whole, true)).toBe("newton-part");
    expect(fileStem({ ...whole, problems: ["BEALE"] })).toBe("newton-part");
    expect(fileStem({ ...whole, quick: true, methods: ["arc"] })).toBe("newton-part");
    expect(fileStem({ ...whole, suite: "cutest", sif: ["*"] })).toBe("cutest");
    expect(fileStem({ ...whole, suite: "cutest", sif: ["published"] })).toBe("cutest-part");
    expect(fileStem({ ...whole, suite: "cutest", sif: ["*"], param: ["N=10"] })).toBe("cutest-part");
    expect(lengthOf(whole)).toMatch(/minutes/);
    expect(lengthOf({ ...whole, quick: true })).toBe("about a minute");
  });

  it("median", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
  });
});
