export { type Domain, type ElementKind, type PointSet, pointSet, type Tuples } from "./function/elements.js";
export type { ElementFault, MeshProblem, ProblemOptions } from "./function/mesh-problem.js";
export type {
  ElementData,
  ElementValues,
  Parameters,
  SymbolicData,
  VertexData,
  VertexValues,
} from "./function/passive.js";
export type { Equation } from "./function/reduce.js";
export {
  type Element,
  type FunctionOptions,
  type ScalarFunction,
  type SetOptions,
  type Star,
  scalarFunction,
  type TermResult,
} from "./function/scalar-function.js";
export { rotation, type Unknowns, unitSphere } from "./function/unknowns.js";
export type { ReadOptions } from "./io/finish.js";
export { MeshFileError } from "./io/lines.js";
export { readObj, writeObj } from "./io/obj.js";
export { readOff, writeOff } from "./io/off.js";
export { readPly, type WritePlyOptions, writePly } from "./io/ply.js";
export { readStl, type WriteStlOptions, writeStl } from "./io/stl.js";
export { type Corners, nextCorner, previousCorner } from "./mesh/corners.js";
export { boxOfTetrahedra, cylinderMesh, type GridOptions, gridMesh, icosphere } from "./mesh/generate.js";
export type { Cells, Mesh, Positions, TetrahedralMesh, TriangleMesh } from "./mesh/mesh.js";
export { boundarySurface, tetrahedralMesh, tetrahedronVolumes } from "./mesh/tetrahedral-mesh.js";
export {
  boundaryLoops,
  checkMesh,
  components,
  eulerCharacteristic,
  hinges,
  type MeshReport,
  requireManifold,
  type VertexStar,
  vertexStars,
} from "./mesh/topology.js";
export { type MeshOptions, triangleMesh, withPositions } from "./mesh/triangle-mesh.js";
