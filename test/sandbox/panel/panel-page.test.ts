import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { describeInBrowser, expectAccessible, overflow, WIDTHS } from '../../helpers/browser.ts';
import { until } from '../../helpers/until.ts';
import { visits } from '../visit.ts';

const ROUTES = `
routes:
  - { on: action_message_added, reply: { channel: "#alo", template: action_message_added } }
  - { on: action_status_updated, when: 'event.action.status == "Completed"', react: { channel: "#alo", emoji: tada } }
  - { on: "action_*", card: { channel: "#alo", template: action_card } }
  - { on: action_assignment_changed, dm: { to: event.assignees.added, template: assigned_to_you } }
  - { on: "*", unmatched: true, post: { channel: "#phones", template: any_event } }
`;

const panel = (page: Page) => page.getByRole('complementary', { name: 'Try the relay' });
const figure = async (page: Page, name: string) =>
  Number((await panel(page).locator('.figure', { hasText: name }).locator('dd').textContent())?.replaceAll(',', ''));

describeInBrowser('the panel of the sandbox page', 'index.html', (openPage) => {
  const visit = visits(openPage);

  it('takes a newcomer from nothing to a card with one press, and on to a whole story', async () => {
    const { page, service, complaints } = await visit({ routes: ROUTES, buttons: true });
    await page.getByText('Nothing has arrived yet').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Send your first event' }).click();
    const card = page.getByRole('article').first();
    await card.getByText('Cold room 2 is above 8 °C').waitFor();
    await panel(page).getByRole('button', { name: 'Send the whole story' }).click();
    await card.getByText('Completed').waitFor();
    await card.getByLabel('Reactions').waitFor();
    await card.getByRole('button', { name: /1 reply/ }).waitFor();
    await page.getByRole('link', { name: /Maria/ }).getByText('1 unread').waitFor();
    await panel(page).getByText('5 events were answered 200').waitFor();
    await until(async () => (await figure(page, 'sent')) >= 8 && (await figure(page, 'waiting')) === 0);
    await panel(page).getByText('Everything has arrived.').waitFor();

    const merged = await figure(page, 'merged');
    await panel(page).getByRole('button', { name: 'Out of order' }).click();
    await panel(page).getByText('The newer event came first.').waitFor();
    await until(async () => (await figure(page, 'merged')) === merged + 1);
    expect(await card.textContent()).toContain('Completed');

    const updates = service.sandbox.calls['chat.update'];
    await panel(page).getByRole('button', { name: 'Same again' }).click();
    await panel(page).getByText('Nothing new should appear.').waitFor();
    // What comes after it in the same channel has arrived, so the copy would have.
    await panel(page)
      .getByRole('combobox', { name: 'About' })
      .selectOption({ label: 'Lift B stops between floors 3 and 4' });
    await panel(page).getByRole('button', { name: 'Send action_created' }).click();
    await page.getByRole('article').nth(1).getByText('Lift B').first().waitFor();
    expect(service.sandbox.calls['chat.update']).toBe(updates);
    await expectAccessible(page);
    expect(complaints).toEqual([]);
  });

  it('has a button for every topic of every sender', async () => {
    const { page, service } = await visit({ routes: ROUTES, buttons: true });
    await panel(page).getByRole('radio', { name: 'allo', exact: true }).check();
    await panel(page).getByText('Names of older versions').click();
    const buttons = panel(page)
      .getByRole('button', { name: /^Send \w+[._]/ })
      .or(panel(page).getByRole('button', { name: 'Send PING' }));
    expect(await buttons.count()).toBe(17);
    for (let n = 0; n < 17; n++) await buttons.nth(n).click();
    await until(() => service.sandbox.workspace.conversation('#phones')?.posted === 17);
  });

  it('an outage in a burst: what waits is shown, and once all is well everything arrives, in digests', async () => {
    const { page, service, complaints } = await visit({ routes: ROUTES, buttons: true });
    const outage = panel(page).getByRole('switch', { name: 'Outage' });
    await outage.click();
    await panel(page).getByRole('button', { name: 'Burst of 200' }).click();
    await panel(page).getByText('200 events were answered 200').waitFor();
    await until(async () => (await figure(page, 'waiting')) >= 200);
    await until(async () =>
      /^\d+ s left, [1-9]\d* hit$/.test((await outage.locator('.switch-state').textContent()) ?? ''),
    );
    await expectAccessible(page);
    await panel(page).getByRole('button', { name: 'All well again' }).click();
    await panel(page).getByText('Slack is well.').waitFor();
    expect(await outage.getAttribute('aria-checked')).toBe('false');
    await until(async () => (await figure(page, 'waiting')) === 0 && (await figure(page, 'merged')) > 0, 20_000);
    expect(await figure(page, 'dead')).toBe(0);
    expect(service.sandbox.faults.pending).toEqual([]);
    expect(complaints).toEqual([]);
  }, 40_000);

  it('the other troubles are on until they are over, and all of it works by keyboard at 320 px', async () => {
    const { page, service, complaints } = await visit({ routes: ROUTES, buttons: true, width: WIDTHS.narrow });
    const press = async (role: 'button' | 'switch', name: string) => {
      await page.getByRole(role, { name }).focus();
      await page.keyboard.press('Enter');
    };
    await press('button', 'Send your first event');
    await page.getByRole('article').getByText('Cold room 2').waitFor();
    await press('button', 'Try it');
    expect(await overflow(page)).toBe(0);
    await press('switch', 'Revoked token');
    await press('switch', 'Lost answers');
    await press('switch', 'Rate limit');
    await press('switch', 'Archive #alo');
    const switches = panel(page).getByRole('switch', { checked: true });
    await until(async () => (await switches.count()) === 4);
    expect(service.sandbox.faults.pending.map(({ kind }) => kind)).toEqual(['error', 'drop_after', 'rate_limited']);
    await expectAccessible(page);
    await press('switch', 'Revoked token');
    await press('button', 'All well again');
    await until(async () => (await switches.count()) === 0);
    expect(service.sandbox.workspace.conversation('#alo')?.archived).toBe(false);
    await press('button', 'Send action_updated');
    await page.keyboard.press('Escape');
    await panel(page).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: '(edited)' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('without somebody to send there are no buttons', async () => {
    const { page } = await visit({ sandbox: { hint: 'alo-relay send action_created' } });
    await page.getByText('Send a first event from another terminal:').waitFor();
    expect(await page.getByRole('button', { name: /Send|Try/ }).count()).toBe(0);
  });
});
