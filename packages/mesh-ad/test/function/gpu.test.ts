// Functions on meshes by gpu.js in float32, through `terms`, against the same in float64.
import { connectGpu, gpuTerms } from "@hessia/core/gpu";
import { problemFromTerms } from "@hessia/core/kernel";
import { GPU } from "gpu.js";
import { describe, expect, it } from "vitest";
import { icosphere, scalarFunction, unitSphere } from "../../src/index.js";
import { jittered } from "./energies.js";

const mesh = icosphere(1);
const x = jittered(mesh.positions!, 0.1).map(Math.fround);
const f = scalarFunction(mesh, { dimension: 3 })
  .addTriangleTerms(([a, b, c]) => b.sub(a).cross(c.sub(a)).squaredNorm())
  .addEdgeTerms(([a, b]) => a.sub(b).scale(a.sub(b).squaredNorm()));

describe("terms", () => {
  it("are the function, for core's compiler", () => {
    const { dimension, blocks } = f.terms();
    expect([dimension, blocks.length]).toEqual([126, 2]);
    expect(problemFromTerms(dimension, blocks).value(x)).toBe(f.problem({ start: x }).value(x));
  });

  it("run on gpu.js, residuals too", async () => {
    const backend = await connectGpu({ GPU, mode: "cpu" });
    const { dimension, blocks } = f.terms();
    const sum = gpuTerms(backend, dimension, blocks);
    const at = await backend.upload(x, dimension, 1);
    const wanted = f.problem({ start: x });
    expect(Math.abs((await sum.value(at)) / wanted.value(x) - 1)).toBeLessThan(1e-5);
    const gradient = await backend.download(await sum.gradient(at));
    const exact = wanted.gradientInto(new Float64Array(dimension), x);
    const size = exact.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(size).toBeGreaterThan(0.1);
    for (let i = 0; i < dimension; i++) expect(Math.abs(gradient[i]! - exact[i]!)).toBeLessThan(1e-5 * size);
    sum.release();
    await backend.close();
  });

  it("aren't there on manifolds", () => {
    const g = scalarFunction(mesh, { unknowns: unitSphere }).addVertexTerms(([a]) => a.x);
    expect(() => g.terms()).toThrow(/the unit sphere/);
  });
});
