/** Runs every step, one after the other, even where one before it fails: for taking down what must not stay open. */
export async function eachInTurn(
  failed: (error: unknown) => void,
  steps: readonly (() => Promise<unknown>)[],
): Promise<void> {
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      failed(error);
    }
  }
}
