// Python peers (numpy, SciPy) that are asked for one timing at a time, so that their runs lie between ours.
// Optional: where Python or a package is missing the peer is absent.
import { Conversation } from "./conversation.js";
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

/** Milliseconds that one statement may take. */
const statementLimit = 300_000;

/**
 * Starts Python with the given packages imported; undefined where it or one of them is missing. The statements see them by name and `np`
 * for numpy. BLAS runs on `threads` threads.
 */
export async function startPython(packages: readonly string[], threads = 1): Promise<PythonPeer | undefined> {
  const conversation = await Conversation.start(driver, { words: packages, threads });
  if (conversation === undefined) return undefined;
  return {
    versions: conversation.hello as Readonly<Record<string, string>>,
    prepare: async (statement) => void (await conversation.ask({ prepare: statement }, statementLimit)),
    time: async (expression) => Number((await conversation.ask({ time: expression }, statementLimit)).value),
    close: () => conversation.close(),
  };
}
