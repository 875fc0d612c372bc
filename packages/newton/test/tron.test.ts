import { describe } from "vitest";
import { tron } from "../src/index.js";
import { behavesLikeAMethod, behavesLikeASecondOrderMethod } from "./shared-behaviour.js";

describe("tron", () => {
  behavesLikeAMethod(() => tron());
  behavesLikeASecondOrderMethod("tron", (options) => tron(options));
});
describe("tron with products", () => {
  behavesLikeAMethod(() => tron({ preconditioner: "none" }));
  behavesLikeASecondOrderMethod("tron", (options) => tron({ preconditioner: "none", ...options }));
});
