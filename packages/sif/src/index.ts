export { SifError } from "./errors.js";
export type { Sets } from "./linear-sections.js";
export { readSif, type SifOptions, type SifProblem } from "./read-sif.js";
