/** The radius rule of Conn, Gould, Toint, "Trust-Region Methods" (2000), Algorithm 6.1.1 with the constants of §17.1. */
export const trustRadiusDefaults = {
  /** Accept the step when ρ ≥ accept. */
  accept: 1e-4,
  /** Below it the radius shrinks. */
  shrinkBelow: 0.25,
  /** Above it the radius may grow. */
  growAbove: 0.75,
  shrink: 0.25,
  grow: 2.5,
  maximum: 1e20,
} as const;

/** The next radius: shrinks to a fraction of the step that failed, grows only when a good step reached the boundary. */
export function nextRadius(radius: number, ratio: number, stepNorm: number): number {
  const { shrinkBelow, growAbove, shrink, grow, maximum } = trustRadiusDefaults;
  if (!(ratio >= shrinkBelow)) return shrink * Math.min(radius, stepNorm);
  if (ratio >= growAbove) return Math.min(maximum, Math.max(radius, grow * stepNorm));
  return radius;
}
