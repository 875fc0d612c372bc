// What a kernel is: a scalar or a vector of named inputs and parameters, with its derivatives.
import type { DenseMatrix, Vector } from "../linear/matrix.js";
import type { Operand } from "./expr.js";
import type { Numbers, Shapes } from "./shapes.js";
import type { OperationCounts, TermFault } from "./terms.js";
import type { TermFunction } from "./trace.js";
import type { Vec } from "./vectors.js";

/** What the function of a kernel may return: a scalar, or a vector. */
export type KernelResult = Operand | Vec;

export interface KernelShapes<I extends Shapes, P extends Shapes> {
  /** What derivatives are taken by. */
  readonly inputs: I;
  /** What stays fixed in an optimization; `mixedInto` and its kin differentiate by them too. None by default. */
  readonly parameters?: P;
}

export interface KernelOptions {
  /** "compiled" JavaScript, "interpreted", or (the default, "auto") compiled where the page's security policy allows. */
  readonly evaluation?: "auto" | "compiled" | "interpreted";
}

/** What isn't finite at a point. */
export type KernelFault = Pick<TermFault, "of" | "value" | "operation" | "message">;

interface KernelBase<I extends Shapes, P extends Shapes> {
  readonly inputs: I;
  readonly parameters: P;
  /** Numbers of all inputs, n: the arity of an index table. They lie in declared order, matrices row by row. */
  readonly arity: number;
  /** Numbers of all parameters, m: the width of a data table. */
  readonly width: number;
  /** For a block of `problemFromTerms`: inputs as variables, parameters as data. Of a vector kernel r it is ½‖r‖². */
  readonly term: TermFunction;
  /** Writes inputs given by name into a flat vector of length n. */
  flattenInputsInto(out: Vector, numbers: Numbers<I>): Vector;
  /** Writes parameters given by name into a flat vector of length m. */
  flattenParametersInto(out: Vector, numbers: Numbers<P>): Vector;
  /** The first of value, gradient (Jacobian) and Hessian that isn't finite, with the operation to blame; undefined when all are finite. */
  diagnose(x: Vector, p?: Vector): KernelFault | undefined;
}

/**
 * A scalar f(x, p) with its derivatives. All vectors are flat Float64Arrays, all matrices dense, row by row; outputs are overwritten.
 * Values that aren't finite are returned as they are: `diagnose` says where they come from.
 */
export interface ScalarKernel<I extends Shapes = Shapes, P extends Shapes = Shapes> extends KernelBase<I, P> {
  readonly kind: "scalar";
  /** Operations, shared subexpressions counted once. */
  readonly operations: OperationCounts;
  value(x: Vector, p?: Vector): number;
  /** ∂f/∂x, length n. */
  gradientInto(out: Vector, x: Vector, p?: Vector): Vector;
  valueAndGradientInto(out: Vector, x: Vector, p?: Vector): number;
  /** ∂²f/∂x², n × n, both halves. */
  hessianInto(out: DenseMatrix, x: Vector, p?: Vector): DenseMatrix;
  /** The lower half of ∂²f/∂x²: entry (i, j), j ≤ i, at i (i + 1) / 2 + j; length n (n + 1) / 2. */
  lowerHessianInto(out: Vector, x: Vector, p?: Vector): Vector;
  /** f, ∂f/∂x and ∂²f/∂x² in one pass. */
  valueGradientHessianInto(gradient: Vector, hessian: DenseMatrix, x: Vector, p?: Vector): number;
  /** ∂²f/∂x² v, v and out of length n. */
  hessianApplyInto(out: Vector, x: Vector, p: Vector, v: Vector): Vector;
  /** ∂f/∂p, length m. */
  parameterGradientInto(out: Vector, x: Vector, p: Vector): Vector;
  /** ∂²f/∂x∂p, n × m: how the gradient changes with the parameters. */
  mixedInto(out: DenseMatrix, x: Vector, p: Vector): DenseMatrix;
  /** ∂²f/∂x∂p w, w of length m, out of length n; the matrix isn't formed. */
  mixedApplyInto(out: Vector, x: Vector, p: Vector, w: Vector): Vector;
  /** (∂²f/∂x∂p)ᵀ v, v of length n, out of length m; the matrix isn't formed. */
  mixedTransposeApplyInto(out: Vector, x: Vector, p: Vector, v: Vector): Vector;
}

/** A vector r(x, p) of length `outputs` with its Jacobians; conventions as of {@link ScalarKernel}. */
export interface VectorKernel<I extends Shapes = Shapes, P extends Shapes = Shapes> extends KernelBase<I, P> {
  readonly kind: "vector";
  readonly outputs: number;
  valueInto(out: Vector, x: Vector, p?: Vector): Vector;
  /** ∂r/∂x, outputs × n. */
  jacobianInto(out: DenseMatrix, x: Vector, p?: Vector): DenseMatrix;
  /** r and ∂r/∂x in one pass. */
  valueAndJacobianInto(value: Vector, jacobian: DenseMatrix, x: Vector, p?: Vector): Vector;
  /** ∂r/∂x v. */
  jacobianApplyInto(out: Vector, x: Vector, p: Vector, v: Vector): Vector;
  /** (∂r/∂x)ᵀ w. */
  jacobianTransposeApplyInto(out: Vector, x: Vector, p: Vector, w: Vector): Vector;
  /** ∂r/∂p, outputs × m. */
  parameterJacobianInto(out: DenseMatrix, x: Vector, p: Vector): DenseMatrix;
}
