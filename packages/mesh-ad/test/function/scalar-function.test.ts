// Functions on meshes: all kinds of terms against differences, invariances as zero modes, projections, what is eliminated, data that change, and misuse.
import { checkGradient, checkHessian } from "@hessia/core";
import { fromColumns, mat2, scalar, vec2, vec3 } from "@hessia/core/kernel";
import { choleskyFactorize, symmetricEigenvalues, toDenseMatrix } from "@hessia/core/linear";
import { startThreads } from "@hessia/core/wasm";
import { describe, expect, it } from "vitest";
import {
  boxOfTetrahedra,
  gridMesh,
  icosphere,
  type MeshProblem,
  nextCorner,
  pointSet,
  previousCorner,
  scalarFunction,
  triangleMesh,
  vertexStars,
} from "../../src/index.js";
import { energies, jittered, noise } from "./energies.js";

const dense = (problem: MeshProblem, y: Float64Array) => {
  const H = problem.newHessian();
  problem.hessianInto(H, y);
  return toDenseMatrix(H);
};
const most = (values: ArrayLike<number>) => Array.from(values).reduce((m, v) => Math.max(m, Math.abs(v)), 0);
/** The tuples leave some vertices alone. */
const options = (name: string) =>
  name === "tuples of residuals" ? { fixed: [13, 15, 17, ...Array.from({ length: 23 }, (_, i) => 19 + i)] } : {};

describe.each(energies.map((one) => [one.name, one] as const))(
  "%s",
  (name, { problem: make, start, isInvariant, dimension }) => {
    const problem = make(options(name));
    const y = problem.start;
    it("has the derivatives that differences have", () => {
      expect(checkGradient(problem, y).verdict).toBe("right");
      expect(checkHessian(problem, y).verdict).toBe("right");
    });

    it("has products with the Hessian that the matrix has, and one pass for all", () => {
      const H = problem.newHessian();
      const g = new Float64Array(problem.dimension);
      const f = problem.valueGradientHessianInto(g, H, y);
      expect(f).toBeCloseTo(problem.value(y), 12);
      expect(g).toEqual(problem.gradientInto(new Float64Array(problem.dimension), y));
      const A = toDenseMatrix(H);
      const v = y.map((_, i) => noise(7 * i));
      const product = problem.hessianApplyInto(new Float64Array(y.length), y, v);
      for (let i = 0; i < y.length; i++) {
        let sum = 0;
        for (let j = 0; j < y.length; j++) sum += A.data[i * y.length + j]! * v[j]!;
        expect(Math.abs(sum - product[i]!)).toBeLessThanOrEqual(1e-12 * Math.max(1, most(A.data)));
      }
    });

    it.runIf(isInvariant)("doesn't see a motion: no force along it, no curvature", () => {
      const n = start.length;
      const g = problem.gradientInto(new Float64Array(n), y);
      const scale = most(g);
      for (let c = 0; c < dimension; c++) {
        const shift = y.map((_, i) => +(i % dimension === c));
        expect(Math.abs(g.reduce((sum, value, i) => sum + value * shift[i]!, 0))).toBeLessThan(1e-11 * scale);
        const curvature = problem.hessianApplyInto(new Float64Array(n), y, shift);
        expect(most(curvature)).toBeLessThan(1e-11 * Math.max(scale, most(dense(problem, y).data)));
      }
      // Turning: f stays, to rounding, and the force has no moment.
      const [cos, sin] = [Math.cos(0.7), Math.sin(0.7)];
      const turned = y.map((value, i) => {
        if (i % dimension === 0) return cos * value - sin * y[i + 1]!;
        return i % dimension === 1 ? sin * y[i - 1]! + cos * value : value;
      });
      expect(Math.abs(problem.value(turned) / problem.value(y) - 1)).toBeLessThan(1e-12);
      let moment = 0;
      for (let i = 0; i < n; i += dimension) moment += y[i]! * g[i + 1]! - y[i + 1]! * g[i]!;
      expect(Math.abs(moment)).toBeLessThan(1e-10 * scale);
    });

    it("is convex where it is projected, and the same where it was convex", () => {
      const exact = symmetricEigenvalues(dense(problem, y));
      for (const projection of ["clamp", "absolute"] as const) {
        const projected = make({ ...options(name), projection });
        const values = symmetricEigenvalues(dense(projected, y));
        expect(values[0]!).toBeGreaterThan(-1e-11 * values.at(-1)!);
        expect(projected.value(y)).toBe(problem.value(y));
        // Both only add to each term's matrix.
        for (let i = 0; i < values.length; i++) expect(values[i]! - exact[i]!).toBeGreaterThan(-1e-10 * values.at(-1)!);
      }
    });
  },
);

describe("term kinds", () => {
  const mesh = icosphere(1);
  const count = (f: MeshProblem) => f.structure.blocks.reduce((sum, { terms }) => sum + terms, 0);
  it("go over all elements of their kind", () => {
    const f = () => scalarFunction(mesh, { dimension: 3 });
    const one = ([a]: readonly [{ x: import("@hessia/core/kernel").Expr }, ...unknown[]]) => a.x;
    expect(count(f().addVertexTerms(one).problem())).toBe(42);
    expect(count(f().addEdgeTerms(one).problem())).toBe(120);
    expect(count(f().addTriangleTerms(one).problem())).toBe(80);
    expect(count(f().addCornerTerms(one).problem())).toBe(240);
    expect(count(f().addHingeTerms(one).problem())).toBe(120);
    expect(count(f().addStarTerms(one).problem())).toBe(42);
    const tets = boxOfTetrahedra(2);
    expect(count(scalarFunction(tets, { dimension: 3 }).addTetrahedronTerms(one).problem())).toBe(48);
    expect(count(scalarFunction(tets, { dimension: 3 }).addEdgeTerms(one).problem())).toBe(tets.edges.length / 2);
  });

  it("corners are numbered as their table has them, tip first and the others counterclockwise", () => {
    const x = jittered(mesh.positions!, 0.2);
    const f = scalarFunction(mesh, { dimension: 3 }).addCornerTerms(
      { data: { number: [scalar, (c) => c] } },
      ([tip, next, previous], { data: { number } }) => tip.x.mul(number).add(next.y).sub(previous.z.mul(number)),
    );
    let wanted = 0;
    for (let c = 0; c < mesh.faces.length; c++) {
      const [t, n, p] = [c, nextCorner(c), previousCorner(c)].map((k) => 3 * mesh.faces[k]!) as [
        number,
        number,
        number,
      ];
      wanted += c * x[t]! + x[n + 1]! - c * x[p + 2]!;
    }
    expect(f.problem().value(x)).toBeCloseTo(wanted, 9);
  });

  it("stars of valence 3 to 12 by one function, traced once a valence", () => {
    // A fan of each valence around its own centre, some of them open.
    const faces: number[][] = [];
    let next = 0;
    const valences = [3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    for (const valence of valences) {
      for (const isOpen of [false, true]) {
        const centre = next;
        for (let i = 0; i < valence - +isOpen; i++)
          faces.push([centre, centre + 1 + i, centre + 1 + ((i + 1) % valence)]);
        next += valence + 1;
      }
    }
    const fans = triangleMesh(null, faces);
    const calls: string[] = [];
    const f = scalarFunction(fans, { dimension: 2 }).addStarTerms(
      { data: { weight: [scalar, (v) => 1 + v] } },
      ([centre, ...ring], { valence, isBoundary, data: { weight } }) => {
        calls.push(`${valence} ${isBoundary}`);
        const sum = ring.reduce((total, v, i) => total.add(v.scale(i + 1)));
        return sum
          .sub(centre)
          .squaredNorm()
          .mul(isBoundary ? 3 : 1)
          .mul(weight);
      },
    );
    const x = Float64Array.from({ length: 2 * next }, (_, i) => noise(i));
    const problem = f.problem({ start: x });
    let wanted = 0;
    for (const { vertex, neighbours, isBoundary } of vertexStars(fans)) {
      let [s, t] = [-x[2 * vertex]!, -x[2 * vertex + 1]!];
      neighbours.forEach((v, i) => {
        s += (i + 1) * x[2 * v]!;
        t += (i + 1) * x[2 * v + 1]!;
      });
      wanted += (s * s + t * t) * (isBoundary ? 3 : 1) * (1 + vertex);
    }
    expect(problem.value(x)).toBeCloseTo(wanted, 8 - Math.ceil(Math.log10(wanted)) + 4);
    for (const valence of valences) expect(calls.filter((call) => call === `${valence} false`).length).toBe(2);
    expect(checkHessian(problem, x).verdict).toBe("right");
  });

  it("data of stars may be a list by vertex", () => {
    const weights = Float64Array.from({ length: 42 }, (_, v) => v + 1);
    const f = scalarFunction(mesh, { dimension: 3 }).addStarTerms(
      {
        data: { w: [scalar, weights] },
      },
      ([a], { data: { w } }) => a.x.mul(0).add(w),
    );
    expect(f.problem().value(mesh.positions!)).toBeCloseTo((42 * 43) / 2, 10);
  });

  it("kinds without an element, and no tuples, add nothing", () => {
    const one = triangleMesh(
      [
        [0, 0],
        [1, 0],
        [0, 1],
      ],
      [[0, 1, 2]],
    );
    const problem = scalarFunction(one, { dimension: 3 })
      .addTriangleTerms(([a, b, c]) => b.sub(a).cross(c.sub(a)).squaredNorm())
      .addHingeTerms({ data: { w: [scalar, []] } }, ([a], { data: { w } }) => a.x.mul(w))
      .addTerms([], ([a]) => a.x)
      .problem({ projection: "clamp" });
    expect(problem.value(problem.start)).toBe(1);
    const H = problem.newHessian();
    expect(problem.hessianInto(H, problem.start)).toBe(H);
  });

  it("nothing free: a problem of no variables", () => {
    const all = Array.from({ length: 42 }, (_, v) => v);
    const problem = scalarFunction(mesh, { dimension: 3 })
      .addVertexTerms(([a]) => a.squaredNorm())
      .problem({ fixed: all });
    expect(problem.dimension).toBe(0);
    expect(problem.value(problem.start)).toBeCloseTo(42, 12);
    expect([...problem.extend(problem.start)]).toEqual([...mesh.positions!]);
    expect(problem.newHessian().values.length).toBe(0);
  });

  it("unknowns without a mesh: a symmetric matrix a triangle, say", () => {
    const f = scalarFunction(pointSet(4), { dimension: 3 }).addTerms([[0], [1], [3]], ([s]) => s.squaredNorm());
    expect(f.problem({ start: new Float64Array(12).fill(1), fixed: [2] }).value(new Float64Array(9).fill(1))).toBe(9);
  });
});

describe("evaluations", () => {
  it("agree: WebAssembly, compiled, interpreted, and on threads to the bit with WebAssembly", async () => {
    const mesh = icosphere(3);
    const x = jittered(mesh.positions!, 0.02);
    const threads = await startThreads(2);
    const run = (options: { evaluation?: "wasm" | "compiled" | "interpreted"; threads?: typeof threads }) => {
      const problem = scalarFunction(mesh, { dimension: 3, ...options })
        .addTriangleTerms(([p, q, r]) => q.sub(p).cross(r.sub(p)).norm())
        .problem({ start: x, projection: "clamp" });
      const g = new Float64Array(x.length);
      const H = problem.newHessian();
      return [problem.valueGradientHessianInto(g, H, x), ...g, ...H.values];
    };
    const wanted = run({ evaluation: "compiled" });
    expect(run({ evaluation: "interpreted" })).toEqual(wanted);
    const wasm = run({ evaluation: "wasm" });
    expect(most(wasm.map((value, i) => value - wanted[i]!))).toBeLessThan(1e-12 * most(wanted));
    const onThreads = run({ threads });
    expect(onThreads.slice(1)).toEqual(wasm.slice(1));
    threads.close();
  });
});

describe("the order of elements", () => {
  it("doesn't change the value beyond rounding, nor the derivatives", () => {
    const mesh = icosphere(2);
    const order = Array.from({ length: mesh.faceCount }, (_, f) => (f * 131 + 7) % mesh.faceCount);
    const shuffled = triangleMesh(
      mesh.positions,
      order.map((f) => [1, 2, 0].map((k) => mesh.faces[3 * f + k]!)),
    );
    const x = jittered(mesh.positions!, 0.05);
    const [a, b] = [mesh, shuffled].map((one) =>
      scalarFunction(one, { dimension: 3 })
        .addTriangleTerms(([p, q, r]) => q.sub(p).cross(r.sub(p)).norm())
        .problem({ start: x }),
    ) as [MeshProblem, MeshProblem];
    expect(Math.abs(a.value(x) / b.value(x) - 1)).toBeLessThan(1e-14);
    const [A, B] = [dense(a, x), dense(b, x)];
    expect(most(A.data.map((value, i) => value - B.data[i]!))).toBeLessThan(1e-12 * most(A.data));
  });
});

describe("what terms read", () => {
  const mesh = gridMesh(2);
  const flat = Float64Array.from({ length: 18 }, (_, i) => mesh.positions![3 * (i >> 1) + (i & 1)]!);
  it("data by lists, rows and functions are the same, matrices row by row; vertices' by vertex", () => {
    const rows = Array.from({ length: 8 }, (_, t) => [t, 2, 3, 4 * t]);
    const make = (values: number[] | number[][] | ((t: number) => number[])) =>
      scalarFunction(mesh, { dimension: 2 }).addTriangleTerms(
        {
          data: { M: [mat2, values] },
          vertexData: { w: [scalar, Float64Array.from({ length: 9 }, (_, v) => v)], at: [vec2, flat] },
        },
        ([a, b], { data: { M }, vertexData: { w, at } }) => {
          expect(at.length).toBe(3);
          return a.dot(M.mul(b)).mul(w[2]!).add(at[1]!.dot(a));
        },
      );
    const x = jittered(flat, 0.3);
    const value = (f: ReturnType<typeof make>) => f.problem({ start: x }).value(x);
    let wanted = 0;
    for (let t = 0; t < 8; t++) {
      const [a, b, c] = mesh.faces.subarray(3 * t, 3 * t + 3) as unknown as [number, number, number];
      const [m, row] = [(v: number, i: number) => x[2 * v + i]!, rows[t]!];
      const Mb = [row[0]! * m(b, 0) + row[1]! * m(b, 1), row[2]! * m(b, 0) + row[3]! * m(b, 1)];
      wanted += (m(a, 0) * Mb[0]! + m(a, 1) * Mb[1]!) * c + flat[2 * b]! * m(a, 0) + flat[2 * b + 1]! * m(a, 1);
    }
    expect(value(make(rows))).toBeCloseTo(wanted, 11);
    expect(value(make(rows.flat()))).toBe(value(make(rows)));
    expect(value(make((t) => rows[t]!))).toBe(value(make(rows)));
  });

  it("a function of data is given the vertices of each element", () => {
    const f = scalarFunction(mesh, { dimension: 2 }).addTriangleTerms(
      {
        data: { sum: [scalar, (_t, [i, j, k]) => i! + j! + k!] },
      },
      ([a], { data: { sum } }) => a.x.mul(0).add(sum),
    );
    expect(f.problem({ start: flat }).value(flat)).toBe(mesh.faces.reduce((sum, v) => sum + v, 0));
  });

  it("only what is read takes room", () => {
    const f = scalarFunction(mesh, {
      dimension: 2,
      parameters: { unused: [vec3, [1, 2, 3]], used: [scalar, 2] },
    }).addTriangleTerms(
      {
        data: { other: [mat2, () => [1, 2, 3, 4]] },
      },
      ([a], { parameters }) => a.squaredNorm().mul(parameters.used),
    );
    expect(f.problem({ start: flat, fixed: [8] }).structure.blocks[0]!.width).toBe(1);
  });

  it("parameters and data change without tracing again, in problems that are there", () => {
    let calls = 0;
    const f = scalarFunction(mesh, { dimension: 2, parameters: { k: [scalar, 2], to: [vec2, [0, 0]] } }).addVertexTerms(
      {
        name: "pull",
        data: { w: [scalar, new Float64Array(9).fill(1)] },
        vertexData: { shift: [vec2, new Float64Array(18)] },
      },
      ([a], { parameters: { k, to }, data: { w }, vertexData: { shift } }) => {
        calls++;
        return a.sub(to).add(shift[0]!).squaredNorm().mul(k).mul(w);
      },
    );
    const x = Float64Array.from({ length: 18 }, () => 1);
    const problem = f.problem({ start: x });
    const before = calls;
    expect(problem.value(x)).toBe(36);
    f.setParameters({ k: 3 });
    expect(problem.value(x)).toBe(54);
    f.setParameters({ k: 1, to: [1, 0] });
    expect(problem.value(x)).toBe(9);
    f.setData("pull", { w: new Float64Array(9).fill(10) });
    expect(problem.value(x)).toBe(90);
    f.setData("pull", { shift: Array.from({ length: 9 }, () => [0, -1]) });
    expect(problem.value(x)).toBe(0);
    expect(calls).toBe(before);
    expect(f.problem({ start: x }).value(x)).toBe(0);
    expect(calls).toBe(before);
  });

  it("terms that are added later belong to problems made later", () => {
    const f = scalarFunction(mesh, { dimension: 2 }).addVertexTerms(([a]) => a.squaredNorm());
    const before = f.problem({ start: flat });
    f.addVertexTerms(([a]) => a.squaredNorm());
    expect(f.problem({ start: flat }).value(flat)).toBe(2 * before.value(flat));
  });
});

describe("fixed vertices and equations", () => {
  const mesh = icosphere(1);
  const x = jittered(mesh.positions!, 0.1);
  const f = scalarFunction(mesh, { dimension: 3 }).addEdgeTerms(([a, b]) => a.sub(b).squaredNorm().sub(0.3).square());
  const whole = f.problem({ start: x });

  it("fixed vertices are what is left out of the whole's derivatives", () => {
    const fixed = [0, 7, 41];
    const part = f.problem({ start: x, fixed });
    const free = Array.from({ length: 126 }, (_, i) => i).filter((i) => !fixed.includes(Math.floor(i / 3)));
    expect(part.dimension).toBe(117);
    expect([...part.start]).toEqual(free.map((i) => x[i]));
    expect([...part.extend(part.start)]).toEqual([...x]);
    expect([...part.restrict(x)]).toEqual([...part.start]);
    const g = whole.gradientInto(new Float64Array(126), x);
    expect([...part.gradientInto(new Float64Array(117), part.start)]).toEqual(free.map((i) => g[i]));
    const [A, B] = [dense(whole, x), dense(part, part.start)];
    for (const [p, i] of free.entries())
      for (const [q, j] of free.entries()) expect(B.data[p * 117 + q]).toBe(A.data[i * 126 + j]);
    // The diagonal stands first in each column, as factorizations want it.
    const H = part.newHessian();
    for (let j = 0; j < 117; j++) expect(H.rowIndices[H.colPointers[j]!]).toBe(j);
  });

  it("the same fixed by equations, and by both", () => {
    const fixed = [0, 7];
    const equations = fixed.flatMap((v) =>
      [0, 1, 2].map((c) => ({ terms: [[v, c, 2] as const], value: 2 * x[3 * v + c]! })),
    );
    const [a, b, c] = [
      f.problem({ start: x, fixed }),
      f.problem({ start: x, equations }),
      f.problem({ start: x, fixed, equations }),
    ];
    for (const other of [b, c]) {
      expect(other.value(other.start)).toBeCloseTo(a.value(a.start), 13);
      expect(most(dense(a, a.start).data.map((v, i) => v - dense(other, other.start).data[i]!))).toBeLessThan(1e-12);
    }
  });

  it("equations: Cᵀ H C, differences, and points that satisfy them", () => {
    const equations = [
      {
        terms: [
          [0, 0, 1],
          [1, 0, -1],
        ] as const,
        value: 0.25,
      },
      {
        terms: [
          [1, 0, 1],
          [2, 1, 2],
          [3, 2, -1],
        ] as const,
        value: 0.1,
      },
      { terms: Array.from({ length: 42 }, (_, v) => [v, 2, 1] as const), value: 0 },
      // What the first made of vertex 0 depends on vertex 1, which goes out here.
      {
        terms: [
          [1, 0, 5],
          [4, 1, 1],
        ] as const,
        value: 0.3,
      },
      // Twice the first: redundant.
      {
        terms: [
          [0, 0, 2],
          [1, 0, -2],
        ] as const,
        value: 0.5,
      },
    ];
    const problem = f.problem({ start: x, equations, fixed: [5] });
    expect(problem.dimension).toBe(126 - 3 - 4);
    const y = jittered(problem.start, 0.05);
    const points = problem.extend(y);
    for (const { terms, value } of equations)
      expect(terms.reduce((sum, [v, c, w]) => sum + w * points[3 * v + c]!, 0)).toBeCloseTo(value, 12);
    expect(problem.value(y)).toBe(whole.value(points));
    expect(checkGradient(problem, y).verdict).toBe("right");
    expect(checkHessian(problem, y).verdict).toBe("right");
    const v = y.map((_, i) => noise(3 * i));
    const [A, n] = [dense(problem, y), y.length];
    const product = problem.hessianApplyInto(new Float64Array(n), y, v);
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += A.data[i * n + j]! * v[j]!;
      expect(Math.abs(sum - product[i]!)).toBeLessThan(1e-10);
    }
  });

  it("contradictions are named", () => {
    const one = {
      terms: [
        [0, 0, 1],
        [1, 0, -1],
      ] as const,
      value: 0.25,
    };
    expect(() => f.problem({ start: x, equations: [one, { ...one, value: 0.3 }] })).toThrow(
      /equations\[1\].*contradiction/,
    );
    expect(() => f.problem({ start: x, fixed: [0], equations: [{ terms: [[0, 0, 1]], value: x[0]! + 1 }] })).toThrow(
      /equations\[0\]/,
    );
  });
});

describe("projection and Gauss–Newton", () => {
  it("products are those of the projected matrix, at each point", () => {
    const { problem: make, start } = energies[1]!;
    const problem = make({ projection: "clamp", fixed: [3] });
    for (const y of [problem.start, jittered(problem.start, 0.1)]) {
      const [A, n] = [dense(problem, y), y.length];
      const v = y.map((_, i) => noise(5 * i));
      const product = problem.hessianApplyInto(new Float64Array(n), y, v);
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let j = 0; j < n; j++) sum += A.data[i * n + j]! * v[j]!;
        expect(Math.abs(sum - product[i]!)).toBeLessThan(1e-11);
      }
    }
    expect(start.length).toBe(126);
  });

  it("JᵀJ for residuals: definite by construction, exact where residuals are zero", () => {
    const mesh = icosphere(1);
    const rest = Float64Array.from({ length: 120 }, (_, e) => {
      const [p, q] = [mesh.corners.edges[2 * e]! * 3, mesh.corners.edges[2 * e + 1]! * 3];
      return Math.hypot(...[0, 1, 2].map((i) => mesh.positions![p + i]! - mesh.positions![q + i]!));
    });
    const f = scalarFunction(mesh, { dimension: 3 }).addEdgeTerms(
      { data: { length: [scalar, rest] } },
      ([a, b], { data: { length } }) => {
        const d = a.sub(b);
        return fromColumns(d, d)
          .column(0)
          .scale(d.norm().inv().mul(d.norm().sub(length)));
      },
    );
    const [exact, model] = [f.problem(), f.problem({ gaussNewton: true })];
    expect(exact.value(mesh.positions!)).toBeLessThan(1e-30);
    const [A, B] = [dense(exact, mesh.positions!), dense(model, mesh.positions!)];
    expect(most(A.data.map((v, i) => v - B.data[i]!))).toBeLessThan(1e-13);
    const x = jittered(mesh.positions!, 0.3);
    const values = symmetricEigenvalues(dense(model, x));
    expect(values[0]!).toBeGreaterThan(-1e-13 * values.at(-1)!);
    expect(symmetricEigenvalues(dense(exact, x))[0]!).toBeLessThan(-1e-3);
  });

  it("a clamped Hessian with what fixes a motion is positive definite", () => {
    const problem = energies[2]!.problem({ projection: "clamp", fixed: [0, 11] });
    expect(choleskyFactorize(dense(problem, problem.start)).failedAt).toBe(-1);
  });
});

describe("a point at which a term isn't finite", () => {
  const mesh = gridMesh(2);
  const flat = Float64Array.from({ length: 18 }, (_, i) => mesh.positions![3 * (i >> 1) + (i & 1)]!);
  it("names the element, its vertices and the operation", () => {
    const f = scalarFunction(mesh, { dimension: 2 })
      .addVertexTerms(([a]) => a.squaredNorm())
      .addTriangleTerms({ name: "barrier" }, ([a, b, c]) => b.sub(a).cross(c.sub(a)).log().neg());
    const x = flat.slice();
    // The middle beyond its neighbours.
    x[8] = 3;
    const problem = f.problem({ start: x, fixed: [0] });
    expect(problem.value(problem.start)).toBeNaN();
    const faults = problem.diagnose(problem.start);
    expect(faults.length).toBeGreaterThan(0);
    for (const { terms, kind, element, vertices, of, operation, message } of faults) {
      expect([terms, kind, of]).toEqual(["barrier", "triangle", "value"]);
      expect(vertices).toEqual([...mesh.faces.subarray(3 * element, 3 * element + 3)]);
      expect(vertices).toContain(4);
      expect(operation).toMatch(/^log\(-/);
      expect(message).toMatch(/^barrier, triangle \d \(vertices \d, \d, \d\): log\(-/);
    }
    expect(f.problem({ start: flat }).diagnose(flat)).toEqual([]);
  });
});

describe("misuse", () => {
  const mesh = gridMesh(2);
  const flat = new Float64Array(18);
  const f = () =>
    scalarFunction(mesh, { dimension: 2, parameters: { k: [scalar, 1] } }).addVertexTerms(
      {
        name: "v",
      },
      ([a]) => a.squaredNorm(),
    );
  it("of scalarFunction", () => {
    expect(() => scalarFunction(7 as never, { dimension: 2 })).toThrow(/mesh/);
    expect(() => scalarFunction(mesh, {})).toThrow(/dimension and unknowns/);
    expect(() => scalarFunction(mesh, { dimension: 0 })).toThrow(/dimension/);
    expect(() => scalarFunction(mesh, { dimension: 2, dim: 3 } as never)).toThrow(/options\.dim`/);
    expect(() => scalarFunction(mesh, { dimension: 2, parameters: { k: 1 } as never })).toThrow(/parameters\.k/);
    expect(() => scalarFunction(mesh, { dimension: 2, parameters: { k: [scalar, Number.NaN] } })).toThrow(
      /parameters\.k/,
    );
    expect(() => scalarFunction(mesh, { dimension: 2, parameters: { k: [vec2, [1]] } })).toThrow(/parameters\.k/);
  });
  it("of terms, by their name", () => {
    const g = scalarFunction(mesh, { dimension: 2 });
    expect(() => g.addTetrahedronTerms(([a]) => a.x)).toThrow(/a triangle mesh; wanted a tetrahedral mesh/);
    expect(() => scalarFunction(pointSet(3), { dimension: 2 }).addEdgeTerms(([a]) => a.x)).toThrow(/a set of points/);
    expect(() => g.addVertexTerms(7 as never)).toThrow(/vertex terms 0/);
    expect(() => g.addVertexTerms(7 as never, (([a]: never[]) => a) as never)).toThrow(/options/);
    expect(() => f().addVertexTerms({ name: "v" }, ([a]) => a.x)).toThrow(/name/);
    expect(() => g.addTerms([[0, 1], [2]], ([a]) => a.x)).toThrow(/tuples\[1\]/);
    expect(() => g.addTerms([[0, 9]], ([a]) => a.x)).toThrow(/tuples\[0\]\[1\]` is 9/);
    expect(() => g.addTerms([[0, 1.5]], ([a]) => a.x)).toThrow(/tuples\[0\]\[1\]/);
    expect(() => g.addTerms({ arity: 2, table: Int32Array.of(1) }, ([a]) => a.x)).toThrow(/tuples/);
    const bad = (data: object) =>
      scalarFunction(mesh, { dimension: 2 })
        .addTriangleTerms({ name: "t", data: data as never }, (v, e) => v[0].x.mul((e.data as { w: number }).w))
        .problem({ start: flat });
    expect(() => bad({ w: [scalar, [1, 2]] })).toThrow(/t\.data\.w.*8 times 1 numbers/);
    expect(() => bad({ w: [scalar, [1, 2, 3, 4, 5, 6, 7, Number.NaN]] })).toThrow(/t\.data\.w\[7\]` is NaN/);
    expect(() => bad({ w: [scalar, (t: number) => (t === 3 ? Number.POSITIVE_INFINITY : 1)] })).toThrow(
      /t\.data\.w\(3\)` is Infinity/,
    );
    expect(() => bad({ w: [scalar, () => [1, 2]] })).toThrow(/t\.data\.w\(0\)/);
    expect(() => bad({ w: 3 })).toThrow(/t\.data\.w/);
    expect(() => bad({})).toThrow(/asked for "w"/);
    expect(() => g.addVertexTerms({ vertexData: { w: [scalar, [1]] } }, ([a]) => a.x)).toThrow(/vertexData\.w/);
    expect(() =>
      scalarFunction(mesh, { dimension: 2 })
        .addVertexTerms((() => undefined) as never)
        .problem({ start: flat }),
    ).toThrow(/vertex terms 0/);
    expect(() =>
      scalarFunction(mesh, { dimension: 2 })
        .addVertexTerms((([a]: [never]) => fromColumns(a, a)) as never)
        .problem({ start: flat }),
    ).toThrow(/a Mat/);
  });
  it("of problem", () => {
    expect(() => scalarFunction(mesh, { dimension: 2 }).problem({ start: flat })).toThrow(/without terms/);
    expect(() => f().problem()).toThrow(/start.*18 numbers/);
    expect(() => f().problem({ start: [1] })).toThrow(/start/);
    expect(() => f().problem({ start: flat.map(() => Number.NaN) })).toThrow(/start/);
    expect(() => f().problem({ start: flat, fixed: [9] })).toThrow(/fixed\[0\]` is 9/);
    expect(() => f().problem({ start: flat, fixed: 3 as never })).toThrow(/fixed/);
    expect(() => f().problem({ start: flat, projection: "mirror" as never })).toThrow(/projection/);
    expect(() => f().problem({ start: flat, gaussNewton: 1 as never })).toThrow(/gaussNewton/);
    expect(() => f().problem({ start: flat, project: true } as never)).toThrow(/options\.project/);
    expect(() => f().problem({ start: flat, equations: [{ terms: [[0, 2, 1]], value: 0 }] })).toThrow(
      /equations\[0\]\.terms\[0\]/,
    );
    expect(() => f().problem({ start: flat, equations: [{ terms: [[0, 0, 1]], value: Number.NaN }] })).toThrow(/value/);
    expect(() => f().problem({ start: flat, equations: [7 as never] })).toThrow(/equations\[0\]/);
    const lone = triangleMesh(null, [[0, 1, 3]]);
    const g = scalarFunction(lone, { dimension: 2 }).addTriangleTerms(([a]) => a.squaredNorm());
    expect(() => g.problem({ start: new Float64Array(8) })).toThrow(/no term has vertex 2/);
    expect(g.problem({ start: new Float64Array(8), fixed: [2] }).dimension).toBe(6);
  });
  it("of setParameters and setData", () => {
    expect(() => f().setParameters({ K: 1 } as never)).toThrow(/options\.K/);
    expect(() => f().setParameters({ k: [1, 2] })).toThrow(/parameters\.k/);
    expect(() => f().setData("w", {})).toThrow(/"w"; wanted one of "v"/);
    expect(() => f().setData("v", { q: [] })).toThrow(/options\.q/);
  });
  it("of the problem's own functions", () => {
    const problem = f().problem({ start: flat, fixed: [0] });
    const other = new Float64Array(18);
    expect(() => problem.value(other)).toThrow(/of length 18; wanted length 16/);
    expect(() => problem.hessianInto(f().problem({ start: flat }).newHessian(), problem.start)).toThrow(/newHessian/);
    expect(() => problem.rebase(problem.start)).toThrow(/R\^d/);
    expect(() => problem.restrict(problem.start)).toThrow(/length 18/);
    expect(() => problem.extend(other)).toThrow(/18/);
    expect(() => problem.hessianApplyInto(other, problem.start, other)).toThrow(/`v`/);
    expect(() => problem.diagnose(other)).toThrow(/18/);
  });
});
