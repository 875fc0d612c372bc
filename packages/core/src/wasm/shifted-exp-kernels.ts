// Exponentials of a matrix with something added to each row and each column, and their sums: the plan of entropic transport.
import { call, type Value, type WasmModule } from "./assembler.js";
import type { ElementaryFunctions } from "./exp-kernels.js";
import { fastRange } from "./exp-table.js";
import { f64, f64x2, i32, v128 } from "./instructions.js";

/** Pairs of numbers that are taken together. */
const inline = 2;

/**
 * Defines shiftedExpRows(task, blockRows, rows, cols, m, stride, u, v, scale, floor, out, sums): out_ij = exp(scale (m_ij + u_i + v_j)), 0 where the exponent is below floor ≥ −708,
 * and Σ_j out_ij, for the rows of block `task`; out is contiguous. And addColumns(task, blockCols, rows, cols, m, sums): sums_j += Σ_i m_ij for the columns of block `task`, m contiguous.
 */
export function defineShiftedExp(module: WasmModule, { exp, table }: ElementaryFunctions): void {
  module.function(
    {
      task: "i32",
      blockRows: "i32",
      rows: "i32",
      cols: "i32",
      m: "i32",
      stride: "i32",
      u: "i32",
      v: "i32",
      scale: "f64",
      floor: "f64",
      out: "i32",
      sums: "i32",
    },
    "none",
    (b, { task, blockRows, rows, cols, m, stride, u, v, scale, floor, out, sums }) => {
      const i = b.local("i32", i32.mul(task, blockRows));
      const end = b.local("i32", i32.add(i, blockRows));
      b.if(i32.gtS(end, rows), () => b.set(end, rows));
      const at = b.local("i32");
      const row = b.local("i32");
      const to = b.local("i32");
      const pairs = b.local("i32", i32.shl(i32.and(cols, -2), 3));
      const factor = b.local("v128", f64x2.splat(scale));
      const least = b.local("v128", f64x2.splat(floor));
      const shift = b.local("v128");
      const sum = b.local("v128");
      const xs = b.locals("v128", inline);
      const kept = xs.map(() => b.local("v128"));
      const x = xs[0]!;
      const here = (offset = 0) =>
        f64x2.mul(
          f64x2.add(f64x2.add(v128.load(i32.add(row, at), offset), shift), v128.load(i32.add(v, at), offset)),
          factor,
        );
      const last = () =>
        f64x2.mul(
          f64x2.add(f64x2.add(v128.load64Splat(i32.add(row, at)), shift), v128.load64Splat(i32.add(v, at))),
          factor,
        );
      /** exp where the exponent isn't below the floor (NaN stays). */
      const floored = (y: Value) => {
        b.set(x, y);
        b.set(kept[0]!, v128.not(f64x2.lt(x, least)));
        b.set(x, v128.and(call(exp, x), kept[0]!));
      };
      b.while(i32.ltS(i, end), () => {
        b.set(row, i32.add(m, i32.mul(i, stride)));
        b.set(to, i32.add(out, i32.mul(i, i32.shl(cols, 3))));
        b.set(shift, v128.load64Splat(i32.add(u, i32.shl(i, 3))));
        b.set(sum, 0);
        b.set(at, 0);
        b.while(i32.leS(at, i32.sub(pairs, 16 * inline)), () => {
          for (const [k, y] of xs.entries()) b.set(y, here(16 * k));
          for (const [k, y] of xs.entries()) b.set(kept[k]!, v128.not(f64x2.lt(y, least)));
          const store = (k: number, value: Value) => b.do(v128.store(i32.add(to, at), value, 16 * k));
          b.if(
            v128.anyTrue(kept.map((y): Value => y).reduce((p, q) => v128.or(p, q))),
            () => {
              const moderate = xs.map((y): Value => f64x2.le(y, module.constant(fastRange)));
              b.if(
                v128.anyTrue(v128.not(moderate.reduce((p, q) => v128.and(p, q)))),
                () => {
                  for (const y of xs) b.set(y, call(exp, y));
                },
                () => {
                  // Lanes that will be 0 are kept away from subnormal numbers, which are slow.
                  for (const [k, y] of xs.entries()) b.set(y, v128.and(y, kept[k]!));
                  table.emit(b, xs);
                },
              );
              for (const [k, y] of xs.entries()) {
                b.set(y, v128.and(y, kept[k]!));
                store(k, y);
                b.set(sum, f64x2.add(sum, y));
              }
            },
            () => {
              for (const k of xs.keys()) store(k, 0);
            },
          );
          b.set(at, i32.add(at, 16 * inline));
        });
        b.while(i32.ltS(at, pairs), () => {
          floored(here());
          b.do(v128.store(i32.add(to, at), x));
          b.set(sum, f64x2.add(sum, x));
          b.set(at, i32.add(at, 16));
        });
        b.if(i32.and(cols, 1), () => {
          floored(last());
          b.do(v128.store64Lane(i32.add(to, at), x, 0));
          b.set(sum, f64x2.add(sum, f64x2.replaceLane(x, 0, 1)));
        });
        b.do(f64.store(i32.add(sums, i32.shl(i, 3)), f64.add(f64x2.lane(sum, 0), f64x2.lane(sum, 1))));
        b.set(i, i32.add(i, 1));
      });
    },
    "shiftedExpRows",
  );

  module.function(
    { task: "i32", blockCols: "i32", rows: "i32", cols: "i32", m: "i32", sums: "i32" },
    "none",
    (b, { task, blockCols, rows, cols, m, sums }) => {
      const from = b.local("i32", i32.mul(task, blockCols));
      const to = b.local("i32", i32.add(from, blockCols));
      b.if(i32.gtS(to, cols), () => b.set(to, cols));
      b.set(from, i32.shl(from, 3));
      const full = b.local("i32", i32.shl(i32.and(to, -2), 3));
      b.set(to, i32.shl(to, 3));
      const i = b.local("i32");
      const at = b.local("i32");
      const row = b.local("i32", m);
      const place = (base: Value) => i32.add(base, at);
      b.for(i, 0, rows, 1, () => {
        b.set(at, from);
        b.while(i32.ltS(at, full), () => {
          b.do(v128.store(place(sums), f64x2.add(v128.load(place(sums)), v128.load(place(row)))));
          b.set(at, i32.add(at, 16));
        });
        b.if(i32.ltS(at, to), () => b.do(f64.store(place(sums), f64.add(f64.load(place(sums)), f64.load(place(row))))));
        b.set(row, i32.add(row, i32.shl(cols, 3)));
      });
    },
    "addColumns",
  );
}
