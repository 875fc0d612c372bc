import { describe } from "vitest";
import { arc } from "../src/index.js";

import { behavesLikeAMethod, behavesLikeASecondOrderMethod } from "./shared-behaviour.js";

describe("arc", () => {
  behavesLikeAMethod(() => arc());
  behavesLikeASecondOrderMethod("arc", arc);
});
