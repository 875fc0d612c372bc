// Bilevel problems from the literature with known best values, written here from their statements. The names are those of the collection BOLIB (Zhou, Zemkoho, Tin 2020, "BOLIB: Bilevel Optimization LIBrary of test problems") where it
// has them; each best value is checked by the reasoning or the grid of the test, not only taken over.

import { type BilevelProblem, bilevel, type LowerConstraints } from "@hessia/bilevel";
import type { Vector } from "@hessia/core";
import { problemFromExpression } from "@hessia/core/expression";
import { box } from "@hessia/core/set";

export interface BilevelCase {
  readonly name: string;
  readonly source: string;
  readonly x: readonly string[];
  readonly y: readonly string[];
  readonly upper: string;
  readonly lower: string;
  /** g ≤ 0, one text each. */
  readonly constraints?: readonly string[];
  /** Bounds of x and of y; the latter are a set of the lower level, or constraints beside others. */
  readonly xBounds?: readonly (readonly [number, number])[];
  readonly yBounds?: readonly (readonly [number, number])[];
  /** F* and f*. */
  readonly best: number;
  readonly bestLower: number;
  /** Whether f is convex in y for every x (and g too): else a local method may take another branch. */
  readonly convex: boolean;
}

const inf = Number.POSITIVE_INFINITY;
const unit: readonly (readonly [number, number])[] = [[-1, 1]];
const positive = (count: number): (readonly [number, number])[] => Array.from({ length: count }, () => [0, inf]);

/** One upper and one lower variable. */
const one = (
  name: string,
  source: string,
  upper: string,
  lower: string,
  [best, bestLower]: readonly [number, number],
  rest: Partial<BilevelCase> = {},
): BilevelCase => ({ name, source, x: ["x"], y: ["y"], upper, lower, best, bestLower, convex: true, ...rest });

const mitsosBarton = "Mitsos, Barton 2006, A test set for bilevel programs";

export const collection: readonly BilevelCase[] = [
  one("Bard1988Ex1", "Bard 1988", "(x - 5)^2 + (2 y + 1)^2", "(y - 1)^2 - 1.5 x y", [17, 1], {
    constraints: ["-3 x + y + 3", "x - 0.5 y - 4", "x + y - 7"],
    xBounds: positive(1),
    yBounds: positive(1),
  }),
  one("ClarkWesterberg1990a", "Clark, Westerberg 1990", "(x - 3)^2 + (y - 2)^2", "(y - 5)^2", [5, 4], {
    constraints: ["-2 x + y - 1", "x - 2 y + 2", "x + 2 y - 14"],
    xBounds: [[0, 8]],
  }),
  // The literature's (1, 1) with F = 31.25 is stationary; (0, 0) is better.
  one("Dempe1992b", "Dempe 1992", "(x - 3.5)^2 + (y + 4)^2", "(y - 3)^2", [28.25, 9], { constraints: ["y^2 - x"] }),
  one("Yezza1996Ex31", "Yezza 1996, Example 3.1", "-(4 x - 3) y + 2 x + 1", "-(1 - 4 x) y - 2 x - 2", [1.5, -2.5], {
    xBounds: [[0, 1]],
    yBounds: [[0, 1]],
  }),
  one("Yezza1996Ex41", "Yezza 1996, Example 4.1", "(y - 2)^2 / 2 + (x - y - 2)^2 / 2", "y^2 / 2 + x - y", [0.5, 2.5], {
    constraints: ["y - x"],
    yBounds: positive(1),
  }),
  one(
    "HendersonQuandt1958",
    "Henderson, Quandt 1958",
    "x^2 / 2 + x y / 2 - 95 x",
    "y^2 + x y / 2 - 100 y",
    [-9800 / 3, -6400 / 9],
    { xBounds: [[0, 200]], yBounds: positive(1) },
  ),
  one("TuyEtal2007", "Tuy, Migdalas, Hoai-Phuong 2007", "x^2 + y^2", "-y", [22.5, -1.5], {
    constraints: ["3 x + y - 15", "x + y - 7", "x + 3 y - 15"],
    xBounds: positive(1),
    yBounds: positive(1),
  }),
  {
    name: "Bard1991Ex1",
    source: "Bard 1991, Example 1",
    x: ["x"],
    y: ["p", "q"],
    upper: "x + q",
    lower: "2 p + x q",
    constraints: ["x - p - q + 4"],
    xBounds: [[2, 4]],
    yBounds: positive(2),
    best: 2,
    bestLower: 12,
    convex: true,
  },
  one("LucchettiEtal1987", "Lucchetti, Mignanego, Pieri 1987", "(1 - x) / 2 + x y", "(x - 1) y", [0, 0], {
    xBounds: [[0, 1]],
    yBounds: [[0, 1]],
  }),
  one(
    "MacalHurter1997",
    "Macal, Hurter 1997",
    "(x - 1)^2 + (y - 1)^2",
    "y^2 / 2 + 500 y - 50 x y",
    [81.327869, -0.335931],
  ),
  {
    name: "HatzEtal2013",
    source: "Hatz, Leyffer, Schlöder, Bock 2013",
    x: ["x"],
    y: ["p", "q"],
    upper: "-x + 2 p + q",
    lower: "(x - p)^2 + q^2",
    yBounds: positive(2),
    best: 0,
    bestLower: 0,
    convex: true,
  },
  one("Colson2002BIPA1", "Colson 2002, BIPA1", "(10 - x)^3 + (10 - y)^3", "(x + 2 y - 15)^4", [250, 0], {
    constraints: ["y - x"],
    xBounds: [[0, 5]],
    yBounds: positive(1),
  }),
  {
    name: "Colson2002BIPA5",
    source: "Colson 2002, BIPA5",
    x: ["x"],
    y: ["p", "q"],
    upper: "(x - q)^4 + (p - 1)^2 + (p - q)^2",
    lower: "2 x + exp(p) + p^2 + 4 p + 2 q^2 - 6 q",
    constraints: ["6 x + p^2 + exp(q) - 15", "5 x + p^4 - q - 25"],
    xBounds: positive(1),
    yBounds: [
      [0, 4],
      [0, 2],
    ],
    best: 2.750147,
    bestLower: 0.550146,
    convex: true,
  },
  {
    name: "DeSilva1978",
    source: "de Silva 1978",
    x: ["a", "b"],
    y: ["p", "q"],
    upper: "a^2 - 2 a + b^2 - 2 b + p^2 + q^2",
    lower: "(p - a)^2 + (q - b)^2",
    yBounds: [
      [0.5, 1.5],
      [0.5, 1.5],
    ],
    best: -1,
    bestLower: 0,
    convex: true,
  },
  {
    name: "AllendeStill2013",
    source: "Allende, Still 2013",
    x: ["a", "b"],
    y: ["p", "q"],
    upper: "a^2 - 2 a + b^2 - 2 b + p^2 + q^2",
    lower: "p^2 - 2 a p + q^2 - 2 b q",
    constraints: ["(p - 1)^2 - 0.25", "(q - 1)^2 - 0.25"],
    xBounds: positive(2),
    best: -1,
    bestLower: -0.5,
    convex: true,
  },
  one("LiuHart1994", "Liu, Hart 1994", "-x - 3 y", "y", [-16, 4], {
    constraints: ["-x + y - 3", "x + 2 y - 12", "4 x - y - 12"],
    xBounds: positive(1),
    yBounds: positive(1),
  }),
  one("AnandalinghamWhite1990", "Anandalingam, White 1990", "-x - 3 y", "-x + 3 y", [-49, 17], {
    constraints: ["-x - 2 y + 10", "x - 2 y - 6", "2 x - y - 21", "x + 2 y - 38", "-x + 2 y - 18"],
    xBounds: positive(1),
    yBounds: positive(1),
  }),
  {
    name: "BardFalk1982Ex2",
    source: "Bard, Falk 1982, Example 2",
    x: ["a", "b"],
    y: ["p", "q"],
    upper: "-2 a + b + 0.5 p",
    lower: "a + b - 4 p + q",
    constraints: ["-2 a + p - q + 2.5", "a - 3 b + q - 2", "a + b - 2"],
    xBounds: positive(2),
    yBounds: positive(2),
    best: -3.25,
    bestLower: -4,
    convex: true,
  },
  one("ClarkWesterberg1988", "Clark, Westerberg 1988", "x - 4 y", "y", [-37, 14], {
    constraints: ["-2 x + y", "2 x + 5 y - 108", "2 x - 3 y + 4"],
    xBounds: positive(1),
    yBounds: positive(1),
  }),
  {
    name: "CandlerTownsley1982",
    source: "Candler, Townsley 1982",
    x: ["a", "b"],
    y: ["p", "q", "s"],
    upper: "-8 a - 4 b + 4 p - 40 q - 4 s",
    lower: "a + 2 b + p + q + 2 s",
    constraints: ["-p + q + s - 1", "2 a - p + 2 q - 0.5 s - 1", "2 b + 2 p - q - 0.5 s - 1"],
    xBounds: positive(2),
    yBounds: positive(3),
    best: -29.2,
    bestLower: 3.2,
    convex: true,
  },
  one(
    "VisweswaranEtal1996",
    "Visweswaran, Floudas, Ierapetritou, Pistikopoulos 1996",
    "x + y",
    "-5 x - y",
    [28 / 9, -20 / 3],
    {
      constraints: ["-x - 0.5 y + 2", "-0.25 x + y - 2", "x + 0.5 y - 8", "x - 2 y - 2"],
      xBounds: positive(1),
      yBounds: positive(1),
    },
  ),
  {
    name: "SavardGauvin1994",
    source: "Savard, Gauvin 1994, as TP6 of Sinha, Malo, Deb 2014",
    x: ["x"],
    y: ["p", "q"],
    upper: "(x - 1)^2 + 2 p - 2 x",
    lower: "(2 p - 4)^2 + (2 q - 1)^2 + x p",
    constraints: ["4 x + 5 p + 4 q - 12", "4 q - 4 x - 5 p + 4", "4 x - 4 p + 5 q - 4", "4 p - 4 x + 5 q - 4"],
    xBounds: positive(1),
    yBounds: positive(2),
    best: -98 / 81,
    bestLower: 7.617284,
    convex: true,
  },
  one("MitsosBarton2006Ex39", mitsosBarton, "x", "y^3", [-1, -1], {
    constraints: ["x - y"],
    xBounds: unit,
    yBounds: unit,
    convex: false,
  }),
  one("MitsosBarton2006Ex313", mitsosBarton, "x - y", "x y^2 / 2 - x^3 y", [-1, 0], {
    xBounds: unit,
    yBounds: unit,
    convex: false,
  }),
  one("MitsosBarton2006Ex314", mitsosBarton, "(x - 0.25)^2 + y^2", "y^3 / 3 - x y", [0.25, -1 / 12], {
    xBounds: unit,
    yBounds: unit,
    convex: false,
  }),
  one("MitsosBarton2006Ex315", mitsosBarton, "x + y", "x y^2 / 2 - y^3 / 3", [0, -5 / 6], {
    xBounds: unit,
    yBounds: unit,
    convex: false,
  }),
  one("MitsosBarton2006Ex316", mitsosBarton, "2 x + y", "-x y^2 / 2 - y^4 / 4", [-2, 0], {
    xBounds: unit,
    yBounds: unit,
    convex: false,
  }),
  one("MitsosBarton2006Ex317", mitsosBarton, "(x + 0.5)^2 + y^2 / 2", "x y^2 / 2 + y^4 / 4", [0.1875, -1 / 64], {
    xBounds: unit,
    yBounds: unit,
    convex: false,
  }),
  one("MitsosBarton2006Ex319", mitsosBarton, "x y - y + y^2 / 2", "-x y^2 + y^4 / 2", [-0.258055, -0.017789], {
    xBounds: unit,
    yBounds: unit,
    convex: false,
  }),
  one("MitsosBarton2006Ex320", mitsosBarton, "(x - 0.25)^2 + y^2", "y^3 / 3 - x^2 y", [0.3125, -1 / 12], {
    xBounds: unit,
    yBounds: unit,
    convex: false,
  }),
  one("PaulaviciusAdjiman2017b", "Paulavičius, Adjiman 2017", "x + y", "x y^2 / 2 - x^3 y", [-2, -1.5], {
    xBounds: unit,
    yBounds: unit,
    convex: false,
  }),
  one("MorganPatrone2006a", "Morgan, Patrone 2006", "-x - y", "x y", [-1, 0], {
    xBounds: [[-0.5, 0.5]],
    yBounds: unit,
  }),
  one(
    "Mirrlees1999",
    "Mirrlees 1999",
    "(x - 2)^2 + (y - 1)^2",
    "-x * exp(-(y + 1)^2) - exp(-(y - 1)^2)",
    [1.001837, -1.016465],
    { yBounds: [[-2, 2]], convex: false },
  ),
  one("DempeDutta2012Ex24", "Dempe, Dutta 2012, Example 2.4", "(x - 1)^2 + y^2", "x^2 y", [0, 0], {
    constraints: ["y^2"],
  }),
];

/** The problem, and the same constraints as texts for whoever checks it. */
export function problemOfCase(one: BilevelCase): BilevelProblem {
  const names = [...one.x, ...one.y];
  const n = one.x.length;
  const m = one.y.length;
  const bounds = one.yBounds ?? [];
  // Bounds of y beside other constraints are constraints too: both together are all that the lower level's set is.
  const extra =
    one.constraints === undefined
      ? []
      : bounds.flatMap(([l, u], j) => [
          ...(l > -inf ? [`${l} - ${one.y[j]}`] : []),
          ...(u < inf ? [`${one.y[j]} - ${u}`] : []),
        ]);
  const texts = [...(one.constraints ?? []), ...extra];
  const side = (list: readonly (readonly [number, number])[] | undefined, at: 0 | 1, count: number): number[] =>
    Array.from({ length: count }, (_, k) => list?.[k]?.[at] ?? (at === 0 ? -inf : inf));
  return bilevel({
    upperDimension: n,
    upper: problemFromExpression(one.upper, names),
    lower: problemFromExpression(one.lower, names),
    ...(texts.length === 0 ? {} : { lowerConstraints: constraintsFromTexts(texts, names) }),
    ...(one.xBounds === undefined ? {} : { upperSet: box(side(one.xBounds, 0, n), side(one.xBounds, 1, n)) }),
    ...(one.yBounds === undefined || texts.length > 0 ? {} : { lowerSet: box(side(bounds, 0, m), side(bounds, 1, m)) }),
  });
}

/** Each text's gradient is a row of the Jacobian. */
function constraintsFromTexts(texts: readonly string[], names: readonly string[]): LowerConstraints {
  const rows = texts.map((text) => problemFromExpression(text, names));
  const gradient = new Float64Array(names.length);
  return {
    dimension: names.length,
    residuals: rows.length,
    residualInto(out: Vector, z: Vector) {
      rows.forEach((row, i) => {
        out[i] = row.value(z);
      });
      return out;
    },
    jacobianApplyInto(out: Vector, z: Vector, v: Vector) {
      rows.forEach((row, i) => {
        row.gradientInto(gradient, z);
        out[i] = gradient.reduce((sum, g, k) => sum + g * v[k]!, 0);
      });
      return out;
    },
    jacobianTransposeApplyInto(out: Vector, z: Vector, w: Vector) {
      out.fill(0);
      rows.forEach((row, i) => {
        if (w[i] === 0) return;
        row.gradientInto(gradient, z);
        for (let k = 0; k < out.length; k++) out[k] = out[k]! + w[i]! * gradient[k]!;
      });
      return out;
    },
  };
}
