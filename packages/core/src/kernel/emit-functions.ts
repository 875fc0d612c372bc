// The functions that a compiled loop of terms calls, in WebAssembly: for both lanes at once.
import { type Code, call, type FunctionHandle, type Local, type WasmModule } from "../wasm/assembler.js";
import { defineElementary, type ElementaryFunctions } from "../wasm/exp-kernels.js";
import { f64x2 } from "../wasm/instructions.js";
import { Op, operandCounts, opNames } from "./ops.js";

/** Functions of one or two numbers that come from the host, lane by lane. */
const fromHost = (op: number) =>
  op > Op.max && op !== Op.abs && op !== Op.sqrt && op !== Op.exp && op !== Op.log && op !== Op.tanh;

export type LaneFunctions = ReadonlyMap<number, FunctionHandle>;

/** What the program needs beyond instructions: exp, log and tanh in both lanes at once, the rest of Math a lane at a time. */
export function defineFunctions(module: WasmModule, used: ReadonlySet<number>): LaneFunctions {
  const functions = new Map<number, FunctionHandle>();
  const host = [...used].filter(fromHost);
  const imported = host.map((op) => {
    const parameters = operandCounts[op] === 2 ? (["f64", "f64"] as const) : (["f64"] as const);
    return module.importFunction("math", opNames[op]!, parameters, "f64");
  });
  if ([Op.exp, Op.log, Op.tanh].some((op) => used.has(op))) {
    const elementary: ElementaryFunctions = defineElementary(module);
    functions.set(Op.exp, elementary.exp).set(Op.log, elementary.log).set(Op.tanh, elementary.tanh);
  }
  for (const [k, op] of host.entries()) {
    const f = imported[k]!;
    const both = (...values: Local[]): Code => {
      const lane = (which: number) => call(f, ...values.map((value) => f64x2.lane(value, which)));
      return f64x2.replaceLane(f64x2.splat(lane(0)), lane(1), 1);
    };
    const handle =
      operandCounts[op] === 2
        ? module.function({ a: "v128", b: "v128" }, "v128", (_, { a, b }) => both(a, b))
        : module.function({ a: "v128" }, "v128", (_, { a }) => both(a));
    functions.set(op, handle);
  }
  return functions;
}
