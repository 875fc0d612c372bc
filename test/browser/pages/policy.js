// A sum of terms and a factorization, in the page's own script: what a debugger evaluates isn't bound by the page's policy.
import { problemFromTerms } from "@hessia/core/kernel";
import { choleskyFactorize, denseBackend, denseMatrix } from "@hessia/core/linear";

const n = 1000;
const indices = Array.from({ length: n }, (_, i) => [i]);
const problem = problemFromTerms(n, [{ indices, term: ([x]) => x.square() }]);
const H = problem.newHessian();
problem.hessianInto(H, new Float64Array(n));
const A = denseMatrix(
  40,
  40,
  Float64Array.from({ length: 1600 }, (_, k) => (k % 41 === 0 ? 2 : 0)),
);
globalThis.hessia = {
  value: problem.value(new Float64Array(n).fill(2)),
  entry: H.values[n - 1],
  evaluation: problem.structure.evaluation,
  backend: denseBackend().name,
  factor: choleskyFactorize(A).L[0],
};
