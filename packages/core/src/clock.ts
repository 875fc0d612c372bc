// The one place in the solver packages that reads a clock or a timer. Only drivers and counters use it: algorithms never do.
declare const performance: { now(): number };
declare function setTimeout(callback: () => void, milliseconds: number): unknown;

/** Milliseconds from an arbitrary origin, monotone. */
export const now = (): number => performance.now();

/** Lets timers, input and other tasks of the event loop run once. */
export const yieldToEventLoop = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
