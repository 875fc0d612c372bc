import { sinkhornNewtonSparse } from "../../src/methods/sinkhorn-newton-sparse.js";
import { behavesAsNewton } from "./newton-behaviour.js";

behavesAsNewton(sinkhornNewtonSparse, "density");
