import { type Statement, state, type TestProblem } from "./collection.js";

/** States problem (number) of Moré, Garbow, Hillstrom 1981. */
export const mgh = (number: number, statement: Omit<Statement, "reference">): TestProblem =>
  state({ ...statement, reference: `Moré, Garbow, Hillstrom 1981, problem (${number})` });
