// A function as text, as a user of yours may type it. Needs mathjs (npm install mathjs).
import { problemFromExpression } from "@hessia/core/expression";
import { minimize } from "@hessia/newton";

const problem = problemFromExpression("100 * (y - x^2)^2 + (1 - x)^2", ["x", "y"]);
const { reason, x } = minimize(problem, [-1.2, 1]);
console.log(`${reason.kind}: x, y = ${Array.from(x, (value) => value.toFixed(6)).join(", ")}`);

// Prints:
//   converged: x, y = 1.000000, 1.000000
