// What the pages cite is in docs/references.bib: every "Surname, Surname 2024", "Surname et al. 2024" and 'Surname, Surname, "Title" (2024)' has an entry with these authors, this year and this title.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

function pages(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    if (["node_modules", "dist", "api", "adr"].includes(name) || name.startsWith(".")) return [];
    const path = join(folder, name);
    return statSync(path).isDirectory() ? pages(path) : path.endsWith(".md") ? [path] : [];
  });
}

/** Letters only, without accents, dashes and TeX. */
const plain = (text: string): string =>
  text
    .replace(/\\[^a-zA-Z\s]|\\[a-zA-Z]\s+/g, "")
    .normalize("NFD")
    .replace(/\\o/g, "o")
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "");

interface Entry {
  readonly key: string;
  readonly authors: readonly string[];
  readonly title: string;
  readonly year: string;
}

const bib = readFileSync(join(root, "docs", "references.bib"), "utf8");
const entries: Entry[] = bib
  .trim()
  .split("\n")
  .map((line) => {
    const [, key, rest] = /^@[a-z]+\{([a-z0-9]+), (.*)\}$/.exec(line) ?? [];
    const field = (name: string) =>
      new RegExp(`(?:^|, )${name} = \\{((?:[^{}]|\\{[^{}]*\\})*)\\}`).exec(rest ?? "")?.[1];
    const authors =
      field("author")
        ?.split(" and ")
        .map((one) => plain(one.split(",")[0]!)) ?? [];
    return {
      key: key ?? `(not an entry: ${line})`,
      authors,
      title: plain(field("title") ?? ""),
      year: field("year") ?? "",
    };
  });

interface Citation {
  readonly text: string;
  readonly names: readonly string[];
  readonly year: string;
  readonly title?: string | undefined;
}

const name = String.raw`(?:(?:del|der|de|van|von|Van) )*\p{Lu}[\p{L}’'-]+`;
const names = `(?<!\\p{L})(${name}(?:(?:, and |, | and )${name})*)(?: et al\\.)?`;
const year = "\\(?((?:19|20)\\d\\d)\\b";
const forms = [
  // Surnames 2024, _Title_; the title isn't always there.
  new RegExp(`${names},? ${year}(?:\\)|, (?:[\\w. ()]+, )?[_"]([^_"]+)[_"])?`, "gu"),
  // Surnames, "Title" (2024); Surnames, _Title_, 2024, with words between.
  new RegExp(`${names}, [_"]([^_"]+)[_"],? (?:\\([\\w. ]+, |[^()_";]{0,40}?)${year}`, "gu"),
];
const venues = new Set(["ICML", "ICLR", "NeurIPS", "AISTATS"]);

function citations(text: string): Citation[] {
  const prose = text.replace(/```[\s\S]*?```/g, "").replace(/`[^`]*`/g, "x");
  return forms.flatMap((form, second) =>
    [...prose.matchAll(form)].map((match) => ({
      text: match[0],
      names: match[1]!.split(/, and |, | and /).filter((one) => !venues.has(one)),
      year: match[second === 0 ? 2 : 3]!,
      title: match[second === 0 ? 3 : 2],
    })),
  );
}

const cites = ({ names: given, year: when, title }: Citation, entry: Entry): boolean =>
  entry.year === when &&
  given.every((one) => entry.authors.includes(plain(one))) &&
  // The first author is named, and a title, where it is, is a beginning of the whole.
  entry.authors[0] === plain(given[0]!) &&
  (title === undefined || entry.title.startsWith(plain(title)) || plain(title).startsWith(entry.title));

it("entries are whole, and each key is there once", () => {
  const broken = entries.filter(
    ({ authors, title, year: when }) => authors.length === 0 || title === "" || !/^\d{4}$/.test(when),
  );
  expect(broken.map(({ key }) => key)).toEqual([]);
  const keys = entries.map(({ key }) => key);
  expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
  expect(entries.length).toBeGreaterThan(100);
});

const files = [join(root, "README.md"), ...pages(join(root, "docs"))];

it("everything that pages cite is there", () => {
  let count = 0;
  const missing = files.flatMap((file) =>
    citations(readFileSync(file, "utf8"))
      .filter((one) => one.names.length > 0)
      .filter((one) => {
        count++;
        return !entries.some((entry) => cites(one, entry));
      })
      .map((one) => `${relative(root, file)}: ${one.text}`),
  );
  expect(missing).toEqual([]);
  expect(count).toBeGreaterThan(180);
});

it("every line on sources cites something that is recognized", () => {
  const silent = files.flatMap((file) => {
    const lines = readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => /^(\*\*)?Sources?[.:]/.test(line));
    return lines.filter((line) => citations(line).length === 0).map((line) => `${relative(root, file)}: ${line}`);
  });
  expect(silent).toEqual([]);
});

it("nothing is there that no page cites", () => {
  const all = files.flatMap((file) => citations(readFileSync(file, "utf8"))).filter((one) => one.names.length > 0);
  expect(entries.filter((entry) => !all.some((one) => cites(one, entry))).map(({ key }) => key)).toEqual([]);
});
