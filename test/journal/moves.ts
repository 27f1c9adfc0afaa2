/** A SQLite journal that holds something of everything, and a Postgres that it is moved to. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Journal, PruneCursor } from '../../src/journal/contract.ts';
import { type Moved, type MoveOptions, moveJournal } from '../../src/journal/move/move.ts';
import { openJournal } from '../../src/journal/open.ts';
import type { PostgresSettings } from '../../src/journal/settings.ts';
import { startPostgres, type TestPostgres } from '../helpers/postgres.ts';
import { openSqliteJournal } from '../helpers/sqlite.ts';
import { COMMAND, postgresSettings } from './drivers.ts';
import { sqlIn } from './postgres-stores.ts';
import { KEY, LATER, NOW, REASON, stored } from './samples.ts';

export interface Moves {
  /** A new one for each test. */
  readonly folder: () => string;
  /** The source's file. */
  readonly path: () => string;
  /** The target: a schema of its own for each test. */
  readonly to: () => PostgresSettings;
  /** Makes the source, and gives what it says of itself. */
  fill(): ReturnType<typeof told>;
  /** In small pages, unless said otherwise. */
  move(changes?: Partial<MoveOptions>): Promise<Moved>;
  /** Opens the target as a service does. */
  openTarget(): Promise<Journal>;
  /** Runs one statement in the target's schema. */
  sql(statement: string): ReturnType<typeof sqlIn>;
}

/** Within a test file. */
export function moves(): Moves {
  let postgres: TestPostgres;
  let url: string;
  let folder: string;
  let to: PostgresSettings;

  beforeAll(async () => {
    postgres = await startPostgres();
    url = await postgres.newDatabase();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'journal-'));
    to = postgresSettings(url, { schema: `s_${randomBytes(6).toString('hex')}` });
  });
  afterEach(() => rm(folder, { recursive: true }));
  afterAll(() => postgres.stop());

  const path = () => join(folder, 'relay.db');
  return {
    folder: () => folder,
    path,
    to: () => to,
    async fill() {
      const journal = await openSqliteJournal(path());
      await storeEverything(journal);
      const before = await told(journal);
      await journal.close();
      return before;
    },
    move(changes = {}) {
      const page = { rows: 3, bytes: 1_000_000 };
      return moveJournal({ from: { kind: 'sqlite', path: path() }, to, page, ...changes });
    },
    openTarget: () => openJournal(to, { ...COMMAND, role: 'service' }),
    sql: (statement) => sqlIn(to, statement),
  };
}

export const BINARY = Buffer.from([0x7b, 0, 0xff, 0xfe, 0x80, 0x0d, 0x0a, 0x27, 0x5c, 0x22, 0xf0, 0x9f, 0x92]);
export const LONG = 'k'.repeat(5000);
export const STORM = { key: 'storm', count: 2, withinMs: 1000 };
const PLACEMENT = { channel: 'C1', ts: '1.1' };

/** Something of everything; numbers with gaps, and the highest ones gone. */
async function storeEverything(journal: Journal): Promise<void> {
  const [shown, sent = 0] = await stored(journal, { key: 'sent' });
  const card = { placement: PLACEMENT, shows: { occurredAt: NOW, eventSeq: shown } };
  await journal.complete({
    seq: sent,
    state: 'sent',
    at: NOW,
    placement: PLACEMENT,
    card: { key: KEY, card },
    channel: { name: '#ops', id: 'C1' },
  });
  const [, dead = 0, parked = 0] = await stored(journal, { key: 'refused', lanes: ['#ops', 'dm:U1'] });
  await journal.complete({
    seq: dead,
    state: 'dead',
    at: NOW + 1,
    reason: { code: 'x', detail: 'nul \0 "quoted" \\ {a,b}' },
  });
  await journal.complete({ seq: parked, state: 'parked', at: NOW + 1, reason: REASON });
  await stored(journal, { key: 'report', reports: [dead] });
  await stored(journal, { key: 'storm 1', threshold: STORM });
  await stored(journal, { key: 'storm 2', threshold: STORM });
  await stored(journal, { key: 'held', heldUntil: NOW + 9000 });
  await stored(journal, { key: 'binary', body: BINARY, lanes: [] });
  await stored(journal, { key: 'empty', body: Buffer.alloc(0), lanes: [] });
  await stored(journal, { key: LONG, event: { subject: LONG }, lanes: [LONG] });
  await stored(journal, { key: 'a\0b', event: { id: 'i\0d', subject: 's\0\ud800', topic: 'NULL' }, lanes: ['l\0'] });
  const [, doubtful = 0] = await stored(journal, { key: 'doubt' });
  await journal.markSending([doubtful], NOW + 2, doubtful);
  await journal.retryLater({ ...LATER, seq: doubtful, doubt: { since: NOW + 2, lookups: 1 }, group: doubtful });
  const [, sending = 0] = await stored(journal, { key: 'sending' });
  await journal.markSending([sending], NOW + 3, sending);
  await stored(journal, { key: 'pending' });
  const [, last = 0] = await stored(journal, { key: 'pruned', keepUntil: NOW, receivedAt: NOW - 9000 });
  await journal.complete({ seq: last, state: 'superseded', at: NOW - 5000 });
  let resume: PruneCursor | null = null;
  do {
    resume = (await journal.prune({ before: NOW - 1, cardsBefore: 0, now: NOW, limit: 99, resume })).next;
  } while (resume !== null);
}

/** All that a journal says of itself. */
export async function told(journal: Journal) {
  const lanes = await journal.lanesWithWork();
  return {
    lanes: lanes.toSorted(),
    tally: await journal.tally(),
    events: await journal.events({ limit: 99 }),
    deliveries: await journal.deliveries({ limit: 99 }),
    queued: await Promise.all(lanes.toSorted().map((lane) => journal.next(lane, 99))),
    failures: await journal.failures({ since: 0, limit: 9 }),
    card: await journal.card(KEY),
    channel: await journal.channelId('#ops'),
    byId: await journal.events({ id: 'i\0d', limit: 9 }),
  };
}
