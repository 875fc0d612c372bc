// Small files of our own: known values, every kind of card, free format, and what can be wrong with a file.
import { gradientNorm, solve } from "@hessia/core";
import { toDenseMatrix } from "@hessia/core/linear";
import { describe, expect, it } from "vitest";
import { readSif, SifError } from "../src/index.js";
import { card, rosenbrock } from "./files-for-tests.js";

const lines = (...text: string[]) => text.join("\n");
/** A file with one quadratic group type and whatever stands in its data. */
const withData = (...data: string[]) =>
  lines(
    "NAME          SMALL",
    ...data,
    "ENDATA",
    "ELEMENTS      SMALL",
    "TEMPORARIES",
    " R  P",
    " L  BIG",
    " I  K",
    " M  EXP",
    "GLOBALS",
    " A  TWO                 1.0 + 1",
    "INDIVIDUALS",
    " T  PROD",
    " F                      X * Y",
    " T  DIFF",
    " R  U         X         1.0            Y         -1.0",
    " F                      U ** 3",
    " T  PIECE",
    " A  BIG                 X .GT. C",
    " A  K                   7 / 2",
    " I  BIG       P         TWO * X",
    " E  BIG       P         K * X ** 2",
    " F                      P +",
    " F+                     0.0D0",
    "ENDATA",
    "GROUPS        SMALL",
    "INDIVIDUALS",
    " T  POW",
    " F                      A ** Q",
    "ENDATA",
  );

describe("readSif", () => {
  it("reads Rosenbrock's chain: values, derivatives, names, start", () => {
    const problem = readSif(rosenbrock);
    expect(problem.name).toBe("ROSEN");
    expect(problem.classification).toBe("SUR2-AN-V-0");
    expect(problem.variableNames).toEqual(["X1", "X2", "X3", "X4"]);
    expect([...problem.start]).toEqual([-1, -1, -1, -1]);
    expect([...problem.lower]).toEqual(Array(4).fill(Number.NEGATIVE_INFINITY));
    expect(problem.value(problem.start)).toBe(3 * (100 * 4 + 4));
    expect(problem.value(new Float64Array(4).fill(1))).toBe(0);
    expect([...problem.gradientInto(new Float64Array(4), Float64Array.of(0, 0, 0, 1))]).toEqual([-2, -2, -2, 200]);
    expect([...problem.offered]).toEqual([["N", 4]]);
    expect(problem.objectiveBounds).toEqual([0, Number.POSITIVE_INFINITY]);
    expect(problem.solutions).toEqual([{ value: 0, note: "(n=4)" }]);
    expect(problem.constraints.residuals).toBe(0);
  });

  it("a sum of squares as residuals: Rosenbrock's √200 (x₂ − x₁²) and √2 (1 − x₁)", () => {
    const residuals = readSif(rosenbrock, { parameters: { N: 2 } }).leastSquares()!;
    const r = residuals.residualInto(new Float64Array(2), Float64Array.of(-1.2, 1)).map(Math.abs).sort();
    expect(r[0]).toBeCloseTo(Math.SQRT2 * 2.2, 13);
    expect(r[1]).toBeCloseTo(Math.sqrt(200) * 0.44, 13);
    expect(residuals.value(Float64Array.of(-1.2, 1))).toBeCloseTo(24.2, 12);
  });

  it("no residuals where a group isn't a square, or is subtracted", () => {
    expect(readSif(rosenbrock.replace("G * G", "G * G * G")).leastSquares()).toBeUndefined();
    expect(readSif(rosenbrock.replace("G * G", "G**2")).leastSquares()).toBeDefined();
    expect(readSif(rosenbrock.replace("G * G", "- G**2")).leastSquares()).toBeUndefined();
  });

  it("takes other sizes, and refuses parameters that aren't there or don't fit", () => {
    const problem = readSif(rosenbrock, { parameters: { N: 1000 } });
    expect(problem.dimension).toBe(1000);
    expect(problem.value(problem.start)).toBe(999 * 404);
    expect(() => readSif(rosenbrock, { parameters: { M: 3 } })).toThrow(/"M".*offers N/s);
    expect(() => readSif(rosenbrock, { parameters: { N: 2.5 } })).toThrow(/N is an integer; 2\.5/);
    expect(() => readSif(rosenbrock, { parameters: { N: Number.NaN } })).toThrow(/parameters\.N/);
    expect(() => readSif(rosenbrock, { size: 3 } as object)).toThrow(/size/);
    expect(() => readSif(3 as unknown as string)).toThrow(/text/);
  });

  it("arithmetic: subtraction and division by the number are the reverse of what one guesses", () => {
    const problem = readSif(
      withData(
        card("IE", "N", "", "7"),
        card("IS", "A", "N", "10"),
        card("ID", "B", "N", "30"),
        card("I/", "C", "N", "", "A"),
        card("RE", "R", "", "8.0D-1"),
        card("RS", "S", "R", "1.0"),
        card("RD", "T", "R", "2.0"),
        card("RF", "E", "EXP", "1.0"),
        card("R(", "L", "LOG", "", "E"),
        card("IR", "D", "T"),
        card("AE", "Y(A)", "", "5.0"),
        card("AM", "Y(B)", "Y(A)", "3.0"),
        "VARIABLES",
        card("", "X"),
        "GROUPS",
        ...["A", "B", "C", "D"].flatMap((name) => [card("RI", "V", name), card("ZE", name, "X", "", "V")]),
        ...["S", "T", "L", "Y(A)", "Y(B)"].map((name, k) => card("ZE", `R${k}`, "X", "", name)),
      ),
    );
    const { constraints } = problem;
    const c = constraints.residualInto(new Float64Array(9), Float64Array.of(1));
    [3, 4, 2, 2, 0.2, 2.5, 1, 5, 15].forEach((value, k) => {
      expect(c[k]).toBeCloseTo(value, 14);
    });
  });

  it("loops: increments, decreasing, skipped, nested, ended by OD or ND", () => {
    const problem = readSif(
      withData(
        ...["1", "2", "3", "7"].map((name) => card("IE", name, "", name)),
        card("IE", "-2", "", "-2"),
        "VARIABLES",
        card("DO", "I", "1", "", "7"),
        card("DI", "I", "3"),
        card("X", "A(I)"),
        card("OD", "I"),
        card("DO", "I", "7", "", "1"),
        card("DI", "I", "-2"),
        card("DO", "J", "1", "", "2"),
        card("X", "B(I,J)"),
        card("ND"),
        card("DO", "I", "3", "", "1"),
        card("X", "C(I)"),
        card("ND"),
        "GROUPS",
        card("N", "OBJ", "A1", "1.0", "B7,2", "2.0"),
      ),
    );
    expect(problem.variableNames).toEqual([
      "A1",
      "A4",
      "A7",
      "B7,1",
      "B7,2",
      "B5,1",
      "B5,2",
      "B3,1",
      "B3,2",
      "B1,1",
      "B1,2",
    ]);
    expect([...problem.gradientInto(new Float64Array(11), new Float64Array(11))]).toEqual([
      1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0,
    ]);
  });

  it("elements, range transformations, conditions, integer division, weights, scales, group parameters", () => {
    const problem = readSif(
      withData(
        "VARIABLES",
        card("", "X"),
        card("", "Y"),
        "GROUPS",
        card("N", "F", "'SCALE'", "4.0", "X", "2.0"),
        card("N", "G"),
        "CONSTANTS",
        card("", "C", "F", "1.0"),
        "ELEMENT TYPE",
        card("EV", "PROD", "X", "", "Y"),
        card("EV", "DIFF", "X", "", "Y"),
        card("IV", "DIFF", "U"),
        card("EV", "PIECE", "X"),
        card("EP", "PIECE", "C"),
        "ELEMENT USES",
        card("T", "P", "PROD"),
        card("V", "P", "X", "", "X"),
        card("V", "P", "Y", "", "Y"),
        card("T", "D", "DIFF"),
        card("V", "D", "X", "", "X"),
        card("V", "D", "Y", "", "Y"),
        card("T", "Q", "PIECE"),
        card("V", "Q", "X", "", "Y"),
        card("P", "Q", "C", "1.5"),
        "GROUP TYPE",
        card("GV", "POW", "A"),
        card("GP", "POW", "Q"),
        "GROUP USES",
        card("T", "F", "POW"),
        card("P", "F", "Q", "2.0"),
        card("E", "F", "P", "3.0", "D"),
        card("E", "G", "Q"),
      ),
    );
    const f = (x: number, y: number) =>
      (3 * x * y + (x - y) ** 3 + 2 * x - 1) ** 2 / 4 + (y > 1.5 ? 2 * y : 3 * y ** 2);
    for (const [x, y] of [
      [1, 2],
      [-0.5, 0.25],
      [2, -3],
    ] as const)
      expect(problem.value(Float64Array.of(x, y))).toBeCloseTo(f(x, y), 12);
  });

  it("constraints of every kind, ranges, multipliers, quadratic terms, and the Lagrangian", () => {
    const problem = readSif(
      withData(
        "GROUPS",
        card("N", "OBJ"),
        card("E", "C1"),
        card("G", "C2"),
        card("L", "C3"),
        card("G", "C4"),
        "VARIABLES",
        card("", "X", "C1", "1.0", "C2", "2.0"),
        card("", "X", "OBJ", "-1.0"),
        card("", "Y", "C3", "1.0", "C4", "1.0"),
        card("", "Y", "'SCALE'", "2.0"),
        "CONSTANTS",
        card("", "RHS", "C1", "3.0", "C4", "0.5"),
        card("", "OTHER", "C1", "77.0"),
        "RANGES",
        card("", "RNG", "C4", "-2.5"),
        "BOUNDS",
        card("UP", "BND", "X", "4.0"),
        card("MI", "BND", "Y"),
        "START POINT",
        card("V", "ST", "X", "1.5", "Y", "2.0"),
        card("M", "ST", "C1", "0.25"),
        "QUADRATIC",
        card("", "X", "X", "4.0", "Y", "3.0"),
      ),
    );
    expect(problem.constraintNames).toEqual(["C1", "C2", "C3", "C4"]);
    const { constraints } = problem;
    expect([...constraints.lower]).toEqual([0, 0, Number.NEGATIVE_INFINITY, 0]);
    expect([...constraints.upper]).toEqual([0, Number.POSITIVE_INFINITY, 0, 2.5]);
    expect([...problem.lower]).toEqual([0, Number.NEGATIVE_INFINITY]);
    expect([...problem.upper]).toEqual([4, 0]);
    expect([...problem.start]).toEqual([1.5, 2]);
    expect([...problem.multipliers]).toEqual([0.25, 0, 0, 0]);
    const x = Float64Array.of(2, 6);
    expect([...constraints.residualInto(new Float64Array(4), x)]).toEqual([-1, 4, 3, 2.5]);
    expect(problem.value(x)).toBe(-2 + 0.5 * 4 * 4 + 3 * 12);
    const J = constraints.newJacobian();
    constraints.jacobianInto(J, x);
    expect([...toDenseMatrix(J as Parameters<typeof toDenseMatrix>[0]).data]).toEqual([1, 0, 2, 0, 0, 0.5, 0, 0.5]);
    const L = problem.lagrangian([1, -2, 3, 4]);
    expect(L.value(x)).toBe(problem.value(x) - 1 - 8 + 9 + 10);
    expect(() => problem.lagrangian([1])).toThrow(/multipliers.*4 numbers/s);
    expect(
      readSif(
        withData(
          "VARIABLES",
          card("", "X"),
          "GROUPS",
          card("E", "C", "X", "1.0"),
          "CONSTANTS",
          card("", "A", "C", "1.0"),
          card("", "B", "C", "2.0"),
        ),
        { sets: { constants: "B" } },
      ).constraints.residualInto(new Float64Array(1), new Float64Array(1))[0],
    ).toBe(-2);
  });

  it("names with blanks, tabs, comments behind a dollar, and field 1 in its second column", () => {
    const problem = readSif(
      withData(
        "VARIABLES",
        card("", "X   1"),
        card("", "X   2", "$ a comment"),
        "GROUPS",
        "  N G\tX   1      2.0".replace("\t", "\t      "),
        card("N", "G", "X   2", "3.0", "$ more"),
      ),
    );
    expect(problem.variableNames).toEqual(["X   1", "X   2"]);
    expect(problem.value(Float64Array.of(1, 1))).toBe(5);
  });

  it("free format: semicolons, underscores, back to fixed", () => {
    const text = lines(
      "NAME          FREE",
      "FREE FORMAT",
      "IE N 3; IE 1 _ 1 $ a comment ; IE M 9".replace("IE N 3", "IE N _ 3"),
      "VARIABLES;DO I 1 _ N;X X(I);ND",
      "GROUPS;N G X1 1.0 X2 2.0",
      "FIXED FORMAT",
      card("N", "G", "X3", "4.0"),
      "ENDATA",
    );
    const problem = readSif(text);
    expect([...problem.gradientInto(new Float64Array(3), new Float64Array(3))]).toEqual([1, 2, 4]);
  });

  it("10⁵ elements in bounded time and memory", () => {
    const problem = readSif(rosenbrock, { parameters: { N: 100_000 } });
    const x = problem.start.slice();
    expect(problem.value(x)).toBe(99_999 * 404);
    expect(problem.structure.nonzeros).toBe(199_999);
  });

  it("has what the solver needs", async () => {
    const { newton } = await import("@hessia/newton");
    const problem = readSif(rosenbrock);
    const { reason, x } = solve(newton(), problem, problem.start, { stop: gradientNorm(1e-9) });
    expect(reason.kind).toBe("converged");
    for (const value of x) expect(value).toBeCloseTo(1, 8);
  });
});

describe("what can be wrong with a file", () => {
  const broken = (from: string | RegExp, to: string) => () => readSif(rosenbrock.replace(from, to));
  const cases: [string, () => unknown, RegExp][] = [
    ["nothing in it", () => readSif(""), /empty/],
    ["no NAME", broken(/^NAME.*\n/m, ""), /line 3.*outside of every section|INTEGER|outside/s],
    ["cut off", () => readSif(rosenbrock.slice(0, 900)), /isn't ended by ENDATA|isn't ended by OD or ND/],
    ["an unknown indicator card", broken("VARIABLES", "VARIATIONS"), /line 7: an unknown indicator card: "VARIATIONS"/],
    ["an unknown code", broken(" XN A(I)", " XQ A(I)"), /line 14.*unknown code.*XQ/s],
    ["a bad number", broken("-1.0D0", "-1.0Q0"), /number is wanted, not "-1\.0Q0"/],
    [
      "a number that is missing",
      broken(card("XN", "B(I)", "X(I)", "1.0"), card("XN", "B(I)", "X(I)")),
      /number is wanted/,
    ],
    ["an index without a value", broken("ZV E(I)", "ZV E(J)"), /"J" is no integer parameter/],
    ["a variable that isn't there", broken("X(I+1)", "Z(I+1)"), /no variable "Z2"/],
    ["a group that isn't there", broken("X  ROSEN     B(I)", "X  ROSEN     C(I)"), /no group "C1"/],
    ["an element that isn't there", broken("XE A(I)      E(I)", "XE A(I)      F(I)"), /no element "F1"/],
    ["an element type that isn't there", broken("XT E(I)      MSQ", "XT E(I)      SQM"), /no element type "SQM"/],
    [
      "an elemental variable that isn't there",
      broken("ZV E(I)      V ", "ZV E(I)      W "),
      /no elemental variable "W"/,
    ],
    ["a type without a function", broken(" T  MSQ", " T  OTHER"), /type "MSQ" has no function/],
    ["a type without F", broken(" F                      - V * V\n", ""), /no card F/],
    ["a loop that isn't ended", broken(card("OD", "I"), "*"), /line 8.*isn't ended by OD or ND/s],
    [
      "an end outside of a loop",
      broken(card("DO", "I", "1", "", "N"), "*"),
      /OD outside of every loop|"I" is no integer/,
    ],
    [
      "a loop that never ends",
      () =>
        readSif(
          rosenbrock.replace(
            card("DO", "I", "1", "", "N"),
            lines(card("IE", "0", "", "0"), card("DO", "I", "1", "", "N"), card("DI", "I", "0")),
          ),
        ),
      /increment 0/,
    ],
    [
      "a loop too long",
      () => readSif(rosenbrock, { parameters: { N: 1e9 }, maxCards: 1e5 }),
      /more cards than `maxCards`/,
    ],
    ["an expression that isn't one", broken("- V * V", "- V * ( V"), /"\)" is wanted/],
    ["an illegal letter", broken("- V * V", "- V % V"), /"%" is nothing in a Fortran expression/],
    ["a name without a value in an expression", broken("- V * V", "- V * W"), /"W" has no value here/],
    ["an external function", broken("- V * V", "- FUN(V)"), /FUN isn't known/],
    [
      "bounds that exclude each other",
      broken(
        card("FR", "ROSEN", "'DEFAULT'"),
        lines(card("LO", "ROSEN", "X1", "2.0"), card("UP", "ROSEN", "X1", "1.0")),
      ),
      /bounds of "X1".*2 > 1/,
    ],
    [
      "a scale of zero",
      broken(card("XN", "A(I)", "'SCALE'", "0.01"), card("XN", "A(I)", "'SCALE'", "0.0")),
      /scale of 0/,
    ],
    [
      "a division by zero",
      () => readSif(withData(card("IE", "A", "", "0"), card("ID", "B", "A", "1"))),
      /division by zero/,
    ],
    [
      "a value that isn't finite",
      () => readSif(withData(card("RE", "A", "", "0.0"), card("RD", "B", "A", "1.0"))),
      /isn't finite/,
    ],
  ];
  it.each(cases)("%s", (_, read, message) => {
    expect(read).toThrow(SifError);
    expect(read).toThrow(message);
  });

  it("names the line", () => {
    try {
      readSif(rosenbrock.replace("-1.0D0", "oops"));
      expect.unreachable();
    } catch (error) {
      expect((error as SifError).line).toBe(rosenbrock.split("\n").findIndex((line) => line.includes("-1.0D0")) + 1);
    }
  });
});
