// The identities of `checkManifold`, each a name and what it measures.
import type { Vector } from "@hessia/core";
import { denseMatrix } from "@hessia/core";
import { norm2, singularValues } from "@hessia/core/linear";
import type { Manifold } from "../manifold.js";
import type { Random } from "../support/random.js";
import type { SampleProblem } from "./sample-problem.js";
import { judgeSlope } from "./slope.js";

/** A point x, two tangents of the same length at it, y at the end of u, two ambient vectors, and a function. */
export interface Sample {
  readonly manifold: Manifold;
  readonly x: Vector;
  readonly y: Vector;
  readonly u: Vector;
  readonly v: Vector;
  readonly a: Vector;
  readonly b: Vector;
  readonly problem: SampleProblem;
  readonly random: Random;
}

export interface Measured {
  readonly error: number;
}

export interface Identity {
  readonly name: string;
  /** Where it isn't the one asked for: orders and ranks. */
  readonly tolerance?: number;
  /** undefined where the manifold doesn't have what is measured. */
  measure(sample: Sample): Measured | undefined;
}

/** ‖x − y‖₂ relative to the larger; 0 for two zeros. */
function gap(x: Vector, y: Vector): number {
  const scale = Math.max(norm2(x), norm2(y));
  if (scale === 0) return 0;
  return norm2(x.map((xi, i) => xi - y[i])) / scale;
}

/** As `gap`, of the points that the coordinates stand for. */
const pointGap = (manifold: Manifold, x: Vector, y: Vector): number =>
  manifold.embed === undefined ? gap(x, y) : gap(manifold.embed(x), manifold.embed(y));

/** ‖u − v‖_x relative to the larger. */
function tangentGap(manifold: Manifold, x: Vector, u: Vector, v: Vector): number {
  const scale = Math.max(manifold.norm(x, u), manifold.norm(x, v));
  const difference = u.map((ui, i) => ui - v[i]);
  manifold.projInto(difference, x, difference);
  return scale === 0 ? 0 : manifold.norm(x, difference) / scale;
}

const relative = (a: number, b: number, scale = Math.max(Math.abs(a), Math.abs(b))) =>
  scale === 0 ? 0 : Math.abs(a - b) / scale;

const fresh = ({ manifold }: Sample) => new Float64Array(manifold.length);

/** The even or odd part of f along a curve, by Richardson extrapolation of central differences: f'(0) or f''(0). */
function derivative(f: (t: number) => number, order: 1 | 2): number {
  const steps = [0.16, 0.08, 0.04, 0.02, 0.01];
  const middle = f(0);
  const table = steps.map((h) =>
    order === 1 ? (f(h) - f(-h)) / (2 * h) : (f(h) - middle + (f(-h) - middle)) / (h * h),
  );
  for (let k = 1; k < table.length; k++)
    for (let i = table.length - 1; i >= k; i--) table[i] += (table[i] - table[i - 1]) / (4 ** k - 1);
  return table[table.length - 1];
}

/** f along the geodesic, or along the retraction. */
function along({ manifold, x, u, problem }: Sample): (t: number) => number {
  const point = new Float64Array(manifold.length);
  return (t) =>
    problem.value(manifold.expInto ? manifold.expInto(point, x, u, t) : manifold.retractInto(point, x, u, t));
}

function hessianOf({ manifold, x, problem }: Sample, w: Vector): Vector {
  const gradient = problem.gradientInto(new Float64Array(manifold.length), x);
  const product = problem.hessianApplyInto(new Float64Array(manifold.length), x, w);
  return manifold.euclideanToRiemannianHessianInto(product, x, gradient, product, w);
}

function gradientOf({ manifold, x, problem }: Sample): Vector {
  const gradient = problem.gradientInto(new Float64Array(manifold.length), x);
  return manifold.euclideanToRiemannianGradientInto(gradient, x, gradient);
}

const identity = (name: string, measure: (sample: Sample) => number | undefined, tolerance?: number): Identity => ({
  name,
  ...(tolerance === undefined ? {} : { tolerance }),
  measure(sample) {
    const error = measure(sample);
    // NaN counts as the worst.
    return error === undefined ? undefined : { error: Number.isNaN(error) ? Number.POSITIVE_INFINITY : error };
  },
});

export const manifoldIdentities: readonly Identity[] = [
  identity("points lie on the manifold", ({ manifold, x, y }) =>
    Math.max(manifold.distanceFromManifold(x) / (norm2(x) || 1), manifold.distanceFromManifold(y) / (norm2(y) || 1)),
  ),
  identity("the nearest point to a point is itself", (s) =>
    pointGap(s.manifold, s.manifold.projectPointInto(fresh(s), s.x), s.x),
  ),
  identity("the projection is idempotent", (s) => {
    const once = s.manifold.projInto(fresh(s), s.x, s.a);
    return gap(s.manifold.projInto(fresh(s), s.x, once), once);
  }),
  identity("the projection is orthogonal", (s) => {
    const [pa, pb] = [s.a, s.b].map((v) => s.manifold.projInto(fresh(s), s.x, v)) as [Vector, Vector];
    let sum = 0;
    for (let i = 0; i < pa.length; i++) sum += (s.a[i] - pa[i]) * pb[i];
    return Math.abs(sum) / (norm2(s.a) * norm2(s.b));
  }),
  identity("tangents stay when projected", (s) => gap(s.manifold.projInto(fresh(s), s.x, s.u), s.u)),
  identity("the inner product is symmetric and bilinear", ({ manifold, x, u, v }) => {
    const sum = u.map((ui, i) => ui + 2 * v[i]);
    const [uu, uv, vu, vv] = [
      manifold.inner(x, u, u),
      manifold.inner(x, u, v),
      manifold.inner(x, v, u),
      manifold.inner(x, v, v),
    ];
    const whole = manifold.inner(x, sum, sum);
    const scale = uu + 4 * vv;
    return Math.max(relative(uv, vu, scale), relative(whole, uu + 4 * uv + 4 * vv, scale));
  }),
  identity("the inner product is positive", ({ manifold, x, u }) =>
    manifold.dim === 0 || manifold.inner(x, u, u) > 0 ? 0 : Number.POSITIVE_INFINITY,
  ),
  identity("⟨grad f, u⟩ is the derivative of f along u", (s) => {
    const euclidean = s.problem.gradientInto(fresh(s), s.x);
    const gradient = gradientOf(s);
    let slope = 0;
    let scale = s.manifold.norm(s.x, gradient) * s.manifold.norm(s.x, s.u);
    for (let i = 0; i < euclidean.length; i++) {
      slope += euclidean[i] * s.u[i];
      scale += Math.abs(euclidean[i] * s.u[i]);
    }
    return relative(s.manifold.inner(s.x, gradient, s.u), slope, scale);
  }),
  identity("the gradient is tangent", (s) => {
    const gradient = gradientOf(s);
    return gap(s.manifold.projInto(fresh(s), s.x, gradient), gradient);
  }),
  identity("f'(0) along a geodesic is ⟨grad f, u⟩", (s) => {
    const f = along(s);
    const gradient = gradientOf(s);
    const scale = s.manifold.norm(s.x, gradient) * s.manifold.norm(s.x, s.u) + Math.abs(f(0));
    return relative(derivative(f, 1), s.manifold.inner(s.x, gradient, s.u), scale);
  }),
  identity("f''(0) along a geodesic is ⟨Hess f[u], u⟩", (s) => {
    if (s.manifold.expInto === undefined && s.manifold.retractionOrder === 1) return undefined;
    const f = along(s);
    const Hu = hessianOf(s, s.u);
    const size = s.manifold.norm(s.x, s.u);
    const scale = s.manifold.norm(s.x, Hu) * size + s.manifold.norm(s.x, gradientOf(s)) * size + Math.abs(f(0));
    return relative(derivative(f, 2), s.manifold.inner(s.x, Hu, s.u), scale);
  }),
  identity("the Hessian is symmetric and tangent", (s) => {
    const [Hu, Hv] = [hessianOf(s, s.u), hessianOf(s, s.v)];
    const scale = s.manifold.norm(s.x, Hu) * s.manifold.norm(s.x, s.v);
    if (scale === 0) return 0;
    return Math.max(
      relative(s.manifold.inner(s.x, Hu, s.v), s.manifold.inner(s.x, s.u, Hv), scale),
      gap(s.manifold.projInto(fresh(s), s.x, Hu), Hu),
    );
  }),
  identity("log(exp(u)) = u", (s) => {
    if (s.manifold.logInto === undefined || s.manifold.expInto === undefined) return undefined;
    return tangentGap(s.manifold, s.x, s.manifold.logInto(fresh(s), s.x, s.y), s.u);
  }),
  identity("exp(log(y)) = y", (s) => {
    if (s.manifold.logInto === undefined || s.manifold.expInto === undefined) return undefined;
    return pointGap(s.manifold, s.manifold.expInto(fresh(s), s.x, s.manifold.logInto(fresh(s), s.x, s.y)), s.y);
  }),
  identity("dist = ‖log‖, symmetric, ‖u‖ at exp(u)", (s) => {
    const { manifold, x, y, u } = s;
    if (manifold.dist === undefined || manifold.logInto === undefined) return undefined;
    const length = manifold.norm(x, u);
    const log = manifold.norm(x, manifold.logInto(fresh(s), x, y));
    return Math.max(
      relative(manifold.dist(x, y), log, length),
      relative(manifold.dist(y, x), log, length),
      relative(length, log, length),
    );
  }),
  identity("the transport is tangent, linear, and the identity at x", (s) => {
    const { manifold, x, y, u, v } = s;
    const carry = (w: Vector) => manifold.transportInto(fresh(s), x, y, w);
    const [tu, tv] = [carry(u), carry(v)];
    const sum = carry(u.map((ui, i) => ui + 2 * v[i]));
    return Math.max(
      gap(manifold.projInto(fresh(s), y, tu), tu),
      gap(
        sum,
        tu.map((ui, i) => ui + 2 * tv[i]),
      ),
      gap(manifold.transportInto(fresh(s), x, x, u), u),
    );
  }),
  identity("the parallel transport keeps inner products and goes back", (s) => {
    const { manifold, x, y, u, v } = s;
    if (manifold.transportKind !== "parallel") return undefined;
    const carry = (w: Vector) => manifold.transportInto(fresh(s), x, y, w);
    const [tu, tv] = [carry(u), carry(v)];
    const scale = manifold.norm(x, u) * manifold.norm(x, v);
    return Math.max(
      relative(manifold.inner(y, tu, tv), manifold.inner(x, u, v), scale),
      relative(manifold.inner(y, tu, tu), manifold.inner(x, u, u), manifold.inner(x, u, u)),
      tangentGap(manifold, x, manifold.transportInto(fresh(s), y, x, tv), v),
    );
  }),
  identity("the parallel transport carries a geodesic's velocity", (s) => {
    const { manifold, x, y, u } = s;
    if (manifold.transportKind !== "parallel" || manifold.logInto === undefined) return undefined;
    // The velocity at y of the geodesic from x is minus the logarithm of x.
    const back = manifold.logInto(fresh(s), y, x).map((w) => -w);
    return tangentGap(manifold, y, manifold.transportInto(fresh(s), x, y, u), back);
  }),
  identity("R(0) = x, and R stays on the manifold", (s) => {
    const { manifold, x, u } = s;
    const moved = manifold.retractInto(fresh(s), x, u);
    return Math.max(
      pointGap(manifold, manifold.retractInto(fresh(s), x, u, 0), x),
      manifold.distanceFromManifold(moved) / (norm2(moved) || 1),
    );
  }),
  identity(
    "the order of the retraction",
    (s) => {
      const { manifold, x, u } = s;
      const expected = manifold.retractionOrder + 1;
      const size = norm2(x) || 1;
      const point = fresh(s);
      const reference = fresh(s);
      const second = manifold.expInto !== undefined;
      const rows = Array.from({ length: 13 }, (_, i) => 10 ** (-i / 4)).map((step) => {
        manifold.retractInto(point, x, u, step);
        if (second) manifold.expInto!(reference, x, u, step);
        else for (let i = 0; i < reference.length; i++) reference[i] = x[i] + step * u[i];
        const error = manifold.embed
          ? pointGap(manifold, point, reference)
          : norm2(point.map((p, i) => p - reference[i])) / size;
        return { step, error, rounding: 1e-15 };
      });
      if (rows.some((row) => !Number.isFinite(row.error))) return Number.POSITIVE_INFINITY;
      const { slope } = judgeSlope(rows, second ? expected : 2);
      // Rounding everywhere says nothing of an order.
      return slope === Number.NEGATIVE_INFINITY ? undefined : Math.max(0, (second ? expected : 2) - slope);
    },
    0.2,
  ),
  identity("the inverse retraction undoes the retraction", (s) => {
    const { manifold, x, u } = s;
    if (manifold.invRetractInto === undefined) return undefined;
    const moved = manifold.retractInto(fresh(s), x, u, 0.5);
    const half = u.map((ui) => 0.5 * ui);
    return tangentGap(manifold, x, manifold.invRetractInto(fresh(s), x, moved), half);
  }),
  identity(
    "random tangents span `dim` dimensions",
    (s) => {
      const { manifold, x, random } = s;
      if (manifold.length > 150) return undefined;
      const count = manifold.dim + 3;
      const tangents = new Float64Array(count * manifold.length);
      for (let k = 0; k < count; k++) {
        const t = manifold.randomTangent(x, random);
        const size = norm2(t) || 1;
        tangents.set(
          t.map((ti) => ti / size),
          k * manifold.length,
        );
      }
      const values = singularValues(denseMatrix(count, manifold.length, tangents));
      const rank = values.filter((sigma) => sigma > 1e-11 * values[0] && sigma > 0).length;
      return Math.abs(rank - manifold.dim);
    },
    0.5,
  ),
  identity("an output may be any of the inputs", (s) => {
    const { manifold, x, y, u, a, b } = s;
    let worst = 0;
    const same = (run: (out: Vector | undefined, ...inputs: Vector[]) => Vector, ...inputs: Vector[]) => {
      const apart = run(new Float64Array(manifold.length), ...inputs.map((w) => w.slice()));
      for (let k = 0; k < inputs.length; k++) {
        const copies = inputs.map((w) => w.slice());
        worst = Math.max(worst, gap(run(copies[k]!, ...copies), apart));
      }
    };
    same((out, v) => manifold.projInto(out!, x, v!), a);
    same((out, p, w) => manifold.retractInto(out!, p!, w!), x, u);
    same((out, p, q, w) => manifold.transportInto(out!, p!, q!, w!), x, y, u);
    same((out, g) => manifold.euclideanToRiemannianGradientInto(out!, x, g!), a);
    same((out, g, h, w) => manifold.euclideanToRiemannianHessianInto(out!, x, g!, h!, w!), a, b, u);
    if (manifold.expInto) same((out, p, w) => manifold.expInto!(out!, p!, w!), x, u);
    if (manifold.logInto) same((out, p, q) => manifold.logInto!(out!, p!, q!), x, y);
    return worst;
  }),
];
