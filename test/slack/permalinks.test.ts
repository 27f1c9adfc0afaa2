import { expect, it } from 'vitest';
import { type Outcome, refused, sent } from '../../src/core/outcome.ts';
import type { SlackIdentity } from '../../src/slack/gateway.ts';
import { Permalinks } from '../../src/slack/permalinks.ts';

const PLACEMENT = { channel: 'C1', ts: '1700000000.000100' };
const identity = (url?: string) => sent({ team: 'T', user: 'U', ...(url !== undefined && { url }) });

it.each<[string, Outcome<SlackIdentity>, string | null]>([
  ['a workspace', identity('https://acme.slack.com/'), 'https://acme.slack.com/archives/C1/p1700000000000100'],
  ['the sandbox', identity('http://127.0.0.1:3002/'), 'http://127.0.0.1:3002/archives/C1/p1700000000000100'],
  ['no address', identity(), null],
  ['a script', identity('javascript:alert(1)'), null],
  ['nonsense', identity('acme'), null],
  ['a refusal', refused('credential', 'invalid_auth', 'No.'), null],
])('of %s', async (_, outcome, expected) => {
  const permalinks = new Permalinks();
  expect(permalinks.to(PLACEMENT)).toBeNull();
  expect(await permalinks.learning(async () => outcome)()).toBe(outcome);
  expect([permalinks.to(PLACEMENT), permalinks.to(null)]).toEqual([expected, null]);
});

it('what Slack names cannot lead elsewhere', async () => {
  const permalinks = new Permalinks();
  await permalinks.learning(async () => identity('https://acme.slack.com/x?y#z'))();
  expect(permalinks.to({ channel: '../"><b>', ts: '1.2' })).toBe(
    'https://acme.slack.com/archives/..%2F%22%3E%3Cb%3E/p12',
  );
});
