import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { createTransport } from '../../src/slack/transport.ts';
import { freePort } from '../helpers/free-port.ts';
import { farEnd, json, text } from './far-end.ts';
import { gatewayAt, PLACEMENT, POSTING, slackThat, TADA } from './near-end.ts';

/** A server that speaks no TLS, addressed as if it did. */
async function plainServer(): Promise<string> {
  const end = await farEnd(text(''));
  return end.url.replace('http:', 'https:');
}

describe('certainly not posted, and so tried again', () => {
  test.each<[string, () => string | Promise<string>, string]>([
    ['nobody listens', async () => `http://127.0.0.1:${await freePort()}/api/`, 'connection_refused'],
    ['there is no such name', () => 'http://slack.invalid/api/', 'name_not_found'],
    ['the server speaks no TLS', plainServer, 'tls_failure'],
  ])('because %s', async (_, url, code) => {
    const gateway = gatewayAt(await url());
    expect(await gateway.post(POSTING)).toMatchObject({ kind: 'retry', limited: false, reason: { code } });
  });

  test('because no header can hold the token', async () => {
    const { end, gateway } = await slackThat(text(''), { token: new Secret('xoxb-1\nxoxb-2') });
    expect(await gateway.post(POSTING)).toMatchObject({ kind: 'retry', reason: { code: 'request_invalid' } });
    expect(end.calls).toEqual([]);
  });

  test('because the client is closed', async () => {
    const { end, gateway } = await slackThat(json({ ok: true }));
    await gateway.close();
    await gateway.close();
    expect(await gateway.post(POSTING)).toMatchObject({ kind: 'retry', reason: { code: 'client_closed' } });
    expect(end.calls).toEqual([]);
  });

  test('because it is no longer ours to change anything; asking is still allowed', async () => {
    let ours = false;
    const { end, gateway } = await slackThat(
      json({ ok: true, channel: 'C0AAA', ts: '1.2', team: 'T', user: { id: 'U0AAA' } }),
      { ownsLanes: () => ours },
    );
    const notOurs = { kind: 'retry', limited: true, reason: { code: 'not_ours' } };
    expect(await gateway.post(POSTING)).toMatchObject(notOurs);
    expect(await gateway.post(POSTING)).not.toHaveProperty('afterMs');
    expect(await gateway.update(PLACEMENT, POSTING.message)).toMatchObject(notOurs);
    expect(await gateway.mark(PLACEMENT, TADA)).toMatchObject(notOurs);
    expect(end.calls).toEqual([]);
    expect(await gateway.lookupByEmail('maria@example.com')).toMatchObject({ kind: 'sent' });
    ours = true;
    expect(await gateway.post(POSTING)).toMatchObject({ kind: 'sent' });
    expect(end.calls.map(({ path }) => path)).toEqual(['/api/users.lookupByEmail', '/api/chat.postMessage']);
  });

  test('because it was lost to us while it waited for a connection', async () => {
    let ours = true;
    const taken = Promise.withResolvers<() => void>();
    const { end, gateway } = await slackThat(
      (call, response, socket) => {
        taken.resolve(() => json({ ok: true, channel: 'C0AAA', ts: '1.2' })(call, response, socket));
      },
      { ownsLanes: () => ours, connections: 1 },
    );
    const first = gateway.post(POSTING);
    const second = gateway.post(POSTING);
    const answer = await taken.promise;
    ours = false;
    answer();
    expect(await first).toMatchObject({ kind: 'sent' });
    expect(await second).toMatchObject({ kind: 'retry', limited: true, reason: { code: 'not_ours' } });
    expect(end.calls).toHaveLength(1);
  });

  test('because it was given up while it waited for a connection', async () => {
    const waiting: (() => void)[] = [];
    const busy = Promise.withResolvers<void>();
    const end = await farEnd((call, response, socket) => {
      waiting.push(() => json({ ok: true })(call, response, socket));
      busy.resolve();
    });
    const transport = createTransport({ apiUrl: end.url, timeoutMs: 10_000, connections: 1 });
    onTestFinished(() => transport.close());
    const send = (body: string, signal?: AbortSignal) =>
      transport.fetch(`${end.url}chat.postMessage`, {
        method: 'POST',
        body,
        ...(signal === undefined ? {} : { signal }),
      });
    const first = send('first');
    await busy.promise;
    const cancel = new AbortController();
    const second = send('second', cancel.signal);
    cancel.abort();
    await expect(second).rejects.toMatchObject({ code: 'ABORTED', reached: false });
    waiting.shift()?.();
    expect((await first).status).toBe(200);
    const third = send('third');
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    waiting.shift()?.();
    expect((await third).status).toBe(200);
    expect(end.calls.map(({ body }) => body)).toEqual(['first', 'third']);
  });
});
