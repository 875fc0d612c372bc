// Random expressions over all operations: derivatives against fourth-order differences, products against the matrix, the
// interpreter against compiled code bit by bit, and the simplified value against JavaScript's own.
import fc from "fast-check";
import { expect, it } from "vitest";
import { type Expr, problemFromTerms, select, sum } from "../../src/kernel/index.js";
import { toDenseMatrix } from "../../src/linear/sparse/csc.js";

interface Tree {
  readonly op: string;
  readonly args: readonly Tree[];
  readonly value?: number;
}

const k = 3;
const leafs = [
  fc.nat(k - 1).map((value): Tree => ({ op: "x", args: [], value })),
  fc.constantFrom(-2, -1, -0.5, 0, 0.5, 1, 2, 3, 0.1).map((value): Tree => ({ op: "c", args: [], value })),
];
const unary =
  "neg square sin cos tanh atan sinh cosh expm1 abs sign sqrt log log1p asin acos tan inv exp asinh acosh atanh log2 log10 cbrt".split(
    " ",
  );
const binary = "add sub mul div min max atan2 hypot pow less".split(" ");
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    ...leafs,
    fc.tuple(fc.constantFrom(...binary), tie("tree"), tie("tree")).map(([op, a, b]): Tree => ({ op, args: [a, b] })),
    fc.tuple(fc.constantFrom(...unary), tie("tree")).map(([op, a]): Tree => ({ op, args: [a] })),
  ),
}));

function toExpr({ op, args, value }: Tree, x: Expr[]): Expr {
  if (op === "x") return x[value!]!;
  if (op === "c") return sum([value!]);
  const [a, b] = args.map((arg) => toExpr(arg, x));
  if (op === "less") return select(a!.lt(b!), a!.mul(b!), a!.sub(b!));
  const methods = a as unknown as Record<string, (other?: Expr) => Expr>;
  return b === undefined ? methods[op]!() : methods[op]!(b);
}

function toNumber({ op, args, value }: Tree, x: readonly number[]): number {
  if (op === "x") return x[value!]!;
  if (op === "c") return value!;
  const [a, b] = args.map((arg) => toNumber(arg, x)) as [number, number];
  switch (op) {
    case "add":
      return a + b;
    case "sub":
      return a - b;
    case "mul":
      return a * b;
    case "div":
      return a / b;
    case "less":
      return a < b ? a * b : a - b;
    case "neg":
      return -a;
    case "square":
      return a * a;
    case "inv":
      return 1 / a;
    default:
      return (Math as unknown as Record<string, (...list: number[]) => number>)[op]!(a, b);
  }
}

const point = fc.array(fc.double({ min: -1.9, max: 1.9, noNaN: true }), { minLength: k, maxLength: k });
const build = (expression: Tree, evaluation: "compiled" | "interpreted", count = 1) =>
  problemFromTerms(
    k,
    [
      {
        indices: Array.from({ length: count }, (_, t) => [t % k, (t + 1) % k, (2 * t + 2) % k]),
        term: (x) => toExpr(expression, x),
      },
    ],
    { evaluation },
  );

it("the simplified value is JavaScript's value", () => {
  fc.assert(
    fc.property(tree, point, (expression, at) => {
      const wanted = toNumber(expression, at);
      fc.pre(Number.isFinite(wanted) && smooth(expression, at));
      const found = build(expression, "compiled").value(Float64Array.from(at));
      expect(Math.abs(found - wanted)).toBeLessThanOrEqual(1e-11 * Math.max(1, Math.abs(wanted)));
    }),
    { numRuns: 500 },
  );
});

it("a value that isn't finite stays so", () => {
  fc.assert(
    fc.property(tree, point, (expression, at) => {
      // Overflow aside, what JavaScript finds undefined is undefined here: no rule hides a log of a negative number.
      const values = subtrees(expression).map((part) => toNumber(part, at));
      fc.pre(Number.isNaN(values[0]!) && values.every((v) => Number.isNaN(v) || Math.abs(v) < 1e100));
      expect(build(expression, "compiled").value(Float64Array.from(at))).toBeNaN();
    }),
    { numRuns: 500 },
  );
});

it("derivatives agree with differences of fourth order", () => {
  const h = 2e-4;
  let compared = 0;
  fc.assert(
    fc.property(tree, point, (expression, at) => {
      fc.pre(smooth(expression, at));
      const problem = build(expression, "compiled");
      const x = Float64Array.from(at);
      const g = problem.gradientInto(new Float64Array(k), x);
      const H = toDenseMatrix(
        problem.hessianInto(problem.newHessian(), x) as ReturnType<typeof problem.newHessian>,
      ).data;
      const f = problem.value(x);
      fc.pre([f, ...g, ...H].every((entry) => Math.abs(entry) < 1e3));
      for (let j = 0; j < k; j++) {
        const shifted = (steps: number) => {
          const moved = x.slice();
          moved[j]! += steps * h;
          const gradient = new Float64Array(k);
          return [problem.valueAndGradientInto(gradient, moved), ...gradient];
        };
        const [p1, m1, p2, m2] = [1, -1, 2, -2].map(shifted) as [number[], number[], number[], number[]];
        const slope = p1.map((_, e) => (8 * (p1[e]! - m1[e]!) - (p2[e]! - m2[e]!)) / (12 * h));
        // Where the difference formula itself isn't converged (a singularity nearby), two orders disagree.
        const low = p1.map((_, e) => (p1[e]! - m1[e]!) / (2 * h));
        if (!slope.every((s, e) => Math.abs(s - low[e]!) <= 1e-4 * Math.max(1, Math.abs(s)))) continue;
        compared++;
        expect(Math.abs(slope[0]! - g[j]!)).toBeLessThanOrEqual(
          1e-7 * Math.max(1, Math.abs(f), Math.abs(g[j]!)) + 1e-6 * Math.abs(slope[0]! - low[0]!),
        );
        for (let i = 0; i < k; i++) {
          const bound =
            1e-7 * Math.max(1, Math.abs(g[i]!), Math.abs(H[i * k + j]!)) + 1e-1 * Math.abs(slope[i + 1]! - low[i + 1]!);
          expect(Math.abs(slope[i + 1]! - H[i * k + j]!)).toBeLessThanOrEqual(bound);
        }
      }
    }),
    { numRuns: 500 },
  );
  expect(compared).toBeGreaterThan(300);
});

it("products are the matrix times the vector, and the interpreter gives the bits of compiled code", () => {
  let compared = 0;
  fc.assert(
    fc.property(tree, point, point, fc.integer({ min: 1, max: 70 }), (expression, at, along, count) => {
      const x = Float64Array.from(at);
      const v = Float64Array.from(along);
      const [a, b] = (["compiled", "interpreted"] as const).map((evaluation) => {
        const problem = build(expression, evaluation, count);
        const g = new Float64Array(k);
        const H = problem.newHessian();
        const f = problem.valueGradientHessianInto(g, H, x);
        const only = problem.newHessian();
        problem.hessianInto(only, x);
        return { f, value: problem.value(x), g, H, only, Hv: problem.hessianApplyInto(new Float64Array(k), x, v) };
      });
      expect(b).toEqual(a);
      expect(a!.value).toEqual(a!.f);
      if (![a!.f, ...a!.H.values, ...a!.only.values, ...a!.Hv].every((entry) => Math.abs(entry) < 1e6)) return;
      // Beside a singularity of one of the terms rounding errors grow beyond all bounds.
      const uses = [0, 1, 2].map((t) => [at[t]!, at[(t + 1) % k]!, at[(2 * t + 2) % k]!]);
      if (!uses.every((of) => smooth(expression, of))) return;
      compared++;
      // Another pass may add in another order: the same up to rounding.
      for (const [p, entry] of a!.H.values.entries())
        expect(Math.abs(a!.only.values[p]! - entry)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(entry)));
      const H = toDenseMatrix(a!.H).data;
      for (let i = 0; i < k; i++) {
        let wanted = 0;
        let size = 1;
        for (let j = 0; j < k; j++) {
          wanted += H[i * k + j]! * v[j]!;
          size = Math.max(size, Math.abs(H[i * k + j]! * v[j]!));
        }
        expect(Math.abs(a!.Hv[i]! - wanted)).toBeLessThanOrEqual(1e-9 * size);
      }
    }),
    { numRuns: 300 },
  );
  expect(compared).toBeGreaterThan(50);
});

const subtrees = (part: Tree): Tree[] => [part, ...part.args.flatMap(subtrees)];

/** Away from kinks and from the edges of domains, and no subtree so large that the comparison says nothing. */
function smooth(expression: Tree, at: readonly number[]): boolean {
  return subtrees(expression).every(({ op, args }) => {
    const [a, b] = args.map((arg) => toNumber(arg, at)) as [number, number];
    if ([a, b].some((v) => v !== undefined && !(Math.abs(v) < 30))) return false;
    if (["abs", "sign", "inv", "cbrt"].includes(op)) return Math.abs(a) > 0.05;
    if (["sqrt", "log", "log2", "log10"].includes(op)) return a > 0.05;
    if (op === "log1p") return a > -0.9;
    if (op === "acosh") return a > 1.1;
    if (["asin", "acos", "atanh"].includes(op)) return Math.abs(a) < 0.9;
    if (["min", "max", "less"].includes(op)) return Math.abs(a - b) > 0.05;
    if (op === "div") return Math.abs(b) > 0.05;
    if (op === "tan") return Math.abs(Math.cos(a)) > 0.1;
    if (op === "pow") return a > 0.1;
    if (op === "hypot") return Math.hypot(a, b) > 0.1;
    if (op === "atan2") return Math.hypot(a, b) > 0.1 && (b > 0.05 || Math.abs(a) > 0.05);
    return true;
  });
}
