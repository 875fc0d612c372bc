// Lines and numbers of text files, and what is wrong with them by line.
import { describe, HessiaError, misuse } from "@hessia/core";
import type { Mesh } from "../mesh/mesh.js";

/** A mesh file that can't be read: which line (from 1) or byte, and what was wanted there. */
export class MeshFileError extends HessiaError {
  override name = "MeshFileError";
  readonly format: string;
  /** The line of a text, from 1. */
  readonly line: number | undefined;
  /** The byte of a binary file, from 0. */
  readonly byte: number | undefined;

  constructor(format: string, place: { readonly line: number } | { readonly byte: number }, message: string) {
    super(`${format} file, ${"line" in place ? `line ${place.line}` : `byte ${place.byte}`}: ${message}.`);
    this.format = format;
    this.line = "line" in place ? place.line : undefined;
    this.byte = "byte" in place ? place.byte : undefined;
  }
}

/** Vertices and polygons as they stand in a file; polygons are divided into fans of triangles. */
export interface RawMesh {
  /** x, y, z a vertex. */
  readonly positions: number[];
  /** Three vertices a triangle. */
  readonly faces: number[];
  /** The line or byte of each triangle. */
  readonly places: number[];
}

export const newRaw = (): RawMesh => ({ positions: [], faces: [], places: [] });

/** Adds a polygon as a fan around its first vertex. */
export function pushPolygon({ faces, places }: RawMesh, polygon: readonly number[], place: number): void {
  for (let k = 2; k < polygon.length; k++) {
    faces.push(polygon[0]!, polygon[k - 1]!, polygon[k]!);
    places.push(place);
  }
}

/** The lines of a text, without comments (from `mark` on) and blanks at the ends; `next` skips empty ones. */
export function lineReader(text: string, mark: string | undefined) {
  let at = 0;
  let line = 0;
  const read = (): string | undefined => {
    if (at > text.length) return undefined;
    let end = text.indexOf("\n", at);
    if (end < 0) end = text.length;
    const content = text.slice(at, end);
    at = end + 1;
    line++;
    const comment = mark === undefined ? -1 : content.indexOf(mark);
    return (comment < 0 ? content : content.slice(0, comment)).trim();
  };
  return {
    get line() {
      return line;
    },
    next(): string | undefined {
      for (;;) {
        const content = read();
        if (content === undefined || content !== "") return content;
      }
    },
  };
}

/** A finite number of a file. */
export function numberOf(format: string, line: number, word: string | undefined, what: string): number {
  const value = word === undefined || word === "" ? Number.NaN : Number(word);
  if (!Number.isFinite(value))
    throw new MeshFileError(
      format,
      { line },
      `${what} is ${word === undefined ? "missing" : describe(word)}; wanted a finite number`,
    );
  return value;
}

/** A whole number of a file in [low, high). */
export function indexOf(
  format: string,
  line: number,
  word: string | undefined,
  what: string,
  low: number,
  high: number,
): number {
  const value = numberOf(format, line, word, what);
  if (!Number.isInteger(value) || value < low || value >= high)
    throw new MeshFileError(format, { line }, `${what} is ${word}; wanted ${wantedIndex(low, high)}`);
  return value;
}

export const wantedIndex = (low: number, high: number): string =>
  high <= low ? "none: there are no vertices" : `a whole number from ${low} to ${high - 1}`;

export function requireText(routine: string, text: unknown): string {
  return typeof text === "string" ? text : misuse(routine, "text", describe(text), "the text of a file");
}

/** Positions and triangles of a mesh that is to be written. */
export function requireWritable(
  routine: string,
  mesh: Mesh,
): { readonly positions: Float64Array; readonly faces: Int32Array } {
  if (mesh === null || typeof mesh !== "object" || mesh.kind !== "triangles")
    return misuse(routine, "mesh", describe(mesh), "a triangle mesh");
  if (mesh.positions === null)
    return misuse(routine, "mesh", "without positions", "a mesh with positions: withPositions");
  return { positions: mesh.positions, faces: mesh.faces };
}
