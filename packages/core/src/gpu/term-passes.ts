// The programs of one set of terms of the same shape that a GPU runs, and where the results of each go.
import { gradientNodes, hessianApplyNodes, hessianNodes } from "../kernel/derive.js";
import { constantNode, inputNode, isValue } from "../kernel/graph.js";
import { Op } from "../kernel/ops.js";
import type { Program, Result } from "../kernel/program.js";
import { build } from "../kernel/simplify.js";
import type { FlatTable } from "../kernel/tables.js";
import type { Trace } from "../kernel/trace.js";

/** A traced term with its tables. */
export interface TermSet {
  readonly trace: Trace;
  readonly indices: FlatTable<Int32Array>;
  readonly data: FlatTable<Float64Array>;
  /** The variable of term t is number t: outer functions of groups. */
  readonly identity: boolean;
  /** The group of each term, for inner terms of groups. */
  readonly group: Int32Array | undefined;
}

export interface TermPrograms {
  readonly value: Program;
  /** Along each variable; of an inner term times the outer derivative w0. */
  readonly gradient: Program;
  /** ∇²v; of an inner term w0 ∇²s v + w1 ∇s. */
  readonly apply: Program;
  /** ∇sᵀv, one number a term. */
  readonly tangent: Program;
  /** The lower entries (i, j) that aren't identically 0, in the order of `entries`. */
  readonly hessian: Program;
  readonly entries: readonly (readonly [number, number])[];
  /** φ' of an outer function; and φ'' times the direction. */
  readonly slope: Program;
  readonly bend: Program;
}

/** The programs, each made when it is first asked for. */
export function termPrograms({ trace, indices, data, identity, group }: TermSet): TermPrograms {
  const { graph, x } = trace;
  const value = trace.outputs[0]!;
  const lazy = <T>(make: () => T) => {
    let made: { readonly value: T } | undefined;
    return () => (made ??= { value: make() }).value;
  };
  const directions = () => Int32Array.from(x, (_, slot) => inputNode(graph, Op.direction, slot));
  const gradient = lazy(() => gradientNodes(graph, value, x));
  const apply = lazy(() => hessianApplyNodes(graph, value, gradient(), x, directions()));
  const hessian = lazy(() => hessianNodes(graph, value, gradient(), x));
  const at = (i: number, j: number) => hessian()[(i * (i + 1)) / 2 + j]!;
  const entries = lazy(() => {
    const all = Array.from(x, (_, i) => Array.from({ length: i + 1 }, (_, j) => [i, j] as const)).flat();
    return all.filter(([i, j]) => !isValue(graph, at(i, j), 0));
  });
  const times = (a: number, b: number) => build(graph, Op.mul, a, b);
  const plus = (a: number, b: number) => build(graph, Op.add, a, b);
  const weight = (slot: number) => inputNode(graph, Op.weight, slot);

  const program = (to: Result["to"], nodes: readonly number[]): Program => ({
    graph,
    arity: indices.width,
    width: data.width,
    entries: to === "entry" ? nodes.length : 0,
    identity,
    results: nodes
      .map((node, slot) => ({ to, slot, node }))
      .filter(({ node }) => to !== "variable" || !isValue(graph, node, 0)),
  });
  const programs = {
    value: lazy(() => program("sum", [value])),
    gradient: lazy(() =>
      program(
        "variable",
        Array.from(gradient(), (node) => (group === undefined ? node : times(weight(0), node))),
      ),
    ),
    apply: lazy(() => {
      const g = gradient();
      const product = Array.from(apply());
      if (group === undefined) return program("variable", product);
      return program(
        "variable",
        product.map((node, slot) => plus(times(weight(0), node), times(weight(1), g[slot]!))),
      );
    }),
    tangent: lazy(() => {
      const along = directions();
      const parts = Array.from(gradient(), (node, slot) => times(along[slot]!, node));
      return program("sum", [parts.reduce(plus, constantNode(graph, 0))]);
    }),
    hessian: lazy(() =>
      program(
        "entry",
        entries().map(([i, j]) => at(i, j)),
      ),
    ),
    slope: lazy(() => program("sum", [gradient()[0]!])),
    bend: lazy(() => program("sum", [times(at(0, 0), directions()[0]!)])),
  };
  return {
    get value() {
      return programs.value();
    },
    get gradient() {
      return programs.gradient();
    },
    get apply() {
      return programs.apply();
    },
    get tangent() {
      return programs.tangent();
    },
    get hessian() {
      return programs.hessian();
    },
    get entries() {
      return entries();
    },
    get slope() {
      return programs.slope();
    },
    get bend() {
      return programs.bend();
    },
  };
}
