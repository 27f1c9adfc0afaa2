import { onTestFinished } from 'vitest';
import type { OpenedPage, OpenPage } from '../helpers/browser.ts';
import { type Fake, startFake } from './dashboard-fake.ts';

interface Visit extends OpenedPage {
  readonly fake: Fake;
  /** Loads the page anew, at this hash. */
  go(hash: string): Promise<void>;
  hash(): string;
  /** What was asked of the fake, with such a beginning. */
  requests(about: string): string[];
}

/** A function that opens an empty page for the dashboard of a fake. */
export function visits(openPage: OpenPage): () => Promise<Visit> {
  return async () => {
    const fake = await startFake();
    onTestFinished(() => fake.close());
    const opened = await openPage({ origin: fake.url });
    const { page } = opened;
    return {
      ...opened,
      fake,
      async go(hash) {
        await page.goto('about:blank');
        await page.goto(fake.url + hash);
      },
      hash: () => new URL(page.url()).hash,
      requests: (about) => fake.asked.filter((path) => path.startsWith(about)),
    };
  };
}
