/** Chromium on the pages as they are built. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished } from 'vitest';
import { BUILT } from './built-pages.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** Less than a test may take, so that its failure says what was waited for. */
const WAIT_MS = 15_000;

/** In CSS pixels. At the narrow one WCAG 1.4.10 wants nothing beside the screen. */
export const WIDTHS = { wide: 1440, narrow: 320 } as const;

export interface OpenedPage {
  readonly page: Page;
  /** Errors and warnings, what the policy refused, and requests to anybody else: there must be none. */
  readonly complaints: readonly string[];
}

interface PageOptions extends Pick<BrowserContextOptions, 'colorScheme' | 'reducedMotion'> {
  /** All that the page may ask for begins so. */
  readonly origin: string;
  readonly width?: number;
}

/** Opens an empty page, which is closed with the test. */
export type OpenPage = (options: PageOptions) => Promise<OpenedPage>;

/** A suite on one of the built pages, in one browser; skipped where that cannot be, which its title then explains. */
export function describeInBrowser(title: string, file: string, suite: (openPage: OpenPage) => void): void {
  const missing = whatIsMissing(file);
  const why = missing === null ? '' : ` (skipped: ${missing})`;
  describe.skipIf(missing !== null)(`${title} in a browser${why}`, () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: CHROMIUM, args: QUIET });
    });
    afterAll(() => browser.close());
    suite((options) => openIn(browser, options));
  });
}

function whatIsMissing(file: string): string | null {
  if (!existsSync(CHROMIUM)) return `there is no ${CHROMIUM}`;
  return existsSync(join(BUILT, file)) ? null : 'the page is not built (npm run build)';
}

async function openIn(browser: Browser, { origin, width = WIDTHS.wide, ...rest }: PageOptions): Promise<OpenedPage> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, ...rest });
  onTestFinished(() => page.close());
  page.setDefaultTimeout(WAIT_MS);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  // What the policy refuses is said here.
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
  page.on('request', (request) => {
    if (!request.url().startsWith(origin)) complaints.push(`asked for ${request.url()}`);
  });
  return { page, complaints };
}

/** How far the page goes beside the screen, in CSS pixels. */
export const overflow = (page: Page) =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');

/** The rules of axe-core that the page breaks as it is now, and where. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found = await page.evaluate<AxeResults>(`axe.run(document, { runOnly: ${JSON.stringify(RULES)} })`);
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`),
  );
}

/** Fails for each of them, light and dark. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await violations(page), colorScheme).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

interface AxeResults {
  readonly violations: readonly { id: string; nodes: readonly { html: string; failureSummary: string }[] }[];
}
