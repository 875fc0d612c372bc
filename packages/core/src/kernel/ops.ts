// The operations of the expression graph: their names, operands, values, and how JavaScript writes them.

/** Operation codes. Inputs come first, then arithmetic, then functions. Plain numbers: a graph is plain data. */
export const Op = {
  constant: 0,
  /** x[slot], a variable of the term. */
  x: 1,
  /** d[slot], a datum of the term. */
  data: 2,
  /** v[slot], the direction of a Hessian-vector product along variable `slot`. */
  direction: 3,
  /** A number per group: 0 is the outer function's derivative, 1 its change along the direction. */
  weight: 4,
  add: 5,
  sub: 6,
  mul: 7,
  div: 8,
  neg: 9,
  /** 1 where a < b, else 0. */
  lt: 10,
  /** 1 where a ≤ b, else 0. */
  le: 11,
  /** a ≠ 0 ? b : c. */
  select: 12,
  min: 13,
  max: 14,
  abs: 15,
  sign: 16,
  sqrt: 17,
  exp: 18,
  expm1: 19,
  log: 20,
  log1p: 21,
  sin: 22,
  cos: 23,
  tan: 24,
  asin: 25,
  acos: 26,
  atan: 27,
  sinh: 28,
  cosh: 29,
  tanh: 30,
  pow: 31,
  atan2: 32,
  hypot: 33,
  asinh: 34,
  acosh: 35,
  atanh: 36,
  log2: 37,
  log10: 38,
  cbrt: 39,
} as const;

export type OpCode = (typeof Op)[keyof typeof Op];

/** The operation's name by its code. */
export const opNames: readonly string[] = Object.keys(Op);

/** The number of operands by code. */
export const operandCounts: readonly number[] = opNames.map((name) => {
  if (name === "select") return 3;
  const code = Op[name as keyof typeof Op];
  if (code <= Op.weight) return 0;
  const binary: readonly number[] = [
    Op.add,
    Op.sub,
    Op.mul,
    Op.div,
    Op.lt,
    Op.le,
    Op.min,
    Op.max,
    Op.pow,
    Op.atan2,
    Op.hypot,
  ];
  return binary.includes(code) ? 2 : 1;
});

/** a op b = b op a, bit by bit or to the last one (hypot). */
export function isCommutative(op: number): boolean {
  return op === Op.add || op === Op.mul || op === Op.min || op === Op.max || op === Op.hypot;
}

/** f(−x) = −f(x), exactly in floating point. */
export function isOdd(op: number): boolean {
  return (
    op === Op.sin ||
    op === Op.tan ||
    op === Op.asin ||
    op === Op.atan ||
    op === Op.sinh ||
    op === Op.tanh ||
    op === Op.asinh ||
    op === Op.atanh ||
    op === Op.cbrt ||
    op === Op.sign
  );
}

/** f(−x) = f(x), exactly in floating point. */
export function isEven(op: number): boolean {
  return op === Op.cos || op === Op.cosh || op === Op.abs;
}

/** Finite operands can give a value that isn't finite, other than by overflow: a domain error or a pole. */
export function isPartial(op: number): boolean {
  return (
    op === Op.div ||
    op === Op.sqrt ||
    op === Op.log ||
    op === Op.log1p ||
    op === Op.asin ||
    op === Op.acos ||
    op === Op.acosh ||
    op === Op.atanh ||
    op === Op.log2 ||
    op === Op.log10 ||
    op === Op.pow
  );
}

/** The value of one operation. What the emitted JavaScript computes, bit by bit. */
export function evaluateOp(op: number, a: number, b: number, c: number): number {
  switch (op) {
    case Op.add:
      return a + b;
    case Op.sub:
      return a - b;
    case Op.mul:
      return a * b;
    case Op.div:
      return a / b;
    case Op.neg:
      return -a;
    case Op.lt:
      return a < b ? 1 : 0;
    case Op.le:
      return a <= b ? 1 : 0;
    case Op.select:
      return a !== 0 ? b : c;
    default:
      return mathFunctions[op](a, b);
  }
}

type MathFunction = (a: number, b: number) => number;

/** The functions of `Math` by code (undefined below `min`). */
export const mathFunctions: readonly MathFunction[] = opNames.map((name, code) =>
  code < Op.min ? (undefined as unknown as MathFunction) : (Math as unknown as Record<string, MathFunction>)[name],
);
