// One transport problem by everything that solves it: the linear program as another program solves it, network simplex, assignment, and the limits of the regularized problems.
//
// The stored values: SciPy 1.17.1, linprog(method="highs") with feasibility tolerances 1e-10. The script, in Python:
//
//   k = np.arange(30)
//   a = np.stack([(17*k % 31)/31, (7*k % 29)/29], 1)
//   b = np.stack([(5*k % 37)/37, (23*k % 41)/41], 1)
//   C = ((a[:, None, :] - b[None, :, :])**2).sum(2)
//   A = np.zeros((60, 900))
//   for i in range(30): A[i, i*30:(i + 1)*30] = 1; A[30 + i, i::30] = 1
//   linprog(C.ravel(), A_eq=A, b_eq=np.r_[r, c], method="highs").fun
//
// with r = c = 1/30, and with r = w/135, c = v/119, w = 1 + (3*k) % 8, v = 1 + (5*k) % 7.
import { describe, expect, it } from "vitest";
import { assignment, exactTransport, quadraticTransport, transport } from "../../src/index.js";

const n = 30;
const indices = Array.from({ length: n }, (_, k) => k);
const points = {
  source: indices.map((k) => [((17 * k) % 31) / 31, ((7 * k) % 29) / 29]),
  target: indices.map((k) => [((5 * k) % 37) / 37, ((23 * k) % 41) / 41]),
};
const cost = points.source.map(([p, q]) => points.target.map(([s, t]) => (p! - s!) ** 2 + (q! - t!) ** 2));
const equal = indices.map(() => 1 / n);
const cases = [
  { name: "equal weights", source: equal, target: equal, optimal: 0.016385645364381272 },
  {
    name: "unequal weights",
    source: indices.map((k) => (1 + ((3 * k) % 8)) / 135),
    target: indices.map((k) => (1 + ((5 * k) % 7)) / 119),
    optimal: 0.025536292901073957,
  },
];

describe.each(cases)("a transport problem of 30 × 30 points, $name", ({ source, target, optimal }) => {
  it("has the stored value by network simplex, from the matrix and from the points", () => {
    for (const problem of [
      { source, target, cost },
      { source, target, points },
    ]) {
      const exact = exactTransport(problem);
      expect(exact.reason.kind).toBe("converged");
      expect(exact.cost).toBeCloseTo(optimal, 14);
      expect(exact.dualGap).toBeLessThan(1e-14);
    }
  });

  it("is the limit ε → 0 of entropic transport: the value from below, the cost of feasible plans from above", () => {
    let last = Number.POSITIVE_INFINITY;
    for (const regularization of [1e-2, 1e-3, 1e-4, 1e-5]) {
      const { roundedCost, entropicValue, reason } = transport({ source, target, cost, regularization });
      expect(reason.kind).toBe("converged");
      expect(roundedCost).toBeGreaterThan(optimal - 1e-12);
      expect(entropicValue).toBeLessThan(optimal);
      // ε Σ P log P ≥ −ε log 900.
      expect(roundedCost - optimal).toBeLessThan(regularization * Math.log(900));
      // Solved to a marginal error of 1e-9.
      expect(roundedCost).toBeLessThan(last + 1e-9);
      last = roundedCost;
    }
    expect(last).toBeCloseTo(optimal, 7);
  });

  it("is reached by quadratically regularized transport at a γ above 0", () => {
    const {
      cost: found,
      plan,
      reason,
    } = quadraticTransport({ source, target, cost, regularization: 1e-3, tolerance: 1e-12 });
    expect(reason.kind).toBe("converged");
    expect(found).toBeCloseTo(optimal, 11);
    expect(plan.amounts.length).toBeLessThan(2 * n);
  });
});

it("is an assignment where all weights are equal", () => {
  expect(assignment(cost).cost / n).toBeCloseTo(cases[0]!.optimal, 14);
});
