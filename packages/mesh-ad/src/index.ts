export { type Cloth, type ClothOptions, cloth } from "./applications/cloth.js";
export { type Deformation, type DeformationOptions, deformation, rigidMotion } from "./applications/deformation.js";
export { type NeoHookean, type NeoHookeanOptions, neoHookean } from "./applications/neo-hookean.js";
export { type ParameterizationOptions, parameterization } from "./applications/parameterization.js";
export { type SmoothingOptions, smoothing } from "./applications/smoothing.js";
export { type SphericalOptions, sphericalParameterization } from "./applications/spherical-parameterization.js";
export { infiniteUnless } from "./function/barrier.js";
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
export { type MeshOptions, removeIsolated, triangleMesh, withPositions } from "./mesh/triangle-mesh.js";
export {
  cornerAngles,
  dihedralAngles,
  edgeLengths,
  faceAreas,
  faceNormals,
  vertexNormals,
} from "./operators/geometry.js";
export { type HeatGeodesics, type HeatOptions, heatGeodesics } from "./operators/heat-geodesics.js";
export { cotangentLaplacian, type MassOptions, massMatrix, vertexAreas } from "./operators/laplacian.js";
export { flippedTriangles, type LargestStep, largestStep } from "./operators/largest-step.js";
export {
  type TetrahedronRest,
  type TriangleRest,
  tetrahedronRest,
  triangleRest,
} from "./operators/rest-shape.js";
export { tutteEmbedding } from "./operators/tutte-embedding.js";
