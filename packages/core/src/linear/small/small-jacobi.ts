// What Jacobi's rotations of small matrices are told, by whichever kernel.

/** Sweeps until it counts as not converged: not seen in practice (six to eight are the rule). */
export const jacobiSweeps = 40;
/** |a_pq| counts as zero up to these multiples of min(|a_pp|, |a_qq|), and of the scaled matrix's size. */
export const relativeThreshold = 2 ** -53;
export const absoluteThreshold = 2 ** -120;
/** The latter for projections, which need small eigenvalues to the size of the matrix only: rank-deficient matrices would have their rounding diagonalized. */
export const projectionThreshold = 2 ** -54;
/** Squares of columns below it count as zero. */
export const negligibleSquare = 2 ** -800;
/** A pair of columns is orthogonal when (gₚ·g_q)² ≤ this ‖gₚ‖²‖g_q‖². */
export const orthogonality = 2 ** -102;

/** The power of two below the size of a number, 2⁻¹⁰²² at least: dividing by it doesn't round normal numbers. */
export function unitOf(size: number): number {
  view.setFloat64(0, size);
  view.setUint32(0, view.getUint32(0) & 0x7ff00000);
  view.setUint32(4, 0);
  return Math.max(2 ** -1022, view.getFloat64(0));
}
const view = new DataView(new ArrayBuffer(8));
