import { library } from "../../vite.library.js";

// fmin 0.0.4 is an ES module by its manifest whose main file is not one: only a bundler can load it.
export default library(
  import.meta.dirname,
  {
    cli: "src/cli.ts",
    index: "src/index.ts",
    "suites/transport/cloud-child": "src/suites/transport/cloud-child.ts",
    "suites/mesh/memory-child": "src/suites/mesh/memory-child.ts",
  },
  ["fmin"],
);
