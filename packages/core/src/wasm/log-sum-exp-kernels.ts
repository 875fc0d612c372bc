// The log-sum-exp passes over the rows and the columns of a matrix, two numbers at a time.
//
// Blanchard, Higham, Higham 2021, "Accurately computing the log-sum-exp and softmax functions", IMA J. Numer. Anal. 41(4), Algorithm 3.1: shifted by the maximum.
import { type Code, call, type Local, type Value, type WasmModule } from "./assembler.js";
import type { ElementaryFunctions } from "./exp-kernels.js";
import { f64, f64x2, i32, v128 } from "./instructions.js";

/** Pairs of numbers that the passes take in line together: more would not fit into sixteen registers. */
const inline = 2;

/** Exports logSumExpRows and logSumExpCols. */
export function defineLogSumExp(module: WasmModule, functions: ElementaryFunctions): void {
  defineLogSumExpRows(module, functions);
  defineLogSumExpCols(module, functions);
}

/** e⁻⁶⁰ = 9e-27: a million such terms are nothing beside a 1. */
const negligible = -60;

/** Whether any of them isn't negligible (or is NaN). Where sums have few terms that count, most groups are passed over. */
const matters = (module: WasmModule, xs: readonly Value[]): Code =>
  v128.anyTrue(
    v128.not(xs.map((x): Value => f64x2.lt(x, module.constant(negligible))).reduce((p, q) => v128.and(p, q))),
  );

/** What counts no more beside a 1, but whose power isn't near subnormal numbers, which are slow. */
const nothing = -600;

/**
 * logSumExpRows(task, blockRows, rows, cols, m, stride, v, scale, out): out_i = log Σ_j exp(scale (m_ij + v_j)) for the rows of block `task`. Differences
 * from a row's maximum below −600 count as that: e⁻⁶⁰⁰ is nothing beside the maximum's 1. Where all of a few neighbours are below −60, they are left out.
 */
function defineLogSumExpRows(module: WasmModule, { exp, log, table }: ElementaryFunctions): void {
  module.function(
    {
      task: "i32",
      blockRows: "i32",
      rows: "i32",
      cols: "i32",
      m: "i32",
      stride: "i32",
      v: "i32",
      scale: "f64",
      out: "i32",
    },
    "none",
    (b, { task, blockRows, rows, cols, m, stride, v, scale, out }) => {
      const i = b.local("i32", i32.mul(task, blockRows));
      const end = b.local("i32", i32.add(i, blockRows));
      b.if(i32.gtS(end, rows), () => b.set(end, rows));
      const at = b.local("i32");
      const row = b.local("i32");
      const pairs = b.local("i32", i32.shl(i32.and(cols, -2), 3));
      const tops = b.locals("v128", 4);
      const top = b.local("f64");
      const sums = b.local("v128");
      const xs = b.locals("v128", inline);
      // With a negative scale all signs are turned, so that the maximum serves both.
      const sign = b.local("v128", v128.and(f64x2.splat(scale), -0));
      const size = b.local("v128", f64x2.abs(f64x2.splat(scale)));
      const shifted = (offset = 0) =>
        v128.xor(f64x2.add(v128.load(i32.add(row, at), offset), v128.load(i32.add(v, at), offset)), sign);
      const single = () =>
        v128.xor(f64x2.add(v128.load64Splat(i32.add(row, at)), v128.load64Splat(i32.add(v, at))), sign);
      const below = (x: Value) => f64x2.pmax(f64x2.mul(f64x2.sub(x, f64x2.splat(top)), size), module.constant(nothing));
      b.while(i32.ltS(i, end), () => {
        b.set(row, i32.add(m, i32.mul(i, stride)));
        // The greatest by quick maxima, which pass over NaN: the sum meets it. Where it isn't finite, once more by those that don't.
        for (const greatest of tops) b.set(greatest, Number.NEGATIVE_INFINITY);
        b.set(at, 0);
        b.while(i32.leS(at, i32.sub(pairs, 16 * tops.length)), () => {
          for (const [k, greatest] of tops.entries()) b.set(greatest, f64x2.pmax(greatest, shifted(16 * k)));
          b.set(at, i32.add(at, 16 * tops.length));
        });
        const greatest = tops[0]!;
        for (const other of tops.slice(1)) b.set(greatest, f64x2.pmax(greatest, other));
        b.while(i32.ltS(at, pairs), () => {
          b.set(greatest, f64x2.pmax(greatest, shifted()));
          b.set(at, i32.add(at, 16));
        });
        b.if(i32.and(cols, 1), () => b.set(greatest, f64x2.pmax(greatest, single())));
        b.set(top, f64.max(f64x2.lane(greatest, 0), f64x2.lane(greatest, 1)));
        b.if(i32.eqz(f64.lt(f64.abs(top), Number.POSITIVE_INFINITY)), () => {
          b.for(at, 0, pairs, 16, () => b.set(greatest, f64x2.max(greatest, shifted())));
          b.if(i32.and(cols, 1), () => b.set(greatest, f64x2.max(greatest, single())));
          b.set(top, f64.max(f64x2.lane(greatest, 0), f64x2.lane(greatest, 1)));
        });
        const to = i32.add(out, i32.shl(i, 3));
        b.if(
          f64.lt(f64.abs(top), Number.POSITIVE_INFINITY),
          () => {
            b.set(sums, 0);
            b.set(at, 0);
            b.while(i32.leS(at, i32.sub(pairs, 16 * inline)), () => {
              for (const [i, x] of xs.entries()) b.set(x, below(shifted(16 * i)));
              b.if(matters(module, xs), () => {
                table.emit(b, xs);
                b.set(
                  sums,
                  f64x2.add(
                    sums,
                    xs.map((x): Value => x).reduce((p, q) => f64x2.add(p, q)),
                  ),
                );
              });
              b.set(at, i32.add(at, 16 * inline));
            });
            b.while(i32.ltS(at, pairs), () => {
              b.set(sums, f64x2.add(sums, call(exp, below(shifted()))));
              b.set(at, i32.add(at, 16));
            });
            b.if(i32.and(cols, 1), () =>
              b.set(sums, f64x2.add(sums, f64x2.replaceLane(call(exp, below(single())), 0, 1))),
            );
            b.set(sums, f64x2.splat(f64.add(f64x2.lane(sums, 0), f64x2.lane(sums, 1))));
            b.do(f64.store(to, f64.add(f64.mul(top, f64.abs(scale)), f64x2.lane(call(log, sums), 0))));
          },
          // −∞, where no entry is finite; ∞ or NaN as they come.
          () => b.do(f64.store(to, top)),
        );
        b.set(i, i32.add(i, 1));
      });
    },
    "logSumExpRows",
  );
}

/**
 * logSumExpCols(task, blockCols, rows, cols, m, stride, v, scale, out, tops): out_j = log Σ_i exp(scale (m_ij + v_i)) for the columns of block `task`, rows as they
 * lie in memory; `tops` takes the maxima. Block sizes are even, and tops and out have room for an even number of columns.
 */
function defineLogSumExpCols(module: WasmModule, { exp, log, table }: ElementaryFunctions): void {
  module.function(
    {
      task: "i32",
      blockCols: "i32",
      rows: "i32",
      cols: "i32",
      m: "i32",
      stride: "i32",
      v: "i32",
      scale: "f64",
      out: "i32",
      tops: "i32",
    },
    "none",
    (b, { task, blockCols, rows, cols, m, stride, v, scale, out, tops }) => {
      const from = b.local("i32", i32.mul(task, blockCols));
      const to = b.local("i32", i32.add(from, blockCols));
      b.if(i32.gtS(to, cols), () => b.set(to, cols));
      b.set(from, i32.shl(from, 3));
      const full = b.local("i32", i32.shl(i32.and(to, -2), 3));
      b.set(to, i32.shl(to, 3));
      const i = b.local("i32");
      const at = b.local("i32");
      const row = b.local("i32");
      const factor = b.local("v128");
      const xs = b.locals("v128", inline);
      const top = b.local("v128");
      const sign = b.local("v128", v128.and(f64x2.splat(scale), -0));
      const size = b.local("v128", f64x2.abs(f64x2.splat(scale)));
      const each = (body: (load: typeof v128.load, put: (address: Value, value: Value) => void) => void) => {
        b.set(at, from);
        rest(body);
      };
      const rest = (body: (load: typeof v128.load, put: (address: Value, value: Value) => void) => void) => {
        b.while(i32.ltS(at, full), () => {
          body(v128.load, (address, value) => b.do(v128.store(address, value)));
          b.set(at, i32.add(at, 16));
        });
        b.if(i32.ltS(at, to), () =>
          body(v128.load64Splat, (address, value) => b.do(v128.store64Lane(address, value, 0))),
        );
      };
      const place = (base: Local) => i32.add(base, at);
      each((_, put) => {
        put(place(tops), Number.NEGATIVE_INFINITY);
        put(place(out), 0);
      });
      const overRows = (body: () => void) => {
        b.set(row, m);
        b.for(i, 0, rows, 1, () => {
          b.set(factor, v128.load64Splat(i32.add(v, i32.shl(i, 3))));
          body();
          b.set(row, i32.add(row, stride));
        });
      };
      overRows(() =>
        each((load, put) =>
          put(place(tops), f64x2.max(load(place(tops)), v128.xor(f64x2.add(load(place(row)), factor), sign))),
        ),
      );
      const below = (load: typeof v128.load, offset = 0) =>
        f64x2.pmax(
          f64x2.mul(
            f64x2.sub(v128.xor(f64x2.add(load(place(row), offset), factor), sign), load(place(tops), offset)),
            size,
          ),
          module.constant(nothing),
        );
      overRows(() => {
        b.set(at, from);
        b.while(i32.leS(at, i32.sub(full, 16 * inline)), () => {
          for (const [i, x] of xs.entries()) b.set(x, below(v128.load, 16 * i));
          b.if(matters(module, xs), () => {
            table.emit(b, xs);
            for (const [i, x] of xs.entries())
              b.do(v128.store(place(out), f64x2.add(v128.load(place(out), 16 * i), x), 16 * i));
          });
          b.set(at, i32.add(at, 16 * inline));
        });
        rest((load, put) => put(place(out), f64x2.add(load(place(out)), call(exp, below(load)))));
      });
      each((load, put) => {
        b.set(top, load(place(tops)));
        const finite = f64x2.lt(f64x2.abs(top), Number.POSITIVE_INFINITY);
        put(place(out), v128.bitselect(f64x2.add(f64x2.mul(top, size), call(log, load(place(out)))), top, finite));
      });
    },
    "logSumExpCols",
  );
}
