// The mean of covariance matrices in their own geometry: the Karcher mean, the matrix whose summed squared distance
// to the given ones is least. Here the distance is the affine-invariant one of symmetric positive definite (SPD) matrices.
import { karcherMean, spdAffineInvariant } from "@hessia/manifold";

// Two long ellipses, one along x and one along y: 2 × 2 matrices, row by row.
const along = Float64Array.of(16, 0, 0, 1);
const across = Float64Array.of(1, 0, 0, 16);

const { reason, x } = karcherMean(spdAffineInvariant(2), [along, across]);
console.log(`${reason.kind}: ${Array.from(x, (value) => value.toFixed(3)).join(" ")}`);
// The plain average is 8.5 0 0 8.5, an ellipse of twice their area; this mean keeps the area.

// Prints:
//   converged: 4.000 0.000 0.000 4.000
