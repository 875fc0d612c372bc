// Random expressions, of variables and of linear combinations of them: gradient, Hessian and products against hyper-dual numbers, an independent way to
// exact derivatives; and Hessians by cuts and waists against edge pushing over the whole graph.
import fc from "fast-check";
import { expect, it } from "vitest";
import { gradientNodes } from "../../src/kernel/adjoint.js";
import { hessianNodes } from "../../src/kernel/derive.js";
import { pushEdges } from "../../src/kernel/edge-pushing.js";
import { evaluateNodes, reachable } from "../../src/kernel/graph.js";
import { type Expr, problemFromTerms, sum, trace } from "../../src/kernel/index.js";
import { linearCut, pullBack } from "../../src/kernel/linear-cut.js";
import { toDenseMatrix } from "../../src/linear/sparse/csc.js";
import { type HyperDual, hyper } from "./dual.js";

interface Tree {
  readonly op: string;
  readonly args: readonly Tree[];
  readonly value?: number;
}

const variables = 5;
/** Linear combinations of the variables: fewer than there are of these. */
const edges: readonly (readonly number[])[] = [
  [1, -1, 0, 0, 0],
  [0, 0, 0.5, -2, 0],
  [0, 1, 0.25, 0, 1.5],
];
const names = "sin cos tanh atan asinh exp sqrt1 log1 log21 log101 cbrt1 acosh1 atanh1 square".split(" ");
const treeOf = (leaf: "x" | "edge") =>
  fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc
        .nat(variables - 1)
        .map((value): Tree => ({ op: leaf, args: [], value: leaf === "x" ? value : value % edges.length })),
      fc.double({ min: -3, max: 3, noNaN: true }).map((value): Tree => ({ op: "c", args: [], value })),
      fc
        .tuple(fc.constantFrom("add", "sub", "mul", "div"), tie("tree"), tie("tree"))
        .map(([op, a, b]): Tree => ({ op, args: [a, b] })),
      fc.tuple(fc.constantFrom(...names), tie("tree")).map(([op, a]): Tree => ({ op, args: [a] })),
    ),
  })).tree;
const tree = fc.oneof(treeOf("x"), treeOf("edge"));

// Everywhere defined: division by 1 + b², logarithms and roots of 1 + a², acosh of 1.1 + a², atanh of 0.9 tanh a.
function toExpr({ op, args, value }: Tree, x: Expr[]): Expr {
  if (op === "x") return x[value!]!;
  if (op === "edge") return sum(edges[value!]!.map((weight, i) => x[i]!.mul(weight)));
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
    case "log21":
      return a!.square().add(1).log2();
    case "log101":
      return a!.square().add(1).log10();
    case "cbrt1":
      return a!.square().add(1).cbrt();
    case "acosh1":
      return a!.square().add(1.1).acosh();
    case "atanh1":
      return a!.tanh().mul(0.9).atanh();
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
  if (op === "edge")
    return edges[value!]!.map((weight, i) => hyper.mul(hyper.constant(weight), x[i]!)).reduce((total, part) =>
      hyper.add(total, part),
    );
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
    case "log21":
      return hyper.log2(plus1(a!));
    case "log101":
      return hyper.log10(plus1(a!));
    case "cbrt1":
      return hyper.cbrt(plus1(a!));
    case "acosh1":
      return hyper.acosh(hyper.add(hyper.mul(a!, a!), hyper.constant(1.1)));
    case "atanh1":
      return hyper.atanh(hyper.mul(hyper.constant(0.9), hyper.tanh(a!)));
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
      const problem = problemFromTerms(variables, [{ indices: [[0, 1, 2, 3, 4]], term: (x) => toExpr(expression, x) }]);
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

it("Hessians by linear cuts, by waists and by edge pushing agree", () => {
  let cuts = 0;
  fc.assert(
    fc.property(treeOf("edge"), point, (expression, at) => {
      const { graph, x, outputs } = trace(variables, 0, (own) => toExpr(expression, own));
      const f = outputs[0]!;
      const pushed = pushEdges(graph, f, x);
      const ways = [hessianNodes(graph, f, gradientNodes(graph, f, x), x)];
      const cut = linearCut(graph, f, x);
      if (cut !== null) {
        cuts++;
        for (const u of [cut.nearInputs, cut.nearOutputs]) ways.push(pullBack(graph, pushEdges(graph, f, u), u, x));
      }
      const all = [...pushed, ...ways.flatMap((way) => [...way])];
      const values = evaluateNodes(graph, { x: at, data: [] }, reachable(graph, all));
      const size = pushed.reduce((most, node) => Math.max(most, Math.abs(values[node]!)), 1);
      fc.pre(size < 1e8);
      for (const way of ways)
        way.forEach((node, e) => {
          expect(Math.abs(values[node]! - values[pushed[e]!]!)).toBeLessThanOrEqual(1e-9 * size);
        });
    }),
    { numRuns: 300 },
  );
  expect(cuts).toBeGreaterThan(100);
});
