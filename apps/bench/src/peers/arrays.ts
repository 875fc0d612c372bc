// Peers in Python that work on arrays: these go through a temporary file of doubles, once for all runs on them.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Conversation, type Message } from "./conversation.js";

/** By name; row-major. */
export type NamedArrays = Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float64Array }>>;

export interface ArrayPeers {
  /** By package: those that are there. */
  readonly versions: Readonly<Record<string, string>>;
  /** Has the process work on these arrays (loaded when they aren't those of the last run) and answers what it says within so many seconds. Rejects when it throws, dies, or hangs; the next run has a process again. */
  run(arrays: NamedArrays, message: Message, seconds: number): Promise<Message>;
  close(): void;
}

/** Milliseconds that reading arrays may take. */
const loadLimit = 60_000;

/** Starts the driver's source; undefined where Python or numpy is missing. */
export async function startArrayPeers(driver: string): Promise<ArrayPeers | undefined> {
  const conversation = await Conversation.start(driver);
  if (conversation === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "hessia-bench-"));
  let loaded: NamedArrays | undefined;
  const load = async (arrays: NamedArrays) => {
    const file = join(folder, "arrays");
    writeFileSync(file, "");
    for (const { data } of Object.values(arrays))
      writeFileSync(file, new Uint8Array(data.buffer, data.byteOffset, data.byteLength), { flag: "a" });
    const shapes = Object.entries(arrays).map(([name, { shape }]) => [name, shape]);
    await conversation.ask({ load: file, arrays: shapes }, loadLimit);
    rmSync(file);
  };
  return {
    versions: conversation.hello as Readonly<Record<string, string>>,
    async run(arrays, message, seconds) {
      try {
        if (loaded !== arrays) await load(arrays);
        loaded = arrays;
        return await conversation.ask(message, 1000 * seconds);
      } catch (error) {
        // Another process may have taken its place, without the arrays.
        loaded = undefined;
        throw error;
      }
    },
    close() {
      conversation.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A number of an answer; NaN where it wasn't finite. */
export const numberOf = (value: unknown): number => (typeof value === "number" ? value : Number.NaN);
