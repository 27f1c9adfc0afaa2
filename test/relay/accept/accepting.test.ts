/** Between the commit of an event and its lanes: what is entered, stored, dropped, held and told of. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Acceptance, NewEvent, QueuedDelivery } from '../../../src/journal/contract.ts';
import { createAccept } from '../../../src/relay/accept/accept.ts';
import type { Reservation } from '../../../src/relay/lanes/contract.ts';
import { ManualClock } from '../../helpers/clock.ts';
import { atTime, writeConfig } from '../../helpers/relay.ts';

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
/** Quiet until 20:00 in UTC; the clock shows 09:00. */
const CONFIG = `
slack: { token: xoxb-1 }
quiet_hours: { days: { timezone: UTC, from: "08:00", to: "20:00" } }
delivery: { max_per_event: 4 }
routes:
  - { name: now, post: { channel: "#now", template: t } }
  - { name: later, post: { channel: "#later", template: t } }
  - { name: quiet, quiet_hours: days, post: { channel: "#quiet", template: t } }
  - { name: counted, at_least: { count: 2, within: 10m }, post: { channel: "#counted", template: t } }
  - { name: beyond, post: { channel: "#beyond", template: t } }
`;

const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

/** `answer`: what the journal gives. The lane of `#now` is claimed. */
async function setUp(
  answer: Acceptance | Error,
  { yaml = CONFIG, data = { n: 1 } }: { yaml?: string; data?: object } = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'relay-'));
  folders.push(folder);
  const config = await writeConfig(folder, yaml);
  const [source] = config.sources;
  if (source === undefined) throw new Error('one source is expected');
  const clock = new ManualClock();
  const receipts: NewEvent[] = [];
  const did: string[] = [];
  const queued: QueuedDelivery[] = [];
  const spans: unknown[] = [];
  const reservation = (lane: string, claimed: boolean): Reservation => ({
    claimed,
    stored(delivery) {
      did.push(`stored ${lane}`);
      if (delivery !== undefined) queued.push(delivery);
    },
    dropped: () => void did.push(`dropped ${lane}`),
  });
  const enter = (what: string, claimed: boolean) => (lane: string) => {
    did.push(`${what} ${lane}`);
    return reservation(lane, claimed);
  };
  const accept = createAccept({
    rules: () => ({
      config,
      planning: { personKey: ({ id }) => id ?? '', maxPerEvent: config.delivery.maxPerEvent },
      sendsAtOnce: (route) => route !== 'later',
    }),
    journal: {
      async accept(receipt) {
        receipts.push(receipt);
        did.push('commit');
        if (answer instanceof Error) throw answer;
        return answer;
      },
      events: async () => [],
      noteConflict: async () => null,
    },
    lanes: { enter: enter('enter', true), join: enter('join', false) },
    onHeld: (until) => void did.push(`held until ${new Date(until).toISOString()}`),
    onDead: ({ route }, { seq, eventSeq }) => void did.push(`dead ${route} ${seq} ${eventSeq}`),
    clock,
    tracing: {
      receiving: (header) => ({
        trace: typeof header === 'string' ? header : null,
        passed: (step) => void spans.push(step),
        end: (attributes) => void spans.push(attributes),
      }),
    },
  });
  const body = JSON.stringify({ topic: 'call.received', data });
  const send = (headers: Record<string, string> = {}, requestId?: string) => {
    const signed = source.sign({ body, messageId: 'msg_1', nowMs: clock.now() });
    const request = { headers: { ...signed, ...headers }, body: Buffer.from(body) };
    return atTime(clock.now(), () => accept(source, requestId === undefined ? request : { ...request, requestId }));
  };
  return { send, clock, receipts, did, queued, spans };
}

const ENTERED = ['enter channel:#now', 'join channel:#later', 'join channel:#quiet', 'join channel:#counted'];
const accepted = (counted: number | null): Acceptance => ({
  kind: 'accepted',
  eventSeq: 9,
  seqs: [11, 12, 13, counted, 15],
});

describe('an event that is stored', () => {
  it('enters its lanes before the commit, which says what becomes of each delivery', async () => {
    const { send, did, receipts } = await setUp(accepted(14));
    expect(await send()).toMatchObject({ kind: 'accepted', eventSeq: 9, decoded: true });
    expect(did.slice(0, 5)).toEqual([...ENTERED, 'commit']);
    expect(receipts[0]?.deliveries.map(({ route, state }) => [route, state])).toEqual([
      ['now', 'sending'],
      ['later', 'pending'],
      ['quiet', 'held'],
      ['counted', 'pending'],
      ['beyond', 'dead'],
    ]);
  });

  it('then wakes them, but for what is held; what is dead is told of', async () => {
    const { send, did } = await setUp(accepted(14));
    await send();
    expect(did.slice(5)).toEqual([
      'stored channel:#now',
      'stored channel:#later',
      'dropped channel:#quiet',
      'held until 2026-03-02T20:00:00.000Z',
      'stored channel:#counted',
      'dead beyond 15 9',
    ]);
  });

  it('lets go of a lane for what was only counted', async () => {
    const { send, did } = await setUp(accepted(null));
    await send();
    expect(did).toContain('dropped channel:#counted');
    expect(did).not.toContain('stored channel:#counted');
  });

  it('goes on from memory as it is in the journal', async () => {
    const { send, clock, queued } = await setUp(accepted(14));
    await send({ traceparent: TRACE });
    const at = clock.now();
    expect(queued[0]).toMatchObject({
      ...{ seq: 11, lane: 'channel:#now', route: 'now', eventSeq: 9, attempts: 0, doubt: null, group: null },
      ...{ dueAt: at, dueSetAt: at, acceptedAt: at, released: false, thresholdHit: null, trace: TRACE },
      target: { verb: 'post', channel: '#now', template: 't' },
      event: { source: 'allo', topic: 'call.received', payload: { data: { n: 1 } } },
    });
  });

  it('has no trace where its sender gave none, and keeps the number of its request', async () => {
    const { send, queued, receipts } = await setUp(accepted(14));
    await send({}, 'req-1');
    expect(queued[0]).not.toHaveProperty('trace');
    expect(receipts[0]).toMatchObject({ trace: null, received: { requestId: 'req-1' } });
    const other = await setUp(accepted(14));
    await other.send();
    expect(other.receipts[0]?.received).toMatchObject({ requestId: null });
  });

  it('is one span: verified, planned, committed', async () => {
    const { send, spans } = await setUp(accepted(14));
    await send();
    const of = { 'alo_relay.source': 'allo', 'alo_relay.event.id': 'msg_1', 'alo_relay.topic': 'call.received' };
    const duplicate = { ...of, 'alo_relay.outcome': 'duplicate' };
    expect(spans).toEqual([
      ...['verify', 'plan', 'commit'],
      { ...of, 'alo_relay.outcome': 'accepted', 'alo_relay.event.number': 9 },
    ]);
    // Known by now: it is not planned.
    expect((await send()).kind).toBe('duplicate');
    expect(spans.slice(4)).toEqual(['verify', duplicate]);
  });
});

describe('an event that is not stored', () => {
  it.each<[string, Acceptance | Error]>([
    ['a duplicate', { kind: 'duplicate' }],
    ['the journal is away', new Error('disk full')],
  ])('lets go of every lane: %s', async (_, answer) => {
    const { send, did, spans } = await setUp(answer);
    if (answer instanceof Error) await expect(send()).rejects.toThrow('disk full');
    else expect((await send()).kind).toBe('duplicate');
    const lanes = ['#now', '#later', '#quiet', '#counted'];
    expect(did.slice(5)).toEqual(lanes.map((channel) => `dropped channel:${channel}`));
    const ended = ['commit', expect.objectContaining({ 'alo_relay.outcome': 'duplicate' })];
    expect(spans.slice(2)).toEqual(answer instanceof Error ? [] : ended);
    expect(spans.at(-1)).not.toHaveProperty('alo_relay.event.number');
  });

  it('where the journal forgot a delivery, nobody may believe that all is well', async () => {
    const { send } = await setUp({ kind: 'accepted', eventSeq: 9, seqs: [11] });
    await expect(send()).rejects.toThrow('fewer numbers');
  });
});

describe('routes that are much work together', () => {
  const NESTED = 'event.payload.data.list.exists(a, event.payload.data.list.exists(b, a + "x" == b))';
  const yaml = `
slack: { token: xoxb-1 }
routes:
${[1, 2, 3, 4].map((n) => `  - { name: r${n}, when: '${NESTED}', post: { channel: "#c", template: t } }`).join('\n')}
`;
  const seqs = [1, 2, 3, 4];

  it.each([
    { size: 1_000, turns: 4 },
    { size: 10, turns: 0 },
  ])('are planned in turns of the event loop, which others have in between: $size people', async ({ size, turns }) => {
    const list = Array.from({ length: size }, (_, n) => `p${n}`);
    const { send, did } = await setUp({ kind: 'accepted', eventSeq: 1, seqs }, { yaml, data: { list } });
    const sending = send();
    while (!did.includes('commit')) {
      did.push('turn');
      await nextTurn();
    }
    await sending;
    expect(did.slice(0, did.indexOf('commit')).filter((what) => what === 'turn').length).toBeGreaterThanOrEqual(turns);
    expect(did.filter((what) => what.startsWith('dead'))).toHaveLength(turns);
  });
});
