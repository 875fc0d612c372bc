// Do-loops over cards: SIF reference report, section 3.2.4.
//
// Deviation: OD ends the innermost loop, whatever index it names: files name the wrong one (BROWNAL), or none.
import type { Card } from "./cards.js";
import { fail } from "./errors.js";
import { assign, integer, isAssignment, type Parameters } from "./parameters.js";

type Node = Card | Loop;

interface Loop {
  readonly card: Card;
  /** The card DI behind it, with the increment. */
  increment: Card | undefined;
  readonly body: Node[];
}

const isLoop = (node: Node): node is Loop => "body" in node;

/** The cards of a section with their loops as a tree. */
function nest(cards: readonly Card[]): Node[] {
  const top: Node[] = [];
  const open: Loop[] = [];
  for (const card of cards) {
    const body = open.at(-1)?.body ?? top;
    if (card.code === "DO") {
      const loop: Loop = { card, increment: undefined, body: [] };
      body.push(loop);
      open.push(loop);
    } else if (card.code === "DI") {
      const loop = open.at(-1);
      if (loop === undefined || loop.body.length > 0 || loop.card.f2 !== card.f2)
        fail(card.line, "DI doesn't stand behind the DO of its index", card.text);
      loop.increment = card;
    } else if (card.code === "OD") {
      if (open.length === 0) fail(card.line, "OD outside of every loop", card.text);
      open.pop();
    } else if (card.code === "ND") {
      if (open.length === 0) fail(card.line, "ND outside of every loop", card.text);
      open.length = 0;
    } else body.push(card);
  }
  const left = open.at(-1);
  if (left !== undefined)
    fail(left.card.line, `the loop over "${left.card.f2}" isn't ended by OD or ND`, left.card.text);
  return top;
}

/** What is left of the cards that a file may have carried out. */
export interface Budget {
  cards: number;
}

/** Goes through the cards of a section, loops and parameters included, and hands the others over. */
export function runCards(
  cards: readonly Card[],
  parameters: Parameters,
  budget: Budget,
  handle: (card: Card) => void,
): void {
  const run = (nodes: readonly Node[]): void => {
    for (const node of nodes) {
      if (isLoop(node)) runLoop(node);
      else {
        if (--budget.cards < 0)
          fail(node.line, "more cards than `maxCards` allows: an endless loop, or a size that is too large", node.text);
        if (isAssignment(node.code)) assign(parameters, node);
        else handle(node);
      }
    }
  };
  const runLoop = ({ card, increment, body }: Loop): void => {
    const from = integer(parameters, card.f3, card);
    const to = integer(parameters, card.f5, card);
    const step = increment === undefined ? 1 : integer(parameters, increment.f3, increment);
    if (step === 0) fail(increment!.line, "a loop with increment 0 never ends", increment!.text);
    if (--budget.cards < 0) fail(card.line, "more cards than `maxCards` allows", card.text);
    for (let i = from; step > 0 ? i <= to : i >= to; i += step) {
      parameters.integers.set(card.f2, i);
      if (body.length === 0 && --budget.cards < 0) fail(card.line, "more cards than `maxCards` allows", card.text);
      run(body);
    }
  };
  run(nest(cards));
}
