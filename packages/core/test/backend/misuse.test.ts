// Bad input to a backend: the same error on all of them.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ArrayBackend, BackendArray, Metric } from "../../src/backend/backend.js";
import { jsArrayBackend } from "../../src/backend/cpu-backend.js";
import { ArgumentError, HessiaError } from "../../src/errors.js";
import { backends } from "./backends-for-tests.js";

for (const [name, make] of backends) {
  describe(`misuse of ${name}`, () => {
    let backend: ArrayBackend;
    let a: BackendArray;
    let x: BackendArray;
    beforeAll(async () => {
      backend = await make();
      a = await backend.upload([1, 2, 3, 4, 5, 6], 2, 3);
      x = await backend.upload([1, 2]);
    });
    afterAll(() => backend.close());
    const bad = async (work: Promise<unknown>, message: string) => {
      const error = await work.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(ArgumentError);
      expect((error as Error).message).toContain(message);
    };

    it("numbers", async () => {
      await bad(backend.upload([1, Number.NaN, 3]), "upload: argument `values` is NaN at 1; wanted finite numbers");
      await bad(backend.upload([0, 0, 0, Infinity], 2, 2), "Infinity at (1, 1); wanted finite numbers");
      await bad(backend.upload([-Infinity]), "For log 0 write -1e30");
      await bad(backend.upload(7 as never), "`values` is 7; wanted an array of numbers");
      if (backend.precision === "float32")
        await bad(backend.upload([1e39]), "1e+39 at 0; wanted at most 3.4e+38 in size");
      await bad(backend.axpby(Number.NaN, x), "axpby: argument `alpha` is NaN; wanted a finite number");
      await bad(backend.axpby(1, x, Infinity, x), "argument `beta` is Infinity");
      await bad(backend.gemm(a, a, { transposeB: true, alpha: Infinity }), "`options.alpha` is Infinity");
      await bad(backend.gemv(a, x, { transpose: true, alpha: Number.NaN }), "`options.alpha` is NaN");
    });

    it("shapes", async () => {
      await bad(backend.upload([1, 2, 3], 2, 2), "`values` is of length 3; wanted length rows · cols = 4");
      await bad(backend.upload([1], -1, -1), "`rows` is -1; wanted an integer >= 0");
      await bad(backend.upload([1], 1, 1.5), "`cols` is 1.5; wanted an integer >= 0");
      await bad(backend.gemm(a, a), "gemm: argument `b` is 2 × 3; wanted 3 rows, as op(a) is 2 × 3");
      await bad(backend.gemm(a, a, { transposeA: true, transposeB: true }), "`b` is (transposed) 3 × 2; wanted 2 rows");
      await bad(backend.gemm(a, a, { transposeB: true, beta: 1, c: a }), "`options.c` is 2 × 3; wanted 2 × 2");
      await bad(
        backend.gemm(a, a, { transposeB: true, beta: 1 }),
        "`options.beta` is 1; wanted 0 where there is no `c`",
      );
      await bad(backend.gemv(a, x), "gemv: argument `x` is 2 × 1; wanted a vector of length 3");
      await bad(backend.logSumExpRows(a, x), "logSumExpRows: argument `v` is 2 × 1; wanted a vector of length 3");
      await bad(backend.logSumExpCols(x, a), "logSumExpCols: argument `v` is 2 × 3; wanted a vector of length 2");
      await bad(backend.pairwise(a, x), "pairwise: argument `y` is points of 1 coordinates; wanted 3 coordinates");
      await bad(backend.axpby(1, a, 1, x), "axpby: argument `y` is 2 × 1; wanted 2 × 3, as x is");
      await bad(backend.dot(a, x), "dot: argument `y` is 2 × 1; wanted 2 × 3");
      await bad(backend.expOuter(a, a, x), "expOuter: argument `x` is 2 × 3; wanted a vector of length 2");
      await bad(backend.expOuter(a, x, x), "expOuter: argument `y` is 2 × 1; wanted a vector of length 3");
      await bad(
        backend.downloadInto(new Float64Array(5), a),
        "downloadInto: argument `out` is of length 5; wanted length 6",
      );
    });

    it("metrics", async () => {
      await bad(
        backend.pairwise(a, a, "cityblock" as Metric),
        '`metric` is "cityblock"; wanted one of squaredEuclidean',
      );
      await bad(backend.pairwise(a, a, { p: 0.5 }), "`metric.p` is 0.5; wanted a number >= 1");
      await bad(backend.pairwise(a, a, null as never), "`metric` is null");
    });

    it("arrays that are released, another's, or none", async () => {
      const gone = await backend.upload([1, 2]);
      const live = backend.live;
      backend.release(gone);
      backend.release(gone);
      expect(backend.live).toBe(live - 1);
      await bad(backend.sum(gone), "sum: argument `x` is released; wanted an array that is still in use");
      await bad(backend.download(gone), "download: argument `array` is released");
      const stranger = await jsArrayBackend().upload([1, 2]);
      await bad(backend.exp(stranger), "exp: argument `x` is an Object; wanted an array of this backend");
      await bad(backend.norm2([1, 2] as never), "norm2: argument `x` is an Array of length 2");
      expect(() => backend.release(undefined as never)).toThrow("release: argument `arrays` is undefined");
    });

    it("a closed backend", async () => {
      const other = await make();
      const one = await other.upload([1]);
      await other.close();
      expect(other.live).toBe(0);
      await expect(other.sum(one)).rejects.toThrow(HessiaError);
      await expect(other.sum(one)).rejects.toThrow("sum: the backend is closed");
      other.release(one);
    });
  });
}
