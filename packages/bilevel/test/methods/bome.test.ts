import { bome } from "../../src/index.js";
import { behavesAsBilevel } from "../methods-behaviour.js";

behavesAsBilevel(bome, { exact: 0.3, constraints: false, lowerSet: false, positive: "barrier" });
