// Small matrices of expressions, for terms: deformation gradients, metrics, frames. Determinants and inverses are closed forms by minors, which
// hash-consing shares: right for a few rows, and as smooth as their entries.
import { describe, misuse } from "../errors.js";
import { type Condition, dot, type Expr, type Operand, type Selectable, select, sum } from "./expr.js";
import { toExpr, Vec } from "./vectors.js";

/** Determinants of more rows than this would have too many minors. */
const mostRowsOfDeterminant = 6;
const mostRowsOfInverse = 4;

/** A matrix of R rows and C columns of expressions. Immutable; made by {@link matrix} and its kin, and handed to the function of a `kernel`. */
export class Mat<R extends number = number, C extends number = number> implements Selectable<Mat<R, C>> {
  readonly rows: R;
  readonly cols: C;
  /** Row by row. */
  readonly entries: readonly Expr[];

  /** @internal */
  constructor(rows: R, cols: C, entries: readonly Expr[]) {
    this.rows = rows;
    this.cols = cols;
    this.entries = entries;
  }

  /** Entry (i, j). */
  at(i: number, j: number): Expr {
    const inside = Number.isInteger(i) && Number.isInteger(j) && i >= 0 && i < this.rows && j >= 0 && j < this.cols;
    if (!inside) misuse("Mat.at", "i, j", `(${i}, ${j})`, `a place in a ${this.rows}×${this.cols} matrix`);
    return this.entries[i * this.cols + j]!;
  }
  row(i: number): Vec<C> {
    return new Vec(Array.from({ length: this.cols }, (_, j) => this.at(i, j)));
  }
  column(j: number): Vec<R> {
    return new Vec(Array.from({ length: this.rows }, (_, i) => this.at(i, j)));
  }

  add(other: Mat<R, C>): Mat<R, C> {
    requireShape("add", other, this.rows, this.cols);
    return new Mat(
      this.rows,
      this.cols,
      this.entries.map((entry, e) => entry.add(other.entries[e]!)),
    );
  }
  sub(other: Mat<R, C>): Mat<R, C> {
    requireShape("sub", other, this.rows, this.cols);
    return new Mat(
      this.rows,
      this.cols,
      this.entries.map((entry, e) => entry.sub(other.entries[e]!)),
    );
  }
  neg(): Mat<R, C> {
    return new Mat(
      this.rows,
      this.cols,
      this.entries.map((entry) => entry.neg()),
    );
  }
  /** factor · this. */
  scale(factor: Operand): Mat<R, C> {
    const by = toExpr("Mat.scale", "factor", factor);
    return new Mat(
      this.rows,
      this.cols,
      this.entries.map((entry) => entry.mul(by)),
    );
  }
  /** The product with a vector or a matrix. */
  mul(other: Vec<C>): Vec<R>;
  mul<K extends number>(other: Mat<C, K>): Mat<R, K>;
  mul(other: unknown): unknown {
    if (other instanceof Vec) {
      if (other.length !== this.cols)
        misuse("Mat.mul", "other", `of length ${other.length}`, `length ${this.cols}, a row of the matrix`);
      return new Vec(Array.from({ length: this.rows }, (_, i) => this.row(i).dot(other as Vec<C>)));
    }
    if (!(other instanceof Mat))
      return misuse("Mat.mul", "other", describe(other), "a Vec or a Mat", "For a number use scale.");
    if (other.rows !== this.cols)
      misuse("Mat.mul", "other", `${other.rows}×${other.cols}`, `${this.cols} rows, the columns of the first`);
    const rows = Array.from({ length: this.rows }, (_, i) =>
      Array.from({ length: other.cols }, (_, j) => this.row(i).dot(other.column(j) as Vec<C>)),
    );
    return new Mat(this.rows, other.cols, rows.flat());
  }
  transpose(): Mat<C, R> {
    return new Mat(this.cols, this.rows, Array.from({ length: this.cols }, (_, j) => this.column(j).entries).flat());
  }
  /** Σ thisᵢⱼ otherᵢⱼ. */
  dot(other: Mat<R, C>): Expr {
    requireShape("dot", other, this.rows, this.cols);
    return dot(this.entries, other.entries);
  }
  /** ‖this‖²_F, the sum of squares. */
  squaredNorm(): Expr {
    return this.dot(this);
  }
  /** ‖this‖_F, the Frobenius norm; not differentiable at 0, where its derivatives are NaN. */
  norm(): Expr {
    return this.squaredNorm().sqrt();
  }
  trace(): Expr {
    requireSquare("trace", this, Number.POSITIVE_INFINITY);
    return sum(Array.from({ length: this.rows }, (_, i) => this.at(i, i)));
  }
  /** The determinant of at most 6 rows, along the first row; minors are shared. */
  det(): Expr {
    requireSquare("det", this, mostRowsOfDeterminant);
    const all = Array.from({ length: this.rows }, (_, i) => i);
    return minor(this, all, all);
  }
  /** The inverse of at most 4 rows, adjugate / determinant; not finite where the determinant is 0. */
  inverse(): Mat<C, R> {
    requireSquare("inverse", this, mostRowsOfInverse);
    const all = Array.from({ length: this.rows }, (_, i) => i);
    const without = (skip: number) => all.filter((i) => i !== skip);
    const r = this.det().inv();
    const entries = all.flatMap((i) =>
      all.map((j) => {
        const cofactor = minor(this, without(j), without(i));
        return ((i + j) % 2 === 0 ? cofactor : cofactor.neg()).mul(r);
      }),
    );
    return new Mat(this.cols, this.rows, entries);
  }

  /** @internal */
  selected(condition: Condition, no: Mat<R, C>): Mat<R, C> {
    requireShape("select", no, this.rows, this.cols);
    const entries = this.entries.map((entry, e) => select(condition, entry, no.entries[e]!));
    return new Mat(this.rows, this.cols, entries);
  }

  /** @internal */
  [Symbol.toPrimitive](): never {
    return misuse(
      "Mat",
      "an operand",
      "a matrix used with JavaScript's own + - * /, or in a string",
      "a method of Mat",
      "Write A.add(B), A.mul(v), A.scale(2), A.det().",
    );
  }
}

/** The determinant of the given rows and columns, by the first of the rows. */
function minor(of: Mat, rows: readonly number[], cols: readonly number[]): Expr {
  if (rows.length === 0) return sum([1]);
  const [first, ...rest] = rows as [number, ...number[]];
  if (rest.length === 0) return of.at(first, cols[0]!);
  return cols
    .map((j, k) => {
      const product = of.at(first, j).mul(
        minor(
          of,
          rest,
          cols.filter((other) => other !== j),
        ),
      );
      return k % 2 === 0 ? product : product.neg();
    })
    .reduce((a, b) => a.add(b));
}

function requireShape(method: string, other: unknown, rows: number, cols: number): void {
  if (!(other instanceof Mat)) misuse(`Mat.${method}`, "other", describe(other), `a ${rows}×${cols} Mat`);
  if (other.rows !== rows || other.cols !== cols)
    misuse(`Mat.${method}`, "other", `${other.rows}×${other.cols}`, `${rows}×${cols}, the shape of the first`);
}

function requireSquare(method: string, { rows, cols }: Mat, most: number): void {
  if (rows !== cols || rows > most) {
    const size = most === Number.POSITIVE_INFINITY ? "a square matrix" : `a square matrix of at most ${most} rows`;
    misuse(`Mat.${method}`, "this", `${rows}×${cols}`, size);
  }
}

/** A matrix of the given rows: `matrix([a, b], [c, d])`. */
export function matrix<const T extends readonly (readonly Operand[])[]>(...rows: T): Mat<T["length"], T[0]["length"]> {
  const cols = rows[0]?.length ?? 0;
  if (rows.length === 0 || cols === 0) misuse("matrix", "rows", "empty", "at least one row of one Expr or number");
  const entries = rows.flatMap((row, i) => {
    if (row.length !== cols) misuse("matrix", `rows[${i}]`, `of length ${row.length}`, `length ${cols}, as the first`);
    return row.map((entry, j) => toExpr("matrix", `rows[${i}][${j}]`, entry));
  });
  return new Mat(rows.length, cols, entries);
}

/** A matrix of the given rows. */
export function fromRows<const T extends readonly Vec[]>(...rows: T): Mat<T["length"], T[0]["length"]> {
  requireAlike("fromRows", "rows", rows);
  return new Mat(
    rows.length,
    rows[0]!.length,
    rows.flatMap((row) => row.entries),
  );
}

/** A matrix of the given columns: `fromColumns(b.sub(a), c.sub(a))` holds the edges of a triangle. */
export function fromColumns<const T extends readonly Vec[]>(...columns: T): Mat<T[0]["length"], T["length"]> {
  requireAlike("fromColumns", "columns", columns);
  return fromRows(...columns).transpose() as unknown as Mat<T[0]["length"], T["length"]>;
}

/** a bᵀ. */
export function outer<R extends number, C extends number>(a: Vec<R>, b: Vec<C>): Mat<R, C> {
  requireAlike("outer", "a, b", [a], [b]);
  return new Mat(
    a.length,
    b.length,
    a.entries.flatMap((p) => b.entries.map((q) => p.mul(q))),
  );
}

/** The identity of n rows. */
export function identity<N extends number>(n: N): Mat<N, N> {
  if (!(Number.isInteger(n) && n > 0)) misuse("identity", "n", describe(n), "a positive integer");
  return new Mat(
    n,
    n,
    Array.from({ length: n * n }, (_, e) => sum([+(e % (n + 1) === 0)])),
  );
}

function requireAlike(routine: string, argument: string, ...lists: (readonly Vec[])[]): void {
  for (const list of lists) {
    if (list.length === 0) misuse(routine, argument, "none", "at least one Vec");
    list.forEach((one: unknown, i) => {
      if (!(one instanceof Vec)) misuse(routine, `${argument}[${i}]`, describe(one), "a Vec");
      if (one.length !== list[0]!.length)
        misuse(routine, `${argument}[${i}]`, `of length ${one.length}`, `length ${list[0]!.length}, as the first`);
    });
  }
}
