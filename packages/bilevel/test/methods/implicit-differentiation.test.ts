import { implicitDifferentiation } from "../../src/index.js";
import { behavesAsBilevel } from "../methods-behaviour.js";

behavesAsBilevel(implicitDifferentiation, {
  exact: 1e-5,
  constraints: false,
  lowerSet: false,
  positive: "innerTolerance",
});
