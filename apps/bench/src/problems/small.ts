// Small classics beside Moré, Garbow and Hillstrom's: from Dennis, Schnabel 1983 ("Numerical Methods for Unconstrained
// Optimization"), Himmelblau 1972, Hock, Schittkowski 1981, Buckley 1989, Osborne's and Dixon, Szegö's sets.
import { add, cos, div, type Expr, exp, log, mul, pow, sin, sqrt, square, sub, sum } from "@hessia/core/kernel";
import { fourth } from "./classic-terms.js";
import { range, type Statement, state, type TestProblem } from "./collection.js";

interface Small extends Omit<Statement, "n" | "start" | "blocks"> {
  readonly from: readonly number[];
  readonly f: (x: Expr[]) => Expr;
}

/** A problem of one term over all of its variables. */
const small = ({ from, f, ...rest }: Small): TestProblem =>
  state({
    ...rest,
    n: from.length,
    start: (i) => from[i]!,
    blocks: () => [{ indices: [range(0, from.length - 1)], term: f }],
  });

const hartman = {
  a: [
    [10, 3, 17, 3.5, 1.7, 8],
    [0.05, 10, 17, 0.1, 8, 14],
    [3, 3.5, 1.7, 10, 17, 8],
    [17, 8, 0.05, 10, 0.1, 14],
  ],
  c: [1, 1.2, 3, 3.2],
  p: [
    [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
    [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
    [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
    [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
  ],
};

export const smallProblems: readonly TestProblem[] = [
  small({
    name: "BRKMCC",
    reference: "Brock, McCormick; Buckley 1989",
    from: [2, 2],
    optimum: 0.16904267,
    f: ([x, y]) =>
      sum([
        square(x!.sub(2)),
        square(y!.sub(1)),
        div(0.04, sub(1, mul(0.25, square(x!))).sub(square(y!))),
        mul(5, square(x!.sub(mul(2, y!)).add(1))),
      ]),
  }),
  small({
    name: "CAMEL6",
    reference: "Dixon, Szegö 1978 (six-hump camel back)",
    from: [1.1, 1.1],
    optimum: -1.0316284534898774,
    f: ([x, y]) =>
      sum([
        mul(4, square(x!)),
        mul(-2.1, fourth(x!)),
        mul(1 / 3, pow(x!, 6)),
        x!.mul(y!),
        mul(-4, square(y!)),
        mul(4, fourth(y!)),
      ]),
  }),
  small({
    name: "CLIFF",
    reference: "Buckley 1989, p. 206",
    from: [0, -1],
    optimum: 0.1997866136777,
    f: ([x, y]) => sum([square(mul(0.01, x!).sub(0.03)), x!.neg().add(y!), exp(mul(20, x!.sub(y!)))]),
  }),
  small({
    name: "CUBE",
    reference: "Himmelblau 1972, problem 5",
    from: [-1.2, 1],
    optimum: 0,
    f: ([x, y]) => square(x!.sub(1)).add(mul(100, square(y!.sub(pow(x!, 3))))),
  }),
  small({
    name: "DENSCHNA",
    reference: "Dennis, Schnabel 1983, p. 81",
    from: [1, 1],
    optimum: 0,
    f: ([x, y]) => sum([fourth(x!), square(x!.add(y!)), square(exp(y!).sub(1))]),
  }),
  small({
    name: "DENSCHNB",
    reference: "Dennis, Schnabel 1983, p. 146",
    from: [1, 1],
    optimum: 0,
    f: ([x, y]) => sum([square(x!.sub(2)), square(x!.sub(2).mul(y!)), square(y!.add(1))]),
  }),
  small({
    name: "DENSCHNC",
    reference: "Dennis, Schnabel 1983, p. 149",
    from: [2, 3],
    optimum: 0,
    f: ([x, y]) => square(square(x!).add(square(y!)).sub(2)).add(square(exp(x!.sub(1)).add(pow(y!, 3)).sub(2))),
  }),
  small({
    name: "DENSCHND",
    reference: "Dennis, Schnabel 1983, p. 83",
    from: [10, 10, 10],
    optimum: 0,
    f: ([x, y, z]) =>
      sum([
        square(square(x!).add(pow(y!, 3)).sub(fourth(z!))),
        square(mul(2, x!).mul(y!).mul(z!)),
        square(mul(2, x!).mul(y!).sub(mul(3, y!).mul(z!)).add(x!.mul(z!))),
      ]),
  }),
  small({
    name: "DENSCHNE",
    reference: "Dennis, Schnabel 1983, p. 223",
    from: [2, 3, -8],
    optimum: 0,
    f: ([x, y, z]) => sum([square(x!), square(y!.add(square(y!))), square(exp(z!).sub(1))]),
  }),
  small({
    name: "DENSCHNF",
    reference: "Dennis, Schnabel 1983, p. 80",
    from: [2, 0],
    optimum: 0,
    f: ([x, y]) =>
      square(
        mul(2, square(x!.add(y!)))
          .add(square(x!.sub(y!)))
          .sub(8),
      ).add(
        square(
          mul(5, square(x!))
            .add(square(y!.sub(3)))
            .sub(9),
        ),
      ),
  }),
  small({
    name: "ENGVAL2",
    reference: "Engvall 1966; Buckley 1989, p. 53",
    from: [1, 2, 0],
    optimum: 0,
    f: ([x, y, z]) =>
      sum([
        square(sum([square(x!), square(y!), square(z!)]).sub(1)),
        square(sum([square(x!), square(y!), square(z!.sub(2))]).sub(1)),
        square(sum([x!, y!, z!]).sub(1)),
        square(x!.add(y!).sub(z!).add(1)),
        square(sum([pow(x!, 3), mul(3, square(y!)), square(mul(5, z!).sub(x!).add(1))]).sub(36)),
      ]),
  }),
  small({
    name: "HAIRY",
    reference: "Gould 1991 (a hairy function in two variables)",
    from: [-5, -7],
    optimum: 20,
    f: ([x, y]) =>
      sum([
        mul(30, square(sin(mul(7, x!)))).mul(square(cos(mul(7, y!)))),
        mul(100, sqrt(add(0.01, square(x!.sub(y!))))),
        mul(100, sqrt(add(0.01, square(x!)))),
      ]),
  }),
  small({
    name: "HART6",
    reference: "Hartman 1973; Dixon, Szegö 1978 (without its box)",
    from: [0.2, 0.2, 0.2, 0.2, 0.2, 0.2],
    optimum: -3.32236801,
    f: (x) =>
      sum(
        hartman.c.map((c, k) =>
          mul(-c, exp(sum(x.map((xj, j) => mul(hartman.a[k]![j]!, square(xj.sub(hartman.p[k]![j]!))))).neg())),
        ),
      ),
  }),
  small({
    name: "HIMMELBG",
    reference: "Himmelblau 1972, problem 33",
    from: [0.5, 0.5],
    optimum: 0,
    f: ([x, y]) =>
      mul(2, square(x!))
        .add(mul(3, square(y!)))
        .mul(exp(x!.add(y!).neg())),
  }),
  small({
    name: "HIMMELBH",
    reference: "Himmelblau 1972, problem 35",
    from: [0, 2],
    optimum: -1,
    f: ([x, y]) => sum([mul(-3, x!), mul(-2, y!), pow(x!, 3), square(y!), mul(0, x!).add(2)]),
  }),
  small({
    name: "HIMMELBLAU",
    reference: "Himmelblau 1972, problem 29",
    from: [1, 1],
    optimum: 0,
    f: ([x, y]) => square(square(x!).add(y!).sub(11)).add(square(x!.add(square(y!)).sub(7))),
  }),
  small({
    name: "HUMPS",
    reference: "Dennis, Schnabel 1983, p. 142",
    from: [-506, -506.2],
    optimum: 0,
    f: ([x, y]) =>
      square(sin(mul(20, x!)))
        .mul(square(sin(mul(20, y!))))
        .add(mul(0.05, square(x!).add(square(y!)))),
  }),
  small({
    name: "LOGHAIRY",
    reference: "Gould 1991 (the logarithm of HAIRY)",
    from: [-500, -700],
    optimum: 0.1823215567939546,
    f: ([x, y]) =>
      log(
        sum([
          mul(30, square(sin(mul(7, x!)))).mul(square(cos(mul(7, y!)))),
          mul(100, sqrt(add(0.01, square(x!.sub(y!))))),
          mul(100, sqrt(add(0.01, square(x!)))),
          mul(0, x!).add(100),
        ]).div(100),
      ),
  }),
  small({
    name: "LOGROS",
    reference: "Gould 2000 (the logarithm of Rosenbrock's function, without its bounds)",
    from: [-1.2, 1],
    optimum: 0,
    f: ([x, y]) => log(add(1, mul(1e4, square(y!.sub(square(x!))))).add(square(sub(1, x!)))),
  }),
  small({
    name: "MEXHAT",
    reference: "Brown, Bartholomew-Biggs 1987 (the mexican hat, penalty 1e5)",
    from: [0.86, 0.72],
    optimum: -0.04001,
    f: ([x, y]) =>
      mul(-2, square(x!.sub(1))).add(
        mul(
          1e5,
          square(
            mul(1e4, square(y!.sub(square(x!))))
              .add(square(x!.sub(1)))
              .sub(0.02),
          ),
        ),
      ),
  }),
  small({
    name: "SISSER",
    reference: "Sisser 1982; Buckley 1989, p. 216",
    from: [1, 0.1],
    optimum: 0,
    f: ([x, y]) => sum([mul(3, fourth(x!)), mul(-2, square(x!.mul(y!))), mul(3, fourth(y!))]),
  }),
  small({
    name: "SNAIL",
    reference: "Griewank (a spiral valley)",
    from: [10, 10],
    optimum: 0,
    f: ([x, y]) => {
      const r2 = square(x!).add(square(y!));
      const r = sqrt(r2);
      // r cos(r − θ), written without the angle θ of (x, y).
      const turned = x!.mul(cos(r)).add(y!.mul(sin(r)));
      return r2.div(add(1, r2)).mul(add(1, mul(1.5, r)).sub(mul(0.5, turned)));
    },
  }),
  small({
    name: "TWOWELLS",
    reference: "two Gaussian wells, a saddle between (start on the ridge)",
    from: [0.1, 1.5],
    optimum: -1.006364999033631,
    f: ([x, y]) =>
      sum([
        exp(square(x!.sub(1)).add(square(y!)).neg()).neg(),
        mul(-0.8, exp(square(x!.add(1)).add(square(y!)).neg())),
        mul(0.01, square(x!).add(square(y!))),
      ]),
  }),
  small({
    name: "ZANGWIL2",
    reference: "Zangwill 1967; Buckley 1989, p. 7",
    from: [3, 8],
    optimum: -18.2,
    f: ([x, y]) =>
      mul(
        1 / 15,
        sum([mul(16, square(x!)), mul(16, square(y!)), mul(-8, x!.mul(y!)), mul(-56, x!), mul(-256, y!)]).add(991),
      ),
  }),
];
