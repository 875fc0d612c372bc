// The passes of a kernel over a single point: programs of one term, whose tables are the identity, compiled when they are first run.
import type { Vector } from "../linear/matrix.js";
import { noArrays } from "./block.js";
import { gradientNodes, hessianApplyNodes, hessianNodes, jacobianNodes, tangentNodes } from "./derive.js";
import { compileJs, mayCompile } from "./emit-js.js";
import { constantNode, inputNode, isValue } from "./graph.js";
import { interpretJs } from "./interpret.js";
import { Op } from "./ops.js";
import { plus, times } from "./partials.js";
import type { Arrays, Pass, Result } from "./program.js";
import type { Trace } from "./trace.js";

export interface KernelPasses {
  /** Nodes of the results: of one by name, made at the first call. */
  readonly nodes: KernelNodes;
  /** Runs the pass `name`: `out` takes what goes to variables, `h` matrix entries, `u` the values of vector results. */
  readonly run: (name: KernelPass, x: Vector, p: Vector, to: Partial<Arrays>) => number;
}

export interface KernelNodes {
  readonly gradient: () => Int32Array;
  /** The lower half. */
  readonly hessian: () => Int32Array;
  readonly jacobian: () => Int32Array;
  /** The Hessian along a direction. */
  readonly apply: () => Int32Array;
}

/** What a kernel evaluates in one pass. Of a matrix all entries; of a symmetric one both halves, or the lower one. */
export type KernelPass =
  | "value"
  | "values"
  | "gradient"
  | "parameterGradient"
  | "hessian"
  | "lowerHessian"
  | "gradientHessian"
  | "hessianApply"
  | "mixed"
  | "mixedApply"
  | "mixedTransposeApply"
  | "jacobian"
  | "valuesJacobian"
  | "parameterJacobian"
  | "jacobianApply"
  | "jacobianTransposeApply";

export function makePasses(
  { graph, x, data, outputs }: Trace,
  evaluation: "auto" | "compiled" | "interpreted",
): KernelPasses {
  const compiles = evaluation === "compiled" || (evaluation === "auto" && mayCompile());
  const most = Math.max(x.length, data.length, outputs.length);
  const index = Int32Array.from({ length: most * most }, (_, i) => i);
  const lazy = <T>(make: () => T) => {
    let made: T | undefined;
    return () => (made ??= make());
  };
  const output = outputs[0]!;
  const gradient = lazy(() => gradientNodes(graph, output, x));
  const hessian = lazy(() => hessianNodes(graph, output, gradient(), x));
  const apply = lazy(() => hessianApplyNodes(graph, output, gradient(), x, directions(x.length)));
  const jacobian = lazy(() => jacobianNodes(graph, outputs, x));
  const directions = (count: number) => Int32Array.from({ length: count }, (_, j) => inputNode(graph, Op.direction, j));
  /** The derivative of the output along a direction in `along`, then by each of `by`. */
  const crossed = (along: Int32Array, by: Int32Array) => {
    const seeds = new Map(Array.from(directions(along.length), (node, j) => [along[j]!, node] as const));
    return gradientNodes(graph, tangentNodes(graph, [output], seeds)[0]!, by);
  };

  const sum: Result = { to: "sum", slot: 0, node: output };
  const values = () => Array.from(outputs, (node, slot): Result => ({ to: "local", slot, node }));
  const vector = (nodes: Int32Array) => Array.from(nodes, (node, slot): Result => ({ to: "variable", slot, node }));
  const entries = (nodes: Int32Array) => Array.from(nodes, (node, slot): Result => ({ to: "entry", slot, node }));
  const bothHalves = () => {
    const k = x.length;
    return Array.from({ length: k * k }, (_, slot): Result => {
      const [i, j] = [Math.floor(slot / k), slot % k];
      const node = hessian()[i >= j ? (i * (i + 1)) / 2 + j : (j * (j + 1)) / 2 + i]!;
      return { to: "entry", slot, node };
    });
  };
  const along = (nodes: Int32Array) => {
    const seeds = new Map(Array.from(directions(x.length), (node, j) => [x[j]!, node] as const));
    return tangentNodes(graph, nodes, seeds);
  };

  const resultsOf = (name: KernelPass): Result[] => {
    switch (name) {
      case "value":
        return [sum];
      case "values":
        return values();
      case "gradient":
        return [sum, ...vector(gradient())];
      case "parameterGradient":
        return vector(gradientNodes(graph, output, data));
      case "hessian":
        return bothHalves();
      case "lowerHessian":
        return entries(hessian());
      case "gradientHessian":
        return [sum, ...vector(gradient()), ...bothHalves()];
      case "hessianApply":
        return vector(apply());
      case "mixed":
        return entries(jacobianNodes(graph, gradient(), data));
      case "mixedApply":
        return vector(crossed(data, x));
      case "mixedTransposeApply":
        return vector(crossed(x, data));
      case "jacobian":
        return entries(jacobian());
      case "valuesJacobian":
        return [...values(), ...entries(jacobian())];
      case "parameterJacobian":
        return entries(jacobianNodes(graph, outputs, data));
      case "jacobianApply":
        return vector(along(outputs));
      case "jacobianTransposeApply": {
        const weights = directions(outputs.length);
        const weighted = outputs.reduce(
          (total, node, i) => plus(graph, total, times(graph, weights[i]!, node)),
          constantNode(graph, 0),
        );
        return vector(gradientNodes(graph, weighted, x));
      }
    }
  };

  const passes = new Map<KernelPass, Pass>();
  return {
    nodes: { gradient, hessian, jacobian, apply },
    run(name, at, p, to) {
      let pass = passes.get(name);
      if (pass === undefined) {
        const results = resultsOf(name).filter(({ node }) => !isValue(graph, node, 0));
        const program = { graph, arity: x.length, width: data.length, entries: 0, identity: false, results };
        passes.set(name, (pass = compiles ? compileJs(program) : interpretJs(program)));
      }
      return pass(1, { ...noArrays, index, map: index, place: index, data: p, x: at, ...to });
    },
  };
}
