// How the passes of a sum are run: as SIMD WebAssembly, as JavaScript compiled by the engine, or interpreted.
import { describe, HessiaError, misuse } from "../errors.js";
import type { Vector } from "../linear/matrix.js";
import { wasmFeatures } from "../wasm/features.js";
import type { ThreadPool } from "../wasm/threads.js";
import { compileJs, mayCompile } from "./emit-js.js";
import { interpretJs } from "./interpret.js";
import { overRange, type Pass, type Program } from "./program.js";
import type { ResidentData } from "./term-home.js";
import { makeTermMemory, type TermMemory } from "./term-memory.js";
import type { TermsOptions } from "./terms.js";

/** How terms are evaluated. */
export type Evaluation = "wasm" | "compiled" | "interpreted";

export interface Evaluator {
  /** What it is, or will be as things stand now. */
  readonly evaluation: Evaluation;
  /** Says how many terms come, of how many variables and data, and how many numbers by point: called for every block before the first pass is compiled. */
  expect(terms: number, arity: number, width: number, byPoint?: number): void;
  compile(program: Program): Pass;
  /** x or a direction where passes read it best: the array itself, or a copy. */
  reads(role: "x" | "direction", v: Vector): Vector;
  /** A zeroed array in which passes add up what `delivered` then brings to `out`. */
  collects(out: Vector): Vector;
  /** The same for the values of a Hessian. */
  collectsEntries(values: Vector): Vector;
  delivered(out: Vector, collected: Vector): Vector;
  /** Zeros for the values of a Hessian. */
  newValues(length: number): Vector;
  /** An array that passes read and write best. */
  newScratch(length: number): Vector;
  /** Lends `length` zeros for the time of a call, in which nothing else is asked for. */
  borrow<T>(length: number, use: (room: Int32Array) => T): T;
  /** Room for data by term, or with a stride by point, where passes read them in place; undefined where a table of their own is as good. After all blocks have been announced. */
  newData(count: number, width: number, stride?: number): ResidentData | undefined;
}

/** The evaluator that options ask for, checked. */
export function evaluatorFor(routine: string, { evaluation = "auto", threads }: TermsOptions): Evaluator {
  if (!["auto", "wasm", "compiled", "interpreted"].includes(evaluation))
    misuse(routine, "options.evaluation", describe(evaluation), '"auto", "wasm", "compiled" or "interpreted"');
  if (threads !== undefined && evaluation !== "auto" && evaluation !== "wasm")
    misuse(routine, "options.threads", `with evaluation "${evaluation}"`, 'evaluation "wasm" or "auto"');
  if (evaluation === "wasm" && !wasmFeatures().simd)
    throw new HessiaError(
      `${routine}: this engine has no SIMD WebAssembly. Leave \`evaluation\` out to have another way taken.`,
    );
  return makeEvaluator(evaluation, threads);
}

/** From so many terms on WebAssembly is worth its memory and its compilation. */
const manyTerms = 256;

/**
 * "auto": WebAssembly for many terms, where it runs; else compiled JavaScript, where the page's security policy allows; else interpreted.
 * With `threads` WebAssembly is taken however many terms there are.
 */
export function makeEvaluator(wanted: "auto" | Evaluation, threads?: ThreadPool): Evaluator {
  let memory: TermMemory | undefined;
  let chosen: Evaluation | undefined = wanted === "auto" ? undefined : wanted;
  let terms = 0;
  const announced: Parameters<Evaluator["expect"]>[] = [];
  const choose = (): Evaluation => {
    const many = threads !== undefined || terms >= manyTerms;
    return many && wasmFeatures().simd ? "wasm" : mayCompile() ? "compiled" : "interpreted";
  };
  const settled = (): Evaluation => {
    chosen ??= choose();
    if (chosen === "wasm" && memory === undefined) {
      memory = makeTermMemory(threads === undefined ? {} : { threads });
      for (const block of announced) memory.expect(...block);
    }
    return chosen;
  };
  return {
    get evaluation() {
      return chosen ?? choose();
    },
    expect(...block) {
      terms += block[0];
      announced.push(block);
      memory?.expect(...block);
    },
    compile(program) {
      const evaluation = settled();
      if (evaluation === "wasm") return memory!.compile(program);
      return overRange(evaluation === "compiled" ? compileJs(program) : interpretJs(program), program);
    },
    reads(role, v) {
      const copy = settled() === "wasm" ? memory!.reside(role, v.length) : undefined;
      copy?.set(v);
      return copy ?? v;
    },
    collects(out) {
      return (settled() === "wasm" ? (memory!.reside("out", out.length) ?? out) : out).fill(0);
    },
    collectsEntries: (values) => (settled() === "wasm" ? memory!.entries(values) : values).fill(0),
    delivered(out, collected) {
      if (out !== collected) out.set(collected);
      return out;
    },
    newValues: (length) =>
      (settled() === "wasm" ? memory!.reside("hessian", length) : undefined) ?? new Float64Array(length),
    newData: (count, width, stride) =>
      width > 0 && settled() === "wasm" ? memory!.newData(count, width, stride) : undefined,
    borrow: (length, use) => (settled() === "wasm" ? memory!.borrow(length, use) : use(new Int32Array(length))),
    newScratch: (length) => (settled() === "wasm" ? memory!.scratch(length) : undefined) ?? new Float64Array(length),
  };
}
