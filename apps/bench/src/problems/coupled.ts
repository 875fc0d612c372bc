// Problems of variable dimension whose terms couple far variables: arrowheads, wide windows, cycles and dense groups.
// Sources and optima as in `chains.ts`.
import { abs, cos, type Expr, mul, pow, sin, square, sub, sum } from "@hessia/core/kernel";
import { fourth } from "./classic-terms.js";
import { cutest, range, singles, state, type TestProblem } from "./collection.js";

export const coupled: readonly TestProblem[] = [
  state({
    name: "ARWHEAD",
    n: 5000,
    reference: cutest("Conn, Gould, Lescrenier, Toint 1994"),
    start: () => 1,
    optimum: 0,
    blocks: () => [
      {
        indices: range(0, 4998).map((i) => [i, 4999]),
        term: ([x, y]) => square(square(x!).add(square(y!))).add(sub(3, mul(4, x!))),
      },
    ],
  }),
  state({
    name: "BDQRTIC",
    n: 1000,
    reference: cutest("Conn, Gould, Lescrenier, Toint 1994, problem 61"),
    start: () => 1,
    optimum: 3983.81795,
    blocks: () => [
      {
        indices: range(0, 995).map((i) => [i, i + 1, i + 2, i + 3, 999]),
        term: ([a, b, c, d, e]) =>
          square(sub(3, mul(4, a!))).add(
            square(sum([square(a!), mul(2, square(b!)), mul(3, square(c!)), mul(4, square(d!)), mul(5, square(e!))])),
          ),
      },
    ],
  }),
  state({
    name: "BROYDN7D",
    n: 1000,
    reference: cutest("Toint 1983, a seven-diagonal variant of Broyden's system, power 7/3"),
    start: () => 1,
    optimum: 345.2165246255638,
    blocks: () => {
      const n = 1000;
      const own = (x: Expr) => sub(3, mul(2, x)).mul(x).add(1);
      const power = (x: Expr) => pow(abs(x), 7 / 3);
      return [
        { indices: [[0, 1]], term: ([x, y]) => power(own(x!).sub(mul(2, y!))) },
        {
          indices: range(1, n - 2).map((i) => [i - 1, i, i + 1]),
          term: ([w, x, y]) => power(own(x!).sub(w!).sub(mul(2, y!))),
        },
        { indices: [[n - 2, n - 1]], term: ([w, x]) => power(own(x!).sub(w!)) },
        { indices: range(0, n / 2 - 1).map((i) => [i, i + n / 2]), term: ([x, y]) => power(x!.add(y!)) },
      ];
    },
  }),
  state({
    name: "CURLY10",
    n: 1000,
    reference: cutest("Gould 1996"),
    start: (i) => (1e-4 * (i + 1)) / 1001,
    optimum: -100316.29,
    blocks: () => {
      const windows = range(0, 999).map((i) => range(i, Math.min(999, i + 10)));
      const curl = (x: Expr[]) => {
        const q = sum(x);
        return q.mul(q.mul(square(q).sub(20)).sub(0.1));
      };
      return range(1, 11).map((width) => ({
        indices: windows.filter((window) => window.length === width),
        term: curl,
      }));
    },
  }),
  state({
    name: "LIARWHD",
    n: 5000,
    reference: cutest("Li 1988 (an arrowhead Hessian)"),
    start: () => 4,
    optimum: 0,
    blocks: () => [
      { indices: [[0]], term: ([x]) => mul(4, square(square(x!).sub(x!))).add(square(x!.sub(1))) },
      {
        indices: range(1, 4999).map((i) => [i, 0]),
        term: ([x, first]) => mul(4, square(square(x!).sub(first!))).add(square(x!.sub(1))),
      },
    ],
  }),
  state({
    name: "NONCVXU2",
    n: 1000,
    reference: cutest("Gould 1995 (a nonconvex sparse quadratic with cosines)"),
    start: (i) => i + 1,
    optimum: 2316.8084,
    blocks: () => {
      const n = 1000;
      const rows = range(1, n).map((i) => [i - 1, (2 * i - 1) % n, (3 * i - 1) % n]);
      return [{ indices: rows, term: ([x, y, z]) => square(sum([x!, y!, z!])).add(mul(4, cos(sum([x!, y!, z!])))) }];
    },
  }),
  state({
    name: "NONDIA",
    n: 5000,
    reference: cutest("Shanno 1978 (nondiagonal Rosenbrock); Buckley 1989"),
    start: () => -1,
    optimum: 0,
    blocks: () => [
      { indices: [[0]], term: ([x]) => square(x!.sub(1)).add(mul(100, square(x!.sub(square(x!))))) },
      { indices: range(1, 4998).map((i) => [0, i]), term: ([first, x]) => mul(100, square(first!.sub(square(x!)))) },
    ],
  }),
  state({
    name: "NONDQUAR",
    n: 1000,
    reference: cutest("Conn, Gould, Lescrenier, Toint 1994, problem 57 (nondiagonal quartic)"),
    start: (i) => (i % 2 === 0 ? 1 : -1),
    optimum: 0,
    blocks: () => [
      { indices: [[0, 1]], term: ([x, y]) => square(x!.sub(y!)) },
      { indices: [[998, 999]], term: ([x, y]) => square(x!.sub(y!)) },
      { indices: range(0, 997).map((i) => [i, i + 1, 999]), term: ([x, y, last]) => fourth(sum([x!, y!, last!])) },
    ],
  }),
  state({
    name: "POWER",
    n: 500,
    reference: cutest("Oren 1974, problem 10; Buckley 1989"),
    start: () => 1,
    optimum: 0,
    blocks: () => [
      {
        groups: 1,
        inner: [
          {
            indices: singles(500),
            data: range(1, 500).map((i) => [i]),
            group: new Array<number>(500).fill(0),
            term: ([x], [i]) => i!.mul(square(x!)),
          },
        ],
        outer: (s) => square(s),
      },
    ],
  }),
  state({
    name: "SINQUAD",
    n: 1000,
    reference: cutest("Gould 1989"),
    start: () => 0.1,
    optimum: 0,
    blocks: () => [
      { indices: [[0]], term: ([x]) => fourth(x!.sub(1)) },
      {
        indices: range(1, 998).map((i) => [0, i, 999]),
        term: ([first, x, last]) => square(sin(x!.sub(last!)).sub(square(first!)).add(square(x!))),
      },
      { indices: [[0, 999]], term: ([first, last]) => square(square(last!).sub(square(first!))) },
    ],
  }),
  state({
    name: "SPARSQUR",
    n: 1000,
    reference: cutest("Gould 1996 (a sparse quartic, cycling variables)"),
    start: () => 0.5,
    optimum: 0,
    blocks: () => {
      const n = 1000;
      const rows = range(1, n).map((i) => [i - 1, ...[2, 3, 5, 7, 11].map((k) => (k * i - 1) % n)]);
      return [
        {
          indices: rows,
          data: range(1, n).map((i) => [i]),
          term: (x, [i]) => mul(0.125, i!).mul(square(sum(x.map((xj) => square(xj))))),
        },
      ];
    },
  }),
  state({
    name: "TQUARTIC",
    n: 5000,
    reference: cutest("Gould 1990 (a quartic with an arrowhead Hessian)"),
    start: () => 0.1,
    optimum: 0,
    blocks: () => [
      { indices: [[0]], term: ([x]) => square(x!.sub(1)) },
      { indices: range(1, 4999).map((i) => [0, i]), term: ([first, x]) => square(square(first!).sub(square(x!))) },
    ],
  }),
];
