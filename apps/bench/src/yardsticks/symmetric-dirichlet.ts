// The yardstick of the kernel compiler: the symmetric Dirichlet energy of a triangle mesh, its gradient and its sparse Hessian in plain
// JavaScript, written and differentiated by hand (Smith, Schaefer, "Bijective parameterization with free boundaries", 2015, for the energy).
//
// φ(J) = A ‖J‖² (1 + 1/δ²), J = [b − a, c − a] R, δ = det J, R the inverse of the rest edges, A the rest area. With C = ∂δ/∂J, J as a vector of four:
//   ∇φ = p J + t C,   ∇²φ = p I + C zᵀ + z Cᵀ + t ∂²δ,   p = 2A (1 + 1/δ²), t = −2A ‖J‖²/δ³, z = −4A/δ³ J − (3/2) t/δ C.
// R takes the vectors J, C and z to the edges, and so both derivatives, without a product of matrices; sums and differences take them to the
// vertices (a translation changes nothing), and a fixed map to the places of the sparse matrix.

/** A triangle mesh in the plane: deformed positions (x, y a vertex), three vertices a triangle, and R (row by row) and A of the rest shape. */
export interface PlaneMesh {
  readonly positions: Float64Array;
  readonly triangles: Int32Array;
  /** Five numbers a triangle: R₀₀, R₀₁, R₁₀, R₁₁, A. */
  readonly rest: Float64Array;
  /** The rest shape itself, x, y a vertex. */
  readonly shape: Float64Array;
}

/** A repeatable number in [−1, 1) for a whole number. */
function noise(i: number): number {
  let h = Math.imul(i + 1, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >> 0) / 2 ** 31;
}

/** cells × cells squares of two triangles each, stretched smoothly and with jitter, no triangle flipped. 224 cells: 100,352 triangles. */
export function stretchedGrid(cells: number): PlaneMesh {
  const side = cells + 1;
  const rest = new Float64Array(2 * side * side);
  const positions = new Float64Array(2 * side * side);
  for (let i = 0, p = 0; i < side; i++) {
    for (let j = 0; j < side; j++, p += 2) {
      rest[p] = j + 0.1 * noise(2 * p);
      rest[p + 1] = i + 0.1 * noise(2 * p + 1);
      positions[p] = 1.4 * rest[p] + 0.3 * Math.sin(0.2 * i) + 0.12 * noise(2 * p + 2);
      positions[p + 1] = 0.8 * rest[p + 1] + 0.3 * Math.cos(0.15 * j) + 0.12 * noise(2 * p + 3);
    }
  }
  const triangles = new Int32Array(6 * cells * cells);
  const data = new Float64Array(10 * cells * cells);
  for (let i = 0, p = 0; i < cells; i++) {
    for (let j = 0; j < cells; j++) {
      const v = i * side + j;
      for (const triangle of [
        [v, v + 1, v + side],
        [v + side + 1, v + side, v + 1],
      ]) {
        triangles.set(triangle, 3 * p);
        data.set(restOf(rest, triangle), 5 * p);
        p++;
      }
    }
  }
  return { positions, triangles, rest: data, shape: rest };
}

function restOf(x: Float64Array, [a, b, c]: readonly number[]): readonly number[] {
  const [e0, e1] = [x[2 * b] - x[2 * a], x[2 * b + 1] - x[2 * a + 1]];
  const [f0, f1] = [x[2 * c] - x[2 * a], x[2 * c + 1] - x[2 * a + 1]];
  const det = e0 * f1 - f0 * e1;
  return [f1 / det, -f0 / det, -e1 / det, e0 / det, det / 2];
}

/** A symmetric sparse matrix in compressed columns, lower or both halves, and the place of each entry of each triangle's matrix. */
export interface Assembly {
  readonly colPointers: Int32Array;
  readonly rowIndices: Int32Array;
  readonly values: Float64Array;
  /** Lower: 21 places a triangle, entry (i, j), j ≤ i, at i (i + 1) / 2 + j. Full: 36, at 6 i + j. */
  readonly map: Int32Array;
}

/** The pattern and the map, made once. */
export function assemble({ positions, triangles }: PlaneMesh, half: "lower" | "full"): Assembly {
  const n = positions.length;
  const neighbours = Array.from({ length: n / 2 }, (_, v) => new Set([v]));
  for (let t = 0; t < triangles.length; t += 3)
    for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) neighbours[triangles[t + i]].add(triangles[t + j]);
  const colPointers = new Int32Array(n + 1);
  const rows: number[] = [];
  const placeOf: Map<number, number>[] = [];
  for (let col = 0; col < n; col++) {
    const places = new Map<number, number>();
    for (const v of [...neighbours[col >> 1]].sort((p, q) => p - q)) {
      for (const row of [2 * v, 2 * v + 1]) {
        if (half === "lower" && row < col) continue;
        places.set(row, rows.length);
        rows.push(row);
      }
    }
    placeOf.push(places);
    colPointers[col + 1] = rows.length;
  }
  const map: number[] = [];
  for (let t = 0; t < triangles.length; t += 3) {
    const own = [0, 1, 2].flatMap((i) => [2 * triangles[t + i], 2 * triangles[t + i] + 1]);
    for (let i = 0; i < 6; i++) {
      for (let j = 0; j <= (half === "lower" ? i : 5); j++) {
        const [row, col] = half === "lower" && own[i] < own[j] ? [own[j], own[i]] : [own[i], own[j]];
        map.push(placeOf[col].get(row) as number);
      }
    }
  }
  return {
    colPointers,
    rowIndices: Int32Array.from(rows),
    values: new Float64Array(rows.length),
    map: Int32Array.from(map),
  };
}

/** f. */
export function value({ triangles, rest }: PlaneMesh, x: Float64Array): number {
  let sum = 0;
  for (let t = 0, d = 0; t < triangles.length; t += 3, d += 5) {
    const a = 2 * triangles[t];
    const b = 2 * triangles[t + 1];
    const c = 2 * triangles[t + 2];
    const e0 = x[b] - x[a];
    const e1 = x[b + 1] - x[a + 1];
    const f0 = x[c] - x[a];
    const f1 = x[c + 1] - x[a + 1];
    const j00 = e0 * rest[d] + f0 * rest[d + 2];
    const j01 = e0 * rest[d + 1] + f0 * rest[d + 3];
    const j10 = e1 * rest[d] + f1 * rest[d + 2];
    const j11 = e1 * rest[d + 1] + f1 * rest[d + 3];
    const det = j00 * j11 - j01 * j10;
    sum += rest[d + 4] * (j00 * j00 + j01 * j01 + j10 * j10 + j11 * j11) * (1 + 1 / (det * det));
  }
  return sum;
}

/** f and ∇f. */
export function valueAndGradient({ triangles, rest }: PlaneMesh, gradient: Float64Array, x: Float64Array): number {
  gradient.fill(0);
  let sum = 0;
  for (let t = 0, d = 0; t < triangles.length; t += 3, d += 5) {
    const a = 2 * triangles[t];
    const b = 2 * triangles[t + 1];
    const c = 2 * triangles[t + 2];
    const r00 = rest[d];
    const r01 = rest[d + 1];
    const r10 = rest[d + 2];
    const r11 = rest[d + 3];
    const area = rest[d + 4];
    const e0 = x[b] - x[a];
    const e1 = x[b + 1] - x[a + 1];
    const f0 = x[c] - x[a];
    const f1 = x[c + 1] - x[a + 1];
    const j00 = e0 * r00 + f0 * r10;
    const j01 = e0 * r01 + f0 * r11;
    const j10 = e1 * r00 + f1 * r10;
    const j11 = e1 * r01 + f1 * r11;
    const size = j00 * j00 + j01 * j01 + j10 * j10 + j11 * j11;
    const inverse = 1 / (j00 * j11 - j01 * j10);
    const q = inverse * inverse;
    const A1 = area + area * q;
    sum += A1 * size;
    const p = 2 * A1;
    const T = -2 * area * size * q * inverse;
    const g0 = p * j00 + T * j11;
    const g1 = p * j01 - T * j10;
    const g2 = p * j10 - T * j01;
    const g3 = p * j11 + T * j00;
    const b0 = r00 * g0 + r01 * g1;
    const b1 = r00 * g2 + r01 * g3;
    const c0 = r10 * g0 + r11 * g1;
    const c1 = r10 * g2 + r11 * g3;
    gradient[a] -= b0 + c0;
    gradient[a + 1] -= b1 + c1;
    gradient[b] += b0;
    gradient[b + 1] += b1;
    gradient[c] += c0;
    gradient[c + 1] += c1;
  }
  return sum;
}

/** f, ∇f and ∇²f, the latter into `assembly.values`. */
export function valueGradientHessian(
  { triangles, rest }: PlaneMesh,
  { values: h, map }: Assembly,
  gradient: Float64Array,
  x: Float64Array,
): number {
  gradient.fill(0);
  h.fill(0);
  const full = 12 * triangles.length === map.length;
  let sum = 0;
  for (let t = 0, d = 0, m = 0; t < triangles.length; t += 3, d += 5) {
    const a = 2 * triangles[t];
    const b = 2 * triangles[t + 1];
    const c = 2 * triangles[t + 2];
    const r00 = rest[d];
    const r01 = rest[d + 1];
    const r10 = rest[d + 2];
    const r11 = rest[d + 3];
    const area = rest[d + 4];
    const e0 = x[b] - x[a];
    const e1 = x[b + 1] - x[a + 1];
    const f0 = x[c] - x[a];
    const f1 = x[c + 1] - x[a + 1];
    const j00 = e0 * r00 + f0 * r10;
    const j01 = e0 * r01 + f0 * r11;
    const j10 = e1 * r00 + f1 * r10;
    const j11 = e1 * r01 + f1 * r11;
    const size = j00 * j00 + j01 * j01 + j10 * j10 + j11 * j11;
    const inverse = 1 / (j00 * j11 - j01 * j10);
    const q = area * inverse * inverse;
    sum += (area + q) * size;
    const p = 2 * (area + q);
    const u = -2 * q * inverse;
    const T = u * size;
    // R J and R C, of the edges e = b − a and f = c − a.
    const detR = r00 * r11 - r01 * r10;
    const J0 = r00 * j00 + r01 * j01;
    const J1 = r00 * j10 + r01 * j11;
    const J2 = r10 * j00 + r11 * j01;
    const J3 = r10 * j10 + r11 * j11;
    const C0 = detR * f1;
    const C1 = -detR * f0;
    const C2 = -detR * e1;
    const C3 = detR * e0;
    const b0 = p * J0 + T * C0;
    const b1 = p * J1 + T * C1;
    const c0 = p * J2 + T * C2;
    const c1 = p * J3 + T * C3;
    gradient[a] -= b0 + c0;
    gradient[a + 1] -= b1 + c1;
    gradient[b] += b0;
    gradient[b + 1] += b1;
    gradient[c] += c0;
    gradient[c + 1] += c1;
    const u2 = 2 * u;
    const w = -1.5 * T * inverse;
    const z0 = u2 * J0 + w * C0;
    const z1 = u2 * J1 + w * C1;
    const z2 = u2 * J2 + w * C2;
    const z3 = u2 * J3 + w * C3;
    const pg00 = p * (r00 * r00 + r01 * r01);
    const pg01 = p * (r00 * r10 + r01 * r11);
    const pg11 = p * (r10 * r10 + r11 * r11);
    const td = T * detR;
    const bb00 = pg00 + 2 * C0 * z0;
    const bb10 = C1 * z0 + C0 * z1;
    const bb11 = pg00 + 2 * C1 * z1;
    const cb00 = pg01 + C2 * z0 + C0 * z2;
    const cb01 = C2 * z1 + C1 * z2 - td;
    const cb10 = C3 * z0 + C0 * z3 + td;
    const cb11 = pg01 + C3 * z1 + C1 * z3;
    const cc00 = pg11 + 2 * C2 * z2;
    const cc10 = C3 * z2 + C2 * z3;
    const cc11 = pg11 + 2 * C3 * z3;
    const ba00 = -bb00 - cb00;
    const ba01 = -bb10 - cb10;
    const ba10 = -bb10 - cb01;
    const ba11 = -bb11 - cb11;
    const ca00 = -cb00 - cc00;
    const ca01 = -cb01 - cc10;
    const ca10 = -cb10 - cc10;
    const ca11 = -cb11 - cc11;
    const aa00 = -ba00 - ca00;
    const aa10 = -ba01 - ca01;
    const aa11 = -ba11 - ca11;
    if (full) {
      h[map[m]] += aa00;
      h[map[m + 1]] += aa10;
      h[map[m + 2]] += ba00;
      h[map[m + 3]] += ba10;
      h[map[m + 4]] += ca00;
      h[map[m + 5]] += ca10;
      h[map[m + 6]] += aa10;
      h[map[m + 7]] += aa11;
      h[map[m + 8]] += ba01;
      h[map[m + 9]] += ba11;
      h[map[m + 10]] += ca01;
      h[map[m + 11]] += ca11;
      h[map[m + 12]] += ba00;
      h[map[m + 13]] += ba01;
      h[map[m + 14]] += bb00;
      h[map[m + 15]] += bb10;
      h[map[m + 16]] += cb00;
      h[map[m + 17]] += cb10;
      h[map[m + 18]] += ba10;
      h[map[m + 19]] += ba11;
      h[map[m + 20]] += bb10;
      h[map[m + 21]] += bb11;
      h[map[m + 22]] += cb01;
      h[map[m + 23]] += cb11;
      h[map[m + 24]] += ca00;
      h[map[m + 25]] += ca01;
      h[map[m + 26]] += cb00;
      h[map[m + 27]] += cb01;
      h[map[m + 28]] += cc00;
      h[map[m + 29]] += cc10;
      h[map[m + 30]] += ca10;
      h[map[m + 31]] += ca11;
      h[map[m + 32]] += cb10;
      h[map[m + 33]] += cb11;
      h[map[m + 34]] += cc10;
      h[map[m + 35]] += cc11;
      m += 36;
    } else {
      h[map[m]] += aa00;
      h[map[m + 1]] += aa10;
      h[map[m + 2]] += aa11;
      h[map[m + 3]] += ba00;
      h[map[m + 4]] += ba01;
      h[map[m + 5]] += bb00;
      h[map[m + 6]] += ba10;
      h[map[m + 7]] += ba11;
      h[map[m + 8]] += bb10;
      h[map[m + 9]] += bb11;
      h[map[m + 10]] += ca00;
      h[map[m + 11]] += ca01;
      h[map[m + 12]] += cb00;
      h[map[m + 13]] += cb01;
      h[map[m + 14]] += cc00;
      h[map[m + 15]] += ca10;
      h[map[m + 16]] += ca11;
      h[map[m + 17]] += cb10;
      h[map[m + 18]] += cb11;
      h[map[m + 19]] += cc10;
      h[map[m + 20]] += cc11;
      m += 21;
    }
  }
  return sum;
}

/** out = ∇²f(x) v, without the matrix. */
export function hessianApply(
  { triangles, rest }: PlaneMesh,
  out: Float64Array,
  x: Float64Array,
  v: Float64Array,
): void {
  out.fill(0);
  for (let t = 0, d = 0; t < triangles.length; t += 3, d += 5) {
    const a = 2 * triangles[t];
    const b = 2 * triangles[t + 1];
    const c = 2 * triangles[t + 2];
    const r00 = rest[d];
    const r01 = rest[d + 1];
    const r10 = rest[d + 2];
    const r11 = rest[d + 3];
    const area = rest[d + 4];
    const e0 = x[b] - x[a];
    const e1 = x[b + 1] - x[a + 1];
    const f0 = x[c] - x[a];
    const f1 = x[c + 1] - x[a + 1];
    const j00 = e0 * r00 + f0 * r10;
    const j01 = e0 * r01 + f0 * r11;
    const j10 = e1 * r00 + f1 * r10;
    const j11 = e1 * r01 + f1 * r11;
    const d0 = v[b] - v[a];
    const d1 = v[b + 1] - v[a + 1];
    const k0 = v[c] - v[a];
    const k1 = v[c + 1] - v[a + 1];
    const v00 = d0 * r00 + k0 * r10;
    const v01 = d0 * r01 + k0 * r11;
    const v10 = d1 * r00 + k1 * r10;
    const v11 = d1 * r01 + k1 * r11;
    const size = j00 * j00 + j01 * j01 + j10 * j10 + j11 * j11;
    const inverse = 1 / (j00 * j11 - j01 * j10);
    const q = area * inverse * inverse;
    const p = 2 * (area + q);
    const u = -2 * q * inverse;
    const T = u * size;
    // Cᵀv and Jᵀv: ∇²φ v = p v + α J + β C + t ∂²δ v.
    const Cv = j11 * v00 - j10 * v01 - j01 * v10 + j00 * v11;
    const Jv = j00 * v00 + j01 * v01 + j10 * v10 + j11 * v11;
    const alpha = 2 * u * Cv;
    const beta = 2 * u * Jv - 3 * T * inverse * Cv;
    const g0 = p * v00 + alpha * j00 + beta * j11 + T * v11;
    const g1 = p * v01 + alpha * j01 - beta * j10 - T * v10;
    const g2 = p * v10 + alpha * j10 - beta * j01 - T * v01;
    const g3 = p * v11 + alpha * j11 + beta * j00 + T * v00;
    const b0 = r00 * g0 + r01 * g1;
    const b1 = r00 * g2 + r01 * g3;
    const c0 = r10 * g0 + r11 * g1;
    const c1 = r10 * g2 + r11 * g3;
    out[a] -= b0 + c0;
    out[a + 1] -= b1 + c1;
    out[b] += b0;
    out[b + 1] += b1;
    out[c] += c0;
    out[c + 1] += c1;
  }
}
