// The index and data tables of a block, checked and flattened.
import { describe, misuse } from "../errors.js";
import type { DataTable, FilledRows, IndexTable } from "./terms.js";

/** A table of `count` rows of `width` numbers. */
export interface FlatTable<A> {
  readonly count: number;
  readonly width: number;
  readonly table: A;
}

/** An index table of `count` rows of `width` variables. With a step a number p of the table stands for the variables step · p … step · p + step − 1. */
export interface IndexRows extends FlatTable<Int32Array> {
  readonly step: number;
}

/** Variables a point at most: behind the arrays of a pass there is room for one more point. */
export const mostStep = 16;

/** Checks an index table: whole numbers of variables or points, rows of one length. */
export function flattenIndices(n: number, indices: IndexTable, argument: string): IndexRows {
  const routine = "problemFromTerms";
  if (indices === null || typeof indices !== "object") misuse(routine, argument, describe(indices), "an index table");
  let flat: IndexRows;
  let what = "variable";
  let size = n;
  if ("table" in indices) {
    const { arity, table, coordinates = 1, kept = false } = indices;
    if (!(Number.isInteger(coordinates) && coordinates > 0 && coordinates <= mostStep))
      misuse(routine, `${argument}.coordinates`, describe(coordinates), `a whole number from 1 to ${mostStep}`);
    if (!(Number.isInteger(arity) && arity > 0))
      misuse(routine, `${argument}.arity`, describe(arity), "a positive integer");
    if (!(table instanceof Int32Array) || table.length % arity !== 0) {
      misuse(
        routine,
        `${argument}.table`,
        describe(table),
        `an Int32Array whose length is a multiple of the arity ${arity}`,
      );
    }
    // A view of its own: compiled passes tell blocks apart by their tables.
    const own = kept ? table.subarray() : table.slice();
    flat = { count: table.length / arity, width: arity * coordinates, table: own, step: coordinates };
    if (coordinates > 1) what = "point";
    size = Math.floor(n / coordinates);
  } else {
    const width = indices[0]?.length ?? 0;
    const table = new Int32Array(indices.length * width);
    indices.forEach((row, t) => {
      if (!Array.isArray(row) || row.length !== width)
        misuse(routine, `${argument}[${t}]`, describe(row), rowWanted(row, width));
      row.forEach((i: number, slot: number) => {
        if (!Number.isInteger(i))
          misuse(routine, `${argument}[${t}][${slot}]`, describe(i), `a variable number from 0 to ${n - 1}`);
        table[t * width + slot] = i;
      });
    });
    flat = { count: indices.length, width, table, step: 1 };
  }
  for (let p = 0; p < flat.table.length; p++) {
    const i = flat.table[p]!;
    if (i < 0 || i >= size) {
      const arity = flat.width / flat.step;
      const name = `${argument}[${Math.floor(p / arity)}][${p % arity}]`;
      misuse(routine, name, String(i), `a ${what} number from 0 to ${size - 1}`);
    }
  }
  return flat;
}

const rowWanted = (row: unknown, width: number): string =>
  typeof row === "number"
    ? "an array of variable numbers, as [[0, 1]] for one term of two variables"
    : `a row of ${width} variable numbers, as the first`;

/** The same table with a number a variable. */
export function byVariables({ count, width, table, step }: IndexRows): IndexRows {
  if (step === 1) return { count, width, table, step };
  const all = new Int32Array(count * width);
  for (let p = 0, to = 0; p < table.length; p++) for (let c = 0; c < step; c++) all[to++] = table[p]! * step + c;
  return { count, width, table: all, step: 1 };
}

/** Data that were checked, or are while they are put. */
export interface DataSource {
  readonly width: number;
  /** Puts all numbers, or some: then `isPartial`. */
  readonly fill: (put: (term: number, slot: number, value: number) => void) => void;
  readonly isPartial: boolean;
  readonly points?: Pick<DataSource, "width" | "fill">;
}

/** Checks a data table of `count` rows: finite numbers, rows of one length. An omitted one has width 0. @param points how many there are, where data by point are taken. */
export function dataSource(
  count: number,
  data: DataTable | undefined,
  argument: string,
  routine = "problemFromTerms",
  points?: number,
): DataSource {
  if (data === undefined) return { width: 0, fill: () => undefined, isPartial: false };
  const requireFinite = (t: number, slot: number, value: number) => {
    if (!Number.isFinite(value)) misuse(routine, `${argument}[${t}][${slot}]`, String(value), "a finite number");
  };
  // Arrays have a method of that name.
  if ("width" in data && "fill" in data) {
    const checked = ({ width, fill }: FilledRows, name: string, rows: number) => {
      if (!(Number.isInteger(width) && width >= 0))
        misuse(routine, `${name}.width`, describe(width), "a whole number from 0 on");
      const fillChecked: DataSource["fill"] = (put) =>
        fill((row, slot, value) => {
          if (!(row >= 0 && row < rows && slot >= 0 && slot < width))
            misuse(routine, `${name}.fill`, `put(${row}, ${slot}, …)`, `rows < ${rows} and slots < ${width}`);
          if (!Number.isFinite(value)) misuse(routine, `${name}[${row}][${slot}]`, String(value), "a finite number");
          put(row, slot, value);
        });
      return { width, fill: fillChecked };
    };
    const own = { ...checked(data, argument, count), isPartial: true };
    if (data.points === undefined) return own;
    if (points === undefined) misuse(routine, `${argument}.points`, "given", "data by term only");
    return { ...own, points: checked(data.points, `${argument}.points`, points) };
  }
  if ("table" in data) {
    const { width, table } = data;
    if (!(table instanceof Float64Array) || table.length !== count * width) {
      misuse(
        routine,
        `${argument}.table`,
        describe(table),
        `a Float64Array of length terms · width = ${count} · ${width}`,
      );
    }
    for (let p = 0; p < table.length; p++) {
      if (!Number.isFinite(table[p]!)) requireFinite(Math.floor(p / width), p % width, table[p]!);
    }
    const fill: DataSource["fill"] = (put) => {
      for (let t = 0, p = 0; t < count; t++) for (let slot = 0; slot < width; slot++, p++) put(t, slot, table[p]!);
    };
    return { width, fill, isPartial: false };
  }
  if (data.length !== count) misuse(routine, argument, `of ${data.length} rows`, `${count} rows, one a term`);
  const width = data[0]?.length ?? 0;
  data.forEach((row, t) => {
    if (row.length !== width)
      misuse(routine, `${argument}[${t}]`, `of length ${row.length}`, `length ${width}, as the first row`);
    row.forEach((value, slot) => {
      requireFinite(t, slot, value);
    });
  });
  const fill: DataSource["fill"] = (put) => {
    data.forEach((row, t) => {
      row.forEach((value, slot) => {
        put(t, slot, value);
      });
    });
  };
  return { width, fill, isPartial: false };
}

/** The same as a flat table. */
export function flattenData(
  count: number,
  data: DataTable | undefined,
  argument: string,
  routine = "problemFromTerms",
): FlatTable<Float64Array> {
  const { width, fill } = dataSource(count, data, argument, routine);
  const table = new Float64Array(count * width);
  fill((t, slot, value) => {
    table[t * width + slot] = value;
  });
  return { count, width, table };
}

/** Checks the group of each term: a whole number from 0 to groups − 1. */
export function flattenGroups(count: number, group: ArrayLike<number>, groups: number, argument: string): Int32Array {
  const routine = "problemFromTerms";
  if (group === null || typeof group !== "object" || group.length !== count)
    misuse(routine, argument, describe(group), `${count} group numbers, one a term`);
  return Int32Array.from({ length: count }, (_, t) => {
    const k = group[t]!;
    if (!(Number.isInteger(k) && k >= 0 && k < groups))
      misuse(routine, `${argument}[${t}]`, describe(k), `a group number from 0 to ${groups - 1}`);
    return k;
  });
}
