import { safeSparseNewton } from "../../src/methods/safe-sparse-newton.js";
import { behavesAsNewton } from "./newton-behaviour.js";

behavesAsNewton(safeSparseNewton, "dropped");
