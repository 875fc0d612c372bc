import { bicGaffa } from "../../src/index.js";
import { behavesAsBilevel } from "../methods-behaviour.js";

behavesAsBilevel(bicGaffa, { exact: 1e-5, constraints: true, lowerSet: true, positive: "proximal" });
