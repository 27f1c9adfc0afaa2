import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Service, startService } from '../helpers/service.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const BUILT = resolve(import.meta.dirname, '../../dist/web/index.html');
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

const missing = existsSync(CHROMIUM)
  ? existsSync(BUILT)
    ? null
    : 'the page is not built (npm run build)'
  : `there is no ${CHROMIUM}`;

describe.skipIf(missing !== null)(
  `the sandbox page in a browser${missing === null ? '' : ` (skipped: ${missing})`}`,
  () => {
    let browser: Browser;
    let service: Service;
    let page: Page;
    const complaints: string[] = [];

    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: CHROMIUM, args: QUIET });
    });

    afterAll(() => browser.close());

    beforeEach(async () => {
      service = await startService(`
routes:
  - { on: [action_created, action_updated], card: { channel: "#alo", template: action_card } }
  - { on: action_message_added, reply: { channel: "#alo", template: action_message_added } }
`);
      page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      complaints.length = 0;
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => {
        if (!request.url().startsWith(service.sandbox.url)) complaints.push(`asked for ${request.url()}`);
      });
      await page.goto(service.sandbox.url);
    });

    afterEach(async () => {
      await page.close();
      await service.stop();
    });

    const event = (type: string, title: string, more = {}) =>
      service.post(
        'alo',
        JSON.stringify({ type, action: { id: 'a1', title, status: 'Open' }, at: Math.random(), ...more }),
      );

    it('shows a card as it comes, its update in place, and the reply in its thread; without a reload', async () => {
      await event('action_created', 'Pump <b>4</b> & seals');
      await page
        .getByRole('link', { name: 'alo' })
        .or(page.getByRole('button', { name: 'alo' }))
        .first()
        .click();
      await page.getByText('Pump <b>4</b> & seals').first().waitFor();
      await event('action_updated', 'Pump 5');
      await page.getByText('Pump 5').first().waitFor();
      expect(await page.getByText('Pump <b>4</b> & seals').count()).toBe(0);
      await page.getByText('(edited)').waitFor();
      await event('action_message_added', 'Pump 5', {
        message: { text: 'On <!channel> my way', author: { name: 'Maria' } },
      });
      await page.getByText('1 reply').click();
      await page.getByText('On <!channel> my way').first().waitFor();
      expect(complaints).toEqual([]);
    });

    it('hostile text does not run', async () => {
      await event(
        'action_created',
        '<img src=x onerror="document.title=\'pwned\'"><script>document.title="pwned"</script>',
      );
      await page
        .getByRole('link', { name: 'alo' })
        .or(page.getByRole('button', { name: 'alo' }))
        .first()
        .click();
      await page.getByText('<img src=x').first().waitFor();
      expect(await page.title()).not.toContain('pwned');
      expect(complaints).toEqual([]);
    });
  },
);
