import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger, streamLogger } from '../../../src/core/log.ts';
import type { Journal, PruneRequest } from '../../../src/journal/contract.ts';
import { createRetention, type RetentionParts } from '../../../src/relay/upkeep/retention.ts';
import { ManualClock, settle } from '../../helpers/clock.ts';
import { openSqliteJournal } from '../../helpers/sqlite.ts';

const DAY_MS = 86_400_000;
const KEY = { source: 'alo', subject: 'a1', channel: '#ops' };

/** Rows removed, and whether there are more. */
type Page = readonly [number, boolean];

describe('retention', () => {
  let folder: string;
  let journal: Journal;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'journal-'));
    journal = await openSqliteJournal(join(folder, 'relay.db'));
  });

  afterEach(async () => {
    await journal.close();
    await rm(folder, { recursive: true });
  });

  it.each([
    [1, 364, true],
    [1, 366, false],
    [400, 399, true],
    [400, 401, false],
  ])('of %i days: a card unused for %i days is there: %s', async (keptDays, unusedDays, there) => {
    const clock = new ManualClock();
    await journal.saveCard(
      KEY,
      { placement: { channel: 'C1', ts: '1.1' }, shows: null },
      clock.now() - unusedDays * DAY_MS,
    );
    const retention = createRetention({ journal, retentionMs: () => keptDays * DAY_MS, clock, log: silentLogger });
    retention.start();
    // A page of each table, 25 ms apart.
    for (let page = 0; page < 20; page++) {
      await clock.advance(25);
      for (let turn = 0; turn < 5; turn++) await settle();
    }
    await retention.stop();
    expect((await journal.card(KEY)) !== null).toBe(there);
  });

  it('asks for each what its own term is, and what is configured by then', async () => {
    const clock = new ManualClock();
    const asked: PruneRequest[] = [];
    const prune = async (request: PruneRequest) => {
      asked.push(request);
      return { removed: 0, next: null };
    };
    let days = 30;
    const retention = createRetention({
      journal: { prune },
      retentionMs: () => days * DAY_MS,
      clock,
      log: silentLogger,
    });
    retention.start();
    await clock.advance(25);
    days = 500;
    await clock.advance(3_600_000);
    await retention.stop();
    const ages = asked.map(({ now, before, cardsBefore }) => [(now - before) / DAY_MS, (now - cardsBefore) / DAY_MS]);
    expect(ages).toEqual([
      [30, 365],
      [500, 500],
    ]);
  });

  /** Retention over pages that go as `pages` says. */
  function scripted(pages: readonly (Page | Promise<Page> | Error)[], days: number) {
    const clock = new ManualClock();
    const begun = clock.monotonic();
    const asked: [number, number | null][] = [];
    const lines: Record<string, unknown>[] = [];
    const journal: RetentionParts['journal'] = {
      async prune({ resume }) {
        const next = pages[asked.length] ?? [0, false];
        asked.push([clock.monotonic() - begun, resume?.after ?? null]);
        const page = await next;
        if (page instanceof Error) throw page;
        return { removed: page[0], next: page[1] ? { table: 'events', after: asked.length } : null };
      },
    };
    const log = streamLogger({ write: (line: string) => void lines.push(JSON.parse(line)) });
    const retention = createRetention({ journal, retentionMs: () => days * DAY_MS, clock, log });
    retention.start();
    return { clock, retention, asked, lines };
  }

  it('goes on where a page ended, and says once how much was removed', async () => {
    const pages = [
      [3, true],
      [4, true],
      [0, false],
      [0, false],
      [2, false],
    ] as const;
    const { clock, asked, lines } = scripted(pages, 30);
    await clock.advance(2 * 3_600_000 + 1_000);
    expect(asked).toEqual([
      [25, null],
      [50, 1],
      [75, 2],
      [3_600_075, null],
      [7_200_075, null],
    ]);
    expect(lines.map(({ msg, removed }) => [msg, removed])).toEqual([
      ['old rows removed', 7],
      ['old rows removed', 2],
    ]);
  });

  it('that fails is tried again, and says so', async () => {
    const { clock, asked, lines } = scripted([new Error('disk full'), [1, false]], 30);
    await clock.advance(3_600_100);
    expect(asked.map(([at]) => at)).toEqual([25, 3_600_025]);
    expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
      ['warn', 'old rows could not be removed; tried again later'],
      ['info', 'old rows removed'],
    ]);
  });

  it.each([
    ['a minute', 1 / 1440, [6_000, 12_000]],
    ['five seconds', 5 / 86_400, [1_000, 2_000]],
  ])('of %s sweeps ten times as often as rows get old, and each second at most', async (_, days, expected) => {
    const { clock, asked } = scripted([], days);
    await clock.advance(expected[1] ?? 0);
    expect(asked.map(([at]) => at)).toEqual(expected);
  });

  it('sweeps no more once it is stopped, also in the middle of a sweep', async () => {
    const page = Promise.withResolvers<Page>();
    const { clock, retention, asked } = scripted([page.promise], 30);
    await clock.advance(25);
    const stopping = retention.stop();
    page.resolve([1, true]);
    await stopping;
    expect([asked.length, clock.waiting]).toEqual([1, 0]);
    const idle = scripted([], 30);
    await idle.retention.stop();
    expect(idle.clock.waiting).toBe(0);
  });
});
