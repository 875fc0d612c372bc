// Fit a curve to measurements: y ≈ a (1 − exp(−b t)). The data are NIST's BoxBOD: the oxygen used up after t days.
import { fit } from "@hessia/newton";

const t = [1, 2, 3, 5, 7, 10];
const y = [109, 149, 149, 191, 213, 224];
const { reason, parameters, standardErrors } = fit(
  ([a, b], [t]) => a.mul(b.mul(t).neg().exp().neg().add(1)), // the model, once; its derivatives are found
  { t, y },
  [100, 0.75], // where to begin
);
console.log(reason.kind);
console.log("a, b =", Array.from(parameters, (value) => value.toFixed(4)).join(", "));
console.log("   ±  ", Array.from(standardErrors, (value) => value.toFixed(4)).join(", "));

// Prints:
//   converged
//   a, b = 213.8094, 0.5472
//      ±   12.3545, 0.1046
