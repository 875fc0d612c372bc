// Problems (1) to (20), of fixed dimension, of Moré, Garbow, Hillstrom 1981, "Testing unconstrained optimization software", ACM TOMS 7(1), §3:
// f(x) = Σ fᵢ(x)². Numbers in parentheses are the paper's. Optima are the paper's (zero where zero is attained).
import { abs, atan2, cos, type Expr, exp, mul, pow, sin, sqrt, square, sub, sum } from "@hessia/core/kernel";
import { powellSingular, wood } from "./classic-terms.js";
import { range, type TestProblem } from "./collection.js";
import { mgh } from "./mgh.js";

/** x₀ from a list. */
const from =
  (...values: number[]) =>
  (i: number) =>
    values[i]!;
const indices = (n: number) => [range(0, n - 1)];
/** One term a row of data, each over all n variables. */
const fit = (n: number, data: number[][], residual: (x: Expr[], d: Expr[]) => Expr) => [
  { indices: data.map(() => range(0, n - 1)), data, term: (x: Expr[], d: Expr[]) => square(residual(x, d)) },
];
const total = (n: number, term: (x: Expr[]) => Expr) => [{ indices: indices(n), term }];

const bardY = [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.1, 4.39];
const gaussianY = [
  0.0009, 0.0044, 0.0175, 0.054, 0.1295, 0.242, 0.3521, 0.3989, 0.3521, 0.242, 0.1295, 0.054, 0.0175, 0.0044, 0.0009,
];
const meyerY = [34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872];
const kowalikY = [0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246];
const kowalikU = [4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625];
const osborne1Y = [
  0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.85, 0.818, 0.784, 0.751, 0.718, 0.685, 0.658, 0.628, 0.603, 0.58,
  0.558, 0.538, 0.522, 0.506, 0.49, 0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.42, 0.414, 0.411, 0.406,
];
const osborne2Y = [
  1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608, 0.655, 0.616, 0.606, 0.602,
  0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661, 0.612, 0.558, 0.533, 0.495, 0.5, 0.423, 0.395, 0.375,
  0.372, 0.391, 0.396, 0.405, 0.428, 0.429, 0.523, 0.562, 0.607, 0.653, 0.672, 0.708, 0.633, 0.668, 0.645, 0.632, 0.591,
  0.559, 0.597, 0.625, 0.739, 0.71, 0.729, 0.72, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098, 0.054,
];

function watson(n: number, optimum: number): TestProblem {
  const rows = range(1, 29).map((i) => range(0, n - 1).map((j) => (i / 29) ** j));
  return mgh(20, {
    name: `WATSON${n}`,
    n,
    start: () => 0,
    optimum,
    blocks: () => [
      // d[j] = tʲ; the first sum is Σ_{j ≥ 1} j x_{j+1} t^{j−1}.
      ...fit(n, rows, (x, d) => {
        const slope = sum(x.slice(1).map((xj, j) => mul(j + 1, xj.mul(d[j]!))));
        const value = sum(x.map((xj, j) => xj.mul(d[j]!)));
        return slope.sub(square(value)).sub(1);
      }),
      { indices: [[0]], term: ([x]) => square(x!) },
      { indices: [[0, 1]], term: ([x, y]) => square(y!.sub(square(x!)).sub(1)) },
    ],
  });
}

export const mghFixed: readonly TestProblem[] = [
  mgh(1, {
    name: "ROSENBR",
    n: 2,
    start: from(-1.2, 1),
    optimum: 0,
    blocks: () => total(2, ([x, y]) => mul(100, square(y!.sub(square(x!)))).add(square(sub(1, x!)))),
  }),
  mgh(2, {
    name: "FREUROTH2",
    n: 2,
    start: from(0.5, -2),
    optimum: 48.98425367924,
    blocks: () =>
      total(2, ([x, y]) => {
        const a = x!.sub(13).add(sub(5, y!).mul(y!).sub(2).mul(y!));
        const b = x!.sub(29).add(y!.add(1).mul(y!).sub(14).mul(y!));
        return square(a).add(square(b));
      }),
  }),
  mgh(3, {
    name: "POWELLBS",
    n: 2,
    start: from(0, 1),
    optimum: 0,
    blocks: () =>
      total(2, ([x, y]) =>
        square(mul(1e4, x!).mul(y!).sub(1)).add(square(exp(x!.neg()).add(exp(y!.neg())).sub(1.0001))),
      ),
  }),
  mgh(4, {
    name: "BROWNBS",
    n: 2,
    start: from(1, 1),
    optimum: 0,
    blocks: () => total(2, ([x, y]) => sum([square(x!.sub(1e6)), square(y!.sub(2e-6)), square(x!.mul(y!).sub(2))])),
  }),
  mgh(5, {
    name: "BEALE",
    n: 2,
    start: from(1, 1),
    optimum: 0,
    blocks: () =>
      total(2, ([x, y]) => sum([1.5, 2.25, 2.625].map((c, i) => square(sub(c, x!.mul(sub(1, pow(y!, i + 1)))))))),
  }),
  mgh(6, {
    name: "JENSMP",
    n: 2,
    start: from(0.3, 0.4),
    optimum: 124.36218235562,
    blocks: () =>
      fit(
        2,
        range(1, 10).map((i) => [i]),
        ([x, y], [i]) =>
          mul(2, i!)
            .add(2)
            .sub(exp(i!.mul(x!)).add(exp(i!.mul(y!)))),
      ),
  }),
  mgh(7, {
    name: "HELIX",
    n: 3,
    start: from(-1, 0, 0),
    optimum: 0,
    blocks: () =>
      total(3, ([x, y, z]) => {
        // The angle with its cut along the negative second axis, as in the paper.
        const theta = mul(1 / (2 * Math.PI), atan2(x!.neg(), y!)).add(0.25);
        const radius = sqrt(square(x!).add(square(y!)));
        return sum([mul(100, square(z!.sub(mul(10, theta)))), mul(100, square(radius.sub(1))), square(z!)]);
      }),
  }),
  mgh(8, {
    name: "BARD",
    n: 3,
    start: from(1, 1, 1),
    optimum: 8.21487730657899e-3,
    blocks: () =>
      fit(
        3,
        bardY.map((y, k) => [y, k + 1, 15 - k, Math.min(k + 1, 15 - k)]),
        ([a, b, c], [y, u, v, w]) => y!.sub(a!.add(u!.div(v!.mul(b!).add(w!.mul(c!))))),
      ),
  }),
  mgh(9, {
    name: "GAUSSIAN",
    n: 3,
    start: from(0.4, 1, 0),
    optimum: 1.12793276961871e-8,
    blocks: () =>
      fit(
        3,
        gaussianY.map((y, k) => [y, (7 - k) / 2]),
        ([a, b, c], [y, t]) => a!.mul(exp(mul(-0.5, b!).mul(square(t!.sub(c!))))).sub(y!),
      ),
  }),
  mgh(10, {
    name: "MEYER3",
    n: 3,
    start: from(0.02, 4000, 250),
    optimum: 87.9458551,
    blocks: () =>
      fit(
        3,
        meyerY.map((y, k) => [y, 50 + 5 * k]),
        ([a, b, c], [y, t]) => a!.mul(exp(b!.div(t!.add(c!)))).sub(y!),
      ),
  }),
  mgh(11, {
    name: "GULF",
    n: 3,
    start: from(5, 2.5, 0.15),
    optimum: 0,
    blocks: () =>
      fit(
        3,
        range(1, 99).map((i) => [i / 100, 25 + (-50 * Math.log(i / 100)) ** (2 / 3)]),
        ([a, b, c], [t, y]) =>
          exp(
            pow(abs(y!.sub(b!)), c!)
              .div(a!)
              .neg(),
          ).sub(t!),
      ),
  }),
  mgh(12, {
    name: "BOX3",
    n: 3,
    start: from(0, 10, 20),
    optimum: 0,
    blocks: () =>
      fit(
        3,
        range(1, 10).map((i) => [i / 10, Math.exp(-i / 10) - Math.exp(-i)]),
        ([a, b, c], [t, w]) =>
          exp(t!.mul(a!).neg())
            .sub(exp(t!.mul(b!).neg()))
            .sub(c!.mul(w!)),
      ),
  }),
  mgh(13, {
    name: "POWELLSG4",
    n: 4,
    start: from(3, -1, 0, 1),
    optimum: 0,
    blocks: () => total(4, ([a, b, c, d]) => powellSingular(a!, b!, c!, d!)),
  }),
  mgh(14, {
    name: "WOODS4",
    n: 4,
    start: from(-3, -1, -3, -1),
    optimum: 0,
    blocks: () => total(4, ([a, b, c, d]) => wood(a!, b!, c!, d!)),
  }),
  mgh(15, {
    name: "KOWOSB",
    n: 4,
    start: from(0.25, 0.39, 0.415, 0.39),
    optimum: 3.0750560385e-4,
    blocks: () =>
      fit(
        4,
        kowalikY.map((y, k) => [y, kowalikU[k]!]),
        ([a, b, c, d], [y, u]) => y!.sub(a!.mul(square(u!).add(u!.mul(b!))).div(square(u!).add(u!.mul(c!)).add(d!))),
      ),
  }),
  mgh(16, {
    name: "BROWNDEN",
    n: 4,
    start: from(25, 5, -5, -1),
    optimum: 85822.2016263563,
    blocks: () =>
      fit(
        4,
        range(1, 20).map((i) => [i / 5]),
        ([a, b, c, d], [t]) =>
          square(a!.add(t!.mul(b!)).sub(exp(t!))).add(square(c!.add(d!.mul(sin(t!))).sub(cos(t!)))),
      ),
  }),
  mgh(17, {
    name: "OSBORNE1",
    n: 5,
    start: from(0.5, 1.5, -1, 0.01, 0.02),
    optimum: 5.46489469748e-5,
    blocks: () =>
      fit(
        5,
        osborne1Y.map((y, k) => [y, 10 * k]),
        ([a, b, c, d, e], [y, t]) => y!.sub(sum([a!, b!.mul(exp(t!.mul(d!).neg())), c!.mul(exp(t!.mul(e!).neg()))])),
      ),
  }),
  mgh(18, {
    name: "BIGGS6",
    n: 6,
    start: from(1, 2, 1, 1, 1, 1),
    optimum: 0,
    blocks: () =>
      fit(
        6,
        range(1, 13).map((i) => [i / 10, Math.exp(-i / 10) - 5 * Math.exp(-i) + 3 * Math.exp(-0.4 * i)]),
        ([a, b, c, d, e, f], [t, y]) =>
          c!
            .mul(exp(t!.mul(a!).neg()))
            .sub(d!.mul(exp(t!.mul(b!).neg())))
            .add(f!.mul(exp(t!.mul(e!).neg())))
            .sub(y!),
      ),
  }),
  mgh(19, {
    name: "OSBORNE2",
    n: 11,
    start: from(1.3, 0.65, 0.65, 0.7, 0.6, 3, 5, 7, 2, 4.5, 5.5),
    optimum: 4.01377362935e-2,
    blocks: () =>
      fit(
        11,
        osborne2Y.map((y, k) => [y, k / 10]),
        (x, [y, t]) => {
          const bump = (height: number, width: number, centre: number) =>
            x[height]!.mul(exp(square(t!.sub(x[centre]!)).mul(x[width]!).neg()));
          return y!.sub(sum([x[0]!.mul(exp(t!.mul(x[4]!).neg())), bump(1, 5, 8), bump(2, 6, 9), bump(3, 7, 10)]));
        },
      ),
  }),
  watson(6, 2.28767005355e-3),
  watson(9, 1.39976013e-6),
  watson(12, 4.72238e-10),
];
