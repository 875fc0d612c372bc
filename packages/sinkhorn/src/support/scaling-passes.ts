// Sums of Sinkhorn's algorithm by products with a stored kernel, with potentials absorbed into it where the scalings grow: see methods/sinkhorn.ts.
import { type Counted, misuse, type Vector } from "@hessia/core";
import { denseBackend } from "@hessia/core/linear";
import type { TransportProblem, TransportState } from "../problem.js";
import type { Passes } from "./sweep.js";

export interface AbsorbedState {
  /** (α, β) of the kernel, and its ε. */
  absorbed: Vector;
  absorbedAt: number;
  /** How often potentials were absorbed (a new ε makes a new kernel and doesn't count). */
  absorptions: number;
  /** Sweeps in which a sum was done in the log domain. */
  domain: "scaling" | "log";
  logPasses: number;
}

export const nothingAbsorbed = ({ dimension }: TransportProblem): AbsorbedState => ({
  absorbed: new Float64Array(dimension),
  absorbedAt: 0,
  absorptions: 0,
  domain: "scaling",
  logPasses: 0,
});

/** |log u| and |log v| beyond which they are absorbed, and the bounds of sums that are taken. */
const mostLogScaling = 100 * Math.LN10;
const leastSum = 1e-150;
const mostSum = 1e150;

/** Sums by products with a kernel, which `state` knows the shifts of. Without `absorb` scalings that grow too large end the run. */
export function scalingPasses(
  problem: Counted<TransportProblem>,
  state: TransportState & AbsorbedState,
  absorb: boolean,
): Passes {
  const { cost } = problem;
  const n = cost.rows;
  const separable = cost.scalingKernel !== undefined;
  const kernel = separable ? axisKernel(problem) : storedKernel(problem);
  let troubled = false;
  /** The ε at which the kernel was made; 0 where it wasn't. */
  let made = 0;

  const prepare = (epsilon: number) => {
    if (made === epsilon) return;
    if (state.absorbedAt !== epsilon) {
      if (!separable && absorb) state.absorbed.set(state.x);
      state.absorbedAt = epsilon;
    }
    kernel.make(state.absorbed, epsilon);
    made = epsilon;
  };
  /** out = log(K exp((z − shift)/ε)) − ownShift/ε, or by `inLogs`. */
  const pass = (
    out: Vector,
    z: Vector,
    epsilon: number,
    shift: Vector,
    ownShift: Vector,
    multiply: (to: Vector, from: Vector) => void,
    factors: Vector,
    inLogs: () => Vector,
  ): Vector => {
    if (state.domain === "log") return inLogs();
    prepare(epsilon);
    let largest = 0;
    for (let k = 0; k < factors.length; k++) {
      const t = (z[k]! - shift[k]!) / epsilon;
      largest = Math.max(largest, t);
      factors[k] = Math.exp(t);
    }
    if (largest <= mostLogScaling) {
      multiply(out, factors);
      let good = true;
      for (let k = 0; k < out.length; k++) {
        good &&= out[k]! >= leastSum && out[k]! <= mostSum;
        out[k] = Math.log(out[k]!) - ownShift[k]! / epsilon;
      }
      if (good) return out;
    }
    if (!absorb) {
      state.failure ??= {
        rule: "overflow",
        detail: `a scaling or a sum of the kernel left the range of numbers at ε = ${epsilon}; use logSinkhorn, or absorb: true`,
      };
      return out;
    }
    state.logPasses++;
    if (separable) state.domain = "log";
    troubled = true;
    return inLogs();
  };
  const alpha = state.absorbed.subarray(0, n);
  const beta = state.absorbed.subarray(n);

  return {
    rowsInto: (out, y, epsilon) =>
      pass(out, y, epsilon, beta, alpha, kernel.multiplyInto, kernel.v, () => cost.logSumExpRowsInto(out, y, epsilon)),
    colsInto: (out, x, epsilon) =>
      pass(out, x, epsilon, alpha, beta, kernel.multiplyTransposeInto, kernel.u, () =>
        cost.logSumExpColsInto(out, x, epsilon),
      ),
    swept(epsilon) {
      if (separable || !absorb || state.failure !== null) return;
      let largest = 0;
      for (let k = 0; k < state.x.length; k++)
        largest = Math.max(largest, Math.abs(state.x[k]! - state.absorbed[k]!) / epsilon);
      if (!troubled && largest <= mostLogScaling) return;
      troubled = false;
      state.absorbed.set(state.x);
      state.absorbedAt = epsilon;
      state.absorptions++;
      made = 0;
    },
  };
}

interface Kernel {
  readonly u: Vector;
  readonly v: Vector;
  make(shifts: Vector, epsilon: number): void;
  /** out = K v. */
  readonly multiplyInto: (out: Vector, v: Vector) => void;
  /** out = Kᵀ u. */
  readonly multiplyTransposeInto: (out: Vector, u: Vector) => void;
}

/** K as a matrix, in one allocation with the vectors, so that products are done in place. */
function storedKernel({ cost }: TransportProblem): Kernel {
  const { rows: n, cols: m } = cost;
  const backend = denseBackend();
  const memory = backend.allocate(n * m + 2 * (n + m));
  let end = 0;
  const take = (length: number) => {
    end += length;
    return memory.subarray(end - length, end);
  };
  const K = take(n * m);
  const u = take(n);
  const v = take(m);
  const Kv = take(n);
  const Ktu = take(m);
  return {
    u,
    v,
    make(shifts, epsilon) {
      cost.planTiles(shifts.subarray(0, n), shifts.subarray(n), epsilon, ({ firstRow, rows, plan }) =>
        K.set(plan.subarray(0, rows * m), firstRow * m),
      );
    },
    multiplyInto(out, from) {
      backend.gemv(n, m, K, 0, m, from, Kv);
      out.set(Kv);
    },
    multiplyTransposeInto(out, from) {
      backend.gemvTranspose(n, m, K, 0, m, from, Ktu);
      out.set(Ktu);
    },
  };
}

/** K one axis at a time. */
function axisKernel({ cost }: TransportProblem): Kernel {
  let made = cost.scalingKernel!(1);
  return {
    u: new Float64Array(cost.rows),
    v: new Float64Array(cost.cols),
    make(shifts, epsilon) {
      if (shifts.some((shift) => shift !== 0)) misuse("sinkhorn", "state.absorbed", "not 0", "0 with a grid");
      made = cost.scalingKernel!(epsilon);
    },
    multiplyInto: (out, from) => made.multiplyInto(out, from),
    multiplyTransposeInto: (out, from) => made.multiplyTransposeInto(out, from),
  };
}
