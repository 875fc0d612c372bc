// Matrix products that lie in a backend's own memory, on one and on two threads, and what they reach of the machine's peak.
import { type DenseBackend, type DenseMatrix, denseMatrix, multiplyInto } from "@hessia/core/linear";
import { startThreads, wasmBackend } from "@hessia/core/wasm";
import { clock, interleaved, type Measured, ratioClaim } from "../../figures.js";
import type { Claim } from "../../row.js";
import { random, using } from "./inputs.js";

/** C ← A B with all three in the backend's own memory, as a solver has them. */
export function placed(A: DenseMatrix, B: DenseMatrix): (backend: DenseBackend) => () => unknown {
  return (backend) => {
    const n = A.rows;
    const memory = backend.allocate(3 * n * n);
    const part = (k: number) => denseMatrix(n, n, memory.subarray(k * n * n, (k + 1) * n * n));
    part(0).data.set(A.data);
    part(1).data.set(B.data);
    const [a, b, c] = [part(0), part(1), part(2)];
    return using(backend, () => multiplyInto(c, a, b));
  };
}

/** A product's share of a peak. */
export function peakClaim(
  id: string,
  statement: string,
  flops: number,
  ms: number | null | undefined,
  peak: number | null,
): Claim {
  const goal = "≥ 90 %";
  if (ms == null || peak === null) return { id, statement, goal, measured: null, holds: null };
  const gflops = flops / ms / 1e6;
  return {
    id,
    statement,
    goal,
    measured: `${((100 * gflops) / peak).toFixed(0)} % (${gflops.toFixed(1)} of ${peak.toFixed(1)} GFLOP/s)`,
    holds: gflops >= 0.9 * peak,
  };
}

/** gemm on one and on two threads, in turn. */
export async function twoThreads(
  quick: boolean,
  signal: AbortSignal,
  say: (what: string) => void,
): Promise<{ size: Measured[]; claim: Claim }> {
  const n = quick ? 128 : 1024;
  const kernel = `gemm n = ${n}, two threads`;
  say(kernel);
  const id = "gemm-threads";
  const statement = `gemm n = ${n}: two threads against one (best of five medians)`;
  const absent = { id, statement, goal: "≥ 1.8 ×", measured: null, holds: null };
  let pool: Awaited<ReturnType<typeof startThreads>>;
  try {
    pool = await startThreads(2);
  } catch {
    return { size: [], claim: absent };
  }
  try {
    const one = wasmBackend({ relaxed: false });
    const two = wasmBackend({ relaxed: false, threads: pool });
    if (one === undefined || two === undefined) return { size: [], claim: absent };
    const [A, B] = [1, 2].map((seed) => denseMatrix(n, n, random(n * n, seed)));
    const work = placed(A!, B!);
    const contenders = { one: clock(work(one)), two: clock(work(two)) };
    let best: [number, number] | undefined;
    for (let turn = 0; turn < (quick ? 1 : 5); turn++) {
      const { one: a, two: b } = await interleaved(contenders, 3, signal);
      if (a?.ms == null || b?.ms == null) break;
      if (best === undefined || a.ms / b.ms > best[0] / best[1]) best = [a.ms, b.ms];
    }
    const flops = 2 * n ** 3;
    return {
      size: (best ?? []).map((ms, k) => ({
        kernel,
        contender: `hessia wasm, ${k + 1} thread${k === 0 ? "" : "s"}`,
        ms,
        flops,
      })),
      claim: ratioClaim(id, statement, best?.[0], best?.[1], 1.8),
    };
  } finally {
    pool.close();
  }
}
