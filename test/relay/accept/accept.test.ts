/** What counts as the same event, by the real journal and sources. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import type { Journal } from '../../../src/journal/contract.ts';
import type { AcceptResult } from '../../../src/relay/accept/accept.ts';
import { samePayload } from '../../../src/sources/source.ts';
import { ManualClock } from '../../helpers/clock.ts';
import { ScriptedSlack } from '../../helpers/gateway.ts';
import { atTime, type StartedRelay, startRelay } from '../../helpers/relay.ts';
import { openSqliteJournal } from '../../helpers/sqlite.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const CONFIG = `
sources:
  phones: { type: allo, secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], redact: data.secret }
  tasks: { type: alo, secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], dedupe: { window: 15m } }
  keyed: { type: alo, secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], dedupe: { key: payload.event_id } }
slack: { token: xoxb-1 }
retention: 30d
routes: [{ name: all, on: nothing, post: { channel: "#a", template: t } }]
`;

let folder: string;
let config: Config;
let clock: ManualClock;
let journal: Journal;
let relay: StartedRelay;
/** The next commit of an event fails. */
let failing: boolean;

/** Its next `accept` may fail, as where the disk is full. */
function breakable(whole: Journal): Journal {
  return new Proxy(whole, {
    get(target, name) {
      if (failing && (name === 'accept' || name === 'events')) return () => Promise.reject(new Error('disk full'));
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

async function start(): Promise<void> {
  journal = await openSqliteJournal(join(folder, 'relay.db'));
  relay = await startRelay({ config, journal: breakable(journal), gateway: new ScriptedSlack(), clock });
}

async function stop(): Promise<void> {
  await relay.stop();
  await journal.close();
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'relay-'));
  await writeFile(join(folder, 'config.yaml'), CONFIG);
  await mkdir(join(folder, 'templates'));
  await writeFile(join(folder, 'templates', 't.yaml'), 'text: t');
  const loaded = await loadConfig(join(folder, 'config.yaml'), {});
  if (loaded.config === null) throw new Error(JSON.stringify(loaded.problems));
  config = loaded.config;
  clock = new ManualClock();
  failing = false;
  await start();
});

afterEach(async () => {
  await stop();
  await rm(folder, { recursive: true });
});

function send(name: string, body: string, messageId = 'msg_1'): Promise<AcceptResult> {
  const source = config.sources.find((one) => one.name === name);
  if (source === undefined) throw new Error(`no source ${name}`);
  const signed = Object.entries(source.sign({ body, messageId, nowMs: clock.now() }));
  const headers = Object.fromEntries(signed.map(([header, value]) => [header.toLowerCase(), value]));
  return atTime(clock.now(), () => relay.accept(source, { headers, body: Buffer.from(body) }));
}

const BODY = '{"topic":"call.received","data":{"n":1,"secret":"a"}}';

describe('what was accepted recently', () => {
  it.each([
    ['an equal body, after its window', 'tasks', 15 * MINUTE_MS],
    ['an equal id, after the retention', 'phones', 30 * DAY_MS],
  ])('%s, is accepted again', async (_, source, window) => {
    expect((await send(source, BODY)).kind).toBe('accepted');
    clock.step(window - 1000);
    expect((await send(source, BODY)).kind).toBe('duplicate');
    clock.step(1000);
    expect((await send(source, BODY)).kind).toBe('accepted');
  });

  it('is not known before its commit: where that fails, the retry is accepted', async () => {
    failing = true;
    await expect(send('phones', BODY)).rejects.toThrow('disk full');
    failing = false;
    expect((await send('phones', BODY)).kind).toBe('accepted');
  });

  it('is not known while its commit is under way', async () => {
    const both = await Promise.all([send('phones', BODY), send('phones', BODY)]);
    expect(both.map(({ kind }) => kind).sort()).toEqual(['accepted', 'duplicate']);
  });
});

describe('the same id with another body', () => {
  const other = BODY.replace('1', '2');

  const conflictOf = async (source: string, body: string) => {
    const answer = await send(source, body);
    if (answer.kind !== 'duplicate') throw new Error(answer.kind);
    return answer.conflict;
  };

  it('is a duplicate that is counted, across restarts', async () => {
    const accepted = await send('phones', BODY);
    if (accepted.kind !== 'accepted') throw new Error(accepted.kind);
    const { eventSeq } = accepted;
    // Answered from memory.
    expect(await conflictOf('phones', other)).toEqual({ eventSeq, count: 1 });
    clock.step(1000);
    expect(await conflictOf('phones', other)).toEqual({ eventSeq, count: 2 });
    await stop();
    await start();
    // Decided by the journal.
    expect(await conflictOf('phones', 'no JSON')).toEqual({ eventSeq, count: 3 });
    const found = await journal.inspect(eventSeq);
    expect(found).toMatchObject({
      event: { payload: { data: { n: 1 } } },
      conflicts: { count: 3, lastAt: clock.now() },
    });
  });

  it('counts for a key that the config names, too', async () => {
    await send('keyed', '{"event_id":"e1","n":1}');
    expect(await conflictOf('keyed', '{"event_id":"e1","n":2}')).toMatchObject({ count: 1 });
  });

  it.each([
    ['the same body', BODY],
    ['another order and white space', '{ "data": { "secret": "a", "n": 1 }, "topic": "call.received" }'],
    ['another value of what is redacted', BODY.replace('"a"', '"b"')],
  ])('is no conflict with %s', async (_, body) => {
    const accepted = await send('phones', BODY);
    expect(await conflictOf('phones', body)).toBeNull();
    if (accepted.kind === 'accepted') expect((await journal.inspect(accepted.eventSeq))?.conflicts).toBeNull();
  });

  it('is compared with the event of its own source', async () => {
    await send('phones', BODY);
    await send('keyed', '{"event_id":"msg_1"}');
    expect(await conflictOf('phones', BODY)).toBeNull();
    expect(await conflictOf('keyed', '{"event_id":"msg_1"}')).toBeNull();
  });

  it('costs a source without ids nothing: the body is the key', async () => {
    await send('tasks', BODY);
    expect(await conflictOf('tasks', BODY)).toBeNull();
    expect((await send('tasks', other)).kind).toBe('accepted');
  });

  it('is answered while the journal cannot be asked', async () => {
    await send('phones', BODY);
    failing = true;
    expect(await conflictOf('phones', other)).toBeNull();
  });
});

it.each<[unknown, unknown, boolean]>([
  [{ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }, true],
  [{ a: 1 }, { a: 1, b: undefined }, false],
  [{ a: undefined }, { b: undefined }, false],
  [[1, 2], [2, 1], false],
  [[1], { 0: 1 }, false],
  [null, {}, false],
  [2n ** 64n, 2n ** 64n, true],
  [1, '1', false],
  ['[redacted]', { a: 1 }, true],
  [{ a: 1 }, { a: '[redacted]' }, true],
])('samePayload: %o and %o', (a, b, same) => {
  expect(samePayload(a, b)).toBe(same);
});
