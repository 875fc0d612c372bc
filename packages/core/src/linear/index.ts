export { readMatrixMarket, writeMatrixMarket } from "../interop/matrix-market.js";
export { type DenseBackend, denseBackend, javascriptBackend, setDenseBackend } from "./dense/backend.js";
export {
  type Cholesky,
  choleskyFactorize,
  choleskySolveInto,
  logDeterminant,
  type PivotedCholesky,
  pivotedCholesky,
} from "./dense/cholesky.js";
export { inverseNormEstimate, sparseNormOne, sparseReciprocalCondition } from "./dense/condition.js";
export {
  fromRows,
  identity,
  type MultiplyOptions,
  multiplyInto,
  multiplyTransposeVectorInto,
  multiplyVectorInto,
  normFrobenius,
  normMax,
  normOne,
  rankOneUpdate,
  requireFiniteMatrix,
  requireSymmetric,
  symmetricProductInto,
  symmetricRankTwoUpdate,
  toRows,
  transposeDense,
} from "./dense/dense.js";
export { type SymmetricEigen, symmetricEigen, symmetricEigenvalues } from "./dense/eigen.js";
export {
  expInto,
  logInto,
  logSumExp,
  logSumExpColsInto,
  logSumExpRowsInto,
  type ShiftedExpOptions,
  shiftedExpInto,
  softmaxInto,
  softmaxRowsInto,
  tanhInto,
} from "./dense/elementwise.js";
export { jacobiPreconditioner } from "./dense/jacobi.js";
export { type Inertia, inertia, type Ldl, ldlFactorize, ldlSolveInto } from "./dense/ldl.js";
export {
  type Lu,
  luDeterminant,
  luFactorize,
  luLogDeterminant,
  luSolveInto,
  luSolveTransposeInto,
  reciprocalCondition,
} from "./dense/lu.js";
export { type ModifiedCholesky, modifiedCholesky, modifiedCholeskySolveInto } from "./dense/modified-cholesky.js";
export { multiplyMatrixVectorInto } from "./dense/product.js";
export {
  leastSquaresInto,
  type Qr,
  type QrOptions,
  qrApplyQInto,
  qrApplyQTransposeInto,
  qrEntry,
  qrFactorize,
  qrUpper,
} from "./dense/qr.js";
export { type SchnabelEskow, schnabelEskow, schnabelEskowSolveInto } from "./dense/schnabel-eskow.js";
export { type Svd, singularValues, svd, svdRank, svdSolveInto } from "./dense/svd.js";
export { type TriangularOptions, triangularMultiplyInto, triangularSolveInto } from "./dense/triangular-matrix.js";
export {
  applyQInto,
  applyQTransposeInto,
  countBelow,
  formQTranspose,
  shiftedTridiagonalFactorizeInto,
  shiftedTridiagonalSolveInto,
  type Tridiagonal,
  type TridiagonalFactor,
  type TridiagonalLu,
  tridiagonalEigenvalues,
  tridiagonalEigenvector,
  tridiagonalFactor,
  tridiagonalize,
  tridiagonalLowestEigenvalue,
  tridiagonalLu,
  tridiagonalLuSolveInto,
} from "./dense/tridiagonal.js";
export { blockJacobiPreconditioner } from "./iterative/block-jacobi.js";
export { type CgOptions, type CgResult, conjugateGradientInto } from "./iterative/cg.js";
export { type GmresOptions, gmresInto } from "./iterative/gmres.js";
export { type IncompleteLevelOptions, incompleteCholesky } from "./iterative/incomplete-cholesky-level.js";
export { type IncompleteThresholdOptions, thresholdCholesky } from "./iterative/incomplete-cholesky-threshold.js";
export type { IncompleteCholesky } from "./iterative/incomplete-factor.js";
export {
  extendKrylov,
  fromKrylovInto,
  type KrylovSpace,
  krylovSpace,
  krylovTridiagonal,
  type LowestRitz,
  lanczosLowest,
  startKrylov,
} from "./iterative/lanczos.js";
export { type LsmrOptions, lsmrInto } from "./iterative/lsmr.js";
export { type MinresOptions, type MinresResult, minresInto } from "./iterative/minres.js";
export {
  type IterativeOptions,
  type IterativeResult,
  operatorFrom,
  operatorFromFunction,
  shiftedOperator,
} from "./iterative/operator.js";
export { iterativeRefinementInto, type Refinement, type RefinementOptions } from "./iterative/refinement.js";
export {
  type ShiftedCgOptions,
  type ShiftedSystems,
  type ShiftOutcome,
  shiftedConjugateGradient,
  shiftedSolutionInto,
  shiftedSystems,
} from "./iterative/shifted-cg.js";
export {
  type DenseMatrix,
  denseMatrix,
  type LinearOperator,
  type Matrix,
  type OperatorTraits,
  type SparseMatrix,
  type Vector,
} from "./matrix.js";
export { projectPsdInto } from "./small/project-psd.js";
export { batchBackend, setBatchBackend } from "./small/small-backend.js";
export {
  type BatchedInverseOptions,
  batchedCholeskyInto,
  batchedEigenInto,
  batchedInverseInto,
  batchedPolarInto,
  batchedProjectPsdInto,
  type ProjectPsdOptions,
} from "./small/small-batch.js";
export { javascriptBatchBackend } from "./small/small-javascript.js";
export type { BatchBackend, BatchOperation } from "./small/small-shapes.js";
export {
  checkSparse,
  diagonalOf,
  multiplySparseVectorInto,
  multiplyTransposeSparseVectorInto,
  permuteSymmetric,
  sparseFromDense,
  sparseFromTriplets,
  symmetricFromFull,
  type TripletOptions,
  toDenseMatrix,
  transposeSparse,
} from "./sparse/csc.js";
export { amd, minimumFill } from "./sparse/ordering.js";
export { refillInto, type SparseBuilder, sparseBuilder, sparseEntry } from "./sparse/sparse-builder.js";
export {
  type AnalyzeOptions,
  analyze,
  type FactorizeOptions,
  lowerFactor,
  negativeCurvatureInto,
  type Ordering,
  type SparseFactor,
  type Symbolic,
  sparseFactorize,
  sparseSolveInto,
  sparseSolveManyInto,
} from "./sparse/sparse-cholesky.js";
export { requirePositiveDefinite, type SparseDeterminant, sparseDeterminant } from "./sparse/sparse-determinant.js";
export { type SparseLdl, type SparseLdlOptions, sparseLdlFactorize } from "./sparse/sparse-ldl.js";
export { sparseLdlSolveInto } from "./sparse/sparse-ldl-solve.js";
export {
  analyzeGram,
  type GramPlan,
  gramInto,
  multiplySparse,
  multiplySparseInto,
  productPattern,
} from "./sparse/sparse-product.js";
export { addSparse, fullFromSymmetric, permuteSparse, scaleSparse } from "./sparse/sparse-sum.js";
export { type SparseTriangularOptions, solveSparseTriangularInto } from "./sparse/sparse-triangular.js";
export { type SparseUpdate, sparseUpdate } from "./sparse/sparse-update.js";
export {
  addInto,
  axpy,
  copyInto,
  dot,
  linearCombinationInto,
  norm2,
  normInf,
  safeDot,
  scale,
  subtractInto,
} from "./vec.js";
