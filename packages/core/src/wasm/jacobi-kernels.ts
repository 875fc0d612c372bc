// One sweep of one-sided Jacobi rotations, as linear/jacobi-sweep.ts has it.
import { sweepBlock } from "../linear/dense/jacobi-sweep.js";
import { type Body, call, type FunctionHandle, type Local, type Value, type WasmModule } from "./assembler.js";
import { f64, f64x2, i32, madd, nmadd, select, v128 } from "./instructions.js";

/** Defines jacobiSweep(n, g, j, squares, tolerance): addresses in bytes, j = 0 where there is none. Answers how many pairs were rotated. */
export function defineJacobi(module: WasmModule): void {
  const dot = defineDot(module);
  const rotate = defineRotate(module);
  module.function(
    { n: "i32", g: "i32", j: "i32", squares: "i32", tolerance: "f64" },
    "i32",
    (b, { n, g, j, squares, tolerance }) => {
      const [pb, qb, p, q, pEnd, qEnd, rotated] = b.locals("i32", 7);
      const [one, other, off, t, c, s] = b.locals("f64", 6);
      const bytes = b.local("i32", i32.shl(n, 3));
      const row = (base: Local, k: Local) => i32.add(base, i32.mul(k, bytes));
      const square = (k: Local) => i32.add(squares, i32.shl(k, 3));
      const end = (from: Local) => select("i32", n, i32.add(from, sweepBlock), i32.gtS(i32.add(from, sweepBlock), n));
      const visit = () => {
        b.set(one, f64.load(square(p)));
        b.set(other, f64.load(square(q)));
        b.set(off, call(dot, bytes, row(g, p), row(g, q)));
        const limit = f64.mul(f64.mul(tolerance, f64.sqrt(one)), f64.sqrt(other));
        b.if(f64.gt(f64.abs(off), limit), () => {
          b.set(rotated, i32.add(rotated, 1));
          b.set(s, f64.div(f64.sub(other, one), f64.mul(2, off)));
          b.set(t, f64.add(f64.abs(s), f64.sqrt(f64.add(1, f64.mul(s, s)))));
          b.set(t, f64.div(select("f64", 1, -1, f64.ge(s, 0)), t));
          b.set(c, f64.div(1, f64.sqrt(f64.add(1, f64.mul(t, t)))));
          b.set(s, f64.mul(t, c));
          b.do(call(rotate, bytes, row(g, p), row(g, q), c, s));
          b.if(j, () => b.do(call(rotate, bytes, row(j, p), row(j, q), c, s)));
          b.set(t, f64.mul(t, off));
          b.do(f64.store(square(p), f64.max(0, f64.sub(one, t))));
          b.do(f64.store(square(q), f64.add(other, t)));
        });
      };
      b.for(pb, 0, n, sweepBlock, () => {
        b.set(pEnd, end(pb));
        b.for(qb, pb, n, sweepBlock, () => {
          b.set(qEnd, end(qb));
          b.for(p, pb, pEnd, 1, () => {
            const first = i32.add(p, 1);
            b.for(q, select("i32", first, qb, i32.gtS(first, qb)), qEnd, 1, visit);
          });
        });
      });
      return rotated;
    },
    "jacobiSweep",
  );
}

/** Runs over `bytes` of two rows: eight numbers at a time, pairs, and a last number alone. */
function along(
  b: Body,
  bytes: Local,
  wide: (offset: number, part: number) => void,
  single: () => void,
  at: Local,
): void {
  b.while(i32.leS(at, i32.sub(bytes, 64)), () => {
    for (let part = 0; part < 4; part++) wide(16 * part, part);
    b.set(at, i32.add(at, 64));
  });
  b.while(i32.leS(at, i32.sub(bytes, 16)), () => {
    wide(0, 0);
    b.set(at, i32.add(at, 16));
  });
  b.if(i32.ltS(at, bytes), single);
}

/** dot(bytes, x, y) */
function defineDot(module: WasmModule): FunctionHandle {
  return module.function({ bytes: "i32", x: "i32", y: "i32" }, "f64", (b, { bytes, x, y }) => {
    const at = b.local("i32");
    const sums = b.locals("v128", 4);
    const [p, q] = [i32.add(x, at), i32.add(y, at)];
    const add = (load: typeof v128.load, offset: number, part: number) =>
      b.set(sums[part]!, madd(module, load(p, offset), load(q, offset), sums[part]!));
    along(
      b,
      bytes,
      (offset, part) => add(v128.load, offset, part),
      () => add(v128.load64Zero, 0, 0),
      at,
    );
    const [s0, s1, s2, s3] = sums as [Local, Local, Local, Local];
    b.set(sums[0]!, f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3)));
    return f64.add(f64x2.lane(sums[0]!, 0), f64x2.lane(sums[0]!, 1));
  });
}

/** rotate(bytes, x, y, c, s): x ← c x − s y, y ← s x + c y. */
function defineRotate(module: WasmModule): FunctionHandle {
  return module.function(
    { bytes: "i32", x: "i32", y: "i32", c: "f64", s: "f64" },
    "none",
    (b, { bytes, x, y, c, s }) => {
      const at = b.local("i32");
      const [cs, ss] = [b.local("v128", f64x2.splat(c)), b.local("v128", f64x2.splat(s))];
      const [u, v] = [b.local("v128"), b.local("v128")];
      const [p, q] = [i32.add(x, at), i32.add(y, at)];
      const turn = (
        load: typeof v128.load,
        put: (address: Value, value: Value, offset: number) => void,
        offset: number,
      ) => {
        b.set(u, load(p, offset));
        b.set(v, load(q, offset));
        put(p, nmadd(module, ss, v, f64x2.mul(cs, u)), offset);
        put(q, madd(module, ss, u, f64x2.mul(cs, v)), offset);
      };
      along(
        b,
        bytes,
        (offset) => turn(v128.load, (to, value, o) => b.do(v128.store(to, value, o)), offset),
        () => turn(v128.load64Zero, (to, value) => b.do(v128.store64Lane(to, value, 0)), 0),
        at,
      );
    },
  );
}
