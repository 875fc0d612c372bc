// The kernels of the GPU backend as source text that gpu.js compiles: as text, since a minifier may do to functions what gpu.js can't read any more.
// A kernel computes one number a thread. Shapes are written into the text, so that every loop has a fixed length; a kernel is made per shape.
//
// 1. log-sum-exp goes over its entries twice, first for the maximum (Blanchard, Higham, Higham 2021, IMA J. Numer. Anal. 41(4), Algorithm 3.1).
// 2. Long sums are cut into chunks, one a thread, which a second kernel sums (or log-sum-exps: log Σ exp of partial log-sum-exps): a vector of a
//    thousand results alone would leave most of a GPU idle. Each level rounds its own sum only, so the bound shrinks with the chunks.
import type { requireMetric } from "../backend/shapes.js";

/** How an array is stored: `flat` with one index, else with row and column. */
export interface Layout {
  readonly rows: number;
  readonly cols: number;
  readonly flat: boolean;
}

/** A kernel's text and the shape of its result. */
export interface KernelSource {
  readonly source: string;
  readonly out: Layout;
  /** About as many operations a thread does. Default 1. */
  readonly work?: number;
}

/** Stands below every number that can be uploaded: shaders know no −∞. */
const lowest = "-3.0e38";

/** Entry (i, j) of an array. */
function at(name: string, { rows, cols, flat }: Layout, i: string, j: string): string {
  if (!flat) return `${name}[${i}][${j}]`;
  if (cols === 1) return `${name}[${i}]`;
  if (rows === 1) return `${name}[${j}]`;
  return `${name}[(${i}) * ${cols} + (${j})]`;
}

/** Entry i of a vector, which is always flat. */
const entry = (name: string, i: string) => `${name}[${i}]`;

/** Row and column of this thread's result; `prelude` declares them where they must be found by division. */
function place({ rows, cols, flat }: Layout): { readonly prelude: string; readonly i: string; readonly j: string } {
  if (!flat) return { prelude: "", i: "this.thread.y", j: "this.thread.x" };
  if (cols === 1) return { prelude: "", i: "this.thread.x", j: "0" };
  if (rows === 1) return { prelude: "", i: "0", j: "this.thread.x" };
  // Half a step inside, so that a quotient that is a little off doesn't fall into the next row.
  const prelude = `const row = Math.floor((this.thread.x + 0.5) / ${cols}); const col = this.thread.x - row * ${cols};\n`;
  return { prelude, i: "row", j: "col" };
}

/** This thread's entry of an array of the result's layout. */
const own = (name: string, { flat }: Layout) =>
  flat ? `${name}[this.thread.x]` : `${name}[this.thread.y][this.thread.x]`;

const loop = (index: string, length: number, body: string) =>
  `for (let ${index} = 0; ${index} < ${length}; ${index}++) { ${body} }\n`;

/** The array itself: how numbers come onto the device, and off it without waiting. */
export const copyKernel = (out: Layout): KernelSource => ({ source: `function(a) { return ${own("a", out)}; }`, out });

/** α op(A) op(B) [+ β C₀] over an inner dimension k; arguments a, b, alpha [, c, beta]. */
export function gemmKernel(
  out: Layout,
  k: number,
  a: Layout,
  transposeA: boolean,
  b: Layout,
  transposeB: boolean,
  withC: boolean,
): KernelSource {
  const { prelude, i, j } = place(out);
  const left = transposeA ? at("a", a, "k", i) : at("a", a, i, "k");
  const right = transposeB ? at("b", b, j, "k") : at("b", b, "k", j);
  const body = `let sum = 0;\n${loop("k", k, `sum += ${left} * ${right};`)}`;
  const [more, add] = withC ? [", c, beta", ` + beta * ${own("c", out)}`] : ["", ""];
  return { source: `function(a, b, alpha${more}) {\n${prelude}${body}return alpha * sum${add};\n}`, out, work: 2 * k };
}

/** What is done along a row or a column: Σ m v, Σ m, or log Σ exp(m + v). */
export type Contraction = "product" | "sum" | "logSumExp";

/**
 * One number for each row (or column) of m and each of `chunks` parts of it: the result is rows × chunks (or chunks × cols). Arguments m [, v]. Without v
 * a log-sum-exp is of m alone.
 */
export function contractionKernel(
  kind: Contraction,
  m: Layout,
  along: "rows" | "cols",
  withVector: boolean,
  out: Layout,
): KernelSource {
  const inner = along === "rows" ? m.cols : m.rows;
  const chunks = along === "rows" ? out.cols : out.rows;
  const work = Math.ceil(inner / chunks);
  const { prelude, i, j } = place(out);
  const [outer, part] = along === "rows" ? [i, j] : [j, i];
  // Neighbouring threads of a row take neighbouring entries.
  const k = chunks === 1 ? "q" : `(q * ${chunks} + ${part})`;
  const each = (body: string) => loop("q", work, inner % chunks === 0 ? body : `if (${k} < ${inner}) { ${body} }`);
  const number = along === "rows" ? at("m", m, outer, k) : at("m", m, k, outer);
  const shifted = withVector ? `${number} + ${entry("v", k)}` : number;
  const head = `function(m${withVector ? ", v" : ""}) {\n${prelude}`;
  if (kind !== "logSumExp") {
    const summand = kind === "product" ? `${number} * ${entry("v", k)}` : number;
    return { source: `${head}let sum = 0;\n${each(`sum += ${summand};`)}return sum;\n}`, out, work };
  }
  const passes =
    `let top = ${lowest};\n${each(`top = Math.max(top, ${shifted});`)}` +
    `let sum = 0;\n${each(`sum += Math.exp(${shifted} - top);`)}`;
  // An empty last part of a row has no maximum and counts nothing.
  const empty = inner % chunks === 0 ? "" : `if (sum === 0) { return ${lowest}; }\n`;
  return { source: `${head}${passes}${empty}return top + Math.log(sum);\n}`, out, work: 10 * work };
}

/** What is summed (or of what the maximum is taken) over a whole array. */
export type Reduction = "sum" | "dot" | "squares" | "max" | "size";

/** As many partial results as `out` has entries. Arguments a [, b of the same layout] [, scale for squares of a · scale]. */
export function reductionKernel(kind: Reduction, a: Layout, out: Layout): KernelSource {
  // A matrix goes by columns, in parts that are rows apart; a flat array by strides.
  const length = a.flat ? a.rows * a.cols : a.rows;
  const step = a.flat ? out.rows * out.cols : out.rows;
  const k = step === 1 ? "q" : `(q * ${step} + ${a.flat ? "this.thread.x" : "this.thread.y"})`;
  const read = (name: string) => (a.flat ? `${name}[${k}]` : `${name}[${k}][this.thread.x]`);
  const value = {
    sum: () => `sum += ${read("a")};`,
    dot: () => `sum += ${read("a")} * ${read("b")};`,
    squares: () => `sum += (${read("a")} * scale) * (${read("a")} * scale);`,
    max: () => `sum = Math.max(sum, ${read("a")});`,
    size: () => `sum = Math.max(sum, Math.abs(${read("a")}));`,
  }[kind]();
  const guarded = length % step === 0 ? value : `if (${k} < ${length}) { ${value} }`;
  const more = { sum: "", dot: ", b", squares: ", scale", max: "", size: "" }[kind];
  const start = kind === "max" ? lowest : "0";
  return {
    source: `function(a${more}) {\nlet sum = ${start};\n${loop("q", Math.ceil(length / step), guarded)}return sum;\n}`,
    out,
  };
}

/** f of each entry. Arguments as the text names them. */
export function mapKernel(kind: "scale" | "axpby" | "exp", out: Layout): KernelSource {
  const x = own("x", out);
  const source = {
    scale: `function(x, alpha) { return alpha * ${x}; }`,
    axpby: `function(x, alpha, y, beta) { return alpha * ${x} + beta * ${own("y", out)}; }`,
    exp: `function(x) { return Math.exp(${x}); }`,
  }[kind];
  return { source, out };
}

/** exp(m_ij + x_i + y_j). Arguments m, x, y. */
export function expOuterKernel(out: Layout): KernelSource {
  const { prelude, i, j } = place(out);
  return {
    source: `function(m, x, y) {\n${prelude}return Math.exp(${own("m", out)} + ${entry("x", i)} + ${entry("y", j)});\n}`,
    out,
  };
}

/** Distances of the rows of x from those of y, d coordinates each. Arguments x, y. */
export function pairwiseKernel(
  out: Layout,
  x: Layout,
  y: Layout,
  { name, p }: ReturnType<typeof requireMetric>,
): KernelSource {
  const d = x.cols;
  const { prelude, i, j } = place(out);
  const a = at("x", x, i, "k");
  const b = at("y", y, j, "k");
  const squares = `let sum = 0;\n${loop("k", d, `sum += (${a} - ${b}) * (${a} - ${b});`)}`;
  const top = `let top = 0;\n${loop("k", d, `top = Math.max(top, Math.abs(${a} - ${b}));`)}`;
  const body = {
    squaredEuclidean: `${squares}return sum;`,
    euclidean: `${squares}return Math.sqrt(sum);`,
    manhattan: `let sum = 0;\n${loop("k", d, `sum += Math.abs(${a} - ${b});`)}return sum;`,
    chebyshev: `${top}return top;`,
    // pow of 0 is undefined in some shading languages.
    minkowski:
      `${top}if (top === 0) { return 0; }\nlet sum = 0;\n` +
      `${loop("k", d, `if (${a} !== ${b}) { sum += Math.pow(Math.abs(${a} - ${b}) / top, ${p}); }`)}` +
      `return top * Math.pow(sum, ${1 / p});`,
    cosine:
      `let xx = 0; let yy = 0; let xy = 0;\n${loop("k", d, `xx += ${a} * ${a}; yy += ${b} * ${b}; xy += ${a} * ${b};`)}` +
      "if (xx === 0 || yy === 0) { return 1; }\n" +
      "return 1 - Math.max(-1, Math.min(1, xy / Math.sqrt(xx) / Math.sqrt(yy)));",
  }[name];
  return { source: `function(x, y) {\n${prelude}${body}\n}`, out, work: 4 * d };
}
