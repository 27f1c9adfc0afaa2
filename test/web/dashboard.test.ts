import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Browser, chromium, type Page, type Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startService } from '../helpers/service.ts';
import { until } from '../helpers/until.ts';
import { EVENTS } from './dashboard-data.ts';
import { type Fake, startFake } from './dashboard-fake.ts';

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
const BUDGET_BYTES = 250_000;

const VIEWS = [
  { path: '#/', shows: 'Live activity' },
  { path: '#/events', shows: 'Older' },
  { path: '#/events?state=dead&source=alo', shows: 'Take away' },
  { path: `#/events/${EVENTS}`, shows: 'Block Kit Builder' },
  { path: '#/problems', shows: 'Replay selected' },
  { path: '#/lanes', shows: 'Slack asked to wait' },
] as const;

const missing = existsSync(CHROMIUM)
  ? existsSync(resolve(BUILT, 'dashboard.html'))
    ? null
    : 'the page is not built (npm run build)'
  : `there is no ${CHROMIUM}`;

const WHY = missing === null ? '' : ` (skipped: ${missing})`;

describe.skipIf(missing !== null)(`the dashboard in a browser${WHY}`, () => {
  let browser: Browser;
  let fake: Fake;
  let page: Page;
  const complaints: string[] = [];
  const fetched = new Set<string>();

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: QUIET });
  });

  afterAll(() => browser.close());

  beforeEach(async () => {
    fake = await startFake(BUILT);
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.setDefaultTimeout(8_000);
    complaints.length = 0;
    fetched.clear();
    page.on('pageerror', (error) => complaints.push(error.message));
    // What the policy refuses is said here.
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
    page.on('request', (request) => {
      if (!/^data:/.test(request.url()) && !request.url().startsWith(fake.url)) complaints.push(request.url());
    });
    page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      if (pathname.startsWith('/assets/')) fetched.add(pathname);
    });
  });

  afterEach(async () => {
    await page.close();
    await fake.close();
  });

  const go = async (path: string) => {
    await page.goto('about:blank');
    await page.goto(fake.url + path);
  };
  const requests = (about: string) => fake.asked.filter((path) => path.startsWith(about));
  const hash = () => new URL(page.url()).hash;

  async function violations(): Promise<string[]> {
    await page.evaluate(AXE);
    const found = await page.evaluate(`axe.run(document, { runOnly: ${JSON.stringify(RULES)} })`);
    const { violations } = found as { violations: { id: string; nodes: { target: string[] }[] }[] };
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
  }

  const overflow = () =>
    page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');

  describe.each(['light', 'dark'] as const)('%s', (colorScheme) => {
    it.each([1440, 320])(
      'every view fits and is accessible at %i px',
      async (width) => {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.setViewportSize({ width, height: 720 });
        for (const { path, shows } of VIEWS) {
          await go(path);
          await page.getByText(shows).first().waitFor({ state: 'attached' });
          expect([path, await overflow(), ...(await violations())]).toEqual([path, 0]);
        }
        for (const scenario of ['empty', 'broken'] as const) {
          fake.scenario = scenario;
          for (const { path } of VIEWS.filter(({ path }) => !path.includes('?') && !path.includes(String(EVENTS)))) {
            await go(path);
            await page.getByRole('status').getByText('ready').waitFor();
            expect([scenario, path, await overflow(), ...(await violations())]).toEqual([scenario, path, 0]);
          }
        }
        expect(complaints).toEqual([]);
      },
      60_000,
    );

    it('the dialogs and the sign-in are accessible', async () => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await go('#/problems');
      await page.getByRole('button', { name: 'Replay all 15' }).click();
      await page.getByText('2 are skipped').waitFor();
      expect(await violations()).toEqual([]);
      await page.keyboard.press('Escape');
      await page.keyboard.press('?');
      await page.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor();
      expect(await violations()).toEqual([]);
      fake.token = 'the token';
      await go('');
      await page.getByLabel('Token').waitFor();
      expect(await violations()).toEqual([]);
    }, 30_000);
  });

  it('says first whether all arrives, and if not, where to look', async () => {
    for (const [scenario, says] of [
      ['busy', '15 deliveries did not arrive'],
      ['calm', 'Everything arrives'],
      ['empty', 'Nothing has come in yet'],
      ['broken', 'Slack does not take messages'],
    ] as const) {
      fake.scenario = scenario;
      await go('');
      await page.getByRole('region', { name: 'At a glance' }).getByText(says).waitFor();
    }
    await page.getByText('config.yaml:41:11').waitFor();
    await page.getByText('Did you mean "channel"?').waitFor();
  });

  it('the keyboard alone: search, go through the rows, open one, and back to what was found', async () => {
    await go('');
    await page.getByText('Live activity').waitFor();
    await page.keyboard.press('/');
    await page.locator('#event-search:focus').waitFor();
    await page.keyboard.type('act_1096');
    await until(() => hash().includes('text=act_1096'));
    await page.getByText('Searched back to').waitFor();
    await page.keyboard.press('Tab');
    await page.locator('body').press('Escape');
    await page.evaluate('document.activeElement.blur()');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    const second = await page.locator('.row-link').nth(1).getAttribute('href');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Received' }).waitFor();
    expect(hash()).toBe(second);
    await page.goBack();
    expect(hash()).toContain('text=act_1096');
    await page.getByRole('link', { name: 'Take away: Text' }).waitFor();

    await page.keyboard.press('?');
    await page.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor();
    await page.getByLabel('Shortcuts are on').press('Space');
    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await page.keyboard.press('o');
    expect(hash()).toContain('#/events');
  });

  it('100,000 events: pages by key, filters in the address, and no more rows than a page has', async () => {
    await go('#/events');
    await page.getByRole('link', { name: 'Older' }).click();
    await until(() => hash().includes(`before=${EVENTS - 49}`));
    await page.getByRole('link', { name: 'Older' }).click();
    await until(() => hash().includes(`before=${EVENTS - 99}`));
    await until(
      async () => (await page.locator('.row-link').first().getAttribute('href')) === `#/events/${EVENTS - 100}`,
    );
    expect(await page.locator('.row').count()).toBe(50);
    await page.getByLabel('State').selectOption('dead');
    await page.getByRole('button', { name: 'Filters' }).click();
    await page.getByLabel('Topic').fill('call.ended');
    await until(() => hash().includes('topic=call.ended'));
    expect(hash()).not.toContain('before');
    await page.reload();
    await page.getByRole('link', { name: /State: dead/ }).waitFor();
    expect(await page.getByLabel('Topic').inputValue()).toBe('call.ended');
    await page.locator('.row').first().waitFor();
    expect(await page.locator('.row').count()).toBe(await page.locator('.row-states :text("dead")').count());
    expect(new Set(requests('/api/events?')).size).toBeLessThan(8);
  });

  it('a search that finds nothing goes on by itself to the end, and says so', async () => {
    await go('#/events?text=nothing-is-called-so');
    await page.getByText('No event is like that').waitFor();
    expect(requests('/api/events?').length).toBe(Math.ceil(EVENTS / 5_001));
    expect(await page.getByRole('link', { name: 'Search further back' }).count()).toBe(0);
  });

  it('new events are told, and shown when asked for', async () => {
    await go('#/events');
    await page.locator('.row').first().waitFor();
    const item = {
      kind: 'accepted',
      at: new Date().toISOString(),
      source: 'alo',
      topic: 't',
      subject: null,
      code: null,
    } as const;
    fake.push({ items: [1, 2, 3].map((number) => ({ ...item, number })), left_out: 0 });
    const before = requests('/api/events?').length;
    await page.getByRole('button', { name: 'Show 3 new events' }).click();
    await until(() => requests('/api/events?').length === before + 1);
    expect(await page.getByRole('button', { name: /new event/ }).count()).toBe(0);
  });

  it('what happens shows at once; held still, it is counted and nothing is lost', async () => {
    await go('');
    await page.getByText('Waiting for the next webhook').waitFor();
    const sent = (number: number) => ({
      items: [
        {
          kind: 'delivery',
          at: new Date().toISOString(),
          delivery: number,
          number,
          source: 'alo',
          topic: `topic_${number}`,
          subject: null,
          lane: 'channel:#alo',
          state: 'sent',
          code: null,
        } as const,
      ],
      left_out: 0,
    });
    fake.push(sent(1));
    await page.getByRole('link', { name: 'topic_1 → #alo' }).waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    fake.push(sent(2));
    fake.push(sent(3));
    await page.getByRole('button', { name: 'Show 2 more' }).waitFor();
    expect(await page.getByText('topic_3').count()).toBe(0);
    await page.getByRole('button', { name: 'Show 2 more' }).click();
    await page.getByText('topic_2').waitFor();
    for (let number = 4; number < 60; number++) fake.push(sent(number));
    await page.getByText('topic_59').waitFor();
    expect(await page.locator('.feed-entry').count()).toBe(40);
  });

  it('hostile content is text, and comes no faster than it is opened', async () => {
    await go(`#/events/${EVENTS - 43}`);
    await page.getByText('<img src=x').first().waitFor();
    expect(await page.title()).not.toContain('pwned');
    await page.getByText('⟨202E⟩right to left').waitFor();
    await page.getByRole('button', { name: /^many/ }).click();
    expect(await page.locator('.tree-item').count()).toBeLessThan(150);
    await page.getByRole('button', { name: 'Show 100 more of 5,000' }).click();
    await page.getByRole('button', { name: 'all 48,000 characters' }).click();
    for (let level = 2; level < 30; level++)
      await page.getByRole('button', { name: new RegExp(`^level ${level}\\b`) }).click();
    await page.setViewportSize({ width: 320, height: 700 });
    expect(await overflow()).toBe(0);
    await go('#/events/2');
    await page.getByText('Only the first 256 KiB are shown.').waitFor();
    expect(complaints).toEqual([]);
  });

  it('a replay says what it would do, does nothing before it is confirmed, and says what became of it', async () => {
    await go('#/problems');
    await page.getByLabel('All of this page').check();
    await page.getByRole('button', { name: 'Replay 14 selected' }).click();
    await page.getByText('12 deliveries to 3 conversations would be sent, in place of 12').waitFor();
    await page.getByText('2 are skipped, because:').waitFor();
    expect(fake.replays.map(({ dry_run }) => dry_run)).toEqual([true]);
    await page.getByLabel('Send what has gone out already once more').check();
    await page.getByText('14 deliveries to 3 conversations would be sent').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(fake.replays.map(({ dry_run }) => dry_run)).toEqual([true, true]);

    await page.getByRole('button', { name: 'Replay', exact: true }).first().click();
    fake.replayFault = 'The journal cannot be used now; see the log.';
    await page.getByRole('button', { name: 'Send again' }).click();
    await page.getByRole('alert').getByText('The journal cannot be used now').waitFor();
    fake.replayFault = null;
    await page.getByRole('button', { name: 'Try again' }).click();
    const lists = requests('/api/deliveries').length;
    await page.getByRole('button', { name: 'Send again' }).click();
    await page.getByText('1 delivery to 1 conversation is on its way').waitFor();
    expect(fake.replays.at(-1)).toEqual({ ids: [String(EVENTS * 2)], again: false });
    await page.getByRole('button', { name: 'Close' }).click();
    await until(() => requests('/api/deliveries').length > lists);
  });

  it('asks for the token when the listener does, and forgets the session when told', async () => {
    fake.token = 'the token';
    await go('#/lanes');
    await page.getByLabel('Token').fill('another');
    await page.keyboard.press('Enter');
    await page.getByText('That is not the token').waitFor();
    await page.getByLabel('Token').fill('the token');
    await page.keyboard.press('Enter');
    await page.getByText('#phones').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token').waitFor();
    expect(await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])')).not.toContain('token');
  });

  it('is small: all that the views load, but for the drawing of charts', async () => {
    await go('');
    await page.locator('.plot canvas').first().waitFor();
    for (const { path, shows } of VIEWS) {
      await go(path);
      await page.getByText(shows).first().waitFor({ state: 'attached' });
    }
    const counted = [...fetched].filter((name) => !name.includes('/plot-'));
    const sizes = counted.map((name) => gzipSync(readFileSync(join(BUILT, name))).length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(BUDGET_BYTES);
  });

  it('the real service: a webhook shows up by itself, its page tells what became of it', async () => {
    const service = await startService();
    try {
      const address = `http://127.0.0.1:${service.app.adminAddress()?.port}/`;
      if (process.env.WEB_FOLDER !== undefined) await page.route(isPage, fromFolder);
      await page.goto(address);
      await page.getByText('Nothing has come in yet').waitFor();
      const title = '<b>Pump</b> & seals';
      const body = JSON.stringify({ type: 'action_created', action: { id: 'a1', title, status: 'Open' } });
      await service.post('alo', body);
      await page.getByRole('link', { name: 'action_created → #alo' }).first().click();
      await page.getByLabel('As Slack shows it').getByText(title).waitFor();
      await page.getByText('alo-v0, good by secret 1 of 1').waitFor();
      await page.getByRole('list', { name: 'Attempts' }).getByText('sent').waitFor();
      await page.getByText('takes it').waitFor();
      await page.getByRole('link', { name: 'Events', exact: true }).click();
      await page.locator('.row').getByText('sent').waitFor();
      await page.getByRole('link', { name: 'Overview' }).click();
      // Counted seldom, where counting takes long.
      await page.getByText('Everything arrives').waitFor({ timeout: 30_000 });
      expect(complaints.filter((complaint) => !complaint.startsWith(address))).toEqual([]);
    } finally {
      await service.stop();
    }
  }, 60_000);
});

/** For pages that were built elsewhere than where the service looks for them. */
function isPage({ pathname }: URL): boolean {
  return !pathname.startsWith('/api/');
}

async function fromFolder(route: Route): Promise<void> {
  const { pathname } = new URL(route.request().url());
  await route.fulfill({ path: join(BUILT, pathname === '/' ? 'dashboard.html' : pathname) });
}
