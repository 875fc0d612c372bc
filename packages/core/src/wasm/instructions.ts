// The instructions that the kernels use, as functions from expressions to expressions: f64x2.add(a, b). Numbers stand for constants.
// Binary opcodes: WebAssembly Core Specification 2.0, §5.4; relaxed SIMD: 3.0.
import { type Code, lift, type Value, type ValueType, type WasmModule } from "./assembler.js";
import { type Rope, unsigned } from "./encode.js";

type Operator = (...values: Value[]) => Code;

const op =
  (bytes: Rope, operands: readonly ValueType[], result: ValueType): Operator =>
  (...values) => {
    if (values.length !== operands.length) throw new Error("assembler: wrong number of operands");
    return { type: result, bytes: [values.map((value, i) => lift(operands[i]!, value).bytes), bytes] };
  };
const unary = (bytes: Rope, type: ValueType, result = type) => op(bytes, [type], result);
const binary = (bytes: Rope, type: ValueType, result = type) => op(bytes, [type, type], result);
const simd = (code: number): Rope => [0xfd, unsigned(code)];

/** `address` in bytes, plus a constant `offset`. `align` is log₂ of the natural alignment: only a hint to the engine. */
const load =
  (bytes: Rope, align: number, type: ValueType) =>
  (address: Value, offset = 0): Code => ({ type, bytes: [lift("i32", address).bytes, bytes, align, unsigned(offset)] });
const store =
  (bytes: Rope, align: number, type: ValueType) =>
  (address: Value, value: Value, offset = 0): Code => ({
    type: "none",
    bytes: [lift("i32", address).bytes, lift(type, value).bytes, bytes, align, unsigned(offset)],
  });

export const i32 = {
  const: (value: number): Code => lift("i32", value),
  add: binary(0x6a, "i32"),
  sub: binary(0x6b, "i32"),
  mul: binary(0x6c, "i32"),
  divS: binary(0x6d, "i32"),
  remS: binary(0x6f, "i32"),
  and: binary(0x71, "i32"),
  or: binary(0x72, "i32"),
  xor: binary(0x73, "i32"),
  shl: binary(0x74, "i32"),
  shrS: binary(0x75, "i32"),
  shrU: binary(0x76, "i32"),
  eqz: unary(0x45, "i32"),
  eq: binary(0x46, "i32"),
  ne: binary(0x47, "i32"),
  ltS: binary(0x48, "i32"),
  gtS: binary(0x4a, "i32"),
  leS: binary(0x4c, "i32"),
  geS: binary(0x4e, "i32"),
  load: load(0x28, 2, "i32"),
  /** A byte as a number from 0 to 255. */
  load8U: load(0x2d, 0, "i32"),
  /** Two bytes as a number from 0 to 65535. */
  load16U: load(0x2f, 1, "i32"),
  store: store(0x36, 2, "i32"),
} as const;

export const i64 = {
  const: (value: number): Code => lift("i64", value),
  add: binary(0x7c, "i64"),
  shl: binary(0x86, "i64"),
  extendI32S: unary(0xac, "i32", "i64"),
} as const;

export const f64 = {
  const: (value: number): Code => lift("f64", value),
  add: binary(0xa0, "f64"),
  sub: binary(0xa1, "f64"),
  mul: binary(0xa2, "f64"),
  div: binary(0xa3, "f64"),
  min: binary(0xa4, "f64"),
  max: binary(0xa5, "f64"),
  abs: unary(0x99, "f64"),
  neg: unary(0x9a, "f64"),
  sqrt: unary(0x9f, "f64"),
  nearest: unary(0x9e, "f64"),
  eq: binary(0x61, "f64", "i32"),
  ne: binary(0x62, "f64", "i32"),
  lt: binary(0x63, "f64", "i32"),
  gt: binary(0x64, "f64", "i32"),
  le: binary(0x65, "f64", "i32"),
  ge: binary(0x66, "f64", "i32"),
  convertI32S: unary(0xb7, "i32", "f64"),
  reinterpretI64: unary(0xbf, "i64", "f64"),
  load: load(0x2b, 3, "f64"),
  store: store(0x39, 3, "f64"),
} as const;

export const v128 = {
  load: load(simd(0x00), 3, "v128"),
  /** Eight bytes, into both lanes. */
  load64Splat: load(simd(0x0a), 3, "v128"),
  /** Eight bytes into the low lane, 0 into the high one. */
  load64Zero: load(simd(0x5d), 3, "v128"),
  store: store(simd(0x0b), 3, "v128"),
  not: unary(simd(0x4d), "v128"),
  and: binary(simd(0x4e), "v128"),
  /** a and not b. */
  andnot: binary(simd(0x4f), "v128"),
  or: binary(simd(0x50), "v128"),
  xor: binary(simd(0x51), "v128"),
  /** Bits of a where the mask's are 1, else of b. */
  bitselect: op(simd(0x52), ["v128", "v128", "v128"], "v128"),
  anyTrue: unary(simd(0x53), "v128", "i32"),
  /** Eight bytes of memory into lane `lane` of `into`. */
  load64Lane: (address: Value, into: Value, lane: number, offset = 0): Code => ({
    type: "v128",
    bytes: [lift("i32", address).bytes, lift("v128", into).bytes, simd(0x57), 3, unsigned(offset), lane],
  }),
  /** Stores one lane. */
  store64Lane: (address: Value, value: Value, lane: number, offset = 0): Code => ({
    type: "none",
    bytes: [lift("i32", address).bytes, lift("v128", value).bytes, simd(0x5b), 3, unsigned(offset), lane],
  }),
} as const;

export const f64x2 = {
  /** Both lanes the constant. */
  const: (value: number): Code => lift("v128", value),
  splat: unary(simd(0x14), "f64", "v128"),
  lane: (value: Value, lane: number): Code => ({
    type: "f64",
    bytes: [lift("v128", value).bytes, simd(0x21), lane],
  }),
  replaceLane: (vector: Value, value: Value, lane: number): Code => ({
    type: "v128",
    bytes: [lift("v128", vector).bytes, lift("f64", value).bytes, simd(0x22), lane],
  }),
  /** Lanes by number: 0 and 1 are those of a, 2 and 3 those of b. */
  shuffle: (a: Value, b: Value, low: number, high: number): Code => ({
    type: "v128",
    bytes: [
      lift("v128", a).bytes,
      lift("v128", b).bytes,
      simd(0x0d),
      Uint8Array.from({ length: 16 }, (_, i) => 8 * (i < 8 ? low : high) + (i % 8)),
    ],
  }),
  add: binary(simd(0xf0), "v128"),
  sub: binary(simd(0xf1), "v128"),
  mul: binary(simd(0xf2), "v128"),
  div: binary(simd(0xf3), "v128"),
  /** NaN where one is NaN. */
  min: binary(simd(0xf4), "v128"),
  max: binary(simd(0xf5), "v128"),
  /** a < b ? b : a in each lane: one instruction where min and max, which look after NaN and −0, are several. Keeps a where either is NaN. */
  pmax: binary(simd(0xf7), "v128"),
  abs: unary(simd(0xec), "v128"),
  neg: unary(simd(0xed), "v128"),
  sqrt: unary(simd(0xef), "v128"),
  nearest: unary(simd(0x94), "v128"),
  eq: binary(simd(0x47), "v128"),
  ne: binary(simd(0x48), "v128"),
  lt: binary(simd(0x49), "v128"),
  gt: binary(simd(0x4a), "v128"),
  le: binary(simd(0x4b), "v128"),
  ge: binary(simd(0x4c), "v128"),
  /** The two low i32 lanes as doubles. */
  convertLowI32x4S: unary(simd(0xfe), "v128"),
} as const;

export const i32x4 = {
  lane: (value: Value, lane: number): Code => ({
    type: "i32",
    bytes: [lift("v128", value).bytes, simd(0x1b), lane],
  }),
  /** Two doubles rounded towards zero into the low lanes, saturating; 0 for NaN. */
  truncSatF64x2SZero: unary(simd(0xfc), "v128"),
  add: binary(simd(0xae), "v128"),
} as const;

export const i64x2 = {
  splat: unary(simd(0x12), "i64", "v128"),
  const: (value: number): Code => op(simd(0x12), ["i64"], "v128")(lift("i64", value)),
  add: binary(simd(0xce), "v128"),
  sub: binary(simd(0xd1), "v128"),
  shl: (value: Value, by: Value): Code => ({
    type: "v128",
    bytes: [lift("v128", value).bytes, lift("i32", by).bytes, simd(0xcb)],
  }),
  shrS: (value: Value, by: Value): Code => ({
    type: "v128",
    bytes: [lift("v128", value).bytes, lift("i32", by).bytes, simd(0xcc)],
  }),
  shrU: (value: Value, by: Value): Code => ({
    type: "v128",
    bytes: [lift("v128", value).bytes, lift("i32", by).bytes, simd(0xcd)],
  }),
  /** The two low i32 lanes, with their signs. */
  extendLowI32x4S: unary(simd(0xc7), "v128"),
} as const;

/** The first value where the condition (i32) isn't 0, else the second; both are evaluated. */
export function select(type: ValueType, yes: Value, no: Value, condition: Value): Code {
  return { type, bytes: [lift(type, yes).bytes, lift(type, no).bytes, lift("i32", condition).bytes, 0x1b] };
}

/** a b + c in both lanes: fused where the module uses relaxed SIMD. */
export function madd(module: WasmModule, a: Value, b: Value, c: Value): Code {
  return module.relaxed ? op(simd(0x107), ["v128", "v128", "v128"], "v128")(a, b, c) : f64x2.add(f64x2.mul(a, b), c);
}

/** c − a b in both lanes: fused where the module uses relaxed SIMD. */
export function nmadd(module: WasmModule, a: Value, b: Value, c: Value): Code {
  return module.relaxed ? op(simd(0x108), ["v128", "v128", "v128"], "v128")(a, b, c) : f64x2.sub(c, f64x2.mul(a, b));
}
