// jax-js on symmetric Dirichlet energies, by its WebAssembly backend in this process: values, gradients and Hessians a triangle, in float32. It has no means to gather by vertices, to sum over them or to
// assemble: `assembled` does that around it, in JavaScript by a fixed map, as its user would.
import type { Timer } from "../figures.js";
import type { Assembly, PlaneMesh } from "../yardsticks/symmetric-dirichlet.js";

export interface JaxTimers {
  readonly gradient: Timer;
  /** Value, gradient and the six columns of every triangle's Hessian, as products with unit tangents. */
  readonly hessian: Timer;
  /** From positions by vertex to the gradient by vertex and the lower sparse Hessian. */
  readonly assembled: (positions: Float64Array, gradient: Float64Array, lower: Assembly) => Timer;
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
    const evaluate = async (at: Vec): Promise<{ sum: number; slopes: ArrayLike<number> }> => {
      const [value, gradient] = both(at.ref);
      const [sum] = await value.data();
      return { sum: Number(sum), slopes: await gradient.data() };
    };
    const valueAndGradient = async (): Promise<number> => (await evaluate(X)).sum;
    const columnOf = (at: Vec, tangent: Vec): Promise<ArrayLike<number>> => product(at.ref, tangent.ref).data();
    /** The variable of corner coordinate k of triangle t. */
    const unknown = (t: number, k: number): number => 2 * triangles[3 * t + (k >> 1)]! + (k & 1);
    const assemble = async (x: Float64Array, gradient: Float64Array, { values, map }: Assembly): Promise<void> => {
      const gathered = new Float32Array(6 * count);
      for (let k = 0; k < 6; k++) for (let t = 0; t < count; t++) gathered[k * count + t] = x[unknown(t, k)]!;
      const at = np.array(gathered).reshape([6, count]);
      const { slopes } = await evaluate(at);
      gradient.fill(0);
      for (let k = 0; k < 6; k++)
        for (let t = 0; t < count; t++) gradient[unknown(t, k)] = gradient[unknown(t, k)]! + slopes[k * count + t]!;
      values.fill(0);
      for (const [j, tangent] of tangents.entries()) {
        const column = await columnOf(at, tangent);
        for (let i = j; i < 6; i++) {
          const entry = (i * (i + 1)) / 2 + j;
          for (let t = 0; t < count; t++) {
            const place = map[21 * t + entry]!;
            values[place] = values[place]! + column[i * count + t]!;
          }
        }
      }
      at.dispose();
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
        for (const tangent of tangents) await columnOf(X, tangent);
      }),
      assembled: (x, gradient, lower) => timed(() => assemble(x, gradient, lower)),
      value: valueAndGradient,
    };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}
