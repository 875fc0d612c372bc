declare module "cholesky-solve" {
  /** Factors the symmetric matrix with upper entries [i, j, value] in the given order; answers a function that solves. */
  export function prepare(
    entries: readonly (readonly [number, number, number])[],
    n: number,
    order?: readonly number[],
  ): (b: readonly number[]) => number[];
}
