// jax-js on symmetric Dirichlet energies, by its WebAssembly backend in this process: values, gradients and Hessians a triangle, in float32, nothing summed over vertices and nothing assembled, which it has no means for.
import type { Timer } from "../figures.js";
import type { PlaneMesh } from "../yardsticks/symmetric-dirichlet.js";

export interface JaxTimers {
  readonly gradient: Timer;
  /** Value, gradient and the six columns of every triangle's Hessian, as products with unit tangents. */
  readonly hessian: Timer;
  /** Σ of the energies, to see that it is the same one. */
  readonly value: () => Promise<number>;
}

/** Undefined where the package can't start here, with the reason. */
export async function jaxDirichlet(plane: PlaneMesh): Promise<JaxTimers | { readonly reason: string }> {
  try {
    // Node 20 has no `navigator`, which jax-js asks for the number of processors.
    const scope = globalThis as { navigator?: unknown };
    scope.navigator ??= { hardwareConcurrency: 1 };
    const { numpy: np, valueAndGrad, grad, jit, jvp, init, defaultDevice } = await import("@jax-js/jax");
    await init("wasm");
    defaultDevice("wasm");
    type Vec = ReturnType<typeof np.array>;
    const { triangles, rest, positions } = plane;
    const count = triangles.length / 3;
    const corners = new Float32Array(6 * count);
    const shapes = new Float32Array(5 * count);
    for (let t = 0; t < count; t++) {
      for (let k = 0; k < 6; k++) corners[k * count + t] = positions[2 * triangles[3 * t + (k >> 1)]! + (k & 1)]!;
      for (let k = 0; k < 5; k++) shapes[k * count + t] = rest[5 * t + k]!;
    }
    const rows = (data: Float32Array<ArrayBuffer>, k: number) => np.array(data.slice(k * count, (k + 1) * count));
    const [r00, r01, r10, r11, area] = [0, 1, 2, 3, 4].map((k) => rows(shapes, k)) as [Vec, Vec, Vec, Vec, Vec];
    // An array is used up by an operation unless `.ref` is taken.
    const energy = (X: Vec): Vec => {
      const [ax, ay, bx, by, cx, cy] = [0, 1, 2, 3, 4, 5].map((k) => X.ref.slice(k)) as [Vec, Vec, Vec, Vec, Vec, Vec];
      X.dispose();
      const e0 = bx.sub(ax.ref);
      const e1 = by.sub(ay.ref);
      const f0 = cx.sub(ax);
      const f1 = cy.sub(ay);
      const j00 = e0.ref.mul(r00.ref).add(f0.ref.mul(r10.ref));
      const j01 = e0.mul(r01.ref).add(f0.mul(r11.ref));
      const j10 = e1.ref.mul(r00.ref).add(f1.ref.mul(r10.ref));
      const j11 = e1.mul(r01.ref).add(f1.mul(r11.ref));
      const det = j00.ref.mul(j11.ref).sub(j01.ref.mul(j10.ref));
      const norm = j00.ref.mul(j00).add(j01.ref.mul(j01)).add(j10.ref.mul(j10)).add(j11.ref.mul(j11));
      return area.ref.mul(norm.ref.add(norm.mul(np.reciprocal(det.ref.mul(det))))).sum();
    };
    const X = np.array(corners).reshape([6, count]);
    const both = jit(valueAndGrad(energy));
    const product = jit((at: Vec, tangent: Vec) => jvp(grad(energy), [at], [tangent])[1]);
    const tangents = Array.from({ length: 6 }, (_, k) =>
      np.array(new Float32Array(6 * count).fill(1, k * count, (k + 1) * count)).reshape([6, count]),
    );
    const valueAndGradient = async (): Promise<number> => {
      const [value, gradient] = both(X.ref);
      const [sum] = await value.data();
      await gradient.data();
      return Number(sum);
    };
    const timed =
      (work: () => Promise<unknown>): Timer =>
      async () => {
        const start = performance.now();
        await work();
        return performance.now() - start;
      };
    return {
      gradient: timed(valueAndGradient),
      hessian: timed(async () => {
        await valueAndGradient();
        for (const tangent of tangents) await product(X.ref, tangent.ref).data();
      }),
      value: valueAndGradient,
    };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}
