/** Milliseconds of processor time of this process so far, all threads. */
export function processorNow(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Answers the milliseconds since it was made: by the clock, and of processor time, which other work on the machine doesn't stretch. */
export function stopwatch(): () => { readonly ms: number; readonly processorMs: number } {
  const begin = performance.now();
  const started = processorNow();
  return () => ({ ms: performance.now() - begin, processorMs: processorNow() - started });
}
