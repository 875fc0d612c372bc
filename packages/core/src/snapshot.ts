import { describe, misuse } from "./errors.js";
import type { State } from "./method.js";

/**
 * A deep copy of a state that later steps cannot change: plain data without the scratch memory under `work`.
 * Give it to `solve(…, { resume })` to go on from it with the same iterates to the last bit.
 */
export function snapshot<S extends State>(state: S): S {
  return copy(state) as S;
}

function copy(value: unknown): unknown {
  if (value instanceof Float64Array || value instanceof Int32Array || value instanceof Uint8Array) return value.slice();
  if (Array.isArray(value)) return value.map(copy);
  if (value !== null && typeof value === "object") {
    const out: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value)) if (key !== "work") out[key] = copy(item);
    return out;
  }
  if (typeof value === "function") misuse("snapshot", "state", "a state that holds a function", "plain data");
  return value;
}

const FORMAT = "hessia-state-1";
const typedArrays = { Float64Array, Int32Array, Uint8Array } as const;
type TypedArrayName = keyof typeof typedArrays;

/** A state as JSON text. Every number keeps all of its bits (also NaN, Infinity and −0): typed arrays are stored as hexadecimal bytes. */
export function serialize(state: State): string {
  return JSON.stringify({ format: FORMAT, state: snapshot(state) }, (_key, value: unknown) => {
    for (const name of Object.keys(typedArrays) as TypedArrayName[]) {
      if (value instanceof typedArrays[name]) return { $typed: name, hex: toHex(value) };
    }
    if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))) {
      return { $number: Object.is(value, -0) ? "-0" : String(value) };
    }
    return value;
  });
}

/**
 * Reads what {@link serialize} wrote, on the same byte order.
 * @throws ArgumentError when the text is not such a state (cut off, or of another format).
 */
export function deserialize<S extends State>(text: string): S {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text, (_key, value: unknown) => {
      if (value !== null && typeof value === "object") {
        const tagged = value as { $typed?: TypedArrayName; hex?: string; $number?: string };
        if (tagged.$number !== undefined) return Number(tagged.$number);
        if (tagged.$typed !== undefined && typeof tagged.hex === "string") {
          const buffer = fromHex(tagged.hex);
          return new typedArrays[tagged.$typed](buffer);
        }
      }
      return value;
    });
  } catch (cause) {
    misuse("deserialize", "text", `not valid JSON (${(cause as Error).message})`, "a text that `serialize` wrote");
  }
  const envelope = parsed as { format?: unknown; state?: S } | null;
  if (envelope === null || typeof envelope !== "object" || envelope.format !== FORMAT || envelope.state === undefined) {
    misuse("deserialize", "text", `of format ${describe(envelope?.format)}`, `a state of format "${FORMAT}"`);
  }
  return envelope.state;
}

const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function toHex(array: Float64Array | Int32Array | Uint8Array): string {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const parts = new Array<string>(bytes.length);
  for (let i = 0; i < bytes.length; i++) parts[i] = digits[bytes[i]!]!;
  return parts.join("");
}

function fromHex(hex: string): ArrayBuffer {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes.buffer;
}
