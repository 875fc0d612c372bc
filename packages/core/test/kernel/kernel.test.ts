// Kernels against closed forms: value, gradient, Hessian, products, mixed derivatives, Jacobians; as terms of a problem; misuse and diagnosis.
import { describe, expect, it } from "vitest";
import { ArgumentError } from "../../src/errors.js";
import { kernel, mat2, math, problemFromTerms, scalar, vec2, vec3, vector } from "../../src/kernel/index.js";
import { denseMatrix } from "../../src/linear/matrix.js";
import { toDenseMatrix } from "../../src/linear/sparse/csc.js";

const close = (found: ArrayLike<number>, wanted: readonly number[], digits = 12) => {
  expect(found.length).toBe(wanted.length);
  wanted.forEach((value, i) => {
    expect(found[i], `entry ${i}`).toBeCloseTo(value, digits);
  });
};

describe("kernel", () => {
  // f = p² x² y + q x y³.
  const shapes = { inputs: { x: scalar, y: scalar }, parameters: { p: scalar, q: scalar } } as const;
  for (const evaluation of ["compiled", "interpreted"] as const) {
    const f = kernel(shapes, ({ x, y }, { p, q }) => math`${p}^2 * ${x}^2 * ${y} + ${q} * ${x} * ${y}^3`, {
      evaluation,
    });
    const [x, y, p, q] = [1.5, -2, 3, 0.5];
    const at = Float64Array.of(x, y);
    const given = Float64Array.of(p, q);
    const value = p * p * x * x * y + q * x * y ** 3;
    const gradient = [2 * p * p * x * y + q * y ** 3, p * p * x * x + 3 * q * x * y * y];
    const [xx, xy, yy] = [2 * p * p * y, 2 * p * p * x + 3 * q * y * y, 6 * q * x * y];
    const mixed = [4 * p * x * y, y ** 3, 2 * p * x * x, 3 * x * y * y] as const;

    it(`has value, gradient and Hessian, ${evaluation}`, () => {
      expect(f.value(at, given)).toBeCloseTo(value, 12);
      close(f.gradientInto(new Float64Array(2).fill(9), at, given), gradient);
      const g = new Float64Array(2).fill(9);
      expect(f.valueAndGradientInto(g, at, given)).toBeCloseTo(value, 12);
      close(g, gradient);
      close(f.hessianInto(denseMatrix(2, 2, new Float64Array(4).fill(9)), at, given).data, [xx, xy, xy, yy]);
      close(f.lowerHessianInto(new Float64Array(3).fill(9), at, given), [xx, xy, yy]);
      const H = denseMatrix(2, 2, new Float64Array(4).fill(9));
      g.fill(9);
      expect(f.valueGradientHessianInto(g, H, at, given)).toBeCloseTo(value, 12);
      close(g, gradient);
      close(H.data, [xx, xy, xy, yy]);
      close(f.hessianApplyInto(new Float64Array(2).fill(9), at, given, Float64Array.of(2, -1)), [
        2 * xx - xy,
        2 * xy - yy,
      ]);
    });

    it(`has mixed derivatives with respect to the parameters, ${evaluation}`, () => {
      close(f.parameterGradientInto(new Float64Array(2).fill(9), at, given), [2 * p * x * x * y, x * y ** 3]);
      close(f.mixedInto(denseMatrix(2, 2, new Float64Array(4).fill(9)), at, given).data, mixed);
      const [a, b, c, d] = mixed;
      close(f.mixedApplyInto(new Float64Array(2).fill(9), at, given, Float64Array.of(2, -1)), [2 * a - b, 2 * c - d]);
      const w = new Float64Array(2).fill(9);
      close(f.mixedTransposeApplyInto(w, at, given, Float64Array.of(2, -1)), [2 * a - c, 2 * b - d]);
    });
  }

  it("takes shapes in declared order, matrices row by row, and flattens numbers by name", () => {
    const k = kernel({ inputs: { a: vec2, s: scalar }, parameters: { M: mat2 } }, ({ a, s }, { M }) =>
      M.mul(a).dot(vector(1, 10)).add(s.mul(100)),
    );
    expect([k.arity, k.width]).toEqual([3, 4]);
    const x = k.flattenInputsInto(new Float64Array(3), { a: [1, 2], s: 3 });
    const p = k.flattenParametersInto(new Float64Array(4), { M: [1, 2, 3, 4] });
    expect([Array.from(x), Array.from(p)]).toEqual([
      [1, 2, 3],
      [1, 2, 3, 4],
    ]);
    expect(k.value(x, p)).toBe(5 + 110 + 300);
    expect(() => k.flattenInputsInto(new Float64Array(3), { a: [1, 2, 3], s: 3 })).toThrow(
      /`a` is an Array of length 3; wanted 2/,
    );
    expect(() => k.flattenInputsInto(new Float64Array(3), { a: [1, 2] } as never)).toThrow(/`s\[0\]` is undefined/);
    expect(() => k.flattenInputsInto(new Float64Array(2), { a: [1, 2], s: 1 })).toThrow(/length 3/);
  });

  it("calls the function once, also as a term of several problems", () => {
    let calls = 0;
    const k = kernel({ inputs: { x: scalar } }, ({ x }) => {
      calls++;
      return x.cosh();
    });
    for (const n of [1, 2]) problemFromTerms(n, [{ indices: [[n - 1]], term: k.term }]).value(new Float64Array(n));
    expect(calls).toBe(1);
  });

  it("is a term: inputs are variables, parameters are data", () => {
    const spring = kernel({ inputs: { a: vec2, b: vec2 }, parameters: { length: scalar } }, ({ a, b }, { length }) =>
      b.sub(a).norm().sub(length).square(),
    );
    const problem = problemFromTerms(6, [
      {
        indices: [
          [0, 1, 2, 3],
          [2, 3, 4, 5],
        ],
        data: [[1], [2]],
        term: spring.term,
      },
    ]);
    const x = Float64Array.of(0, 0, 3, 4, 3, 6.5);
    expect(problem.value(x)).toBeCloseTo(16 + 0.25, 12);
    const own = spring.hessianInto(denseMatrix(4, 4), x.slice(0, 4), Float64Array.of(1)).data;
    const H = problem.newHessian();
    problem.hessianInto(H, x);
    const whole = toDenseMatrix(H).data;
    close(
      [whole[0]!, whole[1]!, whole[2]!, whole[3]!, whole[7]!, whole[9]!],
      [own[0]!, own[1]!, own[2]!, own[3]!, own[5]!, own[7]!],
    );
    expect(() => problemFromTerms(4, [{ indices: [[0, 1, 2]], data: [[1]], term: spring.term }])).toThrow(
      /3 variables and 1 data; wanted 4 and 1/,
    );
  });

  // r = (x² y, p x + y³, p).
  const r = kernel({ inputs: { x: scalar, y: scalar }, parameters: { p: scalar } }, ({ x, y }, { p }) =>
    vector(x.square().mul(y), p.mul(x).add(y.pow(3)), p),
  );
  it("has vector results and Jacobians", () => {
    const at = Float64Array.of(2, -1);
    const p = Float64Array.of(5);
    const J = [-4, 4, 5, 3, 0, 0];
    expect(r.outputs).toBe(3);
    close(r.valueInto(new Float64Array(3).fill(9), at, p), [-4, 9, 5]);
    close(r.jacobianInto(denseMatrix(3, 2, new Float64Array(6).fill(9)), at, p).data, J);
    const jacobian = denseMatrix(3, 2, new Float64Array(6).fill(9));
    close(r.valueAndJacobianInto(new Float64Array(3).fill(9), jacobian, at, p), [-4, 9, 5]);
    close(jacobian.data, J);
    close(r.parameterJacobianInto(denseMatrix(3, 1, new Float64Array(3).fill(9)), at, p).data, [0, 2, 1]);
    close(r.jacobianApplyInto(new Float64Array(3).fill(9), at, p, Float64Array.of(1, 2)), [4, 11, 0]);
    close(r.jacobianTransposeApplyInto(new Float64Array(2).fill(9), at, p, Float64Array.of(1, 2, 7)), [6, 10]);
  });

  it("is half the squared norm as a term, when it is a vector", () => {
    const problem = problemFromTerms(2, [{ indices: [[0, 1]], data: [[5]], term: r.term }]);
    const x = Float64Array.of(2, -1);
    expect(problem.value(x)).toBeCloseTo((16 + 81 + 25) / 2, 12);
    // Jᵀ r.
    close(problem.gradientInto(new Float64Array(2), x), [16 + 45, -16 + 27]);
  });

  it("takes a number as its result", () => {
    const k = kernel({ inputs: { x: scalar } }, () => 3);
    expect(k.value(Float64Array.of(1))).toBe(3);
    expect(k.gradientInto(Float64Array.of(9), Float64Array.of(1))[0]).toBe(0);
  });

  it("says where a value that isn't finite comes from", () => {
    const k = kernel(
      { inputs: { a: vec3, s: scalar }, parameters: { M: mat2 } },
      ({ a, s }, { M }) => math`log(${a.y}) + exp(${s}) + sqrt(${M.at(1, 0)}) + acosh(${a.x})`,
    );
    const p = Float64Array.of(1, 1, 4, 1);
    expect(k.diagnose(Float64Array.of(2, 1, 1, 1), p)).toBeUndefined();
    expect(k.diagnose(Float64Array.of(2, -3, 1, 1), p)).toMatchObject({
      of: "value",
      operation: "log(-3)",
      message: "kernel: log(-3) is NaN in log(a.y)",
    });
    expect(k.diagnose(Float64Array.of(2, 1, 1, 800), p)).toMatchObject({
      operation: "exp(800)",
      value: Number.POSITIVE_INFINITY,
    });
    expect(k.diagnose(Float64Array.of(2, 1, 1, 1), Float64Array.of(1, 1, -4, 1))!.message).toMatch(
      /sqrt\(M\[1\]\[0\]\)/,
    );
    expect(k.diagnose(Float64Array.of(0.5, 1, 1, 1), p)).toMatchObject({ operation: "acosh(0.5)" });
    expect(k.diagnose(Float64Array.of(1, 1, 1, 1), p)).toMatchObject({ of: "gradient" });
    const v = kernel({ inputs: { x: scalar } }, ({ x }) => vector(x, x.cbrt()));
    expect(v.diagnose(Float64Array.of(0))!.message).toMatch(/^kernel: the Jacobian: div\(1, 0\)/);
    const pow = kernel({ inputs: { x: scalar } }, ({ x }) => x.pow(400));
    expect(pow.diagnose(Float64Array.of(10))).toMatchObject({ operation: "pow(10, 400)" });
  });

  it("counts operations", () => {
    const { operations } = kernel({ inputs: { x: scalar } }, ({ x }) => x.square().add(1).sqrt());
    expect(operations.value).toBe(3);
    expect(operations.gradient).toBeGreaterThan(3);
    expect(operations.hessian).toBeGreaterThan(operations.gradient);
    expect(operations.apply).toBeGreaterThan(0);
  });

  it("rejects misuse", () => {
    const k = kernel({ inputs: { a: vec2 }, parameters: { p: scalar } }, ({ a }, { p }) => a.dot(a).mul(p));
    const x = new Float64Array(2);
    const p = new Float64Array(1);
    expect(() => k.value(new Float64Array(3), p)).toThrow(
      /kernel.value: argument `x`.*length 3; wanted a Float64Array of length 2/,
    );
    expect(() => k.value([1, 2] as never, p)).toThrow(ArgumentError);
    expect(() => k.value(x)).toThrow(/argument `p`/);
    expect(() => k.gradientInto(new Float64Array(1), x, p)).toThrow(/kernel.gradientInto: argument `out`/);
    expect(() => k.hessianInto(denseMatrix(2, 3), x, p)).toThrow(/is 2×3; wanted a dense 2×2 matrix/);
    expect(() => k.hessianApplyInto(x, x, p, new Float64Array(1))).toThrow(/argument `v`/);
    expect(() => k.mixedApplyInto(x, x, p, new Float64Array(2))).toThrow(/argument `w`/);
    expect(() => kernel({ inputs: {} }, () => 1)).toThrow(/at least one shape/);
    expect(() => kernel({ inputs: { a: 2 as never } }, () => 1)).toThrow(/inputs.a` is 2; wanted a shape/);
    expect(() => kernel({ inputs: { a: vec2 }, parameter: {} } as never, () => 1)).toThrow(/parameter.*not an option/);
    expect(() => kernel({ inputs: { a: vec2 } }, 1 as never)).toThrow(/a function/);
    expect(() => kernel({ inputs: { M: mat2 } }, (({ M }: { M: unknown }) => M) as never)).toThrow(/A matrix by rows/);
    expect(() => kernel({ inputs: { a: vec2 } }, (() => undefined) as never)).toThrow(/result of fn.*undefined/);
    expect(() => kernel({ inputs: { a: vec2 } }, ({ a }) => ((a.x as never) + 1) as never)).toThrow(
      /operators can't be traced/,
    );
    expect(() => kernel({ inputs: { a: vec2 } }, () => 1, { evaluation: "wasm" as never })).toThrow(/evaluation/);
  });
});
