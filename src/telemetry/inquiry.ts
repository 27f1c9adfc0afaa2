/** A question that is costly to answer, and asked by whoever likes: answered from memory for a while, and in time or not at all. */
import type { Clock } from '../core/clock.ts';

export interface InquiryOptions {
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  /** An answer is given again for so long, or longer where it took long. */
  readonly keptMs: number;
  /** Whoever asks waits at most so long. */
  readonly withinMs: number;
}

/** At most one part in so many of the time is spent on answering. */
const SHARE = 20;

/** Null: no answer in time, or none at all. One that is late is there for the next; until it is, nobody asks again. */
export function createInquiry<T>(ask: () => Promise<T>, options: InquiryOptions): () => Promise<T | null> {
  const { clock, keptMs, withinMs } = options;
  let asked: { readonly answer: Promise<T | null>; until: number } | null = null;

  function begin(): Promise<T | null> {
    const began = clock.monotonic();
    const answer = ask().then(
      (value) => value,
      () => null,
    );
    const inquiry = { answer, until: Number.POSITIVE_INFINITY };
    asked = inquiry;
    void answer.then(() => {
      const now = clock.monotonic();
      inquiry.until = now + Math.max(keptMs, SHARE * (now - began));
    });
    return answer;
  }

  return async () => {
    const answer = asked !== null && clock.monotonic() < asked.until ? asked.answer : begin();
    let cancel = (): void => {};
    const late = new Promise<null>((resolve) => {
      cancel = clock.after(withinMs, () => resolve(null));
    });
    const first = await Promise.race([answer, late]);
    cancel();
    return first;
  };
}
