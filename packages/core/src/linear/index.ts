export { type DenseBackend, denseBackend, javascriptBackend, setDenseBackend } from "./backend.js";
export {
  type Cholesky,
  choleskyFactorize,
  choleskySolveInto,
  logDeterminant,
  type PivotedCholesky,
  pivotedCholesky,
} from "./cholesky.js";
export {
  checkSparse,
  multiplySparseVectorInto,
  multiplyTransposeSparseVectorInto,
  sparseFromDense,
  sparseFromTriplets,
  type TripletOptions,
  toDenseMatrix,
  transposeSparse,
} from "./csc.js";
export {
  fromRows,
  identity,
  type MultiplyOptions,
  multiplyInto,
  multiplyTransposeVectorInto,
  multiplyVectorInto,
  normFrobenius,
  normOne,
  rankOneUpdate,
  requireFiniteMatrix,
  requireSymmetric,
  symmetricProductInto,
  toRows,
  transposeDense,
} from "./dense.js";
export {
  extendKrylov,
  fromKrylovInto,
  type KrylovSpace,
  krylovSpace,
  krylovTridiagonal,
  type LowestRitz,
  lanczosLowest,
  startKrylov,
} from "./lanczos.js";
export { type Inertia, inertia, type Ldl, ldlFactorize, ldlSolveInto } from "./ldl.js";
export {
  type DenseMatrix,
  denseMatrix,
  type LinearOperator,
  type Matrix,
  type OperatorTraits,
  type SparseMatrix,
  type Vector,
} from "./matrix.js";
export { type ModifiedCholesky, modifiedCholesky, modifiedCholeskySolveInto } from "./modified-cholesky.js";
export { amd } from "./ordering.js";
export { multiplyMatrixVectorInto } from "./product.js";
export {
  analyze,
  type FactorizeOptions,
  negativeCurvatureInto,
  type SparseFactor,
  type Symbolic,
  sparseFactorize,
  sparseSolveInto,
} from "./sparse-cholesky.js";
export {
  applyQInto,
  applyQTransposeInto,
  countBelow,
  shiftedTridiagonalFactorizeInto,
  shiftedTridiagonalSolveInto,
  type Tridiagonal,
  type TridiagonalFactor,
  tridiagonalEigenvector,
  tridiagonalFactor,
  tridiagonalize,
  tridiagonalLowestEigenvalue,
} from "./tridiagonal.js";
export { axpy, dot, norm2, normInf, scale, subtractInto } from "./vec.js";
