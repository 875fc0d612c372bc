// Matrix Market files: Boisvert, Pozo, Remington 1996, "The Matrix Market exchange formats: initial design", NISTIR 5935. Coordinate files give sparse
// matrices, array files dense ones; fields real, integer and pattern (entries are 1), symmetries general, symmetric and skew-symmetric.
//
// Deviations:
// 1. Entries given twice are summed, as in finite elements.
// 2. A symmetric file may have an entry above the diagonal; it stands for its mirror image.
import { describe, misuse } from "../errors.js";
import { type DenseMatrix, denseMatrix, type Matrix, type SparseMatrix } from "../linear/matrix.js";
import { sparseFromTriplets } from "../linear/sparse/csc.js";

const routine = "readMatrixMarket";

interface Header {
  readonly format: "coordinate" | "array";
  readonly field: "real" | "integer" | "pattern";
  readonly symmetry: "general" | "symmetric" | "skew-symmetric";
}

/**
 * A matrix from the text of a Matrix Market file. A symmetric coordinate file gives symmetric storage (lower triangle); a skew-symmetric one is written out.
 * @throws ArgumentError that names the line and its words, when the text isn't such a file; complex and Hermitian ones aren't read.
 */
export function readMatrixMarket(text: string): Matrix {
  if (typeof text !== "string") misuse(routine, "text", describe(text), "the text of a Matrix Market file");
  const lines = text.split(/\r\n|\n|\r/);
  const header = readHeader(lines[0] ?? "");
  let at = 1;
  while (at < lines.length && isComment(lines[at])) at++;
  if (at === lines.length)
    misuse(routine, "text", `of ${lines.length} lines without sizes`, "a line of sizes behind the comments");
  const sizes = words(lines[at]);
  const wanted = header.format === "coordinate" ? "rows, columns and the number of entries" : "rows and columns";
  if (sizes.length !== (header.format === "coordinate" ? 3 : 2)) wrong(at, lines[at], wanted);
  const [rows, cols, count] = sizes.map((word) => {
    if (!/^\d+$/.test(word) || Number(word) > 2 ** 31 - 1) wrong(at, lines[at], `${wanted}, whole numbers below 2³¹`);
    return Number(word);
  });
  if (header.symmetry !== "general" && rows !== cols)
    wrong(at, lines[at], `a square matrix, as it is ${header.symmetry}`);
  const body = bodyOf(lines, at + 1);
  return header.format === "array"
    ? readArray(header, rows, cols, body)
    : readCoordinates(header, rows, cols, count, body);
}

function readHeader(line: string): Header {
  const list = words(line.toLowerCase());
  const [banner, object, format, field, symmetry] = list;
  const good =
    list.length === 5 &&
    banner === "%%matrixmarket" &&
    object === "matrix" &&
    (format === "coordinate" || format === "array") &&
    ["real", "double", "integer", "pattern"].includes(field) &&
    ["general", "symmetric", "skew-symmetric"].includes(symmetry) &&
    !(field === "pattern" && (format === "array" || symmetry === "skew-symmetric"));
  if (!good)
    wrong(
      0,
      line,
      '"%%MatrixMarket matrix", coordinate or array, real, integer or pattern (of coordinates), general, symmetric or skew-symmetric',
    );
  return {
    format: format as Header["format"],
    field: (field === "double" ? "real" : field) as Header["field"],
    symmetry: symmetry as Header["symmetry"],
  };
}

const words = (line: string): string[] => line.split(/\s+/).filter((word) => word !== "");
const isComment = (line: string): boolean => /^\s*(%|$)/.test(line);

/** The lines that say something, with their numbers. */
function bodyOf(lines: readonly string[], from: number): (readonly [at: number, line: string])[] {
  const body: (readonly [number, string])[] = [];
  for (let at = from; at < lines.length; at++) if (!isComment(lines[at])) body.push([at, lines[at]]);
  return body;
}

function wrong(at: number, line: string, wanted: string): never {
  return misuse(routine, "text", `${describe(line.trim())} in line ${at + 1}`, wanted);
}

/** A number as Fortran writes it too (1.5D+3). */
function numberFrom(at: number, line: string, word: string, field: Header["field"]): number {
  const value = /^[-+]?(\d+\.?\d*|\.\d+)([edED][-+]?\d+)?$/.test(word) ? Number(word.replace(/[dD]/, "e")) : Number.NaN;
  if (!Number.isFinite(value)) wrong(at, line, `a finite number in place of ${describe(word)}`);
  if (field === "integer" && !Number.isInteger(value)) wrong(at, line, `an integer in place of ${describe(word)}`);
  return value;
}

function readCoordinates(
  { field, symmetry }: Header,
  rows: number,
  cols: number,
  count: number,
  body: readonly (readonly [number, string])[],
): SparseMatrix {
  if (body.length !== count)
    misuse(routine, "text", `with ${body.length} entries`, `${count} of them, as the sizes say`);
  const skew = symmetry === "skew-symmetric";
  const length = skew ? 2 * count : count;
  const i = new Int32Array(length);
  const j = new Int32Array(length);
  const v = new Float64Array(length);
  const wanted = field === "pattern" ? "a row and a column" : "a row, a column and a value";
  for (let k = 0; k < count; k++) {
    const [at, line] = body[k];
    const entry = words(line);
    if (entry.length !== (field === "pattern" ? 2 : 3)) wrong(at, line, wanted);
    const row = indexFrom(at, line, entry[0], rows, "row");
    const column = indexFrom(at, line, entry[1], cols, "column");
    const value = field === "pattern" ? 1 : numberFrom(at, line, entry[2], field);
    if (skew && row === column) wrong(at, line, "entries off the diagonal only, as the matrix is skew-symmetric");
    i[k] = row;
    j[k] = column;
    v[k] = value;
    if (!skew) continue;
    i[count + k] = column;
    j[count + k] = row;
    v[count + k] = -value;
  }
  return sparseFromTriplets(rows, cols, i, j, v, { symmetric: symmetry === "symmetric" });
}

function indexFrom(at: number, line: string, word: string, count: number, what: string): number {
  const index = /^\d+$/.test(word) ? Number(word) : 0;
  if (!(index >= 1 && index <= count)) wrong(at, line, `a ${what} from 1 to ${count} in place of ${describe(word)}`);
  return index - 1;
}

function readArray(
  { field, symmetry }: Header,
  rows: number,
  cols: number,
  body: readonly (readonly [number, string])[],
): DenseMatrix {
  const general = symmetry === "general";
  const skew = symmetry === "skew-symmetric";
  const count = general ? rows * cols : (rows * (rows + (skew ? -1 : 1))) / 2;
  if (body.length !== count)
    misuse(routine, "text", `with ${body.length} entries`, `${count} of them, as the sizes say`);
  const A = denseMatrix(rows, cols);
  let k = 0;
  for (let j = 0; j < cols; j++) {
    for (let i = general ? 0 : skew ? j + 1 : j; i < rows; i++) {
      const [at, line] = body[k++];
      const entry = words(line);
      if (entry.length !== 1) wrong(at, line, "one number a line");
      const value = numberFrom(at, line, entry[0], field);
      A.data[i * cols + j] = value;
      if (!general) A.data[j * cols + i] = skew ? -value : value;
    }
  }
  return A;
}

/**
 * The text of a Matrix Market file: coordinates for a sparse matrix (symmetric if its storage is), an array for a dense one. Numbers are written so that
 * they are read back bit by bit (but −0 as 0).
 * @throws ArgumentError when a value isn't finite or the comment has more than one line.
 */
export function writeMatrixMarket(A: Matrix, comment = ""): string {
  if (/[\r\n]/.test(comment)) misuse("writeMatrixMarket", "comment", describe(comment), "one line");
  const sparse = A.kind === "sparse";
  const symmetry = sparse && A.symmetric ? "symmetric" : "general";
  const lines = [`%%MatrixMarket matrix ${sparse ? "coordinate" : "array"} real ${symmetry}`];
  if (comment !== "") lines.push(`% ${comment}`);
  const put = (value: number, i: number, j: number): string => {
    if (!Number.isFinite(value))
      misuse("writeMatrixMarket", "A", `${value} at row ${i}, column ${j}`, "finite numbers");
    return String(value);
  };
  if (sparse) {
    lines.push(`${A.rows} ${A.cols} ${A.values.length}`);
    for (let j = 0; j < A.cols; j++) {
      for (let p = A.colPointers[j]; p < A.colPointers[j + 1]; p++) {
        const i = A.rowIndices[p];
        lines.push(`${i + 1} ${j + 1} ${put(A.values[p], i, j)}`);
      }
    }
  } else {
    lines.push(`${A.rows} ${A.cols}`);
    for (let j = 0; j < A.cols; j++) for (let i = 0; i < A.rows; i++) lines.push(put(A.data[i * A.cols + j], i, j));
  }
  return `${lines.join("\n")}\n`;
}
