// Dense figures: products, Cholesky, eigenvalues, singular values, exponentials, batches of small matrices, against ml-matrix, mathjs and numpy.
import {
  choleskyFactorize,
  type DenseBackend,
  denseMatrix,
  expInto,
  logSumExpRowsInto,
  svd,
  symmetricEigen,
} from "@hessia/core/linear";
import { wasmBackend } from "@hessia/core/wasm";
import { create, all as mathjsAll } from "mathjs";
import { CholeskyDecomposition, EigenvalueDecomposition, Matrix, SingularValueDecomposition } from "ml-matrix";
import {
  clock,
  type FigureContext,
  type Figures,
  interleaved,
  type Measured,
  ratioClaim,
  type Timer,
} from "../../figures.js";
import { startPython } from "../../peers/python.js";
import type { Claim } from "../../row.js";
import { batchFigures } from "./batches.js";
import { random, rows, symmetric, using } from "./inputs.js";
import { withRelaxed } from "./peaks.js";
import { peakClaim, placed, twoThreads } from "./products.js";
import { worstExpError } from "./ulp.js";

const mathjs = create(mathjsAll);

type Times = Readonly<Record<string, { readonly ms: number | null; readonly note?: string }>>;

/** The dense figures; two-thread figures are the best of several medians, as something else may be running on the second core. */
export async function denseFigures(context: FigureContext): Promise<Figures> {
  const { quick, signal, say, machine } = context;
  const measured: Measured[] = [];
  const claims: Claim[] = [];
  const rounds = quick ? 1 : 7;
  const python = await startPython(["numpy"]);
  const numpy = "numpy (OpenBLAS, 1 thread)";
  const pythonTimer = async (setup: string, expression: string): Promise<Record<string, Timer>> => {
    if (python === undefined) return {};
    await python.prepare(setup);
    return { [numpy]: () => python.time(expression) };
  };
  const plain = wasmBackend({ relaxed: false });
  const relaxed = withRelaxed(() => wasmBackend({ relaxed: true }));
  const wasm: [string, DenseBackend][] = [];
  if (plain !== undefined) wasm.push(["hessia wasm", plain]);
  if (relaxed !== undefined) wasm.push(["hessia wasm-relaxed", relaxed]);
  /** `work` by each of the WebAssembly backends; it is compiled here, while relaxed SIMD is on. */
  const ours = (work: () => unknown): Record<string, Timer> =>
    Object.fromEntries(
      wasm.map(([name, backend]) => {
        withRelaxed(using(backend, work));
        return [name, clock(using(backend, work))];
      }),
    );
  /** The same for work that lies in a backend's own memory. */
  const inPlace = (make: (backend: DenseBackend) => () => unknown): Record<string, Timer> =>
    Object.fromEntries(
      wasm.map(([name, backend]) => {
        const run = make(backend);
        withRelaxed(run);
        return [name, clock(run)];
      }),
    );
  const figure = async (
    kernel: string,
    size: Pick<Measured, "flops" | "bytes" | "items">,
    contenders: Readonly<Record<string, Timer>>,
    count = rounds,
  ): Promise<Times> => {
    say(kernel);
    const times = await interleaved(contenders, count, signal);
    for (const [contender, { ms, note }] of Object.entries(times))
      measured.push({ kernel, contender, ms, ...size, ...(note === undefined ? {} : { note }) });
    return times;
  };

  try {
    for (const n of quick ? [128] : [512, 1024]) {
      const A = denseMatrix(n, n, random(n * n, 1));
      const B = denseMatrix(n, n, random(n * n, 2));
      const [mA, mB] = [A, B].map((M) => new Matrix(rows(M)));
      const [aRows, bRows] = [rows(A), rows(B)];
      const work = placed(A, B);
      const name = `gemm n = ${n}`;
      const flops = 2 * n ** 3;
      const times = await figure(
        name,
        { flops, bytes: 8 * 4 * n * n },
        {
          ...inPlace(work),
          "ml-matrix": clock(() => mA!.mmul(mB!)),
          ...(await pythonTimer(
            `A = np.random.default_rng(1).standard_normal((${n}, ${n})); B = A.T.copy(); C = np.zeros((${n}, ${n}))`,
            "np.matmul(A, B, out=C)",
          )),
        },
      );
      // mathjs takes seconds: one round is enough, and only of the smaller size.
      if (n <= 512) await figure(name, { flops }, { mathjs: clock(() => mathjs.multiply(aRows, bRows)) }, 1);
      const mine = times["hessia wasm"]?.ms;
      claims.push(
        peakClaim(`gemm-${n}-peak`, `${name}: of a register-only multiply-add loop`, flops, mine, machine.gflops),
        ratioClaim(`gemm-${n}-ml-matrix`, `${name}: faster than ml-matrix`, times["ml-matrix"]?.ms, mine, 18),
      );
      const fused = times["hessia wasm-relaxed"]?.ms;
      const best = mine == null || fused == null ? mine : Math.min(mine, fused);
      claims.push(
        ratioClaim(`gemm-${n}-numpy`, `${name}: of numpy's speed (OpenBLAS, 1 thread)`, times[numpy]?.ms, best, 0.333),
      );
      if (fused != null)
        claims.push(
          peakClaim(
            `gemm-${n}-peak-relaxed`,
            `${name}, relaxed multiply-add: of a register-only fused multiply-add loop`,
            flops,
            fused,
            machine.gflopsRelaxed,
          ),
        );
    }
    const { size: two, claim } = await twoThreads(quick, signal, say);
    measured.push(...two);
    claims.push(claim);
    measured.push(...(await batchFigures(context)));

    {
      const n = quick ? 100 : 1000;
      const A = symmetric(n, n);
      const mA = new Matrix(rows(A));
      const name = `Cholesky n = ${n}`;
      const times = await figure(
        name,
        { flops: n ** 3 / 3, bytes: 8 * n * n },
        {
          ...ours(() => choleskyFactorize(A)),
          "ml-matrix": clock(() => new CholeskyDecomposition(mA)),
          ...(await pythonTimer(
            `A = np.random.default_rng(1).standard_normal((${n}, ${n})); A = A + A.T + ${4 * n} * np.eye(${n})`,
            "np.linalg.cholesky(A)",
          )),
        },
      );
      claims.push(
        ratioClaim(
          "cholesky-1000",
          `${name}: faster than ml-matrix`,
          times["ml-matrix"]?.ms,
          times["hessia wasm"]?.ms,
          15,
        ),
      );
    }

    for (const n of quick ? [64] : [512, 1000]) {
      const A = symmetric(n, 0);
      const mA = new Matrix(rows(A));
      const name = `symmetric eigen n = ${n}`;
      const times = await figure(
        name,
        { flops: (16 / 3) * n ** 3, bytes: 8 * 2 * n * n },
        {
          ...ours(() => symmetricEigen(A)),
          "ml-matrix": clock(() => new EigenvalueDecomposition(mA, { assumeSymmetric: true })),
          ...(await pythonTimer(
            `A = np.random.default_rng(1).standard_normal((${n}, ${n})); A = A + A.T`,
            "np.linalg.eigh(A)",
          )),
        },
        quick ? 1 : 3,
      );
      if (n === 512)
        claims.push(
          ratioClaim(
            "eigen-512",
            `${name}: faster than ml-matrix`,
            times["ml-matrix"]?.ms,
            times["hessia wasm"]?.ms,
            8,
          ),
        );
    }

    for (const n of quick ? [48] : [256, 512]) {
      const A = denseMatrix(n, n, random(n * n, 5));
      const mA = new Matrix(rows(A));
      const times = await figure(
        `SVD n = ${n}`,
        { bytes: 8 * 3 * n * n },
        {
          ...ours(() => svd(A)),
          "ml-matrix": clock(() => new SingularValueDecomposition(mA)),
          ...(await pythonTimer(`A = np.random.default_rng(1).standard_normal((${n}, ${n}))`, "np.linalg.svd(A)")),
        },
        quick ? 1 : 3,
      );
      claims.push(
        ratioClaim(
          `svd-${n}`,
          `SVD n = ${n}: faster than ml-matrix`,
          times["ml-matrix"]?.ms,
          times["hessia wasm"]?.ms,
          2,
        ),
      );
    }

    {
      const count = quick ? 10_000 : 1_000_000;
      const x = random(count, 3).map((t) => 10 * t);
      const out = new Float64Array(count);
      const name = `exp of ${count.toLocaleString("en")} doubles`;
      const loop = () => {
        for (let k = 0; k < count; k++) out[k] = Math.exp(x[k]!);
      };
      const lying = (backend: DenseBackend) => {
        const memory = backend.allocate(2 * count);
        memory.set(x);
        return using(backend, () => expInto(memory.subarray(count), memory.subarray(0, count)));
      };
      const times = await figure(
        name,
        { items: count, bytes: 16 * count },
        {
          ...inPlace(lying),
          ...Object.fromEntries(
            Object.entries(ours(() => expInto(out, x))).map(([label, timer]) => [`${label}, copied`, timer]),
          ),
          "Math.exp in a loop": clock(loop),
          ...(await pythonTimer(
            `x = np.random.default_rng(1).uniform(-10, 10, ${count}); y = np.zeros(${count})`,
            "np.exp(x, out=y)",
          )),
        },
      );
      const byLoop = times["Math.exp in a loop"]?.ms;
      claims.push(
        ratioClaim(
          "exp",
          `${name}, in the kernels' memory: faster than Math.exp in a loop`,
          byLoop,
          times["hessia wasm"]?.ms,
          4,
        ),
        ratioClaim(
          "exp-copied",
          `${name}, from any array: faster than Math.exp in a loop`,
          byLoop,
          times["hessia wasm, copied"]?.ms,
          4,
        ),
        expClaim(quick, wasm),
      );
      const side = Math.floor(Math.sqrt(count));
      const M = denseMatrix(side, side, random(side * side, 4));
      const v = random(side, 5);
      await figure(
        `log-sum-exp of ${side} × ${side} rows`,
        { items: side * side, bytes: 8 * side * side },
        {
          ...ours(() => logSumExpRowsInto(out.subarray(0, side), M, v)),
          ...(await pythonTimer(
            `M = np.random.default_rng(1).standard_normal((${side}, ${side})); v = M[0].copy()`,
            "T = M + v; t = T.max(axis=1); t + np.log(np.exp(T - t[:, None]).sum(axis=1))",
          )),
        },
      );
    }
  } finally {
    python?.close();
  }
  return { measured, claims, curves: [] };
}

function expClaim(quick: boolean, backends: readonly (readonly [string, DenseBackend])[]): Claim {
  const x = random(quick ? 1000 : 20_000, 9).map((t) => 700 * t);
  const errors = backends.map(([, backend]) => {
    let error = 0;
    using(backend, () => {
      error = worstExpError(x, expInto(new Float64Array(x.length), x));
    })();
    return error;
  });
  const worst = Math.max(...errors);
  return {
    id: "exp-ulp",
    statement: "exp: largest error, against integers of 160 bits",
    goal: "≤ 2 ulp",
    measured: `${worst.toFixed(2)} ulp`,
    holds: worst <= 2,
  };
}
