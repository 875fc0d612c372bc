// A small WebAssembly assembler: modules are written as expressions in TypeScript and assembled when they are first needed, so that one
// description serves plain and shared memory, with and without relaxed SIMD, and sizes that are only known at run time.
// WebAssembly Core Specification 2.0 (2024), chapter 5; threads and relaxed SIMD as in 3.0.
//
// An expression is `Code`: its bytes leave one value on the stack. Statements are put into a function through its `Body`.
import type { Leading } from "../leading.js";
import { encodeF64, flatten, name, type Rope, section, signed, unsigned, vector } from "./encode.js";

export type ValueType = "i32" | "i64" | "f32" | "f64" | "v128";

const typeCodes: Readonly<Record<ValueType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };

/** Bytes that leave a value of `type` on the stack, or nothing. */
export interface Code {
  readonly type: ValueType | "none";
  readonly bytes: Rope;
}

/** An expression, or a number that is written as a constant of the wanted type. */
export type Value = Code | number;

/** A local variable or parameter: as an expression, its present value. */
export interface Local extends Code {
  readonly type: ValueType;
  readonly index: number;
}

/** A function that can be called. */
export interface FunctionHandle {
  readonly index: number;
  readonly parameters: readonly ValueType[];
  readonly result: ValueType | "none";
}

export interface ModuleOptions {
  /** Fused multiply-add by relaxed SIMD in `madd`; else a multiplication and an addition. Default false. */
  readonly relaxed?: boolean;
  /** The imported memory `env.memory` is a SharedArrayBuffer's. Default false. */
  readonly shared?: boolean;
  /** Least and most pages (64 KiB) of the imported memory. Default 1 and 65,536. */
  readonly pages?: number;
  readonly maxPages?: number;
  /** Where `constant` keeps its table, at most {@link constantBytes} long. Default 0. */
  readonly constantsAt?: number;
}

/** Bytes of memory that a module's constants may take: whoever lays out the memory leaves them alone. */
export const constantBytes = 2048;

/** A constant or an expression as an expression of `type`. */
export function lift(type: ValueType, value: Value): Code {
  if (typeof value !== "number") {
    if (value.type !== type) throw new Error(`assembler: ${value.type} given where ${type} is wanted`);
    return value;
  }
  if (type === "i32") return { type, bytes: [0x41, signed(value)] };
  if (type === "i64") return { type, bytes: [0x42, signed(value)] };
  if (type === "f64") return { type, bytes: [0x44, encodeF64(value)] };
  if (type === "v128") return { type, bytes: [0xfd, 0x0c, encodeF64(value), encodeF64(value)] };
  throw new Error(`assembler: no constants of type ${type}`);
}

const empty = 0x40;

/** The statements of a function. Locals are declared as they are needed. */
export class Body {
  readonly code: Rope[] = [];
  readonly declared: ValueType[] = [];

  constructor(private readonly parameters: number) {}

  /** A new local variable, 0 at first; with `value` set to it. */
  local(type: ValueType, value?: Value): Local {
    const index = this.parameters + this.declared.length;
    this.declared.push(type);
    const local: Local = { type, index, bytes: [0x20, unsigned(index)] };
    if (value !== undefined) this.set(local, value);
    return local;
  }

  /** As many new locals of a type. */
  locals(type: ValueType, count: number): Local[] & Leading<Local> {
    return Array.from({ length: count }, () => this.local(type)) as Local[] & Leading<Local>;
  }

  set(local: Local, value: Value): void {
    this.code.push(lift(local.type, value).bytes, 0x21, unsigned(local.index));
  }

  /** Puts a statement: an expression without a value (a store, a call). */
  do(statement: Code): void {
    this.code.push(statement.bytes);
    if (statement.type !== "none") this.code.push(0x1a);
  }

  if(condition: Value, then: () => void, otherwise?: () => void): void {
    this.code.push(lift("i32", condition).bytes, 0x04, empty);
    then();
    if (otherwise !== undefined) {
      this.code.push(0x05);
      otherwise();
    }
    this.code.push(0x0b);
  }

  /** Repeats `body` as long as the condition holds; it is looked at before each round. */
  while(condition: Value, body: () => void): void {
    this.if(condition, () => this.doWhile(body, condition));
  }

  /** Repeats `body`, at least once, as long as the condition holds. */
  doWhile(body: () => void, condition: Value): void {
    this.code.push(0x03, empty);
    body();
    this.code.push(lift("i32", condition).bytes, 0x0d, 0, 0x0b);
  }

  /** for (i = from; i < to; i += step): `i` an i32 local that exists already, step > 0; `to` is evaluated each round. */
  for(i: Local, from: Value, to: Value, step: Value, body: () => void): void {
    this.set(i, from);
    const less: Code = { type: "i32", bytes: [i.bytes, lift("i32", to).bytes, 0x48] };
    this.while(less, () => {
      body();
      this.set(i, { type: "i32", bytes: [i.bytes, lift("i32", step).bytes, 0x6a] });
    });
  }

  return(value?: Code): void {
    if (value !== undefined) this.code.push(value.bytes);
    this.code.push(0x0f);
  }
}

/** A module in the making. Imports are declared before the first function is defined. */
export class WasmModule {
  readonly relaxed: boolean;
  private readonly options: ModuleOptions;
  private readonly types: Rope[] = [];
  private readonly typeOf = new Map<string, number>();
  private readonly imports: Rope[] = [];
  private readonly functionTypes: Rope[] = [];
  private readonly exports: Rope[] = [];
  private readonly bodies: Rope[] = [];
  private readonly constants: [low: number, high: number][] = [];
  private importedFunctions = 0;

  constructor(options: ModuleOptions = {}) {
    this.options = options;
    this.relaxed = options.relaxed ?? false;
  }

  importFunction(
    from: string,
    as: string,
    parameters: readonly ValueType[],
    result: ValueType | "none",
  ): FunctionHandle {
    if (this.bodies.length > 0) throw new Error("assembler: imports come before functions");
    this.imports.push([name(from), name(as), 0x00, unsigned(this.type(parameters, result))]);
    return { index: this.importedFunctions++, parameters, result };
  }

  /**
   * A constant in both lanes, loaded from a table in memory: engines build a 128-bit constant in code anew each time, at several instructions.
   */
  constant(value: number): Code {
    let slot = this.constants.findIndex(([low, high]) => Object.is(low, value) && Object.is(high, value));
    if (slot < 0) slot = this.keep(value, value);
    const address = (this.options.constantsAt ?? 0) + 16 * slot;
    return { type: "v128", bytes: [0x41, 0, 0xfd, 0x00, 4, unsigned(address)] };
  }

  /** Constants one after another in the same table (an even number of them); answers the address of the first. */
  table(values: readonly number[]): number {
    const first = this.constants.length;
    for (let i = 0; i < values.length; i += 2) this.keep(values[i]!, values[i + 1]!);
    return (this.options.constantsAt ?? 0) + 16 * first;
  }

  private keep(low: number, high: number): number {
    if (16 * (this.constants.length + 1) > constantBytes) throw new Error("assembler: too many constants");
    return this.constants.push([low, high]) - 1;
  }

  /**
   * Defines a function; with `exported`, under that name to the outside. `write` puts its statements and answers its value, or nothing.
   * Parameters are given by name: { x: "i32", n: "i32" }.
   */
  function<P extends Record<string, ValueType>>(
    parameters: P,
    result: ValueType | "none",
    write: (body: Body, parameters: { readonly [K in keyof P]: Local }) => unknown,
    exported?: string,
  ): FunctionHandle {
    const types = Object.values(parameters);
    const body = new Body(types.length);
    const locals = Object.fromEntries(
      Object.entries(parameters).map(([key, type], index) => [key, { type, index, bytes: [0x20, unsigned(index)] }]),
    ) as unknown as { readonly [K in keyof P]: Local };
    // The index is taken when the body is written, so that a function may call those that are defined before it only.
    const value = write(body, locals);
    if (result !== "none") {
      if (typeof value !== "number" && (value === null || typeof value !== "object"))
        throw new Error("assembler: a function with a result must answer a value");
      body.code.push(lift(result, value as Value).bytes);
    }
    const index = this.importedFunctions + this.bodies.length;
    this.functionTypes.push(unsigned(this.type(types, result)));
    const declared = runs(body.declared).map(([type, count]) => [unsigned(count), typeCodes[type]]);
    const bytes = flatten([vector(declared), body.code, 0x0b]);
    this.bodies.push([unsigned(bytes.length), bytes]);
    if (exported !== undefined) this.exports.push([name(exported), 0x00, unsigned(index)]);
    return { index, parameters: types, result };
  }

  /** The module's bytes. */
  assemble(): Uint8Array<ArrayBuffer> {
    const { shared = false, pages = 1, maxPages = 65_536 } = this.options;
    const memory = [name("env"), name("memory"), 0x02, shared ? 0x03 : 0x01, unsigned(pages), unsigned(maxPages)];
    return Uint8Array.from(
      flatten([
        [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
        section(1, vector(this.types)),
        section(2, vector([...this.imports, memory])),
        section(3, vector(this.functionTypes)),
        section(7, vector(this.exports)),
        section(10, vector(this.bodies)),
        this.constants.length === 0 ? [] : section(11, vector([this.constantData()])),
      ]),
    );
  }

  private constantData(): Rope {
    const bytes = this.constants.flatMap(([low, high]) => [encodeF64(low), encodeF64(high)]);
    return [0x00, 0x41, signed(this.options.constantsAt ?? 0), 0x0b, unsigned(8 * bytes.length), bytes];
  }

  private type(parameters: readonly ValueType[], result: ValueType | "none"): number {
    const key = `${parameters.join()}:${result}`;
    let index = this.typeOf.get(key);
    if (index === undefined) {
      index = this.types.length;
      const results = result === "none" ? [] : [typeCodes[result]];
      this.types.push([0x60, vector(parameters.map((type) => typeCodes[type])), vector(results)]);
      this.typeOf.set(key, index);
    }
    return index;
  }
}

/** The value of a call (or the call as a statement). */
export function call(f: FunctionHandle, ...values: Value[]): Code {
  if (values.length !== f.parameters.length) throw new Error("assembler: wrong number of arguments");
  const given = values.map((value, i) => lift(f.parameters[i]!, value).bytes);
  return { type: f.result, bytes: [given, 0x10, unsigned(f.index)] };
}

function runs(types: readonly ValueType[]): [ValueType, number][] {
  const list: [ValueType, number][] = [];
  for (const type of types) {
    const last = list.at(-1);
    if (last !== undefined && last[0] === type) last[1]++;
    else list.push([type, 1]);
  }
  return list;
}
