// Random expressions: gradient, Hessian and products against hyper-dual numbers, an independent way to exact derivatives.
import fc from "fast-check";
import { expect, it } from "vitest";
import { type Expr, problemFromTerms } from "../../src/kernel/index.js";
import { toDenseMatrix } from "../../src/linear/csc.js";
import { type HyperDual, hyper } from "./dual.js";

interface Tree {
  readonly op: string;
  readonly args: readonly Tree[];
  readonly value?: number;
}

const variables = 3;
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.nat(variables - 1).map((value): Tree => ({ op: "x", args: [], value })),
    fc.double({ min: -3, max: 3, noNaN: true }).map((value): Tree => ({ op: "c", args: [], value })),
    fc
      .tuple(fc.constantFrom("add", "sub", "mul", "div"), tie("tree"), tie("tree"))
      .map(([op, a, b]): Tree => ({ op, args: [a, b] })),
    fc
      .tuple(fc.constantFrom("sin", "cos", "tanh", "atan", "exp", "sqrt1", "log1", "square"), tie("tree"))
      .map(([op, a]): Tree => ({ op, args: [a] })),
  ),
}));

// Everywhere defined: division by 1 + b², logarithm and root of 1 + a².
function toExpr({ op, args, value }: Tree, x: Expr[]): Expr {
  if (op === "x") return x[value!]!;
  if (op === "c") return x[0]!.mul(0).add(value!);
  const [a, b] = args.map((arg) => toExpr(arg, x));
  switch (op) {
    case "add":
      return a!.add(b!);
    case "sub":
      return a!.sub(b!);
    case "mul":
      return a!.mul(b!);
    case "div":
      return a!.div(b!.square().add(1));
    case "sqrt1":
      return a!.square().add(1).sqrt();
    case "log1":
      return a!.square().add(1).log();
    case "square":
      return a!.square();
    case "exp":
      return a!.tanh().exp();
    default:
      return (a as unknown as Record<string, () => Expr>)[op]!();
  }
}

function toHyper({ op, args, value }: Tree, x: HyperDual[]): HyperDual {
  if (op === "x") return x[value!]!;
  if (op === "c") return hyper.constant(value!);
  const [a, b] = args.map((arg) => toHyper(arg, x));
  const one = hyper.constant(1);
  const plus1 = (u: HyperDual) => hyper.add(hyper.mul(u, u), one);
  switch (op) {
    case "div":
      return hyper.div(a!, plus1(b!));
    case "sqrt1":
      return hyper.sqrt(plus1(a!));
    case "log1":
      return hyper.log(plus1(a!));
    case "square":
      return hyper.mul(a!, a!);
    case "exp":
      return hyper.exp(hyper.tanh(a!));
    case "add":
    case "sub":
    case "mul":
      return hyper[op](a!, b!);
    default:
      return (hyper as unknown as Record<string, (u: HyperDual) => HyperDual>)[op]!(a!);
  }
}

const point = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: variables, maxLength: variables });

it("value, gradient, Hessian and products agree with hyper-dual numbers", () => {
  fc.assert(
    fc.property(tree, point, point, (expression, at, along) => {
      const problem = problemFromTerms(variables, [{ indices: [[0, 1, 2]], term: (x) => toExpr(expression, x) }]);
      const x = Float64Array.from(at);
      const near = (a: number, b: number) =>
        expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(a), Math.abs(b)));
      const unit = (i: number) => at.map((_, k) => +(k === i));
      const dual = (u: number[], v: number[]) =>
        toHyper(
          expression,
          at.map((a, k) => ({ a, b: u[k]!, c: v[k]!, d: 0 })),
        );
      const reference = dual(unit(0), unit(0));
      fc.pre(Math.abs(reference.a) < 1e6 && Math.abs(reference.d) < 1e8);
      near(problem.value(x), reference.a);
      const g = problem.gradientInto(new Float64Array(variables), x);
      const H = problem.newHessian();
      problem.hessianInto(H, x);
      const dense = toDenseMatrix(H).data;
      const Hv = problem.hessianApplyInto(new Float64Array(variables), x, Float64Array.from(along));
      for (let i = 0; i < variables; i++) {
        near(g[i]!, dual(unit(i), unit(i)).b);
        near(Hv[i]!, dual(unit(i), along).d);
        for (let j = 0; j < variables; j++) near(dense[i * variables + j]!, dual(unit(i), unit(j)).d);
      }
    }),
    { numRuns: 300 },
  );
});
