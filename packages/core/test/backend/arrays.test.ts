import { describe, expect, it } from "vitest";
import { makeArrayStore } from "../../src/backend/arrays.js";

describe("handles", () => {
  it("free memory once, however often they are released", () => {
    const freed: string[] = [];
    const store = makeArrayStore<string>();
    const a = store.add(1, 1, "a", (memory) => freed.push(memory));
    expect(store.memory("f", "x", a)).toBe("a");
    store.release([a, a]);
    store.release([a]);
    expect(freed).toEqual(["a"]);
    expect(store.live).toBe(0);
  });

  it("keep memory that is held until nobody holds it, though nobody may ask for it any more", () => {
    const freed: string[] = [];
    const store = makeArrayStore<string>();
    const a = store.add(1, 1, "a", (memory) => freed.push(memory));
    const first = store.hold(a);
    const second = store.hold(a);
    store.release([a]);
    expect(() => store.memory("f", "x", a)).toThrow("f: argument `x` is released");
    first();
    expect(freed).toEqual([]);
    second();
    expect(freed).toEqual(["a"]);
  });

  it("all go when the store closes; what comes later is freed at once and refused", () => {
    const freed: string[] = [];
    const store = makeArrayStore<string>();
    store.add(1, 1, "a", (memory) => freed.push(memory));
    store.add(1, 1, "b", (memory) => freed.push(memory));
    store.close();
    expect(freed).toEqual(["a", "b"]);
    expect(() => store.add(1, 1, "c", (memory) => freed.push(memory))).toThrow("closed while it was working");
    expect(freed).toEqual(["a", "b", "c"]);
  });

  it("can't be made by hand", () => {
    const store = makeArrayStore<string>();
    expect(() => store.memory("f", "x", { kind: "backend-array", rows: 1, cols: 1 })).toThrow(
      "an array of this backend",
    );
  });
});
