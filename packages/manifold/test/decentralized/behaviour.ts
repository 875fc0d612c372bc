// What every decentralized method must do: run by each method's test file.
import {
  any,
  defineProblem,
  deserialize,
  type Method,
  maxIterations,
  serialize,
  snapshot,
  solve,
  timeLimit,
  type Vector,
} from "@hessia/core";
import { symmetricEigen } from "@hessia/core/linear";
import { describe, expect, it } from "vitest";
import { endIteration } from "../../src/decentralized/method.js";
import {
  type DecentralizedMethod,
  type DecentralizedOptions,
  type DecentralizedProblem,
  type DecentralizedState,
  decentralizedProblem,
  decentralizedStationarity,
  erdosRenyiGraph,
  graphFromEdges,
  type LocalProblem,
  lazyWeights,
  metropolisWeights,
  mixingMatrix,
  type Network,
  network,
  pathGraph,
  ringGraph,
  sameForAll,
  sphere,
  starGraph,
  stiefel,
} from "../../src/index.js";
import { brockett, randomSymmetric } from "../problems-for-tests.js";
import { seeded } from "../random.js";
import { principalComponents, scatter, splitData, subspaceDistance } from "./problems.js";

type Make = (options?: DecentralizedOptions) => DecentralizedMethod;

export const toStationarity = (tolerance: number, most = 40_000) =>
  any<DecentralizedState>(decentralizedStationarity(tolerance, tolerance), maxIterations(most));

/** Principal components of data on 8 agents that differ much: n = 10, p = 2, eigenvalues falling by 0.5. */
export function smallComponents(net: Network, seed = 1) {
  const [n, p] = [10, 2];
  const M = stiefel(n, p);
  const { locals, whole } = principalComponents(splitData(net.agents, 30, n, 0.5, seed), p);
  const { vectors } = symmetricEigen(whole);
  const top = new Float64Array(n * p);
  for (let i = 0; i < n; i++) for (let j = 0; j < p; j++) top[i * p + j] = vectors.data[i * n + (n - 1 - j)]!;
  return {
    M,
    problem: decentralizedProblem(M, net, locals),
    x0: scatter(M, M.randomPoint(seeded(seed + 7)), net.agents, 0.1, seed + 8),
    distance: (X: Vector) => subspaceDistance(X, top, n, p),
  };
}

/** Four graphs of pairs that take turns: none is connected, all together are. */
export function matchings(): Network {
  const shift = (s: number) =>
    metropolisWeights(
      graphFromEdges(
        8,
        [0, 2, 4, 6].map((i) => [i, (i + s) % 8] as const),
      ),
    );
  return network([shift(1), shift(3), shift(5), shift(7)]);
}

const ring8 = () => network(metropolisWeights(ringGraph(8)));

export function behavesLikeADecentralizedMethod(name: string, make: Make): void {
  describe(`${name} with gradient tracking`, () => {
    for (const [graph, net] of [
      ["a ring", ring8()],
      ["a star", network(metropolisWeights(starGraph(8)))],
      ["a path with lazy weights", network(lazyWeights(metropolisWeights(pathGraph(8))))],
      ["a random graph", network(metropolisWeights(erdosRenyiGraph(8, 0.4, seeded(2))))],
      ["graphs that change and are never connected", matchings()],
    ] as const)
      it(`agrees on the principal components to 1e-10 on ${graph}`, () => {
        const { M, problem, x0, distance } = smallComponents(net);
        const { state, reason } = solve(make(), problem, x0, { stop: toStationarity(1e-10) });
        expect(reason).toMatchObject({ kind: "converged", rule: "decentralizedStationarity" });
        expect(state.consensusError).toBeLessThan(1e-10);
        expect(state.gradientNorm).toBeLessThan(1e-10);
        expect(distance(state.mean)).toBeLessThan(1e-9);
        for (let i = 0; i < 8; i++) {
          const xi = state.x.slice(20 * i, 20 * (i + 1));
          expect(distance(xi)).toBeLessThan(1e-9);
          expect(M.distanceFromManifold(xi)).toBeLessThan(1e-12);
        }
        expect(state.rounds).toBe(state.iteration);
      });

    it("needs fewer iterations with more rounds of mixing", () => {
      const { problem, x0 } = smallComponents(ring8());
      const [one, five] = [1, 5].map((consensusRounds) =>
        solve(make({ consensusRounds }), problem, x0, { stop: toStationarity(1e-10) }),
      );
      expect(five!.reason.kind).toBe("converged");
      expect(five!.iterations).toBeLessThan(0.7 * one!.iterations);
      expect(five!.state.rounds).toBe(5 * five!.iterations);
    });

    it("keeps the trackers' mean at the mean of the gradients, whatever the graph", () => {
      const { problem, x0 } = smallComponents(matchings());
      let worst = 0;
      solve(make(), problem, x0, {
        stop: maxIterations(60),
        observers: [
          ({ state: { trackers, localGradients } }) => {
            for (let k = 0; k < 20; k++) {
              let difference = 0;
              for (let i = 0; i < 8; i++) difference += trackers[20 * i + k]! - localGradients[20 * i + k]!;
              worst = Math.max(worst, Math.abs(difference));
            }
          },
        ],
      });
      expect(worst).toBeLessThan(1e-13);
    });

    it("ends at the limit of rounding, and says so", () => {
      const { problem, x0 } = smallComponents(network(metropolisWeights(starGraph(4))));
      const { reason, state } = solve(make(), problem, x0, { stop: maxIterations(100_000) });
      expect(reason).toMatchObject({ kind: "failed", rule: "noProgress" });
      expect(reason.detail).toMatch(/^max\(‖grad f\(x̄\)‖, ‖x − x̄‖\) stays above .*limit of rounding/);
      expect(state.leastMeasure).toBeLessThan(1e-13);
    });

    it("works on spheres and with falling steps", () => {
      const S = sphere(6);
      const locals = [1, 2, 3].map((seed) => brockett(randomSymmetric(6, seed), [1]));
      const problem = decentralizedProblem(S, network(metropolisWeights(ringGraph(3))), locals);
      const x0 = sameForAll(problem, S.randomPoint(seeded(4)));
      const mean = randomSymmetric(6, 1);
      for (let k = 0; k < 36; k++)
        mean.data[k] = (mean.data[k]! + randomSymmetric(6, 2).data[k]! + randomSymmetric(6, 3).data[k]!) / 3;
      const least = symmetricEigen(mean).values[0]!;
      const adaptive = solve(make(), problem, x0, { stop: toStationarity(1e-10) });
      expect(adaptive.reason.kind).toBe("converged");
      expect(adaptive.value).toBeCloseTo(0.5 * least, 12);
      const falling = solve(make({ step: { first: 0.3, power: 0.3 } }), problem, x0, { stop: toStationarity(1e-8) });
      expect(falling.reason.kind).toBe("converged");
      expect(falling.value).toBeCloseTo(0.5 * least, 12);
    });
  });

  describe(`${name} without gradient tracking`, () => {
    it("levels off at a floor that shrinks with the step, where tracking goes on", () => {
      const { problem, x0 } = smallComponents(ring8());
      const floor = (step: number) => {
        const method = make({ gradientTracking: false, step });
        const { state, reason } = solve(method, problem, x0, { stop: toStationarity(1e-10, 100_000) });
        expect(reason).toMatchObject({ kind: "failed", rule: "noProgress" });
        expect(reason.detail).toContain("without gradient tracking a fixed step ends at a distance");
        return state.leastMeasure;
      };
      const [long, short] = [floor(0.02), floor(0.005)];
      expect(short).toBeGreaterThan(1e-6);
      expect(long / short).toBeGreaterThan(2);
      expect(long / short).toBeLessThan(20);
      const { reason } = solve(make({ step: 0.02 }), problem, x0, { stop: toStationarity(1e-10) });
      expect(reason.kind).toBe("converged");
    });

    it("comes to consensus at the rate σᵗ where there is nothing to minimize", () => {
      const net = network(metropolisWeights(ringGraph(10)));
      const M = stiefel(6, 2);
      const zero: LocalProblem = defineProblem({
        dimension: 12,
        value: () => 0,
        gradient: () => new Array(12).fill(0),
      });
      const problem = decentralizedProblem(M, net, Array(10).fill(zero));
      const x0 = scatter(M, M.randomPoint(seeded(1)), 10, 0.1, 2);
      for (const gradientTracking of [true, false])
        for (const consensusRounds of [1, 3]) {
          const errors: number[] = [];
          solve(make({ gradientTracking, consensusRounds }), problem, x0, {
            stop: maxIterations(Math.ceil(90 / consensusRounds)),
            observers: [({ state }) => errors.push(state.consensusError)],
          });
          const rate = errors.at(-1)! / errors.at(-2)!;
          expect(rate).toBeCloseTo(net.contraction ** consensusRounds, 3);
          expect(errors.at(-1)!).toBeLessThan(1e-2 * errors[0]!);
        }
    });
  });

  describe(`${name} as a method`, () => {
    it("goes on from a stored state with the same iterates to the last bit, also between graphs that change", () => {
      for (const gradientTracking of [true, false]) {
        const { problem, x0 } = smallComponents(matchings());
        const method = make({ gradientTracking, consensusRounds: 3 });
        const run = (stop: number, resume?: DecentralizedState) =>
          solve(method, problem, x0, {
            stop: maxIterations(stop),
            trace: true,
            ...(resume === undefined ? {} : { resume }),
          });
        const whole = run(41);
        const first = run(17);
        const rest = run(41, deserialize<DecentralizedState>(serialize(first.state)));
        expect(rest.state.x).toEqual(whole.state.x);
        expect(snapshot(rest.state)).toEqual(snapshot(whole.state));
        expect(rest.trace.map((row) => row.value)).toEqual(whole.trace.slice(17).map((row) => row.value));
      }
    });

    it("loses nothing when its scratch memory vanishes", () => {
      const { problem, x0 } = smallComponents(ring8());
      const method = make();
      const forgetful: Method<DecentralizedProblem, DecentralizedState> = {
        ...method,
        step: (given, state) => method.step(given, snapshot(state)),
      };
      const stop = maxIterations(30);
      expect(solve(forgetful, problem, x0, { stop }).x).toEqual(solve(method, problem, x0, { stop }).x);
    });

    it("watches the induced mean: f, grad f and the distance from it", () => {
      const { problem, x0, M } = smallComponents(ring8());
      const { state, value } = solve(make(), problem, x0, { stop: maxIterations(7) });
      const sum = new Float64Array(20);
      for (let k = 0; k < 160; k++) sum[k % 20] = sum[k % 20]! + state.x[k]!;
      const mean = M.projectPointInto(M.zero(), sum);
      const g = M.zero();
      const total = M.zero();
      let f = 0;
      for (const local of problem.locals) {
        f += local.value(mean) / 8;
        local.gradientInto(g, mean);
        for (let k = 0; k < 20; k++) total[k] = total[k]! + g[k]! / 8;
      }
      M.projInto(total, mean, total);
      for (let k = 0; k < 20; k++) {
        expect(state.mean[k]!).toBeCloseTo(mean[k]!, 13);
        expect(state.gradient[k]!).toBeCloseTo(total[k]!, 13);
      }
      expect(state.gradientNorm).toBeCloseTo(Math.hypot(...total), 13);
      expect(state.consensusError).toBeCloseTo(Math.hypot(...state.x.map((v, k) => v - mean[k % 20]!)), 13);
      expect(state.value).toBeCloseTo(f, 13);
      expect(value).toBe(state.value);
      expect(problem.value(state.x)).toBeCloseTo(f, 13);
    });

    it("counts each local evaluation", () => {
      const { problem, x0 } = smallComponents(ring8());
      const { counts, state } = solve(make(), problem, x0, { stop: maxIterations(10) });
      // At the start: two for each agent's Lipschitz constant, one at the mean; then one at its point, one at the mean.
      expect(counts).toMatchObject({ gradient: 8 * 3 + 8 * 2 * 10, value: 8 * 3 + 8 * 2 * 10 });
      expect(state.rounds).toBe(10);
    });

    it("rejects points outside of a function's domain", () => {
      const S = sphere(3);
      // Finite where x₁ > 0.9 only, and the minimum of the unconstrained part lies outside of it.
      const capped = (target: number): LocalProblem =>
        defineProblem({
          dimension: 3,
          value: ([x, y, z]) => (x! > 0.9 ? -y! - target * z! - 0.01 * Math.log(x! - 0.9) : Number.NaN),
          gradient: ([x]) => [x! > 0.9 ? -0.01 / (x! - 0.9) : Number.NaN, -1, -target],
        });
      const problem = decentralizedProblem(S, network(metropolisWeights(pathGraph(3))), [-1, 0, 1].map(capped));
      const x0 = sameForAll(problem, Float64Array.of(0.95, -Math.sqrt(1 - 0.95 ** 2), 0));
      const { state, reason } = solve(make({ step: 0.3 }), problem, x0, { stop: maxIterations(50) });
      expect(reason.kind).toBe("budget");
      expect(state.x.every(Number.isFinite)).toBe(true);
      for (let i = 0; i < 3; i++) expect(state.x[3 * i]!).toBeGreaterThan(0.9);
      const adaptive = solve(make(), problem, x0, { stop: toStationarity(1e-9) });
      expect(adaptive.reason.kind).toBe("converged");
      // On the circle z = 0 the derivative of −sin θ − 0.01 log(cos θ − 0.9) vanishes.
      const θ = Math.atan2(adaptive.state.mean[1]!, adaptive.state.mean[0]!);
      expect(Math.abs(-Math.cos(θ) + (0.01 * Math.sin(θ)) / (Math.cos(θ) - 0.9))).toBeLessThan(1e-8);
    });

    it("ends by budget, by signal, and where there is no point to go to", () => {
      const { problem, x0 } = smallComponents(ring8());
      expect(solve(make(), problem, x0, { stop: maxIterations(3) }).reason.rule).toBe("maxIterations");
      expect(solve(make(), problem, x0, { stop: timeLimit(0) }).reason.rule).toBe("timeLimit");
      const aborted = solve(make(), problem, x0, { signal: { aborted: true, reason: "enough" } });
      expect(aborted.reason).toEqual({ kind: "aborted", rule: "signal", detail: "enough" });

      // Agent 1 knows its function at the start only.
      const start = [0.6, 0.8];
      const only: LocalProblem = defineProblem({
        dimension: 2,
        value: ([x]) => (x === start[0] ? 1 : Number.NaN),
        gradient: () => [1, 0],
      });
      const plain: LocalProblem = defineProblem({ dimension: 2, value: ([x]) => x!, gradient: () => [1, 0] });
      const lost = decentralizedProblem(sphere(2), network(metropolisWeights(pathGraph(2))), [plain, only]);
      const x = sameForAll(lost, Float64Array.from(start));
      const { reason, state } = solve(make({ step: 0.5 }), lost, x);
      expect(reason).toMatchObject({ kind: "failed", rule: "noProgress" });
      expect(reason.detail).toContain("agent 1 has no point with finite f and gradient");
      expect(state.stepNorm).toBe(0);
    });

    it("says so where a function isn't finite at the start, and passes on what it throws", () => {
      const { M, problem, x0 } = smallComponents(ring8());
      const with3 = (local: LocalProblem) =>
        decentralizedProblem(
          M,
          problem.network,
          problem.locals.map((given, i) => (i === 3 ? local : given)),
        );
      const bad = with3(
        defineProblem({ dimension: 20, value: () => Number.NaN, gradient: () => new Array(20).fill(0) }),
      );
      expect(solve(make(), bad, x0).reason).toMatchObject({ kind: "failed", rule: "nonFiniteStart" });
      const thrower = with3({
        dimension: 20,
        value: () => {
          throw new Error("no data");
        },
        gradientInto: (out) => out,
      });
      expect(() => solve(make(), thrower, x0)).toThrow(/the problem's `locals\[3\]` threw at evaluation \d+: no data/);
    });

    it("names a gradient that is wrong when it stalls on it", () => {
      const { M, problem, x0 } = smallComponents(network(metropolisWeights(pathGraph(2))));
      const wrong = problem.locals.map((local) => ({
        dimension: 20,
        value: local.value,
        // A field without a potential: the gradient of another function, turned.
        gradientInto(out: Vector, x: Vector) {
          local.gradientInto(out, x);
          const [first] = out;
          out[0] = -3 * out[3]!;
          out[3] = 3 * first!;
          return out;
        },
      }));
      const { reason } = solve(
        make({ gradientTracking: false, step: 0.05 }),
        decentralizedProblem(M, problem.network, wrong),
        x0,
        {
          stop: maxIterations(50_000),
        },
      );
      expect(reason).toMatchObject({ kind: "failed", rule: "wrongGradientLikely" });
    });

    it("halves adaptive steps with tracking where progress ends, twelve times", () => {
      const { problem, x0 } = smallComponents(ring8());
      const method = make();
      const { state } = solve(method, problem, x0, { stop: maxIterations(5) });
      const stalled = { ...snapshot(state), leastMeasure: 1e-9, leastValue: -1e9, sinceLeast: 999 };
      endIteration(method.settings, stalled);
      expect(stalled).toMatchObject({ stepScale: 0.5, sinceLeast: 0, failure: null });
      Object.assign(stalled, { stepScale: 2 ** -12, sinceLeast: 999 });
      endIteration(method.settings, stalled);
      expect(stalled.failure?.rule).toBe("noProgress");
    });

    it("refuses points of an agent off the manifold, problems that aren't decentralized, and bad options", () => {
      const { problem, x0 } = smallComponents(ring8());
      const off = x0.slice();
      off[2 * 20] = off[2 * 20]! + 0.5;
      expect(() => solve(make(), problem, off)).toThrow(
        new RegExp(`^${name}: argument \`x0 of agent 2\` is off stiefel\\(10, 2\\) by .*projectPointInto`),
      );
      expect(() => solve(make(), problem, x0.slice(20))).toThrow("argument `x0` is of length 140; wanted length 160");
      expect(() => solve(make(), brockett(randomSymmetric(3, 1), [1]) as never, [1, 0, 0])).toThrow(
        `${name}: argument \`problem\` is an Object; wanted a problem made by \`decentralizedProblem\``,
      );
      const refused = (options: object, text: string) =>
        expect(() => make(options as never)).toThrow(`${name}: argument ${text}`);
      refused({ tracking: true }, "`options.tracking` is not an option");
      refused({ gradientTracking: 1 }, "`options.gradientTracking` is 1; wanted true or false");
      refused({ consensusRounds: 0 }, "`options.consensusRounds` is 0; wanted an integer >= 1");
      refused({ step: 0 }, "`options.step` is 0; wanted a number > 0");
      refused({ step: Number.NaN }, "`options.step` is NaN");
      refused({ step: "fast" }, '`options.step` is "fast"; wanted "adaptive", a number > 0 or { first, power }');
      refused({ step: { first: 1 } }, "`options.step.power` is undefined");
      refused({ step: { first: -1, power: 1 } }, "`options.step.first` is -1");
      refused({ step: { first: 1, power: 2 } }, "`options.step.power` is 2; wanted a number > 0 and <= 1");
      refused({ step: { first: 1, power: 1, last: 2 } }, "`options.last` is not an option");
    });
  });
}

/** xᵢ⁺ and so on by matrices, written anew: one row an agent, Wᵗ as a matrix, no message in sight. */
export function byMatrices(
  problem: DecentralizedProblem,
  t: number,
  x0: Vector,
): {
  N: number;
  n: number;
  rows: (x: Vector) => Vector[];
  mixed: (X: readonly Vector[]) => Vector[];
  grad: (i: number, x: Vector) => Vector;
  X: Vector[];
} {
  const { manifold: M, network: net, locals } = problem;
  const [N, n] = [net.agents, M.length];
  const rows = (x: Vector) => Array.from({ length: N }, (_, i) => x.slice(i * n, (i + 1) * n));
  let power: number[][] = Array.from({ length: N }, (_, i) => Array.from({ length: N }, (_, j) => (i === j ? 1 : 0)));
  const W = net.matrices[0]!.weights;
  for (let r = 0; r < t; r++)
    power = power.map((row) => row.map((_, j) => row.reduce((sum, w, l) => sum + w * W[l * N + j]!, 0)));
  const mixed = (X: readonly Vector[]) =>
    power.map((row) => X[0]!.map((_, k) => row.reduce((sum, w, j) => sum + w * X[j]![k]!, 0)));
  const grad = (i: number, x: Vector) => {
    const g = M.zero();
    locals[i]!.gradientInto(g, x);
    return M.projInto(g, x, g);
  };
  return { N, n, rows, mixed, grad, X: rows(x0) };
}

/** Networks on which methods are compared with their matrix form. */
export const comparedNetworks = () =>
  [
    ["one agent", network(metropolisWeights(ringGraph(1)))],
    ["a ring", ring8()],
    ["a complete graph", network(mixingMatrix(completeOf8(), new Float64Array(64).fill(1 / 8)))],
  ] as const;

const completeOf8 = () => erdosRenyiGraph(8, 1, seeded(1));
