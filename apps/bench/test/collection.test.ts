// The collection: every problem's derivatives are checked, values at the starts are compared with the field's own files where they lie
// beside the checkout, and known optima are reached.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { any, checkGradient, checkHessian, gradientNorm, maxIterations, solve } from "@hessia/core";
import { norm2 } from "@hessia/core/linear";
import { lazyCubicNewton } from "@hessia/newton";
import { describe, expect, it } from "vitest";
import { collection } from "../src/problems/index.js";

describe("the collection", () => {
  it("has at least 75 problems of different names, n from 2 to 10,000", () => {
    expect(collection.length).toBeGreaterThanOrEqual(75);
    expect(new Set(collection.map((problem) => problem.name)).size).toBe(collection.length);
    expect(Math.min(...collection.map((problem) => problem.n))).toBe(2);
    expect(Math.max(...collection.map((problem) => problem.n))).toBe(10000);
    for (const problem of collection) expect(problem.reference.length).toBeGreaterThan(10);
  });

  for (const test of collection) {
    it(`${test.name}: derivatives are right near the start`, () => {
      const problem = test.problem();
      // A little off the start, where symmetric starts could hide a mistake.
      const x = test.start().map((v, i) => v + 0.01 * (1 + Math.abs(v)) * Math.cos(1 + i));
      const value = problem.value(x);
      expect(Number.isFinite(value)).toBe(true);
      expect(checkGradient(problem, x).verdict).not.toBe("wrong");
      expect(checkHessian(problem, x).verdict).not.toBe("wrong");
      expect(checkHessian(problem, x, undefined, { of: "matrix" }).verdict).not.toBe("wrong");
      if (test.name === "BROWNBS") return; // f is 1e12 beside a curvature of 1: rounding hides the slope; by hand below
      const verdicts = [1, 0.01].map(
        (size) =>
          checkGradient(
            problem,
            x,
            Float64Array.from(x, (_, i) => size * Math.sin(2 + i)),
          ).verdict,
      );
      expect(verdicts).toContain("right");
    });
  }
});

describe("derivatives by hand", () => {
  it("BROWNBS: ∂f/∂x = 2(x − 1e6) + 2y(xy − 2), ∂f/∂y = 2(y − 2e-6) + 2x(xy − 2)", () => {
    const [x, y] = [1.3, -0.7];
    const g = byName("BROWNBS").problem().gradientInto(new Float64Array(2), Float64Array.of(x, y));
    expect(g[0]).toBeCloseTo(2 * (x - 1e6) + 2 * y * (x * y - 2), 8);
    expect(g[1]).toBeCloseTo(2 * (y - 2e-6) + 2 * x * (x * y - 2), 12);
  });

  const byName = (name: string) => collection.find((problem) => problem.name === name)!;

  it("ARWHEAD: ∂f/∂xᵢ = −4 + 4xᵢ(xᵢ² + xₙ²), ∂f/∂xₙ = Σ 4xₙ(xᵢ² + xₙ²)", () => {
    const test = byName("ARWHEAD");
    const { n } = test;
    const x = test.start().map((_, i) => Math.sin(i + 1));
    const g = test.problem().gradientInto(new Float64Array(n), x);
    const last = x[n - 1]!;
    let sum = 0;
    for (let i = 0; i + 1 < n; i++) {
      const s = x[i]! ** 2 + last ** 2;
      expect(g[i]).toBeCloseTo(-4 + 4 * x[i]! * s, 10);
      sum += 4 * last * s;
    }
    expect(g[n - 1]! / sum).toBeCloseTo(1, 12);
  });

  it("TRIDIA: f is a quadratic with ∂²f/∂x₁² = 2 + 2·2, ∂²f/∂x₂² = 8·2 + 2·3, ∂²f/∂x₁∂x₂ = −4·2", () => {
    const problem = byName("TRIDIA").problem();
    const H = problem.newHessian();
    problem.hessianInto(H, new Float64Array(5000));
    if (H.kind !== "sparse") throw new Error("expected a sparse Hessian");
    expect(Array.from(H.values.subarray(0, 3))).toEqual([6, -8, 22]);
    expect(H.values.length).toBe(9999);
  });

  it("VARDIM: ∇²f v = 2v + (2 + 12 s²) w (wᵀv), w = (1, …, n), s = wᵀ(x − 1)", () => {
    const problem = byName("VARDIM").problem();
    const n = 200;
    const x = Float64Array.from({ length: n }, (_, i) => 1 + 1e-3 * Math.cos(i));
    const v = Float64Array.from({ length: n }, (_, i) => Math.sin(i));
    const dot = (f: (i: number) => number) => Array.from({ length: n }, (_, i) => f(i)).reduce((a, b) => a + b);
    const s = dot((i) => (i + 1) * (x[i]! - 1));
    const wv = dot((i) => (i + 1) * v[i]!);
    const Hv = problem.hessianApplyInto(new Float64Array(n), x, v);
    for (let i = 0; i < n; i++)
      expect(Hv[i]! / (2 * v[i]! + (2 + 12 * s * s) * (i + 1) * wv || 1)).toBeCloseTo(
        v[i] === 0 && i === 0 ? Hv[0]! / ((2 + 12 * s * s) * wv) : 1,
        10,
      );
  });
});

describe("known optima", () => {
  // The best known value is reached, or a value that isn't below it: a statement with a mistake would go below, or stop above.
  for (const test of collection.filter((problem) => problem.n <= 200)) {
    it(`${test.name}: nothing below ${test.optimum}`, () => {
      const result = solve(lazyCubicNewton(), test.problem(), test.start(), {
        stop: any(gradientNorm(1e-8), maxIterations(2000)),
        timeLimit: 20_000,
      });
      const scale = Math.max(1, Math.abs(test.optimum));
      expect(result.value).toBeGreaterThan(test.optimum - 1e-6 * scale);
    });
  }

  it.each([
    "BEALE",
    "BARD",
    "GAUSSIAN",
    "KOWOSB",
    "BROWNDEN",
    "OSBORNE2",
    "JENSMP",
    "WATSON9",
    "CHEBYQUAD8",
    "ARGLINA",
    "ARGLINB10",
    "ARGLINC10",
    "FREUROTH2",
    "HIMMELBH",
    "ZANGWIL2",
    "CLIFF",
    "PENALTY1-10",
    "PENALTY2-10",
  ])("%s is reached", (name) => {
    const test = collection.find((problem) => problem.name === name)!;
    const { value } = solve(lazyCubicNewton(), test.problem(), test.start(), {
      stop: any(gradientNorm({ absolute: 1e-8, relative: 0 }), maxIterations(5000)),
    });
    expect(Math.abs(value - test.optimum)).toBeLessThan(2e-6 * Math.max(1, Math.abs(test.optimum)));
  });
});

describe("values at the starts", () => {
  const file = join(import.meta.dirname, "../../../../shared/data/sif/reference-values.csv");
  /** Ours to theirs, where the names differ. */
  // Not compared, because the file states another problem than the paper cited: BOX3 starts at (0, 10, 1); HELIX rounds 1/2π to eight digits;
  // HART6 and KOWOSB have other data; SISSER has +2x²y²; OSBORNEB's reference value isn't that of its own start (2.0934 by the paper, as here).
  const different = new Set(["BOX3", "HELIX", "HART6", "KOWOSB", "SISSER", "OSBORNE2"]);
  const names: Record<string, string> = { FREUROTH2: "FREUROTH", OSBORNE1: "OSBORNEA", POWELLSG4: "POWELLSG" };
  if (!existsSync(file)) {
    console.log(`skipped: the reference values are not beside the checkout (${file})`);
    it.skip("agree with the field's files");
  } else {
    const rows = new Map(
      readFileSync(file, "utf8")
        .trim()
        .split("\n")
        .slice(1)
        .map((line) => line.split(","))
        .map((cells) => [cells[0]!, { n: Number(cells[2]), value: Number(cells[4]), gradient: Number(cells[5]) }]),
    );
    const shared = collection.filter(
      (test) => !different.has(test.name) && rows.get(names[test.name] ?? test.name)?.n === test.n,
    );
    console.log(`read ${rows.size} reference rows; ${shared.length} problems of the collection have one at their size`);
    it("covers a good part of the small problems", () => expect(shared.length).toBeGreaterThanOrEqual(20));
    for (const test of shared) {
      it(`${test.name}: f and ‖∇f‖ agree`, () => {
        const { value, gradient } = rows.get(names[test.name] ?? test.name)!;
        const problem = test.problem();
        const g = norm2(problem.gradientInto(new Float64Array(test.n), test.start()));
        expect(Math.abs(problem.value(test.start()) - value)).toBeLessThan(1e-9 * Math.max(1, Math.abs(value)));
        expect(Math.abs(g - gradient)).toBeLessThan(1e-9 * Math.max(1, gradient));
      });
    }
  }
});
