import { type Condition, type Expr, select } from "@hessia/core/kernel";

/**
 * 0 where the condition holds, else Infinity: added to a term it keeps a line search within the domain (unflipped triangles: `infiniteUnless(det.gt(0))`). Its derivatives
 * are 0 on both sides, so that it costs nothing but in the value.
 */
export const infiniteUnless = (condition: Condition): Expr => select(condition, 0, Number.POSITIVE_INFINITY);
