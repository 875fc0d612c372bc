import { type Expr, square } from "@hessia/core/kernel";
import { fourth } from "./classic-terms.js";
import { pairs, range, singles, state, type TestProblem } from "./collection.js";

/** The family DIXMAANx (Dixon, Maany 1988): weights α, β, γ, δ and the powers of i/n on each of the four sums. n = 3m. */
function dixmaan(
  letter: string,
  n: number,
  [alpha, beta, gamma, delta]: number[],
  [k1, k2, k3, k4]: number[],
): TestProblem {
  const m = n / 3;
  const weight = (factor: number, i: number, k: number) => factor * (i / n) ** k;
  return state({
    name: `DIXMAAN${letter}`,
    n,
    reference: "Dixon, Maany 1988; Luksan, Matonoha, Vlcek 2018",
    start: () => 2,
    optimum: 1,
    blocks: () => [
      {
        indices: singles(n),
        data: range(1, n).map((i) => [weight(alpha!, i, k1!), 1 / n]),
        term: ([x], [w, c]) => w!.mul(square(x!)).add(c!),
      },
      ...(beta === 0
        ? []
        : [
            {
              indices: pairs(n),
              data: range(1, n - 1).map((i) => [weight(beta!, i, k2!)]),
              term: ([x, y]: Expr[], [w]: Expr[]) => w!.mul(square(x!)).mul(square(y!.add(square(y!)))),
            },
          ]),
      {
        indices: range(0, 2 * m - 1).map((i) => [i, i + m]),
        data: range(1, 2 * m).map((i) => [weight(gamma!, i, k3!)]),
        term: ([x, y], [w]) => w!.mul(square(x!)).mul(fourth(y!)),
      },
      {
        indices: range(0, m - 1).map((i) => [i, i + 2 * m]),
        data: range(1, m).map((i) => [weight(delta!, i, k4!)]),
        term: ([x, y], [w]) => w!.mul(x!).mul(y!),
      },
    ],
  });
}

/** α, β, γ, δ of the first, second, third and fourth letter of each row. */
const weights = [
  [1, 0, 0.125, 0.125],
  [1, 0.0625, 0.0625, 0.0625],
  [1, 0.125, 0.125, 0.125],
  [1, 0.26, 0.26, 0.26],
];
/** The powers of i/n: all even; linear in the first and last sum; quadratic there. */
const rows: [string, number[]][] = [
  ["ABCD", [0, 0, 0, 0]],
  ["EFGH", [1, 0, 0, 1]],
  ["IJKL", [2, 0, 0, 2]],
];

export const dixmaanProblems: readonly TestProblem[] = rows.flatMap(([letters, powers]) =>
  [...letters].map((letter, k) => dixmaan(letter, 3000, weights[k]!, powers)),
);
