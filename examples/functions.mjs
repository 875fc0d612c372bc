// Bring plain functions instead of terms, and check the gradient that you wrote.
import { checkGradient, defineProblem } from "@hessia/core";
import { minimize } from "@hessia/newton";

const problem = defineProblem({
  dimension: 2,
  value: (x) => (x[0] - 3) ** 2 + Math.exp(x[1]) - 2 * x[1],
  gradient: (x) => [2 * (x[0] - 3), Math.exp(x[1]) - 2],
});
console.log(`the gradient is ${checkGradient(problem, [0, 2]).verdict}`);

const { reason, x, counts, picked } = minimize(problem, [0, 2]);
console.log(`${reason.kind} by ${picked.method} after ${counts.gradient} gradients`);
console.log(`x = ${Array.from(x, (value) => value.toFixed(5)).join(", ")}`);

// Prints:
//   the gradient is right
//   converged by lbfgs after 9 gradients
//   x = 3.00000, 0.69315
