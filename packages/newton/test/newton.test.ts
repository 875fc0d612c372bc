import { describe } from "vitest";
import { newton } from "../src/index.js";

import { behavesLikeAMethod, behavesLikeASecondOrderMethod } from "./shared-behaviour.js";

describe("newton", () => {
  behavesLikeAMethod(() => newton());
  behavesLikeASecondOrderMethod("newton", newton);
});
