// Symmetric Dirichlet on a grid of 100,352 triangles: compiled terms against derivatives by hand in this run, and against TinyAD's published times.
import { clock, proportionClaim } from "../../figures.js";
import { jaxDirichlet } from "../../peers/jax-js.js";
import { dirichletInput } from "../../problems/mesh/inputs.js";
import type { Claim } from "../../row.js";
import { assemble, stretchedGrid, valueGradientHessian } from "../../yardsticks/symmetric-dirichlet.js";
import { claim, duration, type Part } from "../parts.js";
import { agreementClaim, hand, type MeshContext, mine, passes, passTable, passTimes } from "./part.js";
import { byHandBothHalves, tinyad, triangles } from "./published.js";

const projected = "hessia, each term clamped";
/** Unknowns at full size. */
const fullSize = 2 * 225 * 225;
const jaxJs = "jax-js, WebAssembly, float32, a triangle at a time";
const jaxAssembled = "jax-js, gathered and assembled around it";
const bothHalves = "by hand, both halves";

export async function dirichletFigures(context: MeshContext): Promise<Part> {
  const { quick, signal } = context;
  const leftOut: string[] = [];
  if (signal.aborted) return { claims: [], leftOut };
  const cells = quick ? 40 : 224;
  const input = dirichletInput(cells);
  const { convex, y } = input;
  const H = convex.newHessian();
  const H0 = input.problem.newHessian();
  const g = y.slice();
  const plane = stretchedGrid(cells);
  const full = assemble(plane, "full");
  const jax = await jaxDirichlet(plane);
  if ("reason" in jax) leftOut.push(`jax-js doesn't start here, its figure is left out: ${jax.reason}`);
  const jaxHessian = assemble(plane, "lower");
  const jaxGradient = y.slice();
  const times = await passTimes(input, quick ? 3 : 15, context, {
    ...("reason" in jax ? {} : { "value, gradient": { [jaxJs]: jax.gradient } }),
    "value, gradient, Hessian": {
      ...("reason" in jax ? {} : { [jaxJs]: jax.hessian, [jaxAssembled]: jax.assembled(y, jaxGradient, jaxHessian) }),
      [projected]: clock(() => convex.valueGradientHessianInto(g, H, y)),
      [bothHalves]: clock(() => valueGradientHessian(plane, full, g, y)),
    },
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
  // The published times are of a quiet machine: that of the version by hand, then and now, says how much of ours is other work's.
  const slower =
    (of("value, gradient, Hessian", bothHalves) ?? Number.NaN) / (byHandBothHalves * (y.length / fullSize));
  const published = (id: string, what: string, theirs: number, ms: number | null | undefined, least: number | null) => {
    const statement = `${input.name}, ${what}: TinyAD's published time (${triangles.toLocaleString("en")} triangles, one thread, a quiet machine) over ours, times that of the version by hand now over then`;
    const goal = least === null || quick ? "reported" : `≥ ${least} ×`;
    if (ms == null || Number.isNaN(slower)) return claim(id, statement, goal, null, false);
    // Of another size the times of an unknown are compared.
    const raw = (theirs * (y.length / fullSize)) / ms;
    const measured = `${(raw * slower).toFixed(1)} × (${raw.toFixed(1)} × by the clock: ${theirs} ms at full size against ${duration(ms)}; the version by hand takes ${slower.toFixed(2)} × its time of then)`;
    return claim(id, statement, goal, measured, quick || raw * slower >= (least ?? 0));
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
  const { ratio, value } = await jaxFigures();
  claims.push(
    claim(
      "jax-js",
      `${input.name}, value, gradient, Hessian: time of jax-js (float32), gathered and assembled around it by a fixed map, over ours (float64)`,
      quick ? "reported" : "≥ 20 ×",
      ratio === undefined ? null : `${ratio.toFixed(1)} ×, ${value}`,
      quick || (ratio ?? 0) >= 20,
    ),
  );
  async function jaxFigures(): Promise<{ ratio: number | undefined; value: string }> {
    const theirs = of("value, gradient, Hessian", jaxAssembled);
    const alone = of("value, gradient, Hessian", jaxJs);
    const ours = of("value, gradient, Hessian", mine);
    if ("reason" in jax || theirs == null || alone == null || ours == null) return { ratio: undefined, value: "" };
    const energy = input.problem.value(y);
    const off = Math.abs((await jax.value()) - energy) / Math.abs(energy);
    input.problem.valueGradientHessianInto(g, H0, y);
    const entry = H0.values.reduce((most, value, p) => Math.max(most, Math.abs(value - jaxHessian.values[p]!)), 0);
    const largest = H0.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const differ = `energies differ by ${off.toExponential(0)}, Hessians by ${(entry / largest).toExponential(0)} of them`;
    return { ratio: theirs / ours, value: `${(alone / ours).toFixed(1)} × without gathering and assembly; ${differ}` };
  }
  const note =
    "Lower Hessians; one thread. By hand: plain JavaScript, derivatives worked out in the entries of J, a fixed map into the matrix.";
  return { claims, tables: [passTable("dirichlet", "Symmetric Dirichlet", [[input.name, times]], note)], leftOut };
}
