import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { createTrial } from '../../src/commands/trial.ts';
import type { SandboxOptions } from '../../src/sandbox/server.ts';
import { type Service, startService } from '../helpers/service.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const BUILT = process.env.WEB_FOLDER ?? resolve(import.meta.dirname, '../../dist/web');
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

/** Why there can be no browser tests; null where there can. */
export const missing = existsSync(CHROMIUM)
  ? existsSync(resolve(BUILT, 'index.html'))
    ? null
    : 'the page is not built (npm run build)'
  : `there is no ${CHROMIUM}`;

/** For a suite's title. */
export const WHY = missing === null ? '' : ` (skipped: ${missing})`;

const ROUTES = `
routes:
  - { on: "action_*", unmatched: true, card: { channel: "#alo", template: action_card } }
`;

export interface Visit {
  readonly page: Page;
  readonly service: Service;
  /** Errors, what the policy refused, and requests to anybody else: there must be none. */
  readonly complaints: readonly string[];
}

export interface VisitOptions {
  readonly routes?: string;
  readonly sandbox?: Partial<SandboxOptions>;
  readonly width?: number;
  /** With the buttons that send, as `serve --sandbox` gives them. */
  readonly buttons?: boolean;
  /** Done before the page is opened. */
  readonly before?: (service: Service) => Promise<void>;
}

/** A function that opens the page of a real service and its sandbox, in one browser for the suite. */
export function visits(): (options?: VisitOptions) => Promise<Visit> {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: QUIET });
  });
  afterAll(() => browser.close());
  return async ({ routes = ROUTES, sandbox = {}, width = 1440, buttons = false, before } = {}) => {
    const service = await startService(routes, { staticDir: BUILT, ...sandbox });
    onTestFinished(() => service.stop());
    if (buttons) service.sandbox.attach(trialOf(service));
    await before?.(service);
    const page = await browser.newPage({ viewport: { width, height: 800 }, reducedMotion: 'reduce' });
    onTestFinished(() => page.close());
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
    page.on('request', (request) => {
      if (!request.url().startsWith(service.sandbox.url)) complaints.push(`asked for ${request.url()}`);
    });
    await page.goto(service.sandbox.url);
    return { page, service, complaints };
  };
}

function trialOf({ app, config, url }: Service) {
  const admin = app.adminAddress();
  return createTrial({
    sources: config.sources,
    url,
    admin: admin === null ? null : { ...config.admin, port: admin.port },
    chapterPauseMs: 0,
  });
}

/** Fails for each rule of axe-core that the page breaks as it is now, light and dark. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.evaluate(AXE);
    const { violations } = await page.evaluate<AxeResults>(`axe.run(document, { runOnly: ${JSON.stringify(RULES)} })`);
    const broken = violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`),
    );
    expect(broken, colorScheme).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

interface AxeResults {
  readonly violations: readonly { id: string; nodes: readonly { html: string; failureSummary: string }[] }[];
}
