// A function on a mesh as a problem of core: fixed vertices and equations eliminated, Hessians projected term by term if asked for, and the way back to the mesh.
import {
  describe,
  type HasGradient,
  type HasHessian,
  type HasHessianApply,
  type HasValue,
  type Matrix,
  misuse,
  requireFiniteVector,
  requireKnownOptions,
  requireOneOf,
  type SparseMatrix,
  type Vector,
} from "@hessia/core";
import type { ComposedTerms, Convexity, TermsProblem } from "@hessia/core/kernel";
import { multiplySparseVectorInto } from "@hessia/core/linear";
import type { Domain, ElementKind } from "./elements.js";
import {
  type Equation,
  extendInto,
  gatherInto,
  type ReducedPattern,
  type Reduction,
  reducePattern,
  reduceValuesInto,
} from "./reduce.js";
import { reduceFor, startPoints } from "./start.js";
import { frameData, type TermsOfArity } from "./term-set.js";
import type { Unknowns } from "./unknowns.js";

export interface ProblemOptions {
  /** The point at each vertex to begin at, flat: `dimension` numbers a vertex (3 on the sphere, 9 for a rotation). Default: the mesh's positions in three dimensions, else it must be given. */
  readonly start?: ArrayLike<number>;
  /** Vertices that stay where they are at the start, or [vertex, coordinate] for one coordinate (on a manifold, of the tangent). */
  readonly fixed?: ArrayLike<number | readonly [vertex: number, coordinate: number]>;
  /** Linear equations between coordinates; they are eliminated, and the start is moved to satisfy them. Not on manifolds. */
  readonly equations?: readonly Equation[];
  /**
   * What becomes of each term's Hessian: "none" (the exact one), "clamp" (negative eigenvalues become 0) or "absolute" (they change sign). With a projection a
   * Newton step always descends. Default "none".
   */
  readonly projection?: "none" | "clamp" | "absolute";
  /** JᵀJ instead of the Hessian for terms that are residuals; other terms are clamped. Default false. */
  readonly gaussNewton?: boolean;
}

/** A term that isn't finite, or whose derivative isn't. */
export interface ElementFault {
  /** The name of the terms, their kind, and the element among all of that kind. */
  readonly terms: string;
  readonly kind: ElementKind;
  readonly element: number;
  readonly vertices: readonly number[];
  readonly of: "value" | "gradient" | "hessian";
  /** The operation to blame: "log(-2)". */
  readonly operation: string;
  readonly message: string;
}

/**
 * The function in its free coordinates y. With a projection or Gauss–Newton the Hessian, and products with it, are those of the convex model; value and gradient are exact.
 */
export interface MeshProblem extends HasValue, HasGradient, HasHessian, HasHessianApply {
  /** The free coordinates of the start. */
  readonly start: Float64Array;
  newHessian(): SparseMatrix;
  valueAndGradientInto(out: Vector, y: Vector): number;
  /** ∇f and the Hessian in one pass; answers f. */
  valueGradientHessianInto(gradient: Vector, hessian: SparseMatrix, y: Vector): number;
  /** The point at each vertex for free coordinates y, flat. */
  extend(y: Vector): Float64Array;
  /** The free coordinates of points at all vertices; those that are fixed or depend on others are passed over. Not on manifolds. */
  restrict(points: Vector): Float64Array;
  /** On manifolds: the points at y become the base points, so that y = 0 stands for them. */
  rebase(y: Vector): void;
  /** Terms that aren't finite at y, or whose derivatives aren't, at most `limit` (10). */
  diagnose(y: Vector, limit?: number): readonly ElementFault[];
  /** Operations and entries of the compiled terms, as `problemFromTerms` has them. */
  readonly structure: TermsProblem["structure"];
}

/** Compiled terms. */
export interface Sum {
  readonly terms: readonly TermsOfArity[];
  readonly core: TermsProblem;
  /** On a manifold, where terms share points: the same sum with each point computed once, for values and gradients. Compiled at each call. */
  readonly compose?: (frames: Float64Array) => ComposedTerms;
}

export function makeMeshProblem(
  domain: Domain,
  unknowns: Unknowns<unknown>,
  { terms, core, compose }: Sum,
  options: ProblemOptions,
): MeshProblem {
  const routine = "problem";
  if (options === null || typeof options !== "object") misuse(routine, "options", describe(options), "an object");
  requireKnownOptions(routine, options, ["start", "fixed", "equations", "projection", "gaussNewton"]);
  const { projection = "none", gaussNewton = false, equations = [] } = options;
  requireOneOf(routine, "options.projection", projection, ["none", "clamp", "absolute"]);
  requireOneOf(routine, "options.gaussNewton", gaussNewton, [true, false]);
  const convexity: Convexity | undefined = gaussNewton ? "gaussNewton" : projection === "none" ? undefined : projection;
  const points = startPoints(domain, unknowns, options.start);
  const isFlat = unknowns.frame === 0;
  if (!isFlat && equations.length > 0)
    misuse(routine, "options.equations", "given on a manifold", "none: fix vertices instead");
  const reduction = reduceFor(domain, unknowns, terms, options, points, equations);
  const full = core.dimension;
  const n = reduction?.free.length ?? full;

  // All coordinates, where some of them are eliminated. On a manifold x is the tangent coordinates around `points`.
  const [x, g, direction] = Array.from({ length: 3 }, () => new Float64Array(reduction === undefined ? 0 : full)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const at = (y: Vector): Float64Array => (reduction === undefined ? y : extendInto(x, reduction, y));
  let H: SparseMatrix | undefined;
  let pattern: ReducedPattern | undefined;
  // On a manifold the base points, which move by `rebase`.
  const base = points;
  const framesAtBase = (): Float64Array => {
    const { frame, ambient } = unknowns;
    const frames = new Float64Array(frame * domain.vertexCount);
    for (let v = 0; v < domain.vertexCount; v++) unknowns.frameInto(frames, frame * v, base, ambient * v);
    return frames;
  };
  // Whoever evaluates is told of the base points when it is first asked.
  let isPlaced = isFlat;
  let isComposedPlaced = false;
  let composed: ComposedTerms | undefined;
  const placed = (): TermsProblem => {
    if (isPlaced) return core;
    const frames = framesAtBase();
    for (const [b, one] of terms.entries()) {
      if (one.columns.length > 0) core.setData(b, frameData(one, frames));
    }
    isPlaced = true;
    return core;
  };
  const forGradients = (): Pick<TermsProblem, "value" | "valueAndGradientInto"> => {
    if (compose === undefined) return placed();
    if (composed === undefined) composed = compose(framesAtBase());
    else if (!isComposedPlaced) composed.setPointData({ width: unknowns.frame, table: framesAtBase() });
    isComposedPlaced = true;
    return composed;
  };
  const newFull = () => (convexity === undefined ? core.newHessian() : core.newConvexHessian());
  const inner = (): SparseMatrix => (H ??= newFull());
  const reduced = (): ReducedPattern => (pattern ??= reducePattern(reduction!, inner()));
  const fillHessian = (gradient: Vector | undefined, out: SparseMatrix, where: Vector): number => {
    const sum = placed();
    if (gradient !== undefined) {
      return convexity === undefined
        ? sum.valueGradientHessianInto(gradient, out, where)
        : sum.valueGradientConvexHessianInto(gradient, out, where, convexity);
    }
    if (convexity === undefined) sum.hessianInto(out, where);
    else sum.convexHessianInto(out, where, convexity);
    return 0;
  };
  const requireLength = (method: string, argument: string, v: Vector) => {
    if (v.length !== n) misuse(method, argument, `of length ${v.length}`, `length ${n}, the free coordinates`);
  };
  const requireMatrix = (method: string, out: Matrix): SparseMatrix => {
    const entries = (reduction === undefined ? inner() : reduced()).rowIndices.length;
    if (out.kind !== "sparse" || out.cols !== n || out.values.length !== entries)
      return misuse(method, "out", describe(out), "a matrix made by newHessian()");
    return out;
  };
  const hessianInto = (method: string, gradient: Vector | undefined, out: SparseMatrix, y: Vector): number => {
    requireLength(method, "y", y);
    if (reduction === undefined) return fillHessian(gradient, out, y);
    const value = fillHessian(gradient && g, inner(), at(y));
    if (gradient !== undefined) gatherInto(gradient, reduction, g);
    reduceValuesInto(out.values, reduced(), inner().values);
    return value;
  };
  /** The convex model's matrix at the point of the last product. */
  let product: { readonly matrix: SparseMatrix; readonly y: Float64Array; isSet: boolean } | undefined;
  const modelAt = (y: Vector): SparseMatrix => {
    product ??= { matrix: self.newHessian(), y: new Float64Array(n), isSet: false };
    if (!product.isSet || y.some((value, i) => value !== product!.y[i])) {
      hessianInto("hessianApplyInto", undefined, product.matrix, y);
      product.y.set(y);
      product.isSet = true;
    }
    return product.matrix;
  };
  const self: MeshProblem = {
    dimension: n,
    start: !isFlat ? new Float64Array(n) : reduction === undefined ? points : gatherFree(points, reduction),
    value(y) {
      requireLength("value", "y", y);
      return forGradients().value(at(y));
    },
    gradientInto(out, y) {
      self.valueAndGradientInto(out, y);
      return out;
    },
    valueAndGradientInto(out, y) {
      requireLength("valueAndGradientInto", "y", y);
      if (reduction === undefined) return forGradients().valueAndGradientInto(out, y);
      const value = forGradients().valueAndGradientInto(g, at(y));
      gatherInto(out, reduction, g);
      return value;
    },
    newHessian() {
      if (reduction === undefined) {
        const matrix = newFull();
        H ??= matrix;
        return matrix;
      }
      const { colPointers, rowIndices } = reduced();
      const values = new Float64Array(rowIndices.length);
      return { kind: "sparse", rows: n, cols: n, colPointers, rowIndices, values, symmetric: true };
    },
    hessianInto(out, y) {
      hessianInto("hessianInto", undefined, requireMatrix("hessianInto", out), y);
      return out;
    },
    valueGradientHessianInto(gradient, hessian, y) {
      requireLength("valueGradientHessianInto", "gradient", gradient);
      return hessianInto("valueGradientHessianInto", gradient, requireMatrix("valueGradientHessianInto", hessian), y);
    },
    hessianApplyInto(out, y, v) {
      requireLength("hessianApplyInto", "y", y);
      requireLength("hessianApplyInto", "v", v);
      if (convexity !== undefined) return multiplySparseVectorInto(out, modelAt(y), v);
      if (reduction === undefined) return placed().hessianApplyInto(out, y, v);
      placed().hessianApplyInto(g, at(y), extendInto(direction, reduction, v, true));
      return gatherInto(out, reduction, g);
    },
    extend(y) {
      requireLength("extend", "y", y);
      if (isFlat) return at(y).slice();
      const t = at(y);
      const out = new Float64Array(base.length);
      const { ambient, tangent } = unknowns;
      // What doesn't move keeps its bits.
      out.set(base);
      for (let v = 0; v < domain.vertexCount; v++) {
        const own = t.subarray(tangent * v, tangent * (v + 1));
        if (own.some((value) => value !== 0)) unknowns.moveInto(out, ambient * v, base, ambient * v, t, tangent * v);
      }
      return out;
    },
    restrict(all) {
      if (!isFlat) misuse("restrict", "points", "given on a manifold", "a problem of points in R^d");
      requireFiniteVector("restrict", "points", all, full);
      return gatherFree(all, reduction);
    },
    rebase(y) {
      if (isFlat) misuse("rebase", "y", "given in R^d", "a problem on a manifold: in R^d there is nothing to do");
      base.set(self.extend(y));
      isPlaced = isComposedPlaced = false;
      if (product !== undefined) product.isSet = false;
    },
    diagnose(y, limit = 10) {
      requireLength("diagnose", "y", y);
      return placed()
        .diagnose(at(y).slice(), limit)
        .map(({ block, term, of, operation, message }) => {
          const { set, elements } = terms[block]!;
          const vertices = Array.from(elements.table.subarray(term * elements.arity, (term + 1) * elements.arity));
          const element = elements.numbers?.[term] ?? term;
          const cause = message.slice(message.indexOf(": ") + 2);
          const text = `${set.name}, ${set.kind} ${element} (vertices ${vertices.join(", ")}): ${cause}`;
          return { terms: set.name, kind: set.kind, element, vertices, of, operation, message: text };
        });
    },
    get structure() {
      return core.structure;
    },
  };
  return self;
}

const gatherFree = (points: ArrayLike<number>, reduction: Reduction | undefined): Float64Array =>
  reduction === undefined ? Float64Array.from(points) : Float64Array.from(reduction.free, (i) => points[i]!);
