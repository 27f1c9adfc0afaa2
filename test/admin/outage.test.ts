/** What an operator is told while Slack is away, in the running service. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LanePage } from '../../src/history/lane-view.ts';
import type { OverviewView } from '../../src/history/views.ts';
import { type Service, startService } from '../helpers/service.ts';
import { until } from '../helpers/until.ts';

const IN_THREE_DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][(new Date().getUTCDay() + 3) % 7];

let service: Service;

beforeEach(async () => {
  service = await startService(`
quiet_hours:
  always: { timezone: UTC, from: "00:00", to: "24:00" }
  later: { timezone: UTC, days: [${IN_THREE_DAYS}], from: "12:00", to: "12:01" }
routes:
  - { name: now, on: "action_*", post: { channel: "#alo", template: any_event } }
  - { name: later, on: "action_*", quiet_hours: [always, later], post: { channel: "#quiet", template: any_event } }
`);
});

afterEach(() => service.stop());

async function ask<T>(url: string): Promise<{ status: number; answer: T }> {
  const response = await fetch(url);
  const answer: T = JSON.parse(await response.text());
  return { status: response.status, answer };
}

const admin = async <T>(path: string) =>
  (await ask<T>(`http://127.0.0.1:${service.app.adminAddress()?.port}${path}`)).answer;

async function lane(name: string) {
  const { lanes } = await admin<LanePage>('/api/lanes');
  return lanes.find((one) => one.lane === name);
}

const post = (id: string) =>
  service.post('alo', JSON.stringify({ event_id: id, event_type: 'action_created', action: { id } }));

/** What each place says of Slack: all say the same. */
async function slack() {
  const ready = await ask<{ status: string; checks: Record<string, unknown> }>(`${service.url}/readyz`);
  const places = [await admin<OverviewView>('/api/overview'), await admin<OverviewView>('/api/status')].map(
    ({ ready, checks }) => ({ ready, check: checks.find(({ name }) => name === 'slack') }),
  );
  return { status: ready.status, check: ready.answer.checks.slack, places };
}

it('Slack cannot be reached: since when and why, and when each lane goes on; it ends with the first message taken', async () => {
  service.sandbox.faults.add({ kind: 'http', status: 503, body: 'Service Unavailable', times: 'always' });
  await post('a1');
  await until(async () => JSON.stringify((await slack()).check).includes('cannot be reached'), 20_000);
  const { status, check, places } = await slack();
  const failing = {
    ok: false,
    detail: expect.stringMatching(/^Slack cannot be reached.*503/),
    code: 'unreachable',
    since: expect.any(String),
  };
  expect([status, check]).toEqual([200, failing]);
  for (const place of places) expect(place).toEqual({ ready: true, check: { name: 'slack', ...failing } });
  // Between two attempts, which is nearly always.
  const waiting = await until(async () => {
    const found = await lane('channel:#alo');
    return found?.state === 'retrying' && found;
  });
  expect(waiting).toMatchObject({ reason: { code: 'http_503' }, quiet_hours: [] });
  expect(Date.parse(waiting.until ?? '')).toBeLessThan(Date.now() + 5 * 60_000);
  expect(await lane('channel:#quiet')).toMatchObject({ state: 'held', held: 1, quiet_hours: ['always'] });

  service.sandbox.faults.clear();
  await until(async () => (await slack()).places.every(({ check: now }) => now?.ok), 60_000);
  await until(async () => (await lane('channel:#alo')) === undefined);
}, 90_000);

it('Slack refuses the token: not ready, and its lanes are paused for that reason', async () => {
  service.sandbox.faults.add({ kind: 'error', error: 'token_revoked', times: 'always' });
  await post('a1');
  await until(async () => (await slack()).status === 503, 20_000);
  expect((await slack()).check).toMatchObject({ ok: false, code: 'token_revoked', since: expect.any(String) });
  const paused = await until(async () => {
    const found = await lane('channel:#alo');
    return found?.state === 'paused' && found;
  });
  expect(paused).toMatchObject({ reason: { code: 'token_revoked' }, until: null });
  expect(await lane('channel:#quiet')).toMatchObject({ state: 'held' });
  // It accepts webhooks all the same, and a load balancer can see that.
  expect((await fetch(`${service.url}/readyz/slack`)).status).toBe(503);
  expect((await fetch(`${service.url}/readyz/journal`)).status).toBe(200);
  expect((await post('a2')).status).toBe(200);
}, 60_000);
