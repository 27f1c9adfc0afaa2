import { describe, expect, test } from 'vitest';
import { ManualClock } from '../helpers/clock.ts';
import { type FarEnd, json } from './far-end.ts';
import { gatewayAt, PLACEMENT, POSTING, slackThat, TADA } from './near-end.ts';

const form = (end: FarEnd) => Object.fromEntries(new URLSearchParams(end.calls.at(-1)?.body));

describe('what goes over the wire', () => {
  test('a reaction that is there already counts', async () => {
    const { end, gateway } = await slackThat(json({ ok: false, error: 'already_reacted' }));
    expect(await gateway.mark(PLACEMENT, TADA)).toEqual({ kind: 'sent', value: PLACEMENT });
    expect(form(end)).toEqual({ channel: 'C0AAA', timestamp: PLACEMENT.ts, name: 'tada' });
  });

  test('a direct conversation is opened once an hour', async () => {
    const clock = new ManualClock();
    const { end, gateway } = await slackThat(json({ ok: true, channel: { id: 'D0AAA' } }), { clock });
    expect(await gateway.openDm('U0AAA')).toEqual({ kind: 'sent', value: 'D0AAA' });
    await clock.advance(3_599_000);
    expect(await gateway.openDm('U0AAA')).toEqual({ kind: 'sent', value: 'D0AAA' });
    expect(end.calls).toHaveLength(1);
    await clock.advance(2_000);
    await gateway.openDm('U0AAA');
    expect(end.calls).toHaveLength(2);
    expect(form(end)).toEqual({ users: 'U0AAA' });
  });

  test.each([
    [{ ok: true, user: { id: 'U0AAA' } }, 'U0AAA'],
    [{ ok: true, user: { id: 'U0AAA', deleted: true } }, null],
    [{ ok: false, error: 'users_not_found' }, null],
  ])('a look-up answered %j finds %s', async (answer, value) => {
    const { end, gateway } = await slackThat(json(answer));
    expect(await gateway.lookupByEmail('maria+x@example.com')).toEqual({ kind: 'sent', value });
    expect(form(end)).toEqual({ email: 'maria+x@example.com' });
  });

  test.each([
    [{ ok: true, user: { id: 'U0AAA', tz: 'Europe/Paris', tz_offset: 3600 } }, 'Europe/Paris'],
    [{ ok: true, user: { id: 'U0AAA', tz: null } }, null],
    [{ ok: true, user: { id: 'U0AAA', tz: 3600 } }, null],
    [{ ok: true, user: { id: 'U0AAA', deleted: true } }, null],
    [{ ok: false, error: 'user_not_found' }, null],
  ])('a time zone answered %j is %s', async (answer, value) => {
    const { end, gateway } = await slackThat(json(answer));
    expect(await gateway.timeZone('U0AAA')).toEqual({ kind: 'sent', value });
    expect(end.calls[0]?.path).toBe('/api/users.info');
    expect(form(end)).toEqual({ user: 'U0AAA' });
  });

  test.each(['Europe/Paris', null])('a time zone, %s, is asked for once an hour', async (tz) => {
    const clock = new ManualClock();
    const { end, gateway } = await slackThat(json({ ok: true, user: { id: 'U0AAA', tz } }), { clock });
    await gateway.timeZone('U0AAA');
    await clock.advance(3_599_000);
    expect(await gateway.timeZone('U0AAA')).toEqual({ kind: 'sent', value: tz });
    expect(end.calls).toHaveLength(1);
    await gateway.timeZone('U0BBB');
    expect(end.calls).toHaveLength(2);
    await clock.advance(2_000);
    await gateway.timeZone('U0AAA');
    expect(end.calls).toHaveLength(3);
  });

  test.each([
    [{ ok: true }, { kind: 'retry', reason: { code: 'unreadable_answer' } }],
    [
      { ok: false, error: 'missing_scope', needed: 'users:read' },
      { kind: 'refused', scope: 'destination' },
    ],
    [
      { ok: false, error: 'user_not_visible' },
      { kind: 'refused', scope: 'destination' },
    ],
  ])('a time zone that is not to be had, %j, is asked for again', async (answer, failure) => {
    const { end, gateway } = await slackThat(json(answer));
    expect(await gateway.timeZone('U0AAA')).toMatchObject(failure);
    await gateway.timeZone('U0AAA');
    expect(end.calls).toHaveLength(2);
  });

  test('an address in another spelling is the same server', async () => {
    const { end, gateway } = await slackThat(json({ ok: true, team: 'T', user: 'u' }));
    const other = gatewayAt(end.url.replace('http://', 'HTTP://').replace(/\/$/, ''));
    expect((await other.identify()).kind).toBe('sent');
    expect((await gateway.identify()).kind).toBe('sent');
  });

  test('connections are kept and used again', async () => {
    const sockets = new Set<unknown>();
    const { gateway } = await slackThat((call, response, socket) => {
      sockets.add(socket);
      json({ ok: true, channel: 'C0AAA', ts: '1.2' })(call, response, socket);
    });
    for (let i = 0; i < 20; i++) await gateway.post(POSTING);
    // undici opens a second one when the next request comes while the first is being checked for an early end.
    expect(sockets.size).toBeLessThanOrEqual(2);
  });
});
