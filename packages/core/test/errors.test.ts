import { expect, describe as group, it } from "vitest";
import { ArgumentError, describe, misuse, requireKnownOptions } from "../src/errors.js";
import { trace } from "../src/kernel/trace.js";
import { requireGradient } from "../src/method.js";

const known = ["maxIterations", "memory", "tolerance", "regularization", "step"];
const messageOf = (run: () => void): string => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ArgumentError);
    return (error as Error).message;
  }
  return "";
};

group("an unknown option", () => {
  it.each([
    ["maxIter", "maxIterations"],
    ["mem", "memory"],
    ["tol", "tolerance"],
    ["tolerence", "tolerance"],
    ["Step", "step"],
    ["epsilon", "regularization"],
    ["iterations", "maxIterations"],
  ])("%s suggests %s", (key, name) => {
    const message = messageOf(() => requireKnownOptions("solve", { [key]: 1 }, known));
    expect(message).toContain(`\`options.${key}\` is not an option`);
    expect(message).toContain(`Did you mean \`${name}\`?`);
  });

  it("suggests nothing where nothing is near", () => {
    expect(messageOf(() => requireKnownOptions("solve", { colour: 1 }, known))).not.toContain("Did you");
  });

  it.each([
    [[1, 2], "an Array of length 2"],
    [null, "null"],
    [3, "3"],
  ])("%j are no options", (options, given) => {
    const message = messageOf(() => requireKnownOptions("solve", options as object, known));
    expect(message).toContain(`\`options\` is ${given}; wanted an object with maxIterations`);
  });
});

group("error texts", () => {
  it("have articles", () => {
    expect(describe([])).toBe("an Array of length 0");
    expect(describe(new Map())).toBe("a Map");
    expect(describe(new Uint8Array(1))).toBe("a Uint8Array of length 1");
  });

  it("have no hint of their own where none was given", () => {
    const error = (() => {
      try {
        return misuse("a", "b", "c", "d");
      } catch (thrown) {
        return thrown as ArgumentError;
      }
    })();
    expect(Object.keys(error)).not.toContain("hint");
  });

  it("say how a problem with a gradient is made", () => {
    expect(messageOf(() => requireGradient("lbfgs", { dimension: 1, value: () => 0 }))).toContain("defineProblem");
    expect(messageOf(() => requireGradient("minimize", (() => 0) as never))).toContain("is a function");
  });

  it("say what a term was called with when it takes more", () => {
    const message = messageOf(() =>
      trace(2, 1, ([, , z]) => (z as never as { add(n: number): never }).add(1), "fit", "model"),
    );
    expect(message).toContain("2 variables and 1 data");
    expect(message).toContain("sqrt");
    expect(() =>
      trace(1, 0, () => {
        throw new RangeError("own");
      }),
    ).toThrow(RangeError);
  });
});
