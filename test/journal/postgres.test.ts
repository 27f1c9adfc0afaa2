/** What instances that share a Postgres can rely on. What any journal promises is in contract.ts. */
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { until } from '../helpers/until.ts';
import { instances } from './postgres-stores.ts';
import { KEY, LATER, NOW, REASON, receipt, stored } from './samples.ts';

const { open, sql, give, url } = instances();

const CARD = { placement: { channel: 'C1', ts: '1.1' }, shows: null };

/** A connection of the test's own, in the middle of a transaction. */
async function transaction(): Promise<{ run(statement: string): Promise<unknown>; end(): Promise<void> }> {
  const client = new pg.Client({ connectionString: url(), options: '-c search_path=alo_relay' });
  await client.connect();
  await client.query('begin');
  return {
    run: (statement) => client.query(statement),
    async end() {
      await client.query('commit');
      await client.end();
    },
  };
}

/** Backends that wait for a lock. */
const waitingForLocks = async (): Promise<number> =>
  (await sql(`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)).length;

describe('starting', () => {
  test('five at once make the schema once', async () => {
    const journals = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((instance) => open(instance)));
    expect(await sql('select version, oldest from schema_version order by version')).toEqual([
      { version: 1, oldest: null },
      { version: 2, oldest: null },
      { version: 3, oldest: null },
      { version: 4, oldest: '4' },
      // What it adds, the version before can do without.
      { version: 5, oldest: '4' },
      { version: 6, oldest: '4' },
      { version: 7, oldest: '4' },
      { version: 8, oldest: '8' },
      { version: 9, oldest: '8' },
      { version: 10, oldest: '8' },
    ]);
    for (const journal of journals) await journal.probe();
  });

  describe('where version 7 was, with its lanes kept by pg-boss', () => {
    const old = async (tables: string) => {
      const journal = await open('a');
      await stored(journal, { key: 'x', lanes: ['#ops', '#new'] });
      await stored(journal, { key: 'y', lanes: ['#done'], state: 'held' });
      await journal.close();
      await sql(`alter table lanes drop column claimable_at; drop table audit; drop table minutes;
        drop index deliveries_ended; delete from schema_version where version > 7;
        delete from lanes; insert into lanes (lane, owner) values ('#done', 'old'), ('#ops', 'old');
        create schema alo_relay_lanes; ${tables}`);
      await open('b');
    };
    const itsSchema = () => sql("select 1 from pg_namespace where nspname = 'alo_relay_lanes'");

    test('an instance of it can claim and record nothing more, and its lanes can be claimed when its calls have ended', async () => {
      await old('create table alo_relay_lanes.job (); create table alo_relay_lanes.queue ()');
      expect(await itsSchema()).toEqual([]);
      expect(
        await sql(
          `select lane, owner, claimable_at > extract(epoch from now()) * 1000 + 5000 as later from lanes order by lane`,
        ),
      ).toEqual([
        { lane: '#done', owner: null, later: null },
        { lane: '#ops', owner: null, later: true },
      ]);
    });

    test("somebody else's schema of that name stays", async () => {
      await old('create table alo_relay_lanes.job ()');
      expect(await itsSchema()).toHaveLength(1);
    });
  });

  test('a command makes nothing, and brings nothing up to date', async () => {
    await expect(open(null, { role: 'command' })).rejects.toMatchObject({ code: 'journal-missing' });
    expect(await sql("select 1 from pg_namespace where nspname = 'alo_relay'")).toEqual([]);
    await open('a');
    await (await open(null, { role: 'command' })).probe();
    await sql('delete from schema_version where version > 3');
    await expect(open(null, { role: 'command' })).rejects.toMatchObject({ code: 'journal-older' });
    expect(await sql('select max(version) as newest from schema_version')).toEqual([{ newest: 3 }]);
  });

  test('a schema is a journal of its own, and everything of it is there', async () => {
    const one = await open('a', { settings: { schema: 'one' } });
    const two = await open('a', { settings: { schema: 'two' } });
    await one.accept(receipt({ key: 'a' }));
    expect(await two.accept(receipt({ key: 'a' }))).toMatchObject({ kind: 'accepted', eventSeq: 1 });
    expect(await sql(`select table_name from information_schema.tables where table_schema = 'public'`)).toEqual([]);
  });

  test('a user who may not create schemas uses one that is there', async () => {
    await (await open('a')).close();
    const role = `guest_${Date.now()}`;
    await sql(`create role ${role} login password 'guest';
      grant usage on schema alo_relay to ${role};
      grant select, insert, update, delete on all tables in schema alo_relay to ${role}`);
    const guest = new URL(url());
    guest.username = role;
    guest.password = 'guest';
    const { Secret } = await import('../../src/core/secret.ts');
    const journal = await open('a', { settings: { url: new Secret(guest.href) } });
    expect(await journal.accept(receipt({ key: 'a' }))).toMatchObject({ kind: 'accepted' });
    const schema = open('a', { settings: { url: new Secret(guest.href), schema: 'another' } });
    await expect(schema).rejects.toMatchObject({ code: 'journal-permission' });
  });
});

describe('accepting', () => {
  test('the same id sent to three at once, 10,000 times: each is accepted once', { timeout: 120_000 }, async () => {
    const all = [await open('a'), await open('b'), await open('c')];
    const keys = Array.from({ length: 10_000 }, (_, index) => `k${(index * 7) % 10_000}`);
    const answers = await Promise.all(
      keys.map((key, index) =>
        Promise.all(all.map((journal) => journal.accept(receipt({ key, lanes: [`#${index % 9}`, `#${index % 7}`] })))),
      ),
    );
    const accepted = answers.map((some) => some.filter(({ kind }) => kind === 'accepted').length);
    expect(accepted.filter((count) => count !== 1)).toEqual([]);
    expect(await sql('select count(*)::int as n, count(distinct id)::int as ids from events')).toEqual([
      { n: 10_000, ids: 10_000 },
    ]);
    expect(await all[0]?.tally()).toMatchObject({ pending: 20_000 });
  });

  test('what shares a commit is numbered as it came, with its own body; of the same key the first is taken', async () => {
    const journal = await open('a');
    const keys = Array.from({ length: 300 }, (_, index) => `k${300 - index}`);
    const given = [...keys, ...keys].map((key, index) =>
      receipt({ key, lanes: ['#ops', `#${index}`], body: Buffer.from(`${index} ü`) }),
    );
    const answers = await Promise.all(given.map((one) => journal.accept(one)));
    const seqs = answers.flatMap((answer) => (answer.kind === 'accepted' ? [answer.eventSeq] : []));
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    expect(answers.map(({ kind }) => kind)).toEqual([...keys.map(() => 'accepted'), ...keys.map(() => 'duplicate')]);
    const lane = await journal.next('#ops', 999);
    expect(lane.map(({ event }) => event.id)).toEqual(keys);
    expect(lane.map(({ event }) => event.payload)).toEqual(keys.map((_, index) => `${index} ü`));
    expect(lane.map(({ seq }) => seq)).toEqual(answers.flatMap((answer) => ('seqs' in answer ? [answer.seqs[0]] : [])));
  });

  test('of events that share a commit, one with a key of an earlier one is a duplicate, whose other key counts', async () => {
    const journal = await open('a');
    await journal.accept(receipt({ key: 'known' }));
    const given = (key: string, also: string) => receipt({ key, also: { key: also, keepUntil: NOW + 9000 } });
    // The first is under way by itself; the others share the next commit.
    const answers = await Promise.all(
      [
        receipt({ key: 'before' }),
        given('a', 'b'),
        given('c', 'b'),
        given('e', 'known'),
        given('f', 'c'),
        given('g', 'e'),
        given('h', 'h'),
        given('i', 'j'),
      ].map((one) => journal.accept(one)),
    );
    const [yes, no] = ['accepted', 'duplicate'];
    expect(answers.map(({ kind }) => kind)).toEqual([yes, yes, no, no, no, no, yes, yes]);
    expect(await sql('select id from events order by seq')).toEqual(
      ['known', 'before', 'a', 'h', 'i'].map((id) => ({ id })),
    );
    for (const key of ['b', 'c', 'e', 'f', 'g', 'j'])
      expect(await journal.accept(receipt({ key }))).toEqual({ kind: 'duplicate' });
  });

  test('thresholds count what all of them accept', async () => {
    const both = [await open('a'), await open('b')];
    const threshold = { key: 'storm', count: 50, withinMs: 1000 };
    const flood = Array.from({ length: 49 }, (_, index) => receipt({ key: `k${index}`, threshold }));
    const quiet = await Promise.all(flood.map((given, index) => both[index % 2]?.accept(given)));
    expect(quiet).toEqual(flood.map(() => expect.objectContaining({ seqs: [null] })));
    const more = Array.from({ length: 40 }, (_, index) => receipt({ key: `more ${index}`, threshold }));
    await Promise.all(more.map((given, index) => both[index % 2]?.accept(given)));
    expect((await both[0]?.next('#ops', 99))?.map(({ thresholdHit: hit }) => hit?.count)).toEqual([50]);
  });

  test('of those who replay the same, one does; what is released is released once', async () => {
    const [a, b] = [await open('a'), await open('b')];
    await give('a', '#ops');
    const [eventSeq, seq = 0] = await stored(a, { key: 'x' });
    await a.complete({ seq, state: 'dead', at: NOW, reason: REASON });
    const target = { verb: 'post', channel: '#new', template: 't' } as const;
    const replay = { eventSeq, at: NOW, deliveries: [{ lane: '#new', route: 'r', target }], replaces: [seq] };
    const answers = await Promise.all([a, b, a, b].map((journal) => journal.replay(replay)));
    expect(answers.filter((answer) => answer !== null)).toHaveLength(1);

    await stored(a, { key: 'held', heldUntil: NOW + 1, lanes: ['#late'] });
    const released = await Promise.all([a, b].map((journal) => journal.release(NOW + 1)));
    expect(released.flatMap(({ lanes }) => lanes)).toEqual(['#late']);
    expect(await sql('select lane from lanes order by lane')).toEqual([
      { lane: '#late' },
      { lane: '#new' },
      { lane: '#ops' },
    ]);
  });
});

describe('fencing', () => {
  test('whoever takes a lane over waits for what is being recorded, and sees it; nothing more is recorded', async () => {
    const [former, next] = [await open('former'), await open('next')];
    await give('former', '#ops', '#mine', 'channel:#ops');
    const [, first = 0, second = 0, own = 0] = await stored(former, { key: 'x', lanes: ['#ops', '#ops', '#mine'] });
    await former.markSending([first], NOW);
    const other = await transaction();
    await other.run(`select 1 from deliveries where seq = ${first} for update`);
    const completed = former.complete({ seq: first, state: 'sent', at: NOW });
    await until(async () => (await waitingForLocks()) === 1);
    let taken = false;
    const takeover = give('next', '#ops', 'channel:#ops').then(() => {
      taken = true;
    });
    await until(async () => (await waitingForLocks()) === 2);
    expect(taken).toBe(false);
    await other.end();
    await Promise.all([completed, takeover]);
    expect((await next.next('#ops', 9)).map(({ seq }) => seq)).toEqual([second]);

    const lost = { name: 'JournalError', code: 'lane-lost', outage: false };
    const refused = [
      former.markSending([second], NOW),
      former.complete({ seq: second, state: 'sent', at: NOW }),
      former.retryLater({ ...LATER, seq: second }),
      former.hold(second, NOW, NOW),
      former.saveCard(KEY, CARD, NOW),
    ];
    // They share a commit with what is still ours.
    const ours = former.markSending([own], NOW);
    for (const record of refused) await expect(record).rejects.toMatchObject(lost);
    await ours;
    expect((await next.load([second, own])).map(({ doubt }) => doubt === null)).toEqual([true, false]);
    expect(await next.card(KEY)).toBeNull();
    await next.markSending([second], NOW);
    await next.saveCard(KEY, CARD, NOW);
    expect(await former.card(KEY)).toEqual(CARD);
  });

  test('what is to be sent from memory is stored by whoever has the lane, or not at all', async () => {
    const journal = await open('a');
    await give('a', '#ops');
    await give('b', '#other');
    const accept = (key: string, lane: string, state: 'sending' | 'pending') =>
      journal.accept(receipt({ key, lanes: [lane], state }));
    const outcomes = await Promise.allSettled([
      accept('1', '#ops', 'sending'),
      accept('2', '#other', 'sending'),
      accept('3', '#nobody', 'sending'),
      accept('4', '#other', 'pending'),
    ]);
    expect(outcomes).toMatchObject([
      { value: { kind: 'accepted' } },
      { reason: { code: 'lane-lost' } },
      { reason: { code: 'lane-lost' } },
      { value: { kind: 'accepted' } },
    ]);
    expect((await journal.events({ limit: 9 })).map(({ event }) => event.id)).toEqual(['1', '4']);
    expect(await accept('2', '#other', 'pending')).toMatchObject({ kind: 'accepted' });
  });
});

test('what others were in the way of is done again: of two that wait for each other, ours', async () => {
  const journal = await open(null);
  const [, first = 0, second = 0] = await stored(journal, { key: 'x', lanes: ['#ops', '#ops'] });
  const other = await transaction();
  await other.run(`select 1 from deliveries where seq = ${second} for update`);
  const marked = journal.markSending([first, second], NOW);
  await until(async () => (await waitingForLocks()) === 1);
  await other.run(`select 1 from deliveries where seq = ${first} for update`);
  await other.end();
  await marked;
  expect((await journal.load([first, second])).map(({ doubt }) => doubt?.since)).toEqual([NOW, NOW]);
});

describe('sweeping', () => {
  const sweep = { before: NOW, cardsBefore: NOW, now: NOW, limit: 9 } as const;
  const lanes = { table: 'lanes', after: 0 } as const;

  test('one at a time', async () => {
    const journal = await open('a');
    const other = await transaction();
    await other.run(`select pg_advisory_xact_lock(hashtextextended('alo_relay sweep', 0))`);
    expect(await journal.prune({ ...sweep, resume: lanes })).toEqual({ removed: 0, next: null });
    await other.end();
    expect(await journal.prune({ ...sweep, resume: lanes })).toMatchObject({ next: { table: 'minutes' } });
  });

  test('lanes go that nobody claimed for long and that have nothing to do', async () => {
    const journal = await open('a');
    await stored(journal, { key: 'x', lanes: ['#busy'] });
    await give('a', '#idle', '#claimed');
    await sql(`update lanes set claimed_at = ${NOW} where lane = '#claimed'`);
    expect(await journal.prune({ ...sweep, resume: lanes })).toMatchObject({ removed: 1 });
    expect(await sql('select lane from lanes order by lane')).toEqual([{ lane: '#busy' }, { lane: '#claimed' }]);
  });

  test('a lane for which something is being accepted stays', async () => {
    const journal = await open('a');
    const [event] = await stored(journal, { key: 'x', lanes: [] });
    await give('a', '#ops');
    const other = await transaction();
    await other.run(`select 1 from lanes where lane = '#ops' for share`);
    await other.run(`insert into deliveries (event_seq, lane, route, target, state, attempts, due_at, accepted_at, updated_at)
      values (${event}, '#ops', 'r', '{}', 'pending', 0, 0, 0, 0)`);
    const pruned = journal.prune({ ...sweep, resume: lanes });
    await until(async () => (await waitingForLocks()) === 1);
    await other.end();
    expect(await pruned).toMatchObject({ removed: 0 });
  });
});
