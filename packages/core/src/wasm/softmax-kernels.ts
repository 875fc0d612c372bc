// Softmax of rows: shifted by the maximum, divided by the sum.
// Blanchard, Higham, Higham 2021, "Accurately computing the log-sum-exp and softmax functions", IMA J. Numer. Anal. 41(4), Algorithm 4.1.
import { call, type Value, type WasmModule } from "./assembler.js";
import type { ElementaryFunctions } from "./exp-kernels.js";
import { fastRange } from "./exp-table.js";
import { f64, f64x2, i32, v128 } from "./instructions.js";

/** Pairs of numbers that are taken together. */
const inline = 2;

/**
 * Defines softmaxRows(task, blockRows, rows, cols, m, stride, out, outStride): out_ij = exp(m_ij) / Σ_k exp(m_ik) for the rows of block `task`; out may be m.
 * Differences from a row's maximum below −708 go the slow way, through subnormal numbers to 0.
 */
export function defineSoftmax(module: WasmModule, { exp, table }: ElementaryFunctions): void {
  module.function(
    {
      task: "i32",
      blockRows: "i32",
      rows: "i32",
      cols: "i32",
      m: "i32",
      stride: "i32",
      out: "i32",
      outStride: "i32",
    },
    "none",
    (b, { task, blockRows, rows, cols, m, stride, out, outStride }) => {
      const i = b.local("i32", i32.mul(task, blockRows));
      const end = b.local("i32", i32.add(i, blockRows));
      b.if(i32.gtS(end, rows), () => b.set(end, rows));
      const at = b.local("i32");
      const row = b.local("i32");
      const to = b.local("i32");
      const pairs = b.local("i32", i32.shl(i32.and(cols, -2), 3));
      const top = b.local("v128");
      const sums = b.local("v128");
      const xs = b.locals("v128", inline);
      const x = xs[0]!;
      const here = (offset = 0): Value => v128.load(i32.add(row, at), offset);
      const last = () => v128.load64Splat(i32.add(row, at));
      b.while(i32.ltS(i, end), () => {
        b.set(row, i32.add(m, i32.mul(i, stride)));
        b.set(to, i32.add(out, i32.mul(i, outStride)));
        b.set(top, Number.NEGATIVE_INFINITY);
        b.for(at, 0, pairs, 16, () => b.set(top, f64x2.max(top, here())));
        b.if(i32.and(cols, 1), () => b.set(top, f64x2.max(top, last())));
        b.set(top, f64x2.max(top, f64x2.shuffle(top, top, 1, 0)));
        b.set(sums, 0);
        b.set(at, 0);
        b.while(i32.leS(at, i32.sub(pairs, 16 * inline)), () => {
          for (const [k, y] of xs.entries()) b.set(y, f64x2.sub(here(16 * k), top));
          const least = xs.map((y): Value => y).reduce((p, q) => f64x2.min(p, q));
          b.if(
            v128.anyTrue(v128.not(f64x2.ge(least, module.constant(-fastRange)))),
            () => {
              for (const y of xs) b.set(y, call(exp, y));
            },
            () => table.emit(b, xs),
          );
          for (const [k, y] of xs.entries()) {
            b.do(v128.store(i32.add(to, at), y, 16 * k));
            b.set(sums, f64x2.add(sums, y));
          }
          b.set(at, i32.add(at, 16 * inline));
        });
        b.while(i32.ltS(at, pairs), () => {
          b.set(x, call(exp, f64x2.sub(here(), top)));
          b.do(v128.store(i32.add(to, at), x));
          b.set(sums, f64x2.add(sums, x));
          b.set(at, i32.add(at, 16));
        });
        b.if(i32.and(cols, 1), () => {
          b.set(x, call(exp, f64x2.sub(last(), top)));
          b.do(v128.store64Lane(i32.add(to, at), x, 0));
          b.set(sums, f64x2.add(sums, f64x2.replaceLane(x, 0, 1)));
        });
        b.set(sums, f64x2.splat(f64.add(f64x2.lane(sums, 0), f64x2.lane(sums, 1))));
        b.for(at, 0, pairs, 16, () => {
          const place = i32.add(to, at);
          b.do(v128.store(place, f64x2.div(v128.load(place), sums)));
        });
        b.if(i32.and(cols, 1), () => {
          const place = i32.add(to, at);
          b.do(f64.store(place, f64.div(f64.load(place), f64x2.lane(sums, 0))));
        });
        b.set(i, i32.add(i, 1));
      });
    },
    "softmaxRows",
  );
}
