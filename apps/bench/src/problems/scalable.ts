// Problems of variable dimension, in the style of the CUTEst collection (Bongartz, Conn, Gould, Toint 1995; Gould, Orban,
// Toint 2015), from their published statements: Toint 1983 ("Test problems for partially separable optimization"),
// Conn, Gould, Toint 1992 (LANCELOT's set), Buckley 1989 ("Test functions for unconstrained minimization"), Fletcher 1992,
// Luksan, Matonoha, Vlcek 2018 ("Problems for unconstrained optimization"). Indices in the comments run from 1.
// Optima: exact where the minimum is plain; else as the collection's own solution lines give them.
import { type Expr, abs, add, cos, div, exp, mul, pow, sin, square, sub, sum, tan } from "@hessia/core/kernel";
import { range, state, type TestProblem } from "./collection.js";
import { wood } from "./mgh.js";

/** (first, first + 1), …, as index pairs from 0. */
const pairs = (n: number) => range(0, n - 2).map((i) => [i, i + 1]);
const triples = (n: number) => range(0, n - 3).map((i) => [i, i + 1, i + 2]);
const singles = (n: number) => range(0, n - 1).map((i) => [i]);
const fourth = (x: Expr) => square(square(x));
const rosenbrock = (x: Expr, y: Expr) => mul(100, square(y.sub(square(x))));

/** The family DIXMAANx (Dixon, Maany 1988): weights α, β, γ, δ and the powers of i/n on each of the four sums. n = 3m. */
function dixmaan(letter: string, n: number, [alpha, beta, gamma, delta]: number[], [k1, k2, k3, k4]: number[]): TestProblem {
  const m = n / 3;
  const weight = (factor: number, i: number, k: number) => factor * (i / n) ** k;
  return state({
    name: `DIXMAAN${letter}`,
    n,
    reference: "Dixon, Maany 1988; Luksan, Matonoha, Vlcek 2018",
    start: () => 2,
    optimum: 1,
    blocks: () => [
      { indices: singles(n), data: range(1, n).map((i) => [weight(alpha!, i, k1!), 1 / n]), term: ([x], [w, c]) => w!.mul(square(x!)).add(c!) },
      ...(beta === 0
        ? []
        : [{ indices: pairs(n), data: range(1, n - 1).map((i) => [weight(beta!, i, k2!)]), term: ([x, y]: Expr[], [w]: Expr[]) => w!.mul(square(x!)).mul(square(y!.add(square(y!)))) }]),
      { indices: range(0, 2 * m - 1).map((i) => [i, i + m]), data: range(1, 2 * m).map((i) => [weight(gamma!, i, k3!)]), term: ([x, y], [w]) => w!.mul(square(x!)).mul(fourth(y!)) },
      { indices: range(0, m - 1).map((i) => [i, i + 2 * m]), data: range(1, m).map((i) => [weight(delta!, i, k4!)]), term: ([x, y], [w]) => w!.mul(x!).mul(y!) },
    ],
  });
}

const cutest = (source: string) => `${source}; CUTEst`;

export const scalableProblems: readonly TestProblem[] = [
  state({
    name: "ARWHEAD",
    n: 5000,
    reference: cutest("Conn, Gould, Lescrenier, Toint 1994"),
    start: () => 1,
    optimum: 0,
    blocks: () => [{ indices: range(0, 4998).map((i) => [i, 4999]), term: ([x, y]) => square(square(x!).add(square(y!))).add(sub(3, mul(4, x!))) }],
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
          square(sub(3, mul(4, a!))).add(square(sum([square(a!), mul(2, square(b!)), mul(3, square(c!)), mul(4, square(d!)), mul(5, square(e!))]))),
      },
    ],
  }),
  state({
    name: "BROYDN7D",
    n: 1000,
    reference: cutest("Toint 1983, a seven-diagonal variant of Broyden's system, power 7/3"),
    start: () => 1,
    optimum: null,
    blocks: () => {
      const n = 1000;
      const own = (x: Expr) => sub(3, mul(2, x)).mul(x).add(1);
      const power = (x: Expr) => pow(abs(x), 7 / 3);
      return [
        { indices: [[0, 1]], term: ([x, y]) => power(own(x!).sub(mul(2, y!))) },
        { indices: range(1, n - 2).map((i) => [i - 1, i, i + 1]), term: ([w, x, y]) => power(own(x!).sub(w!).sub(mul(2, y!))) },
        { indices: [[n - 2, n - 1]], term: ([w, x]) => power(own(x!).sub(w!)) },
        { indices: range(0, n / 2 - 1).map((i) => [i, i + n / 2]), term: ([x, y]) => power(x!.add(y!)) },
      ];
    },
  }),
  state({
    name: "CHAINWOO",
    n: 1000,
    reference: cutest("Conn, Gould, Toint 1988, problem 8 (chained Wood function)"),
    start: (i) => (i < 4 ? [-3, -1, -3, -1][i]! : i % 2 === 0 ? -2 : 0),
    optimum: null,
    blocks: () => [
      { indices: range(0, 498).map((k) => range(2 * k, 2 * k + 3)), term: ([a, b, c, d]) => wood(a!, b!, c!, d!) },
      { indices: [[0]], term: ([x]) => mul(0, x!).add(1) },
    ],
  }),
  state({
    name: "COSINE",
    n: 10000,
    reference: cutest("Gould 2005"),
    start: () => 1,
    optimum: -9999,
    blocks: () => [{ indices: pairs(10000), term: ([x, y]) => cos(square(x!).sub(mul(0.5, y!))) }],
  }),
  state({
    name: "CRAGGLVY",
    n: 1000,
    reference: cutest("Toint 1983, problem 32 (chained Cragg and Levy)"),
    start: (i) => (i === 0 ? 1 : 2),
    optimum: 336.423,
    blocks: () => [
      {
        indices: range(0, 498).map((k) => range(2 * k, 2 * k + 3)),
        term: ([a, b, c, d]) =>
          sum([
            fourth(exp(a!).sub(b!)),
            mul(100, pow(b!.sub(c!), 6)),
            fourth(tan(c!.sub(d!)).add(c!).sub(d!)),
            pow(a!, 8),
            square(d!.sub(1)),
          ]),
      },
    ],
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
      return range(1, 11).map((width) => ({ indices: windows.filter((window) => window.length === width), term: curl }));
    },
  }),
  ...(["A", "B", "C", "D"] as const).map((letter, k) => dixmaan(letter, 3000, [[1, 0, 0.125, 0.125], [1, 0.0625, 0.0625, 0.0625], [1, 0.125, 0.125, 0.125], [1, 0.26, 0.26, 0.26]][k]!, [0, 0, 0, 0])),
  ...(["E", "F", "G", "H"] as const).map((letter, k) => dixmaan(letter, 3000, [[1, 0, 0.125, 0.125], [1, 0.0625, 0.0625, 0.0625], [1, 0.125, 0.125, 0.125], [1, 0.26, 0.26, 0.26]][k]!, [1, 0, 0, 1])),
  ...(["I", "J", "K", "L"] as const).map((letter, k) => dixmaan(letter, 3000, [[1, 0, 0.125, 0.125], [1, 0.0625, 0.0625, 0.0625], [1, 0.125, 0.125, 0.125], [1, 0.26, 0.26, 0.26]][k]!, [2, 0, 0, 2])),
  state({
    name: "DIXON3DQ",
    n: 1000,
    reference: cutest("Buckley 1989, p. 51 (Dixon's tridiagonal quadratic)"),
    start: () => -1,
    optimum: 0,
    blocks: () => [
      { indices: [[0], [999]], term: ([x]) => square(x!.sub(1)) },
      { indices: range(1, 998).map((i) => [i, i + 1]), term: ([x, y]) => square(x!.sub(y!)) },
    ],
  }),
  state({
    name: "DQDRTIC",
    n: 5000,
    reference: cutest("Toint 1983, problem 22"),
    start: () => 3,
    optimum: 0,
    blocks: () => [{ indices: triples(5000), term: ([x, y, z]) => square(x!).add(mul(100, square(y!).add(square(z!)))) }],
  }),
  state({
    name: "EDENSCH",
    n: 2000,
    reference: cutest("Li 1988 (extended Dennis and Schnabel problem)"),
    start: () => 8,
    optimum: 12003.2845,
    blocks: () => [
      { indices: pairs(2000), term: ([x, y]) => sum([fourth(x!.sub(2)), square(x!.mul(y!).sub(mul(2, y!))), square(y!.add(1))]) },
      { indices: [[0]], term: ([x]) => mul(0, x!).add(16) },
    ],
  }),
  state({
    name: "ENGVAL1",
    n: 5000,
    reference: cutest("Buckley 1989; Toint 1983, problem 31"),
    start: () => 2,
    optimum: null,
    blocks: () => [{ indices: pairs(5000), term: ([x, y]) => square(square(x!).add(square(y!))).add(sub(3, mul(4, x!))) }],
  }),
  state({
    name: "EXTROSNB",
    n: 100,
    reference: cutest("Toint 1978 (extended Rosenbrock, a singular Jacobian at the solution)"),
    start: () => -1,
    optimum: 0,
    blocks: () => [
      { indices: [[0]], term: ([x]) => square(x!.sub(1)) },
      { indices: pairs(100), term: ([x, y]) => rosenbrock(x!, y!) },
    ],
  }),
  state({
    name: "FLETCBV2",
    n: 1000,
    reference: cutest("Fletcher 1992, first problem, with κ = 1"),
    start: (i) => (i + 1) / 1001,
    optimum: null,
    blocks: () => {
      const n = 1000;
      const h2 = 1 / (n + 1) ** 2;
      return [
        { indices: [[0], [n - 1]], term: ([x]) => mul(0.5, square(x!)) },
        { indices: pairs(n), term: ([x, y]) => mul(0.5, square(x!.sub(y!))) },
        { indices: singles(n), data: range(1, n).map((i) => [i === n ? -1 - 2 * h2 : -2 * h2]), term: ([x], [c]) => c!.mul(x!).sub(mul(h2, cos(x!))) },
      ];
    },
  }),
  state({
    name: "FLETCHCR",
    n: 1000,
    reference: cutest("Fletcher 1992, second problem (chained Rosenbrock)"),
    start: () => 0,
    optimum: 0,
    blocks: () => [{ indices: pairs(1000), term: ([x, y]) => mul(100, square(y!.sub(x!).add(1).sub(square(x!)))) }],
  }),
  state({
    name: "FREUROTH",
    n: 1000,
    reference: cutest("Toint 1983, problem 33; Buckley 1989"),
    start: (i) => (i === 0 ? 0.5 : i === 1 ? -2 : 0),
    optimum: 121470,
    blocks: () => [
      {
        indices: pairs(1000),
        term: ([x, y]) =>
          square(x!.sub(13).add(sub(5, y!).mul(y!).sub(2).mul(y!))).add(square(x!.sub(29).add(y!.add(1).mul(y!).sub(14).mul(y!)))),
      },
    ],
  }),
  state({
    name: "GENHUMPS",
    n: 1000,
    reference: cutest("Gould 1997 (a chain of Dennis and Schnabel's humps)"),
    start: (i) => (i === 0 ? -506 : -506.2),
    optimum: 0,
    blocks: () => [
      {
        indices: pairs(1000),
        term: ([x, y]) => square(sin(mul(2, x!))).mul(square(sin(mul(2, y!)))).add(mul(0.05, square(x!).add(square(y!)))),
      },
    ],
  }),
  state({
    name: "GENROSE",
    n: 500,
    reference: cutest("Nash 1984 (generalized Rosenbrock); Buckley 1989"),
    start: (i) => (i + 1) / 501,
    optimum: 1,
    blocks: () => [
      { indices: pairs(500), term: ([x, y]) => rosenbrock(x!, y!).add(square(y!.sub(1))) },
      { indices: [[0]], term: ([x]) => mul(0, x!).add(1) },
    ],
  }),
  state({
    name: "LIARWHD",
    n: 5000,
    reference: cutest("Li 1988 (an arrowhead Hessian)"),
    start: () => 4,
    optimum: 0,
    blocks: () => [
      { indices: [[0]], term: ([x]) => mul(4, square(square(x!).sub(x!))).add(square(x!.sub(1))) },
      { indices: range(1, 4999).map((i) => [i, 0]), term: ([x, first]) => mul(4, square(square(x!).sub(first!))).add(square(x!.sub(1))) },
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
      { groups: 1, inner: [{ indices: singles(500), data: range(1, 500).map((i) => [i]), group: new Array<number>(500).fill(0), term: ([x], [i]) => i!.mul(square(x!)) }], outer: (s) => square(s) },
    ],
  }),
  state({
    name: "QUARTC",
    n: 5000,
    reference: cutest("Buckley 1989, problem 157"),
    start: () => 2,
    optimum: 0,
    blocks: () => [{ indices: singles(5000), data: range(1, 5000).map((i) => [i]), term: ([x], [i]) => fourth(x!.sub(i!)) }],
  }),
  state({
    name: "SCHMVETT",
    n: 1000,
    reference: cutest("Schmidt, Vetters 1970; Toint 1983, problem 35"),
    start: () => 0.5,
    optimum: -2994,
    blocks: () => [
      {
        indices: triples(1000),
        term: ([x, y, z]) =>
          sum([
            div(-1, add(1, square(x!.sub(y!)))),
            sin(mul(0.5, mul(Math.PI, y!).add(z!))).neg(),
            exp(square(x!.add(z!).div(y!).sub(2)).neg()).neg(),
          ]),
      },
    ],
  }),
  state({
    name: "SINQUAD",
    n: 1000,
    reference: cutest("Gould 1989"),
    start: () => 0.1,
    optimum: null,
    blocks: () => [
      { indices: [[0]], term: ([x]) => fourth(x!.sub(1)) },
      { indices: range(1, 998).map((i) => [0, i, 999]), term: ([first, x, last]) => square(sin(x!.sub(last!)).sub(square(first!)).add(square(x!))) },
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
      return [{ indices: rows, data: range(1, n).map((i) => [i]), term: (x, [i]) => mul(0.125, i!).mul(square(sum(x.map((xj) => square(xj))))) }];
    },
  }),
  state({
    name: "TOINTGSS",
    n: 5000,
    reference: cutest("Toint 1983 (Gaussian)"),
    start: () => 3,
    optimum: null,
    blocks: () => [
      {
        indices: triples(5000),
        term: ([x, y, z]) => square(z!).add(10 / 5002).mul(sub(2, exp(div(square(x!.sub(y!)), square(z!).add(0.1)).neg()))),
      },
    ],
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
  state({
    name: "TRIDIA",
    n: 5000,
    reference: cutest("Toint 1983, problem 8"),
    start: () => 1,
    optimum: 0,
    blocks: () => [
      { indices: [[0]], term: ([x]) => square(x!.sub(1)) },
      { indices: pairs(5000), data: range(2, 5000).map((i) => [i]), term: ([x, y], [i]) => i!.mul(square(mul(2, y!).sub(x!))) },
    ],
  }),
  state({
    name: "WOODS",
    n: 4000,
    reference: cutest("Colville 1968; Conn, Gould, Toint 1988"),
    start: (i) => (i % 2 === 0 ? -3 : -1),
    optimum: 0,
    blocks: () => [{ indices: range(0, 999).map((k) => range(4 * k, 4 * k + 3)), term: ([a, b, c, d]) => wood(a!, b!, c!, d!) }],
  }),
];
