// The binary encoding of WebAssembly: numbers, names, vectors, sections. Bytes are put together as nested lists and flattened once.

/** Bytes, nested as they were put together. */
export type Rope = number | Uint8Array | readonly Rope[];

/** All bytes in order. */
export function flatten(rope: Rope): Uint8Array {
  let bytes = new Uint8Array(256);
  let size = 0;
  const room = (more: number) => {
    if (size + more <= bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * bytes.length, size + more));
    larger.set(bytes);
    bytes = larger;
  };
  const stack: { list: readonly Rope[]; at: number }[] = [{ list: [rope], at: 0 }];
  while (stack.length > 0) {
    const top = stack.at(-1)!;
    if (top.at === top.list.length) {
      stack.pop();
      continue;
    }
    const item = top.list[top.at++]!;
    if (typeof item === "number") {
      room(1);
      bytes[size++] = item;
    } else if (item instanceof Uint8Array) {
      room(item.length);
      bytes.set(item, size);
      size += item.length;
    } else stack.push({ list: item, at: 0 });
  }
  return bytes.subarray(0, size);
}

/** LEB128 of an integer from 0 to 2³² − 1. */
export function unsigned(value: number): Rope {
  if (value < 0x80) return value;
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return bytes;
}

/** Signed LEB128 of an integer that a double holds exactly. */
export function signed(value: number): Rope {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = ((rest % 0x80) + 0x80) % 0x80;
    rest = (rest - low) / 0x80;
    if ((rest === 0 && low < 0x40) || (rest === -1 && low >= 0x40)) {
      bytes.push(low);
      return bytes;
    }
    bytes.push(low | 0x80);
  }
}

/** The eight bytes of a double. */
export function encodeF64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return bytes;
}

/** A name; ASCII only. */
export const name = (text: string): Rope => {
  const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  return [unsigned(bytes.length), bytes];
};

/** A vector in the binary format's sense: the count, then the items. */
export const vector = (items: readonly Rope[]): Rope => [unsigned(items.length), items];

export const section = (id: number, content: Rope): Rope => {
  const bytes = flatten(content);
  return [id, unsigned(bytes.length), bytes];
};
