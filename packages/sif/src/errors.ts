import { HessiaError } from "@hessia/core";

/** A SIF file that can't be read: what is wrong, on which line, and the words there. */
export class SifError extends HessiaError {
  /** Counted from 1; 0 where no single line is to blame. */
  readonly line: number;

  constructor(line: number, what: string, words?: string) {
    const where = line > 0 ? `line ${line}: ` : "";
    super(`readSif: ${where}${what}${words === undefined ? "" : `: "${words.trim()}"`}`);
    this.name = "SifError";
    this.line = line;
  }
}

/** Throws a SifError. */
export function fail(line: number, what: string, words?: string): never {
  throw new SifError(line, what, words);
}
