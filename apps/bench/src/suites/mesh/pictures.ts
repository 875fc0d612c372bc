// Pictures of meshes: a parameterization as its layout in the plane, coloured by the distortion of each triangle, and the disk that it comes from.
import { setImmediate } from "node:timers/promises";
import { type TriangleMesh, triangleRest } from "@hessia/mesh-ad";
import { diskMesh } from "../../problems/mesh/inputs.js";
import { meshesSvg, seen } from "../../report/meshes.js";
import type { Claim } from "../../row.js";
import { claim, type Part } from "../parts.js";
import { hill } from "./parameterization.js";
import { front, parameterize, prepare } from "./parameterize.js";
import type { MeshContext } from "./part.js";

export async function pictureFigures({ quick, signal, say }: MeshContext): Promise<Part> {
  const pictures: { id: string; title: string; svg: string }[] = [];
  const claims: Claim[] = [];
  const hand = diskMesh("hand_lowres");
  const leftOut = hand === undefined ? ["hand_lowres.obj isn't in ../shared/data/meshes: its picture is left out"] : [];
  for (const [id, mesh] of [
    ["hill", hill(quick ? 12 : 40)],
    ["hand", hand],
  ] as const) {
    if (mesh === undefined || (quick && id === "hand")) continue;
    await setImmediate();
    if (signal.aborted) return { claims: [], pictures };
    say(`layout of ${id}`);
    const disk = { name: id, mesh, tolerance: 1e-8 };
    const problems = prepare(disk);
    const { clamp } = problems;
    const before = clamp.extend(clamp.start);
    const { uv, flipped } = await parameterize(disk, problems, front, 10_000);
    pictures.push({
      id: `layout-${id}`,
      title: `Parameterization: ${id}`,
      svg: meshesSvg(`Symmetric Dirichlet: ${id}, ${mesh.faceCount} triangles`, [
        { caption: "in space", ...seen(mesh) },
        { caption: "Tutte's embedding, scaled", points: before, faces: mesh.faces, values: distortion(mesh, before) },
        {
          caption: `least distortion, ${flipped} flipped`,
          points: uv,
          faces: mesh.faces,
          values: distortion(mesh, uv),
        },
      ]),
    });
    claims.push(
      claim(`picture-${id}`, `layout of ${id} drawn, triangles flipped`, "0", String(flipped), flipped === 0),
    );
  }
  return { claims, pictures, leftOut };
}

/** (‖J‖² + ‖J⁻¹‖²) / 4 of each triangle, 1 where it is an isometry. */
export function distortion(mesh: TriangleMesh, uv: Float64Array): Float64Array {
  const { inverse: R } = triangleRest(mesh);
  return Float64Array.from({ length: mesh.faceCount }, (_, f) => {
    const [a, b, c] = [0, 1, 2].map((k) => 2 * mesh.faces[3 * f + k]!) as [number, number, number];
    const row = (i: number) => {
      const [e, g] = [uv[b + i]! - uv[a + i]!, uv[c + i]! - uv[a + i]!];
      return [e * R[4 * f]! + g * R[4 * f + 2]!, e * R[4 * f + 1]! + g * R[4 * f + 3]!] as const;
    };
    const [p, q] = [row(0), row(1)];
    const size = p[0] ** 2 + p[1] ** 2 + q[0] ** 2 + q[1] ** 2;
    return (size / 4) * (1 + 1 / (p[0] * q[1] - p[1] * q[0]) ** 2);
  });
}
