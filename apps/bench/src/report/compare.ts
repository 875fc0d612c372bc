// Two runs of a suite side by side: what was solved, held or fast before and isn't now is a regression.
import type { SuiteReport } from "../row.js";

export interface Change {
  /** What is compared: a run, a kernel, a claim. */
  readonly subject: string;
  readonly what: string;
  readonly before: string;
  readonly after: string;
  readonly verdict: "regression" | "improvement" | "same";
}

/** Times count as changed beyond this factor: machines are noisy. */
const noise = 1.3;
/** And not below so many milliseconds. */
const shortest = 1;

/** What both runs have, one line each; regressions first. What only one has is not compared. */
export function compareReports(before: SuiteReport, after: SuiteReport): Change[] {
  const changes: Change[] = [];
  const runs = new Map(before.rows.map((row) => [`${row.problem}, ${row.method}`, row]));
  for (const row of after.rows) {
    const subject = `${row.problem}, ${row.method}`;
    const old = runs.get(subject);
    if (old === undefined) continue;
    if (old.solved !== row.solved)
      changes.push({
        subject,
        what: "solved",
        before: yes(old.solved),
        after: yes(row.solved),
        verdict: row.solved ? "improvement" : "regression",
      });
    else if (row.solved) changes.push(times(subject, old.ms, row.ms));
  }
  const kernels = new Map((before.measured ?? []).map((one) => [`${one.kernel}, ${one.contender}`, one]));
  for (const one of after.measured ?? []) {
    const subject = `${one.kernel}, ${one.contender}`;
    const old = kernels.get(subject);
    if (old?.ms != null && one.ms != null) changes.push(times(subject, old.ms, one.ms));
  }
  const claims = new Map(before.claims.map((claim) => [claim.id, claim]));
  for (const claim of after.claims) {
    const old = claims.get(claim.id);
    if (old === undefined) continue;
    const same = old.holds === claim.holds || old.holds === null || claim.holds === null;
    changes.push({
      subject: `claim ${claim.id}`,
      what: claim.statement,
      before: `${word(old.holds)}: ${old.measured ?? "–"}`,
      after: `${word(claim.holds)}: ${claim.measured ?? "–"}`,
      verdict: same ? "same" : claim.holds ? "improvement" : "regression",
    });
  }
  const rank = { regression: 0, improvement: 1, same: 2 };
  return changes.sort((a, b) => rank[a.verdict] - rank[b.verdict]);
}

function times(subject: string, before: number, after: number): Change {
  const short = Math.max(before, after) < shortest;
  const verdict =
    short || (after <= noise * before && before <= noise * after)
      ? "same"
      : after > before
        ? "regression"
        : "improvement";
  return { subject, what: "ms", before: before.toPrecision(3), after: after.toPrecision(3), verdict };
}

const yes = (solved: boolean): string => (solved ? "yes" : "no");
const word = (holds: boolean | null): string => (holds === null ? "absent" : holds ? "holds" : "missed");

/** The comparison as a page of its own. */
export function compareHtml(before: SuiteReport, after: SuiteReport): string {
  const changes = compareReports(before, after);
  const count = (verdict: Change["verdict"]): number => changes.filter((change) => change.verdict === verdict).length;
  const escapeHtml = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const of = ({ suite, startedAt, commit }: SuiteReport) => `${suite}, ${startedAt}, ${commit ?? "no commit known"}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Hessia benchmark: two runs of ${escapeHtml(after.suite)}</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 1400px; padding: 0 1rem; color: #1d2530; }
  table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
  th, td { padding: 2px 8px; text-align: left; border-bottom: 1px solid #e6e9ed; vertical-align: top; }
  tr.regression td { background: #fdeeee; color: #c0232c; } tr.improvement td { background: #eefaf2; color: #0a7a3c; }
</style>
</head>
<body>
<h1>Two runs of ${escapeHtml(after.suite)}</h1>
<p>before: ${escapeHtml(of(before))}<br>after: ${escapeHtml(of(after))}</p>
<p><strong>${count("regression")} regressions</strong>, ${count("improvement")} improvements, ${count("same")} the same (times within a factor of ${noise}, or below ${shortest} ms).</p>
<table><tr><th>what</th><th></th><th>before</th><th>after</th><th></th></tr>
${changes
  .map(
    ({ subject, what, before: old, after: now, verdict }) =>
      `<tr class="${verdict}"><td>${escapeHtml(subject)}</td><td>${escapeHtml(what)}</td><td>${escapeHtml(old)}</td><td>${escapeHtml(now)}</td><td>${verdict}</td></tr>`,
  )
  .join("\n")}
</table>
</body>
</html>
`;
}
