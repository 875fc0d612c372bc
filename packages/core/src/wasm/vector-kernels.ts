// Products of matrices with vectors and other passes over memory, in WebAssembly. All of them are bound by memory, not by arithmetic: what counts is
// that each entry of the matrix is read once, two a load. Rows are contiguous; addresses and strides are bytes.
import type { Local, Value, WasmModule } from "./assembler.js";
import { f64, f64x2, i32, madd, nmadd, v128 } from "./instructions.js";

/** Defines gemv, gemvTranspose, ger, symv and packedUpdateMultiply. */
export function defineVector(module: WasmModule): void {
  defineGemv(module);
  defineGemvTranspose(module);
  defineGer(module);
  defineSymv(module);
  definePackedUpdateMultiply(module);
}

const across = (sum: Local) => f64.add(f64x2.lane(sum, 0), f64x2.lane(sum, 1));

/** gemv(rows, cols, a, stride, x, y): y = A x. */
function defineGemv(module: WasmModule): void {
  module.function(
    { rows: "i32", cols: "i32", a: "i32", stride: "i32", x: "i32", y: "i32" },
    "none",
    (b, { rows, cols, a, stride, x, y }) => {
      const i = b.local("i32");
      const at = b.local("i32");
      const pairs = b.local("i32", i32.and(i32.shl(cols, 3), -16));
      const value = b.local("v128");
      const heads = b.locals("i32", 4);
      const sums = b.locals("v128", 4);
      const pass = (count: number) => {
        for (let r = 0; r < count; r++) b.set(heads[r]!, r === 0 ? a : i32.add(heads[r - 1]!, stride));
        for (let r = 0; r < count; r++) b.set(sums[r]!, 0);
        const step = (load: typeof v128.load) => {
          b.set(value, load(i32.add(x, at)));
          for (let r = 0; r < count; r++) b.set(sums[r]!, madd(module, value, load(i32.add(heads[r]!, at)), sums[r]!));
        };
        b.for(at, 0, pairs, 16, () => step(v128.load));
        b.if(i32.and(cols, 1), () => step(v128.load64Zero));
        for (let r = 0; r < count; r++) b.do(f64.store(y, across(sums[r]!), 8 * r));
        b.set(i, i32.add(i, count));
        b.set(a, i32.add(heads[count - 1]!, stride));
        b.set(y, i32.add(y, 8 * count));
      };
      b.while(i32.leS(i, i32.sub(rows, 4)), () => pass(4));
      b.while(i32.ltS(i, rows), () => pass(1));
    },
    "gemv",
  );
}

/** gemvTranspose(rows, cols, a, stride, x, y): y = Aᵀ x. */
function defineGemvTranspose(module: WasmModule): void {
  module.function(
    { rows: "i32", cols: "i32", a: "i32", stride: "i32", x: "i32", y: "i32" },
    "none",
    (b, { rows, cols, a, stride, x, y }) => {
      const i = b.local("i32");
      const at = b.local("i32");
      const bytes = b.local("i32", i32.shl(cols, 3));
      const pairs = b.local("i32", i32.and(bytes, -16));
      const heads = b.locals("i32", 4);
      const factors = b.locals("v128", 4);
      const sum = b.local("v128");
      b.for(at, 0, bytes, 8, () => b.do(f64.store(i32.add(y, at), 0)));
      const pass = (count: number) => {
        for (let r = 0; r < count; r++) b.set(heads[r]!, r === 0 ? a : i32.add(heads[r - 1]!, stride));
        for (let r = 0; r < count; r++) b.set(factors[r]!, v128.load64Splat(x, 8 * r));
        const step = (load: typeof v128.load, put: (address: Value, value: Value) => void) => {
          b.set(sum, load(i32.add(y, at)));
          for (let r = 0; r < count; r++) b.set(sum, madd(module, factors[r]!, load(i32.add(heads[r]!, at)), sum));
          put(i32.add(y, at), sum);
        };
        b.for(at, 0, pairs, 16, () => step(v128.load, (to, value) => b.do(v128.store(to, value))));
        b.if(i32.and(cols, 1), () => step(v128.load64Zero, (to, value) => b.do(v128.store64Lane(to, value, 0))));
        b.set(i, i32.add(i, count));
        b.set(a, i32.add(heads[count - 1]!, stride));
        b.set(x, i32.add(x, 8 * count));
      };
      b.while(i32.leS(i, i32.sub(rows, 4)), () => pass(4));
      b.while(i32.ltS(i, rows), () => pass(1));
    },
    "gemvTranspose",
  );
}

/** ger(rows, cols, alpha, x, y, a, stride): A += α x yᵀ. */
function defineGer(module: WasmModule): void {
  module.function(
    { rows: "i32", cols: "i32", alpha: "f64", x: "i32", y: "i32", a: "i32", stride: "i32" },
    "none",
    (b, { rows, cols, alpha, x, y, a, stride }) => {
      const i = b.local("i32");
      const at = b.local("i32");
      const pairs = b.local("i32", i32.and(i32.shl(cols, 3), -16));
      const factor = b.local("v128");
      b.for(i, 0, rows, 1, () => {
        b.set(factor, f64x2.splat(f64.mul(alpha, f64.load(i32.add(x, i32.shl(i, 3))))));
        b.for(at, 0, pairs, 16, () => {
          const to = i32.add(a, at);
          b.do(v128.store(to, madd(module, factor, v128.load(i32.add(y, at)), v128.load(to))));
        });
        b.if(i32.and(cols, 1), () => {
          const to = i32.add(a, at);
          b.do(v128.store64Lane(to, madd(module, factor, v128.load64Zero(i32.add(y, at)), v128.load64Zero(to)), 0));
        });
        b.set(a, i32.add(a, stride));
      });
    },
    "ger",
  );
}

/**
 * symv(n, a, stride, x, y): y = A x of a symmetric A of which only the lower triangle is read, once: four rows together give their dot
 * products with x and, as columns, their multiples to y.
 */
function defineSymv(module: WasmModule): void {
  module.function(
    { n: "i32", a: "i32", stride: "i32", x: "i32", y: "i32" },
    "none",
    (b, { n, a, stride, x, y }) => {
      const i = b.local("i32");
      const at = b.local("i32");
      const bytes = b.local("i32", i32.shl(n, 3));
      const left = b.local("i32");
      const heads = b.locals("i32", 4);
      const factors = b.locals("v128", 4);
      const sums = b.locals("v128", 4);
      const value = b.local("v128");
      const total = b.local("v128");
      const row = b.local("v128");
      b.for(at, 0, bytes, 8, () => b.do(f64.store(i32.add(y, at), 0)));
      const pass = (count: number) => {
        for (let r = 0; r < count; r++) b.set(heads[r]!, r === 0 ? a : i32.add(heads[r - 1]!, stride));
        b.set(left, i32.shl(i, 3));
        for (let r = 0; r < count; r++) {
          b.set(factors[r]!, v128.load64Splat(i32.add(x, left), 8 * r));
          b.set(sums[r]!, 0);
        }
        const step = (load: typeof v128.load, put: (address: Value, value: Value) => void) => {
          b.set(value, load(i32.add(x, at)));
          b.set(total, load(i32.add(y, at)));
          for (let r = 0; r < count; r++) {
            b.set(row, load(i32.add(heads[r]!, at)));
            b.set(sums[r]!, madd(module, row, value, sums[r]!));
            b.set(total, madd(module, row, factors[r]!, total));
          }
          put(i32.add(y, at), total);
        };
        b.for(at, 0, i32.and(left, -16), 16, () => step(v128.load, (to, v) => b.do(v128.store(to, v))));
        b.if(i32.and(left, 8), () => step(v128.load64Zero, (to, v) => b.do(v128.store64Lane(to, v, 0))));
        // The small triangle on the diagonal.
        const entry = (of: Local, s: number) => f64.load(i32.add(of, left), 8 * s);
        const add = (of: Local, s: number, more: Value) => {
          const to = i32.add(of, left);
          b.do(f64.store(to, f64.add(f64.load(to, 8 * s), more), 8 * s));
        };
        for (let r = 0; r < count; r++) {
          add(y, r, f64.add(across(sums[r]!), f64.mul(entry(heads[r]!, r), entry(x, r))));
          for (let s = 0; s < r; s++) {
            add(y, r, f64.mul(entry(heads[r]!, s), entry(x, s)));
            add(y, s, f64.mul(entry(heads[r]!, s), entry(x, r)));
          }
        }
        b.set(i, i32.add(i, count));
        b.set(a, i32.add(heads[count - 1]!, stride));
      };
      b.while(i32.leS(i, i32.sub(n, 4)), () => pass(4));
      b.while(i32.ltS(i, n), () => pass(1));
    },
    "symv",
  );
}

/**
 * packedUpdateMultiply(m, a, u, w, v, p): A −= u wᵀ + w uᵀ and p += A v on the leading m rows of a packed lower triangle, four rows at a time.
 */
function definePackedUpdateMultiply(module: WasmModule): void {
  module.function(
    { m: "i32", a: "i32", u: "i32", w: "i32", v: "i32", p: "i32" },
    "none",
    (b, { m, a, u, w, v, p }) => {
      const i = b.local("i32");
      const at = b.local("i32");
      const left = b.local("i32");
      const heads = b.locals("i32", 4);
      const [us, ws, vs, sums] = [0, 1, 2, 3].map(() => b.locals("v128", 4));
      const [uk, wk, vk, pk, x] = [0, 1, 2, 3, 4].map(() => b.local("v128"));
      const pass = (count: number) => {
        b.set(left, i32.shl(i, 3));
        for (let r = 0; r < count; r++) {
          // Row i + r begins (i + r)(i + r + 1)/2 numbers from the first.
          const row = i32.add(i, r);
          b.set(heads[r]!, i32.add(a, i32.shl(i32.mul(row, i32.add(row, 1)), 2)));
          b.set(us![r]!, v128.load64Splat(i32.add(u, left), 8 * r));
          b.set(ws![r]!, v128.load64Splat(i32.add(w, left), 8 * r));
          b.set(vs![r]!, v128.load64Splat(i32.add(v, left), 8 * r));
          b.set(sums![r]!, 0);
        }
        const step = (load: typeof v128.load, put: (address: Value, value: Value) => void) => {
          b.set(uk!, load(i32.add(u, at)));
          b.set(wk!, load(i32.add(w, at)));
          b.set(vk!, load(i32.add(v, at)));
          b.set(pk!, load(i32.add(p, at)));
          const rows = (r: number) => {
            const address = i32.add(heads[r]!, at);
            b.set(x!, nmadd(module, ws![r]!, uk!, nmadd(module, us![r]!, wk!, load(address))));
            put(address, x!);
            b.set(sums![r]!, madd(module, x!, vk!, sums![r]!));
            b.set(pk!, madd(module, x!, vs![r]!, pk!));
            if (r + 1 < count) rows(r + 1);
          };
          rows(0);
          put(i32.add(p, at), pk!);
        };
        b.for(at, 0, i32.and(left, -16), 16, () => step(v128.load, (to, value) => b.do(v128.store(to, value))));
        b.if(i32.and(left, 8), () => step(v128.load64Zero, (to, value) => b.do(v128.store64Lane(to, value, 0))));
        // The small triangle on the diagonal.
        const entry = (of: Local, s: number) => f64.load(i32.add(of, left), 8 * s);
        const add = (s: number, more: Value) => {
          const to = i32.add(p, left);
          b.do(f64.store(to, f64.add(f64.load(to, 8 * s), more), 8 * s));
        };
        const value = b.local("f64");
        for (let r = 0; r < count; r++) {
          add(r, across(sums![r]!));
          for (let s = 0; s <= r; s++) {
            const update = f64.add(f64.mul(entry(u, r), entry(w, s)), f64.mul(entry(w, r), entry(u, s)));
            b.set(value, f64.sub(entry(heads[r]!, s), update));
            b.do(f64.store(i32.add(heads[r]!, left), value, 8 * s));
            add(r, f64.mul(value, entry(v, s)));
            if (s < r) add(s, f64.mul(value, entry(v, r)));
          }
        }
        b.set(i, i32.add(i, count));
      };
      b.while(i32.leS(i, i32.sub(m, 4)), () => pass(4));
      b.while(i32.ltS(i, m), () => pass(1));
    },
    "packedUpdateMultiply",
  );
}
