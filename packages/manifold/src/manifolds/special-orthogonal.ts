// The rotations SO(n) = {X ∈ ℝⁿˣⁿ : XᵀX = I, det X = 1} with tr(UᵀV): for n = 3 twice the square of the angle is the squared distance from I.
//
// Edelman, Arias, Smith 1998, "The geometry of algorithms with orthogonality constraints", SIAM J. Matrix Anal. Appl. 20(2). Everything is in support/rotation-group.ts; the logarithm
// keeps its digits for angles up to 180°, where it ends (support/rotation-log.ts).
import { type RotationGroup, type RotationOptions, rotationGroup } from "../support/rotation-group.js";

/**
 * Rotations of ℝⁿ, dimension n(n − 1)/2. Points with determinant −1 are refused.
 * @throws ArgumentError when n isn't an integer ≥ 1 or an option isn't known.
 */
export const specialOrthogonal = (n: number, options: RotationOptions = {}): RotationGroup =>
  rotationGroup("specialOrthogonal", n, true, options);
