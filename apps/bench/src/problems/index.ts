import type { TestProblem } from "./collection.js";
import { mghProblems } from "./mgh.js";
import { scalableProblems } from "./scalable.js";
import { smallProblems } from "./small.js";

/** The built-in collection, ordered by size: unconstrained, n from 2 to 10,000. */
export const collection: readonly TestProblem[] = [...mghProblems, ...smallProblems, ...scalableProblems].sort(
  (a, b) => a.n - b.n || a.name.localeCompare(b.name),
);
