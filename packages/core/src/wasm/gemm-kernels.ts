// Matrix products in WebAssembly: packed micro-panels and a 4 × 4 register block.
//
// Goto, van de Geijn 2008, "Anatomy of high-performance matrix multiplication", ACM TOMS 34(3), §4–6; Van Zee, van de Geijn 2015, "BLIS",
// ACM TOMS 41(3). Blocks of A (mc × kc) stay in the second cache, micro-panels of B (kc × 4) in the first.
// Matrices are row-major; addresses and strides are bytes.
//
// 1. Entries of A are packed twice each, so that the register block loads them into both lanes without a shuffle.
// 2. The steps of the inner loop stand in nested branches that are always taken: the engine's scheduler doesn't move loads across them,
//    and so all sums stay in registers (measured: 21 GFLOP/s with them, 10 without, on a core that can do 23). Blocks of 5 × 4 and 6 × 4, which
//    would suit fused multiply-add better, don't (13 and 16 GFLOP/s where 4 × 4 makes 27).
import { call, type FunctionHandle, type Value, type WasmModule } from "./assembler.js";
import { f64, f64x2, i32, madd, v128 } from "./instructions.js";

/** Rows and columns of the register block. */
export const tile = 4;

/** Defines packB and gemmTask. */
export function defineGemm(module: WasmModule): void {
  const packA = definePack(module, undefined, true);
  definePack(module, "packB", false);
  const micro = defineMicro(module);
  const edge = defineEdge(module, micro);
  const macro = defineMacro(module, micro, edge);
  defineTask(module, packA, macro);
}

/**
 * pack(to, from, rowStride, colStride, rows, depth, alpha): micro-panels of four rows, each as `depth` groups of four numbers, filled up with
 * zeros. Of A each number twice, times alpha; of B, whose columns take the place of rows, once and as it is.
 */
function definePack(module: WasmModule, as: string | undefined, ofA: boolean): FunctionHandle {
  const bytes = ofA ? 16 : 8;
  return module.function(
    { to: "i32", from: "i32", rowStride: "i32", colStride: "i32", rows: "i32", depth: "i32", alpha: "f64" },
    "none",
    (b, { to, from, rowStride, colStride, rows, depth, alpha }) => {
      const i = b.local("i32");
      const p = b.local("i32");
      const source = [0, 1, 2, 3].map(() => b.local("i32"));
      const left = b.local("i32");
      const factor = b.local("v128", f64x2.splat(alpha));
      const put = (r: number) =>
        ofA
          ? v128.store(to, f64x2.mul(factor, v128.load64Splat(source[r]!)), bytes * r)
          : f64.store(to, f64.load(source[r]!), bytes * r);
      const none = (r: number) => (ofA ? v128.store(to, 0, bytes * r) : f64.store(to, 0, bytes * r));
      const advance = () => {
        for (const s of source) b.set(s, i32.add(s, colStride));
        b.set(to, i32.add(to, bytes * tile));
      };
      b.for(i, 0, rows, tile, () => {
        b.set(source[0]!, i32.add(from, i32.mul(i, rowStride)));
        for (let r = 1; r < tile; r++) b.set(source[r]!, i32.add(source[r - 1]!, rowStride));
        b.set(left, i32.sub(rows, i));
        b.if(
          i32.geS(left, tile),
          () =>
            b.for(p, 0, depth, 1, () => {
              for (let r = 0; r < tile; r++) b.do(put(r));
              advance();
            }),
          () =>
            b.for(p, 0, depth, 1, () => {
              b.do(put(0));
              for (let r = 1; r < tile; r++) {
                b.if(
                  i32.gtS(left, r),
                  () => b.do(put(r)),
                  () => b.do(none(r)),
                );
              }
              advance();
            }),
        );
      });
    },
    as,
  );
}

/** micro(depth, a, b, c, cStride): C += A B for one 4 × 4 block, A and B packed, depth ≥ 1. */
function defineMicro(module: WasmModule): FunctionHandle {
  return module.function(
    { depth: "i32", a: "i32", b: "i32", c: "i32", cStride: "i32" },
    "none",
    (body, { depth, a, b, c, cStride }) => {
      const sums = Array.from({ length: tile }, () => [body.local("v128"), body.local("v128")] as const);
      const left = body.local("v128");
      const right = body.local("v128");
      const factor = body.local("v128");
      const steps = 8;
      const step = (u: number) => {
        body.set(left, v128.load(b, 32 * u));
        body.set(right, v128.load(b, 32 * u + 16));
        for (let r = 0; r < tile; r++) {
          body.set(factor, v128.load(a, 64 * u + 16 * r));
          body.set(sums[r]![0], madd(module, factor, left, sums[r]![0]));
          body.set(sums[r]![1], madd(module, factor, right, sums[r]![1]));
        }
        if (u + 1 < steps) body.if(i32.gtS(depth, u + 1), () => step(u + 1));
      };
      body.doWhile(
        () => {
          step(0);
          body.set(a, i32.add(a, 64 * steps));
          body.set(b, i32.add(b, 32 * steps));
          body.set(depth, i32.sub(depth, steps));
        },
        i32.gtS(depth, 0),
      );
      for (let r = 0; r < tile; r++) {
        body.do(v128.store(c, f64x2.add(v128.load(c), sums[r]![0])));
        body.do(v128.store(c, f64x2.add(v128.load(c, 16), sums[r]![1]), 16));
        if (r < tile - 1) body.set(c, i32.add(c, cStride));
      }
    },
  );
}

/**
 * edge(depth, a, b, c, cStride, rows, cols, below, spare): a block of which only rows × cols entries exist; with below < 4 · 4 only the
 * entries with column ≤ row + below. `spare` are 128 bytes.
 */
function defineEdge(module: WasmModule, micro: FunctionHandle): FunctionHandle {
  return module.function(
    {
      depth: "i32",
      a: "i32",
      b: "i32",
      c: "i32",
      cStride: "i32",
      rows: "i32",
      cols: "i32",
      below: "i32",
      spare: "i32",
    },
    "none",
    (body, { depth, a, b, c, cStride, rows, cols, below, spare }) => {
      for (let at = 0; at < 8 * tile * tile; at += 16) body.do(v128.store(spare, 0, at));
      body.do(call(micro, depth, a, b, spare, 8 * tile));
      const r = body.local("i32");
      const s = body.local("i32");
      const last = body.local("i32");
      const target = body.local("i32");
      const source = body.local("i32");
      body.for(r, 0, rows, 1, () => {
        body.set(last, i32.add(i32.add(r, below), 1));
        body.if(i32.gtS(last, cols), () => body.set(last, cols));
        body.set(target, c);
        body.set(source, i32.add(spare, i32.mul(r, 8 * tile)));
        body.for(s, 0, last, 1, () => {
          body.do(f64.store(target, f64.add(f64.load(target), f64.load(source))));
          body.set(target, i32.add(target, 8));
          body.set(source, i32.add(source, 8));
        });
        body.set(c, i32.add(c, cStride));
      });
    },
  );
}

/**
 * macro(rows, cols, depth, a, b, c, cStride, lower, offset, spare): C += A B of packed blocks. With `lower` only entries with column ≤
 * row + offset are touched.
 */
function defineMacro(module: WasmModule, micro: FunctionHandle, edge: FunctionHandle): FunctionHandle {
  return module.function(
    {
      rows: "i32",
      cols: "i32",
      depth: "i32",
      a: "i32",
      b: "i32",
      c: "i32",
      cStride: "i32",
      lower: "i32",
      offset: "i32",
      spare: "i32",
    },
    "none",
    (body, { rows, cols, depth, a, b, c, cStride, lower, offset, spare }) => {
      const i = body.local("i32");
      const j = body.local("i32");
      const panelA = body.local("i32");
      const at = body.local("i32");
      const below = body.local("i32");
      const panelBytes = body.local("i32", i32.mul(depth, 8 * tile));
      const panelBytesA = body.local("i32", i32.mul(depth, 16 * tile));
      const rowStep = i32.mul(cStride, tile);
      body.for(j, 0, cols, tile, () => {
        body.set(panelA, a);
        body.set(at, i32.add(c, i32.shl(j, 3)));
        body.for(i, 0, rows, tile, () => {
          body.set(below, 2 * tile * tile);
          body.if(lower, () => body.set(below, i32.sub(i32.add(i, offset), j)));
          const inside = i32.and(
            i32.and(i32.leS(i, i32.sub(rows, tile)), i32.leS(j, i32.sub(cols, tile))),
            i32.geS(below, tile - 1),
          );
          body.if(i32.geS(below, 1 - tile), () =>
            body.if(
              inside,
              () => body.do(call(micro, depth, panelA, b, at, cStride)),
              () =>
                body.do(
                  call(
                    edge,
                    depth,
                    panelA,
                    b,
                    at,
                    cStride,
                    least(i32.sub(rows, i)),
                    least(i32.sub(cols, j)),
                    below,
                    spare,
                  ),
                ),
            ),
          );
          body.set(panelA, i32.add(panelA, panelBytesA));
          body.set(at, i32.add(at, rowStep));
        });
        body.set(b, i32.add(b, panelBytes));
      });
    },
  );
}

/** min(value, tile), for value ≥ 1: the value is written twice. */
const least = (value: Value) => ({
  type: "i32" as const,
  bytes: [i32.const(tile).bytes, lifted(value), i32.gtS(value, tile).bytes, 0x1b],
});
const lifted = (value: Value) => (typeof value === "number" ? i32.const(value).bytes : value.bytes);

/**
 * gemmTask(task, first, blockRows, rows, cols, depth, a, aRow, aCol, alpha, packed, packedBytes, b, c, cStride, lower, offset): packs rows
 * first + task · blockRows … of α A into the task's own place and adds their product with the packed B to C.
 */
function defineTask(module: WasmModule, packA: FunctionHandle, macro: FunctionHandle): void {
  module.function(
    {
      task: "i32",
      first: "i32",
      blockRows: "i32",
      rows: "i32",
      cols: "i32",
      depth: "i32",
      a: "i32",
      aRow: "i32",
      aCol: "i32",
      alpha: "f64",
      packed: "i32",
      packedBytes: "i32",
      b: "i32",
      c: "i32",
      cStride: "i32",
      lower: "i32",
      offset: "i32",
    },
    "none",
    (body, g) => {
      const i = body.local("i32", i32.add(g.first, i32.mul(g.task, g.blockRows)));
      const count = body.local("i32", i32.sub(g.rows, i));
      body.if(i32.gtS(count, g.blockRows), () => body.set(count, g.blockRows));
      const place = body.local("i32", i32.add(g.packed, i32.mul(g.task, g.packedBytes)));
      const cols = body.local("i32", g.cols);
      // Of a lower triangle a block of rows has no entries beyond its last row.
      body.if(g.lower, () => {
        const limit = body.local("i32", i32.add(i32.add(i, count), g.offset));
        body.if(i32.gtS(cols, limit), () => body.set(cols, limit));
      });
      body.if(i32.gtS(cols, 0), () => {
        body.do(call(packA, place, i32.add(g.a, i32.mul(i, g.aRow)), g.aRow, g.aCol, count, g.depth, g.alpha));
        body.do(
          call(
            macro,
            count,
            cols,
            g.depth,
            place,
            g.b,
            i32.add(g.c, i32.mul(i, g.cStride)),
            g.cStride,
            g.lower,
            i32.add(i, g.offset),
            i32.sub(i32.add(place, g.packedBytes), 8 * tile * tile),
          ),
        );
      });
    },
    "gemmTask",
  );
}
