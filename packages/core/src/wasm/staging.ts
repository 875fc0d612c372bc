// Copies between arrays from anywhere and the kernels' memory, rows contiguous there.

/** The rows × cols matrix from[start + i · row + j · col] to memory[to …]. */
export function copyIn(
  memory: Float64Array,
  to: number,
  rows: number,
  cols: number,
  from: Float64Array,
  start: number,
  row: number,
  col: number,
): void {
  if (col === 1 && row === cols) memory.set(from.subarray(start, start + rows * cols), to);
  else if (col === 1)
    for (let i = 0; i < rows; i++) memory.set(from.subarray(start + i * row, start + i * row + cols), to + i * cols);
  else {
    const block = 16;
    for (let i0 = 0; i0 < rows; i0 += block) {
      const i1 = Math.min(rows, i0 + block);
      for (let j = 0; j < cols; j++)
        for (let i = i0; i < i1; i++) memory[to + i * cols + j] = from[start + i * row + j * col]!;
    }
  }
}

/** The block memory[from …] back to to[start + i · stride + j]; with `lower` its lower triangle only. */
export function copyOut(
  to: Float64Array,
  start: number,
  stride: number,
  rows: number,
  cols: number,
  memory: Float64Array,
  from: number,
  lower: boolean,
): void {
  if (!lower && stride === cols) to.set(memory.subarray(from, from + rows * cols), start);
  else
    for (let i = 0; i < rows; i++) {
      const count = lower ? Math.min(i + 1, cols) : cols;
      to.set(memory.subarray(from + i * cols, from + i * cols + count), start + i * stride);
    }
}
