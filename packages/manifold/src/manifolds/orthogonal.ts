// The orthogonal group O(n) = {X ∈ ℝⁿˣⁿ : XᵀX = I}, both components, with tr(UᵀV).
//
// Edelman, Arias, Smith 1998, "The geometry of algorithms with orthogonality constraints", SIAM J. Matrix Anal. Appl. 20(2). A curve stays in its component: a method that starts at a
// rotation ends at one. Everything is in support/rotation-group.ts.
import { type RotationGroup, type RotationOptions, rotationGroup } from "../support/rotation-group.js";

/**
 * Orthogonal n × n matrices, dimension n(n − 1)/2. The logarithm exists within a component, up to rotations by 180°.
 * @throws ArgumentError when n isn't an integer ≥ 1 or an option isn't known.
 */
export const orthogonal = (n: number, options: RotationOptions = {}): RotationGroup =>
  rotationGroup("orthogonal", n, false, options);
