// Least-squares problems with known answers.
//
// Data, starts and certified values of the National Institute of Standards and Technology (Statistical Reference Datasets, nonlinear regression), in
// the public domain; test functions of Moré, Garbow, Hillstrom 1981, "Testing unconstrained optimization software", ACM Trans. Math. Softw. 7(1).
import { type LeastSquaresProblem, sumOfSquares, type Vector } from "@hessia/core";
import { type Expr, leastSquaresFromTerms, systemFromTerms, type TermsLeastSquares } from "@hessia/core/kernel";
import { toDenseMatrix } from "@hessia/core/linear";

/** r_k = model(x, t_k) − y_k. */
export function fitProblem(
  n: number,
  t: readonly number[],
  y: readonly number[],
  model: (x: Expr[], t: Expr) => Expr,
): TermsLeastSquares {
  const all = Array.from({ length: n }, (_, i) => i);
  return leastSquaresFromTerms(n, [
    {
      groups: t.length,
      outer: (s) => s,
      inner: [
        {
          indices: t.map(() => all),
          group: t.map((_, k) => k),
          data: t.map((tk, k) => [tk, y[k]!]),
          term: (x, [tk, yk]) => model(x, tk!).sub(yk!),
        },
      ],
    },
  ]);
}

/** The same problem with a dense Jacobian. */
export function withDenseJacobian(problem: TermsLeastSquares): LeastSquaresProblem {
  const sparse = problem.newJacobian();
  return {
    dimension: problem.dimension,
    residuals: problem.residuals,
    value: (x: Vector) => problem.value(x),
    gradientInto: (out: Vector, x: Vector) => problem.gradientInto(out, x),
    residualInto: (out: Vector, x: Vector) => problem.residualInto(out, x),
    newJacobian: () => toDenseMatrix(problem.newJacobian()),
    jacobianInto(out, x) {
      problem.jacobianInto(sparse, x);
      (out as { data: Vector }).data.set(toDenseMatrix(sparse).data);
      return out;
    },
  };
}

export interface Certified {
  readonly name: string;
  readonly problem: TermsLeastSquares;
  readonly starts: readonly (readonly number[])[];
  readonly solution: readonly number[];
  readonly deviations: readonly number[];
  /** Σ r². */
  readonly residualSum: number;
}

const nistX = Array.from({ length: 33 }, (_, i) => 10 * i);

export const nist: readonly Certified[] = [
  {
    name: "Misra1a",
    problem: fitProblem(
      2,
      [77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0],
      [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.4, 75.47, 81.78],
      ([a, b], t) => a!.mul(b!.neg().mul(t).exp().neg().add(1)),
    ),
    starts: [
      [500, 0.0001],
      [250, 0.0005],
    ],
    solution: [2.3894212918e2, 5.5015643181e-4],
    deviations: [2.7070075241, 7.2668688436e-6],
    residualSum: 1.2455138894e-1,
  },
  {
    name: "BoxBOD",
    problem: fitProblem(2, [1, 2, 3, 5, 7, 10], [109, 149, 149, 191, 213, 224], ([a, b], t) =>
      a!.mul(b!.neg().mul(t).exp().neg().add(1)),
    ),
    starts: [
      [1, 1],
      [100, 0.75],
    ],
    solution: [2.1380940889e2, 5.4723748542e-1],
    deviations: [1.2354515176e1, 1.0455993237e-1],
    residualSum: 1.1680088766e3,
  },
  {
    name: "DanWood",
    problem: fitProblem(
      2,
      [1.309, 1.471, 1.49, 1.565, 1.611, 1.68],
      [2.138, 3.421, 3.597, 4.34, 4.882, 5.66],
      ([a, b], t) => a!.mul(b!.mul(t.log()).exp()),
    ),
    starts: [
      [1, 5],
      [0.7, 4],
    ],
    solution: [7.6886226176e-1, 3.8604055871],
    deviations: [1.828197386e-2, 5.1726610913e-2],
    residualSum: 4.3173084083e-3,
  },
  {
    name: "MGH09",
    problem: fitProblem(
      4,
      [4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625],
      [0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246],
      ([a, b, c, d], t) => a!.mul(t.square().add(t.mul(b!))).div(t.square().add(t.mul(c!)).add(d!)),
    ),
    starts: [
      [25, 39, 41.5, 39],
      [0.25, 0.39, 0.415, 0.39],
    ],
    solution: [1.9280693458e-1, 1.9128232873e-1, 1.2305650693e-1, 1.3606233068e-1],
    deviations: [1.1435312227e-2, 1.963322091e-1, 8.0842031232e-2, 9.0025542308e-2],
    residualSum: 3.0750560385e-4,
  },
  {
    name: "MGH10",
    problem: fitProblem(
      3,
      Array.from({ length: 16 }, (_, i) => 50 + 5 * i),
      [34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872],
      ([a, b, c], t) => a!.mul(b!.div(t.add(c!)).exp()),
    ),
    starts: [
      [2, 400000, 25000],
      [0.02, 4000, 250],
    ],
    solution: [5.609636471e-3, 6.1813463463e3, 3.4522363462e2],
    deviations: [1.5687892471e-4, 2.3309021107e1, 7.8486103508e-1],
    residualSum: 8.7945855171e1,
  },
  {
    name: "MGH17",
    problem: fitProblem(
      5,
      nistX,
      [
        0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.85, 0.818, 0.784, 0.751, 0.718, 0.685, 0.658, 0.628, 0.603,
        0.58, 0.558, 0.538, 0.522, 0.506, 0.49, 0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.42, 0.414, 0.411,
        0.406,
      ],
      ([a, b, c, d, e], t) => a!.add(b!.mul(t.mul(d!).neg().exp())).add(c!.mul(t.mul(e!).neg().exp())),
    ),
    starts: [
      [50, 150, -100, 1, 2],
      [0.5, 1.5, -1, 0.01, 0.02],
    ],
    solution: [3.7541005211e-1, 1.9358469127, -1.4646871366, 1.286753464e-2, 2.2122699662e-2],
    deviations: [2.0723153551e-3, 2.2031669222e-1, 2.2175707739e-1, 4.4861358114e-4, 8.9471996575e-4],
    residualSum: 5.4648946975e-5,
  },
  {
    name: "Rat42",
    problem: fitProblem(
      3,
      [9, 14, 21, 28, 42, 57, 63, 70, 79],
      [8.93, 10.8, 18.59, 22.33, 39.35, 56.11, 61.73, 64.62, 67.08],
      ([a, b, c], t) => a!.div(b!.sub(c!.mul(t)).exp().add(1)),
    ),
    starts: [
      [100, 1, 0.1],
      [75, 2.5, 0.07],
    ],
    solution: [7.2462237576e1, 2.6180768402, 6.7359200066e-2],
    deviations: [1.7340283401, 8.8295217536e-2, 3.4465663377e-3],
    residualSum: 8.0565229338,
  },
  {
    name: "Rat43",
    problem: fitProblem(
      4,
      Array.from({ length: 15 }, (_, i) => i + 1),
      [16.08, 33.83, 65.8, 97.2, 191.55, 326.2, 386.87, 520.53, 590.03, 651.92, 724.93, 699.56, 689.96, 637.56, 717.41],
      ([a, b, c, d], t) => a!.mul(b!.sub(c!.mul(t)).exp().add(1).log().div(d!).neg().exp()),
    ),
    starts: [
      [100, 10, 1, 1],
      [700, 5, 0.75, 1.3],
    ],
    solution: [6.996415127e2, 5.2771253025, 7.5962938329e-1, 1.2792483859],
    deviations: [1.6302297817e1, 2.0828735829, 1.9566123451e-1, 6.8761936385e-1],
    residualSum: 8.786404908e3,
  },
  {
    name: "Thurber",
    problem: fitProblem(
      7,
      [
        -3.067, -2.981, -2.921, -2.912, -2.84, -2.797, -2.702, -2.699, -2.633, -2.481, -2.363, -2.322, -1.501, -1.46,
        -1.274, -1.212, -1.1, -1.046, -0.915, -0.714, -0.566, -0.545, -0.4, -0.309, -0.109, -0.103, 0.01, 0.119, 0.377,
        0.79, 0.963, 1.006, 1.115, 1.572, 1.841, 2.047, 2.2,
      ],
      [
        80.574, 84.248, 87.264, 87.195, 89.076, 89.608, 89.868, 90.101, 92.405, 95.854, 100.696, 101.06, 401.672,
        390.724, 567.534, 635.316, 733.054, 759.087, 894.206, 990.785, 1090.109, 1080.914, 1122.643, 1178.351, 1260.531,
        1273.514, 1288.339, 1327.543, 1353.863, 1414.509, 1425.208, 1421.384, 1442.962, 1464.35, 1468.705, 1447.894,
        1457.628,
      ],
      ([a, b, c, d, e, f, g], t) =>
        a!
          .add(b!.mul(t))
          .add(c!.mul(t.square()))
          .add(d!.mul(t.mul(t.square())))
          .div(
            e!
              .mul(t)
              .add(1)
              .add(f!.mul(t.square()))
              .add(g!.mul(t.mul(t.square()))),
          ),
    ),
    starts: [
      [1000, 1000, 400, 40, 0.7, 0.3, 0.03],
      [1300, 1500, 500, 75, 1, 0.4, 0.05],
    ],
    solution: [
      1.28813968e3, 1.4910792535e3, 5.8323836877e2, 7.5416644291e1, 9.6629502864e-1, 3.9797285797e-1, 4.9727297349e-2,
    ],
    deviations: [
      4.6647963344, 3.9571156086e1, 2.8698696102e1, 5.567537027, 3.1333340687e-2, 1.4984928198e-2, 6.5842344623e-3,
    ],
    residualSum: 5.6427082397e3,
  },
];

/** Rows as functions of all variables, each a kernel term. */
export function rowsProblem(n: number, ...rows: readonly ((x: Expr[]) => Expr)[]): TermsLeastSquares {
  const all = Array.from({ length: n }, (_, i) => i);
  return leastSquaresFromTerms(
    n,
    rows.map((term) => ({ groups: 1, outer: (s: Expr) => s, inner: [{ indices: [all], group: [0], term }] })),
  );
}

/** Zero at (1, 1). */
export const rosenbrockRows = rowsProblem(
  2,
  ([x, y]) => y!.sub(x!.square()).mul(10),
  ([x]) => x!.neg().add(1),
);

/** Zeros at (3, 2) and three more: their sum of squares is Himmelblau's function. */
export const himmelblau = rowsProblem(
  2,
  ([x, y]) => x!.square().add(y!).sub(11),
  ([x, y]) => x!.add(y!.square()).sub(7),
);

/** Zero at 0, where J is singular. */
export const powellSingular = rowsProblem(
  4,
  ([a, b]) => a!.add(b!.mul(10)),
  ([, , c, d]) => c!.sub(d!).mul(Math.sqrt(5)),
  ([, b, c]) => b!.sub(c!.mul(2)).square(),
  ([a, , , d]) => a!.sub(d!).square().mul(Math.sqrt(10)),
);

/** Σ r² = 8.21487…e-3 from (1, 1, 1). */
export const bard = leastSquaresFromTerms(3, [
  {
    groups: 15,
    outer: (s) => s,
    inner: [
      {
        indices: Array.from({ length: 15 }, () => [0, 1, 2]),
        group: Array.from({ length: 15 }, (_, k) => k),
        data: [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.1, 4.39].map((y, k) => [
          y,
          k + 1,
          15 - k,
          Math.min(k + 1, 15 - k),
        ]),
        term: ([a, b, c], [y, u, v, w]) => y!.sub(a!.add(u!.div(v!.mul(b!).add(w!.mul(c!))))),
      },
    ],
  },
]);

/** Σ r² = 85822.2 from (25, 5, −5, −1): residuals so large that JᵀJ alone is a poor model. */
export const brownDennis = fitProblem(
  4,
  Array.from({ length: 20 }, (_, i) => (i + 1) / 5),
  Array.from({ length: 20 }, () => 0),
  ([a, b, c, d], t) =>
    a!
      .add(b!.mul(t))
      .sub(t.exp())
      .square()
      .add(c!.add(d!.mul(t.sin())).sub(t.cos()).square()),
);

/** log x = 0: only for x > 0. */
export const logarithm = rowsProblem(1, ([x]) => x!.log());

/** Two equations in five unknowns, with the solution (1, …, 1) among others. */
export const wide = rowsProblem(
  5,
  (x) => x[0]!.mul(x[1]!).add(x[2]!).sub(2),
  (x) =>
    x[3]!
      .exp()
      .add(x[4]!.square())
      .sub(Math.E + 1),
);

/** Broyden's tridiagonal system: (3 − 2xᵢ)xᵢ − x_{i−1} − 2x_{i+1} + 1 = 0. */
export function broyden(n: number) {
  const own = Array.from({ length: n }, (_, i) => i);
  const less = own.slice(0, -1);
  return sumOfSquares(
    systemFromTerms(n, [
      {
        groups: n,
        outer: (s) => s,
        inner: [
          { indices: own.map((i) => [i]), group: own, term: ([x]) => x!.mul(x!.mul(-2).add(3)).add(1) },
          { indices: less.map((i) => [i]), group: less.map((i) => i + 1), term: ([x]) => x!.neg() },
          { indices: less.map((i) => [i + 1]), group: less, term: ([x]) => x!.mul(-2) },
        ],
      },
    ]),
  );
}
