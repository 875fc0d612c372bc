import { library } from "../../vite.library.js";

export default library(import.meta.dirname, { index: "src/index.ts" });
