// Fortran's precedence, numbers, functions and conditions against values worked out by hand.
import { describe, expect, it } from "vitest";
import { evaluate, realValue } from "../src/evaluate.js";
import { parseFortran } from "../src/fortran.js";

const scope = new Map([
  ["A", realValue(3)],
  ["B", realValue(-2)],
  ["I", { of: 7, integer: true }],
]);
const value = (text: string) => evaluate(parseFortran(text, 1), scope, 1, text).of;

describe("Fortran expressions", () => {
  it.each([
    ["- A**2", -9],
    ["2 ** 3 ** 2", 512],
    ["A * - B", 6],
    ["A ** (-2)", 1 / 9],
    ["A ** -1", 1 / 3],
    ["B ** 2.0", 4],
    ["1 / 2", 0],
    ["1 / 2.0", 0.5],
    ["7 / 2 * 2", 6],
    ["- 7 / 2", -3],
    ["I / 2 + A", 6],
    ["1.5D1 + .5E+1 - 2.D0", 18],
    ["A + B * 2 - 1", -2],
    ["( A + B ) * ( A - B )", 5],
    ["a - b", 5],
    ["A / B / 2.", -0.75],
    ["SIN( 0.0 ) + COS(0.0)", 1],
    ["ATAN2( 1.0, 1.0 )", Math.PI / 4],
    ["MAX( 1.0, A, 2.0 ) - MIN( B, A )", 5],
    ["SIGN( 2.0, B )", -2],
    ["SIGN( 2.0, 0.0 )", 2],
    ["DSQRT( 16.0 ) + DABS( B ) + ALOG( 1.0 )", 6],
    ["LOG10( 1000.0 )", 3],
    ["INT( 2.7 ) + NINT( 2.7 ) + MOD( 7, 4 )", 8],
    ["FLOAT( I ) / 2", 3.5],
    ["A .GT. 2.AND.B.LT.0.0", 1],
    ["1.GT.A .OR. .NOT. ( A .EQ. 3 )", 0],
    [".TRUE. .AND. A .GE. 3 .AND. B .NE. 2", 1],
    ["A .LE. 2", 0],
  ])("%s = %f", (text, wanted) => {
    expect(value(text)).toBeCloseTo(wanted, 14);
  });

  it.each([
    ["A +", /wanted before the end/],
    ["( A", /"\)" is wanted/],
    ["A B", /B isn't understood/],
    ["A ? B", /"\?" is nothing/],
    ["C", /"C" has no value/],
    ["FOO( A )", /FOO isn't known/],
    ["SIN( A, B )", /SIN takes 1 arguments, not 2/],
    ["MAX( A )", /two arguments or more/],
  ])("%s is refused", (text, message) => {
    expect(() => value(text)).toThrow(message);
  });
});
