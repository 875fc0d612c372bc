// Triangle meshes as SVG: panels side by side, each triangle filled by a number of its own or by how it is lit.
import type { TriangleMesh } from "@hessia/mesh-ad";

export interface MeshPanel {
  readonly caption: string;
  /** x, y a vertex. */
  readonly points: Float64Array;
  /** Three vertices a triangle. */
  readonly faces: Int32Array;
  /** A number ≥ 1 a triangle, 1 the best: from pale to red at 3 and above. */
  readonly values?: Float64Array;
  /** In [0, 1] a triangle, where there are no values. */
  readonly shade?: Float64Array;
  /** Triangles are painted in this order, smallest first. */
  readonly depth?: Float64Array;
}

const escapeText = (text: string) => text.replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]!);
const gap = 14;
const head = 58;
const round = (value: number) => String(Math.round(10 * value) / 10);

/** Each panel in a scale of its own. */
export function meshesSvg(
  title: string,
  panels: readonly MeshPanel[],
  { side = 320, legend: isShown = true } = {},
): string {
  const width = Math.max(panels.length * side + (panels.length + 1) * gap, 2 * gap + 8 * title.length);
  const height = head + side + 24 + gap;
  const out = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${gap}" y="22" font-size="14" font-weight="600" fill="#1d2530">${escapeText(title)}</text>`,
  ];
  if (isShown && panels.some(({ values }) => values !== undefined)) out.push(legend());
  panels.forEach((panel, k) => {
    out.push(`<g transform="translate(${gap + k * (side + gap)} ${head})">`);
    out.push(`<rect width="${side}" height="${side}" rx="4" fill="#fafbfc" stroke="#e1e5ea"/>`);
    out.push(triangles(panel, side));
    out.push(
      `<text x="${side / 2}" y="${side + 17}" font-size="12" text-anchor="middle" fill="#55606e">${escapeText(panel.caption)}</text></g>`,
    );
  });
  out.push("</svg>");
  return out.join("\n");
}

/** Pale blue at 1, red at 3 and above, on a logarithmic scale. */
export function colourOf(value: number): string {
  const t = Math.min(1, Math.max(0, Math.log(value) / Math.log(3)));
  const mix = (from: number, to: number) => Math.round(from + t * (to - from));
  return `rgb(${mix(226, 200)},${mix(236, 68)},${mix(247, 47)})`;
}

function legend(): string {
  const steps = Array.from({ length: 24 }, (_, k) => {
    const fill = colourOf(3 ** (k / 23));
    return `<rect x="${gap + 32 + 5 * k}" y="34" width="5.5" height="12" fill="${fill}"/>`;
  });
  const text = (x: number, words: string) => `<text x="${x}" y="44" font-size="12" fill="#55606e">${words}</text>`;
  return `${text(gap, "1")}${text(gap + 16, "to")}${steps.join("")}${text(gap + 160, "3 and more: distortion (‖J‖² + ‖J⁻¹‖²) / 4")}`;
}

function triangles({ points, faces, values, shade, depth }: MeshPanel, side: number): string {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < points.length; i += 2) {
    left = Math.min(left, points[i]!);
    right = Math.max(right, points[i]!);
    bottom = Math.min(bottom, points[i + 1]!);
    top = Math.max(top, points[i + 1]!);
  }
  const size = Math.max(right - left, top - bottom, Number.MIN_VALUE);
  const margin = 12;
  const scale = (side - 2 * margin) / size;
  const x = (v: number) => round(side / 2 + scale * (points[2 * v]! - (left + right) / 2));
  // Up is up.
  const y = (v: number) => round(side / 2 - scale * (points[2 * v + 1]! - (bottom + top) / 2));
  const order = Array.from({ length: faces.length / 3 }, (_, f) => f);
  if (depth !== undefined) order.sort((f, g) => depth[f]! - depth[g]!);
  const line = faces.length > 9000 ? 0.15 : 0.4;
  const drawn = order.map((f) => {
    const [a, b, c] = [faces[3 * f]!, faces[3 * f + 1]!, faces[3 * f + 2]!];
    const level = Math.round(110 + 135 * (shade?.[f] ?? 1));
    const fill = values === undefined ? `rgb(${level},${level},${level})` : colourOf(values[f]!);
    return `<path d="M${x(a)} ${y(a)}L${x(b)} ${y(b)}L${x(c)} ${y(c)}Z" fill="${fill}"/>`;
  });
  return `<g stroke="#4a5560" stroke-width="${line}" stroke-linejoin="round">${drawn.join("")}</g>`;
}

/** A mesh in space, seen from above and aside without perspective: with each triangle's depth for painting, and how it is lit. */
export function seen(
  mesh: TriangleMesh,
  positions = mesh.positions!,
): {
  readonly points: Float64Array;
  readonly faces: Int32Array;
  readonly depth: Float64Array;
  readonly shade: Float64Array;
} {
  const x = positions;
  const n = mesh.vertexCount;
  // The camera: right, up and towards the viewer.
  const [right, up, to] = [
    [Math.SQRT1_2, -Math.SQRT1_2, 0],
    [0.35, 0.35, 0.8689],
    [-0.6144, -0.6144, 0.495],
  ] as const;
  const dot = (axis: readonly number[], v: number) =>
    axis[0]! * x[3 * v]! + axis[1]! * x[3 * v + 1]! + axis[2]! * x[3 * v + 2]!;
  const points = new Float64Array(2 * n);
  for (let v = 0; v < n; v++) points.set([dot(right, v), dot(up, v)], 2 * v);
  const depth = new Float64Array(mesh.faceCount);
  const shade = new Float64Array(mesh.faceCount);
  for (let f = 0; f < mesh.faceCount; f++) {
    const [a, b, c] = mesh.faces.subarray(3 * f, 3 * f + 3) as unknown as [number, number, number];
    depth[f] = dot(to, a) + dot(to, b) + dot(to, c);
    const edge = (p: number, i: number) => x[3 * p + i]! - x[3 * a + i]!;
    const normal = [0, 1, 2].map((i) => {
      const [j, k] = [(i + 1) % 3, (i + 2) % 3];
      return edge(b, j) * edge(c, k) - edge(b, k) * edge(c, j);
    });
    const size = Math.hypot(...normal);
    shade[f] = Math.abs(to[0] * normal[0]! + to[1] * normal[1]! + to[2] * normal[2]!) / size;
  }
  return { points, faces: mesh.faces, depth, shade };
}
