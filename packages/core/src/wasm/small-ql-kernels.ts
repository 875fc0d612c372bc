// Eigenvalues and vectors of pairs of small symmetric matrices by Householder's tridiagonal form and QL steps, step by step as in linear/small-ql.ts. The two matrices go
// together: a lane whose block ends earlier, or that is done, keeps its numbers while the other goes on. Everything stands in the scratch memory of the pair.
import { mostSteps, negligibleColumn, negligibleEntry, negligibleRatio } from "../linear/small/small-ql.js";
import type { Body, FunctionHandle, Local, Value, WasmModule } from "./assembler.js";
import { f64x2, i32, madd, nmadd, v128 } from "./instructions.js";

/**
 * Defines f(scratch): diagonalizes the lower triangles in the front of the scratch memory, which are finite; eigenvectors are the rows behind them and eigenvalues the n pairs
 * behind those. Answers ones in the lanes whose steps didn't end.
 */
export function defineQl(module: WasmModule, n: number): FunctionHandle {
  return module.function({ scratch: "i32" }, "v128", (b, { scratch }) => {
    tridiagonalize(module, b, n, scratch);
    return steps(module, b, n, scratch);
  });
}

/** Where things stand, in bytes: A, Z, d, e. */
const places = (n: number) => ({ z: 16 * n * n, d: 32 * n * n, e: 32 * n * n + 16 * n });

/** Loops are written out: their bounds are known. */
function tridiagonalize(module: WasmModule, b: Body, n: number, scratch: Local): void {
  const { z, d, e } = places(n);
  const load = (offset: number) => v128.load(scratch, offset);
  const store = (offset: number, value: Value) => b.do(v128.store(scratch, value, offset));
  const a = (i: number, j: number) => 16 * (i >= j ? i * n + j : j * n + i);
  const [one, zero] = [b.local("v128", 1), b.local("v128", 0)];
  const [rest, x0, norm, v0, beta, reflected, along, sum] = b.locals("v128", 8);
  const v = b.locals("v128", n);
  const p = b.locals("v128", n);
  for (let k = 0; k < n - 2; k++) {
    b.set(rest, zero);
    for (let i = k + 2; i < n; i++) {
      b.set(v[i]!, load(a(i, k)));
      b.set(rest, madd(module, v[i]!, v[i]!, rest));
    }
    b.set(x0, load(a(k + 1, k)));
    b.set(reflected, f64x2.gt(rest, negligibleColumn));
    b.set(norm, f64x2.sqrt(madd(module, x0, x0, rest)));
    b.set(v0, v128.bitselect(f64x2.sub(x0, norm), f64x2.add(x0, norm), f64x2.lt(x0, zero)));
    b.set(beta, v128.and(f64x2.div(f64x2.add(one, one), madd(module, v0, v0, rest)), reflected));
    store(e + 16 * k, v128.bitselect(f64x2.sub(x0, v0), x0, reflected));
    store(d + 16 * k, load(a(k, k)));
    store(a(k, k), beta);
    store(a(k + 1, k), v0);
    b.set(v[k + 1]!, v0);
    b.set(along, zero);
    for (let i = k + 1; i < n; i++) {
      b.set(sum, zero);
      for (let j = k + 1; j < n; j++) b.set(sum, madd(module, load(a(i, j)), v[j]!, sum));
      b.set(p[i]!, f64x2.mul(beta, sum));
      b.set(along, madd(module, p[i]!, v[i]!, along));
    }
    b.set(along, f64x2.mul(f64x2.mul(beta, 0.5), along));
    for (let i = k + 1; i < n; i++) b.set(p[i]!, nmadd(module, along, v[i]!, p[i]!));
    for (let i = k + 1; i < n; i++)
      for (let j = k + 1; j <= i; j++)
        store(a(i, j), nmadd(module, v[i]!, p[j]!, nmadd(module, p[i]!, v[j]!, load(a(i, j)))));
  }
  store(d + 16 * (n - 2), load(a(n - 2, n - 2)));
  store(d + 16 * (n - 1), load(a(n - 1, n - 1)));
  store(e + 16 * (n - 2), load(a(n - 1, n - 2)));
  store(e + 16 * (n - 1), zero);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) store(z + 16 * (i * n + j), i === j ? one : zero);
  for (let k = n - 3; k >= 0; k--) {
    b.set(beta, load(a(k, k)));
    for (let j = k + 1; j < n; j++) b.set(v[j]!, load(a(j, k)));
    for (let r = k + 1; r < n; r++) {
      b.set(sum, zero);
      for (let j = k + 1; j < n; j++) b.set(sum, madd(module, load(z + 16 * (r * n + j)), v[j]!, sum));
      b.set(sum, f64x2.mul(sum, beta));
      for (let j = k + 1; j < n; j++) {
        const at = z + 16 * (r * n + j);
        store(at, nmadd(module, sum, v[j]!, load(at)));
      }
    }
  }
}

/** QL steps for one eigenvalue after the other. Rows are counted through by 16 times their number. */
function steps(module: WasmModule, b: Body, n: number, scratch: Local): Local {
  const { z, d, e } = places(n);
  const [l, i, at, row, count] = b.locals("i32", 5);
  const [one, zero, failed] = [b.local("v128", 1), b.local("v128", 0), b.local("v128", 0)];
  const [ratio, entry] = [b.local("v128", negligibleRatio), b.local("v128", negligibleEntry)];
  // m as a number, d[m]; the row's number while it is looked for and gone through.
  const [m, dm, number, working] = b.locals("v128", 4);
  const [g, c, s, p, f, h, r, t] = b.locals("v128", 8);
  const [active, isLast, cz, sz, x, y] = b.locals("v128", 6);
  const where = (k: Local) => b.set(at, i32.add(scratch, k));
  const load = (offset: number) => v128.load(at, offset);
  /** Stores where the mask has ones. */
  const put = (offset: number, value: Value, mask: Local) =>
    b.do(v128.store(at, v128.bitselect(value, load(offset), mask), offset));
  const last = 16 * (n - 2);
  const down = (body: () => void) => {
    b.set(i, last);
    b.set(number, n - 2);
    b.doWhile(
      () => {
        where(i);
        body();
        b.set(i, i32.sub(i, 16));
        b.set(number, f64x2.sub(number, one));
      },
      i32.geS(i, l),
    );
  };
  b.for(l, 0, 16 * (n - 1), 16, () => {
    b.set(count, 0);
    b.doWhile(
      () => {
        b.set(m, n - 1);
        b.set(dm, v128.load(scratch, d + 16 * (n - 1)));
        down(() => {
          const size = f64x2.add(f64x2.abs(load(d)), f64x2.abs(load(d + 16)));
          const limit = f64x2.pmax(f64x2.mul(size, ratio), entry);
          b.set(active, f64x2.le(f64x2.abs(load(e)), limit));
          b.set(m, v128.bitselect(number, m, active));
          b.set(dm, v128.bitselect(load(d), dm, active));
        });
        // The row before l is where the loop ended.
        b.set(working, f64x2.gt(m, f64x2.add(number, one)));
        b.if(v128.anyTrue(working), () => {
          b.set(count, i32.add(count, 1));
          where(l);
          const double = f64x2.add(load(e), load(e));
          b.set(g, f64x2.div(f64x2.sub(load(d + 16), load(d)), double));
          b.set(r, f64x2.sqrt(madd(module, g, g, one)));
          b.set(g, v128.bitselect(f64x2.sub(g, r), f64x2.add(g, r), f64x2.lt(g, zero)));
          b.set(g, f64x2.add(f64x2.sub(dm, load(d)), f64x2.div(load(e), g)));
          b.set(c, one);
          b.set(s, one);
          b.set(p, zero);
          b.set(m, f64x2.sub(m, one));
          down(() => {
            b.set(active, v128.and(f64x2.le(number, m), working));
            b.if(v128.anyTrue(active), () => {
              b.set(f, f64x2.mul(s, load(e)));
              b.set(h, f64x2.mul(c, load(e)));
              b.set(r, f64x2.sqrt(madd(module, g, g, f64x2.mul(f, f))));
              b.set(isLast, f64x2.eq(number, m));
              put(e + 16, v128.andnot(r, isLast), active);
              b.set(x, f64x2.sub(load(d + 16), p));
              b.set(s, v128.bitselect(f64x2.div(f, r), s, active));
              b.set(c, v128.bitselect(f64x2.div(g, r), c, active));
              b.set(t, f64x2.mul(c, h));
              b.set(t, f64x2.add(t, t));
              b.set(t, madd(module, f64x2.sub(load(d), x), s, t));
              b.set(p, v128.bitselect(f64x2.mul(s, t), p, active));
              put(d + 16, f64x2.add(x, p), active);
              b.set(g, v128.bitselect(f64x2.sub(f64x2.mul(c, t), h), g, active));
              b.set(cz, v128.bitselect(c, one, active));
              b.set(sz, v128.and(s, active));
              b.set(row, i32.add(scratch, i32.mul(i, n)));
              for (let k = 0; k < n; k++) {
                const [here, below] = [z + 16 * k, z + 16 * (n + k)];
                b.set(x, v128.load(row, here));
                b.set(y, v128.load(row, below));
                b.do(v128.store(row, madd(module, sz, x, f64x2.mul(cz, y)), below));
                b.do(v128.store(row, nmadd(module, sz, y, f64x2.mul(cz, x)), here));
              }
            });
          });
          where(l);
          put(d, f64x2.sub(load(d), p), working);
          put(e, g, working);
        });
      },
      i32.and(v128.anyTrue(working), i32.ltS(count, mostSteps)),
    );
    b.if(i32.geS(count, mostSteps), () => b.set(failed, f64x2.eq(zero, zero)));
  });
  return failed;
}
