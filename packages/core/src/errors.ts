/** Base class of every error that Hessia throws on purpose. Numerical outcomes are returned, never thrown. */
export class HessiaError extends Error {
  override name = "HessiaError";
}

/** What an {@link ArgumentError} names: which routine, which argument, what was given, what was wanted. */
export interface ArgumentFault {
  readonly routine: string;
  readonly argument: string;
  readonly given: string;
  readonly wanted: string;
  /** What to try instead, when that isn't plain from `wanted`. */
  readonly hint?: string;
}

/** Misuse: an argument has the wrong shape, type, range or content. */
export class ArgumentError extends HessiaError implements ArgumentFault {
  override name = "ArgumentError";
  readonly routine: string;
  readonly argument: string;
  readonly given: string;
  readonly wanted: string;
  declare readonly hint?: string;

  constructor(fault: ArgumentFault) {
    super(
      `${fault.routine}: argument \`${fault.argument}\` is ${fault.given}; wanted ${fault.wanted}.` +
        (fault.hint === undefined ? "" : ` ${fault.hint}`),
    );
    this.routine = fault.routine;
    this.argument = fault.argument;
    this.given = fault.given;
    this.wanted = fault.wanted;
    if (fault.hint !== undefined) this.hint = fault.hint;
  }
}

/** Throws an {@link ArgumentError}; for use in expressions: `n > 0 || misuse("solve", "n", "0", "a positive integer")`. */
export function misuse(routine: string, argument: string, given: string, wanted: string, hint?: string): never {
  throw new ArgumentError({ routine, argument, given, wanted, ...(hint === undefined ? {} : { hint }) });
}

/** Checks that `v` is a Float64Array of length `n` with finite entries. Throws {@link ArgumentError}. */
export function requireFiniteVector(routine: string, argument: string, v: Float64Array, n = v.length): void {
  if (!(v instanceof Float64Array)) misuse(routine, argument, describe(v), `a Float64Array of length ${n}`);
  if (v.length !== n) misuse(routine, argument, `of length ${v.length}`, `length ${n}`);
  for (let i = 0; i < n; i++) {
    if (!Number.isFinite(v[i]!)) misuse(routine, argument, `${v[i]} at index ${i}`, "finite numbers");
  }
}

/** Checks that no key of `options` is outside `known`. Throws {@link ArgumentError} naming the unknown option, and the one that may be meant. */
export function requireKnownOptions(routine: string, options: object, known: readonly string[]): void {
  if (options === null || typeof options !== "object" || Array.isArray(options))
    misuse(routine, "options", describe(options), `an object with ${known.join(", ")}`);
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const meant = likely(key, known);
    const hint = meant === undefined ? undefined : `Did you mean \`${meant}\`?`;
    misuse(routine, `options.${key}`, "not an option", `one of ${known.join(", ")}`, hint);
  }
}

/** What other libraries call an option. */
const otherNames: Readonly<Record<string, string>> = {
  epsilon: "regularization",
  eps: "regularization",
  callback: "observers",
  callbacks: "observers",
  iterations: "maxIterations",
};

/** The one of `known` that `key` begins or that begins it, or that is at most two letters off. */
function likely(key: string, known: readonly string[]): string | undefined {
  const other = otherNames[key.toLowerCase()];
  if (other !== undefined && known.includes(other)) return other;
  const small = key.toLowerCase();
  const begins = (a: string, b: string) => b.length >= 3 && a.startsWith(b);
  return (
    known.find((name) => begins(name.toLowerCase(), small) || begins(small, name.toLowerCase())) ??
    known.find((name) => distance(name.toLowerCase(), small) <= Math.min(2, small.length >> 1))
  );
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row.at(-1)!;
}

/** Checks that a number lies in [low, high] (or is an integer there). Throws {@link ArgumentError}. */
export function requireNumber(
  routine: string,
  argument: string,
  value: number,
  {
    above,
    atLeast,
    below,
    atMost,
    integer = false,
  }: {
    above?: number;
    atLeast?: number;
    below?: number;
    atMost?: number;
    integer?: boolean;
  },
): void {
  const good =
    typeof value === "number" &&
    !Number.isNaN(value) &&
    (above === undefined || value > above) &&
    (atLeast === undefined || value >= atLeast) &&
    (below === undefined || value < below) &&
    (atMost === undefined || value <= atMost) &&
    (!integer || Number.isInteger(value));
  if (good) return;
  const range = [
    above !== undefined && `> ${above}`,
    atLeast !== undefined && `>= ${atLeast}`,
    below !== undefined && `< ${below}`,
    atMost !== undefined && `<= ${atMost}`,
  ].filter((part) => part !== false);
  misuse(routine, argument, describe(value), `${integer ? "an integer" : "a number"} ${range.join(" and ")}`.trim());
}

/** Checks that a value is one of a few. Throws {@link ArgumentError} naming them. */
export function requireOneOf<T extends string | boolean>(
  routine: string,
  argument: string,
  value: T,
  choices: readonly T[],
): void {
  if (!choices.includes(value))
    misuse(routine, argument, describe(value), `one of ${choices.map((choice) => describe(choice)).join(", ")}`);
}

/** A short description of any value for an error text. */
export function describe(value: unknown): string {
  if (typeof value === "number" || typeof value === "boolean" || value === null || value === undefined)
    return String(value);
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === "function") return "a function";
  const name = (value as object).constructor?.name ?? "object";
  const length = (value as { length?: unknown }).length;
  const article = /^[AEIO]/i.test(name) ? "an" : "a";
  return typeof length === "number" ? `${article} ${name} of length ${length}` : `${article} ${name}`;
}

/**
 * The user's own function threw while a solver was running. `cause` is what it threw;
 * `partial` is the result so far (best point, counts, state), so that nothing is lost.
 */
export class EvaluationError extends HessiaError {
  override name = "EvaluationError";
  readonly capability: string;
  /** The partial result, a `Result`, when the error passed through `solve` or `solveAsync`. */
  partial: unknown = undefined;

  constructor(capability: string, evaluation: number, cause: unknown) {
    super(
      `the problem's \`${capability}\` threw at evaluation ${evaluation}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
    this.capability = capability;
  }
}
