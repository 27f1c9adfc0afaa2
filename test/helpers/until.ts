type Truthy<T> = Exclude<T, false | null | undefined | 0 | ''>;

/** Polls until the condition gives something truthy; fails with its last error or value after `withinMs`. */
export async function until<T>(condition: () => T | Promise<T>, withinMs = 10_000): Promise<Truthy<T>> {
  const deadline = performance.now() + withinMs;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      const value = await condition();
      if (value) return value as Truthy<T>;
      last = value;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`not within ${withinMs} ms; last: ${last instanceof Error ? last.message : JSON.stringify(last)}`);
}
