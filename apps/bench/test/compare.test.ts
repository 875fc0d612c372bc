// Two runs compared, and the reports as pages.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { compareHtml, compareReports } from "../src/report/compare.js";
import type { Row, SuiteReport } from "../src/row.js";
import { serveReports } from "../src/serve.js";

const row = (problem: string, ms: number, solved = true) => ({ problem, method: "arc", ms, solved }) as Row;
const report = (rows: Row[], holds: boolean | null, kernel: number | null): SuiteReport =>
  ({
    suite: "newton",
    startedAt: "now",
    commit: "abc",
    rows,
    claims: [{ id: "fast", statement: "is fast", goal: "yes", measured: "so", holds }],
    measured: [{ kernel: "gemm", contender: "hessia", ms: kernel }],
  }) as unknown as SuiteReport;

it("finds what was lost, what was gained and what is the same, regressions first", () => {
  const before = report([row("A", 10), row("B", 10), row("C", 10), row("D", 10), row("E", 0.1)], true, 5);
  const after = report(
    [row("A", 12), row("B", 30), row("C", 10, false), row("D", 2), row("E", 0.9), row("F", 1)],
    false,
    5,
  );
  const changes = compareReports(before, after);
  const verdicts = Object.fromEntries(changes.map(({ subject, verdict }) => [subject, verdict]));
  expect(verdicts).toEqual({
    "A, arc": "same",
    "B, arc": "regression",
    "C, arc": "regression",
    "D, arc": "improvement",
    "E, arc": "same",
    "gemm, hessia": "same",
    "claim fast": "regression",
  });
  expect(changes.slice(0, 3).every(({ verdict }) => verdict === "regression")).toBe(true);
  const html = compareHtml(before, after);
  expect(html).toContain("<strong>3 regressions</strong>");
  expect(html.match(/<tr class="regression">/g)).toHaveLength(3);
});

it("doesn't call a claim lost that was absent in one of them", () => {
  expect(compareReports(report([], true, null), report([], null, 3)).map(({ verdict }) => verdict)).toEqual(["same"]);
});

it("serves the reports of a folder, with a list of them", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hessia-reports-"));
  writeFileSync(join(folder, "newton.html"), "<h1>one</h1>");
  const { server, url } = await serveReports(folder, 0);
  try {
    expect(await (await fetch(url)).text()).toContain('<a href="/newton.html">newton</a>');
    expect(await (await fetch(`${url}newton.html`)).text()).toBe("<h1>one</h1>");
    expect((await fetch(`${url}nothing.html`)).status).toBe(404);
    expect((await fetch(`${url}%2e%2e/package.json`)).status).toBe(404);
    // Where the port is taken, at the next one.
    const { port } = new URL(url);
    const second = await serveReports(folder, Number(port));
    second.server.close();
    expect(Number(new URL(second.url).port)).toBeGreaterThan(Number(port));
  } finally {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
