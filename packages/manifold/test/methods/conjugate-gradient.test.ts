import { denseMatrix, solve, type Vector } from "@hessia/core";
import { describe, expect, it } from "vitest";
import {
  conjugateGradient,
  conjugateGradientRules,
  euclidean,
  type Manifold,
  onManifold,
  sphere,
} from "../../src/index.js";
import { behavesLikeAMethod, toNorm } from "../methods-behaviour.js";
import { brockett } from "../problems-for-tests.js";

for (const rule of conjugateGradientRules)
  describe(`conjugateGradient, ${rule}`, () => {
    behavesLikeAMethod("conjugateGradient", (options) => conjugateGradient({ rule, ...options }));
  });

describe("the directions of conjugateGradient", () => {
  const D = denseMatrix(4, 4);
  [1, 2, 5, 9].forEach((d, i) => {
    D.data[i * 5] = d;
  });
  const S = sphere(4);
  // A transport that stretches: the method scales what it carries back to its length.
  const stretched: Manifold = {
    ...S,
    name: "stretched",
    transportInto(out, x, y, u) {
      S.transportInto(out, x, y, u);
      for (let i = 0; i < 4; i++) out[i] = 1.5 * out[i]!;
      return out;
    },
  };

  for (const rule of conjugateGradientRules)
    for (const [M, x0] of [
      [euclidean(4), [1, 1, 1, 1]],
      [S, [0.1, 0.5, 0.7, 0.5]],
      [stretched, [0.1, 0.5, 0.7, 0.5]],
    ] as const)
      it(`${rule} on ${M.name}: β by its formula, from state to state`, () => {
        const states: { x: Vector; g: Vector; η: Vector }[] = [];
        solve(conjugateGradient({ rule }), onManifold(M, brockett(D, [1])), x0, {
          stop: toNorm(1e-8),
          observers: [
            ({ state }) => states.push({ x: state.x.slice(), g: state.gradient.slice(), η: state.direction.slice() }),
          ],
        });
        const dot = (u: Vector, v: Vector) => u.reduce((sum, ui, i) => sum + ui * v[i]!, 0);
        let plain = 0;
        for (let k = 0; k + 1 < Math.min(6, states.length); k++) {
          const [{ x, g, η }, { x: next, g: h, η: direction }] = [states[k]!, states[k + 1]!];
          // Isometric on all three once it is scaled back.
          const flat = M.name.startsWith("euclidean");
          const [Tg, Tη] = [g, η].map((u) => (flat ? u : S.transportInto(S.zero(), x, next, u))) as [Vector, Vector];
          const y = h.map((hi, i) => hi - Tg[i]!);
          const jams = Math.abs(dot(h, Tg)) >= 0.5 * dot(h, h);
          if (!jams) plain++;
          const yη = dot(y, Tη);
          const expected = {
            fletcherReeves: jams ? 0 : dot(h, h) / dot(g, g),
            daiYuan: jams ? 0 : dot(h, h) / yη,
            polakRibierePlus: Math.max(0, dot(h, y) / dot(g, g)),
            hestenesStiefelPlus: Math.max(0, dot(h, y) / yη),
            hagerZhang: Math.max(
              -1 / (Math.sqrt(dot(η, η)) * Math.min(0.01, Math.sqrt(dot(g, g)))),
              (dot(y, h) - (2 * dot(Tη, h) * dot(y, y)) / yη) / yη,
            ),
          }[rule];
          direction.forEach((value, i) => {
            expect(value).toBeCloseTo(expected * Tη[i]! - h[i]!, 8);
          });
        }
        expect(plain).toBeGreaterThan(0);
      });

  it("takes fewer steps than the condition number on a quadratic", () => {
    const n = 30;
    const H = denseMatrix(n, n);
    for (let i = 0; i < n; i++) H.data[i * (n + 1)] = 10 ** ((2 * i) / (n - 1));
    const quadratic = onManifold(euclidean(n), brockett(H, [1]));
    const { iterations, reason } = solve(conjugateGradient(), quadratic, new Float64Array(n).fill(1), {
      stop: toNorm(1e-6),
    });
    expect(reason.kind).toBe("converged");
    expect(iterations).toBeLessThan(100);
  });

  it("refuses a rule that it doesn't know", () => {
    expect(() => conjugateGradient({ rule: "steepest" as never })).toThrow(
      'conjugateGradient: argument `options.rule` is "steepest"; wanted one of "fletcherReeves", "daiYuan"',
    );
  });
});
