import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeInBrowser, overflow, violations, WIDTHS } from '../helpers/browser.ts';
import { makeEvent } from '../helpers/events.ts';
import { type PlaygroundSite, startPlayground } from '../helpers/playground.ts';

// As text: this runs in the page.
const FOCUSED = `(() => {
  const active = document.activeElement?.shadowRoot?.activeElement ?? document.activeElement;
  return active?.getAttribute('aria-label') ?? active?.textContent ?? '';
})()`;

const HOSTILE = '<img src=x onerror="document.title=\'pwned\'">';
const EVENTS = [
  makeEvent({ topic: 'action_created', payload: { type: 'action_created', action: { id: 'a1', title: 'Old pump' } } }),
  makeEvent({ topic: 'never_heard_of', subject: HOSTILE, payload: { title: HOSTILE, action: { title: HOSTILE } } }),
];

describeInBrowser('the playground', 'playground.html', (openPage) => {
  let site: PlaygroundSite;
  let page: Page;
  let complaints: readonly string[];

  beforeAll(async () => {
    site = await startPlayground(EVENTS);
  });

  afterAll(() => site.stop());

  afterEach(() => expect(complaints).toEqual([]));

  async function open(hash = '', width: number = WIDTHS.wide, dark = false): Promise<void> {
    ({ page, complaints } = await openPage({ origin: site.url, width, colorScheme: dark ? 'dark' : 'light' }));
    await page.goto(`${site.url}playground.html${hash}`);
    await page.locator('.slack-message, .play-nothing').first().waitFor();
    await field(/^Routes/)
      .locator('visible=true')
      .waitFor();
  }

  /** The editors, not the plain fields that stand in for them while they load. */
  const field = (name: RegExp) => page.locator('.cm-content').and(page.getByRole('textbox', { name }));
  const result = () => page.getByRole('region', { name: 'Message', exact: true });
  const template = () => page.getByRole('group', { name: /^Template/ });

  async function rewrite(name: RegExp, text: string): Promise<void> {
    await field(name).click();
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText(text);
  }

  it('a mistake is marked where check has it while the last good message stays; mended, the message changes', async () => {
    await open();
    const before = await readFile(join(site.folder, 'templates/action_card.yaml'), 'utf8');
    await result().getByText('Cold room 2 is above 8 °C').first().waitFor();

    await rewrite(/^Template action_card/, 'text: one\nsummary: "{{ event.acton.title }}"');
    await result().getByText('1 error in what was written: below is the last message without any.').waitFor();
    await template().getByText('2:14').waitFor();
    await template().getByText('Did you mean', { exact: false }).first().waitFor();
    expect(await page.locator('.cm-lintRange-error').allTextContents()).toEqual(['event.acton.title']);
    expect(await page.locator('.cm-lint-marker-error').count()).toBe(1);
    expect(await result().getByText('Cold room 2 is above 8 °C').count()).toBeGreaterThan(0);

    await template().getByRole('button', { name: /2:14/ }).press('Enter');
    await page.keyboard.insertText('i');
    await page.keyboard.press('Backspace');
    await rewrite(/^Template action_card/, 'text: "Mended *{{ event.action.title }}*"');
    await result().getByText('Mended').first().waitFor();
    expect(await result().getByRole('strong').allTextContents()).toContain('Cold room 2 is above 8 °C');
    expect(await result().getByText('in what was written').count()).toBe(0);
    expect(await page.locator('.cm-lintRange-error').count()).toBe(0);
    await page.getByText('Nothing was saved: paste this into templates/action_card.yaml.').waitFor();
    await page.getByRole('button', { name: 'Back to the file’s', exact: true }).click();
    await result().getByText('Priority').waitFor();
    expect(await readFile(join(site.folder, 'templates/action_card.yaml'), 'utf8')).toBe(before);
  });

  it('routes: lines are numbered as in the file, and each says why it takes an event or not', async () => {
    await open('#source=alo&topic=action_status_updated');
    const config = await readFile(join(site.folder, 'config.yaml'), 'utf8');
    const line = config.split('\n').findIndex((one) => one.startsWith('routes:')) + 1;
    await rewrite(/^Routes/, 'routes:\n  - name: mine\n    post: { channel: "#new", template: any_evnt }');
    await page.getByRole('button', { name: new RegExp(`^${line + 2}:40 `) }).waitFor();
    await rewrite(
      /^Routes/,
      'routes:\n  - { name: mine, when: event.topic == "x", post: { channel: "#new", template: any_event } }',
    );
    await result().getByText('event.topic == "x" is false').waitFor();
    await result().getByText('No route takes this event.').waitFor();
    await result().getByText('by itself').waitFor();
  });

  it('events of the journal, by number; a body that is edited, and put back; hostile text does not run', async () => {
    await open('#number=2');
    await result().getByText(HOSTILE).first().waitFor();
    await page.getByLabel('Lately', { exact: true }).selectOption({ label: '#1 action_created · act_1' });
    await field(/^Body/).getByText('Old pump').waitFor();
    await rewrite(/^Body/, '{ "type": "action_created", "action": { "title": "New pump", } }');
    await page.getByText('This is not JSON').waitFor();
    await rewrite(/^Body/, '{ "type": "action_created", "action": { "id": "a1", "title": "New pump" } }');
    await result().getByText('New pump').first().waitFor();
    await page.getByRole('button', { name: 'Back to the event as it is', exact: true }).click();
    await field(/^Body/).getByText('Old pump').waitFor();
    expect(await page.title()).not.toContain('pwned');
  });

  it('with the keyboard alone: Tab goes through the editors, Esc leaves them', async () => {
    await open();
    await page.getByLabel('As if it came in at', { exact: true }).focus();
    const passed: string[] = [];
    const focused = (): Promise<string> => page.evaluate(FOCUSED);
    for (let step = 0; step < 14; step++) {
      await page.keyboard.press('Tab');
      passed.push(await focused());
    }
    const order = ['Body of the event, JSON', 'Template action_card, YAML', 'Routes, YAML'];
    expect(passed.filter((name) => order.includes(name))).toEqual(order);
    await field(/^Template/).focus();
    await page.keyboard.type('x');
    await page.getByText('Nothing was saved').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.type('y');
    expect(await field(/^Template/).textContent()).toMatch(/^x# yaml/);
    expect(await focused()).toBe('Template action_card, YAML');
    await page.keyboard.press('Shift+Tab');
    expect(await focused()).not.toMatch(/YAML/);
  });

  it('what is small stays in the address', async () => {
    await open('#source=allo&topic=sms.received&story=2');
    await page.getByLabel('Which', { exact: true }).selectOption('sms_received');
    await rewrite(/^Template/, 'text: "From the address"');
    await result().getByText('From the address').first().waitFor();
    await page.waitForFunction("location.hash.includes('text=')");
    await page.reload();
    await result().getByText('From the address').first().waitFor();
    expect(await page.getByLabel('Story', { exact: true }).inputValue()).toBe('2');
  });

  it.each([
    [WIDTHS.wide, false],
    [WIDTHS.wide, true],
    [WIDTHS.narrow, false],
    [WIDTHS.narrow, true],
  ])('at %i px, dark: %s: nothing beside the screen, and nothing for axe to say', async (width, dark) => {
    await open('#source=alo&topic=action_message_added', width, dark);
    await rewrite(/^Template/, 'txt: "{{ event.topic | raw }}"');
    await page.getByText('in what was written').waitFor();
    expect(await overflow(page)).toBe(0);
    expect(await violations(page)).toEqual([]);
  });
});
