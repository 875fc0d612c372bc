// Lines of a SIF file as cards of six fields, in fixed or in free format.
// Conn, Gould, Toint, "LANCELOT: a Fortran package for large-scale nonlinear optimization" (1992), chapter 7; the SIF reference report, sections 3.1
// (fixed format) and 6 (free format).
//
// Deviation: a tab stands for blanks up to the next multiple of eight columns.
import { fail } from "./errors.js";

/** A card. Names keep the blanks inside of them; numbers are text still. */
export interface Card {
  readonly line: number;
  /** Field 1, without blanks: "XN", "T", "A+", or nothing. */
  readonly code: string;
  readonly f2: string;
  readonly f3: string;
  readonly f4: string;
  readonly f5: string;
  readonly f6: string;
  /** Field 7, an expression: columns 25 to 65. */
  readonly f7: string;
  /** Marked as a parameter that is meant to be changed ($-PARAMETER). */
  readonly parameter: boolean;
  /** The whole line. */
  readonly text: string;
}

/** An indicator card and what follows it up to the next. */
export interface Section {
  readonly line: number;
  /** "VARIABLES", "ELEMENT USES"; synonyms are replaced. */
  readonly name: string;
  /** What else stands on the card: the problem's name. */
  readonly rest: string;
  readonly cards: Card[];
}

const synonyms: Readonly<Record<string, string>> = {
  ROWS: "GROUPS",
  CONSTRAINTS: "GROUPS",
  COLUMNS: "VARIABLES",
  RHS: "CONSTANTS",
  "RHS'": "CONSTANTS",
  HESSIAN: "QUADRATIC",
  QUADS: "QUADRATIC",
  QUADOBJ: "QUADRATIC",
  QSECTION: "QUADRATIC",
};

/** Indicator cards, longest first: "GROUP USES" before "GROUP". */
const indicators = [
  "ELEMENT TYPE",
  "ELEMENT USES",
  "FIXED FORMAT",
  "OBJECT BOUND",
  "CONSTRAINTS",
  "FREE FORMAT",
  "INDIVIDUALS",
  "START POINT",
  "TEMPORARIES",
  "FIXED FORM",
  "GROUP TYPE",
  "GROUP USES",
  "CONSTANTS",
  "FREE FORM",
  "QUADRATIC",
  "VARIABLES",
  "ELEMENTS",
  "QSECTION",
  "COLUMNS",
  "GLOBALS",
  "HESSIAN",
  "QUADOBJ",
  "BOUNDS",
  "ENDATA",
  "GROUPS",
  "RANGES",
  "QUADS",
  "NAME",
  "RHS'",
  "ROWS",
  "RHS",
];

const indicatorOf = (text: string): string | undefined =>
  indicators.find((word) => text.startsWith(word) && (text.length === word.length || text[word.length] === " "));

/**
 * The sections of all parts of a file, in order.
 * @throws SifError at the first line that is neither a known indicator card nor a card of a section.
 */
export function readSections(source: string): Section[] {
  const sections: Section[] = [];
  let free = false;
  let line = 0;
  let begin = 0;
  const open = (text: string): void => {
    const word = indicatorOf(text);
    if (word === undefined) fail(line, "an unknown indicator card", text);
    if (word.startsWith("FREE") || word.startsWith("FIXED")) {
      free = word.startsWith("FREE");
      return;
    }
    if (word === "ENDATA") free = false;
    const rest = text.slice(word.length).replace(/\$.*$/, "").trim();
    sections.push({ line, name: synonyms[word] ?? word, rest, cards: [] });
  };
  const put = (card: Card): void => {
    const section = sections.at(-1);
    if (section === undefined || section.name === "ENDATA")
      fail(line, "a card outside of every section (NAME, ELEMENTS or GROUPS is missing)", card.text);
    section.cards.push(card);
  };
  while (begin < source.length) {
    let end = source.indexOf("\n", begin);
    if (end < 0) end = source.length;
    line++;
    const text = withoutTabs(source.slice(begin, end).trimEnd());
    begin = end + 1;
    if (text === "" || text[0] === "*") continue;
    if (free) {
      for (const piece of text.replace(/\$.*$/, "").split(";")) {
        const trimmed = piece.trim();
        if (trimmed === "") continue;
        if (indicatorOf(trimmed) !== undefined) open(trimmed);
        else put(freeCard(line, trimmed, text));
      }
    } else if (text[0] !== " ") open(text);
    else put(fixedCard(line, text));
  }
  return sections;
}

function withoutTabs(text: string): string {
  if (!text.includes("\t")) return text;
  let spread = "";
  for (const letter of text) spread += letter === "\t" ? " ".repeat(8 - (spread.length % 8)) : letter;
  return spread;
}

/** Columns 2–3, 5–14, 15–24, 25–36, 40–49 and 50–61; a $ at the beginning of field 3 or 5 begins a comment. */
function fixedCard(line: number, text: string): Card {
  const f3 = text.slice(14, 24).trimEnd();
  const f5 = text.slice(39, 49).trimEnd();
  const code = text.slice(1, 3).trim();
  const f2 = text.slice(4, 14).trimEnd();
  const f7 = text.slice(24, 65).trimEnd();
  const parameter = text.includes("$-PARAMETER");
  if (f3.startsWith("$")) return { line, code, f2, f3: "", f4: "", f5: "", f6: "", f7: "", parameter, text };
  const f4 = text.slice(24, 36).trim();
  if (f5.startsWith("$")) return { line, code, f2, f3, f4, f5: "", f6: "", f7, parameter, text };
  return { line, code, f2, f3, f4, f5, f6: text.slice(49, 61).trim(), f7, parameter, text };
}

/** Strings between blanks; each underscore stands for an empty one. */
function freeCard(line: number, piece: string, text: string): Card {
  const words: string[] = [];
  let word = "";
  const finish = () => {
    if (word !== "") words.push(word);
    word = "";
  };
  for (const letter of piece) {
    if (letter === " " || letter === "_") finish();
    else word += letter;
    if (letter === "_") words.push("");
  }
  finish();
  const [code = "", f2 = "", f3 = "", f4 = "", f5 = "", f6 = ""] = words;
  return { line, code: code.slice(0, 2), f2, f3, f4, f5, f6, f7: f4, parameter: text.includes("$-PARAMETER"), text };
}

/** A number as Fortran writes it; empty where the field is. */
export function numberOf(card: Card, text: string): number {
  const value = Number(text.replace(/[dD]/, "e").replace(/\s+/g, ""));
  if (text === "" || !Number.isFinite(value)) fail(card.line, `a number is wanted, not "${text}"`, card.text);
  return value;
}
