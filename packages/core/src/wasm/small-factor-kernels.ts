// Cholesky factors and inverses of pairs of small matrices, step by step as in linear/small-cholesky.ts and linear/small-inverse.ts.
import type { Local, Value, WasmModule } from "./assembler.js";
import { f64, f64x2, i32, i32x4, madd, nmadd, v128 } from "./instructions.js";
import {
  copyInput,
  definePairTask,
  eachEntry,
  type Grid,
  inLocals,
  largestOf,
  makeGrid,
  makeList,
  type Pair,
} from "./small-pairs.js";

/** Defines cholesky, inverse and inverseDefinite for n × n matrices. */
export function defineSmallFactors(module: WasmModule, n: number): void {
  definePairTask(module, "cholesky", n, [n * n], writeCholesky);
  definePairTask(module, "inverse", n, [n * n], n <= inLocals ? writeInverseInLocals : writeInverse);
  definePairTask(module, "inverseDefinite", n, [n * n], writeInverseDefinite);
}

const infinity = Number.POSITIVE_INFINITY;

/** The first failure of each lane, infinite where there is none; and what is told of it. */
const statusOf = (failed: Local): Value => v128.bitselect(failed, -1, f64x2.lt(failed, infinity));
const orNaN = (value: Value, failed: Local): Value => v128.bitselect(value, Number.NaN, f64x2.eq(failed, infinity));

/** L in the lower triangle of a grid; the reciprocals of its diagonal are given to `reciprocal`. Answers where the lanes failed. */
function factor(pair: Pair, L: Grid, reciprocal: (j: number, value: Local) => void): Local {
  const { module, b, n } = pair;
  copyInput(pair, L, false);
  const failed = b.local("v128", infinity);
  const sum = b.local("v128");
  const inverse = b.local("v128");
  for (let j = 0; j < n; j++) {
    const reduce = (i: number) => {
      b.set(sum, L.get(i, j));
      for (let k = 0; k < j; k++) b.set(sum, nmadd(module, L.get(i, k), L.get(j, k), sum));
    };
    reduce(j);
    const good = v128.and(f64x2.gt(sum, 0), f64x2.lt(sum, infinity));
    b.set(failed, f64x2.min(failed, v128.bitselect(infinity, j, good)));
    b.set(sum, f64x2.sqrt(sum));
    L.set(j, j, sum);
    b.set(inverse, f64x2.div(1, sum));
    reciprocal(j, inverse);
    for (let i = j + 1; i < n; i++) {
      reduce(i);
      L.set(i, j, f64x2.mul(sum, inverse));
    }
  }
  return failed;
}

function writeCholesky(pair: Pair): Value {
  const { b, n, output } = pair;
  const L = makeGrid(pair, 0);
  const failed = factor(pair, L, () => undefined);
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) L.set(i, j, 0);
  const rest = b.local("v128");
  eachEntry(pair, true, (i, j) => {
    b.set(rest, L.get(i, j));
    output(0, i, j, orNaN(rest, failed));
  });
  return statusOf(failed);
}

function writeInverseDefinite(pair: Pair): Value {
  const { module, b, n, output } = pair;
  const inverses = makeList(pair, 0, n);
  const X = makeGrid(pair, 0);
  const failed = factor(pair, X, (j, value) => inverses.set(j, value));
  const sum = b.local("v128");
  for (let j = 0; j < n; j++) X.set(j, j, inverses.get(j));
  for (let j = 0; j < n; j++) {
    for (let i = j + 1; i < n; i++) {
      b.set(sum, 0);
      for (let k = j; k < i; k++) b.set(sum, madd(module, X.get(i, k), X.get(k, j), sum));
      X.set(i, j, f64x2.neg(f64x2.mul(sum, X.get(i, i))));
    }
  }
  // Each entry of X is read last in the row that takes its place: what is written stays behind what is read.
  const Y = makeGrid(pair, 1);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      b.set(sum, 0);
      for (let k = i; k < n; k++) b.set(sum, madd(module, X.get(k, i), X.get(k, j), sum));
      Y.set(i, j, sum);
    }
  }
  eachEntry(pair, false, (i, j) => {
    b.set(sum, orNaN(Y.get(i, j), failed));
    output(0, i, j, sum);
    output(0, j, i, sum);
  });
  return statusOf(failed);
}

/** Rows and columns are exchanged by selections, all written out. */
function writeInverseInLocals(pair: Pair): Value {
  const { module, b, n, output } = pair;
  const A = makeGrid(pair, 0);
  copyInput(pair, A, true);
  const failed = b.local("v128", infinity);
  const [best, value, held] = [b.local("v128"), b.local("v128"), b.local("v128")];
  const indices = b.locals("v128", n);
  const exchange = (mask: Value, cell: (k: number, first: boolean) => [number, number]) => {
    for (let k = 0; k < n; k++) {
      const [p, q] = [cell(k, true), cell(k, false)];
      b.set(held, A.get(...p));
      A.set(...p, v128.bitselect(A.get(...q), held, mask));
      A.set(...q, v128.bitselect(held, A.get(...q), mask));
    }
  };
  const mask = b.local("v128");
  for (let k = 0; k < n; k++) {
    const index = indices[k]!;
    b.set(best, f64x2.abs(A.get(k, k)));
    b.set(index, k);
    for (let i = k + 1; i < n; i++) {
      b.set(value, f64x2.abs(A.get(i, k)));
      b.set(mask, f64x2.gt(value, best));
      b.set(index, v128.bitselect(i, index, mask));
      b.set(best, v128.bitselect(value, best, mask));
    }
    const good = v128.and(f64x2.gt(best, 0), f64x2.lt(best, infinity));
    b.set(failed, f64x2.min(failed, v128.bitselect(infinity, k, good)));
    for (let i = k + 1; i < n; i++) {
      b.set(mask, f64x2.eq(index, i));
      exchange(mask, (j, first) => [first ? k : i, j]);
    }
    b.set(value, f64x2.div(1, A.get(k, k)));
    A.set(k, k, 1);
    for (let j = 0; j < n; j++) A.set(k, j, f64x2.mul(A.get(k, j), value));
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      b.set(value, A.get(i, k));
      A.set(i, k, 0);
      for (let j = 0; j < n; j++) A.set(i, j, nmadd(module, value, A.get(k, j), A.get(i, j)));
    }
  }
  largestOf(pair, A, best);
  b.set(failed, f64x2.min(failed, v128.bitselect(infinity, n - 1, f64x2.lt(best, infinity))));
  for (let k = n - 1; k >= 0; k--) {
    for (let i = k + 1; i < n; i++) {
      b.set(mask, f64x2.eq(indices[k]!, i));
      exchange(mask, (j, first) => [j, first ? k : i]);
    }
  }
  eachEntry(pair, true, (i, j) => output(0, i, j, orNaN(A.get(i, j), failed)));
  return statusOf(failed);
}

/** In memory; the rows that are exchanged are found by their addresses. */
function writeInverse(pair: Pair): Value {
  const { module, b, n, output, scratch } = pair;
  const row = 16 * n;
  const A = makeGrid(pair, 0);
  const permutation = makeList(pair, 0, n);
  copyInput(pair, A, true);
  const failed = b.local("v128", infinity);
  const [best, index, value, x, y] = b.locals("v128", 5);
  const [k, at, other, step, pivotRow] = b.locals("i32", 5);
  const end = b.local("i32", i32.add(scratch, n * row));
  /** Exchanges n numbers of one lane, `stride` bytes apart, from two addresses on. Whole pairs are stored: half a pair that is read whole soon after would stall. */
  const exchange = (lane: number, a: Local, c: Local, stride: number) =>
    b.for(step, 0, n * stride, stride, () => {
      const [p, q] = [i32.add(a, step), i32.add(c, step)];
      b.set(x, v128.load(p));
      b.set(y, v128.load(q));
      const [one, two] = lane === 0 ? [y, x] : [x, y];
      b.do(v128.store(p, f64x2.shuffle(one, two, 0, 3)));
      b.do(v128.store(q, f64x2.shuffle(two, one, 0, 3)));
    });
  const numberOf = (bytes: Value) => f64x2.splat(f64.convertI32S(bytes));
  b.for(k, 0, row, 16, () => {
    b.set(pivotRow, i32.add(scratch, i32.mul(k, n)));
    b.set(best, f64x2.abs(v128.load(i32.add(pivotRow, k))));
    // Rows by their distance from the first, in bytes.
    b.set(index, numberOf(i32.mul(k, n)));
    b.for(at, i32.add(pivotRow, row), end, row, () => {
      b.set(value, f64x2.abs(v128.load(i32.add(at, k))));
      b.set(x, f64x2.gt(value, best));
      b.set(index, v128.bitselect(numberOf(i32.sub(at, scratch)), index, x));
      b.set(best, v128.bitselect(value, best, x));
    });
    const good = v128.and(f64x2.gt(best, 0), f64x2.lt(best, infinity));
    b.set(failed, f64x2.min(failed, v128.bitselect(infinity, numberOf(i32.shrU(k, 4)), good)));
    b.set(index, i32x4.truncSatF64x2SZero(index));
    permutation.set(k, index);
    for (const lane of [0, 1]) {
      b.set(other, i32.add(scratch, i32x4.lane(index, lane)));
      b.if(i32.ne(other, pivotRow), () => exchange(lane, pivotRow, other, 16));
    }
    b.set(value, f64x2.div(1, v128.load(i32.add(pivotRow, k))));
    b.do(v128.store(i32.add(pivotRow, k), 1));
    for (let j = 0; j < n; j++) b.do(v128.store(pivotRow, f64x2.mul(v128.load(pivotRow, 16 * j), value), 16 * j));
    b.for(at, scratch, end, row, () =>
      b.if(i32.ne(at, pivotRow), () => {
        b.set(value, v128.load(i32.add(at, k)));
        b.do(v128.store(i32.add(at, k), 0));
        for (let j = 0; j < n; j++)
          b.do(v128.store(at, nmadd(module, value, v128.load(pivotRow, 16 * j), v128.load(at, 16 * j)), 16 * j));
      }),
    );
  });
  largestOf(pair, A, best);
  b.set(failed, f64x2.min(failed, v128.bitselect(infinity, n - 1, f64x2.lt(best, infinity))));
  b.set(k, row);
  b.while(i32.gtS(k, 0), () => {
    b.set(k, i32.sub(k, 16));
    b.set(at, i32.add(scratch, k));
    for (const lane of [0, 1]) {
      b.set(other, i32.add(scratch, i32.divS(i32x4.lane(permutation.get(k), lane), n)));
      b.if(i32.ne(other, at), () => exchange(lane, at, other, row));
    }
  });
  eachEntry(pair, true, (i, j) => output(0, i, j, orNaN(A.get(i, j), failed)));
  return statusOf(failed);
}
