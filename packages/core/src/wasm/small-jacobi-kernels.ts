// Eigenvalues, projections and polar factors of pairs of small matrices by Jacobi rotations, step by step as in linear/small-eigen.ts and linear/small-polar.ts: a lane
// that needs no rotation is rotated by the identity. Projections of five rows and more go by QL steps (small-ql-kernels.ts).
import {
  absoluteThreshold,
  jacobiSweeps,
  negligibleSquare,
  orthogonality,
  projectionThreshold,
  relativeThreshold,
} from "../linear/small/small-jacobi.js";
import { type Body, call, type FunctionHandle, type Local, type Value, type WasmModule } from "./assembler.js";
import { f64, f64x2, i32, i32x4, madd, nmadd, v128 } from "./instructions.js";
import {
  definePairTask,
  each,
  eachEntry,
  type Grid,
  type Index,
  inLocals,
  largestInput,
  makeGrid,
  makeList,
  type Pair,
  unitOf,
} from "./small-pairs.js";
import { defineQl } from "./small-ql-kernels.js";

/** Defines eigen, projectClamp, projectAbsolute and polar for n × n matrices. */
export function defineSmallJacobi(module: WasmModule, n: number): void {
  definePairTask(module, "eigen", n, [n, n * n], writeEigen);
  const ql = n <= inLocals ? undefined : defineQl(module, n);
  definePairTask(module, "projectClamp", n, [n * n], (pair) => writeProjection(pair, ql, (x) => f64x2.max(x, 0)));
  definePairTask(module, "projectAbsolute", n, [n * n], (pair) => writeProjection(pair, ql, (x) => f64x2.abs(x)));
  definePairTask(module, "polar", n, [n * n, n * n], writePolar);
}

interface Rotation {
  readonly t: Local;
  readonly c: Local;
  readonly s: Local;
}

/** The rotation that makes [a d; d b] diagonal, where the mask has ones; the identity elsewhere. */
function angle(b: Body, { t, c, s }: Rotation, first: Value, second: Value, off: Value, mask: Local): void {
  b.set(t, f64x2.div(f64x2.sub(second, first), f64x2.add(off, off)));
  b.set(c, f64x2.add(f64x2.abs(t), f64x2.sqrt(f64x2.add(f64x2.mul(t, t), 1))));
  b.set(t, v128.and(v128.bitselect(f64x2.div(-1, c), f64x2.div(1, c), f64x2.lt(t, 0)), mask));
  b.set(c, f64x2.div(1, f64x2.sqrt(f64x2.add(f64x2.mul(t, t), 1))));
  b.set(s, f64x2.mul(t, c));
}

/** Two rows of n numbers, rotated. */
interface Row {
  get(k: number): Value;
  set(k: number, value: Value): void;
}

function rotate({ module, b, n }: Pair, { c, s }: Rotation, p: Row, q: Row, skip: readonly number[] = []): void {
  const x = b.local("v128");
  const y = b.local("v128");
  for (let k = 0; k < n; k++) {
    if (skip.includes(k)) continue;
    b.set(x, p.get(k));
    b.set(y, q.get(k));
    p.set(k, nmadd(module, s, y, f64x2.mul(c, x)));
    q.set(k, madd(module, s, x, f64x2.mul(c, y)));
  }
}

/** Sweeps over all pairs p < q until a sweep moved nothing. In each, `visit` is given the rows as numbers, or as addresses that are counted through. */
function sweeps(
  { b, n, scratch }: Pair,
  moved: Local,
  visit: (p: number, q: number, rows: readonly [Local, Local] | undefined) => void,
): void {
  const count = b.local("i32", 0);
  const rowBytes = 16 * n;
  b.doWhile(
    () => {
      b.set(moved, 0);
      b.set(count, i32.add(count, 1));
      if (n <= inLocals) {
        for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) visit(p, q, undefined);
        return;
      }
      const p = b.local("i32");
      const q = b.local("i32");
      const end = b.local("i32", i32.add(scratch, n * rowBytes));
      b.for(p, scratch, i32.sub(end, rowBytes), rowBytes, () =>
        b.for(q, i32.add(p, rowBytes), end, rowBytes, () => visit(0, 0, [p, q])),
      );
    },
    i32.and(v128.anyTrue(moved), i32.ltS(count, jacobiSweeps)),
  );
}

interface Diagonal {
  readonly A: Grid;
  /** Vᵀ. */
  readonly V: Grid;
  lambda(k: Index): Value;
  /** Ones where the matrix is finite. */
  readonly finite: Local;
  readonly unit: Local;
  readonly status: Value;
}

function diagonalize(pair: Pair, least = absoluteThreshold): Diagonal {
  const { b, n, input, scratch } = pair;
  const size = largestInput(pair, false);
  const finite = b.local("v128", f64x2.lt(size, Number.POSITIVE_INFINITY));
  const unit = b.local("v128", unitOf(size));
  const scale = b.local("v128", f64x2.div(1, unit));
  const [A, V] = [makeGrid(pair, 0), makeGrid(pair, 1)];
  // In locals only the lower triangle is kept.
  const place = (i: number, j: number): [number, number] => (i >= j ? [i, j] : [j, i]);
  const scaled = b.local("v128");
  eachEntry(pair, false, (i, j) => {
    b.set(scaled, f64x2.mul(input(i, j), scale));
    A.set(i, j, scaled);
    A.set(j, i, scaled);
    V.set(i, j, 0);
    V.set(j, i, 0);
  });
  each(pair, 0, (i) => V.set(i, i, 1));
  const moved = b.local("v128");
  const mask = b.local("v128");
  const [app, aqq, apq] = [b.local("v128"), b.local("v128"), b.local("v128")];
  const rotation: Rotation = { t: b.local("v128"), c: b.local("v128"), s: b.local("v128") };
  /** Looks at the pair, and where a lane has something to do, sets the rotation and lets `then` apply it. */
  const look = (then: () => void) => {
    const small = f64x2.min(f64x2.abs(app), f64x2.abs(aqq));
    b.set(mask, f64x2.gt(f64x2.abs(apq), f64x2.max(f64x2.mul(small, relativeThreshold), least)));
    b.if(v128.anyTrue(mask), () => {
      b.set(moved, v128.or(moved, mask));
      angle(b, rotation, app, aqq, apq, mask);
      then();
    });
  };
  const update = () => {
    const change = f64x2.mul(rotation.t, apq);
    b.set(app, f64x2.sub(app, change));
    b.set(aqq, f64x2.add(aqq, change));
    b.set(apq, v128.andnot(apq, mask));
  };
  sweeps(pair, moved, (p, q, rows) => {
    if (rows === undefined) {
      b.set(app, A.get(p, p));
      b.set(aqq, A.get(q, q));
      b.set(apq, A.get(...place(p, q)));
      const row = (i: number): Row => ({
        get: (k) => A.get(...place(i, k)),
        set: (k, v) => A.set(...place(i, k), v),
      });
      const vector = (i: number): Row => ({ get: (k) => V.get(i, k), set: (k, v) => V.set(i, k, v) });
      look(() => {
        rotate(pair, rotation, row(p), row(q), [p, q]);
        rotate(pair, rotation, vector(p), vector(q));
        update();
        A.set(p, p, app);
        A.set(q, q, aqq);
        A.set(...place(p, q), apq);
      });
      return;
    }
    const [rowP, rowQ] = rows;
    // Row p begins at scratch + 16 n p: its column at scratch + 16 p.
    const ofRow = (r: Local) => i32.divS(i32.sub(r, scratch), n);
    const colP = b.local("i32", i32.add(scratch, ofRow(rowP)));
    const colQ = b.local("i32", i32.add(scratch, ofRow(rowQ)));
    const pp = i32.add(rowP, i32.sub(colP, scratch));
    const qq = i32.add(rowQ, i32.sub(colQ, scratch));
    const pq = i32.add(rowP, i32.sub(colQ, scratch));
    const qp = i32.add(rowQ, i32.sub(colP, scratch));
    b.set(app, v128.load(pp));
    b.set(aqq, v128.load(qq));
    b.set(apq, v128.load(pq));
    const held = b.local("v128");
    const row = (r: Local, col: Local): Row => ({
      get: (k) => v128.load(r, 16 * k),
      set: (k, v) => {
        b.set(held, v);
        b.do(v128.store(r, held, 16 * k));
        b.do(v128.store(col, held, 16 * n * k));
      },
    });
    const vector = (r: Local): Row => ({
      get: (k) => v128.load(r, 16 * n * n + 16 * k),
      set: (k, v) => b.do(v128.store(r, v, 16 * n * n + 16 * k)),
    });
    look(() => {
      rotate(pair, rotation, row(rowP, colP), row(rowQ, colQ));
      rotate(pair, rotation, vector(rowP), vector(rowQ));
      update();
      b.do(v128.store(pp, app));
      b.do(v128.store(qq, aqq));
      b.do(v128.store(pq, apq));
      b.do(v128.store(qp, apq));
    });
  });
  const lambda = (k: Index) => A.get(k, k);
  return { A, V, lambda, finite, unit, status: v128.bitselect(v128.bitselect(1, -1, moved), 0, finite) };
}

/** By the function that `defineQl` made. A matrix that isn't finite is taken as zero. */
function diagonalizeByQl(pair: Pair, ql: FunctionHandle): Omit<Diagonal, "A"> {
  const { b, n, input, scratch } = pair;
  const size = largestInput(pair, false);
  const finite = b.local("v128", f64x2.lt(size, Number.POSITIVE_INFINITY));
  const unit = b.local("v128", unitOf(size));
  const scale = b.local("v128", f64x2.div(1, unit));
  const [A, V] = [makeGrid(pair, 0), makeGrid(pair, 1)];
  eachEntry(pair, false, (i, j) => A.set(i, j, v128.and(f64x2.mul(input(i, j), scale), finite)));
  const failed = b.local("v128", call(ql, scratch));
  const { get: lambda } = makeList(pair, 0, n);
  return { V, lambda, finite, unit, status: v128.bitselect(v128.bitselect(1, -1, failed), 0, finite) };
}

function writeEigen(pair: Pair): Value {
  const { b, n, outputs } = pair;
  const { A, V, finite, unit, status } = diagonalize(pair);
  const [[valuesLow, valuesHigh], [vectorsLow, vectorsHigh]] = outputs as [[Local, Local], [Local, Local]];
  const [lambda, rank, entry, number] = b.locals("v128", 4);
  const lanes = [
    [0, valuesLow, vectorsLow, b.local("i32")],
    [1, valuesHigh, vectorsHigh, b.local("i32")],
  ] as const;
  b.set(number, 0);
  each(pair, 0, (j) => {
    b.set(lambda, A.get(j, j));
    b.set(rank, 0);
    // Of equal ones the earlier comes first.
    for (let i = 0; i < n; i++) {
      const other = A.get(i, i);
      const tie = v128.and(f64x2.eq(other, lambda), f64x2.gt(number, i));
      b.set(rank, f64x2.add(rank, v128.and(v128.or(f64x2.lt(other, lambda), tie), 1)));
    }
    b.set(rank, i32x4.truncSatF64x2SZero(v128.bitselect(rank, number, finite)));
    b.set(lambda, v128.bitselect(f64x2.mul(lambda, unit), Number.NaN, finite));
    for (const [lane, values, vectors, to] of lanes) {
      b.set(to, i32.shl(i32x4.lane(rank, lane), 3));
      b.do(f64.store(i32.add(values, to), f64x2.lane(lambda, lane)));
      b.set(to, i32.add(vectors, to));
    }
    each(pair, 0, (k) => {
      b.set(entry, v128.bitselect(V.get(j, k), Number.NaN, finite));
      for (const [lane, , , to] of lanes) {
        b.do(v128.store64Lane(to, entry, lane));
        b.set(to, i32.add(to, 8 * n));
      }
    });
    b.set(number, f64x2.add(number, 1));
  });
  return status;
}

/** @param ql what diagonalizes matrices in memory; undefined where they stand in locals. */
function writeProjection(pair: Pair, ql: FunctionHandle | undefined, keep: (lambda: Value) => Value): Value {
  const { module, b, n, input, output } = pair;
  const { V, lambda, finite, unit, status } =
    ql === undefined ? diagonalize(pair, projectionThreshold) : diagonalizeByQl(pair, ql);
  const negative = b.local("v128", 0);
  const kept = makeList(pair, 0, n);
  each(pair, 0, (k) => {
    b.set(negative, v128.or(negative, f64x2.lt(lambda(k), 0)));
    kept.set(k, keep(lambda(k)));
  });
  const sum = b.local("v128");
  eachEntry(pair, false, (i, j) => {
    b.set(sum, 0);
    for (let k = 0; k < n; k++) b.set(sum, madd(module, f64x2.mul(kept.get(k), V.get(k, i)), V.get(k, j), sum));
    const whole = v128.bitselect(f64x2.mul(sum, unit), input(i, j), negative);
    b.set(sum, v128.bitselect(whole, Number.NaN, finite));
    output(0, i, j, sum);
    output(0, j, i, sum);
  });
  return status;
}

function writePolar(pair: Pair): Value {
  const { module, b, n, input, output } = pair;
  const size = largestInput(pair, true);
  const finite = b.local("v128", f64x2.lt(size, Number.POSITIVE_INFINITY));
  const unit = b.local("v128", unitOf(size));
  const scale = b.local("v128", f64x2.div(1, unit));
  const [G, V] = [makeGrid(pair, 0), makeGrid(pair, 1)];
  eachEntry(pair, true, (i, j) => {
    G.set(j, i, f64x2.mul(input(i, j), scale));
    V.set(i, j, 0);
  });
  each(pair, 0, (i) => V.set(i, i, 1));
  const moved = b.local("v128");
  const mask = b.local("v128");
  const [first, second, off, x, y] = b.locals("v128", 5);
  const rotation: Rotation = { t: b.local("v128"), c: b.local("v128"), s: b.local("v128") };
  const visit = (p: Row, q: Row, v: Row, w: Row) => {
    for (const sum of [first, second, off]) b.set(sum, 0);
    for (let k = 0; k < n; k++) {
      b.set(x, p.get(k));
      b.set(y, q.get(k));
      b.set(first, madd(module, x, x, first));
      b.set(second, madd(module, y, y, second));
      b.set(off, madd(module, x, y, off));
    }
    const notZero = v128.and(f64x2.gt(first, negligibleSquare), f64x2.gt(second, negligibleSquare));
    const limit = f64x2.mul(f64x2.mul(first, orthogonality), second);
    b.set(mask, v128.and(f64x2.gt(f64x2.mul(off, off), limit), notZero));
    b.if(v128.anyTrue(mask), () => {
      b.set(moved, v128.or(moved, mask));
      angle(b, rotation, first, second, off, mask);
      rotate(pair, rotation, p, q);
      rotate(pair, rotation, v, w);
    });
  };
  const row = (grid: Grid, r: Index): Row => ({
    get: (k) => grid.get(r, k),
    set: (k, value) => grid.set(r, k, value),
  });
  const memoryRow = (r: Local, offset: number): Row => ({
    get: (k) => v128.load(r, offset + 16 * k),
    set: (k, value) => b.do(v128.store(r, value, offset + 16 * k)),
  });
  sweeps(pair, moved, (p, q, rows) => {
    if (rows === undefined) visit(row(G, p), row(G, q), row(V, p), row(V, q));
    else {
      const [r, s] = rows;
      visit(memoryRow(r, 0), memoryRow(s, 0), memoryRow(r, 16 * n * n), memoryRow(s, 16 * n * n));
    }
  });
  const roots = makeList(pair, 0, n);
  const inverses = makeList(pair, n, n);
  const singular = b.local("v128", 0);
  each(pair, 0, (j) => {
    b.set(first, 0);
    for (let k = 0; k < n; k++) {
      b.set(x, G.get(j, k));
      b.set(first, madd(module, x, x, first));
    }
    b.set(mask, f64x2.gt(first, negligibleSquare));
    b.set(singular, v128.or(singular, v128.not(mask)));
    b.set(first, f64x2.sqrt(first));
    roots.set(j, v128.and(first, mask));
    inverses.set(j, v128.and(f64x2.div(1, first), mask));
  });
  eachEntry(pair, true, (i, j) => {
    b.set(first, 0);
    b.set(second, 0);
    for (let k = 0; k < n; k++) {
      b.set(first, madd(module, f64x2.mul(inverses.get(k), G.get(k, i)), V.get(k, j), first));
      b.set(second, madd(module, roots.get(k), f64x2.mul(V.get(k, i), V.get(k, j)), second));
    }
    output(0, i, j, v128.bitselect(first, Number.NaN, finite));
    output(1, i, j, v128.bitselect(f64x2.mul(second, unit), Number.NaN, finite));
  });
  const whole = v128.bitselect(2, -1, singular);
  return v128.bitselect(v128.bitselect(1, whole, moved), 0, finite);
}
