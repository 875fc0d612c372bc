// Symmetric Dirichlet on a grid of 100,352 triangles: compiled terms against derivatives by hand in this run, and against TinyAD's published times.
import { clock, proportionClaim } from "../../figures.js";
import { dirichletInput } from "../../problems/mesh/inputs.js";
import type { Claim } from "../../row.js";
import { claim, duration, type Part } from "../parts.js";
import { agreementClaim, hand, type MeshContext, mine, passes, passTable, passTimes } from "./part.js";
import { tinyad, triangles } from "./published.js";

const projected = "hessia, each term clamped";

export async function dirichletFigures(context: MeshContext): Promise<Part> {
  const { quick, signal } = context;
  const leftOut = ["jax-js isn't among the benchmark's packages: its figure is left out"];
  if (signal.aborted) return { claims: [], leftOut };
  const input = dirichletInput(quick ? 40 : 224);
  const { convex, y } = input;
  const H = convex.newHessian();
  const g = y.slice();
  const times = await passTimes(input, quick ? 3 : 15, context, {
    "value, gradient, Hessian": { [projected]: clock(() => convex.valueGradientHessianInto(g, H, y)) },
  });
  if (signal.aborted) return { claims: [], leftOut };
  const of = (pass: (typeof passes)[number], who: string) => times.get(pass)?.[who];
  const claims: Claim[] = [agreementClaim(input)];
  for (const [k, pass] of passes.entries()) {
    const judged = pass === "value, gradient, Hessian" && !quick;
    const ratio = proportionClaim(
      `dirichlet-by-hand-${k}`,
      `${input.name}, ${pass}: time over that by hand`,
      of(pass, mine),
      of(pass, hand),
      1.3,
    );
    claims.push(judged ? ratio : { ...ratio, goal: "reported", holds: true });
  }
  const published = (id: string, what: string, theirs: number, ms: number | null | undefined, least: number | null) => {
    const statement = `${input.name}, ${what}: TinyAD's published time (${triangles.toLocaleString("en")} triangles, one thread) over ours`;
    const goal = least === null || quick ? "reported" : `≥ ${least} ×`;
    if (ms == null) return claim(id, statement, goal, null, false);
    // Of another size the times of a triangle are compared.
    const ratio = theirs / ((ms * triangles) / (input.problem.structure.blocks[0]!.terms || triangles));
    return claim(
      id,
      statement,
      goal,
      `${ratio.toFixed(1)} × (${theirs} ms against ${duration(ms)})`,
      quick || ratio >= (least ?? 0),
    );
  };
  claims.push(
    published("tinyad-value", "value", tinyad.value, of("value", mine), null),
    published("tinyad-gradient", "value, gradient", tinyad.gradient, of("value, gradient", mine), null),
    published("tinyad-hessian", "value, gradient, Hessian", tinyad.hessian, of("value, gradient, Hessian", mine), 20),
    published(
      "tinyad-projected",
      "value, gradient, Hessian, each term clamped",
      tinyad.projected,
      of("value, gradient, Hessian", projected),
      8,
    ),
  );
  const note =
    "Lower Hessians; one thread. By hand: plain JavaScript, derivatives worked out in the entries of J, a fixed map into the matrix.";
  return { claims, tables: [passTable("dirichlet", "Symmetric Dirichlet", [[input.name, times]], note)], leftOut };
}
