// Problems of CUTEst at the sizes that published results give (1,000 to 5,000 variables), by the parameters of their own files: the
// default sizes of the files at hand were made small. `--sif published` runs them.
//
// What stands here: every unconstrained file with a sparse Hessian that offers such a size, but INDEF, which has no minimum.
import { loadSif, type SifTest } from "./sif.js";

/** Each problem with the parameters that set its size. */
export const publishedSizes: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ARWHEAD: { N: 5000 },
  BDQRTIC: { N: 5000 },
  BROYDN3DLS: { N: 5000 },
  BRYBND: { N: 5000 },
  COSINE: { N: 1000 },
  CRAGGLVY: { M: 2499 },
  CURLY10: { N: 1000 },
  DIXMAANA1: { M: 1000 },
  DIXMAANE1: { M: 1000 },
  DIXMAANH: { M: 1000 },
  DIXON3DQ: { N: 1000 },
  DQRTIC: { N: 5000 },
  EDENSCH: { N: 2000 },
  EG2: { N: 1000 },
  ENGVAL1: { N: 5000 },
  EXTROSNB: { N: 1000 },
  FLETCBV2: { N: 5000 },
  FLETCHCR: { N: 1000 },
  FREUROTH: { N: 5000 },
  GENHUMPS: { N: 1000 },
  LIARWHD: { N: 5000 },
  MOREBV: { N: 5000 },
  NCB20: { N: 1000 },
  NONCVXU2: { N: 1000 },
  NONDIA: { N: 5000 },
  NONDQUAR: { N: 5000 },
  POWELLSG: { N: 5000 },
  QUARTC: { N: 5000 },
  SCHMVETT: { N: 5000 },
  SINQUAD: { N: 5000 },
  SPARSQUR: { N: 1000 },
  TOINTGSS: { N: 5000 },
  TQUARTIC: { N: 5000 },
  TRIDIA: { N: 5000 },
  WOODS: { NS: 1000 },
};

/** The set as tests; throws as `loadSif` does where there are no files. */
export function loadPublishedSizes(): SifTest[] {
  return Object.entries(publishedSizes).flatMap(([name, parameters]) => loadSif([name], parameters));
}
