import { describe } from "vitest";
import { lbfgsb } from "../src/index.js";
import { behavesLikeAMethod } from "./shared-behaviour.js";

describe("lbfgsb", () => {
  behavesLikeAMethod(() => lbfgsb());
});
