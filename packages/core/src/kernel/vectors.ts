// Small vectors of expressions, for terms: lengths are known when a term is traced and, where they are literal, to the type checker.
import { describe, misuse } from "../errors.js";
import { type Condition, dot, Expr, type Operand, type Selectable, select, sum } from "./expr.js";

/** A number or an expression as an expression. @internal */
export function toExpr(routine: string, argument: string, value: unknown): Expr {
  if (value instanceof Expr) return value;
  if (typeof value === "number") return sum([value]);
  return misuse(routine, argument, describe(value), "an Expr or a number");
}

/** A vector of N expressions. Immutable; made by {@link vector} and handed to the function of a `kernel`. */
export class Vec<N extends number = number> implements Selectable<Vec<N>> {
  readonly length: N;
  readonly entries: readonly Expr[];

  /** @internal */
  constructor(entries: readonly Expr[]) {
    this.entries = entries;
    this.length = entries.length as N;
  }

  /** Entry i, 0 ≤ i < N. */
  at(i: number): Expr {
    return this.entries[i] ?? misuse("Vec.at", "i", describe(i), `a whole number from 0 to ${this.length - 1}`);
  }
  get x(): Expr {
    return this.at(0);
  }
  get y(): Expr {
    return this.at(1);
  }
  get z(): Expr {
    return this.at(2);
  }
  [Symbol.iterator](): IterableIterator<Expr> {
    return this.entries[Symbol.iterator]();
  }

  add(other: Vec<N>): Vec<N> {
    requireLength("add", other, this.length);
    return new Vec(this.entries.map((entry, i) => entry.add(other.at(i))));
  }
  sub(other: Vec<N>): Vec<N> {
    requireLength("sub", other, this.length);
    return new Vec(this.entries.map((entry, i) => entry.sub(other.at(i))));
  }
  neg(): Vec<N> {
    return new Vec(this.entries.map((entry) => entry.neg()));
  }
  /** factor · this. */
  scale(factor: Operand): Vec<N> {
    const by = toExpr("Vec.scale", "factor", factor);
    return new Vec(this.entries.map((entry) => entry.mul(by)));
  }
  /** this / divisor, by one division. */
  div(divisor: Operand): Vec<N> {
    return this.scale(toExpr("Vec.div", "divisor", divisor).inv());
  }
  /** Σ thisᵢ otherᵢ. */
  dot(other: Vec<N>): Expr {
    requireLength("dot", other, this.length);
    return dot(this.entries, other.entries);
  }
  /** ‖this‖². */
  squaredNorm(): Expr {
    return this.dot(this);
  }
  /** ‖this‖₂; not differentiable at 0, where its derivatives are NaN. */
  norm(): Expr {
    return this.squaredNorm().sqrt();
  }
  /** this / ‖this‖; NaN at 0. */
  normalize(): Vec<N> {
    return this.div(this.norm());
  }
  /** In the plane the signed area of the parallelogram, in space the cross product. */
  cross(this: Vec<2>, other: Vec<2>): Expr;
  cross(this: Vec<3>, other: Vec<3>): Vec<3>;
  cross(other: Vec): Expr | Vec {
    requireLength("cross", other, this.length);
    const minor = (i: number, j: number) =>
      this.at(i)
        .mul(other.at(j))
        .sub(this.at(j).mul(other.at(i)));
    if (this.length === 2) return minor(0, 1);
    if (this.length === 3) return new Vec([minor(1, 2), minor(2, 0), minor(0, 1)]);
    return misuse("Vec.cross", "this", `of length ${this.length}`, "length 2 or 3");
  }

  /** @internal */
  selected(condition: Condition, no: Vec<N>): Vec<N> {
    requireLength("select", no, this.length);
    return new Vec(this.entries.map((entry, i) => select(condition, entry, no.at(i))));
  }

  /** @internal */
  [Symbol.toPrimitive](): never {
    return misuse(
      "Vec",
      "an operand",
      "a vector used with JavaScript's own + - * /, or in a string",
      "a method of Vec",
      "Write a.add(b), a.sub(b), a.scale(2), a.dot(b).",
    );
  }
}

function requireLength(method: string, other: unknown, length: number): void {
  if (!(other instanceof Vec)) misuse(`Vec.${method}`, "other", describe(other), `a Vec of length ${length}`);
  if (other.length !== length)
    misuse(`Vec.${method}`, "other", `of length ${other.length}`, `length ${length}, that of the first`);
}

/** A vector of the given entries: `vector(x, y.mul(2), 1)`. */
export function vector<const T extends readonly Operand[]>(...entries: T): Vec<T["length"]> {
  if (entries.length === 0) misuse("vector", "entries", "none", "at least one Expr or number");
  return new Vec(entries.map((entry, i) => toExpr("vector", `entries[${i}]`, entry)));
}
