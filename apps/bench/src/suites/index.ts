import type { CliOptions } from "../options.js";
import type { SuiteReport } from "../row.js";
import { bilevelSuite } from "./bilevel/index.js";
import { cutestSuite } from "./cutest.js";
import { kernelsSuite } from "./kernels/index.js";
import { manifoldSuite } from "./manifold/index.js";
import { meshSuite } from "./mesh/index.js";
import { newtonSuite } from "./newton.js";
import { transportSuite } from "./transport/index.js";

/** Every suite by name: a new one is a file here and a line below. */
export const suites: Record<string, (options: CliOptions, signal: AbortSignal) => Promise<SuiteReport>> = {
  newton: newtonSuite,
  kernels: kernelsSuite,
  cutest: cutestSuite,
  transport: transportSuite,
  manifold: manifoldSuite,
  bilevel: bilevelSuite,
  mesh: meshSuite,
};

export const suiteNames = Object.keys(suites);
