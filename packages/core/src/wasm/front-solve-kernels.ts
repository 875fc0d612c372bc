// Substitution with the panels of a multifrontal factor, in WebAssembly: one right-hand side, or four that lie interleaved. Bound by memory: each
// entry of a panel is read once. Addresses are bytes; `rows` is a list of i32, the unknowns of the rows below the panel's own.
import type { Body, Local, WasmModule } from "./assembler.js";
import { f64, f64x2, i32, madd, nmadd, v128 } from "./instructions.js";

/** Defines forwardFront, backwardFront, forwardFront4 and backwardFront4 (panel, width, height, own, all, rows). */
export function defineFrontSolve(module: WasmModule): void {
  defineForward(module);
  defineBackward(module);
  defineForward4(module);
  defineBackward4(module);
}

const signature = { panel: "i32", width: "i32", height: "i32", own: "i32", all: "i32", rows: "i32" } as const;

/** The address in `all` of the unknown that list entry number r names, `shift` = log₂ of the bytes of an unknown. */
const unknown = (all: Local, rows: Local, r: number, shift: number) =>
  i32.add(all, i32.shl(i32.load(rows, 4 * r), shift));

/** sums[r] = Σ_{p < bytes / 8} heads[r][p] own[p], by pairs. */
function dots(
  module: WasmModule,
  b: Body,
  heads: readonly Local[],
  own: Local,
  bytes: Local,
  sums: readonly Local[],
): void {
  const at = b.local("i32");
  const value = b.local("v128");
  const full = b.local("i32", i32.and(bytes, -16));
  for (const sum of sums) b.set(sum, 0);
  const step = (load: typeof v128.load) => {
    b.set(value, load(i32.add(own, at)));
    for (const [r, head] of heads.entries()) b.set(sums[r]!, madd(module, value, load(i32.add(head, at)), sums[r]!));
  };
  b.for(at, 0, full, 16, () => step(v128.load));
  b.if(i32.ltS(full, bytes), () => step(v128.load64Zero));
}

const across = (sum: Local) => f64.add(f64x2.lane(sum, 0), f64x2.lane(sum, 1));

function defineForward(module: WasmModule): void {
  module.function(
    signature,
    "none",
    (b, { panel, width, height, own, all, rows }) => {
      const stride = b.local("i32", i32.shl(width, 3));
      const i = b.local("i32");
      const target = b.local("i32");
      const sums = b.locals("v128", 4);
      const heads = b.locals("i32", 4);
      b.for(i, 8, stride, 8, () => {
        b.set(panel, i32.add(panel, stride));
        dots(module, b, [panel], own, i, [sums[0]!]);
        b.set(target, i32.add(own, i));
        b.do(f64.store(target, f64.sub(f64.load(target), across(sums[0]!))));
      });
      const pass = (count: number) => {
        for (let r = 0; r < count; r++) b.set(heads[r]!, i32.add(r === 0 ? panel : heads[r - 1]!, stride));
        dots(module, b, heads.slice(0, count), own, stride, sums.slice(0, count));
        for (let r = 0; r < count; r++) {
          b.set(target, unknown(all, rows, r, 3));
          b.do(f64.store(target, f64.sub(f64.load(target), across(sums[r]!))));
        }
        b.set(panel, heads[count - 1]!);
        b.set(rows, i32.add(rows, 4 * count));
        b.set(height, i32.sub(height, count));
      };
      b.while(i32.geS(height, 4), () => pass(4));
      b.while(i32.gtS(height, 0), () => pass(1));
    },
    "forwardFront",
  );
}

function defineBackward(module: WasmModule): void {
  module.function(
    signature,
    "none",
    (b, { panel, width, height, own, all, rows }) => {
      const stride = b.local("i32", i32.shl(width, 3));
      const full = b.local("i32", i32.and(stride, -16));
      const head = b.local("i32", i32.add(panel, i32.mul(stride, width)));
      const at = b.local("i32");
      const i = b.local("i32");
      const place = b.local("i32");
      const value = b.local("v128");
      const factors = b.locals("v128", 4);
      const heads = b.locals("i32", 4);
      /** own −= Σ factors[r] · heads[r], up to `end` bytes. */
      const subtract = (count: number, fullEnd: Local, end: Local) => {
        const step = (load: typeof v128.load, store: (value: Local) => void) => {
          b.set(place, i32.add(own, at));
          b.set(value, load(place));
          for (let r = 0; r < count; r++) {
            b.set(value, nmadd(module, factors[r]!, load(i32.add(heads[r]!, at)), value));
          }
          store(value);
        };
        b.for(at, 0, fullEnd, 16, () => step(v128.load, (v) => b.do(v128.store(place, v))));
        b.if(i32.ltS(fullEnd, end), () => step(v128.load64Zero, (v) => b.do(v128.store64Lane(place, v, 0))));
      };
      const pass = (count: number) => {
        for (let r = 0; r < count; r++) {
          b.set(heads[r]!, r === 0 ? head : i32.add(heads[r - 1]!, stride));
          b.set(factors[r]!, v128.load64Splat(unknown(all, rows, r, 3)));
        }
        subtract(count, full, stride);
        b.set(head, i32.add(heads[count - 1]!, stride));
        b.set(rows, i32.add(rows, 4 * count));
        b.set(height, i32.sub(height, count));
      };
      b.while(i32.geS(height, 4), () => pass(4));
      b.while(i32.gtS(height, 0), () => pass(1));
      const fullEnd = b.local("i32");
      b.set(i, i32.sub(stride, 8));
      b.set(heads[0]!, i32.add(panel, i32.mul(stride, i32.sub(width, 1))));
      b.while(i32.gtS(i, 0), () => {
        b.set(factors[0]!, v128.load64Splat(i32.add(own, i)));
        b.set(fullEnd, i32.and(i, -16));
        subtract(1, fullEnd, i);
        b.set(heads[0]!, i32.sub(heads[0]!, stride));
        b.set(i, i32.sub(i, 8));
      });
    },
    "backwardFront",
  );
}

function defineForward4(module: WasmModule): void {
  module.function(
    signature,
    "none",
    (b, { panel, width, height, own, all, rows }) => {
      const stride = b.local("i32", i32.shl(width, 3));
      const i = b.local("i32");
      const t = b.local("i32");
      const source = b.local("i32");
      const target = b.local("i32");
      const factor = b.local("v128");
      const low = b.local("v128");
      const high = b.local("v128");
      /** target −= Σ_{t < end} panel[t] · own[t]. */
      const row = (end: Local) => {
        b.set(low, v128.load(target));
        b.set(high, v128.load(target, 16));
        b.set(source, own);
        b.for(t, 0, end, 8, () => {
          b.set(factor, v128.load64Splat(i32.add(panel, t)));
          b.set(low, nmadd(module, factor, v128.load(source), low));
          b.set(high, nmadd(module, factor, v128.load(source, 16), high));
          b.set(source, i32.add(source, 32));
        });
        b.do(v128.store(target, low));
        b.do(v128.store(target, high, 16));
        b.set(panel, i32.add(panel, stride));
      };
      b.for(i, 0, stride, 8, () => {
        b.set(target, i32.add(own, i32.shl(i, 2)));
        row(i);
      });
      b.while(i32.gtS(height, 0), () => {
        b.set(target, unknown(all, rows, 0, 5));
        row(stride);
        b.set(rows, i32.add(rows, 4));
        b.set(height, i32.sub(height, 1));
      });
    },
    "forwardFront4",
  );
}

function defineBackward4(module: WasmModule): void {
  module.function(
    signature,
    "none",
    (b, { panel, width, height, own, all, rows }) => {
      const stride = b.local("i32", i32.shl(width, 3));
      const i = b.local("i32");
      const t = b.local("i32");
      const head = b.local("i32", i32.add(panel, i32.mul(stride, width)));
      const target = b.local("i32");
      const source = b.local("i32");
      const factor = b.local("v128");
      const low = b.local("v128");
      const high = b.local("v128");
      /** own[t] −= head[t] · source, t < end. */
      const row = (end: Local) => {
        b.set(low, v128.load(source));
        b.set(high, v128.load(source, 16));
        b.set(target, own);
        b.for(t, 0, end, 8, () => {
          b.set(factor, v128.load64Splat(i32.add(head, t)));
          b.do(v128.store(target, nmadd(module, factor, low, v128.load(target))));
          b.do(v128.store(target, nmadd(module, factor, high, v128.load(target, 16)), 16));
          b.set(target, i32.add(target, 32));
        });
      };
      b.while(i32.gtS(height, 0), () => {
        b.set(source, unknown(all, rows, 0, 5));
        row(stride);
        b.set(head, i32.add(head, stride));
        b.set(rows, i32.add(rows, 4));
        b.set(height, i32.sub(height, 1));
      });
      b.set(head, i32.add(panel, i32.mul(stride, i32.sub(width, 1))));
      b.set(i, i32.sub(stride, 8));
      b.while(i32.gtS(i, 0), () => {
        b.set(source, i32.add(own, i32.shl(i, 2)));
        row(i);
        b.set(head, i32.sub(head, stride));
        b.set(i, i32.sub(i, 8));
      });
    },
    "backwardFront4",
  );
}
