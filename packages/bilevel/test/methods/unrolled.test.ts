import { unrolled } from "../../src/index.js";
import { behavesAsBilevel } from "../methods-behaviour.js";

behavesAsBilevel(unrolled, { exact: 1e-5, constraints: false, lowerSet: false, positive: "innerStep" });
