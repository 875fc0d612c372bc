// A program as gpu.js kernels in float32. A thread computes one result of one term: thread x is term x mod T of result ⌊x / T⌋, so that neighbouring
// threads do the same to neighbouring terms. A result recomputes what it shares with others: arithmetic is what a GPU has most of, and a kernel of gpu.js
// gives one number. Where results go (sums over terms, gradients) is the business of a gather afterwards: in a fixed order, without atomics.
//
// 1. Tables are slot-major: index[slot · T + t], data[slot · T + t].
// 2. Elementary functions are written out (emit-gpu-functions.ts): shading languages promise too little of theirs.
// 3. Shaders know no infinite numbers: ±∞ and NaN as constants are ±1e37, which {@link standIn} tells apart from sums of terms.
import {
  angle,
  arc,
  areaFunction,
  circular,
  cubeRoot,
  exponentialMinusOne,
  hyperbolic,
  hypotenuse,
  logarithm,
  type Written,
} from "./emit-gpu-functions.js";
import { type Graph, isConstant, operand, reachable } from "./graph.js";
import { Op, operandCounts, opNames } from "./ops.js";
import type { Program, Result } from "./program.js";

/** The arrays that a kernel may read, in the order in which it takes them. */
export const gpuInputs = ["index", "data", "group", "x", "direction", "w0", "w1"] as const;
export type GpuInput = (typeof gpuInputs)[number];

export interface GpuPass {
  /** function(…inputs): result r of term t at r · T + t. */
  readonly source: string;
  readonly inputs: readonly GpuInput[];
  readonly results: readonly Result[];
  /** Operations a result, about. */
  readonly work: number;
}

/** Numbers beyond this stand for ±∞. */
export const standIn = 1e36;

/** Results of a kernel times terms, at most: places are found in float32. */
const mostPlaces = 2 ** 24;
/** About as many operations in one kernel at most: the time that gpu.js and the driver take to compile grows faster than the text. */
const mostOperations = 1500;

/** The program over `terms` terms, 1 ≤ terms ≤ 2²⁴, as kernels that cover its results in their order. */
export function emitGpu(program: Program, terms: number): readonly GpuPass[] {
  const { graph, results } = program;
  const passes: GpuPass[] = [];
  let some: Result[] = [];
  let operations = 0;
  const finish = () => {
    if (some.length > 0) passes.push(emitPass(program, terms, some, operations));
    some = [];
    operations = 0;
  };
  for (const result of results) {
    const cost = reachable(graph, [result.node]).reduce((sum, mark) => sum + mark, 0);
    if ((some.length + 1) * terms > mostPlaces || operations + cost > mostOperations) finish();
    some.push(result);
    operations += cost;
  }
  finish();
  return passes;
}

function emitPass(program: Program, terms: number, results: readonly Result[], operations: number): GpuPass {
  const used = new Set<GpuInput>();
  const branches = results.map(({ node }, r) => {
    const body = emitResult(program, terms, node, r, used);
    return r + 1 < results.length ? `if (this.thread.x < ${(r + 1) * terms}) {\n${body}}\n` : body;
  });
  const inputs = gpuInputs.filter((name) => used.has(name));
  return {
    source: `function(${inputs.join(", ")}) {\n${branches.join("")}}`,
    inputs,
    results,
    work: operations / results.length,
  };
}

/** Statements that return one node's value for the term of this thread, the r-th of the results. */
function emitResult({ graph, identity }: Program, terms: number, root: number, r: number, used: Set<GpuInput>): string {
  const lines: string[] = [];
  const loaded = new Set<string>();
  // Names of one branch must not meet those of another.
  const own = (name: string) => `${name}r${r}`;
  const name = (id: number) => (isConstant(graph, id) ? literal(graph.value[id]!) : own(`n${id}`));
  const table = (input: GpuInput, slot: number) => {
    used.add(input);
    const shift = (slot - r) * terms;
    return `${input}[this.thread.x ${shift < 0 ? "-" : "+"} ${Math.abs(shift)}]`;
  };
  const once = (key: string, text: () => string) => {
    if (!loaded.has(key)) {
      loaded.add(key);
      lines.push(`const ${own(key)} = ${text()};`);
    }
    return own(key);
  };
  const variable = (input: "x" | "direction", slot: number) => {
    used.add(input);
    return identity ? table(input, 0) : `${input}[${once(`i${slot}`, () => table("index", slot))}]`;
  };
  const marks = reachable(graph, [root]);
  for (let id = 0; id < marks.length; id++) {
    if (marks[id] === 0 || isConstant(graph, id)) continue;
    const slot = graph.a[id]!;
    switch (graph.op[id]) {
      case Op.x:
        lines.push(`const ${name(id)} = ${variable("x", slot)};`);
        break;
      case Op.direction:
        lines.push(`const ${name(id)} = ${variable("direction", slot)};`);
        break;
      case Op.data:
        lines.push(`const ${name(id)} = ${table("data", slot)};`);
        break;
      case Op.weight: {
        const weights = slot === 0 ? "w0" : "w1";
        used.add(weights);
        lines.push(`const ${name(id)} = ${weights}[${once("k", () => table("group", 0))}];`);
        break;
      }
      default:
        lines.push(...operation(graph, id, name));
    }
  }
  return `${lines.map((line) => `  ${line}\n`).join("")}  return ${name(root)};\n`;
}

const infix: Readonly<Record<number, string>> = { [Op.add]: "+", [Op.sub]: "-", [Op.mul]: "*", [Op.div]: "/" };

/** The statements that declare the value of an operation. */
function operation(graph: Graph, id: number, name: (id: number) => string): string[] {
  const op = graph.op[id]!;
  const [a, b, c] = Array.from({ length: operandCounts[op]! }, (_, j) => name(operand(graph, id, j))) as [
    string,
    string,
    string,
  ];
  const to = name(id);
  const call = opNames[op]!;
  const is = (text: string) => [`const ${to} = ${text};`];
  const written = ({ before, value }: Written) => [...before, ...is(value)];
  const sign = infix[op];
  if (sign !== undefined) return is(`${a} ${sign} ${b}`);
  switch (op) {
    case Op.neg:
      return is(`-${a}`);
    case Op.lt:
      return is(`${a} < ${b} ? 1 : 0`);
    case Op.le:
      return is(`${a} <= ${b} ? 1 : 0`);
    case Op.select:
      return is(`${a} !== 0 ? ${b} : ${c}`);
    case Op.log:
      return written(logarithm(to, `${a} - 1`, a));
    case Op.log2:
    case Op.log10: {
      const { before, value } = logarithm(to, `${a} - 1`, a);
      return [...before, ...is(`(${value}) * ${op === Op.log2 ? Math.LOG2E : Math.LOG10E}`)];
    }
    case Op.log1p:
      return written(logarithm(to, a, `1 + ${a}`));
    case Op.asinh:
    case Op.acosh:
    case Op.atanh:
      return written(areaFunction(call as "asinh", to, a));
    case Op.cbrt:
      return written(cubeRoot(to, a));
    case Op.expm1:
      return is(exponentialMinusOne(a));
    case Op.sin:
    case Op.cos:
    case Op.tan:
      return written(circular(call as "sin", to, a));
    case Op.asin:
    case Op.acos:
    case Op.atan:
      return written(arc(call as "asin", to, a));
    case Op.sinh:
    case Op.cosh:
    case Op.tanh:
      return written(hyperbolic(call as "sinh", to, a));
    case Op.atan2:
      return written(angle(to, a, b));
    case Op.hypot:
      return written(hypotenuse(to, a, b));
    case Op.pow:
      return is(power(graph, id, a, b));
    default:
      return is(`Math.${call}(${operandCounts[op] === 2 ? `${a}, ${b}` : a})`);
  }
}

/** a^b: shaders raise positive numbers only. */
function power(graph: Graph, id: number, a: string, b: string): string {
  const exponent = graph.b[id]!;
  if (!isConstant(graph, exponent)) return `Math.pow(${a}, ${b})`;
  const value = graph.value[exponent]!;
  const atZero = value > 0 ? "0" : literal(Number.POSITIVE_INFINITY);
  if (!Number.isInteger(value)) return `${a} === 0 ? ${atZero} : Math.pow(${a}, ${b})`;
  const size = `Math.pow(Math.abs(${a}), ${b})`;
  return `${a} === 0 ? ${atZero} : ${value % 2 === 0 ? size : `Math.sign(${a}) * ${size}`}`;
}

/** A constant in float32's range. */
function literal(value: number): string {
  const kept = Number.isNaN(value) ? 1e37 : Math.max(-1e37, Math.min(1e37, value));
  const single = Math.fround(kept);
  const text = Number.isInteger(single) && Math.abs(single) < 1e7 ? String(single) : single.toExponential();
  return single < 0 ? `(${text})` : text;
}
