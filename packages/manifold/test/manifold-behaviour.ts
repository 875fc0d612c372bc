// What every manifold must do, whichever it is: run by each manifold's test file.
import { ArgumentError, type Vector } from "@hessia/core";
import { expect, it } from "vitest";
import { sampleProblemOf } from "../src/check/sample-problem.js";
import { checkGradient, checkHessian, checkManifold, type Manifold, onManifold } from "../src/index.js";
import { seeded } from "./random.js";

export interface Behaviour {
  /** What is off the manifold, near x: made of a copy of x. */
  readonly spoil: (x: Vector) => void;
  /** What the error text says of it. */
  readonly says: RegExp;
}

export function behavesLikeAManifold(label: string, make: () => Manifold, { spoil, says }: Behaviour): void {
  it(`${label}: every identity of checkManifold holds to 1e-9`, () => {
    const manifold = make();
    const { lost, rows } = checkManifold(manifold, { random: seeded(7), points: 3 });
    expect(lost).toEqual([]);
    expect(rows.length).toBeGreaterThanOrEqual(12);
  });

  it(`${label}: gradient and Hessian of a sample function pass the slope tests`, () => {
    const manifold = make();
    const random = seeded(11);
    const problem = onManifold(manifold, sampleProblemOf(manifold, random));
    const x = manifold.randomPoint(random);
    // Long steps first: the direction has unit length, and so has the grid.
    expect(checkGradient(problem, x, { random }).verdict).toBe("right");
    const hessian = checkHessian(problem, x, { random });
    if (hessian.note === undefined) expect(hessian.verdict).toBe("right");
    expect(hessian.asymmetry).toBeLessThan(1e-10);
  });

  it(`${label}: the same generator gives the same bits`, () => {
    const [a, b] = [make(), make()];
    const [x, y] = [a.randomPoint(seeded(3)), b.randomPoint(seeded(3))];
    expect(x).toEqual(y);
    expect(a.randomTangent(x, seeded(4))).toEqual(b.randomTangent(y, seeded(4)));
    expect(a.zero()).toEqual(new Float64Array(a.length));
  });

  it(`${label}: a step of any length ends on the manifold, or is NaN and can be rejected`, () => {
    const manifold = make();
    const random = seeded(5);
    const x = manifold.randomPoint(random);
    const u = manifold.randomTangent(x, random);
    for (const t of [1e-12, 1e-3, 1, 30]) {
      const y = manifold.retractInto(manifold.zero(), x, u, t);
      if (y.some(Number.isNaN)) continue;
      expect(manifold.distanceFromManifold(y)).toBeLessThan(1e-9 * Math.max(1, Math.hypot(...y)));
    }
    const lost = manifold.retractInto(manifold.zero(), x, manifold.zero().fill(Number.NaN));
    expect(manifold.dim === 0 || lost.some(Number.isNaN)).toBe(true);
  });

  it(`${label}: a point off the manifold is named, with its distance or fault, and can be projected`, () => {
    const manifold = make();
    const x = manifold.randomPoint(seeded(6));
    expect(() => manifold.checkPoint("solve", "x0", x)).not.toThrow();
    const off = x.slice();
    spoil(off);
    expect(() => manifold.checkPoint("solve", "x0", off)).toThrow(says);
    expect(() => manifold.checkPoint("solve", "x0", off)).toThrow(/^solve: argument `x0` is /);
  });

  it(`${label}: wrong lengths, NaN and vectors off the tangent space are refused`, () => {
    const manifold = make();
    const x = manifold.randomPoint(seeded(8));
    expect(() => manifold.checkPoint("f", "x", new Float64Array(manifold.length + 1))).toThrow(
      new RegExp(`of length ${manifold.length + 1}; wanted length ${manifold.length}`),
    );
    const holed = x.slice();
    holed[0] = Number.NaN;
    expect(() => manifold.checkPoint("f", "x", holed)).toThrow(/NaN at index 0/);
    expect(() => manifold.checkPoint("f", "x", [...x] as never)).toThrow(ArgumentError);
    const normal = x.map((_, i) => Math.sin(1 + i * i));
    const tangent = manifold.projInto(manifold.zero(), x, normal);
    expect(() => manifold.checkTangent("f", "u", x, tangent)).not.toThrow();
    if (Math.hypot(...tangent.map((t, i) => t - normal[i])) > 1e-3)
      expect(() => manifold.checkTangent("f", "u", x, normal)).toThrow(/off the tangent space .* by .*projInto/);
  });
}

/** V diag(values) Vᵀ with a random orthogonal V, symmetric to the bit. */
export function spdWith(values: readonly number[], seed: number): Vector {
  const n = values.length;
  const random = seeded(seed);
  const V = Array.from({ length: n }, () => Array.from({ length: n }, () => random() - 0.5));
  for (let i = 0; i < n; i++) {
    for (let pass = 0; pass < 2; pass++)
      for (let j = 0; j < i; j++) {
        const along = V[i]!.reduce((sum, v, k) => sum + v * V[j]![k]!, 0);
        V[i] = V[i]!.map((v, k) => v - along * V[j]![k]!);
      }
    const size = Math.hypot(...V[i]!);
    V[i] = V[i]!.map((v) => v / size);
  }
  const P = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++)
      P[i * n + j] = P[j * n + i] = values.reduce((sum, d, k) => sum + d * V[k]![i]! * V[k]![j]!, 0);
  return P;
}

/** Five eigenvalues from 1e-5 to 1e5: condition number 1e10. */
export const illConditioned = (): Vector => spdWith([1e-5, 10 ** -2.5, 1, 10 ** 2.5, 1e5], 21);

/** The rows of checkManifold that are worse than 1e-9 at a point, with their errors. */
export function lostAt(manifold: Manifold, at: Vector, distance?: number): Map<string, number> {
  const { lost } = checkManifold(manifold, {
    random: seeded(9),
    at,
    points: 4,
    ...(distance === undefined ? {} : { distance }),
  });
  return new Map(lost.map(({ identity, error }) => [identity, error]));
}

/** A symmetric matrix that isn't positive definite, a singular one and one that isn't symmetric: what each SPD manifold says of them. */
export function refusesBadMatrices(make: () => Manifold): void {
  it("names indefinite, singular and non-symmetric matrices", () => {
    const manifold = make();
    const n = manifold.shape[0]!;
    const diagonal = (...d: number[]) => {
      const A = new Float64Array(n * n);
      for (let i = 0; i < n; i++) A[i * n + i] = d[i] ?? 1;
      return A;
    };
    const check = (A: Vector) => () => manifold.checkPoint("f", "P", A);
    expect(check(diagonal(1, -2))).toThrow(/not positive definite: its least eigenvalue is -2\.00e\+0.*Add a multiple/);
    expect(check(diagonal(1, 0))).toThrow(/singular to rounding: its eigenvalues reach from/);
    const skewed = diagonal();
    skewed[1] = 0.5;
    expect(check(skewed)).toThrow(/not symmetric: entry \(1, 0\) is 0 and entry \(0, 1\) is 0\.5.*\(A \+ Aᵀ\)\/2/);
    expect(manifold.distanceFromManifold(diagonal(1, -2))).toBeCloseTo(2, 12);
    const lifted = manifold.projectPointInto(manifold.zero(), diagonal(1, -2));
    expect(check(lifted)).not.toThrow();
    expect(() => manifold.projectPointInto(manifold.zero(), diagonal(...Array.from({ length: n }, () => -1)))).toThrow(
      /at least one positive eigenvalue/,
    );
  });
}
