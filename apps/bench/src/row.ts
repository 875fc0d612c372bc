// What a benchmark run produces: plain data that goes to the JSON file as it is.
import type { Counts } from "@hessia/core";

/** One point of a method's progress: total evaluations so far (all kinds), milliseconds so far, best f so far. */
export interface Progress {
  readonly evaluations: number;
  readonly ms: number;
  readonly value: number;
}

/** One method on one problem. */
export interface Row {
  readonly problem: string;
  readonly n: number;
  readonly method: string;
  readonly value: number;
  /** ‖∇f‖∞ at the point returned, evaluated anew by the benchmark. */
  readonly gradientNorm: number;
  readonly startGradientNorm: number;
  readonly startValue: number;
  /** Whether gradientNorm ≤ tolerance · max(1, startGradientNorm): the benchmark's own verdict, not the method's. */
  readonly solved: boolean;
  readonly iterations: number;
  readonly counts: Readonly<Counts>;
  readonly ms: number;
  /** Milliseconds inside of the problem's functions. */
  readonly evaluationMs: number;
  readonly reason: { readonly kind: string; readonly rule: string; readonly detail: string };
  /** The known best value, where there is one, and f − best relative to max(1, |best|). */
  readonly optimum: number | null;
  readonly gap: number | null;
  /** Thinned to at most 200 points. */
  readonly progress: readonly Progress[];
}

/** A figure that an issue asks for, computed in the run that reports it. `measured: null` means that it is absent. */
export interface Claim {
  readonly id: string;
  readonly statement: string;
  readonly goal: string;
  readonly measured: string | null;
  /** null when absent. */
  readonly holds: boolean | null;
}

/** One measured kernel. */
export interface Measured {
  /** "gemm n = 512". */
  readonly kernel: string;
  /** "hessia wasm-relaxed", "ml-matrix", "numpy (OpenBLAS, 1 thread)". */
  readonly contender: string;
  /** The median, in milliseconds; null where the contender wasn't there, with the reason in `note`. */
  readonly ms: number | null;
  /** Multiplications and additions, each as one: for GFLOP/s and the roofline. */
  readonly flops?: number;
  /** Bytes that have to come from or go to memory, each once: for the roofline. */
  readonly bytes?: number;
  /** Things done (exponentials, triangles), where these are what is counted: shown as millions a second. */
  readonly items?: number;
  readonly note?: string;
}

/** A table of a suite's own, as it is to be read. */
export interface ReportTable {
  readonly id: string;
  readonly title: string;
  readonly head: readonly string[];
  /** The first column is text, the others are numbers as text. */
  readonly rows: readonly (readonly string[])[];
  readonly note?: string;
}

/** A picture that a suite draws itself. */
export interface Picture {
  readonly id: string;
  readonly title: string;
  readonly svg: string;
}

/** The roofline's two lines. */
export interface Roof {
  /** GFLOP/s of a loop of multiply-adds that stay in registers, by SIMD WebAssembly, and by plain JavaScript. */
  readonly gflops: number;
  readonly gflopsRelaxed: number | null;
  readonly gflopsJavascript: number;
  /** GB/s of a sum over an array that doesn't fit any cache. */
  readonly gigabytes: number;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly platform: string;
}

export interface SuiteReport<R = Row> {
  readonly suite: string;
  readonly startedAt: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly commit: string | null;
  /** Whether the run was cut short (Ctrl-C). */
  readonly interrupted: boolean;
  readonly rows: readonly R[];
  /** Curves beside the table, by name: for pictures. */
  readonly curves: readonly Curve[];
  readonly claims: readonly Claim[];
  /** Kernels by contender, and what the machine reaches: of suites that time kernels. */
  readonly measured?: readonly Measured[];
  readonly roof?: Roof;
  readonly tables?: readonly ReportTable[];
  /** Also written as files of their own beside the report. */
  readonly pictures?: readonly Picture[];
  /** What was left out and why: one line each. */
  readonly leftOut?: readonly string[];
}

/** A family of lines in one picture. */
export interface Curve {
  readonly id: string;
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly logX: boolean;
  readonly logY: boolean;
  /** Whether lines are step functions (profiles). */
  readonly steps: boolean;
  /** Whether points are marked. Default: where lines are not step functions. */
  readonly dots?: boolean;
  readonly lines: readonly { readonly name: string; readonly points: readonly (readonly [number, number])[] }[];
}

/** All kinds of evaluations together: of counts, or of the times that they took. */
export const totalEvaluations = (counts: Readonly<Counts>): number =>
  counts.value + counts.gradient + counts.hessian + counts.hessianApply + counts.residual + counts.jacobian;
