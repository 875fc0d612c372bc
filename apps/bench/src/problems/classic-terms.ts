// Terms that several problems are made of.
import { type Expr, mul, square, sub, sum } from "@hessia/core/kernel";

/** 100 (y − x²)². */
export const rosenbrock = (x: Expr, y: Expr): Expr => mul(100, square(y.sub(square(x))));

/** x⁴. */
export const fourth = (x: Expr): Expr => square(square(x));

/** Powell's singular function of four variables. */
export function powellSingular(a: Expr, b: Expr, c: Expr, d: Expr): Expr {
  return sum([
    square(a.add(mul(10, b))),
    mul(5, square(c.sub(d))),
    square(square(b.sub(mul(2, c)))),
    mul(10, square(square(a.sub(d)))),
  ]);
}

/** Wood's function of four variables (Colville 1968). */
export function wood(a: Expr, b: Expr, c: Expr, d: Expr): Expr {
  return sum([
    mul(100, square(b.sub(square(a)))),
    square(sub(1, a)),
    mul(90, square(d.sub(square(c)))),
    square(sub(1, c)),
    mul(10, square(b.add(d).sub(2))),
    mul(0.1, square(b.sub(d))),
  ]);
}
