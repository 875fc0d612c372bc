// What must not compile: a method given a problem without the capabilities that it needs.
import { defineProblem, solve, withBounds } from "@hessia/core";
import { expectTypeOf, test } from "vitest";
import { arc, lazyCubicNewton, lbfgs, lbfgsb, minimize, newton, tron, trustRegion } from "../src/index.js";

const valueOnly = defineProblem({ dimension: 1, value: (x) => x[0]! ** 2 });
const withGradient = defineProblem({ dimension: 1, value: (x) => x[0]! ** 2, gradient: (x) => [2 * x[0]!] });
const withProducts = defineProblem({
  dimension: 1,
  value: (x) => x[0]! ** 2,
  gradient: (x) => [2 * x[0]!],
  hessianApply: (_x, v) => [2 * v[0]!],
});
const withHessian = defineProblem({
  dimension: 1,
  value: (x) => x[0]! ** 2,
  gradient: (x) => [2 * x[0]!],
  hessian: () => [[2]],
});

test("each method takes the problems that it can use", () => {
  solve(lbfgs(), withGradient, [1]);
  solve(arc(), withProducts, [1]);
  solve(arc(), withHessian, [1]);
  solve(trustRegion(), withProducts, [1]);
  solve(newton(), withHessian, [1]);
  solve(lazyCubicNewton(), withHessian, [1]);
  solve(tron(), withBounds(withProducts, 0, 1), [1]);
  solve(tron(), withHessian, [1]);
  solve(lbfgsb(), withBounds(withGradient, 0, 1), [1]);
  minimize(withGradient, [1]);
  minimize(withBounds(withHessian, 0, 1), [1]);
  expectTypeOf(solve(lbfgs(), withGradient, [1]).state.pairs).toEqualTypeOf<number>();
  expectTypeOf(solve(tron(), withHessian, [1]).state.active).toEqualTypeOf<Int32Array>();
});

test("and no others", () => {
  // @ts-expect-error no gradient
  solve(lbfgs(), valueOnly, [1]);
  // @ts-expect-error no gradient
  minimize(valueOnly, [1]);
  // @ts-expect-error no second derivatives
  solve(arc(), withGradient, [1]);
  // @ts-expect-error no second derivatives
  solve(tron(), withBounds(withGradient, 0, 1), [1]);
  // @ts-expect-error no gradient
  solve(lbfgsb(), withBounds(valueOnly, 0, 1), [1]);
  // @ts-expect-error no Hessian matrix
  solve(lazyCubicNewton(), withProducts, [1]);
  // @ts-expect-error no Hessian matrix
  solve(newton(), withProducts, [1]);
  // @ts-expect-error not a start point
  solve(lbfgs(), withGradient, "1");
});
