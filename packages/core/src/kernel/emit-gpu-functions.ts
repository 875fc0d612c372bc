// Elementary functions in float32 written out for shaders. The shading languages promise little of their own: sin and cos to an absolute 2⁻¹¹, atan to 4096 ulp
// (WGSL, "Floating Point Accuracy"), nothing near the zeros of log and e^x − 1, and hyperbolic functions may overflow on the way. With series on reduced
// arguments the error is a few ulp everywhere; only exp, log away from 1, sqrt and pow are the device's own.
//
// 1. sin, cos, tan: x − k π/2 with π/2 in three parts (Cody, Waite 1980, chapter 8): the parts' products with k are exact for |x| up to about 10⁴, beyond
//    which the error grows with x.
// 2. atan2 from the quotient in [0, 1], reduced once more by atan z = π/4 + atan((z − 1)/(z + 1)); its relatives from it.
// 3. log(1 + m) = 2 artanh(m / (2 + m)) and Taylor's series of e^x − 1 where the plain formulas cancel.

/** Statements, and the expression that they lead to. Every name in them begins with the given one. */
export interface Written {
  readonly before: readonly string[];
  readonly value: string;
}

const horner = (coefficients: readonly number[], z: string): string =>
  coefficients.reduceRight(
    (inner, c, k) => (k === coefficients.length - 1 ? `(${c})` : `(${c} + ${z} * ${inner})`),
    "",
  );

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
/** (−1)^k / (2k + first)! from k = 1 on. */
const alternating = (first: number, terms: number) =>
  Array.from({ length: terms }, (_, k) => (k % 2 === 0 ? -1 : 1) / factorial(2 * k + 2 + first));

// π/2 with 8 and 11 bits, and what is left.
const high = Math.round((Math.PI / 2) * 2 ** 7) / 2 ** 7;
const middle = Math.round((Math.PI / 2 - high) * 2 ** 21) / 2 ** 21;
const low = Math.fround(Math.PI / 2 - high - middle);

/** sin, cos or tan of a. */
export function circular(kind: "sin" | "cos" | "tan", to: string, a: string): Written {
  const [k, r, z, s, c, q] = ["k", "r", "z", "s", "c", "q"].map((name) => `${to}${name}`) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const turned = kind === "cos" ? `(${k} + 1)` : k;
  const before = [
    `const ${k} = Math.floor(${a} * ${2 / Math.PI} + 0.5);`,
    `const ${r} = ((${a} - ${k} * ${high}) - ${k} * ${middle}) - ${k} * ${low};`,
    `const ${z} = ${r} * ${r};`,
    `const ${s} = ${r} + ${r} * ${z} * ${horner(alternating(1, 4), z)};`,
    `const ${c} = 1 + ${z} * ${horner(alternating(0, 5), z)};`,
    `const ${q} = ${turned} - ${kind === "tan" ? 2 : 4} * Math.floor(${turned} * ${kind === "tan" ? 0.5 : 0.25});`,
  ];
  if (kind === "tan") return { before, value: `${q} < 0.5 ? ${s} / ${c} : -${c} / ${s}` };
  return { before, value: `${q} < 0.5 ? ${s} : (${q} < 1.5 ? ${c} : (${q} < 2.5 ? -${s} : -${c}))` };
}

/** The angle of (x, y), in [−π, π]; 0 at the origin. */
export function angle(to: string, y: string, x: string): Written {
  const [p, q, z, w, n, a, b] = ["p", "q", "z", "w", "n", "a", "b"].map((name) => `${to}${name}`) as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  // Σ (−1)^k w^2k / (2k + 1): |w| ≤ tan π/8 needs nine terms.
  const series = Array.from({ length: 8 }, (_, k) => (k % 2 === 0 ? -1 : 1) / (2 * k + 3));
  const before = [
    `const ${p} = Math.max(Math.abs(${x}), Math.abs(${y}));`,
    `const ${q} = Math.min(Math.abs(${x}), Math.abs(${y}));`,
    `const ${z} = ${p} > 0 ? ${q} / ${p} : 0;`,
    `const ${w} = ${z} > ${Math.tan(Math.PI / 8)} ? (${z} - 1) / (${z} + 1) : ${z};`,
    `const ${n} = ${w} * ${w};`,
    `const ${a} = (${z} > ${Math.tan(Math.PI / 8)} ? ${Math.PI / 4} : 0) + (${w} + ${w} * ${n} * ${horner(series, n)});`,
    `const ${b} = Math.abs(${y}) > Math.abs(${x}) ? ${Math.PI / 2} - ${a} : ${a};`,
    `const ${to}d = ${x} < 0 ? ${Math.PI} - ${b} : ${b};`,
  ];
  return { before, value: `${y} < 0 ? -${to}d : ${to}d` };
}

/** asin, acos or atan of a. */
export function arc(kind: "asin" | "acos" | "atan", to: string, a: string): Written {
  if (kind === "atan") return angle(to, a, "1");
  const root = `${to}o`;
  const { before, value } = kind === "asin" ? angle(to, a, root) : angle(to, root, a);
  return { before: [`const ${root} = Math.sqrt((1 - ${a}) * (1 + ${a}));`, ...before], value };
}

/** log(1 + m), or log a with m = a − 1, which is exact where it is used. */
export function logarithm(to: string, m: string, whole: string): Written {
  const series = Array.from({ length: 4 }, (_, k) => 1 / (2 * k + 3));
  const [d, s, z] = [`${to}m`, `${to}s`, `${to}z`];
  return {
    before: [`const ${d} = ${m};`, `const ${s} = ${d} / (2 + ${d});`, `const ${z} = ${s} * ${s};`],
    value: `Math.abs(${d}) < 0.25 ? 2 * (${s} + ${s} * ${z} * ${horner(series, z)}) : Math.log(${whole})`,
  };
}

/** e^a − 1: Taylor's series to the ninth power for |a| < ½. */
export function exponentialMinusOne(a: string): string {
  const series = Array.from({ length: 9 }, (_, k) => 1 / factorial(k + 1));
  return `Math.abs(${a}) < 0.5 ? ${a} * ${horner(series, a)} : Math.exp(${a}) - 1`;
}

/** sinh, cosh or tanh of a. */
export function hyperbolic(kind: "sinh" | "cosh" | "tanh", to: string, a: string): Written {
  const [p, e] = [`${to}p`, `${to}e`];
  if (kind === "cosh") return { before: [`const ${e} = Math.exp(Math.abs(${a}));`], value: `0.5 * (${e} + 1 / ${e})` };
  const size = kind === "tanh" ? `-2 * Math.abs(${a})` : `Math.abs(${a})`;
  const before = [`const ${p} = ${size};`, `const ${e} = ${exponentialMinusOne(p)};`];
  if (kind === "tanh") return { before, value: `Math.sign(${a}) * (-${e} / (${e} + 2))` };
  return { before, value: `Math.sign(${a}) * (${p} > 10 ? 0.5 * Math.exp(${p}) : 0.5 * (${e} + ${e} / (${e} + 1)))` };
}

/** asinh, acosh or atanh of a: all are log(1 + m); beyond 10⁴ the root of a² ± 1 is a to the last bit. */
export function areaFunction(kind: "asinh" | "acosh" | "atanh", to: string, a: string): Written {
  const [p, o, w] = [`${to}p`, `${to}o`, `${to}w`];
  if (kind === "acosh") {
    const root = `const ${o} = ${a} > 10000 ? ${a} : Math.sqrt((${a} - 1) * (${a} + 1));`;
    const { before, value } = logarithm(to, `(${a} - 1) + ${o}`, `${a} + ${o}`);
    return { before: [root, ...before], value };
  }
  const size = `const ${p} = Math.abs(${a});`;
  if (kind === "atanh") {
    const { before, value } = logarithm(to, w, `1 + ${w}`);
    const m = `const ${w} = 2 * ${p} / (1 - ${p});`;
    return { before: [size, m, ...before], value: `Math.sign(${a}) * 0.5 * (${value})` };
  }
  const root = `const ${o} = ${p} > 10000 ? ${p} : Math.sqrt(1 + ${p} * ${p});`;
  const m = `const ${w} = ${p} + ${p} * (${p} / (1 + ${o}));`;
  const { before, value } = logarithm(to, w, `1 + ${w}`);
  return { before: [size, root, m, ...before], value: `Math.sign(${a}) * (${value})` };
}

/** The real cube root: the device's power and a step of Newton's method. */
export function cubeRoot(to: string, a: string): Written {
  const [p, y] = [`${to}p`, `${to}y`];
  const before = [`const ${p} = Math.abs(${a});`, `const ${y} = ${p} > 0 ? Math.pow(${p}, ${1 / 3}) : 1;`];
  return { before, value: `Math.sign(${a}) * ((2 * ${y} + ${p} / (${y} * ${y})) / 3)` };
}

/** √(a² + b²) that neither over- nor underflows. */
export function hypotenuse(to: string, a: string, b: string): Written {
  const [p, q, z] = [`${to}p`, `${to}q`, `${to}z`];
  const before = [
    `const ${p} = Math.max(Math.abs(${a}), Math.abs(${b}));`,
    `const ${q} = Math.min(Math.abs(${a}), Math.abs(${b}));`,
    `const ${z} = ${p} > 0 ? ${q} / ${p} : 0;`,
  ];
  return { before, value: `${p} * Math.sqrt(1 + ${z} * ${z})` };
}
