// A function of unknowns at the vertices of a mesh, as a sum of small terms over its elements: the front door of this package.
//
// Locality: each term depends on the few unknowns of its element, so that value, gradient and sparse Hessian are sums of small ones. Schmidt et al., "TinyAD" (2022); Mahmoud,
// Goel, Ragan-Kelley, Solomon, "Locality-aware automatic differentiation on the GPU for mesh-based computations" (2025). Unlike there, terms are traced once and
// differentiated as expressions (core's kernel compiler).
import { describe, misuse, requireKnownOptions } from "@hessia/core";
import {
  composedFromTerms,
  type Operand,
  problemFromTerms,
  type TermBlock,
  type TermsOptions,
  type TermsProblem,
  type Vec,
} from "@hessia/core/kernel";
import { projectPsdInto } from "@hessia/core/linear";
import { ambientOf } from "./ambient.js";
import { type Domain, type ElementKind, type Elements, elementsOf, type Tuples, tupleTable } from "./elements.js";
import { type MeshProblem, makeMeshProblem, type ProblemOptions, type Sum } from "./mesh-problem.js";
import {
  type ElementData,
  flattenValues,
  type Parameters,
  requireNamed,
  type SymbolicData,
  type VertexData,
  type VertexValues,
} from "./passive.js";
import { dataOf, makeTerms, type RawTerm, requireTermSet, type TermSet, type TermsOfArity } from "./term-set.js";
import { euclidean, type Unknowns } from "./unknowns.js";

export interface FunctionOptions<D extends number, V, P extends Parameters> extends TermsOptions {
  /** Coordinates of the unknown point at each vertex. Either this or `unknowns`. */
  readonly dimension?: D;
  /** What stands at each vertex where it isn't a point of R^d: `unitSphere`, `rotation`, or your own. */
  readonly unknowns?: Unknowns<V>;
  /** Numbers that are the same for all terms and may be changed without tracing or compiling: `{ stiffness: [scalar, 10] }`. */
  readonly parameters?: P;
}

/** What a term is given besides its unknowns. */
export interface Element<D extends ElementData, W extends VertexData, P extends Parameters> {
  /** Numbers of the element, by name. */
  readonly data: SymbolicData<D>;
  /** Numbers of each of its vertices, by name, in their order. */
  readonly vertexData: { readonly [K in keyof W]: readonly SymbolicData<W>[K][] };
  readonly parameters: SymbolicData<P>;
}

/** Of a star, known while it is traced: loops and branches may depend on it. */
export interface Star {
  /** Its neighbours. */
  readonly valence: number;
  /** Whether it is open: its last neighbour isn't joined to its first. */
  readonly isBoundary: boolean;
}

/** A term is a scalar, or a vector of residuals r: then it is ½ ‖r‖². */
export type TermResult = Operand | Vec;

export interface SetOptions<D extends ElementData, W extends VertexData> {
  /** How messages and `setData` call these terms. Default: their kind and number, "triangle terms 0". */
  readonly name?: string;
  /** Numbers of each element: `{ area: [scalar, areas] }`, a list or a function of the element's number and its vertices. Of stars by vertex. */
  readonly data?: D;
  /** Numbers of each vertex of the mesh: `{ rest: [vec3, mesh.positions] }`; a term gets those of its vertices. */
  readonly vertexData?: W;
}

type Nothing = Record<never, never>;
/** Adds terms over one kind of element; answers the function itself. What terms read besides their unknowns stands before them. */
interface Add<V extends readonly unknown[], F, P extends Parameters, E = unknown> {
  (term: (vertices: V, element: Element<Nothing, Nothing, P> & E) => TermResult): F;
  <const D extends ElementData, const W extends VertexData>(
    options: SetOptions<D, W>,
    term: (vertices: V, element: Element<D, W, P> & E) => TermResult,
  ): F;
}

export interface ScalarFunction<V, P extends Parameters> {
  /** Over single vertices: `([a]) => …`. All `add…` take what terms read first: `({ data: { … } }, ([a], { data }) => …)`. */
  readonly addVertexTerms: Add<readonly [V], ScalarFunction<V, P>, P>;
  /** Over edges: `([a, b]) => …`, the smaller number first. */
  readonly addEdgeTerms: Add<readonly [V, V], ScalarFunction<V, P>, P>;
  /** Over triangles: `([a, b, c]) => …`, counterclockwise. */
  readonly addTriangleTerms: Add<readonly [V, V, V], ScalarFunction<V, P>, P>;
  /** Over the corners of triangles: `([tip, next, previous]) => …`. Corner 3 f + k is vertex k of triangle f. */
  readonly addCornerTerms: Add<readonly [V, V, V], ScalarFunction<V, P>, P>;
  /** Over inner edges with the tips of both triangles: `([i, j, k, l]) => …`, see `hinges`. */
  readonly addHingeTerms: Add<readonly [V, V, V, V], ScalarFunction<V, P>, P>;
  /** Over tetrahedra: `([a, b, c, d]) => …`. */
  readonly addTetrahedronTerms: Add<readonly [V, V, V, V], ScalarFunction<V, P>, P>;
  /** Over vertices with all of their neighbours, counterclockwise: `([centre, ...ring], { valence, isBoundary }) => …`; traced once a valence. */
  readonly addStarTerms: Add<readonly [V, ...V[]], ScalarFunction<V, P>, P, Star>;
  /** Over tuples of vertices, all of one length. */
  addTerms(
    tuples: Tuples,
    term: (vertices: readonly [V, ...V[]], element: Element<Nothing, Nothing, P>) => TermResult,
  ): ScalarFunction<V, P>;
  addTerms<const D extends ElementData, const W extends VertexData>(
    tuples: Tuples,
    options: SetOptions<D, W>,
    term: (vertices: readonly [V, ...V[]], element: Element<D, W, P>) => TermResult,
  ): ScalarFunction<V, P>;
  /** Changes parameters in this function and in all problems made from it; nothing is traced or compiled. Shapes stay. */
  setParameters(values: { readonly [K in keyof P]?: number | ArrayLike<number> }): void;
  /** Changes numbers of elements or vertices, likewise. @param name that of the terms. */
  setData(name: string, values: Readonly<Record<string, VertexValues>>): void;
  /** The function as blocks of core's compiler, for its other doors (`gpuTerms` on a GPU): variable `dimension · vertex + coordinate`. Not on manifolds. */
  terms(): { readonly dimension: number; readonly blocks: readonly TermBlock[] };
  /** The function as a problem for core's methods. See {@link ProblemOptions}. */
  problem(options?: ProblemOptions): MeshProblem;
}

/** Terms a point from which on values and gradients go by points that are computed once: where both ways took about as long on spheres. */
const sharedEnough = 2;

/**
 * A function of one unknown a vertex. It begins as 0; add terms, then make a problem of it.
 *
 * @example
 * const energy = scalarFunction(mesh, { dimension: 3 }).addEdgeTerms(([a, b]) => a.sub(b).squaredNorm());
 * const problem = energy.problem({ start: mesh.positions });
 * @throws ArgumentError when the options are wrong, and later, naming the terms: data of a wrong shape or that aren't finite, a term that answers something else than an Expr, a
 * number or a Vec, a mesh that lacks the elements or isn't manifold where they need it.
 */
export function scalarFunction<D extends number = 3, const P extends Parameters = Nothing, V = Vec<D>>(
  domain: Domain,
  options: FunctionOptions<D, V, P>,
): ScalarFunction<V, P> {
  const routine = "scalarFunction";
  if (domain === null || typeof domain !== "object" || !["triangles", "tetrahedra", "points"].includes(domain.kind))
    misuse(routine, "mesh", describe(domain), "a mesh, or a set of points by pointSet");
  if (options === null || typeof options !== "object")
    misuse(routine, "options", describe(options), "{ dimension: 2 }");
  requireKnownOptions(routine, options, ["dimension", "unknowns", "parameters", "evaluation", "threads"]);
  const { dimension, unknowns: given, parameters: first = {} as P, evaluation, threads } = options;
  if ((dimension === undefined) === (given === undefined))
    misuse(routine, "options", "with neither or both of dimension and unknowns", "one of them");
  const unknowns = (given ?? euclidean(dimension!)) as Unknowns<unknown>;
  requireNamed(routine, "options.parameters", first);
  for (const [name, [shape, values]] of Object.entries(first)) requireParameter(name, shape, values);
  let parameters: Parameters = first;
  const sets: TermSet[] = [];
  const sums: Sum[] = [];
  const { vertexCount } = domain;

  const add = (
    kind: ElementKind,
    elements: readonly Elements[],
    term: unknown,
    setOptions: SetOptions<ElementData, VertexData>,
  ) => {
    requireKnownOptions(routine, setOptions, ["name", "data", "vertexData"]);
    const {
      name = `${kind} terms ${sets.filter((set) => set.kind === kind).length}`,
      data = {},
      vertexData = {},
    } = setOptions;
    if (sets.some((set) => set.name === name))
      misuse(routine, "options.name", describe(name), "a name that no other terms have");
    const set: TermSet = { name, kind, elements, term: term as RawTerm, data, vertexData };
    requireTermSet(set, vertexCount);
    sets.push(set);
    // Problems that were made before go on without these terms.
    sums.length = 0;
    return self;
  };
  /** (term) or (options, term). */
  const addGiven = (kind: ElementKind, elements: readonly Elements[], given: readonly unknown[]) => {
    const [setOptions, term] = given.length > 1 ? given : [{}, given[0]];
    if (setOptions === null || typeof setOptions !== "object")
      misuse(routine, "options", describe(setOptions), "{ data: … }, before the function of the terms");
    // Of elements that aren't there nothing is traced.
    const present = elements.filter(({ table }) => table.length > 0);
    return add(kind, present, term, setOptions as SetOptions<ElementData, VertexData>);
  };
  const adder =
    (kind: Exclude<ElementKind, "tuple">) =>
    (...given: unknown[]) =>
      addGiven(kind, elementsOf(domain, kind, routine), given);

  const makeAll = (of: readonly TermSet[] = sets, as: Unknowns<unknown> = unknowns) => {
    const made = of.flatMap((set) => set.elements.map((one) => makeTerms(set, one, as, parameters, vertexCount)));
    return { blocks: made.map(({ block }) => block), terms: made.map(({ terms }) => terms) };
  };
  const rest = {
    ...(evaluation === undefined ? {} : { evaluation }),
    ...(threads === undefined ? {} : { threads }),
  };
  const makeSum = (): Sum => {
    const { terms, blocks } = makeAll();
    const core = problemFromTerms(vertexCount * unknowns.tangent, blocks, { ...rest, projectPsd: projectPsdInto });
    live.push({ terms, core });
    const compose = composer([...sets]);
    return compose === undefined ? { terms, core } : { terms, core, compose };
  };
  /** For values and gradients on a manifold, where points are shared enough that it pays to compute each of them apart. */
  const composer = (of: readonly TermSet[]): Sum["compose"] => {
    const uses = of.reduce(
      (sum, { elements }) => sum + elements.reduce((part, { table }) => part + table.length, 0),
      0,
    );
    if (unknowns.frame === 0 || uses <= sharedEnough * vertexCount) return undefined;
    const ambient = ambientOf(unknowns);
    if (ambient === undefined) return undefined;
    return (frames) => {
      const { terms, blocks } = makeAll(of, ambient.unknowns);
      const data = { width: unknowns.frame, table: frames };
      const points = { count: vertexCount, variables: unknowns.tangent, data, point: ambient.point };
      const core = composedFromTerms(points, blocks, rest);
      live.push({ terms, core });
      return core;
    };
  };
  /** Writes columns again wherever they are in use. */
  const refill = (wanted: (name: string, role: string, set: TermSet) => boolean) => {
    for (const { terms, core } of live) {
      for (const [b, one] of terms.entries()) {
        const columns = one.columns.filter(({ name, role }) => wanted(name, role, one.set));
        if (columns.length > 0) core.setData(b, dataOf(one, columns, parameters, vertexCount));
      }
    }
  };
  const live: { readonly terms: readonly TermsOfArity[]; readonly core: Pick<TermsProblem, "setData"> }[] = [];

  const self = {
    addVertexTerms: adder("vertex"),
    addEdgeTerms: adder("edge"),
    addTriangleTerms: adder("triangle"),
    addCornerTerms: adder("corner"),
    addHingeTerms: adder("hinge"),
    addTetrahedronTerms: adder("tetrahedron"),
    addStarTerms: adder("star"),
    addTerms: (tuples: Tuples, ...given: unknown[]) => addGiven("tuple", [tupleTable(domain, tuples, routine)], given),
    setParameters(values: Readonly<Record<string, number | ArrayLike<number>>>) {
      requireKnownOptions("setParameters", values, Object.keys(parameters));
      const changed: Record<string, Parameters[string]> = { ...parameters };
      for (const [name, value] of Object.entries(values)) {
        const [shape] = parameters[name]!;
        requireParameter(name, shape, value);
        changed[name] = [shape, value];
      }
      parameters = changed;
      refill((name, role) => role === "parameters" && name in values);
    },
    setData(name: string, values: Readonly<Record<string, VertexValues>>) {
      const set = sets.find((one) => one.name === name);
      if (set === undefined)
        return misuse(
          "setData",
          "name",
          describe(name),
          `one of ${sets.map((one) => JSON.stringify(one.name)).join(", ")}`,
        );
      requireKnownOptions("setData", values, [...Object.keys(set.data), ...Object.keys(set.vertexData)]);
      const data = { ...set.data };
      const vertexData = { ...set.vertexData };
      for (const [key, value] of Object.entries(values)) {
        if (key in data) data[key] = [data[key]![0], value];
        else vertexData[key] = [vertexData[key]![0], value];
      }
      requireTermSet({ ...set, data, vertexData }, vertexCount);
      set.data = data;
      set.vertexData = vertexData;
      refill((column, role, owner) => owner === set && role !== "parameters" && column in values);
    },
    terms() {
      if (unknowns.frame > 0) misuse("terms", "function", `of unknowns on ${unknowns.name}`, "one of points of R^d");
      return { dimension: vertexCount * unknowns.tangent, blocks: makeAll().blocks };
    },
    problem(problemOptions: ProblemOptions = {}) {
      if (sets.length === 0) misuse("problem", "function", "without terms", "terms: addTriangleTerms and its kin");
      // Base points are data: a problem on a manifold has a sum of its own.
      const isShared = unknowns.frame === 0;
      let sum = isShared ? sums[0] : undefined;
      if (sum === undefined) {
        sum = makeSum();
        if (isShared) sums[0] = sum;
      }
      return makeMeshProblem(domain, unknowns, sum, problemOptions);
    },
  };
  return self as unknown as ScalarFunction<V, P>;
}

function requireParameter(
  name: string,
  shape: { readonly kind: string; readonly length?: number; readonly rows?: number; readonly cols?: number },
  value: number | ArrayLike<number>,
): void {
  const size = shape.kind === "scalar" ? 1 : (shape.length ?? shape.rows! * shape.cols!);
  flattenValues("scalarFunction", `parameters.${name}`, typeof value === "number" ? [value] : value, 1, size);
}
