import { library } from "../../vite.library.js";

export default library(import.meta.dirname, {
  index: "src/index.ts",
  "linear/index": "src/linear/index.ts",
  "kernel/index": "src/kernel/index.ts",
  "set/index": "src/set/index.ts",
  "interop/expression": "src/interop/expression.ts",
  "wasm/index": "src/wasm/index.ts",
  "gpu/index": "src/gpu/index.ts",
});
