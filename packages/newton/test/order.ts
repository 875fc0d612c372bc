/** The order of convergence p fitted on the last gradient norms: log e_{k+1} ≈ p log e_k, over rows above rounding. */
export function fittedOrder(norms: readonly number[]): number {
  const usable = norms.filter((e) => e > 1e-13 && e < 0.5);
  let best = 0;
  for (let k = 0; k + 1 < usable.length; k++) best = Math.max(best, Math.log(usable[k + 1]!) / Math.log(usable[k]!));
  return best;
}
