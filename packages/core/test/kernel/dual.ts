// An independent second opinion on derivatives: truncated Taylor arithmetic in two directions, u = a + b ε₁ + c ε₂ + d ε₁ε₂ with ε₁² = ε₂² = 0
// (hyper-dual numbers: Fike, Alonso 2011). f(x + ε₁ u + ε₂ v) has ∇fᵀu, ∇fᵀv and uᵀ∇²f v as its parts, exact to rounding.

export interface HyperDual {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

/** g(u) from g, g', g'' at u.a. */
const chain = (u: HyperDual, g: number, g1: number, g2: number): HyperDual => ({
  a: g,
  b: g1 * u.b,
  c: g1 * u.c,
  d: g1 * u.d + g2 * u.b * u.c,
});

const constant = (a: number): HyperDual => ({ a, b: 0, c: 0, d: 0 });

export const hyper = {
  constant,
  add: (p: HyperDual, q: HyperDual): HyperDual => ({ a: p.a + q.a, b: p.b + q.b, c: p.c + q.c, d: p.d + q.d }),
  sub: (p: HyperDual, q: HyperDual): HyperDual => ({ a: p.a - q.a, b: p.b - q.b, c: p.c - q.c, d: p.d - q.d }),
  mul: (p: HyperDual, q: HyperDual): HyperDual => ({
    a: p.a * q.a,
    b: p.a * q.b + p.b * q.a,
    c: p.a * q.c + p.c * q.a,
    d: p.a * q.d + p.b * q.c + p.c * q.b + p.d * q.a,
  }),
  inv: (u: HyperDual) => chain(u, 1 / u.a, -1 / u.a ** 2, 2 / u.a ** 3),
  div: (p: HyperDual, q: HyperDual): HyperDual => hyper.mul(p, hyper.inv(q)),
  exp: (u: HyperDual) => chain(u, Math.exp(u.a), Math.exp(u.a), Math.exp(u.a)),
  log: (u: HyperDual) => chain(u, Math.log(u.a), 1 / u.a, -1 / u.a ** 2),
  sqrt: (u: HyperDual) => chain(u, Math.sqrt(u.a), 0.5 / Math.sqrt(u.a), -0.25 / u.a ** 1.5),
  sin: (u: HyperDual) => chain(u, Math.sin(u.a), Math.cos(u.a), -Math.sin(u.a)),
  cos: (u: HyperDual) => chain(u, Math.cos(u.a), -Math.sin(u.a), -Math.cos(u.a)),
  tanh: (u: HyperDual) => {
    const t = Math.tanh(u.a);
    return chain(u, t, 1 - t * t, -2 * t * (1 - t * t));
  },
  atan: (u: HyperDual) => chain(u, Math.atan(u.a), 1 / (1 + u.a ** 2), (-2 * u.a) / (1 + u.a ** 2) ** 2),
  asinh: (u: HyperDual) => {
    const w = 1 / Math.hypot(1, u.a);
    return chain(u, Math.asinh(u.a), w, -u.a * w ** 3);
  },
  acosh: (u: HyperDual) => {
    const w = 1 / Math.sqrt(u.a ** 2 - 1);
    return chain(u, Math.acosh(u.a), w, -u.a * w ** 3);
  },
  atanh: (u: HyperDual) => chain(u, Math.atanh(u.a), 1 / (1 - u.a ** 2), (2 * u.a) / (1 - u.a ** 2) ** 2),
  log2: (u: HyperDual) => chain(u, Math.log2(u.a), Math.LOG2E / u.a, -Math.LOG2E / u.a ** 2),
  log10: (u: HyperDual) => chain(u, Math.log10(u.a), Math.LOG10E / u.a, -Math.LOG10E / u.a ** 2),
  cbrt: (u: HyperDual) => chain(u, Math.cbrt(u.a), Math.cbrt(u.a) / (3 * u.a), (-2 * Math.cbrt(u.a)) / (9 * u.a ** 2)),
};
