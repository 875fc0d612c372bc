// The small triangular kernels that stand between matrix products: Cholesky of one block, and triangular solves with one block.
// Golub, Van Loan 2013, "Matrix Computations", 4th ed., algorithms 3.1.2 (substitution by columns) and 4.2.1 (Cholesky by dot products).
// Addresses and strides are bytes; rows are contiguous.
import { type Body, call, type Local, type WasmModule } from "./assembler.js";
import { f64, f64x2, i32, madd, nmadd, v128 } from "./instructions.js";

/** Defines potrf, trsmRows and trsmCols. */
export function defineTriangular(module: WasmModule): void {
  definePotrf(module);
  defineTrsmRows(module);
  defineTrsmCols(module);
}

/** Pointers base, base + stride, …, as locals. */
function follow(b: Body, count: number, first: Local, stride: Local): Local[] {
  const list: Local[] = [];
  for (let r = 0; r < count; r++) list.push(b.local("i32", r === 0 ? first : i32.add(list[r - 1]!, stride)));
  return list;
}

/** sums[r] = Σ_{p < 8 · bytes} x_r[p] y[p] by pairs: `bytes` is rounded down to full pairs and the last one is added alone. */
function dots(
  module: WasmModule,
  b: Body,
  rows: readonly Local[],
  y: Local,
  bytes: Local,
  sums: readonly Local[],
): void {
  const at = b.local("i32");
  const value = b.local("v128");
  for (const s of sums) b.set(s, 0);
  b.set(at, 0);
  const full = i32.and(bytes, -16);
  b.while(i32.ltS(at, full), () => {
    b.set(value, v128.load(i32.add(y, at)));
    for (const [r, row] of rows.entries()) b.set(sums[r]!, madd(module, value, v128.load(i32.add(row, at)), sums[r]!));
    b.set(at, i32.add(at, 16));
  });
  b.if(i32.ltS(at, bytes), () => {
    b.set(value, v128.load64Zero(i32.add(y, at)));
    for (const [r, row] of rows.entries())
      b.set(sums[r]!, madd(module, value, v128.load64Zero(i32.add(row, at)), sums[r]!));
  });
}

const across = (sum: Local) => f64.add(f64x2.lane(sum, 0), f64x2.lane(sum, 1));

/**
 * potrf(n, a, stride, floor): A = L Lᵀ in place of the lower triangle. Answers −1, or the first row whose pivot isn't above `floor`; what
 * stands before it is done, and the pivot itself, A's entry minus the squares before it, is left on the diagonal.
 */
function definePotrf(module: WasmModule): void {
  module.function(
    { n: "i32", a: "i32", stride: "i32", floor: "f64" },
    "i32",
    (b, { n, a, stride, floor }) => {
      const j = b.local("i32");
      const i = b.local("i32");
      const bytes = b.local("i32");
      const rowJ = b.local("i32");
      const rowI = b.local("i32");
      const pivot = b.local("f64");
      const inverse = b.local("f64");
      const sums = b.locals("v128", 4);
      b.for(j, 0, n, 1, () => {
        b.set(bytes, i32.shl(j, 3));
        b.set(rowJ, i32.add(a, i32.mul(j, stride)));
        const one = [sums[0]!];
        dots(module, b, [rowJ], rowJ, bytes, one);
        b.set(pivot, f64.sub(f64.load(i32.add(rowJ, bytes)), across(sums[0]!)));
        b.do(f64.store(i32.add(rowJ, bytes), pivot));
        // Written so that NaN ends it too; and infinity, of which the quotient is NaN.
        b.if(i32.eqz(i32.and(f64.gt(pivot, floor), f64.lt(pivot, Number.POSITIVE_INFINITY))), () => b.return(j));
        b.set(pivot, f64.sqrt(pivot));
        b.do(f64.store(i32.add(rowJ, bytes), pivot));
        b.set(inverse, f64.div(1, pivot));
        b.set(i, i32.add(j, 1));
        b.set(rowI, i32.add(rowJ, stride));
        const update = (count: number) => {
          const rows = follow(b, count, rowI, stride);
          dots(module, b, rows, rowJ, bytes, sums.slice(0, count));
          rows.forEach((row, r) => {
            const at = i32.add(row, bytes);
            b.do(f64.store(at, f64.mul(f64.sub(f64.load(at), across(sums[r]!)), inverse)));
          });
          b.set(i, i32.add(i, count));
          b.set(rowI, i32.add(rows[count - 1]!, stride));
        };
        b.while(i32.leS(i, i32.sub(n, 4)), () => update(4));
        b.while(i32.ltS(i, n), () => update(1));
      });
      return -1;
    },
    "potrf",
  );
}

/**
 * trsmRows(task, block, n, rows, t, tStride, inverses, x, xStride): X Tᵀ = B in place of B, T lower triangular n × n, each row of B on its own;
 * `inverses` are the reciprocals of T's diagonal.
 */
function defineTrsmRows(module: WasmModule): void {
  const whole = module.function(
    { n: "i32", rows: "i32", t: "i32", tStride: "i32", inverses: "i32", x: "i32", xStride: "i32" },
    "none",
    (b, { n, rows, t, tStride, inverses, x, xStride }) => {
      const i = b.local("i32");
      const j = b.local("i32");
      const bytes = b.local("i32");
      const rowT = b.local("i32");
      const sums = b.locals("v128", 4);
      const solve = (count: number) => {
        const list = follow(b, count, x, xStride);
        b.set(rowT, t);
        b.for(j, 0, n, 1, () => {
          b.set(bytes, i32.shl(j, 3));
          dots(module, b, list, rowT, bytes, sums.slice(0, count));
          list.forEach((row, r) => {
            const at = i32.add(row, bytes);
            const inverse = f64.load(i32.add(inverses, bytes));
            b.do(f64.store(at, f64.mul(f64.sub(f64.load(at), across(sums[r]!)), inverse)));
          });
          b.set(rowT, i32.add(rowT, tStride));
        });
        b.set(i, i32.add(i, count));
        b.set(x, i32.add(list[count - 1]!, xStride));
      };
      b.while(i32.leS(i, i32.sub(rows, 4)), () => solve(4));
      b.while(i32.ltS(i, rows), () => solve(1));
    },
  );
  // Rows task · block … of them, for threads.
  module.function(
    {
      task: "i32",
      block: "i32",
      n: "i32",
      rows: "i32",
      t: "i32",
      tStride: "i32",
      inverses: "i32",
      x: "i32",
      xStride: "i32",
    },
    "none",
    (b, { task, block, n, rows, t, tStride, inverses, x, xStride }) => {
      const first = b.local("i32", i32.mul(task, block));
      b.set(rows, i32.sub(rows, first));
      b.if(i32.gtS(rows, block), () => b.set(rows, block));
      b.do(call(whole, n, rows, t, tStride, inverses, i32.add(x, i32.mul(first, xStride)), xStride));
    },
    "trsmRows",
  );
}

/**
 * trsmCols(n, cols, t, tStride, inverses, x, xStride): T X = B in place of B, T lower triangular n × n, by stripes of eight columns of B.
 * The stride of X may be negative: rows upwards.
 */
function defineTrsmCols(module: WasmModule): void {
  module.function(
    { n: "i32", cols: "i32", t: "i32", tStride: "i32", inverses: "i32", x: "i32", xStride: "i32" },
    "none",
    (b, { n, cols, t, tStride, inverses, x, xStride }) => {
      const i = b.local("i32");
      const p = b.local("i32");
      const c = b.local("i32");
      const rowT = b.local("i32");
      const rowX = b.local("i32");
      const above = b.local("i32");
      const factor = b.local("v128");
      const sums = b.locals("v128", 4);
      const solve = (width: number) => {
        const wide = width === 1 ? 1 : width / 2;
        const read = width === 1 ? v128.load64Zero : v128.load;
        b.set(rowT, t);
        b.set(rowX, x);
        b.for(i, 0, n, 1, () => {
          for (let s = 0; s < wide; s++) b.set(sums[s]!, read(rowX, 16 * s));
          b.set(above, x);
          b.for(p, 0, i, 1, () => {
            b.set(factor, v128.load64Splat(i32.add(rowT, i32.shl(p, 3))));
            for (let s = 0; s < wide; s++) b.set(sums[s]!, nmadd(module, factor, read(above, 16 * s), sums[s]!));
            b.set(above, i32.add(above, xStride));
          });
          b.set(factor, v128.load64Splat(i32.add(inverses, i32.shl(i, 3))));
          for (let s = 0; s < wide; s++) {
            const value = f64x2.mul(factor, sums[s]!);
            b.do(width === 1 ? v128.store64Lane(rowX, value, 0) : v128.store(rowX, value, 16 * s));
          }
          b.set(rowT, i32.add(rowT, tStride));
          b.set(rowX, i32.add(rowX, xStride));
        });
        b.set(c, i32.add(c, width));
        b.set(x, i32.add(x, 8 * width));
      };
      b.while(i32.leS(c, i32.sub(cols, 8)), () => solve(8));
      b.while(i32.leS(c, i32.sub(cols, 2)), () => solve(2));
      b.while(i32.ltS(c, cols), () => solve(1));
    },
    "trsmCols",
  );
}
