// A function of named scalars, small vectors and matrices, traced once, with every derivative that a solver may ask for: as a term of
// `problemFromTerms`, or evaluated by itself at one point.
import { describe, misuse, requireKnownOptions } from "../errors.js";
import type { DenseMatrix, Vector } from "../linear/matrix.js";
import { findFault } from "./diagnose.js";
import { type Expr, square, sum } from "./expr.js";
import { countOperations, reachable } from "./graph.js";
import { type KernelPass, makePasses } from "./kernel-passes.js";
import type {
  KernelFault,
  KernelOptions,
  KernelResult,
  KernelShapes,
  ScalarKernel,
  VectorKernel,
} from "./kernel-types.js";
import { Mat } from "./matrices.js";
import {
  entryNames,
  flattenInto,
  type Numbers,
  requireShapes,
  type Shapes,
  type SymbolicRecord,
  sizeOfAll,
  symbolicRecord,
} from "./shapes.js";
import { replay, type TermFunction, trace } from "./trace.js";
import { Vec } from "./vectors.js";

const none = new Float64Array();

/**
 * Calls `fn` once with expressions of the given shapes, records what it computes, and answers its value and derivatives. What isn't asked for is
 * never derived nor compiled.
 *
 * @example kernel({ inputs: { a: vec2, b: vec2 }, parameters: { length: scalar } }, ({ a, b }, { length }) => b.sub(a).norm().sub(length).square())
 * @throws ArgumentError when a shape is unknown, when `fn` returns anything but an Expr, a number or a Vec, or uses JavaScript's operators on them.
 */
export function kernel<const I extends Shapes, R extends KernelResult, const P extends Shapes = Record<never, never>>(
  shapes: KernelShapes<I, P>,
  fn: (inputs: SymbolicRecord<I>, parameters: SymbolicRecord<P>) => R,
  options: KernelOptions = {},
): R extends Vec ? VectorKernel<I, P> : ScalarKernel<I, P> {
  if (shapes === null || typeof shapes !== "object")
    misuse("kernel", "shapes", describe(shapes), "{ inputs: { … }, parameters: { … } }");
  requireKnownOptions("kernel", shapes, ["inputs", "parameters"]);
  requireKnownOptions("kernel", options, ["evaluation"]);
  const { evaluation = "auto" } = options;
  if (!["auto", "compiled", "interpreted"].includes(evaluation))
    misuse("kernel", "options.evaluation", describe(evaluation), '"auto", "compiled" or "interpreted"');
  const { inputs, parameters = {} as P } = shapes;
  requireShapes("inputs", inputs);
  requireShapes("parameters", parameters);
  if (typeof fn !== "function") misuse("kernel", "fn", describe(fn), "a function (inputs, parameters) => Expr or Vec");
  const arity = sizeOfAll(inputs);
  const width = sizeOfAll(parameters);
  if (arity === 0) misuse("kernel", "inputs", "empty", "at least one shape by name");
  let isVector = false;
  const call = (x: Expr[], d: Expr[]): Expr | Expr[] => {
    const result: unknown = fn(symbolicRecord(inputs, x), symbolicRecord(parameters, d));
    isVector = result instanceof Vec;
    if (result instanceof Mat)
      misuse(
        "kernel",
        "the result of fn",
        describe(result),
        "an Expr or a Vec",
        "A matrix by rows: vector(...A.entries).",
      );
    return isVector ? [...(result as Vec).entries] : (result as Expr);
  };
  const traced = trace(arity, width, call, "kernel", "fn");
  const { graph, outputs } = traced;
  const { nodes, run } = makePasses(traced, evaluation);

  const requireLength = (method: string, argument: string, v: unknown, length: number) => {
    if (!(v instanceof Float64Array) || v.length !== length)
      misuse(`kernel.${method}`, argument, describe(v), `a Float64Array of length ${length}`);
  };
  const requireMatrix = (method: string, argument: string, A: DenseMatrix, rows: number, cols: number) => {
    if (A?.kind !== "dense" || A.rows !== rows || A.cols !== cols) {
      const given = A?.kind === "dense" ? `${A.rows}×${A.cols}` : describe(A);
      misuse(`kernel.${method}`, argument, given, `a dense ${rows}×${cols} matrix`);
    }
  };
  const requirePoint = (method: string, x: Vector, p: Vector) => {
    requireLength(method, "x", x, arity);
    requireLength(method, "p", p, width);
  };
  /** Runs a pass that fills one vector, perhaps along a direction. */
  const intoVector =
    (method: string, pass: KernelPass, length: number, sink: "out" | "h" | "u", along?: readonly [string, number]) =>
    (out: Vector, x: Vector, p: Vector = none, direction: Vector = none): Vector => {
      requirePoint(method, x, p);
      requireLength(method, "out", out, length);
      if (along !== undefined) requireLength(method, along[0], direction, along[1]);
      out.fill(0);
      run(pass, x, p, { [sink]: out, direction });
      return out;
    };
  const intoMatrix =
    (method: string, pass: KernelPass, rows: number, cols: number) =>
    (out: DenseMatrix, x: Vector, p: Vector = none): DenseMatrix => {
      requirePoint(method, x, p);
      requireMatrix(method, "out", out, rows, cols);
      out.data.fill(0);
      run(pass, x, p, { h: out.data });
      return out;
    };

  const names = { x: entryNames(inputs), d: entryNames(parameters) };
  const named = (text: string) => text.replace(/\b([xd])\[(\d+)\]/g, (_, of: "x" | "d", slot) => names[of][slot]!);
  const base = {
    inputs,
    parameters,
    arity,
    width,
    term: ((x, d) => {
      if (x.length !== arity || d.length !== width)
        misuse("kernel.term", "x, d", `${x.length} variables and ${d.length} data`, `${arity} and ${width} a term`);
      const results = replay(traced, x, d);
      return isVector ? sum(results.map(square)).mul(0.5) : results[0]!;
    }) as TermFunction,
    flattenInputsInto: (out: Vector, numbers: Numbers<I>) => {
      requireLength("flattenInputsInto", "out", out, arity);
      return flattenInto("kernel.flattenInputsInto", out, inputs, numbers);
    },
    flattenParametersInto: (out: Vector, numbers: Numbers<P>) => {
      requireLength("flattenParametersInto", "out", out, width);
      return flattenInto("kernel.flattenParametersInto", out, parameters, numbers);
    },
    diagnose: (x: Vector, p: Vector = none): KernelFault | undefined => {
      requirePoint("diagnose", x, p);
      const stages = isVector
        ? ([
            ["value", outputs],
            ["gradient", nodes.jacobian()],
          ] as const)
        : ([
            ["value", outputs],
            ["gradient", nodes.gradient()],
            ["hessian", nodes.hessian()],
          ] as const);
      for (const [of, roots] of stages) {
        const fault = findFault(graph, roots, reachable(graph, roots), x, p);
        if (fault === null) continue;
        const what = of === "value" ? "" : `the ${isVector ? "Jacobian" : of}: `;
        return { of, value: fault.value, operation: fault.operation, message: `kernel: ${what}${named(fault.cause)}` };
      }
      return undefined;
    },
  };

  const n = arity;
  const scalarKernel = (): ScalarKernel<I, P> => ({
    ...base,
    kind: "scalar",
    get operations() {
      const shared = [...outputs, ...nodes.gradient()];
      return {
        value: countOperations(graph, outputs),
        gradient: countOperations(graph, shared),
        hessian: countOperations(graph, [...shared, ...nodes.hessian()]),
        apply: countOperations(graph, nodes.apply()),
      };
    },
    value(x, p = none) {
      requirePoint("value", x, p);
      return run("value", x, p, {});
    },
    gradientInto: intoVector("gradientInto", "gradient", n, "out"),
    valueAndGradientInto(out, x, p = none) {
      requirePoint("valueAndGradientInto", x, p);
      requireLength("valueAndGradientInto", "out", out, n);
      return run("gradient", x, p, { out: out.fill(0) });
    },
    hessianInto: intoMatrix("hessianInto", "hessian", n, n),
    lowerHessianInto: intoVector("lowerHessianInto", "lowerHessian", (n * (n + 1)) / 2, "h"),
    valueGradientHessianInto(gradient, hessian, x, p = none) {
      requirePoint("valueGradientHessianInto", x, p);
      requireLength("valueGradientHessianInto", "gradient", gradient, n);
      requireMatrix("valueGradientHessianInto", "hessian", hessian, n, n);
      return run("gradientHessian", x, p, { out: gradient.fill(0), h: hessian.data.fill(0) });
    },
    hessianApplyInto: intoVector("hessianApplyInto", "hessianApply", n, "out", ["v", n]),
    parameterGradientInto: intoVector("parameterGradientInto", "parameterGradient", width, "out"),
    mixedInto: intoMatrix("mixedInto", "mixed", n, width),
    mixedApplyInto: intoVector("mixedApplyInto", "mixedApply", n, "out", ["w", width]),
    mixedTransposeApplyInto: intoVector("mixedTransposeApplyInto", "mixedTransposeApply", width, "out", ["v", n]),
  });
  const m = outputs.length;
  const vectorKernel = (): VectorKernel<I, P> => ({
    ...base,
    kind: "vector",
    outputs: m,
    valueInto: intoVector("valueInto", "values", m, "u"),
    jacobianInto: intoMatrix("jacobianInto", "jacobian", m, n),
    valueAndJacobianInto(value, jacobian, x, p = none) {
      requirePoint("valueAndJacobianInto", x, p);
      requireLength("valueAndJacobianInto", "value", value, m);
      requireMatrix("valueAndJacobianInto", "jacobian", jacobian, m, n);
      run("valuesJacobian", x, p, { u: value.fill(0), h: jacobian.data.fill(0) });
      return value;
    },
    jacobianApplyInto: intoVector("jacobianApplyInto", "jacobianApply", m, "out", ["v", n]),
    jacobianTransposeApplyInto: intoVector("jacobianTransposeApplyInto", "jacobianTransposeApply", n, "out", ["w", m]),
    parameterJacobianInto: intoMatrix("parameterJacobianInto", "parameterJacobian", m, width),
  });
  return (isVector ? vectorKernel() : scalarKernel()) as R extends Vec ? VectorKernel<I, P> : ScalarKernel<I, P>;
}
