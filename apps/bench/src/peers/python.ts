// Python peers (numpy, SciPy) in a process of their own, which is asked for one timing at a time, so that their runs lie between ours.
// Optional: where Python or a package is missing the peer is absent, and says why.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import driver from "./driver.py?raw";

export interface PythonPeer {
  /** Versions by package: those that are there. */
  readonly versions: Readonly<Record<string, string>>;
  /** Runs a Python statement in the peer's own namespace; nothing is timed. */
  prepare(statement: string): Promise<void>;
  /** Milliseconds of one run of a Python expression. */
  time(expression: string): Promise<number>;
  close(): void;
}

/**
 * Starts Python with the given packages imported; undefined where it or one of them is missing. The statements see them by name and `np`
 * for numpy. BLAS runs on `threads` threads.
 */
export async function startPython(packages: readonly string[], threads = 1): Promise<PythonPeer | undefined> {
  const count = String(threads);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    OMP_NUM_THREADS: count,
    OPENBLAS_NUM_THREADS: count,
    MKL_NUM_THREADS: count,
  };
  // Set on some machines for old libraries; it would slow a current one.
  delete env.OPENBLAS_CORETYPE;
  delete env.OPENBLAS_L2_SIZE;
  let child: ChildProcess;
  try {
    child = spawn("python3", ["-c", driver, ...packages], { env, stdio: ["pipe", "pipe", "ignore"] });
  } catch {
    return undefined;
  }
  const answers: string[] = [];
  const waiting: ((line: string | undefined) => void)[] = [];
  let ended = false;
  createInterface({ input: child.stdout! }).on("line", (line) => {
    const next = waiting.shift();
    if (next === undefined) answers.push(line);
    else next(line);
  });
  const end = () => {
    ended = true;
    for (const next of waiting.splice(0)) next(undefined);
  };
  child.on("error", end);
  child.on("close", end);
  child.stdin!.on("error", end);
  const answer = () =>
    new Promise<string | undefined>((resolve) => {
      if (answers.length > 0) resolve(answers.shift());
      else if (ended) resolve(undefined);
      else waiting.push(resolve);
    });
  const ask = async (kind: string, text: string): Promise<string> => {
    child.stdin!.write(`${JSON.stringify([kind, text])}\n`);
    const line = await answer();
    if (line === undefined) throw new Error("the Python peer ended");
    const { error, value } = JSON.parse(line) as { error?: string; value?: string };
    if (error !== undefined) throw new Error(error);
    return value ?? "";
  };
  const first = await answer();
  if (first === undefined) return undefined;
  const hello = JSON.parse(first) as { versions?: Record<string, string>; error?: string };
  if (hello.versions === undefined) {
    child.kill();
    return undefined;
  }
  return {
    versions: hello.versions,
    prepare: async (statement) => void (await ask("prepare", statement)),
    time: async (expression) => Number(await ask("time", expression)),
    close: () => void child.kill(),
  };
}
