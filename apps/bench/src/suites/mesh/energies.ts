// The other applications of Mahmoud et al. 2025 (cloth, smoothing, spherical parameterization): compiled terms against derivatives by hand.
import { proportionClaim } from "../../figures.js";
import { clothInput, smoothingInput, sphericalInput } from "../../problems/mesh/inputs.js";
import type { Claim } from "../../row.js";
import type { Part } from "../parts.js";
import { agreementClaim, hand, type MeshContext, mine, type PassTimes, passTable, passTimes } from "./part.js";

export async function energyFigures(context: MeshContext): Promise<Part> {
  const { quick, signal } = context;
  const claims: Claim[] = [];
  const groups: [string, PassTimes][] = [];
  for (const make of [
    () => clothInput(quick ? 20 : 200),
    () => smoothingInput(quick ? 3 : 6),
    () => sphericalInput(quick ? 3 : 6),
  ]) {
    if (signal.aborted) break;
    const input = make();
    const times = await passTimes(input, quick ? 3 : 11, context);
    if (signal.aborted) break;
    groups.push([input.name, times]);
    claims.push(agreementClaim(input));
    for (const pass of ["value, gradient", "value, gradient, Hessian", "Hessian-vector product"] as const) {
      const all = times.get(pass);
      const id = `${input.id}-${pass.replaceAll(/\W+/g, "-").toLowerCase()}`;
      const ratio = proportionClaim(
        id,
        `${input.name}, ${pass}: time over that by hand`,
        all?.[mine],
        all?.[hand],
        1.2,
      );
      claims.push(quick ? { ...ratio, goal: "reported", holds: true } : ratio);
    }
  }
  return { claims, tables: [passTable("energies", "Energies, compiled and by hand", groups)] };
}
