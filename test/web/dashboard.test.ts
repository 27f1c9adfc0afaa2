import { join } from 'node:path';
import type { Route } from 'playwright-core';
import { expect, it, onTestFinished } from 'vitest';
import { describeInBrowser, expectAccessible } from '../helpers/browser.ts';
import { BUILT } from '../helpers/built-pages.ts';
import { startService } from '../helpers/service.ts';
import { until } from '../helpers/until.ts';
import { EVENTS } from './dashboard-data/scenario.ts';
import { visits } from './dashboard-visit.ts';

describeInBrowser('the dashboard', 'dashboard.html', (openPage) => {
  const visit = visits(openPage);

  it('says first whether all arrives, and if not, where to look', async () => {
    const { page, fake, go } = await visit();
    for (const [scenario, says] of [
      ['busy', '15 deliveries did not arrive'],
      ['calm', 'Everything arrives'],
      ['empty', 'Nothing has come in yet'],
      ['silent', 'Nothing from alo for 9 h; usually every 20 min.'],
      ['broken', 'Slack rejects the token'],
    ] as const) {
      fake.scenario = scenario;
      await go('');
      await page.getByRole('region', { name: 'At a glance', exact: true }).getByText(says).waitFor();
    }
    await page.getByText('config.yaml:41:11').waitFor();
    await page.getByText('Did you mean "channel"?').waitFor();
  });

  it('an outage shows on every page as it begins, for how long it has lasted, and leads to what to do', async () => {
    const { page, fake, go } = await visit();
    fake.scenario = 'calm';
    await go('#/lanes');
    const pill = page.getByRole('banner').getByRole('status');
    await pill.getByText('ready', { exact: true }).waitFor();
    const asked = fake.asked.length;
    await fake.pushOverview('broken');
    await pill.getByText('token rejected +1').waitFor();
    await pill.getByText('45 min').waitFor();
    expect(fake.asked.slice(asked)).not.toContain('/api/overview');
    await pill.getByRole('link').click();
    const health = page.getByRole('region', { name: 'Health', exact: true });
    await health.getByText('All lanes are paused.').waitFor();
    await health.getByText('The config on disk is not valid').waitFor();
    await fake.pushOverview('calm');
    await pill.getByText('ready', { exact: true }).waitFor();
  });

  it('lanes are asked for again soon after something happened', async () => {
    const { page, fake, go, requests } = await visit();
    await go('#/lanes');
    await page.getByText('until').first().waitFor();
    const before = requests('/api/lanes').length;
    await fake.push({ items: [], left_out: 3 });
    await expect.poll(() => requests('/api/lanes').length, { timeout: 4_000 }).toBeGreaterThan(before);
  });

  it('what happens shows at once; held still, it is counted and nothing is lost', async () => {
    const { page, fake, go } = await visit();
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
          subject: 'act_1',
          title: `Pump ${number}`,
          lane: 'channel:#alo',
          destination: '#alo',
          state: 'sent',
          code: null,
        } as const,
      ],
      left_out: 0,
    });
    await fake.push(sent(1));
    await page.getByRole('link', { name: 'Pump 1 · topic 1 → #alo', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await fake.push(sent(2));
    await fake.push(sent(3));
    await page.getByRole('button', { name: 'Show 2 more', exact: true }).waitFor();
    expect(await page.getByText('Pump 3 ·').count()).toBe(0);
    await page.getByRole('button', { name: 'Show 2 more', exact: true }).click();
    await page.getByText('Pump 2 ·').waitFor();
    for (let number = 4; number < 60; number++) await fake.push(sent(number));
    await page.getByText('Pump 59 ·').waitFor();
    expect(await page.locator('.feed-entry').count()).toBe(40);
  });

  it('a replay says what it would do, does nothing before it is confirmed, and says what became of it', async () => {
    const { page, fake, go, requests } = await visit();
    await go('#/problems');
    await page.getByLabel('All of this page', { exact: true }).check();
    await page.getByRole('button', { name: 'Replay 15 selected', exact: true }).click();
    await page.getByText('13 deliveries to 3 conversations would be sent, in place of 13').waitFor();
    await page.getByText('2 are skipped, because:').waitFor();
    expect(fake.replays.map(({ dry_run }) => dry_run)).toEqual([true]);
    await page.getByLabel('Send what has gone out already once more, too', { exact: true }).check();
    await page.getByText('15 deliveries to 3 conversations would be sent').waitFor();
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    expect(fake.replays.map(({ dry_run }) => dry_run)).toEqual([true, true]);

    await page.getByRole('button', { name: 'Replay', exact: true }).first().click();
    fake.replayFault = 'The journal cannot be used now; see the log.';
    await page.getByRole('button', { name: 'Send again', exact: true }).click();
    await page.getByRole('alert').getByText('The journal cannot be used now').waitFor();
    fake.replayFault = null;
    await page.getByRole('button', { name: 'Try again', exact: true }).click();
    const lists = requests('/api/deliveries').length;
    await page.getByRole('button', { name: 'Send again', exact: true }).click();
    await page.getByText('1 delivery to 1 conversation is on its way').waitFor();
    expect(fake.replays.at(-1)).toEqual({ ids: [String(EVENTS * 2)], again: false });
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    await until(() => requests('/api/deliveries').length > lists);
  });

  it('a dismissal asks for the reason, does nothing without one, and says what became of it', async () => {
    const { page, fake, go, requests } = await visit();
    await go('#/problems');
    const dialog = page.getByRole('dialog', { name: 'Dismiss 15 deliveries', exact: true });
    await page.getByLabel('All of this page', { exact: true }).check();
    await page.getByRole('button', { name: 'Dismiss 15 selected', exact: true }).click();
    const send = dialog.getByRole('button', { name: 'Dismiss', exact: true });
    await dialog.getByLabel('Reason', { exact: true }).fill('  ');
    expect(await send.isDisabled()).toBe(true);
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Cancel', exact: true }).click();
    await page.getByRole('button', { name: 'Dismiss', exact: true }).first().click();
    const one = page.getByRole('dialog', { name: `Dismiss delivery ${EVENTS * 2}`, exact: true });
    await one.getByLabel('Reason', { exact: true }).fill('the project is over');
    fake.replayFault = 'The journal cannot be used now; see the log.';
    await one.getByRole('button', { name: 'Dismiss', exact: true }).click();
    await one.getByRole('alert').getByText('The journal cannot be used now').waitFor();
    fake.replayFault = null;
    const lists = requests('/api/deliveries').length;
    await one.getByLabel('Your name (optional)', { exact: true }).fill('Maria');
    await page.keyboard.press('Enter');
    await one.getByText('1 delivery was dismissed.').waitFor();
    const order = { ids: [String(EVENTS * 2)], reason: 'the project is over' };
    expect(fake.dismissals).toEqual([
      { ...order, by: null },
      { ...order, by: 'Maria' },
    ]);
    await one.getByRole('button', { name: 'Close', exact: true }).click();
    await until(() => requests('/api/deliveries').length > lists);
  });

  it('asks for the token when the listener does, and forgets the session when told', async () => {
    const { page, fake, go } = await visit();
    fake.token = 'the token';
    await go('#/lanes');
    await page.getByLabel('Token', { exact: true }).fill('another');
    await page.keyboard.press('Enter');
    await page.getByText('That is not a token of this relay').waitFor();
    await page.getByLabel('Token', { exact: true }).fill('the token');
    await page.keyboard.press('Enter');
    await page.getByText('#phones').waitFor();
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.getByLabel('Token', { exact: true }).waitFor();
    expect(await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])')).not.toContain('token');
  });

  it('shows whoever may only read everything, and offers nothing that changes something', async () => {
    const { page, fake, go } = await visit();
    const offers = page.getByRole('button', { name: /^(Replay|Dismiss)/ });
    await go('#/problems');
    await until(async () => (await offers.count()) > 10);
    await page.getByText('All of this page').waitFor();
    fake.role = 'read-only';
    for (const [path, shows] of [
      ['#/problems', 'channel_not_found'],
      [`#/events/${EVENTS}`, 'Block Kit Builder'],
      ['#/audit', 'not finished'],
    ] as const) {
      await go(path);
      await page.getByText(shows).first().waitFor();
      await page.getByRole('banner').getByText('read-only').waitFor();
      expect([path, await offers.count()]).toEqual([path, 0]);
    }
    await go('#/problems');
    await page.getByText('channel_not_found').first().waitFor();
    expect(await page.getByText('All of this page').isVisible()).toBe(false);
    expect(
      await page
        .getByRole('checkbox', { name: /^Select/ })
        .first()
        .isDisabled(),
    ).toBe(true);
  });

  it('the audit says who did what, page by page, as text', async () => {
    const { page, go, hash } = await visit();
    await go('');
    await page.getByRole('link', { name: 'Audit', exact: true }).click();
    await page.getByText('1,204 deliveries').first().waitFor();
    const first = page.getByRole('listitem').filter({ hasText: 'dismiss' }).first();
    expect(await first.textContent()).toMatch(/^dismiss3 deliveries.* · <img src=x .*operator, dashboard, 2001:db8::7/);
    await page.getByRole('link', { name: 'Older →', exact: true }).click();
    await page.getByRole('link', { name: '← Newest', exact: true }).waitFor();
    expect(hash()).toBe('#/audit?before=71');
    expect(await page.title()).toBe('Audit · alo-relay');
  });

  it('the real service: a webhook shows up by itself, its page tells what became of it', async () => {
    const service = await startService();
    onTestFinished(() => service.stop());
    const address = `http://127.0.0.1:${service.app.adminAddress()?.port}/`;
    const { page, complaints } = await openPage({ origin: address });
    if (process.env.WEB_FOLDER !== undefined) await page.route(isPage, fromFolder);
    await page.goto(address);
    await page.getByText('Nothing has come in yet').waitFor();
    const title = '<b>Pump</b> & seals';
    const body = JSON.stringify({ type: 'action_created', action: { id: 'a1', title, status: 'Open' } });
    await service.post('alo', body);
    await page
      .getByRole('link', { name: `${title} · created → #alo`, exact: true })
      .first()
      .click();
    await page.getByLabel('As Slack shows it', { exact: true }).getByText(title).waitFor();
    await page.getByText('alo-v0, good by secret 1 of 1').waitFor();
    await page.getByRole('list', { name: 'Attempts', exact: true }).getByText('sent').waitFor();
    await page.getByText('takes it').waitFor();
    await page.getByRole('link', { name: 'Events', exact: true }).click();
    await page.locator('.row').getByText('sent').waitFor();
    await page.getByRole('link', { name: 'Overview', exact: true }).click();
    // Counted seldom, where counting takes long.
    await page.getByText('Everything arrives').waitFor({ timeout: 30_000 });
    expect(complaints).toEqual([]);
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
