export { affine } from "./affine.js";
export { ball } from "./ball.js";
export { box, nonnegative } from "./box.js";
export { halfSpace, hyperplane } from "./half-space.js";
export { productSet } from "./product.js";
export { type ConvexSet, distanceFrom, wholeSpace } from "./set.js";
export { simplex } from "./simplex.js";
