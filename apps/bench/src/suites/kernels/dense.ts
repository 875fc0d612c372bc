// Dense figures: products, Cholesky, eigenvalues, exponentials, against ml-matrix, mathjs and numpy.
import type { FigureContext, Figures } from "../../figures.js";

export async function denseFigures(_context: FigureContext): Promise<Figures> {
  return { measured: [], claims: [], curves: [] };
}
