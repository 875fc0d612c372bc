// Choose a hyperparameter by its derivative: the ridge penalty of a linear fit to few noisy points for which the fit
// predicts other points best. A bilevel problem: the outer one chooses the penalty, the inner one fits.
import { minimize, ridgeSelection } from "@hessia/bilevel";

const count = 42;
const features = Array.from({ length: count }, (_, i) => [1, 2, 3, 4, 5].map((k) => Math.sin(k * k * (i + 1))));
const targets = Array.from({ length: count }, (_, i) => Math.sin(i + 1) - Math.sin(4 * (i + 1)) + Math.cos(37 * i));
const training = { features: features.slice(0, 12), targets: targets.slice(0, 12) };
const validation = { features: features.slice(12), targets: targets.slice(12) };

// x: the logarithm of the penalty; y: the weights of the fit.
const start = { x: [0], y: [0, 0, 0, 0, 0] };
const { reason, x, y, upperValue } = minimize(ridgeSelection(training, validation), start);
console.log(`${reason.kind}: validation loss ${upperValue.toFixed(4)}`);
console.log("penalty", Array.from(x, (value) => Math.exp(value).toFixed(3)).join());
console.log("weights", Array.from(y, (value) => value.toFixed(2)).join(" "));

// Prints:
//   converged: validation loss 0.2873
//   penalty 0.161
//   weights 1.01 -0.76 -0.04 -0.02 -0.17
