// The dense work of a multifrontal factorization in WebAssembly: what stands between the matrix products of gemm-kernels.ts.
// A front is the panel of a supernode, rows of `width` entries, and its update matrix, of which the lower triangle is used; what it is all
// about: linear/sparse-front.ts, which does the same in JavaScript.
// Addresses and strides are bytes; rows are contiguous.
import type { Body, Local, WasmModule } from "./assembler.js";
import { f64, f64x2, i32, madd, v128 } from "./instructions.js";

/** Defines clearFront, extendAdd, factorFront and packScaled. */
export function defineFront(module: WasmModule): void {
  defineClear(module);
  defineExtendAdd(module);
  defineFactor(module);
  definePackScaled(module);
}

const across = (sum: Local) => f64.add(f64x2.lane(sum, 0), f64x2.lane(sum, 1));

/** Zeros from `at` to `end`; both are used up. */
function clear(b: Body, at: Local, end: Local): void {
  b.while(i32.leS(at, i32.sub(end, 64)), () => {
    for (let o = 0; o < 64; o += 16) b.do(v128.store(at, 0, o));
    b.set(at, i32.add(at, 64));
  });
  b.while(i32.ltS(at, end), () => {
    b.do(f64.store(at, 0));
    b.set(at, i32.add(at, 8));
  });
}

/** clearFront(panel, panelEnd, update, height): zeros in the panel and in the lower triangle of the update matrix. */
function defineClear(module: WasmModule): void {
  module.function(
    { panel: "i32", panelEnd: "i32", update: "i32", height: "i32" },
    "none",
    (b, { panel, panelEnd, update, height }) => {
      clear(b, panel, panelEnd);
      const i = b.local("i32");
      const at = b.local("i32");
      const end = b.local("i32");
      const stride = b.local("i32", i32.shl(height, 3));
      b.for(i, 0, height, 1, () => {
        b.set(at, update);
        b.set(end, i32.add(i32.add(update, 8), i32.shl(i, 3)));
        clear(b, at, end);
        b.set(update, i32.add(update, stride));
      });
    },
    "clearFront",
  );
}

/**
 * extendAdd(runs, runsEnd, child, height, panel, width, update, parentHeight): adds the update matrix of a child to its parent's front. A run is a
 * pair of i32: its first row in the child, and the place of that in the parent; the pair at runsEnd begins with `height`.
 */
function defineExtendAdd(module: WasmModule): void {
  module.function(
    {
      runs: "i32",
      runsEnd: "i32",
      child: "i32",
      height: "i32",
      panel: "i32",
      width: "i32",
      update: "i32",
      parentHeight: "i32",
    },
    "none",
    (body, { runs, runsEnd, child, height, panel, width, update, parentHeight }) => {
      const a = body.local("i32");
      const b = body.local("i32");
      const i = body.local("i32");
      const end = body.local("i32");
      const place = body.local("i32");
      const inPanel = body.local("i32");
      const below = body.local("i32");
      const column = body.local("i32");
      const from = body.local("i32");
      const to = body.local("i32");
      const target = body.local("i32");
      const limit = body.local("i32");
      const stride = body.local("i32", i32.shl(height, 3));
      body.for(a, runs, runsEnd, 8, () => {
        body.set(i, i32.load(a));
        body.set(place, i32.load(a, 4));
        body.set(end, i32.load(a, 8));
        body.for(i, i32.load(a), end, 1, () => {
          body.set(inPanel, i32.add(panel, i32.shl(i32.mul(place, width), 3)));
          body.set(below, i32.add(update, i32.shl(i32.sub(i32.mul(i32.sub(place, width), parentHeight), width), 3)));
          body.set(limit, i32.add(i32.add(child, i32.shl(i, 3)), 8));
          body.for(b, runs, i32.add(a, 8), 8, () => {
            body.set(column, i32.load(b, 4));
            body.set(from, i32.add(child, i32.shl(i32.load(b), 3)));
            body.set(to, i32.add(child, i32.shl(i32.load(b, 8), 3)));
            body.if(i32.gtS(to, limit), () => body.set(to, limit));
            body.if(
              i32.ltS(column, width),
              () => body.set(target, inPanel),
              () => body.set(target, below),
            );
            body.set(target, i32.add(target, i32.shl(column, 3)));
            const step = (bytes: number) => {
              for (let o = 0; o < bytes; o += 16) {
                body.do(v128.store(target, f64x2.add(v128.load(target, o), v128.load(from, o)), o));
              }
              body.set(from, i32.add(from, bytes));
              body.set(target, i32.add(target, bytes));
            };
            body.while(i32.leS(from, i32.sub(to, 64)), () => step(64));
            body.while(i32.leS(from, i32.sub(to, 16)), () => step(16));
            body.if(i32.ltS(from, to), () => body.do(f64.store(target, f64.add(f64.load(target), f64.load(from)))));
          });
          body.set(child, i32.add(child, stride));
          body.set(place, i32.add(place, 1));
        });
      });
    },
    "extendAdd",
  );
}

/** Bytes of the state that factorFront keeps: the growth, the last pivot, and how many pivots of the panel are negative. */
export const frontState = { growth: 0, pivot: 8, negative: 16, bytes: 32 } as const;

/**
 * factorFront(rows, columns, left, a, stride, d, size, y, tolerance, indefinite, state): factors a block of columns, `left` others of the same panel
 * before it being done. a: its first pivot; d, size: of its first column; y: room for a row. Answers −1, or the column whose pivot was bad.
 */
function defineFactor(module: WasmModule): void {
  module.function(
    {
      rows: "i32",
      columns: "i32",
      left: "i32",
      a: "i32",
      stride: "i32",
      d: "i32",
      size: "i32",
      y: "i32",
      tolerance: "f64",
      indefinite: "i32",
      state: "i32",
    },
    "i32",
    (b, { rows, columns, left, a, stride, d, size, y, tolerance, indefinite, state }) => {
      const j = b.local("i32");
      const i = b.local("i32");
      const at = b.local("i32");
      const bytes = b.local("i32");
      const full = b.local("i32");
      const rowJ = b.local("i32", a);
      const value = b.local("v128");
      const sums = b.locals("v128", 4);
      const heads = b.locals("i32", 4);
      const pivot = b.local("f64");
      const whole = b.local("f64");
      const entry = b.local("f64");
      const inverse = b.local("f64");
      const good = b.local("i32");
      b.for(j, 0, columns, 1, () => {
        b.set(bytes, i32.shl(j, 3));
        b.set(full, i32.and(bytes, -16));
        // y = L D of row j, and what of the pivot goes.
        b.set(sums[0]!, 0);
        const first = (load: typeof v128.load, save: (value: Local) => void) => {
          b.set(sums[1]!, load(i32.add(rowJ, at)));
          b.set(value, f64x2.mul(sums[1]!, load(i32.add(d, at))));
          save(value);
          b.set(sums[0]!, madd(module, value, sums[1]!, sums[0]!));
        };
        b.for(at, 0, full, 16, () => first(v128.load, (v) => b.do(v128.store(i32.add(y, at), v))));
        b.if(i32.ltS(full, bytes), () => first(v128.load64Zero, (v) => b.do(v128.store64Lane(i32.add(y, at), v, 0))));
        b.set(pivot, f64.sub(f64.load(i32.add(rowJ, bytes)), across(sums[0]!)));
        b.set(whole, f64.load(i32.add(size, bytes)));
        b.if(i32.load(state, frontState.negative), () => {
          b.for(at, i32.sub(0, i32.shl(left, 3)), bytes, 8, () => {
            b.set(entry, f64.load(i32.add(d, at)));
            b.if(f64.lt(entry, 0), () => {
              const l = f64.load(i32.add(rowJ, at));
              b.set(whole, f64.sub(whole, f64.mul(f64.mul(2, f64.mul(l, l)), entry)));
            });
          });
        });
        b.if(i32.eqz(f64.gt(pivot, 0)), () => b.set(whole, f64.sub(whole, f64.mul(2, pivot))));
        b.do(f64.store(state, f64.max(f64.load(state), whole)));
        b.do(f64.store(i32.add(d, bytes), pivot));
        // NaN and infinity are never good.
        b.if(
          indefinite,
          () => b.set(good, f64.gt(f64.abs(pivot), f64.mul(tolerance, whole))),
          () => b.set(good, f64.gt(pivot, 0)),
        );
        b.set(good, i32.and(good, f64.lt(f64.abs(pivot), Number.POSITIVE_INFINITY)));
        b.if(i32.eqz(good), () => {
          b.do(f64.store(state, pivot, frontState.pivot));
          b.return(j);
        });
        b.if(f64.lt(pivot, 0), () =>
          b.do(i32.store(state, i32.add(i32.load(state, frontState.negative), 1), frontState.negative)),
        );
        b.do(f64.store(i32.add(rowJ, bytes), 1));
        b.set(inverse, f64.div(1, pivot));
        const eliminate = (quotient: (value: Local) => ReturnType<typeof f64.mul>) => {
          const pass = (count: number) => {
            for (let r = 0; r < count; r++)
              b.set(heads[r]!, r === 0 ? i32.add(heads[3]!, stride) : i32.add(heads[r - 1]!, stride));
            for (let r = 0; r < count; r++) b.set(sums[r]!, 0);
            const step = (load: typeof v128.load) => {
              b.set(value, load(i32.add(y, at)));
              for (let r = 0; r < count; r++) {
                b.set(sums[r]!, madd(module, value, load(i32.add(heads[r]!, at)), sums[r]!));
              }
            };
            b.for(at, 0, full, 16, () => step(v128.load));
            b.if(i32.ltS(full, bytes), () => step(v128.load64Zero));
            for (let r = 0; r < count; r++) {
              const place = i32.add(heads[r]!, bytes);
              b.set(entry, f64.sub(f64.load(place), across(sums[r]!)));
              b.do(f64.store(place, quotient(entry)));
            }
            if (count < 4) b.set(heads[3]!, heads[count - 1]!);
            b.set(i, i32.add(i, count));
          };
          b.set(i, i32.add(j, 1));
          b.set(heads[3]!, rowJ);
          b.while(i32.leS(i, i32.sub(rows, 4)), () => pass(4));
          b.while(i32.ltS(i, rows), () => pass(1));
        };
        // A reciprocal that has overflowed, or is about to lose digits, is not used.
        b.if(
          i32.and(f64.gt(f64.abs(pivot), 1e-290), f64.lt(f64.abs(pivot), 1e290)),
          () => eliminate((value) => f64.mul(value, inverse)),
          () => eliminate((value) => f64.div(value, pivot)),
        );
        b.set(rowJ, i32.add(rowJ, stride));
      });
      return -1;
    },
    "factorFront",
  );
}

/**
 * packScaled(to, from, stride, rows, depth, d): rows of L D as micro-panels of four, each as `depth` groups of four numbers, filled up with zeros: the
 * form in which gemmTask takes its second factor.
 */
function definePackScaled(module: WasmModule): void {
  module.function(
    { to: "i32", from: "i32", stride: "i32", rows: "i32", depth: "i32", d: "i32" },
    "none",
    (b, { to, from, stride, rows, depth, d }) => {
      const i = b.local("i32");
      const p = b.local("i32");
      const left = b.local("i32");
      const factor = b.local("f64");
      const bytes = b.local("i32", i32.shl(depth, 3));
      const heads = b.locals("i32", 4);
      b.for(i, 0, rows, 4, () => {
        for (let r = 0; r < 4; r++) b.set(heads[r]!, r === 0 ? from : i32.add(heads[r - 1]!, stride));
        b.set(left, i32.sub(rows, i));
        const put = (r: number) => b.do(f64.store(to, f64.mul(factor, f64.load(i32.add(heads[r]!, p))), 8 * r));
        const each = (body: () => void) =>
          b.for(p, 0, bytes, 8, () => {
            b.set(factor, f64.load(i32.add(d, p)));
            body();
            b.set(to, i32.add(to, 32));
          });
        b.if(
          i32.geS(left, 4),
          () => each(() => [0, 1, 2, 3].forEach(put)),
          () =>
            each(() => {
              put(0);
              for (let r = 1; r < 4; r++) {
                b.if(
                  i32.gtS(left, r),
                  () => put(r),
                  () => b.do(f64.store(to, 0, 8 * r)),
                );
              }
            }),
        );
        b.set(from, i32.add(heads[3]!, stride));
      });
    },
    "packScaled",
  );
}
