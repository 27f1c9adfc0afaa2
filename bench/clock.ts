/** Milliseconds since the epoch, finer than Date: the same in every process of the machine, as long as nobody sets the clock. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
