// Products of manifolds part by part: what `product` and `power` share.
import type { Vector } from "@hessia/core";
import { sampleProblemOf } from "../check/sample-problem.js";
import { defineManifold, type Manifold, type ManifoldCore, type TransportKind } from "../manifold.js";
import { sumProblem } from "./sum-problem.js";

/** A product whose parts are known: `part(x, i)` is a view of what belongs to the i-th. */
export interface ProductParts {
  readonly parts: readonly Manifold[];
  part(x: Vector, i: number): Vector;
}

const ranks: readonly TransportKind[] = ["projection", "differentiated", "parallel"];

/** M₁ × M₂ × … under a name. */
export function combine(name: string, parts: readonly Manifold[]): Manifold & ProductParts {
  const starts = new Int32Array(parts.length + 1);
  parts.forEach((part, i) => {
    starts[i + 1] = starts[i] + part.length;
  });
  const length = starts[parts.length];
  // One set of buffers for each length that occurs.
  const buffers = new Map<number, readonly Vector[]>();
  for (const { length: size } of parts)
    if (!buffers.has(size))
      buffers.set(
        size,
        Array.from({ length: 5 }, () => new Float64Array(size)),
      );
  const own = parts.map((part) => buffers.get(part.length)!);
  /** Copies the i-th part of x into the k-th buffer. */
  const take = (i: number, k: number, x: Vector) => {
    const buffer = own[i][k];
    for (let j = 0, at = starts[i]; j < buffer.length; j++, at++) buffer[j] = x[at];
    return buffer;
  };
  const give = (i: number, out: Vector, x: Vector) => {
    for (let j = 0, at = starts[i]; at < starts[i + 1]; j++, at++) out[at] = x[j];
  };
  /** out, part by part, by what `one` writes into the buffer it is given. */
  const each = (out: Vector, one: (part: Manifold, i: number, buffer: Vector) => Vector) => {
    for (let i = 0; i < parts.length; i++) give(i, out, one(parts[i], i, own[i][4]));
    return out;
  };
  const sum = (one: (part: Manifold, i: number) => number) => {
    let total = 0;
    for (let i = 0; i < parts.length; i++) total += one(parts[i], i);
    return total;
  };
  const all = <K extends keyof Manifold>(member: K) => parts.every((part) => part[member] !== undefined);
  const part = (x: Vector, i: number) => x.subarray(starts[i], starts[i + 1]);

  const optional: Partial<ManifoldCore> = {
    ...(all("expInto")
      ? {
          expInto: (out, x, u, t = 1) =>
            each(out, (part, i, buffer) => part.expInto!(buffer, take(i, 0, x), take(i, 1, u), t)),
        }
      : {}),
    ...(all("logInto")
      ? {
          logInto: (out, x, y) => each(out, (part, i, buffer) => part.logInto!(buffer, take(i, 0, x), take(i, 1, y))),
        }
      : {}),
    ...(all("dist")
      ? { dist: (x, y) => Math.sqrt(sum((part, i) => part.dist!(take(i, 0, x), take(i, 1, y)) ** 2)) }
      : {}),
    ...(all("invRetractInto")
      ? {
          invRetractInto: (out, x, y) =>
            each(out, (part, i, buffer) => part.invRetractInto!(buffer, take(i, 0, x), take(i, 1, y))),
        }
      : {}),
    ...(parts.some((part) => part.embed)
      ? {
          embed(x) {
            const pieces = parts.map((manifold, i) => manifold.embed?.(part(x, i)) ?? part(x, i));
            return Float64Array.from(pieces.flatMap((piece) => Array.from(piece)));
          },
        }
      : {}),
    ...(parts.some((part) => part.sampleProblem)
      ? { sampleProblem: (random) => sumProblem(parts.map((manifold) => sampleProblemOf(manifold, random))) }
      : {}),
    ...(parts.some((part) => part.pointFault)
      ? {
          pointFault(x) {
            for (let i = 0; i < parts.length; i++) {
              const fault = parts[i].pointFault?.(take(i, 0, x));
              if (fault !== undefined) return { ...fault, given: `in part ${i} (${parts[i].name}) ${fault.given}` };
            }
            return undefined;
          },
        }
      : {}),
  };

  const manifold = defineManifold({
    name,
    constraint: "each part a point of its manifold",
    shape: [length],
    length,
    dim: sum((part) => part.dim),
    retractions: [parts.map((part) => part.retraction).join(" × ")],
    retraction: parts.map((part) => part.retraction).join(" × "),
    retractionOrder: parts.every((part) => part.retractionOrder === 2) ? 2 : 1,
    transportKind: ranks[Math.min(...parts.map((part) => ranks.indexOf(part.transportKind)))]!,
    injectivityRadius: Math.min(...parts.map((part) => part.injectivityRadius)),
    typicalDistance: Math.sqrt(sum((part) => part.typicalDistance ** 2)),

    inner: (x, u, v) => sum((part, i) => part.inner(take(i, 0, x), take(i, 1, u), take(i, 2, v))),
    projInto: (out, x, v) => each(out, (part, i, buffer) => part.projInto(buffer, take(i, 0, x), take(i, 1, v))),
    retractInto: (out, x, u, t = 1) =>
      each(out, (part, i, buffer) => part.retractInto(buffer, take(i, 0, x), take(i, 1, u), t)),
    transportInto: (out, x, y, u) =>
      each(out, (part, i, buffer) => part.transportInto(buffer, take(i, 0, x), take(i, 1, y), take(i, 2, u))),
    euclideanToRiemannianGradientInto: (out, x, gradient) =>
      each(out, (part, i, buffer) =>
        part.euclideanToRiemannianGradientInto(buffer, take(i, 0, x), take(i, 1, gradient)),
      ),
    euclideanToRiemannianHessianInto: (out, x, gradient, hessianTimesU, u) =>
      each(out, (part, i, buffer) =>
        part.euclideanToRiemannianHessianInto(
          buffer,
          take(i, 0, x),
          take(i, 1, gradient),
          take(i, 2, hessianTimesU),
          take(i, 3, u),
        ),
      ),
    randomPoint(random) {
      const x = new Float64Array(length);
      parts.forEach((part, i) => {
        give(i, x, part.randomPoint(random));
      });
      return x;
    },
    distanceFromManifold: (x) => Math.sqrt(sum((part, i) => part.distanceFromManifold(take(i, 0, x)) ** 2)),
    projectPointInto: (out, x) => each(out, (part, i, buffer) => part.projectPointInto(buffer, take(i, 0, x))),
    ...optional,
  } as ManifoldCore);
  return { ...manifold, parts, part };
}
