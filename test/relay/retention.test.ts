import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/core/log.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { openJournalInProcess } from '../../src/journal/open.ts';
import type { PruneRequest } from '../../src/journal/records.ts';
import { createRetention } from '../../src/relay/retention.ts';
import { ManualClock, settle } from '../helpers/clock.ts';

const DAY_MS = 86_400_000;
const KEY = { source: 'alo', subject: 'a1', channel: '#ops' };

describe('retention', () => {
  let folder: string;
  let journal: Journal;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'journal-'));
    journal = await openJournalInProcess(join(folder, 'relay.db'));
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
});
