// The index and data tables of a block, checked and flattened.
import { describe, misuse } from "../errors.js";
import type { DataTable, IndexTable } from "./terms.js";

/** A table of `count` rows of `width` numbers. */
export interface FlatTable<A> {
  readonly count: number;
  readonly width: number;
  readonly table: A;
}

/** Checks an index table: whole numbers from 0 to n − 1, rows of one length. */
export function flattenIndices(n: number, indices: IndexTable, argument: string): FlatTable<Int32Array> {
  const routine = "problemFromTerms";
  if (indices === null || typeof indices !== "object") misuse(routine, argument, describe(indices), "an index table");
  let flat: FlatTable<Int32Array>;
  if ("table" in indices) {
    const { arity, table } = indices;
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
    flat = { count: table.length / arity, width: arity, table: table.slice() };
  } else {
    const width = indices[0]?.length ?? 0;
    const table = new Int32Array(indices.length * width);
    indices.forEach((row, t) => {
      if (!Array.isArray(row) || row.length !== width)
        misuse(routine, `${argument}[${t}]`, describe(row), `a row of ${width} variable numbers, as the first`);
      row.forEach((i: number, slot: number) => {
        if (!Number.isInteger(i))
          misuse(routine, `${argument}[${t}][${slot}]`, describe(i), `a variable number from 0 to ${n - 1}`);
        table[t * width + slot] = i;
      });
    });
    flat = { count: indices.length, width, table };
  }
  for (let p = 0; p < flat.table.length; p++) {
    const i = flat.table[p]!;
    if (i < 0 || i >= n)
      misuse(
        routine,
        `${argument}[${Math.floor(p / flat.width)}][${p % flat.width}]`,
        String(i),
        `a variable number from 0 to ${n - 1}`,
      );
  }
  return flat;
}

/** Checks a data table of `count` rows: finite numbers, rows of one length. An omitted one has width 0. */
export function flattenData(
  count: number,
  data: DataTable | undefined,
  argument: string,
  routine = "problemFromTerms",
): FlatTable<Float64Array> {
  if (data === undefined) return { count, width: 0, table: new Float64Array() };
  let flat: FlatTable<Float64Array>;
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
    flat = { count, width, table: table.slice() };
  } else {
    if (data.length !== count) misuse(routine, argument, `of ${data.length} rows`, `${count} rows, one a term`);
    const width = data[0]?.length ?? 0;
    const table = new Float64Array(count * width);
    data.forEach((row, t) => {
      if (row.length !== width)
        misuse(routine, `${argument}[${t}]`, `of length ${row.length}`, `length ${width}, as the first row`);
      row.forEach((value, slot) => {
        table[t * width + slot] = value;
      });
    });
    flat = { count, width, table };
  }
  for (let p = 0; p < flat.table.length; p++) {
    if (!Number.isFinite(flat.table[p]!)) {
      misuse(
        routine,
        `${argument}[${Math.floor(p / flat.width)}][${p % flat.width}]`,
        String(flat.table[p]),
        "a finite number",
      );
    }
  }
  return flat;
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
