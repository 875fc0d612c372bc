// Problems of variable dimension whose terms couple neighbours only (banded Hessians), in the style of the CUTEst collection (Bongartz, Conn, Gould, Toint 1995; Gould, Orban,
// Toint 2015), from their published statements: Toint 1983 ("Test problems for partially separable optimization"),
// Conn, Gould, Toint 1992 (LANCELOT's set), Buckley 1989 ("Test functions for unconstrained minimization"), Fletcher 1992,
// Luksan, Matonoha, Vlcek 2018 ("Problems for unconstrained optimization"). Indices in the comments run from 1.
// Optima: exact where the minimum is plain; else as the collection's own solution lines give them.
import { add, cos, div, exp, mul, pow, sin, square, sub, sum, tan } from "@hessia/core/kernel";
import { fourth, rosenbrock, wood } from "./classic-terms.js";
import { cutest, pairs, range, singles, state, type TestProblem, triples } from "./collection.js";

export const chains: readonly TestProblem[] = [
  state({
    name: "CHAINWOO",
    n: 1000,
    reference: cutest("Conn, Gould, Toint 1988, problem 8 (chained Wood function)"),
    start: (i) => (i < 4 ? [-3, -1, -3, -1][i]! : i % 2 === 0 ? -2 : 0),
    optimum: 1,
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
    blocks: () => [
      { indices: triples(5000), term: ([x, y, z]) => square(x!).add(mul(100, square(y!).add(square(z!)))) },
    ],
  }),
  state({
    name: "EDENSCH",
    n: 2000,
    reference: cutest("Li 1988 (extended Dennis and Schnabel problem)"),
    start: () => 8,
    optimum: 12003.2845,
    blocks: () => [
      {
        indices: pairs(2000),
        term: ([x, y]) => sum([fourth(x!.sub(2)), square(x!.mul(y!).sub(mul(2, y!))), square(y!.add(1))]),
      },
      { indices: [[0]], term: ([x]) => mul(0, x!).add(16) },
    ],
  }),
  state({
    name: "ENGVAL1",
    n: 5000,
    reference: cutest("Buckley 1989; Toint 1983, problem 31"),
    start: () => 2,
    optimum: 5548.668419415849,
    blocks: () => [
      { indices: pairs(5000), term: ([x, y]) => square(square(x!).add(square(y!))).add(sub(3, mul(4, x!))) },
    ],
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
    optimum: -0.5014290312667,
    blocks: () => {
      const n = 1000;
      const h2 = 1 / (n + 1) ** 2;
      return [
        { indices: [[0], [n - 1]], term: ([x]) => mul(0.5, square(x!)) },
        { indices: pairs(n), term: ([x, y]) => mul(0.5, square(x!.sub(y!))) },
        {
          indices: singles(n),
          data: range(1, n).map((i) => [i === n ? -1 - 2 * h2 : -2 * h2]),
          term: ([x], [c]) => c!.mul(x!).sub(mul(h2, cos(x!))),
        },
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
          square(x!.sub(13).add(sub(5, y!).mul(y!).sub(2).mul(y!))).add(
            square(x!.sub(29).add(y!.add(1).mul(y!).sub(14).mul(y!))),
          ),
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
        term: ([x, y]) =>
          square(sin(mul(2, x!)))
            .mul(square(sin(mul(2, y!))))
            .add(mul(0.05, square(x!).add(square(y!)))),
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
    name: "QUARTC",
    n: 5000,
    reference: cutest("Buckley 1989, problem 157"),
    start: () => 2,
    optimum: 0,
    blocks: () => [
      { indices: singles(5000), data: range(1, 5000).map((i) => [i]), term: ([x], [i]) => fourth(x!.sub(i!)) },
    ],
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
    name: "TOINTGSS",
    n: 5000,
    reference: cutest("Toint 1983 (Gaussian)"),
    start: () => 3,
    optimum: 9.994002399041067,
    blocks: () => [
      {
        indices: triples(5000),
        term: ([x, y, z]) =>
          square(z!)
            .add(10 / 5002)
            .mul(sub(2, exp(div(square(x!.sub(y!)), square(z!).add(0.1)).neg()))),
      },
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
      {
        indices: pairs(5000),
        data: range(2, 5000).map((i) => [i]),
        term: ([x, y], [i]) => i!.mul(square(mul(2, y!).sub(x!))),
      },
    ],
  }),
  state({
    name: "WOODS",
    n: 4000,
    reference: cutest("Colville 1968; Conn, Gould, Toint 1988"),
    start: (i) => (i % 2 === 0 ? -3 : -1),
    optimum: 0,
    blocks: () => [
      { indices: range(0, 999).map((k) => range(4 * k, 4 * k + 3)), term: ([a, b, c, d]) => wood(a!, b!, c!, d!) },
    ],
  }),
];
