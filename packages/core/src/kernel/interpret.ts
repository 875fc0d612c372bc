// A program run without compiling anything: for pages whose content-security policy forbids it. The same operations in the same order as
// the emitted JavaScript, so the same bits.
import { operand } from "./graph.js";
import { evaluateOp, Op, operandCounts } from "./ops.js";
import type { Arrays, Pass, Program, Result } from "./program.js";

/** The program as instructions over a register file. */
export function interpretJs({ graph, arity, width, entries, identity, results }: Program): Pass {
  const registerOf = new Map<number, number>();
  const code: number[] = [];
  const initial: number[] = [];
  const visit = (root: number) => {
    const stack = [root];
    while (stack.length > 0) {
      const id = stack.at(-1)!;
      if (registerOf.has(id)) {
        stack.pop();
        continue;
      }
      const op = graph.op[id]!;
      const waiting: number[] = [];
      for (let j = operandCounts[op]! - 1; j >= 0; j--)
        if (!registerOf.has(operand(graph, id, j))) waiting.push(operand(graph, id, j));
      if (waiting.length > 0) {
        stack.push(...waiting);
        continue;
      }
      stack.pop();
      const register = registerOf.size;
      registerOf.set(id, register);
      initial.push(op === Op.constant ? graph.value[id]! : 0);
      if (op === Op.constant) continue;
      const source = (j: number) => (operandCounts[op]! > j ? registerOf.get(operand(graph, id, j))! : 0);
      code.push(op, register, op <= Op.weight ? graph.a[id]! : source(0), source(1), source(2));
    }
  };
  for (const { node } of results) visit(node);
  const sources = results.map(({ node }) => registerOf.get(node)!);

  return (count, arrays) => {
    const registers = Float64Array.from(initial);
    let sum = 0;
    for (let t = 0; t < count; t++) {
      const ti = t * arity;
      for (let c = 0; c < code.length; c += 5) {
        const op = code[c]!;
        const a = code[c + 2]!;
        registers[code[c + 1]!] =
          op > Op.weight
            ? evaluateOp(op, registers[a]!, registers[code[c + 3]!]!, registers[code[c + 4]!]!)
            : load(op, a, t, identity ? t : arrays.index[ti + a]!, t * width, arrays);
      }
      for (let r = 0; r < results.length; r++)
        sum += store(results[r]!, registers[sources[r]!]!, t, ti, t * entries, identity, arrays);
    }
    return sum;
  };
}

function load(
  op: number,
  slot: number,
  t: number,
  variable: number,
  td: number,
  { data, x, direction, group, w0, w1 }: Arrays,
): number {
  if (op === Op.x) return x[variable]!;
  if (op === Op.data) return data[td + slot]!;
  if (op === Op.direction) return direction[variable]!;
  return (slot === 0 ? w0 : w1)[group[t]!]!;
}

/** Puts one result where it goes; answers what it adds to the sum. */
function store(
  { to, slot, pair }: Result,
  value: number,
  t: number,
  ti: number,
  tm: number,
  identity: boolean,
  arrays: Arrays,
): number {
  const { index, map, group, place, out, h, s, u, w0, w1 } = arrays;
  switch (to) {
    case "sum":
      return value;
    case "variable":
      out[identity ? t : index[ti + slot]!]! += value;
      return 0;
    case "group":
      s[group[t]!]! += value;
      return 0;
    case "local":
      u[place[ti + slot]!]! += value;
      return 0;
    case "weight0":
      w0[t] = value;
      return 0;
    case "weight1":
      w1[t] = value;
      return 0;
    case "entry":
      h[map[tm + slot]!]! += pair !== undefined && index[ti + pair[0]] === index[ti + pair[1]] ? 2 * value : value;
      return 0;
  }
}
