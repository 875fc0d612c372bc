// Which method for which problem: the one table behind the page "How to choose a method". The page's lists are made from it (test/choose.test.ts keeps them equal), and so are the answers of its questions.

export const constraints = {
  none: "nothing: every x will do",
  bounds: "bounds l ≤ x ≤ u",
  equations: "equations F(x) = 0 are to be solved",
  manifold: "a manifold: unit vectors, rotations, frames, low rank, SPD matrices",
  bilevel: "another problem inside: hyperparameters, games",
  transport: "mass is moved: plans between distributions",
  mesh: "positions of a mesh",
} as const;
export type Constraint = keyof typeof constraints;

export const have = {
  value: "its value only",
  gradient: "value and gradient",
  products: "products ∇²f(x) v too (Hessian times vector)",
  dense: "a dense Hessian",
  sparse: "a sparse Hessian",
  residuals: "residuals with their Jacobian: a fit",
  terms: "a formula: small terms, or text",
} as const;
export type Have = keyof typeof have;

export const sizes = {
  small: "up to 200",
  medium: "200 to a few thousand",
  large: "to about 10⁵",
  huge: "more",
} as const;
export type Size = keyof typeof sizes;

export const shapes = {
  convex: "convex",
  near: "nearly convex, or started near its minimum",
  any: "neither, or not known",
} as const;
export type Shape = keyof typeof shapes;

/** What is asked besides, where the general questions don't tell enough. */
export const kinds: Partial<Record<Constraint, { readonly text: string; readonly answers: Record<string, string> }>> = {
  none: {
    text: "Fits: what about the residuals?",
    answers: {
      small: "small at the solution",
      large: "they stay large",
      fewer: "fewer than variables",
      outliers: "some are outliers",
    },
  },
  manifold: {
    text: "What is sought?",
    answers: {
      mean: "a mean or median of points",
      function: "the minimum of a function",
      agents: "the same, by agents on a network",
    },
  },
  bilevel: {
    text: "What is the lower level like?",
    answers: {
      strong: "strongly convex, free or under linear equations, second derivatives",
      set: "y in a set that is easily projected onto, nothing else",
      projected: "constraints on x and y together that are easily projected onto",
      constrained: "constraints g(x, y) ≤ 0",
      first: "strongly convex and free, gradients only",
    },
  },
  transport: {
    text: "What is to be found?",
    answers: {
      blurred: "a blurred (entropic) plan",
      grid: "the same, between images or other grids",
      many: "many plans with one cost",
      exact: "the exact plan",
      pairs: "exact pairs, equal weights",
      line: "plans on the line",
      sparse: "a sparse plan, at moderate regularization",
      gaussians: "plans between Gaussians",
      loss: "a distance between samples, with gradients",
    },
  },
  mesh: {
    text: "What is to be done?",
    answers: {
      flat: "lay it flat",
      deform: "deform it by handles",
      smooth: "smooth it",
      cloth: "move cloth",
      solid: "deform a solid",
      own: "an energy of my own",
    },
  },
};

interface Page {
  /** What is imported. */
  readonly name: string;
  readonly from: string;
  /** The page, from docs/. */
  readonly page: string;
}
const newton = (name: string, page: string): Page => ({ name, from: "@hessia/newton", page: `newton/${page}` });
const manifold = (name: string, page: string): Page => ({ name, from: "@hessia/manifold", page: `manifold/${page}` });
const bilevel = (name: string, page: string): Page => ({ name, from: "@hessia/bilevel", page: `bilevel/${page}` });
const sinkhorn = (name: string, page: string): Page => ({ name, from: "@hessia/sinkhorn", page: `sinkhorn/${page}` });
const mesh = (name: string, page: string): Page => ({ name, from: "@hessia/mesh-ad", page: `mesh-ad/${page}` });
const terms: Page = { name: "problemFromTerms", from: "@hessia/core/kernel", page: "kernel" };
const trustRegion = newton("trustRegion", "trust-region");
const lazyCubic = newton("lazyCubicNewton", "lazy-cubic-newton");
const arcqk = newton("arcqk", "arcqk");

/** The front door that chooses by itself. */
export const doors: Partial<Record<Constraint, Page>> = {
  none: newton("minimize", "minimize"),
  bounds: newton("minimize", "minimize"),
  manifold: manifold("minimize", "minimize"),
  bilevel: bilevel("minimize", "applications"),
  transport: sinkhorn("transport", "transport"),
  mesh: newton("minimize", "minimize"),
};

export interface Choice extends Page {
  readonly constraint: Constraint;
  /** What it can be used with; everything, where nothing is said. */
  readonly have?: readonly Have[];
  readonly size?: readonly Size[];
  readonly shape?: readonly Shape[];
  readonly kind?: readonly string[];
  /** 1: choose this; 2: its rival; 3: worth a look. */
  readonly rank: 1 | 2 | 3;
  readonly because: string;
}

const noDerivatives =
  "no method here works from values alone; write f as terms or text, and its first and second derivatives are found exactly";
const anySecond = ["products", "dense", "sparse", "terms"] as const;

export const choices: readonly Choice[] = [
  // Nothing holds x.
  { constraint: "none", have: ["value"], ...terms, rank: 1, because: noDerivatives },
  {
    constraint: "none",
    have: ["gradient"],
    ...newton("lbfgs", "lbfgs"),
    rank: 1,
    because:
      "learns curvature from gradients; moderate accuracy where the problem is ill-conditioned; can't tell a saddle point",
  },
  {
    constraint: "none",
    have: ["products"],
    ...arcqk,
    rank: 1,
    because: "no matrix is stored; cubic models for a grid of shifts from one Krylov space",
  },
  {
    constraint: "none",
    have: ["products"],
    ...newton("arc", "arc"),
    rank: 2,
    because: "its rival: one product a Lanczos vector, none for a repeated trial",
  },
  {
    constraint: "none",
    have: ["products"],
    ...trustRegion,
    rank: 3,
    because: 'with subproblem: "products": truncated conjugate gradients, the least memory',
  },
  {
    constraint: "none",
    have: ["dense"],
    size: ["small"],
    ...trustRegion,
    rank: 1,
    because: "the safe choice: the model is minimized exactly, and few points are evaluated",
  },
  {
    constraint: "none",
    have: ["dense"],
    size: ["medium"],
    ...lazyCubic,
    rank: 1,
    because: "one Hessian and one factorization serve many steps",
  },
  {
    constraint: "none",
    have: ["dense"],
    size: ["medium"],
    shape: ["convex"],
    ...newton("lazyRegularizedNewton", "lazy-regularized-newton"),
    rank: 2,
    because: "the same for convex functions: one linear system a step and no subproblem",
  },
  {
    constraint: "none",
    have: ["dense"],
    size: ["medium"],
    ...trustRegion,
    rank: 3,
    because: "fewest points, where evaluations are dearer than factorizations",
  },
  {
    constraint: "none",
    have: ["sparse", "terms"],
    size: ["small", "medium", "large"],
    ...trustRegion,
    rank: 1,
    because: "sparse factorizations are cheap while the factor stays sparse",
  },
  {
    constraint: "none",
    have: ["terms"],
    size: ["medium"],
    ...lazyCubic,
    rank: 2,
    because: "where the Hessian of the terms is dense",
  },
  {
    constraint: "none",
    have: ["dense", "sparse", "terms"],
    size: ["large", "huge"],
    ...arcqk,
    rank: 2,
    because: "where a factor would be too large: products with the Hessian instead",
  },
  {
    constraint: "none",
    have: ["dense", "sparse", "terms"],
    size: ["small", "medium", "large"],
    shape: ["convex", "near"],
    ...newton("newton", "newton"),
    rank: 2,
    because: "one factorization a step and no radius to learn",
  },
  {
    constraint: "none",
    have: ["sparse", "terms", "dense", "products"],
    size: ["huge"],
    ...newton("lbfgs", "lbfgs"),
    rank: 3,
    because: "where a single product with the Hessian is too dear",
  },
  {
    constraint: "none",
    have: ["residuals"],
    kind: ["small", "outliers"],
    ...newton("fit", "fit"),
    rank: 1,
    because: "from model and data straight to parameters with standard errors; outliers by a robust loss",
  },
  {
    constraint: "none",
    have: ["residuals"],
    kind: ["small", "outliers"],
    ...newton("levenbergMarquardt", "levenberg-marquardt"),
    rank: 2,
    because: "the method behind fit, for residuals of your own; doesn't depend on units",
  },
  {
    constraint: "none",
    have: ["residuals"],
    size: ["small"],
    kind: ["large"],
    ...newton("nl2sol", "nl2sol"),
    rank: 1,
    because: "learns the part of the Hessian that the Jacobian doesn't tell: superlinear where the others are linear",
  },
  {
    constraint: "none",
    have: ["residuals"],
    kind: ["large"],
    ...newton("levenbergMarquardt", "levenberg-marquardt"),
    rank: 2,
    because: "linear convergence, but no dense matrix of n × n besides the Jacobian's",
  },
  {
    constraint: "none",
    have: ["residuals"],
    kind: ["fewer"],
    ...newton("gaussNewton", "gauss-newton"),
    rank: 1,
    because: "its systems are as large as the residuals are many; wants a good start",
  },

  // Bounds.
  { constraint: "bounds", have: ["value"], ...terms, rank: 1, because: noDerivatives },
  {
    constraint: "bounds",
    have: ["gradient"],
    ...newton("lbfgsb", "lbfgsb"),
    rank: 1,
    because: "gradients alone; moderate accuracy where the problem is ill-conditioned",
  },
  {
    constraint: "bounds",
    have: [...anySecond],
    ...newton("tron", "tron"),
    rank: 1,
    because: "Newton steps in the variables that are free, matrix or products: high accuracy",
  },
  {
    constraint: "bounds",
    have: [...anySecond],
    ...newton("lbfgsb", "lbfgsb"),
    rank: 2,
    because: "where many bounds must be left one by one, or second derivatives are dear",
  },
  {
    constraint: "bounds",
    have: ["residuals"],
    ...newton("scaledTrustRegion", "scaled-trust-region"),
    rank: 1,
    because: "where the residuals can be brought to zero between the bounds",
  },
  {
    constraint: "bounds",
    have: ["residuals"],
    ...newton("tron", "tron"),
    rank: 2,
    because: "where they can't: ½‖r‖² as terms, with its second derivatives",
  },

  // Systems.
  {
    constraint: "equations",
    have: ["value"],
    ...{ ...terms, name: "systemFromTerms" },
    rank: 1,
    because: "write F as terms: its Jacobian is found exactly",
  },
  {
    constraint: "equations",
    ...newton("scaledTrustRegion", "scaled-trust-region"),
    rank: 1,
    because: "F(x) = 0 with or without bounds; a minimum of ‖F‖ that is no solution is told",
  },
  {
    constraint: "equations",
    have: ["residuals", "terms"],
    ...newton("levenbergMarquardt", "levenberg-marquardt"),
    rank: 2,
    because: "without bounds, and where F may have no zero: the least ‖F‖",
  },

  // Manifolds.
  {
    constraint: "manifold",
    kind: ["mean"],
    ...manifold("karcherMean", "means"),
    rank: 1,
    because: "least summed squared distance; starts and step lengths are found",
  },
  {
    constraint: "manifold",
    kind: ["mean"],
    ...manifold("geometricMedian", "means"),
    rank: 2,
    because: "least summed distance: outliers count less",
  },
  {
    constraint: "manifold",
    kind: ["function"],
    have: ["value"],
    ...manifold("minimize", "minimize"),
    rank: 1,
    because: "write f as terms: minimize takes them as they are, and finds all derivatives",
  },
  {
    constraint: "manifold",
    kind: ["function"],
    have: [...anySecond],
    ...manifold("trustRegion", "trust-region"),
    rank: 1,
    because: "ill-conditioned problems and high accuracy; what minimize takes",
  },
  {
    constraint: "manifold",
    kind: ["function"],
    have: [...anySecond],
    ...manifold("arc", "arc"),
    rank: 2,
    because: "fewer steps, so fewer gradients; many saddles",
  },
  {
    constraint: "manifold",
    kind: ["function"],
    have: [...anySecond],
    size: ["small"],
    ...manifold("lazyCubicNewton", "lazy-cubic-newton"),
    rank: 3,
    because: "where products are dear beside gradients",
  },
  {
    constraint: "manifold",
    kind: ["function"],
    have: ["gradient", "residuals"],
    ...manifold("lbfgs", "lbfgs"),
    rank: 1,
    because: "gradients alone, f dearer than transports; what minimize takes",
  },
  {
    constraint: "manifold",
    kind: ["function"],
    have: ["gradient", "residuals"],
    ...manifold("conjugateGradient", "conjugate-gradient"),
    rank: 2,
    because: "two transports a step: manifolds whose transport is dear",
  },
  {
    constraint: "manifold",
    kind: ["function"],
    have: ["gradient", "residuals"],
    ...manifold("steepestDescent", "steepest-descent"),
    rank: 3,
    because: "well-conditioned problems: one evaluation a step",
  },
  {
    constraint: "manifold",
    kind: ["agents"],
    ...manifold("drcgd", "drcgd"),
    rank: 1,
    because: "a fraction of the others' rounds where the problem is ill-conditioned or the network mixes slowly",
  },
  {
    constraint: "manifold",
    kind: ["agents"],
    ...manifold("dprgd", "dprgd"),
    rank: 2,
    because: "the plainest, with tracking on any compact submanifold",
  },

  // Bilevel.
  {
    constraint: "bilevel",
    kind: ["strong"],
    ...bilevel("implicitDifferentiation", "implicit-differentiation"),
    rank: 1,
    because: 'exact gradients of the upper level, also for millions of x ("neumann")',
  },
  {
    constraint: "bilevel",
    kind: ["strong"],
    ...bilevel("unrolled", "unrolled"),
    rank: 2,
    because: "where the lower level is never solved exactly in practice",
  },
  {
    constraint: "bilevel",
    kind: ["set"],
    ...bilevel("meha", "meha"),
    rank: 1,
    because: "gradients only; the lower level needn't be strongly convex",
  },
  {
    constraint: "bilevel",
    kind: ["projected"],
    ...bilevel("lvHba", "lv-hba"),
    rank: 1,
    because: "keeps the constraints exactly, by projection; gradients only",
  },
  {
    constraint: "bilevel",
    kind: ["constrained"],
    ...bilevel("bicGaffa", "bic-gaffa"),
    rank: 1,
    because: "inequalities, linear or not; gradients only",
  },
  {
    constraint: "bilevel",
    kind: ["constrained"],
    ...bilevel("lvHba", "lv-hba"),
    rank: 2,
    because: "where {g ≤ 0} is easily projected onto",
  },
  {
    constraint: "bilevel",
    kind: ["first"],
    ...bilevel("f2sa", "f2sa"),
    rank: 1,
    because: "the simplest where its assumptions hold",
  },
  {
    constraint: "bilevel",
    kind: ["first"],
    ...bilevel("meha", "meha"),
    rank: 2,
    because: "where the lower level may not be strongly convex after all",
  },

  // Transport.
  {
    constraint: "transport",
    kind: ["blurred"],
    ...sinkhorn("transport", "transport"),
    rank: 1,
    because: "sweeps where these do, sparse Newton steps where they don't (safeSparseNewton)",
  },
  {
    constraint: "transport",
    kind: ["blurred"],
    ...sinkhorn("sinkhornNewtonSparse", "sinkhorn-newton-sparse"),
    rank: 2,
    because: "plans that are all but permutations",
  },
  {
    constraint: "transport",
    kind: ["blurred"],
    ...sinkhorn("deviceTransport", "device-sinkhorn"),
    rank: 3,
    because: "sweeps on a GPU, Newton steps after them",
  },
  {
    constraint: "transport",
    kind: ["grid"],
    ...sinkhorn("logSinkhorn", "log-sinkhorn"),
    rank: 1,
    because: "what transport({ grid }) takes: sweeps axis by axis",
  },
  {
    constraint: "transport",
    kind: ["many"],
    ...sinkhorn("batchedTransport", "batched-sinkhorn"),
    rank: 1,
    because: "products of matrices instead of products with one vector each",
  },
  {
    constraint: "transport",
    kind: ["exact"],
    ...sinkhorn("exactTransport", "network-simplex"),
    rank: 1,
    because: "exact values with a certificate, up to some thousand points",
  },
  {
    constraint: "transport",
    kind: ["exact"],
    ...sinkhorn("transport", "transport"),
    rank: 2,
    because: "with a small regularization, from some thousand points on",
  },
  {
    constraint: "transport",
    kind: ["pairs"],
    ...sinkhorn("assignment", "assignment"),
    rank: 1,
    because: "one to one, with potentials that prove it",
  },
  {
    constraint: "transport",
    kind: ["line"],
    ...sinkhorn("lineTransport", "one-dimensional"),
    rank: 1,
    because: "sorting is all that is needed",
  },
  {
    constraint: "transport",
    kind: ["sparse"],
    ...sinkhorn("quadraticTransport", "quadratic-newton"),
    rank: 1,
    because: "quadratic regularization leaves most entries zero",
  },
  {
    constraint: "transport",
    kind: ["gaussians"],
    ...sinkhorn("gaussianTransport", "gaussian"),
    rank: 1,
    because: "closed forms; gaussianDistance and gaussianMap besides",
  },
  {
    constraint: "transport",
    kind: ["loss"],
    ...sinkhorn("sinkhornDivergence", "gradients"),
    rank: 1,
    because: "zero only for equal samples, with gradients by points and weights",
  },

  // Meshes: a problem is made here, and solved by a method of @hessia/newton.
  {
    constraint: "mesh",
    kind: ["flat"],
    ...mesh("parameterization", "parameterization"),
    rank: 1,
    because: "a disk, no triangle flipped; spheres: sphericalParameterization",
  },
  {
    constraint: "mesh",
    kind: ["deform"],
    ...mesh("deformation", "deformation"),
    rank: 1,
    because: "as rigid as may be, held at handles",
  },
  {
    constraint: "mesh",
    kind: ["smooth"],
    ...mesh("smoothing", "smoothing"),
    rank: 1,
    because: "noise goes, the shape stays",
  },
  {
    constraint: "mesh",
    kind: ["cloth"],
    ...mesh("cloth", "cloth"),
    rank: 1,
    because: "implicit steps in time, each a minimization",
  },
  {
    constraint: "mesh",
    kind: ["solid"],
    ...mesh("neoHookean", "neo-hookean"),
    rank: 1,
    because: "elastic tetrahedra that never turn inside out",
  },
  {
    constraint: "mesh",
    kind: ["own"],
    ...mesh("scalarFunction", "functions"),
    rank: 1,
    because: "a few lines an element; value, gradient and sparse Hessian are found",
  },
  {
    constraint: "mesh",
    ...newton("newton", "newton"),
    rank: 2,
    because:
      'then solve it: projected Newton, with projection: "clamp" in the problem, where a flip must be avoided by the line search',
  },
  { constraint: "mesh", ...trustRegion, rank: 3, because: "or by this, on the Hessian as it is" },
];

export interface Answers {
  readonly constraint?: string | undefined;
  readonly have?: string | undefined;
  readonly size?: string | undefined;
  readonly shape?: string | undefined;
  readonly kind?: string | undefined;
}

/** Which of the questions matter, given what holds the unknowns and what one has. */
export function asked({ constraint, have: given }: Answers): (keyof Answers)[] {
  const general = constraint === "none" || constraint === "bounds";
  return [
    "constraint",
    ...(general || constraint === "equations" || constraint === "manifold" ? (["have"] as const) : []),
    ...(general || constraint === "manifold" ? (["size"] as const) : []),
    ...(constraint === "none" && given !== "residuals" ? (["shape"] as const) : []),
    ...(constraint !== undefined && constraint in kinds && (constraint !== "none" || given === "residuals")
      ? (["kind"] as const)
      : []),
  ];
}

/** The methods that fit the answers, the first ones first; a question without an answer rules nothing out. */
export function fitting(answers: Answers): Choice[] {
  const matter = new Set(asked(answers));
  const fits = (accepted: readonly string[] | undefined, key: keyof Answers): boolean => {
    const answer = matter.has(key) ? answers[key] : undefined;
    return accepted === undefined || answer === undefined || accepted.includes(answer);
  };
  const found = choices.filter(
    (one) =>
      fits([one.constraint], "constraint") &&
      fits(one.have, "have") &&
      fits(one.size, "size") &&
      fits(one.shape, "shape") &&
      fits(one.kind, "kind"),
  );
  const ranked = found.toSorted((a, b) => a.rank - b.rank);
  return ranked.filter((one, i) => ranked.findIndex(({ name, from }) => name === one.name && from === one.from) === i);
}

/** The line that imports it. */
export const importLine = ({ name, from }: Page): string => `import { ${name} } from "${from}";`;

/** Answers as the fragment of an address, and back. */
export const toHash = (answers: Answers): string => {
  const set = asked(answers).filter((key) => answers[key] !== undefined);
  return set.length === 0 ? "" : `#${set.map((key) => `${key}=${answers[key]}`).join("&")}`;
};
export function fromHash(hash: string): Answers {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const known = (key: keyof Answers, answers: object | undefined) => {
    const answer = given.get(key);
    return answer !== null && answers !== undefined && Object.hasOwn(answers, answer) ? answer : undefined;
  };
  const constraint = known("constraint", constraints);
  return {
    constraint,
    have: known("have", have),
    size: known("size", sizes),
    shape: known("shape", shapes),
    kind: known("kind", constraint === undefined ? undefined : kinds[constraint as Constraint]?.answers),
  };
}

/** The same words, short enough for a column. */
const short: Record<string, string> = {
  value: "value only",
  gradient: "gradient",
  products: "products",
  dense: "dense Hessian",
  sparse: "sparse Hessian",
  residuals: "residuals",
  terms: "terms, text",
  small: "≤ 200",
  medium: "200 to a few 1000",
  large: "to 10⁵",
  huge: "more",
  convex: "convex",
  near: "nearly convex",
  any: "any",
};
const shortly = (keys: readonly string[] | undefined, what: string): string =>
  keys === undefined ? what : keys.map((key) => short[key]!).join(", ");

const isFit = (one: Choice): boolean => one.constraint === "none" && one.have?.includes("residuals") === true;
const lists: readonly (readonly [heading: string, which: (one: Choice) => boolean])[] = [
  ["Minimization", (one) => one.constraint === "none" && !isFit(one)],
  ["Fits: residuals with their Jacobian", isFit],
  ["With bounds", (one) => one.constraint === "bounds"],
  ["Systems of equations", (one) => one.constraint === "equations"],
  ["Manifolds", (one) => one.constraint === "manifold"],
  ["Bilevel", (one) => one.constraint === "bilevel"],
  ["Transport", (one) => one.constraint === "transport"],
  ["Meshes", (one) => one.constraint === "mesh"],
];

/** All choices as lists of Markdown. */
export function asMarkdown(): string {
  return lists
    .map(([heading, which]) => {
      const rows = choices.filter(which);
      const caseOf = ({ constraint, kind }: Choice) =>
        kind === undefined ? "any" : kind.map((key) => kinds[constraint]!.answers[key]!).join("; or ");
      const columns: [string, (one: Choice) => string][] = [
        ["case", caseOf],
        ["you have", (one) => shortly(one.have, "anything")],
        ["n", (one) => shortly(one.size, "any")],
        ["f", (one) => shortly(one.shape, "any")],
        ["choose", (one) => `[\`${one.name}\`](${one.page}.md)${["", "", " (rival)", " (or)"][one.rank]}`],
        ["because", (one) => one.because],
      ];
      // A column that says the same everywhere is left out.
      const kept = columns.filter(([, cell]) => new Set(rows.map(cell)).size > 1);
      const cells = [kept.map(([head]) => head), ...rows.map((one) => kept.map(([, cell]) => cell(one)))];
      const widths = kept.map((_, k) => Math.max(...cells.map((line) => [...line[k]!].length)));
      const line = (words: readonly string[]) =>
        `| ${words.map((word, k) => word + " ".repeat(widths[k]! - [...word].length)).join(" | ")} |`;
      const [head, ...body] = cells;
      const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
      return `### ${heading}\n\n${[line(head!), rule, ...body.map(line)].join("\n")}\n`;
    })
    .join("\n");
}
