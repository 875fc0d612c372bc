// exp, log and tanh for two numbers at a time.
//
// Argument reduction and reconstruction as in Muller, "Elementary Functions" (3rd ed., 2016), chapter 11:
//   e^x − 1 (for tanh) by e^x = 2ⁿ e^r, n = x / log 2 rounded, |r| ≤ log 2 / 2;   log x = e log 2 + log(1 + f), √½ ≤ 1 + f < √2, by s = f / (2 + f).
// Polynomials interpolate at Chebyshev points, computed with 60 digits: (e^r − 1 − r)/r² by degree 9, relative error of e^r 1.6e-17; (2 atanh(s)/s − 2)/s²
// in s² by degree 6, error 1e-17. Measured against correct rounding: below 1 ulp (log) and 3 ulp (tanh). exp itself goes by a table: exp-table.ts.
import { type Body, call, type FunctionHandle, type Local, type Value, type WasmModule } from "./assembler.js";
import { defineTableExp, fastRange, type TableExp } from "./exp-table.js";
import { f64x2, i32, i64x2, madd, nmadd, v128 } from "./instructions.js";

const expCoefficients = [
  0.5000000000000001, 0.16666666666666669, 0.04166666666662413, 0.008333333333330062, 0.0013888888917213717,
  0.00019841269863053618, 2.4801521295954376e-5, 2.7557268459997064e-6, 2.7620088445409746e-7, 2.510038549551032e-8,
];
const logCoefficients = [
  0.666666666666667, 0.39999999999899444, 0.2857142862600327, 0.22222211130259875, 0.18182889455675105,
  0.1533171061820642, 0.14616585424934123,
];
/** log 2 in two parts; the first has 32 bits, so that its product with n is exact. */
const ln2High = 0.6931471803691238;
const ln2Low = 1.9082149292705877e-10;
/** 1.5 · 2⁵²: a sum with it has the rounded integer in its low bits. */
const magic = 6755399441055744;

/** The functions of a module, v128 → v128. */
export interface ElementaryFunctions {
  readonly exp: FunctionHandle;
  readonly log: FunctionHandle;
  readonly tanh: FunctionHandle;
  /** exp in line. */
  readonly table: TableExp;
}

interface Reduced {
  /** n + magic. */
  readonly shifted: Local;
  /** e^r − 1. */
  readonly rest: Local;
}

/**
 * n and e^r − 1 of e^x = 2ⁿ e^r for several x at once, each constant loaded once for all of them; then `then` goes on with them.
 */
function reduce(module: WasmModule, b: Body, xs: readonly Local[], then: (reduced: readonly Reduced[]) => void): void {
  const c = (value: number) => module.constant(value);
  const each = <T>(f: (i: number) => T) => xs.map((_, i) => f(i));
  const constant = b.local("v128");
  const shifted = each(() => b.local("v128"));
  const r = each(() => b.local("v128"));
  const square = each(() => b.local("v128"));
  const even = each(() => b.local("v128"));
  const odd = each(() => b.local("v128"));
  const step = (value: number, f: (i: number, constant: Local) => void) => {
    b.set(constant, c(value));
    each((i) => f(i, constant));
  };
  // (e^r − 1 − r)/r² as even + r · odd, both polynomials in r²: half as long a chain of dependent operations.
  const degree = expCoefficients.length - 1;
  each((i) => b.set(shifted[i]!, madd(module, xs[i]!, c(Math.LOG2E), c(magic))));
  step(magic, (i, value) => b.set(even[i]!, f64x2.sub(shifted[i]!, value)));
  step(ln2High, (i, value) => b.set(r[i]!, nmadd(module, even[i]!, value, xs[i]!)));
  step(ln2Low, (i, value) => b.set(r[i]!, nmadd(module, even[i]!, value, r[i]!)));
  each((i) => b.set(square[i]!, f64x2.mul(r[i]!, r[i]!)));
  step(expCoefficients[degree]!, (i, value) => b.set(odd[i]!, value));
  step(expCoefficients[degree - 1]!, (i, value) => b.set(even[i]!, value));
  for (let k = degree - 2; k >= 0; k -= 2) {
    step(expCoefficients[k]!, (i, value) => b.set(odd[i]!, madd(module, odd[i]!, square[i]!, value)));
    step(expCoefficients[k - 1]!, (i, value) => b.set(even[i]!, madd(module, even[i]!, square[i]!, value)));
  }
  each((i) => b.set(even[i]!, madd(module, r[i]!, odd[i]!, even[i]!)));
  each((i) => b.set(even[i]!, madd(module, square[i]!, even[i]!, r[i]!)));
  then(each((i) => ({ shifted: shifted[i]!, rest: even[i]! })));
}

/** Pairs of numbers that the passes take in line together: more would not fit into sixteen registers. */
const inline = 2;

/** 2ⁿ for −1022 ≤ n ≤ 1023, n in the low bits of `shifted`. */
const power = (module: WasmModule, shifted: Value) => i64x2.add(i64x2.shl(shifted, 52), module.constant(1));

/** Defines exp, log and tanh inside of a module, for all arguments. */
export function defineElementary(module: WasmModule): ElementaryFunctions {
  const table = defineTableExp(module);
  const exp = module.function({ x: "v128" }, "v128", (b, { x }) => {
    table.emitAny(b, x);
    return x;
  });

  const log = module.function({ x: "v128" }, "v128", (b, { x }) => {
    const given = b.local("v128", x);
    // Subnormal numbers are scaled up by 2⁵⁴.
    const small = b.local("v128", f64x2.lt(x, 2 ** -1022));
    b.set(x, v128.bitselect(f64x2.mul(x, 2 ** 54), x, small));
    // The exponent of x / √½, as an integer made a double by the magic number.
    const exponent = b.local("v128", i64x2.shrS(i64x2.sub(x, f64x2.const(Math.SQRT1_2)), 52));
    const m = b.local("v128", i64x2.sub(x, i64x2.shl(exponent, 52)));
    const e = b.local("v128", f64x2.sub(i64x2.add(exponent, f64x2.const(magic)), magic));
    b.set(e, f64x2.sub(e, v128.and(small, 54)));
    const f = b.local("v128", f64x2.sub(m, 1));
    const s = b.local("v128", f64x2.div(f, f64x2.add(f, 2)));
    const z = b.local("v128", f64x2.mul(s, s));
    let polynomial: Value = module.constant(logCoefficients.at(-1)!);
    for (let i = logCoefficients.length - 2; i >= 0; i--)
      polynomial = madd(module, polynomial, z, module.constant(logCoefficients[i]!));
    const square = b.local("v128", f64x2.mul(f64x2.mul(f, f), 0.5));
    const correction = f64x2.mul(s, f64x2.add(square, f64x2.mul(z, polynomial)));
    // e log 2 + (f − (f²/2 − (s (f²/2 + R) + e·low)))
    const inner = f64x2.sub(square, madd(module, e, ln2Low, correction));
    const y = b.local("v128", f64x2.add(f64x2.mul(e, ln2High), f64x2.sub(f, inner)));
    b.set(y, v128.bitselect(y, Number.POSITIVE_INFINITY, f64x2.lt(given, Number.POSITIVE_INFINITY)));
    b.set(y, v128.bitselect(y, Number.NEGATIVE_INFINITY, f64x2.gt(given, 0)));
    return v128.bitselect(y, Number.NaN, f64x2.ge(given, 0));
  });

  const tanh = module.function({ x: "v128" }, "v128", (b, { x }) => {
    // e^{2|x|} − 1, of which tanh |x| = E / (E + 2).
    const twice = b.local("v128", f64x2.min(f64x2.mul(f64x2.abs(x), 2), 40));
    const grown = b.local("v128");
    reduce(module, b, [twice], ([reduced]) => {
      const scale = b.local("v128", power(module, reduced!.shifted));
      b.set(grown, madd(module, scale, reduced!.rest, f64x2.sub(scale, 1)));
    });
    const sign = v128.and(x, -0);
    return v128.or(f64x2.div(grown, f64x2.add(grown, 2)), sign);
  });
  return { exp, log, tanh, table };
}

/** Exports exp, log and tanh over arrays, (count, from, to), and as tasks, (task, block, count, from, to). */
export function defineExp(module: WasmModule): ElementaryFunctions {
  const functions = defineElementary(module);
  for (const as of ["exp", "log", "tanh"] as const) {
    const whole = module.function(
      { count: "i32", from: "i32", to: "i32" },
      "none",
      (b, { count, from, to }) => {
        const last = b.local("i32", i32.add(from, i32.shl(i32.and(count, -2), 3)));
        const advance = (bytes: number) => {
          b.set(from, i32.add(from, bytes));
          b.set(to, i32.add(to, bytes));
        };
        if (as === "exp") {
          // In line where all arguments are of moderate size, and none is NaN.
          const xs = b.locals("v128", inline);
          const bytes = 16 * inline;
          b.while(i32.leS(from, i32.sub(last, bytes)), () => {
            for (const [i, x] of xs.entries()) b.set(x, v128.load(from, 16 * i));
            const store = (i: number, value: Value) => b.do(v128.store(to, value, 16 * i));
            const greatest = xs.map((x): Value => f64x2.abs(x)).reduce((p, q) => f64x2.max(p, q));
            b.if(
              v128.anyTrue(v128.not(f64x2.le(greatest, module.constant(fastRange)))),
              () => xs.map((x, i) => store(i, call(functions.exp, x))),
              () => {
                functions.table.emit(b, xs);
                xs.map((x, i) => store(i, x));
              },
            );
            advance(bytes);
          });
        }
        b.while(i32.ltS(from, last), () => {
          b.do(v128.store(to, call(functions[as], v128.load(from))));
          advance(16);
        });
        b.if(i32.and(count, 1), () => b.do(v128.store64Lane(to, call(functions[as], v128.load64Splat(from)), 0)));
      },
      as,
    );
    // A block of an array, for threads.
    module.function(
      { task: "i32", block: "i32", count: "i32", from: "i32", to: "i32" },
      "none",
      (b, { task, block, count, from, to }) => {
        const first = b.local("i32", i32.mul(task, block));
        b.set(count, i32.sub(count, first));
        b.if(i32.gtS(count, block), () => b.set(count, block));
        b.set(first, i32.shl(first, 3));
        b.do(call(whole, count, i32.add(from, first), i32.add(to, first)));
      },
      `${as}Task`,
    );
  }
  return functions;
}
