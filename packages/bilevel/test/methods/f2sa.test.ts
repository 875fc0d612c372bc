import { f2sa } from "../../src/index.js";
import { behavesAsBilevel } from "../methods-behaviour.js";

behavesAsBilevel(f2sa, { exact: 1e-5, constraints: false, lowerSet: false, positive: "upperStep" });
