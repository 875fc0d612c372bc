// The header of a PLY file, and the numbers behind it, one at a time, as text or as bytes.
import { MeshFileError } from "./lines.js";

const format = "PLY";
/** Types by name, old and new, and their bytes. */
const types = {
  char: 1,
  int8: 1,
  uchar: -1,
  uint8: -1,
  short: 2,
  int16: 2,
  ushort: -2,
  uint16: -2,
  int: 4,
  int32: 4,
  uint: -4,
  uint32: -4,
  float: 5,
  float32: 5,
  double: 8,
  float64: 8,
} as const;
export type PlyType = keyof typeof types;

export interface PlyElement {
  readonly name: string;
  readonly count: number;
  /** `list` is the type of the length where the property is a list. */
  readonly properties: { readonly name: string; readonly type: PlyType; readonly list?: PlyType }[];
}

export interface PlyHeader {
  readonly encoding: "ascii" | "binary_little_endian" | "binary_big_endian";
  readonly elements: readonly PlyElement[];
  /** The byte behind the header, and its line there. */
  readonly start: number;
  readonly line: number;
}

export function readPlyHeader(data: Uint8Array): PlyHeader {
  let at = 0;
  let line = 0;
  const next = (): string[] => {
    if (at >= data.length) throw new MeshFileError(format, { line }, "the file ends inside of its header");
    let text = "";
    while (at < data.length && data[at] !== 10) text += String.fromCharCode(data[at++]!);
    at++;
    line++;
    if (text.length > 1000 || (line === 1 && text.trim() !== "ply"))
      throw new MeshFileError(format, { line }, `begins with ${JSON.stringify(text.slice(0, 20))}; wanted ply`);
    return text.trim().split(/\s+/);
  };
  const typeOf = (word: string | undefined): PlyType => {
    if (word === undefined || !Object.hasOwn(types, word))
      throw new MeshFileError(format, { line }, `the type ${word} is unknown`);
    return word as PlyType;
  };
  next();
  let encoding: PlyHeader["encoding"] | undefined;
  const elements: PlyElement[] = [];
  for (;;) {
    const [keyword, ...words] = next();
    if (keyword === "end_header") break;
    if (keyword === "format") {
      if (!/^(ascii|binary_(little|big)_endian)$/.test(words[0] ?? ""))
        throw new MeshFileError(format, { line }, `the encoding ${words[0]} is unknown`);
      encoding = words[0] as PlyHeader["encoding"];
    } else if (keyword === "element") {
      const count = Number(words[1]);
      if (!(Number.isInteger(count) && count >= 0))
        throw new MeshFileError(format, { line }, `${words[1]} elements of ${words[0]}`);
      elements.push({ name: words[0]!, count, properties: [] });
    } else if (keyword === "property") {
      const element = elements.at(-1);
      if (element === undefined) throw new MeshFileError(format, { line }, "a property before any element");
      if (words[0] === "list")
        element.properties.push({ name: words[3] ?? "", type: typeOf(words[2]), list: typeOf(words[1]) });
      else element.properties.push({ name: words[1] ?? "", type: typeOf(words[0]) });
    } else if (keyword !== "comment" && keyword !== "obj_info" && keyword !== "")
      throw new MeshFileError(format, { line }, `the keyword ${keyword} is unknown`);
  }
  if (encoding === undefined) throw new MeshFileError(format, { line }, "no format in the header");
  return { encoding, elements, start: at, line };
}

export interface Values {
  /** Says that an element begins: a line of its own in a text. */
  begin(): void;
  next(type: PlyType, what: () => string): number;
  place(): { readonly line: number } | { readonly byte: number };
}

export function asciiValues(data: Uint8Array, start: number, line: number): Values {
  let at = start;
  let row = line + 1;
  const isBlank = (byte: number) => byte <= 32;
  return {
    begin: () => undefined,
    next(_type, what) {
      while (at < data.length && isBlank(data[at]!)) if (data[at++] === 10) row++;
      if (at >= data.length) throw new MeshFileError(format, { line: row }, `the file ends; wanted ${what()}`);
      let word = "";
      while (at < data.length && !isBlank(data[at]!)) word += String.fromCharCode(data[at++]!);
      const value = Number(word);
      if (Number.isNaN(value))
        throw new MeshFileError(
          format,
          { line: row },
          `${what()} is ${JSON.stringify(word.slice(0, 40))}; wanted a number`,
        );
      return value;
    },
    place: () => ({ line: row }),
  };
}

export function binaryValues(data: Uint8Array, start: number, isLittle: boolean): Values {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let at = start;
  let first = start;
  return {
    begin() {
      first = at;
    },
    next(type, what) {
      const code = types[type];
      const bytes = code === 5 ? 4 : Math.abs(code);
      if (at + bytes > data.length)
        throw new MeshFileError(format, { byte: data.length }, `the file ends; wanted ${what()}`);
      const from = at;
      at += bytes;
      switch (code) {
        case 1:
          return view.getInt8(from);
        case -1:
          return view.getUint8(from);
        case 2:
          return view.getInt16(from, isLittle);
        case -2:
          return view.getUint16(from, isLittle);
        case 4:
          return view.getInt32(from, isLittle);
        case -4:
          return view.getUint32(from, isLittle);
        case 5:
          return view.getFloat32(from, isLittle);
        case 8:
          return view.getFloat64(from, isLittle);
      }
    },
    place: () => ({ byte: first }),
  };
}
