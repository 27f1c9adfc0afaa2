import { expect, it } from 'vitest';
import { describeInBrowser, overflow } from '../helpers/browser.ts';
import { until } from '../helpers/until.ts';
import { EVENTS } from './dashboard-data/scenario.ts';
import { visits } from './dashboard-visit.ts';

describeInBrowser('the events of the dashboard', 'dashboard.html', (openPage) => {
  const visit = visits(openPage);

  it('the keyboard alone: search, go through the rows, open one, and back to what was found', async () => {
    const { page, go, hash } = await visit();
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
    await page.getByRole('heading', { name: 'Received', exact: true }).waitFor();
    expect(hash()).toBe(second);
    await page.goBack();
    expect(hash()).toContain('text=act_1096');
    await page.getByRole('link', { name: 'Take away: Text: act_1096', exact: true }).waitFor();

    await page.keyboard.press('?');
    await page.getByRole('heading', { name: 'Keyboard shortcuts', exact: true }).waitFor();
    await page.getByLabel('Shortcuts are on', { exact: true }).press('Space');
    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await page.keyboard.press('o');
    expect(hash()).toContain('#/events');
  });

  it('100,000 events: pages by key, filters in the address, and no more rows than a page has', async () => {
    const { page, go, hash, requests } = await visit();
    await go('#/events');
    await page.getByRole('link', { name: 'Older →', exact: true }).click();
    await until(() => hash().includes(`before=${EVENTS - 49}`));
    await page.getByRole('link', { name: 'Older →', exact: true }).click();
    await until(() => hash().includes(`before=${EVENTS - 99}`));
    await until(
      async () => (await page.locator('.row-link').first().getAttribute('href')) === `#/events/${EVENTS - 100}`,
    );
    expect(await page.locator('.row').count()).toBe(50);
    await page.getByLabel('State', { exact: true }).selectOption('dead');
    await page.getByRole('button', { name: 'Filters', exact: true }).click();
    await page.getByLabel('Topic', { exact: true }).fill('call.ended');
    await until(() => hash().includes('topic=call.ended'));
    expect(hash()).not.toContain('before');
    await page.reload();
    await page.getByRole('link', { name: /State: dead/ }).waitFor();
    expect(await page.getByLabel('Topic', { exact: true }).inputValue()).toBe('call.ended');
    await page.locator('.row').first().waitFor();
    expect(await page.locator('.row').count()).toBe(await page.locator('.row-states :text("dead")').count());
    expect(new Set(requests('/api/events?')).size).toBeLessThan(8);
  });

  it('a search that finds nothing goes on by itself to the end, and says so', async () => {
    const { page, go, requests } = await visit();
    await go('#/events?text=nothing-is-called-so');
    await page.getByText('No event is like that').waitFor();
    expect(requests('/api/events?').length).toBe(Math.ceil(EVENTS / 5_001));
    expect(await page.getByRole('link', { name: 'Search further back →', exact: true }).count()).toBe(0);
  });

  it('new events are told, and shown when asked for', async () => {
    const { page, fake, go, requests } = await visit();
    await go('#/events');
    await page.locator('.row').first().waitFor();
    const item = {
      kind: 'accepted',
      at: new Date().toISOString(),
      source: 'alo',
      topic: 't',
      subject: null,
      title: null,
      code: null,
    } as const;
    await fake.push({ items: [1, 2, 3].map((number) => ({ ...item, number })), left_out: 0 });
    const before = requests('/api/events?').length;
    await page.getByRole('button', { name: 'Show 3 new events', exact: true }).click();
    await until(() => requests('/api/events?').length === before + 1);
    expect(await page.getByRole('button', { name: /new event/ }).count()).toBe(0);
  });

  it('what a replay replaced is shown with the event, and not counted', async () => {
    const { page, go } = await visit();
    await go(`#/events/${EVENTS}`);
    await page.getByText(`replayed as #${EVENTS * 2}`).waitFor();
    const chips = page.locator('p.chips').first();
    expect(await chips.textContent()).toMatch(/dead.*sent/);
    expect(await chips.textContent()).not.toContain('parked');
  });

  it('hostile content is text, and comes no faster than it is opened', async () => {
    const { page, complaints, go } = await visit();
    await go(`#/events/${EVENTS - 43}`);
    await page.getByText('<img src=x').first().waitFor();
    expect(await page.title()).not.toContain('pwned');
    await page.getByText('⟨202E⟩right to left').waitFor();
    await page.getByRole('button', { name: /^many/ }).click();
    expect(await page.locator('.tree-item').count()).toBeLessThan(150);
    await page.getByRole('button', { name: 'Show 100 more of 5,000', exact: true }).click();
    await page.getByRole('button', { name: 'all 48,000 characters', exact: true }).click();
    for (let level = 2; level < 30; level++)
      await page.getByRole('button', { name: new RegExp(`^level ${level}\\b`) }).click();
    await page.setViewportSize({ width: 320, height: 700 });
    expect(await overflow(page)).toBe(0);
    await go('#/events/2');
    await page.getByText('Only the first 256 KiB are shown.').waitFor();
    expect(complaints).toEqual([]);
  });
});
