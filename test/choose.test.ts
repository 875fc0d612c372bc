// The page "How to choose a method": its lists are those of the one table, and what the table names is there.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import {
  asked,
  asMarkdown,
  choices,
  constraints,
  doors,
  fitting,
  fromHash,
  have,
  importLine,
  kinds,
  shapes,
  sizes,
  toHash,
} from "../docs/.vitepress/theme/methods.js";

const docs = join(import.meta.dirname, "..", "docs");
const begin = "<!-- made from .vitepress/theme/methods.ts: begin -->\n";
const end = "<!-- end -->\n";

it("the page has the lists of the table; UPDATE_DOCS=1 writes them anew", () => {
  const path = join(docs, "choose.md");
  const text = readFileSync(path, "utf8");
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  expect(to).toBeGreaterThan(from - 1);
  const lists = `\n${asMarkdown()}\n`;
  const { UPDATE_DOCS } = process.env;
  if (UPDATE_DOCS === "1") writeFileSync(path, text.slice(0, from) + lists + text.slice(to));
  else expect(text.slice(from, to)).toBe(lists);
});

it("every choice can be imported as it says, and has a page", async () => {
  for (const one of [...choices, ...Object.values(doors)]) {
    const all = (await import(one.from)) as Record<string, unknown>;
    expect(typeof all[one.name], importLine(one)).toBe("function");
    expect(existsSync(join(docs, `${one.page}.md`)), one.page).toBe(true);
  }
});

it("every set of answers leads to one method at least, and to one of rank 1", () => {
  const none = [];
  let count = 0;
  for (const constraint of Object.keys(constraints))
    for (const given of Object.keys(have))
      for (const size of Object.keys(sizes))
        for (const shape of Object.keys(shapes))
          for (const kind of Object.keys(kinds[constraint as keyof typeof kinds]?.answers ?? { none: "" })) {
            const answers = { constraint, have: given, size, shape, kind };
            const found = fitting(answers);
            count++;
            if (found[0]?.rank !== 1) none.push(`${toHash(answers)}: ${found.map(({ name }) => name)}`);
          }
  expect(count).toBeGreaterThan(500);
  // A Hessian stored whole has no place beyond some thousand variables: products there; factors of a million sparse ones aren't promised.
  expect([...new Set(none)].filter((line) => !/have=(dense|sparse|terms)&size=(large|huge)/.test(line))).toEqual([
    "#constraint=none&have=residuals&size=medium&kind=large: levenbergMarquardt",
    "#constraint=none&have=residuals&size=large&kind=large: levenbergMarquardt",
    "#constraint=none&have=residuals&size=huge&kind=large: levenbergMarquardt",
  ]);
  expect(none.every((line) => line.split(": ")[1] !== "")).toBe(true);
});

it("choices are those that the methods' pages give reasons for", () => {
  const first = (hash: string) => fitting(fromHash(hash))[0]?.name;
  expect(first("#constraint=none&have=gradient&size=huge")).toBe("lbfgs");
  expect(first("#constraint=none&have=dense&size=small")).toBe("trustRegion");
  expect(first("#constraint=none&have=dense&size=medium&shape=any")).toBe("lazyCubicNewton");
  expect(first("#constraint=none&have=products&size=huge")).toBe("arcqk");
  expect(first("#constraint=bounds&have=terms")).toBe("tron");
  expect(first("#constraint=none&have=residuals&kind=fewer")).toBe("gaussNewton");
  expect(first("#constraint=transport&kind=pairs")).toBe("assignment");
  expect(first("#constraint=bilevel&kind=constrained")).toBe("bicGaffa");
  expect(fitting(fromHash("#constraint=none&have=dense&size=medium&shape=any")).map(({ name }) => name)).not.toContain(
    "lazyRegularizedNewton",
  );
});

it("answers go into an address and come back; what isn't known is passed over", () => {
  const answers = fromHash("#constraint=bilevel&kind=set&have=gradient&colour=red");
  expect(answers).toEqual({ constraint: "bilevel", have: "gradient", size: undefined, shape: undefined, kind: "set" });
  expect(asked(answers)).toEqual(["constraint", "kind"]);
  expect(toHash(answers)).toBe("#constraint=bilevel&kind=set");
  expect(fromHash("#constraint=moon&have=toString")).toEqual({});
});
