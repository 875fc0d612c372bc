import { InvalidArgumentError } from "commander";

/** A shell-like pattern: * stands for any characters. Case doesn't matter. */
export const shellPattern = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`, "i");

/** Names matched by shell-like patterns: * stands for any characters. Case doesn't matter. */
export function select<T extends { readonly name: string }>(
  items: readonly T[],
  patterns: readonly string[] | undefined,
  what: string,
): T[] {
  if (patterns === undefined) return [...items];
  const chosen = new Set<T>();
  for (const pattern of patterns) {
    const expression = shellPattern(pattern);
    const found = items.filter((item) => expression.test(item.name));
    if (found.length === 0) {
      throw new InvalidArgumentError(
        `no ${what} matches "${pattern}"; known: ${items.map((item) => item.name).join(", ")}`,
      );
    }
    for (const item of found) chosen.add(item);
  }
  return items.filter((item) => chosen.has(item));
}
