// How the head of each memory is laid out, and the block sizes that follow from it.
import { constantBytes } from "./assembler.js";
import { tile } from "./gemm-kernels.js";

/** Block sizes of the product: rows of A, depth, columns of B. 256 KiB of packed A, 1 MiB of packed B. */
export const rowsBlock = 64;
export const depthBlock = 256;
export const colsBlock = 512;
/** Blocks of rows that are packed at a time, each in its own place, so that threads don't meet. */
export const slots = 16;
export const slotBytes = 16 * rowsBlock * depthBlock + 8 * tile * tile;

/** Constants come first, then a triangular block with the reciprocals of its diagonal, packed B and packed A. Bytes. */
export const triangle = constantBytes;
export const inverses = triangle + 8 * 32 * 32;
export const packedB = inverses + 8 * 32;
export const packedA = packedB + 8 * colsBlock * depthBlock;
export const headBytes = packedA + slots * slotBytes;
