// Clouds of points as SVG: panels side by side, each with lines between points (a plan) and dots.

export interface Dots {
  /** Coordinates in the plane, two a point. */
  readonly points: Float64Array;
  readonly colour: string;
  /** Radius of a dot of mean weight, in pixels; the area goes with the weight. */
  readonly radius: number;
  readonly weights?: Float64Array;
  readonly opacity?: number;
}

export interface Segments {
  /** From x, y to x, y: four numbers a line. */
  readonly ends: Float64Array;
  /** In (0, 1] of each line. */
  readonly opacity: Float64Array;
  readonly colour: string;
}

export interface Panel {
  readonly caption: string;
  readonly segments?: Segments;
  readonly dots: readonly Dots[];
}

export interface Legend {
  readonly colour: string;
  readonly text: string;
}

const escapeText = (text: string) => text.replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]!);
const gap = 14;
const round = (value: number) => String(Math.round(10 * value) / 10);

/** All panels in one scale, `perRow` a row. */
export function panelsSvg(
  title: string,
  panels: readonly Panel[],
  {
    perRow = panels.length,
    side = 250,
    legend = [],
  }: { perRow?: number; side?: number; legend?: readonly Legend[] } = {},
): string {
  const [left, top, size] = box(panels);
  const rows = Math.ceil(panels.length / perRow);
  const head = legend.length > 0 ? 56 : 34;
  const width = perRow * side + (perRow + 1) * gap;
  const height = head + rows * (side + 24 + gap);
  const out = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${gap}" y="22" font-size="14" font-weight="600" fill="#1d2530">${escapeText(title)}</text>`,
  ];
  let at = gap;
  for (const { colour, text } of legend) {
    out.push(`<circle cx="${at + 5}" cy="41" r="5" fill="${colour}"/>`);
    out.push(`<text x="${at + 15}" y="45" font-size="12" fill="#55606e">${escapeText(text)}</text>`);
    at += 30 + 6.6 * text.length;
  }
  panels.forEach(({ caption, segments, dots }, k) => {
    const x0 = gap + (k % perRow) * (side + gap);
    const y0 = head + Math.floor(k / perRow) * (side + 24 + gap);
    const margin = 12;
    const x = (value: number) => round(margin + ((value - left) / size) * (side - 2 * margin));
    // Up is up.
    const y = (value: number) => round(side - margin - ((value - top) / size) * (side - 2 * margin));
    out.push(`<g transform="translate(${x0} ${y0})">`);
    out.push(`<rect width="${side}" height="${side}" rx="4" fill="#fafbfc" stroke="#e1e5ea"/>`);
    if (segments !== undefined) out.push(lines(segments, x, y));
    for (const one of dots) out.push(circles(one, x, y));
    out.push(
      `<text x="${side / 2}" y="${side + 17}" font-size="12" text-anchor="middle" fill="#55606e">${escapeText(caption)}</text></g>`,
    );
  });
  out.push("</svg>");
  return out.join("\n");
}

function lines({ ends, opacity, colour }: Segments, x: (v: number) => string, y: (v: number) => string): string {
  const drawn = Array.from(opacity, (alpha, k) => {
    const [ax, ay, bx, by] = ends.subarray(4 * k, 4 * k + 4);
    return `<path d="M${x(ax!)} ${y(ay!)}L${x(bx!)} ${y(by!)}" stroke-opacity="${alpha.toPrecision(2)}"/>`;
  });
  return `<g stroke="${colour}" stroke-width="0.8" fill="none">${drawn.join("")}</g>`;
}

function circles(
  { points, colour, radius, weights, opacity = 1 }: Dots,
  x: (v: number) => string,
  y: (v: number) => string,
): string {
  const n = points.length / 2;
  const total = weights?.reduce((sum, w) => sum + w, 0) ?? 0;
  const drawn = Array.from({ length: n }, (_, i) => {
    const r = weights === undefined ? radius : radius * Math.sqrt((weights[i]! * n) / total);
    return r < 0.15
      ? ""
      : `<circle cx="${x(points[2 * i]!)}" cy="${y(points[2 * i + 1]!)}" r="${(Math.round(100 * r) / 100).toString()}"/>`;
  });
  return `<g fill="${colour}" fill-opacity="${opacity}">${drawn.join("")}</g>`;
}

/** The least square around all points: its corner and side. */
function box(panels: readonly Panel[]): readonly [number, number, number] {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const { dots } of panels)
    for (const { points } of dots)
      for (let i = 0; i < points.length; i += 2) {
        left = Math.min(left, points[i]!);
        right = Math.max(right, points[i]!);
        top = Math.min(top, points[i + 1]!);
        bottom = Math.max(bottom, points[i + 1]!);
      }
  const size = Math.max(right - left, bottom - top, 1e-300);
  return [(left + right - size) / 2, (top + bottom - size) / 2, size];
}
