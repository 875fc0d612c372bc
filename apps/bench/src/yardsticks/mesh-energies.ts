// Energies of meshes as terms for the compiler: what its figures are measured on. A term takes its vertices' coordinates one after another.
import { atan2, type Expr, type TermFunction } from "@hessia/core/kernel";

type V3 = readonly [Expr, Expr, Expr];
const minus = (a: V3, b: V3): V3 => [a[0].sub(b[0]), a[1].sub(b[1]), a[2].sub(b[2])];
const dot = (a: V3, b: V3): Expr => a[0].mul(b[0]).add(a[1].mul(b[1])).add(a[2].mul(b[2]));
const cross = (a: V3, b: V3): V3 => [
  a[1].mul(b[2]).sub(a[2].mul(b[1])),
  a[2].mul(b[0]).sub(a[0].mul(b[2])),
  a[0].mul(b[1]).sub(a[1].mul(b[0])),
];
const vertex = (x: readonly Expr[], v: number): V3 => [x[3 * v]!, x[3 * v + 1]!, x[3 * v + 2]!];

/** A ‖J‖² (1 + 1/det²J), J = [b − a, c − a] R: Smith, Schaefer 2015. Six variables; data R row by row, and A. */
export const symmetricDirichlet: TermFunction = ([ax, ay, bx, by, cx, cy], [r00, r01, r10, r11, area]) => {
  const [e0, e1, f0, f1] = [bx!.sub(ax!), by!.sub(ay!), cx!.sub(ax!), cy!.sub(ay!)];
  const j00 = e0.mul(r00!).add(f0.mul(r10!));
  const j01 = e0.mul(r01!).add(f0.mul(r11!));
  const j10 = e1.mul(r00!).add(f1.mul(r10!));
  const j11 = e1.mul(r01!).add(f1.mul(r11!));
  const det = j00.mul(j11).sub(j01.mul(j10));
  const size = j00.square().add(j01.square()).add(j10.square()).add(j11.square());
  return area!.mul(size).mul(det.square().inv().add(1));
};

/**
 * k (θ − θ₀)², θ the angle between the two triangles at an edge (a, b) with opposite vertices c and d: Bridson, Marino, Fedkiw 2003. Twelve variables;
 * data k and θ₀.
 */
export const hinge: TermFunction = (x, [k, rest]) => {
  const [a, b, c, d] = [0, 1, 2, 3].map((v) => vertex(x, v)) as [V3, V3, V3, V3];
  const e = minus(b, a);
  const n1 = cross(minus(c, a), e);
  const n2 = cross(e, minus(d, a));
  const sine = dot(cross(n1, n2), e).div(dot(e, e).sqrt());
  return k!.mul(atan2(sine, dot(n1, n2)).sub(rest!).square());
};

/**
 * V (μ/2 (‖F‖² − 3 − 2 log J) + λ/2 log² J), F = [b − a, c − a, d − a] R: compressible Neo-Hookean (Bonet, Wood 2008, (6.27)). Twelve variables;
 * data R row by row, V, μ, λ.
 */
export const neoHookean: TermFunction = (x, data) => {
  const [a, b, c, d] = [0, 1, 2, 3].map((v) => vertex(x, v)) as [V3, V3, V3, V3];
  const edges = [minus(b, a), minus(c, a), minus(d, a)];
  const F = [0, 1, 2].map((i) =>
    [0, 1, 2].map((j) => edges.map((e, k) => e[i]!.mul(data[3 * k + j]!)).reduce((s, one) => s.add(one))),
  ) as unknown as [V3, V3, V3];
  const [volume, mu, lambda] = [data[9]!, data[10]!, data[11]!];
  const size = F.map((row) => dot(row, row)).reduce((s, one) => s.add(one));
  const logJ = dot(F[0], cross(F[1], F[2])).log();
  const shear = size.sub(3).sub(logJ.mul(2)).mul(mu).mul(0.5);
  return volume.mul(shear.add(logJ.square().mul(lambda).mul(0.5)));
};
