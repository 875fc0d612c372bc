// A program as straight-line JavaScript: one loop over the terms, variables gathered and results scattered inside of it.
import { operand } from "./graph.js";
import { Op, operandCounts, opNames } from "./ops.js";
import type { Pass, Program, Result } from "./program.js";

const infix: Readonly<Record<number, string>> = { [Op.add]: "+", [Op.sub]: "-", [Op.mul]: "*", [Op.div]: "/" };

/** The source of a function (count, arrays) => sum. Readable: this is what runs. */
export function emitSource(program: Program): string {
  const { graph, width, entries, identity, results, step = 1, pointWidth = 0 } = program;
  const arity = program.arity / step;
  const lines: string[] = [];
  const done = new Set<number>();
  const loaded = new Set<string>();
  const functions = new Set<string>();
  let temporaries = 0;

  const load = (name: string, source: string) => {
    if (!loaded.has(name)) {
      loaded.add(name);
      lines.push(`const ${name} = ${source};`);
    }
    return name;
  };
  const plus = (base: string, offset: number) => (offset === 0 ? base : `${base} + ${offset}`);
  const index = (slot: number) => {
    if (identity) return "t";
    if (step === 1) return load(`i${slot}`, `index[${plus("ti", slot)}]`);
    const c = slot % step;
    const point = (slot - c) / step;
    return load(`i${slot}`, plus(load(`q${point}`, `${step} * index[${plus("ti", point)}]`), c));
  };
  const group = () => load("k", "group[t]");
  const name = (id: number): string => {
    const slot = graph.a[id]!;
    switch (graph.op[id]) {
      case Op.constant:
        return literal(graph.value[id]!);
      case Op.x:
        return `x${slot}`;
      case Op.data:
        return `d${slot}`;
      case Op.direction:
        return `v${slot}`;
      case Op.weight:
        return `weight${slot}`;
      default:
        return `n${id}`;
    }
  };
  const text = (id: number): string => {
    const op = graph.op[id]!;
    const parts: string[] = [];
    for (let j = 0; j < operandCounts[op]!; j++) parts.push(name(operand(graph, id, j)));
    const sign = infix[op];
    if (sign !== undefined) return `${parts[0]} ${sign} ${parts[1]}`;
    if (op === Op.neg) return `-${parts[0]}`;
    if (op === Op.lt) return `${parts[0]} < ${parts[1]} ? 1 : 0`;
    if (op === Op.le) return `${parts[0]} <= ${parts[1]} ? 1 : 0`;
    if (op === Op.select) return `${parts[0]} !== 0 ? ${parts[1]} : ${parts[2]}`;
    functions.add(opNames[op]!);
    return `${opNames[op]}(${parts.join(", ")})`;
  };
  // Depth first, without recursion: a deep chain of operations must not overflow the stack.
  const compute = (root: number) => {
    const stack = [root];
    while (stack.length > 0) {
      const id = stack.at(-1)!;
      if (done.has(id)) {
        stack.pop();
        continue;
      }
      const waiting: number[] = [];
      for (let j = operandCounts[graph.op[id]!]! - 1; j >= 0; j--) {
        const child = operand(graph, id, j);
        if (!done.has(child)) waiting.push(child);
      }
      if (waiting.length > 0) {
        stack.push(...waiting);
        continue;
      }
      stack.pop();
      done.add(id);
      const slot = graph.a[id]!;
      const op = graph.op[id]!;
      if (op === Op.constant) continue;
      if (op === Op.x) load(`x${slot}`, `x[${index(slot)}]`);
      else if (op === Op.data && slot >= width) {
        const point = Math.floor((slot - width) / pointWidth);
        const row = `pointData[${pointWidth} * index[${plus("ti", point)}] + ${(slot - width) % pointWidth}]`;
        load(`d${slot}`, row);
      } else if (op === Op.data) load(`d${slot}`, `data[${plus("td", slot)}]`);
      else if (op === Op.direction) load(`v${slot}`, `direction[${index(slot)}]`);
      else if (op === Op.weight) load(`weight${slot}`, `w${slot}[${group()}]`);
      else lines.push(`const n${id} = ${text(id)};`);
    }
  };
  const store = ({ to, slot, node, pair }: Result) => {
    compute(node);
    const value = name(node);
    if (to === "sum") lines.push(`sum += ${value};`);
    else if (to === "variable") lines.push(`out[${index(slot)}] += ${value};`);
    else if (to === "group") lines.push(`s[${group()}] += ${value};`);
    else if (to === "local") lines.push(`u[place[${step === 1 ? "ti" : `${step} * ti`} + ${slot}]] += ${value};`);
    else if (to === "weight0") lines.push(`w0[t] = ${value};`);
    else if (to === "weight1") lines.push(`w1[t] = ${value};`);
    else if (to === "own") lines.push(`h[tm + ${slot}] = ${value};`);
    else {
      const position = `map[tm + ${slot}]`;
      if (pair === undefined) lines.push(`h[${position}] += ${value};`);
      else {
        const p = `p${temporaries++}`;
        lines.push(
          `const ${p} = ${position};`,
          `h[${p}] += ${index(pair[0])} === ${index(pair[1])} ? 2 * (${value}) : ${value};`,
        );
      }
    }
  };
  for (const result of results) store(result);
  const bound = functions.size > 0 ? `const { ${[...functions].join(", ")} } = Math;\n` : "";
  return (
    `"use strict";\n${bound}return function pass(count, arrays) {\n` +
    "  const { index, data, pointData, group, place, map, x, direction, w0, w1, out, h, s, u } = arrays;\n  let sum = 0;\n" +
    `  for (let t = 0, ti = 0, td = 0, tm = 0; t < count; t++, ti += ${arity}, td += ${width}, tm += ${entries}) {\n` +
    `${lines.map((line) => `    ${line}`).join("\n")}\n  }\n  return sum;\n};`
  );
}

/** The program, compiled by the engine. Throws EvalError where a content-security policy forbids it. */
export const compileJs = (program: Program): Pass => new Function(emitSource(program))() as Pass;

/** Whether this page or process may compile code at run time. */
export function mayCompile(): boolean {
  try {
    return (new Function("return 1")() as number) === 1;
  } catch {
    return false;
  }
}

function literal(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (value < 0 || Object.is(value, -0)) return `(${value})`;
  return String(value);
}
