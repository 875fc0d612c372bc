// Figures of the term compiler: mesh energies against code written by hand.
import type { FigureContext, Figures } from "../../figures.js";

export async function termFigures(_context: FigureContext): Promise<Figures> {
  return { measured: [], claims: [], curves: [] };
}
