export { readMatrixMarket, writeMatrixMarket } from "../interop/matrix-market.js";
export { type DenseBackend, denseBackend, javascriptBackend, setDenseBackend } from "./backend.js";
export { blockJacobiPreconditioner } from "./block-jacobi.js";
export { type CgOptions, type CgResult, conjugateGradientInto } from "./cg.js";
export {
  type Cholesky,
  choleskyFactorize,
  choleskySolveInto,
  logDeterminant,
  type PivotedCholesky,
  pivotedCholesky,
} from "./cholesky.js";
export { inverseNormEstimate, sparseNormOne, sparseReciprocalCondition } from "./condition.js";
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
} from "./csc.js";
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
} from "./dense.js";
export { type SymmetricEigen, symmetricEigen, symmetricEigenvalues } from "./eigen.js";
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
} from "./elementwise.js";
export { type GmresOptions, gmresInto } from "./gmres.js";
export { type IncompleteLevelOptions, incompleteCholesky } from "./incomplete-cholesky-level.js";
export { type IncompleteThresholdOptions, thresholdCholesky } from "./incomplete-cholesky-threshold.js";
export type { IncompleteCholesky } from "./incomplete-factor.js";
export { jacobiPreconditioner } from "./jacobi.js";
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
export { type LsmrOptions, lsmrInto } from "./lsmr.js";
export {
  type Lu,
  luDeterminant,
  luFactorize,
  luLogDeterminant,
  luSolveInto,
  luSolveTransposeInto,
  reciprocalCondition,
} from "./lu.js";
export {
  type DenseMatrix,
  denseMatrix,
  type LinearOperator,
  type Matrix,
  type OperatorTraits,
  type SparseMatrix,
  type Vector,
} from "./matrix.js";
export { type MinresOptions, type MinresResult, minresInto } from "./minres.js";
export { type ModifiedCholesky, modifiedCholesky, modifiedCholeskySolveInto } from "./modified-cholesky.js";
export {
  type IterativeOptions,
  type IterativeResult,
  operatorFrom,
  operatorFromFunction,
  shiftedOperator,
} from "./operator.js";
export { amd, minimumFill } from "./ordering.js";
export { multiplyMatrixVectorInto } from "./product.js";
export { projectPsdInto } from "./project-psd.js";
export {
  leastSquaresInto,
  type Qr,
  type QrOptions,
  qrApplyQInto,
  qrApplyQTransposeInto,
  qrEntry,
  qrFactorize,
  qrUpper,
} from "./qr.js";
export { iterativeRefinementInto, type Refinement, type RefinementOptions } from "./refinement.js";
export { type SchnabelEskow, schnabelEskow, schnabelEskowSolveInto } from "./schnabel-eskow.js";
export {
  type ShiftedCgOptions,
  type ShiftedSystems,
  type ShiftOutcome,
  shiftedConjugateGradient,
  shiftedSolutionInto,
  shiftedSystems,
} from "./shifted-cg.js";
export { batchBackend, setBatchBackend } from "./small-backend.js";
export {
  type BatchedInverseOptions,
  batchedCholeskyInto,
  batchedEigenInto,
  batchedInverseInto,
  batchedPolarInto,
  batchedProjectPsdInto,
  type ProjectPsdOptions,
} from "./small-batch.js";
export { javascriptBatchBackend } from "./small-javascript.js";
export type { BatchBackend, BatchOperation } from "./small-shapes.js";
export { refillInto, type SparseBuilder, sparseBuilder, sparseEntry } from "./sparse-builder.js";
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
} from "./sparse-cholesky.js";
export { requirePositiveDefinite, type SparseDeterminant, sparseDeterminant } from "./sparse-determinant.js";
export { type SparseLdl, type SparseLdlOptions, sparseLdlFactorize } from "./sparse-ldl.js";
export { sparseLdlSolveInto } from "./sparse-ldl-solve.js";
export {
  analyzeGram,
  type GramPlan,
  gramInto,
  multiplySparse,
  multiplySparseInto,
  productPattern,
} from "./sparse-product.js";
export { addSparse, fullFromSymmetric, permuteSparse, scaleSparse } from "./sparse-sum.js";
export { type SparseTriangularOptions, solveSparseTriangularInto } from "./sparse-triangular.js";
export { type SparseUpdate, sparseUpdate } from "./sparse-update.js";
export { type Svd, singularValues, svd, svdRank, svdSolveInto } from "./svd.js";
export { type TriangularOptions, triangularMultiplyInto, triangularSolveInto } from "./triangular-matrix.js";
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
} from "./tridiagonal.js";
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
