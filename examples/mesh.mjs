// Lay a surface flat with as little distortion as may be, no triangle turned over, and draw it: writes flat.svg.
import { writeFileSync } from "node:fs";
import { flippedTriangles, gridMesh, parameterization, withPositions } from "@hessia/mesh-ad";
import { minimize } from "@hessia/newton";

// A hill over a square; readObj, readOff, readPly and readStl give meshes from files.
const n = 30;
const positions = Array.from({ length: (n + 1) ** 2 }, (_, v) => {
  const [x, y] = [(v % (n + 1)) / n - 0.5, Math.floor(v / (n + 1)) / n - 0.5];
  return [x, y, 0.8 * Math.exp(-12 * (x * x + y * y))];
});
const mesh = withPositions(gridMesh(n), positions);

const problem = parameterization(mesh);
const { reason, x, value } = minimize(problem, problem.start);
const flat = problem.extend(x); // x and y of every vertex in the plane
console.log(`${reason.kind}: ${mesh.faceCount} triangles, ${flippedTriangles(mesh, flat).length} turned over`);
console.log(`distortion ${value.toFixed(4)}, where 1 is none`);

const low = Math.min(...flat);
const size = Math.max(...flat) - low;
const polygons = Array.from({ length: mesh.faceCount }, (_, f) => {
  const corners = Array.from(mesh.faces.subarray(3 * f, 3 * f + 3), (v) => flat.subarray(2 * v, 2 * v + 2).join());
  return `<polygon points="${corners.join(" ")}"/>`;
});
writeFileSync(
  "flat.svg",
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${low} ${low} ${size} ${size}" fill="#cfe0f3" stroke="#2267a8"
  stroke-width="0.003">${polygons.join("\n")}</svg>`,
);

// Prints:
//   converged: 1800 triangles, 0 turned over
//   distortion 1.1516, where 1 is none
