// Minimize a function of a thousand variables: f(x) = Σ 100 (x_{i+1} − xᵢ²)² + (1 − xᵢ)², least at x = (1, …, 1).
import { problemFromTerms } from "@hessia/core/kernel";
import { minimize } from "@hessia/newton";

const n = 1000;
const problem = problemFromTerms(n, [
  {
    // One small term, and which variables it is summed over. Its first and second derivatives are found, exactly.
    indices: Array.from({ length: n - 1 }, (_, i) => [i, i + 1]),
    term: ([x, y]) => y.sub(x.square()).square().mul(100).add(x.sub(1).square()),
  },
]);

const { reason, x, value, picked } = minimize(problem, new Float64Array(n).fill(0.5));
console.log(`${reason.kind} by ${picked.method}`);
console.log(`f = ${value.toFixed(9)}, x from ${Math.min(...x).toFixed(6)} to ${Math.max(...x).toFixed(6)}`);

// Prints:
//   converged by trustRegion
//   f = 0.000000000, x from 1.000000 to 1.000000
