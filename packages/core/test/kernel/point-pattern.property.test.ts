// The pattern of terms over points against the general one: the same matrix, the same places; and where it must not be taken.
import fc from "fast-check";
import { expect, it } from "vitest";
import { type Contributions, makePattern } from "../../src/kernel/pattern.js";
import { makePointPattern } from "../../src/kernel/point-pattern.js";

type Entries = [number, number][];

/** The contributions of terms over points, as a block has them. */
function contributions(rows: readonly (readonly number[])[], step: number, entries: Entries): Contributions {
  const arity = rows[0]!.length;
  const table = Int32Array.from(rows.flat());
  const variable = (t: number, i: number) => rows[t]![Math.floor(i / step)]! * step + (i % step);
  return {
    count: rows.length * entries.length,
    scan(emit) {
      for (const t of rows.keys()) {
        for (const [i, j] of entries) {
          const [a, b] = [variable(t, i), variable(t, j)];
          emit(Math.max(a, b), Math.min(a, b));
        }
      }
    },
    rows: { indices: { count: rows.length, width: arity * step, table, step }, entries },
  };
}

/** The lower entries of a term: all whose coordinates `has` joins. */
function entriesOf(arity: number, step: number, has: (p: number, q: number) => boolean): Entries {
  const entries: Entries = [];
  for (let i = 0; i < arity * step; i++) for (let j = 0; j <= i; j++) if (has(i % step, j % step)) entries.push([i, j]);
  return entries;
}

const everything = () => true;
const alike = (p: number, q: number) => p === q;
const corners = (p: number, q: number) => p === q || p + q === 2;

it("has the general pattern, and every entry in its place", () => {
  const points = 9;
  const row = (arity: number) => fc.shuffledSubarray([...Array(points).keys()], { minLength: arity, maxLength: arity });
  const some = (arity: number) => fc.array(row(arity), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(some(3), some(2), fc.integer({ min: 2, max: 5 }), fc.nat(2), (triangles, edges, step, kind) => {
      const has = [everything, alike, corners][kind]!;
      const lists = [
        contributions(triangles, step, entriesOf(3, step, has)),
        contributions(edges, step, entriesOf(2, step, has)),
      ];
      const n = points * step;
      const general = makePattern(n, n, lists, true);
      const found = makePointPattern(n, lists)!;
      expect(found.colPointers).toEqual(general.colPointers);
      expect(found.rowIndices).toEqual(general.rowIndices);
      found.positions.forEach((map, l) => {
        expect(map.all()).toEqual(general.positions[l]!.slice());
      });
    }),
    { numRuns: 200 },
  );
});

it("with terms of one point beside others, and points in no term", () => {
  const triangles = contributions(
    [
      [0, 3, 1],
      [5, 1, 3],
    ],
    3,
    entriesOf(3, 3, everything),
  );
  const masses = contributions([[0], [1], [3], [5]], 3, entriesOf(1, 3, alike));
  const general = makePattern(21, 21, [triangles, masses], true);
  const found = makePointPattern(21, [triangles, masses])!;
  expect(found.rowIndices).toEqual(general.rowIndices);
  expect(found.colPointers).toEqual(general.colPointers);
  expect(found.positions[1]!.all()).toEqual(general.positions[1]!.slice());
});

it("isn't taken where blocks differ", () => {
  const full = contributions([[0, 1]], 2, entriesOf(2, 2, everything));
  const diagonal = contributions([[1, 2]], 2, entriesOf(2, 2, alike));
  const alone = contributions([[2]], 2, entriesOf(1, 2, alike));
  const joined = contributions([[1, 1]], 2, entriesOf(2, 2, everything));
  const lopsided = contributions([[0, 1]], 2, [...entriesOf(2, 2, alike), [3, 0]]);
  const single = contributions([[0, 1]], 1, entriesOf(2, 1, everything));
  expect(makePointPattern(6, [full])).toBeDefined();
  expect(makePointPattern(6, [full, diagonal]), "blocks beside the diagonal").toBeUndefined();
  expect(makePointPattern(6, [full, alone]), "blocks on the diagonal").toBeUndefined();
  expect(makePointPattern(6, [joined]), "a point joined with itself").toBeUndefined();
  expect(makePointPattern(6, [lopsided]), "a block that isn't symmetric").toBeUndefined();
  expect(makePointPattern(6, [single]), "single variables").toBeUndefined();
  expect(makePointPattern(7, [full]), "a variable that belongs to no point").toBeUndefined();
  expect(makePointPattern(6, [full, { count: 0, scan: () => undefined }]), "other contributions").toBeUndefined();
  expect(makePointPattern(6, []), "no terms").toBeUndefined();
});
