// The data of a block of terms: numbers by term and numbers by point, each a table, or in the memory of WebAssembly and nowhere else.
import { misuse } from "../errors.js";
import type { Evaluator } from "./evaluator.js";
import { byVariables, type DataSource, dataSource, type FlatTable, flattenIndices, type IndexRows } from "./tables.js";
import { numberAt, putNumber, type ResidentData } from "./term-home.js";
import type { DataTable, IndexTable } from "./terms.js";

/** A table, which is empty where the numbers are in WebAssembly. */
export interface BlockData extends FlatTable<Float64Array> {
  readonly resident?: ResidentData;
}

const noNumbers: BlockData = { count: 0, width: 0, table: new Float64Array() };

/** By term, and by point: a term reads its own numbers and then, for each of its points in order, those of the point. */
export interface BlockTables {
  readonly terms: BlockData;
  readonly points: BlockData;
}

/** Tables of terms alone. */
export const tablesOf = (terms: BlockData): BlockTables => ({ terms, points: noNumbers });

/** Tables that are to be settled: so wide. */
export const awaited = (source: DataSource, points: number): BlockTables => ({
  terms: { ...noNumbers, width: source.width },
  points: { ...noNumbers, count: points, width: source.points?.width ?? 0 },
});

/** Numbers that a term reads. */
export const widthOf = ({ terms, points }: BlockTables, { width, step }: IndexRows): number =>
  terms.width + (points.width * width) / step;

/** Puts data where passes read them. */
export function settle(source: DataSource, count: number, points: number, evaluator: Evaluator): BlockTables {
  const place = ({ width, fill }: Fill, rows: number, stride?: number): BlockData => {
    const resident = evaluator.newData(rows, width, stride);
    if (resident === undefined)
      return { count: rows, width, table: filled(fill, width, new Float64Array(rows * width)) };
    fill((t, slot, value) => putNumber(resident, t, slot, value));
    return { ...noNumbers, count: rows, width, resident };
  };
  const { points: byPoint } = source;
  return {
    terms: place(source, count),
    points: byPoint === undefined ? noNumbers : place(byPoint, points, byPoint.width),
  };
}

type Fill = Pick<DataSource, "width" | "fill">;

function filled(fill: DataSource["fill"], width: number, table: Float64Array): Float64Array {
  fill((t, slot, value) => {
    table[t * width + slot] = value;
  });
  return table;
}

/** Changes data: of a table a new one, so that whoever has copies knows it by itself. */
export function replace(
  { terms, points }: BlockTables,
  data: DataTable,
  argument: string,
  count: number,
  pointCount?: number,
): BlockTables {
  const source = dataSource(count, data, argument, "setData", pointCount);
  const change = (own: BlockData, { width, fill }: Fill, name: string, isPartial: boolean): BlockData => {
    if (width !== own.width) misuse("setData", name, `of width ${width}`, `width ${own.width}, as before`);
    const { table, resident } = own;
    if (resident === undefined)
      return { ...own, table: filled(fill, width, isPartial ? table.slice() : new Float64Array(table.length)) };
    resident.version++;
    fill((t, slot, value) => putNumber(resident, t, slot, value));
    return own;
  };
  return {
    terms: change(terms, source, argument, source.isPartial),
    points: source.points === undefined ? points : change(points, source.points, `${argument}.points`, true),
  };
}

/** Data as passes take them. */
export function arraysOf({ terms, points }: BlockTables) {
  return {
    data: terms.table,
    pointData: points.table,
    ...(terms.resident === undefined ? {} : { resident: terms.resident }),
    ...(points.resident === undefined ? {} : { residentPoints: points.resident }),
  };
}

/** The numbers that term t reads. */
export function datumOf({ terms, points }: BlockTables, { width, step, table }: IndexRows, t: number): Float64Array {
  const arity = width / step;
  const row = ({ width, table, resident }: BlockData, r: number) =>
    Array.from({ length: width }, (_, slot) =>
      resident === undefined ? table[r * width + slot]! : numberAt(resident, r, slot),
    );
  const corners = points.width === 0 ? [] : Array.from(table.subarray(t * arity, (t + 1) * arity));
  return Float64Array.from([...row(terms, t), ...corners.flatMap((v) => row(points, v))]);
}

/** A block's rows by variables, with all that a term reads in one table: for those that know nothing of points. */
export function spreadRows(
  n: number,
  { indices, data }: { readonly indices: IndexTable; readonly data?: DataTable },
  name: string,
  routine: string,
): { readonly indices: IndexRows; readonly data: FlatTable<Float64Array> } {
  const rows = flattenIndices(n, indices, `${name}.indices`);
  const { count, step } = rows;
  const points = Math.floor(n / step);
  const source = dataSource(count, data, `${name}.data`, routine, points);
  const flat = (one: Fill, size: number): BlockData => ({
    count: size,
    width: one.width,
    table: filled(one.fill, one.width, new Float64Array(size * one.width)),
  });
  const terms = flat(source, count);
  if (source.points === undefined) return { indices: byVariables(rows), data: terms };
  const tables = { terms, points: flat(source.points, points) };
  const width = widthOf(tables, rows);
  const table = new Float64Array(count * width);
  for (let t = 0; t < count; t++) table.set(datumOf(tables, rows, t), t * width);
  return { indices: byVariables(rows), data: { count, width, table } };
}
