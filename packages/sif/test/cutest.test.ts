// The genuine files: every one is read, values and derivatives are those of another reader, and of the formulas that the files state.
import { type Expr, type Operand, problemFromTerms, sub } from "@hessia/core/kernel";
import { norm2 } from "@hessia/core/linear";
import { describe, expect, it } from "vitest";
import { evaluateType } from "../src/functions.js";
import { readSif } from "../src/index.js";
import { interpret } from "../src/read-sif.js";
import { collection, csvRows, sifNames, sifText } from "./files-for-tests.js";

const names = sifNames();
if (collection === undefined) console.log("skipped: the CUTEst files are neither in MASTSIF nor beside the checkout");
else console.log(`${names.length} SIF files in ${collection}`);

/** Files whose stated second derivatives are wrong; the reference values follow them, ours follow the function. */
const wrongHessians = ["HIMMELBB", "MAXLIKA", "WATSON"];

describe.skipIf(collection === undefined)("the CUTEst files", () => {
  const rows = new Map(collection === undefined ? [] : csvRows("reference-values.csv").map((row) => [row.name!, row]));

  it("there are 165 of them, each with reference values", () => {
    expect(names.length).toBe(165);
    expect(names.filter((name) => !rows.has(name))).toEqual([]);
  });

  for (const name of names)
    it(`${name}: the values of the reference, to 1e-10`, () => {
      // The reference rounds this file's coefficient 3.14159265 to seven digits.
      const text = sifText(name);
      check(name, name === "SCHMVETT" ? text.replace("3.14159265", "3.141593  ") : text);
    });

  function check(name: string, text: string) {
    const problem = readSif(text);
    const n = problem.dimension;
    const { constraints } = problem;
    const m = constraints.residuals;
    const row = rows.get(name)!;
    const x0 = problem.start;
    const x1 = x0.map((x, i) => x + 0.01 * (1 + Math.abs(x)) * Math.cos(1 + i));
    const v = x0.map((_, i) => Math.sin(1 + i));
    const found: Record<string, number> = {
      n,
      m,
      f_x0: problem.value(x0),
      gnorm_x0: norm2(problem.gradientInto(new Float64Array(n), x0)),
      cnorm_x0: norm2(constraints.residualInto(new Float64Array(m), x0)),
      f_x1: problem.value(x1),
      gnorm_x1: norm2(problem.gradientInto(new Float64Array(n), x1)),
      Hv_norm_x1: norm2(problem.hessianApplyInto(new Float64Array(n), x1, v)),
      cnorm_x1: norm2(constraints.residualInto(new Float64Array(m), x1)),
      Jv_norm_x1: norm2(constraints.jacobianApplyInto!(new Float64Array(m), x1, v)),
    };
    for (const [key, value] of Object.entries(found)) {
      if (!row[key] || (key === "Hv_norm_x1" && wrongHessians.includes(name))) continue;
      const wanted = Number(row[key]);
      // Constraints that hold at the start do so up to rounding.
      expect(Math.abs(value - wanted), `${key}: ${value}, wanted ${wanted}`).toBeLessThanOrEqual(
        1e-10 * Math.abs(wanted) + (key === "cnorm_x0" ? 1e-14 : 0),
      );
    }
  }

  it("sums of squares: ½ ‖r‖² and Jᵀr are the objective and its gradient", () => {
    let sums = 0;
    for (const name of names) {
      const problem = readSif(sifText(name));
      const residuals = problem.leastSquares();
      if (residuals === undefined) continue;
      sums++;
      const n = problem.dimension;
      const x = problem.start.map((value, i) => value + 0.01 * (1 + Math.abs(value)) * Math.cos(1 + i));
      const f = problem.value(x);
      expect(
        Math.abs(0.5 * norm2(residuals.residualInto(new Float64Array(residuals.residuals), x)) ** 2 - f),
        name,
      ).toBeLessThan(1e-12 * Math.abs(f));
      const g = problem.gradientInto(new Float64Array(n), x);
      const r = residuals.residualInto(new Float64Array(residuals.residuals), x);
      const difference = residuals.jacobianTransposeApplyInto(new Float64Array(n), x, r).map((one, i) => one - g[i]!);
      expect(norm2(difference), name).toBeLessThan(1e-10 * norm2(g));
    }
    console.log(`${sums} files are sums of squares`);
    expect(sums).toBeGreaterThan(30);
  });

  it.each(wrongHessians)("%s: the product with the Hessian is the derivative of the gradient", (name) => {
    const problem = readSif(sifText(name));
    const n = problem.dimension;
    const x = problem.start.map((value, i) => value + 0.01 * (1 + Math.abs(value)) * Math.cos(1 + i));
    const v = x.map((_, i) => Math.sin(1 + i));
    const t = 1e-5;
    const at = (sign: number) =>
      problem.gradientInto(
        new Float64Array(n),
        x.map((value, i) => value + sign * t * v[i]!),
      );
    const [after, before] = [at(1), at(-1)];
    const product = problem.hessianApplyInto(new Float64Array(n), x, v);
    const difference = product.map((value, i) => value - (after[i]! - before[i]!) / (2 * t));
    expect(norm2(difference)).toBeLessThan(1e-5 * norm2(product));
  });

  it("element and group types: derivatives are those that the files state, except for known mistakes", () => {
    const mistaken = new Map<string, string[]>();
    let types = 0;
    for (const name of names) {
      const { reading, functions } = interpret(sifText(name));
      for (const [kind, part] of Object.entries(functions)) {
        const declared = kind === "elements" ? reading.model.elementTypes : reading.model.groupTypes;
        for (const [typeName, type] of part.types) {
          const { variables, parameters, internal } = declared.get(typeName) ?? {
            variables: [],
            parameters: [],
            internal: [],
          };
          if (variables.length === 0) continue;
          types++;
          for (const wrong of statedErrors(variables, parameters, internal, (x, p) =>
            evaluateType(part, { ...type, ranges: [] }, x, p, true),
          ))
            mistaken.set(name, [...(mistaken.get(name) ?? []), `${typeName} ${wrong}`]);
        }
      }
    }
    console.log(`${types} element and group types compared with their stated derivatives`);
    expect(types).toBeGreaterThan(350);
    expect([...mistaken.keys()].sort()).toEqual(wrongHessians);
  });
});

type Stated = ReturnType<typeof evaluateType>;

/** Which stated derivatives of a type aren't those of its function, at a point without symmetries. */
function statedErrors(
  variables: readonly string[],
  parameters: readonly string[],
  internal: readonly string[],
  evaluate: (x: ReadonlyMap<string, Expr>, p: ReadonlyMap<string, Operand>) => Stated,
): string[] {
  // Derivatives are stated in internal variables: these become the variables, where there are any.
  const inner = internal.length > 0 ? internal : variables;
  const scope = (x: readonly Expr[], d: readonly Expr[]): Stated => {
    const p = new Map<string, Operand>(parameters.map((name, k) => [name, d[k]!]));
    // A range transformation isn't looked at here: its internal variables are set directly.
    return evaluate(new Map(inner.map((name, k) => [name, x[k]!])), p);
  };
  const data = parameters.map((_, k) => 1.3 + 0.4 * k);
  const x = Float64Array.from(inner, (_, k) => 0.7 + 0.21 * Math.cos(3 * k));
  const n = inner.length;
  const indices = [inner.map((_, k) => k)];
  const of = (term: (stated: Stated) => Operand) =>
    problemFromTerms(n, [{ indices, data: [data], term: (y, d) => sub(y[0]!, y[0]!).add(term(scope(y, d))) }]);
  const f = of(({ value }) => value);
  if (!Number.isFinite(f.value(x))) return [];
  const g = f.gradientInto(new Float64Array(n), x);
  const wrong: string[] = [];
  const differs = (a: number, b: number) =>
    Number.isFinite(a) && Math.abs(a - b) > 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
  const names = new Set<string>();
  of((stated) => {
    for (const key of stated.gradient.keys()) names.add(`G ${key}`);
    for (const key of stated.hessian.keys()) names.add(`H ${key}`);
    return stated.value;
  }).value(x);
  for (const name of names) {
    const [kind, first = "", second = ""] = name.split(" ");
    const value = of((stated) => (kind === "G" ? stated.gradient : stated.hessian).get(name.slice(2))!).value(x);
    const i = first === "" ? 0 : inner.indexOf(first);
    const j = first === "" ? 0 : inner.indexOf(second);
    if (i < 0 || (kind === "H" && j < 0)) continue;
    const e = new Float64Array(n);
    if (kind === "H") e[j] = 1;
    const wanted = kind === "G" ? g[i]! : f.hessianApplyInto(new Float64Array(n), x, e)[i]!;
    if (differs(value, wanted)) wrong.push(name);
  }
  return wrong;
}
