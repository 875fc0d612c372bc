import { library } from "../../vite.library.js";

export default library(import.meta.dirname, { cli: "src/cli.ts", index: "src/index.ts" });
