import { meha } from "../../src/index.js";
import { behavesAsBilevel } from "../methods-behaviour.js";

behavesAsBilevel(meha, { exact: 1e-5, constraints: false, lowerSet: true, positive: "proximal" });
