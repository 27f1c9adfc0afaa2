import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { describeInBrowser, overflow, violations, WIDTHS } from '../helpers/browser.ts';
import { BUILT } from '../helpers/built-pages.ts';
import { EVENTS } from './dashboard-data/scenario.ts';
import { visits } from './dashboard-visit.ts';

const BUDGET_BYTES = 250_000;

const VIEWS = [
  { path: '#/', shows: 'Live activity' },
  { path: '#/events', shows: 'Older' },
  { path: '#/events?state=dead&source=alo', shows: 'Take away' },
  { path: `#/events/${EVENTS}`, shows: 'Block Kit Builder' },
  { path: '#/problems', shows: 'Replay selected' },
  { path: '#/lanes', shows: 'Slack asked to wait' },
  { path: '#/audit', shows: 'not finished' },
] as const;

describeInBrowser('every view of the dashboard', 'dashboard.html', (openPage) => {
  const visit = visits(openPage);

  describe.each(['light', 'dark'] as const)('%s', (colorScheme) => {
    it.each(Object.values(WIDTHS))(
      'every view fits and is accessible at %i px',
      async (width) => {
        const { page, fake, complaints, go } = await visit();
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.setViewportSize({ width, height: 720 });
        for (const { path, shows } of VIEWS) {
          await go(path);
          await page.getByText(shows).first().waitFor({ state: 'attached' });
          expect([path, await overflow(page), ...(await violations(page))]).toEqual([path, 0]);
        }
        for (const scenario of ['empty', 'broken'] as const) {
          fake.scenario = scenario;
          for (const { path } of VIEWS.filter(({ path }) => !path.includes('?') && !path.includes(String(EVENTS)))) {
            await go(path);
            await page
              .getByRole('status')
              .getByText(scenario === 'empty' ? 'ready' : 'token rejected')
              .waitFor();
            expect([scenario, path, await overflow(page), ...(await violations(page))]).toEqual([scenario, path, 0]);
          }
        }
        expect(complaints).toEqual([]);
      },
      60_000,
    );

    it('the dialogs and the sign-in are accessible', async () => {
      const { page, fake, go } = await visit();
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await go('#/problems');
      await page.getByRole('button', { name: 'Replay all 15', exact: true }).click();
      await page.getByText('2 are skipped').waitFor();
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await page.keyboard.press('?');
      await page.getByRole('heading', { name: 'Keyboard shortcuts', exact: true }).waitFor();
      expect(await violations(page)).toEqual([]);
      fake.token = 'the token';
      await go('');
      await page.getByLabel('Token', { exact: true }).waitFor();
      expect(await violations(page)).toEqual([]);
    }, 30_000);
  });

  it('is small: all that the views load, but for the drawing of charts', async () => {
    const { page, go } = await visit();
    const fetched = new Set<string>();
    page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      if (pathname.startsWith('/assets/')) fetched.add(pathname);
    });
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
});
