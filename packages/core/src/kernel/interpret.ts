// A program run without compiling anything: for pages whose content-security policy forbids it. The same operations in the same
// order as the emitted JavaScript, so the same bits. Each instruction runs over a batch of terms before the next, so that the cost
// of looking at it is shared; results are added term by term, as the emitted loop does.
import { operand } from "./graph.js";
import { evaluateOp, Op, operandCounts } from "./ops.js";
import type { Arrays, Pass, Program, Result } from "./program.js";

/** Terms in a batch at most: a register is that many numbers. */
const mostLanes = 32;

/** The program as instructions over a register file. */
export function interpretJs(program: Program): Pass {
  const { code, constants, registers, sources } = assemble(program);
  const { width, entries, identity, results, step = 1, pointWidth = 0 } = program;
  const arity = program.arity / step;
  let lanes = 0;
  let r = new Float64Array();
  const widen = (to: number) => {
    lanes = to;
    r = new Float64Array(registers * lanes);
    for (const [register, value] of constants) r.fill(value, register * lanes, (register + 1) * lanes);
  };

  return (count, arrays) => {
    if (lanes < Math.min(count, mostLanes)) widen(Math.min(count, mostLanes));
    let sum = 0;
    for (let t = 0; t < count; t += lanes) {
      const size = Math.min(lanes, count - t);
      for (let c = 0; c < code.length; c += 5) {
        const op = code[c]!;
        const to = code[c + 1]! * lanes;
        if (op <= Op.weight) load(r, to, size, op, code[c + 2]!, t, identity, arity, step, width, pointWidth, arrays);
        else execute(r, to, size, op, code[c + 2]! * lanes, code[c + 3]! * lanes, code[c + 4]! * lanes);
      }
      for (let l = 0; l < size; l++) {
        for (let k = 0; k < results.length; k++) {
          const value = r[sources[k]! * lanes + l]!;
          if (results[k]!.to === "sum") sum += value;
          else store(results[k]!, value, t + l, (t + l) * arity, (t + l) * entries, identity, step, arrays);
        }
      }
    }
    return sum;
  };
}

interface Assembly {
  /** op, destination, and three sources (for an input its slot), five numbers an instruction. */
  readonly code: Int32Array;
  readonly constants: readonly (readonly [register: number, value: number])[];
  readonly registers: number;
  /** The register of each result. */
  readonly sources: Int32Array;
}

function assemble({ graph, results }: Program): Assembly {
  const registerOf = new Map<number, number>();
  const code: number[] = [];
  const constants: [number, number][] = [];
  const visit = (root: number) => {
    const stack = [root];
    while (stack.length > 0) {
      const id = stack.at(-1)!;
      if (registerOf.has(id)) {
        stack.pop();
        continue;
      }
      const op = graph.op[id]!;
      const before = stack.length;
      for (let j = operandCounts[op]! - 1; j >= 0; j--)
        if (!registerOf.has(operand(graph, id, j))) stack.push(operand(graph, id, j));
      if (stack.length > before) continue;
      stack.pop();
      const register = registerOf.size;
      registerOf.set(id, register);
      if (op === Op.constant) {
        constants.push([register, graph.value[id]!]);
        continue;
      }
      const source = (j: number) => (operandCounts[op]! > j ? registerOf.get(operand(graph, id, j))! : 0);
      code.push(op, register, op <= Op.weight ? graph.a[id]! : source(0), source(1), source(2));
    }
  };
  for (const { node } of results) visit(node);
  return {
    code: Int32Array.from(code),
    constants,
    registers: registerOf.size,
    sources: Int32Array.from(results, ({ node }) => registerOf.get(node)!),
  };
}

/** One operation over a batch; the common ones without a call. */
function execute(r: Float64Array, to: number, size: number, op: number, a: number, b: number, c: number): void {
  switch (op) {
    case Op.add:
      for (let l = 0; l < size; l++) r[to + l] = r[a + l]! + r[b + l]!;
      return;
    case Op.sub:
      for (let l = 0; l < size; l++) r[to + l] = r[a + l]! - r[b + l]!;
      return;
    case Op.mul:
      for (let l = 0; l < size; l++) r[to + l] = r[a + l]! * r[b + l]!;
      return;
    case Op.div:
      for (let l = 0; l < size; l++) r[to + l] = r[a + l]! / r[b + l]!;
      return;
    default:
      for (let l = 0; l < size; l++) r[to + l] = evaluateOp(op, r[a + l]!, r[b + l]!, r[c + l]!);
  }
}

/** One input over a batch that begins at term `first`. */
function load(
  r: Float64Array,
  to: number,
  size: number,
  op: number,
  slot: number,
  first: number,
  identity: boolean,
  arity: number,
  step: number,
  width: number,
  pointWidth: number,
  { index, data, pointData, x, direction, group, w0, w1 }: Arrays,
): void {
  if (op === Op.data && slot >= width) {
    const c = (slot - width) % pointWidth;
    const at = (slot - width - c) / pointWidth;
    for (let l = 0; l < size; l++) r[to + l] = pointData![index[(first + l) * arity + at]! * pointWidth + c]!;
  } else if (op === Op.data) {
    for (let l = 0; l < size; l++) r[to + l] = data[(first + l) * width + slot]!;
  } else if (op === Op.weight) {
    const w = slot === 0 ? w0 : w1;
    for (let l = 0; l < size; l++) r[to + l] = w[group[first + l]!]!;
  } else {
    const from = op === Op.x ? x : direction;
    const c = slot % step;
    const at = (slot - c) / step;
    for (let l = 0; l < size; l++)
      r[to + l] = from[identity ? first + l : index[(first + l) * arity + at]! * step + c]!;
  }
}

/** Puts one result where it goes. */
function store(
  { to, slot, pair }: Result,
  value: number,
  t: number,
  ti: number,
  tm: number,
  identity: boolean,
  step: number,
  { index, map, group, place, out, h, s, u, w0, w1 }: Arrays,
): void {
  const variable = (i: number) => index[ti + (i - (i % step)) / step]! * step + (i % step);
  switch (to) {
    case "variable":
      out[identity ? t : variable(slot)]! += value;
      return;
    case "group":
      s[group[t]!]! += value;
      return;
    case "local":
      u[place[ti * step + slot]!]! += value;
      return;
    case "weight0":
      w0[t] = value;
      return;
    case "weight1":
      w1[t] = value;
      return;
    case "own":
      h[tm + slot] = value;
      return;
    case "entry":
      h[map[tm + slot]!]! += pair !== undefined && variable(pair[0]) === variable(pair[1]) ? 2 * value : value;
  }
}
