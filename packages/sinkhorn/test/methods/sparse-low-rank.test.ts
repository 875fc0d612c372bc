import { sparseLowRank } from "../../src/methods/sparse-low-rank.js";
import { behavesAsNewton } from "./newton-behaviour.js";

behavesAsNewton(sparseLowRank, "density");
