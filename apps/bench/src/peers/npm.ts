// The packages that JavaScript users find today for unconstrained minimization.
// @ts-expect-error: the package ships no types
import { conjugateGradient } from "fmin";
// @ts-expect-error: the package ships no types
import numeric from "numeric";
import { type Contender, peer } from "../run.js";

/** fmin (Frederickson): Polak–Ribière conjugate gradients with a Wolfe line search. It asks for f and ∇f in one call. */
export const fminConjugateGradient: Contender = peer(
  "fmin CG",
  (value, gradient, start) => {
    const both = (x: number[], out?: number[]) => {
      const f = value(x);
      const g = gradient(x);
      if (out) for (let i = 0; i < g.length; i++) out[i] = g[i]!;
      return f;
    };
    conjugateGradient(both, start, { maxIterations: Number.MAX_SAFE_INTEGER });
  },
  { largest: Number.POSITIVE_INFINITY },
);

/** numeric.js (Loisel): `uncmin`, BFGS with a dense inverse Hessian as nested arrays. */
export const numericUncmin: Contender = peer(
  "numeric uncmin",
  (value, gradient, start) => {
    numeric.uncmin(value, start, 1e-300, gradient, Number.MAX_SAFE_INTEGER);
  },
  { largest: 2000 },
);

export const npmPeers: readonly Contender[] = [fminConjugateGradient, numericUncmin];
