// e^x for two numbers at a time by a table of 2^(j/16): x = n log 2 / 16 + r, e^x = 2^(n >> 4) 2^(j/16) e^r with j = n & 15 and |r| ≤ log 2 / 32.
//
// Tang 1989, "Table-driven implementation of the exponential function in IEEE floating-point arithmetic", ACM TOMS 15(2).
// (e^r − 1 − r)/r² by a polynomial of degree 4, interpolated at Chebyshev points with 60 digits: relative error of e^r 2.8e-17. Measured against integers of 160
// bits: below 1.1 ulp.
//
// Deviation: the table's entries have j/16 taken off their exponents' and leading digits' bits, so that one integer addition of n · 2⁴⁸ gives 2^(n/16).
import type { Body, Code, Local, Value, WasmModule } from "./assembler.js";
import { f64x2, i32, i32x4, i64x2, madd, nmadd, v128 } from "./instructions.js";

const coefficients = [0.5, 0.16666666665301685, 0.041666666664960446, 0.008333449701486194, 0.0013889034348890386];
const roots = [
  1,
  1.0442737824274138,
  1.0905077326652577,
  1.1387886347566916,
  1.189207115002721,
  1.241857812073484,
  1.2968395546510096,
  1.3542555469368927,
  Math.SQRT2,
  1.4768261459394993,
  1.5422108254079407,
  1.6104903319492543,
  1.681792830507429,
  1.7562521603732995,
  1.8340080864093424,
  1.9152065613971474,
];
const steps = roots.length;
/** log 2 / 16 in two parts; the first has 32 bits, so that its product with n is exact. */
const stepHigh = 0.6931471803691238 / steps;
const stepLow = 1.9082149292705877e-10 / steps;
/** 1.5 · 2⁵²: a sum with it has the rounded integer in its low bits. */
const magic = 6755399441055744;
/** Up to this size of x the result is a normal number. */
export const fastRange = 708;

/** The way of the exponential functions of one module. */
export interface TableExp {
  /** e^x for |x| ≤ 708, in line, in place of each x: several at once, so that each constant is loaded once. */
  emit(b: Body, xs: readonly Local[]): void;
  /** e^x in place of any x, in line. */
  emitAny(b: Body, x: Local): void;
}

export function defineTableExp(module: WasmModule): TableExp {
  const view = new DataView(new ArrayBuffer(8));
  const entries = roots.map((root, j) => {
    view.setFloat64(0, root);
    view.setInt32(0, view.getInt32(0) - (j << 16));
    return view.getFloat64(0);
  });
  const table = module.table(entries);
  const c = (value: number) => module.constant(value);

  /** The entry of each lane's n. */
  const entry = (shifted: Value): Code => {
    const address = (lane: number) => i32.shl(i32.and(i32x4.lane(shifted, lane), steps - 1), 3);
    return v128.load64Lane(address(2), v128.load64Zero(address(0), table), 1, table);
  };

  /** n + magic in place of each of `shifted`, e^r − 1 in place of each x. */
  const reduce = (b: Body, xs: readonly Local[], shifted: readonly Local[]): void => {
    const constant = b.local("v128");
    const each = (f: (i: number) => void) => {
      for (let i = 0; i < xs.length; i++) f(i);
    };
    const step = (value: number, f: (i: number) => void) => {
      b.set(constant, c(value));
      each(f);
    };
    const high = xs.map(() => b.local("v128"));
    const low = xs.map(() => b.local("v128"));
    const square = xs.map(() => b.local("v128"));
    step(steps * Math.LOG2E, (i) => b.set(shifted[i]!, madd(module, xs[i]!, constant, c(magic))));
    step(magic, (i) => b.set(high[i]!, f64x2.sub(shifted[i]!, constant)));
    step(stepHigh, (i) => b.set(xs[i]!, nmadd(module, high[i]!, constant, xs[i]!)));
    step(stepLow, (i) => b.set(xs[i]!, nmadd(module, high[i]!, constant, xs[i]!)));
    each((i) => b.set(square[i]!, f64x2.mul(xs[i]!, xs[i]!)));
    const [c0, c1, c2, c3, c4] = coefficients as [number, number, number, number, number];
    step(c3, (i) => b.set(high[i]!, madd(module, xs[i]!, constant, c(c2))));
    step(c4, (i) => b.set(high[i]!, madd(module, square[i]!, constant, high[i]!)));
    step(c1, (i) => b.set(low[i]!, madd(module, xs[i]!, constant, c(c0))));
    each((i) => b.set(low[i]!, madd(module, square[i]!, high[i]!, low[i]!)));
    each((i) => b.set(xs[i]!, madd(module, square[i]!, low[i]!, xs[i]!)));
  };

  return {
    emit(b, xs) {
      const shifted = xs.map(() => b.local("v128"));
      const scale = b.local("v128");
      reduce(b, xs, shifted);
      for (const [i, x] of xs.entries()) {
        b.set(scale, i64x2.add(entry(shifted[i]!), i64x2.shl(shifted[i]!, 48)));
        b.set(x, madd(module, scale, x, scale));
      }
    },
    emitAny(b, x) {
      const shifted = b.local("v128");
      b.set(x, f64x2.min(f64x2.max(x, -746), 710));
      reduce(b, [x], [shifted]);
      // In two factors, so that subnormal results are rounded once and none overflows early; the first is a power of two.
      const n = b.local("v128", i64x2.sub(shifted, f64x2.const(magic)));
      const half = b.local("v128", i64x2.shl(i64x2.shrS(n, 5), 4));
      const scale = b.local("v128", i64x2.add(entry(shifted), i64x2.shl(i64x2.sub(n, half), 48)));
      b.set(x, f64x2.mul(madd(module, scale, x, scale), i64x2.add(i64x2.shl(half, 48), c(1))));
    },
  };
}
