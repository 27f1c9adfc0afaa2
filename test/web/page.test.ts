import { expect, it } from 'vitest';
import { describeInBrowser, expectAccessible } from '../helpers/browser.ts';
import { ManualClock } from '../helpers/clock.ts';
import type { Service } from '../helpers/service.ts';
import { until } from '../helpers/until.ts';
import { visits } from '../sandbox/visit.ts';

const ROUTES = `
routes:
  - { on: [action_created, action_updated], card: { channel: "#alo", template: action_card } }
  - { on: action_message_added, reply: { channel: "#alo", template: action_message_added } }
`;

const event = (service: Service, type: string, title: string, more = {}) =>
  service.post(
    'alo',
    JSON.stringify({ type, action: { id: 'a1', title, status: 'Open' }, at: Math.random(), ...more }),
  );

describeInBrowser('the sandbox page', 'index.html', (openPage) => {
  const visit = visits(openPage);

  it('shows a card as it comes, its update in place with what it was, and the reply in its thread', async () => {
    const { page, service, complaints } = await visit({ routes: ROUTES });
    await event(service, 'action_created', 'Pump <b>4</b> & seals');
    const card = page.getByRole('article').first();
    await card.getByText('Pump <b>4</b> & seals').waitFor();
    await event(service, 'action_updated', 'Pump 5');
    await card.getByText('Pump 5').waitFor();
    expect(await page.getByText('Pump <b>4</b> & seals').count()).toBe(0);
    await card.getByRole('button', { name: '(edited)', exact: true }).click();
    await page.getByLabel('What it was before', { exact: true }).getByText('Pump <b>4</b> & seals').waitFor();
    await card.getByRole('button', { name: '(edited)', exact: true }).click();

    const text = 'On <!channel> my way';
    await event(service, 'action_message_added', 'Pump 5', { message: { text, author: { name: 'Maria' } } });
    await page.getByRole('button', { name: /1 reply.*Last reply just now/ }).click();
    const thread = page.getByRole('complementary', { name: 'Thread', exact: true });
    await thread.getByText(text).waitFor();
    await thread.getByText('1 reply').waitFor();
    await expectAccessible(page);
    expect(complaints).toEqual([]);
  });

  it('hostile text does not run', async () => {
    const { page, service, complaints } = await visit({ routes: ROUTES });
    const title = '<img src=x onerror="document.title=\'pwned\'"><script>document.title="pwned"</script>';
    await event(service, 'action_created', title);
    await page.getByText('<img src=x').first().waitFor();
    expect(await page.title()).toBe('alo · Slack sandbox');
    expect(complaints).toEqual([]);
  });

  it('counts what was not seen yet, clears it on sight, and draws the line where it began', async () => {
    const { page, service } = await visit();
    const { workspace } = service.sandbox;
    const say = (channel: string, text: string) => workspace.say(channel, 'maria@example.com', { text });
    say('#one', 'first of one');
    await page.getByText('first of one').waitFor();
    for (const text of ['two a', 'two b']) say('#two', text);
    const two = page.getByRole('link', { name: /two/ });
    await two.getByText('2 unread').waitFor();
    expect(await page.title()).toBe('(2) one · Slack sandbox');
    await two.click();
    await page.getByText('two b').waitFor();
    expect(await two.textContent()).not.toContain('unread');
    await page.getByRole('link', { name: /one/ }).click();
    await page.getByText('first of one').waitFor();
    say('#two', 'two c');
    await two.getByText('1 unread').waitFor();
    await two.click();
    await page.getByText('two c').waitFor();
    const shown = page.getByRole('log').locator('.new-line, article');
    expect((await shown.allTextContents()).map((text) => /^New$|two [abc]/.exec(text)?.[0])).toEqual([
      'two a',
      'two b',
      'New',
      'two c',
    ]);
    await page.reload();
    await page.getByText('two c').waitFor();
    expect(await page.title()).toBe('two · Slack sandbox');
  });

  it('shows tombstones, archived channels, DMs, reactions and Markdown', async () => {
    const { page, complaints } = await visit({
      async before({ sandbox: { workspace } }) {
        const root = workspace.say('#ops', 'maria@example.com', { text: 'gone root' });
        workspace.say('#ops', 'jonas@example.com', { text: 'still here', threadTs: root.ts, broadcast: true });
        workspace.delete('#ops', root.ts);
        const ops = workspace.conversation('#ops');
        const blocks = [{ type: 'markdown', text: '# Title\n**bold** `code`' }];
        if (ops === undefined) throw new Error('no #ops');
        const posted = workspace.post(ops, { text: 'x', blocks });
        workspace.react(ops, posted.ts, 'white_check_mark');
        workspace.archive('#ops');
        const maria = workspace.people.byEmail('maria@example.com');
        const dm = workspace.openDm(maria?.id ?? '');
        if (dm !== undefined) workspace.post(dm, { text: 'for you alone' });
      },
    });
    await page.locator('strong', { hasText: 'bold' }).waitFor();
    await page.getByLabel('Reactions', { exact: true }).getByText('1').waitFor();
    await page.getByText('#ops is archived: nobody can post here.').waitFor();
    await page.getByRole('button', { name: 'replied to a thread', exact: true }).click();
    await page.getByText('This message was deleted.').waitFor();
    await page.getByRole('link', { name: /Maria/ }).click();
    await page.getByText('for you alone').waitFor();
    await expectAccessible(page);
    expect(complaints).toEqual([]);
  });

  it('opens at the message a link leads to, among 10,000, and walks older and newer without a mouse', async () => {
    const ts: string[] = [];
    const { page, service, complaints } = await visit({
      sandbox: { keptPerConversation: 10_000 },
      async before({ sandbox: { workspace } }) {
        for (let n = 0; n < 10_000; n++)
          ts.push(workspace.say('#busy', 'maria@example.com', { text: `number ${n}.` }).ts);
      },
    });
    const articles = page.getByRole('article');
    await page.getByText('number 9999.').waitFor();
    expect(await articles.count()).toBe(200);
    const { conversations } = service.sandbox.workspace;
    await page.goto(`${service.sandbox.url}archives/${conversations[0]?.id}/p${ts[5000]?.replace('.', '')}`);
    const linked = page.locator('.message-target', { hasText: 'number 5000.' });
    await linked.waitFor();
    await page.locator('.message-target:focus').waitFor();
    expect(await linked.isVisible()).toBe(true);
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    expect(await page.locator('article:focus').textContent()).toContain('number 4998.');

    // A window further up: the message that was the first stays where it is on the screen.
    const older = page.getByRole('button', { name: '4,900 older messages', exact: true });
    await older.focus();
    const first = page.locator(`[data-ts="${ts[4900]}"]`);
    await first.scrollIntoViewIfNeeded();
    const before = (await first.boundingBox())?.y ?? 0;
    await page.keyboard.press('Enter');
    await page.getByText('number 4800.').waitFor({ state: 'attached' });
    await until(async () => Math.abs(((await first.boundingBox())?.y ?? 0) - before) < 2);
    expect(await articles.count()).toBe(200);

    await page.getByRole('button', { name: /Jump to the newest/ }).press('Enter');
    await page.getByText('number 9999.').waitFor();
    service.sandbox.workspace.say('#busy', 'maria@example.com', { text: 'one more' });
    await page.getByText('one more').waitFor();
    expect(await page.getByText('one more').isVisible()).toBe(true);
    expect(complaints).toEqual([]);
  });

  it('names the day above the messages of each', async () => {
    const clock = new ManualClock(Date.now() - 3 * 86_400_000);
    const { page } = await visit({
      sandbox: { clock },
      async before({ sandbox: { workspace } }) {
        workspace.say('#days', 'maria@example.com', { text: 'long ago' });
        clock.step(2 * 86_400_000);
        workspace.say('#days', 'maria@example.com', { text: 'a day ago' });
        clock.step(86_400_000);
        workspace.say('#days', 'maria@example.com', { text: 'now' });
      },
    });
    await page.getByText('now', { exact: true }).waitFor();
    const days = await page.locator('.day').allTextContents();
    expect(days.slice(1)).toEqual(['Yesterday', 'Today']);
    expect(days[0]).toMatch(/^\w+day, \w+ \d+$/);
  });
});
