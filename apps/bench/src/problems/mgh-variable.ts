// Problems (21) to (35), of variable dimension, of Moré, Garbow, Hillstrom 1981, "Testing unconstrained optimization software", ACM TOMS 7(1), §3:
// f(x) = Σ fᵢ(x)². Numbers in parentheses are the paper's. Optima are the paper's (zero where zero is attained).
import { add, cos, type Expr, exp, mul, pow, sin, square, sub, sum } from "@hessia/core/kernel";
import { powellSingular } from "./classic-terms.js";
import { range, type TestProblem } from "./collection.js";
import { mgh } from "./mgh.js";

const indices = (n: number) => [range(0, n - 1)];

function chebyquad(n: number, optimum: number): TestProblem {
  // f_i = (1/n) Σ_j T_i(x_j) − ∫₀¹ T_i, T_i the shifted Chebyshev polynomial; the integral is −1/(i² − 1) for even i, else 0.
  const chebyshev = (i: number, x: Expr): Expr => {
    const t = mul(2, x).sub(1);
    let previous: Expr = t;
    let current: Expr = mul(2, square(t)).sub(1);
    if (i === 1) return t;
    for (let k = 3; k <= i; k++) [previous, current] = [current, mul(2, t).mul(current).sub(previous)];
    return current;
  };
  return mgh(35, {
    name: `CHEBYQUAD${n}`,
    n,
    start: (j) => (j + 1) / (n + 1),
    optimum,
    blocks: () =>
      range(1, n).map((i) => ({
        groups: 1,
        inner: [
          {
            indices: range(0, n - 1).map((j) => [j]),
            group: new Array<number>(n).fill(0),
            term: ([x]: Expr[]) => chebyshev(i, x!),
          },
        ],
        outer: (s: Expr) => square(mul(1 / n, s).sub(i % 2 === 0 ? -1 / (i * i - 1) : 0)),
      })),
  });
}

function penalty2(n: number, optimum: number): TestProblem {
  const a = 1e-5;
  return mgh(24, {
    name: `PENALTY2-${n}`,
    n,
    start: () => 0.5,
    optimum,
    blocks: () => [
      { indices: [[0]], term: ([x]) => square(x!.sub(0.2)) },
      {
        indices: range(2, n).map((i) => [i - 1, i - 2]),
        data: range(2, n).map((i) => [Math.exp(i / 10) + Math.exp((i - 1) / 10)]),
        term: ([x, w], [y]) =>
          mul(
            a,
            square(
              exp(mul(0.1, x!))
                .add(exp(mul(0.1, w!)))
                .sub(y!),
            ),
          ),
      },
      {
        indices: range(1, n - 1).map((i) => [i]),
        term: ([x]) => mul(a, square(exp(mul(0.1, x!)).sub(Math.exp(-0.1)))),
      },
      {
        groups: 1,
        inner: [
          {
            indices: range(0, n - 1).map((j) => [j]),
            data: range(0, n - 1).map((j) => [n - j]),
            group: new Array<number>(n).fill(0),
            term: ([x], [weight]) => weight!.mul(square(x!)),
          },
        ],
        outer: (s) => square(s.sub(1)),
      },
    ],
  });
}

function penalty1(n: number, optimum: number): TestProblem {
  return mgh(23, {
    name: `PENALTY1-${n}`,
    n,
    start: (j) => j + 1,
    optimum,
    blocks: () => [
      { indices: range(0, n - 1).map((j) => [j]), term: ([x]) => mul(1e-5, square(x!.sub(1))) },
      {
        groups: 1,
        inner: [
          { indices: range(0, n - 1).map((j) => [j]), group: new Array<number>(n).fill(0), term: ([x]) => square(x!) },
        ],
        outer: (s) => square(s.sub(0.25)),
      },
    ],
  });
}

/** Σⱼ weightⱼ · xⱼ inside of an outer function: for the linear functions. */
const linearGroups = (n: number, rows: number[][], outer: (s: Expr) => Expr) => ({
  groups: rows.length,
  inner: [
    {
      indices: rows.flatMap((row) => row.flatMap((weight, j) => (weight === 0 ? [] : [[j]]))),
      data: rows.flatMap((row) => row.flatMap((weight) => (weight === 0 ? [] : [[weight]]))),
      group: rows.flatMap((row, k) => row.flatMap((weight) => (weight === 0 ? [] : [k]))),
      term: ([x]: Expr[], [weight]: Expr[]) => weight!.mul(x!),
    },
  ],
  outer,
  n,
});

export const mghVariable: readonly TestProblem[] = [
  mgh(21, {
    name: "SROSENBR",
    n: 5000,
    start: (i) => (i % 2 === 0 ? -1.2 : 1),
    optimum: 0,
    blocks: () => [
      {
        indices: range(0, 2499).map((k) => [2 * k, 2 * k + 1]),
        term: ([x, y]) => mul(100, square(y!.sub(square(x!)))).add(square(sub(1, x!))),
      },
    ],
  }),
  mgh(22, {
    name: "POWELLSG",
    n: 5000,
    start: (i) => [3, -1, 0, 1][i % 4]!,
    optimum: 0,
    blocks: () => [
      {
        indices: range(0, 1249).map((k) => range(4 * k, 4 * k + 3)),
        term: ([a, b, c, d]) => powellSingular(a!, b!, c!, d!),
      },
    ],
  }),
  penalty1(10, 7.0876515e-5),
  penalty1(500, 4.778845434672e-3),
  penalty2(10, 2.9366e-4),
  penalty2(100, 97096.083954688),
  mgh(25, {
    name: "VARDIM",
    n: 200,
    start: (j) => 1 - (j + 1) / 200,
    optimum: 0,
    blocks: () => [
      { indices: range(0, 199).map((j) => [j]), term: ([x]) => square(x!.sub(1)) },
      {
        groups: 1,
        inner: [
          {
            indices: range(0, 199).map((j) => [j]),
            data: range(1, 200).map((j) => [j]),
            group: new Array<number>(200).fill(0),
            term: ([x], [w]) => w!.mul(x!.sub(1)),
          },
        ],
        outer: (s) => square(s).add(square(square(s))),
      },
    ],
  }),
  mgh(26, {
    name: "TRIGON50",
    n: 50,
    start: () => 1 / 50,
    optimum: 0,
    blocks: () => [
      {
        groups: 50,
        inner: [
          {
            indices: range(0, 49).flatMap(() => range(0, 49).map((j) => [j])),
            group: range(0, 49).flatMap((k) => new Array<number>(50).fill(k)),
            term: ([x]) => sub(1, cos(x!)),
          },
          {
            indices: range(0, 49).map((i) => [i]),
            data: range(1, 50).map((i) => [i]),
            group: range(0, 49),
            term: ([x], [i]) => i!.mul(sub(1, cos(x!))).sub(sin(x!)),
          },
        ],
        outer: (s) => square(s),
      },
    ],
  }),
  mgh(27, {
    name: "BROWNAL10",
    n: 10,
    start: () => 0.5,
    optimum: 0,
    blocks: () => [
      linearGroups(
        10,
        range(0, 8).map((i) => range(0, 9).map((j) => (i === j ? 2 : 1))),
        (s) => square(s.sub(11)),
      ),
      { indices: indices(10), term: (x) => square(x.reduce((product, xj) => product.mul(xj)).sub(1)) },
    ],
  }),
  mgh(28, {
    name: "MOREBV",
    n: 1000,
    start: (j) => ((j + 1) / 1001) * ((j + 1) / 1001 - 1),
    optimum: 0,
    blocks: () => {
      const n = 1000;
      const h = 1 / (n + 1);
      const cube = (x: Expr, t: Expr) => mul(0.5 * h * h, pow(x.add(t).add(1), 3));
      return [
        {
          indices: range(1, n - 2).map((i) => [i - 1, i, i + 1]),
          data: range(1, n - 2).map((i) => [(i + 1) * h]),
          term: ([w, x, y], [t]) => square(mul(2, x!).sub(w!).sub(y!).add(cube(x!, t!))),
        },
        {
          indices: [
            [0, 1],
            [n - 1, n - 2],
          ],
          data: [[h], [n * h]],
          term: ([x, y], [t]) => square(mul(2, x!).sub(y!).add(cube(x!, t!))),
        },
      ];
    },
  }),
  mgh(29, {
    name: "INTEGREQ50",
    n: 50,
    start: (j) => ((j + 1) / 51) * ((j + 1) / 51 - 1),
    optimum: 0,
    blocks: () => {
      const n = 50;
      const h = 1 / (n + 1);
      const weight = (i: number, j: number) => 0.5 * h * (j <= i ? (1 - i * h) * j * h : i * h * (1 - j * h));
      const pairs = range(1, n).flatMap((i) => range(1, n).map((j) => [i, j] as const));
      return [
        {
          groups: n,
          inner: [
            { indices: range(0, n - 1).map((i) => [i]), group: range(0, n - 1), term: ([x]) => x! },
            {
              indices: pairs.map(([, j]) => [j - 1]),
              data: pairs.map(([i, j]) => [weight(i, j), j * h]),
              group: pairs.map(([i]) => i - 1),
              term: ([x], [w, t]) => w!.mul(pow(x!.add(t!).add(1), 3)),
            },
          ],
          outer: (s) => square(s),
        },
      ];
    },
  }),
  mgh(30, {
    name: "BROYDN3D",
    n: 5000,
    start: () => -1,
    optimum: 0,
    blocks: () => {
      const n = 5000;
      const own = (x: Expr) => sub(3, mul(2, x)).mul(x).add(1);
      return [
        { indices: [[0, 1]], term: ([x, y]) => square(own(x!).sub(mul(2, y!))) },
        {
          indices: range(1, n - 2).map((i) => [i - 1, i, i + 1]),
          term: ([w, x, y]) => square(own(x!).sub(w!).sub(mul(2, y!))),
        },
        { indices: [[n - 2, n - 1]], term: ([w, x]) => square(own(x!).sub(w!)) },
      ];
    },
  }),
  mgh(31, {
    name: "BRYBND",
    n: 1000,
    start: () => -1,
    optimum: 0,
    blocks: () => {
      const n = 1000;
      const rows = range(0, n - 1).map((i) => [
        i,
        ...range(Math.max(0, i - 5), Math.min(n - 1, i + 1)).filter((j) => j !== i),
      ]);
      const arities = [...new Set(rows.map((row) => row.length))];
      return arities.map((arity) => ({
        indices: rows.filter((row) => row.length === arity),
        term: ([x, ...others]: Expr[]) =>
          square(
            x!
              .mul(add(2, mul(5, square(x!))))
              .add(1)
              .sub(sum(others.map((xj) => xj.mul(xj.add(1))))),
          ),
      }));
    },
  }),
  mgh(32, {
    name: "ARGLINA",
    n: 100,
    start: () => 1,
    optimum: 100,
    blocks: () => [
      linearGroups(
        100,
        range(0, 199).map((i) => range(0, 99).map((j) => (i === j ? 1 : 0) - 2 / 200)),
        (s) => square(s.sub(1)),
      ),
    ],
  }),
  mgh(33, {
    name: "ARGLINB10",
    n: 10,
    start: () => 1,
    optimum: (20 * 19) / (2 * 41),
    blocks: () => [
      linearGroups(
        10,
        range(1, 20).map((i) => range(1, 10).map((j) => i * j)),
        (s) => square(s.sub(1)),
      ),
    ],
  }),
  mgh(34, {
    name: "ARGLINC10",
    n: 10,
    start: () => 1,
    optimum: (400 + 60 - 6) / (2 * 37),
    blocks: () => [
      linearGroups(
        10,
        range(2, 19).map((i) => range(1, 10).map((j) => (j === 1 || j === 10 ? 0 : (i - 1) * j))),
        (s) => square(s.sub(1)),
      ),
      // The first and the last residual are the constant −1.
      { indices: [[0]], term: ([x]) => mul(0, x!).add(2) },
    ],
  }),
  chebyquad(8, 3.5168737256779e-3),
  chebyquad(10, 4.7727136e-3),
  chebyquad(50, 5.38631531701176e-3),
];
