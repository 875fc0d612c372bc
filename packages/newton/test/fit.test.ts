import { describe, expect, it } from "vitest";
import { fit } from "../src/index.js";

const t = [77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0];
const y = [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.4, 75.47, 81.78];

describe("fit", () => {
  it("gives Misra1a's certified parameters and standard deviations", () => {
    const { parameters, standardErrors, residualSum, reason, predict, residuals, variance } = fit(
      ([a, b], [x]) => a!.mul(b!.mul(x!).neg().exp().neg().add(1)),
      { t, y },
      [500, 0.0001],
    );
    expect(reason.kind).toBe("converged");
    expect(parameters[0]! / 2.3894212918e2).toBeCloseTo(1, 8);
    expect(parameters[1]! / 5.5015643181e-4).toBeCloseTo(1, 8);
    expect(standardErrors[0]! / 2.7070075241).toBeCloseTo(1, 7);
    expect(standardErrors[1]! / 7.2668688436e-6).toBeCloseTo(1, 7);
    expect(residualSum).toBeCloseTo(1.2455138894e-1, 10);
    expect(Math.sqrt(variance)).toBeCloseTo(1.018787633e-1, 9);
    expect(predict(t)[3]! - y[3]!).toBeCloseTo(residuals[3]!, 12);
    expect(predict([0])[0]).toBe(0);
  });

  it("fits points without error, also at several independent variables", () => {
    const points = Array.from({ length: 30 }, (_, k) => [Math.sin(k), Math.cos(3 * k)]);
    const values = points.map(([u, v]) => 3 * Math.exp(0.5 * u!) + 2 * u! * v! - 1);
    const { parameters, reason, residualSum, predict } = fit(
      ([a, b, c, d], [u, v]) => a!.mul(b!.mul(u!).exp()).add(c!.mul(u!).mul(v!)).add(d!),
      { t: points, y: values },
      [1, 1, 1, 1],
    );
    expect(reason.kind).toBe("converged");
    for (const [i, wanted] of [3, 0.5, 2, -1].entries()) expect(parameters[i]).toBeCloseTo(wanted, 9);
    expect(residualSum).toBeLessThan(1e-20);
    expect(predict([[0, 0]])[0]).toBeCloseTo(2, 9);
  });

  it("divides by sigma, which is then taken as known", () => {
    // The mean of two numbers with deviations 1 and 2: weights 1 and 1/4, variance 1/(1 + 1/4).
    const { parameters, standardErrors } = fit(([a]) => a!, { t: [0, 0], y: [1, 6], sigma: [1, 2] }, [0]);
    expect(parameters[0]).toBeCloseTo((1 + 6 / 4) / 1.25, 12);
    expect(standardErrors[0]).toBeCloseTo(Math.sqrt(1 / 1.25), 12);
  });

  it("isn't led astray by an outlier with a robust loss", () => {
    const x = Array.from({ length: 11 }, (_, k) => k);
    const line = x.map((xk) => 1 + 2 * xk);
    line[9] = 100;
    const model = ([a, b]: Parameters<Parameters<typeof fit>[0]>[0], [s]: Parameters<Parameters<typeof fit>[0]>[1]) =>
      a!.add(b!.mul(s!));
    const plain = fit(model, { t: x, y: line }, [0, 0]);
    const robust = fit(model, { t: x, y: line }, [0, 0], { loss: "cauchy", lossScale: 0.1 });
    expect(Math.abs(plain.parameters[1]! - 2)).toBeGreaterThan(1);
    expect(Math.abs(robust.parameters[1]! - 2)).toBeLessThan(1e-3);
  });

  it("tells of parameters that the points don't determine", () => {
    const { undetermined, rank, standardErrors } = fit(([a, b]) => a!.add(b!), { t: [1, 2, 3], y: [1, 2, 4] }, [0, 0]);
    expect(rank).toBe(1);
    expect(undetermined).toEqual([0, 1]);
    expect(standardErrors[0]).toBe(Number.POSITIVE_INFINITY);
  });

  it("says why it ended early", () => {
    const { reason } = fit(([a, b], [x]) => a!.mul(b!.mul(x!).exp()), { t, y }, [1, 1e-3], { maxIterations: 1 });
    expect(reason).toMatchObject({ kind: "budget", rule: "maxIterations" });
  });

  it("refuses data that don't fit together", () => {
    const model = ([a]: Parameters<Parameters<typeof fit>[0]>[0]) => a!;
    expect(() => fit(3 as never, { t, y }, [1])).toThrow("`model` is 3");
    expect(() => fit(model, null as never, [1])).toThrow("`data` is null");
    expect(() => fit(model, { t: [1, 2], y: [1] }, [1])).toThrow("2 numbers, one for each t");
    expect(() => fit(model, { t: [1, Number.NaN], y: [1, 2] }, [1])).toThrow("`data.t[1]` is NaN");
    expect(() => fit(model, { t: [1, 2], y: [1, Number.NaN] }, [1])).toThrow("`data.y[1]` is NaN");
    expect(() => fit(model, { t: [[1], [2, 3]], y: [1, 2] }, [1])).toThrow("as many numbers as the first point");
    expect(() => fit(model, { t: [1], y: [1], sigma: [0] }, [1])).toThrow("data.sigma[0]");
    expect(() => fit(model, { t: [1], y: [1] }, [1], { foo: 1 } as never)).toThrow("`options.foo`");
    const done = fit(model, { t: [1, 2], y: [1, 2] }, [1]);
    expect(() => done.predict([[1, 2]])).toThrow("1, as in the data");
  });
});
