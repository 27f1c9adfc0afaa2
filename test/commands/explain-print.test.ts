import { describe, expect, it } from 'vitest';
import { printRun } from '../../src/commands/explain-print.ts';
import { hyperlink } from '../../src/commands/hyperlink.ts';
import { dryRun } from '../../src/dry-run/dry-run.ts';
import { makeEvent } from '../helpers/events.ts';
import { loadWith, VARIABLES } from '../helpers/example.ts';

const URL = 'https://example.com/';

describe('a link', () => {
  it.each<[Record<string, string>]>([
    [{ TERM_PROGRAM: 'iTerm.app' }],
    [{ VTE_VERSION: '7600' }],
    [{ TERM: 'xterm-kitty' }],
    [{ WT_SESSION: 'x' }],
  ])('is a word on a terminal with %j, and nothing where nobody looks', (env) => {
    expect(hyperlink('here', URL, { isTTY: true, env })).toBe(`\u001B]8;;${URL}\u001B\\here\u001B]8;;\u001B\\`);
    expect(hyperlink('here', URL, { isTTY: false, env })).toBe(null);
    expect(hyperlink('here', URL + 'x'.repeat(2100), { isTTY: true, env })).toBe(null);
  });

  it.each<[Record<string, string>]>([
    [{}],
    [{ TERM: 'xterm-256color' }],
    [{ VTE_VERSION: '4205' }],
    [{ TERM: 'linux' }],
  ])('is not written to a terminal with %j', (env) => expect(hyperlink('here', URL, { isTTY: true, env })).toBe(null));
});

describe('a run, printed', () => {
  const printed = async (links: boolean, link: (text: string, url: string) => string | null) => {
    const run = await dryRun(makeEvent({ topic: 'action_created', source: 'alo' }), await loadWith(VARIABLES), {
      at: 0,
    });
    return printRun(run, { zone: 'UTC', links, link });
  };

  it('shows addresses to those who ask for them', async () => {
    expect(await printed(true, () => null)).toMatch(
      /\n {2}action card: https:\/\/app\.slack\.com\/block-kit-builder\/#\S+\n$/,
    );
    const short = await printed(false, () => null);
    expect(short).not.toContain('https://app.slack.com');
    expect(short).toMatch(/\n--links shows each message in Slack's Block Kit Builder\.\n$/);
  });

  it('has words for links where the terminal shows them', async () => {
    const text = await printed(false, (word) => `[${word}]`);
    expect(text).toContain('  → card in #alo-actions  [as Slack shows it]\n');
    expect(text).not.toMatch(/--links|https:\/\/app\.slack/);
  });
});
