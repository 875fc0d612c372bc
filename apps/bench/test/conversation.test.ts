import { spawnSync } from "node:child_process";
import { afterEach, describe, expect, it } from "vitest";
import { Conversation } from "../src/peers/conversation.js";

const python = spawnSync("python3", ["--version"]).status === 0;
if (!python) console.warn("python3 is missing: the tests of conversations with it are skipped");

/** Says hello with its process id; answers "echo", prints noise, hangs, or dies as it is told. */
const driver = `
import json, os, sys, time
print(json.dumps({"hello": {"pid": os.getpid(), "threads": os.environ.get("OMP_NUM_THREADS"), "words": sys.argv[1:]}}), flush=True)
for line in sys.stdin:
    message = json.loads(line)
    if message["do"] == "hang":
        time.sleep(60)
    if message["do"] == "die":
        print("Segmentation fault, as it were", file=sys.stderr, flush=True)
        os._exit(3)
    if message["do"] == "fail":
        print(json.dumps({"error": "ValueError: no"}), flush=True)
        continue
    print("a library talks", flush=True)
    print(json.dumps({"echo": message["text"]}), flush=True)
`;

describe.skipIf(!python)("a conversation with Python", () => {
  let conversation: Conversation | undefined;
  afterEach(() => conversation?.close());

  it("greets, passes words and threads, and answers one line for one, whatever else is printed", async () => {
    conversation = await Conversation.start(driver, { words: ["a", "b"], threads: 2 });
    expect(conversation!.hello).toMatchObject({ threads: "2", words: ["a", "b"] });
    for (const text of ["one", "zwei ε"])
      expect(await conversation!.ask({ do: "echo", text }, 10_000)).toEqual({ echo: text });
  });

  it("passes an error on and stays", async () => {
    conversation = await Conversation.start(driver);
    const { pid } = conversation!.hello;
    await expect(conversation!.ask({ do: "fail" }, 10_000)).rejects.toThrow("ValueError: no");
    expect(await conversation!.ask({ do: "echo", text: "still here" }, 10_000)).toEqual({ echo: "still here" });
    expect(conversation!.hello.pid).toBe(pid);
  });

  it.each([
    ["hang", 300, /no answer in 0\.3 s, ended/],
    ["die", 10_000, /the process died \(exit code 3\): Segmentation fault, as it were/],
  ])("names a process that doesn't answer (%s), and has another one for the next question", async (how, limit, why) => {
    conversation = await Conversation.start(driver);
    const { pid } = conversation!.hello;
    await expect(conversation!.ask({ do: how }, limit)).rejects.toThrow(why);
    expect(conversation!.hello.pid).not.toBe(pid);
    expect(await conversation!.ask({ do: "echo", text: "again" }, 10_000)).toEqual({ echo: "again" });
  });

  it("is undefined where a package is missing", async () => {
    const missing = `print('{"error": "No module named nonesuch"}', flush=True)`;
    expect(await Conversation.start(missing)).toBeUndefined();
  });
});

describe("without Python", () => {
  it("is undefined", async () => {
    expect(await Conversation.start(driver, { program: "no-such-python-here" })).toBeUndefined();
  });
});
