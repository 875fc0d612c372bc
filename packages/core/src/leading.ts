/**
 * The first 32 entries of an array as entries that are there, for callbacks that take an array apart: `([x, y]) => …` and `x[0]` need no `!` under
 * TypeScript's `noUncheckedIndexedAccess`. How many there are is the problem's dimension.
 */
export type Leading<T> = { readonly [I in Index]: T };

// biome-ignore format: numbers in rows
type Index =
  | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15
  | 16 | 17 | 18 | 19 | 20 | 21 | 22 | 23 | 24 | 25 | 26 | 27 | 28 | 29 | 30 | 31;
