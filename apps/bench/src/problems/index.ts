import { chains } from "./chains.js";
import type { TestProblem } from "./collection.js";
import { coupled } from "./coupled.js";
import { dixmaanProblems } from "./dixmaan.js";
import { mghFixed } from "./mgh-fixed.js";
import { mghVariable } from "./mgh-variable.js";
import { smallProblems } from "./small.js";

/** The built-in collection, ordered by size: unconstrained, n from 2 to 10,000. */
export const collection: readonly TestProblem[] = [
  ...mghFixed,
  ...mghVariable,
  ...smallProblems,
  ...dixmaanProblems,
  ...chains,
  ...coupled,
].sort((a, b) => a.n - b.n || a.name.localeCompare(b.name));
