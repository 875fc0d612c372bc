// Sparse figures: symmetric factorization on grids and on the Hessian of a mesh, against packages from npm and SciPy.
//
// "numeric" is a factorization with the analysis at hand and the factor's memory used again. The npm packages can't keep an analysis: theirs is
// in their time (given our order, they are spared the search for one), and SciPy's splu analyses each time too.
import {
  amd,
  analyze,
  type SparseMatrix,
  type Symbolic,
  sparseFactorize,
  sparseFromTriplets,
} from "@hessia/core/linear";
import { prepare } from "cholesky-solve";
// @ts-expect-error numeric brings no types.
import numeric from "numeric";
import {
  clock,
  type FigureContext,
  type Figures,
  interleaved,
  type Measured,
  ratioClaim,
  type Timer,
  timeClaim,
} from "../../figures.js";
import { type PythonPeer, startPython } from "../../peers/python.js";
import type { Claim } from "../../row.js";
import { assemble, stretchedGrid, valueGradientHessian } from "../../yardsticks/symmetric-dirichlet.js";

const scipy = "SciPy splu (SuperLU, analysis included)";
const npm = "cholesky-solve (analysis included, our order)";

/** The Laplacian of a grid with the given sides: 2 k on the diagonal in k dimensions, −1 for each neighbour. Lower triangle. */
export function gridLaplacian(sides: readonly number[]): SparseMatrix {
  const n = sides.reduce((product, m) => product * m, 1);
  const entries = n * (1 + sides.length);
  const [i, j] = [new Int32Array(entries), new Int32Array(entries)];
  const v = new Float64Array(entries);
  let at = 0;
  const put = (row: number, column: number, value: number) => {
    i[at] = row;
    j[at] = column;
    v[at++] = value;
  };
  for (let k = 0; k < n; k++) {
    put(k, k, 2 * sides.length);
    let stride = 1;
    for (const m of sides) {
      if (Math.floor(k / stride) % m < m - 1) put(k + stride, k, -1);
      stride *= m;
    }
  }
  return sparseFromTriplets(n, n, i.subarray(0, at), j.subarray(0, at), v.subarray(0, at), { symmetric: true });
}

/** The Hessian of the symmetric Dirichlet energy on the stretched grid, and a shift that makes it positive definite. */
function meshHessian(cells: number): { A: SparseMatrix; shift: number } {
  const mesh = stretchedGrid(cells);
  const n = mesh.positions.length;
  const assembly = assemble(mesh, "lower");
  valueGradientHessian(mesh, assembly, new Float64Array(n), mesh.positions);
  const { colPointers, rowIndices, values } = assembly;
  const A: SparseMatrix = { kind: "sparse", rows: n, cols: n, colPointers, rowIndices, values, symmetric: true };
  const symbolic = analyze(A);
  let shift = 1e-3;
  while (sparseFactorize(symbolic, A, { shift }).failedAt >= 0) shift *= 2;
  return { A, shift };
}

/** Entries of L and D that are written, A that is read. */
const bytesOf = (S: Symbolic, A: SparseMatrix) => 8 * (S.panels.at(-1)! + S.n + A.values.length);
/** A multiplication and an addition each. */
const flopsOf = (S: Symbolic) => S.flops;

export async function sparseFigures({ quick, signal, say }: FigureContext): Promise<Figures> {
  const measured: Measured[] = [];
  const claims: Claim[] = [];
  const rounds = quick ? 1 : 5;
  /** Of quick runs nothing is claimed. */
  const claimed = (ms: number | null | undefined) => (quick ? undefined : ms);
  const python = await startPython(["numpy", "scipy.sparse.linalg"]);
  const figure = async (kernel: string, size: Partial<Measured>, contenders: Record<string, Timer>, count = rounds) => {
    say(kernel);
    const times = await interleaved(contenders, count, signal);
    for (const [contender, { ms, note }] of Object.entries(times))
      measured.push({ kernel, contender, ms, ...size, ...(note === undefined ? {} : { note }) });
    return times;
  };
  const oursOf = (S: Symbolic, A: SparseMatrix, shift = 0): Timer => {
    const into = sparseFactorize(S, A, { shift });
    if (into.failedAt >= 0) throw new Error(`not positive definite at unknown ${into.failedAt}`);
    return clock(() => sparseFactorize(S, A, { shift, into }));
  };

  try {
    const grids = quick
      ? [
          [30, 30],
          [8, 8, 8],
        ]
      : [
          [300, 300],
          [30, 30, 30],
        ];
    for (const sides of grids) {
      const A = gridLaplacian(sides);
      const name = `${sides.length === 2 ? "5-point" : "7-point"} Laplacian ${sides.join(" × ")}`;
      const S = analyze(A);
      const size = { flops: flopsOf(S), bytes: bytesOf(S, A) };
      const kernel = `sparse Cholesky, numeric: ${name}`;
      const times = await figure(kernel, size, {
        hessia: oursOf(S, A),
        ...(await splu(python, A)),
      });
      // Seconds: fewer rounds, and ours between them.
      const slow = await figure(
        kernel,
        size,
        {
          "hessia, again": oursOf(S, A),
          "hessia, analysis included": clock(() => sparseFactorize(analyze(A), A)),
          ...npmPeers(A, quick),
        },
        1,
      );
      const id = `sparse-${sides.length}d`;
      claims.push(
        ratioClaim(
          `${id}-scipy`,
          `${name}, numeric: of the speed of SciPy's splu`,
          claimed(times[scipy]?.ms),
          times.hessia?.ms,
          0.5,
        ),
        ratioClaim(
          `${id}-npm`,
          `${name}, numeric: faster than the fastest npm package found`,
          claimed(slow[npm]?.ms),
          slow["hessia, again"]?.ms,
          5,
        ),
      );
      await figure(
        `sparse analysis: ${name}`,
        { items: S.n },
        {
          "hessia fill": clock(() => analyze(A)),
          "hessia amd": clock(() => analyze(A, "amd")),
          "hessia nested-dissection": clock(() => analyze(A, "nested-dissection")),
        },
      );
    }

    {
      const cells = quick ? 15 : 224;
      const { A, shift } = meshHessian(cells);
      const S = analyze(A, "amd");
      const name = `mesh Hessian, n = ${A.cols.toLocaleString("en")}`;
      const numericTimes = await figure(
        `sparse Cholesky, numeric: ${name}`,
        { flops: flopsOf(S), bytes: bytesOf(S, A) },
        {
          hessia: oursOf(S, A, shift),
          ...(await splu(python, A, shift)),
        },
      );
      const analysis = await figure(
        `sparse analysis: ${name}`,
        { items: A.cols },
        {
          "hessia amd": clock(() => analyze(A, "amd")),
          "hessia fill": clock(() => analyze(A)),
        },
      );
      claims.push(
        timeClaim("sparse-mesh-numeric", `${name}, numeric, one thread`, claimed(numericTimes.hessia?.ms), 450),
        timeClaim("sparse-mesh-analysis", `${name}, analysis`, claimed(analysis["hessia amd"]?.ms), 120),
      );
    }

    if (!quick && !signal.aborted) claims.push(await millionUnknowns(figure));
  } finally {
    python?.close();
  }
  return { measured, claims, curves: [] };
}

/** 10⁶ unknowns in 2-D, and the most memory that the process has had. */
async function millionUnknowns(
  figure: (
    kernel: string,
    size: Partial<Measured>,
    contenders: Record<string, Timer>,
    count?: number,
  ) => Promise<unknown>,
): Promise<Claim> {
  const name = "5-point Laplacian 1000 × 1000";
  const A = gridLaplacian([1000, 1000]);
  const start = performance.now();
  const S = analyze(A, "amd");
  const analysis = performance.now() - start;
  const into = sparseFactorize(S, A);
  const again = () => sparseFactorize(S, A, { into });
  await figure(
    `sparse Cholesky, numeric: ${name}`,
    { flops: flopsOf(S), bytes: bytesOf(S, A) },
    { hessia: clock(again) },
    3,
  );
  const gigabytes = process.resourceUsage().maxRSS / 2 ** 20;
  return {
    id: "sparse-million",
    statement: `${name}: the process's memory at its largest, in this run`,
    goal: "< 4 GiB",
    measured: `${gigabytes.toFixed(2)} GiB (${(S.pointers[S.n]! / 1e6).toFixed(0)} million entries in L; analysis ${(analysis / 1000).toFixed(1)} s)`,
    holds: into.failedAt < 0 && gigabytes < 4,
  };
}

/** SciPy's LU of the whole matrix, with the order it recommends for symmetric patterns. */
async function splu(python: PythonPeer | undefined, A: SparseMatrix, shift = 0): Promise<Record<string, Timer>> {
  if (python === undefined) return {};
  const list = (name: string, values: ArrayLike<number>) =>
    python.prepare(`${name} = np.array(${JSON.stringify(Array.from(values))})`);
  await list("ip", A.colPointers);
  await list("ix", A.rowIndices);
  await list("v", A.values);
  await python.prepare(
    `import scipy.sparse as sp\nimport scipy.sparse.linalg as sl\nB = sp.csc_matrix((v, ix, ip), shape=(${A.rows}, ${A.cols}))\n` +
      `B = (B + sp.tril(B, -1).T + ${shift} * sp.identity(${A.cols})).tocsc()`,
  );
  const expression = "sl.splu(B, permc_spec='MMD_AT_PLUS_A', diag_pivot_thresh=0.0, options=dict(SymmetricMode=True))";
  return { [scipy]: () => python.time(expression) };
}

/** The packages of npm with a sparse factorization that ran: numeric's LU only in quick runs, as it takes minutes on the sizes of the others. */
function npmPeers(A: SparseMatrix, quick: boolean): Record<string, Timer> {
  const order = Array.from(amd(A));
  const upper: [number, number, number][] = [];
  const all: [number[], number[], number[]] = [[], [], []];
  const place = new Int32Array(A.cols);
  order.forEach((v, k) => {
    place[v] = k;
  });
  for (let j = 0; j < A.cols; j++) {
    for (let p = A.colPointers[j]!; p < A.colPointers[j + 1]!; p++) {
      const i = A.rowIndices[p]!;
      const a = A.values[p]!;
      upper.push([j, i, a]);
      if (!quick) continue;
      for (const [r, c] of i === j
        ? [[i, i]]
        : [
            [i, j],
            [j, i],
          ]) {
        all[0].push(place[r!]!);
        all[1].push(place[c!]!);
        all[2].push(a);
      }
    }
  }
  return {
    [npm]: once(() => prepare(upper, A.cols, order)),
    ...(quick ? { "numeric ccsLUP (our order)": once(() => numeric.ccsLUP(numeric.ccsScatter(all))) } : {}),
  };
}

const once =
  (work: () => unknown): Timer =>
  () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  };
