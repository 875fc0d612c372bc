// One set of terms of the same shape: its trace, its derivatives and its passes. Everything is made when it is first needed.

import type { BlockTables } from "./block-data.js";
import { congruenceNodes, type Definiteness, definiteness } from "./definite.js";
import { gradientNodes, hessianApplyNodes, hessianNodes } from "./derive.js";
import type { Evaluator } from "./evaluator.js";
import { gramNodes } from "./gram.js";
import { constantNode, countOperations, type Graph, inputNode, isValue } from "./graph.js";
import { Op } from "./ops.js";
import type { PointShape } from "./point-pattern.js";
import type { Arrays, Pass, Program, Result } from "./program.js";
import { orderResults } from "./result-order.js";
import { build } from "./simplify.js";
import type { IndexRows } from "./tables.js";
import type { OperationCounts } from "./terms.js";
import type { Trace } from "./trace.js";

const noInts = new Int32Array();
const noFloats = new Float64Array();

/** The arrays of a pass that touches none. */
export const noArrays: Arrays = {
  index: noInts,
  data: noFloats,
  group: noInts,
  place: noInts,
  map: noInts,
  x: noFloats,
  direction: noFloats,
  w0: noFloats,
  w1: noFloats,
  out: noFloats,
  h: noFloats,
  s: noFloats,
  u: noFloats,
};

/** The structure of a term's local Hessian and its tables. */
export interface Block {
  readonly trace: Trace;
  readonly indices: IndexRows;
  data: BlockTables;
  readonly identity: boolean;
  /** The entries (i, j), j ≤ i, of the local Hessian that aren't identically zero. */
  readonly entries: readonly (readonly [number, number])[];
  /** Those that a projection or a Gauss–Newton matrix may have besides: all pairs within each set of variables that `entries` connect. */
  readonly closedEntries: readonly (readonly [number, number])[];
  readonly definiteness: () => Definiteness;
  /** The pairs of slots (i, j), j < i, that name the same variable in some term. */
  readonly repeatedPairs: () => readonly (readonly [number, number])[];
  readonly operations: OperationCounts;
  /** The nodes of the value, of its gradient or of its lower Hessian. */
  readonly nodesOf: (of: "value" | "gradient" | "hessian") => ArrayLike<number>;
  /** @param shape where Hessian entries find their places by points: the same at every call of a name. */
  readonly pass: (name: PassName, shape?: PointShape) => Pass;
}

/**
 * value, gradient and hessian of plain terms; their Hessians to places of their own (see project.ts) and Gauss–Newton matrices; the same weighted by the outer derivative for the inner terms of groups, with the group sums, and
 * their gradient alone; and an outer function's value, for all groups together or each, and derivatives.
 */
export type PassName =
  | "value"
  | "gradient"
  | "hessian"
  | "onlyHessian"
  | "apply"
  | "localHessian"
  | "onlyLocalHessian"
  | "gaussNewton"
  | "onlyGaussNewton"
  | "groupSum"
  | "groupGradient"
  | "groupHessian"
  | "onlyGroupHessian"
  | "groupTangent"
  | "groupApply"
  | "groupPlaces"
  | "outerValue"
  | "outerValues"
  | "outerGradient"
  | "outerHessian"
  | "outerCurvature";

export function makeBlock(
  trace: Trace,
  indices: IndexRows,
  data: BlockTables,
  evaluator: Evaluator,
  identity = false,
): Block {
  const { graph, x } = trace;
  const byPoint = data.points.count * data.points.width;
  evaluator.expect(indices.count, indices.width, data.terms.width, byPoint);
  const value = trace.outputs[0]!;
  const lazy = <T>(make: () => T) => {
    let made: T | undefined;
    return () => (made ??= make());
  };
  const gradient = lazy(() => gradientNodes(graph, value, x));
  const hessian = lazy(() => hessianNodes(graph, value, gradient(), x));
  const apply = lazy(() => {
    const directions = Int32Array.from(x, (_, slot) => inputNode(graph, Op.direction, slot));
    return hessianApplyNodes(graph, value, gradient(), x, directions);
  });
  const entries = lazy(() => {
    const found: [number, number][] = [];
    for (let i = 0; i < x.length; i++)
      for (let j = 0; j <= i; j++) if (!isValue(graph, hessian()[(i * (i + 1)) / 2 + j]!, 0)) found.push([i, j]);
    return found;
  });
  const repeats = lazy(() => findRepeats(indices));
  const gram = lazy(() => (trace.residuals === undefined ? hessian() : gramNodes(graph, trace.residuals, x)));
  const closed = lazy(() => closedPairs(graph, hessian(), gram(), x.length));
  const definite = lazy(() => definiteness(graph, value, x, hessian()));
  const nodes = { value, gradient, hessian, apply, entries, repeats, gram, closed, definite };
  const passes = new Map<PassName, Pass>();

  return {
    trace,
    indices,
    data,
    identity,
    get entries() {
      return entries();
    },
    get closedEntries() {
      return closed();
    },
    definiteness: definite,
    repeatedPairs: () => Array.from(repeats(), (key) => [Math.floor(key / 65536), key % 65536] as const),
    get operations() {
      const g = gradient();
      return {
        value: countOperations(graph, [value]),
        gradient: countOperations(graph, [value, ...g]),
        hessian: countOperations(graph, [value, ...g, ...hessian()]),
        apply: countOperations(graph, apply()),
      };
    },
    nodesOf: (of) => (of === "value" ? [value] : of === "gradient" ? gradient() : hessian()),
    pass(name, shape) {
      let pass = passes.get(name);
      if (pass === undefined) {
        const program: Program = {
          graph,
          arity: indices.width,
          step: indices.step,
          ...(shape === undefined ? {} : { shape }),
          width: data.terms.width,
          pointWidth: data.points.width,
          entries: stride(name, nodes),
          identity,
          results: orderResults(
            graph,
            resultsOf(name, graph, nodes).filter(({ node, to }) => overwrites(to) || !isValue(graph, node, 0)),
          ),
        };
        pass = evaluator.compile(program);
        passes.set(name, pass);
      }
      return pass;
    },
  };
}

interface Nodes {
  readonly value: number;
  readonly gradient: () => Int32Array;
  readonly hessian: () => Int32Array;
  readonly apply: () => Int32Array;
  readonly entries: () => readonly (readonly [number, number])[];
  readonly repeats: () => ReadonlySet<number>;
  readonly gram: () => Int32Array;
  readonly closed: () => readonly (readonly [number, number])[];
  readonly definite: () => Definiteness;
}

const overwrites = (to: Result["to"]) => to === "own" || to.startsWith("weight");

/** Hessian entries a term; where each has a place of its own, those of the reduced Hessian and the pivot stand behind them. */
function stride(name: PassName, { entries, closed, definite }: Nodes): number {
  if (/^(only)?(group)?hessian$/i.test(name)) return entries().length;
  if (/localHessian$/i.test(name)) {
    const { basis } = definite();
    return closed().length + (basis === undefined ? 0 : (basis.rank * (basis.rank + 1)) / 2) + 1;
  }
  return /gaussNewton$/i.test(name) ? closed().length : 0;
}

function resultsOf(
  name: PassName,
  graph: Graph,
  { value, gradient, hessian, apply, entries, repeats, gram, closed, definite }: Nodes,
): Result[] {
  const weight = (slot: number) => inputNode(graph, Op.weight, slot);
  const times = (factor: number, node: number) => build(graph, Op.mul, factor, node);
  const sum: Result = { to: "sum", slot: 0, node: value };
  const variables = (nodes: Int32Array, factor?: number): Result[] =>
    Array.from(nodes, (node, slot) => ({
      to: "variable",
      slot,
      node: factor === undefined ? node : times(factor, node),
    }));
  const places = (): Result[] => Array.from(gradient(), (node, slot) => ({ to: "local", slot, node }));
  const curvature = (factor?: number, all = entries, lower = hessian): Result[] =>
    all().map(([i, j], slot) => {
      const node = lower()[(i * (i + 1)) / 2 + j]!;
      const variables = [i, j] as const;
      const result = { to: "entry", slot, node: factor === undefined ? node : times(factor, node), variables } as const;
      return i !== j && repeats().has(i * 65536 + j) ? { ...result, pair: [i, j] as const } : result;
    });
  const own = (): Result[] => {
    const { pivot = constantNode(graph, 0), basis } = definite();
    const lower = closed().map(([i, j]) => hessian()[(i * (i + 1)) / 2 + j]!);
    const reduced = basis === undefined ? [] : congruenceNodes(graph, hessian(), basis.Q, basis.Q.length / basis.rank);
    return [...lower, ...reduced, pivot].map((node, slot) => ({ to: "own", slot, node }));
  };
  switch (name) {
    case "value":
      return [sum];
    case "gradient":
      return [sum, ...variables(gradient())];
    case "hessian":
      return [sum, ...variables(gradient()), ...curvature()];
    case "onlyHessian":
      return curvature();
    case "apply":
      return variables(apply());
    case "localHessian":
      return [sum, ...variables(gradient()), ...own()];
    case "onlyLocalHessian":
      return own();
    case "gaussNewton":
      return [sum, ...variables(gradient()), ...curvature(undefined, closed, gram)];
    case "onlyGaussNewton":
      return curvature(undefined, closed, gram);
    case "groupSum":
      return [{ to: "group", slot: 0, node: value }];
    case "groupGradient":
      return variables(gradient(), weight(0));
    case "groupHessian":
      return [...variables(gradient(), weight(0)), ...curvature(weight(0)), ...places()];
    case "onlyGroupHessian":
      return [...curvature(weight(0)), ...places()];
    case "groupTangent": {
      const along = Array.from(gradient(), (node, slot) => times(inputNode(graph, Op.direction, slot), node));
      return [
        { to: "group", slot: 0, node: along.reduce((a, b) => build(graph, Op.add, a, b), constantNode(graph, 0)) },
      ];
    }
    case "groupApply": {
      const g = gradient();
      return Array.from(apply(), (node, slot) => ({
        to: "variable",
        slot,
        node: build(graph, Op.add, times(weight(0), node), times(weight(1), g[slot]!)),
      }));
    }
    case "groupPlaces":
      return places();
    case "outerValues":
      return [{ to: "weight0", slot: 0, node: value }];
    case "outerValue":
      return [sum];
    case "outerGradient":
      return [sum, { to: "weight0", slot: 0, node: gradient()[0]! }];
    case "outerHessian":
      return [sum, { to: "weight0", slot: 0, node: gradient()[0]! }, { to: "weight1", slot: 0, node: hessian()[0]! }];
    case "outerCurvature": {
      // w0 = φ'(s), w1 = φ''(s) ṡ for Hessian-vector products, ṡ as the direction.
      const change = times(hessian()[0]!, inputNode(graph, Op.direction, 0));
      return [
        { to: "weight0", slot: 0, node: gradient()[0]! },
        { to: "weight1", slot: 0, node: change },
      ];
    }
  }
}

/** All pairs (i, j), j ≤ i, within each set of variables that entries of either matrix connect. */
function closedPairs(graph: Graph, H: Int32Array, G: Int32Array, k: number): (readonly [number, number])[] {
  const set = Int32Array.from({ length: k }, (_, i) => i);
  const used = new Uint8Array(k);
  for (let i = 0, e = 0; i < k; i++) {
    for (let j = 0; j <= i; j++, e++) {
      if (isValue(graph, H[e]!, 0) && isValue(graph, G[e]!, 0)) continue;
      used[i] = used[j] = 1;
      const [from, to] = [set[i]!, set[j]!];
      if (from !== to) for (let a = 0; a < k; a++) if (set[a] === from) set[a] = to;
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0; i < k; i++)
    for (let j = 0; j <= i; j++) if (used[i] === 1 && used[j] === 1 && set[i] === set[j]) pairs.push([i, j]);
  return pairs;
}

/** The pairs of slots (i · 65536 + j, j < i) that name the same variable in some term. */
function findRepeats({ count, width, table, step }: IndexRows): ReadonlySet<number> {
  const found = new Set<number>();
  const arity = width / step;
  for (let t = 0, at = 0; t < count; t++, at += arity) {
    for (let i = 1; i < arity; i++)
      for (let j = 0; j < i; j++)
        if (table[at + i] === table[at + j])
          for (let c = 0; c < step; c++) found.add((i * step + c) * 65536 + j * step + c);
  }
  return found;
}
