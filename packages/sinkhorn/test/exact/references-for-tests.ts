// Transport problems whose optimal values were computed by another program: SciPy 1.17.1, linprog(method="highs"), whose version of HiGHS solves the linear program as such.
// The script, in Python, for n, m, p, a, b, d and whether some arcs are forbidden:
//
//   i, j = np.arange(n)[:, None], np.arange(m)[None, :]
//   C = ((a * i + b * j + d * i * j) % p).astype(float)
//   keep = (3 * i + 2 * j + i * j) % 4 != 0 if forbid else np.ones((n, m), bool)
//   r, c = 1 + (5 * np.arange(n)) % 11, 1 + (3 * np.arange(m)) % 7
//   c[-1] += r.sum() - c.sum()
//   A = np.zeros((n + m, n * m))
//   for k in range(n): A[k, k * m:(k + 1) * m] = 1
//   for k in range(m): A[n + k, k::m] = 1
//   linprog(C[keep], A_eq=A[:, keep.ravel()], b_eq=np.r_[r, c], method="highs").fun
//
// Costs and weights are whole numbers, and so are the optimal values.

export interface Reference {
  readonly name: string;
  readonly cost: number[][];
  readonly source: number[];
  readonly target: number[];
  readonly optimal: number;
}

function reference(
  name: string,
  [n, m, p, a, b, d]: readonly [number, number, number, number, number, number],
  forbid: boolean,
  optimal: number,
): Reference {
  const source = Array.from({ length: n }, (_, i) => 1 + ((5 * i) % 11));
  const target = Array.from({ length: m }, (_, j) => 1 + ((3 * j) % 7));
  const sum = (w: number[]) => w.reduce((total, value) => total + value, 0);
  target[m - 1] = target[m - 1]! + sum(source) - sum(target);
  const cost = source.map((_, i) =>
    target.map((__, j) => {
      const forbidden = forbid && (3 * i + 2 * j + i * j) % 4 === 0;
      return forbidden ? Number.POSITIVE_INFINITY : (a * i + b * j + d * i * j) % p;
    }),
  );
  return { name, cost, source, target, optimal };
}

export const references: readonly Reference[] = [
  reference("6 × 8", [6, 8, 101, 37, 91, 11], false, 957),
  reference("40 × 55", [40, 55, 10007, 7919, 4729, 31], false, 103165),
  reference("40 × 55 with forbidden arcs", [40, 55, 10007, 7919, 4729, 31], true, 200684),
];
