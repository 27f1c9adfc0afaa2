import type { WebClient } from '@slack/web-api';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../src/sandbox/panel/faults.ts';
import { ManualClock } from '../../helpers/clock.ts';
import { until } from '../../helpers/until.ts';
import { clientOf, codeOf, open } from '../workspace.ts';

const post = (slack: WebClient, channel = '#ops') => slack.chat.postMessage({ channel, text: 'x' });

describe('what the client makes of it, and whether the message was posted', () => {
  const cases: [Fault, object, number][] = [
    [{ kind: 'rate_limited', retryAfter: 7 }, { code: 'slack_webapi_rate_limited_error', retryAfter: 7 }, 0],
    [{ kind: 'rate_limited' }, { code: 'slack_webapi_rate_limited_error', retryAfter: 1 }, 0],
    [{ kind: 'rate_limited', retryAfter: null }, { message: expect.stringContaining('Retry header') }, 0],
    [{ kind: 'error', error: 'fatal_error' }, { data: { ok: false, error: 'fatal_error' } }, 0],
    [{ kind: 'error', error: 'internal_error', acts: true }, { data: { error: 'internal_error' } }, 1],
    [
      { kind: 'http', status: 503, body: 'busy' },
      { code: 'slack_webapi_http_error', statusCode: 503, body: 'busy' },
      0,
    ],
    [{ kind: 'http', status: 500, acts: true }, { code: 'slack_webapi_http_error', statusCode: 500 }, 1],
    [{ kind: 'drop_before' }, { code: 'slack_webapi_request_error' }, 0],
    [{ kind: 'drop_after' }, { code: 'slack_webapi_request_error' }, 1],
    [{ kind: 'truncate' }, { name: 'TypeError', message: 'terminated' }, 1],
    [{ kind: 'html' }, { code: 'slack_webapi_platform_error' }, 0],
    [{ kind: 'null' }, { name: 'TypeError' }, 0],
    [{ kind: 'redirect' }, { code: 'slack_webapi_request_error' }, 0],
  ];
  it.each(cases)('%j', async (fault, error, posted) => {
    const { slack, sandbox } = await open();
    sandbox.faults.add(fault);
    await expect(post(slack)).rejects.toMatchObject(error);
    expect(sandbox.workspace.conversation('#ops')?.posted).toBe(posted);
    expect(sandbox.faults.pending).toEqual([]);
    await post(slack);
    expect(sandbox.workspace.conversation('#ops')?.posted).toBe(posted + 1);
  });

  it.each([false, true])('hang: the client gives up (acts: %s)', async (acts) => {
    const { sandbox } = await open();
    sandbox.faults.add({ kind: 'hang', acts });
    await expect(post(clientOf(sandbox, 'xoxb-test', { timeout: 50 }))).rejects.toMatchObject({
      code: 'slack_webapi_request_error',
    });
    expect(sandbox.workspace.conversation('#ops')?.posted).toBe(acts ? 1 : 0);
  });

  it('slow: acts at once, answers later', async () => {
    const clock = new ManualClock();
    const { slack, sandbox } = await open({ clock });
    sandbox.faults.add({ kind: 'slow', ms: 5000 });
    const answer = post(slack);
    await until(() => clock.waiting === 1);
    expect(sandbox.workspace.conversation('#ops')?.posted).toBe(1);
    await clock.advance(5000);
    expect(await answer).toMatchObject({ ok: true });
  });

  it('lag: history does not show the newest yet', async () => {
    const clock = new ManualClock();
    const { slack, sandbox } = await open({ clock });
    const { channel = '', ts = '' } = await post(slack);
    await clock.advance(1000);
    await slack.chat.postMessage({ channel, text: 'reply', thread_ts: ts });
    sandbox.faults.add({ kind: 'lag', ms: 2000, times: 2 });
    expect((await slack.conversations.history({ channel })).messages).toEqual([]);
    expect(await codeOf(slack.conversations.replies({ channel, ts }))).toBe('thread_not_found');
    sandbox.faults.add({ kind: 'lag', ms: 1000 });
    expect((await slack.conversations.replies({ channel, ts })).messages).toHaveLength(1);
    expect((await slack.conversations.replies({ channel, ts })).messages).toHaveLength(2);
  });
});

describe('which calls', () => {
  it('only those of its method, channel and token; skipping some, as often as asked', async () => {
    const { slack, sandbox } = await open();
    const { faults } = sandbox;
    const other = clientOf(sandbox, 'xoxb-old');
    const error = 'token_revoked';
    faults.add({
      kind: 'error',
      error,
      token: 'xoxb-old',
      method: 'chat.postMessage',
      channel: '#ops',
      skip: 1,
      times: 2,
    });
    await post(slack);
    await other.auth.test();
    await post(other, '#elsewhere');
    await post(other);
    expect(await codeOf(post(other))).toBe(error);
    expect(await codeOf(post(other, 'ops'))).toBe(error);
    await post(other);
  });

  it('matches a channel by id too, and lasts until it is taken back', async () => {
    const { slack, sandbox } = await open();
    const { channel = '', ts = '' } = await post(slack);
    const takeBack = sandbox.faults.add({ kind: 'error', error: 'fatal_error', channel, times: 'always' });
    for (let n = 0; n < 3; n++) {
      expect(await codeOf(post(slack))).toBe('fatal_error');
    }
    expect(await codeOf(slack.chat.update({ channel, ts, text: 'y' }))).toBe('fatal_error');
    takeBack();
    await post(slack);
  });

  it('those armed first strike first', async () => {
    const { slack, sandbox } = await open();
    sandbox.faults.add({ kind: 'error', error: 'first' });
    sandbox.faults.add({ kind: 'error', error: 'second' });
    expect([await codeOf(post(slack)), await codeOf(post(slack))]).toEqual(['first', 'second']);
  });
});

it('can be armed and cleared from another process', async () => {
  const { slack, sandbox } = await open();
  const url = `${sandbox.url}_sandbox/faults`;
  const arm = (fault: unknown) => fetch(url, { method: 'POST', body: JSON.stringify(fault) });
  expect(
    (
      await arm([
        { kind: 'error', error: 'one' },
        { kind: 'http', status: 502, times: 'always' },
      ])
    ).status,
  ).toBe(200);
  expect(await codeOf(post(slack))).toBe('one');
  expect(await codeOf(post(slack))).toBe('slack_webapi_http_error');
  expect((await fetch(url, { method: 'DELETE' })).status).toBe(200);
  await post(slack);
  for (const wrong of [{ kind: 'unheard of' }, { kind: 'error' }, { kind: 'hang', time: 3 }, null]) {
    expect((await arm(wrong)).status).toBe(400);
  }
  expect(sandbox.faults.pending).toEqual([]);
});
