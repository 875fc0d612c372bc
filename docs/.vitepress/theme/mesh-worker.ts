// The parameterization of the page about meshes, in a worker of its own that tells of every step: one run a worker; the page ends it by terminating it.
import { any, type GradientState, gradientNorm, maxIterations, type Stop, solve } from "@hessia/core";
import { fromColumns, mat2, scalar } from "@hessia/core/kernel";
import {
  flippedTriangles,
  gridMesh,
  infiniteUnless,
  MeshFileError,
  parameterization,
  readObj,
  readOff,
  scalarFunction,
  type TriangleMesh,
  triangleRest,
  withPositions,
} from "@hessia/mesh-ad";
import { lbfgs, newton } from "@hessia/newton";

export type Shape = "cap" | "hill" | "finger";
export type MethodName = "newton" | "projected" | "lbfgs";
export interface Job {
  readonly source: { readonly shape: Shape } | { readonly name: string; readonly text: string };
  readonly method: MethodName;
}
/** A moment of the run: x, y a vertex, the distortion of each triangle (1: none), f, milliseconds since it began. */
export interface Frame {
  readonly uv: Float32Array;
  readonly distortion: Float32Array;
  readonly step: number;
  readonly value: number;
  readonly flipped: number;
  readonly ms: number;
}
export type Message =
  | { readonly kind: "mesh"; readonly positions: Float32Array; readonly faces: Int32Array; readonly vertices: number }
  | { readonly kind: "frame"; readonly frame: Frame }
  | {
      readonly kind: "done";
      readonly method: MethodName;
      readonly reason: string;
      readonly detail: string;
      readonly steps: number;
      readonly value: number;
      readonly ms: number;
      readonly factorizations: number;
    }
  | { readonly kind: "fault"; readonly text: string };

/** Disks in space, made from a grid over [−1, 1]². */
const shapes: Readonly<Record<Shape, (u: number, v: number) => readonly [number, number, number]>> = {
  // Three quarters of a sphere's meridian: much area behind a short boundary.
  cap(u, v) {
    const [p, q] = [u * Math.sqrt(1 - (v * v) / 2), v * Math.sqrt(1 - (u * u) / 2)];
    const r = Math.hypot(p, q);
    const angle = 0.75 * Math.PI * r;
    const along = r === 0 ? 0 : Math.sin(angle) / r;
    return [along * p, along * q, Math.cos(angle)];
  },
  hill: (u, v) => [u, v, 1.1 * Math.exp(-4 * (u * u + v * v)) + 0.12 * Math.sin(5 * u) * Math.cos(4 * v)],
  finger: (u, v) => [u, v, 1.6 / (1 + Math.exp(22 * (Math.hypot(u, v) - 0.35)))],
};

function made(shape: Shape): TriangleMesh {
  const flat = gridMesh(44, 44, { width: 2, height: 2 });
  const positions = flat.positions!.slice();
  for (let i = 0; i < positions.length; i += 3)
    positions.set(shapes[shape](positions[i]! - 1, positions[i + 1]! - 1), i);
  return withPositions(flat, positions);
}

const post = (message: Message, transfer: Transferable[] = []) =>
  (self as unknown as { postMessage(message: unknown, transfer: Transferable[]): void }).postMessage(message, transfer);

/** Converged after a step from a point with ½ λ² ≤ tolerance, λ² = −∇fᵀd of Newton's direction. */
function decrement(tolerance: number): Stop<GradientState> {
  let before: Float64Array | undefined;
  return ({ state }) => {
    const d = (state.work as { readonly step?: Float64Array } | undefined)?.step;
    let half = Number.NaN;
    if (before !== undefined && d !== undefined) half = before.reduce((sum, g, i) => sum - (g * d[i]!) / 2, 0);
    before = state.gradient.slice();
    return half <= tolerance
      ? { kind: "converged", rule: "newtonDecrement", detail: `½λ² = ${half.toExponential(1)}` }
      : null;
  };
}

/** Symmetric Dirichlet over 4 Σ A: six lines. */
function energy(mesh: TriangleMesh) {
  const { inverse, area } = triangleRest(mesh);
  const total = area.reduce((sum, one) => sum + one, 0);
  return scalarFunction(mesh, { dimension: 2 }).addTriangleTerms(
    { data: { R: [mat2, inverse], w: [scalar, area.map((one) => one / (4 * total))] } },
    ([a, b, c], { data: { R, w } }) => {
      const J = fromColumns(b.sub(a), c.sub(a)).mul(R);
      const det = J.det();
      const unflipped = infiniteUnless(det.gt(0));
      return w.mul(J.squaredNorm()).mul(det.square().inv().add(1)).add(unflipped);
    },
  );
}

function run({ source, method }: Job): void {
  const mesh =
    "shape" in source
      ? made(source.shape)
      : source.name.toLowerCase().endsWith(".off")
        ? readOff(source.text)
        : readObj(source.text);
  let problem = parameterization(mesh);
  post({
    kind: "mesh",
    positions: Float32Array.from(mesh.positions!),
    faces: mesh.faces.slice(),
    vertices: mesh.vertexCount,
  });
  const { inverse: R } = triangleRest(mesh);
  const distortionOf = (uv: Float64Array) =>
    Float32Array.from({ length: mesh.faceCount }, (_, f) => {
      const at = (k: number) => 2 * mesh.faces[3 * f + k]!;
      const [a, b, c] = [at(0), at(1), at(2)];
      const row = (i: number) => {
        const [e, g] = [uv[b + i]! - uv[a + i]!, uv[c + i]! - uv[a + i]!];
        return [e * R[4 * f]! + g * R[4 * f + 2]!, e * R[4 * f + 1]! + g * R[4 * f + 3]!] as const;
      };
      const [p, q] = [row(0), row(1)];
      const size = p[0] ** 2 + p[1] ** 2 + q[0] ** 2 + q[1] ** 2;
      return (size / 4) * (1 + 1 / (p[0] * q[1] - p[1] * q[0]) ** 2);
    });
  let steps = 0;
  let ms = 0;
  const watch = ({ state, elapsed }: { readonly state: GradientState; readonly elapsed: number }) => {
    const step = steps + state.iteration;
    // A stage begins where the last one ended; of a long run every tenth step is drawn.
    if ((steps > 0 && state.iteration === 0) || (step > 100 && step % 10 > 0)) return;
    const uv = problem.extend(state.x);
    const flipped = flippedTriangles(mesh, uv).length;
    const frame = {
      uv: Float32Array.from(uv),
      distortion: distortionOf(uv),
      step,
      value: state.value,
      flipped,
      ms: ms + elapsed,
    };
    post({ kind: "frame", frame }, [frame.uv.buffer as ArrayBuffer, frame.distortion.buffer as ArrayBuffer]);
  };
  const limits = { observers: [watch], secondOrder: false };
  // The energy of `parameterization`, with turning held: else the exact Hessian is singular at a minimum.
  const exactAt = (uv: Float64Array) => {
    const held = mesh.faces[0]!;
    const across = (v: number, i: number) => Math.abs(uv[2 * v + i]! - uv[2 * held + i]!);
    let far = held;
    for (const v of mesh.faces)
      if (Math.hypot(across(v, 0), across(v, 1)) > Math.hypot(across(far, 0), across(far, 1))) far = v;
    return energy(mesh).problem({ start: uv, fixed: [held, [far, across(far, 0) > across(far, 1) ? 1 : 0]] });
  };
  const stages =
    method === "lbfgs"
      ? [[lbfgs(), "projected", any(gradientNorm(1e-6), maxIterations(3000))] as const]
      : method === "projected"
        ? [[newton(), "projected", any(decrement(1e-8), maxIterations(500))] as const]
        : [
            [newton(), "projected", any(decrement(1e-3), maxIterations(500))] as const,
            [newton(), "exact", any(decrement(1e-8), maxIterations(200))] as const,
          ];
  let x = problem.start;
  let factorizations = 0;
  for (const [k, [by, hessian, stop]] of stages.entries()) {
    if (hessian === "exact") {
      problem = exactAt(problem.extend(x));
      x = problem.start;
    }
    const result = solve(by as never, problem as never, x, { ...limits, stop: stop as never });
    x = result.x;
    steps += result.iterations;
    ms += result.times.total;
    factorizations += result.counts.factorization;
    const { kind, detail } = result.reason;
    if (k === stages.length - 1 || kind !== "converged") {
      post({ kind: "done", method, reason: kind, detail, steps, value: result.value, ms, factorizations });
      return;
    }
  }
}

self.addEventListener("message", ({ data }: MessageEvent<Job>) => {
  try {
    run(data);
  } catch (error) {
    const text = error instanceof MeshFileError || error instanceof Error ? error.message : String(error);
    post({ kind: "fault", text });
  }
});
