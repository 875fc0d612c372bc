// Move one histogram into another at the least cost: optimal transport.
import { exactTransport, transport } from "@hessia/sinkhorn";

const places = [0, 1, 2, 3, 4];
const cost = places.map((from) => places.map((to) => (from - to) ** 2)); // of a unit of mass, from place to place
const source = [6, 3, 1, 0, 0];
const target = [0, 1, 2, 4, 3];

// The plan is blurred a little (entropic regularization), which makes it quick and smooth: the smaller, the sharper.
// `normalize` scales both histograms to sum 1; without it they must have the same sum.
const blurred = transport({ source, target, cost, normalize: true, regularization: 0.5 });
console.log(`${blurred.reason.kind}: cost ${blurred.cost.toFixed(4)}`);
for (const from of [0, 1, 2]) {
  const row = blurred.plan.data.subarray(5 * from, 5 * from + 5);
  console.log(`from ${from}: ${Array.from(row, (mass) => mass.toFixed(3)).join("  ")}`);
}

const exact = exactTransport({ source, target, cost, normalize: true });
console.log(`not blurred: cost ${exact.cost.toFixed(4)}`);

// Prints:
//   converged: cost 6.2238
//   from 0: 0.000  0.100  0.199  0.292  0.010
//   from 1: 0.000  0.000  0.001  0.107  0.191
//   from 2: 0.000  0.000  0.000  0.001  0.099
//   not blurred: cost 6.2000
