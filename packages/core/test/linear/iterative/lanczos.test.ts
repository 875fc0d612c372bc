import { describe, expect, it } from "vitest";
import { tridiagonalEigenvalues } from "../../../src/linear/dense/tridiagonal-eigen.js";
import {
  extendKrylov,
  fromKrylovInto,
  type KrylovSpace,
  krylovSpace,
  krylovTridiagonal,
  lanczosLowest,
  startKrylov,
} from "../../../src/linear/iterative/lanczos.js";
import { denseMatrix, type LinearOperator } from "../../../src/linear/matrix.js";
import { dot, norm2 } from "../../../src/linear/vec.js";
import { eye, flip, map, minus, randomVector, size, times } from "../dense-for-tests.js";
import {
  breakingAt,
  counting,
  diagonalOperator,
  gridOperator,
  residualOf,
  spectrumOperator,
} from "../operators-for-tests.js";
import { laplacian2dEigenvalues } from "../sparse-for-tests.js";

const upTo = (n: number) => Array.from({ length: n }, (_, k) => k);

function grown(A: LinearOperator, b: Float64Array, steps: number): KrylovSpace {
  const space = krylovSpace(A.rows, steps);
  startKrylov(space, b);
  while (extendKrylov(space, A));
  return space;
}

/** The first `count` basis vectors as the rows of a matrix. */
const basis = ({ n, basis: rows }: KrylovSpace, count: number) => denseMatrix(count, n, rows.slice(0, count * n));

const tridiagonal = ({ size: k, alpha, beta }: KrylovSpace) =>
  map(denseMatrix(k, k), (_, i, j) => (i === j ? alpha[i] : Math.abs(i - j) === 1 ? beta[Math.min(i, j)] : 0));

describe("the Krylov space", () => {
  it.each<[string, LinearOperator, number]>([
    ["a grid, all the way", gridOperator(8), 64],
    ["a grid, in part", gridOperator(12), 40],
    [
      "a wide spectrum, where plain Lanczos loses orthogonality",
      spectrumOperator(upTo(80).map((i) => 10 ** (i / 10 - 4))),
      80,
    ],
    ["either sign", spectrumOperator(upTo(50).map((i) => (i - 20) ** 3)), 50],
  ])("has an orthonormal basis with T = VᵀAV: %s", (_, A, steps) => {
    const n = A.rows;
    const space = grown(A, randomVector(n), steps);
    const k = space.size;
    const V = basis(space, space.invariant ? k : k + 1);
    expect(size(minus(times(V, flip(V)), eye(V.rows)))).toBeLessThan(1e-14 * n);
    const top = Math.max(...space.alpha.subarray(0, k).map((v, i) => Math.abs(v) + 2 * space.beta[i]));
    const AV = denseMatrix(k, n);
    for (let j = 0; j < k; j++) A.applyInto(AV.data.subarray(j * n, (j + 1) * n), V.data.subarray(j * n, (j + 1) * n));
    const T = times(AV, flip(denseMatrix(k, n, V.data.slice(0, k * n))));
    expect(size(minus(T, tridiagonal(space)))).toBeLessThan(1e-14 * n * top);
    // A V = V T + β_k v_{k+1} e_kᵀ
    const VT = times(tridiagonal(space), denseMatrix(k, n, V.data.slice(0, k * n)));
    if (!space.invariant) for (let i = 0; i < n; i++) VT.data[(k - 1) * n + i] += space.beta[k - 1] * V.data[k * n + i];
    expect(size(minus(AV, VT))).toBeLessThan(1e-14 * n * top);
  });

  it("has the spectrum of A when it is the whole space", () => {
    const d = upTo(30).map((i) => Math.sin(i) * 5);
    const space = grown(spectrumOperator(d), randomVector(30), 30);
    expect(space).toMatchObject({ size: 30, invariant: true });
    const values = tridiagonalEigenvalues(krylovTridiagonal(space));
    [...d]
      .sort((a, b) => a - b)
      .forEach((v, i) => {
        expect(values[i]).toBeCloseTo(v, 12);
      });
  });

  it("ends where it is invariant: as many steps as different eigenvalues in b", () => {
    for (const k of [1, 2, 5]) {
      const space = grown(spectrumOperator(upTo(40).map((i) => 3 - (i % k))), randomVector(40), 40);
      expect(space).toMatchObject({ size: k, invariant: true });
      expect(space.beta[k - 1]).toBe(0);
      expect(extendKrylov(space, spectrumOperator(upTo(40)))).toBe(false);
    }
    const zero = krylovSpace(4, 4);
    expect(startKrylov(zero, new Float64Array(4))).toBe(0);
    expect(zero.invariant).toBe(true);
    expect(extendKrylov(zero, diagonalOperator([1, 2, 3, 4]))).toBe(false);
  });

  it("takes one product a step, can be begun anew, and survives structuredClone", () => {
    const A = counting(gridOperator(5));
    let space = krylovSpace(25, 10);
    expect(startKrylov(space, randomVector(25, 3))).toBeCloseTo(norm2(randomVector(25, 3)), 14);
    for (let k = 1; k <= 10; k++) {
      expect(extendKrylov(space, A)).toBe(true);
      expect([A.products, space.size]).toEqual([k, k]);
      space = structuredClone(space);
    }
    expect(extendKrylov(space, A)).toBe(false);
    expect(A.products).toBe(10);
    startKrylov(space, randomVector(25));
    while (extendKrylov(space, A));
    expect(space.alpha).toEqual(grown(gridOperator(5), randomVector(25), 10).alpha);
  });

  it("stays as it was when a product isn't finite", () => {
    const space = grown(breakingAt(4, gridOperator(4)), randomVector(16), 16);
    expect(space).toMatchObject({ size: 3, invariant: false });
    expect(extendKrylov(space, gridOperator(4))).toBe(true);
    expect(space.alpha.slice(0, 4)).toEqual(grown(gridOperator(4), randomVector(16), 4).alpha);
  });

  it("maps back", () => {
    const space = grown(gridOperator(4), randomVector(16), 5);
    const y = randomVector(5);
    const x = fromKrylovInto(new Float64Array(16), space, y);
    expect(norm2(x)).toBeCloseTo(norm2(y), 14);
    for (let j = 0; j < 5; j++) expect(dot(x, space.basis.subarray(16 * j, 16 * j + 16))).toBeCloseTo(y[j], 14);
  });

  it("throws on misuse", () => {
    expect(() => krylovSpace(3, -1)).toThrow("krylovSpace: argument `capacity` is -1; wanted an integer >= 0.");
    expect(() => krylovSpace(2.5, 1)).toThrow("krylovSpace: argument `n` is 2.5; wanted an integer >= 0.");
    const space = krylovSpace(3, 2);
    expect(() => startKrylov(space, new Float64Array(2))).toThrow(
      "startKrylov: argument `b` is of length 2; wanted length 3.",
    );
    expect(() => extendKrylov(space, gridOperator(2))).toThrow(
      "extendKrylov: argument `A` is 4 × 4; wanted 3 × 3, as the space is.",
    );
    expect(() => fromKrylovInto(new Float64Array(2), space, new Float64Array(0))).toThrow(
      "fromKrylovInto: argument `out` is of length 2; wanted length 3.",
    );
    expect(() => fromKrylovInto(new Float64Array(3), space, new Float64Array(1))).toThrow(
      "fromKrylovInto: argument `y` is of length 1; wanted length 0 at most, the size of the space.",
    );
  });
});

describe("lanczosLowest", () => {
  it("finds the lowest eigenpair of a grid, with its residual", () => {
    const lowest = laplacian2dEigenvalues(15)[0];
    const A = counting(gridOperator(15));
    const v = new Float64Array(225);
    const result = lanczosLowest(v, A, 225, 1e-10);
    expect(result.value).toBeCloseTo(lowest, 12);
    expect(norm2(v)).toBeCloseTo(1, 12);
    const Av = A.applyInto(new Float64Array(225), v);
    expect(norm2(Av.map((a, i) => a - result.value * v[i]))).toBeLessThan(2 * result.residual + 1e-13);
    expect(result.products).toBeLessThan(120);
    expect(A.products).toBe(result.products + 1);
    expect(result.bound).toBeGreaterThan(6);
  });

  it("gives values that fall towards λ_min from above, and is within its residual of an eigenvalue", () => {
    const d = upTo(60).map((i) => i - 7.25);
    const v = new Float64Array(60);
    let last = Number.POSITIVE_INFINITY;
    for (const steps of [1, 2, 3, 7, 12, 30, 60]) {
      const { value, residual, products } = lanczosLowest(v, spectrumOperator(d), steps, 0);
      expect(products).toBe(steps);
      expect(value).toBeLessThanOrEqual(last);
      expect(value).toBeGreaterThanOrEqual(-7.25 - 1e-12);
      expect(Math.min(...d.map((e) => Math.abs(e - value)))).toBeLessThanOrEqual(residual + 1e-12);
      last = value;
    }
    expect(last).toBeCloseTo(-7.25, 12);
  });

  it("begins where it is told", () => {
    const v = new Float64Array(5);
    const start = Float64Array.of(0, 0, 3, 0, 0);
    expect(lanczosLowest(v, diagonalOperator([-9, 1, 2, 3, 4]), 5, 0, start)).toMatchObject({ value: 2, products: 1 });
    expect(Array.from(v)).toEqual([0, 0, 1, 0, 0]);
  });

  it("ends with what it has when a product isn't finite", () => {
    const v = new Float64Array(16);
    const cut = lanczosLowest(v, breakingAt(4, gridOperator(4)), 16, 0);
    const short = lanczosLowest(new Float64Array(16), gridOperator(4), 3, 0);
    expect(cut).toEqual(short);
    expect(
      residualOf(
        gridOperator(4),
        v,
        v.map((a) => cut.value * a),
      ),
    ).toBeCloseTo(cut.residual, 12);
    expect(lanczosLowest(v, breakingAt(1, gridOperator(4)), 16)).toEqual({
      value: Number.NaN,
      residual: Number.NaN,
      bound: 0,
      products: 0,
    });
    expect(v.every((a) => a === 0)).toBe(true);
  });

  it("throws on misuse", () => {
    expect(() => lanczosLowest(new Float64Array(4), gridOperator(2), -1)).toThrow(
      "lanczosLowest: argument `steps` is -1; wanted a number >= 0.",
    );
    expect(() => lanczosLowest(new Float64Array(4), gridOperator(2), 3, -1)).toThrow(
      "lanczosLowest: argument `tolerance` is -1; wanted a number >= 0.",
    );
  });
});
